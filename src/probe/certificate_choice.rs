//! Which certificate comes: by the kind of key that is asked for, and by the name.

use super::reading::{Verdict, group_of, keys_for, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{CertificateChoice as Seen, NameAsked, Observations, Support};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::Exchange;
use crate::probe::finished::{alert, offer_up_to};
use crate::question::{Hello, Question};
use crate::registry::{
    AlertDescription, Authentication, ExtensionType, NamedGroup, ProtocolVersion, SignatureKey, SignatureScheme,
    Tls13Use,
};
use crate::wire::extension::{Extension, ServerName};

/// Knows how the baseline's hello ended.
#[derive(Default)]
pub(super) struct CertificateChoice {
    group: Option<NamedGroup>,
    /// Whether the target has a name to be asked for.
    has_name: bool,
}

const KEY: &str = "certificates";

/// No server has it (RFC 2606 §2).
const WRONG_NAME: &str = "tlsprobe-wrong-name.invalid";

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    name: NameAsked,
    key: Option<KeyKind>,
    version: Option<ProtocolVersion>,
}

/// A kind of key, by the algorithm that its certificate names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    Ec,
    Ed25519,
}

impl KeyKind {
    const ALL: [Self; 3] = [Self::Rsa, Self::Ec, Self::Ed25519];

    fn word(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Whether a certificate's key is of this kind.
    fn is(self, algorithm: &str) -> bool {
        algorithm == self.word() || (self == Self::Rsa && algorithm == "RSA-PSS")
    }

    fn signs_by(self, scheme: SignatureKey) -> bool {
        match self {
            Self::Rsa => matches!(scheme, SignatureKey::Rsa | SignatureKey::RsaEncryption | SignatureKey::RsaPss),
            Self::Ec => scheme == SignatureKey::Ecdsa,
            Self::Ed25519 => scheme == SignatureKey::Ed25519,
        }
    }

    /// What suites of TLS 1.2 say of it: for Ed25519 what they say of ECDSA (RFC 8422 §5.1.3).
    fn authentication(self) -> Authentication {
        match self {
            Self::Rsa => Authentication::Rsa,
            Self::Ec | Self::Ed25519 => Authentication::Ecdsa,
        }
    }
}

impl CertificateChoice {
    /// Everything that is asked, in this order.
    fn asked(&self) -> Vec<Asked> {
        let versions = [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3].map(Some);
        let by_key = versions
            .into_iter()
            .flat_map(|version| KeyKind::ALL.map(|key| Asked { name: self.own_name(), key: Some(key), version }));
        let names = [NameAsked::Target, NameAsked::None, NameAsked::Wrong];
        let names = names.into_iter().filter(|name| self.has_name || *name != NameAsked::Target);
        by_key.chain(names.map(|name| Asked { name, key: None, version: None })).collect()
    }

    fn own_name(&self) -> NameAsked {
        if self.has_name { NameAsked::Target } else { NameAsked::None }
    }

    fn question(&self, asked: Asked) -> Question {
        let mut offer = match asked.version {
            Some(ProtocolVersion::TLS1_3) => keys_for(Offer::for_version(ProtocolVersion::TLS1_3), self.group),
            Some(version) => offer_up_to(version),
            None => keys_for(Offer::modern(), self.group),
        };
        if let (Some(key), Some(version)) = (asked.key, asked.version) {
            ask_for(&mut offer, key, version);
        }
        match asked.name {
            NameAsked::Target => {}
            NameAsked::None => {
                offer.remove_extension(ExtensionType::SERVER_NAME);
            }
            NameAsked::Wrong => {
                offer.put_extension(ExtensionOffer::Exactly(Extension::ServerName(ServerName::host(WRONG_NAME))));
            }
        }
        let purpose = match (asked.key, asked.version, asked.name) {
            (Some(key), Some(version), _) => {
                format!("{} certificate in {}", key.word(), version.to_string().to_lowercase())
            }
            (.., NameAsked::Target) => "certificate for the name".to_owned(),
            (.., NameAsked::None) => "certificate without a name".to_owned(),
            (.., NameAsked::Wrong) => "certificate for a wrong name".to_owned(),
        };
        Question::new(purpose, Hello::Built(offer))
    }
}

/// Leaves the server no other kind of key to sign with, and any in the chain above it.
fn ask_for(offer: &mut Offer, key: KeyKind, version: ProtocolVersion) {
    let rows = || SignatureScheme::all().iter().filter(|row| !row.code.is_grease());
    let is_for = |tls12: bool, tls13: Tls13Use| {
        if version == ProtocolVersion::TLS1_3 { tls13 == Tls13Use::Yes } else { tls12 }
    };
    let schemes: Vec<SignatureScheme> =
        rows().filter(|row| key.signs_by(row.key) && is_for(row.tls12, row.tls13)).map(|row| row.code).collect();
    offer.set_signature_schemes(&schemes);
    let all = rows().map(|row| row.code).collect();
    offer.put_extension(ExtensionOffer::Exactly(Extension::SignatureAlgorithmsCert(all)));
    if version < ProtocolVersion::TLS1_3 {
        let wanted = key.authentication();
        offer.cipher_suites.retain(|suite| suite.info().is_some_and(|row| row.authentication == wanted));
    }
}

impl Probe for CertificateChoice {
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        self.group = group_of(opening);
        self.has_name = opening.offer.server_name.is_some();
        true
    }

    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() {
            self.asked().into_iter().map(|asked| self.question(asked)).collect()
        } else {
            Vec::new()
        }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let missing = answers.is_empty() || answers.contains(&None);
        if missing {
            note_missing(KEY, unasked, seen);
        }
        let mut choices = Vec::new();
        for (asked, exchange) in self.asked().into_iter().zip(answers) {
            choices.extend(exchange.map(|exchange| read_one(asked, exchange, seen)));
        }
        let ids: Vec<usize> = choices.iter().map(|choice: &Seen| choice.because).collect();
        if !ids.is_empty() {
            seen.rests_on(KEY, &ids);
        }
        seen.certificates = choices;
    }
}

