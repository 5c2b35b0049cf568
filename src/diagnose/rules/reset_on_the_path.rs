//! A RST that came sooner than the endpoint could have sent it.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange, Stage};

pub(super) const RULE: Rule = Rule {
    id: "reset-on-the-path",
    severity: Severity::Warning,
    title: "A device on the way resets the connection, not the endpoint",
    rests_on: "a RST came back to a hello in less than half of the shortest round trip to the endpoint that was seen",
    windows_symptoms: &["\"An existing connection was forcibly closed by the remote host\" (WSAECONNRESET, 10054)"],
    remedy: &["Look for an inspection device or firewall on the way that filters by version, suite, name or size."],
    disproved_by: "a capture near the endpoint that shows it sending the RST",
    source: "a round trip cannot be shorter than the way there and back",
    confidence: "inferred",
    judge,
};

/// Below this, round trips differ by more than the way explains: the systems' own delays are as long.
const SHORTEST_ROUND_TRIP_MS: f64 = 5.0;

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let connects = case.report.exchanges.iter().filter_map(|exchange| exchange.timing_ms.connect);
    let round_trip = connects.min_by(f64::total_cmp).filter(|shortest| *shortest >= SHORTEST_ROUND_TRIP_MS)?;
    let reset_after = |exchange: &Exchange| match exchange.outcome.answer {
        Answer::Reset { after_ms, .. } if exchange.outcome.stage == Stage::Hello => Some(after_ms),
        _ => None,
    };
    let too_soon = |exchange: &&Exchange| reset_after(exchange).is_some_and(|after| after < round_trip / 2.0);
    let because: Vec<usize> = case.report.exchanges.iter().filter(too_soon).map(|exchange| exchange.id).collect();
    let soonest = case.report.exchanges.iter().filter_map(reset_after).min_by(f64::total_cmp)?;
    (!because.is_empty()).then(|| Judgement {
        because,
        seen: format!("RST after {soonest:.1} ms, where a round trip takes {round_trip:.1} ms"),
        ..Judgement::default()
    })
}
