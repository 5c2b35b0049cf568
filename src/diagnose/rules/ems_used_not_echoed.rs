//! The endpoint derives its keys with `extended_master_secret` and does not say so.

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::MasterSecretDerivation;

pub(super) const RULE: Rule = Rule {
    id: "ems-used-not-echoed",
    severity: Severity::Error,
    title: "The endpoint uses extended_master_secret without saying so",
    rests_on: "a handshake that fails although the extension did not come back, and completes once its master secret is \
               derived with it",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Look for a device on the way that takes the extension out of the endpoint's ServerHello.",
        "Update the endpoint's TLS software: whoever uses the extension has to echo it (RFC 7627 §5.2).",
    ],
    disproved_by: "a handshake up to TLS 1.2 that offers the extension, does not get it back, and completes",
    source: "RFC 7627 §5.2",
    confidence: "shown by handshakes made so",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.derives(MasterSecretDerivation::UsedNotEchoed)
}
