//! What is wrong with the chain that the endpoint sends, or near to be.

pub(super) mod expired;
pub(super) mod expires_soon;
pub(super) mod expiry_critical;
pub(super) mod missing_intermediate;
pub(super) mod names_deployment;
pub(super) mod refused;
pub(super) mod revocation_unreachable;
pub(super) mod revoked;
pub(super) mod untrusted_root;
pub(super) mod wrong_name;

#[cfg(test)]
mod tests;

use super::{Case, Judgement};
use crate::certificate::{TrustProblem, TrustVerdict, Verdict};
use crate::observation::{CertificateRevocation, Expiry, ExpiryState};

/// RFC 5280, the source of what each certificate must be like.
const RFC_5280: &str = "RFC 5280 §6.1";

/// What Microsoft's article on a gateway prints.
const CMG_ARTICLE: &str = "Troubleshoot CMG client communication (Microsoft, KB 4503442, 4495265); winhttp.h";

/// How well the certificate itself shows it.
const SEEN: &str = "seen in the certificates";

impl<'a> Case<'a> {
    /// The judgement of the store that finds least wrong: a client has one store or another, so what even that one
    /// finds is wrong for all of them. Nothing where the endpoint is known to be going.
    fn trust(&self) -> Option<(&'a str, &'a TrustVerdict)> {
        if !self.pack.is_in_use() {
            return None;
        }
        let trust = self.report.observations.trust.iter();
        trust.max_by_key(|(_, verdict)| verdict.verdict).map(|(store, verdict)| (store.as_str(), verdict))
    }

    /// Speaks where the chain has a problem of one of these kinds, and names each.
    fn chain_has(&self, kinds: &[Verdict]) -> Option<Judgement> {
        let (_, verdict) = self.trust()?;
        let found: Vec<&TrustProblem> =
            verdict.problems.iter().filter(|problem| kinds.contains(&problem.kind)).collect();
        let seen = found.iter().map(|problem| format!("{}: {}", problem.certificate, problem.why));
        let seen = seen.collect::<Vec<_>>().join("; ");
        (!found.is_empty()).then(|| Judgement { because: self.chain_because(), seen, ..Judgement::default() })
    }

    /// Speaks where certificates are so near to their end.
    fn chain_ends(&self, state: ExpiryState) -> Option<Judgement> {
        let expiry = self.report.observations.expiry.iter().filter(|expiry| expiry.state == state);
        let told = |expiry: &Expiry| match expiry.state {
            ExpiryState::Ended => format!("{} on {}", expiry.certificate, expiry.not_after.date()),
            _ => format!("{} on {}, in {} days", expiry.certificate, expiry.not_after.date(), expiry.days_left),
        };
        let seen = expiry.map(told).collect::<Vec<_>>().join("; ");
        let is_judged = self.pack.is_in_use() && !seen.is_empty();
        is_judged.then(|| Judgement { because: self.chain_because(), seen, ..Judgement::default() })
    }

    /// The certificates whose revocation came out so.
    fn revocation_of(&self, speaks: impl Fn(&CertificateRevocation) -> bool) -> Option<Judgement> {
        let revocation = self.report.observations.revocation.as_ref().filter(|_| self.pack.is_in_use())?;
        let told = revocation.certificates.iter().filter(|certificate| speaks(certificate));
        let seen: Vec<String> = told.map(|told| format!("{}: {}", told.certificate, told.why)).collect();
        let because = self.report.observations.because("revocation");
        (!seen.is_empty()).then(|| Judgement { because, seen: seen.join("; "), ..Judgement::default() })
    }

    /// The exchanges in which the chain was seen.
    fn chain_because(&self) -> Vec<usize> {
        let store = self.report.observations.trust.keys().next();
        store.map(|store| self.report.observations.because(&format!("trust.{store}"))).unwrap_or_default()
    }
}
