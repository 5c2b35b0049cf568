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

#[cfg(test)]
mod tests {
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Context, Extension, testing};

    const TYPE: ExtensionType = ExtensionType::PADDING;

    #[test]
    fn padding_reads_and_writes_the_same_zeros() {
        testing::reads_and_writes(Context::ClientHello, &[0; 5], &Extension::Padding(5));
        testing::reads_and_writes(Context::ClientHello, &[], &Extension::Padding(0));
    }

    #[test]
    fn padding_that_is_not_zero_is_kept() {
        let extension = Extension::Other(TYPE, vec![0, 1, 0]);
        testing::reads_and_writes(Context::ClientHello, &[0, 1, 0], &extension);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &[0; 5]);
    }
}
