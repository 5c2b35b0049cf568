//! Reading: a [`Reader`] names each field as it reads it, so an error says which one was wrong and where.
//!
//! The vectors it hands out are readers too: they end where the vector's own length says, and count offsets from the
//! same beginning.

use std::ops::RangeBounds;

use super::DecodeError;

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

    /// The content of a vector whose length stood before.
    pub fn vector(&mut self, field: &'static str, length: usize) -> Result<Reader<'a>, DecodeError> {
        let offset = self.offset;
        self.bytes(field, length).map(|bytes| Reader { bytes, offset, field })
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

    fn truncated(&self, field: &'static str, wanted: usize) -> DecodeError {
        DecodeError::Truncated { field, offset: self.offset, needed: wanted - self.bytes.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
