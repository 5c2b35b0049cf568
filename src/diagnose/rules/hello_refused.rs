//! Nothing that was sent came through, whatever stood in it.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::Support;
use crate::outcome::{Answer, Exchange, Stage};

pub(super) const RULE: Rule = Rule {
    id: "hello-refused",
    severity: Severity::Error,
    title: "Every hello is refused, whatever is in it",
    rests_on: "the connection comes about, and each hello that was sent ended in RST, FIN or an alert: other versions and \
               suites, one without a server name, a small one",
    windows_symptoms: &[
        "\"An existing connection was forcibly closed by the remote host\" (WSAECONNRESET, 10054) where it is RST",
        "\"The request was aborted: Could not create SSL/TLS secure Channel\" where it is an alert",
    ],
    remedy: &[
        "No setting of this machine's TLS helps. Ask from another network: an endpoint that answers there is blocked \
         here, by its address or for this client.",
        "Ask the owner of each firewall and inspection device on the way; the times and the local address of the \
         exchanges find the connections in their logs.",
    ],
    disproved_by: "any hello that the endpoint takes from the same network",
    source: "the outcomes themselves",
    confidence: "seen; who refuses is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() {
        return None;
    }
    let refusal = case.report.observations.refusal.as_ref()?;
    let small = refusal.small.as_ref()?;
    let refused = |exchange: &Exchange| exchange.outcome.stage == Stage::Hello && exchange.outcome.answer.is_refusal();
    if small.state != Support::Refused || !case.report.exchanges.iter().all(refused) {
        return None;
    }
    let because: Vec<usize> = case.report.exchanges.iter().map(|exchange| exchange.id).collect();
    let alerts = case.report.exchanges.iter().filter(|it| matches!(it.outcome.answer, Answer::Alert { .. })).count();
    let speaks = match alerts {
        0 => "none of them with a word of TLS: the endpoint may not have seen one",
        _ => "some of them by a TLS alert: a TLS server is there, and says no",
    };
    Some(Judgement { seen: format!("{} hellos, {speaks}", because.len()), because, ..Judgement::default() })
}
