//! Which certificate the server sends, by what it is asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Support;
use crate::registry::ProtocolVersion;

/// What came of asking for a certificate in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateChoice {
    /// The name that was asked for.
    pub name: NameAsked,
    /// The kind of key that was asked for, `RSA`, `EC` or `Ed25519`; null where any would do.
    pub key: Option<String>,
    /// The version that was offered; null where it was left to the server.
    pub version: Option<ProtocolVersion>,
    /// Accepted where a certificate came, and one of that kind.
    pub state: Support,
    /// The SHA-256 of the leaf in lower-case hex, where one came.
    pub leaf_sha256: Option<String>,
    /// The leaf's own name.
    pub subject: Option<String>,
    /// The kind of the leaf's key.
    pub leaf_key: Option<String>,
    /// Kind of the outcome.
    pub answer: String,
    /// The number of the alert that refused it.
    pub alert: Option<u8>,
    /// Whether the server warned that it does not know the name, and went on (RFC 6066 §3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warned: bool,
    /// The exchange.
    pub because: usize,
}

/// Which name a hello asks for in `server_name` (RFC 6066 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameAsked {
    /// The target's.
    Target,
    /// None.
    None,
    /// One that no server has.
    Wrong,
}
