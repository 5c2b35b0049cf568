//! What the probes learned of an endpoint: known, could not be told and why, or not asked.

mod address_difference;
mod alias;
mod certificate_choice;
mod chain;
mod choices;
mod extended_master_secret;
mod feature;
mod fingerprints;
mod ftp_data;
mod hello_size;
mod http;
mod leading_zero;
mod reflection;
mod refusal;
mod renegotiation;
mod repetition;
mod resumption;
mod route;
mod tolerance;

pub use address_difference::AddressDifference;
pub use alias::DnsAlias;
pub use certificate_choice::{CertificateChoice, NameAsked};
pub use choices::{ApplicationProtocols, Choices, ChoicesOfVersion, DheGroup, Groups, UnknownProtocol};
pub use extended_master_secret::{
    Compliance, EmsHandshake, ExtendedMasterSecret, Failed, MasterSecretDerivation, ResumptionCell, WindowsClient,
};
pub use feature::{Feature, FeatureState};
pub use fingerprints::{FingerprintedHello, Fingerprints};
pub use ftp_data::{FtpData, FtpTransfer, SessionReuse, TransferResult};
pub use hello_size::{HelloSize, HelloSplit, hello_size_key};
pub use leading_zero::{LeadingZero, ZeroHandshake, ZeroVerdict};
pub use reflection::{Change, Difference, Digest, Reflection, ReflectionVerdict};
pub use refusal::{Refusal, Variation};
pub use renegotiation::{ClientInitiated, Renegotiation};
pub use repetition::{Repetition, Share, Spread, interval_95};
pub use resumption::{Attempts, Resumption};
pub use route::{RouteComparison, RouteProof, RouteReason, RouteVerdict};
pub use tolerance::{Tolerance, Toleration};

pub use http::{HttpObservation, TokenObservation, http_key};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::certificate::TrustVerdict;
use crate::outcome::{NamedCipherSpec, NamedSuite, Outcome};
use crate::registry::{ProtocolVersion, SignatureScheme};

pub use chain::{
    CertificateRevocation, Expiry, ExpiryState, FetchEnd, FetchedIssuer, Revocation, RevocationSource,
    RevocationVerdict, SourceKind, WinhttpFlags,
};

/// Everything observed of one endpoint. A member that no probe asked about is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Observations {
    /// The question that opened and closed the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Each version asked about.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Support>")]
    pub versions: BTreeMap<ProtocolVersion, Support>,
    /// Suites, by the version they were asked in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, SuiteSupport>")]
    pub cipher_suites: BTreeMap<ProtocolVersion, SuiteSupport>,
    /// What became of the hellos of the machine under diagnosis: `sync`, `import`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub legs: BTreeMap<String, LegObservation>,
    /// The server's request for a client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_request: Option<CertificateRequest>,
    /// What the endpoint makes of `extended_master_secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_master_secret: Option<ExtendedMasterSecret>,
    /// How often it resumes sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumption: Option<Resumption>,
    /// What becomes of secrets that begin with zeros.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leading_zero: Option<LeadingZero>,
    /// What it makes of the wish to negotiate again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renegotiation: Option<Renegotiation>,
    /// What an FTP server makes of sessions on data connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ftp_data: Option<FtpData>,
    /// In which groups it agrees on keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// With which schemes it signs the handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_schemes: Option<Choices>,
    /// Which application protocols it chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<ApplicationProtocols>,
    /// Which certificate it sends, by what it is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateChoice>,
    /// What it has of the smaller extensions, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, Feature>,
    /// What it makes of odd hellos, by what is odd about them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tolerance: BTreeMap<String, Toleration>,
    /// What it looks like from afar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<Fingerprints>,
    /// What each trust store that was asked makes of the chain, by the store's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub trust: BTreeMap<String, TrustVerdict>,
    /// Certificates that the server left out and that were fetched from where its own say they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fetched_issuers: Vec<FetchedIssuer>,
    /// Whether certificates of the chain are revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
    /// The flags by which WinHTTP would say all that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winhttp_flags: Option<WinhttpFlags>,
    /// Certificates of the chain whose end is near or past.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expiry: Vec<Expiry>,
    /// Where the host's name leads in DNS; asked of a gateway, whose service name is an alias of its deployment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_alias: Option<DnsAlias>,
    /// What became of the hello on its way to a reflector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reflection: Option<Reflection>,
    /// At which size of the hello the answer changes, by the way it is sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hello_size: Vec<HelloSize>,
    /// Other addresses of the host that answer otherwise (`--ip all`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses_differ: Vec<AddressDifference>,
    /// Which hellos are too large for it, where suites were refused for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hello_limit: Option<HelloLimit>,
    /// Which part of the baseline's hello is refused, where it did not come through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// What the way through the proxy makes of TLS (`--compare-routes`). The reports of the two ways have the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteComparison>,
    /// That it was asked more slowly from some point on, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slowed_down: Option<SlowedDown>,
    /// What came of asking the same many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// What HTTP answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpObservation>,
    /// The token that went along with requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenObservation>,
    /// What the pack expects, and whether it holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<ExpectationResult>,
    /// What was asked and could not be told.
    pub inconclusive: Vec<Inconclusive>,
    /// The exchanges that each observation rests on, by its name: `versions.TLS1.2`.
    pub because: BTreeMap<String, Vec<usize>>,
}

