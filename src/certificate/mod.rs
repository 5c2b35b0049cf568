//! Certificates as peers send them, read into plain serializable data, and what one can tell from that data alone.
//!
//! Reading never fails: bytes that are no certificate keep their hashes and the reason, and the rest of a chain goes on.
//! What stands in a report of a certificate is what it says of itself. `trust` knows stores and verifies with `signed`, and
//! `revocation` reads what others say of it; fetching that is no matter of this module.

mod alt_name;
mod collection;
mod der;
mod details;
mod distinguished_name;
mod name;
mod oid;
mod order;
mod public_key;
mod recent;
mod revocation;
mod signature_algorithm;
mod signed;
#[cfg(test)]
mod testdata;
mod trust;
mod validity;

use std::sync::Arc;

use pem::{EncodeConfig, LineEnding, Pem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer;

pub use alt_name::{AltName, NotAnAltName};
pub use collection::certificates_in;
pub use details::{Details, UnreadableExtension};
use distinguished_name::DistinguishedName;
pub use name::{NameMatch, names_host};
pub use order::{ChainOrder, chain_order, split_by_path};
pub use public_key::PublicKey;
pub use revocation::{Asked, RevocationFault, RevocationStatus};
pub use trust::{
    Case as TrustCase, Judged, StoreError, TrustProblem, TrustStore, TrustVerdict, Verdict, judge, known_root,
};
pub use validity::{Validity, validity};

/// One certificate of a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// SHA-1 of the DER in lower-case hex: the "thumbprint" that Windows shows.
    pub sha1: String,
    /// SHA-256 of the DER in lower-case hex.
    pub sha256: String,
    /// Octets of the DER.
    pub length: usize,
    /// What it says.
    #[serde(flatten)]
    pub contents: Contents,
    /// The whole certificate (RFC 7468 §5), where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
}

/// What a certificate says, or why that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Contents {
    /// It is an X.509 certificate. Shared: endpoints send the same ones again and again.
    Readable(Arc<Details>),
    /// It is not, or breaks the rules of DER in a place that matters.
    Unreadable {
        /// Why, in the parser's words.
        unreadable: String,
    },
}

impl Certificate {
    /// Reads the octets that a peer sent as one certificate.
    ///
    /// What was read of late is not read again: many endpoints send the same intermediates, and one endpoint its own
    /// chain on every connection. That shows nowhere but in the time it takes.
    pub fn read(der: &[u8]) -> Self {
        let sha256 = Sha256::digest(der).into();
        recent::get(&sha256).unwrap_or_else(|| {
            let certificate = Self::read_anew(der, &sha256);
            recent::put(sha256, &certificate);
            certificate
        })
    }

    fn read_anew(der: &[u8], sha256: &[u8; 32]) -> Self {
        Self {
            sha1: hex::encode(Sha1::digest(der)),
            sha256: hex::encode(sha256),
            length: der.len(),
            contents: match read_details(der) {
                Ok(details) => Contents::Readable(Arc::new(details)),
                Err(unreadable) => Contents::Unreadable { unreadable },
            },
            pem: None,
        }
    }

    /// The same with its PEM; `der` is what it was read from.
    #[must_use]
    pub fn with_pem(mut self, der: &[u8]) -> Self {
        let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
        self.pem = Some(pem::encode_config(&Pem::new("CERTIFICATE", der), lines));
        self
    }

    /// The most specific common name of the subject.
    pub fn common_name(&self) -> Option<&str> {
        self.details()?.common_name.as_deref()
    }

    /// What it says, where it is readable.
    pub fn details(&self) -> Option<&Details> {
        match &self.contents {
            Contents::Readable(details) => Some(details),
            Contents::Unreadable { .. } => None,
        }
    }
}

/// A distinguished name in DER as text, or in hex where it can't be read: an authority of a `CertificateRequest`.
pub fn distinguished_name(der: &[u8]) -> String {
    DistinguishedName::read(der).map_or_else(|_| format!("#{}", hex::encode(der)), |name| name.text)
}

