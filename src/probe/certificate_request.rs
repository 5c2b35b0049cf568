//! Whether the server asks for a client certificate, and whether it goes on without one. Needs no question of its own:
//! every first flight that can be read tells the one, every handshake that was completed without a certificate the other.

use crate::observation::{CertificateRequest, Observations};
use crate::outcome::{Answer, CertificateRequested, CertificatesState, ConfirmedBy, Exchange, Outcome, Stage};
use crate::registry::AlertDescription;

pub(super) fn read(exchanges: &[Exchange], seen: &mut Observations) {
    let mut requested: Vec<Seen<'_>> = exchanges.iter().flat_map(requests).collect();
    // A request in a first handshake counts before one that came late.
    requested.sort_by_key(|seen| seen.when != FIRST_HANDSHAKE);
    if let Some(Seen { when, id, request, .. }) = requested.first() {
        let answered = requested.iter().find_map(|seen| Some((seen, seen.insists()?)));
        let mut because = vec![*id];
        because.extend(answered.map(|(seen, _)| seen.id).filter(|other| other != id));
        seen.rests_on("certificate_request", &because);
        seen.certificate_request = Some(CertificateRequest {
            requested: Some(true),
            required: answered.map(|(_, insists)| insists),
            when: Some((*when).to_owned()),
            authorities: request.authorities.clone(),
            certificate_types: request.certificate_types.clone(),
            signature_schemes: request.signature_schemes.clone(),
            ended_without_certificate: answered.filter(|(_, insists)| *insists).map(|(seen, _)| seen.outcome.clone()),
            on_resumption: None,
        });
    } else if let Some(exchange) = exchanges.iter().find(|exchange| is_readable(exchange)) {
        seen.rests_on("certificate_request", &[exchange.id]);
        let requested = Some(false);
        seen.certificate_request = Some(CertificateRequest { requested, ..CertificateRequest::default() });
    } else if exchanges.iter().any(|exchange| exchange.outcome.answer.accepts()) {
        seen.certificate_request = Some(CertificateRequest::default());
    }
}

/// Whether a request would have been seen.
fn is_readable(exchange: &Exchange) -> bool {
    let answer = &exchange.outcome.answer;
    matches!(answer, Answer::ServerHello { .. } | Answer::Completed { resumed: false, .. })
        && exchange.server.is_some()
        && exchange.certificates_state != CertificatesState::Encrypted
}

/// One request, and how its connection went on.
struct Seen<'a> {
    when: &'static str,
    id: usize,
    request: &'a CertificateRequested,
    outcome: &'a Outcome,
}

const FIRST_HANDSHAKE: &str = "first_handshake";

/// What one exchange has of them.
fn requests(exchange: &Exchange) -> impl Iterator<Item = Seen<'_>> {
    let first = exchange.certificate_request.as_ref();
    let first = first.map(|request| (FIRST_HANDSHAKE, request, &exchange.outcome));
    let late = exchange.late_certificate_request.as_ref();
    let late = late.map(|late| (late.by.word(), &late.request, &late.outcome));
    let seen = |(when, request, outcome)| Seen { when, id: exchange.id, request, outcome };
    first.into_iter().chain(late).map(seen)
}

impl Seen<'_> {
    /// Whether the server goes no further without a certificate; none where it got one, or where the end does not tell.
    fn insists(&self) -> Option<bool> {
        if self.request.certificate_sent != Some(false) {
            return None;
        }
        match self.outcome.answer {
            // In TLS 1.3 a refusal comes behind our Finished, and may still be on its way.
            Answer::Completed { confirmed_by: ConfirmedBy::Silence, .. } => None,
            Answer::Completed { .. } => Some(false),
            _ if self.outcome.stage != Stage::Handshake => None,
            Answer::Alert { code, .. } => is_about_certificates(AlertDescription(code)).then_some(true),
            Answer::Reset { .. } | Answer::Fin { .. } => Some(true),
            _ => None,
        }
    }
}

/// Whether an alert can be the answer to a certificate that is missing: `certificate_required` is TLS 1.3's
/// (RFC 8446 §6.2), `handshake_failure` that of older versions (RFC 5246 §7.4.6). Servers send others too: `decode_error`
/// is what GnuTLS 3.7 says up to TLS 1.2.
fn is_about_certificates(alert: AlertDescription) -> bool {
    [
        AlertDescription::CERTIFICATE_REQUIRED,
        AlertDescription::HANDSHAKE_FAILURE,
        AlertDescription::BAD_CERTIFICATE,
        AlertDescription::CERTIFICATE_UNKNOWN,
        AlertDescription::UNKNOWN_CA,
        AlertDescription::ACCESS_DENIED,
        AlertDescription::DECODE_ERROR,
    ]
    .contains(&alert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::registry::{CipherSuite, ProtocolVersion};

    fn observed(exchanges: &[Exchange]) -> Option<CertificateRequest> {
        let mut seen = Observations::default();
        read(exchanges, &mut seen);
        seen.certificate_request
    }

    /// An exchange whose server asked, and got an answer without a certificate or with one.
    fn answered(sent: bool, answer: Answer) -> Exchange {
        let request = CertificateRequested {
            certificate_types: vec![1],
            signature_schemes: vec![],
            authorities: vec![],
            certificate_sent: Some(sent),
        };
        Exchange { certificate_request: Some(request), ..ended(1, Stage::Handshake, answer) }
    }

    fn completed(confirmed_by: ConfirmedBy) -> Answer {
        Answer::Completed { received_bytes: 1000, resumed: false, confirmed_by, status_line: None }
    }

    #[test]
    fn a_request_is_seen_denied_or_not_known() {
        let without = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let with = answered(true, completed(ConfirmedBy::Finished));
        let mut encrypted = accepted(2, ProtocolVersion::TLS1_3, CipherSuite(0x1301));
        encrypted.certificates_state = CertificatesState::Encrypted;
        assert_eq!(observed(&[without.clone(), with]).unwrap().requested, Some(true));
        assert_eq!(observed(&[encrypted.clone(), without]).unwrap().requested, Some(false));
        assert_eq!(observed(&[encrypted]).unwrap().requested, None);
        assert_eq!(observed(&[alert(1, 70)]), None);
    }

    #[test]
    fn a_server_insists_if_it_ends_a_handshake_without_a_certificate() {
        let refusal = |code| alert(1, code).outcome.answer;
        for answer in [refusal(116), refusal(40), refusal(42), Answer::Reset { received_bytes: 9, after_ms: 1.0 }] {
            let seen = observed(&[answered(false, answer.clone())]).unwrap();
            assert_eq!(seen.required, Some(true), "{answer:?}");
            assert_eq!(seen.ended_without_certificate.unwrap().answer, answer);
        }
        let seen = observed(&[answered(false, completed(ConfirmedBy::Ticket))]).unwrap();
        assert_eq!((seen.required, seen.ended_without_certificate), (Some(false), None));
    }

    #[test]
    fn nothing_is_said_of_a_server_that_got_one_or_failed_otherwise_or_said_nothing() {
        let decrypt_error = alert(1, 51).outcome.answer;
        for exchange in [
            answered(true, completed(ConfirmedBy::Finished)),
            answered(true, alert(1, 48).outcome.answer),
            answered(false, decrypt_error),
            answered(false, completed(ConfirmedBy::Silence)),
        ] {
            assert_eq!(observed(std::slice::from_ref(&exchange)).unwrap().required, None, "{exchange:?}");
        }
    }
}
