//! Extensions of TLS, and what goes with them, that a server has or has not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the endpoint makes of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Feature {
    /// Whether it has it.
    pub state: FeatureState,
    /// A size that it names along: `max_fragment_length` in bytes, `record_size_limit`, or the bytes of early data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<u32>,
    /// What shows it, or why it does not apply.
    pub why: String,
}

/// Whether the endpoint has a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureState {
    /// It was offered and taken up.
    Supported,
    /// It was offered and passed over.
    NotSupported,
    /// A hello that offers it is refused, and the same without is not.
    Refused,
    /// There is nothing for it to apply to: no version, or no suite, that it belongs to.
    NotApplicable,
    /// Could not be told.
    Inconclusive,
}
