//! What was learned of a chain beyond the handshake: revocation, fetched certificates, the end of their dates, and the
//! flags in which WinHTTP would put it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::RevocationStatus;
use crate::outcome::{Answer, Outcome};

/// A certificate that was fetched because the server left it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FetchedIssuer {
    /// Where it was fetched.
    pub url: String,
    /// The way that was taken: `direct` or `proxy`.
    pub route: String,
    /// Where redirects led on the way to the end, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<String>,
    /// The subject of what came; null where no certificate did.
    pub subject: Option<String>,
    /// How the request ended.
    #[serde(flatten)]
    pub end: FetchEnd,
}

/// How a request for something that a certificate names ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "fetch", rename_all = "snake_case")]
pub enum FetchEnd {
    /// It came.
    Fetched {
        /// Its octets.
        bytes: usize,
        /// How long it took.
        total_ms: f64,
    },
    /// An answer came, with another status than 200, or cut off.
    Status {
        /// The status code.
        status: u16,
        /// The reason phrase, or what was wrong with the answer.
        reason: String,
    },
    /// None came.
    Ended {
        /// How, by stage and kind.
        outcome: Outcome,
    },
    /// This machine could not ask.
    Failed {
        /// Why not.
        error: String,
    },
    /// It leads somewhere that is not followed: to `https`, which Windows does not follow either, or on and on.
    LeadsAway {
        /// Where it leads.
        location: String,
    },
    /// It is longer than is read here. Windows may read more.
    TooLong {
        /// As much as would have been read.
        bytes: usize,
    },
    /// It was not asked for: the URL is none that HTTP can fetch.
    NotHttp,
    /// It was not asked for: the run had ended, or asks for no more.
    NotAsked,
}

impl FetchEnd {
    /// The same in a few words.
    pub fn in_brief(&self) -> String {
        match self {
            Self::Fetched { bytes, .. } => format!("{bytes} bytes"),
            Self::Status { status, reason } => format!("status {status} {reason}").trim_end().to_owned(),
            Self::Ended { outcome: Outcome { stage, answer, .. } } => match answer {
                Answer::NameNotResolved { reason } => format!("name not resolved ({})", reason.word()),
                Answer::ProxyStatus(status) => format!("the proxy answered {} {}", status.status, status.reason),
                answer => format!("{} at {}", answer.kind(), stage.word()),
            },
            Self::Failed { error } => error.clone(),
            Self::LeadsAway { location } => format!("it leads to {location}, which is not followed"),
            Self::TooLong { bytes } => format!("longer than the {bytes} bytes that are read here"),
            Self::NotHttp => "not published by http".to_owned(),
            Self::NotAsked => "not asked".to_owned(),
        }
    }
}

impl FetchEnd {
    /// Whether this end is what a client would meet as well. What this machine could not do or did not ask for is no
    /// word on what a client gets, and nor is a proxy's demand for credentials: a client may have what it wants.
    pub fn tells(&self) -> bool {
        match self {
            Self::Fetched { .. } => true,
            Self::Status { status, .. } => *status != PROXY_AUTHENTICATION_REQUIRED,
            Self::Ended { outcome } => !matches!(
                &outcome.answer,
                Answer::ProxyStatus(answer) if answer.status == PROXY_AUTHENTICATION_REQUIRED
            ),
            Self::LeadsAway { .. } | Self::TooLong { .. } | Self::Failed { .. } | Self::NotHttp | Self::NotAsked => {
                false
            }
        }
    }
}

/// RFC 9110 §15.5.8.
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// Whether certificates of the chain are revoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Revocation {
    /// The worst of all.
    pub verdict: RevocationVerdict,
    /// Each certificate of the path but its root, leaf first.
    pub certificates: Vec<CertificateRevocation>,
}

/// Whether one certificate is revoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRevocation {
    /// Its subject.
    pub certificate: String,
    /// Its SHA-1.
    pub sha1: String,
    /// What its sources come to.
    pub verdict: RevocationVerdict,
    /// The same in a line.
    pub why: String,
    /// What each source said, or how it could not be had.
    pub sources: Vec<RevocationSource>,
}

/// What the sources of a certificate come to; the order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevocationVerdict {
    /// One that can be relied on says that it is revoked.
    Revoked,
    /// One could be had and none of them can be relied on.
    Unusable,
    /// None could be had.
    Unreachable,
    /// The certificate names sources, none of them by `http`: a client outside its domain has no way to them.
    NotPublishedOnHttp,
    /// Nothing was fetched: `--revocation` was not given, or the issuer is not known, or the run ended before; and nothing
    /// stapled told.
    NotAsked,
    /// What this machine could not ask, or can't judge, may be what a client relies on.
    CouldNotTell,
    /// The certificate names no source at all.
    NoSource,
    /// One that can be relied on says that it is not revoked.
    Good,
}

impl RevocationVerdict {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Unusable => "unusable",
            Self::Unreachable => "unreachable",
            Self::NotPublishedOnHttp => "not_published_on_http",
            Self::NotAsked => "not_asked",
            Self::CouldNotTell => "could_not_tell",
            Self::NoSource => "no_source",
            Self::Good => "good",
        }
    }

    /// Whether a client that checks revocation has found none of what it needs.
    pub fn fails_the_check(self) -> bool {
        matches!(self, Self::Unusable | Self::Unreachable | Self::NotPublishedOnHttp)
    }
}

/// One source of revocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RevocationSource {
    /// Its kind.
    pub by: SourceKind,
    /// Where it is; null for what the server sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The way that was taken: `direct` or `proxy`; null where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Where redirects led on the way to the end, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<String>,
    /// How it was had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<FetchEnd>,
    /// What it says, where it was had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RevocationStatus>,
}

/// Kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An OCSP answer that the server sent along (RFC 6066 §8).
    StapledOcsp,
    /// An OCSP responder (RFC 6960).
    Ocsp,
    /// A revocation list (RFC 5280 §5).
    Crl,
}

impl SourceKind {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::StapledOcsp => "stapled OCSP answer",
            Self::Ocsp => "OCSP",
            Self::Crl => "CRL",
        }
    }
}

/// The flags of a secure failure of WinHTTP that this chain, or the handshake, would bring about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WinhttpFlags {
    /// Their sum, as logs print it behind `lpvStatusInformation`: `0x00000009`.
    pub value: String,
    /// Their names without `WINHTTP_CALLBACK_STATUS_FLAG_`, the lowest bit first.
    pub names: Vec<String>,
    /// The stores that were asked, which `INVALID_CA` rests on.
    pub stores: Vec<String>,
    /// Faults of the chain for which the flag is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_known: Vec<String>,
}

/// A certificate whose end is near or past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expiry {
    /// Its subject.
    pub certificate: String,
    /// Its SHA-1.
    pub sha1: String,
    /// Its last second.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub not_after: OffsetDateTime,
    /// Whole days that remain; negative when it is past.
    pub days_left: i64,
    /// How near.
    pub state: ExpiryState,
}

/// How near a certificate's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryState {
    /// Within `--expiry-warn` days.
    Soon,
    /// Within `--expiry-critical` days.
    Critical,
    /// Past.
    Ended,
}
