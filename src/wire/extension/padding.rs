//! `padding` (RFC 7685 §3).

use crate::wire::{Reader, Writer};

pub(super) fn encode(length: usize, out: &mut Writer) {
    out.bytes(&vec![0; length]);
}

/// The number of zero bytes, or `None` where some are not zero: then they are a message to keep, not padding.
pub(super) fn decode(body: &mut Reader<'_>) -> Option<usize> {
    let bytes = body.rest();
    bytes.iter().all(|byte| *byte == 0).then_some(bytes.len())
}