fn read_details(der: &[u8]) -> Result<Details, String> {
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|error| X509Error::from(error).to_string())?;
    if !rest.is_empty() {
        // A TLS client takes the whole vector as one certificate and refuses this, as OpenSSL does ("cert length mismatch").
        return Err(format!("{} bytes follow the certificate", rest.len()));
    }
    Details::read(&certificate).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use time::format_description::well_known::Rfc3339;

    use super::testdata::{certificate, der, details, files, table};
    use super::*;

    #[test]
    fn a_readable_certificate_is_flat_beside_its_hashes() {
        let leaf = certificate("leafs/api.cdp.microsoft.com-2023.pem");
        assert_eq!(
            serde_json::to_value(&leaf).unwrap(),
            json!({
                "sha1": "ac537736b6a962e6d66def4e92bf86b05e84b8e5",
                "sha256": "7a87ec28d4f04ef78cdda5f0a69ad13368da3550b66bfc31a9737834812b1a0d",
                "length": 1594,
                "version": 3,
                "subject": "C=US, ST=WA, L=Redmond, O=Microsoft, OU=DSP, CN=api.cdp.microsoft.com",
                "common_name": "api.cdp.microsoft.com",
                "issuer": "C=US, ST=Washington, L=Redmond, O=Microsoft Corporation, \
                           CN=Microsoft Update Secure Server CA 2.1",
                "serial": "33000001edc2980afc3f669ece0000000001ed",
                "not_before": "2023-09-07T19:13:21Z",
                "not_after": "2024-09-07T19:13:21Z",
                "subject_alt_names": [
                    "DNS:api.cdp.microsoft.com",
                    "DNS:*.api.cdp.microsoft.com",
                    "DNS:*.backend.api.cdp.microsoft.com",
                ],
                "public_key": {"algorithm": "RSA", "bits": 2048},
                "signature_algorithm": "sha256WithRSAEncryption",
                "spki_sha256": "6f22da2511180b8ac5ac691d8ed089596a729e4a7b1bd5ce1fb03683a0b914e3",
                "key_usage": ["digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment"],
                "extended_key_usage": ["serverAuth"],
                "is_ca": false,
                "crl_urls": [
                    "http://www.microsoft.com/pkiops/crl/Microsoft%20Update%20Secure%20Server%20CA%202.1.crl",
                ],
                "ocsp_urls": [],
                "aia_urls": [
                    "http://www.microsoft.com/pkiops/certs/Microsoft%20Update%20Secure%20Server%20CA%202.1.crt",
                ],
                "subject_key_id": "5ba6063da726122fc1b063d6c1a1819a522b424f",
                "authority_key_id": "d2f23d8474861b5085aa5de5a5079af047d32e69",
                "subject_sha256": "6d6e3110592572d7b4f5ce669e6e13b1807623e098a0269c89122fd7bc0f713e",
                "issuer_sha256": "ebfd17f00cdc9a506db6e25c622006c93fdbb36f9b69770845829753cd8957f8",
            })
        );
    }

    #[test]
    fn real_certificates_say_what_is_known_of_them() {
        let rows = table("facts.csv");
        assert_eq!(rows.len(), 19);
        for row in rows {
            let file = row["file"].as_str();
            let certificate = certificate(file);
            assert_eq!((&certificate.sha1, &certificate.sha256), (&row["sha1"], &row["sha256"]), "{file}");
            assert_eq!(certificate.common_name(), Some(row["subject_cn"].as_str()), "{file}");
            let details = details(file);
            assert!(details.issuer.ends_with(&format!("CN={}", row["issuer_cn"])), "{file}: {}", details.issuer);
            assert_eq!(details.not_before.date().to_string(), row["not_before"], "{file}");
            assert_eq!(details.not_after.date().to_string(), row["not_after"], "{file}");
            let PublicKey { algorithm, bits, curve } = details.public_key;
            let size = curve.unwrap_or_else(|| bits.unwrap().to_string());
            assert_eq!(format!("{algorithm} {size}"), row["public_key"], "{file}");
            let signature = details.signature_algorithm.to_lowercase();
            assert!(signature.contains(&row["signature_hash"]), "{file}: {signature}");
            assert_eq!(details.unreadable_extensions, [], "{file}");
        }
    }

    #[test]
    fn every_certificate_reads_as_openssl_reads_it() {
        let rows = table("openssl.csv");
        let mut recorded: Vec<_> = rows.iter().map(|row| row["file"].clone()).collect();
        recorded.sort();
        assert_eq!(recorded, files().collect::<Vec<_>>());
        for row in rows {
            let file = row["file"].as_str();
            let (read, hashes) = (details(file), certificate(file));
            assert_eq!((&hashes.sha1, &hashes.sha256), (&row["sha1"], &row["sha256"]), "{file}");
            assert_eq!(read.version.to_string(), row["version"], "{file}");
            assert_eq!(read.subject, row["subject"], "{file}");
            assert_eq!(read.issuer, row["issuer"], "{file}");
            assert_eq!(read.not_before.format(&Rfc3339).unwrap(), row["not_before"], "{file}");
            assert_eq!(read.not_after.format(&Rfc3339).unwrap(), row["not_after"], "{file}");
            assert_eq!(read.spki_sha256, row["spki_sha256"], "{file}");
            assert_eq!(read.ocsp_urls.join("\n"), row["ocsp_urls"], "{file}");
            assert_eq!(read.subject_key_id.unwrap_or_default(), row["subject_key_id"], "{file}");
            // OpenSSL writes the number, not its octets.
            if !row["serial"].starts_with('-') {
                assert_eq!(read.serial.strip_prefix("00").unwrap_or(&read.serial), row["serial"], "{file}");
            }
            // It tells no size for Ed25519, and has names for more curves.
            if let (Some(bits), false) = (read.public_key.bits, row["bits"].is_empty()) {
                assert_eq!(bits.to_string(), row["bits"], "{file}");
            }
            let algorithm = read.signature_algorithm.to_lowercase().replace('-', "_");
            assert!(algorithm.starts_with(&row["signature_algorithm"].to_lowercase().replace('-', "_")), "{file}");
        }
    }

    #[test]
    fn an_authority_is_text_or_hex() {
        let name = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'x'];
        assert_eq!(distinguished_name(&name), "CN=x");
        assert_eq!(distinguished_name(&[1, 2]), "#0102");
    }

    #[test]
    fn bytes_that_are_no_certificate_keep_their_hashes_and_the_reason_and_nothing_else() {
        let json = serde_json::to_value(Certificate::read(b"junk")).unwrap();
        let Value::Object(mut members) = json else { panic!("no object") };
        assert!(!members.remove("unreadable").unwrap().as_str().unwrap().is_empty());
        assert_eq!(
            Value::Object(members),
            json!({
                "sha1": "c911297212d955d650502555d84de2c922b6e4f9",
                "sha256": "ef875a1705a5fdac206be996f4dc1f726ea6b68861eb741c37def7277f179e37",
                "length": 4,
            })
        );
    }

    #[test]
    fn bytes_after_the_certificate_make_it_unreadable() {
        let mut der = der("odd/ed25519.pem");
        der.extend([0, 0]);
        let Contents::Unreadable { unreadable } = Certificate::read(&der).contents else { panic!("read") };
        assert_eq!(unreadable, "2 bytes follow the certificate");
    }

    #[test]
    fn every_certificate_reads_back_from_its_json_and_fits_its_schema() {
        let schema = serde_json::to_value(schemars::schema_for!(Certificate)).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let unreadable = Certificate::read(b"junk");
        for certificate in files().map(|file| certificate(&file)).chain([unreadable]) {
            let json = serde_json::to_value(&certificate).unwrap();
            assert!(schema.is_valid(&json), "{json}");
            assert_eq!(serde_json::from_value::<Certificate>(json).unwrap(), certificate);
        }
        assert!(!schema.is_valid(&json!({"sha1": "", "sha256": "", "length": 1})));
    }

    #[test]
    fn pem_is_the_file_it_came_from() {
        let file = "leafs/api.cdp.microsoft.com-2023.pem";
        let certificate = certificate(file).with_pem(&der(file));
        assert_eq!(certificate.pem.as_deref(), Some(testdata::text(file).as_str()));
        assert_eq!(certificate.common_name(), Some("api.cdp.microsoft.com"));
    }

    proptest! {
        #[test]
        fn never_panics_and_always_reads_back(
            file in proptest::sample::select(files().collect::<Vec<_>>()),
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8),
            kept in proptest::option::of(any::<proptest::sample::Index>()),
        ) {
            let mut der = der(&file);
            for (index, octet) in changes {
                let index = index.index(der.len());
                der[index] = octet;
            }
            if let Some(kept) = kept {
                der.truncate(kept.index(der.len()));
            }
            let certificate = Certificate::read(&der);
            if let Some(details) = certificate.details() {
                names_host(details, "www.example.com");
                validity(details, time::OffsetDateTime::UNIX_EPOCH);
            }
            let json = serde_json::to_string(&certificate).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Certificate>(&json).unwrap(), &certificate);
            chain_order(&[certificate.clone(), certificate]);
        }

        #[test]
        fn never_panics_on_any_bytes(der in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(Certificate::read(&der).length, der.len());
        }
    }
}
