//! The proxy is there and willing, and does not reach the endpoint itself.

use super::proxy::{About, OUTCOME_ITSELF, Refused, about};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "proxy-bad-gateway",
    severity: Severity::Error,
    title: "The proxy does not reach the endpoint",
    rests_on: "the proxy answered CONNECT with 502, 503 or 504, or a SOCKS proxy with a failure of its own connection",
    windows_symptoms: &["WindowsUpdate.log: 0x80244021 (502), 0x80244022 (503) or 0x80244023 (504)"],
    remedy: &[
        "The fault lies at the proxy or behind it, not on this machine: give the proxy's owner the times, the header \
         fields and the first words of its page.",
        "On the proxy: does it resolve the name, and do the firewalls let it through to the endpoint's port 443?",
        "An intercepting proxy answers so as well where its own TLS to the endpoint fails: let the update endpoints pass \
         uninspected.",
    ],
    disproved_by: "a tunnel to another outside host that fails in the same way: then the proxy reaches nothing at all",
    source: OUTCOME_ITSELF,
    confidence: "documented (status); typical causes inferred",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() {
        return None;
    }
    let refused = case.refused_by_proxy(|status| about(status) == About::Endpoint)?;
    Some(Judgement {
        seen: format!("{}; {}", refused.told(case.proxy()), whose_fault(&refused)),
        because: refused.exchanges,
        ..Judgement::default()
    })
}

/// What the answer says of where it went wrong.
fn whose_fault(refused: &Refused<'_>) -> &'static str {
    match refused.field("X-Squid-Error").and_then(|error| error.split_whitespace().next()) {
        Some("ERR_DNS_FAIL") => return "the proxy's resolver has no address for the name",
        Some("ERR_CONNECT_FAIL") => return "the proxy's connection to the endpoint failed",
        Some("ERR_SECURE_CONNECT_FAIL") => return "the proxy's own TLS to the endpoint failed: it inspects",
        Some("ERR_READ_TIMEOUT" | "ERR_LIFETIME_EXP") => return "the endpoint did not answer the proxy in time",
        _ => {}
    }
    match refused.status.status {
        502 => "it got no good answer from where it asked",
        503 => "it could not serve the request, or gave the endpoint up",
        504 | 6 => "it waited for the endpoint in vain",
        3 | 4 => "it has no way to the endpoint",
        5 => "its connection was refused",
        _ => "it does not say why",
    }
}
