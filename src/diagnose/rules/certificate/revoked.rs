//! A certificate that its issuer has revoked.

use super::{CMG_ARTICLE, Case, Judgement};
use crate::diagnose::Rule;
use crate::finding::Severity;
use crate::observation::RevocationVerdict;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-revoked",
    severity: Severity::Error,
    title: "A certificate of the chain is revoked",
    rests_on: "a revocation list or an OCSP answer, signed by the issuer and in its time, that lists the certificate; \
               stapled by the server, or fetched (--revocation)",
    windows_symptoms: &[
        "lpvStatusInformation with 0x4 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED)",
        "0x80072F8A (ERROR_WINHTTP_SECURE_CERT_REVOKED)",
        "0x80092010 (CRYPT_E_REVOKED)",
    ],
    remedy: &[
        "Issue a new certificate with a new key, and bind it. Where the reason is keyCompromise, find out how.",
        "A certificate on hold (certificateHold) may be released by its CA: certutil -revoke SERIAL -1.",
    ],
    disproved_by: "a newer list without the certificate",
    source: CMG_ARTICLE,
    confidence: "said by the issuer",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.revocation_of(|certificate| certificate.verdict == RevocationVerdict::Revoked)
}
