//! What a server chose, and what it showed of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::OfferSummary;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

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
    /// The application protocol chosen.
    pub alpn: Option<String>,
    /// Types of the extensions that TLS 1.3 sends encrypted (RFC 8446 §4.3.1), in the server's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encrypted_extensions: Vec<ExtensionType>,
    /// Whether this answers a second hello, which the server had asked for by a HelloRetryRequest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub after_hello_retry_request: bool,
    /// What came of its signature over the handshake; null where none was looked at, as without `--finish`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The compression method; 0 is none.
    pub compression_method: u8,
    /// Whether a stapled OCSP response came (RFC 6066 §8).
    pub ocsp_stapled: bool,
    /// The code of the fragment length that it agreed to in `max_fragment_length` (RFC 6066 §4): 1 is 512 bytes, 4 is 4096.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fragment_length: Option<u8>,
    /// The largest record that it takes, by `record_size_limit` (RFC 8449).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_size_limit: Option<u16>,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What came of checking a server's signature: in `ServerKeyExchange`, or in TLS 1.3 in `CertificateVerify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// The key of its certificate made it.
    Valid,
    /// That key did not make it.
    Invalid,
    /// It could not be checked: an unknown scheme, or a certificate that can't be read.
    Unknown,
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

/// A cipher of SSL 2.0 as code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedCipherSpec {
    /// `0x010080`.
    pub code: String,
    /// The draft's name, or the code again where there is none.
    pub name: String,
}

/// What a server of SSL 2.0 says in its `SERVER-HELLO`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ssl2Server {
    /// The version that it names.
    pub version: ProtocolVersion,
    /// The ciphers that it accepts of those that were offered; the client chooses.
    pub cipher_specs: Vec<NamedCipherSpec>,
    /// Bytes in its connection id.
    pub connection_id_length: usize,
}

/// A cipher suite as `0xC030`.
mod hex_code {
    use super::CipherSuite;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes a reference")]
    pub(super) fn serialize<S: Serializer>(suite: &CipherSuite, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&suite.in_hex())
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
    /// What is known of the prime of a Diffie-Hellman group of the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prime: Option<Prime>,
    /// The scheme of the signature in `ServerKeyExchange` (TLS 1.2) or `CertificateVerify` (TLS 1.3).
    pub signature_scheme: Option<SignatureScheme>,
}

/// The prime of a Diffie-Hellman group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prime {
    /// What it is called, where many servers have it; else null.
    pub name: Option<String>,
    /// Whether it is a prime at all; null where that could not be told in a moment.
    pub is_prime: Option<bool>,
}

/// Whether the server's certificates could be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificatesState {
    /// They came in the clear and stand in `certificates`.
    Read,
    /// They come encrypted by keys that are not there: TLS 1.3, and a hello whose private keys are not known.
    Encrypted,
    /// None came.
    #[default]
    NotSent,
    /// A Certificate message came that breaks the rules.
    Unreadable,
}

/// A `CertificateRequest` (RFC 5246 §7.4.4, RFC 8446 §4.3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateRequested {
    /// Certificate types that the server accepts, as numbers (RFC 5246 §7.4.4); TLS 1.3 names none.
    pub certificate_types: Vec<u8>,
    /// Signature schemes that it accepts (TLS 1.2 and later).
    pub signature_schemes: Vec<SignatureScheme>,
    /// Distinguished names of the authorities it names.
    pub authorities: Vec<String>,
    /// Whether our answer held a certificate; null where there was no answer.
    #[serde(default)]
    pub certificate_sent: Option<bool>,
}
