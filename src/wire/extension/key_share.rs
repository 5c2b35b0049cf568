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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::KEY_SHARE;
    const OFFERED: [u8; 13] = [0, 11, 0x0a, 0x0a, 0, 1, 0, 0, 29, 0, 2, 7, 8];
    const SELECTED: [u8; 6] = [0, 29, 0, 2, 7, 8];
    const RETRY_GROUP: [u8; 2] = [0, 24];

    fn x25519() -> KeyShareEntry {
        KeyShareEntry { group: NamedGroup(29), key_exchange: vec![7, 8] }
    }

    #[test]
    fn key_share_reads_and_writes_the_same_bytes_in_every_message() {
        let grease = KeyShareEntry { group: NamedGroup(0x0a0a), key_exchange: vec![0] };
        for (context, body, shares) in [
            (Context::ClientHello, &OFFERED[..], KeyShare::Offered(vec![grease, x25519()])),
            (Context::ClientHello, &[0, 0], KeyShare::Offered(vec![])),
            (Context::ServerHello, &SELECTED, KeyShare::Selected(x25519())),
            (Context::HelloRetryRequest, &RETRY_GROUP, KeyShare::RetryGroup(NamedGroup(24))),
        ] {
            testing::reads_and_writes(context, body, &Extension::KeyShare(shares));
        }
    }

    #[test]
    fn rejects_an_empty_share_and_says_where() {
        let error = testing::error_of(TYPE, Context::ServerHello, &[0, 29, 0, 0]);
        assert_eq!((error.field(), error.offset()), ("key_share.key_exchange", 4));
        let error = testing::error_of(TYPE, Context::ClientHello, &[0, 1, 0]);
        assert_eq!((error.field(), error.offset()), ("key_share.group", 2));
    }

    #[test]
    fn rejects_every_truncation_of_key_share() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &OFFERED);
        testing::rejects_every_truncation(TYPE, Context::ServerHello, &SELECTED);
        testing::rejects_every_truncation(TYPE, Context::HelloRetryRequest, &RETRY_GROUP);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &OFFERED);
        testing::never_panics(TYPE, Context::ServerHello, &SELECTED);
        testing::never_panics(TYPE, Context::HelloRetryRequest, &RETRY_GROUP);
    }
}
