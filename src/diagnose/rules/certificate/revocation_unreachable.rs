//! Revocation that a client can't check.

use super::{CMG_ARTICLE, Case, Judgement};
use crate::certificate::RevocationStatus;
use crate::diagnose::Rule;
use crate::finding::Severity;
use crate::observation::{CertificateRevocation, RevocationVerdict, SourceKind};

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-revocation-unreachable",
    severity: Severity::Warning,
    title: "Clients can't check whether the certificate is revoked",
    rests_on: "--revocation: every list and every OCSP responder that a certificate of the path names was asked, and \
               none gave an answer that can be relied on",
    windows_symptoms: &[
        "lpvStatusInformation with 0x1 (WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED)",
        "0x80072F19 (ERROR_WINHTTP_SECURE_CERT_REV_FAILED)",
        "0x80092013 (CRYPT_E_REVOCATION_OFFLINE)",
    ],
    remedy: &[
        "Have the CA name an http URL that clients on the internet reach, and publish list and delta list there: on a \
         Windows CA in certsrv.msc, the CA's properties, tab Extensions; then issue the certificate anew.",
        "Where the list can't be published, tell Configuration Manager's clients not to check: ccmsetup.exe /NoCRLCheck, \
         and clear the site's check box Clients check the certificate revocation list (CRL) for site systems.",
    ],
    disproved_by: "certutil -verify -urlfetch on the client, as SYSTEM, retrieving a list",
    source: CMG_ARTICLE,
    confidence: "seen from here; another network may reach what this one does not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let judgement = case.revocation_of(|certificate| certificate.verdict.fails_the_check())?;
    let revocation = case.report.observations.revocation.as_ref()?;
    let failing: Vec<&CertificateRevocation> =
        revocation.certificates.iter().filter(|certificate| certificate.verdict.fails_the_check()).collect();
    Some(Judgement { steps: failing.iter().filter_map(|certificate| step(certificate)).collect(), ..judgement })
}

/// Which of the two remedies it is, for this certificate.
fn step(certificate: &CertificateRevocation) -> Option<String> {
    let CertificateRevocation { certificate: name, verdict, sources, .. } = certificate;
    let had_directly = sources.iter().any(|source| {
        source.route.as_deref() == Some("direct") && matches!(source.status, Some(RevocationStatus::Good { .. }))
    });
    let is_list = sources.iter().any(|source| source.by == SourceKind::Crl);
    let told = match verdict {
        RevocationVerdict::NotPublishedOnHttp => {
            "no http URL: no client outside the domain can check, so publish it or use /NoCRLCheck"
        }
        RevocationVerdict::Unusable if is_list => {
            "a list is there and can't be relied on: publish a right one (certutil -crl on a Windows CA); /NoCRLCheck \
             only hides that"
        }
        RevocationVerdict::Unusable => "a responder answers and can't be relied on: repair it, or publish a list",
        RevocationVerdict::Unreachable if had_directly => {
            "it is reached directly and not through the proxy: let it through"
        }
        RevocationVerdict::Unreachable => {
            "open the way to the URLs for clients (port 80, no authentication), or publish elsewhere; /NoCRLCheck where \
             neither can be"
        }
        _ => return None,
    };
    Some(format!("{name}: {told}."))
}
