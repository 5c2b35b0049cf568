//! Handshakes with ECDHE fail whenever the shared x-coordinate begins with a zero byte: one in 256.

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "ecdhe-leading-zero",
    severity: Severity::Warning,
    title: "With TLS_ECDHE suites one handshake in 256 fails",
    rests_on: "handshakes whose shared x-coordinate was made to begin with a zero byte: they fail each time, and those \
               without it complete each time",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Update the endpoint's TLS software: leading zero bytes of the x-coordinate are part of the premaster secret \
         (RFC 8422 §5.10), and must not be taken off.",
        "Until then let it use x25519, where the group is offered.",
    ],
    disproved_by: "a handshake with ECDHE over the same curve that completes although its secret begins with a zero byte",
    source: "RFC 8422 §5.10",
    confidence: "shown by handshakes made so",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.zeros_fail("ecdhe", |seen| seen.ecdhe)
}
