//! `key_share` (RFC 8446 §4.2.8).

use super::Context;
use crate::registry::NamedGroup;
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// The public keys of a TLS 1.3 key exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyShare {
    /// `KeyShareClientHello`: none asks for a HelloRetryRequest.
    Offered(Vec<KeyShareEntry>),
    /// `KeyShareServerHello`.
    Selected(KeyShareEntry),
    /// `KeyShareHelloRetryRequest`: the group that a share is wanted for.
    RetryGroup(NamedGroup),
}

/// `KeyShareEntry`: a public key and its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyShareEntry {
    /// The group.
    pub group: NamedGroup,
    /// The public key in the group's own form; for a hybrid a client's and a server's differ.
    pub key_exchange: Vec<u8>,
}

impl KeyShare {
    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Offered(entries) => out.vec16(|out| entries.iter().for_each(|entry| entry.encode(out))),
            Self::Selected(entry) => entry.encode(out),
            Self::RetryGroup(group) => out.u16(group.0),
        }
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let shares = match context {
            Context::ClientHello => Self::Offered(body.vec16("key_share.client_shares")?.list(KeyShareEntry::decode)?),
            Context::ServerHello => Self::Selected(KeyShareEntry::decode(body)?),
            Context::HelloRetryRequest => Self::RetryGroup(NamedGroup(body.u16("key_share.selected_group")?)),
            _ => return Ok(None),
        };
        Ok(Some(shares))
    }
}

impl Wire for KeyShareEntry {
    fn encode(&self, out: &mut Writer) {
        out.u16(self.group.0);
        out.vec16(|out| out.bytes(&self.key_exchange));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let group = NamedGroup(input.u16("key_share.group")?);
        let key_exchange = input.vec16("key_share.key_exchange")?.of_length(1.., "1..65535")?.rest().to_vec();
        Ok(Self { group, key_exchange })
    }
}
