//! Who answers: leaf, issuer, key, and the root that the chain leads to.

use super::{Compared, inspection_product, reason, shown};
use crate::certificate::{Certificate, Details, known_root};
use crate::observation::RouteReason;
use crate::observation::RouteVerdict::{Intercepted, Passthrough};
use crate::outcome::{CertificatesState, Exchange};

/// One chain, and the exchanges in which it came.
struct Chain<'a> {
    leaf: &'a Details,
    sha256: &'a str,
    all: &'a [Certificate],
    exchanges: Vec<usize>,
}

impl Chain<'_> {
    fn has_issuer_of(&self, other: &Self) -> bool {
        self.leaf.issuer_sha256 == other.leaf.issuer_sha256 && self.leaf.authority_key_id == other.leaf.authority_key_id
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.leaf.spki_sha256 == other.leaf.spki_sha256
    }

    fn is_public(&self) -> bool {
        known_root(self.all).is_some()
    }

    /// Any name in it: an inspecting proxy may sign through an authority of its own.
    fn names(&self) -> impl Iterator<Item = &str> {
        let details = self.all.iter().filter_map(Certificate::details);
        details.flat_map(|details| [details.issuer.as_str(), details.subject.as_str()])
    }
}

pub(super) fn reasons(compared: &Compared<'_>) -> Vec<RouteReason> {
    let proxied = chains(&compared.proxied.exchanges);
    let direct = chains(compared.direct_exchanges());
    if proxied.is_empty() {
        return vec![none_seen(&compared.proxied.exchanges)];
    }
    let is_own = |chain: &&Chain<'_>| direct.iter().any(|of_direct| of_direct.has_key_of(chain));
    let (own, foreign): (Vec<_>, Vec<_>) = proxied.iter().partition(is_own);
    let mut reasons = Vec::new();
    reasons.extend(same(&own, &direct));
    if let Some(of_direct) = direct.first() {
        reasons.extend(differences(&foreign, &direct, of_direct));
    }
    reasons.extend(product(&proxied));
    reasons.extend(private_root(compared, &proxied, &foreign, &direct));
    if compared.direct.is_none() {
        reasons.extend(public_root(&proxied));
    }
    reasons
}

/// Each chain that came, in the order of coming. A leaf that can't be read is nobody's.
fn chains(exchanges: &[Exchange]) -> Vec<Chain<'_>> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for exchange in exchanges {
        let Some((leaf, sha256)) = exchange.certificates.first().and_then(|leaf| Some((leaf.details()?, &leaf.sha256)))
        else {
            continue;
        };
        match chains.iter_mut().find(|chain| chain.sha256 == sha256) {
            Some(chain) => chain.exchanges.push(exchange.id),
            None => chains.push(Chain { leaf, sha256, all: &exchange.certificates, exchanges: vec![exchange.id] }),
        }
    }
    chains
}

fn none_seen(exchanges: &[Exchange]) -> RouteReason {
    let of = |state| exchanges.iter().filter(move |exchange| exchange.certificates_state == state);
    let encrypted: Vec<usize> = of(CertificatesState::Encrypted).map(|exchange| exchange.id).collect();
    if encrypted.is_empty() {
        return reason("no-certificate", None, "no certificate came through the proxy that tells who answers");
    }
    let text = "through the proxy certificates come encrypted alone, as always in TLS 1.3: they can't be compared until \
                handshakes are completed";
    shown(reason("certificates-encrypted", None, text), vec![], encrypted)
}

/// The endpoint's key cannot be had by anyone else.
fn same(own: &[&Chain<'_>], direct: &[Chain<'_>]) -> Option<RouteReason> {
    let first = own.first()?;
    let alike = |chain: &&Chain<'_>| own.iter().any(|own| own.has_key_of(chain));
    let of_direct = direct.iter().filter(alike).flat_map(|chain| chain.exchanges.clone()).collect();
    let of_proxied = own.iter().flat_map(|chain| chain.exchanges.clone()).collect();
    let (id, what) = if direct.iter().any(|chain| chain.sha256 == first.sha256) {
        ("same-certificate", format!("the same certificate comes both ways (SHA-256 {})", first.sha256))
    } else {
        ("same-key", format!("a certificate for the same key comes both ways (SPKI {})", first.leaf.spki_sha256))
    };
    Some(shown(reason(id, Some(Passthrough), what), of_direct, of_proxied))
}

