//! The peer's answer, read as it comes: bytes in, bytes to write out, and at the end an [`Answer`].
//!
//! Nothing here waits or does I/O. What the bytes say is the handshake's matter ([`Client`]); how long to wait for more
//! is the caller's. This keeps what came and what was learned, and says which answer it is, given how the stream ended.

use std::time::Duration;

use rand::CryptoRng;

use super::MAX_RECEIVED;
use super::ending::{Ending, alert_answer, malformed_answer, stop_answer};
use super::not_tls::{FIRST_BYTES, looks_like};
use super::summary::Learned;
use crate::handshake::{Client, ClientHelloSent, Depth, Event, Options, Step, Stopped};
use crate::outcome::{Answer, CertificatesState, ConfirmedBy, Outcome, Stage, WarningAlert, milliseconds};
use crate::registry::AlertDescription;
use crate::wire::DecodeError;
use crate::wire::alert::Alert;
use crate::wire::extension::Extension;
use crate::wire::handshake::{HandshakeType, ServerHello};

/// Whether more bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    MoreWanted,
    /// The handshake is complete on this side. Whether the peer agrees shows in what it does next.
    WordWanted,
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
    /// The server has chosen; the handshake goes on.
    InHandshake,
    /// The server's flight is whole, as far as it can be read, and there it ends: by wish, or for this reason.
    Accepted {
        not_finished: Option<&'static str>,
    },
    Retry {
        cookie: bool,
    },
    /// Complete, if the peer takes our Finished.
    Finished,
    /// Complete, and something was asked for on it: the peer may now ask for something first.
    Open,
    Completed(ConfirmedBy),
    /// An alert, and when it came.
    Alerted(Alert, Duration),
    NotTls,
    /// Nothing more can be read, and why.
    Stopped(Answer),
}

pub(super) struct Flight {
    client: Client,
    depth: Depth,
    /// Whether its first bytes are the first of all: a later flight may begin within a record.
    is_first: bool,
    received: Vec<u8>,
    state: State,
    stage: Stage,
    is_tls13: bool,
    /// The last warning and when it came: it ends nothing, unless nothing else comes.
    warning: Option<(Alert, Duration)>,
    learned: Learned,
    /// From our hello to the end of the handshake.
    handshake: Option<Duration>,
}

impl Flight {
    pub(super) fn new(sent: ClientHelloSent, options: Options) -> Self {
        Self { depth: options.depth, is_first: true, ..Self::again(Client::new(sent, options)) }
    }

    /// What answers the hello of another handshake on a connection.
    pub(super) fn again(client: Client) -> Self {
        Self {
            client,
            depth: Depth::Finish,
            is_first: false,
            received: Vec::new(),
            state: State::ExpectServerHello,
            stage: Stage::Hello,
            is_tls13: false,
            warning: None,
            learned: Learned::default(),
            handshake: None,
        }
    }

    /// What answers application data, on a connection whose handshake is complete.
    pub(super) fn after(client: Client, is_tls13: bool) -> Self {
        Self { state: State::Open, stage: Stage::Handshake, is_tls13, ..Self::again(client) }
    }

