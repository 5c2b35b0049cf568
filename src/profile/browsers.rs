//! Chrome and Firefox, recorded headless over loopback (`scripts/record-hellos browsers`).
//!
//! What a hello cannot have made anew stands as it was captured: `encrypted_client_hello` without a configuration is
//! noise that no server can open (RFC 9849 §6.2), GREASE values stand for nothing (RFC 8701). A browser makes both
//! anew on each connection; a profile that did would not be the same question twice.

use super::ProfileExtension::{
    ApplicationLayerProtocolNegotiation, AsCaptured, CompressCertificate, EcPointFormats, ExtendedMasterSecret,
    KeyShare, PskKeyExchangeModes, RecordSizeLimit, RenegotiationInfo, ServerName, SessionTicket, SignatureAlgorithms,
    SignedCertificateTimestamp, StatusRequest, SupportedGroups, SupportedVersions,
};
use super::fact::captured;
use super::{Capture, Profile};
use crate::offer::SessionIdOffer;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

/// Chrome, as Chromium without any of Chrome's own settings from the network.
pub(super) const CHROME: Profile = {
    const RECORDED: &str = "chromium-default";
    const GREASE_GROUP: NamedGroup = NamedGroup(0x2a2a);
    const GREASE_VERSION: ProtocolVersion = ProtocolVersion(0x8a8a);
    Profile {
        id: "chrome",
        title: "Chrome 156",
        client: "Chromium 156.0.8078.79 of Debian 12",
        caller: "the browser, HTTP/2 or 1.1 over TCP",
        capture: Capture { id: RECORDED, of: "Chromium 156.0.8078.79, headless, over loopback" },
        evidence: &[RECORDED],
        departures: &[],
        record_version: captured(ProtocolVersion::TLS1_0, RECORDED),
        legacy_version: captured(ProtocolVersion::TLS1_2, RECORDED),
        session_id: captured(SessionIdOffer::Fresh, RECORDED),
        offered_versions: captured(TLS1_2_AND_1_3, RECORDED),
        cipher_suites: captured(CHROME_SUITES, RECORDED),
        compression_methods: captured(NULL, RECORDED),
        extensions: &[
            captured(AsCaptured(ExtensionType(0xaaaa), ""), RECORDED).note(GREASE),
            captured(ApplicationLayerProtocolNegotiation(H2_AND_HTTP1), RECORDED),
            captured(CompressCertificate(&[BROTLI]), RECORDED),
            captured(AsCaptured(ENCRYPTED_CLIENT_HELLO, CHROME_GREASE_ECH), RECORDED).note(GREASE_ECH),
            captured(RenegotiationInfo, RECORDED),
            captured(ExtendedMasterSecret, RECORDED),
            captured(KeyShare(&[GREASE_GROUP, NamedGroup::X25519MLKEM768, NamedGroup::X25519]), RECORDED),
            captured(SignedCertificateTimestamp, RECORDED),
            captured(
                SupportedGroups(&[
                    GREASE_GROUP,
                    NamedGroup::X25519MLKEM768,
                    NamedGroup::X25519,
                    NamedGroup::SECP256R1,
                    NamedGroup::SECP384R1,
                ]),
                RECORDED,
            ),
            captured(AsCaptured(TRUST_ANCHORS, CHROME_TRUST_ANCHORS), RECORDED)
                .note("names the trust anchors of this build"),
            captured(EcPointFormats(UNCOMPRESSED), RECORDED),
            captured(SessionTicket, RECORDED),
            captured(SupportedVersions(&[GREASE_VERSION, ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]), RECORDED),
            captured(SignatureAlgorithms(CHROME_SIGNATURES), RECORDED),
            captured(StatusRequest, RECORDED),
            captured(PskKeyExchangeModes(PSK_DHE_KE), RECORDED),
            captured(AsCaptured(APPLICATION_SETTINGS, "0003026832"), RECORDED).note("for h2"),
            captured(ServerName, RECORDED),
            captured(AsCaptured(ExtensionType(0xbaba), "00"), RECORDED).note(GREASE),
        ],
        notes: "Chrome puts its extensions into another order on each connection, all but the two of GREASE, which \
                stand first and last; draws its GREASE values anew; and varies the length of encrypted_client_hello. \
                Here order, values and length are those of the capture.",
    }
};

