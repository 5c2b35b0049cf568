//! The client as its caller sees it: what comes is read record by record, and given to the machine of the version.

use rand::CryptoRng;

use super::link::{Link, Opened};
use super::retry;
use super::tls12::Tls12;
use super::tls13::Tls13;
use super::{ClientHelloSent, Depth, Event, Options, Step, Stopped};
use crate::registry::{AlertDescription, AlertLevel};
use crate::wire::alert::Alert;
use crate::wire::handshake::{HandshakeType, RawMessage, ServerHello};
use crate::wire::record::ContentType;
use crate::wire::{DecodeError, Wire};

/// The most warnings that are taken; nobody has that much to say.
const MAX_WARNINGS: usize = 16;

/// One connection, from the hello that was sent on.
pub struct Client {
    options: Options,
    link: Link,
    state: State,
    /// Bytes of an alert that was split over records, which TLS 1.2 and older allow (RFC 5246 §6.2.1).
    alert: Vec<u8>,
    warnings: usize,
}

/// What is known of the answer so far.
enum State {
    ExpectServerHello(ClientHelloSent),
    Tls12(Box<Tls12>),
    Tls13(Box<Tls13>),
    /// Nothing more is read.
    Ended,
}

impl Client {
    /// The client that has just written this hello.
    pub fn new(sent: ClientHelloSent, options: Options) -> Self {
        Self { options, link: Link::new(), state: State::ExpectServerHello(sent), alert: Vec::new(), warnings: 0 }
    }

    /// Takes in what came, in any pieces, and says what to write now and what was learned.
    pub fn receive(&mut self, bytes: &[u8], random: &mut impl CryptoRng) -> Step {
        if !self.has_ended() {
            self.link.push(bytes);
        }
        while !self.has_ended() {
            match self.read_record(random) {
                Ok(true) => {}
                Ok(false) => break,
                Err(stopped) => self.end(Event::Stopped(stopped)),
            }
        }
        self.link.take_step()
    }

    /// Whether nothing more is read.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Whether all that came is read: nothing of a record is left over.
    pub fn is_between_records(&self) -> bool {
        self.link.is_between_records()
    }

    /// The last handshake message that we wrote.
    pub fn last_message(&self) -> HandshakeType {
        self.link.last_message
    }

    /// Whether it can say who we are.
    pub fn has_certificate(&self) -> bool {
        self.options.certificate.is_some()
    }

