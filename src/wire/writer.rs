//! Writing: a [`Writer`] appends fields and fills in lengths, and remembers a length that did not fit.

use super::EncodeError;

/// As much as a usual hello has.
const ROOM: usize = 512;

/// Collects bytes, and fills in the lengths of vectors.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    /// The first part that did not fit its length field.
    overflow: Option<EncodeError>,
}

impl Writer {
    /// A writer with nothing in it, and room for a hello: it need not move while it grows to that.
    pub fn new() -> Self {
        Self { bytes: Vec::with_capacity(ROOM), overflow: None }
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

    /// A two-byte length whose content follows elsewhere.
    pub fn length16(&mut self, length: usize) {
        self.check(length, usize::from(u16::MAX));
        self.u16(u16::try_from(length).unwrap_or(u16::MAX));
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
        self.check(length, (1 << (8 * WIDTH)) - 1);
        let low_bytes = length.to_be_bytes().into_iter().rev().take(WIDTH);
        for (place, byte) in self.bytes.iter_mut().skip(start).take(WIDTH).rev().zip(low_bytes) {
            *place = byte;
        }
    }

    fn check(&mut self, length: usize, limit: usize) {
        if length > limit {
            self.overflow.get_or_insert(EncodeError { length, limit });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
