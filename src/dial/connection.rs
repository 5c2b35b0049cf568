//! An open stream to the endpoint, whatever carries it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::DialError;
use super::socket::{self, Fault};
use super::starttls::Prelogin;
use super::tcp::Tcp;
use crate::outcome::TcpState;

/// An open connection: what is written goes to the peer, what it sends can be read.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    /// Around all that is written and read, where the protocol wants it so.
    prelogin: Option<Box<Prelogin>>,
    peer: SocketAddr,
    elapsed: Duration,
}

/// The bytes as they go to and fro.
#[derive(Debug)]
struct Stream {
    carrier: Carrier,
    /// What the peer has sent already, together with the word that the tunnel is open or that TLS may begin.
    early: Vec<u8>,
    is_tunnel: bool,
}

/// What carries the bytes.
#[derive(Debug)]
enum Carrier {
    Tcp(Tcp),
    /// TLS to an `https` proxy.
    Tls(Box<TlsStream<Tcp>>),
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, elapsed: Duration) -> Self {
        let stream = Stream { carrier: Carrier::Tcp(Tcp::new(stream)), early: Vec::new(), is_tunnel: false };
        Self { stream, prelogin: None, peer, elapsed }
    }

    /// From our SYN to the end of the TCP handshake.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The address that was dialled: the proxy's, if there is one.
    pub fn peer_address(&self) -> SocketAddr {
        self.peer
    }

    /// Our end.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.tcp().local_addr()
    }

    /// What the system's TCP knows of segments that we sent and that were not acknowledged, where it tells (Linux).
    pub fn tcp_state(&self) -> Option<TcpState> {
        socket::tcp_state(self.tcp())
    }

    /// From here on it ends in a RST when it is dropped, whatever was still to be sent.
    pub fn close_by_reset(&self) -> Result<(), DialError> {
        socket::close_by_reset(self.tcp()).map_err(|source| {
            let step = "set SO_LINGER (--close reset) on the connection to";
            DialError::Socket { step, place: self.peer, remedy: Fault::of_error(&source).remedy(), source }
        })
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        match &self.stream.carrier {
            Carrier::Tcp(tcp) => tcp.stream(),
            Carrier::Tls(tls) => tls.get_ref().0.stream(),
        }
    }

    /// The same connection inside what `wrap` makes of its stream.
    pub(super) async fn inside<E>(self, wrap: impl AsyncFnOnce(Tcp) -> Result<TlsStream<Tcp>, E>) -> Result<Self, E> {
        let carrier = match self.stream.carrier {
            Carrier::Tcp(stream) => Carrier::Tls(Box::new(wrap(stream).await?)),
            tls @ Carrier::Tls(_) => tls,
        };
        Ok(Self { stream: Stream { carrier, ..self.stream }, ..self })
    }

    /// The same connection as a tunnel, from which these bytes are read first.
    pub(super) fn into_tunnel(self, early: Vec<u8>) -> Self {
        Self { stream: Stream { early, is_tunnel: true, ..self.stream }, ..self }
    }

    /// The same connection after these bytes were read from it and belong in front of what comes.
    pub(super) fn after(self, early: Vec<u8>) -> Self {
        Self { stream: Stream { early, ..self.stream }, ..self }
    }

    /// The same connection with PRELOGIN packets around what is written and read.
    pub(super) fn inside_prelogin(self) -> Self {
        Self { prelogin: Some(Box::default()), ..self }
    }
}

impl Stream {
    /// To who uses the tunnel, TLS that breaks around it is a connection that breaks.
    fn broken(&self, error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::InvalidData if self.is_tunnel => io::Error::new(io::ErrorKind::ConnectionAborted, error),
            _ => error,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, prelogin, .. } = self.get_mut();
        match prelogin {
            Some(prelogin) => prelogin.poll_read(Pin::new(stream), cx, buffer),
            None => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, prelogin, .. } = self.get_mut();
        match prelogin {
            Some(prelogin) => prelogin.poll_write(Pin::new(stream), cx, bytes),
            None => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.early.is_empty() {
            let count = self.early.len().min(buffer.remaining());
            let rest = self.early.split_off(count);
            buffer.put_slice(&std::mem::replace(&mut self.early, rest));
            return Poll::Ready(Ok(()));
        }
        let read = match &mut self.carrier {
            Carrier::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Carrier::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        read.map_err(|error| self.broken(error))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = match &mut self.carrier {
            Carrier::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Carrier::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        written.map_err(|error| self.broken(error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Carrier::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Carrier::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
