//! A link of the chain that the server does not send.

use super::{Case, Judgement};
use crate::certificate::{TrustVerdict, Verdict};
use crate::diagnose::Rule;
use crate::finding::Severity;

pub(in crate::diagnose::rules) const RULE: Rule = Rule {
    id: "certificate-missing-intermediate",
    severity: Severity::Warning,
    title: "The server does not send a certificate of its chain",
    rests_on: "the last certificate that leads up from the leaf names an issuer that was not sent and is no root of the \
               stores asked, and says where that issuer's certificate is to be had; --fetch-aia shows whether it is a root",
    windows_symptoms: &[
        "nothing, on a machine that has the certificate already or can fetch it",
        "0x800B010A (CERT_E_CHAINING) on one that can do neither",
    ],
    remedy: &[
        "Have the server send the whole chain up to the root: on Windows, import the intermediate into the server's \
         Local Computer store Intermediate Certification Authorities (certlm.msc, or certutil -addstore CA file.cer) \
         and bind the certificate anew.",
        "On clients that can't fetch, put it into the same store: by group policy (Computer Configuration, Windows \
         Settings, Security Settings, Public Key Policies, Intermediate Certification Authorities).",
    ],
    disproved_by: "--fetch-aia leading to a root that the store lacks: then it is the root that is missing",
    source: "RFC 5246 §7.4.2 (the server sends the chain), RFC 5280 §4.2.2.1 (where the issuer's certificate is)",
    confidence: "seen in the certificates; whether a machine has the missing one is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let (_, verdict) = case.trust()?;
    // What was fetched may have shown that it is the root that is missing.
    if verdict.with_fetched.as_deref().is_some_and(lacks_the_root) {
        return None;
    }
    let judgement = case.chain_has(&[Verdict::MissingIntermediate])?;
    let urls: Vec<&str> = verdict.problems.iter().flat_map(|problem| &problem.aia_urls).map(String::as_str).collect();
    let fetches = format!(
        "Windows fetches it by itself only where the SYSTEM account reaches {} by plain HTTP, over the machine's WinHTTP \
         proxy (netsh winhttp show proxy), and automatic retrieval is not switched off by policy.",
        urls.join(" or ")
    );
    let is_open = case.report.observations.fetched_issuers.is_empty().then(|| {
        "Whether it is an intermediate or the root is not known here, for a root need not be sent: --fetch-aia tells. A root \
         goes into the clients' store Trusted Root Certification Authorities."
            .to_owned()
    });
    let fetched = case.report.observations.fetched_issuers.iter();
    let tried = fetched.map(|it| format!("Fetched here from {} ({}): {}.", it.url, it.route, it.end.in_brief()));
    Some(Judgement { steps: std::iter::once(fetches).chain(is_open).chain(tried).collect(), ..judgement })
}

fn lacks_the_root(verdict: &TrustVerdict) -> bool {
    verdict.problems.iter().any(|problem| problem.kind == Verdict::UnknownIssuer)
}
