//! The session id of both hellos.

use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `opaque SessionID<0..32>` (RFC 5246 §7.4.1.2), `legacy_session_id` in TLS 1.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionId(pub Vec<u8>);

impl Wire for SessionId {
    fn encode(&self, out: &mut Writer) {
        out.vec8(|out| out.bytes(&self.0));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut id = input.vec8("session_id")?.of_length(..=32, "0..32")?;
        Ok(Self(id.rest().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const ABC: [u8; 4] = [3, b'a', b'b', b'c'];

    #[test]
    fn session_id_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&ABC, &SessionId(b"abc".to_vec()));
        testing::reads_and_writes(&[0], &SessionId(vec![]));
    }

    #[test]
    fn rejects_session_id_longer_than_32_bytes() {
        let bytes = SessionId(vec![7; 33]).to_bytes();
        let error = DecodeError::Length { field: "session_id", offset: 1, found: 33, allowed: "0..32" };
        assert_eq!(SessionId::from_bytes(&bytes), Err(error));
    }

    #[test]
    fn rejects_every_truncation_of_session_id() {
        testing::rejects_every_truncation::<SessionId>(&ABC);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<SessionId>(&ABC);
    }
}
