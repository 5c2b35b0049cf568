//! The machine's WinHTTP proxy list is one that WinHTTP can't use.

use super::proxy::{PROXY_ARTICLE, WINHTTP_PROXY};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "proxy-list-malformed",
    severity: Severity::Error,
    title: "The proxy list of WinHTTP on this machine can't be understood",
    rests_on: "the machine's WinHTTP proxy setting has an entry that is not [scheme=][http://]host[:port]",
    windows_symptoms: &["WindowsUpdate.log: 0x80240030 (WU_E_INVALID_PROXY_SERVER), and no packet is sent"],
    remedy: &[
        "Set it anew: netsh winhttp set proxy proxy-server=\"proxy:8080\" bypass-list=\"<local>\"; one proxy for all \
         schemes, or http=proxy:80;https=proxy:8080.",
        WINHTTP_PROXY[0],
        WINHTTP_PROXY[1],
    ],
    disproved_by: "a scan for updates on the machine that goes through the proxy with this list",
    source: PROXY_ARTICLE,
    confidence: "documented; which lists WinHTTP refuses is inferred from the form that netsh documents",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    // Said once, where it matters: it is about the machine, whatever the endpoint.
    let fact = case.machine?.winhttp_proxy.as_ref().filter(|_| case.pack.is_in_use())?;
    let malformed = fact.value.proxies().err()?;
    let seen = format!("its entry {:?} is no proxy ({})", malformed.entry(), fact.source);
    Some(Judgement { seen, ..Judgement::default() })
}
