//! A leaf that names the host in its common name alone.

use super::{Case, Judgement};
use crate::certificate::Verdict;
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-common-name-only",
    severity: Severity::Info,
    title: "The certificate names the host in its common name alone",
    rests_on: "the leaf has no alternative name of a host, and its subject's common name is the one that was asked for",
    windows_symptoms: &["nothing: WinHTTP, and what is built on it, takes the common name"],
    remedy: &[
        "Nothing has to be done for clients of Windows Update and Configuration Manager. When the certificate is issued \
         anew, give it a subject alternative name: IIS Manager's Create Domain Certificate makes none, a request by \
         certlm.msc or a template with the DNS name does.",
        "Browsers, curl and Java refuse such a certificate already.",
    ],
    disproved_by: "0x80072F06 (ERROR_WINHTTP_SECURE_CERT_CN_INVALID) in a log of a client that asked for this name",
    source: "HTTPSPolicyCallbackData (Microsoft, wincrypt.h): either the DNS name or common name is compared; RFC 2818 \
             §3.1; RFC 9525 §2 for those that refuse it",
    confidence: "documented by Microsoft for CERT_CHAIN_POLICY_SSL; not tried on every client",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.chain_has(&[Verdict::CommonNameOnly])
}
