//! A gateway's certificate that names the deployment, and not the service that clients ask for.

use super::{Case, Judgement, SEEN};
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-names-deployment",
    severity: Severity::Error,
    title: "The gateway's certificate names the deployment, and not the service name",
    rests_on: "the CNAME records of the host's name, and the subject alternative names of the leaf: it has a name that the \
               CNAME leads to, and not the host's own. A client compares with the name that it asked for (RFC 9525 §6)",
    windows_symptoms: &[
        "lpvStatusInformation with 0x10 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID)",
        "0x80072F06 (ERROR_WINHTTP_SECURE_CERT_CN_INVALID)",
    ],
    remedy: &[
        "Issue a server authentication certificate whose subject alternative names have the service name, and give it to \
         the gateway.",
        "The CNAME record stays as it is: it leads from the service name to the deployment name, and no client compares a \
         certificate with where it leads.",
    ],
    disproved_by: "clients that ask the gateway by its deployment name alone",
    source: "MicrosoftDocs/memdocs CMG articles (own domain: a CNAME to the deployment name); RFC 9525 §6",
    confidence: SEEN,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let alias = case.report.observations.dns_alias.as_ref().filter(|_| case.pack.is_in_use())?;
    let instead = alias.named_in_the_hosts_place();
    let seen = format!("{} leads to {}, which the certificate names", alias.host, instead.join(" and "));
    let because = case.report.observations.because("dns_alias");
    (!instead.is_empty()).then(|| Judgement { because, seen, ..Judgement::default() })
}
