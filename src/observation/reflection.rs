//! What became of a hello on its way, told by a reflector at its end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What arrived at the far end, compared with what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reflection {
    /// The result.
    pub verdict: ReflectionVerdict,
    /// What that rests on, in a sentence.
    pub why: String,
    /// What was sent.
    pub sent: Digest,
    /// What arrived; null where nobody at the far end told.
    pub arrived: Option<Digest>,
    /// Where it differs, in the order of the bytes.
    pub differences: Vec<Difference>,
    /// How many bytes came with each read of the far end's: what TCP and the systems made of them, only for information.
    pub reads: Vec<usize>,
    /// The address from which the far end was reached; null where it did not tell.
    pub seen_from: Option<String>,
    /// The issuer of the certificate that came, where it is not the reflector's.
    pub issuer: Option<String>,
}

/// How what arrived compares with what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReflectionVerdict {
    /// Byte for byte the same.
    Identical,
    /// Something on the way changed it.
    Altered,
    /// Something on the way answered in the far end's place.
    NotTheReflector,
    /// The far end's report did not come, or can't be read.
    Unreadable,
}

/// Some bytes, by which one can find them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// How many.
    pub length: usize,
    /// SHA-256 in lower-case hex.
    pub sha256: String,
}

/// One field that arrived otherwise than it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Its name in the RFCs, an extension's as `extension.server_name`; `record_split` for the lengths of the records'
    /// fragments, `bytes` where no field tells.
    pub field: String,
    /// What became of it.
    pub change: Change,
    /// As it was sent.
    pub sent: String,
    /// As it arrived.
    pub arrived: String,
}

/// What became of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It has another value.
    Changed,
    /// It, or some of it, is missing.
    Removed,
    /// It, or more of it, is new.
    Added,
    /// It is all there, in another order.
    Reordered,
    /// Its GREASE values are missing, and nothing else.
    GreaseRemoved,
}

impl Change {
    /// The word in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Reordered => "reordered",
            Self::GreaseRemoved => "GREASE removed",
        }
    }
}
