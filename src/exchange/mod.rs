//! One question over one open stream, and a record of what came back.
//!
//! An exchange never fails: an alert, a close, a reset or silence is its result, kept byte for byte so that a report
//! can show it and a test can replay it. `Err` is left to what this system could not do. It does not know why it was
//! asked (`probe`), and its stream may be a socket, a tunnel or a test's pipe.

mod conversation;
mod ending;
mod flight;
mod fresh;
mod kept;
mod not_tls;
mod ssl2;
mod summary;
#[cfg(test)]
mod tests;

pub use crate::handshake::{
    Client, ClientCertificate, Depth, Derivation, Event, KeyChoice, KeyLogLine, OnHelloRequest, Options,
};
pub use fresh::{Fresh, fresh_values};
pub use kept::Kept;
pub use ssl2::{ask_ssl2, ssl2_client_hello};

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rand::CryptoRng;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::handshake::{ClientHelloSent, KeyShares, PskSession};
use crate::offer::OfferSummary;
use crate::outcome::{
    Answer, ApplicationData, AskedBy, ConfirmedBy, ContentAnswer, Evidence, EvidenceTurn, Exchange,
    LateCertificateRequest, Outcome, TcpState, Timing, milliseconds,
};
use crate::registry::ProtocolVersion;
pub use conversation::Turn;
use conversation::{Conversation, converse};
pub use ending::{Ending, aftermath, alert_answer, ending_of, stop_answer};
use flight::Flight;
pub use summary::Learned;

/// The most bytes that are read from a peer before it is cut off. A flight of TLS 1.2 with a long chain and many
/// authorities has some 20 KiB.
const MAX_RECEIVED: usize = 80 * 1024;

/// How long writing a goodbye may take: a socket with room takes it at once.
const GOODBYE: Duration = Duration::from_millis(100);

/// What came of one question.
pub struct Recorded {
    /// How it ended.
    pub outcome: Outcome,
    /// What the flight told, as far as it came.
    pub learned: Learned,
    /// From our hello to the first byte back.
    pub first_byte: Option<Duration>,
    /// From our hello to the end of the handshake on this side.
    pub handshake: Option<Duration>,
    /// Every byte that was written, or was to be.
    pub sent: Vec<u8>,
    /// Every byte that came.
    pub received: Vec<u8>,
    /// Where writing and reading took turns: each turn but the last.
    pub turns: Vec<Turn>,
    /// What went to and fro over HTTP, for who keeps bytes.
    pub application_data: Option<ApplicationData>,
    /// The connection, where its handshake is complete: application data can go and come.
    pub open: Option<Box<Client>>,
    /// How a second handshake on the connection ended, where one was asked for.
    pub renegotiation: Option<Box<Outcome>>,
    /// The certificate that the server asked for when something was asked of it.
    pub late_certificate_request: Option<Box<LateCertificateRequest>>,
    /// How the answer began, where something was asked of it.
    pub content: Option<Box<ContentAnswer>>,
}

/// What a report keeps of the bytes themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    /// All that was sent and received.
    pub evidence: bool,
    /// Each certificate's PEM.
    pub pem: bool,
}

impl Recorded {
    /// No stream came to be: all there is to tell is why.
    pub fn not_reached(outcome: Outcome) -> Self {
        Self {
            outcome,
            learned: Learned::default(),
            first_byte: None,
            handshake: None,
            sent: Vec::new(),
            received: Vec::new(),
            turns: Vec::new(),
            application_data: None,
            open: None,
            renegotiation: None,
            late_certificate_request: None,
            content: None,
        }
    }

    /// What comes behind silence, and before anything else, is the peer's word on our Finished after all: an alert that was
    /// still on its way (RFC 8446 §4.4.4).
    pub fn heard_late(&mut self, next: &Outcome) {
        let was_silent = matches!(self.outcome.answer, Answer::Completed { confirmed_by: ConfirmedBy::Silence, .. });
        if was_silent && matches!(next.answer, Answer::Alert { .. }) {
            self.outcome = next.clone();
        }
    }

