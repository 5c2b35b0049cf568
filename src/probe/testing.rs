//! Made-up servers for tests of probes.

use std::sync::Arc;

use super::{Probe, Unasked};
use crate::certificate::Certificate;
use crate::observation::Observations;
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::testing::{accepted, ended};
use crate::outcome::{Answer, Exchange, KeyExchange, Stage};
use crate::question::{Hello, Question};
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, SupportedVersions};

/// Asks a made-up server all that a probe wants to know; gives what was observed and the connections it took.
pub(super) fn run(
    probe: &mut impl Probe,
    opening: &Exchange,
    server: impl Fn(&Question, &Offer, usize) -> Exchange,
) -> (Observations, usize) {
    assert!(probe.hears_of(opening));
    let mut answers: Vec<Exchange> = Vec::new();
    loop {
        let so_far: Vec<Option<&Exchange>> = answers.iter().map(Some).collect();
        let batch = probe.ask(&so_far);
        if batch.is_empty() {
            let mut seen = Observations::default();
            probe.read(&so_far, &Unasked::Pointless, &mut seen);
            return (seen, answers.len());
        }
        for question in batch {
            let Hello::Built(offer) = &question.hello else { panic!("a probe asks by offers") };
            let id = answers.len() + 2;
            let exchange = server(&question, offer, id);
            assert_eq!(exchange.id, id);
            answers.push(exchange);
        }
        assert!(answers.len() < 200, "it never ends");
    }
}

/// What is read where the run was cut off before the first answer.
pub(super) fn cut_off(probe: &impl Probe) -> Observations {
    let mut seen = Observations::default();
    probe.read(&[], &Unasked::Stopped("interrupted".into()), &mut seen);
    seen
}

/// Nothing comes back.
pub(super) fn silence(id: usize) -> Exchange {
    let answer = Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 10e3, tcp: None };
    ended(id, Stage::Hello, answer)
}

/// A ServerHello of this version with this key exchange.
pub(super) fn agreed(id: usize, version: ProtocolVersion, key_exchange: KeyExchange) -> Exchange {
    let mut exchange = accepted(id, version, CipherSuite(0xc030));
    exchange.server.as_mut().expect("it was accepted").key_exchange = Some(key_exchange);
    exchange
}

/// ECDHE in this group, signed by this scheme.
pub(super) fn ecdhe(group: NamedGroup, signature_scheme: Option<SignatureScheme>) -> KeyExchange {
    KeyExchange { kind: "ecdhe".into(), group: Some(group), bits: Some(256), prime: None, signature_scheme }
}

/// A baseline in TLS 1.3 over this group.
pub(super) fn opening(group: NamedGroup) -> Exchange {
    let mut opening = agreed(1, ProtocolVersion::TLS1_3, ecdhe(group, None));
    Arc::make_mut(&mut opening.offer).server_name = Some("name.test".into());
    opening
}

/// Whether the offer's highest version is TLS 1.3.
pub(super) fn is_tls13(offer: &Offer) -> bool {
    let Some(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(versions)))) =
        offer.extension(ExtensionType::SUPPORTED_VERSIONS)
    else {
        return false;
    };
    versions.contains(&ProtocolVersion::TLS1_3)
}

/// The groups offered.
pub(super) fn groups(offer: &Offer) -> Vec<NamedGroup> {
    match offer.extension(ExtensionType::SUPPORTED_GROUPS) {
        Some(ExtensionOffer::Exactly(Extension::SupportedGroups(groups))) => groups.clone(),
        _ => Vec::new(),
    }
}

/// The signature schemes offered.
pub(super) fn schemes(offer: &Offer) -> Vec<SignatureScheme> {
    match offer.extension(ExtensionType::SIGNATURE_ALGORITHMS) {
        Some(ExtensionOffer::Exactly(Extension::SignatureAlgorithms(schemes))) => schemes.clone(),
        _ => Vec::new(),
    }
}

/// A certificate with a key on secp521r1.
pub(super) fn p521_certificate() -> Certificate {
    certificate(include_str!("../../testdata/certificates/odd/p521.pem"))
}

/// A certificate with an RSA key.
pub(super) fn rsa_certificate() -> Certificate {
    certificate(include_str!("../../testdata/certificates/leafs/api.cdp.microsoft.com-2023.pem"))
}

fn certificate(pem: &str) -> Certificate {
    Certificate::read(pem::parse(pem).expect("the file is PEM").contents())
}
