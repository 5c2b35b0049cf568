//! `early_data` (RFC 8446 §4.2.10).

use super::Context;
use crate::wire::{DecodeError, Reader, Writer};

/// `EarlyDataIndication`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyData {
    /// A client that sends 0-RTT data, or a server that takes it.
    Indication,
    /// A ticket's `max_early_data_size`.
    MaxSize(u32),
}

impl EarlyData {
    pub(super) fn encode(self, out: &mut Writer) {
        match self {
            Self::Indication => {}
            Self::MaxSize(size) => out.u32(size),
        }
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        match context {
            Context::ClientHello | Context::EncryptedExtensions => {
                body.nothing("early_data");
                Ok(Some(Self::Indication))
            }
            Context::NewSessionTicket => {
                body.u32("early_data.max_early_data_size").map(|size| Some(Self::MaxSize(size)))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::EARLY_DATA;
    const MAX_SIZE: [u8; 4] = [0, 0, 0x40, 0];

    #[test]
    fn early_data_reads_and_writes_the_same_bytes_in_every_message() {
        let indication = Extension::EarlyData(EarlyData::Indication);
        testing::reads_and_writes(Context::ClientHello, &[], &indication);
        testing::reads_and_writes(Context::EncryptedExtensions, &[], &indication);
        let max_size = Extension::EarlyData(EarlyData::MaxSize(0x4000));
        testing::reads_and_writes(Context::NewSessionTicket, &MAX_SIZE, &max_size);
    }

    #[test]
    fn rejects_content_in_an_indication() {
        let error = testing::error_of(TYPE, Context::ClientHello, &MAX_SIZE);
        assert_eq!(error, DecodeError::Trailing { field: "early_data", offset: 0, extra: 4 });
    }

    #[test]
    fn rejects_every_truncation_of_early_data() {
        testing::rejects_every_truncation(TYPE, Context::NewSessionTicket, &MAX_SIZE);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::NewSessionTicket, &MAX_SIZE);
        testing::never_panics(TYPE, Context::ClientHello, &[]);
    }
}
