//! A proxy that answers in the endpoint's place.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::RouteVerdict;

pub(super) const RULE: Rule = Rule {
    id: "proxy-intercepts",
    severity: Severity::Error,
    title: "The way through the proxy ends TLS in the endpoint's place",
    rests_on: "--compare-routes came to `intercepted`: through the proxy another key answers, of an authority that no \
               client brings along or that is known to belong to an inspection product",
    windows_symptoms: &[
        "WSUS and Windows Update take no certificate but one that leads to Microsoft's roots: 0x80072F8F \
         (ERROR_WINHTTP_SECURE_FAILURE), or 0x800B0109 (CERT_E_UNTRUSTEDROOT)",
        "A root of the company's own in the machine's store, which lets browsers pass, does not help them",
    ],
    remedy: &[
        "Exempt the endpoint from TLS inspection on the proxy, by its name: CONNECT has to be passed through as it is.",
        "Run the same check again: the verdict has to be passthrough.",
    ],
    disproved_by: "the proxy's log or configuration, where it shows that this name is tunnelled, and the same certificate \
                   at the endpoint itself",
    source: "only the endpoint has the key of its certificate, and a client's stores hold no authority that inspects",
    confidence: "inferred",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    case.route_is(RouteVerdict::Intercepted)
}

impl Case<'_> {
    /// The reasons for this verdict on the way through the proxy, if it is the verdict.
    pub(super) fn route_is(&self, verdict: RouteVerdict) -> Option<Judgement> {
        let comparison = self.report.observations.route.as_ref().filter(|comparison| comparison.verdict == verdict)?;
        let telling = || comparison.reasons.iter().filter(|reason| reason.points_to == Some(verdict));
        let mut because: Vec<usize> = telling().flat_map(|reason| reason.because.proxy.clone()).collect();
        because.sort_unstable();
        because.dedup();
        let seen: Vec<&str> = telling().map(|reason| reason.text.as_str()).collect();
        Some(Judgement { because, seen: seen.join("; "), ..Judgement::default() })
    }
}
