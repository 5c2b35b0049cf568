//! The record layer of a scripted server: messages in and out of a socket, in clear or protected, within bounds.

use std::io;
use std::time::Duration;

use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

use super::conduct::End;
use crate::crypto::record_protection::RecordProtection;
use crate::registry::{AlertDescription, AlertLevel, ProtocolVersion};
use crate::wire::Wire;
use crate::wire::alert::Alert;
use crate::wire::handshake::{MessageReader, RawMessage};
use crate::wire::record::{ContentType, HEADER_LENGTH, MAX_FRAGMENT, Record, write_records};

/// The most that is read on one connection, and the most that is sent.
const MAX_RECEIVED: usize = 1 << 20;
const MAX_SENT: usize = 8 << 20;

/// A socket with records on it.
pub(super) struct Connection {
    stream: TcpStream,
    /// The pause before each byte, where they drip.
    drip: Option<Duration>,
    sent: usize,
    received: usize,
    buffer: Vec<u8>,
    messages: MessageReader,
    /// What stands in its records, once it is agreed.
    version: ProtocolVersion,
    reading: Option<RecordProtection>,
    writing: Option<RecordProtection>,
    pub(super) random: StdRng,
}

/// What came.
pub(super) enum Incoming {
    Message(RawMessage),
    ChangeCipherSpec,
    Alert(Alert),
    ApplicationData(Vec<u8>),
}

/// Why a conversation ends before it should.
pub(super) enum Stop {
    /// The client is gone, or a bound is reached.
    Io(io::Error),
    /// The server ends it.
    End(End),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<AlertDescription> for Stop {
    fn from(description: AlertDescription) -> Self {
        Self::End(End::Alert(description))
    }
}

impl Connection {
    /// `buffer` is what was read already.
    pub(super) fn new(stream: TcpStream, buffer: Vec<u8>, drip: Option<Duration>, random: StdRng) -> Self {
        Self {
            stream,
            drip,
            sent: 0,
            received: 0,
            buffer,
            messages: MessageReader::new(),
            // No version is agreed, and this one every client takes.
            version: ProtocolVersion::TLS1_0,
            reading: None,
            writing: None,
            random,
        }
    }

    pub(super) fn set_version(&mut self, version: ProtocolVersion) {
        self.version = version;
    }

    /// From here on what is read is protected so.
    pub(super) fn read_with(&mut self, protection: RecordProtection) {
        self.reading = Some(protection);
    }

    /// From here on what is written is protected so.
    pub(super) fn write_with(&mut self, protection: RecordProtection) {
        self.writing = Some(protection);
    }

    /// The next thing that comes. The end of the stream is an error.
    pub(super) async fn next(&mut self) -> Result<Incoming, Stop> {
        loop {
            if let Some(message) = self.messages.next().map_err(|_| AlertDescription::DECODE_ERROR)? {
                return Ok(Incoming::Message(message));
            }
            let (content_type, fragment) = self.record().await?;
            match content_type {
                ContentType::HANDSHAKE => self.messages.push(&fragment),
                // What makes TLS 1.3 look like 1.2 is passed over (RFC 8446 §D.4).
                ContentType::CHANGE_CIPHER_SPEC if self.version == ProtocolVersion::TLS1_3 => {}
                ContentType::CHANGE_CIPHER_SPEC => return Ok(Incoming::ChangeCipherSpec),
                ContentType::ALERT => {
                    let alert = Alert::from_bytes(&fragment).map_err(|_| AlertDescription::DECODE_ERROR)?;
                    return Ok(Incoming::Alert(alert));
                }
                ContentType::APPLICATION_DATA => return Ok(Incoming::ApplicationData(fragment)),
                _ => return Err(AlertDescription::UNEXPECTED_MESSAGE.into()),
            }
        }
    }

    /// The next message, where nothing else may come.
    pub(super) async fn next_message(&mut self) -> Result<RawMessage, Stop> {
        match self.next().await? {
            Incoming::Message(message) => Ok(message),
            // The client ends it: there is nothing more to say.
            Incoming::Alert(_) => Err(Stop::End(End::Fin)),
            Incoming::ChangeCipherSpec | Incoming::ApplicationData(_) => {
                Err(AlertDescription::UNEXPECTED_MESSAGE.into())
            }
        }
    }

