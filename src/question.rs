//! One hello on one connection, and why it is asked.

use crate::offer::Offer;

/// One hello to send on one connection. No hidden retry, no hidden second address.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What the asker wants to know, in a word or two: `baseline`, `tls1.0`, a suite's name.
    pub purpose: String,
    /// What is sent.
    pub hello: Hello,
    /// Whether the handshake is to be completed, and not just answered.
    pub finish: bool,
}

impl Question {
    /// What this hello brings, up to the end of the peer's first flight.
    pub fn new(purpose: impl Into<String>, hello: Hello) -> Self {
        Self { purpose: purpose.into(), hello, finish: false }
    }
}

/// The bytes of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Hello {
    /// Built from an offer and fresh values.
    Built(Offer),
    /// Built from an offer, and handed to TCP in equal pieces with a pause between: as long as nobody on the way puts
    /// them together again, each arrives in a segment of its own.
    InSegments {
        /// What it is built from.
        offer: Offer,
        /// How many pieces.
        segments: usize,
    },
    /// Exactly these bytes (`--hello-hex`), whatever they are.
    Exactly(Vec<u8>),
}
