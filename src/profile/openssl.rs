//! OpenSSL, and curl with OpenSSL: what they send by default, recorded over loopback (`scripts/record-hellos`).

use super::ProfileExtension::{
    ApplicationLayerProtocolNegotiation, EcPointFormats, EncryptThenMac, ExtendedMasterSecret, KeyShare, PadTo,
    PostHandshakeAuth, PskKeyExchangeModes, ServerName, SessionTicket, SignatureAlgorithms, SupportedGroups,
    SupportedVersions,
};
use super::fact::captured;
use super::{Capture, Profile};
use crate::offer::SessionIdOffer;
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// `openssl s_client`.
pub(super) const OPENSSL: Profile = {
    const RECORDED: &str = "openssl-default";
    Profile {
        id: "openssl",
        title: "OpenSSL 3.0: openssl s_client with default settings",
        client: "OpenSSL 3.0.19 of Debian 12",
        caller: "openssl s_client",
        capture: Capture { id: RECORDED, of: "openssl s_client, OpenSSL 3.0.19, over loopback" },
        evidence: &[RECORDED],
        departures: &[],
        record_version: captured(ProtocolVersion::TLS1_0, RECORDED),
        legacy_version: captured(ProtocolVersion::TLS1_2, RECORDED),
        session_id: captured(SessionIdOffer::Fresh, RECORDED),
        offered_versions: captured(TLS1_0_TO_1_3, RECORDED),
        cipher_suites: captured(SUITES, RECORDED),
        compression_methods: captured(NULL, RECORDED),
        extensions: &[
            captured(ServerName, RECORDED),
            captured(EcPointFormats(POINT_FORMATS), RECORDED),
            captured(SupportedGroups(GROUPS), RECORDED),
            captured(SessionTicket, RECORDED),
            captured(EncryptThenMac, RECORDED),
            captured(ExtendedMasterSecret, RECORDED),
            captured(SignatureAlgorithms(SIGNATURES), RECORDED),
            captured(SupportedVersions(TLS1_3_TO_1_0), RECORDED),
            captured(PskKeyExchangeModes(PSK_DHE_KE), RECORDED),
            captured(KeyShare(&[NamedGroup::X25519]), RECORDED),
        ],
        notes: "",
    }
};

/// `curl` with OpenSSL.
pub(super) const CURL: Profile = {
    const RECORDED: &str = "curl-default";
    Profile {
        id: "curl",
        title: "curl 7.88 with OpenSSL 3.0",
        client: "curl 7.88.1 of Debian 12, OpenSSL 3.0.19",
        caller: "curl",
        capture: Capture { id: RECORDED, of: "curl 7.88.1 with OpenSSL 3.0.19, over loopback" },
        evidence: &[RECORDED, "curl-tls1.2"],
        departures: &[],
        record_version: captured(ProtocolVersion::TLS1_0, RECORDED),
        legacy_version: captured(ProtocolVersion::TLS1_2, RECORDED),
        session_id: captured(SessionIdOffer::Fresh, RECORDED),
        offered_versions: captured(TLS1_0_TO_1_3, RECORDED),
        cipher_suites: captured(SUITES, RECORDED),
        compression_methods: captured(NULL, RECORDED),
        extensions: &[
            captured(ServerName, RECORDED),
            captured(EcPointFormats(POINT_FORMATS), RECORDED),
            captured(SupportedGroups(GROUPS), RECORDED),
            captured(ApplicationLayerProtocolNegotiation(&["h2", "http/1.1"]), RECORDED),
            captured(EncryptThenMac, RECORDED),
            captured(ExtendedMasterSecret, RECORDED),
            captured(PostHandshakeAuth, RECORDED),
            captured(SignatureAlgorithms(SIGNATURES), RECORDED),
            captured(SupportedVersions(TLS1_3_TO_1_0), RECORDED),
            captured(PskKeyExchangeModes(PSK_DHE_KE), RECORDED),
            captured(KeyShare(&[NamedGroup::X25519]), RECORDED),
            captured(PadTo(PADDED), RECORDED).note("the length follows that of the host's name"),
        ],
        notes: "",
    }
};

/// OpenSSL's `TLSEXT_PADDING` makes a message of 256 to 511 bytes one of 512 (RFC 7685 §1), in a record of five more.
/// With three bytes left or less it would send one zero where [`PadTo`] sends none.
const PADDED: usize = 5 + 512;

const TLS1_0_TO_1_3: &[ProtocolVersion] =
    &[ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

const TLS1_3_TO_1_0: &[ProtocolVersion] =
    &[ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_0];

const POINT_FORMATS: &[u8] = &[0, 1, 2];
const PSK_DHE_KE: &[u8] = &[1];
/// The compression method that is none.
const NULL: &[u8] = &[0];

const GROUPS: &[NamedGroup] = &[
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::X448,
    NamedGroup::SECP521R1,
    NamedGroup::SECP384R1,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
    NamedGroup::FFDHE4096,
    NamedGroup::FFDHE6144,
    NamedGroup::FFDHE8192,
];

const SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV,
];

const SIGNATURES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
    SignatureScheme::RSA_PSS_PSS_SHA256,
    SignatureScheme::RSA_PSS_PSS_SHA384,
    SignatureScheme::RSA_PSS_PSS_SHA512,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SHA224,
    SignatureScheme::RSA_SHA224,
    SignatureScheme::DSA_SHA224,
    SignatureScheme::DSA_SHA256,
    SignatureScheme::DSA_SHA384,
    SignatureScheme::DSA_SHA512,
];