    /// Sends handshake messages, one after another in as few records as they need.
    pub(super) async fn send_messages(&mut self, messages: &[u8]) -> io::Result<()> {
        self.send_as(ContentType::HANDSHAKE, messages).await
    }

    pub(super) async fn send_as(&mut self, content_type: ContentType, content: &[u8]) -> io::Result<()> {
        // A record of TLS 1.3 says that it is one of 1.2 (RFC 8446 §5.1).
        let version = self.version.min(ProtocolVersion::TLS1_2);
        let records = match &mut self.writing {
            Some(protection) => protection.seal(content_type.0, content, &mut self.random),
            None => write_records(content_type, version, content, MAX_FRAGMENT),
        };
        self.send(&records).await
    }

    /// Sends the record that TLS 1.3 has for middleboxes alone, never protected; up to TLS 1.2 it announces protection.
    pub(super) async fn send_change_cipher_spec(&mut self) -> io::Result<()> {
        let version = self.version.min(ProtocolVersion::TLS1_2);
        if self.version == ProtocolVersion::TLS1_3 {
            return self.send(&write_records(ContentType::CHANGE_CIPHER_SPEC, version, &[1], MAX_FRAGMENT)).await;
        }
        self.send_as(ContentType::CHANGE_CIPHER_SPEC, &[1]).await
    }

    pub(super) async fn send_alert(&mut self, level: AlertLevel, description: AlertDescription) -> io::Result<()> {
        self.send_as(ContentType::ALERT, &Alert { level, description }.to_bytes()).await
    }

    /// Ends the connection so.
    pub(super) async fn end(mut self, end: End) -> io::Result<()> {
        match end {
            End::Reset => return self.stream.set_zero_linger(),
            End::Silence => return self.discard().await,
            End::Fin => {}
            End::Alert(description) => self.send_alert(AlertLevel::FATAL, description).await?,
        }
        self.finish().await
    }

    /// Closes its side in good order, and discards what comes until the peer does the same: with bytes unread, closing
    /// would be a RST.
    async fn finish(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        self.discard().await
    }

    async fn discard(mut self) -> io::Result<()> {
        let mut discarded = [0; 4096];
        while self.received < MAX_RECEIVED {
            match self.stream.read(&mut discarded).await? {
                0 => break,
                read => self.received += read,
            }
        }
        Ok(())
    }

    /// The next record's content type and plaintext.
    async fn record(&mut self) -> Result<(ContentType, Vec<u8>), Stop> {
        loop {
            let parsed = Record::parse(&self.buffer).map_err(|_| AlertDescription::RECORD_OVERFLOW)?;
            if let Some((record, length)) = parsed {
                let (content_type, fragment) = (record.content_type, record.fragment.to_vec());
                let header = self.buffer.first_chunk::<HEADER_LENGTH>().copied().unwrap_or_default();
                self.buffer.drain(..length);
                return self.opened(content_type, header, fragment);
            }
            match self.stream.read_buf(&mut self.buffer).await? {
                0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                length => self.received += length,
            }
            if self.received > MAX_RECEIVED {
                return Err(io::Error::from(io::ErrorKind::QuotaExceeded).into());
            }
        }
    }

    fn opened(
        &mut self,
        content_type: ContentType,
        header: [u8; HEADER_LENGTH],
        fragment: Vec<u8>,
    ) -> Result<(ContentType, Vec<u8>), Stop> {
        let in_clear = content_type == ContentType::CHANGE_CIPHER_SPEC && self.version == ProtocolVersion::TLS1_3;
        match &mut self.reading {
            Some(protection) if !in_clear => {
                let (content_type, plaintext) =
                    protection.open(header, &fragment).map_err(|_| AlertDescription::BAD_RECORD_MAC)?;
                Ok((ContentType(content_type), plaintext))
            }
            _ => Ok((content_type, fragment)),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent += bytes.len();
        if self.sent > MAX_SENT {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let Some(pause) = self.drip else { return self.stream.write_all(bytes).await };
        for byte in bytes {
            time::sleep(pause).await;
            self.stream.write_all(&[*byte]).await?;
        }
        Ok(())
    }
}
