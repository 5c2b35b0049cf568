//! How an endpoint's answer depends on a hello's size and on how it is split.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One way to send hellos, and the size at which the answer changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloSize {
    /// How the hellos were split.
    pub split: HelloSplit,
    /// Whether they carried a share of X25519MLKEM768, which alone has 1216 bytes.
    pub x25519mlkem768: bool,
    /// The answer to the smallest hello: a kind, an alert with its number.
    pub answer: String,
    /// Bytes of the smallest hello on the wire.
    pub smallest: usize,
    /// Bytes of the largest hello that got the same answer, and all smaller ones that were asked as well.
    pub largest: usize,
    /// Bytes of the smallest hello that got another answer; null where none did.
    pub changes_at: Option<usize>,
    /// That answer.
    pub changes_to: Option<String>,
}

impl HelloSize {
    /// Whether the smallest hello was taken up.
    pub fn is_accepted(&self) -> bool {
        ["server_hello", "hello_retry_request"].contains(&self.answer.as_str())
    }

    /// The name under which the observation stands.
    pub fn key(&self) -> String {
        hello_size_key(self.split, self.x25519mlkem768)
    }
}

/// The name under which the observation of one way stands.
pub fn hello_size_key(split: HelloSplit, x25519mlkem768: bool) -> String {
    format!("hello_size.{}{}", split.word(), if x25519mlkem768 { ".x25519mlkem768" } else { "" })
}

/// How a hello is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HelloSplit {
    /// Not at all: one record, handed to TCP at once.
    OneRecord,
    /// Over records: in the middle, over two, where it can be made as short as it was to be.
    Records,
    /// In the middle of its one record, over two TCP segments.
    Segments,
}

impl HelloSplit {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::OneRecord => "one_record",
            Self::Records => "records",
            Self::Segments => "segments",
        }
    }

    /// The words in text.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::OneRecord => "in one record",
            Self::Records => "over records",
            Self::Segments => "over segments",
        }
    }
}
