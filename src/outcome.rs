//! What the peer did, and the record of one exchange that proves it.

mod ftp;
mod http;
mod server;
#[cfg(test)]
pub(crate) mod testing;
pub mod told;
mod windows_codes;

pub use ftp::{FtpDataConnection, FtpExchange, FtpReply};
pub use http::{HttpExchange, HttpResponse, sub_status, wants_certificate};
pub use server::{
    CertificateRequested, CertificatesState, Choice, KeyExchange, NamedCipherSpec, NamedSuite, Prime, Server,
    Signature, Ssl2Server,
};
pub use windows_codes::WindowsError;

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::offer::OfferSummary;
use crate::question::ResumeBy;
use crate::wire::handshake::HandshakeType;

/// How far an exchange had come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Looking up the target's name.
    Resolve,
    /// The TCP handshake.
    Connect,
    /// From looking up the proxy's name to its tunnel: what ends here is the proxy's doing, or happened on the way to it.
    Proxy,
    /// From the open connection to where the server lets TLS begin, in a protocol that starts in the clear.
    Starttls,
    /// From our ClientHello to the peer's first answer to it.
    Hello,
    /// Between the peer's ServerHello and the end of its first flight, or of the handshake where it is finished.
    Handshake,
    /// From our request in HTTP to the end of its answer.
    Http,
}

impl Stage {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Starttls => "starttls",
            Self::Hello => "hello",
            Self::Handshake => "handshake",
            Self::Http => "http",
        }
    }
}

/// How an exchange ended: by stage and kind, with the details that tell one ending from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "OutcomeJson", into = "OutcomeJson")]
pub struct Outcome {
    /// How far it had come.
    pub stage: Stage,
    /// What the peer did there.
    pub answer: Answer,
    /// The last handshake message of ours before an end at stage `handshake`: `finished` stands for all of its flight.
    pub after_message: Option<HandshakeType>,
}

/// How an exchange ended, and what Windows makes of that.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Outcome")]
struct OutcomeJson {
    /// How far it had come.
    stage: Stage,
    /// What the peer did there.
    #[serde(flatten)]
    answer: Answer,
    /// The last handshake message of ours before an end at stage `handshake`: `finished` stands for all of its flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after_message: Option<HandshakeType>,
    /// The errors that a Windows client reports where its own exchange ends like this. They follow from the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    windows_codes: Vec<WindowsError>,
}

impl From<Outcome> for OutcomeJson {
    fn from(outcome: Outcome) -> Self {
        let windows_codes = outcome.windows_codes();
        let Outcome { stage, answer, after_message } = outcome;
        Self { stage, answer, after_message, windows_codes }
    }
}

impl From<OutcomeJson> for Outcome {
    fn from(OutcomeJson { stage, answer, after_message, .. }: OutcomeJson) -> Self {
        Self { stage, answer, after_message }
    }
}

impl Outcome {
    /// What the peer did at that stage.
    pub fn new(stage: Stage, answer: Answer) -> Self {
        Self { stage, answer, after_message: None }
    }

    /// The errors that a Windows client reports where its own exchange ends like this, the best known first.
    pub fn windows_codes(&self) -> Vec<WindowsError> {
        windows_codes::of(self)
    }

    /// The name of the last of our messages before it, where one was written and has a name.
    pub fn after_message(&self) -> Option<&'static str> {
        self.after_message.and_then(HandshakeType::name)
    }

    /// Whether the way ended at the proxy, so that nothing is known of the endpoint.
    pub fn ended_at_the_proxy(&self) -> bool {
        self.stage == Stage::Proxy
    }
}

