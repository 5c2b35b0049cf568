//! The record layer of SSL 3.0 to TLS 1.3 (RFC 8446 §5.1, RFC 5246 §6.2.1): plaintext and ciphertext look alike here.

use super::{DecodeError, Reader, Writer};
use crate::registry::{ProtocolVersion, code_point};

/// The most plaintext a record may carry (RFC 8446 §5.1).
pub const MAX_FRAGMENT: usize = 1 << 14;

/// The most any record may carry: `TLSCiphertext` of TLS 1.2 and older (RFC 5246 §6.2.3); TLS 1.3 allows less.
pub const MAX_RECORD_LENGTH: usize = (1 << 14) + 2048;

/// What a record begins with: content type, version, length.
pub const HEADER_LENGTH: usize = 5;

code_point! {
    /// `ContentType` (RFC 8446 §5.1, RFC 6520 §3).
    ContentType(u8), 2
}

impl ContentType {
    /// The one-byte message before the first protected record.
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    /// An [`Alert`](super::alert::Alert).
    pub const ALERT: Self = Self(21);
    /// Handshake messages, or parts of them.
    pub const HANDSHAKE: Self = Self(22);
    /// Application data; in TLS 1.3 anything that is encrypted.
    pub const APPLICATION_DATA: Self = Self(23);
    /// Heartbeat messages (RFC 6520).
    pub const HEARTBEAT: Self = Self(24);

    const NAMES: [(Self, &str); 5] = [
        (Self::CHANGE_CIPHER_SPEC, "change_cipher_spec"),
        (Self::ALERT, "alert"),
        (Self::HANDSHAKE, "handshake"),
        (Self::APPLICATION_DATA, "application_data"),
        (Self::HEARTBEAT, "heartbeat"),
    ];

    /// The RFC's name of it.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|(content_type, _)| *content_type == self).map(|(_, name)| name)
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(content_type, _)| content_type)
    }
}

/// One record. Its fragment may hold several messages, one, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What the fragment is.
    pub content_type: ContentType,
    /// `legacy_record_version`: any value is read.
    pub version: ProtocolVersion,
    /// The content.
    pub fragment: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record at the front of `bytes` and how many of them it takes, or `None` while it is incomplete.
    ///
    /// A length beyond [`MAX_RECORD_LENGTH`] is an error as soon as the header is there: no one need wait for it.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, DecodeError> {
        let mut input = Reader::new(bytes);
        let Ok((content_type, version, length)) = header(&mut input) else { return Ok(None) };
        if length > MAX_RECORD_LENGTH {
            let (field, offset) = ("record.fragment", input.offset());
            return Err(DecodeError::Length { field, offset, found: length, allowed: "0..18432" });
        }
        let Ok(fragment) = input.bytes("record.fragment", length) else { return Ok(None) };
        Ok(Some((Self { content_type, version, fragment }, input.offset())))
    }
}

/// `payload` in records of at most `fragment_length` bytes of it each; no payload at all is one empty record.
///
/// A fragment length of nothing, or of more than a record's length field can say, is taken as the nearest that works.
pub fn write_records(
    content_type: ContentType,
    version: ProtocolVersion,
    payload: &[u8],
    fragment_length: usize,
) -> Vec<u8> {
    let mut out = Writer::new();
    let mut rest = payload;
    loop {
        let (fragment, after) = rest.split_at(rest.len().min(fragment_length.clamp(1, usize::from(u16::MAX))));
        out.u8(content_type.0);
        out.u16(version.0);
        out.vec16(|out| out.bytes(fragment));
        rest = after;
        if rest.is_empty() {
            return out.into_bytes();
        }
    }
}

fn header(input: &mut Reader<'_>) -> Result<(ContentType, ProtocolVersion, usize), DecodeError> {
    let content_type = ContentType(input.u8("record.content_type")?);
    let version = ProtocolVersion(input.u16("record.version")?);
    let length = input.u16("record.length")?;
    Ok((content_type, version, usize::from(length)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO_RECORDS: [u8; 13] = [22, 3, 1, 0, 2, 0xab, 0xcd, 22, 3, 1, 0, 1, 0xef];

    #[test]
    fn a_record_reads_and_writes_the_same_bytes() {
        let (record, consumed) = Record::parse(&TWO_RECORDS).unwrap().unwrap();
        let expected =
            Record { content_type: ContentType::HANDSHAKE, version: ProtocolVersion::TLS1_0, fragment: &[0xab, 0xcd] };
        assert_eq!((record, consumed), (expected, 7));
        let written = write_records(record.content_type, record.version, record.fragment, MAX_FRAGMENT);
        assert_eq!(written, TWO_RECORDS[..7]);
    }

    #[test]
    fn a_payload_is_split_over_records() {
        let payload = [0xab, 0xcd, 0xef];
        assert_eq!(write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_0, &payload, 2), TWO_RECORDS);
    }

    #[test]
    fn an_empty_payload_is_one_empty_record() {
        let written = write_records(ContentType::APPLICATION_DATA, ProtocolVersion::TLS1_2, &[], 100);
        assert_eq!(written, [23, 3, 3, 0, 0]);
    }

    #[test]
    fn a_fragment_length_of_zero_still_moves_on() {
        assert_eq!(write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_0, &[1, 2], 0).len(), 12);
    }

    #[test]
    fn an_incomplete_record_is_no_record_yet() {
        for length in 0..7 {
            assert_eq!(Record::parse(&TWO_RECORDS[..length]), Ok(None), "{length} bytes");
        }
    }

    #[test]
    fn the_longest_record_is_waited_for_and_a_longer_one_is_rejected_by_its_header() {
        assert_eq!(Record::parse(&[23, 3, 3, 0x48, 0x00]), Ok(None));
        let error = Record::parse(&[23, 3, 3, 0x48, 0x01]).unwrap_err();
        let expected = DecodeError::Length { field: "record.fragment", offset: 5, found: 18433, allowed: "0..18432" };
        assert_eq!(error, expected);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some((record, consumed))) = Record::parse(&bytes) {
                let written = write_records(record.content_type, record.version, record.fragment, MAX_RECORD_LENGTH);
                prop_assert_eq!(written, &bytes[..consumed]);
            }
        }

        #[test]
        fn whatever_is_split_comes_together_again(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            fragment_length in 0_usize..120,
        ) {
            let written = write_records(ContentType::ALERT, ProtocolVersion::SSL3, &payload, fragment_length);
            let (mut rest, mut together) = (written.as_slice(), Vec::new());
            while let Some((record, consumed)) = Record::parse(rest).unwrap() {
                prop_assert!(record.fragment.len() <= fragment_length.max(1));
                together.extend_from_slice(record.fragment);
                rest = &rest[consumed..];
            }
            prop_assert!(rest.is_empty());
            prop_assert_eq!(together, payload);
        }
    }
}
