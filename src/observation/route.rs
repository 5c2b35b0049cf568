//! What the way through a proxy makes of TLS, told by asking the same questions directly.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The way through a proxy, compared with the direct one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteComparison {
    /// What the way through the proxy makes of TLS.
    pub verdict: RouteVerdict,
    /// What the verdict rests on, and what else is the same or differs.
    pub reasons: Vec<RouteReason>,
    /// The address that was asked directly; null where none was.
    pub direct_address: Option<SocketAddr>,
}

/// What the way through a proxy makes of TLS. The proxy stands for all that lies on this way: a device behind it does
/// the same to TLS as the proxy itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteVerdict {
    /// The endpoint's own key answered, and nothing that was asked was answered otherwise than directly.
    Passthrough,
    /// Another key answered in the endpoint's place: somebody on the way ends TLS and reads what is in it.
    Intercepted,
    /// The endpoint's own key answered, but some of its answers come otherwise than they come directly.
    Altered,
    /// No TLS comes through to an endpoint that is there, or the proxy itself says no.
    Blocked,
    /// What was seen does not tell.
    Inconclusive,
}

impl RouteVerdict {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passthrough => "passthrough",
            Self::Intercepted => "intercepted",
            Self::Altered => "altered",
            Self::Blocked => "blocked",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteReason {
    /// Stable name.
    pub id: String,
    /// What was seen, for a person.
    pub text: String,
    /// The verdict that it is enough for; null where it only goes along with others, or is told so that nobody takes it
    /// for more than it is.
    pub points_to: Option<RouteVerdict>,
    /// The exchanges that show it.
    pub because: RouteProof,
}

/// Exchanges of the two ways, by their numbers in each way's own report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteProof {
    /// Of the direct way.
    pub direct: Vec<usize>,
    /// Of the way through the proxy.
    pub proxy: Vec<usize>,
}
