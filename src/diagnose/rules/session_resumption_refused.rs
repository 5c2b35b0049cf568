//! The endpoint ends connections that ask to resume its own sessions.

use std::collections::BTreeSet;

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::ResumptionCell;

pub(super) const RULE: Rule = Rule {
    id: "session-resumption-refused",
    severity: Severity::Warning,
    title: "The endpoint ends connections that ask to resume a session",
    rests_on: "a session that the endpoint gave, and the same hello once more with that session: refused, where a full \
               handshake would have done",
    windows_symptoms: &["connections that work at first fail when the session is resumed, and again later"],
    remedy: &[
        "On the endpoint, or the load balancer in front of it, see that a session that is not to be resumed leads to a \
         full handshake (RFC 5246 §7.4.1.2, RFC 5077 §3.2).",
        "Until then turn session resumption off there: session ids and tickets.",
    ],
    disproved_by: "the same session resumed, or a full handshake in its place",
    source: "RFC 5246 §7.4.1.2: a server that does not resume a session begins a new one",
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let seen = case.report.observations.extended_master_secret.as_ref()?;
    // A session with the extension must not be resumed by a hello without it: ending the connection is right there.
    let is_refused = |cell: &&ResumptionCell| cell.refused && (cell.second || !cell.session);
    let refused: Vec<&ResumptionCell> = seen.resumption.iter().filter(is_refused).collect();
    let told = |cell: &&ResumptionCell| {
        let with = |offered| if offered { "with" } else { "without" };
        let hellos = match (cell.first, cell.second) {
            (first, second) if first == second => with(first).to_owned(),
            (first, second) => format!("first {}, then {}", with(first), with(second)),
        };
        format!("{hellos} extended_master_secret: {}", cell.done())
    };
    let told: BTreeSet<String> = refused.iter().map(told).collect();
    let because = refused.iter().flat_map(|cell| cell.because.iter().copied()).collect();
    let seen = told.into_iter().collect::<Vec<_>>().join("; ");
    (!refused.is_empty()).then(|| Judgement { because, seen, ..Judgement::default() })
}
