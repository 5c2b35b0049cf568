//! Exchanges for tests of what reads them.

use std::sync::Arc;

use super::*;
use crate::registry::{CipherSuite, ProtocolVersion};

/// An exchange that ended so.
pub(crate) fn ended(id: usize, stage: Stage, answer: Answer) -> Exchange {
    Exchange {
        id,
        purpose: "test".to_owned(),
        offer: Arc::default(),
        outcome: Outcome::new(stage, answer),
        server: None,
        certificates: Vec::new(),
        certificates_state: CertificatesState::NotSent,
        certificate_request: None,
        warning_alerts: Vec::new(),
        session: None,
        renegotiation: None,
        late_certificate_request: None,
        content: None,
        ssl2: None,
        http: None,
        ftp: None,
        timing_ms: Timing::default(),
        evidence: None,
    }
}

/// An exchange refused by a fatal alert.
pub(crate) fn alert(id: usize, code: u8) -> Exchange {
    let answer = Answer::Alert { level: "fatal".to_owned(), code, name: None, then: AfterAlert::Fin, after_ms: 21.0 };
    ended(id, Stage::Hello, answer)
}

/// An exchange in which the server chose this.
pub(crate) fn accepted(id: usize, version: ProtocolVersion, suite: CipherSuite) -> Exchange {
    let mut exchange = ended(id, Stage::Hello, Answer::ServerHello { received_bytes: 100, not_finished: None });
    Arc::make_mut(&mut exchange.offer).cipher_suites = vec![suite];
    exchange.server = Some(Server {
        version,
        cipher_suite: suite.into(),
        not_offered: Vec::new(),
        extensions: Vec::new(),
        extended_master_secret: false,
        session_id_length: 0,
        key_exchange: None,
        alpn: None,
        encrypted_extensions: Vec::new(),
        after_hello_retry_request: false,
        signature: None,
        compression_method: 0,
        ocsp_stapled: false,
        max_fragment_length: None,
        record_size_limit: None,
        ja3s: String::new(),
    });
    exchange
}

/// A handshake of TLS 1.2 that was completed, and left a session that can be named so.
pub(crate) fn completed(id: usize, resumed: bool, by: &[ResumeBy]) -> Exchange {
    let mut exchange = accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
    let confirmed_by = ConfirmedBy::Finished;
    exchange.outcome = Outcome::new(
        Stage::Handshake,
        Answer::Completed { received_bytes: 1, resumed, confirmed_by, status_line: None },
    );
    exchange.session =
        (!by.is_empty()).then(|| SessionLeft { by: by.to_vec(), lifetime_s: None, max_early_data: None });
    exchange
}

/// A handshake of TLS 1.2 that the server ended by this alert on our Finished.
pub(crate) fn failed_after_finished(id: usize, code: u8) -> Exchange {
    let mut exchange = accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
    exchange.outcome = Outcome { stage: Stage::Handshake, ..alert(id, code).outcome };
    exchange.outcome.after_message = Some(HandshakeType::FINISHED);
    exchange
}
