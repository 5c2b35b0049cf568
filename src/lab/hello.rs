//! Reads a client's hello off a connection, and no byte less: what is left unread would turn a later FIN into a RST.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::script::HelloLike;
use crate::wire::Wire;
use crate::wire::handshake::{ClientHello, HandshakeType, MessageReader};
use crate::wire::record::{ContentType, Record};
use crate::wire::ssl2::{Ssl2ClientHello, Ssl2Record};

impl HelloLike {
    /// Whether the last hello is like this, or what came in its place.
    pub(super) fn fits(self, hello: Option<&ClientHello>, extent: Extent) -> bool {
        let Some(hello) = hello else { return matches!(self, Self::OfSsl2) && extent.is_ssl2 };
        let mut extensions = hello.extensions.iter().flat_map(|extensions| &extensions.0);
        match self {
            Self::With(wanted) => extensions.any(|extension| extension.extension_type() == wanted),
            Self::LongBetween(shortest, longest) => (shortest..=longest).contains(&extent.bytes),
            Self::LongerThan(longest) => extent.bytes > longest,
            Self::Split => extent.records > 1,
            Self::MoreSuitesThan(most) => hello.cipher_suites.len() > most,
            Self::OfSsl2 => false,
        }
    }
}

/// Finds hellos in what a client sends, one after another. Other messages and records before one are passed over.
#[derive(Default)]
pub(super) struct HelloReader {
    buffer: Vec<u8>,
    messages: MessageReader,
    received: usize,
    /// What the last hello took on the wire, and what came before it and was passed over.
    pub(super) last: Extent,
}

/// What a hello takes on the wire.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    bytes: usize,
    records: usize,
    /// Whether it is one of SSL 2.0 for that version itself, which is read no further.
    is_ssl2: bool,
}

/// The most that is read in search of hellos. What is held is less: one record, and one unfinished message.
const MAX_RECEIVED: usize = 1 << 20;

/// The most that one segment can bring, on loopback.
const MAX_SEGMENT: usize = 1 << 16;

impl HelloReader {
    /// The next hello, or `None` where something else came: not TLS, the hello of SSL 2.0, or a malformed one.
    ///
    /// The end of the stream is an error, and so is too much of it.
    pub(super) async fn next(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<ClientHello>> {
        self.last = Extent::default();
        loop {
            match self.take() {
                Taken::Hello(hello) => return Ok(Some(*hello)),
                Taken::SomethingElse => {
                    self.buffer.clear();
                    self.messages = MessageReader::new();
                    return Ok(None);
                }
                Taken::NothingYet => {}
            }
            match stream.read_buf(&mut self.buffer).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => self.received += length,
            }
            if self.received > MAX_RECEIVED {
                return Err(io::ErrorKind::QuotaExceeded.into());
            }
        }
    }

