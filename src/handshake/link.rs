//! The records of one connection: those that come, opened, and those that go, sealed.

use std::borrow::Cow;

use rand::CryptoRng;

use super::{Event, KeyLogLine, Step, Stopped};
use crate::crypto::record_protection::RecordProtection;
use crate::registry::ProtocolVersion;
use crate::wire::handshake::{HandshakeType, MessageReader, RawMessage};
use crate::wire::record::{ContentType, MAX_FRAGMENT, Record, write_records};

/// Both directions of a connection, and the step that is being put together.
pub(super) struct Link {
    /// What came and is not read: less than a record, once a step is done.
    received: Vec<u8>,
    /// How much of it has been read.
    taken: usize,
    messages: MessageReader,
    opener: Option<RecordProtection>,
    /// Whether protected records pass for application data (RFC 8446 §5.2).
    pub(super) disguised: bool,
    sealer: Option<RecordProtection>,
    /// `legacy_record_version` of what we write.
    pub(super) version: ProtocolVersion,
    /// Our last handshake message.
    pub(super) last_message: HandshakeType,
    step: Step,
}

/// A record's content.
pub(super) enum Opened {
    /// Handshake messages, or parts of them: they are [taken](Link::next_message) one by one.
    Handshake,
    /// Of another type.
    Other(ContentType, Vec<u8>),
}

impl Link {
    pub(super) fn new() -> Self {
        Self {
            received: Vec::new(),
            taken: 0,
            messages: MessageReader::new(),
            opener: None,
            disguised: false,
            sealer: None,
            version: ProtocolVersion::TLS1_2,
            last_message: HandshakeType::CLIENT_HELLO,
            step: Step::default(),
        }
    }

    /// Adds bytes that came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.received.drain(..self.taken);
        self.taken = 0;
        // Grown by what came, not doubled: the limit on memory is meant.
        self.received.reserve_exact(bytes.len());
        self.received.extend_from_slice(bytes);
    }

    /// Whether nothing of a record is left over.
    pub(super) fn is_between_records(&self) -> bool {
        self.received.len() == self.taken
    }

    /// The next record, opened if keys are in place.
    pub(super) fn next_record(&mut self) -> Result<Option<Opened>, Stopped> {
        let pending = self.received.get(self.taken..).unwrap_or_default();
        let Some((record, used)) = Record::parse(pending)? else { return Ok(None) };
        let (content_type, fragment) = match &mut self.opener {
            Some(opener) if is_protected(&record, self.disguised) => {
                let header = pending.first_chunk().copied().unwrap_or_default();
                let opened = opener.open(header, record.fragment);
                let (content_type, fragment) = opened.map_err(|_| Stopped::BadRecord)?;
                (ContentType(content_type), Cow::Owned(fragment))
            }
            _ => (record.content_type, Cow::Borrowed(record.fragment)),
        };
        self.taken += used;
        if content_type == ContentType::HANDSHAKE {
            self.messages.push(&fragment);
            return Ok(Some(Opened::Handshake));
        }
        Ok(Some(Opened::Other(content_type, fragment.into_owned())))
    }

    /// The next whole message.
    pub(super) fn next_message(&mut self) -> Result<Option<RawMessage>, Stopped> {
        Ok(self.messages.next()?)
    }

    /// From here on the peer's records open with these keys. No message may reach over the change (RFC 8446 §5.1).
    pub(super) fn open_with(&mut self, opener: RecordProtection) -> Result<(), Stopped> {
        self.ends_a_message()?;
        self.opener = Some(opener);
        Ok(())
    }

    /// Insists that no message is in the middle.
    pub(super) fn ends_a_message(&self) -> Result<(), Stopped> {
        if self.messages.is_mid_message() {
            return Err(Stopped::field("handshake.body", 0, "no message across a change of keys"));
        }
        Ok(())
    }

    /// From here on our records are sealed with these keys.
    pub(super) fn seal_with(&mut self, sealer: RecordProtection) {
        self.sealer = Some(sealer);
    }

    /// Writes a message of ours.
    pub(super) fn write_message(&mut self, message: &[u8], random: &mut impl CryptoRng) {
        if let Some(msg_type) = message.first() {
            self.last_message = HandshakeType(*msg_type);
        }
        self.write(ContentType::HANDSHAKE, message, random);
    }

    /// Writes the one byte before a change of our keys (RFC 5246 §7.1), or before nothing at all (RFC 8446 §D.4).
    pub(super) fn write_change_cipher_spec(&mut self, random: &mut impl CryptoRng) {
        self.write(ContentType::CHANGE_CIPHER_SPEC, &[1], random);
    }

    /// Writes a payload in as many records as it needs, sealed if keys are in place.
    pub(super) fn write(&mut self, content_type: ContentType, payload: &[u8], random: &mut impl CryptoRng) {
        match &mut self.sealer {
            None => self.step.write.extend(write_records(content_type, self.version, payload, MAX_FRAGMENT)),
            Some(sealer) => self.step.write.extend(sealer.seal(content_type.0, payload, random)),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.step.events.push(event);
    }

    pub(super) fn log_key(&mut self, label: &'static str, client_random: &[u8; 32], secret: &[u8]) {
        self.tell(Event::KeyLog(KeyLogLine::new(label, client_random, secret)));
    }

    /// What came of the bytes so far.
    pub(super) fn take_step(&mut self) -> Step {
        std::mem::take(&mut self.step)
    }
}

/// Whether a record that comes when keys are in place is under them.
fn is_protected(record: &Record<'_>, disguised: bool) -> bool {
    if disguised {
        return record.content_type == ContentType::APPLICATION_DATA;
    }
    // Two bytes are too few for a MAC: an alert of a server that could not follow, in clear.
    !(record.content_type == ContentType::ALERT && record.fragment.len() == 2)
}
