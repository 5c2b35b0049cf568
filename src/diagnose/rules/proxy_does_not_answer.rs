//! The way ends at the proxy, and the proxy said nothing.

use super::proxy::{OUTCOME_ITSELF, WINHTTP_PROXY, WSUS_PROXY};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange};

pub(super) const RULE: Rule = Rule {
    id: "proxy-does-not-answer",
    severity: Severity::Error,
    title: "The proxy gives no answer",
    rests_on: "the connection to the proxy did not come about, or ended before the proxy's answer to CONNECT",
    windows_symptoms: &[
        "0x80072EFD (ERROR_WINHTTP_CANNOT_CONNECT) where there is no connection, 0x80072EE2 (ERROR_WINHTTP_TIMEOUT) where \
         nothing comes",
    ],
    remedy: &[
        "See that the proxy's name and port are right, that it runs, and that it admits this machine.",
        WSUS_PROXY,
        WINHTTP_PROXY[0],
        WINHTTP_PROXY[1],
    ],
    disproved_by: "any answer of the proxy to another program on the same machine",
    source: OUTCOME_ITSELF,
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let (because, ends): (Vec<usize>, Vec<&str>) =
        case.at_proxy().filter_map(|exchange| Some((exchange.id, end(exchange)?))).unzip();
    let seen = format!("{}: {}", case.proxy(), ends.first()?);
    Some(Judgement { because, seen, evidence: case.proxies_of_the_machine(), ..Judgement::default() })
}

/// How it ended, unless the proxy answered in words or its name was the matter.
fn end(exchange: &Exchange) -> Option<&'static str> {
    let is_open = exchange.timing_ms.connect.is_some();
    Some(match &exchange.outcome.answer {
        Answer::Refused { .. } => "RST answered the SYN: nothing listens there, or a firewall rejects the port",
        Answer::Unreachable { .. } => "there is no way to its address",
        Answer::Timeout { .. } if !is_open => "the SYN to it was not answered",
        Answer::Timeout { received_bytes: 0, .. } => "it took the connection and said nothing to CONNECT",
        Answer::Timeout { .. } => "it began to answer, and did not come to an end",
        Answer::Reset { .. } => "it reset the connection instead of an answer",
        Answer::Fin { .. } => "it closed the connection instead of an answer",
        Answer::Alert { .. } => "TLS to the proxy itself failed",
        Answer::NotTls { .. } | Answer::Malformed { .. } => "what it says is no answer to CONNECT: is it a proxy?",
        Answer::ProxyStatus(_)
        | Answer::NameNotResolved { .. }
        | Answer::ServerHello { .. }
        | Answer::Completed { .. }
        | Answer::HelloRetryRequest { .. }
        | Answer::StarttlsRefused { .. } => return None,
    })
}
