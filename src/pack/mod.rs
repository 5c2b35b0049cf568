//! What is expected of each endpoint, as data with its source; and the comparison with what was observed.
//!
//! A pack knows nothing of how it is asked. Its expectations name what they rest on, so that a reader can judge
//! the judgement: who says so, and how well that source knows.

mod cmg;
mod expectation;
mod packs;
#[cfg(test)]
mod tests;
mod wsus_server;

pub use cmg::GATEWAY_ID;
pub use expectation::{Confidence, Expectation, Expected};
pub use packs::{GENERIC, PACKS, PackKind};

use crate::observation::ExpectationResult;
use crate::question::{HttpRequest, HttpScheme};
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::report::Report;
use crate::target::Target;

/// What is expected of one endpoint.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// What the endpoint is for.
    pub about: &'static str,
    /// Versions to ask about.
    pub versions: &'static [ProtocolVersion],
    /// Suites of TLS 1.2 to ask for one by one.
    pub suites: &'static [CipherSuite],
    /// Whether it is asked through TLS.
    pub scheme: HttpScheme,
    /// What is asked for over HTTP.
    pub requests: &'static [Requested],
    /// What should be so.
    pub expectations: &'static [Expectation],
}

/// One thing to ask for over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Requested {
    /// Path and query. In a gateway's [`GATEWAY_ID`] stands for its number.
    pub path: &'static str,
    /// Whether the token goes along, if there is one.
    pub with_token: bool,
}

impl Pack {
    /// What is asked for over HTTP, as a question has it; of a gateway with its number, where that is known.
    pub fn http_requests(&self, gateway_id: Option<&str>) -> Vec<HttpRequest> {
        let request = |requested: &Requested| {
            let Requested { path, with_token } = *requested;
            let is_assumed = gateway_id.is_none() && path.contains(GATEWAY_ID);
            HttpRequest {
                scheme: self.scheme,
                path: path.replace(GATEWAY_ID, gateway_id.unwrap_or(cmg::SAMPLE_ID)),
                with_token,
                assumed: is_assumed.then(|| cmg::ASSUMED.to_owned()),
            }
        };
        self.requests.iter().map(request).collect()
    }

    /// Whether it is a Cloud Management Gateway, whose service name is an alias of its deployment's.
    pub fn is_gateway(&self) -> bool {
        self.name == cmg::CMG.name
    }

    /// Whether the endpoint is meant to be there: neither expected to fail nor known to be going.
    pub fn is_in_use(&self) -> bool {
        !self.expectations.iter().any(|expectation| matches!(expectation.expected, Expected::Fails | Expected::Answers))
    }

    /// Whether the endpoint is Microsoft's own, so that its certificate leads to a root that every Windows knows.
    pub fn is_microsofts_own(&self) -> bool {
        PACKS.iter().any(|(name, kind, _)| {
            *name == self.name && matches!(kind, PackKind::Host(host) if host.ends_with(".microsoft.com"))
        })
    }

    /// The versions that the endpoint should refuse.
    pub fn refused_versions(&self) -> impl Iterator<Item = ProtocolVersion> {
        self.expectations.iter().filter_map(|expectation| match expectation.expected {
            Expected::Refuses(version) => Some(version),
            _ => None,
        })
    }

    /// Whether it is an endpoint that a WSUS synchronizes with, or did.
    pub fn is_for_wsus(&self) -> bool {
        PACKS.iter().any(|(_, kind, _)| matches!(kind, PackKind::Group { members, .. } if members.contains(&self.name)))
    }

    /// Compares what a report observed with what the pack expects.
    pub fn judge(&self, report: &Report, now: time::OffsetDateTime) -> Vec<ExpectationResult> {
        self.expectations.iter().map(|expectation| expectation.judge(report, now)).collect()
    }
}

/// A pack and the endpoint it is held against.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// What is expected.
    pub pack: &'static Pack,
    /// Of whom.
    pub target: Target,
    /// Whether the port is one of several that were not named: one of them is to answer, the others need not.
    pub is_searched: bool,
}

impl Assignment {
    /// This pack, held against an endpoint that was named.
    pub fn new(pack: &'static Pack, target: Target) -> Self {
        Self { pack, target, is_searched: false }
    }
}
