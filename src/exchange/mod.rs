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
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::offer::OfferSummary;
use crate::outcome::{Answer, Evidence, Exchange, Outcome, TcpState, Timing};
pub use flight::milliseconds;
use flight::{Flight, Progress};
pub use summary::Learned;

/// The most bytes that are read from a peer before it is cut off. A flight of TLS 1.2 with a long chain and many
/// authorities has some 20 KiB.
const MAX_RECEIVED: usize = 80 * 1024;

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
    let (written, asked_at) = write(stream, hello, limits).await?;
    let mut flight = Flight::new();
    let mut first_byte = None;
    let mut alert_at = None;
    let mut patience = None;

    let ending = loop {
        let until = patience.unwrap_or_else(|| Instant::now() + limits.hello).min(limits.deadline);
        let mut buffer = [0; 8 * 1024];
        let ending = match timeout_at(until, stream.read(&mut buffer)).await {
            Err(_) => Ending::Silence,
            Ok(Ok(0)) if written == Written::Reset => Ending::Reset,
            Ok(Ok(0)) => Ending::Fin,
            Ok(Err(error)) => ending_of(error)?,
            Ok(Ok(count)) => {
                first_byte.get_or_insert_with(|| asked_at.elapsed());
                match flight.push(buffer.get(..count).unwrap_or_default()) {
                    Progress::Complete => break None,
                    Progress::MoreWanted => {}
                    Progress::OnlyTheEndWanted => {
                        alert_at.get_or_insert_with(|| asked_at.elapsed());
                        patience.get_or_insert_with(|| Instant::now() + AFTERMATH);
                    }
                }
                continue;
            }
        };
        break Some(ending);
    };

    let after = asked_at.elapsed();
    let answer = flight.answer(ending, after, alert_at);
    let answer = match answer {
        Answer::Timeout { waiting_for, received_bytes, after_ms, .. } => {
            let waiting_for = match written {
                Written::Stuck => "room to write the hello".to_owned(),
                _ => waiting_for,
            };
            Answer::Timeout { waiting_for, received_bytes, after_ms, tcp: tcp_state(stream) }
        }
        answer => answer,
    };
    let outcome = Outcome { stage: flight.stage(), answer };
    let (learned, received) = flight.into_learned();
    Ok(Recorded { outcome, learned, first_byte, received })
}

/// What became of the hello on our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Whole,
    /// The connection was reset before or while we wrote. What had come by then can still be read, and then the
    /// system may report a clean close: having told us of the reset once, it forgets it.
    Reset,
    /// The peer took no more bytes.
    Stuck,
}

/// Writes the hello. The time is that of the last call, taken before it: its answer may be here before it returns.
async fn write<S: AsyncWrite + Unpin>(stream: &mut S, hello: &[u8], limits: Limits) -> io::Result<(Written, Instant)> {
    let wait = limits.hello.min(limits.deadline.saturating_duration_since(Instant::now()));
    let mut at = Instant::now();
    let write = async {
        let mut rest = hello;
        while !rest.is_empty() {
            at = Instant::now();
            let count = stream.write(rest).await?;
            rest = rest.get(count..).unwrap_or_default();
        }
        stream.flush().await
    };
    let written = match timeout(wait, write).await {
        Ok(Ok(())) => Written::Whole,
        Err(_) => Written::Stuck,
        Ok(Err(error)) => match ending_of(error)? {
            Ending::Silence => Written::Stuck,
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
