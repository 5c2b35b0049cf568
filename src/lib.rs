//! tlsprobe: an active TLS handshake prober.

pub mod registry;
pub mod wire;
