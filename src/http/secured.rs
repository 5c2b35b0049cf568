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

use crate::handshake::{CertificateRequested, Client, Event, KeyLogLine, Step, Stopped};
use crate::outcome::{AfterAlert, Answer, milliseconds};
use crate::registry::AlertDescription;
use crate::wire::alert::Alert;

/// The most that is sealed at a time: one record.
const RECORD: usize = 16 * 1024;

/// Application data over a stream, by a client whose handshake is complete.
pub struct Secured<S, R> {
    stream: S,
    client: Client,
    random: R,
    /// Opened, and not yet read.
    opened: Vec<u8>,
    /// Sealed, and not yet written.
    sealed: Vec<u8>,
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

    /// How the connection ended, where that was said in TLS: by the peer's alert, or because what came can't be read.
    pub fn ending(&self, then: AfterAlert, after: Duration) -> Option<Answer> {
        if let Some(Alert { level, description }) = self.complaint() {
            return Some(Answer::Alert {
                level: level.name().map_or_else(|| level.0.to_string(), str::to_owned),
                code: description.0,
                name: description.name().map(str::to_owned),
                then,
                after_ms: milliseconds(after),
            });
        }
        let (field, offset, expected) = match self.stopped.as_ref()? {
            Stopped::Malformed { error, .. } => (error.field(), error.offset(), error.expected()),
            Stopped::BadRecord => ("record.fragment", 0, "a record under the keys that were agreed".to_owned()),
            Stopped::WrongFinished => {
                ("finished.verify_data", 0, "what follows from the handshake as we saw it".to_owned())
            }
            Stopped::Unable(why) => ("second handshake", 0, format!("one that this client can do, and not: {why}")),
        };
        Some(Answer::Malformed { field: field.to_owned(), offset, expected })
    }

    fn is_last(&self) -> bool {
        self.alert.is_some() || self.stopped.is_some()
    }
}

impl<S, R: CryptoRng> Secured<S, R> {
    /// Goes on where a handshake was completed on this stream.
    pub fn new(stream: S, client: Client, random: R) -> Self {
        Self { stream, client, random, opened: Vec::new(), sealed: Vec::new(), told: Told::default() }
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
        for event in events {
            match event {
                Event::ApplicationData(data) => self.opened.extend(data),
                Event::Alert(alert) => self.told.alert = Some(alert),
                Event::Stopped(stopped) => self.told.stopped = Some(stopped),
                Event::CertificateRequest(request) => self.told.certificate_request = Some(request),
                Event::KeyLog(line) => self.told.key_log.push(line),
                _ => {}
            }
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
            if let Poll::Ready(Err(_)) = this.poll_sealed(context) {
                this.sealed.clear();
            }
            let mut bytes = [0; 8 * 1024];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
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