/// How the certificates that come through the proxy alone differ from those that come directly.
fn differences(foreign: &[&Chain<'_>], direct: &[Chain<'_>], of_direct: &Chain<'_>) -> Vec<RouteReason> {
    let Some(first) = foreign.first() else { return Vec::new() };
    let proxy: Vec<usize> = foreign.iter().flat_map(|chain| chain.exchanges.clone()).collect();
    let because: Vec<usize> = direct.iter().flat_map(|chain| chain.exchanges.clone()).collect();
    let told = |id, text: String| shown(reason(id, None, text), because.clone(), proxy.clone());
    let mut reasons = vec![
        told(
            "leaf-differs",
            format!("through the proxy comes a certificate that did not come directly, for {}", first.leaf.subject),
        ),
        told(
            "spki-differs",
            format!(
                "its key is another one (SPKI {}, directly {})",
                first.leaf.spki_sha256, of_direct.leaf.spki_sha256
            ),
        ),
    ];
    let stranger = foreign.iter().find(|chain| !direct.iter().any(|of_direct| of_direct.has_issuer_of(chain)));
    reasons.push(match stranger {
        Some(chain) => told(
            "issuer-differs",
            format!("it was issued by {}, directly by {}", chain.leaf.issuer, of_direct.leaf.issuer),
        ),
        None => told(
            "front-ends-differ",
            "the same authority issued what comes directly: the front ends of one service differ so, and that is no \
             interception by itself"
                .to_owned(),
        ),
    });
    if !of_direct.is_public() && first.is_public() {
        reasons.push(told(
            "direct-root-not-public",
            "directly the chain leads to no public root, through the proxy it does: if anybody inspects, then on the \
             direct way"
                .to_owned(),
        ));
    }
    reasons
}

