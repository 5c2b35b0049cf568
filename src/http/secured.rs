//! A stream inside TLS that was completed by hand: what is written is sealed, what comes is opened.
//!
//! The handshake knows no I/O, so a few lines join it to a stream. One request and its answer need no more: a library's
//! client would want the same adapter, and bring connection pools and an idea of its own of what an error is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rand::CryptoRng;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::exchange::{Ending, alert_answer, ending_of, stop_answer};
use crate::handshake::{CertificateRequested, Client, Event, KeyLogLine, Step, Stopped};
use crate::outcome::Answer;
use crate::registry::AlertDescription;
use crate::wire::DecodeError;
use crate::wire::alert::Alert;

/// The most that is sealed at a time: one record.
const RECORD: usize = 16 * 1024;

/// The most that is read in a row without application data in it: of tickets, keys and warnings no server sends so many.
const MAX_WITHOUT_DATA: usize = 80 * 1024;

/// With so much sealed and not written no more is read: a peer that asks for answers has to take them.
const MAX_SEALED: usize = 64 * 1024;

/// Application data over a stream, by a client whose handshake is complete.
pub struct Secured<S, R> {
    stream: S,
    client: Client,
    random: R,
    /// Opened, and not yet read.
    opened: Vec<u8>,
    /// Sealed, and not yet written.
    sealed: Vec<u8>,
    /// What was read since application data came last.
    without_data: usize,
    /// Writing found the connection reset. What came before can still be read, and behind it it may seem to end well.
    was_reset: bool,
    /// What was told besides the data.
    told: Told,
}

/// What a connection told while application data went to and fro.
#[derive(Debug, Default)]
pub struct Told {
    /// The peer's last word, which may be a mere `close_notify`.
    pub alert: Option<Alert>,
    /// Why nothing more can be read.
    pub stopped: Option<Stopped>,
    /// A client certificate was asked for, once the connection was open: by a second handshake, or behind the first.
    pub certificate_request: Option<CertificateRequested>,
    /// Lines for a key log file.
    pub key_log: Vec<KeyLogLine>,
}

impl Told {
    /// The alert that says what is wrong; saying goodbye is none.
    pub fn complaint(&self) -> Option<Alert> {
        self.alert.filter(|alert| alert.description != AlertDescription::CLOSE_NOTIFY)
    }

    /// How the connection ended, where that was said in TLS: by the peer's alert, behind which this came, or because what
    /// came can't be read.
    pub fn ending(&self, then: Ending, after: Duration) -> Option<Answer> {
        let alert = self.complaint().map(|alert| alert_answer(alert, Some(then), after));
        alert.or_else(|| self.stopped.as_ref().map(stop_answer))
    }

    fn is_last(&self) -> bool {
        self.alert.is_some() || self.stopped.is_some()
    }
}

impl<S, R: CryptoRng> Secured<S, R> {
    /// Goes on where a handshake was completed on this stream.
    pub fn new(stream: S, client: Client, random: R) -> Self {
        Self {
            stream,
            client,
            random,
            opened: Vec::new(),
            sealed: Vec::new(),
            without_data: 0,
            was_reset: false,
            told: Told::default(),
        }
    }

    /// The same, from which these bytes are read first: they came together with the end of the handshake.
    #[must_use]
    pub fn after(self, opened: Vec<u8>) -> Self {
        Self { opened, ..self }
    }

    /// The stream, and what was told.
    pub fn into_parts(self) -> (S, Told) {
        (self.stream, self.told)
    }

    fn receive(&mut self, bytes: &[u8]) {
        let Step { write, events } = self.client.receive(bytes, &mut self.random);
        self.sealed.extend(write);
        self.without_data += bytes.len();
        for event in events {
            match event {
                Event::ApplicationData(data) => {
                    if !data.is_empty() {
                        self.without_data = 0;
                    }
                    self.opened.extend(data);
                }
                Event::Alert(alert) => self.told.alert = Some(alert),
                Event::Stopped(stopped) => self.told.stopped = Some(stopped),
                Event::CertificateRequest(request) => self.told.certificate_request = Some(request),
                Event::KeyLog(line) => self.told.key_log.push(line),
                _ => {}
            }
        }
        if self.without_data > MAX_WITHOUT_DATA {
            let (field, found) = ("records without application data", self.without_data);
            let error = DecodeError::Length { field, offset: 0, found, allowed: "0..81920 bytes" };
            self.told.stopped.get_or_insert(Stopped::Malformed { error, message: None });
        }
    }
}

