//! SQL Server (MS-TDS §2.2.6.5): a PRELOGIN that wants encryption, and TLS inside PRELOGIN packets from then on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

const PRELOGIN: u8 = 0x12;
const TABULAR_RESULT: u8 = 0x04;
const END_OF_MESSAGE: u8 = 1;
const HEADER: usize = 8;

/// `ENCRYPTION`, the option that matters here.
const ENCRYPTION: u8 = 1;
const TERMINATOR: u8 = 0xff;
const ENCRYPT_ON: u8 = 1;
const ENCRYPT_NOT_SUPPORTED: u8 = 2;

/// A PRELOGIN with the options VERSION (11.0, subbuild 0) and ENCRYPTION: offsets count from behind the header.
const REQUEST: [u8; 26] = [
    PRELOGIN,
    END_OF_MESSAGE,
    0,
    26,
    0,
    0,
    1,
    0, //
    0,
    0,
    11,
    0,
    6, // VERSION at 11, six bytes
    ENCRYPTION,
    0,
    17,
    0,
    1,          // ENCRYPTION at 17, one byte
    TERMINATOR, //
    11,
    0,
    0,
    0,
    0,
    0, //
    ENCRYPT_ON,
];

/// The longest answer that is read.
const LONGEST: usize = 4096;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    talk.say(&REQUEST).await?;
    let length = loop {
        match *talk.heard() {
            [PRELOGIN | TABULAR_RESULT, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if !(HEADER..=LONGEST).contains(&length) {
                    return Err(malformed("TDS length", 2, "8..4096"));
                }
                if talk.heard().len() >= length {
                    break length;
                }
            }
            [] | [PRELOGIN | TABULAR_RESULT, ..] => {}
            _ => return Err(malformed("TDS packet type", 0, "the answer to a PRELOGIN")),
        }
        talk.listen("the server's answer to PRELOGIN").await?;
    };
    let packet = talk.take(length);
    match packet.get(HEADER..).and_then(encryption) {
        Some(ENCRYPT_NOT_SUPPORTED) => Err(refused("ENCRYPT_NOT_SUP", b"encryption is not supported")),
        // OFF still encrypts the login (§3.2.5.2): the handshake comes either way.
        Some(_) => Ok(()),
        None => Err(malformed("PRELOGIN", HEADER, "an ENCRYPTION option")),
    }
}

/// The value of the ENCRYPTION option in a PRELOGIN's data.
fn encryption(data: &[u8]) -> Option<u8> {
    for option in data.chunks_exact(5) {
        match *option {
            [TERMINATOR, ..] => return None,
            [ENCRYPTION, high, low, ..] => return data.get(usize::from(u16::from_be_bytes([high, low]))).copied(),
            _ => {}
        }
    }
    None
}

/// TLS inside PRELOGIN packets: headers go around what is written, and come off what is read.
#[derive(Debug, Default)]
pub(in crate::dial) struct Prelogin {
    /// Of the packet whose header was read last.
    left_in_packet: usize,
    /// The header as far as it was read.
    header: [u8; HEADER],
    header_read: usize,
    /// A packet that is being written, how much of it is out, and how many of the caller's bytes are in it.
    packet: Vec<u8>,
    written: usize,
    carried: usize,
}

/// The most that a packet carries: what a server takes before a login says otherwise (§2.2.6.4).
const LONGEST_PACKET: usize = 4096 - HEADER;

impl Prelogin {
    pub(in crate::dial) fn poll_read(
        &mut self,
        mut inner: Pin<&mut (impl AsyncRead + ?Sized)>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.left_in_packet == 0 {
            let mut rest = ReadBuf::new(self.header.get_mut(self.header_read..).unwrap_or_default());
            ready!(inner.as_mut().poll_read(cx, &mut rest))?;
            match rest.filled().len() {
                0 => return Poll::Ready(Ok(())),
                read => self.header_read += read,
            }
            if self.header_read == HEADER {
                let [_, _, high, low, ..] = self.header;
                self.left_in_packet = usize::from(u16::from_be_bytes([high, low])).saturating_sub(HEADER);
                self.header_read = 0;
            }
        }
        let room = buffer.remaining().min(self.left_in_packet);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(inner.poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        self.left_in_packet -= read;
        Poll::Ready(Ok(()))
    }

    pub(in crate::dial) fn poll_write(
        &mut self,
        mut inner: Pin<&mut (impl AsyncWrite + ?Sized)>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.packet.is_empty() {
            self.carried = bytes.len().min(LONGEST_PACKET);
            let length = u16::try_from(HEADER + self.carried).unwrap_or(u16::MAX).to_be_bytes();
            // Of a message in several packets only the last ends it (§2.2.3.1.2).
            let status = if self.carried == bytes.len() { END_OF_MESSAGE } else { 0 };
            self.packet.extend_from_slice(&[PRELOGIN, status, length[0], length[1], 0, 0, 1, 0]);
            self.packet.extend_from_slice(bytes.get(..self.carried).unwrap_or(bytes));
            self.written = 0;
        }
        while let Some(rest) = self.packet.get(self.written..).filter(|rest| !rest.is_empty()) {
            self.written += ready!(inner.as_mut().poll_write(cx, rest))?;
        }
        self.packet.clear();
        Poll::Ready(Ok(self.carried))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_message_in_several_packets_only_the_last_ends_it() {
        let (mut prelogin, mut written) = (Prelogin::default(), Vec::new());
        let mut left: &[u8] = &[7; 5000];
        while !left.is_empty() {
            let write = std::future::poll_fn(|cx| prelogin.poll_write(Pin::new(&mut written), cx, left));
            let count = write.await.unwrap();
            left = &left[count..];
        }
        assert_eq!(written.len(), 5000 + 2 * HEADER);
        assert_eq!(written[..4], [PRELOGIN, 0, 0x10, 0]);
        assert_eq!(written[4096..4100], [PRELOGIN, END_OF_MESSAGE, 0x03, 0x98]);
    }
}
