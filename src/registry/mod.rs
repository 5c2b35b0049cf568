//! Code points: one row each, with its name and properties.
//!
//! Every type is a newtype over the wire integer, so a value no registry knows can still be carried and reported.

mod alert;
mod cipher_suite;
mod code_point;
mod extension_type;
mod named_group;
mod protocol_version;
mod signature_scheme;

pub use alert::{AlertDescription, AlertLevel};
pub use cipher_suite::CipherSuite;
pub(crate) use code_point::code_point;
pub use extension_type::ExtensionType;
pub use named_group::NamedGroup;
pub use protocol_version::ProtocolVersion;
pub use signature_scheme::SignatureScheme;
