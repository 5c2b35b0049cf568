//! An end that came sooner than the endpoint could have brought it about.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange, Stage};
use crate::plan::RouteKind;

pub(super) const RULE: Rule = Rule {
    id: "reset-on-the-path",
    severity: Severity::Warning,
    title: "Something on the way ends the connection, not the endpoint",
    rests_on: "a RST came back to a hello in less than half of the shortest round trip to the endpoint that was seen; \
               through a proxy, a RST or FIN in less than half of the shortest time in which it opened a tunnel; \
               nothing is said where most round trips take more than twice the shortest",
    windows_symptoms: &["\"An existing connection was forcibly closed by the remote host\" (WSAECONNRESET, 10054)"],
    remedy: &[
        "Look for an inspection device or firewall on the way that filters by version, suite, name or size; through a \
         proxy, for such a filter in the proxy itself.",
    ],
    disproved_by: "a capture near the endpoint that shows it ending the connection",
    source: "a round trip cannot be shorter than the way there and back",
    confidence: "inferred",
    judge,
};

/// Below this, round trips differ by more than the way explains: the systems' own delays are as long.
const SHORTEST_ROUND_TRIP_MS: f64 = 5.0;

/// The shortest of these round trips, unless most are more than twice as long: then something else than the way takes
/// the time, such as a machine that is busy.
fn steady(mut round_trips: Vec<f64>) -> Option<f64> {
    round_trips.sort_by(f64::total_cmp);
    let (shortest, middle) = (round_trips.first().copied()?, round_trips.get(round_trips.len() / 2).copied()?);
    (middle <= 2.0 * shortest).then_some(shortest)
}

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let through_proxy = case.report.route.kind != RouteKind::Direct;
    // A proxy opens a tunnel when its own connection to the endpoint stands: that takes a round trip to it and to us.
    let round_trip = |exchange: &Exchange| {
        if through_proxy { exchange.timing_ms.proxy } else { exchange.timing_ms.connect }
    };
    let round_trips = case.report.exchanges.iter().filter(|it| !it.outcome.ended_at_the_proxy()).filter_map(round_trip);
    let round_trip = steady(round_trips.collect()).filter(|shortest| *shortest >= SHORTEST_ROUND_TRIP_MS)?;
    let ended_after = |exchange: &Exchange| match exchange.outcome.answer {
        _ if exchange.outcome.stage != Stage::Hello => None,
        Answer::Reset { after_ms, .. } => Some(after_ms),
        // Without a proxy nobody on the way sends FIN; the endpoint may have sent its own before the hello came.
        Answer::Fin { after_ms, .. } if through_proxy => Some(after_ms),
        _ => None,
    };
    let too_soon = |exchange: &&Exchange| ended_after(exchange).is_some_and(|after| after < round_trip / 2.0);
    let because: Vec<usize> = case.report.exchanges.iter().filter(too_soon).map(|exchange| exchange.id).collect();
    let soonest = case.report.exchanges.iter().filter_map(ended_after).min_by(f64::total_cmp)?;
    let measure = if through_proxy { "the proxy takes" } else { "a round trip takes" };
    let what = if through_proxy { "to reach the endpoint" } else { "to the endpoint" };
    (!because.is_empty()).then(|| Judgement {
        because,
        seen: format!("the end came after {soonest:.1} ms, where {measure} {round_trip:.1} ms {what}"),
        ..Judgement::default()
    })
}
