//! Resumption for itself: how many attempts succeed, by each way to name a session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registry::ProtocolVersion;

/// How many attempts to resume a session succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resumption {
    /// By session id, up to TLS 1.2 (RFC 5246 §7.3).
    pub session_id: Attempts,
    /// By ticket, up to TLS 1.2 (RFC 5077).
    pub ticket: Attempts,
    /// By a ticket of TLS 1.3, with a fresh key exchange: `psk_dhe_ke` (RFC 8446 §4.2.9).
    pub psk: Attempts,
    /// By a ticket of TLS 1.3 alone: `psk_ke`.
    pub psk_ke: Attempts,
}

/// Attempts of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempts {
    /// How many were resumed.
    pub resumed: usize,
    /// Of how many that were answered.
    pub of: usize,
    /// Whether the server gave a session to name so; null where no handshake was completed.
    pub given: Option<bool>,
    /// How many began a full handshake instead.
    pub full: usize,
    /// The session's version.
    pub version: Option<ProtocolVersion>,
    /// How long the server means to take its ticket, in seconds; null where it does not say.
    pub lifetime_s: Option<u64>,
}
