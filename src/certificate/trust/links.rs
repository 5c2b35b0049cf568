//! One certificate of a chain under judgement: its bytes, and what they say.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{TrustProblem, Verdict};
use crate::certificate::signed::{Signature, verify};
use crate::certificate::{Certificate, Contents, Details};

/// A certificate with its DER.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) der: Vec<u8>,
    pub(super) certificate: Certificate,
}

impl Link {
    pub(super) fn read(der: &[u8]) -> Self {
        Self { der: der.to_vec(), certificate: Certificate::read(der) }
    }

    pub(super) fn details(&self) -> Option<&Details> {
        self.certificate.details()
    }

    /// Its subject; its common name alone, or its hash, where that is all there is.
    pub(super) fn name(&self) -> String {
        match self.details() {
            Some(details) if !details.subject.is_empty() => details.subject.clone(),
            _ => format!("SHA-1 {}", self.certificate.sha1),
        }
    }

    pub(super) fn why_unreadable(&self) -> String {
        match &self.certificate.contents {
            Contents::Readable(_) => String::new(),
            Contents::Unreadable { unreadable } => unreadable.clone(),
        }
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.details().is_some_and(|details| details.subject_sha256 == details.issuer_sha256)
    }

    /// Whether it says that it is its own issuer, and its signature does not say otherwise.
    pub(super) fn is_self_signed(&self) -> bool {
        self.is_self_issued() && is_signed_by(&self.der, &self.der) != Some(false)
    }

    pub(super) fn problem(&self, kind: Verdict, why: String) -> TrustProblem {
        let (certificate, sha1) = (self.name(), self.certificate.sha1.clone());
        TrustProblem { kind, certificate, sha1, why, aia_urls: Vec::new() }
    }
}

/// Whether `issuer` could have issued `subject`, by name and key identifier (RFC 5280 §4.2.1.1).
pub(super) fn may_issue(issuer: &Details, subject: &Details) -> bool {
    issuer.subject_sha256 == subject.issuer_sha256
        && match (&issuer.subject_key_id, &subject.authority_key_id) {
            (Some(issuer), Some(subject)) => issuer == subject,
            _ => true,
        }
}

/// Whether the key of the certificate `issuer` made the signature of the certificate `subject`; `None` where the
/// algorithm is not known here, or one of them can't be read.
pub(in crate::certificate) fn is_signed_by(subject: &[u8], issuer: &[u8]) -> Option<bool> {
    let (_, subject) = X509Certificate::from_der(subject).ok()?;
    let (_, issuer) = X509Certificate::from_der(issuer).ok()?;
    let signed = subject.tbs_certificate.as_ref();
    match verify(signed, &subject.signature_algorithm, &subject.signature_value.data, issuer.public_key()) {
        Signature::Right => Some(true),
        Signature::Wrong => Some(false),
        Signature::Unsupported => None,
    }
}
