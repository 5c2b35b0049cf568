//! The offers that start from no named client: what a current OpenSSL-like client sends, by highest version.

use super::{ExtensionOffer, NO_SPLIT, Offer, SessionIdOffer};
use crate::registry::{CipherSuite, GroupKind, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, SupportedVersions};

/// The suites of TLS 1.3, in the order of OpenSSL 3.
const TLS13_SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_GCM_SHA256,
];

/// The suites of TLS 1.2 that OpenSSL 3 offers by default, in its order.
pub const DEFAULT_SUITES: [CipherSuite; 27] = [
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
];

/// The suites of TLS 1.0 and 1.1: those above that are old enough, and those that old servers may have alone.
pub const LEGACY_SUITES: [CipherSuite; 17] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite(0x0038), // TLS_DHE_DSS_WITH_AES_256_CBC_SHA
    CipherSuite(0x0032), // TLS_DHE_DSS_WITH_AES_128_CBC_SHA
    CipherSuite(0xc008), // TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA
    CipherSuite(0xc012), // TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
    CipherSuite(0x0016), // TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA
    CipherSuite(0x0013), // TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA
    CipherSuite(0x000a), // TLS_RSA_WITH_3DES_EDE_CBC_SHA
    CipherSuite(0x0005), // TLS_RSA_WITH_RC4_128_SHA
    CipherSuite(0x0004), // TLS_RSA_WITH_RC4_128_MD5
];

/// The groups of OpenSSL 3.0's default offer that a TLS 1.3 share or an ECDHE key exchange can use.
pub const DEFAULT_GROUPS: [NamedGroup; 5] =
    [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::X448, NamedGroup::SECP521R1, NamedGroup::SECP384R1];

/// The signature schemes of OpenSSL 3.0's default offer.
pub const DEFAULT_SIGNATURE_SCHEMES: [SignatureScheme; 20] = [
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
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::RSA_PKCS1_SHA1,
];

/// TLS 1.3 and 1.2.
pub(super) fn modern() -> Offer {
    let mut offer = for_version(ProtocolVersion::TLS1_2);
    offer.record_version = ProtocolVersion::TLS1_0;
    add_tls13(&mut offer);
    offer.set_supported_versions(&[ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
    offer
}

/// This version as the highest, and TLS 1.3 alone.
pub(super) fn for_version(version: ProtocolVersion) -> Offer {
    if version >= ProtocolVersion::TLS1_3 {
        let mut offer = modern();
        offer.cipher_suites = TLS13_SUITES.to_vec();
        offer.set_supported_versions(&[version]);
        return offer;
    }
    let mut offer = Offer {
        profile: None,
        // A first hello goes out in TLS 1.0 records, so that old servers read it (RFC 8446 §5.1).
        record_version: version.min(ProtocolVersion::TLS1_0),
        legacy_version: version,
        session_id: SessionIdOffer::Empty,
        cipher_suites: match version {
            ProtocolVersion::TLS1_2 => DEFAULT_SUITES.to_vec(),
            _ => LEGACY_SUITES.to_vec(),
        },
        compression_methods: vec![0],
        extensions: None,
        record_split: NO_SPLIT,
    };
    if version <= ProtocolVersion::SSL3 {
        // SSL 3.0 has no extensions, so the signalling suite carries RFC 5746's message (§3.3 there).
        offer.cipher_suites.push(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
        return offer;
    }
    let exactly = ExtensionOffer::Exactly;
    let mut extensions = vec![
        ExtensionOffer::ServerName,
        exactly(Extension::EcPointFormats(vec![0])),
        exactly(Extension::SupportedGroups(DEFAULT_GROUPS.to_vec())),
        exactly(Extension::SessionTicket(Vec::new())),
        exactly(Extension::EncryptThenMac),
        exactly(Extension::ExtendedMasterSecret),
        // Some IIS versions refuse a TLS 1.2 hello without it.
        exactly(Extension::RenegotiationInfo(Vec::new())),
    ];
    if version >= ProtocolVersion::TLS1_2 {
        extensions.push(exactly(Extension::SignatureAlgorithms(DEFAULT_SIGNATURE_SCHEMES.to_vec())));
    }
    offer.extensions = Some(extensions);
    offer
}

/// Adds what TLS 1.3 needs: its suites in front, `supported_versions`, key shares and a session id of 32 bytes.
pub(super) fn add_tls13(offer: &mut Offer) {
    const PSK_DHE_KE: u8 = 1;
    let groups = match offer.extension(crate::registry::ExtensionType::SUPPORTED_GROUPS) {
        Some(ExtensionOffer::Exactly(Extension::SupportedGroups(groups))) => groups.clone(),
        _ => DEFAULT_GROUPS.to_vec(),
    };
    if !offer.cipher_suites.iter().any(|suite| TLS13_SUITES.contains(suite)) {
        offer.cipher_suites.splice(0..0, TLS13_SUITES);
    }
    offer.session_id = SessionIdOffer::Fresh;
    offer.put_extension(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(vec![
        ProtocolVersion::TLS1_3,
    ]))));
    offer.put_extension(ExtensionOffer::Exactly(Extension::PskKeyExchangeModes(vec![PSK_DHE_KE])));
    offer.put_extension(ExtensionOffer::KeyShare(key_share_groups(&groups)));
}

/// The groups to send a share for: the first, and if that is a hybrid one the first plain one too, since a server
/// without it would otherwise need a second round trip (OpenSSL 3.5 and the browsers do the same).
pub(super) fn key_share_groups(groups: &[NamedGroup]) -> Vec<NamedGroup> {
    let can_make = |group: &&NamedGroup| SHARES.contains(group);
    let first = groups.iter().find(can_make);
    let is_plain = |group: &&NamedGroup| group.info().is_some_and(|info| info.kind != GroupKind::Hybrid);
    let plain = groups.iter().filter(can_make).find(is_plain);
    let mut chosen: Vec<NamedGroup> = first.into_iter().copied().collect();
    chosen.extend(plain.filter(|group| Some(*group) != first));
    chosen
}

/// The groups for which this program makes key shares.
const SHARES: [NamedGroup; 7] = [
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X25519MLKEM768,
    NamedGroup::SECP256R1MLKEM768,
    NamedGroup::SECP384R1MLKEM1024,
];
