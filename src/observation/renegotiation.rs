//! Negotiating again on a connection, up to TLS 1.2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the endpoint makes of renegotiation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renegotiation {
    /// Whether it says that its renegotiation is secure (RFC 5746); null where no ServerHello up to TLS 1.2 came.
    pub secure: Option<bool>,
    /// What became of one that the client began; null where there was no connection to begin it on.
    pub client_initiated: Option<ClientInitiated>,
    /// The number of the alert that answered it.
    pub alert: Option<u8>,
}

/// What became of a renegotiation that the client began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientInitiated {
    /// It was completed.
    Accepted,
    /// The server declined by `no_renegotiation` (RFC 5246 §7.2.2).
    NoRenegotiation,
    /// The server ended the connection by another alert.
    Alert,
    /// The server ended the connection by FIN or RST.
    Closed,
    /// Nothing came back: a server may ignore it (RFC 5246 §7.4.1.1).
    Ignored,
    /// The answer does not tell.
    Inconclusive,
}
