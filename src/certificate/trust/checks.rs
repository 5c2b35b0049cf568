//! What each certificate of a path says against itself: dates, purposes, strength, and its place in the path.

use time::OffsetDateTime;

use super::links::Link;
use super::path::Path;
use super::{TrustProblem, Verdict};
use crate::certificate::{Details, PublicKey, Validity, validity};

/// The key purposes that a server's certificate, and each CA's above it, must have one of if it has any.
const FOR_SERVERS: [&str; 2] = ["serverAuth", "anyExtendedKeyUsage"];

/// Everything that is wrong with a path's certificates. The root's dates and limits are judged with the store.
pub(super) fn problems(path: &Path<'_>, at: OffsetDateTime) -> Vec<TrustProblem> {
    let own = if path.root().is_some() { path.links.len().saturating_sub(1) } else { path.links.len() };
    let mut problems = Vec::new();
    for (place, link) in path.links.iter().enumerate() {
        let Some(details) = link.details() else { continue };
        // A leaf that the store has as a root is judged as both.
        let is_root = place >= own && place > 0;
        let mut found: Vec<(Verdict, String)> = Vec::new();
        if !is_root {
            found.extend(dates(details, at));
            found.extend(usage(details));
            found.extend(weak_signature(link, details));
            found.extend(version(details));
        }
        found.extend(weak_key(&details.public_key));
        if place > 0 {
            found.extend(not_a_ca(details, is_root));
            found.extend(too_long(details, path.links.get(1..place).unwrap_or_default()));
        }
        problems.extend(found.into_iter().map(|(kind, why)| link.problem(kind, why)));
    }
    problems
}

pub(super) fn dates(details: &Details, at: OffsetDateTime) -> Option<(Verdict, String)> {
    match validity(details, at) {
        Validity::Valid { .. } => None,
        Validity::NotYetValid { from } => Some((Verdict::NotYetValid, format!("valid only from {}", from.date()))),
        Validity::Expired { since } => Some((Verdict::Expired, format!("expired on {}", since.date()))),
    }
}

/// RFC 5280 §4.2.1.12. Clients ask CAs for it as well, where they name purposes.
fn usage(details: &Details) -> Option<(Verdict, String)> {
    let purposes = &details.extended_key_usage;
    let is_for_servers = purposes.is_empty() || purposes.iter().any(|it| FOR_SERVERS.contains(&it.as_str()));
    (!is_for_servers).then(|| {
        let why = format!("its extendedKeyUsage is {}, without serverAuth", purposes.join(", "));
        (Verdict::WrongUsage, why)
    })
}

fn weak_signature(link: &Link, details: &Details) -> Option<(Verdict, String)> {
    if link.is_self_issued() {
        return None; // nobody relies on a signature over itself
    }
    let algorithm = details.signature_algorithm.to_lowercase();
    let is_weak = ["md2", "md4", "md5", "sha1"].iter().any(|hash| algorithm.contains(hash)) || algorithm == "rsassapss";
    is_weak.then(|| (Verdict::Weak, format!("signed by {}", details.signature_algorithm)))
}

impl PublicKey {
    /// Whether the key is too small to rely on: RSA and DSA under 2048 bits, an elliptic curve under 256.
    pub(in crate::certificate) fn is_weak(&self) -> bool {
        let least = match self.algorithm.as_str() {
            "RSA" | "RSA-PSS" | "DSA" => 2048,
            "EC" => 256,
            _ => 0,
        };
        self.bits.is_some_and(|bits| bits < least)
    }
}

fn weak_key(key: &PublicKey) -> Option<(Verdict, String)> {
    key.is_weak().then(|| (Verdict::Weak, format!("{} key of {} bits", key.algorithm, key.bits.unwrap_or_default())))
}

/// Version 1 has no extensions: no purposes, no names of hosts, no word on whether it is a CA's.
fn version(details: &Details) -> Option<(Verdict, String)> {
    let why = || format!("an X.509 certificate of version {}, which has no extensions", details.version);
    (details.version < 3).then(|| (Verdict::Unsupported, why()))
}

/// A root is one because the store says so; what signs below it must say so itself (RFC 5280 §6.1.4 (k), (n)).
fn not_a_ca(details: &Details, is_root: bool) -> Option<(Verdict, String)> {
    if !is_root && !details.is_ca {
        return Some((Verdict::ConstraintBroken, "it signs a certificate and is no CA's".to_owned()));
    }
    let may_sign = details.key_usage.is_empty() || details.key_usage.iter().any(|usage| usage == "keyCertSign");
    (!may_sign)
        .then(|| (Verdict::ConstraintBroken, "it signs a certificate, and its keyUsage lacks keyCertSign".to_owned()))
}

/// `below` are the CAs between this one and the leaf; those that issue themselves do not count (RFC 5280 §4.2.1.9).
fn too_long(details: &Details, below: &[Link]) -> Option<(Verdict, String)> {
    let allowed = usize::try_from(details.path_len?).unwrap_or(usize::MAX);
    let count = below.iter().filter(|link| !link.is_self_issued()).count();
    let why = || format!("it allows {allowed} CAs below itself, and there are {count}");
    (count > allowed).then(|| (Verdict::PathTooLong, why()))
}
