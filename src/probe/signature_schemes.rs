//! With which signature schemes the server signs the handshake, in TLS 1.2 and in TLS 1.3.
//!
//! `signature_algorithms_cert` (RFC 8446 §4.2.3) allows every scheme in certificates, so that a chain is no reason to
//! refuse a scheme of the handshake.

use std::collections::BTreeMap;

use super::choosing::{Choosing, Told, replay, told};
use super::finished::offer_up_to;
use super::reading::keys_for;
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Choices, Observations};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Exchange, Server};
use crate::question::{Hello, Question};
use crate::registry::{KeyExchange, NamedGroup, ProtocolVersion, SignatureScheme, Tls13Use};
use crate::wire::extension::Extension;

/// Knows in which group the baseline's keys were agreed.
#[derive(Default)]
pub(super) struct SignatureSchemes {
    group: Option<NamedGroup>,
}

const KEY: &str = "signature_schemes";

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

impl SignatureSchemes {
    fn question(&self, version: ProtocolVersion, set: &[SignatureScheme]) -> Question {
        let mut offer = if version == ProtocolVersion::TLS1_3 {
            keys_for(Offer::for_version(version), self.group)
        } else {
            let mut offer = offer_up_to(version);
            // Where the server's key decrypts instead, it signs nothing.
            let signs = |kind: KeyExchange| matches!(kind, KeyExchange::Ecdhe | KeyExchange::Dhe);
            offer.cipher_suites.retain(|suite| suite.info().is_some_and(|row| signs(row.key_exchange)));
            offer
        };
        offer.set_signature_schemes(set);
        let all = SignatureScheme::all().iter().map(|row| row.code).filter(|scheme| !scheme.is_grease()).collect();
        offer.put_extension(ExtensionOffer::Exactly(Extension::SignatureAlgorithmsCert(all)));
        Question::new(
            format!("signature schemes of {}: {}", version.to_string().to_lowercase(), set.len()),
            Hello::Built(offer),
        )
    }

    fn course(answers: &Answers<'_>) -> Vec<Choosing<SignatureScheme>> {
        let begin = VERSIONS.map(|version| Choosing::new(candidates(version)));
        replay(begin.to_vec(), &mut answers.iter(), |place, set, exchange| {
            VERSIONS.get(place).map_or(Told::Refused, |version| told_by(*version, set, exchange))
        })
    }
}

fn candidates(version: ProtocolVersion) -> Vec<SignatureScheme> {
    let rows = SignatureScheme::all().iter().filter(|row| !row.code.is_grease());
    let is_for = |tls12: bool, tls13: Tls13Use| match version {
        ProtocolVersion::TLS1_3 => tls13 == Tls13Use::Yes,
        _ => tls12,
    };
    rows.filter(|row| is_for(row.tls12, row.tls13)).map(|row| row.code).collect()
}

fn told_by(version: ProtocolVersion, set: &[SignatureScheme], exchange: &Exchange) -> Told<SignatureScheme> {
    told(exchange, set, |server: &Server| match server.key_exchange.as_ref().and_then(|it| it.signature_scheme) {
        // Older versions name no scheme.
        _ if server.version != version => Some(None),
        Some(scheme) => Some(Some(scheme)),
        None => None,
    })
}

impl Probe for SignatureSchemes {
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        self.group = super::reading::group_of(opening);
        true
    }

    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let course = Self::course(answers);
        let open = VERSIONS.into_iter().zip(&course);
        open.flat_map(|(version, it)| it.open().iter().map(move |set| self.question(version, set))).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let mut by_version = BTreeMap::new();
        for (version, elimination) in VERSIONS.into_iter().zip(Self::course(answers)) {
            by_version.insert(version, elimination.read(&format!("{KEY}.{version}"), answers, unasked, seen));
        }
        seen.signature_schemes = Some(Choices::of(by_version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::alert;
    use crate::probe::testing::{agreed, cut_off, ecdhe, is_tls13, opening, run, schemes, silence};

    const P384: NamedGroup = NamedGroup::SECP384R1;
    const PSS: SignatureScheme = SignatureScheme::RSA_PSS_RSAE_SHA256;
    const PKCS1: SignatureScheme = SignatureScheme::RSA_PKCS1_SHA256;
    const SHA1: SignatureScheme = SignatureScheme::RSA_PKCS1_SHA1;

    fn version(offer: &Offer) -> ProtocolVersion {
        if is_tls13(offer) { ProtocolVersion::TLS1_3 } else { ProtocolVersion::TLS1_2 }
    }

    #[test]
    fn schemes_of_each_version_are_found_exactly() {
        let (seen, connections) = run(&mut SignatureSchemes::default(), &opening(P384), |_, offer, id| {
            let taken: &[SignatureScheme] = if is_tls13(offer) { &[PSS] } else { &[PSS, PKCS1] };
            let chosen = schemes(offer).into_iter().find(|scheme| taken.contains(scheme));
            chosen.map_or_else(|| alert(id, 40), |scheme| agreed(id, version(offer), ecdhe(P384, Some(scheme))))
        });
        let told = seen.signature_schemes.unwrap();
        assert_eq!(told.by_version[&ProtocolVersion::TLS1_2].accepted, ["rsa_pkcs1_sha256", "rsa_pss_rsae_sha256"]);
        assert_eq!(told.by_version[&ProtocolVersion::TLS1_3].accepted, ["rsa_pss_rsae_sha256"]);
        assert_eq!(told.by_version[&ProtocolVersion::TLS1_3].refusal.as_deref(), Some("alert"));
        assert!(told.inconclusive.is_empty() && connections <= 14, "{connections}");
    }

    #[test]
    fn the_share_is_of_the_group_that_the_baseline_agreed_on_and_no_key_decrypts() {
        let mut probe = SignatureSchemes::default();
        assert!(probe.hears_of(&opening(P384)));
        for question in probe.ask(&[]) {
            let Hello::Built(offer) = question.hello else { panic!() };
            let shares: &[NamedGroup] = if is_tls13(&offer) { &[P384] } else { &[] };
            assert_eq!(offer.key_share_groups(), shares);
            assert!(!offer.cipher_suites.iter().any(|suite| suite.info().unwrap().key_exchange == KeyExchange::Rsa));
        }
    }

    #[test]
    fn a_server_that_signs_by_what_was_not_offered_is_told_of() {
        let (seen, _) = run(&mut SignatureSchemes::default(), &opening(P384), |_, offer, id| {
            if is_tls13(offer) { alert(id, 70) } else { agreed(id, version(offer), ecdhe(P384, Some(SHA1))) }
        });
        let told = seen.signature_schemes.unwrap();
        assert_eq!(told.accepted, ["rsa_pkcs1_sha1"]);
        assert_eq!(told.by_version[&ProtocolVersion::TLS1_2].not_offered, ["rsa_pkcs1_sha1"]);
    }

    #[test]
    fn what_is_encrypted_or_silent_is_open() {
        let (seen, _) = run(&mut SignatureSchemes::default(), &opening(P384), |_, offer, id| {
            if is_tls13(offer) { agreed(id, version(offer), ecdhe(P384, None)) } else { silence(id) }
        });
        let told = seen.signature_schemes.unwrap();
        assert!(told.accepted.is_empty() && told.inconclusive.contains(&PSS.to_string()));
        assert!(
            seen.inconclusive
                .iter()
                .any(|open| open.what == "signature_schemes.TLS1.3" || open.what.contains("TLS1.3."))
        );
        assert_eq!(cut_off(&SignatureSchemes::default()).inconclusive[0].what, "signature_schemes");
    }
}
