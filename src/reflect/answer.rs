//! What the reflector answers to a hello: a first flight of TLS 1.2 or older, whose certificate can be read by anyone.
//!
//! In TLS 1.3 the certificate is encrypted, and nobody but the two ends could see that it is the reflector's. So the
//! reflector is a server that knows no TLS 1.3: a hello that offers nothing older is refused by `protocol_version`.

use rand::{CryptoRng, RngExt};
use time::OffsetDateTime;

use super::identity::Identity;
use crate::crypto::{KeyPair, RsaSigner};
use crate::registry::{
    AlertDescription, AlertLevel, Authentication, CipherSuite, ExtensionType, KeyExchange, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
use crate::wire::alert::Alert;
use crate::wire::extension::{Extension, Extensions, SupportedVersions};
use crate::wire::handshake::{
    Certificate, ClientHello, DigitallySigned, HandshakeType, RawMessage, ServerHello, ServerKeyExchange, SessionId,
    message,
};
use crate::wire::record::{ContentType, MAX_FRAGMENT, write_records};
use crate::wire::{Wire, Writer};

/// The versions whose flight carries the certificate in the clear, best first.
const READABLE: [ProtocolVersion; 3] = [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_0];

/// The groups of a signed share: not the hybrid one, which TLS 1.3 alone has.
const GROUPS: [NamedGroup; 3] = [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];

/// What a flight was agreed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreed {
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    /// A share of this group, signed so; without one the client would encrypt a secret to the certificate's key.
    share: Option<(NamedGroup, SignatureScheme)>,
}

/// The best readable version, and the client's first suite that the reflector can answer in it; else the fitting alert.
pub(super) fn agree(hello: &ClientHello) -> Result<Agreed, AlertDescription> {
    let version =
        *READABLE.iter().find(|version| offers(hello, **version)).ok_or(AlertDescription::PROTOCOL_VERSION)?;
    let can = |suite: &CipherSuite| {
        let info = suite.info().filter(|info| info.versions.contains(version))?;
        let share = match (info.key_exchange, info.authentication) {
            (KeyExchange::Rsa, Authentication::Rsa) => None,
            // Before TLS 1.2 a share is signed over MD5 and SHA-1 (RFC 8422 §5.4), which is not done here.
            (KeyExchange::Ecdhe, Authentication::Rsa) if version == ProtocolVersion::TLS1_2 => Some(share(hello)?),
            _ => return None,
        };
        Some(Agreed { version, cipher_suite: *suite, share })
    };
    hello.cipher_suites.iter().find_map(can).ok_or(AlertDescription::HANDSHAKE_FAILURE)
}

/// The flight in records.
pub(super) fn flight(
    identity: &Identity,
    hello: &ClientHello,
    agreed: Agreed,
    report: &str,
    now: OffsetDateTime,
    random: &mut impl CryptoRng,
) -> Result<Vec<u8>, rcgen::Error> {
    let server_hello = ServerHello {
        random: random.random(),
        session_id: SessionId(random.random::<[u8; 32]>().to_vec()),
        ..ServerHello::answering(hello, agreed.version, agreed.cipher_suite)
    };
    let certificate = identity.certificate(server_name(hello).as_deref(), report, now, random.next_u64())?;
    let mut rest = message(HandshakeType::CERTIFICATE, &Certificate { entries: vec![certificate] });
    if let Some((group, scheme)) = agreed.share {
        let randoms = [hello.random, server_hello.random].concat();
        let body = server_key_exchange(&identity.signer, &randoms, group, scheme, random);
        rest.extend(RawMessage { msg_type: HandshakeType::SERVER_KEY_EXCHANGE, body }.to_bytes());
    }
    rest.extend(RawMessage { msg_type: HandshakeType::SERVER_HELLO_DONE, body: vec![] }.to_bytes());
    let hello = message(HandshakeType::SERVER_HELLO, &server_hello);
    let records = |payload: &[u8]| write_records(ContentType::HANDSHAKE, agreed.version, payload, MAX_FRAGMENT);
    Ok([records(&hello), records(&rest)].concat())
}

/// A refusal. In TLS 1.0: no version is agreed, and this one every client takes.
pub(super) fn alert(description: AlertDescription) -> Vec<u8> {
    let alert = Alert { level: AlertLevel::FATAL, description };
    write_records(ContentType::ALERT, ProtocolVersion::TLS1_0, &alert.to_bytes(), MAX_FRAGMENT)
}

/// The host name that the hello asks for, where it is text.
pub(super) fn server_name(hello: &ClientHello) -> Option<String> {
    let Extension::ServerName(name) = extension(hello, ExtensionType::SERVER_NAME)? else { return None };
    String::from_utf8(name.host_name()?.to_vec()).ok()
}

/// `supported_versions` alone counts where it is sent (RFC 8446 §4.2.1); else all versions up to the legacy one.
fn offers(hello: &ClientHello, version: ProtocolVersion) -> bool {
    match extension(hello, ExtensionType::SUPPORTED_VERSIONS) {
        Some(Extension::SupportedVersions(SupportedVersions::Offered(list))) => list.contains(&version),
        _ => version <= hello.legacy_version,
    }
}

