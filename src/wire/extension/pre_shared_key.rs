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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::PRE_SHARED_KEY;
    const SELECTED: [u8; 2] = [0, 1];

    fn offered() -> PreSharedKey {
        let identity = PskIdentity { identity: vec![7, 8], obfuscated_ticket_age: 0x0102_0304 };
        PreSharedKey::Offered { identities: vec![identity], binders: vec![vec![9; 32]] }
    }

    fn offered_bytes() -> Vec<u8> {
        [&[0, 8, 0, 2, 7, 8, 1, 2, 3, 4, 0, 33, 32][..], &[9; 32]].concat()
    }

    #[test]
    fn pre_shared_key_reads_and_writes_the_same_bytes_from_both_sides() {
        testing::reads_and_writes(Context::ClientHello, &offered_bytes(), &Extension::PreSharedKey(offered()));
        let selected = Extension::PreSharedKey(PreSharedKey::Selected(1));
        testing::reads_and_writes(Context::ServerHello, &SELECTED, &selected);
    }

    #[test]
    fn rejects_lists_and_parts_that_are_too_short() {
        let no_binders = [0, 8, 0, 2, 7, 8, 1, 2, 3, 4, 0, 0];
        let short_binder = [&[0, 8, 0, 2, 7, 8, 1, 2, 3, 4, 0, 33, 31][..], &[9; 31], &[0]].concat();
        for (body, field) in [
            (&[0, 0, 0, 0][..], "pre_shared_key.identities"),
            (&[0, 7, 0, 0, 1, 2, 3, 4, 5], "pre_shared_key.identity"),
            (&no_binders, "pre_shared_key.binders"),
            (&short_binder, "pre_shared_key.binder"),
        ] {
            assert_eq!(testing::error_of(TYPE, Context::ClientHello, body).field(), field);
        }
    }

    #[test]
    fn rejects_every_truncation_of_pre_shared_key() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &offered_bytes());
        testing::rejects_every_truncation(TYPE, Context::ServerHello, &SELECTED);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &offered_bytes());
        testing::never_panics(TYPE, Context::ServerHello, &SELECTED);
    }
}