/// The closed list of endings. The words are the same in code, text, JSON and metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// Accepted: a ServerHello, and the rest of the flight as far as it can be read without keys.
    ServerHello {
        /// Bytes that came in all.
        received_bytes: usize,
        /// Why the handshake went no further, where it was to be finished and this client can't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_finished: Option<String>,
    },
    /// Accepted, given a key share of another group (RFC 8446 §4.1.4).
    HelloRetryRequest {
        /// Whether it carried a cookie.
        cookie: bool,
    },
    /// Accepted, to the end of the handshake.
    Completed {
        /// Bytes that came in all.
        received_bytes: usize,
        /// Whether an older session was resumed.
        resumed: bool,
        /// What shows that the peer took our part of it.
        confirmed_by: ConfirmedBy,
        /// HTTP's status and reason, where a request was sent: `200 OK`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status_line: Option<String>,
    },
    /// Refused in TLS (RFC 8446 §6).
    Alert {
        /// `warning` or `fatal`, or the number where it is neither.
        level: String,
        /// The number of the alert's description.
        code: u8,
        /// The registered name of that number, if it has one.
        name: Option<String>,
        /// What followed the alert.
        then: AfterAlert,
        /// From our last write to the alert.
        after_ms: f64,
    },
    /// Refused in TCP by RST, from the peer or something on the path.
    Reset {
        /// Bytes that had come before.
        received_bytes: usize,
        /// From our last write.
        after_ms: f64,
    },
    /// Refused in TCP by FIN.
    Fin {
        /// Bytes that had come before.
        received_bytes: usize,
        /// From our last write.
        after_ms: f64,
    },
    /// Nothing more before the deadline. Silence is not a refusal.
    Timeout {
        /// What had not come.
        waiting_for: String,
        /// Bytes that had come before.
        received_bytes: usize,
        /// How long it was waited for.
        after_ms: f64,
        /// What the system's TCP knew then; null where it does not tell.
        tcp: Option<TcpState>,
    },
    /// RST in answer to our SYN.
    Refused {
        /// From our SYN.
        after_ms: f64,
    },
    /// No way to the address.
    Unreachable {
        /// The system's words.
        error: String,
    },
    /// The name led to no address.
    NameNotResolved {
        /// How the look-up ended.
        reason: ResolveFailure,
    },
    /// The proxy answered CONNECT itself.
    ProxyStatus(ProxyStatus),
    /// The server answered in its own protocol that it does not begin TLS.
    StarttlsRefused {
        /// The protocol's code for it.
        code: String,
        /// Its words.
        reply: String,
    },
    /// The answer is not TLS.
    NotTls {
        /// Its first bytes, in hex.
        first_bytes: String,
        /// What it seems to be.
        looks_like: Option<String>,
    },
    /// The answer began as TLS, or as a proxy's protocol, but breaks its rules.
    Malformed {
        /// The field that is wrong.
        field: String,
        /// The byte at which it stands, counted from the start of its record, message or header.
        offset: usize,
        /// What would have been right.
        expected: String,
    },
}

impl Answer {
    /// The word in JSON, in text and in metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ServerHello { .. } => "server_hello",
            Self::HelloRetryRequest { .. } => "hello_retry_request",
            Self::Completed { .. } => "completed",
            Self::Alert { .. } => "alert",
            Self::Reset { .. } => "reset",
            Self::Fin { .. } => "fin",
            Self::Timeout { .. } => "timeout",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::NameNotResolved { .. } => "name_not_resolved",
            Self::ProxyStatus(_) => "proxy_status",
            Self::StarttlsRefused { .. } => "starttls_refused",
            Self::NotTls { .. } => "not_tls",
            Self::Malformed { .. } => "malformed",
        }
    }

    /// Whether the peer refused the hello, in TLS or in TCP.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Alert { .. } | Self::Reset { .. } | Self::Fin { .. })
    }

    /// Whether the peer took up the hello.
    pub fn accepts(&self) -> bool {
        matches!(self, Self::ServerHello { .. } | Self::HelloRetryRequest { .. } | Self::Completed { .. })
    }
}

/// What shows that the peer took our part of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// Its Finished, which comes behind ours in a full handshake up to TLS 1.2.
    Finished,
    /// A ticket behind our Finished.
    Ticket,
    /// Application data behind our Finished.
    ApplicationData,
    /// Nothing was said against it in the time that was waited. TLS 1.3 demands no more (RFC 8446 §4.4.4).
    Silence,
}

