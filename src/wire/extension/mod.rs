//! Extensions of the hellos and of the messages of TLS 1.3 (RFC 8446 §4.2): an ordered list in which nothing is lost.
//!
//! A type whose form is known is read, and judged: its ill-formed body is an error that names the field. A type that
//! is unknown, or that has no form in the message it stands in, keeps its body in [`Extension::Other`].

mod application_layer_protocol_negotiation;
mod certificate_authorities;
mod code_points;
mod early_data;
mod key_share;
mod padding;
mod pre_shared_key;
mod server_name;
mod status_request;
mod supported_versions;
#[cfg(test)]
mod testing;

pub(super) use certificate_authorities::{decode as decode_authorities, encode as encode_authorities};
pub use early_data::EarlyData;
pub use key_share::{KeyShare, KeyShareEntry};
pub use pre_shared_key::{PreSharedKey, PskIdentity};
pub use server_name::{ServerName, ServerNameEntry};
pub use status_request::StatusRequest;
pub use supported_versions::SupportedVersions;

use application_layer_protocol_negotiation as alpn;

use super::{DecodeError, Reader, Writer};
use crate::registry::{ExtensionType, NamedGroup, SignatureScheme};

/// The message an extension stands in: the same type has different bodies in different messages (RFC 8446 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// ClientHello, any version.
    ClientHello,
    /// ServerHello, any version.
    ServerHello,
    /// ServerHello with the random of a HelloRetryRequest.
    HelloRetryRequest,
    /// `EncryptedExtensions`.
    EncryptedExtensions,
    /// One entry of a TLS 1.3 Certificate.
    Certificate,
    /// A TLS 1.3 `CertificateRequest`.
    CertificateRequest,
    /// A TLS 1.3 `NewSessionTicket`.
    NewSessionTicket,
}

/// `Extension` (RFC 8446 §4.2), each variant named as its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extension {
    /// The name of the server asked for (RFC 6066 §3).
    ServerName(ServerName),
    /// `MaxFragmentLength` (RFC 6066 §4): 1 to 4 stand for 2^9 to 2^12.
    MaxFragmentLength(u8),
    /// Revocation status: wanted, or given (RFC 6066 §8, RFC 8446 §4.4.2.1).
    StatusRequest(StatusRequest),
    /// `NamedGroupList` (RFC 8446 §4.2.7), once `elliptic_curves`.
    SupportedGroups(Vec<NamedGroup>),
    /// `ECPointFormatList` (RFC 8422 §5.1.2): 0 is uncompressed.
    EcPointFormats(Vec<u8>),
    /// `SignatureSchemeList` (RFC 8446 §4.2.3).
    SignatureAlgorithms(Vec<SignatureScheme>),
    /// The schemes for certificates, where they differ (RFC 8446 §4.2.3).
    SignatureAlgorithmsCert(Vec<SignatureScheme>),
    /// `ProtocolNameList` (RFC 7301 §3.1): all that is offered, or the one selected.
    ApplicationLayerProtocolNegotiation(Vec<Vec<u8>>),
    /// `SignedCertificateTimestampList` (RFC 6962 §3.3) as it stands; empty from a client.
    SignedCertificateTimestamp(Vec<u8>),
    /// So many zero bytes (RFC 7685 §3).
    Padding(usize),
    /// MAC over the ciphertext (RFC 7366 §2).
    EncryptThenMac,
    /// The master secret bound to the whole handshake (RFC 7627 §5.1).
    ExtendedMasterSecret,
    /// `CertificateCompressionAlgorithms` (RFC 8879 §3).
    CompressCertificate(Vec<u16>),
    /// `RecordSizeLimit` (RFC 8449 §4).
    RecordSizeLimit(u16),
    /// A ticket to resume with, or none yet (RFC 5077 §3.2).
    SessionTicket(Vec<u8>),
    /// The versions offered, or the one selected (RFC 8446 §4.2.1).
    SupportedVersions(SupportedVersions),
    /// What a HelloRetryRequest wants echoed (RFC 8446 §4.2.2).
    Cookie(Vec<u8>),
    /// `PskKeyExchangeModes` (RFC 8446 §4.2.9): 0 without, 1 with (EC)DHE.
    PskKeyExchangeModes(Vec<u8>),
    /// The names that a certificate may come from, in DER (RFC 8446 §4.2.4).
    CertificateAuthorities(Vec<Vec<u8>>),
    /// Client certificates may be asked for later (RFC 8446 §4.2.6).
    PostHandshakeAuth,
    /// Shares offered, the share selected, or the group wanted (RFC 8446 §4.2.8).
    KeyShare(KeyShare),
    /// `renegotiated_connection` (RFC 5746 §3.2): empty on a new connection.
    RenegotiationInfo(Vec<u8>),
    /// 0-RTT data (RFC 8446 §4.2.10).
    EarlyData(EarlyData),
    /// PSKs offered, or which one was selected (RFC 8446 §4.2.11).
    PreSharedKey(PreSharedKey),
    /// Any other type, or a known one that has no form where it stands.
    Other(ExtensionType, Vec<u8>),
}