    /// Takes in what came, `at` this time since our last write. Says whether to go on, and what to write now. Bytes
    /// behind the point where the answer is known are kept up to a limit, and not read.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        at: Duration,
        since_hello: Duration,
        random: &mut impl CryptoRng,
    ) -> (Progress, Vec<u8>) {
        let room = MAX_RECEIVED - self.received.len();
        let bytes = bytes.get(..room).unwrap_or(bytes);
        // Grown by what came, not doubled: the limit on memory is meant.
        self.received.reserve_exact(bytes.len());
        self.received.extend_from_slice(bytes);
        if self.is_first && !begins_like_tls(&self.received) {
            self.state = State::NotTls;
        }
        let mut write = Vec::new();
        if self.is_reading() {
            let Step { write: answer, events } = self.client.receive(bytes, random);
            write = answer;
            // What came before our Finished went out says nothing of it.
            let was_finished = matches!(self.state, State::Finished);
            for event in events {
                self.take(event, at, since_hello, was_finished);
            }
        }
        (self.progress(), write)
    }

    /// The outcome, given how the stream ended; `None` where the flight itself was the end.
    pub(super) fn outcome(&self, ending: Option<Ending>, after: Duration) -> Outcome {
        let answer = self.answer(ending, after);
        let after_message = match &answer {
            _ if self.stage() != Stage::Handshake => None,
            Answer::Alert { .. } | Answer::Fin { .. } | Answer::Reset { .. } | Answer::Timeout { .. } => {
                Some(self.client.last_message())
            }
            _ => None,
        };
        Outcome { after_message, ..Outcome::new(self.stage(), answer) }
    }

    /// What was learned, all that came, how long the handshake took, and the connection where it is open.
    pub(super) fn into_parts(mut self) -> (Learned, Vec<u8>, Option<Duration>, Option<Box<Client>>) {
        if let Some(request) = &mut self.learned.certificate_request
            && self.client.last_message() == HandshakeType::FINISHED
        {
            request.certificate_sent = Some(self.client.has_certificate());
        }
        let is_open = matches!(self.state, State::Completed(_) | State::Finished) && !self.client.has_ended();
        (self.learned, self.received, self.handshake, is_open.then(|| Box::new(self.client)))
    }

    /// How far the exchange has come.
    fn stage(&self) -> Stage {
        match self.state {
            State::Accepted { .. } | State::Retry { .. } => Stage::Hello,
            _ => self.stage,
        }
    }

    fn is_reading(&self) -> bool {
        matches!(self.state, State::ExpectServerHello | State::InHandshake | State::Finished | State::Open)
    }

    fn progress(&mut self) -> Progress {
        let is_full = self.received.len() >= MAX_RECEIVED;
        match self.state {
            State::Finished | State::Open if is_full => self.state = State::Completed(ConfirmedBy::Silence),
            State::ExpectServerHello | State::InHandshake if is_full => {
                let (field, found) = ("server flight", MAX_RECEIVED);
                let error = DecodeError::Length { field, offset: 0, found, allowed: "0..81919" };
                self.state = State::Stopped(malformed_answer(&error));
            }
            _ => {}
        }
        match self.state {
            State::ExpectServerHello | State::InHandshake => Progress::MoreWanted,
            State::Finished | State::Open => Progress::WordWanted,
            State::Alerted(..) if !is_full => Progress::OnlyTheEndWanted,
            State::NotTls if self.received.len() < FIRST_BYTES => Progress::OnlyTheEndWanted,
            _ => Progress::Complete,
        }
    }

    fn answer(&self, ending: Option<Ending>, after: Duration) -> Answer {
        let received_bytes = self.received.len();
        let after_ms = milliseconds(after);
        match (&self.state, ending) {
            // A warning and then no more than an end: the warning was the answer.
            (State::ExpectServerHello, _) if let Some((warning, at)) = self.lone_warning() => {
                alert_answer(warning, ending, at)
            }
            (State::Accepted { not_finished }, _) => {
                Answer::ServerHello { received_bytes, not_finished: not_finished.map(str::to_owned) }
            }
            (State::Retry { cookie }, _) => Answer::HelloRetryRequest { cookie: *cookie },
            (State::Completed(by), _) => self.completed(*by),
            (State::Finished | State::Open, Some(Ending::Silence) | None) => self.completed(ConfirmedBy::Silence),
            (State::Alerted(alert, at), ending) => alert_answer(*alert, ending, *at),
            (State::NotTls, _) => {
                let first = self.received.get(..FIRST_BYTES).unwrap_or(&self.received);
                Answer::NotTls { first_bytes: hex::encode(first), looks_like: looks_like(first) }
            }
            (State::Stopped(why), _) => why.clone(),
            (_, Some(Ending::Reset)) => Answer::Reset { received_bytes, after_ms },
            (_, Some(Ending::Fin)) => Answer::Fin { received_bytes, after_ms },
            (_, Some(Ending::Silence) | None) => {
                Answer::Timeout { waiting_for: self.waiting_for().to_owned(), received_bytes, after_ms, tcp: None }
            }
        }
    }

    fn completed(&self, confirmed_by: ConfirmedBy) -> Answer {
        Answer::Completed {
            received_bytes: self.received.len(),
            resumed: self.learned.resumed,
            confirmed_by,
            status_line: None,
        }
    }

    fn lone_warning(&self) -> Option<(Alert, Duration)> {
        self.warning.filter(|_| self.client.is_between_records())
    }

    fn waiting_for(&self) -> &'static str {
        match self.state {
            State::ExpectServerHello if !self.received.is_empty() => "the rest of the ServerHello",
            _ => self.client.waiting_for(),
        }
    }

    /// Takes in one thing that was learned. Where our Finished had gone out before, a word of the peer's confirms it.
    fn take(&mut self, event: Event, at: Duration, since_hello: Duration, was_finished: bool) {
        match event {
            Event::ServerHello(hello) => self.take_server_hello(&hello),
            Event::FlightEnds { encrypted } => self.take_end_of_flight(encrypted),
            Event::Completed { resumed, session } => {
                self.learned.resumed = resumed;
                self.learned.session = session;
                self.handshake.get_or_insert(since_hello);
                // Where our Finished is the last message, the peer has yet to judge it.
                let is_last = self.is_tls13 || resumed;
                self.state = if is_last { State::Finished } else { State::Completed(ConfirmedBy::Finished) };
            }
            Event::Ticket(ticket) => {
                // One that is to be discarded at once is none to come back with (RFC 8446 §4.6.1).
                if !ticket.lifetime.is_zero() {
                    self.learned.tickets.push(*ticket);
                }
                self.confirm(ConfirmedBy::Ticket, was_finished);
            }
            Event::ApplicationData(data) if !data.is_empty() && matches!(self.state, State::Open) => {
                self.learned.take_content(&data);
                self.state = State::Completed(ConfirmedBy::ApplicationData);
            }
            Event::ApplicationData(data) => {
                self.learned.spoken.extend(data);
                self.confirm(ConfirmedBy::ApplicationData, was_finished);
            }
            Event::Alert(alert) if !matches!(self.state, State::Completed(_)) => {
                self.state = State::Alerted(alert, at);
            }
            // Only another handshake can be declined so, and it is all that is said to it (RFC 5246 §7.2.2).
            Event::Warning(alert)
                if alert.description == AlertDescription::NO_RENEGOTIATION
                    && matches!(self.state, State::ExpectServerHello) =>
            {
                self.state = State::Alerted(alert, at);
            }
            Event::Warning(alert) => {
                self.warning = Some((alert, at));
                self.learned.warning_alerts.push(WarningAlert {
                    code: alert.description.0,
                    name: alert.description.name().map(str::to_owned),
                    stage: self.stage,
                });
            }
            Event::Stopped(stopped) if !matches!(self.state, State::Completed(_)) => self.take_stop(stopped),
            other => self.learned.take(other),
        }
    }

    fn take_server_hello(&mut self, hello: &ServerHello) {
        self.stage = Stage::Handshake;
        self.state = State::InHandshake;
        self.is_tls13 = hello.is_tls13();
        self.learned.take_server_hello(hello);
        if hello.is_hello_retry_request() && self.depth == Depth::FirstFlight {
            let extensions = hello.extensions.iter().flat_map(|extensions| &extensions.0);
            let cookie = extensions.into_iter().any(|extension| matches!(extension, Extension::Cookie(_)));
            self.state = State::Retry { cookie };
        }
    }

    fn take_end_of_flight(&mut self, encrypted: bool) {
        if !encrypted && self.learned.certificates_state == CertificatesState::Encrypted {
            self.learned.certificates_state = CertificatesState::NotSent;
        }
        if let State::InHandshake = self.state
            && (self.depth == Depth::FirstFlight || encrypted)
        {
            self.state = State::Accepted { not_finished: None };
        }
    }

    fn confirm(&mut self, by: ConfirmedBy, was_finished: bool) {
        if was_finished && matches!(self.state, State::Finished) {
            self.state = State::Completed(by);
        }
    }

    fn take_stop(&mut self, stopped: Stopped) {
        if let Stopped::Malformed { message: Some(HandshakeType::CERTIFICATE), .. } = stopped {
            self.learned.certificates_state = CertificatesState::Unreadable;
        }
        self.state = match stopped {
            // Nobody asked for more than the hello, and that was taken up; the rest is as unreadable as without keys.
            Stopped::BadRecord if self.depth == Depth::FirstFlight => State::Accepted { not_finished: None },
            Stopped::Unable(why) => State::Accepted { not_finished: Some(why) },
            stopped => State::Stopped(stop_answer(&stopped)),
        };
    }
}

/// Whether these could be the first bytes of a record: a content type, then major version 3.
fn begins_like_tls(bytes: &[u8]) -> bool {
    let content_type = bytes.first().is_none_or(|first| (20..=24).contains(first));
    let major_version = bytes.get(1).is_none_or(|major| *major == 3);
    content_type && major_version
}
