//! What a run is to do on one endpoint: where to go, what to ask, and how long to wait.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Offer;
use crate::question::Hello;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::target::{Host, Target};

/// Everything a survey needs to know about one endpoint.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The endpoint asked about.
    pub target: Target,
    /// Host and port to dial, which `--connect-to` may have changed.
    pub dial: (Host, u16),
    /// Which of the host's addresses to ask.
    pub addresses: AddressChoice,
    /// The way there.
    pub route: Route,
    /// The offer asked first and last, so that "refused this" and "stopped answering" stay apart. Without one the
    /// probes stand alone.
    pub baseline: Option<Offer>,
    /// What to find out.
    pub asks: Vec<Ask>,
    /// How long to wait for each step.
    pub waits: Waits,
    /// Connections to the endpoint at the same time.
    pub parallel: usize,
    /// Whether exchanges keep the bytes that went to and fro.
    pub evidence: bool,
    /// Whether certificates keep their PEM.
    pub pem: bool,
}

/// One thing to find out; `probe` has a module for each.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// What this one hello brings.
    Hello(Hello),
    /// Which of these versions are accepted.
    Versions(Vec<ProtocolVersion>),
    /// What becomes of the hello that one leg of a machine sends.
    Leg {
        /// `sync` or `import`.
        name: String,
        /// The leg's hello.
        offer: Offer,
    },
    /// Which of these suites are accepted, each by itself, in this version.
    CipherSuites {
        /// The version to offer.
        version: ProtocolVersion,
        /// The suites to offer one by one.
        suites: Vec<CipherSuite>,
    },
}

/// Which of a host's addresses to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressChoice {
    /// The first one; the report names the others as not asked.
    #[default]
    First,
    /// The first IPv4 address.
    V4,
    /// The first IPv6 address.
    V6,
    /// Each of them, with a report of its own.
    All,
}

/// The way to the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// How the endpoint is reached.
    pub kind: RouteKind,
    /// The proxy's address; null on a direct route.
    pub proxy: Option<String>,
    /// Where the choice of route came from; null where none was made.
    pub from: Option<String>,
}

/// How the endpoint is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// Straight to its address.
    Direct,
}

impl Route {
    /// Straight to the endpoint.
    pub fn direct() -> Self {
        Self { kind: RouteKind::Direct, proxy: None, from: None }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For a name's addresses and, again, for the TCP handshake.
    pub connect: Duration,
    /// For each next byte after the hello.
    pub hello: Duration,
    /// For one exchange in all.
    pub exchange: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), hello: Duration::from_secs(10), exchange: Duration::from_secs(30) }
    }
}
