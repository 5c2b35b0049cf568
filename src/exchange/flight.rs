//! The peer's first flight, read as it comes: bytes in, and at the end an answer.
//!
//! Nothing here waits or writes. The flight decides from bytes alone when there is enough; how long to wait for more
//! is the caller's matter.

use std::time::Duration;

use super::not_tls::{FIRST_BYTES, looks_like};
use super::summary::{Learned, key_exchange_form, key_exchange_of_message, server};
use super::{Ending, MAX_RECEIVED};
use crate::certificate::distinguished_name;
use crate::outcome::{AfterAlert, Answer, CertificateRequested, CertificatesState, Stage, WarningAlert, milliseconds};
use crate::registry::{AlertDescription, AlertLevel, ExtensionType};
use crate::wire::alert::Alert;
use crate::wire::extension::Extension;
use crate::wire::handshake::{
    self, CertificateRequest, HandshakeType, MessageReader, RawMessage, ServerHello, ServerKeyExchange,
};
use crate::wire::record::{ContentType, Record};
use crate::wire::{DecodeError, Wire};

/// The most warnings that are taken; nobody has that much to say before a handshake.
const MAX_WARNINGS: usize = 16;

/// Whether more bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    MoreWanted,
    /// The answer is known but for what comes behind it: a FIN, an RST, or the rest of a line.
    OnlyTheEndWanted,
    /// Nothing more can be learned.
    Complete,
}

/// What is known of the answer so far.
#[derive(Debug)]
enum State {
    /// Nothing yet, or less than a message.
    ExpectServerHello,
    /// The server has chosen; its flight goes on.
    ExpectServerHelloDone,
    /// The flight is whole, as far as it can be read without keys.
    Accepted,
    Retry {
        cookie: bool,
    },
    /// An alert, and when it came.
    Alerted(Alert, Duration),
    NotTls,
    Malformed(DecodeError),
}

