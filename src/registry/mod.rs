//! Code points: one row each, with its name and properties.
//!
//! Every type is a newtype over the wire integer, so a value no registry knows can still be carried and reported.
//! The five registries look alike: `all()` is the table, `info()` the row of a value, `name()` and `from_name()` its
//! registered name, `parse()` whatever a person may type for it, numbers included.
//!
//! Beside them stand the tables of what Windows says when TLS fails: its error codes, the flags of WinHTTP, the events of
//! Schannel, the status texts of a Cloud Management Gateway, the texts of .NET.
//!
//! What a row says is what IANA, the RFCs and Microsoft say; whether a peer or this program can do it is not known here.

mod alert;
mod application_protocol;
mod cipher_suite;
mod cmg_status;
mod code_point;
mod error_text;
mod extension_type;
mod grease;
mod named_group;
mod protocol_version;
mod proxy_observation;
mod recommended;
mod schannel_event;
mod signature_scheme;
mod typed;
mod windows_code;
mod winhttp_flag;
mod words;

#[cfg(test)]
mod testing;

pub use alert::{AlertDescription, AlertInfo, AlertLevel, SchannelError, UsualLevel};
pub use application_protocol::ApplicationProtocol;
pub use cipher_suite::{
    Authentication, Cipher, CipherAlgorithm, CipherMode, CipherSuite, CipherSuiteInfo, KeyExchange, Mac, ParsedSuite,
    PrfHash,
};
pub use cmg_status::{CmgNumber, CmgStatus};
pub(crate) use code_point::code_point;
pub use error_text::ErrorText;
pub use extension_type::{ExtensionInfo, ExtensionType, Tls13Message};
pub use grease::GREASE;
pub use named_group::{GroupKind, NamedGroup, NamedGroupInfo};
pub use protocol_version::{ProtocolVersion, Versions};
pub use proxy_observation::ProxyObservation;
pub use recommended::Recommended;
pub use schannel_event::{EventArea, SchannelEvent};
pub use signature_scheme::{
    SignatureHash, SignatureKey, SignaturePadding, SignatureScheme, SignatureSchemeInfo, Tls13Use,
};
pub use typed::{NameKind, UnknownName};
pub(crate) use typed::{decimal, did_you_mean, hex, hex32, nearest};
pub use windows_code::{CauseConfidence, CodeFamily, Layer, WindowsCode, WindowsCodeInfo};
pub use winhttp_flag::WinhttpFlag;