    /// What the handshake waits for, by the name of its message.
    pub fn waiting_for(&self) -> &'static str {
        match &self.state {
            State::ExpectServerHello(_) => "ServerHello",
            State::Tls12(tls12) => tls12.waiting_for(),
            State::Tls13(tls13) => tls13.waiting_for(),
            State::Ended => "nothing",
        }
    }

    /// Application data in records, once the handshake is complete; nothing before that.
    pub fn seal_application_data(&mut self, data: &[u8], random: &mut impl CryptoRng) -> Vec<u8> {
        if self.is_open() {
            self.link.write(ContentType::APPLICATION_DATA, data, random);
        }
        self.link.take_step().write
    }

    /// Says that we write no more (RFC 8446 §6.1).
    pub fn close_notify(&mut self, random: &mut impl CryptoRng) -> Vec<u8> {
        self.write_alert(AlertLevel::WARNING, AlertDescription::CLOSE_NOTIFY, random);
        self.link.take_step().write
    }

    /// Starts another handshake on the connection (RFC 5746 §3.5), which TLS 1.2 and older allow once the first is
    /// complete. Nothing is written otherwise.
    pub fn renegotiate(&mut self, random: &mut impl CryptoRng) -> Vec<u8> {
        if let State::Tls12(tls12) = &mut self.state {
            tls12.renegotiate(&mut self.link, random);
        }
        self.link.take_step().write
    }

    fn is_open(&self) -> bool {
        match &self.state {
            State::Tls12(tls12) => tls12.is_open(),
            State::Tls13(tls13) => tls13.is_open(),
            _ => false,
        }
    }

    fn end(&mut self, event: Event) {
        self.link.tell(event);
        self.state = State::Ended;
    }

    fn write_alert(&mut self, level: AlertLevel, description: AlertDescription, random: &mut impl CryptoRng) {
        self.link.write(ContentType::ALERT, &Alert { level, description }.to_bytes(), random);
    }

    /// Reads the next record. False if it has not come yet.
    fn read_record(&mut self, random: &mut impl CryptoRng) -> Result<bool, Stopped> {
        let Some(opened) = self.link.next_record()? else { return Ok(false) };
        let is_open = self.is_open();
        match (opened, &mut self.state) {
            (Opened::Other(ContentType::ALERT, fragment), _) => self.read_alerts(&fragment)?,
            (Opened::Handshake, _) => {
                while !self.has_ended()
                    && let Some(message) = self.link.next_message()?
                {
                    self.read_message(&message, random).map_err(|stopped| stopped.inside(message.msg_type))?;
                }
            }
            (Opened::Other(ContentType::CHANGE_CIPHER_SPEC, _), State::Tls12(tls12)) => {
                tls12.change_cipher_spec(&self.options, &mut self.link)?;
            }
            // It means nothing in TLS 1.3 (RFC 8446 §5), and may stand behind a HelloRetryRequest.
            (Opened::Other(ContentType::CHANGE_CIPHER_SPEC, _), State::Tls13(_)) => {}
            (Opened::Other(ContentType::CHANGE_CIPHER_SPEC, _), State::ExpectServerHello(sent)) if sent.is_second() => {
            }
            (Opened::Other(ContentType::APPLICATION_DATA, fragment), _) if is_open => {
                self.link.tell(Event::ApplicationData(fragment));
            }
            (Opened::Other(found, _), _) => {
                let expected = "handshake (22) or alert (21)";
                return Err(Stopped::field("record.content_type", u64::from(found.0), expected));
            }
        }
        if matches!(&self.state, State::Tls12(tls12) if tls12.has_ended())
            || matches!(&self.state, State::Tls13(tls13) if tls13.has_ended())
        {
            self.state = State::Ended;
        }
        Ok(true)
    }

    fn read_alerts(&mut self, fragment: &[u8]) -> Result<(), Stopped> {
        let mut bytes = std::mem::take(&mut self.alert);
        bytes.extend_from_slice(fragment);
        let mut alerts = bytes.chunks_exact(2);
        for alert in &mut alerts {
            let alert = Alert::from_bytes(alert)?;
            if self.is_final(alert) {
                self.end(Event::Alert(alert));
                return Ok(());
            }
            if self.warnings == MAX_WARNINGS {
                let (field, found) = ("warning alerts", MAX_WARNINGS + 1);
                return Err(DecodeError::Length { field, offset: 0, found, allowed: "0..16" }.into());
            }
            self.warnings += 1;
            self.link.tell(Event::Warning(alert));
        }
        self.alert = alerts.remainder().to_vec();
        Ok(())
    }

    /// In TLS 1.3 the level says nothing, and one alert alone is no end (RFC 8446 §6).
    fn is_final(&self, alert: Alert) -> bool {
        if let State::Tls13(_) = self.state {
            return alert.description != AlertDescription::USER_CANCELED;
        }
        alert.level != AlertLevel::WARNING || alert.description == AlertDescription::CLOSE_NOTIFY
    }

    pub(super) fn read_message(&mut self, message: &RawMessage, random: &mut impl CryptoRng) -> Result<(), Stopped> {
        match &mut self.state {
            State::Tls12(tls12) => tls12.read(message, &self.options, &mut self.link, random),
            State::Tls13(tls13) => tls13.read(message, &self.options, &mut self.link, random),
            State::Ended => Ok(()),
            // May come at any time, and means nothing now (RFC 5246 §7.4.1.1).
            State::ExpectServerHello(_) if message.msg_type == HandshakeType::HELLO_REQUEST => Ok(()),
            State::ExpectServerHello(_) if message.msg_type != HandshakeType::SERVER_HELLO => {
                Err(Stopped::unexpected(message.msg_type, "server_hello (2)"))
            }
            State::ExpectServerHello(_) => {
                self.read_server_hello(message, &ServerHello::from_bytes(&message.body)?, random)
            }
        }
    }

    /// Goes on as the server chose.
    fn read_server_hello(
        &mut self,
        message: &RawMessage,
        hello: &ServerHello,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        self.link.tell(Event::ServerHello(hello.clone()));
        let State::ExpectServerHello(sent) = std::mem::replace(&mut self.state, State::Ended) else { return Ok(()) };
        let (options, link) = (&self.options, &mut self.link);
        self.state = if hello.is_hello_retry_request() {
            if options.depth == Depth::FirstFlight {
                link.tell(Event::FlightEnds { encrypted: false });
                return Ok(());
            }
            State::ExpectServerHello(retry::answer(sent, message, hello, options, link, random)?)
        } else if hello.is_tls13() {
            match Tls13::new(sent, message, hello, options, link)? {
                Some(tls13) => State::Tls13(Box::new(tls13)),
                None => State::Ended,
            }
        } else {
            State::Tls12(Box::new(Tls12::new(sent, message, hello, options, link)))
        };
        Ok(())
    }
}
