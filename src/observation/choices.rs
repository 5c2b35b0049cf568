//! Values of one kind of which a server chooses: groups, signature schemes, application protocols.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Support;
use crate::outcome::Prime;
use crate::registry::ProtocolVersion;

/// Values that the endpoint takes. One that stands in neither list was offered and is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choices {
    /// Accepted ones: each was offered and used, in whatever version.
    pub accepted: Vec<String>,
    /// Those of which could not be told whether they are, in any version.
    pub inconclusive: Vec<String>,
    /// The same by version. Versions up to TLS 1.2 are asked together, and stand under the one that was spoken.
    #[schemars(with = "BTreeMap<String, ChoicesOfVersion>")]
    pub by_version: BTreeMap<ProtocolVersion, ChoicesOfVersion>,
}

/// Values that the endpoint takes in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChoicesOfVersion {
    /// Accepted ones, those found first standing first.
    pub accepted: Vec<String>,
    /// Those of which could not be told whether they are.
    pub inconclusive: Vec<String>,
    /// What the server used although it was not offered, against the rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_offered: Vec<String>,
    /// Kind of the outcome by which the others were refused, where it was always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

impl Choices {
    /// What was found in each version, put together.
    pub fn of(by_version: BTreeMap<ProtocolVersion, ChoicesOfVersion>) -> Self {
        let mut all = Self::default();
        for accepted in by_version.values().flat_map(|version| &version.accepted) {
            if !all.accepted.contains(accepted) {
                all.accepted.push(accepted.clone());
            }
        }
        for open in by_version.values().flat_map(|version| &version.inconclusive) {
            if !all.accepted.contains(open) && !all.inconclusive.contains(open) {
                all.inconclusive.push(open.clone());
            }
        }
        Self { by_version, ..all }
    }
}

/// Groups in which keys are agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Groups {
    /// ECDHE up to TLS 1.2, and whatever TLS 1.3 has.
    #[serde(flatten)]
    pub choices: Choices,
    /// The curve of the server's certificate, where it had to be offered beside the others up to TLS 1.2 (RFC 8422 §5.1):
    /// a group that the server likes less than this one does not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// Diffie-Hellman over a finite field up to TLS 1.2; null where the server has no such suite, or it was not asked to
    /// its end.
    pub dhe: Option<DheGroup>,
}

/// The finite field that a server uses up to TLS 1.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DheGroup {
    /// The size of its prime.
    pub bits: Option<u32>,
    /// What is known of that prime.
    pub prime: Option<Prime>,
    /// Why the group is weak, if it is.
    pub weak: Option<String>,
    /// Groups of RFC 7919 that it uses where they are offered.
    pub ffdhe: Vec<String>,
    /// Whether it keeps to the groups that are offered (RFC 7919 §4).
    pub negotiated: Support,
}

/// Application protocols.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicationProtocols {
    /// Those that it chose where they were offered.
    pub accepted: Vec<String>,
    /// Those of which could not be told whether it takes them.
    pub inconclusive: Vec<String>,
    /// What it chose although it was not offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_offered: Vec<String>,
    /// What a protocol brings that nobody knows.
    pub unknown: UnknownProtocol,
}

/// What becomes of a hello that offers no protocol that the server knows (RFC 7301 §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownProtocol {
    /// It is refused by the alert that is there for it, `no_application_protocol`.
    NoApplicationProtocol,
    /// It is refused in another way.
    Refused,
    /// The server goes on as if none were offered.
    Ignored,
    /// The server chooses a protocol all the same.
    Chosen,
    /// Could not be told.
    #[default]
    Inconclusive,
}
