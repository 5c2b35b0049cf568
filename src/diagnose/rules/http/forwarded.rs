//! An answer that came by a proxy which carries requests on, and may be its own.

use super::{Case, Judgement, judgement};
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "http-answer-of-proxy-or-server",
    severity: Severity::Warning,
    title: "The request was refused, by the server or by the proxy on the way",
    rests_on: "a request in the clear went to a proxy, which carries such requests on without a tunnel; it was answered by a \
               status of 300 or more, and the answer names no server, or a proxy",
    windows_symptoms: &["the Windows Update error of that status: the update agent can't tell the two apart either"],
    remedy: &[
        "Ask again with --direct from a place that reaches the server without the proxy: the same status is the server's.",
        "Look for the request in the server's IIS log, and for the page's words at the proxy's owner.",
        "A WSUS server in one's own network is as a rule reached without a proxy: see the bypass list of WinHTTP (netsh \
         winhttp show proxy).",
    ],
    disproved_by: "the same status from the server itself, on the direct way",
    source: "RFC 9110 §3.7: an intermediary may answer by itself; IIS and HTTP.sys name themselves in Server",
    confidence: "seen; whose answer it is, is not known",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let found = case.http(crate::observation::HttpObservation::may_be_the_proxys);
    (!found.is_empty()).then(|| judgement(&found))
}
