//! A conversation in the clear: with a proxy up to its tunnel, with a server up to where TLS begins. Every end of it is
//! an outcome at its stage.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::proxy_tls;
use super::socket::Fault;
use super::{Connection, DialError, Failure};
use crate::outcome::{Answer, Outcome, Stage, milliseconds};

/// A connection, what its far end said that has not been understood yet, and when the talk must be over.
#[derive(Debug)]
pub(super) struct Talk {
    connection: Connection,
    /// What an end of the talk is the end of.
    stage: Stage,
    /// What came and was not taken yet.
    heard: Vec<u8>,
    /// All that came since our last words.
    received_bytes: usize,
    spoke_at: Instant,
    /// We were told of a reset while we wrote. What came before can still be read, and behind it the system may show a
    /// clean close: having told of the reset once, it forgets it.
    was_reset: bool,
    deadline: Instant,
}

impl Talk {
    pub(super) fn new(connection: Connection, stage: Stage, deadline: Instant) -> Self {
        let spoke_at = Instant::now();
        Self { connection, stage, heard: Vec::new(), received_bytes: 0, spoke_at, was_reset: false, deadline }
    }

    /// When it must be over.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What came and was not taken yet.
    pub(super) fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// Takes the first bytes of what came.
    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.heard.split_off(count.min(self.heard.len()));
        std::mem::replace(&mut self.heard, rest)
    }

    /// Says this. A failed write ends nothing: what the far end said before can still be heard.
    pub(super) async fn say(&mut self, words: &[u8]) -> Result<(), Failure> {
        let write = async {
            self.connection.write_all(words).await?;
            self.connection.flush().await
        };
        let written = timeout_at(self.deadline, write).await;
        self.spoke_at = Instant::now();
        self.received_bytes = 0;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if is_reset(&error) => {
                self.was_reset = true;
                Ok(())
            }
            Ok(Err(error)) => Err(self.failed(error, "room to write")),
            Err(_) => Err(self.silence("room to write")),
        }
    }

    /// Waits for more of what the far end says; an end without any is the outcome.
    pub(super) async fn listen(&mut self, waiting_for: &str) -> Result<(), Failure> {
        self.listen_until(self.deadline, waiting_for).await
    }

    /// The same, with an end that comes earlier.
    pub(super) async fn listen_until(&mut self, until: Instant, waiting_for: &str) -> Result<(), Failure> {
        let mut buffer = [0; 4 * 1024];
        match timeout_at(until.min(self.deadline), self.connection.read(&mut buffer)).await {
            Err(_) => Err(self.silence(waiting_for)),
            Ok(Ok(0)) if self.was_reset => {
                Err(self.ended(Answer::Reset { received_bytes: self.received_bytes, after_ms: self.after_ms() }))
            }
            Ok(Ok(0)) => {
                Err(self.ended(Answer::Fin { received_bytes: self.received_bytes, after_ms: self.after_ms() }))
            }
            Ok(Ok(count)) => {
                self.received_bytes += count;
                self.heard.extend_from_slice(buffer.get(..count).unwrap_or_default());
                Ok(())
            }
            Ok(Err(error)) => Err(self.failed(error, waiting_for)),
        }
    }

    /// The talk is over and the tunnel open: what came and was not taken is the endpoint's.
    pub(super) fn into_tunnel(self) -> Connection {
        self.connection.into_tunnel(self.heard)
    }

    /// The talk is over and TLS may begin: what came and was not taken belongs to it.
    pub(super) fn into_connection(self) -> Connection {
        self.connection.after(self.heard)
    }

    fn ended(&self, answer: Answer) -> Failure {
        Outcome::new(self.stage, answer).into()
    }

    fn after_ms(&self) -> f64 {
        milliseconds(self.spoke_at.elapsed())
    }

    fn silence(&self, waiting_for: &str) -> Failure {
        self.ended(Answer::Timeout {
            waiting_for: waiting_for.to_owned(),
            received_bytes: self.received_bytes,
            after_ms: self.after_ms(),
            tcp: self.connection.tcp_state(),
        })
    }

    /// What an error of the stream says of the proxy; one that says nothing of it is ours.
    fn failed(&self, error: io::Error, waiting_for: &str) -> Failure {
        let (received_bytes, after_ms) = (self.received_bytes, self.after_ms());
        if let Some(answer) = proxy_tls::answer_in(&error, after_ms) {
            return self.ended(answer);
        }
        match error.kind() {
            _ if is_reset(&error) => self.ended(Answer::Reset { received_bytes, after_ms }),
            io::ErrorKind::UnexpectedEof => self.ended(Answer::Fin { received_bytes, after_ms }),
            _ if is_silence(&error) => self.silence(waiting_for),
            _ => {
                let (place, remedy) = (self.connection.peer_address(), Fault::of_error(&error).remedy());
                DialError::Socket { step: "talk to", place, source: error, remedy }.into()
            }
        }
    }
}

/// An end at the proxy: its word, or its way of ending, in place of a tunnel.
pub(super) fn at_proxy(answer: Answer) -> Failure {
    Outcome::new(Stage::Proxy, answer).into()
}

/// The proxy broke its protocol's rules.
pub(super) fn malformed(field: &str, offset: usize, expected: impl Into<String>) -> Failure {
    at_proxy(Answer::Malformed { field: field.to_owned(), offset, expected: expected.into() })
}

/// Whether an error of a stream is a RST, from the peer or something on the path.
pub fn is_reset(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), ConnectionReset | ConnectionAborted | BrokenPipe)
}

/// Whether an error of a stream says that nobody answered any more: the system gave up sending.
pub fn is_silence(error: &io::Error) -> bool {
    matches!(Fault::of_error(error), Fault::TimedOut | Fault::Unreachable)
}