/// A group and a scheme that the client takes. Without `supported_groups` it takes any (RFC 8422 §4); without
/// `signature_algorithms` SHA-1 alone (RFC 5246 §7.4.1.4.1), which is not signed here.
fn share(hello: &ClientHello) -> Option<(NamedGroup, SignatureScheme)> {
    let group = match extension(hello, ExtensionType::SUPPORTED_GROUPS) {
        Some(Extension::SupportedGroups(list)) => *list.iter().find(|group| GROUPS.contains(group))?,
        _ => NamedGroup::SECP256R1,
    };
    let Extension::SignatureAlgorithms(schemes) = extension(hello, ExtensionType::SIGNATURE_ALGORITHMS)? else {
        return None;
    };
    Some((group, RsaSigner::signature_schemes().find(|scheme| schemes.contains(scheme))?))
}

/// An ephemeral key, signed together with both randoms (RFC 8422 §5.4).
fn server_key_exchange(
    signer: &RsaSigner,
    randoms: &[u8],
    group: NamedGroup,
    scheme: SignatureScheme,
    random: &mut impl CryptoRng,
) -> Vec<u8> {
    let share = KeyPair::generate(group, random).expect("keys can be made in every one of GROUPS");
    let unsigned = ServerKeyExchange::Ecdhe { curve: group, public: share.public(), signature: None };
    let signature = signer.sign(scheme, &[randoms, &unsigned.to_bytes()].concat());
    let mut out = Writer::new();
    unsigned.encode(&mut out);
    DigitallySigned { scheme: Some(scheme), signature }.encode(&mut out);
    out.into_bytes()
}

fn extension(hello: &ClientHello, extension_type: ExtensionType) -> Option<&Extension> {
    hello.extensions.as_ref().and_then(|all: &Extensions| all.find(extension_type))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::offer::{FreshValues, Offer};

    fn hello(offer: &Offer) -> ClientHello {
        let fresh = FreshValues { random: [1; 32], session_id: [2; 32], key_shares: Vec::new() };
        offer.client_hello(Some("a.example"), &fresh)
    }

    #[test]
    fn the_highest_version_whose_certificate_can_be_read_is_chosen() {
        for (offer, version) in [
            (Offer::modern(), ProtocolVersion::TLS1_2),
            (Offer::for_version(ProtocolVersion::TLS1_2), ProtocolVersion::TLS1_2),
            (Offer::for_version(ProtocolVersion::TLS1_1), ProtocolVersion::TLS1_1),
            (Offer::for_version(ProtocolVersion::TLS1_0), ProtocolVersion::TLS1_0),
        ] {
            let agreed = agree(&hello(&offer)).unwrap();
            assert_eq!(agreed.version, version);
            assert!(offer.cipher_suites.contains(&agreed.cipher_suite));
        }
    }

    #[test]
    fn what_cannot_be_answered_in_the_clear_is_refused_by_the_fitting_alert() {
        let refused = |offer: &Offer| agree(&hello(offer)).unwrap_err();
        assert_eq!(refused(&Offer::for_version(ProtocolVersion::TLS1_3)), AlertDescription::PROTOCOL_VERSION);
        assert_eq!(refused(&Offer::for_version(ProtocolVersion::SSL3)), AlertDescription::PROTOCOL_VERSION);
        let mut ecdsa = Offer::for_version(ProtocolVersion::TLS1_2);
        ecdsa.cipher_suites = vec![CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384];
        assert_eq!(refused(&ecdsa), AlertDescription::HANDSHAKE_FAILURE);
    }

    #[test]
    fn a_flight_is_whole_in_every_version_and_key_exchange() {
        let identity = Identity::new().unwrap();
        let mut rsa = Offer::for_version(ProtocolVersion::TLS1_2);
        rsa.cipher_suites = vec![CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA];
        for offer in [Offer::modern(), rsa, Offer::for_version(ProtocolVersion::TLS1_0)] {
            let hello = hello(&offer);
            let agreed = agree(&hello).unwrap();
            let mut random = StdRng::seed_from_u64(1);
            let now = time::macros::datetime!(2026-01-01 0:00 UTC);
            let flight = flight(&identity, &hello, agreed, "report", now, &mut random).unwrap();
            let mut messages = crate::wire::handshake::MessageReader::new();
            let mut rest = flight.as_slice();
            while let Some((record, used)) = crate::wire::record::Record::parse(rest).unwrap() {
                messages.push(record.fragment);
                rest = &rest[used..];
            }
            let types: Vec<u8> = std::iter::from_fn(|| messages.next().unwrap()).map(|it| it.msg_type.0).collect();
            assert_eq!(types, if agreed.share.is_some() { vec![2, 11, 12, 14] } else { vec![2, 11, 14] });
        }
    }
}