    /// Adds what was said on the same connection afterwards.
    pub fn go_on(&mut self, further: Further) {
        let before = |length: usize, of: fn(&Turn) -> usize| length - self.turns.iter().map(of).sum::<usize>();
        let last = Turn {
            sent: before(self.sent.len(), |turn| turn.sent),
            received: before(self.received.len(), |turn| turn.received),
        };
        self.turns.push(last);
        self.turns.extend(further.turns);
        self.sent.extend(further.sent);
        self.received.extend(further.received);
        self.learned.key_log.extend(further.key_log);
    }

    /// The record as a report's exchange. Its number is given by whoever knows the order of asking.
    pub fn into_exchange(mut self, purpose: String, offer: Arc<OfferSummary>, timing: Timing, keep: Keep) -> Exchange {
        let certificates = self.learned.read_certificates(keep.pem);
        if let Some(server) = &mut self.learned.server {
            server.compare_with(&offer);
        }
        let session = self.learned.session_left();
        let turn = |turn: &Turn| EvidenceTurn { sent: turn.sent, received: turn.received };
        let evidence = || Evidence {
            sent: hex::encode(&self.sent),
            received: hex::encode(&self.received),
            turns: self.turns.iter().map(turn).collect(),
            application_data: self.application_data.take(),
        };
        Exchange {
            id: 0,
            purpose,
            offer,
            outcome: self.outcome,
            server: self.learned.server,
            certificates,
            certificates_state: self.learned.certificates_state,
            certificate_request: self.learned.certificate_request,
            session,
            warning_alerts: self.learned.warning_alerts,
            renegotiation: self.renegotiation,
            late_certificate_request: self.late_certificate_request,
            content: self.content,
            ssl2: None,
            http: None,
            ftp: None,
            timing_ms: Timing {
                first_byte: self.first_byte.map(milliseconds),
                handshake: self.handshake.map(milliseconds),
                ..timing
            },
            evidence: keep.evidence.then(evidence),
        }
    }
}

/// How long an exchange may wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For each next byte.
    pub hello: Duration,
    /// In TLS 1.3, for what the peer says to our Finished.
    pub finished: Duration,
    /// For all of it.
    pub deadline: Instant,
}

/// What to open a connection with, and how far to go with what comes back.
#[derive(Default)]
pub struct Opening {
    /// The hello in its records, written as it is.
    pub hello: Vec<u8>,
    /// In how many equal pieces it is handed to TCP, with a pause between; none and one are the same.
    pub segments: usize,
    /// The secrets behind its key shares.
    pub key_shares: KeyShares,
    /// How far to go, and how.
    pub options: Options,
}

impl Opening {
    /// These bytes, of which nothing else is known.
    pub fn exactly(hello: &[u8]) -> Self {
        Self { hello: hello.to_vec(), ..Self::default() }
    }
}

/// Writes a hello and reads what comes back: up to the end of the peer's first flight, or to that of the handshake.
///
/// `tcp_state` is asked when the peer stays silent, for what the system's TCP knows of the connection.
pub fn ask<'a, S>(
    stream: &'a mut S,
    opening: Opening,
    limits: Limits,
    random: &'a mut impl CryptoRng,
    tcp_state: impl Fn(&S) -> Option<TcpState>,
) -> impl Future<Output = io::Result<Recorded>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Opening { hello, segments, key_shares, options } = opening;
    let mut flight = Flight::new(ClientHelloSent::new(&hello, key_shares), options);
    async move {
        let conversation = converse(stream, hello, segments, limits, &mut flight, random).await?;
        let Conversation { written, ending, after, first_byte, sent, turns } = conversation;
        let mut outcome = flight.outcome(ending, after);
        if let Answer::Timeout { waiting_for, tcp, .. } = &mut outcome.answer {
            if !written {
                let what = if outcome.after_message.is_some() { "our answer" } else { "the hello" };
                *waiting_for = format!("room to write {what}");
            }
            *tcp = tcp_state(stream);
        }
        let (learned, received, handshake, open) = flight.into_parts();
        Ok(Recorded {
            learned,
            first_byte,
            handshake,
            sent,
            received,
            turns: turns.before_the_last(),
            open,
            ..Recorded::not_reached(outcome)
        })
    }
}

