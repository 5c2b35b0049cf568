//! Key material: what a handshake needs besides messages.
//!
//! Randomness is always an argument, and no secret has a text form. This module knows groups and keys, not messages.

mod key_exchange;
mod rsa_signer;

pub use key_exchange::KeyPair;
pub use rsa_signer::RsaSigner;
