//! What the endpoint makes of hellos that are odd and allowed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of one odd hello, compared with the same one without the oddity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Toleration {
    /// Whether it is tolerated.
    pub state: Tolerance,
    /// Kind of the outcome.
    pub answer: String,
    /// The number of the alert that refused it.
    pub alert: Option<u8>,
    /// Bytes of the hello on the wire.
    pub length: usize,
}

/// Whether an oddity is tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// The hello is taken up.
    Tolerated,
    /// It is refused, or brings silence, and the same hello without the oddity is taken up each time.
    Refused,
    /// There is nothing to compare with: the same hello without the oddity is refused too.
    NotApplicable,
    /// Could not be told: an answer does not tell.
    Inconclusive,
}
