//! Silence after the hello, and what TCP knew of it.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange, Stage};
use crate::plan::RouteKind;

pub(super) const RULE: Rule = Rule {
    id: "hello-unanswered",
    severity: Severity::Error,
    title: "The hello is swallowed",
    rests_on: "the connection came about, through a proxy its tunnel as well, and nothing at all came back to the \
               baseline's hello",
    windows_symptoms: &["0x80072EE2 (ERROR_WINHTTP_TIMEOUT)", "System.Net.WebException: The operation has timed out"],
    remedy: &[
        "Ask the owner of each firewall and inspection device on the way for what it did to this connection; the times \
         and the local address of the exchanges find it in their logs.",
        "Try a smaller hello (probe --tls 1.2 --ciphers …) and a longer --timeout-hello: a device that drops by size or \
         version, and one that is slow, look the same at first.",
    ],
    disproved_by: "an answer to the same hello from another network",
    source: "RFC 9293 §3.8 (retransmission), Linux TCP_INFO",
    confidence: "seen; who swallows it is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() {
        return None;
    }
    let unanswered = |exchange: &&Exchange| {
        exchange.outcome.stage == Stage::Hello
            && matches!(exchange.outcome.answer, Answer::Timeout { received_bytes: 0, .. })
    };
    let baseline = case.report.exchanges.first().filter(unanswered)?;
    let Answer::Timeout { tcp, .. } = &baseline.outcome.answer else { return None };
    let seen = match tcp {
        _ if case.report.route.kind != RouteKind::Direct => {
            "the proxy took it; whether it reached the endpoint only the proxy knows"
        }
        Some(tcp) if tcp.unacked == 0 => "its bytes were acknowledged, so something has them and says nothing",
        Some(_) => "its bytes were never acknowledged, so they are dropped on the way or the peer is gone",
        None => "this system does not tell whether its bytes were acknowledged",
    };
    let because = case.report.exchanges.iter().filter(unanswered).map(|exchange| exchange.id).collect();
    Some(Judgement { because, seen: seen.to_owned(), ..Judgement::default() })
}
