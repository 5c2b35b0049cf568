//! A root that none of the stores has.

use super::{CMG_ARTICLE, Case, Judgement};
use crate::certificate::Verdict;
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-untrusted-root",
    severity: Severity::Warning,
    title: "No store that was asked has the root of this chain",
    rests_on: "the path from the leaf ends at an issuer that none of the stores of --trust has (windows unless said)",
    windows_symptoms: &[
        "lpvStatusInformation with 0x8 (WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA)",
        "0x80072F0D (ERROR_WINHTTP_SECURE_INVALID_CA)",
        "0x800B0109 (CERT_E_UNTRUSTEDROOT)",
    ],
    remedy: &[
        "Put the root into the Local Computer store Trusted Root Certification Authorities of each client: certlm.msc, \
         or certutil -addstore Root root.cer, or by group policy (Computer Configuration, Windows Settings, Security \
         Settings, Public Key Policies, Trusted Root Certification Authorities).",
        "Where clients have it already, name its PEM file here: --trust windows --trust root.pem.",
        "Where Windows should have it by itself, let the machine update its list: http://ctldl.windowsupdate.com must be \
         reachable, and automatic root update not switched off by policy.",
        "For a gateway, the root of its certificate also belongs into the site's properties, Communication Security, \
         Trusted Root Certification Authorities.",
    ],
    disproved_by: "certutil -verify on a client that has this problem finding a trusted root",
    source: CMG_ARTICLE,
    confidence: "seen in the certificates; what a client has in its own stores is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let (_, verdict) = case.trust()?;
    let lacks = [Verdict::UnknownIssuer, Verdict::SelfSigned];
    let stores: Vec<&str> = case.report.observations.trust.keys().map(String::as_str).collect();
    let asked = format!("Stores that were asked: {}.", stores.join(", "));
    let judgement = match &verdict.with_fetched {
        Some(fetched) => {
            let found = fetched.problems.iter().find(|problem| lacks.contains(&problem.kind))?;
            let seen = format!("{}: {}", found.certificate, found.why);
            Judgement { because: case.chain_because(), seen, ..Judgement::default() }
        }
        None => case.chain_has(&lacks)?,
    };
    Some(Judgement { steps: vec![asked], ..judgement })
}
