//! `extended_master_secret` (RFC 7627): whether it is taken up, used as said, and kept to when sessions are resumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::question::ResumeBy;
use crate::registry::ProtocolVersion;

/// What the endpoint makes of `extended_master_secret`, up to TLS 1.2; TLS 1.3 needs no such extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtendedMasterSecret {
    /// Whether it came back wherever it was offered; null where nothing shows it.
    pub echoed: Option<bool>,
    /// Whether a hello without it is refused that is taken up with it; null where nothing shows it.
    pub required: Option<bool>,
    /// How the endpoint derives the master secret; null where no handshake shows it.
    pub derivation: Option<MasterSecretDerivation>,
    /// Each version and key exchange, with and without it.
    pub handshakes: Vec<EmsHandshake>,
    /// Each way to resume a session.
    pub resumption: Vec<ResumptionCell>,
}

/// How an endpoint derives the master secret, compared with what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MasterSecretDerivation {
    /// As its hellos say.
    AsAgreed,
    /// It says that it uses the extension and does not: only the old derivation completes the handshake.
    EchoedNotUsed,
    /// It does not say so and uses it: only the new derivation completes the handshake.
    UsedNotEchoed,
    /// Handshakes fail after its hello, whichever way the secret is derived.
    Inconclusive,
}

/// One handshake with or without the extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmsHandshake {
    /// The version that was offered as the highest, and chosen.
    pub version: ProtocolVersion,
    /// `ecdhe`, `dhe` or `rsa`.
    pub key_exchange: String,
    /// Whether the extension was offered.
    pub offered: bool,
    /// Whether it came back; null where there was no ServerHello.
    pub echoed: Option<bool>,
    /// `completed`, or the kind of the outcome that ended it.
    pub result: String,
    /// The number of the alert that ended it.
    pub alert: Option<u8>,
    /// Whether it failed behind the ServerHello, and on which side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
    /// The exchange.
    pub because: usize,
}

/// How a handshake failed behind the ServerHello: both are what a wrong key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// The server ended it on our Finished.
    OurFinished,
    /// The server's Finished failed our check.
    ServerFinished,
}

/// One cell of the matrix: a session with or without the extension, resumed with or without it.
#[expect(clippy::struct_excessive_bools, reason = "four independent answers, each with its name in JSON")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResumptionCell {
    /// Whether the hello of the first handshake offered the extension.
    pub first: bool,
    /// Whether the hello that asked to resume offered it.
    pub second: bool,
    /// What named the session.
    pub by: ResumeBy,
    /// The session's version.
    pub version: ProtocolVersion,
    /// `resumed`, `full`, or the kind of the outcome that ended it.
    pub result: String,
    /// The number of the alert that ended it.
    pub alert: Option<u8>,
    /// Whether the session itself has the extension: it came back in the first handshake.
    pub session: bool,
    /// Whether it came back in the second; null where there was no ServerHello.
    pub echoed: Option<bool>,
    /// What RFC 7627 §5.3 requires.
    pub requires: String,
    /// Whether that is what was done.
    pub rfc7627: Compliance,
    /// What a Windows client with the updates of 2019-10-08 makes of it.
    pub windows: WindowsClient,
    /// Whether the hello that named the session was refused, and again with another session where it need not have been.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The exchanges of both handshakes.
    pub because: Vec<usize>,
}

/// Whether a server does what RFC 7627 requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compliance {
    /// It does.
    Follows,
    /// It does not.
    Violates,
    /// Could not be told, or the RFC does not say.
    Inconclusive,
}

/// What a Windows client with the updates of 2019-10-08 (CVE-2019-1318) makes of a server's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowsClient {
    /// Nothing stands against it.
    Accepts,
    /// It ends the connection: it resumes no session without the extension.
    Refuses,
    /// Its hello would be another: it always offers the extension, unless that is turned off.
    NotSent,
    /// Not known: the server itself ended the connection.
    Unknown,
}

impl ResumptionCell {
    /// Which cell it is: the session's hello, then the one that asks to resume.
    pub fn spoken(&self) -> String {
        let with = |offered| if offered { "with" } else { "without" };
        format!("{}/{}", with(self.first), with(self.second))
    }

    /// What was done, with the alert's number.
    pub fn done(&self) -> String {
        with_code(&self.result, self.alert)
    }
}

impl EmsHandshake {
    /// How it ended, with the alert's number.
    pub fn done(&self) -> String {
        with_code(&self.result, self.alert)
    }
}

fn with_code(result: &str, alert: Option<u8>) -> String {
    alert.map_or_else(|| result.to_owned(), |code| format!("{result} {code}"))
}
