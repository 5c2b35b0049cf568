//! A proxy that lets the endpoint answer, but not all of it through.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::RouteVerdict;

pub(super) const RULE: Rule = Rule {
    id: "proxy-alters",
    severity: Severity::Warning,
    title: "Not all of the endpoint's TLS comes through the proxy as it is",
    rests_on: "--compare-routes came to `altered`: the endpoint's own key answers both ways, and other answers differ",
    windows_symptoms: &[
        "An alert that is lost is a closed connection to Schannel: 0x80072EFE (ERROR_WINHTTP_CONNECTION_ERROR) or \
         0x80072EFF (ERROR_INTERNET_CONNECTION_RESET) in the place of the reason",
    ],
    remedy: &[
        "Look on the proxy, and on what lies behind it, for a rule or a device that filters TLS by version, suite or size.",
        "Run the same check again, with --ip all where the endpoint has several addresses: its front ends may differ.",
    ],
    disproved_by: "a capture behind the proxy that shows the endpoint itself answering so",
    source: "a tunnel carries what both sides send, byte for byte (RFC 9110 §9.3.6)",
    confidence: "inferred",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.route_is(RouteVerdict::Altered)
}