/// Asks for another handshake on a connection whose first is complete (RFC 5746 §3.5), and reads what comes of it. Gives
/// the connection back where it is still open. In TLS 1.3 there is nothing to ask for: the outcome is then none.
pub async fn renegotiate<S>(
    stream: &mut S,
    mut open: Box<Client>,
    limits: Limits,
    random: &mut impl CryptoRng,
) -> io::Result<(Option<(Outcome, Further)>, Option<Box<Client>>)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let hello = open.renegotiate(random);
    if hello.is_empty() {
        return Ok((None, Some(open)));
    }
    let mut flight = Flight::again(*open);
    let conversation = converse(stream, hello, 1, limits, &mut flight, random).await?;
    let outcome = flight.outcome(conversation.ending, conversation.after);
    let (mut learned, received, _, open) = flight.into_parts();
    Ok((Some((outcome, Further::of(conversation, received, &mut learned))), open))
}

/// Asks for something on a connection whose handshake is complete, and reads what comes of it until the answer begins:
/// some servers ask who we are only now, by another handshake or, in TLS 1.3, by a request alone.
pub async fn ask_for_content<S>(
    stream: &mut S,
    mut open: Box<Client>,
    content: &[u8],
    version: ProtocolVersion,
    limits: Limits,
    random: &mut impl CryptoRng,
) -> io::Result<AskedForContent>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let sealed = open.seal_application_data(content, random);
    let is_tls13 = version == ProtocolVersion::TLS1_3;
    let mut flight = Flight::after(*open, is_tls13);
    let conversation = converse(stream, sealed, 1, limits, &mut flight, random).await?;
    let outcome = flight.outcome(conversation.ending, conversation.after);
    let (mut learned, received, _, open) = flight.into_parts();
    let further = Further::of(conversation, received, &mut learned);
    let by = if is_tls13 { AskedBy::PostHandshake } else { AskedBy::Renegotiation };
    let content = ContentAnswer::of(outcome.clone(), &learned.content);
    let request = learned.certificate_request.map(|request| LateCertificateRequest { by, request, outcome });
    Ok(AskedForContent { content, request, tickets: learned.tickets, further, open })
}

/// What went to and fro on a connection behind its first handshake.
pub struct Further {
    /// Every byte that was written, or was to be.
    sent: Vec<u8>,
    /// Every byte that came.
    received: Vec<u8>,
    /// Each turn but the last.
    turns: Vec<Turn>,
    /// Lines for a key log file.
    key_log: Vec<KeyLogLine>,
}

impl Further {
    fn of(conversation: Conversation, received: Vec<u8>, learned: &mut Learned) -> Self {
        let Conversation { sent, turns, .. } = conversation;
        Self { sent, received, turns: turns.before_the_last(), key_log: std::mem::take(&mut learned.key_log) }
    }
}

/// What came of asking for something.
pub struct AskedForContent {
    /// How the answer began.
    pub content: ContentAnswer,
    /// The request for a client certificate that came first, if one did.
    pub request: Option<LateCertificateRequest>,
    /// Tickets of TLS 1.3 that came before it: some servers send none until they have something to write.
    pub tickets: Vec<PskSession>,
    /// What went to and fro.
    pub further: Further,
    /// The connection, where it is still open.
    pub open: Option<Box<Client>>,
}

/// Says goodbye on a connection whose handshake is complete (RFC 8446 §6.1). Nobody waits for an answer, and what the
/// stream says to it is not told.
pub async fn close<S: AsyncWrite + Unpin>(stream: &mut S, mut open: Box<Client>, random: &mut impl CryptoRng) {
    let goodbye = open.close_notify(random);
    let written = async {
        stream.write_all(&goodbye).await?;
        stream.flush().await
    };
    timeout(GOODBYE, written).await.ok();
}