/// A proxy's own answer, in place of a tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyStatus {
    /// What it spoke.
    pub protocol: ProxyProtocol,
    /// HTTP's status code (RFC 9110 §15); of SOCKS the code of the reply (RFC 1928 §6), of the method where none was
    /// acceptable (§3), or of the user's refusal (RFC 1929 §2).
    pub status: u16,
    /// HTTP's reason phrase as it came; of SOCKS what the code says.
    pub reason: String,
    /// The schemes of authentication that it offers, in its order and spelling.
    pub auth_schemes: Vec<String>,
    /// The schemes that we tried with our credentials before this answer came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth_tried: Vec<String>,
    /// Why a scheme that is offered and allowed was not tried, where this machine could not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auth_not_tried: Vec<String>,
    /// The header fields, in order.
    pub headers: Vec<HeaderField>,
    /// The first bytes of the body, as text.
    pub body_start: String,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProxyProtocol {
    /// HTTP.
    Http,
    /// SOCKS 5.
    Socks5,
}

/// One field of an HTTP header (RFC 9110 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderField {
    /// Its name, as it was spelled.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl HeaderField {
    /// One as it came. A value whose line goes on in the next one has a space in place of the break (RFC 9112 §5.2).
    pub fn as_it_came(field: &httparse::Header<'_>) -> Self {
        let value = String::from_utf8_lossy(field.value);
        let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
        Self { name: field.name.to_owned(), value: lines.collect::<Vec<_>>().join(" ") }
    }

    /// How fields are read: what WinHTTP takes is taken, so that what a client gets is seen here too. Lines that go on with
    /// the one before (RFC 9112 §5.2), spaces before the colon, lines that are no field.
    pub fn lenient() -> httparse::ParserConfig {
        let mut lenient = httparse::ParserConfig::default();
        lenient.allow_obsolete_multiline_headers_in_responses(true);
        lenient.allow_spaces_after_header_name_in_responses(true);
        lenient.ignore_invalid_headers_in_responses(true);
        lenient
    }
}

/// What came behind an alert, within a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterAlert {
    /// The peer closed.
    Fin,
    /// The peer reset the connection.
    Reset,
    /// Nothing: the connection stayed open.
    Open,
}

/// How a look-up ended without an address (RFC 1035 §4.1.1, RFC 2308).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolveFailure {
    /// The name does not exist.
    Nxdomain,
    /// The name exists, but has no address of the kind asked for.
    NoAddress,
    /// The resolver answered with an error.
    ServerFailure,
    /// The resolver did not answer in time.
    Timeout,
}

impl ResolveFailure {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nxdomain => "nxdomain",
            Self::NoAddress => "no_address",
            Self::ServerFailure => "server_failure",
            Self::Timeout => "timeout",
        }
    }

    /// Whether it says something of the name, and not just of the resolver.
    pub fn is_about_the_name(self) -> bool {
        matches!(self, Self::Nxdomain | Self::NoAddress)
    }
}

/// What the system's TCP knew of a silent connection (Linux `TCP_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TcpState {
    /// Segments that the peer has not acknowledged.
    pub unacked: u32,
    /// Retransmissions of the segment that is still not acknowledged.
    pub retransmits: u32,
}

/// One question and all that came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Number within its report, from 1, in the order of asking.
    pub id: usize,
    /// What the asker wanted to know.
    pub purpose: String,
    /// The hello that was sent, or was to be. Shared: very many endpoints are sent the same.
    #[serde(serialize_with = "told::serialize_offer")]
    pub offer: Arc<OfferSummary>,
    /// How it ended.
    pub outcome: Outcome,
    /// What the server chose, if it said so.
    pub server: Option<Server>,
    /// The server's certificates, leaf first.
    #[serde(serialize_with = "told::serialize_certificates")]
    pub certificates: Vec<Certificate>,
    /// Whether its certificates could be seen.
    pub certificates_state: CertificatesState,
    /// The server's request for a client certificate, if one came.
    pub certificate_request: Option<CertificateRequested>,
    /// Warnings among the answer; they end nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warning_alerts: Vec<WarningAlert>,
    /// What the handshake left for a later one to resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionLeft>,
    /// How a second handshake on the connection ended, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renegotiation: Option<Box<Outcome>>,
    /// The request for a client certificate that came when something was asked of the server, and not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_certificate_request: Option<Box<LateCertificateRequest>>,
    /// How the answer began when `/` was asked for to see whether the server then asks who we are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Box<ContentAnswer>>,
    /// What a server of SSL 2.0 answered, where that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl2: Option<Ssl2Server>,
    /// The HTTP request that was to be sent, and its answer; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Box<HttpExchange>>,
    /// What was said of FTP once the connection was open, and the data connection that came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ftp: Option<Box<FtpExchange>>,
    /// When things happened.
    pub timing_ms: Timing,
    /// The bytes themselves (`--evidence bytes`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// What a completed handshake left for a later one to resume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionLeft {
    /// What the session can be named by.
    pub by: Vec<ResumeBy>,
    /// How long the server means to take its ticket, in seconds; null where it does not say.
    pub lifetime_s: Option<u64>,
    /// How many bytes of early data its ticket of TLS 1.3 allows, 0 being none (RFC 8446 §4.6.1); null without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_early_data: Option<u32>,
}

