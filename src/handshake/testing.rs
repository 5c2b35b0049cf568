//! The trace of RFC 8448 §3, for the tests of whoever carries on a handshake.

use super::{Client, ClientHelloSent, Depth, KeyShares, Options};
use crate::crypto::testing::{self, Dealt};
use crate::registry::NamedGroup;

/// A value of it by its name.
#[track_caller]
pub(crate) fn rfc8448(name: &str) -> Vec<u8> {
    testing::rfc8448("3", name)
}

/// Its client, with the private key that it had.
pub(crate) fn client_of_the_trace(depth: Depth) -> Client {
    let mut private = Dealt::from_hex("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005");
    let key_shares = KeyShares::generate(&[NamedGroup::X25519], &mut private);
    let sent = ClientHelloSent::new(&rfc8448("client hello record"), key_shares);
    Client::new(sent, Options { depth, ..Options::default() })
}
