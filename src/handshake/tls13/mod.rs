//! TLS 1.3 (RFC 8446) after the ServerHello: the server's encrypted flight, our answer, and what comes after.
//!
//! ```text
//! ServerHello {EncryptedExtensions [CertificateRequest] [Certificate CertificateVerify] Finished}
//! → [CCS] {[Certificate [CertificateVerify]] Finished} → [NewSessionTicket …]
//! ```
//!
//! The flight is readable as soon as the ServerHello is there, so it is read even where nothing is to be written. That
//! our Finished, and our certificate in front of it, were taken shows only in what the server does next.

mod after;
mod schedule;

use rand::CryptoRng;

use super::link::Link;
use super::{CertificateRequested, ClientHelloSent, Depth, Event, Options, SignatureCheck, Stopped, credentials};
use crate::crypto::hash::RunningHash;
use crate::crypto::key_schedule::{ResumptionSecret, suite_hash};
use crate::crypto::prf::Side;
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};
use crate::wire::extension::{Extension, Extensions, KeyShare, PreSharedKey, StatusRequest};
use crate::wire::handshake::{
    Certificate13, CertificateEntry, CertificateRequest13, DigitallySigned, EncryptedExtensions, HandshakeType,
    RawMessage, ServerHello, message,
};
use crate::wire::{Reader, Wire, Writer};
use schedule::{Application, Schedule};

/// A connection of TLS 1.3.
pub(super) struct Tls13 {
    expect: Expect,
    suite: CipherSuite,
    schedule: Schedule,
    /// Whether the hello pretends to resume a session (RFC 8446 §D.4), and no ChangeCipherSpec has followed it yet.
    owes_change_cipher_spec: bool,
    resumed: bool,
    /// The DER of the server's own certificate.
    leaf: Option<Vec<u8>>,
    request: Option<Request>,
    application: Option<Application>,
    resumption: Option<ResumptionSecret>,
}

/// What is to come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    EncryptedExtensions,
    /// Or a CertificateRequest before it.
    Certificate,
    CertificateVerify,
    Finished,
    /// Nothing in particular: the handshake is complete.
    Nothing,
    /// Nothing more is read.
    Ended,
}

/// A CertificateRequest, and by which name to answer it.
struct Request {
    context: Vec<u8>,
    requested: CertificateRequested,
}

impl Tls13 {
    /// After the ServerHello. None where only the flight was wanted, and its keys are not there.
    pub(super) fn new(
        mut sent: ClientHelloSent,
        message: &RawMessage,
        hello: &ServerHello,
        options: &Options,
        link: &mut Link,
    ) -> Result<Option<Self>, Stopped> {
        let (suite, is_second) = (hello.cipher_suite, sent.is_second());
        let begun = begin(&mut sent, message, hello, options, link);
        let (schedule, resumed) = match begun {
            Ok(begun) => begun,
            Err(Stopped::Unable(_)) if options.depth == Depth::FirstFlight => {
                link.tell(Event::FlightEnds { encrypted: true });
                return Ok(None);
            }
            Err(stopped) => return Err(stopped),
        };
        link.disguised = true;
        link.open_with(schedule.opener()?)?;
        Ok(Some(Self {
            expect: Expect::EncryptedExtensions,
            suite,
            schedule,
            owes_change_cipher_spec: !hello.session_id.0.is_empty() && !is_second,
            resumed,
            leaf: None,
            request: None,
            application: None,
            resumption: None,
        }))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.expect == Expect::Ended
    }

    /// Whether application data may go and come.
    pub(super) fn is_open(&self) -> bool {
        self.expect == Expect::Nothing
    }

