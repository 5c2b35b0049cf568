//! What becomes of the hello that one leg of a machine sends.

use super::reading::{Verdict, verdict};
use super::{Probe, Unasked};
use crate::observation::{LegObservation, LegState, Observations};
use crate::offer::Offer;
use crate::outcome::Exchange;
use crate::question::{Hello, Question};

pub(super) struct OneLeg {
    name: String,
    offer: Option<Offer>,
}

impl OneLeg {
    pub(super) fn new(name: &str, offer: &Offer) -> Self {
        Self { name: name.to_owned(), offer: Some(offer.clone()) }
    }
}

impl Probe for OneLeg {
    fn ask(&mut self, _: &[Exchange]) -> Vec<Question> {
        let question = |offer| Question { purpose: format!("{} leg", self.name), hello: Hello::Built(offer) };
        self.offer.take().map(question).into_iter().collect()
    }

    fn read(&self, answers: &[Exchange], unasked: &Unasked, seen: &mut Observations) {
        let key = format!("legs.{}", self.name);
        let mut leg = LegObservation {
            state: LegState::Inconclusive,
            why: unasked.why.clone(),
            basis: Vec::new(),
            confidence: None,
            because: unasked.because.clone(),
        };
        if let Some(exchange) = answers.first() {
            leg.because = vec![exchange.id];
            // Whatever the server chose of what was offered, it took up the hello.
            (leg.state, leg.why) = match verdict(exchange, seen, |_| true) {
                Verdict::Accepted => (LegState::Accepted, chosen(exchange)),
                Verdict::Refused => (LegState::Refused, exchange.outcome.answer.kind().to_owned()),
                Verdict::Inconclusive(why) => (LegState::Inconclusive, why),
            };
        }
        match leg.state {
            LegState::Inconclusive => seen.could_not_tell(&key, &leg.why, &leg.because),
            _ => seen.rests_on(&key, &leg.because),
        }
        seen.legs.insert(self.name.clone(), leg);
    }
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

    fn read(answers: &[Exchange]) -> LegObservation {
        let mut probe = OneLeg::new("import", &Offer::for_version(ProtocolVersion::TLS1_0));
        assert_eq!(probe.ask(&[]).len(), 1);
        let mut seen = Observations::default();
        probe.read(answers, &Unasked { why: "refused".into(), because: vec![1] }, &mut seen);
        seen.legs.remove("import").unwrap()
    }

    #[test]
    fn a_leg_is_accepted_refused_or_not_told() {
        let mut good = accepted(4, ProtocolVersion::TLS1_0, CipherSuite(0x002f));
        good.offer.legacy_version = Some(ProtocolVersion::TLS1_0);
        assert_eq!(read(&[good]).state, LegState::Accepted);
        let reset = ended(4, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 21.0 });
        assert_eq!((read(&[reset.clone()]).state, read(&[reset]).why.as_str()), (LegState::Refused, "reset"));
        let unasked = read(&[]);
        assert_eq!((unasked.state, unasked.because), (LegState::Inconclusive, vec![1]));
    }
}