/// A request for a client certificate that came when the handshake was over, and something was asked of the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LateCertificateRequest {
    /// How it was made.
    pub by: AskedBy,
    /// What it says.
    pub request: CertificateRequested,
    /// How the connection went on from there.
    pub outcome: Outcome,
}

/// How the answer to a plain HTTP request began, on a connection that was opened for something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContentAnswer {
    /// How it went on behind the request.
    pub outcome: Outcome,
    /// The status, where the answer is HTTP.
    pub status: Option<u16>,
    /// Whether its first bytes say that it is for want of a client certificate: the status 496, IIS's sub-status 403.7,
    /// or nginx's words.
    pub wants_certificate: bool,
}

impl ContentAnswer {
    /// Reads the first bytes of it.
    pub fn of(outcome: Outcome, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let wants_certificate = status.is_some_and(|status| wants_certificate(status, &text));
        Self { outcome, status, wants_certificate }
    }
}

/// How a server asks for a client certificate after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// By another handshake, up to TLS 1.2 (RFC 5246 §7.4.1.1).
    Renegotiation,
    /// By a request alone, in TLS 1.3 (RFC 8446 §4.6.2).
    PostHandshake,
}

impl AskedBy {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Renegotiation => "renegotiation",
            Self::PostHandshake => "post_handshake",
        }
    }
}

/// A warning, which ends nothing (RFC 5246 §7.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarningAlert {
    /// The number of the alert's description.
    pub code: u8,
    /// The registered name of that number, if it has one.
    pub name: Option<String>,
    /// `hello` if it came before the ServerHello, `handshake` if behind it.
    pub stage: Stage,
}

/// A time as reports give it: milliseconds, to the microsecond, which is as fine as a socket's times are.
pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// When things happened, in milliseconds; null where it came to none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// The name's look-up; only the first exchange with a target has one.
    pub resolve: Option<f64>,
    /// The TCP handshake, with the proxy if there is one.
    pub connect: Option<f64>,
    /// From the open connection to the proxy to its tunnel, or to the end.
    pub proxy: Option<f64>,
    /// From there to where the server let TLS begin, or to the end; absent where TLS begins at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starttls: Option<f64>,
    /// From our hello to the first byte back.
    pub first_byte: Option<f64>,
    /// From our hello to the end of the handshake on our side, where it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<f64>,
    /// The whole exchange, the look-up included.
    pub total: f64,
}

/// The bytes of an exchange, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What we wrote.
    pub sent: String,
    /// What came back.
    pub received: String,
    /// Where the two took turns, in bytes: so much was written, and so much came before more was. What is left of both is
    /// the last turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<EvidenceTurn>,
    /// The request over HTTP and its answer without what carried them; absent where none was sent, or nothing carried
    /// them, so that they stand above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_data: Option<ApplicationData>,
}

/// What was written, and what came before more was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceTurn {
    /// Bytes that we wrote.
    pub sent: usize,
    /// Bytes that came back.
    pub received: usize,
}

/// What went to and fro inside TLS, or in the clear to a proxy that forwards it, in hex. The secrets that say who we are
/// (a token, a proxy's credentials) are left out of both, with `[redacted]` in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicationData {
    /// What we wrote.
    pub sent: String,
    /// What came back.
    pub received: String,
    /// Whether that is all of it: of a long answer only the beginning is kept.
    pub is_whole: bool,
}
