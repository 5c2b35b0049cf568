//! What TLS 1.3 servers used to say in their hello.

use crate::wire::extension::{Context, Extensions};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `EncryptedExtensions` (RFC 8446 §4.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedExtensions(pub Extensions);

impl Wire for EncryptedExtensions {
    fn encode(&self, out: &mut Writer) {
        self.0.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Extensions::decode(Context::EncryptedExtensions, input).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::NamedGroup;
    use crate::wire::extension::{Extension, ServerName};
    use crate::wire::testing;

    const WITH_GROUPS: [u8; 14] = [0, 12, 0, 0, 0, 0, 0, 10, 0, 4, 0, 2, 0, 29];

    #[test]
    fn encrypted_extensions_read_and_write_the_same_bytes() {
        let extensions = Extensions(vec![
            Extension::ServerName(ServerName::Acknowledged),
            Extension::SupportedGroups(vec![NamedGroup(29)]),
        ]);
        testing::reads_and_writes(&WITH_GROUPS, &EncryptedExtensions(extensions));
    }

    #[test]
    fn rejects_every_truncation_of_encrypted_extensions() {
        testing::rejects_every_truncation::<EncryptedExtensions>(&WITH_GROUPS);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<EncryptedExtensions>(&WITH_GROUPS);
    }
}
