//! TLS 1.0 to 1.2 (RFC 2246, RFC 4346, RFC 5246) after the ServerHello: the server's flight, ours, and the end.
//!
//! ```text
//! full:     ServerHello … ServerHelloDone → [Certificate] ClientKeyExchange [CertificateVerify] CCS Finished
//!           → [NewSessionTicket] CCS Finished
//! resumed:  ServerHello [NewSessionTicket] CCS Finished → CCS Finished
//! ```
//!
//! Which of the two it is shows when the server's ChangeCipherSpec comes before a ServerHelloDone (RFC 5077 §3.4). The
//! order of messages within its flight is the server's matter; one that has no place there at all is an error.

mod agreement;
mod flight;
mod key_exchange;

use rand::CryptoRng;

use super::link::Link;
use super::{ClientHelloSent, Depth, Derivation, Event, OnHelloRequest, Options, Stopped, credentials};
use crate::crypto::prf::{Side, VerifyData};
use crate::crypto::record_protection::RecordProtection;
use crate::registry::{AlertDescription, AlertLevel, CipherSuite, ExtensionType};
use crate::wire::alert::Alert;
use crate::wire::extension::{Extension, Extensions};
use crate::wire::handshake::{
    self, Certificate, ClientHello, HandshakeType, NewSessionTicket, RawMessage, ServerHello, ServerKeyExchange,
    SessionId,
};
use crate::wire::record::ContentType;
use crate::wire::{Wire, Writer};
use agreement::{Agreement, Keys};
use flight::ServerFlight;

/// A connection of TLS 1.0 to 1.2, in its first handshake or a later one.
pub(super) struct Tls12 {
    expect: Expect,
    /// The hello that the server answers; none where nothing is known of what was sent.
    sent: Option<(Vec<u8>, ClientHello)>,
    session_id: SessionId,
    flight: ServerFlight,
    goal: Goal,
    /// The server's keys, from its ChangeCipherSpec on.
    opener: Option<RecordProtection>,
    /// Our keys, until our ChangeCipherSpec.
    sealer: Option<RecordProtection>,
    resumed: bool,
    ticket: Option<NewSessionTicket>,
    /// Both Finished messages of the last handshake that was completed, ours first (RFC 5746 §3.1).
    finished: Option<(VerifyData, VerifyData)>,
    our_finished: VerifyData,
}

/// What the server's flight is read for.
enum Goal {
    /// For itself.
    FirstFlight,
    /// To finish the handshake, which won't come to be for this reason.
    OutOfReach(Stopped),
    /// To finish the handshake.
    Finish(Box<Agreement>),
}

/// What is to come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// The answer to a hello that negotiates again.
    ServerHello,
    ServerHelloDone,
    ChangeCipherSpec,
    Finished,
    /// No message: the handshake is complete.
    Nothing,
    /// Nothing more is read.
    Ended,
}

impl Tls12 {
    /// After the first ServerHello.
    pub(super) fn new(
        mut sent: ClientHelloSent,
        message: &RawMessage,
        hello: &ServerHello,
        options: &Options,
        link: &mut Link,
    ) -> Self {
        let mut new = Self {
            expect: Expect::ServerHello,
            // Nothing is derived from it where the flight is read for itself.
            sent: if options.depth == Depth::Finish { sent.take_hello() } else { None },
            session_id: SessionId::default(),
            flight: ServerFlight::new(hello.negotiated_version(), hello.cipher_suite),
            goal: Goal::FirstFlight,
            opener: None,
            sealer: None,
            resumed: false,
            ticket: None,
            finished: None,
            our_finished: VerifyData::default(),
        };
        new.read_server_hello(message, hello, options, link);
        new
    }

    pub(super) fn has_ended(&self) -> bool {
        self.expect == Expect::Ended
    }

    /// Whether application data may go and come.
    pub(super) fn is_open(&self) -> bool {
        self.finished.is_some()
    }

