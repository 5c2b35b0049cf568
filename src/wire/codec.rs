//! How every wire type is read and written (the presentation language, RFC 8446 §3).
//!
//! A [`Reader`] names each field as it reads it, so an error says which one was wrong and where. The vectors it hands
//! out are readers too: they end where the vector's own length says and count offsets from the same beginning.
//! A [`Writer`] fills in the lengths.

use std::ops::RangeBounds;

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

/// Reads fields off the front of some bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    /// The field read last, or the vector this is: what an unexpected rest comes after.
    field: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, counting offsets from their beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, field: "start" }
    }

    /// One byte.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array(field).map(u8::from_be_bytes)
    }

    /// Two bytes, big-endian like all integers here.
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Three bytes.
    pub fn u24(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(|[high, middle, low]| u32::from_be_bytes([0, high, middle, low]))
    }

    /// Four bytes.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Exactly `N` bytes.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        self.field = field;
        match self.bytes.split_first_chunk::<N>() {
            Some((array, rest)) => {
                self.bytes = rest;
                self.offset += N;
                Ok(*array)
            }
            None => Err(self.truncated(field, N)),
        }
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        self.field = field;
        match self.bytes.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.bytes = rest;
                self.offset += count;
                Ok(bytes)
            }
            None => Err(self.truncated(field, count)),
        }
    }

    /// The content of a vector with a one-byte length.
    pub fn vec8(&mut self, field: &'static str) -> Result<Reader<'a>, DecodeError> {
        let length = self.u8(field)?;
        self.vector(field, usize::from(length))
    }

    /// The content of a vector with a two-byte length.
    pub fn vec16(&mut self, field: &'static str) -> Result<Reader<'a>, DecodeError> {
        let length = self.u16(field)?;
        self.vector(field, usize::from(length))
    }

    /// The content of a vector with a three-byte length.
    pub fn vec24(&mut self, field: &'static str) -> Result<Reader<'a>, DecodeError> {
        let length = self.u24(field)?;
        self.vector(field, length as usize)
    }

    /// The same reader, if what is left of it is of an allowed length; `allowed` says which, as the RFC does.
    pub fn of_length(self, lengths: impl RangeBounds<usize>, allowed: &'static str) -> Result<Self, DecodeError> {
        if lengths.contains(&self.bytes.len()) {
            return Ok(self);
        }
        Err(DecodeError::Length { field: self.field, offset: self.offset, found: self.bytes.len(), allowed })
    }

    /// Reads one item after another until the end.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut items = Vec::new();
        while !self.is_empty() {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A field without content, so that an unexpected rest is said to follow it.
    pub fn nothing(&mut self, field: &'static str) {
        self.field = field;
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        self.offset += self.bytes.len();
        std::mem::take(&mut self.bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The offset of the next byte.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Insists that nothing is left.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.is_empty() {
            return Ok(());
        }
        Err(DecodeError::Trailing { field: self.field, offset: self.offset, extra: self.bytes.len() })
    }

    fn vector(&mut self, field: &'static str, length: usize) -> Result<Reader<'a>, DecodeError> {
        let offset = self.offset;
        self.bytes(field, length).map(|bytes| Reader { bytes, offset, field })
    }

    fn truncated(&self, field: &'static str, wanted: usize) -> DecodeError {
        DecodeError::Truncated { field, offset: self.offset, needed: wanted - self.bytes.len() }
    }
}

/// Collects bytes, and fills in the lengths of vectors.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    /// The first part that did not fit its length field.
    overflow: Option<EncodeError>,
}

impl Writer {
    /// A writer with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Two bytes, big-endian like all integers here.
    pub fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    /// The low three bytes of `value`.
    pub fn u24(&mut self, value: u32) {
        let [_, low @ ..] = value.to_be_bytes();
        self.bytes(&low);
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    /// These bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A vector with a one-byte length, which is filled in when `content` returns.
    pub fn vec8(&mut self, content: impl FnOnce(&mut Self)) {
        self.vector::<1>(content);
    }

    /// A vector with a two-byte length.
    pub fn vec16(&mut self, content: impl FnOnce(&mut Self)) {
        self.vector::<2>(content);
    }

    /// A vector with a three-byte length.
    pub fn vec24(&mut self, content: impl FnOnce(&mut Self)) {
        self.vector::<3>(content);
    }

    /// What was written.
    ///
    /// # Panics
    ///
    /// Where a vector became longer than its length field can say; see [`finish`](Self::finish).
    pub fn into_bytes(self) -> Vec<u8> {
        self.finish().expect("every part fits its length field")
    }

    /// What was written, or which vector was too long for its length field.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self.overflow {
            None => Ok(self.bytes),
            Some(error) => Err(error),
        }
    }

    fn vector<const WIDTH: usize>(&mut self, content: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; WIDTH]);
        content(self);

        let length = self.bytes.len() - start - WIDTH;
        let limit = (1 << (8 * WIDTH)) - 1;
        if length > limit {
            self.overflow.get_or_insert(EncodeError { length, limit });
        }
        let low_bytes = length.to_be_bytes().into_iter().rev().take(WIDTH);
        for (place, byte) in self.bytes.iter_mut().skip(start).take(WIDTH).rev().zip(low_bytes) {
            *place = byte;
        }
    }
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
    fn a_vector_at_the_limit_of_its_length_field_fits_and_one_byte_more_does_not() {
        let vec8_of = |length| {
            let mut out = Writer::new();
            out.vec8(|out| out.bytes(&vec![7; length]));
            out.finish()
        };
        assert_eq!(vec8_of(255).unwrap().first(), Some(&255));
        assert_eq!(vec8_of(256), Err(EncodeError { length: 256, limit: 255 }));
    }

    #[test]
    fn a_field_that_is_cut_short_says_how_much_is_missing() {
        let mut input = Reader::new(&[1, 2, 3]);
        input.u8("first").unwrap();
        assert_eq!(input.u32("second"), Err(DecodeError::Truncated { field: "second", offset: 1, needed: 2 }));
        // A failed read takes nothing.
        assert_eq!(input.u16("second"), Ok(0x0203));
    }

    #[test]
    fn a_vector_longer_than_what_is_left_is_cut_short() {
        let error = Reader::new(&[0, 9, 1, 2]).vec16("list").unwrap_err();
        assert_eq!(error, DecodeError::Truncated { field: "list", offset: 2, needed: 7 });
    }

    #[test]
    fn fields_inside_a_vector_are_found_at_their_offset_in_the_whole() {
        let mut input = Reader::new(&[9, 9, 3, 1, 2, 3, 9]);
        input.u16("before").unwrap();
        let mut list = input.vec8("list").unwrap();
        list.u16("item").unwrap();
        let error = list.u16("item").unwrap_err();
        assert_eq!(error, DecodeError::Truncated { field: "item", offset: 5, needed: 1 });
    }

    #[test]
    fn a_vector_of_a_length_that_is_not_allowed_is_rejected() {
        let error = Reader::new(&[1, 5]).vec8("even").unwrap().of_length(2..=254, "2..254").unwrap_err();
        assert_eq!(error, DecodeError::Length { field: "even", offset: 1, found: 1, allowed: "2..254" });
    }

    #[test]
    fn what_follows_the_last_field_is_named_after_it() {
        let mut input = Reader::new(&[1, 2, 3]);
        input.u8("only").unwrap();
        assert_eq!(input.end(), Err(DecodeError::Trailing { field: "only", offset: 1, extra: 2 }));
    }

    #[test]
    fn an_error_says_in_words_what_was_expected() {
        let error = DecodeError::Value { field: "curve_type", offset: 0, found: 9, expected: "named_curve" };
        assert_eq!(error.to_string(), "curve_type at byte 0 is 0x9, expected named_curve");
        assert_eq!((error.field(), error.offset(), error.expected().as_str()), ("curve_type", 0, "named_curve"));
    }
}
