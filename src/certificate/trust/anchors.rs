//! What rustls-webpki says of a chain.

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;

use time::OffsetDateTime;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use super::Verdict;
use super::links::Link;
use super::path::Path;
use super::store::Root;

/// A path that webpki verified: intermediates from the leaf up, and the root, in DER.
#[derive(Clone, Debug)]
pub(super) struct Verified {
    pub(super) intermediates: Vec<Vec<u8>>,
    pub(super) root: Vec<u8>,
}

/// Verifies a leaf by these roots at this time. Key purposes are left to our own checks, which read them as RFC 5280
/// §4.2.1.12 does and name the certificate.
pub(super) fn verify(leaf: &Link, others: &[Link], roots: &[&Root], at: OffsetDateTime) -> Result<Verified, Error> {
    if let Some(root) = roots.iter().find(|root| root.link.der == leaf.der) {
        // A server certificate that the store has as a root needs no issuer, and may be a CA's.
        return Ok(Verified { intermediates: Vec::new(), root: root.link.der.clone() });
    }
    let roots = roots.iter().filter(|root| root.is_named_by(leaf, others));
    let known: Vec<(&Root, TrustAnchor<'_>)> = roots.filter_map(|root| Some((*root, root.anchor()?))).collect();
    let others: Vec<CertificateDer<'_>> = others.iter().map(|link| link.der.as_slice().into()).collect();
    let anchors: Vec<TrustAnchor<'_>> = known.iter().map(|(_, anchor)| anchor.clone()).collect();
    let der = CertificateDer::from(leaf.der.as_slice());
    let leaf = EndEntityCert::try_from(&der)?;
    let path = leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &others, unix(at), AnyUsage, None, None)?;
    let root = known.iter().find(|(_, anchor)| anchor == path.anchor()).map(|(root, _)| root.link.der.clone());
    Ok(Verified {
        intermediates: path.intermediate_certificates().map(|link| link.der().to_vec()).collect(),
        root: root.unwrap_or_default(),
    })
}

/// Verifies a path that ends at a root, at a time when all of it was valid, if there was one: what is left to find then
/// is neither a date nor the root. Nothing can be said of a path without a root.
pub(super) fn verify_relaxed(path: &Path<'_>) -> Result<(), Error> {
    let (Some(root), Some((leaf, others))) = (path.root(), path.links.split_first()) else { return Ok(()) };
    let dates = || path.links.iter().filter_map(Link::details);
    let (begin, end) = (dates().map(|it| it.not_before).max(), dates().map(|it| it.not_after).min());
    match begin.zip(end) {
        Some((begin, end)) if begin <= end => verify(leaf, others, &[root], begin).map(|_| ()),
        _ => Ok(()),
    }
}

/// An error as a verdict; dates and what needs no path are found elsewhere.
pub(super) fn reading(error: &Error) -> Option<(Verdict, String)> {
    let (kind, why) = match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::UnknownIssuer => return None,
        Error::InvalidSignatureForPublicKey => (Verdict::BadSignature, "a signature of its path is wrong"),
        Error::NameConstraintViolation => {
            (Verdict::ConstraintBroken, "a CA above it may not certify one of its names (RFC 5280 §4.2.1.10)")
        }
        Error::PathLenConstraintViolated => (Verdict::PathTooLong, "a CA above it allows fewer CAs below itself"),
        Error::MaximumPathDepthExceeded => (Verdict::PathTooLong, "more than six CAs in a row"),
        Error::EndEntityUsedAsCa => (Verdict::ConstraintBroken, "it is issued by a certificate that is no CA's"),
        Error::CaUsedAsEndEntity => (Verdict::ConstraintBroken, "it is a CA's certificate, and used as a server's"),
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) | Error::ExtensionValueInvalid => {
            (Verdict::Unreadable, "a certificate of its path breaks the rules of DER")
        }
        other => return Some((Verdict::Unsupported, format!("webpki says: {other}"))),
    };
    Some((kind, why.to_owned()))
}

fn unix(at: OffsetDateTime) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.unix_timestamp()).unwrap_or_default()))
}

/// Passes every key purpose.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}
