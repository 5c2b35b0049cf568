//! What a client does where the protocol leaves a choice.

use std::sync::Arc;

use super::{ClientCertificate, PskSession, Session};

/// How far to go, and how to choose on the way.
#[derive(Default)]
pub struct Options {
    /// How far to go.
    pub depth: Depth,
    /// How our ephemeral key is chosen, up to TLS 1.2.
    pub key_choice: KeyChoice,
    /// How the master secret is derived, up to TLS 1.2.
    pub derivation: Derivation,
    /// The session of TLS 1.2 or older that the hello offers to resume.
    pub session: Option<Box<Session>>,
    /// The session of TLS 1.3 that the hello offers to resume.
    pub psk_session: Option<Box<PskSession>>,
    /// Who we are, if the server asks. Without it the answer is a Certificate message without one.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// What to do when the server wishes to negotiate again.
    pub on_hello_request: OnHelloRequest,
}

/// How far to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// To the end of the server's first flight, without a byte of ours. No signature is looked at.
    #[default]
    FirstFlight,
    /// To the end of the handshake, and on.
    Finish,
}

/// How an ephemeral key is chosen once the server's share is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyChoice {
    /// As it comes.
    #[default]
    Ordinary,
    /// So that the shared secret begins with at least this many zero bytes: of a Diffie-Hellman secret they are left
    /// out of the premaster secret (RFC 5246 §8.1.2), of a curve's x-coordinate they are not (RFC 8422 §5.10).
    LeadingZeros(u8),
}

/// How the master secret is derived (RFC 5246 §8.1, RFC 7627 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Derivation {
    /// As the hellos agree.
    #[default]
    AsAgreed,
    /// In the other of the two ways: completes with a server that says one thing and does the other.
    Otherwise,
}

/// What to do with a `HelloRequest` after the handshake (RFC 5246 §7.4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnHelloRequest {
    /// Nothing, which a client may.
    #[default]
    Ignore,
    /// Negotiate again.
    Renegotiate,
    /// Answer `no_renegotiation`.
    Refuse,
}
