//! What becomes of the hello that one leg of a machine sends.

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{LegObservation, LegState, Observations};
use crate::offer::Offer;
use crate::outcome::Exchange;
use crate::question::{Hello, Question};

pub(super) struct OneLeg {
    name: String,
    offer: Offer,
}

impl OneLeg {
    pub(super) fn new(name: &str, offer: &Offer) -> Self {
        Self { name: name.to_owned(), offer: offer.clone() }
    }
}

impl Probe for OneLeg {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let hello = || Hello::Built(self.offer.clone());
        let question = || Question::new(format!("{} leg", self.name), hello());
        if answers.is_empty() { vec![question()] } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let key = format!("legs.{}", self.name);
        let Some(exchange) = answers.first().copied().flatten() else {
            if note_missing(&key, unasked, seen) {
                let leg = leg(LegState::Inconclusive, "it was not asked".to_owned(), Vec::new());
                seen.legs.insert(self.name.clone(), leg);
            }
            return;
        };
        // Whatever the server chose of what was offered, it took up the hello.
        let (state, why) = match verdict(exchange, seen, |_| true) {
            Verdict::Accepted => (LegState::Accepted, chosen(exchange)),
            Verdict::Refused => (LegState::Refused, exchange.outcome.answer.kind().to_owned()),
            Verdict::Inconclusive(why) => (LegState::Inconclusive, why),
        };
        match state {
            LegState::Inconclusive => seen.could_not_tell(&key, &why, &[exchange.id]),
            _ => seen.rests_on(&key, &[exchange.id]),
        }
        seen.legs.insert(self.name.clone(), leg(state, why, vec![exchange.id]));
    }
}

fn leg(state: LegState, why: String, because: Vec<usize>) -> LegObservation {
    LegObservation { state, why, basis: Vec::new(), confidence: None, because }
}

fn chosen(exchange: &Exchange) -> String {
    let server = exchange.server.as_ref();
    server.map_or_else(String::new, |server| format!("{} with {}", server.version.spoken(), server.cipher_suite.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, ended};
    use crate::outcome::{Answer, Stage};
    use crate::registry::{CipherSuite, ProtocolVersion};

    fn read(answers: &Answers<'_>, unasked: &Unasked) -> Option<LegObservation> {
        let probe = OneLeg::new("import", &Offer::for_version(ProtocolVersion::TLS1_0));
        assert_eq!(probe.ask(&[]).len(), 1);
        let mut seen = Observations::default();
        probe.read(answers, unasked, &mut seen);
        seen.legs.remove("import")
    }

    #[test]
    fn a_leg_is_accepted_refused_or_not_told() {
        let good = accepted(4, ProtocolVersion::TLS1_0, CipherSuite(0x002f));
        let reset = ended(4, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 21.0 });
        let state = |answers: &Answers<'_>| read(answers, &Unasked::Pointless).map(|leg| (leg.state, leg.because));
        assert_eq!(state(&[Some(&good)]), Some((LegState::Accepted, vec![4])));
        assert_eq!(state(&[Some(&reset)]), Some((LegState::Refused, vec![4])));
        assert_eq!(state(&[]), None, "it was pointless to ask");
        let stopped = read(&[None], &Unasked::Stopped("interrupted".into())).unwrap();
        assert_eq!(stopped.state, LegState::Inconclusive);
    }
}
