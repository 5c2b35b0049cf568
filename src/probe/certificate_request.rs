//! Whether the server asks for a client certificate, and whether it goes on without one. Needs no question of its own:
//! every first flight that can be read tells the one, every handshake that was completed without a certificate, and every
//! answer over HTTP behind it, the other.
//!
//! A handshake that is completed without a certificate shows that TLS goes on without one, and no more: IIS and nginx
//! complete it and refuse the request.

use crate::observation::{CertificateRequest, Observations};
use crate::outcome::{
    Answer, CertificateRequested, CertificatesState, ConfirmedBy, ContentAnswer, Exchange, Outcome, Stage,
    wants_certificate,
};
use crate::registry::AlertDescription;

/// The name under which the observation stands.
const KEY: &str = "certificate_request";

pub(super) fn read(exchanges: &[Exchange], seen: &mut Observations) {
    let mut requested: Vec<Seen<'_>> = exchanges.iter().flat_map(requests).collect();
    // A request in a first handshake counts before one that came late.
    requested.sort_by_key(|seen| seen.when != FIRST_HANDSHAKE);
    if let Some(Seen { when, id, request, .. }) = requested.first() {
        let in_tls = in_tls(&requested, seen);
        // One path may be for anybody where another is not.
        let told_in_http = || requested.iter().filter_map(|seen| Some((seen, seen.insists_in_http()?)));
        let in_http = || told_in_http().find(|(_, insists)| *insists).or_else(|| told_in_http().next());
        let required = match in_tls {
            Some((told, true)) => Some((told, true)),
            _ => in_http(),
        };
        let mut because = vec![*id];
        for (told, _) in in_tls.into_iter().chain(required) {
            if !because.contains(&told.id) {
                because.push(told.id);
            }
        }
        seen.rests_on(KEY, &because);
        seen.certificate_request = Some(CertificateRequest {
            requested: Some(true),
            required: required.map(|(_, insists)| insists),
            required_in_tls: in_tls.map(|(_, insists)| insists),
            when: Some((*when).to_owned()),
            authorities: request.authorities.clone(),
            certificate_types: request.certificate_types.clone(),
            signature_schemes: request.signature_schemes.clone(),
            ended_without_certificate: in_tls.filter(|(_, insists)| *insists).map(|(seen, _)| seen.outcome.clone()),
            refused_with_status: in_http().filter(|(_, insists)| *insists).and_then(|(seen, _)| Some(seen.page()?.0)),
            on_resumption: None,
        });
    } else if let Some(exchange) = exchanges.iter().find(|exchange| is_readable(exchange)) {
        seen.rests_on(KEY, &[exchange.id]);
        let requested = Some(false);
        seen.certificate_request = Some(CertificateRequest { requested, ..CertificateRequest::default() });
    } else if exchanges.iter().any(|exchange| exchange.outcome.answer.accepts()) {
        seen.certificate_request = Some(CertificateRequest::default());
    }
}

/// Whether the server insists in TLS, and the exchange that shows it. What is said to the certificate that is missing
/// counts before a handshake that came to its end, and this before a connection that just ended, which it also does for
/// other reasons. Where the first two stand against each other, nothing is known.
fn in_tls<'s, 'a>(requested: &'s [Seen<'a>], seen: &mut Observations) -> Option<(&'s Seen<'a>, bool)> {
    let says = |word: InTls| requested.iter().find(move |seen| seen.in_tls() == Some(word));
    match (says(InTls::Refuses), says(InTls::GoesOn)) {
        (Some(refused), Some(went_on)) => {
            let ids = [refused.id, went_on.id];
            seen.could_not_tell(
                &format!("{KEY}.required"),
                "some handshakes without a certificate came to their end",
                &ids,
            );
            None
        }
        (Some(refused), None) => Some((refused, true)),
        (None, Some(went_on)) => Some((went_on, false)),
        (None, None) => says(InTls::Ends).map(|ended| (ended, true)),
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
    /// How the handshake went on in which it came.
    outcome: &'a Outcome,
    /// What came over HTTP behind it.
    content: Option<&'a ContentAnswer>,
    exchange: &'a Exchange,
}

const FIRST_HANDSHAKE: &str = "first_handshake";

/// What one exchange has of them.
fn requests(exchange: &Exchange) -> impl Iterator<Item = Seen<'_>> {
    let first = exchange.certificate_request.as_ref();
    let first = first.map(|request| (FIRST_HANDSHAKE, request, &exchange.outcome));
    let late = exchange.late_certificate_request.as_ref();
    let late = late.map(|late| (late.by.word(), &late.request, &late.outcome));
    let content = exchange.content.as_deref();
    let seen = move |(when, request, outcome)| Seen { when, id: exchange.id, request, outcome, content, exchange };
    first.into_iter().chain(late).map(seen)
}

