//! A path from the leaf to a root of a store, or as far as one leads.
//!
//! webpki gives the path it verified. Where it verified none, the certificates are followed here by name, key
//! identifier and signature, so that the one can be named at which it ends.

use time::OffsetDateTime;

use super::anchors::Verified;
use super::links::{Link, is_signed_by, may_issue};
use super::store::{Root, TrustStore};
use crate::certificate::{Validity, validity};

/// The most certificates that are followed. webpki takes no more than six intermediates.
const LONGEST: usize = 10;

/// The certificates from the leaf up.
#[derive(Clone, Debug)]
pub(super) struct Path<'a> {
    pub(super) links: Vec<Link>,
    pub(super) top: Top<'a>,
    /// The store's name.
    pub(super) store: &'a str,
}

/// How a path ends.
#[derive(Clone, Debug)]
pub(super) enum Top<'a> {
    /// At this root of the store, which is the last link.
    Root(&'a Root),
    /// At a certificate that signed itself, and is no root of the store.
    SelfSigned,
    /// At a certificate whose issuer is neither there nor a root of the store.
    Missing,
    /// At a certificate whose issuer is there by name, but did not sign it.
    BadSignature,
}

impl<'a> Path<'a> {
    /// The path that webpki verified.
    pub(super) fn verified(leaf: &Link, others: &[Link], store: &'a TrustStore, verified: &Verified) -> Self {
        let between = verified.intermediates.iter().filter_map(|der| others.iter().find(|link| link.der == *der));
        let mut links: Vec<Link> = std::iter::once(leaf).chain(between).cloned().collect();
        let root = store.roots().iter().find(|root| root.link.der == verified.root);
        let top = match root {
            Some(root) => {
                // A leaf that is a root of the store is a path of one.
                if links.last().is_none_or(|last| last.der != root.link.der) {
                    links.push(root.link.clone());
                }
                Top::Root(root)
            }
            None => Top::Missing,
        };
        Self { links, top, store: store.name() }
    }

    pub(super) fn root(&self) -> Option<&'a Root> {
        match self.top {
            Top::Root(root) => Some(root),
            _ => None,
        }
    }
}

/// Follows the issuers from the leaf: to a root of the store as soon as there is one, else by what was sent.
pub(super) fn walk<'a>(leaf: &Link, others: &[Link], store: &'a TrustStore, at: OffsetDateTime) -> Path<'a> {
    let mut links = vec![leaf.clone()];
    let top = loop {
        let Some(last) = links.last() else { break Top::Missing };
        if let Some(root) = store.root(&last.der) {
            break Top::Root(root);
        }
        match issuer(last, others, store, at) {
            Found::Root(root) => {
                links.push(root.link.clone());
                break Top::Root(root);
            }
            _ if last.is_self_signed() => break Top::SelfSigned,
            Found::Link(link) if links.len() < LONGEST && links.iter().all(|known| known.der != link.der) => {
                links.push(link.clone());
            }
            Found::Impostor => break Top::BadSignature,
            Found::Link(_) | Found::None => break Top::Missing,
        }
    };
    Path { links, top, store: store.name() }
}

enum Found<'r, 'l> {
    Root(&'r Root),
    Link(&'l Link),
    Impostor,
    None,
}

/// The issuer of a certificate: one whose signature is right before one whose signature can't be judged, and one in its
/// dates before one that is not.
fn issuer<'r, 'l>(subject: &Link, others: &'l [Link], store: &'r TrustStore, at: OffsetDateTime) -> Found<'r, 'l> {
    let Some(details) = subject.details() else { return Found::None };
    let mut is_there = false;
    let mut best = None;
    let roots = store.roots().iter().map(|root| (&root.link, Found::Root(root)));
    let sent = others.iter().map(|link| (link, Found::Link(link)));
    for (candidate, found) in roots.chain(sent) {
        let Some(issuer) = candidate.details().filter(|issuer| may_issue(issuer, details)) else { continue };
        let is_signed = is_signed_by(&subject.der, &candidate.der);
        let is_root = matches!(found, Found::Root(_));
        if is_signed == Some(false) {
            // A root of the same name and another key is another root, unless the key identifiers say that it is this.
            is_there |= !is_root || (issuer.subject_key_id.is_some() && details.authority_key_id.is_some());
            continue;
        }
        let is_in_date = matches!(validity(issuer, at), Validity::Valid { .. });
        let rank = (is_signed.is_some(), is_in_date, is_root);
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, found));
        }
    }
    match best {
        Some((_, found)) => found,
        None if is_there => Found::Impostor,
        None => Found::None,
    }
}