fn read_one(asked: Asked, exchange: &Exchange, seen: &mut Observations) -> Seen {
    let Asked { name, key, version } = asked;
    let is_wanted_version = version.is_none_or(|version| {
        exchange
            .server
            .as_ref()
            .is_some_and(|server| (server.version == ProtocolVersion::TLS1_3) == (version == ProtocolVersion::TLS1_3))
    });
    let leaf = exchange.certificates.first();
    let leaf_key = leaf.and_then(|leaf| leaf.details()).map(|details| details.public_key.algorithm.clone());
    let state = match verdict(exchange, seen, |_| is_wanted_version) {
        Verdict::Accepted if leaf.is_none() => {
            note(asked, "the certificates can't be read", exchange, seen);
            Support::Inconclusive
        }
        Verdict::Accepted if key.is_some() && leaf_key.is_none() => {
            note(asked, "the certificate's key can't be read", exchange, seen);
            Support::Inconclusive
        }
        Verdict::Accepted => match (key, &leaf_key) {
            (Some(key), Some(leaf_key)) if !key.is(leaf_key) => Support::Refused,
            _ => Support::Accepted,
        },
        Verdict::Refused => Support::Refused,
        Verdict::Inconclusive(why) => {
            note(asked, &why, exchange, seen);
            Support::Inconclusive
        }
    };
    let unrecognized = AlertDescription::UNRECOGNIZED_NAME.0;
    Seen {
        name,
        key: key.map(|key| key.word().to_owned()),
        version,
        state,
        leaf_sha256: leaf.map(|leaf| leaf.sha256.clone()),
        subject: leaf.and_then(|leaf| leaf.details()).map(|details| details.subject.clone()),
        leaf_key,
        answer: exchange.outcome.answer.kind().to_owned(),
        alert: alert(exchange),
        warned: exchange.warning_alerts.iter().any(|warning| warning.code == unrecognized),
        because: exchange.id,
    }
}

