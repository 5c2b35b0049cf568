//! How every wire type is read and written (the presentation language, RFC 8446 §3), and how that can fail.

use super::{Reader, Writer};

/// A type with one form on the wire.
pub trait Wire: Sized {
    /// Appends the value as it stands.
    fn encode(&self, out: &mut Writer);

    /// Takes one value off the front of `input`.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The value's bytes.
    ///
    /// # Panics
    ///
    /// Where a part is longer than its length field can say; [`try_to_bytes`](Self::try_to_bytes) is for values that
    /// a user has put together. A decoded value always fits.
    fn to_bytes(&self) -> Vec<u8> {
        self.try_to_bytes().expect("every part fits its length field")
    }

    /// The value's bytes, or which length field cannot hold its part.
    fn try_to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Writer::new();
        self.encode(&mut out);
        out.finish()
    }

    /// The one value that `bytes` are, with nothing after it.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let value = Self::decode(&mut input)?;
        input.end()?;
        Ok(value)
    }
}

/// Why bytes are not what they should be. Offsets count from the start of what was decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input, or the vector around the field, ends too soon.
    #[error("{field} at byte {offset} is cut short: {needed} more bytes needed")]
    Truncated {
        /// The field that is cut short.
        field: &'static str,
        /// Where it begins.
        offset: usize,
        /// How many bytes are missing.
        needed: usize,
    },
    /// A vector is shorter or longer than its type allows.
    #[error("{field} at byte {offset} is {found} bytes long, allowed are {allowed}")]
    Length {
        /// The vector.
        field: &'static str,
        /// Where its content begins.
        offset: usize,
        /// Its length in bytes.
        found: usize,
        /// The lengths its type allows, as the RFC writes them: `1..255`.
        allowed: &'static str,
    },
    /// A value that its type does not have.
    #[error("{field} at byte {offset} is {found:#x}, expected {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// Where it is.
        offset: usize,
        /// What it holds.
        found: u64,
        /// What it may hold.
        expected: &'static str,
    },
    /// Bytes follow where nothing should.
    #[error("{extra} bytes follow {field} at byte {offset}")]
    Trailing {
        /// The field after which they follow.
        field: &'static str,
        /// Where they begin.
        offset: usize,
        /// How many they are.
        extra: usize,
    },
}

impl DecodeError {
    /// The name of the field that was wrong.
    pub fn field(&self) -> &str {
        match self {
            Self::Truncated { field, .. }
            | Self::Length { field, .. }
            | Self::Value { field, .. }
            | Self::Trailing { field, .. } => field,
        }
    }

    /// The byte at which it was wrong, within what was decoded.
    pub fn offset(&self) -> usize {
        match self {
            Self::Truncated { offset, .. }
            | Self::Length { offset, .. }
            | Self::Value { offset, .. }
            | Self::Trailing { offset, .. } => *offset,
        }
    }

    /// What should have stood there.
    pub fn expected(&self) -> String {
        match self {
            Self::Truncated { needed, .. } => format!("{needed} more bytes"),
            Self::Length { allowed, .. } => format!("a length of {allowed} bytes"),
            Self::Value { expected, .. } => (*expected).to_owned(),
            Self::Trailing { .. } => "the end".to_owned(),
        }
    }
}

/// A part that is longer than its length field can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes do not fit where at most {limit} can be said")]
pub struct EncodeError {
    /// How long the part is.
    pub length: usize,
    /// The most its length field can say.
    pub limit: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_big_endian() {
        const BYTES: [u8; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let mut out = Writer::new();
        out.u8(1);
        out.u16(0x0203);
        out.u24(0x04_0506);
        out.u32(0x0708_090a);
        assert_eq!(out.into_bytes(), BYTES);

        let mut input = Reader::new(&BYTES);
        assert_eq!(input.u8("a"), Ok(1));
        assert_eq!(input.u16("b"), Ok(0x0203));
        assert_eq!(input.u24("c"), Ok(0x04_0506));
        assert_eq!(input.u32("d"), Ok(0x0708_090a));
        assert_eq!(input.end(), Ok(()));
    }

    #[test]
    fn vectors_carry_their_length_however_deep_they_are() {
        const BYTES: [u8; 9] = [0, 0, 6, 0, 4, 3, b'a', b'b', b'c'];
        let mut out = Writer::new();
        out.vec24(|out| out.vec16(|out| out.vec8(|out| out.bytes(b"abc"))));
        assert_eq!(out.into_bytes(), BYTES);

        let mut input = Reader::new(&BYTES);
        let mut outer = input.vec24("outer").unwrap();
        let mut middle = outer.vec16("middle").unwrap();
        assert_eq!(middle.vec8("inner").unwrap().rest(), b"abc");
        assert!(input.is_empty() && outer.is_empty() && middle.is_empty());
    }

    #[test]
    fn an_error_says_in_words_what_was_expected() {
        let error = DecodeError::Value { field: "curve_type", offset: 0, found: 9, expected: "named_curve" };
        assert_eq!(error.to_string(), "curve_type at byte 0 is 0x9, expected named_curve");
        assert_eq!((error.field(), error.offset(), error.expected().as_str()), ("curve_type", 0, "named_curve"));
    }
}
