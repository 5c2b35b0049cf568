//! The record layer of SSL 2.0.

use crate::wire::{DecodeError, EncodeError, Reader};

/// One record. A short header has 15 bits of length, a long one 14 and says how much of the end is padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ssl2Record<'a> {
    /// One whole message, while nothing is encrypted.
    pub data: &'a [u8],
    /// What the three-byte header adds; `None` for the two-byte one.
    pub long: Option<LongHeader<'a>>,
}

/// What only the three-byte header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongHeader<'a> {
    /// `IS-ESCAPE`: reserved for out-of-band data.
    pub is_escape: bool,
    /// The bytes after the data that fill up a cipher block.
    pub padding: &'a [u8],
}

const SHORT_HEADER: u8 = 0x80;
const IS_ESCAPE: u8 = 0x40;

impl<'a> Ssl2Record<'a> {
    /// The record at the front of `bytes` and how many of them it takes, or `None` while it is incomplete.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, DecodeError> {
        let mut input = Reader::new(bytes);
        let Ok([high, low]) = input.array("ssl2_record.length") else { return Ok(None) };
        if high & SHORT_HEADER != 0 {
            let length = usize::from(u16::from_be_bytes([high & !SHORT_HEADER, low]));
            let Ok(data) = input.bytes("ssl2_record.data", length) else { return Ok(None) };
            return Ok(Some((Self { data, long: None }, input.offset())));
        }

        let is_escape = high & IS_ESCAPE != 0;
        let length = usize::from(u16::from_be_bytes([high & !IS_ESCAPE, low]));
        let Ok(padding) = input.u8("ssl2_record.padding").map(usize::from) else { return Ok(None) };
        let Some(data_length) = length.checked_sub(padding) else {
            let (field, offset) = ("ssl2_record.padding", input.offset());
            return Err(DecodeError::Length { field, offset, found: padding, allowed: "at most the record's length" });
        };
        let Ok(data) = input.bytes("ssl2_record.data", data_length) else { return Ok(None) };
        let Ok(padding) = input.bytes("ssl2_record.padding", padding) else { return Ok(None) };
        Ok(Some((Self { data, long: Some(LongHeader { is_escape, padding }) }, input.offset())))
    }

    /// The record's bytes, or why its header cannot say its length.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let padding = self.long.map_or(&[][..], |long| long.padding);
        let length = self.data.len() + padding.len();
        let limit = if self.long.is_some() { 0x3fff } else { 0x7fff };
        let [high, low] = match u16::try_from(length) {
            Ok(fitting) if length <= limit => fitting.to_be_bytes(),
            _ => return Err(EncodeError { length, limit }),
        };
        let header = match self.long {
            None => vec![high | SHORT_HEADER, low],
            Some(long) => {
                let escape = if long.is_escape { IS_ESCAPE } else { 0 };
                let padding_length = u8::try_from(padding.len())
                    .map_err(|_| EncodeError { length: padding.len(), limit: usize::from(u8::MAX) })?;
                vec![high | escape, low, padding_length]
            }
        };
        Ok([&header, self.data, padding].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHORT: [u8; 5] = [0x80, 3, 0, 0, 1];
    const LONG: [u8; 8] = [0x40, 5, 2, 7, 8, 9, 0xee, 0xff];

    #[test]
    fn both_forms_of_a_record_read_and_write_the_same_bytes() {
        let short = Ssl2Record { data: &[0, 0, 1], long: None };
        assert_eq!(Ssl2Record::parse(&SHORT), Ok(Some((short, 5))));
        assert_eq!(short.to_bytes().unwrap(), SHORT);

        let header = LongHeader { is_escape: true, padding: &[0xee, 0xff] };
        let long = Ssl2Record { data: &[7, 8, 9], long: Some(header) };
        assert_eq!(Ssl2Record::parse(&LONG), Ok(Some((long, 8))));
        assert_eq!(long.to_bytes().unwrap(), LONG);
    }

    #[test]
    fn an_incomplete_record_is_no_record_yet() {
        for length in 0..SHORT.len() {
            assert_eq!(Ssl2Record::parse(&SHORT[..length]), Ok(None), "{length} bytes of the short form");
        }
        for length in 0..LONG.len() {
            assert_eq!(Ssl2Record::parse(&LONG[..length]), Ok(None), "{length} bytes of the long form");
        }
    }

    #[test]
    fn rejects_a_record_with_more_padding_than_content() {
        let error = Ssl2Record::parse(&[0, 1, 2, 9, 9]).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("ssl2_record.padding", 3));
    }

    #[test]
    fn a_record_that_its_header_cannot_say_is_not_written() {
        let data = vec![0; 0x8000];
        let long = Some(LongHeader { is_escape: false, padding: &[] });
        assert!(Ssl2Record { data: &data[..0x7fff], long: None }.to_bytes().is_ok());
        assert_eq!(
            Ssl2Record { data: &data, long: None }.to_bytes(),
            Err(EncodeError { length: 0x8000, limit: 0x7fff })
        );
        assert!(Ssl2Record { data: &data[..0x3fff], long }.to_bytes().is_ok());
        assert_eq!(
            Ssl2Record { data: &data[..0x4000], long }.to_bytes(),
            Err(EncodeError { length: 0x4000, limit: 0x3fff })
        );
    }

    proptest! {
        #[test]
        fn never_panics_and_writes_what_it_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(Some((record, consumed))) = Ssl2Record::parse(&bytes) {
                prop_assert_eq!(record.to_bytes().unwrap(), &bytes[..consumed]);
            }
        }
    }
}
