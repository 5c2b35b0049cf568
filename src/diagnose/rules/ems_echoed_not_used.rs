//! The endpoint echoes `extended_master_secret` and derives its keys as of old.

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::MasterSecretDerivation;

pub(super) const RULE: Rule = Rule {
    id: "ems-echoed-not-used",
    severity: Severity::Error,
    title: "The endpoint says that it uses extended_master_secret, and does not",
    rests_on: "a handshake that fails after the hellos agreed on the extension, and completes once its master secret is \
               derived without it",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Update the endpoint's TLS software, or the inspection device in front of it: whoever echoes the extension has \
         to derive the master secret from the session hash (RFC 7627 §4).",
        "Look for a device on the way that takes hellos apart and passes the extension through.",
    ],
    disproved_by: "a handshake up to TLS 1.2 with the extension that completes",
    source: "RFC 7627 §4 and §5.2",
    confidence: "shown by handshakes made so",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.derives(MasterSecretDerivation::EchoedNotUsed)
}

impl Case<'_> {
    /// Whether the endpoint derives the master secret so, and which handshakes failed of it.
    pub(super) fn derives(&self, derivation: MasterSecretDerivation) -> Option<Judgement> {
        let seen = self.report.observations.extended_master_secret.as_ref()?;
        if seen.derivation != Some(derivation) {
            return None;
        }
        let failed = || seen.handshakes.iter().filter(|handshake| handshake.failed.is_some());
        let told = failed().map(|it| {
            let offered = if it.offered { "with" } else { "without" };
            format!("{} {} {offered} it, {}", it.version.spoken(), it.key_exchange.to_uppercase(), it.done())
        });
        let told: Vec<String> = told.collect();
        let because = failed().map(|handshake| handshake.because).collect();
        Some(Judgement { because, seen: told.join("; "), ..Judgement::default() })
    }
}
