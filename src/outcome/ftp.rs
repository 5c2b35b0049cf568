//! What was said of FTP on a control connection, and the data connection that came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Outcome;

/// A directory listing over FTP, as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FtpExchange {
    /// What the server replied once TLS was up, in order.
    pub replies: Vec<FtpReply>,
    /// How the control connection ended, where that was before the last reply; null where it did not.
    pub ended: Option<Outcome>,
    /// The data connection; null where it did not come so far.
    pub data: Option<FtpDataConnection>,
}

/// One reply (RFC 959 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FtpReply {
    /// The command's first word; empty for the greeting. What else was said with it is not kept.
    pub command: String,
    /// The code.
    pub code: u16,
    /// The last line as it came, code included. Should a server repeat the password, it is left out.
    pub text: String,
}

/// A data connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FtpDataConnection {
    /// The port that the server named. The address it may have named besides is not used.
    pub port: u16,
    /// Whether the hello offered the control connection's session.
    pub session_offered: bool,
    /// Whether it was resumed; null where no handshake came to its end.
    pub resumed: Option<bool>,
    /// How the handshake ended, or the way to it.
    pub outcome: Outcome,
    /// How many bytes of the listing came.
    pub received_bytes: usize,
}

impl FtpDataConnection {
    /// One whose hello was not answered, or never sent.
    pub fn not_open(port: u16, outcome: Outcome) -> Self {
        Self { port, session_offered: false, resumed: None, outcome, received_bytes: 0 }
    }
}
