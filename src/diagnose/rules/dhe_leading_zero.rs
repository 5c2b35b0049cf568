//! Handshakes with DHE fail whenever the shared secret begins with a zero byte: one in 256.

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::ZeroVerdict;

pub(super) const RULE: Rule = Rule {
    id: "dhe-leading-zero",
    severity: Severity::Warning,
    title: "With TLS_DHE suites one handshake in 256 fails",
    rests_on: "handshakes whose Diffie-Hellman secret was made to begin with zero bytes: they fail each time, and those \
               without zeros complete each time",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Update the endpoint's TLS software: leading zero bytes are no part of the premaster secret (RFC 5246 §8.1.2).",
        "Until then turn its TLS_DHE suites off; TLS_ECDHE suites are not concerned.",
    ],
    disproved_by: "a handshake with DHE that completes although its secret begins with a zero byte",
    source: "RFC 5246 §8.1.2; Transport Layer Security connections might fail or timeout (Microsoft, on the updates of \
             2019-10-08), which has the one in 256",
    confidence: "shown by handshakes made so",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.zeros_fail("dhe", |seen| seen.dhe)
}

impl Case<'_> {
    /// Whether handshakes of this kind fail with leading zeros, and which show it.
    pub(super) fn zeros_fail(
        &self,
        kind: &str,
        verdict: impl Fn(&crate::observation::LeadingZero) -> ZeroVerdict,
    ) -> Option<Judgement> {
        let seen = self.report.observations.leading_zero.as_ref().filter(|seen| verdict(seen) == ZeroVerdict::Fails)?;
        let of_kind = || seen.handshakes.iter().filter(|handshake| handshake.key_exchange == kind);
        let told = of_kind().filter(|it| it.result != "completed").map(|it| match it.alert {
            Some(code) => format!("{} zero bytes, alert {code}", it.zeros),
            None => format!("{} zero bytes, {}", it.zeros, it.result),
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told.dedup();
        let because = of_kind().map(|handshake| handshake.because).collect();
        Some(Judgement { because, seen: told.join("; "), ..Judgement::default() })
    }
}
