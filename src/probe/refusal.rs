//! Which part of the first hello is refused: asked only where the baseline's did not come through.
//!
//! Each question changes one thing. The name goes, and all else stays; or a small hello of TLS 1.2 is sent. Where that
//! one comes through it is asked once more, padded to the length of the first (RFC 7685): what refuses it then refuses
//! the length, not the version or the suites.

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Observations, Refusal, Support, Variation};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, Exchange, Stage};
use crate::question::{Hello, Question};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};

pub(super) struct RefusedPart {
    offer: Offer,
    /// The baseline's exchange, once it is known not to have come through.
    opening: Option<Exchange>,
}

const KEY: &str = "refusal";

/// Suites of which every server of today that speaks TLS 1.2 has one.
const SMALL_SUITES: [CipherSuite; 7] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
];

impl RefusedPart {
    pub(super) fn new(offer: &Offer) -> Self {
        Self { offer: offer.clone(), opening: None }
    }

    /// Whether the hello had a name to leave out.
    fn had_name(&self) -> bool {
        self.opening.as_ref().is_some_and(|opening| opening.offer.server_name.is_some())
    }

    /// The place of the small hello among the questions, behind the one without a name.
    fn small(&self) -> usize {
        usize::from(self.had_name())
    }
}

impl Probe for RefusedPart {
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        let did_not_come_through = opening.outcome.stage == Stage::Hello
            && (opening.outcome.answer.is_refusal() || matches!(opening.outcome.answer, Answer::Timeout { .. }));
        self.opening = did_not_come_through.then(|| opening.clone());
        did_not_come_through
    }

    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let Some(opening) = &self.opening else { return Vec::new() };
        let question = |purpose: &str, offer| Question::new(purpose, Hello::Built(offer));
        let small = self.small();
        if answers.is_empty() {
            let mut nameless = self.offer.clone();
            nameless.remove_extension(ExtensionType::SERVER_NAME);
            let nameless = self.had_name().then(|| question("no server name", nameless));
            return nameless.into_iter().chain([question("small hello", small_hello())]).collect();
        }
        let came_through = answers.get(small).copied().flatten().is_some_and(|small| small.outcome.answer.accepts());
        if answers.len() == small + 1 && came_through {
            let mut padded = small_hello();
            padded.put_extension(ExtensionOffer::PadTo(opening.offer.length));
            return vec![question("small hello, padded", padded)];
        }
        Vec::new()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let Some(opening) = &self.opening else { return };
        let at = |place: usize| answers.get(place).copied().flatten().map(|exchange| variation(exchange, seen));
        let small = self.small();
        let refusal = Refusal {
            whole: variation(opening, seen),
            without_server_name: if self.had_name() { at(0) } else { None },
            small: at(small),
            padded: at(small + 1),
        };
        if answers.is_empty() || answers.contains(&None) {
            note_missing(KEY, unasked, seen);
        }
        let asked = answers.iter().flatten().map(|exchange| exchange.id);
        let shown_by: Vec<usize> = [opening.id].into_iter().chain(asked).collect();
        seen.rests_on(KEY, &shown_by);
        seen.refusal = Some(refusal);
    }
}

fn small_hello() -> Offer {
    Offer { cipher_suites: SMALL_SUITES.to_vec(), ..Offer::for_version(ProtocolVersion::TLS1_2) }
}

