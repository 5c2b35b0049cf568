//! Whether a chain leads to a root that Windows or Mozilla brings along, from what the certificates say alone.
//!
//! A root is known by its subject and its public key, so that a copy that another root cross-signed is the same. Where a
//! chain leaves its root out, as most do, the name and the key identifier that the last certificate gives for its issuer
//! decide. No signature is verified and no date is looked at: this tells where a chain says that it leads.

use std::sync::OnceLock;

use super::links::may_issue;
use super::store::TrustStore;
use super::windows;
use crate::certificate::order::path_from_leaf;
use crate::certificate::{Certificate, Details};

/// The root of Microsoft's or Mozilla's list that a chain, leaf first, leads to.
pub fn known_root(chain: &[Certificate]) -> Option<&'static Details> {
    let readable: Vec<&Details> = chain.iter().map_while(Certificate::details).collect();
    let (path, _) = path_from_leaf(readable.clone());
    let path: Vec<&Details> = path.into_iter().filter_map(|position| readable.get(position).copied()).collect();
    let last = path.last()?;
    let is = |root: &Details, certificate: &Details| {
        root.subject_sha256 == certificate.subject_sha256 && root.spki_sha256 == certificate.spki_sha256
    };
    known_roots().find(|root| path.iter().any(|certificate| is(root, certificate)) || may_issue(root, last))
}

fn known_roots() -> impl Iterator<Item = &'static Details> {
    static MOZILLA: OnceLock<TrustStore> = OnceLock::new();
    let mozilla = MOZILLA.get_or_init(TrustStore::mozilla).roots();
    windows::roots().unwrap_or_default().iter().chain(mozilla).filter_map(|root| root.link.details())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::certificate::Contents;
    use crate::certificate::testdata::certificate;

    const LEAF: &str = "leafs/api.cdp.microsoft.com-2023.pem";
    const CA: &str = "intermediates/microsoft-update-secure-server-ca-2.1.pem";
    const ROOT: &str = "roots/microsoft-root-certificate-authority-2011.pem";

    fn leads_to(chain: &[&str]) -> Option<&'static str> {
        let chain: Vec<Certificate> = chain.iter().map(|file| certificate(file)).collect();
        known_root(&chain).and_then(|root| root.common_name.as_deref())
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
        Arc::make_mut(ca).authority_key_id = Some("00".to_owned());
        assert_eq!(known_root(&chain), None);

        let mut root = certificate(ROOT);
        let Contents::Readable(details) = &mut root.contents else { panic!("unreadable") };
        let details = Arc::make_mut(details);
        details.spki_sha256 = "0".repeat(64);
        details.authority_key_id = Some("00".to_owned());
        assert_eq!(known_root(&[root]), None);
    }
}
