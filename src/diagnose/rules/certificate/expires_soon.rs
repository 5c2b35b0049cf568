//! A certificate of the chain that ends within `--expiry-warn` days.

use super::{Case, Judgement, SEEN};
use crate::diagnose::Rule;
use crate::finding::Severity;
use crate::observation::ExpiryState;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-expires-soon",
    severity: Severity::Warning,
    title: "A certificate of the chain ends soon",
    rests_on: "a certificate of the path ends within --expiry-warn days (30 unless said)",
    windows_symptoms: &["none yet; from its last second on 0x80072F05 (ERROR_WINHTTP_SECURE_CERT_DATE_INVALID)"],
    remedy: &[
        "Renew the certificate that is named before that day, and bind the new one.",
        "Where it is a CA's certificate, have every certificate below it issued anew.",
    ],
    disproved_by: "a newer certificate being sent to other clients, for example to those that offer other algorithms",
    source: "RFC 5280 §4.1.2.5",
    confidence: SEEN,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.chain_ends(ExpiryState::Soon)
}
