//! A fault of the chain that has no rule of its own.

use super::{Case, Judgement, RFC_5280, SEEN};
use crate::certificate::Verdict;
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-refused",
    severity: Severity::Error,
    title: "The chain has a fault for which clients refuse it",
    rests_on: "signatures, key sizes, purposes, path lengths and name constraints of the path, and the limits that the \
               store sets on its root",
    windows_symptoms: &[
        "lpvStatusInformation with 0x2 (WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT) for a broken signature or constraint",
        "lpvStatusInformation with 0x40 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE) for a certificate that is not \
         for servers",
        "0x80072F8F (ERROR_WINHTTP_SECURE_FAILURE)",
    ],
    remedy: &[
        "Have the certificate that is named issued anew, without the fault: RSA of 2048 bits or more or P-256, signed \
         with SHA-256, extendedKeyUsage serverAuth, and, where it is a CA's, basicConstraints and keyUsage that let it \
         sign.",
        "Where the store no longer trusts the root for it, get a certificate from a CA below another root.",
    ],
    disproved_by: "openssl verify -purpose sslserver and certutil -verify -urlfetch finding no fault in the same chain",
    source: RFC_5280,
    confidence: SEEN,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.chain_has(&[
        Verdict::Unreadable,
        Verdict::BadSignature,
        Verdict::Distrusted,
        Verdict::WrongUsage,
        Verdict::PathTooLong,
        Verdict::ConstraintBroken,
        Verdict::Weak,
    ])
}
