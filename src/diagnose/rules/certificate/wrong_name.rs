//! A leaf that does not name the host.

use super::{CMG_ARTICLE, Case, Judgement, SEEN};
use crate::certificate::Verdict;
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-wrong-name",
    severity: Severity::Error,
    title: "The certificate does not name the host",
    rests_on: "the leaf's subject alternative names, compared with the host that was asked for (RFC 9525 §6)",
    windows_symptoms: &[
        "lpvStatusInformation with 0x10 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID)",
        "0x80072F06 (ERROR_WINHTTP_SECURE_CERT_CN_INVALID)",
        "0x800B010F (CERT_E_CN_NO_MATCH)",
    ],
    remedy: &[
        "Issue a certificate whose subject alternative names have the name that clients use, and bind it; or have \
         clients use a name that is in it.",
        "Where several sites share an address, give each binding its host name and Require Server Name Indication.",
    ],
    disproved_by: "the same host sending another certificate for another server_name (--sni)",
    source: CMG_ARTICLE,
    confidence: SEEN,
    judge,
};

/// The domains in which a gateway's deployment has its name; clients ask for the service name (memdocs, CMG articles).
const DEPLOYMENTS: [&str; 3] = [".cloudapp.net", ".usgovcloudapp.net", ".cloudapp.azure.com"];

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let mut judgement = case.chain_has(&[Verdict::WrongName])?;
    let host = case.report.target.host.to_string().to_ascii_lowercase();
    if case.pack.is_gateway() && DEPLOYMENTS.iter().any(|domain| host.ends_with(domain)) {
        judgement.steps.push(format!(
            "{host} is in a domain of deployments: where clients use a service name whose CNAME leads here, check that \
             name (cmg:NAME). A certificate that names it alone is right for them."
        ));
    }
    Some(judgement)
}
