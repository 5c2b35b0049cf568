//! The hello that a client's bytes begin with, found as they come.

use super::{ClientHello, HandshakeType, MessageReader};
use crate::registry::ProtocolVersion;
use crate::wire::record::{ContentType, Record};
use crate::wire::{DecodeError, Wire};

/// Finds the ClientHello at the front of what a client sends, however it is split over records and reads.
#[derive(Clone, Debug, Default)]
pub struct FirstHello {
    /// How many bytes have been read as records.
    parsed: usize,
    record_version: Option<ProtocolVersion>,
    messages: MessageReader,
}

impl FirstHello {
    /// The hello, and the version in the header of its first record; `None` while it is not whole. `received` is all
    /// that has come so far, from the first byte on; what was looked at before is not read again.
    ///
    /// Whatever can be no hello is an error on sight, a record of another type by its first byte.
    pub fn look(&mut self, received: &[u8]) -> Result<Option<(ProtocolVersion, ClientHello)>, DecodeError> {
        loop {
            let rest = received.get(self.parsed..).unwrap_or_default();
            if let Some(first) = rest.first().filter(|first| **first != ContentType::HANDSHAKE.0) {
                let (field, found) = ("record.content_type", u64::from(*first));
                return Err(DecodeError::Value { field, offset: self.parsed, found, expected: "handshake (22)" });
            }
            let Some((record, used)) = Record::parse(rest)? else { return Ok(None) };
            self.parsed += used;
            let version = *self.record_version.get_or_insert(record.version);
            self.messages.push(record.fragment);
            if let Some(message) = self.messages.next()? {
                if message.msg_type != HandshakeType::CLIENT_HELLO {
                    let (field, found) = ("handshake.msg_type", u64::from(message.msg_type.0));
                    return Err(DecodeError::Value { field, offset: 0, found, expected: "client_hello (1)" });
                }
                return Ok(Some((version, ClientHello::from_bytes(&message.body)?)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::CipherSuite;
    use crate::wire::handshake::{SessionId, message};
    use crate::wire::record::write_records;

    fn hello() -> ClientHello {
        ClientHello {
            legacy_version: ProtocolVersion::TLS1_2,
            random: [7; 32],
            session_id: SessionId(vec![]),
            cipher_suites: vec![CipherSuite(0xc030)],
            compression_methods: vec![0],
            extensions: None,
        }
    }

    fn records(split: usize) -> Vec<u8> {
        let message = message(HandshakeType::CLIENT_HELLO, &hello());
        write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_0, &message, split)
    }

    #[test]
    fn a_hello_is_found_when_its_last_byte_is_there_and_not_before() {
        for split in [1, 7, 16_384] {
            let (mut finder, bytes) = (FirstHello::default(), records(split));
            for length in 0..bytes.len() {
                assert_eq!(finder.look(&bytes[..length]), Ok(None), "split at {split}, {length} bytes");
            }
            assert_eq!(finder.look(&bytes), Ok(Some((ProtocolVersion::TLS1_0, hello()))));
        }
    }

    #[test]
    fn what_can_be_no_hello_is_an_error_on_sight() {
        let field = |bytes: &[u8]| FirstHello::default().look(bytes).unwrap_err().field().to_owned();
        assert_eq!(field(b"G"), "record.content_type");
        assert_eq!(field(&[0x80, 0x2e, 1]), "record.content_type", "the hello of SSL 2.0");
        assert_eq!(field(&[22, 3, 1, 0, 4, 2, 0, 0, 0]), "handshake.msg_type");
        assert_eq!(field(&[22, 3, 1, 0xff, 0xff]), "record.fragment");
        assert_eq!(field(&[22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff]), "handshake.body");
    }
}