impl Extension {
    /// The code point it goes by.
    pub fn extension_type(&self) -> ExtensionType {
        match self {
            Self::ServerName(_) => ExtensionType::SERVER_NAME,
            Self::MaxFragmentLength(_) => ExtensionType::MAX_FRAGMENT_LENGTH,
            Self::StatusRequest(_) => ExtensionType::STATUS_REQUEST,
            Self::SupportedGroups(_) => ExtensionType::SUPPORTED_GROUPS,
            Self::EcPointFormats(_) => ExtensionType::EC_POINT_FORMATS,
            Self::SignatureAlgorithms(_) => ExtensionType::SIGNATURE_ALGORITHMS,
            Self::SignatureAlgorithmsCert(_) => ExtensionType::SIGNATURE_ALGORITHMS_CERT,
            Self::ApplicationLayerProtocolNegotiation(_) => ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
            Self::SignedCertificateTimestamp(_) => ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP,
            Self::Padding(_) => ExtensionType::PADDING,
            Self::EncryptThenMac => ExtensionType::ENCRYPT_THEN_MAC,
            Self::ExtendedMasterSecret => ExtensionType::EXTENDED_MASTER_SECRET,
            Self::CompressCertificate(_) => ExtensionType::COMPRESS_CERTIFICATE,
            Self::RecordSizeLimit(_) => ExtensionType::RECORD_SIZE_LIMIT,
            Self::SessionTicket(_) => ExtensionType::SESSION_TICKET,
            Self::SupportedVersions(_) => ExtensionType::SUPPORTED_VERSIONS,
            Self::Cookie(_) => ExtensionType::COOKIE,
            Self::PskKeyExchangeModes(_) => ExtensionType::PSK_KEY_EXCHANGE_MODES,
            Self::CertificateAuthorities(_) => ExtensionType::CERTIFICATE_AUTHORITIES,
            Self::PostHandshakeAuth => ExtensionType::POST_HANDSHAKE_AUTH,
            Self::KeyShare(_) => ExtensionType::KEY_SHARE,
            Self::RenegotiationInfo(_) => ExtensionType::RENEGOTIATION_INFO,
            Self::EarlyData(_) => ExtensionType::EARLY_DATA,
            Self::PreSharedKey(_) => ExtensionType::PRE_SHARED_KEY,
            Self::Other(extension_type, _) => *extension_type,
        }
    }

    /// Appends type, length and body.
    pub fn encode(&self, out: &mut Writer) {
        out.u16(self.extension_type().0);
        out.vec16(|out| self.encode_body(out));
    }

    /// Takes one extension off `input`, as it is read in that message.
    pub fn decode(context: Context, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let extension_type = ExtensionType(input.u16("extension.extension_type")?);
        let mut body = input.vec16("extension.extension_data")?;
        let unread = body.clone().rest();
        let Some(extension) = Self::decode_body(extension_type, context, &mut body)? else {
            return Ok(Self::Other(extension_type, unread.to_vec()));
        };
        body.end()?;
        Ok(extension)
    }

