//! Whether the server asks for a client certificate in its first flight. Needs no question of its own.

use crate::observation::{CertificateRequest, Observations};
use crate::outcome::{Answer, CertificatesState, Exchange};

pub(super) fn read(exchanges: &[Exchange], seen: &mut Observations) {
    let is_readable = |exchange: &&Exchange| {
        let answer = &exchange.outcome.answer;
        matches!(answer, Answer::ServerHello { .. } | Answer::Completed { .. })
            && exchange.server.is_some()
            && exchange.certificates_state != CertificatesState::Encrypted
    };
    let readable: Vec<&Exchange> = exchanges.iter().filter(is_readable).collect();
    // A request that came is known, however the handshake went on.
    if let Some((exchange, request)) =
        exchanges.iter().find_map(|exchange| Some((exchange, exchange.certificate_request.as_ref()?)))
    {
        seen.rests_on("certificate_request", &[exchange.id]);
        seen.certificate_request = Some(CertificateRequest {
            requested: Some(true),
            required: None,
            when: Some("first_handshake".to_owned()),
            authorities: request.authorities.clone(),
        });
    } else if let Some(exchange) = readable.first() {
        seen.rests_on("certificate_request", &[exchange.id]);
        seen.certificate_request =
            Some(CertificateRequest { requested: Some(false), required: None, when: None, authorities: Vec::new() });
    } else if exchanges.iter().any(|exchange| exchange.outcome.answer.accepts()) {
        seen.certificate_request =
            Some(CertificateRequest { requested: None, required: None, when: None, authorities: Vec::new() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::CertificateRequested;
    use crate::outcome::testing::{accepted, alert};
    use crate::registry::{CipherSuite, ProtocolVersion};

    fn observed(exchanges: &[Exchange]) -> Option<CertificateRequest> {
        let mut seen = Observations::default();
        read(exchanges, &mut seen);
        seen.certificate_request
    }

    #[test]
    fn a_request_is_seen_denied_or_not_known() {
        let without = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let mut with = without.clone();
        with.certificate_request =
            Some(CertificateRequested { certificate_types: vec![1], signature_schemes: vec![], authorities: vec![] });
        let mut encrypted = accepted(2, ProtocolVersion::TLS1_3, CipherSuite(0x1301));
        encrypted.certificates_state = CertificatesState::Encrypted;
        assert_eq!(observed(&[without.clone(), with]).unwrap().requested, Some(true));
        assert_eq!(observed(&[encrypted.clone(), without]).unwrap().requested, Some(false));
        assert_eq!(observed(&[encrypted]).unwrap().requested, None);
        assert_eq!(observed(&[alert(1, 70)]), None);
    }
}
