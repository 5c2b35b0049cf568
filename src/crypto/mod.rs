//! The primitives of TLS, and what TLS builds of them: key exchange, key derivation, record protection, signatures.
//!
//! Randomness is always an argument, and no secret has a text form. This module knows algorithms and keys, not messages,
//! and does no I/O. The primitives are other people's, audited ones: what is written here is how TLS puts them together.

pub mod dhe;
pub mod hash;
mod key_exchange;
pub mod key_schedule;
pub mod prf;
pub mod record_protection;
pub mod rsa;
mod rsa_signer;
pub mod signature;
#[cfg(test)]
pub(crate) mod testing;

pub use key_exchange::{AgreementError, KeyPair, SharedSecret};
pub use rsa_signer::RsaSigner;
