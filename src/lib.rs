//! tlsprobe: an active TLS handshake prober.

pub mod certificate;
pub mod crypto;
pub mod lab;
pub mod registry;
pub mod wire;