#[derive(Debug)]
pub(super) struct Flight {
    received: Vec<u8>,
    parsed: usize,
    state: State,
    stage: Stage,
    messages: MessageReader,
    /// Bytes of an alert that was split over records, which TLS 1.2 and older allow (RFC 5246 §6.2.1).
    alert: Vec<u8>,
    /// The last warning and when it came: it ends nothing, unless nothing else comes.
    warning: Option<(Alert, Duration)>,
    hello: Option<ServerHello>,
    learned: Learned,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self {
            received: Vec::new(),
            parsed: 0,
            state: State::ExpectServerHello,
            stage: Stage::Hello,
            messages: MessageReader::new(),
            alert: Vec::new(),
            warning: None,
            hello: None,
            learned: Learned::default(),
        }
    }

    /// How far the exchange has come.
    pub(super) fn stage(&self) -> Stage {
        match self.state {
            State::Accepted | State::Retry { .. } => Stage::Hello,
            _ => self.stage,
        }
    }

    /// Takes in what came, `at` this time since the hello. Bytes behind the point where the answer is known are kept up to a limit, and not read.
    pub(super) fn push(&mut self, bytes: &[u8], at: Duration) -> Progress {
        let room = MAX_RECEIVED - self.received.len();
        // Grown by what came, not doubled: the limit on memory is meant.
        self.received.reserve_exact(bytes.len().min(room));
        self.received.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if matches!(self.state, State::ExpectServerHello | State::ExpectServerHelloDone)
            && let Err(error) = self.read_records(at)
        {
            self.state = State::Malformed(error);
        }
        let is_full = self.received.len() >= MAX_RECEIVED;
        match self.state {
            State::ExpectServerHello | State::ExpectServerHelloDone if is_full => {
                let field = "server flight";
                self.state = State::Malformed(DecodeError::Length {
                    field,
                    offset: 0,
                    found: MAX_RECEIVED,
                    allowed: "0..81919",
                });
                Progress::Complete
            }
            State::ExpectServerHello | State::ExpectServerHelloDone => Progress::MoreWanted,
            State::Alerted(..) if !is_full => Progress::OnlyTheEndWanted,
            State::NotTls if self.received.len() < FIRST_BYTES => Progress::OnlyTheEndWanted,
            _ => Progress::Complete,
        }
    }

    /// The answer, given how the stream ended; `None` where the flight itself was the end.
    pub(super) fn answer(&self, ending: Option<Ending>, after: Duration) -> Answer {
        let received_bytes = self.received.len();
        let after_ms = milliseconds(after);
        // A warning and then no more than an end: the warning was the answer.
        if let (State::ExpectServerHello, Some((warning, at)), true) =
            (&self.state, self.warning, self.rest().is_empty())
        {
            return alert_answer(warning, ending, at);
        }
        match (&self.state, ending) {
            (State::Accepted, _) => Answer::ServerHello { received_bytes },
            (State::Retry { cookie }, _) => Answer::HelloRetryRequest { cookie: *cookie },
            (State::Alerted(alert, at), ending) => alert_answer(*alert, ending, *at),
            (State::NotTls, _) => {
                let first = self.received.get(..FIRST_BYTES).unwrap_or(&self.received);
                Answer::NotTls { first_bytes: hex::encode(first), looks_like: looks_like(first) }
            }
            (State::Malformed(error), _) => Answer::Malformed {
                field: error.field().to_owned(),
                offset: error.offset(),
                expected: error.expected(),
            },
            (_, Some(Ending::Reset)) => Answer::Reset { received_bytes, after_ms },
            (_, Some(Ending::Fin)) => Answer::Fin { received_bytes, after_ms },
            (_, Some(Ending::Silence) | None) => {
                Answer::Timeout { waiting_for: self.waiting_for().to_owned(), received_bytes, after_ms, tcp: None }
            }
        }
    }

    pub(super) fn into_learned(self) -> (Learned, Vec<u8>) {
        (self.learned, self.received)
    }

    fn rest(&self) -> &[u8] {
        self.received.get(self.parsed..).unwrap_or_default()
    }

    fn waiting_for(&self) -> &'static str {
        match self.state {
            State::ExpectServerHello if self.received.is_empty() => "ServerHello",
            State::ExpectServerHello => "the rest of the ServerHello",
            _ => "ServerHelloDone",
        }
    }

    /// Reads every whole record that has come, until the answer is known.
    fn read_records(&mut self, at: Duration) -> Result<(), DecodeError> {
        while matches!(self.state, State::ExpectServerHello | State::ExpectServerHelloDone) {
            if self.parsed == 0 && !begins_like_tls(&self.received) {
                self.state = State::NotTls;
                return Ok(());
            }
            // The received bytes are lent out for as long as one record is looked at.
            let received = std::mem::take(&mut self.received);
            let read = self.read_record(received.get(self.parsed..).unwrap_or_default(), at);
            self.received = received;
            match read? {
                Some(used) => self.parsed += used,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Reads the record at the beginning of these bytes, and says how long it was; `None` if it is not whole yet.
    fn read_record(&mut self, bytes: &[u8], at: Duration) -> Result<Option<usize>, DecodeError> {
        let Some((record, used)) = Record::parse(bytes)? else { return Ok(None) };
        match record.content_type {
            ContentType::ALERT => self.read_alerts(record.fragment, at)?,
            ContentType::HANDSHAKE => {
                self.messages.push(record.fragment);
                while let Some(message) = self.messages.next()? {
                    self.read_message(&message)?;
                    if !matches!(self.state, State::ExpectServerHello | State::ExpectServerHelloDone) {
                        break;
                    }
                }
            }
            // A server that resumes a session goes on at once with ChangeCipherSpec and an encrypted Finished.
            ContentType::CHANGE_CIPHER_SPEC if self.hello.is_some() => self.state = State::Accepted,
            found => {
                let expected = "handshake (22) or alert (21)";
                let field = "record.content_type";
                return Err(DecodeError::Value { field, offset: 0, found: u64::from(found.0), expected });
            }
        }
        Ok(Some(used))
    }

    fn read_alerts(&mut self, fragment: &[u8], at: Duration) -> Result<(), DecodeError> {
        let mut bytes = std::mem::take(&mut self.alert);
        bytes.extend_from_slice(fragment);
        let mut alerts = bytes.chunks_exact(2);
        for alert in &mut alerts {
            let alert = Alert::from_bytes(alert)?;
            if alert.level != AlertLevel::WARNING || alert.description == AlertDescription::CLOSE_NOTIFY {
                self.state = State::Alerted(alert, at);
                return Ok(());
            }
            if self.learned.warning_alerts.len() == MAX_WARNINGS {
                let (field, found) = ("warning alerts", MAX_WARNINGS + 1);
                return Err(DecodeError::Length { field, offset: 0, found, allowed: "0..16" });
            }
            self.learned.warning_alerts.push(WarningAlert {
                code: alert.description.0,
                name: alert.description.name().map(str::to_owned),
                stage: self.stage,
            });
            self.warning = Some((alert, at));
        }
        self.alert = alerts.remainder().to_vec();
        Ok(())
    }

    fn read_message(&mut self, message: &RawMessage) -> Result<(), DecodeError> {
        let body = message.body.as_slice();
        match (message.msg_type, self.hello.take()) {
            (HandshakeType::HELLO_REQUEST, hello) => self.hello = hello, // may come at any time, and means nothing now
            (HandshakeType::SERVER_HELLO, None) => self.read_server_hello(ServerHello::from_bytes(body)?),
            (_, None) => return Err(unexpected(message.msg_type, "server_hello (2)")),
            (msg_type, Some(hello)) => {
                let read = self.read_after_hello(&hello, msg_type, body);
                self.hello = Some(hello);
                read?;
            }
        }
        Ok(())
    }

    fn read_server_hello(&mut self, hello: ServerHello) {
        self.learned.server = Some(server(&hello));
        self.stage = Stage::Handshake;
        self.state = if hello.is_hello_retry_request() {
            let extensions = hello.extensions.iter().flat_map(|extensions| &extensions.0);
            let cookie = extensions.into_iter().any(|extension| matches!(extension, Extension::Cookie(_)));
            State::Retry { cookie }
        } else if hello.extensions.as_ref().is_some_and(|all| all.find(ExtensionType::SUPPORTED_VERSIONS).is_some()) {
            // TLS 1.3, or a version after it: all that follows is encrypted.
            self.learned.certificates_state = CertificatesState::Encrypted;
            State::Accepted
        } else {
            State::ExpectServerHelloDone
        };
        self.hello = Some(hello);
    }

    /// A message of the flight of TLS 1.2 and older (RFC 5246 §7.3). Their order is the server's matter; one that
    /// has no place in the flight at all is an error.
    fn read_after_hello(
        &mut self,
        hello: &ServerHello,
        msg_type: HandshakeType,
        body: &[u8],
    ) -> Result<(), DecodeError> {
        match msg_type {
            HandshakeType::CERTIFICATE => {
                self.learned.certificates_state = CertificatesState::Unreadable;
                let certificate = handshake::Certificate::from_bytes(body)?;
                self.learned.certificates_state =
                    if certificate.entries.is_empty() { CertificatesState::NotSent } else { CertificatesState::Read };
                self.learned.certificates = certificate.entries;
            }
            HandshakeType::SERVER_KEY_EXCHANGE => {
                let form = key_exchange_form(hello.cipher_suite);
                let parameters = ServerKeyExchange::decode(body, form, hello.negotiated_version())?;
                if let (Some(server), Some(told)) = (&mut self.learned.server, key_exchange_of_message(&parameters)) {
                    server.key_exchange = Some(told);
                }
            }
            HandshakeType::CERTIFICATE_REQUEST => {
                let request = CertificateRequest::decode(body, hello.negotiated_version())?;
                self.learned.certificate_request = Some(CertificateRequested {
                    certificate_types: request.certificate_types,
                    signature_schemes: request.signature_schemes.unwrap_or_default(),
                    authorities: request.authorities.iter().map(|name| distinguished_name(name)).collect(),
                });
            }
            HandshakeType::CERTIFICATE_STATUS => {
                if let Some(server) = &mut self.learned.server {
                    server.ocsp_stapled = true;
                }
                let status = handshake::CertificateStatus::from_bytes(body).ok();
                let ocsp = status.filter(|status| status.status_type == handshake::CertificateStatus::OCSP);
                self.learned.ocsp_response = ocsp.map(|status| status.response);
            }
            HandshakeType::NEW_SESSION_TICKET | HandshakeType::SUPPLEMENTAL_DATA => {}
            HandshakeType::SERVER_HELLO_DONE => self.state = State::Accepted,
            other => return Err(unexpected(other, "a message of the server's first flight")),
        }
        Ok(())
    }
}

fn unexpected(found: HandshakeType, expected: &'static str) -> DecodeError {
    DecodeError::Value { field: "handshake.msg_type", offset: 0, found: u64::from(found.0), expected }
}

/// Whether these could be the first bytes of a record: a content type, then major version 3.
fn begins_like_tls(bytes: &[u8]) -> bool {
    let content_type = bytes.first().is_none_or(|first| (20..=24).contains(first));
    let major_version = bytes.get(1).is_none_or(|major| *major == 3);
    content_type && major_version
}

fn alert_answer(alert: Alert, ending: Option<Ending>, at: Duration) -> Answer {
    Answer::Alert {
        level: alert.level.name().map_or_else(|| alert.level.0.to_string(), str::to_owned),
        code: alert.description.0,
        name: alert.description.name().map(str::to_owned),
        then: match ending {
            Some(Ending::Fin) => AfterAlert::Fin,
            Some(Ending::Reset) => AfterAlert::Reset,
            Some(Ending::Silence) | None => AfterAlert::Open,
        },
        after_ms: milliseconds(at),
    }
}