fn note(asked: Asked, why: &str, exchange: &Exchange, seen: &mut Observations) {
    let Asked { name, key, version } = asked;
    let what = match (key, version) {
        (Some(key), Some(version)) => format!("{KEY}.{}.{version}", key.word()),
        _ => match name {
            NameAsked::Target => format!("{KEY}.name"),
            NameAsked::None => format!("{KEY}.no name"),
            NameAsked::Wrong => format!("{KEY}.wrong name"),
        },
    };
    seen.could_not_tell(&what, why, &[exchange.id]);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::certificate::Certificate;
    use crate::outcome::testing::{accepted, alert};
    use crate::outcome::{CertificatesState, Stage, WarningAlert};
    use crate::probe::testing::{cut_off, is_tls13, opening, p521_certificate, rsa_certificate, run, schemes, silence};
    use crate::registry::CipherSuite;

    fn sends(id: usize, offer: &Offer, certificate: Option<Certificate>) -> Exchange {
        let version = if is_tls13(offer) { ProtocolVersion::TLS1_3 } else { ProtocolVersion::TLS1_2 };
        let mut exchange = accepted(id, version, CipherSuite(0xc030));
        exchange.certificates_state = CertificatesState::Read;
        exchange.certificates = certificate.into_iter().collect();
        exchange
    }

    fn name(offer: &Offer) -> NameAsked {
        match offer.extension(ExtensionType::SERVER_NAME) {
            Some(ExtensionOffer::ServerName) => NameAsked::Target,
            Some(_) => NameAsked::Wrong,
            None => NameAsked::None,
        }
    }

    fn by(seen: &Observations, wanted: impl Fn(&&Seen) -> bool) -> &Seen {
        seen.certificates.iter().find(wanted).unwrap()
    }

    fn observed(server: impl Fn(&Question, &Offer, usize) -> Exchange) -> Observations {
        let (seen, connections) = run(&mut CertificateChoice::default(), &opening(NamedGroup::X25519), server);
        assert_eq!((seen.certificates.len(), connections), (9, 9));
        seen
    }

    #[test]
    fn each_kind_of_key_brings_its_certificate_or_a_refusal() {
        let seen = observed(|_, offer, id| {
            let asked = |kind: SignatureKey| {
                schemes(offer).iter().any(|scheme| scheme.info().is_some_and(|row| row.key == kind))
            };
            if asked(SignatureKey::RsaEncryption) {
                sends(id, offer, Some(rsa_certificate()))
            } else if asked(SignatureKey::Ecdsa) {
                sends(id, offer, Some(p521_certificate()))
            } else {
                alert(id, 40)
            }
        });
        for version in [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3] {
            let of = |kind: &str| by(&seen, |it| it.version == Some(version) && it.key.as_deref() == Some(kind));
            assert_eq!(of("RSA").leaf_sha256, Some(rsa_certificate().sha256));
            assert_eq!(of("EC").leaf_sha256, Some(p521_certificate().sha256));
            assert_eq!((of("Ed25519").state, of("Ed25519").alert), (Support::Refused, Some(40)));
        }
        assert!(seen.inconclusive.is_empty());
    }

    #[test]
    fn a_certificate_of_another_kind_is_a_refusal() {
        let seen = observed(|_, offer, id| sends(id, offer, Some(rsa_certificate())));
        let ec = by(&seen, |it| it.key.as_deref() == Some("EC"));
        assert_eq!((ec.state, ec.leaf_key.as_deref()), (Support::Refused, Some("RSA")));
    }

    #[test]
    fn a_certificate_that_cant_be_read_is_of_no_kind() {
        let seen = observed(|_, offer, id| sends(id, offer, Some(Certificate::read(b"junk"))));
        let (by_key, by_name): (Vec<&Seen>, Vec<&Seen>) = seen.certificates.iter().partition(|it| it.key.is_some());
        assert!(by_key.iter().all(|it| it.state == Support::Inconclusive));
        assert!(by_name.iter().all(|it| it.state == Support::Accepted));
        assert_eq!(seen.inconclusive.len(), by_key.len());
    }

    #[test]
    fn a_wrong_name_is_refused_or_warned_of() {
        let seen = observed(|_, offer, id| match name(offer) {
            NameAsked::Wrong => alert(id, 112),
            NameAsked::None => {
                let mut exchange = sends(id, offer, Some(p521_certificate()));
                let warning = WarningAlert { code: 112, name: None, stage: Stage::Hello };
                exchange.warning_alerts.push(warning);
                exchange
            }
            NameAsked::Target => sends(id, offer, Some(rsa_certificate())),
        });
        let named = |name| by(&seen, move |it: &&Seen| it.key.is_none() && it.name == name);
        assert_eq!(named(NameAsked::Wrong).alert, Some(112));
        assert!(named(NameAsked::None).warned);
        assert_eq!(named(NameAsked::Target).state, Support::Accepted);
    }

    #[test]
    fn without_a_name_of_its_own_no_name_is_asked_for() {
        let mut opening = opening(NamedGroup::X25519);
        Arc::make_mut(&mut opening.offer).server_name = None;
        let mut probe = CertificateChoice::default();
        assert!(probe.hears_of(&opening));
        assert_eq!(probe.ask(&[]).len(), 8);
    }

    #[test]
    fn silence_and_encryption_are_open() {
        for answer in [|_: &Offer, id| silence(id), |offer: &Offer, id| sends(id, offer, None)] {
            let seen = observed(|_, offer, id| answer(offer, id));
            assert!(seen.certificates.iter().all(|it| it.state == Support::Inconclusive));
            assert_eq!(seen.inconclusive.len(), 9);
        }
        assert_eq!(cut_off(&CertificateChoice::default()).inconclusive[0].what, "certificates");
    }
}