/// Firefox.
pub(super) const FIREFOX: Profile = {
    const RECORDED: &str = "firefox-default";
    Profile {
        id: "firefox",
        title: "Firefox 153 ESR",
        client: "Firefox 153.7.0esr of Debian 12",
        caller: "the browser, HTTP/2 or 1.1 over TCP",
        capture: Capture { id: RECORDED, of: "Firefox 153.7.0esr, headless, over loopback" },
        evidence: &[RECORDED],
        departures: &[],
        record_version: captured(ProtocolVersion::TLS1_0, RECORDED),
        legacy_version: captured(ProtocolVersion::TLS1_2, RECORDED),
        session_id: captured(SessionIdOffer::Fresh, RECORDED),
        offered_versions: captured(TLS1_2_AND_1_3, RECORDED),
        cipher_suites: captured(FIREFOX_SUITES, RECORDED),
        compression_methods: captured(NULL, RECORDED),
        extensions: &[
            captured(ServerName, RECORDED),
            captured(ExtendedMasterSecret, RECORDED),
            captured(RenegotiationInfo, RECORDED),
            captured(SupportedGroups(FIREFOX_GROUPS), RECORDED),
            captured(EcPointFormats(UNCOMPRESSED), RECORDED),
            captured(SessionTicket, RECORDED),
            captured(ApplicationLayerProtocolNegotiation(H2_AND_HTTP1), RECORDED),
            captured(StatusRequest, RECORDED),
            captured(AsCaptured(ExtensionType::DELEGATED_CREDENTIAL, "00080403050306030203"), RECORDED),
            captured(SignedCertificateTimestamp, RECORDED),
            captured(KeyShare(&[NamedGroup::X25519MLKEM768, NamedGroup::X25519, NamedGroup::SECP256R1]), RECORDED),
            captured(SupportedVersions(&[ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]), RECORDED),
            captured(SignatureAlgorithms(FIREFOX_SIGNATURES), RECORDED),
            captured(PskKeyExchangeModes(PSK_DHE_KE), RECORDED),
            captured(RecordSizeLimit(0x4001), RECORDED),
            captured(CompressCertificate(&[ZLIB, BROTLI, ZSTD]), RECORDED),
            captured(AsCaptured(ENCRYPTED_CLIENT_HELLO, FIREFOX_GREASE_ECH), RECORDED).note(GREASE_ECH),
        ],
        notes: "",
    }
};

const GREASE: &str = "GREASE: the value of the capture";
const GREASE_ECH: &str = "noise without a configuration, as captured";

const TLS1_2_AND_1_3: &[ProtocolVersion] = &[ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

const ENCRYPTED_CLIENT_HELLO: ExtensionType = ExtensionType(0xfe0d);
/// draft-ietf-tls-trust-anchor-ids.
const TRUST_ANCHORS: ExtensionType = ExtensionType(0xca34);
/// draft-vvv-tls-alps.
const APPLICATION_SETTINGS: ExtensionType = ExtensionType(0x44cd);

const H2_AND_HTTP1: &[&str] = &["h2", "http/1.1"];
const UNCOMPRESSED: &[u8] = &[0];
const PSK_DHE_KE: &[u8] = &[1];
/// The compression method that is none.
const NULL: &[u8] = &[0];

// Certificate compression (RFC 8879 §7.3).
const ZLIB: u16 = 1;
const BROTLI: u16 = 2;
const ZSTD: u16 = 3;

const FIREFOX_GROUPS: &[NamedGroup] = &[
    NamedGroup::X25519MLKEM768,
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
];

const CHROME_SUITES: &[CipherSuite] = &[
    CipherSuite(0xaaaa), // GREASE
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
];

const FIREFOX_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
];

const CHROME_SIGNATURES: &[SignatureScheme] = &[
    SignatureScheme(0xcaca), // GREASE
    SignatureScheme::MLDSA44,
    SignatureScheme::MLDSA65,
    SignatureScheme::MLDSA87,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA512,
];

const FIREFOX_SIGNATURES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::RSA_PKCS1_SHA1,
];

const CHROME_GREASE_ECH: &str = concat!(
    "0000010001ea0020b867c524aa9abc4d43626a94dd9b6da956ed8c77fc6acc61ffc02eba55117f5000d03ea8f45e9ead",
    "092f5c36aaa8bdcbed612a002e66644a9bf07797f6bd2bfd7c5a0e3dd35cefcd4fab8da0a9141b79b3ca38ae492669dd",
    "a808c5172f967c50ad03d8f708454ae745a4ea118d62dc9c305ab8d9edc3fb2005501c4701c797c5f36bf1139cdb2419",
    "bfcfecf637bdff88c9684f90d0f571d6b6280a7ee7cd1531150eb9665316356272ac1eed32073a0d6d2288189d0be179",
    "6ad3db90f001b7d1a10b05c7b5f165a2bf83d2055221d3bb335fe58c3691fc71b95cdacef227314714ef5ed663c5a685",
    "31989fea6e76b51c35bd",
);

const CHROME_TRUST_ANCHORS: &str = concat!(
    "00b80582df1302010582df1302060582df13020d0582df13020e0582df13020f0582df1302120582df1302130582df13",
    "021408839a648c9b2d010708839a648c9b2d010808839a648c9b2d010908839a648c9b2d010a08839a648c9b2d010b08",
    "839a648c9b2d010c08839a648c9b2d010d08839a648c9b2d011208839a648c9b2d011304d679090104d679090404d679",
    "090504d679090604d679090704d679090804d679090a04d679090b04d679090c04d679090d04d679090f",
);

const FIREFOX_GREASE_ECH: &str = concat!(
    "00000100011b00201b31034bac1bee75f550d0adbe645d2ac2cba596396d98479a797ffd9a7d4ec800ef30c94a233a4f",
    "2011fd250c010e9f87a2b00f8a2ebc49841e54a3763f0af81dc63edbebf38bdcce6db96b8cdd75ce76089c854f534613",
    "0e21f88bd56346e0832d86b9f97b29d7310eb80e1814c2a8f95ab2ca32c1121ba44081796353bbc789cb2e98ed54bca3",
    "e3b256b5abf9805ca0300212ed2026d84574dc8193636bc9440e57f20c924c16f6253e11f43cb8f17c8fbc9b3cfec1a8",
    "6daaa9f00d3938ff53ef6c671a4a5689d537df75baafed62c797349c6e4c805b8bf5254da6b79418a8e4471be3c9b6b6",
    "ca99e6c6acfc7541997720882dc48ea052ac6550d43f9b7b68e7765e04fbaece339cac204af2680a31",
);
