//! The roots of Microsoft's and Mozilla's lists, and whether a chain leads to one of them.
//!
//! A root is known by its subject and its public key, so that a copy that another root cross-signed is the same. Where a
//! chain leaves its root out, as most do, the name and the key identifier that the last certificate gives for its issuer
//! decide. No signature is verified: this tells where a chain says that it leads.

use std::sync::OnceLock;

use super::Certificate;
use super::details::Details;
use super::order::path_from_leaf;

/// Written by `scripts/record-known-roots`.
const TABLE: &str = include_str!("known_roots.csv");

/// A root that clients bring along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRoot {
    /// SHA-256 of its subject in DER, in hex.
    subject_sha256: &'static str,
    /// SHA-256 of its `SubjectPublicKeyInfo`, in hex.
    spki_sha256: &'static str,
    /// Its name for its key, in hex; empty where it has none.
    subject_key_id: &'static str,
    /// Whose list it is on: `microsoft`, `mozilla`, or both.
    pub stores: &'static str,
    /// Its common name.
    pub name: &'static str,
}

impl KnownRoot {
    fn is(&self, certificate: &Details) -> bool {
        self.subject_sha256 == certificate.subject_sha256 && self.spki_sha256 == certificate.spki_sha256
    }

    fn is_issuer_of(&self, certificate: &Details) -> bool {
        let same_key = match &certificate.authority_key_id {
            Some(id) if !self.subject_key_id.is_empty() => self.subject_key_id == id,
            _ => true,
        };
        self.subject_sha256 == certificate.issuer_sha256 && same_key
    }
}

/// The known root that a chain, leaf first, leads to.
pub fn known_root(chain: &[Certificate]) -> Option<&'static KnownRoot> {
    let readable: Vec<&Details> = chain.iter().map_while(Certificate::details).collect();
    let (path, _) = path_from_leaf(readable.clone());
    let path: Vec<&Details> = path.into_iter().filter_map(|position| readable.get(position).copied()).collect();
    let last = path.last()?;
    known_roots().iter().find(|root| path.iter().any(|certificate| root.is(certificate)) || root.is_issuer_of(last))
}

fn known_roots() -> &'static [KnownRoot] {
    static ROOTS: OnceLock<Vec<KnownRoot>> = OnceLock::new();
    ROOTS.get_or_init(|| TABLE.lines().skip(1).filter_map(row).collect())
}

fn row(line: &'static str) -> Option<KnownRoot> {
    let mut cells = line.split(',');
    let mut next = || cells.next();
    Some(KnownRoot {
        subject_sha256: next()?,
        spki_sha256: next()?,
        subject_key_id: next()?,
        stores: next()?,
        name: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Contents;
    use super::super::testdata::certificate;
    use super::*;

    const LEAF: &str = "leafs/api.cdp.microsoft.com-2023.pem";
    const CA: &str = "intermediates/microsoft-update-secure-server-ca-2.1.pem";
    const ROOT: &str = "roots/microsoft-root-certificate-authority-2011.pem";

    fn leads_to(chain: &[&str]) -> Option<&'static str> {
        let chain: Vec<Certificate> = chain.iter().map(|file| certificate(file)).collect();
        known_root(&chain).map(|root| root.name)
    }

    #[test]
    fn every_row_is_whole() {
        let roots = known_roots();
        assert_eq!(roots.len() + 1, TABLE.lines().count());
        for root in roots {
            assert!([root.subject_sha256, root.spki_sha256].iter().all(|hash| hash.len() == 64), "{root:?}");
            assert!(!root.name.is_empty() && !root.name.contains(','), "{root:?}");
            assert!(["microsoft", "mozilla", "microsoft mozilla"].contains(&root.stores), "{root:?}");
        }
        assert!(roots.is_sorted_by_key(|root| root.subject_sha256));
    }

    #[test]
    fn a_chain_leads_to_its_root_whether_it_was_sent_or_left_out() {
        let root = Some("Microsoft Root Certificate Authority 2011");
        assert_eq!(leads_to(&[LEAF, CA, ROOT]), root);
        assert_eq!(leads_to(&[LEAF, CA]), root);
    }

    #[test]
    fn a_cross_signed_root_is_the_root() {
        let cross = "intermediates/microsoft-tls-rsa-root-g2-cross-signed-by-digicert-g2.pem";
        assert!(leads_to(&[cross]).is_some());
    }

    #[test]
    fn a_chain_without_its_intermediate_or_of_a_private_authority_leads_nowhere() {
        assert_eq!(leads_to(&[LEAF]), None);
        assert_eq!(leads_to(&["odd/alt-names.pem"]), None);
        assert_eq!(leads_to(&[]), None);
    }

    #[test]
    fn a_public_root_that_is_sent_along_without_having_signed_proves_nothing() {
        assert_eq!(leads_to(&["odd/alt-names.pem", CA, ROOT]), None);
    }

    #[test]
    fn a_root_of_the_same_name_and_another_key_is_not_known() {
        let mut chain = [certificate(LEAF), certificate(CA)];
        let Contents::Readable(ca) = &mut chain[1].contents else { panic!("unreadable") };
        ca.authority_key_id = Some("00".to_owned());
        assert_eq!(known_root(&chain), None);

        let mut root = certificate(ROOT);
        let Contents::Readable(details) = &mut root.contents else { panic!("unreadable") };
        details.spki_sha256 = "0".repeat(64);
        details.authority_key_id = Some("00".to_owned());
        assert_eq!(known_root(&[root]), None);
    }
}
