//! Whether a chain was sent in order: each certificate after the first is the issuer of the one before it.
//!
//! TLS 1.2 demands that order (RFC 5246 §7.4.2), TLS 1.3 wishes for it (RFC 8446 §4.4.2), and clients that build no path
//! of their own fail without it. A certificate is taken for another's issuer if it has the name that the other gives,
//! octet for octet, and the key identifier where both tell one. No signature is verified.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::details::Details;
use super::{Certificate, Contents};

/// The order of a chain. Positions count from 0, the leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChainOrder {
    /// Each one is the issuer of the one before. The root may end the chain or be left out; no certificate at all is in
    /// order too.
    InOrder,
    /// One is not.
    OutOfOrder {
        /// The first that does not issue the one before it.
        position: usize,
        /// The positions in the order in which they do issue each other, as far as that leads from the leaf.
        path: Vec<usize>,
        /// The positions beside that path: of another chain, sent twice, or after a missing link.
        unrelated: Vec<usize>,
    },
    /// Not known, because this one cannot be read.
    Unreadable {
        /// The first that is unreadable.
        position: usize,
    },
}

/// Judges a chain as it was sent, leaf first.
pub fn chain_order(chain: &[Certificate]) -> ChainOrder {
    let mut links = Vec::with_capacity(chain.len());
    for (position, certificate) in chain.iter().enumerate() {
        match &certificate.contents {
            Contents::Readable(details) => links.push(details.as_ref()),
            Contents::Unreadable { .. } => return ChainOrder::Unreadable { position },
        }
    }
    let (path, unrelated) = path_from_leaf(links);
    match (0..chain.len()).find(|position| path.get(*position) != Some(position)) {
        None => ChainOrder::InOrder,
        Some(position) => ChainOrder::OutOfOrder { position, path, unrelated },
    }
}

/// The certificates that can be read: those that lead up from the leaf, in that order, and those beside them.
pub fn split_by_path(chain: &[Certificate]) -> (Vec<&Details>, Vec<&Details>) {
    let links: Vec<&Details> = chain.iter().filter_map(Certificate::details).collect();
    let (path, beside) = path_from_leaf(links.clone());
    let at = |positions: Vec<usize>| positions.into_iter().filter_map(|at| links.get(at).copied()).collect();
    (at(path), at(beside))
}

/// Follows the issuers from the leaf up to a self-issued certificate or a missing one: that path, and what is beside it.
pub(super) fn path_from_leaf(links: Vec<&Details>) -> (Vec<usize>, Vec<usize>) {
    // In order, each issuer is the first that is looked at. In the worst order each step looks at all that are left, of
    // the some hundred certificates that fit the largest message that is read.
    let mut left: VecDeque<(usize, &Details)> = links.into_iter().enumerate().collect();
    let mut path = Vec::new();
    let mut next = Some(0);
    while let Some((position, link)) = next.and_then(|index| left.remove(index)) {
        path.push(position);
        let at_root = issues(link, link);
        next = if at_root { None } else { left.iter().position(|(_, candidate)| issues(candidate, link)) };
    }
    (path, left.into_iter().map(|(position, _)| position).collect())
}

fn issues(issuer: &Details, subject: &Details) -> bool {
    issuer.subject_sha256 == subject.issuer_sha256
        && match (&issuer.subject_key_id, &subject.authority_key_id) {
            (Some(issuer), Some(subject)) => issuer == subject,
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::testdata::certificate;
    use super::*;

    const LEAF: &str = "leafs/api.cdp.microsoft.com-2023.pem";
    const CA: &str = "intermediates/microsoft-update-secure-server-ca-2.1.pem";
    const ROOT: &str = "roots/microsoft-root-certificate-authority-2011.pem";
    const OTHER_CA: &str = "intermediates/microsoft-ecc-update-secure-server-ca-2.1.pem";
    const OTHER_ROOT: &str = "roots/digicert-global-root-g2.pem";

    fn order(chain: &[&str]) -> ChainOrder {
        chain_order(&chain.iter().map(|file| certificate(file)).collect::<Vec<_>>())
    }

    fn out_of_order(position: usize, path: &[usize], unrelated: &[usize]) -> ChainOrder {
        ChainOrder::OutOfOrder { position, path: path.to_vec(), unrelated: unrelated.to_vec() }
    }

    #[test]
    fn a_chain_is_in_order_with_its_root_and_without() {
        for chain in [&[LEAF, CA, ROOT][..], &[LEAF, CA], &[LEAF], &[ROOT], &["odd/no-alt-name.pem"], &[]] {
            assert_eq!(order(chain), ChainOrder::InOrder, "{chain:?}");
        }
    }

    #[test]
    fn swapped_certificates_are_out_of_order_and_the_right_order_is_told() {
        assert_eq!(order(&[LEAF, ROOT, CA]), out_of_order(1, &[0, 2, 1], &[]));
    }

    #[test]
    fn a_missing_link_leaves_the_rest_unrelated() {
        assert_eq!(order(&[LEAF, ROOT]), out_of_order(1, &[0], &[1]));
        assert_eq!(order(&[CA, LEAF]), out_of_order(1, &[0], &[1]));
    }

    #[test]
    fn certificates_of_another_chain_are_named() {
        assert_eq!(order(&[LEAF, OTHER_CA, CA, ROOT, OTHER_ROOT]), out_of_order(1, &[0, 2, 3], &[1, 4]));
        assert_eq!(order(&[LEAF, CA, ROOT, OTHER_ROOT]), out_of_order(3, &[0, 1, 2], &[3]));
    }

    #[test]
    fn a_certificate_sent_twice_is_out_of_order() {
        assert_eq!(order(&[LEAF, LEAF, CA]), out_of_order(1, &[0, 2], &[1]));
        assert_eq!(order(&[LEAF, CA, ROOT, ROOT]), out_of_order(3, &[0, 1, 2], &[3]));
    }

    #[test]
    fn a_certificate_of_the_right_name_and_another_key_is_not_the_issuer() {
        let mut chain = [certificate(LEAF), certificate(CA)];
        let Contents::Readable(ca) = &mut chain[1].contents else { panic!("unreadable") };
        Arc::make_mut(ca).subject_key_id = Some("00".to_owned());
        assert_eq!(chain_order(&chain), out_of_order(1, &[0], &[1]));

        let Contents::Readable(leaf) = &mut chain[0].contents else { panic!("unreadable") };
        Arc::make_mut(leaf).authority_key_id = None;
        assert_eq!(chain_order(&chain), ChainOrder::InOrder, "where one tells no key, the name decides");
    }

    #[test]
    fn two_that_issue_each_other_end() {
        let mut chain = [certificate(LEAF), certificate(LEAF)];
        for (certificate, (subject, issuer)) in chain.iter_mut().zip([("a", "b"), ("b", "a")]) {
            let Contents::Readable(details) = &mut certificate.contents else { panic!("unreadable") };
            let details = Arc::make_mut(details);
            details.authority_key_id = None;
            (details.subject_sha256, details.issuer_sha256) = (subject.to_owned(), issuer.to_owned());
        }
        assert_eq!(chain_order(&chain), ChainOrder::InOrder);
    }

    #[test]
    fn an_unreadable_certificate_leaves_the_order_unknown() {
        let chain = [certificate(LEAF), Certificate::read(b"junk"), certificate(CA)];
        assert_eq!(chain_order(&chain), ChainOrder::Unreadable { position: 1 });
    }
}