    pub(super) fn waiting_for(&self) -> &'static str {
        match self.expect {
            Expect::EncryptedExtensions => "EncryptedExtensions",
            Expect::Certificate => "Certificate",
            Expect::CertificateVerify => "CertificateVerify",
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
        let body = message.body.as_slice();
        match (self.expect, message.msg_type) {
            (Expect::EncryptedExtensions, HandshakeType::ENCRYPTED_EXTENSIONS) => {
                let EncryptedExtensions(extensions) = EncryptedExtensions::from_bytes(body)?;
                link.tell(Event::EncryptedExtensions(extensions));
                self.expect = if self.resumed { Expect::Finished } else { Expect::Certificate };
            }
            (Expect::Certificate, HandshakeType::CERTIFICATE_REQUEST) if self.request.is_none() => {
                self.request = Some(read_request(body, link)?);
            }
            (Expect::Certificate, HandshakeType::CERTIFICATE) => {
                self.read_certificate(Certificate13::from_bytes(body)?, link);
                self.expect = Expect::CertificateVerify;
            }
            (Expect::Certificate, HandshakeType::COMPRESSED_CERTIFICATE) => {
                link.tell(Event::CompressedCertificate);
                self.expect = Expect::CertificateVerify;
            }
            (Expect::CertificateVerify, HandshakeType::CERTIFICATE_VERIFY) => {
                let mut input = Reader::new(body);
                let signed = DigitallySigned::decode(&mut input, ProtocolVersion::TLS1_3)?;
                input.end()?;
                let check = match options.depth {
                    Depth::FirstFlight => SignatureCheck::NotChecked,
                    Depth::Finish => {
                        let content = signed_content(Side::Server, &self.schedule.current());
                        credentials::check(self.leaf.as_deref(), &signed, &content)
                    }
                };
                link.tell(Event::Signature { scheme: signed.scheme, check });
                self.expect = Expect::Finished;
            }
            (Expect::Finished, HandshakeType::FINISHED) => {
                if message.body != *self.schedule.server_finished() {
                    return Err(Stopped::WrongFinished);
                }
                self.schedule.add(&message.to_bytes());
                link.tell(Event::FlightEnds { encrypted: false });
                if options.depth == Depth::FirstFlight {
                    self.expect = Expect::Ended;
                    return Ok(());
                }
                return self.answer_flight(options, link, random);
            }
            (Expect::Nothing, _) => return self.read_after(message, options, link, random),
            (_, found) => return Err(Stopped::unexpected(found, self.expected())),
        }
        self.schedule.add(&message.to_bytes());
        Ok(())
    }

    fn expected(&self) -> &'static str {
        match self.expect {
            Expect::EncryptedExtensions => "encrypted_extensions (8)",
            Expect::Certificate => "certificate (11)",
            Expect::CertificateVerify => "certificate_verify (15)",
            Expect::Finished => "finished (20)",
            Expect::Nothing | Expect::Ended => "new_session_ticket (4), certificate_request (13) or key_update (24)",
        }
    }

    fn read_certificate(&mut self, certificate: Certificate13, link: &mut Link) {
        let leaf = certificate.entries.first();
        let status = leaf.and_then(|leaf| leaf.extensions.find(ExtensionType::STATUS_REQUEST));
        if let Some(Extension::StatusRequest(StatusRequest::Response(status))) = status {
            link.tell(Event::CertificateStatus(status.clone().into_ocsp()));
        }
        self.leaf = leaf.map(|leaf| leaf.data.clone());
        link.tell(Event::Certificate(certificate.entries.into_iter().map(|entry| entry.data).collect()));
    }

    /// Writes our flight (RFC 8446 §4.4), behind the server's Finished.
    fn answer_flight(
        &mut self,
        options: &Options,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        let application = self.schedule.application(link);
        if std::mem::take(&mut self.owes_change_cipher_spec) {
            link.write_change_cipher_spec(random);
        }
        link.seal_with(self.schedule.sealer()?);
        if let Some(request) = self.request.take() {
            let mut transcript = self.schedule.fork();
            for message in certificate_messages(&request, options, &mut transcript, random)? {
                self.schedule.add(&message);
                link.write_message(&message, random);
            }
        }
        let finished = RawMessage { msg_type: HandshakeType::FINISHED, body: self.schedule.client_finished().to_vec() };
        self.schedule.add(&finished.to_bytes());
        link.write_message(&finished.to_bytes(), random);
        self.resumption = Some(self.schedule.resumption());
        link.seal_with(schedule::protection(&application.client, self.suite)?);
        link.open_with(schedule::protection(&application.server, self.suite)?)?;
        self.application = Some(application);
        self.expect = Expect::Nothing;
        link.tell(Event::Completed { resumed: self.resumed, session: None });
        Ok(())
    }
}

