//! What an FTP server makes of TLS sessions on its data connections.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registry::ProtocolVersion;

/// Whether data connections have to, may or must not resume the control connection's session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FtpData {
    /// Whether a data connection has to resume: true where one with a handshake of its own was refused and a resumed one
    /// was not; null where that could not be told.
    pub demanded: Option<bool>,
    /// What became of a session with `extended_master_secret`, up to TLS 1.2.
    pub with_extended_master_secret: SessionReuse,
    /// What became of one without it.
    pub without_extended_master_secret: SessionReuse,
    /// What became of a session of TLS 1.3.
    pub tls13: SessionReuse,
    /// Each listing that was asked for.
    pub transfers: Vec<FtpTransfer>,
}

/// What became of a control connection's session on a data connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionReuse {
    /// It was resumed, and data came.
    Accepted,
    /// The server began anew, and data came.
    Declined,
    /// No data came: the server ended the connection, or said that it won't.
    Refused,
    /// Could not be told.
    #[default]
    Inconclusive,
}

/// One listing, each on a control connection of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FtpTransfer {
    /// The version that the control connection has; null where it has none.
    pub version: Option<ProtocolVersion>,
    /// Whether the hellos offer `extended_master_secret`; null in TLS 1.3, which needs none.
    pub extended_master_secret: Option<bool>,
    /// Whether the control connection has it.
    pub echoed: Option<bool>,
    /// Whether the data connection offered the control connection's session.
    pub session_offered: bool,
    /// Whether it was resumed; null where no handshake came to its end.
    pub resumed: Option<bool>,
    /// What came of it.
    pub result: TransferResult,
    /// How the handshake on the data connection ended: a kind of outcome; null where there was no such connection.
    pub data: Option<String>,
    /// The number of the alert that ended it.
    pub alert: Option<u8>,
    /// The server's last reply on the control connection.
    pub reply: Option<String>,
    /// The exchange.
    pub because: usize,
}

/// What came of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferResult {
    /// The server says that it was sent.
    Transferred,
    /// The server ended the data connection, or says that there is none.
    Refused,
    /// Could not be told.
    Inconclusive,
}

impl FtpTransfer {
    /// How it was refused: `reset`, `alert 40`, and the server's words.
    pub fn refused_by(&self) -> String {
        let data = match (self.data.as_deref(), self.alert) {
            (Some("completed") | None, _) => None,
            (Some(kind), Some(alert)) => Some(format!("{kind} {alert}")),
            (Some(kind), None) => Some(kind.to_owned()),
        };
        let reply = self.reply.as_ref().map(|reply| format!("{reply:?}"));
        data.into_iter().chain(reply).collect::<Vec<_>>().join(", ")
    }
}