fn variation(exchange: &Exchange, seen: &Observations) -> Variation {
    Variation {
        length: exchange.offer.length,
        answer: exchange.outcome.answer.kind().to_owned(),
        state: match verdict(exchange, seen, |_| true) {
            Verdict::Accepted => Support::Accepted,
            Verdict::Refused => Support::Refused,
            Verdict::Inconclusive(_) => Support::Inconclusive,
        },
        exchange: exchange.id,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};

    const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 21.0 };

    fn opening(answer: Answer, server_name: Option<&str>) -> Exchange {
        let mut opening = ended(1, Stage::Hello, answer);
        Arc::make_mut(&mut opening.offer).server_name = server_name.map(str::to_owned);
        Arc::make_mut(&mut opening.offer).length = 317;
        opening
    }

    fn good(id: usize) -> Exchange {
        accepted(id, ProtocolVersion::TLS1_2, SMALL_SUITES[1])
    }

    fn probe(opening: &Exchange) -> RefusedPart {
        let mut probe = RefusedPart::new(&Offer::modern());
        assert!(probe.hears_of(opening));
        probe
    }

    fn purposes(questions: &[Question]) -> Vec<&str> {
        questions.iter().map(|question| question.purpose.as_str()).collect()
    }

    #[test]
    fn nothing_is_asked_where_the_baseline_came_through_or_never_came_to_a_hello() {
        for opening in [good(1), ended(1, Stage::Connect, RESET), ended(1, Stage::Proxy, RESET)] {
            let mut probe = RefusedPart::new(&Offer::modern());
            assert!(!probe.hears_of(&opening));
            assert!(probe.ask(&[]).is_empty());
            let mut seen = Observations::default();
            probe.read(&[], &Unasked::Pointless, &mut seen);
            assert_eq!(seen, Observations::default());
        }
    }

    #[test]
    fn the_name_and_the_size_are_asked_one_by_one() {
        let probe = probe(&opening(RESET, Some("a.example")));
        let first = probe.ask(&[]);
        assert_eq!(purposes(&first), ["no server name", "small hello"]);
        let Hello::Built(nameless) = &first[0].hello else { panic!() };
        assert!(nameless.extension(ExtensionType::SERVER_NAME).is_none());
        assert_eq!(nameless.cipher_suites, Offer::modern().cipher_suites, "nothing else is changed");

        let (refused, taken) = (ended(2, Stage::Hello, RESET), good(3));
        let more = probe.ask(&[Some(&refused), Some(&taken)]);
        assert_eq!(purposes(&more), ["small hello, padded"]);
        let Hello::Built(padded) = &more[0].hello else { panic!() };
        assert_eq!(padded.extension(ExtensionType::PADDING), Some(&ExtensionOffer::PadTo(317)));
        assert!(probe.ask(&[Some(&taken), Some(&refused)]).is_empty(), "a small hello that fails needs no padding");
        assert!(probe.ask(&[Some(&refused), Some(&taken), Some(&refused)]).is_empty());
    }

    #[test]
    fn without_a_name_only_the_size_is_asked() {
        let probe = probe(&opening(alert(1, 40).outcome.answer, None));
        assert_eq!(purposes(&probe.ask(&[])), ["small hello"]);
        assert_eq!(purposes(&probe.ask(&[Some(&good(2))])), ["small hello, padded"]);
    }

    #[test]
    fn each_variation_is_told_with_its_answer() {
        let timeout = Answer::Timeout { waiting_for: "x".into(), received_bytes: 0, after_ms: 10e3, tcp: None };
        let probe = probe(&opening(timeout.clone(), Some("a.example")));
        let (nameless, small, padded) = (ended(2, Stage::Hello, timeout), good(3), ended(4, Stage::Hello, RESET));
        let mut seen = Observations::default();
        probe.read(&[Some(&nameless), Some(&small), Some(&padded)], &Unasked::Pointless, &mut seen);
        assert_eq!(seen.because["refusal"], [1, 2, 3, 4]);
        let refusal = seen.refusal.unwrap();
        assert_eq!((refusal.whole.length, refusal.whole.state), (317, Support::Inconclusive));
        assert_eq!(refusal.without_server_name.unwrap().answer, "timeout");
        assert_eq!(refusal.small.unwrap().state, Support::Accepted);
        assert_eq!(refusal.padded.unwrap().state, Support::Refused);
    }

    #[test]
    fn what_was_cut_off_is_open() {
        let probe = probe(&opening(RESET, Some("a.example")));
        let mut seen = Observations::default();
        probe.read(&[Some(&good(2)), None], &Unasked::Stopped("interrupted".into()), &mut seen);
        assert_eq!(seen.inconclusive[0].what, "refusal");
        assert_eq!(seen.refusal.unwrap().small, None);
    }
}
