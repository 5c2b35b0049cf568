//! `pre_shared_key` (RFC 8446 §4.2.11): always a ClientHello's last extension, for its binders cover all before them.

use super::Context;
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// The keys a client offers to resume with, or which one a server selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreSharedKey {
    /// `OfferedPsks`.
    Offered {
        /// The keys, best first.
        identities: Vec<PskIdentity>,
        /// One MAC for each key (RFC 8446 §4.2.11.2).
        binders: Vec<Vec<u8>>,
    },
    /// `selected_identity`: the index of the one taken.
    Selected(u16),
}

/// `PskIdentity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PskIdentity {
    /// The ticket, or the name of a key agreed elsewhere.
    pub identity: Vec<u8>,
    /// The ticket's age in milliseconds plus its `age_add`.
    pub obfuscated_ticket_age: u32,
}

impl PreSharedKey {
    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Offered { identities, binders } => {
                out.vec16(|out| identities.iter().for_each(|identity| identity.encode(out)));
                out.vec16(|out| binders.iter().for_each(|binder| out.vec8(|out| out.bytes(binder))));
            }
            Self::Selected(index) => out.u16(*index),
        }
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        match context {
            Context::ClientHello => {
                let identities =
                    body.vec16("pre_shared_key.identities")?.of_length(7.., "7..65535")?.list(PskIdentity::decode)?;
                let binders = body.vec16("pre_shared_key.binders")?.of_length(33.., "33..65535")?.list(binder)?;
                Ok(Some(Self::Offered { identities, binders }))
            }
            Context::ServerHello => {
                body.u16("pre_shared_key.selected_identity").map(|index| Some(Self::Selected(index)))
            }
            _ => Ok(None),
        }
    }
}

impl Wire for PskIdentity {
    fn encode(&self, out: &mut Writer) {
        out.vec16(|out| out.bytes(&self.identity));
        out.u32(self.obfuscated_ticket_age);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let identity = input.vec16("pre_shared_key.identity")?.of_length(1.., "1..65535")?.rest().to_vec();
        let obfuscated_ticket_age = input.u32("pre_shared_key.obfuscated_ticket_age")?;
        Ok(Self { identity, obfuscated_ticket_age })
    }
}

/// `opaque PskBinderEntry<32..255>`.
fn binder(list: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let mut binder = list.vec8("pre_shared_key.binder")?.of_length(32.., "32..255")?;
    Ok(binder.rest().to_vec())
}