/// Agrees on the secrets of the handshake, and says whether a session is resumed.
fn begin(
    sent: &mut ClientHelloSent,
    message: &RawMessage,
    hello: &ServerHello,
    options: &Options,
    link: &mut Link,
) -> Result<(Schedule, bool), Stopped> {
    let suite = hello.cipher_suite;
    let (sent_message, sent_hello) =
        sent.take_hello().ok_or(Stopped::Unable("what was sent is no hello that can be read"))?;
    if hello.negotiated_version() != ProtocolVersion::TLS1_3 {
        return Err(Stopped::Unable("a version after TLS 1.3, or a draft of it"));
    }
    let hash = suite_hash(suite).ok_or(Stopped::Unable("a suite that is not known here as one of TLS 1.3"))?;
    let extension = |extension_type| hello.extensions.as_ref().and_then(|all| all.find(extension_type));

    let psk = match extension(ExtensionType::PRE_SHARED_KEY) {
        None => None,
        Some(Extension::PreSharedKey(PreSharedKey::Selected(0))) => {
            const UNKNOWN: Stopped = Stopped::Unable("the server resumes a session that was not offered");
            Some(options.psk_session.as_ref().map(|session| session.psk.clone()).ok_or(UNKNOWN)?)
        }
        Some(_) => {
            return Err(Stopped::field("pre_shared_key.selected_identity", 1, "the one identity that was offered (0)"));
        }
    };
    let shared_secret = match extension(ExtensionType::KEY_SHARE) {
        Some(Extension::KeyShare(KeyShare::Selected(share))) => {
            const UNKNOWN: Stopped = Stopped::Unable("the private key of the key share is not known");
            let pair = sent.key_shares.take(share.group).ok_or(UNKNOWN)?;
            let secret = pair.agree(&share.key_exchange);
            let unusable =
                || Stopped::field("key_share.key_exchange", share.key_exchange.len() as u64, "a key of its group");
            Some(secret.map_err(|_| unusable())?)
        }
        // psk_ke (RFC 8446 §4.2.9).
        _ if psk.is_some() => None,
        _ => return Err(Stopped::field("server_hello.extensions", 0, "key_share (51)")),
    };
    let mut transcript = RunningHash::new(hash);
    transcript.update(&sent.transcript);
    transcript.update(&sent_message);
    transcript.update(&message.to_bytes());
    let random = sent_hello.random;
    let shared_secret = shared_secret.as_ref().map(|secret| secret.as_slice());
    let schedule = Schedule::new(suite, hash, random, transcript, psk.as_deref(), shared_secret, link);
    Ok((schedule, psk.is_some()))
}

/// Reads a CertificateRequest, and tells of it.
fn read_request(body: &[u8], link: &mut Link) -> Result<Request, Stopped> {
    let CertificateRequest13 { context, extensions: Extensions(extensions) } = CertificateRequest13::from_bytes(body)?;
    let mut requested = CertificateRequested::default();
    for extension in extensions {
        match extension {
            Extension::SignatureAlgorithms(schemes) => requested.signature_schemes = schemes,
            Extension::CertificateAuthorities(authorities) => requested.authorities = authorities,
            _ => {}
        }
    }
    link.tell(Event::CertificateRequest(requested.clone()));
    Ok(Request { context, requested })
}

/// What a signature of that side covers (RFC 8446 §4.4.3).
fn signed_content(side: Side, transcript_hash: &[u8]) -> Vec<u8> {
    let context: &[u8] = match side {
        Side::Client => b"TLS 1.3, client CertificateVerify",
        Side::Server => b"TLS 1.3, server CertificateVerify",
    };
    [&[b' '; 64], context, &[0], transcript_hash].concat()
}

/// Our Certificate and, if there is one in it, the CertificateVerify behind it.
fn certificate_messages(
    request: &Request,
    options: &Options,
    transcript: &mut RunningHash,
    random: &mut impl CryptoRng,
) -> Result<Vec<Vec<u8>>, Stopped> {
    let ours = options.certificate.as_ref();
    let entry = |data: &Vec<u8>| CertificateEntry { data: data.clone(), extensions: Extensions::default() };
    let entries = ours.map(|ours| ours.chain.iter().map(entry).collect()).unwrap_or_default();
    let certificate = Certificate13 { context: request.context.clone(), entries };
    let mut messages = vec![message(HandshakeType::CERTIFICATE, &certificate)];
    transcript.update(&messages.concat());
    if let Some(ours) = ours {
        let content = signed_content(Side::Client, &transcript.clone().finish());
        let signed = ours.sign(ProtocolVersion::TLS1_3, &request.requested, &content, random)?;
        let mut body = Writer::new();
        signed.encode(&mut body);
        let verify = RawMessage { msg_type: HandshakeType::CERTIFICATE_VERIFY, body: body.into_bytes() }.to_bytes();
        transcript.update(&verify);
        messages.push(verify);
    }
    Ok(messages)
}
