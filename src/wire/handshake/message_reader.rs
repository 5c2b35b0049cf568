//! Handshake messages out of record fragments: records split messages and join them as the sender likes.

use super::{HandshakeType, RawMessage};
use crate::wire::{DecodeError, Reader};

/// The longest body accepted. No first flight of a sane server comes near it.
pub const MAX_MESSAGE: usize = 1 << 16;

/// Puts messages together from the fragments of handshake records.
///
/// After each [`push`](Self::push) take messages with [`next`](Self::next) until there is none: what is held then is
/// never more than one unfinished message. A length over [`MAX_MESSAGE`] is an error on sight, and stays one.
#[derive(Clone, Debug, Default)]
pub struct MessageReader {
    buffer: Vec<u8>,
    /// How much of the buffer has been handed out already.
    taken: usize,
}

impl MessageReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the fragment of the next handshake record.
    pub fn push(&mut self, fragment: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        // Grown by what came, not doubled: the limit on memory is meant.
        self.buffer.reserve_exact(fragment.len());
        self.buffer.extend_from_slice(fragment);
    }

    /// The next whole message, or `None` until more fragments come.
    #[expect(clippy::should_implement_trait, reason = "`None` is not the end here, more may be pushed")]
    pub fn next(&mut self) -> Result<Option<RawMessage>, DecodeError> {
        let mut input = Reader::new(self.pending());
        let Ok(msg_type) = input.u8("handshake.msg_type").map(HandshakeType) else { return Ok(None) };
        let Ok(length) = input.u24("handshake.length") else { return Ok(None) };
        let length = length as usize;
        if length > MAX_MESSAGE {
            let (field, offset) = ("handshake.body", input.offset());
            return Err(DecodeError::Length { field, offset, found: length, allowed: "0..65536" });
        }
        let header = input.offset();
        let Ok(body) = input.bytes("handshake.body", length) else { return Ok(None) };
        if self.taken == 0 && input.is_empty() {
            // The buffer is this one message, as long ones are: it is handed out, not copied.
            let mut body = std::mem::take(&mut self.buffer);
            body.drain(..header);
            return Ok(Some(RawMessage { msg_type, body }));
        }
        let message = RawMessage { msg_type, body: body.to_vec() };
        self.taken += input.offset();
        Ok(Some(message))
    }

    /// Whether a message has begun and not ended: nothing but handshake records may come now (RFC 8446 §5.1).
    pub fn is_mid_message(&self) -> bool {
        !self.pending().is_empty()
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Wire;

    const DONE: [u8; 4] = [14, 0, 0, 0];
    const FINISHED: [u8; 7] = [20, 0, 0, 3, 1, 2, 3];

    fn types(reader: &mut MessageReader) -> Vec<u8> {
        std::iter::from_fn(|| reader.next().unwrap()).map(|message| message.msg_type.0).collect()
    }

    #[test]
    fn several_messages_in_one_record_come_one_by_one() {
        let mut reader = MessageReader::new();
        reader.push(&[&DONE[..], &FINISHED, &DONE].concat());
        assert_eq!(types(&mut reader), [14, 20, 14]);
        assert!(!reader.is_mid_message());
    }

    #[test]
    fn a_message_split_over_records_comes_when_it_is_whole() {
        for split in 1..FINISHED.len() {
            let (first, second) = FINISHED.split_at(split);
            let mut reader = MessageReader::new();
            reader.push(first);
            assert_eq!(reader.next(), Ok(None), "split at {split}");
            assert!(reader.is_mid_message());
            reader.push(second);
            assert_eq!(reader.next().unwrap().unwrap().to_bytes(), FINISHED);
            assert!(!reader.is_mid_message());
        }
    }

    #[test]
    fn a_record_may_end_one_message_and_begin_another() {
        let mut reader = MessageReader::new();
        reader.push(&FINISHED[..5]);
        assert_eq!(types(&mut reader), [0_u8; 0]);
        reader.push(&[&FINISHED[5..], &DONE[..2]].concat());
        assert_eq!(types(&mut reader), [20]);
        assert!(reader.is_mid_message());
        reader.push(&DONE[2..]);
        assert_eq!(types(&mut reader), [14]);
    }

    #[test]
    fn the_longest_message_is_waited_for_and_a_longer_one_is_rejected_by_its_header() {
        let mut reader = MessageReader::new();
        reader.push(&[11, 1, 0, 0]);
        assert_eq!(reader.next(), Ok(None));

        let mut reader = MessageReader::new();
        reader.push(&[11, 1, 0, 1]);
        let error = DecodeError::Length { field: "handshake.body", offset: 4, found: 65537, allowed: "0..65536" };
        assert_eq!(reader.next(), Err(error.clone()));
        assert_eq!(reader.next(), Err(error), "and stays rejected");
    }

    #[test]
    fn an_endless_stream_of_messages_leaves_nothing_behind() {
        let mut reader = MessageReader::new();
        for _ in 0..1000 {
            reader.push(&FINISHED[..5]);
            reader.next().unwrap();
            reader.push(&FINISHED[5..]);
            reader.next().unwrap();
            assert!(reader.buffer.len() <= FINISHED.len());
        }
    }

    proptest! {
        #[test]
        fn however_messages_are_split_the_same_ones_come_out(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
            fragment_length in 1_usize..50,
        ) {
            let sent: Vec<RawMessage> =
                bodies.into_iter().map(|body| RawMessage { msg_type: HandshakeType(11), body }).collect();
            let bytes: Vec<u8> = sent.iter().flat_map(Wire::to_bytes).collect();
            let (mut reader, mut received) = (MessageReader::new(), Vec::new());
            for fragment in bytes.chunks(fragment_length) {
                reader.push(fragment);
                received.extend(std::iter::from_fn(|| reader.next().unwrap()));
            }
            prop_assert_eq!(received, sent);
        }

        #[test]
        fn never_panics(fragments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..30), 0..20)) {
            let mut reader = MessageReader::new();
            for fragment in fragments {
                reader.push(&fragment);
                while let Ok(Some(_)) = reader.next() {}
            }
        }
    }
}
