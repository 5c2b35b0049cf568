//! What the way through a proxy makes of TLS: its answers to the questions of a plan, held against the direct way's.
//!
//! Each file compares one thing and gives reasons. A reason points to a verdict only where it is enough by itself;
//! others go along, or say why a difference proves nothing. For a difference alone is no interception: two addresses,
//! the machines behind a load balancer and a server with two certificates differ too. What they don't do is to show a
//! certificate of an authority that no client brings along.
//!
//! No key, no byte of application data and no completed handshake is needed, so what is compared is what comes in the
//! clear. In TLS 1.3 that is the ServerHello alone; where no older version shows a certificate, it can't be told who
//! answers.

mod certificates;
mod endings;
mod inspection_product;
mod reachable;
mod server_hello;
mod support;
#[cfg(test)]
mod testing;
mod timing;

pub use inspection_product::{INSPECTION_PRODUCTS, InspectionProduct};

use crate::observation::{RouteComparison, RouteProof, RouteReason, RouteVerdict};
use crate::outcome::{Answer, Exchange};
use crate::registry::ProtocolVersion;
use crate::report::Report;

/// What is known of an endpoint before it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its certificate leads to a public root, whichever of its front ends answers: a private root is somebody else's.
    pub has_public_root: bool,
    /// The versions that none of its front ends accepts any more.
    pub retired_versions: Vec<ProtocolVersion>,
}

/// Compares the way through a proxy with the direct one. Without a direct report, or where the direct way led to no
/// TLS, the verdict rests on the chain, its issuer, and what is known of the endpoint.
pub fn compare(proxied: &Report, direct: Option<&Report>, known: &Known) -> RouteComparison {
    let compared = Compared { proxied, direct: direct.filter(|direct| direct.exchanges.iter().any(speaks_tls)), known };
    let mut reasons: Vec<RouteReason> = direct_way(direct).into_iter().collect();
    if proxied.exchanges.iter().any(speaks_tls) {
        reasons.extend(certificates::reasons(&compared));
        reasons.extend(server_hello::reasons(&compared));
        reasons.extend(support::reasons(&compared));
        reasons.extend(endings::reasons(&compared));
        reasons.extend(timing::reason(&compared));
    } else {
        reasons.extend(reachable::reason(&compared));
    }
    // What a verdict rests on comes first; within that, the order of the files above.
    let verdict = verdict(&reasons);
    reasons.sort_by_key(|reason| reason.points_to != Some(verdict));
    let direct_address = direct.and_then(|direct| direct.target.address);
    RouteComparison { verdict, reasons, direct_address }
}

/// Another party's key outweighs everything. What is altered is altered only if the endpoint itself is seen to answer.
fn verdict(reasons: &[RouteReason]) -> RouteVerdict {
    let speaks_for = |verdict| reasons.iter().any(|reason| reason.points_to == Some(verdict));
    if speaks_for(RouteVerdict::Intercepted) {
        RouteVerdict::Intercepted
    } else if speaks_for(RouteVerdict::Blocked) {
        RouteVerdict::Blocked
    } else if speaks_for(RouteVerdict::Passthrough) && speaks_for(RouteVerdict::Altered) {
        RouteVerdict::Altered
    } else if speaks_for(RouteVerdict::Passthrough) {
        RouteVerdict::Passthrough
    } else {
        RouteVerdict::Inconclusive
    }
}

/// The two ways. Without `direct` there is nothing to compare with.
struct Compared<'a> {
    proxied: &'a Report,
    direct: Option<&'a Report>,
    known: &'a Known,
}

impl<'a> Compared<'a> {
    fn direct_exchanges(&self) -> &'a [Exchange] {
        self.direct.map_or(&[], |direct| &direct.exchanges)
    }

    /// The answers to the same questions, direct and through the proxy: the first to a purpose with the first to it.
    fn pairs(&self) -> Vec<(&'a Exchange, &'a Exchange)> {
        let mut left: Vec<&Exchange> = self.direct_exchanges().iter().collect();
        let pair = |proxied: &'a Exchange| {
            let place = left.iter().position(|direct| direct.purpose == proxied.purpose)?;
            Some((left.remove(place), proxied))
        };
        self.proxied.exchanges.iter().filter_map(pair).collect()
    }
}

/// Whether TLS was spoken, by whomever: a ServerHello, or an alert that is not from the proxy's own TLS.
fn speaks_tls(exchange: &Exchange) -> bool {
    let alerted = matches!(exchange.outcome.answer, Answer::Alert { .. });
    exchange.server.is_some() || (alerted && !exchange.outcome.ended_at_the_proxy())
}

