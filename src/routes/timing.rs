//! Answers that came through the proxy sooner than the endpoint could have sent them.
//!
//! A proxy that connects before it says 200 shows how far the endpoint is from it: its answer to CONNECT takes a round
//! trip to the endpoint. An answer to our hello takes such a round trip too.

use super::{Compared, shown};
use crate::observation::RouteReason;
use crate::outcome::{Answer, Exchange, Stage};

/// Below this, round trips differ by more than the way explains: the systems' own delays are as long.
const SHORTEST_ROUND_TRIP_MS: f64 = 5.0;

/// Round trips to the proxy that CONNECT may have taken: three for NTLM's messages, two more for TLS to the proxy.
const ROUND_TRIPS_TO_THE_PROXY: f64 = 5.0;

pub(super) fn reason(compared: &Compared<'_>) -> Option<RouteReason> {
    let round_trip = round_trip(&compared.proxied.exchanges)?;
    let too_soon = |exchange: &&Exchange| answered_after(exchange).is_some_and(|after| after < round_trip / 2.0);
    let soon: Vec<&Exchange> = compared.proxied.exchanges.iter().filter(too_soon).collect();
    let soonest = soon.iter().filter_map(|exchange| answered_after(exchange)).min_by(f64::total_cmp)?;
    // The endpoint's own certificate comes from the endpoint. Where it came as soon, CONNECT waited for something else.
    if soon.iter().any(|exchange| is_the_endpoints(exchange, compared.direct_exchanges())) {
        return None;
    }
    let text = format!(
        "an answer came {soonest:.1} ms after the hello, where the proxy itself needs {round_trip:.1} ms to the endpoint: \
         it is the proxy's, or another device's on the way"
    );
    Some(shown(super::reason("answer-too-soon", None, text), vec![], soon.iter().map(|exchange| exchange.id).collect()))
}

/// The shortest round trip between proxy and endpoint that its answers to CONNECT leave room for.
fn round_trip(exchanges: &[Exchange]) -> Option<f64> {
    let tunnelled = exchanges.iter().filter(|exchange| !exchange.outcome.ended_at_the_proxy());
    let of = |exchange: &Exchange| {
        let timing = &exchange.timing_ms;
        Some(timing.proxy? - ROUND_TRIPS_TO_THE_PROXY * timing.connect?)
    };
    tunnelled.filter_map(of).min_by(f64::total_cmp).filter(|shortest| *shortest >= SHORTEST_ROUND_TRIP_MS)
}

/// How long after our hello the first sign of an answer came.
fn answered_after(exchange: &Exchange) -> Option<f64> {
    let ended = match exchange.outcome.answer {
        Answer::Reset { after_ms, .. } | Answer::Fin { after_ms, .. } | Answer::Alert { after_ms, .. }
            if exchange.outcome.stage == Stage::Hello =>
        {
            Some(after_ms)
        }
        _ => None,
    };
    exchange.timing_ms.first_byte.or(ended)
}

fn is_the_endpoints(exchange: &Exchange, direct: &[Exchange]) -> bool {
    let leaf = exchange.certificates.first().map(|leaf| &leaf.sha256);
    leaf.is_some() && direct.iter().any(|direct| direct.certificates.first().map(|leaf| &leaf.sha256) == leaf)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use super::*;

    fn is_told(proxied: &Built) -> bool {
        ids(&compare(proxied, Some(&server()), &Known::default())).contains(&"answer-too-soon")
    }

    fn answered(built: Built, milliseconds: f64) -> Built {
        built.alters(|exchange| exchange.timing_ms.first_byte = Some(milliseconds))
    }

    #[test]
    fn an_answer_sooner_than_the_proxys_own_way_is_told() {
        assert!(is_told(&answered(server().shows(&inspected()), 2.0)));
        assert!(!is_told(&answered(server().shows(&inspected()), 45.0)));
        let after_ms = 2.0;
        let mut reset = server().answers(2, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms });
        reset.exchange(2).timing_ms.first_byte = None;
        assert!(is_told(&reset));
    }

    #[test]
    fn where_the_endpoints_own_answer_came_as_soon_connect_waited_for_something_else() {
        assert!(!is_told(&answered(server(), 2.0)));
        let mut one_inspected = answered(server(), 2.0).shows_in(2, &inspected());
        assert!(!is_told(&one_inspected));
        one_inspected.exchange(2).timing_ms.first_byte = Some(1.0);
        assert!(!is_told(&one_inspected));
    }

    #[test]
    fn round_trips_to_a_far_proxy_are_not_taken_for_its_own() {
        let far =
            answered(server().shows(&inspected()), 12.0).alters(|exchange| exchange.timing_ms.connect = Some(10.0));
        assert!(!is_told(&far));
        let near = answered(server().shows(&inspected()), 1.0).alters(|exchange| exchange.timing_ms.proxy = Some(8.0));
        assert!(!is_told(&near));
    }
}
