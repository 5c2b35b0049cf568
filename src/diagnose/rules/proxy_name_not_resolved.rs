//! The proxy's name leads nowhere.

use super::proxy::{PROXY_ARTICLE, WINHTTP_PROXY, WSUS_PROXY};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange, ResolveFailure};

pub(super) const RULE: Rule = Rule {
    id: "proxy-name-not-resolved",
    severity: Severity::Error,
    title: "The proxy's name has no address",
    rests_on: "the look-up of the proxy's name ended without an address",
    windows_symptoms: &["WindowsUpdate.log: 0x8024402C (WU_E_PT_WINHTTP_NAME_NOT_RESOLVED), for the proxy as for the \
                         endpoint"],
    remedy: &[
        "See that the name is spelled as the DNS has it, with its domain: WSUS and Windows Update look it up as services, \
         not as a user.",
        WSUS_PROXY,
        WINHTTP_PROXY[0],
        WINHTTP_PROXY[1],
    ],
    disproved_by: "the name resolved by the same DNS server",
    source: PROXY_ARTICLE,
    confidence: "documented",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let unresolved = |exchange: &Exchange| match exchange.outcome.answer {
        Answer::NameNotResolved { reason } => Some((exchange.id, reason)),
        _ => None,
    };
    let (because, reasons): (Vec<usize>, Vec<ResolveFailure>) = case.at_proxy().filter_map(unresolved).unzip();
    let how = match reasons.first()? {
        ResolveFailure::Nxdomain => "the name does not exist for this resolver",
        ResolveFailure::NoAddress => "the name exists, and has no address",
        ResolveFailure::ServerFailure => "the resolver could not be reached, or answered with an error",
        ResolveFailure::Timeout => "the resolver did not answer in time",
    };
    let seen = format!("{}: {how}", case.proxy());
    Some(Judgement { because, seen, evidence: case.proxies_of_the_machine(), ..Judgement::default() })
}
