//! What the endpoint looks like from afar.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fingerprints of the endpoint, each by its public algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprints {
    /// JARM: 62 hex digits; null where an answer could not be told.
    pub jarm: Option<String>,
    /// The ten answers that it is made of.
    pub hellos: Vec<FingerprintedHello>,
}

/// One hello of JARM, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FingerprintedHello {
    /// Its name in the algorithm.
    pub name: String,
    /// JA3 of the hello.
    pub ja3: Option<String>,
    /// JA4 of the hello.
    pub ja4: Option<String>,
    /// JARM's form of the answer: suite, version, protocol and extensions, `|||` for a refusal; null where it could not be
    /// told.
    pub answer: Option<String>,
    /// JA3S of the answer.
    pub ja3s: Option<String>,
    /// The exchange.
    pub because: usize,
}
