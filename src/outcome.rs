//! What the peer did, and the record of one exchange that proves it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::offer::OfferSummary;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

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
    /// From our ClientHello to the peer's first answer to it.
    Hello,
    /// Between the peer's ServerHello and the end of its first flight.
    Handshake,
}

impl Stage {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Hello => "hello",
            Self::Handshake => "handshake",
        }
    }
}

/// How an exchange ended: by stage and kind, with the details that tell one ending from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// How far it had come.
    pub stage: Stage,
    /// What the peer did there.
    #[serde(flatten)]
    pub answer: Answer,
}

impl Outcome {
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
    },
    /// Accepted, given a key share of another group (RFC 8446 §4.1.4).
    HelloRetryRequest {
        /// Whether it carried a cookie.
        cookie: bool,
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
            Self::Alert { .. } => "alert",
            Self::Reset { .. } => "reset",
            Self::Fin { .. } => "fin",
            Self::Timeout { .. } => "timeout",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::NameNotResolved { .. } => "name_not_resolved",
            Self::ProxyStatus(_) => "proxy_status",
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
        matches!(self, Self::ServerHello { .. } | Self::HelloRetryRequest { .. })
    }
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
    /// The hello that was sent, or was to be.
    pub offer: OfferSummary,
    /// How it ended.
    pub outcome: Outcome,
    /// What the server chose, if it said so.
    pub server: Option<Server>,
    /// The server's certificates, leaf first.
    pub certificates: Vec<Certificate>,
    /// Whether its certificates could be seen.
    pub certificates_state: CertificatesState,
    /// The server's request for a client certificate, if one came in the clear.
    pub certificate_request: Option<CertificateRequested>,
    /// Warnings among the answer; they end nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warning_alerts: Vec<WarningAlert>,
    /// When things happened.
    pub timing_ms: Timing,
    /// The bytes themselves (`--evidence bytes`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
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

/// What the server chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// The version both sides would speak: `supported_versions` if it was sent, else `legacy_version`.
    pub version: ProtocolVersion,
    /// The suite.
    pub cipher_suite: NamedSuite,
    /// What of these the hello did not offer, against RFC 5246 appendix E.1 and RFC 8446 §4.1.3: whatever else the
    /// answer says, it is no acceptance of the hello.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_offered: Vec<Choice>,
    /// Extension types in the server's order.
    pub extensions: Vec<ExtensionType>,
    /// Whether `extended_master_secret` came back (RFC 7627 §5.2).
    pub extended_master_secret: bool,
    /// Bytes in `session_id`.
    pub session_id_length: usize,
    /// How keys would be agreed; null if the flight did not show it.
    pub key_exchange: Option<KeyExchange>,
    /// The application protocol chosen in the clear.
    pub alpn: Option<String>,
    /// The compression method; 0 is none.
    pub compression_method: u8,
    /// Whether a stapled OCSP response came (RFC 6066 §8).
    pub ocsp_stapled: bool,
    /// JA3S fingerprint of the ServerHello.
    pub ja3s: String,
}

impl Server {
    /// Notes which of the choices the hello did not offer. A server that does not know `supported_versions` goes by
    /// `legacy_version`, and may choose that or anything below.
    pub fn compare_with(&mut self, offer: &OfferSummary) {
        let Some(legacy_version) = offer.legacy_version else { return };
        let by_legacy = (ProtocolVersion::SSL3..=legacy_version).contains(&self.version);
        let version = by_legacy || offer.supported_versions.contains(&self.version);
        let suite = offer.cipher_suites.contains(&self.cipher_suite.code);
        let choices = [(version, Choice::Version), (suite, Choice::CipherSuite)];
        self.not_offered = choices.into_iter().filter(|(offered, _)| !offered).map(|(_, choice)| choice).collect();
    }
}

/// Something that a ServerHello chooses out of the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The version.
    Version,
    /// The suite.
    CipherSuite,
}

/// A suite as code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedSuite {
    /// `0xC030`.
    #[serde(with = "hex_code")]
    #[schemars(with = "String")]
    pub code: CipherSuite,
    /// The registered name, or the code again where there is none.
    pub name: String,
}

impl From<CipherSuite> for NamedSuite {
    fn from(code: CipherSuite) -> Self {
        Self { code, name: code.to_string() }
    }
}

/// A cipher suite as `0xC030`.
mod hex_code {
    use super::CipherSuite;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes a reference")]
    pub(super) fn serialize<S: Serializer>(suite: &CipherSuite, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&suite.hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CipherSuite, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        u16::from_str_radix(digits, 16).map(CipherSuite).map_err(D::Error::custom)
    }
}

/// How keys would be agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyExchange {
    /// `rsa`, `dhe`, `ecdhe`, `hybrid`, or the registry's word for another.
    pub kind: String,
    /// The named group; null for RSA, and for a Diffie-Hellman group of the server's own.
    pub group: Option<NamedGroup>,
    /// The size of the group, or of the RSA key of the leaf.
    pub bits: Option<u32>,
    /// The scheme of the `ServerKeyExchange` signature (TLS 1.2).
    pub signature_scheme: Option<SignatureScheme>,
}

/// Whether the server's certificates could be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificatesState {
    /// They came in the clear and stand in `certificates`.
    Read,
    /// They come encrypted, as always in TLS 1.3.
    Encrypted,
    /// None came.
    #[default]
    NotSent,
    /// A Certificate message came that breaks the rules.
    Unreadable,
}

/// A `CertificateRequest` seen in the clear (RFC 5246 §7.4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRequested {
    /// Certificate types that the server accepts, as numbers (RFC 5246 §7.4.4).
    pub certificate_types: Vec<u8>,
    /// Signature schemes that it accepts (TLS 1.2).
    pub signature_schemes: Vec<SignatureScheme>,
    /// Distinguished names of the authorities it names.
    pub authorities: Vec<String>,
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
    /// From our hello to the first byte back.
    pub first_byte: Option<f64>,
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
}

/// Exchanges for tests of what reads them.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// An exchange that ended so.
    pub(crate) fn ended(id: usize, stage: Stage, answer: Answer) -> Exchange {
        Exchange {
            id,
            purpose: "test".to_owned(),
            offer: OfferSummary::default(),
            outcome: Outcome { stage, answer },
            server: None,
            certificates: Vec::new(),
            certificates_state: CertificatesState::NotSent,
            certificate_request: None,
            warning_alerts: Vec::new(),
            timing_ms: Timing::default(),
            evidence: None,
        }
    }

    /// An exchange refused by a fatal alert.
    pub(crate) fn alert(id: usize, code: u8) -> Exchange {
        let answer =
            Answer::Alert { level: "fatal".to_owned(), code, name: None, then: AfterAlert::Fin, after_ms: 21.0 };
        ended(id, Stage::Hello, answer)
    }

    /// An exchange in which the server chose this.
    pub(crate) fn accepted(id: usize, version: ProtocolVersion, suite: CipherSuite) -> Exchange {
        let mut exchange = ended(id, Stage::Hello, Answer::ServerHello { received_bytes: 100 });
        exchange.offer.cipher_suites = vec![suite];
        exchange.server = Some(Server {
            version,
            cipher_suite: suite.into(),
            not_offered: Vec::new(),
            extensions: Vec::new(),
            extended_master_secret: false,
            session_id_length: 0,
            key_exchange: None,
            alpn: None,
            compression_method: 0,
            ocsp_stapled: false,
            ja3s: String::new(),
        });
        exchange
    }
}