impl Observations {
    /// Notes the exchanges on which an observation rests.
    pub fn rests_on(&mut self, what: &str, exchanges: &[usize]) {
        self.because.insert(what.to_owned(), exchanges.to_vec());
    }

    /// Notes that something could not be told.
    pub fn could_not_tell(&mut self, what: &str, why: &str, exchanges: &[usize]) {
        self.inconclusive.push(Inconclusive {
            what: what.to_owned(),
            why: why.to_owned(),
            because: exchanges.to_vec(),
        });
    }

    /// The exchanges on which an observation rests, whether it is known or could not be told.
    pub fn because(&self, what: &str) -> Vec<usize> {
        let known = self.because.get(what);
        let unknown = || self.inconclusive.iter().find(|entry| entry.what == what).map(|entry| &entry.because);
        known.or_else(unknown).cloned().unwrap_or_default()
    }
}

/// The name under which a version's observation stands.
pub fn version_key(version: ProtocolVersion) -> String {
    format!("versions.{version}")
}

/// The name under which a suite's observation stands.
pub fn suite_key(version: ProtocolVersion, suite: &NamedSuite) -> String {
    format!("cipher_suites.{version}.{}", suite.name)
}

/// The name under which the suites of a version stand together.
pub fn suites_key(version: ProtocolVersion) -> String {
    format!("cipher_suites.{version}")
}

/// Whether the endpoint takes something. An error is never a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It was offered and chosen.
    Accepted,
    /// It was offered and refused, by alert, RST, FIN or another choice.
    Refused,
    /// The answer does not tell.
    Inconclusive,
}

impl Support {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// The same question at the beginning and at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Kind of the first answer.
    pub opening: String,
    /// Kind of the last answer; null when it was not asked again.
    pub closing: Option<String>,
    /// False when the endpoint had answered at first and no longer did at the end.
    pub steady: bool,
}

/// The endpoint was in trouble during the run, so it was asked more slowly from there on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlowedDown {
    /// What showed it.
    pub why: String,
    /// How many questions were asked again, as exchanges of their own.
    pub asked_again: usize,
    /// The exchanges that were left without an answer then, and are not counted.
    pub because: Vec<usize>,
}

impl SlowedDown {
    /// For this reason; nothing was asked again yet.
    pub fn new(why: &str) -> Self {
        Self { why: why.to_owned(), asked_again: 0, because: Vec::new() }
    }
}

/// Suites of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteSupport {
    /// Accepted ones.
    pub accepted: Vec<NamedSuite>,
    /// Refused ones.
    pub refused: Vec<NamedSuite>,
    /// Those whose answer does not tell.
    pub inconclusive: Vec<NamedSuite>,
    /// Kind of the outcome by which suites were refused, when it was always the same.
    pub refusal: Option<String>,
    /// Whose order decides between suites; absent where that was not asked, or there is but one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<SuiteOrder>,
    /// Whether `accepted` is in the server's order from the first to the last; else only as far as the choices showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_is_whole: Option<bool>,
    /// How suites were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_by: Vec<RefusedBy>,
    /// Of SSL 2.0, whose codes have three bytes, the ciphers that the server lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cipher_specs: Vec<NamedCipherSpec>,
}