    /// What was read behind the last hello.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.buffer
    }

    /// The hello in the first bytes that come, as a reader of packets sees it: `None` where it is not whole in them, or
    /// there are more of them than that.
    pub(super) async fn first_segment(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        longest: usize,
    ) -> io::Result<Option<ClientHello>> {
        let mut segment = vec![0; MAX_SEGMENT];
        let length = stream.read(&mut segment).await?;
        self.buffer.extend_from_slice(segment.get(..length).unwrap_or_default());
        match self.take() {
            Taken::Hello(hello) if length <= longest => Ok(Some(*hello)),
            _ => Ok(None),
        }
    }

    fn take(&mut self) -> Taken {
        loop {
            match self.messages.next() {
                Ok(Some(message)) if message.msg_type == HandshakeType::CLIENT_HELLO => {
                    return match ClientHello::from_bytes(&message.body) {
                        Ok(hello) => Taken::Hello(Box::new(hello)),
                        Err(_) => Taken::SomethingElse,
                    };
                }
                Ok(Some(_)) => continue,
                Ok(None) => {}
                Err(_) => return Taken::SomethingElse,
            }
            match self.ssl2_hello() {
                Some(false) => return Taken::NothingYet,
                Some(true) => {
                    self.last.is_ssl2 = true;
                    return Taken::SomethingElse;
                }
                None => {}
            }
            let begins_a_record = self.buffer.first().is_none_or(|first| RECORD_TYPES.contains(&ContentType(*first)));
            match Record::parse(&self.buffer) {
                Ok(Some((record, length))) if begins_a_record => {
                    if record.content_type == ContentType::HANDSHAKE {
                        self.messages.push(record.fragment);
                    }
                    self.last.bytes += length;
                    self.last.records += 1;
                    self.buffer.drain(..length);
                }
                Ok(None) if begins_a_record => return Taken::NothingYet,
                _ => return Taken::SomethingElse,
            }
        }
    }

    /// Whether the CLIENT-HELLO of SSL 2.0 for that version is there whole; `None` where something else is.
    fn ssl2_hello(&self) -> Option<bool> {
        const MSG_TYPE_AND_VERSION: [u8; 3] = [Ssl2ClientHello::MSG_TYPE, 0, 2];
        let behind_the_length = self.buffer.get(2..).unwrap_or_default();
        let begins_so = behind_the_length.iter().zip(MSG_TYPE_AND_VERSION).all(|(found, wanted)| *found == wanted);
        if !begins_so || self.buffer.first()? & 0x80 == 0 {
            return None;
        }
        match Ssl2Record::parse(&self.buffer).ok()? {
            Some((record, _)) => Ssl2ClientHello::from_bytes(record.data).is_ok().then_some(true),
            None => Some(false),
        }
    }
}

const RECORD_TYPES: [ContentType; 4] =
    [ContentType::CHANGE_CIPHER_SPEC, ContentType::ALERT, ContentType::HANDSHAKE, ContentType::APPLICATION_DATA];

enum Taken {
    Hello(Box<ClientHello>),
    SomethingElse,
    NothingYet,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::testing;
    use crate::registry::ProtocolVersion;
    use crate::wire::record::write_records;

    async fn read_all(bytes: &[u8]) -> Vec<Option<ClientHello>> {
        let (mut reader, mut stream, mut hellos) = (HelloReader::default(), bytes, Vec::new());
        while let Ok(hello) = reader.next(&mut stream).await {
            hellos.push(hello);
        }
        hellos
    }

    #[tokio::test]
    async fn a_hello_split_over_records_is_read_whole() {
        let hello = testing::tls12_hello();
        let bytes = crate::wire::handshake::message(HandshakeType::CLIENT_HELLO, &hello);
        let records = write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_0, &bytes, 7);
        assert_eq!(read_all(&records).await, [Some(hello)]);
    }

    #[tokio::test]
    async fn a_second_hello_is_found_behind_a_change_cipher_spec() {
        let hello = testing::tls12_hello();
        let record = testing::record_of(&hello);
        let records = [&record[..], &[20, 3, 3, 0, 1, 1], &record].concat();
        assert_eq!(read_all(&records).await, [Some(hello.clone()), Some(hello)]);
    }

    #[tokio::test]
    async fn what_is_not_a_hello_of_tls_is_something_else() {
        let ssl2: &[u8] = &[0x80, 0x0b, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80];
        let endless_message: &[u8] = &[22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff];
        for bytes in [ssl2, b"GET / HTTP/1.1\r\n\r\n", &[22, 3, 1, 0, 4, 1, 0, 0, 0], endless_message] {
            assert_eq!(read_all(bytes).await, [None], "{}", hex::encode(bytes));
        }
    }

    #[tokio::test]
    async fn records_without_a_hello_are_read_up_to_a_bound() {
        let records = [23, 3, 3, 0, 1, 0].repeat(MAX_RECEIVED);
        let (mut reader, mut stream) = (HelloReader::default(), records.as_slice());
        let error = reader.next(&mut stream).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
    }

    #[tokio::test]
    async fn half_a_hello_is_none() {
        let record = testing::record_of(&testing::tls12_hello());
        assert_eq!(read_all(&record[..record.len() - 1]).await, []);
    }
}
