//! What every wire type promises, as checks that its tests call with one constant.

use proptest::{collection, prelude::*, sample};

use super::{DecodeError, Reader, Wire};

/// `bytes` decode to `value`, and `value` encodes to `bytes`.
pub(super) fn reads_and_writes<T: Wire + std::fmt::Debug + PartialEq>(bytes: &[u8], value: &T) {
    assert_eq!(T::from_bytes(bytes).as_ref(), Ok(value), "reading {}", hex::encode(bytes));
    assert_eq!(hex::encode(value.to_bytes()), hex::encode(bytes), "writing {value:?}");
}

/// No proper prefix of `bytes` is accepted, nor are `bytes` with one more at the end.
pub(super) fn rejects_every_truncation<T: Wire + std::fmt::Debug>(bytes: &[u8]) {
    rejects_every_truncation_with(bytes, |bytes| T::from_bytes(bytes));
}

/// The same for a type whose form depends on more than its bytes.
pub(super) fn rejects_every_truncation_with<T: std::fmt::Debug>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
) {
    assert!(decode(bytes).is_ok(), "the whole must be accepted: {:?}", decode(bytes));
    for length in 0..bytes.len() {
        let error = decode(&bytes[..length]).expect_err("a truncation must be rejected");
        assert!(error.offset() <= length, "{error} lies beyond the {length} bytes there were");
    }
    let longer = [bytes, &[0]].concat();
    assert!(decode(&longer).is_err(), "one byte more must be rejected");
}

/// Whatever bytes arrive, decoding ends, and what it accepts encodes to the same bytes: for random bytes, and for the
/// `valid` ones with some replaced, which get further in.
pub(super) fn never_panics<T: Wire>(valid: &[u8]) {
    never_panics_with(valid, |bytes| T::from_bytes(bytes).ok().map(|value| value.to_bytes()));
}

/// The same for a type whose form depends on more than its bytes: `round_trip` decodes and encodes.
pub(super) fn never_panics_with(valid: &[u8], round_trip: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let arbitrary = collection::vec(any::<u8>(), 0..200);
    let changes = collection::vec((any::<sample::Index>(), any::<u8>()), 1..4);
    proptest!(|(arbitrary in arbitrary, changes in changes)| {
        let mut changed = valid.to_vec();
        for (index, byte) in changes.into_iter().filter(|_| !valid.is_empty()) {
            changed[index.index(valid.len())] = byte;
        }
        for bytes in [arbitrary, changed] {
            if let Some(encoded) = round_trip(&bytes) {
                prop_assert_eq!(hex::encode(encoded), hex::encode(bytes));
            }
        }
    });
}

/// The error of `decode` on all of `bytes`.
pub(super) fn error_of<T: std::fmt::Debug>(
    bytes: &[u8],
    decode: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> DecodeError {
    decode(&mut Reader::new(bytes)).expect_err("must be rejected")
}
