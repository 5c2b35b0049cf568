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
