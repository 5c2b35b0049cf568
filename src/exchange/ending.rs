//! How a stream ends, and how an end that was said in TLS is told: the same way wherever it is heard.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use crate::handshake::Stopped;
use crate::outcome::{AfterAlert, Answer, milliseconds};
use crate::wire::DecodeError;
use crate::wire::alert::Alert;

/// How long to look for the FIN or RST behind an alert, or for the rest of an answer that is not TLS.
pub(super) const AFTERMATH: Duration = Duration::from_secs(1);

/// How the stream ended, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In good order.
    Fin,
    /// By RST.
    Reset,
    /// It did not: nothing more came, or the system gave up sending.
    Silence,
}

/// What an error of the stream says about the peer; an error that says nothing about it is ours.
pub fn ending_of(error: io::Error) -> io::Result<Ending> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Ok(Ending::Reset),
        // The system gave up retransmitting: nobody answered any more.
        Kind::TimedOut | Kind::HostUnreachable | Kind::NetworkUnreachable => Ok(Ending::Silence),
        Kind::UnexpectedEof => Ok(Ending::Fin),
        _ => Err(error),
    }
}

/// What comes behind the peer's last word, which is looked for a short while. Bytes are passed over.
pub async fn aftermath<S: AsyncRead + Unpin>(stream: &mut S) -> Ending {
    let mut rest = [0; 1024];
    let looked = timeout(AFTERMATH, async {
        loop {
            match stream.read(&mut rest).await {
                Ok(0) => break Ending::Fin,
                Ok(_) => {}
                Err(error) => break ending_of(error).unwrap_or(Ending::Silence),
            }
        }
    });
    looked.await.unwrap_or(Ending::Silence)
}

/// An alert, what came behind it, and when it came.
pub fn alert_answer(alert: Alert, ending: Option<Ending>, at: Duration) -> Answer {
    Answer::Alert {
        level: alert.level.name().map_or_else(|| alert.level.0.to_string(), str::to_owned),
        code: alert.description.0,
        name: alert.description.name().map(str::to_owned),
        then: after_alert(ending),
        after_ms: milliseconds(at),
    }
}

pub(super) fn after_alert(ending: Option<Ending>) -> AfterAlert {
    match ending {
        Some(Ending::Fin) => AfterAlert::Fin,
        Some(Ending::Reset) => AfterAlert::Reset,
        Some(Ending::Silence) | None => AfterAlert::Open,
    }
}

/// Why nothing more can be read.
pub fn stop_answer(stopped: &Stopped) -> Answer {
    match stopped {
        Stopped::Malformed { error, .. } => malformed_answer(error),
        Stopped::BadRecord => own_check_failed("record.fragment", "a record under the keys that were agreed"),
        Stopped::WrongFinished => {
            own_check_failed("finished.verify_data", "what follows from the handshake as we saw it")
        }
        Stopped::Unable(why) => {
            own_check_failed("second handshake", &format!("one that this client can do, and not: {why}"))
        }
    }
}

/// Bytes that are not what they should be.
pub(super) fn malformed_answer(error: &DecodeError) -> Answer {
    Answer::Malformed { field: error.field().to_owned(), offset: error.offset(), expected: error.expected() }
}

fn own_check_failed(field: &str, expected: &str) -> Answer {
    Answer::Malformed { field: field.to_owned(), offset: 0, expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_behind_the_last_word_do_not_hide_the_end() {
        let (mut ours, mut theirs) = tokio::io::duplex(64);
        theirs.write_all(b"rest").await.unwrap();
        assert_eq!(aftermath(&mut ours).await, Ending::Silence);
        theirs.write_all(b"rest").await.unwrap();
        drop(theirs);
        assert_eq!(aftermath(&mut ours).await, Ending::Fin);
    }
}
