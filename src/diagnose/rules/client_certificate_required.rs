//! The server goes no further with a client that shows no certificate.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::Answer;

pub(super) const RULE: Rule = Rule {
    id: "client-certificate-required",
    severity: Severity::Warning,
    title: "The server goes no further without a client certificate",
    rests_on: "a handshake in which the server asked for a client certificate, got none, and ended the connection",
    windows_symptoms: &["0x80072F0C (ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED)"],
    remedy: &[
        "Install on the client a certificate that one of the named authorities issued, with its private key, for client \
         authentication.",
        "Ask again with it: --client-cert FILE --client-key FILE.",
    ],
    disproved_by: "a handshake without a client certificate that the server completes, and a request that it answers behind it",
    source: "RFC 5246 §7.4.6; RFC 8446 §4.4.2.4",
    confidence: "shown by a handshake that was completed without a certificate",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let observations = &case.report.observations;
    let request = observations.certificate_request.as_ref().filter(|request| request.required == Some(true))?;
    let how = match (request.ended_without_certificate.as_ref().map(|ended| &ended.answer), request.refused_with_status)
    {
        (Some(Answer::Alert { code, .. }), _) => format!("alert {code}"),
        (Some(other), _) => super::spoken(other.kind()).to_owned(),
        (None, Some(status)) => format!("HTTP status {status}"),
        (None, None) => return None,
    };
    let named = match request.authorities.as_slice() {
        [] => "it names no authority".to_owned(),
        names => format!("it names {}", names.join("; ")),
    };
    let because = observations.because.get("certificate_request").cloned().unwrap_or_default();
    Some(Judgement { because, seen: format!("without one {how} came; {named}"), ..Judgement::default() })
}
