//! A trust store: roots, and what each may speak for.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls_pki_types::{CertificateDer, TrustAnchor};
use time::OffsetDateTime;

use super::links::Link;
use super::{Verdict, checks, windows};
use crate::certificate::Details;

/// The key purpose of TLS servers, dotted.
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// Roots under a name.
#[derive(Clone, Debug)]
pub struct TrustStore {
    id: u64,
    name: String,
    roots: Vec<Root>,
}

/// A root certificate, and the limits that its store sets on it.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) link: Link,
    pub(super) limits: Limits,
}

/// What a store lets a root speak for; without a limit, everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    /// The key purposes it is trusted for, dotted; `None` is any.
    pub(super) usages: Option<Vec<String>>,
    /// Purposes it is not trusted for all the same, dotted.
    pub(super) not_for: Vec<String>,
    /// From then on it is not trusted at all.
    pub(super) disallowed_from: Option<OffsetDateTime>,
    /// Certificates that were issued from then on are not trusted; older ones stay so.
    pub(super) issued_before: Option<Limit>,
}

/// A date, and the purposes it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// The date.
    pub(super) from: OffsetDateTime,
    /// The key purposes, dotted; empty for all.
    pub(super) usages: Vec<String>,
}

impl Limit {
    fn is_about_servers(&self) -> bool {
        self.usages.is_empty() || self.usages.iter().any(|usage| usage == SERVER_AUTH)
    }
}

/// A store that can't be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file has no certificate in it that can be read.
    #[error("{path} has no certificate in PEM that can be read: {reason}")]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This system shows no store.
    #[error("this system shows no trust store: {0}")]
    Native(String),
    /// The list that came with the program is broken.
    #[error("the list of Windows roots is broken: {0}")]
    Windows(String),
}

impl TrustStore {
    /// Microsoft's trusted root list, as `scripts/update-windows-trust` brought it in.
    pub fn windows() -> Result<Self, StoreError> {
        let roots = windows::roots().map_err(StoreError::Windows)?;
        Ok(Self::of_roots("windows", roots.to_vec()))
    }

    /// Mozilla's roots for TLS servers.
    pub fn mozilla() -> Self {
        Self::of("mozilla", webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref))
    }

    /// These certificates as roots without limits.
    pub fn of<'a>(name: &str, certificates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::of_roots(name, certificates.into_iter().map(|der| Root::new(der, Limits::default())).collect())
    }

    /// These roots, each with its limits.
    pub(super) fn of_roots(name: &str, roots: Vec<Root>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), name: name.to_owned(), roots }
    }

    /// The certificates of a PEM file as roots without limits.
    pub fn pem(name: &str, text: &[u8]) -> Result<Self, StoreError> {
        let broken = |reason: String| StoreError::NoCertificate { path: name.into(), reason };
        let blocks = pem::parse_many(text).map_err(|error| broken(error.to_string()))?;
        let certificates = blocks.iter().filter(|block| matches!(block.tag(), "CERTIFICATE" | "TRUSTED CERTIFICATE"));
        let store = Self::of(name, certificates.map(pem::Pem::contents));
        match store.roots.iter().find(|root| root.link.details().is_none()) {
            Some(root) => Err(broken(root.link.why_unreadable())),
            None if store.roots.is_empty() => Err(broken("no block BEGIN CERTIFICATE".to_owned())),
            None => Ok(store),
        }
    }

    /// What findings and the report call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its roots.
    pub(super) fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The root that these octets are.
    pub(super) fn root(&self, der: &[u8]) -> Option<&Root> {
        self.roots.iter().find(|root| root.link.der == der)
    }

    /// The roots, among those that are wanted, that the store lets speak for this leaf at this time.
    pub(super) fn speaking_for(
        &self,
        leaf: &Details,
        at: OffsetDateTime,
        is_wanted: impl Fn(&Root) -> bool,
    ) -> Vec<&Root> {
        let wanted = self.roots.iter().filter(|root| is_wanted(root));
        wanted.filter(|root| root.objections(leaf, at).is_empty()).collect()
    }

    /// Tells it from every other store of this process; a clone is the same store.
    pub(super) fn id(&self) -> u64 {
        self.id
    }
}

impl Root {
    pub(super) fn new(der: &[u8], limits: Limits) -> Self {
        Self { link: Link::read(der), limits }
    }

    /// Whether a certificate of this chain names it as its issuer.
    pub(super) fn is_named_by(&self, leaf: &Link, others: &[Link]) -> bool {
        let Some(root) = self.link.details() else { return false };
        let names = |link: &Link| link.details().is_some_and(|it| it.issuer_sha256 == root.subject_sha256);
        std::iter::once(leaf).chain(others).any(names)
    }

    pub(super) fn anchor(&self) -> Option<TrustAnchor<'static>> {
        let der = CertificateDer::from(self.link.der.as_slice());
        webpki::anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned())
    }

    /// Why it may not speak for this leaf at this time: its own dates, and the limits that the store sets.
    pub(super) fn objections(&self, leaf: &Details, at: OffsetDateTime) -> Vec<(Verdict, String)> {
        let Some(details) = self.link.details() else {
            return vec![(Verdict::Unreadable, self.link.why_unreadable())];
        };
        let Limits { usages, not_for, disallowed_from, issued_before } = &self.limits;
        let mut objections: Vec<_> = checks::dates(details, at).into_iter().collect();
        let is_for_servers = usages.as_ref().is_none_or(|usages| usages.iter().any(|usage| usage == SERVER_AUTH));
        if !is_for_servers || not_for.iter().any(|usage| usage == SERVER_AUTH) {
            objections.push((Verdict::WrongUsage, "the store does not trust this root for servers".to_owned()));
        }
        if let Some(from) = disallowed_from.filter(|from| at >= *from) {
            let why = format!("the store no longer trusts this root since {}", from.date());
            objections.push((Verdict::Distrusted, why));
        }
        if let Some(limit) = issued_before.as_ref().filter(|limit| limit.is_about_servers())
            && leaf.not_before >= limit.from
        {
            let why = format!(
                "the store trusts this root only for certificates issued before {}, and the leaf is of {}",
                limit.from.date(),
                leaf.not_before.date()
            );
            objections.push((Verdict::Distrusted, why));
        }
        objections
    }
}
