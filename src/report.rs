//! What one run says: a document of reports, one for each endpoint (and address) that was asked.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::observation::{Observations, State};
use crate::outcome::Exchange;
use crate::plan::{Route, RouteKind};
use crate::target::Target;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "tlsprobe/1";

/// Everything that one run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// `tlsprobe/1`.
    pub schema: String,
    /// Version of the program.
    pub tool_version: String,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// True when the run was stopped before all was asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// One for each endpoint and address.
    pub reports: Vec<Report>,
}

impl Document {
    /// A document of this program's version.
    pub fn new(started: String, interrupted: bool, reports: Vec<Report>) -> Self {
        let tool_version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA.to_owned(), tool_version, started, interrupted, reports }
    }

    /// Lets go of the bytes of every exchange.
    pub fn drop_evidence(&mut self) {
        for exchange in self.reports.iter_mut().flat_map(|report| &mut report.exchanges) {
            exchange.evidence = None;
        }
    }
}

/// What was asked of one endpoint, what came back, and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The endpoint.
    pub target: Target,
    /// The pack it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// The way there.
    pub route: Route,
    /// The host's other addresses, which were not asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses_not_asked: Vec<IpAddr>,
    /// Every question and its answer, in the order of asking.
    pub exchanges: Vec<Exchange>,
    /// What was learned from them.
    pub observations: Box<Observations>,
    /// What it means.
    pub findings: Vec<Finding>,
    /// Connections spent.
    pub connections: usize,
    /// What it took besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What asking took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Round trips one after the other: of questions that were asked at the same time, those of one.
    pub round_trips: usize,
    /// From the first question to the last answer, in milliseconds.
    pub elapsed_ms: f64,
}

impl Report {
    /// Whether the endpoint was asked on this way only to compare it with the one through a proxy.
    pub fn is_for_comparison(&self) -> bool {
        self.route.kind == RouteKind::Direct && self.observations.route.is_some()
    }

    /// Whether an expectation is broken or a finding is more than information.
    pub fn is_bad(&self) -> bool {
        self.observations.expectations.iter().any(|expectation| expectation.state == State::Broken)
            || self.findings.iter().any(|finding| finding.severity > Severity::Info)
    }

    /// Whether something that was asked could not be told.
    pub fn has_gaps(&self) -> bool {
        !self.observations.inconclusive.is_empty()
            || self.observations.expectations.iter().any(|expectation| expectation.state == State::Inconclusive)
    }
}
