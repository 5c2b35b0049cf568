//! The hello that was sent, which everything after it builds on.

use super::KeyShares;
use crate::wire::handshake::{ClientHello, FirstHello, HandshakeType, message};

/// A hello as it went out, and what only its sender knows of it.
#[derive(Default)]
pub struct ClientHelloSent {
    hello: Hello,
    pub(super) key_shares: KeyShares,
    /// What stands before it in the transcript: where it is the second hello, the first in short and the
    /// HelloRetryRequest (RFC 8446 §4.4.1).
    pub(super) transcript: Vec<u8>,
}

/// What was written.
enum Hello {
    /// As it went out. It is read when something is to be derived from it, which few answers ask for.
    Records(Vec<u8>),
    /// A hello that was put together here.
    Message(Vec<u8>, ClientHello),
}

impl Default for Hello {
    fn default() -> Self {
        Self::Records(Vec::new())
    }
}

impl ClientHelloSent {
    /// The hello in these records. Where they hold none, as the exact bytes of a user may, an answer can still be
    /// read, but not gone on from.
    pub fn new(records: &[u8], key_shares: KeyShares) -> Self {
        Self { hello: Hello::Records(records.to_vec()), key_shares, transcript: Vec::new() }
    }

    /// The second hello, behind this transcript.
    pub(super) fn second(message: Vec<u8>, hello: ClientHello, key_shares: KeyShares, transcript: Vec<u8>) -> Self {
        Self { hello: Hello::Message(message, hello), key_shares, transcript }
    }

    /// The message as a transcript hashes it, and what it says; none for bytes that are no ClientHello. It can be
    /// taken once.
    pub(super) fn take_hello(&mut self) -> Option<(Vec<u8>, ClientHello)> {
        match std::mem::take(&mut self.hello) {
            Hello::Records(records) => client_hello(&records),
            Hello::Message(message, hello) => Some((message, hello)),
        }
    }

    /// Whether it answers a HelloRetryRequest.
    pub(super) fn is_second(&self) -> bool {
        !self.transcript.is_empty()
    }
}

fn client_hello(records: &[u8]) -> Option<(Vec<u8>, ClientHello)> {
    let (_, hello) = FirstHello::default().look(records).ok()??;
    // A hello that was read encodes to the bytes it came from.
    Some((message(HandshakeType::CLIENT_HELLO, &hello), hello))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{FreshValues, Offer};

    fn records(split: usize) -> Vec<u8> {
        let offer = Offer { record_split: split, ..Offer::modern() };
        let fresh = FreshValues { random: [1; 32], session_id: [2; 32], key_shares: Vec::new() };
        offer.records(Some("a.example"), &fresh)
    }

    #[test]
    fn a_hello_is_found_however_it_is_split() {
        let (message, hello) = client_hello(&records(16_384)).unwrap();
        assert_eq!(message, records(16_384)[5..]);
        assert_eq!(hello.random, [1; 32]);
        assert_eq!(client_hello(&records(10)), Some((message, hello)));
    }

    #[test]
    fn bytes_that_are_no_hello_have_none() {
        for bytes in [&b"GET / HTTP/1.0\r\n\r\n"[..], &[], &[22, 3, 1, 0, 4, 2, 0, 0, 0], &records(16_384)[..100]] {
            assert!(client_hello(bytes).is_none());
        }
    }
}
