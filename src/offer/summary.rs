//! What a report says of a hello, read from the bytes that were sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprints::Fingerprints;
use super::{Imitated, Offer};
use crate::registry::{ApplicationProtocol, CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::Wire;
use crate::wire::extension::{Extension, Extensions, KeyShare, SupportedVersions};
use crate::wire::handshake::{ClientHello, FirstHello};
use crate::wire::ssl2::{Ssl2ClientHello, Ssl2Record};

/// A hello as it went out. Bytes that are no ClientHello (`--hello-hex`) have a length and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfferSummary {
    /// The client it imitates.
    pub profile: Option<String>,
    /// How well that client's hello is known: `bytes-captured`, `documented-by-Microsoft`, `observed-by-third-party`,
    /// `inferred` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_confidence: Option<String>,
    /// What the profile rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_source: Option<String>,
    /// Version in the first record's header.
    pub record_version: Option<ProtocolVersion>,
    /// Version in the hello.
    pub legacy_version: Option<ProtocolVersion>,
    /// The `supported_versions` extension; empty where it was not sent.
    pub supported_versions: Vec<ProtocolVersion>,
    /// Cipher suites in order.
    pub cipher_suites: Vec<CipherSuite>,
    /// Whether `extended_master_secret` was offered (RFC 7627).
    pub extended_master_secret: bool,
    /// The name in `server_name`.
    pub server_name: Option<String>,
    /// Extension types in order.
    pub extensions: Vec<ExtensionType>,
    /// The `supported_groups` extension.
    pub groups: Vec<NamedGroup>,
    /// The groups a key share was sent for.
    pub key_shares: Vec<NamedGroup>,
    /// The `signature_algorithms` extension.
    pub signature_schemes: Vec<SignatureScheme>,
    /// Protocols in `application_layer_protocol_negotiation`; bytes that are no text are in hex.
    pub alpn: Vec<String>,
    /// Bytes on the wire, record headers included.
    pub length: usize,
    /// JA3 fingerprint of the hello.
    pub ja3: Option<String>,
    /// JA4 fingerprint of the hello.
    pub ja4: Option<String>,
}

impl OfferSummary {
    /// A hello that was built from an offer, `length` bytes long on the wire.
    pub fn of_hello(offer: &Offer, hello: &ClientHello, length: usize) -> Self {
        let mut summary = Self { length, ..Self::default() };
        if let Some(Imitated { name, confidence, source }) = offer.profile.clone() {
            (summary.profile, summary.profile_confidence, summary.profile_source) =
                (Some(name), Some(confidence), Some(source));
        }
        summary.with_hello(offer.record_version, hello)
    }

    /// Reads what was sent as exact bytes.
    pub fn of_bytes(sent: &[u8]) -> Self {
        let summary = Self { length: sent.len(), ..Self::default() };
        if let Ok(Some((record_version, hello))) = FirstHello::default().look(sent) {
            return summary.with_hello(record_version, &hello);
        }
        if let Ok(Some((record, _))) = Ssl2Record::parse(sent)
            && let Ok(hello) = Ssl2ClientHello::from_bytes(record.data)
        {
            return Self {
                // The form of the hello; the version that it offers stands in it.
                record_version: Some(ProtocolVersion::SSL2),
                legacy_version: Some(hello.version),
                cipher_suites: hello.cipher_specs.iter().filter_map(|spec| spec.cipher_suite()).collect(),
                ..summary
            };
        }
        summary
    }

    fn with_hello(mut self, record_version: ProtocolVersion, hello: &ClientHello) -> Self {
        self.record_version = Some(record_version);
        self.legacy_version = Some(hello.legacy_version);
        self.cipher_suites.clone_from(&hello.cipher_suites);
        let Fingerprints { ja3, ja4 } = Fingerprints::of(hello);
        (self.ja3, self.ja4) = (Some(ja3), Some(ja4));
        for extension in hello.extensions.iter().flat_map(|Extensions(all)| all) {
            self.extensions.push(extension.extension_type());
            match extension {
                Extension::ServerName(name) => self.server_name = name.host_name().map(readable),
                Extension::SupportedVersions(SupportedVersions::Offered(versions)) => {
                    self.supported_versions.clone_from(versions);
                }
                Extension::ExtendedMasterSecret => self.extended_master_secret = true,
                Extension::SupportedGroups(groups) => self.groups.clone_from(groups),
                Extension::SignatureAlgorithms(schemes) => self.signature_schemes.clone_from(schemes),
                Extension::KeyShare(KeyShare::Offered(shares)) => {
                    self.key_shares = shares.iter().map(|share| share.group).collect();
                }
                Extension::ApplicationLayerProtocolNegotiation(protocols) => {
                    self.alpn = protocols.iter().map(|protocol| readable(protocol)).collect();
                }
                _ => {}
            }
        }
        self
    }

    /// Whether it asks for what this name's own clients get; without a name, those that send none. A hello under another
    /// name, or under none, may be answered by another site, and an authority's by the certificate of a challenge
    /// (RFC 8737 §3).
    pub fn asks_for(&self, name: Option<&str>) -> bool {
        let is_an_authoritys = self.alpn.iter().any(|name| name == ApplicationProtocol::ACME_TLS_1);
        self.server_name.as_deref() == name && !is_an_authoritys
    }

    /// The highest version that it offers.
    pub fn highest_version(&self) -> Option<ProtocolVersion> {
        // A GREASE value is no version (RFC 8701 §3).
        let known = self.supported_versions.iter().copied().filter(|version| version.name().is_some());
        known.max().or(self.legacy_version)
    }
}

/// Text as it is, anything else in hex.
pub(crate) fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => format!("0x{}", hex::encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{FreshValues, Offer};
    use crate::registry::ProtocolVersion;

    fn summary(offer: &Offer) -> OfferSummary {
        let fresh = FreshValues { random: [0; 32], session_id: [0; 32], key_shares: Vec::new() };
        let sent = offer.records(Some("a.example"), &fresh);
        let of_bytes = OfferSummary::of_bytes(&sent);
        let hello = offer.client_hello(Some("a.example"), &fresh);
        assert_eq!(OfferSummary::of_hello(offer, &hello, sent.len()), of_bytes, "both ways tell the same");
        of_bytes
    }

    #[test]
    fn a_hello_is_summed_up_from_its_bytes() {
        let mut offer = Offer::modern();
        offer.record_split = 64;
        let summary = summary(&offer);
        assert_eq!(summary.record_version, Some(ProtocolVersion::TLS1_0));
        assert_eq!(summary.legacy_version, Some(ProtocolVersion::TLS1_2));
        assert_eq!(summary.supported_versions, [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
        assert_eq!(summary.cipher_suites, offer.cipher_suites);
        assert_eq!(summary.server_name.as_deref(), Some("a.example"));
        assert!(summary.extended_master_secret);
        assert!(summary.ja4.unwrap().starts_with("t13d"));
    }

    #[test]
    fn bytes_that_are_no_hello_have_a_length_alone() {
        let summary = OfferSummary::of_bytes(b"GET / HTTP/1.0\r\n\r\n");
        assert_eq!(summary, OfferSummary { length: 18, ..OfferSummary::default() });
    }

    #[test]
    fn grease_is_not_the_highest_version() {
        let mut offer = Offer::modern();
        offer.add_grease();
        assert_eq!(summary(&offer).highest_version(), Some(ProtocolVersion::TLS1_3));
    }
}