impl<S: AsyncWrite + Unpin, R> Secured<S, R> {
    fn poll_sealed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.sealed.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.sealed))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sealed.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S, R> AsyncRead for Secured<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: CryptoRng + Unpin,
{
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.opened.is_empty() {
                let count = this.opened.len().min(buffer.remaining());
                buffer.put_slice(this.opened.get(..count).unwrap_or_default());
                this.opened.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if this.told.is_last() {
                return Poll::Ready(Ok(()));
            }
            // A second handshake has to be answered for the first one's data to come. What fails in writing does not
            // end reading: what the peer said before is still there.
            match this.poll_sealed(context) {
                Poll::Ready(Err(error)) => {
                    this.was_reset |= matches!(ending_of(error), Ok(Ending::Reset));
                    this.sealed.clear();
                }
                Poll::Pending if this.sealed.len() > MAX_SEALED => return Poll::Pending,
                Poll::Ready(Ok(())) | Poll::Pending => {}
            }
            let mut bytes = [0; 8 * 1024];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                let reset = || Err(io::ErrorKind::ConnectionReset.into());
                return Poll::Ready(if this.was_reset { reset() } else { Ok(()) });
            }
            this.receive(read.filled());
        }
    }
}

impl<S, R> AsyncWrite for Secured<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: CryptoRng + Unpin,
{
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // A failed write ends nothing: the peer's last word has come, and shows when it is read.
        if this.told.is_last() {
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(this.poll_sealed(context))?;
        let data = bytes.get(..RECORD).unwrap_or(bytes);
        this.sealed = this.client.seal_application_data(data, &mut this.random);
        if this.sealed.is_empty() && !data.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_sealed(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.sealed.extend(this.client.close_notify(&mut this.random));
        ready!(this.poll_sealed(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::handshake::Depth;
    use crate::handshake::testing::{client_of_the_trace, rfc8448};

    /// A peer that says this and then closes. Who writes to it learns of a reset, once.
    struct Peer(Vec<u8>);

    impl AsyncRead for Peer {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            buffer.put_slice(&std::mem::take(&mut self.get_mut().0));
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Peer {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// The connection of the trace, on which the peer says the records of these names.
    fn secured(says: &[&str]) -> Secured<Peer, StdRng> {
        let mut client = client_of_the_trace(Depth::Finish);
        let mut random = StdRng::seed_from_u64(1);
        let before = ["server hello record", "server flight record", "ticket record"].map(rfc8448).concat();
        client.receive(&before, &mut random);
        Secured::new(Peer(says.iter().flat_map(|name| rfc8448(name)).collect()), client, random)
    }

    #[tokio::test]
    async fn a_reset_that_writing_finds_is_the_end_of_what_can_still_be_read() {
        let mut stream = secured(&["server data record"]);
        stream.write_all(b"said").await.unwrap();
        let mut read = Vec::new();
        let error = stream.read_to_end(&mut read).await.unwrap_err();
        assert_eq!((read.len(), error.kind()), (50, io::ErrorKind::ConnectionReset));
    }

    #[tokio::test]
    async fn what_is_written_behind_the_peers_goodbye_ends_nothing_and_the_goodbye_is_read() {
        let mut stream = secured(&["server data record", "server alert record"]);
        let mut data = [0; 50];
        stream.read_exact(&mut data).await.unwrap();
        stream.write_all(b"said").await.unwrap();
        assert_eq!(stream.read(&mut data).await.unwrap(), 0);
        assert!(stream.into_parts().1.alert.is_some());
    }
}
