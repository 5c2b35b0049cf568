//! Which versions are accepted: one question for each, with every suite that a server of that age may have.

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Observations, Support, version_key};
use crate::offer::{LEGACY_SUITES, Offer};
use crate::outcome::Exchange;
use crate::question::{Hello, Question};
use crate::registry::ProtocolVersion;

pub(super) struct Versions {
    versions: Vec<ProtocolVersion>,
}

impl Versions {
    pub(super) fn new(versions: &[ProtocolVersion]) -> Self {
        Self { versions: versions.to_vec() }
    }
}

impl Probe for Versions {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() { self.versions.iter().map(|version| question(*version)).collect() } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        for (place, version) in self.versions.iter().enumerate() {
            let key = version_key(*version);
            let Some(exchange) = answers.get(place).copied().flatten() else {
                if note_missing(&key, unasked, seen) {
                    seen.versions.insert(*version, Support::Inconclusive);
                }
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

/// A version that the server chose in any exchange is accepted, whatever became of the one question about it: that one
/// may have met a limit on connections, or a device that drops now and then.
pub(super) fn prove(all: &[Exchange], seen: &mut Observations) {
    let unproven: Vec<ProtocolVersion> = seen
        .versions
        .iter()
        .filter(|(_, support)| **support != Support::Accepted)
        .map(|(version, _)| *version)
        .collect();
    for version in unproven {
        let shows_it =
            |exchange: &&Exchange| verdict(exchange, seen, |server| server.version == version) == Verdict::Accepted;
        if let Some(proof) = all.iter().find(shows_it) {
            let key = version_key(version);
            seen.inconclusive.retain(|entry| entry.what != key);
            seen.rests_on(&key, &[proof.id]);
            seen.versions.insert(version, Support::Accepted);
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
    Question::new(version.to_string().to_lowercase(), Hello::Built(offer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::outcome::{Answer, Stage};
    use crate::registry::CipherSuite;

    const ASKED: [ProtocolVersion; 3] = [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

    fn read(answers: &Answers<'_>, unasked: &Unasked) -> Observations {
        let mut seen = Observations::default();
        Versions::new(&ASKED).read(answers, unasked, &mut seen);
        seen
    }

    #[test]
    fn each_version_is_asked_once_and_read_by_its_answer() {
        let probe = Versions::new(&ASKED);
        let questions = probe.ask(&[]);
        let purposes: Vec<_> = questions.iter().map(|question| question.purpose.as_str()).collect();
        assert_eq!(purposes, ["tls1.0", "tls1.2", "tls1.3"]);
        assert!(probe.ask(&[None, None, None]).is_empty());

        let timeout = Answer::Timeout { waiting_for: "x".into(), received_bytes: 0, after_ms: 1.0, tcp: None };
        let (first, second) = (alert(2, 70), accepted(3, ProtocolVersion::TLS1_2, CipherSuite(0xc030)));
        let third = ended(4, Stage::Hello, timeout);
        let seen = read(&[Some(&first), Some(&second), Some(&third)], &Unasked::Pointless);
        assert_eq!(
            seen.versions.values().copied().collect::<Vec<_>>(),
            [Support::Refused, Support::Accepted, Support::Inconclusive]
        );
        assert_eq!(seen.inconclusive[0].what, "versions.TLS1.3");
        assert_eq!(seen.because["versions.TLS1.2"], [3]);
    }

    #[test]
    fn what_was_pointless_to_ask_is_left_out_and_what_was_cut_off_is_open() {
        assert_eq!(read(&[], &Unasked::Pointless), Observations::default());
        let second = accepted(3, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let seen = read(&[None, Some(&second), None], &Unasked::Stopped("interrupted".into()));
        assert_eq!(
            seen.versions.into_values().collect::<Vec<_>>(),
            [Support::Inconclusive, Support::Accepted, Support::Inconclusive]
        );
        assert_eq!(seen.inconclusive.len(), 2);
    }

    #[test]
    fn a_version_that_was_chosen_once_is_accepted_whatever_became_of_its_own_question() {
        let reset = ended(3, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 1.0 });
        let baseline = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let mut seen = read(&[Some(&reset), Some(&reset), Some(&reset)], &Unasked::Pointless);
        prove(&[baseline, reset], &mut seen);
        assert_eq!(
            seen.versions.values().copied().collect::<Vec<_>>(),
            [Support::Refused, Support::Accepted, Support::Refused]
        );
        assert_eq!(seen.because["versions.TLS1.2"], [1]);
    }

    #[test]
    fn only_tls_1_3_is_offered_alone() {
        let Hello::Built(offer) = question(ProtocolVersion::TLS1_3).hello else { panic!() };
        assert_eq!(offer.legacy_version, ProtocolVersion::TLS1_2);
        let Hello::Built(offer) = question(ProtocolVersion::TLS1_2).hello else { panic!() };
        assert!(offer.cipher_suites.contains(&CipherSuite(0x000a)));
    }
}
