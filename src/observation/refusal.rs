//! Which part of a hello is refused, told by hellos that differ from it in one thing each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Support;

/// A hello that did not come through, and what became of others like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// The hello itself.
    pub whole: Variation,
    /// The same without `server_name`; null where it had none.
    pub without_server_name: Option<Variation>,
    /// A small hello of TLS 1.2, with the name.
    pub small: Option<Variation>,
    /// The small one, padded to the length of the whole (RFC 7685); null where the small one did not come through either.
    pub padded: Option<Variation>,
}

/// One hello, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Variation {
    /// Its bytes on the wire, record header included.
    pub length: usize,
    /// Kind of the answer.
    pub answer: String,
    /// What the answer says of the hello.
    pub state: Support,
    /// The exchange that shows it.
    pub exchange: usize,
}
