//! Which of a few named suites are accepted: one question for each, offering that suite alone.

use std::collections::BTreeSet;

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Observations, SuiteSupport, suite_key};
use crate::offer::Offer;
use crate::outcome::NamedSuite;
use crate::question::{Hello, Question};
use crate::registry::{CipherSuite, ProtocolVersion};

pub(super) struct CipherSuites {
    version: ProtocolVersion,
    suites: Vec<CipherSuite>,
}

impl CipherSuites {
    pub(super) fn new(version: ProtocolVersion, suites: &[CipherSuite]) -> Self {
        Self { version, suites: suites.to_vec() }
    }
}

impl Probe for CipherSuites {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if !answers.is_empty() {
            return Vec::new();
        }
        let question = |suite: &CipherSuite| {
            let mut offer = Offer::for_version(self.version);
            offer.cipher_suites = vec![*suite];
            Question::new(suite.to_string(), Hello::Built(offer))
        };
        self.suites.iter().map(question).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let mut support = SuiteSupport::default();
        let mut refusals = BTreeSet::new();
        for (place, suite) in self.suites.iter().enumerate() {
            let named = NamedSuite::from(*suite);
            let key = suite_key(self.version, &named);
            let Some(exchange) = answers.get(place).copied().flatten() else {
                if note_missing(&key, unasked, seen) {
                    support.inconclusive.push(named);
                }
                continue;
            };
            let wanted =
                |server: &crate::outcome::Server| server.version == self.version && server.cipher_suite.code == *suite;
            match verdict(exchange, seen, wanted) {
                Verdict::Accepted => {
                    seen.rests_on(&key, &[exchange.id]);
                    support.accepted.push(named);
                }
                Verdict::Refused => {
                    seen.rests_on(&key, &[exchange.id]);
                    refusals.insert(exchange.outcome.answer.kind());
                    support.refused.push(named);
                }
                Verdict::Inconclusive(why) => {
                    seen.could_not_tell(&key, &why, &[exchange.id]);
                    support.inconclusive.push(named);
                }
            }
        }
        if refusals.len() == 1 {
            support.refusal = refusals.first().map(|kind| (*kind).to_owned());
        }
        if support != SuiteSupport::default() {
            seen.cipher_suites.insert(self.version, support);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::outcome::{Answer, Stage};

    const VERSION: ProtocolVersion = ProtocolVersion::TLS1_2;
    const SUITES: [CipherSuite; 3] = [CipherSuite(0xc030), CipherSuite(0xc02f), CipherSuite(0xc027)];

    #[test]
    fn each_suite_is_offered_alone_and_sorted_by_its_answer() {
        let probe = CipherSuites::new(VERSION, &SUITES);
        let offers: Vec<_> = probe
            .ask(&[])
            .into_iter()
            .map(|question| match question.hello {
                Hello::Built(offer) => offer.cipher_suites,
                _ => panic!("suites are asked by offers"),
            })
            .collect();
        assert_eq!(offers, SUITES.map(|suite| vec![suite]));

        let (first, second) = (accepted(2, VERSION, SUITES[0]), alert(3, 40));
        let third = ended(4, Stage::Connect, Answer::Refused { after_ms: 1.0 });
        let mut seen = Observations::default();
        probe.read(&[Some(&first), Some(&second), Some(&third)], &Unasked::Pointless, &mut seen);
        let support = &seen.cipher_suites[&VERSION];
        assert_eq!(support.accepted, [NamedSuite::from(SUITES[0])]);
        assert_eq!(support.refused, [NamedSuite::from(SUITES[1])]);
        assert_eq!(support.inconclusive, [NamedSuite::from(SUITES[2])]);
        assert_eq!(support.refusal.as_deref(), Some("alert"));
    }

    #[test]
    fn a_choice_in_another_version_refuses_the_suite_in_this_one() {
        let other = accepted(2, ProtocolVersion::TLS1_1, SUITES[0]);
        let mut seen = Observations::default();
        CipherSuites::new(VERSION, &SUITES[..1]).read(&[Some(&other)], &Unasked::Pointless, &mut seen);
        assert_eq!(seen.cipher_suites[&VERSION].refused.len(), 1);
    }

    #[test]
    fn suites_that_were_pointless_to_ask_are_left_out() {
        let mut seen = Observations::default();
        CipherSuites::new(VERSION, &SUITES).read(&[], &Unasked::Pointless, &mut seen);
        assert_eq!(seen, Observations::default());
    }
}
