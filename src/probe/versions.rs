//! Which versions are accepted: one question for each, with every suite that a server of that age may have.

use super::reading::{Verdict, verdict};
use super::{Probe, Unasked};
use crate::observation::{Observations, Support, version_key};
use crate::offer::{LEGACY_SUITES, Offer};
use crate::outcome::Exchange;
use crate::question::{Hello, Question};
use crate::registry::ProtocolVersion;

pub(super) struct Versions {
    versions: Vec<ProtocolVersion>,
    asked: bool,
}

impl Versions {
    pub(super) fn new(versions: &[ProtocolVersion]) -> Self {
        Self { versions: versions.to_vec(), asked: false }
    }
}

impl Probe for Versions {
    fn ask(&mut self, _: &[Exchange]) -> Vec<Question> {
        if std::mem::replace(&mut self.asked, true) {
            return Vec::new();
        }
        self.versions.iter().map(|version| question(*version)).collect()
    }

    fn read(&self, answers: &[Exchange], unasked: &Unasked, seen: &mut Observations) {
        for (place, version) in self.versions.iter().enumerate() {
            let key = version_key(*version);
            let Some(exchange) = answers.get(place) else {
                seen.versions.insert(*version, Support::Inconclusive);
                seen.could_not_tell(&key, &unasked.why, &unasked.because);
                continue;
            };
            let support = match verdict(exchange, seen, |server| server.version == *version) {
                Verdict::Accepted => Support::Accepted,
                Verdict::Refused => Support::Refused,
                Verdict::Inconclusive(why) => {
                    seen.could_not_tell(&key, &why, &[exchange.id]);
                    Support::Inconclusive
                }
            };
            if support != Support::Inconclusive {
                seen.rests_on(&key, &[exchange.id]);
            }
            seen.versions.insert(*version, support);
        }
    }
}

fn question(version: ProtocolVersion) -> Question {
    let mut offer = Offer::for_version(version);
    if version == ProtocolVersion::TLS1_2 {
        let missing = LEGACY_SUITES.iter().filter(|suite| !offer.cipher_suites.contains(suite)).copied();
        let missing: Vec<_> = missing.collect();
        offer.cipher_suites.extend(missing);
    }
    Question { purpose: version.to_string().to_lowercase(), hello: Hello::Built(offer) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::outcome::{Answer, Stage};
    use crate::registry::CipherSuite;

    const ASKED: [ProtocolVersion; 3] = [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

    fn unasked() -> Unasked {
        Unasked { why: "refused".into(), because: vec![1] }
    }

    #[test]
    fn each_version_is_asked_once_and_read_by_its_answer() {
        let mut probe = Versions::new(&ASKED);
        let questions = probe.ask(&[]);
        let purposes: Vec<_> = questions.iter().map(|question| question.purpose.as_str()).collect();
        assert_eq!(purposes, ["tls1.0", "tls1.2", "tls1.3"]);
        assert!(probe.ask(&[]).is_empty());

        let timeout = Answer::Timeout { waiting_for: "x".into(), received_bytes: 0, after_ms: 1.0, tcp: None };
        let answers =
            [alert(2, 70), accepted(3, ProtocolVersion::TLS1_2, CipherSuite(0xc030)), ended(4, Stage::Hello, timeout)];
        let mut seen = Observations::default();
        probe.read(&answers, &unasked(), &mut seen);
        assert_eq!(
            seen.versions.into_values().collect::<Vec<_>>(),
            [Support::Refused, Support::Accepted, Support::Inconclusive]
        );
        assert_eq!(seen.inconclusive[0].what, "versions.TLS1.3");
        assert_eq!(seen.because["versions.TLS1.2"], [3]);
    }

    #[test]
    fn what_was_not_asked_is_inconclusive() {
        let mut probe = Versions::new(&ASKED);
        probe.ask(&[]);
        let mut seen = Observations::default();
        probe.read(&[], &unasked(), &mut seen);
        assert!(seen.versions.values().all(|support| *support == Support::Inconclusive));
        assert_eq!(seen.inconclusive.len(), 3);
        assert_eq!((seen.inconclusive[0].why.as_str(), seen.inconclusive[0].because.as_slice()), ("refused", &[1][..]));
    }

    #[test]
    fn only_tls_1_3_is_offered_alone() {
        let Hello::Built(offer) = question(ProtocolVersion::TLS1_3).hello else { panic!() };
        assert_eq!(offer.legacy_version, ProtocolVersion::TLS1_2);
        let Hello::Built(offer) = question(ProtocolVersion::TLS1_2).hello else { panic!() };
        assert!(offer.cipher_suites.contains(&CipherSuite(0x000a)));
    }
}
