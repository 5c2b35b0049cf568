//! The proxy wants to know who asks.

use super::proxy::{About, PROXY_ARTICLE, Refused, WSUS_PROXY, about};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::ProxyStatus;

pub(super) const RULE: Rule = Rule {
    id: "proxy-authentication-required",
    severity: Severity::Error,
    title: "The proxy wants authentication",
    rests_on: "the proxy answered CONNECT with 407, or a SOCKS proxy took no method of authentication that was offered",
    windows_symptoms: &["WindowsUpdate.log: 0x8024401B (WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ)"],
    remedy: &[
        "Let the update endpoints pass without authentication: Windows Update asks as the SYSTEM account, which has no \
         credentials for a proxy.",
        WSUS_PROXY,
        "The same page has the user name and password for it; a proxy that offers Basic alone needs \"Allow basic \
         authentication\" there.",
    ],
    disproved_by: "a tunnel through the same proxy without credentials from the same machine",
    source: PROXY_ARTICLE,
    confidence: "documented (status); typical causes inferred",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let refused = case.refused_by_proxy(|status| about(status) == About::Authentication)?;
    Some(Judgement {
        seen: format!("{}; {}", refused.told(case.proxy()), schemes(refused.status)),
        evidence: case.proxies_of_the_machine(),
        steps: steps(&refused),
        because: refused.exchanges,
    })
}

/// What it offers, and what was tried of it.
fn schemes(status: &ProxyStatus) -> String {
    let ProxyStatus { auth_schemes, auth_tried, auth_not_tried, .. } = status;
    let offered = if auth_schemes.is_empty() { "no scheme".to_owned() } else { auth_schemes.join(", ") };
    let tried = if auth_tried.is_empty() {
        "no credentials were sent".to_owned()
    } else {
        format!("tried {}", auth_tried.join(", "))
    };
    let not_tried = auth_not_tried.iter().map(|why| format!("not tried: {why}"));
    [format!("it offers {offered}"), tried].into_iter().chain(not_tried).collect::<Vec<_>>().join("; ")
}

fn steps(refused: &Refused<'_>) -> Vec<String> {
    if refused.status.auth_tried.is_empty() {
        vec![
            "Ask again with credentials: --proxy-user and --proxy-password-file show whether they are taken."
                .to_owned(),
        ]
    } else {
        vec!["The proxy did not take the credentials: see that user name, password and domain are right.".to_owned()]
    }
}
