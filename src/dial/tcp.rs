//! A TCP stream that acknowledges what comes with what is said next, and at once where more is waited for.
//!
//! Most often the next thing said is goodbye: an answer is acknowledged by our FIN, which is one segment less on the way
//! for each connection. Left to itself TCP acknowledges either at once, which is that segment, or some 40 ms later
//! (RFC 9293 §3.8.6.3), for which a peer with Nagle's algorithm on would wait in the middle of its flight.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::socket;

/// An open TCP connection.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    acknowledges: Acknowledges,
}

/// When what comes is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acknowledges {
    /// With what is said next; nothing came yet.
    Later,
    /// The same, and something came.
    Owes,
    /// At once, or as the system sees fit.
    AtOnce,
}

impl Tcp {
    pub(super) fn new(stream: TcpStream) -> Self {
        let acknowledges = if socket::acknowledge_later(&stream) { Acknowledges::Later } else { Acknowledges::AtOnce };
        Self { stream, acknowledges }
    }

    /// The stream itself.
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsyncRead for Tcp {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match self.acknowledges {
            Acknowledges::Later if buffer.filled().len() > before => self.acknowledges = Acknowledges::Owes,
            Acknowledges::Owes if read.is_pending() => {
                socket::acknowledge_at_once(&self.stream);
                self.acknowledges = Acknowledges::AtOnce;
            }
            _ => {}
        }
        read
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Elsewhere there is nothing to be wished for.
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use socket2::SockRef;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Tcp, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        (Tcp::new(near), far)
    }

    fn acknowledges_at_once(near: &Tcp) -> bool {
        SockRef::from(near.stream()).tcp_quickack().unwrap()
    }

    #[tokio::test]
    async fn an_answer_that_comes_whole_is_left_to_what_is_said_next() {
        let (mut near, mut far) = pair().await;
        far.write_all(b"answer").await.unwrap();
        assert_eq!(near.read(&mut [0; 16]).await.unwrap(), 6);
        assert!(!acknowledges_at_once(&near));
    }

    #[tokio::test]
    async fn who_waits_for_more_acknowledges_what_came() {
        let (mut near, mut far) = pair().await;
        far.write_all(b"half").await.unwrap();
        assert_eq!(near.read(&mut [0; 16]).await.unwrap(), 4);
        let mut bytes = [0; 16];
        let (read, ()) = tokio::join!(near.read(&mut bytes), async {
            // By now the other half is waited for.
            tokio::task::yield_now().await;
            far.write_all(b"half").await.unwrap();
        });
        assert_eq!(read.unwrap(), 4);
        assert!(acknowledges_at_once(&near));
    }
}
