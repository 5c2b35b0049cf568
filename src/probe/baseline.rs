//! The question that opens and closes a run, so that "refused this" and "stopped answering" stay apart.

use crate::observation::{Baseline, Observations};
use crate::offer::Offer;
use crate::outcome::Exchange;
use crate::question::{Hello, Question};

/// The question itself; the same at the beginning and at the end.
pub fn baseline_question(offer: &Offer) -> Question {
    Question::new("baseline", Hello::Built(offer.clone()))
}

/// The same, in between: whether the endpoint answers it now.
pub fn control_question(offer: &Offer) -> Question {
    Question::new("control", Hello::Built(offer.clone()))
}

/// Compares the two answers.
pub(super) fn read(opening: Option<&Exchange>, closing: Option<&Exchange>, seen: &mut Observations) {
    let Some(opening) = opening else { return };
    let kind = |exchange: &Exchange| exchange.outcome.answer.kind().to_owned();
    let steady = match closing {
        // Alive is whoever answers in TLS, be it with an alert: a server may refuse the baseline from first to last.
        Some(closing) => is_alive(closing) || !is_alive(opening),
        None => true,
    };
    let ids: Vec<usize> = [Some(opening), closing].into_iter().flatten().map(|exchange| exchange.id).collect();
    if steady {
        seen.rests_on("baseline", &ids);
    } else {
        seen.could_not_tell("baseline", "the endpoint stopped answering during the run", &ids);
    }
    seen.baseline = Some(Baseline { opening: kind(opening), closing: closing.map(kind), steady });
}

/// Whether the endpoint said something in TLS, be it an alert.
pub fn is_alive(exchange: &Exchange) -> bool {
    let alerted = matches!(exchange.outcome.answer, crate::outcome::Answer::Alert { .. });
    exchange.server.is_some() || exchange.ssl2.is_some() || (alerted && !exchange.outcome.ended_at_the_proxy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::outcome::{Answer, Stage};
    use crate::registry::{CipherSuite, ProtocolVersion};

    const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 1.0 };

    fn steady(opening: &Exchange, closing: &Exchange) -> bool {
        let mut seen = Observations::default();
        read(Some(opening), Some(closing), &mut seen);
        seen.baseline.unwrap().steady
    }

    #[test]
    fn an_endpoint_that_stops_answering_is_not_steady() {
        let good = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let reset = ended(2, Stage::Hello, RESET);
        assert!(steady(&good, &good));
        assert!(!steady(&good, &reset));
        assert!(steady(&reset, &reset));
        assert!(steady(&reset, &good));
        assert!(steady(&alert(1, 70), &alert(2, 70)));
    }

    #[test]
    fn stopping_is_said_in_the_observations() {
        let mut seen = Observations::default();
        let good = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        read(Some(&good), Some(&ended(9, Stage::Hello, RESET)), &mut seen);
        assert_eq!(seen.inconclusive[0].because, [1, 9]);
    }
}
