//! Code points: one row each, with its name and properties.
//!
//! Every type is a newtype over the wire integer, so a value no registry knows can still be carried and reported.
//! The five registries look alike: `all()` is the table, `info()` the row of a value, `name()` and `from_name()` its
//! registered name, `parse()` whatever a person may type for it, numbers included.
//!
//! What a row says is what IANA and the RFCs say; whether a peer or this program can do it is not known here.

mod alert;
mod cipher_suite;
mod code_point;
mod extension_type;
mod grease;
mod named_group;
mod protocol_version;
mod recommended;
mod signature_scheme;
mod typed;
mod words;

#[cfg(test)]
mod testing;

pub use alert::{AlertDescription, AlertInfo, AlertLevel, SchannelError, UsualLevel};
pub use cipher_suite::{
    Authentication, Cipher, CipherAlgorithm, CipherMode, CipherSuite, CipherSuiteInfo, KeyExchange, Mac, ParsedSuite,
    PrfHash,
};
pub(crate) use code_point::code_point;
pub use extension_type::{ExtensionInfo, ExtensionType, Tls13Message};
pub use grease::GREASE;
pub use named_group::{GroupKind, NamedGroup, NamedGroupInfo};
pub use protocol_version::{ProtocolVersion, Versions};
pub use recommended::Recommended;
pub use signature_scheme::{
    SignatureHash, SignatureKey, SignaturePadding, SignatureScheme, SignatureSchemeInfo, Tls13Use,
};
pub(crate) use typed::hex;
pub use typed::{NameKind, UnknownName};
