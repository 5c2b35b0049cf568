//! A certificate of the chain whose dates are not now.

use super::{CMG_ARTICLE, Case, Judgement, SEEN};
use crate::certificate::Verdict;
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-expired",
    severity: Severity::Error,
    title: "A certificate of the chain is out of its dates",
    rests_on: "the dates of every certificate of the path, the root's included, at the time of judgement",
    windows_symptoms: &[
        "lpvStatusInformation with 0x20 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID)",
        "0x80072F05 (ERROR_WINHTTP_SECURE_CERT_DATE_INVALID)",
        "0x800B0101 (CERT_E_EXPIRED)",
    ],
    remedy: &[
        "Renew the certificate that is named, and bind the new one: for IIS in the site's https binding, for a cloud \
         management gateway in the Configuration Manager console (Cloud Services, the gateway's properties).",
        "Where it is a CA's certificate, have its issuer renew it and send the new one with the leaf.",
        "Where the dates are right, look at the clock of the machine that judges.",
    ],
    disproved_by: "the same judgement with --at at a time within the dates still finding fault with them",
    source: CMG_ARTICLE,
    confidence: SEEN,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.chain_has(&[Verdict::Expired, Verdict::NotYetValid])
}
