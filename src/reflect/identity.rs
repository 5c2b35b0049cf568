//! Whom the reflector answers as: a self-signed certificate for each hello, with what arrived in it.
//!
//! The report is the certificate's comment, Netscape's extension 2.16.840.1.113730.1.13: the one registered place in a
//! certificate for free text, which every tool prints (`openssl x509 -text`) and no client acts on. What the text is, its
//! schema word says.

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, KeyPair, SanType, SerialNumber};
use time::{Duration, OffsetDateTime};

use crate::crypto::RsaSigner;

const KEY: &str = include_str!("reflector.pem");

/// `netscape-comment`.
const COMMENT: [u64; 7] = [2, 16, 840, 1, 113_730, 1, 13];

/// The tag of an `IA5String`.
const IA5_STRING: u8 = 0x16;

/// The reflector's key, which is public: nobody is to believe a certificate of it.
pub(super) struct Identity {
    key: KeyPair,
    pub(super) signer: RsaSigner,
}

impl Identity {
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        let key = KeyPair::from_pem(KEY)?;
        let signer = RsaSigner::from_pkcs8(key.serialized_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Self { key, signer })
    }

    /// A certificate in DER for the name that was asked for, with this report in it.
    pub(super) fn certificate(
        &self,
        server_name: Option<&str>,
        report: &str,
        now: OffsetDateTime,
        serial: u64,
    ) -> Result<Vec<u8>, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "tlsprobe reflector");
        if let Some(name) = server_name.filter(|name| is_host_name(name)) {
            params.subject_alt_names = vec![SanType::DnsName(name.try_into()?)];
        }
        // Positive, and not zero (RFC 5280 §4.1.2.2).
        params.serial_number = Some(SerialNumber::from(serial >> 1 | 1));
        (params.not_before, params.not_after) = (now - Duration::days(1), now + Duration::days(30));
        params.custom_extensions = vec![CustomExtension::from_oid_content(&COMMENT, ia5_string(report))];
        Ok(params.self_signed(&self.key)?.der().to_vec())
    }
}

/// What may stand in a certificate: a peer chose it.
fn is_host_name(name: &str) -> bool {
    (1..=253).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// The DER of an ASCII text.
fn ia5_string(text: &str) -> Vec<u8> {
    let length = text.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0).unwrap_or(length.len());
    let octets = length.get(significant..).unwrap_or_default();
    let mut der = vec![IA5_STRING];
    match (octets, u8::try_from(octets.len())) {
        ([short], _) if *short < 0x80 => der.push(*short),
        // The long form: how many octets, and those (X.690 §8.1.3.5).
        (_, count) => {
            der.push(0x80 | count.unwrap_or_default());
            der.extend_from_slice(octets);
        }
    }
    der.extend_from_slice(text.as_bytes());
    der
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Certificate;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-01-01 0:00 UTC);

    #[test]
    fn a_certificate_carries_a_report_of_any_length_and_names_the_host_that_was_asked_for() {
        let identity = Identity::new().unwrap();
        for length in [1, 127, 128, 255, 256, 60_000] {
            let report = "x".repeat(length);
            let der = identity.certificate(Some("a.example"), &report, NOW, u64::MAX).unwrap();
            let read = Certificate::read(&der);
            let details = read.details().unwrap();
            assert_eq!(details.comment.as_deref(), Some(report.as_str()), "{length}");
            assert_eq!(details.unreadable_extensions, []);
            assert_eq!(details.subject_alt_names[0].to_string(), "DNS:a.example");
            assert_eq!(details.issuer, "CN=tlsprobe reflector");
        }
    }

    #[test]
    fn a_name_that_is_none_stays_out_of_the_certificate() {
        let identity = Identity::new().unwrap();
        for name in [None, Some(""), Some("a\0b"), Some("é.example"), Some("a b")] {
            let der = identity.certificate(name, "x", NOW, 0).unwrap();
            assert!(Certificate::read(&der).details().unwrap().subject_alt_names.is_empty(), "{name:?}");
        }
    }
}