    fn encode_body(&self, out: &mut Writer) {
        match self {
            Self::ServerName(name) => name.encode(out),
            Self::MaxFragmentLength(code) => out.u8(*code),
            Self::StatusRequest(status) => status.encode(out),
            Self::SupportedGroups(groups) => {
                out.vec16(|out| groups.iter().for_each(|group| out.u16(group.0)));
            }
            Self::SignatureAlgorithms(schemes) | Self::SignatureAlgorithmsCert(schemes) => {
                out.vec16(|out| schemes.iter().for_each(|scheme| out.u16(scheme.0)));
            }
            Self::ApplicationLayerProtocolNegotiation(protocols) => alpn::encode(protocols, out),
            Self::SignedCertificateTimestamp(bytes) | Self::SessionTicket(bytes) | Self::Other(_, bytes) => {
                out.bytes(bytes);
            }
            Self::Padding(length) => padding::encode(*length, out),
            Self::EncryptThenMac | Self::ExtendedMasterSecret | Self::PostHandshakeAuth => {}
            Self::CompressCertificate(algorithms) => {
                out.vec8(|out| algorithms.iter().for_each(|algorithm| out.u16(*algorithm)));
            }
            Self::RecordSizeLimit(limit) => out.u16(*limit),
            Self::SupportedVersions(versions) => versions.encode(out),
            Self::Cookie(cookie) => out.vec16(|out| out.bytes(cookie)),
            Self::CertificateAuthorities(names) => certificate_authorities::encode(names, out),
            Self::KeyShare(shares) => shares.encode(out),
            Self::EcPointFormats(bytes) | Self::PskKeyExchangeModes(bytes) | Self::RenegotiationInfo(bytes) => {
                out.vec8(|out| out.bytes(bytes));
            }
            Self::EarlyData(early_data) => early_data.encode(out),
            Self::PreSharedKey(keys) => keys.encode(out),
        }
    }

    /// `None` for a type that is unknown or has no form in that message.
    fn decode_body(
        extension_type: ExtensionType,
        context: Context,
        body: &mut Reader<'_>,
    ) -> Result<Option<Self>, DecodeError> {
        let extension = match extension_type {
            ExtensionType::SERVER_NAME => return Ok(ServerName::decode(context, body)?.map(Self::ServerName)),
            ExtensionType::MAX_FRAGMENT_LENGTH => Self::MaxFragmentLength(body.u8("max_fragment_length")?),
            ExtensionType::STATUS_REQUEST => return Ok(StatusRequest::decode(context, body)?.map(Self::StatusRequest)),
            ExtensionType::SUPPORTED_GROUPS => Self::SupportedGroups(code_points::supported_groups(body)?),
            ExtensionType::EC_POINT_FORMATS => Self::EcPointFormats(code_points::ec_point_formats(body)?),
            ExtensionType::SIGNATURE_ALGORITHMS => {
                Self::SignatureAlgorithms(code_points::signature_schemes("signature_algorithms", body)?)
            }
            ExtensionType::SIGNATURE_ALGORITHMS_CERT => {
                Self::SignatureAlgorithmsCert(code_points::signature_schemes("signature_algorithms_cert", body)?)
            }
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                Self::ApplicationLayerProtocolNegotiation(alpn::decode(body)?)
            }
            ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => Self::SignedCertificateTimestamp(body.rest().to_vec()),
            ExtensionType::PADDING => return Ok(padding::decode(body).map(Self::Padding)),
            ExtensionType::ENCRYPT_THEN_MAC => {
                body.nothing("encrypt_then_mac");
                Self::EncryptThenMac
            }
            ExtensionType::EXTENDED_MASTER_SECRET => {
                body.nothing("extended_master_secret");
                Self::ExtendedMasterSecret
            }
            ExtensionType::COMPRESS_CERTIFICATE => Self::CompressCertificate(code_points::compress_certificate(body)?),
            ExtensionType::RECORD_SIZE_LIMIT => Self::RecordSizeLimit(body.u16("record_size_limit")?),
            ExtensionType::SESSION_TICKET => Self::SessionTicket(body.rest().to_vec()),
            ExtensionType::SUPPORTED_VERSIONS => {
                return Ok(SupportedVersions::decode(context, body)?.map(Self::SupportedVersions));
            }
            ExtensionType::COOKIE => Self::Cookie(body.vec16("cookie")?.of_length(1.., "1..65535")?.rest().to_vec()),
            ExtensionType::PSK_KEY_EXCHANGE_MODES => {
                Self::PskKeyExchangeModes(code_points::psk_key_exchange_modes(body)?)
            }
            ExtensionType::CERTIFICATE_AUTHORITIES => {
                Self::CertificateAuthorities(certificate_authorities::decode("certificate_authorities", body)?)
            }
            ExtensionType::POST_HANDSHAKE_AUTH => {
                body.nothing("post_handshake_auth");
                Self::PostHandshakeAuth
            }
            ExtensionType::KEY_SHARE => return Ok(KeyShare::decode(context, body)?.map(Self::KeyShare)),
            ExtensionType::RENEGOTIATION_INFO => {
                Self::RenegotiationInfo(body.vec8("renegotiation_info")?.rest().to_vec())
            }
            ExtensionType::EARLY_DATA => return Ok(EarlyData::decode(context, body)?.map(Self::EarlyData)),
            ExtensionType::PRE_SHARED_KEY => return Ok(PreSharedKey::decode(context, body)?.map(Self::PreSharedKey)),
            _ => return Ok(None),
        };
        Ok(Some(extension))
    }
}