fn product(proxied: &[Chain<'_>]) -> Option<RouteReason> {
    let named = |chain: &Chain<'_>| chain.names().find_map(inspection_product::named_by);
    let (chain, product) = proxied.iter().find_map(|chain| Some((chain, named(chain)?)))?;
    let text = format!("the issuer, {}, is an inspection product: {}", chain.leaf.issuer, product.name);
    Some(shown(reason("inspection-product", Some(Intercepted), text), vec![], chain.exchanges.clone()))
}

/// A root that no public store and not Microsoft's knows, whoever trusts it: a company that inspects puts its root into
/// its machines' own stores. It tells of interception where the endpoint has a public one, or where another private
/// authority issued what comes directly.
fn private_root(
    compared: &Compared<'_>,
    proxied: &[Chain<'_>],
    foreign: &[&Chain<'_>],
    direct: &[Chain<'_>],
) -> Option<RouteReason> {
    let private: Vec<&Chain<'_>> = proxied.iter().filter(|chain| !chain.is_public()).collect();
    let of_another_authority = |chain: &&&Chain<'_>| {
        let issued_by_the_same = direct.iter().any(|of_direct| of_direct.has_issuer_of(chain));
        !chain.is_public() && (direct.iter().any(Chain::is_public) || !issued_by_the_same)
    };
    let stranger = foreign.iter().filter(|_| !direct.is_empty()).find(of_another_authority);
    let shown_chain = stranger.copied().or_else(|| private.first().copied())?;
    let proves = compared.known.has_public_root || stranger.is_some();
    let besides = match (proves, direct.is_empty()) {
        (true, _) => "",
        (false, false) => ", and so does the direct way's",
        (false, true) => {
            "; whether that is the endpoint's own authority or an inspecting proxy's, the direct way would tell"
        }
    };
    let top = shown_chain.all.last().and_then(Certificate::details).unwrap_or(shown_chain.leaf);
    let text = format!(
        "the chain through the proxy leads to {}, which is no root of Microsoft's or Mozilla's lists{besides}",
        top.issuer
    );
    let because = private.iter().flat_map(|chain| chain.exchanges.clone()).collect();
    Some(shown(reason("root-not-public", proves.then_some(Intercepted), text), vec![], because))
}

/// Without a direct way, where the chain says that it leads.
fn public_root(proxied: &[Chain<'_>]) -> Option<RouteReason> {
    let first = proxied.first()?;
    let root = proxied.iter().all(Chain::is_public).then(|| known_root(first.all)).flatten()?;
    let text = format!(
        "the chain through the proxy leads to {}, by name and key identifier; no inspecting proxy has a certificate of \
         that root's",
        root.subject
    );
    let because = proxied.iter().flat_map(|chain| chain.exchanges.clone()).collect();
    Some(shown(reason("root-public", Some(Passthrough), text), vec![], because))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use crate::observation::RouteVerdict::{self, *};

    fn verdict(proxied: &Built, direct: Option<&Built>) -> (RouteVerdict, Vec<String>) {
        verdict_of(proxied, direct, &Known::default())
    }

    fn verdict_of(proxied: &Built, direct: Option<&Built>, known: &Known) -> (RouteVerdict, Vec<String>) {
        let comparison = compare(proxied, direct.map(|direct| &**direct), known);
        (comparison.verdict, comparison.reasons.into_iter().map(|reason| reason.id).collect())
    }

    #[test]
    fn leaf_issuer_and_key_that_differ_are_told_one_by_one() {
        let (verdict, ids) = verdict(&server().shows(&inspected()), Some(&server()));
        assert_eq!(verdict, Intercepted);
        assert_eq!(ids, ["root-not-public", "leaf-differs", "spki-differs", "issuer-differs"]);
    }

    #[test]
    fn a_renewed_certificate_for_the_same_key_is_the_endpoints_own() {
        let mut renewed = public();
        renewed[0].sha256 = "renewed".to_owned();
        let (verdict, ids) = verdict(&server().shows(&renewed), Some(&server()));
        assert_eq!((verdict, ids), (Passthrough, vec!["same-key".to_owned()]));
    }

    #[test]
    fn another_leaf_of_the_same_public_authority_is_no_interception_and_no_proof_of_passthrough() {
        let (verdict, ids) = verdict(&server().shows(&other_front_end()), Some(&server()));
        assert_eq!(verdict, Inconclusive);
        assert_eq!(ids, ["leaf-differs", "spki-differs", "front-ends-differ"]);
    }

    #[test]
    fn a_front_end_beside_one_that_came_both_ways_is_one_of_the_same_service() {
        let proxied = server().shows_in(2, &other_front_end());
        let (verdict, ids) = verdict(&proxied, Some(&server()));
        assert_eq!(verdict, Passthrough);
        assert!(ids.contains(&"front-ends-differ".to_owned()), "{ids:?}");
    }

    #[test]
    fn one_inspected_answer_among_the_endpoints_own_is_interception() {
        let (verdict, ids) = verdict(&server().shows_in(2, &inspected()), Some(&server()));
        assert_eq!(verdict, Intercepted);
        assert!(ids.contains(&"same-certificate".to_owned()), "{ids:?}");
    }

    #[test]
    fn a_private_authority_both_ways_is_the_endpoints_own() {
        let private = || server().shows(&company());
        let (verdict, ids) = verdict(&private(), Some(&private()));
        assert_eq!((verdict, ids), (Passthrough, vec!["same-certificate".to_owned(), "root-not-public".to_owned()]));
    }

    #[test]
    fn one_private_authority_in_the_place_of_another_is_interception() {
        let (found, _) = verdict(&server().shows(&inspected()), Some(&server().shows(&company())));
        assert_eq!(found, Intercepted);
        let mut other = company();
        details(&mut other[0]).spki_sha256 = "another".to_owned();
        other[0].sha256 = "another".to_owned();
        let (found, _) = verdict(&server().shows(&other), Some(&server().shows(&company())));
        assert_eq!(found, Inconclusive, "the same private authority may have issued both");
    }

    #[test]
    fn a_public_chain_that_only_the_proxy_shows_points_at_the_direct_way() {
        let (verdict, ids) = verdict(&server(), Some(&server().shows(&inspected())));
        assert_eq!(verdict, Inconclusive);
        assert!(ids.contains(&"direct-root-not-public".to_owned()), "{ids:?}");
    }

    #[test]
    fn the_issuer_of_an_inspection_product_is_enough_even_where_both_ways_pass_it() {
        let inspected = || server().shows(&zscaler());
        for direct in [None, Some(server()), Some(inspected())] {
            let (verdict, ids) = verdict(&inspected(), direct.as_ref());
            assert_eq!(verdict, Intercepted);
            assert!(ids.contains(&"inspection-product".to_owned()), "{ids:?}");
        }
    }

    #[test]
    fn without_a_direct_way_the_chain_decides_as_far_as_it_can() {
        let microsofts = Known { has_public_root: true, ..Known::default() };
        let gone = server().unreachable();
        for direct in [None, Some(&gone)] {
            assert_eq!(verdict(&server(), direct).0, Passthrough);
            assert_eq!(verdict_of(&server().shows(&company()), direct, &microsofts).0, Intercepted);
            let (open, ids) = verdict(&server().shows(&company()), direct);
            assert_eq!(open, Inconclusive, "it may be the endpoint's own authority");
            assert_eq!(ids, ["no-direct-route", "root-not-public"]);
        }
    }

    #[test]
    fn certificates_that_come_encrypted_alone_are_told_as_such() {
        let hidden = || server().hides_certificates();
        let (verdict, ids) = verdict(&hidden(), Some(&hidden()));
        assert_eq!((verdict, ids), (Inconclusive, vec!["certificates-encrypted".to_owned()]));
    }

    #[test]
    fn alerts_alone_show_no_certificate() {
        let refuses = || server().refuses(1).refuses(2).refuses(3).refuses(4);
        let (verdict, ids) = verdict(&refuses(), Some(&refuses()));
        assert_eq!((verdict, ids), (Inconclusive, vec!["no-certificate".to_owned()]));
    }
}
