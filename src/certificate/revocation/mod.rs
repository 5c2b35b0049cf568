//! Whether a certificate was revoked: what a revocation list (RFC 5280 §5) or an OCSP responder (RFC 6960) says, and
//! whether that is to be believed.
//!
//! A list that is past its time, one of changes only, one that somebody else signed: each is told apart, for each has
//! another remedy, and none of them says "good". Fetching is no matter of this module.

mod crl;
mod ocsp;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use x509_parser::asn1_rs::BitString;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::der::{self, NotDer};

/// How far clocks may differ.
const SKEW: Duration = Duration::minutes(5);

/// What one source says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RevocationStatus {
    /// It is not revoked.
    Good {
        /// Until when this holds; null where the source does not say.
        #[serde(with = "time::serde::rfc3339::option")]
        #[schemars(with = "Option<String>", extend("format" = "date-time"))]
        next_update: Option<OffsetDateTime>,
    },
    /// It is revoked.
    Revoked {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        #[schemars(with = "String", extend("format" = "date-time"))]
        since: OffsetDateTime,
        /// Why, by the word of RFC 5280 §5.3.1; null where the source does not say.
        reason: Option<String>,
    },
    /// The responder does not know the certificate.
    Unknown,
    /// An answer came, and can't be relied on.
    Unusable {
        /// What is wrong with it.
        fault: RevocationFault,
        /// The same in a line.
        why: String,
    },
}

/// What is wrong with a list or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevocationFault {
    /// Its time is over: nobody published a newer one.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It holds only what changed since another list (RFC 5280 §5.2.4).
    DeltaCrl,
    /// Somebody signed it who may not speak for the certificate's issuer.
    WrongSigner,
    /// It is about other certificates.
    NotCovered,
    /// The responder answered that it can't answer.
    Refused,
    /// It uses what can't be judged here.
    Unsupported,
    /// It breaks the rules of its form.
    Malformed,
}

/// A certificate and the one that issued it, in DER.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The certificate asked about.
    pub subject: &'a [u8],
    /// Its issuer.
    pub issuer: &'a [u8],
    /// When it is judged.
    pub at: OffsetDateTime,
}

impl Asked<'_> {
    /// The question to an OCSP responder, in DER; `None` where one of the certificates can't be read.
    pub fn ocsp_request(&self) -> Option<Vec<u8>> {
        ocsp::request(&Pair::read(self)?)
    }

    /// What an OCSP responder's answer says, stapled or fetched.
    pub fn read_ocsp(&self, answer: &[u8]) -> RevocationStatus {
        self.read(|pair| ocsp::read(answer, pair, self.at))
    }

    /// What a revocation list says.
    pub fn read_crl(&self, list: &[u8]) -> RevocationStatus {
        self.read(|pair| crl::read(list, pair, self.at))
    }

    fn read(&self, read: impl FnOnce(&Pair<'_>) -> Result<RevocationStatus, NotDer>) -> RevocationStatus {
        let Some(pair) = Pair::read(self) else {
            return unusable(RevocationFault::Unsupported, "the certificate or its issuer can't be read");
        };
        read(&pair).unwrap_or_else(|NotDer(field)| {
            unusable(RevocationFault::Malformed, &format!("it breaks the rules of DER at {field}"))
        })
    }
}

/// Both certificates, parsed.
struct Pair<'a> {
    subject: X509Certificate<'a>,
    issuer: X509Certificate<'a>,
}

impl<'a> Pair<'a> {
    fn read(asked: &Asked<'a>) -> Option<Self> {
        let (_, subject) = X509Certificate::from_der(asked.subject).ok()?;
        let (_, issuer) = X509Certificate::from_der(asked.issuer).ok()?;
        Some(Self { subject, issuer })
    }
}

fn unusable(fault: RevocationFault, why: &str) -> RevocationStatus {
    RevocationStatus::Unusable { fault, why: why.to_owned() }
}

/// Whether the dates of a list or an answer let it speak at this time.
fn dates(this: OffsetDateTime, next: Option<OffsetDateTime>, at: OffsetDateTime) -> Option<RevocationStatus> {
    if this > at + SKEW {
        return Some(unusable(RevocationFault::NotYetValid, &format!("it is of {this}, which is to come")));
    }
    let next = next.filter(|next| *next + SKEW < at)?;
    Some(unusable(RevocationFault::Expired, &format!("it ended on {next}, and no newer one was published")))
}

/// How a signature over a list or an answer came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    Right,
    Wrong,
    Unsupported,
}

/// Verifies the signature that stands behind a `signed` part: an `AlgorithmIdentifier`, a BIT STRING.
fn signature(signed: &[u8], algorithm: &[u8], bits: &[u8], key: &SubjectPublicKeyInfo<'_>) -> Signature {
    let (Ok((_, algorithm)), Ok((_, bits))) = (AlgorithmIdentifier::from_der(algorithm), BitString::from_der(bits))
    else {
        return Signature::Wrong;
    };
    match verify_signature(key, &algorithm, &bits, signed) {
        Ok(()) => Signature::Right,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Signature::Unsupported,
        Err(_) => Signature::Wrong,
    }
}

/// The reasons of RFC 5280 §5.3.1.
fn reason(code: &[u8]) -> Option<String> {
    const REASONS: [&str; 11] = [
        "unspecified",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "7",
        "removeFromCRL",
        "privilegeWithdrawn",
        "aACompromise",
    ];
    let [code] = code else { return None };
    let known = REASONS.get(usize::from(*code)).map(|name| (*name).to_owned());
    Some(known.unwrap_or_else(|| code.to_string()))
}