/// `Extension extensions<0..2^16-1>`: in the order they stand, duplicates and unknown ones among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(pub Vec<Extension>);

impl Extensions {
    /// The first of that type.
    pub fn find(&self, extension_type: ExtensionType) -> Option<&Extension> {
        self.0.iter().find(|extension| extension.extension_type() == extension_type)
    }

    /// Appends the list with its length.
    pub fn encode(&self, out: &mut Writer) {
        out.vec16(|out| self.0.iter().for_each(|extension| extension.encode(out)));
    }

    /// Takes the list off `input`, as it is read in that message.
    pub fn decode(context: Context, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.vec16("extensions")?.list(|list| Extension::decode(context, list)).map(Self)
    }

    /// The list at the end of a hello, which older clients and servers leave out altogether.
    pub(super) fn decode_optional(context: Context, input: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        Self::decode(context, input).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXTS: [Context; 7] = [
        Context::ClientHello,
        Context::ServerHello,
        Context::HelloRetryRequest,
        Context::EncryptedExtensions,
        Context::Certificate,
        Context::CertificateRequest,
        Context::NewSessionTicket,
    ];

    /// A list with an unknown extension before and after two known ones, and one more at the end.
    const ONE_TWICE: [u8; 27] =
        [0, 25, 0x0a, 0x0a, 0, 1, 7, 0, 23, 0, 0, 0, 21, 0, 2, 0, 0, 0x0a, 0x0a, 0, 1, 8, 0xff, 1, 0, 1, 0];

    fn one_twice() -> Extensions {
        Extensions(vec![
            Extension::Other(ExtensionType(0x0a0a), vec![7]),
            Extension::ExtendedMasterSecret,
            Extension::Padding(2),
            Extension::Other(ExtensionType(0x0a0a), vec![8]),
            Extension::RenegotiationInfo(vec![]),
        ])
    }

    fn decode(context: Context, bytes: &[u8]) -> Result<Extensions, DecodeError> {
        let mut input = Reader::new(bytes);
        let extensions = Extensions::decode(context, &mut input)?;
        input.end()?;
        Ok(extensions)
    }

    fn encode(extensions: &Extensions) -> Vec<u8> {
        let mut out = Writer::new();
        extensions.encode(&mut out);
        out.into_bytes()
    }

    #[test]
    fn order_duplicates_and_unknown_extensions_survive() {
        assert_eq!(decode(Context::ClientHello, &ONE_TWICE), Ok(one_twice()));
        assert_eq!(encode(&one_twice()), ONE_TWICE);
    }

    #[test]
    fn of_duplicates_the_first_is_found() {
        let extensions = one_twice();
        assert_eq!(extensions.find(ExtensionType(0x0a0a)), extensions.0.first());
        assert_eq!(extensions.find(ExtensionType::SERVER_NAME), None);
    }

    #[test]
    fn single_values_read_and_write_the_same_bytes() {
        let cases: [(&[u8], Extension); 7] = [
            (&[4], Extension::MaxFragmentLength(4)),
            (&[0x40, 1], Extension::RecordSizeLimit(0x4001)),
            (&[0, 2, 7, 8], Extension::Cookie(vec![7, 8])),
            (&[2, 7, 8], Extension::RenegotiationInfo(vec![7, 8])),
            (&[], Extension::EncryptThenMac),
            (&[], Extension::ExtendedMasterSecret),
            (&[], Extension::PostHandshakeAuth),
        ];
        for (body, extension) in cases {
            let extension_type = extension.extension_type();
            testing::reads_and_writes(Context::ClientHello, body, &extension);
            testing::rejects_every_truncation(extension_type, Context::ClientHello, body);
            testing::never_panics(extension_type, Context::ClientHello, body);
        }
    }

    #[test]
    fn bodies_without_structure_are_kept_whole() {
        for body in [&[][..], &[1, 2, 3]] {
            let ticket = Extension::SessionTicket(body.to_vec());
            testing::reads_and_writes(Context::ClientHello, body, &ticket);
            let timestamps = Extension::SignedCertificateTimestamp(body.to_vec());
            testing::reads_and_writes(Context::ServerHello, body, &timestamps);
        }
    }

    #[test]
    fn an_ill_formed_body_is_an_error_that_names_the_field_and_its_place_in_the_message() {
        let bytes = [0, 10, 0, 23, 0, 0, 0, 51, 0, 2, 0, 29];
        let error = DecodeError::Truncated { field: "key_share.key_exchange", offset: 12, needed: 2 };
        assert_eq!(decode(Context::ServerHello, &bytes), Err(error));
    }

    #[test]
    fn a_flag_with_content_is_an_error_that_names_it() {
        for (extension_type, field) in [
            (ExtensionType::ENCRYPT_THEN_MAC, "encrypt_then_mac"),
            (ExtensionType::EXTENDED_MASTER_SECRET, "extended_master_secret"),
            (ExtensionType::POST_HANDSHAKE_AUTH, "post_handshake_auth"),
        ] {
            let error = testing::error_of(extension_type, Context::ClientHello, &[1]);
            assert_eq!(error, DecodeError::Trailing { field, offset: 0, extra: 1 });
        }
    }

    #[test]
    fn a_known_type_without_a_form_in_the_message_is_kept() {
        for (extension_type, context) in [
            (ExtensionType::KEY_SHARE, Context::Certificate),
            (ExtensionType::SERVER_NAME, Context::NewSessionTicket),
            (ExtensionType::PRE_SHARED_KEY, Context::EncryptedExtensions),
            (ExtensionType::EARLY_DATA, Context::ServerHello),
            (ExtensionType::STATUS_REQUEST, Context::HelloRetryRequest),
            (ExtensionType::SUPPORTED_VERSIONS, Context::CertificateRequest),
        ] {
            let kept = Extension::Other(extension_type, vec![0xff, 0xff, 0xff]);
            testing::reads_and_writes(context, &[0xff, 0xff, 0xff], &kept);
        }
    }

    #[test]
    fn rejects_every_truncation_of_extensions() {
        crate::wire::testing::rejects_every_truncation_with(&ONE_TWICE, |bytes| decode(Context::ClientHello, bytes));
    }

    #[test]
    fn never_panics_in_any_message() {
        for context in CONTEXTS {
            crate::wire::testing::never_panics_with(&ONE_TWICE, |bytes| {
                decode(context, bytes).ok().map(|extensions| encode(&extensions))
            });
        }
    }
}