    pub(super) fn waiting_for(&self) -> &'static str {
        match self.expect {
            Expect::ServerHello => "ServerHello",
            Expect::ServerHelloDone => "ServerHelloDone",
            Expect::ChangeCipherSpec => "ChangeCipherSpec",
            Expect::Finished => "Finished",
            Expect::Nothing | Expect::Ended => "application data",
        }
    }

    /// Reads a message.
    pub(super) fn read(
        &mut self,
        message: &RawMessage,
        options: &Options,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        match (self.expect, message.msg_type) {
            // Not part of any transcript (RFC 5246 §7.4.1.1).
            (_, HandshakeType::HELLO_REQUEST) => self.read_hello_request(options, link, random),
            (Expect::ServerHello, HandshakeType::SERVER_HELLO) => {
                let hello = ServerHello::from_bytes(&message.body)?;
                link.tell(Event::ServerHello(hello.clone()));
                self.read_server_hello(message, &hello, options, link);
            }
            (Expect::ServerHelloDone | Expect::ChangeCipherSpec, HandshakeType::NEW_SESSION_TICKET) => {
                self.ticket = Some(NewSessionTicket::from_bytes(&message.body)?);
                self.add(message);
            }
            (Expect::ServerHelloDone, msg_type) => {
                self.flight.read(message, options.depth == Depth::Finish, link)?;
                self.add(message);
                if msg_type == HandshakeType::SERVER_HELLO_DONE {
                    self.answer_flight(options, link, random)?;
                }
            }
            (Expect::Finished, HandshakeType::FINISHED) => self.read_finished(message, link, random)?,
            (Expect::ServerHello, other) => return Err(Stopped::unexpected(other, "server_hello (2)")),
            (Expect::ChangeCipherSpec, other) => return Err(Stopped::unexpected(other, "change_cipher_spec")),
            (Expect::Finished, other) => return Err(Stopped::unexpected(other, "finished (20)")),
            (Expect::Nothing | Expect::Ended, other) => return Err(Stopped::unexpected(other, "hello_request (0)")),
        }
        Ok(())
    }

    /// Reads the server's ChangeCipherSpec. Before a ServerHelloDone it says that a session is resumed.
    pub(super) fn change_cipher_spec(&mut self, options: &Options, link: &mut Link) -> Result<(), Stopped> {
        if self.expect == Expect::ServerHelloDone {
            link.tell(Event::FlightEnds { encrypted: false });
            if self.agreement()?.is_none() {
                return Ok(());
            }
            self.resume(options, link)?;
        } else if self.expect != Expect::ChangeCipherSpec {
            let expected = "no change_cipher_spec (20) here";
            return Err(Stopped::field("record.content_type", u64::from(ContentType::CHANGE_CIPHER_SPEC.0), expected));
        }
        link.open_with(self.opener.take().ok_or(Stopped::BadRecord)?)?;
        self.expect = Expect::Finished;
        Ok(())
    }

    /// Asks for another handshake, in the terms of the first (RFC 5746 §3.5).
    pub(super) fn renegotiate(&mut self, link: &mut Link, random: &mut impl CryptoRng) {
        let (Expect::Nothing, Some((_, hello)), Some((ours, _))) = (self.expect, &self.sent, &self.finished) else {
            return;
        };
        let mut hello = hello.clone();
        random.fill_bytes(&mut hello.random);
        hello.session_id = SessionId::default();
        hello.cipher_suites.retain(|suite| *suite != CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
        let Extensions(extensions) = hello.extensions.get_or_insert_with(|| Extensions(Vec::new()));
        // What is for TLS 1.3 alone has no place here; a pre_shared_key would have to be last (RFC 8446 §4.2.11).
        extensions
            .retain(|old| ![ExtensionType::PRE_SHARED_KEY, ExtensionType::EARLY_DATA].contains(&old.extension_type()));
        let told = Extension::RenegotiationInfo(ours.to_vec());
        match extensions.iter_mut().find(|old| old.extension_type() == ExtensionType::RENEGOTIATION_INFO) {
            Some(old) => *old = told,
            None => extensions.push(told),
        }
        for extension in extensions {
            if let Extension::SessionTicket(ticket) = extension {
                ticket.clear();
            }
        }
        let message = handshake::message(HandshakeType::CLIENT_HELLO, &hello);
        link.write_message(&message, random);
        self.sent = Some((message, hello));
        self.expect = Expect::ServerHello;
    }

    fn read_server_hello(&mut self, message: &RawMessage, hello: &ServerHello, options: &Options, link: &mut Link) {
        link.version = hello.negotiated_version();
        self.session_id = hello.session_id.clone();
        self.flight = ServerFlight::new(hello.negotiated_version(), hello.cipher_suite);
        self.ticket = None;
        self.resumed = false;
        self.expect = Expect::ServerHelloDone;
        self.goal = match options.depth {
            Depth::FirstFlight => Goal::FirstFlight,
            Depth::Finish => match self.agree(hello, options) {
                Ok(agreement) => Goal::Finish(Box::new(agreement)),
                Err(stopped) => Goal::OutOfReach(stopped),
            },
        };
        self.add(message);
    }

    fn agree(&self, hello: &ServerHello, options: &Options) -> Result<Agreement, Stopped> {
        let sent = self.sent.as_ref().ok_or(Stopped::Unable("what was sent is no hello that can be read"))?;
        let extension = hello.extensions.as_ref().and_then(|all| all.find(ExtensionType::RENEGOTIATION_INFO));
        if let Some(Extension::RenegotiationInfo(told)) = extension {
            let expected =
                self.finished.as_ref().map(|(ours, theirs)| [&ours[..], theirs].concat()).unwrap_or_default();
            if *told != expected {
                let expected = "the Finished messages of the handshake before (RFC 5746 §3.5)";
                return Err(Stopped::field("renegotiation_info.renegotiated_connection", told.len() as u64, expected));
            }
        }
        let mut agreement = Agreement::new(sent, hello, options.certificate.is_some())?;
        agreement.extended_master_secret ^= options.derivation == Derivation::Otherwise;
        Ok(agreement)
    }

    /// Adds a message to the transcript.
    fn add(&mut self, message: &RawMessage) {
        if let Goal::Finish(agreement) = &mut self.goal {
            agreement.add(&message.to_bytes());
        }
    }

    /// What is agreed so far; none, and the end, where the flight is all that was wanted.
    fn agreement(&mut self) -> Result<Option<&mut Agreement>, Stopped> {
        match &mut self.goal {
            Goal::FirstFlight => {
                self.expect = Expect::Ended;
                Ok(None)
            }
            Goal::OutOfReach(stopped) => Err(stopped.clone()),
            Goal::Finish(agreement) => Ok(Some(agreement)),
        }
    }

    fn read_hello_request(&mut self, options: &Options, link: &mut Link, random: &mut impl CryptoRng) {
        if self.expect != Expect::Nothing {
            return; // means nothing during a handshake
        }
        link.tell(Event::HelloRequest);
        match options.on_hello_request {
            OnHelloRequest::Ignore => {}
            OnHelloRequest::Renegotiate => self.renegotiate(link, random),
            OnHelloRequest::Refuse => {
                let alert = Alert { level: AlertLevel::WARNING, description: AlertDescription::NO_RENEGOTIATION };
                link.write(ContentType::ALERT, &alert.to_bytes(), random);
            }
        }
    }

    /// The server's flight is whole: writes ours.
    fn answer_flight(
        &mut self,
        options: &Options,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        link.tell(Event::FlightEnds { encrypted: false });
        if self.agreement()?.is_none() {
            return Ok(());
        }
        let (Goal::Finish(agreement), flight, Some((_, hello))) = (&mut self.goal, &self.flight, &self.sent) else {
            return Ok(());
        };
        check_signature(flight, agreement, link);
        let exchange = key_exchange::agree(flight, hello.legacy_version, options.key_choice, random)?;

        let certificate = flight.request.as_ref().and(options.certificate.as_ref());
        if flight.request.is_some() {
            let entries = certificate.map(|certificate| certificate.chain.clone()).unwrap_or_default();
            let body = Certificate { entries }.to_bytes();
            write(agreement, link, HandshakeType::CERTIFICATE, body, random);
        }
        write(agreement, link, HandshakeType::CLIENT_KEY_EXCHANGE, exchange.message, random);
        agreement.derive(&exchange.pre_master_secret);
        if let (Some(certificate), Some(request)) = (certificate, &flight.request) {
            let verify = certificate.sign(agreement.version, request, agreement.messages(), random)?;
            let mut body = Writer::new();
            verify.encode(&mut body);
            write(agreement, link, HandshakeType::CERTIFICATE_VERIFY, body.into_bytes(), random);
        }
        self.derive_keys(link)?;
        self.write_finished(link, random)?;
        self.expect = Expect::ChangeCipherSpec;
        Ok(())
    }

    /// The server goes on from a session that was offered.
    fn resume(&mut self, options: &Options, link: &mut Link) -> Result<(), Stopped> {
        const UNKNOWN: Stopped = Stopped::Unable("the server resumes a session that was not offered");
        let session = options.session.as_ref().filter(|_| self.finished.is_none()).ok_or(UNKNOWN)?;
        if let Some(agreement) = self.agreement()? {
            agreement.resume(session);
        }
        self.resumed = true;
        self.derive_keys(link)
    }

    fn derive_keys(&mut self, link: &mut Link) -> Result<(), Stopped> {
        let Some(agreement) = self.agreement()? else { return Ok(()) };
        let Keys { opener, sealer } = agreement.keys()?;
        link.log_key("CLIENT_RANDOM", &agreement.client_random, &*agreement.master_secret);
        (self.opener, self.sealer) = (Some(opener), Some(sealer));
        Ok(())
    }

    /// Changes to our new keys, and says so in a Finished under them.
    fn write_finished(&mut self, link: &mut Link, random: &mut impl CryptoRng) -> Result<(), Stopped> {
        link.write_change_cipher_spec(random);
        if let Some(sealer) = self.sealer.take() {
            link.seal_with(sealer);
        }
        let Some(agreement) = self.agreement()? else { return Ok(()) };
        let verify_data = agreement.verify_data(Side::Client);
        let message = RawMessage { msg_type: HandshakeType::FINISHED, body: verify_data.to_vec() }.to_bytes();
        agreement.add(&message);
        self.our_finished = verify_data;
        link.write_message(&message, random);
        Ok(())
    }

    fn read_finished(
        &mut self,
        message: &RawMessage,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        let ticket = self.ticket.take();
        let session_id = self.session_id.0.clone();
        let Some(agreement) = self.agreement()? else { return Ok(()) };
        let verify_data = agreement.verify_data(Side::Server);
        if message.body != verify_data {
            return Err(Stopped::WrongFinished);
        }
        agreement.add(&message.to_bytes());
        let session = agreement.session(session_id, ticket);
        if self.resumed {
            self.write_finished(link, random)?;
        }
        self.finished = Some((self.our_finished, verify_data));
        self.expect = Expect::Nothing;
        link.tell(Event::Completed { resumed: self.resumed, session: Some(Box::new(session)) });
        Ok(())
    }
}

/// Looks at the signature in the ServerKeyExchange, if there is one (RFC 5246 §7.4.3).
fn check_signature(flight: &ServerFlight, agreement: &Agreement, link: &mut Link) {
    let Some(parameters) = &flight.key_exchange else { return };
    let (ServerKeyExchange::Dhe { signature, .. } | ServerKeyExchange::Ecdhe { signature, .. }) = parameters else {
        return;
    };
    let Some(signed) = signature else { return };
    let mut content = Writer::new();
    content.bytes(&agreement.client_random);
    content.bytes(&agreement.server_random);
    parameters.encode_params(&mut content);
    let leaf = flight.certificates.first().map(Vec::as_slice);
    let check = credentials::check(leaf, signed, &content.into_bytes());
    link.tell(Event::Signature { scheme: signed.scheme, check });
}

/// Writes a message of ours, and adds it to the transcript.
fn write(
    agreement: &mut Agreement,
    link: &mut Link,
    msg_type: HandshakeType,
    body: Vec<u8>,
    random: &mut impl CryptoRng,
) {
    let message = RawMessage { msg_type, body }.to_bytes();
    agreement.add(&message);
    link.write_message(&message, random);
}
