//! One question over one open stream, and a record of what came back.
//!
//! An exchange never fails: an alert, a close, a reset or silence is its result, kept byte for byte so that a report
//! can show it and a test can replay it. `Err` is left to what this system could not do. It does not know why it was
//! asked (`probe`), and its stream may be a socket, a tunnel or a test's pipe.

mod flight;
mod fresh;
mod not_tls;
mod summary;
#[cfg(test)]
mod tests;

pub use fresh::fresh_values;

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout_at};

use crate::offer::OfferSummary;
use crate::outcome::{Answer, Evidence, Exchange, Outcome, TcpState, Timing, milliseconds};
use flight::{Flight, Progress};
pub use summary::Learned;

/// The most bytes that are read from a peer before it is cut off. A flight of TLS 1.2 with a long chain and many
/// authorities has some 20 KiB.
const MAX_RECEIVED: usize = 80 * 1024;

/// Between two pieces of a hello: longer than TCP waits before it sends what it has, short against any wait for an answer.
const BETWEEN_PIECES: Duration = Duration::from_millis(30);

/// How long to look for the FIN or RST behind an alert, or for the rest of an answer that is not TLS.
const AFTERMATH: Duration = Duration::from_secs(1);

/// What came of one question.
#[derive(Debug)]
pub struct Recorded {
    /// How it ended.
    pub outcome: Outcome,
    /// What the flight told, as far as it came.
    pub learned: Learned,
    /// From our hello to the first byte back.
    pub first_byte: Option<Duration>,
    /// Every byte that came.
    pub received: Vec<u8>,
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
    /// The record as a report's exchange. Its number is given by whoever knows the order of asking.
    pub fn into_exchange(
        mut self,
        purpose: String,
        offer: OfferSummary,
        sent: &[u8],
        timing: Timing,
        keep: Keep,
    ) -> Exchange {
        let certificates = self.learned.read_certificates(keep.pem);
        if let Some(server) = &mut self.learned.server {
            server.compare_with(&offer);
        }
        let evidence = || Evidence { sent: hex::encode(sent), received: hex::encode(&self.received) };
        Exchange {
            id: 0,
            purpose,
            offer,
            outcome: self.outcome,
            server: self.learned.server,
            certificates,
            certificates_state: self.learned.certificates_state,
            certificate_request: self.learned.certificate_request,
            warning_alerts: self.learned.warning_alerts,
            timing_ms: Timing { first_byte: self.first_byte.map(milliseconds), ..timing },
            evidence: keep.evidence.then(evidence),
        }
    }
}

/// How long an exchange may wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For each next byte.
    pub hello: Duration,
    /// For all of it.
    pub deadline: Instant,
}

/// How the stream ended, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Fin,
    Reset,
    Silence,
}

/// Writes a hello and reads what comes back, up to the end of the peer's first flight.
///
/// `tcp_state` is asked when the peer stays silent, for what the system's TCP knows of the connection.
pub async fn ask<S>(
    stream: &mut S,
    hello: &[u8],
    limits: Limits,
    tcp_state: impl Fn(&S) -> Option<TcpState>,
) -> io::Result<Recorded>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    ask_in_pieces(stream, &[hello], limits, tcp_state).await
}

/// The same with a hello that is written piece by piece, with a pause between.
pub async fn ask_in_pieces<S>(
    stream: &mut S,
    hello: &[&[u8]],
    limits: Limits,
    tcp_state: impl Fn(&S) -> Option<TcpState>,
) -> io::Result<Recorded>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut flight = Flight::new();
    let Conversation { written, ending, after, first_byte } = converse(stream, hello, limits, &mut flight).await?;
    let mut answer = flight.answer(ending, after);
    if let Answer::Timeout { waiting_for, tcp, .. } = &mut answer {
        if written != Some(Written::Whole) {
            "room to write the hello".clone_into(waiting_for);
        }
        *tcp = tcp_state(stream);
    }
    let outcome = Outcome { stage: flight.stage(), answer };
    let (learned, received) = flight.into_learned();
    Ok(Recorded { outcome, learned, first_byte, received })
}

