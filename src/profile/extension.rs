//! The extensions of a profile, as constants.
//!
//! [`Extension`] owns its lists, so that it can hold what a peer sent. A profile is a constant and borrows them.

use crate::offer::ExtensionOffer;
use crate::registry::{ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, StatusRequest, SupportedVersions};

/// An extension as a profile sends it.
#[derive(Clone, Copy, Debug)]
pub enum ProfileExtension {
    /// The target's name.
    ServerName,
    /// The wish for an OCSP response, without responders or extensions.
    StatusRequest,
    /// These groups.
    SupportedGroups(&'static [NamedGroup]),
    /// These point formats.
    EcPointFormats(&'static [u8]),
    /// These schemes.
    SignatureAlgorithms(&'static [SignatureScheme]),
    /// These protocols.
    ApplicationLayerProtocolNegotiation(&'static [&'static str]),
    /// The wish for signed certificate timestamps.
    SignedCertificateTimestamp,
    /// `encrypt_then_mac`, which is empty.
    EncryptThenMac,
    /// `extended_master_secret`, which is empty.
    ExtendedMasterSecret,
    /// These algorithms.
    CompressCertificate(&'static [u16]),
    /// This limit.
    RecordSizeLimit(u16),
    /// No ticket yet: a first connection.
    SessionTicket,
    /// These versions.
    SupportedVersions(&'static [ProtocolVersion]),
    /// These modes.
    PskKeyExchangeModes(&'static [u8]),
    /// `post_handshake_auth`, which is empty.
    PostHandshakeAuth,
    /// A fresh share for each of these groups.
    KeyShare(&'static [NamedGroup]),
    /// Nothing to bind to yet: an initial handshake.
    RenegotiationInfo,
    /// Zeros up to a hello of this many bytes on the wire.
    PadTo(usize),
    /// Exactly the captured bytes, in hex. What stands in them is neither made anew nor understood.
    AsCaptured(ExtensionType, &'static str),
}

impl ProfileExtension {
    /// The extension's code point.
    pub fn extension_type(self) -> ExtensionType {
        self.offer().extension_type()
    }

    /// The same as a part of an offer.
    pub(super) fn offer(self) -> ExtensionOffer {
        ExtensionOffer::Exactly(match self {
            Self::ServerName => return ExtensionOffer::ServerName,
            Self::KeyShare(groups) => return ExtensionOffer::KeyShare(groups.to_vec()),
            Self::PadTo(length) => return ExtensionOffer::PadTo(length),
            Self::StatusRequest => {
                Extension::StatusRequest(StatusRequest::Ocsp { responder_ids: vec![], request_extensions: vec![] })
            }
            Self::SupportedGroups(groups) => Extension::SupportedGroups(groups.to_vec()),
            Self::EcPointFormats(formats) => Extension::EcPointFormats(formats.to_vec()),
            Self::SignatureAlgorithms(schemes) => Extension::SignatureAlgorithms(schemes.to_vec()),
            Self::ApplicationLayerProtocolNegotiation(protocols) => Extension::ApplicationLayerProtocolNegotiation(
                protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect(),
            ),
            Self::SignedCertificateTimestamp => Extension::SignedCertificateTimestamp(vec![]),
            Self::EncryptThenMac => Extension::EncryptThenMac,
            Self::ExtendedMasterSecret => Extension::ExtendedMasterSecret,
            Self::CompressCertificate(algorithms) => Extension::CompressCertificate(algorithms.to_vec()),
            Self::RecordSizeLimit(limit) => Extension::RecordSizeLimit(limit),
            Self::SessionTicket => Extension::SessionTicket(vec![]),
            Self::SupportedVersions(versions) => {
                Extension::SupportedVersions(SupportedVersions::Offered(versions.to_vec()))
            }
            Self::PskKeyExchangeModes(modes) => Extension::PskKeyExchangeModes(modes.to_vec()),
            Self::PostHandshakeAuth => Extension::PostHandshakeAuth,
            Self::RenegotiationInfo => Extension::RenegotiationInfo(vec![]),
            Self::AsCaptured(extension_type, digits) => {
                let body =
                    hex::decode(digits).expect("a profile's captured bytes are hex: a test encodes each profile");
                Extension::Other(extension_type, body)
            }
        })
    }
}