/// What a handshake in which a certificate was missing tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InTls {
    GoesOn,
    /// By an alert that is about certificates.
    Refuses,
    /// By a RST or a FIN.
    Ends,
}

impl Seen<'_> {
    /// None where the server got a certificate, or where the end does not tell.
    fn in_tls(&self) -> Option<InTls> {
        if self.request.certificate_sent != Some(false) {
            return None;
        }
        match self.outcome.answer {
            // In TLS 1.3 a refusal comes behind our Finished, and may still be on its way.
            Answer::Completed { confirmed_by: ConfirmedBy::Silence, .. } => None,
            Answer::Completed { .. } => Some(InTls::GoesOn),
            Answer::Alert { code, .. } if code == AlertDescription::CERTIFICATE_REQUIRED.0 => Some(InTls::Refuses),
            _ if self.outcome.stage != Stage::Handshake => None,
            Answer::Alert { code, .. } => is_about_certificates(AlertDescription(code)).then_some(InTls::Refuses),
            Answer::Reset { .. } | Answer::Fin { .. } => Some(InTls::Ends),
            _ => None,
        }
    }

    /// Whether the answer over HTTP insists. Another refusal than for want of a certificate may be for that too.
    fn insists_in_http(&self) -> Option<bool> {
        if self.request.certificate_sent != Some(false) {
            return None;
        }
        match self.page()? {
            (_, true) => Some(true),
            (200..400, _) => Some(false),
            _ => None,
        }
    }

    /// The status that came over HTTP behind it, and whether it is for want of a certificate.
    fn page(&self) -> Option<(u16, bool)> {
        if let Some(response) = self.exchange.http.as_ref().and_then(|http| http.response.as_ref()) {
            let is_iis = response.sub_status.as_deref() == Some("403.7");
            return Some((response.status, is_iis || wants_certificate(response.status, &response.body_start)));
        }
        let content = self.content?;
        Some((content.status?, content.wants_certificate))
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
        assert_eq!((seen.required, seen.required_in_tls), (None, Some(false)), "HTTP may still refuse");
        assert_eq!(seen.ended_without_certificate, None);
    }

    /// The same, and what HTTP answered behind it.
    fn answered_over_http(page: &str) -> Exchange {
        let exchange = answered(false, completed(ConfirmedBy::Finished));
        let outcome = Outcome::new(Stage::Handshake, completed(ConfirmedBy::ApplicationData));
        Exchange { content: Some(Box::new(ContentAnswer::of(outcome, page.as_bytes()))), ..exchange }
    }

    #[test]
    fn a_server_that_completes_tls_may_insist_over_http() {
        for (page, required) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Some(false)),
            ("HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n", Some(false)),
            ("HTTP/1.1 400 Bad Request\r\n\r\n<center>No required SSL certificate was sent</center>", Some(true)),
            ("HTTP/1.1 403 Forbidden\r\n\r\n<h2>HTTP Error 403.7 - Forbidden</h2>", Some(true)),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", None),
            ("HTTP/1.1 496 \r\n\r\n", Some(true)),
            ("220 mail.example", None),
        ] {
            let seen = observed(&[answered_over_http(page)]).unwrap();
            assert_eq!((seen.required, seen.required_in_tls), (required, Some(false)), "{page:?}");
        }
    }

    #[test]
    fn one_path_that_is_for_anybody_does_not_outweigh_one_that_is_not() {
        let open = answered_over_http("HTTP/1.1 200 OK\r\n\r\n");
        let closed = answered_over_http("HTTP/1.1 403 Forbidden\r\n\r\n<h2>HTTP Error 403.7 - Forbidden</h2>");
        for exchanges in [[open.clone(), closed.clone()], [closed, open]] {
            let seen = observed(&exchanges).unwrap();
            assert_eq!((seen.required, seen.refused_with_status), (Some(true), Some(403)));
        }
    }

    #[test]
    fn one_connection_that_just_ended_says_nothing_against_handshakes_that_went_on() {
        let reset = answered(false, Answer::Reset { received_bytes: 9, after_ms: 1.0 });
        let went_on = answered(false, completed(ConfirmedBy::Finished));
        assert_eq!(observed(&[reset, went_on.clone()]).unwrap().required_in_tls, Some(false));
        let refused = answered(false, alert(1, 116).outcome.answer);
        let mut seen = Observations::default();
        read(&[refused, went_on], &mut seen);
        assert_eq!(seen.certificate_request.unwrap().required_in_tls, None);
        assert_eq!(seen.inconclusive[0].what, "certificate_request.required");
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