/// How a conversation went on our side; what the peer said is in its flight.
struct Conversation {
    /// What became of the hello; nothing, if it was not all written.
    written: Option<Written>,
    /// How the stream ended, if it was not we who had enough.
    ending: Option<Ending>,
    /// From our last write to the end.
    after: Duration,
    /// From our last write to the first byte back.
    first_byte: Option<Duration>,
}

/// Writes and reads at the same time: a peer may answer before it has read all.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hello: &[&[u8]],
    limits: Limits,
    flight: &mut Flight,
) -> io::Result<Conversation> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut writing = pin!(write(&mut writer, hello));
    let mut written = None;
    let mut asked_at = Instant::now();
    let mut quiet_until = asked_at + limits.hello;
    let mut first_byte = None;
    let mut only_the_end = false;
    let ending = loop {
        let mut buffer = [0; 8 * 1024];
        // Writing comes first: what a failed write tells must be known when the stream then seems to end well.
        let read = tokio::select! {
            biased;
            result = &mut writing, if written.is_none() => {
                let (outcome, at) = result?;
                (written, asked_at) = (Some(outcome), at);
                quiet_until = Instant::now() + limits.hello;
                continue;
            }
            read = timeout_at(quiet_until.min(limits.deadline), reader.read(&mut buffer)) => read,
        };
        match read {
            Err(_) => break Some(Ending::Silence),
            Ok(Ok(0)) if written == Some(Written::Reset) => break Some(Ending::Reset),
            Ok(Ok(0)) => break Some(Ending::Fin),
            Ok(Err(error)) => break Some(ending_of(error)?),
            Ok(Ok(count)) => {
                first_byte.get_or_insert_with(|| asked_at.elapsed());
                match flight.push(buffer.get(..count).unwrap_or_default(), asked_at.elapsed()) {
                    Progress::Complete => break None,
                    Progress::MoreWanted => quiet_until = Instant::now() + limits.hello,
                    Progress::OnlyTheEndWanted if only_the_end => {}
                    Progress::OnlyTheEndWanted => {
                        only_the_end = true;
                        quiet_until = Instant::now() + AFTERMATH;
                    }
                }
            }
        }
    };
    Ok(Conversation { written, ending, after: asked_at.elapsed(), first_byte })
}

/// What became of the hello on our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Whole,
    /// The connection was reset before or while we wrote. What had come by then can still be read, and then the
    /// system may report a clean close: having told us of the reset once, it forgets it.
    Reset,
    /// The system gave up sending.
    GaveUp,
}

/// Writes the hello. The time is that of the last call, taken before it: its answer may be here before it returns.
async fn write<S: AsyncWrite + Unpin>(stream: &mut S, hello: &[&[u8]]) -> io::Result<(Written, Instant)> {
    let mut at = Instant::now();
    let write = async {
        for (place, piece) in hello.iter().enumerate() {
            if place > 0 {
                sleep(BETWEEN_PIECES).await;
            }
            let mut rest = *piece;
            while !rest.is_empty() {
                at = Instant::now();
                let count = stream.write(rest).await?;
                rest = rest.get(count..).unwrap_or_default();
            }
            stream.flush().await?;
        }
        Ok(())
    };
    let written = match write.await {
        Ok(()) => Written::Whole,
        Err(error) => match ending_of(error)? {
            Ending::Silence => Written::GaveUp,
            Ending::Reset | Ending::Fin => Written::Reset,
        },
    };
    Ok((written, at))
}

/// What an error of the stream says about the peer; an error that says nothing about it is ours.
fn ending_of(error: io::Error) -> io::Result<Ending> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Ok(Ending::Reset),
        // The system gave up retransmitting: nobody answered any more.
        Kind::TimedOut | Kind::HostUnreachable | Kind::NetworkUnreachable => Ok(Ending::Silence),
        Kind::UnexpectedEof => Ok(Ending::Fin),
        _ => Err(error),
    }
}
