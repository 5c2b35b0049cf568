//! Secrets that begin with zero bytes: where two sides disagree on them, one handshake in 256 fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of a handshake whose shared secret begins with zeros.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeadingZero {
    /// With DHE, where the zeros are no part of the premaster secret (RFC 5246 §8.1.2).
    pub dhe: ZeroVerdict,
    /// With ECDHE, where they are (RFC 8422 §5.10).
    pub ecdhe: ZeroVerdict,
    /// The number of the alert by which such a handshake failed.
    pub alert: Option<u8>,
    /// The size of the server's Diffie-Hellman group.
    pub group_bits: Option<u32>,
    /// Its prime, where it is one that many servers have.
    pub group: Option<String>,
    /// Why that group is weak, if it is.
    pub weak: Option<String>,
    /// Each handshake.
    pub handshakes: Vec<ZeroHandshake>,
}

/// Whether handshakes with leading zeros come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZeroVerdict {
    /// Those with zeros complete as well.
    Ok,
    /// Those without zeros complete and those with zeros fail, each time.
    Fails,
    /// The server takes up no hello with this key exchange alone.
    NotOffered,
    /// Could not be told.
    Inconclusive,
}

/// One handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ZeroHandshake {
    /// `dhe` or `ecdhe`.
    pub key_exchange: String,
    /// With how many zero bytes its secret begins at least; 0 is the control.
    pub zeros: u8,
    /// `completed`, or the kind of the outcome that ended it.
    pub result: String,
    /// The number of the alert that ended it.
    pub alert: Option<u8>,
    /// The exchange.
    pub because: usize,
}
