//! The proxy answers, and not as a proxy does that opens tunnels.

use super::proxy::{About, OUTCOME_ITSELF, WINHTTP_PROXY, WSUS_PROXY, about};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "proxy-refuses-connect",
    severity: Severity::Error,
    title: "The proxy does not do CONNECT, or not this one",
    rests_on: "the proxy answered CONNECT with a status that is about the request itself, as 400, 404, 405 or 501",
    windows_symptoms: &["WindowsUpdate.log: 0x80244016 (400), 0x80244019 (404) or 0x80244020 (501)"],
    remedy: &[
        "See that what listens there is a proxy for https, and on which port: a web server answers so as well.",
        "Old proxies may want --connect-http 1.0.",
        WSUS_PROXY,
        WINHTTP_PROXY[0],
    ],
    disproved_by: "a tunnel through the same proxy to another host's port 443",
    source: OUTCOME_ITSELF,
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let refused = case.refused_by_proxy(|status| about(status) == About::Request)?;
    Some(Judgement { seen: refused.told(case.proxy()), because: refused.exchanges, ..Judgement::default() })
}