/// A reason without exchanges.
fn reason(id: &str, points_to: Option<RouteVerdict>, text: impl Into<String>) -> RouteReason {
    RouteReason { id: id.to_owned(), text: text.into(), points_to, because: RouteProof::default() }
}

/// The same with the exchanges that show it.
fn shown(mut reason: RouteReason, direct: Vec<usize>, proxy: Vec<usize>) -> RouteReason {
    reason.because = RouteProof { direct, proxy };
    reason
}

/// The same with the exchanges of these pairs.
fn shown_by(reason: RouteReason, pairs: &[(&Exchange, &Exchange)]) -> RouteReason {
    let (direct, proxy) = pairs.iter().map(|(direct, proxied)| (direct.id, proxied.id)).unzip();
    shown(reason, direct, proxy)
}

/// Why there is nothing to compare with.
fn direct_way(direct: Option<&Report>) -> Option<RouteReason> {
    let exchanges = direct.map(|direct| direct.exchanges.as_slice()).unwrap_or_default();
    if exchanges.iter().any(speaks_tls) {
        return None;
    }
    let text = match exchanges.first() {
        None => "the run ended before the endpoint was asked directly".to_owned(),
        Some(first) => {
            let (kind, stage) = (first.outcome.answer.kind(), first.outcome.stage.word());
            format!("directly the endpoint answers no TLS ({kind} at {stage}), so there is nothing to compare with")
        }
    };
    Some(shown(reason("no-direct-route", None, text), exchanges.iter().map(|exchange| exchange.id).collect(), vec![]))
}

#[cfg(test)]
mod tests {
    use super::testing::*;
    use super::*;

    #[test]
    fn the_same_answers_both_ways_are_passthrough() {
        let comparison = compare(&server(), Some(&server()), &Known::default());
        assert_eq!(comparison.verdict, RouteVerdict::Passthrough);
        assert_eq!(ids(&comparison), ["same-certificate"]);
    }

    #[test]
    fn another_authoritys_key_is_interception_whatever_else_is_the_same() {
        let comparison = compare(&server().shows(&inspected()), Some(&server()), &Known::default());
        assert_eq!(comparison.verdict, RouteVerdict::Intercepted);
        assert_eq!(comparison.reasons[0].id, "root-not-public", "what the verdict rests on comes first");
    }

    #[test]
    fn the_endpoints_own_key_with_other_answers_is_altered() {
        let proxied = server().alters(|exchange| choice(exchange).extensions.reverse());
        assert_eq!(compare(&proxied, Some(&server()), &Known::default()).verdict, RouteVerdict::Altered);
    }

    #[test]
    fn differences_alone_prove_nothing_where_nobody_shows_a_certificate() {
        let encrypted = || server().hides_certificates();
        assert_eq!(compare(&encrypted(), Some(&encrypted()), &Known::default()).verdict, RouteVerdict::Inconclusive);
        let altered = encrypted().alters(|exchange| choice(exchange).extensions.reverse());
        let comparison = compare(&altered, Some(&encrypted()), &Known::default());
        assert_eq!(comparison.verdict, RouteVerdict::Inconclusive);
        assert!(ids(&comparison).contains(&"extension-order-differs"));
    }

    #[test]
    fn a_run_that_ended_before_the_direct_way_says_so() {
        let comparison = compare(&server(), None, &Known::default());
        assert_eq!(comparison.reasons.last().unwrap().id, "no-direct-route");
        assert!(comparison.reasons.last().unwrap().text.contains("the run ended"));
        assert_eq!(comparison.direct_address, None);
    }

    #[test]
    fn same_questions_are_paired_in_the_order_of_asking() {
        let (proxied, direct) = (server(), server());
        let compared = Compared { proxied: &proxied, direct: Some(&direct), known: &Known::default() };
        let pairs: Vec<_> = compared.pairs().iter().map(|(direct, proxied)| (direct.id, proxied.id)).collect();
        assert_eq!(pairs, [(1, 1), (2, 2), (3, 3), (4, 4)]);
    }

    #[test]
    fn every_reason_reads_as_one_sentence() {
        let comparison = compare(&server().shows(&inspected()), Some(&server()), &Known::default());
        for reason in comparison.reasons {
            assert!(!reason.text.is_empty() && !reason.text.ends_with('.'), "{}", reason.text);
        }
    }
}
