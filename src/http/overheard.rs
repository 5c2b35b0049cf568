//! A stream of which the bytes are kept that go through it, up to a bound.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that are kept of each direction: a head, and as much of a body as is read.
const MOST: usize = 160 * 1024;

/// What went through a stream.
#[derive(Debug, Default)]
pub struct Heard {
    /// What was written.
    pub sent: Vec<u8>,
    /// What was read.
    pub received: Vec<u8>,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// A stream that is listened to, where that is wanted.
pub struct Overheard<S> {
    stream: S,
    heard: Option<Heard>,
}

impl<S> Overheard<S> {
    /// Keeps what goes through from here on, if it is wanted.
    pub fn new(stream: S, is_wanted: bool) -> Self {
        Self { stream, heard: is_wanted.then(|| Heard { is_whole: true, ..Heard::default() }) }
    }

    /// The stream, and what went through it.
    pub fn into_parts(self) -> (S, Option<Heard>) {
        (self.stream, self.heard)
    }
}

impl Heard {
    fn keep(bytes: &[u8], kept: &mut Vec<u8>, is_whole: &mut bool) {
        let room = MOST.saturating_sub(kept.len());
        *is_whole &= bytes.len() <= room;
        kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        if let Some(Heard { received, is_whole, .. }) = &mut this.heard {
            Heard::keep(buffer.filled().get(before..).unwrap_or_default(), received, is_whole);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(context, bytes))?;
        if let Some(Heard { sent, is_whole, .. }) = &mut this.heard {
            Heard::keep(bytes.get(..written).unwrap_or_default(), sent, is_whole);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn both_directions_are_kept_up_to_a_bound_and_only_where_that_is_wanted() {
        for is_wanted in [true, false] {
            let (ours, mut theirs) = tokio::io::duplex(1024 * 1024);
            let mut ours = Overheard::new(ours, is_wanted);
            ours.write_all(b"asked").await.unwrap();
            theirs.write_all(&vec![b'x'; MOST + 1]).await.unwrap();
            theirs.shutdown().await.unwrap();
            let mut all = Vec::new();
            ours.read_to_end(&mut all).await.unwrap();
            assert_eq!(all.len(), MOST + 1, "whoever reads has all of it");
            let heard = ours.into_parts().1;
            let told = heard.map(|heard| (heard.sent, heard.received.len(), heard.is_whole));
            assert_eq!(told, is_wanted.then(|| (b"asked".to_vec(), MOST, false)));
        }
    }
}
