//! How the same question ended where one of the two ways gave no ServerHello: alerts that were lost or added, answers
//! that did not come.

use super::{Compared, reason, shown_by, speaks_tls};
use crate::observation::RouteReason;
use crate::observation::RouteVerdict::Altered;
use crate::outcome::{Answer, Exchange};

/// The ways in which two endings differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Difference {
    /// The endpoint's alert became a FIN or a RST.
    AlertReplaced,
    /// An alert came where the endpoint ends the connection without one.
    AlertAdded,
    /// One was accepted, the other refused by an alert.
    AnswerDiffers,
    /// TLS came directly, and none through the proxy.
    AnswerMissing,
    /// RST directly, FIN through the proxy. A tunnel carries bytes, and a RST is none (RFC 9110 §9.3.6).
    FinForReset,
}

const DIFFERENCES: [Difference; 5] = [
    Difference::AlertReplaced,
    Difference::AlertAdded,
    Difference::AnswerDiffers,
    Difference::AnswerMissing,
    Difference::FinForReset,
];

pub(super) fn reasons(compared: &Compared<'_>) -> Vec<RouteReason> {
    let pairs = compared.pairs();
    let of = |difference: Difference| {
        let differing: Vec<(&Exchange, &Exchange)> =
            pairs.iter().filter(|(direct, proxied)| compare(direct, proxied) == Some(difference)).copied().collect();
        let (direct, proxied) = *differing.first()?;
        let (id, text) = told(difference, direct, proxied);
        let points_to = (difference != Difference::FinForReset).then_some(Altered);
        Some(shown_by(reason(id, points_to, text), &differing))
    };
    DIFFERENCES.into_iter().filter_map(of).collect()
}

fn compare(direct: &Exchange, proxied: &Exchange) -> Option<Difference> {
    use Answer::{Alert, Fin, Reset};
    match (&direct.outcome.answer, &proxied.outcome.answer) {
        _ if proxied.outcome.ended_at_the_proxy() => speaks_tls(direct).then_some(Difference::AnswerMissing),
        (Alert { .. }, Fin { .. } | Reset { .. }) => Some(Difference::AlertReplaced),
        (Fin { .. } | Reset { .. }, Alert { .. }) => Some(Difference::AlertAdded),
        (Reset { .. }, Fin { .. }) if !speaks_tls(direct) && !speaks_tls(proxied) => Some(Difference::FinForReset),
        (Alert { .. }, _) if proxied.server.is_some() => Some(Difference::AnswerDiffers),
        (_, Alert { .. }) if direct.server.is_some() && proxied.server.is_none() => Some(Difference::AnswerDiffers),
        _ if speaks_tls(direct) && !speaks_tls(proxied) => Some(Difference::AnswerMissing),
        _ => None,
    }
}

fn told(difference: Difference, direct: &Exchange, proxied: &Exchange) -> (&'static str, String) {
    let purpose = &direct.purpose;
    let (of_direct, of_proxied) = (direct.outcome.answer.kind(), proxied.outcome.answer.kind());
    match difference {
        Difference::AlertReplaced => {
            ("alert-replaced", format!("the alert that answers {purpose} directly comes through the proxy as {of_proxied}"))
        }
        Difference::AlertAdded => (
            "alert-added",
            format!("{purpose} is answered by an alert through the proxy, where the endpoint answers by {of_direct}"),
        ),
        Difference::AnswerDiffers => {
            ("answer-differs", format!("{purpose} is answered by {of_proxied} through the proxy, directly by {of_direct}"))
        }
        Difference::AnswerMissing => {
            ("answer-missing", format!("the answer to {purpose} does not come through the proxy ({of_proxied})"))
        }
        Difference::FinForReset => (
            "fin-for-reset",
            "where the endpoint resets, the proxy closes, as one may that carries bytes and no segments: TLS is untouched"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use super::*;
    use crate::observation::RouteVerdict::{self, Passthrough};
    use crate::outcome::Stage;

    const FIN: Answer = Answer::Fin { received_bytes: 0, after_ms: 45.0 };
    const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 45.0 };

    fn silence() -> Answer {
        Answer::Timeout { waiting_for: "ServerHello".to_owned(), received_bytes: 0, after_ms: 1e4, tcp: None }
    }

    fn verdict(proxied: &Built, direct: &Built) -> (RouteVerdict, String) {
        let comparison = compare(proxied, Some(direct), &Known::default());
        let first = ids(&comparison).into_iter().find(|id| *id != "same-certificate").unwrap_or_default().to_owned();
        (comparison.verdict, first)
    }

    #[test]
    fn an_alert_that_becomes_fin_or_rst_is_told() {
        for ending in [FIN, RESET] {
            let proxied = server().answers(2, Stage::Hello, ending);
            assert_eq!(verdict(&proxied, &server().refuses(2)), (Altered, "alert-replaced".to_owned()));
        }
    }

    #[test]
    fn an_alert_where_the_endpoint_resets_is_somebody_elses() {
        let direct = server().answers(2, Stage::Hello, RESET);
        assert_eq!(verdict(&server().refuses(2), &direct), (Altered, "alert-added".to_owned()));
    }

    #[test]
    fn a_refusal_of_what_is_taken_up_directly_is_told_and_the_reverse() {
        assert_eq!(verdict(&server().refuses(3), &server()), (Altered, "answer-differs".to_owned()));
        assert_eq!(verdict(&server(), &server().refuses(3)), (Altered, "answer-differs".to_owned()));
    }

    #[test]
    fn an_answer_that_does_not_come_is_told() {
        for ending in [FIN, RESET, silence()] {
            let proxied = server().answers(3, Stage::Hello, ending);
            assert_eq!(verdict(&proxied, &server()), (Altered, "answer-missing".to_owned()));
        }
        let proxied = server().answers(3, Stage::Proxy, RESET);
        assert_eq!(verdict(&proxied, &server()), (Altered, "answer-missing".to_owned()));
    }

    #[test]
    fn a_fin_in_the_place_of_a_rst_leaves_tls_untouched() {
        let direct = server().answers(2, Stage::Hello, RESET);
        let proxied = server().answers(2, Stage::Hello, FIN);
        assert_eq!(verdict(&proxied, &direct), (Passthrough, "fin-for-reset".to_owned()));
    }

    #[test]
    fn the_same_endings_are_no_difference() {
        for ending in [FIN, RESET, silence()] {
            let ended = || server().answers(2, Stage::Hello, ending.clone());
            assert_eq!(verdict(&ended(), &ended()), (Passthrough, String::new()));
        }
    }
}