/// Whose order decides between suites that both sides have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteOrder {
    /// The server's.
    Server,
    /// The client's.
    Client,
    /// The server's, but where the client likes `ChaCha20` best.
    ServerChacha,
    /// The choices contradict each other, or do not tell.
    Inconclusive,
}

/// How some suites were refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedBy {
    /// Kind of the outcome.
    pub kind: String,
    /// The alert's code, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    /// How many suites.
    pub suites: usize,
    /// The exchanges.
    pub because: Vec<usize>,
}

/// A hello that is too large for the endpoint, whatever it offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloLimit {
    /// What about it is too much.
    pub of: HelloLimitKind,
    /// Suites of the largest hello that was answered.
    pub suites: usize,
    /// Its length in bytes.
    pub length: usize,
    /// Suites of the smallest hello that was not.
    pub refused_suites: usize,
    /// Its length in bytes.
    pub refused_length: usize,
    /// What came in place of an answer.
    pub answer: String,
    /// The two exchanges.
    pub because: Vec<usize>,
}

/// What about a hello is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HelloLimitKind {
    /// The number of suites.
    CipherSuites,
    /// The length in bytes.
    Length,
    /// That there are extensions.
    Extensions,
    /// The number of suites, or the length.
    CipherSuitesOrLength,
}

/// What became of one leg of the machine under diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegObservation {
    /// How it went.
    pub state: LegState,
    /// What came back, why nothing is sent, or what one would need to know.
    pub why: String,
    /// Why the leg sends this hello, each with its source.
    pub basis: Vec<String>,
    /// How well its hello is known; null where there is none.
    pub confidence: Option<String>,
    /// The exchange that shows it.
    pub because: Vec<usize>,
}

/// How a leg went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// The endpoint took up its hello.
    Accepted,
    /// The endpoint refused its hello.
    Refused,
    /// The answer does not tell.
    Inconclusive,
    /// The machine has no hello to send, and closes by itself after the TCP handshake.
    NotSent,
    /// Which hello the machine sends is not known.
    Unknown,
}

/// The server's request for a client certificate, as far as was seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRequest {
    /// Whether it asked; null where the flight can't be read.
    pub requested: Option<bool>,
    /// Whether it insists: in TLS, where it ends a handshake that brings no certificate, or by what it answers over HTTP
    /// once the handshake is complete; null where neither tells.
    pub required: Option<bool>,
    /// Whether it insists in TLS: false where a handshake without a certificate came to its end, and what it does with a
    /// request is another question; null where no handshake tells.
    #[serde(default)]
    pub required_in_tls: Option<bool>,
    /// When it asked: `first_handshake`; when something was asked of it, by `renegotiation` or `post_handshake`;
    /// `resumption` where it asked when a session was named, and not before.
    pub when: Option<String>,
    /// Distinguished names of the authorities it names.
    pub authorities: Vec<String>,
    /// Certificate types that it takes, as numbers (RFC 5246 §7.4.4); TLS 1.3 names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_types: Vec<u8>,
    /// Signature schemes that it takes (TLS 1.2 and later).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_schemes: Vec<SignatureScheme>,
    /// Whether it asked, or asked again, where a session was named; null where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_resumption: Option<bool>,
    /// How it ended a handshake in which it got no certificate, and behind which message of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_without_certificate: Option<Outcome>,
    /// The HTTP status by which it refused a request for want of a certificate, in a connection that it had let come
    /// about without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_with_status: Option<u16>,
}

/// One thing the pack expects, compared with what was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationResult {
    /// Stable name.
    pub id: String,
    /// What is expected, for a person.
    pub text: String,
    /// Whether it holds.
    pub state: State,
    /// Why it is broken or could not be told; what was seen when it holds.
    pub why: String,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// Where the expectation comes from.
    pub source: String,
    /// How well that source knows.
    pub confidence: String,
    /// The exchanges that prove it.
    pub because: Vec<usize>,
}

/// Whether an expectation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As expected.
    Held,
    /// Not as expected.
    Broken,
    /// Could not be told.
    Inconclusive,
}

/// Something asked that could not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inconclusive {
    /// Its name: `versions.TLS1.3`.
    pub what: String,
    /// Why not.
    pub why: String,
    /// The exchanges that did not tell.
    pub because: Vec<usize>,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something will fail, or already does for some.
    Warning,
    /// The client under diagnosis fails.
    Error,
}

impl Severity {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
