//! The finite field of DHE is too small, or none.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "dhe-group-weak",
    severity: Severity::Warning,
    title: "The endpoint's Diffie-Hellman group is weak",
    rests_on: "the prime that it sends with TLS_DHE suites",
    windows_symptoms: &[],
    remedy: &[
        "Give it a group of at least 2048 bits, best one of RFC 7919 (ffdhe2048 or larger).",
        "Or turn its TLS_DHE suites off: TLS_ECDHE suites are not concerned.",
    ],
    disproved_by: "a ServerKeyExchange of the endpoint with a prime of 2048 bits or more",
    source: "RFC 9325 §4.5, RFC 7919 §1",
    confidence: "shown by its ServerKeyExchange",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let observations = &case.report.observations;
    let dhe = observations.groups.as_ref()?.dhe.as_ref()?;
    let seen = dhe.weak.clone()?;
    Some(Judgement { because: observations.because("groups.dhe"), seen, ..Judgement::default() })
}
