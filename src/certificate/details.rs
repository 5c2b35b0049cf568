//! What a certificate says: the fields of RFC 5280 §4.1 and §4.2 that a report shows or a rule asks for.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};
use x509_parser::asn1_rs::{FromDer, Oid};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{DistributionPointName, GeneralName, KeyUsage, ParsedExtension, X509Extension};
use x509_parser::time::ASN1Time;

use super::alt_name::AltName;
use super::distinguished_name::DistinguishedName;
use super::oid::{CA_ISSUERS, EXTENSIONS, KEY_PURPOSES, OCSP, dotted, named};
use super::public_key::PublicKey;
use super::signature_algorithm::signature_algorithm;

/// The contents of a certificate. Hex is lower-case without separators; characters are as they came, so that whoever
/// shows them has to escape and to shorten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Details {
    /// 1, 2 or 3; one more than the wire's number.
    pub version: u32,
    /// Whom it is for: `C=US, O=Example Ltd, CN=www.example.com`, in the certificate's order, escaped as in RFC 4514.
    pub subject: String,
    /// The subject's most specific common name, not escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// Who signed it, written as `subject`.
    pub issuer: String,
    /// The octets of the serial number in hex as they came: with the leading `00` of a positive number whose first bit is
    /// set, and without it where a CA let the number be negative.
    pub serial: String,
    /// Valid from then on (RFC 3339, UTC).
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub not_before: OffsetDateTime,
    /// Valid until then, that second included (RFC 3339, UTC).
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub not_after: OffsetDateTime,
    /// The names of the extension subjectAltName, in its order.
    pub subject_alt_names: Vec<AltName>,
    /// The key it is about.
    pub public_key: PublicKey,
    /// How it was signed: `sha256WithRSAEncryption`, `rsassaPss with sha256` …, dotted where the name is not known.
    pub signature_algorithm: String,
    /// SHA-256 of the `SubjectPublicKeyInfo` in DER, which key pins are made of.
    pub spki_sha256: String,
    /// `digitalSignature` … in the order of RFC 5280 §4.2.1.3; empty where nothing restricts the use.
    pub key_usage: Vec<String>,
    /// `serverAuth` …, dotted where the name is not known; empty where nothing restricts the use.
    pub extended_key_usage: Vec<String>,
    /// May sign certificates, as basicConstraints has it.
    pub is_ca: bool,
    /// How many CAs may come below this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_len: Option<u32>,
    /// Where its revocation list is.
    pub crl_urls: Vec<String>,
    /// Who tells whether it is revoked.
    pub ocsp_urls: Vec<String>,
    /// Where its issuer's certificate is.
    pub aia_urls: Vec<String>,
    /// Free text for whoever looks at it (Netscape's comment), not escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The name that issuers have for this key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_key_id: Option<String>,
    /// The name that the issuer has for its own key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_key_id: Option<String>,
    /// SHA-256 of the subject in DER: names are the same if this is, whatever their text.
    pub subject_sha256: String,
    /// SHA-256 of the issuer in DER.
    pub issuer_sha256: String,
    /// Extensions that are there and could not be read: what they would have said is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable_extensions: Vec<UnreadableExtension>,
}

/// An extension that is there and could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnreadableExtension {
    /// `subjectAltName` …, or dotted.
    pub extension: String,
    /// Why.
    pub why: String,
    /// Its octets in hex.
    pub value: String,
}

impl Details {
    pub(super) fn read(certificate: &X509Certificate<'_>) -> Result<Self, X509Error> {
        let subject = DistinguishedName::read(certificate.subject.as_raw())?;
        let mut details = Self {
            version: certificate.version.0.saturating_add(1),
            subject: subject.text,
            common_name: subject.common_name,
            issuer: DistinguishedName::read(certificate.issuer.as_raw())?.text,
            serial: hex::encode(certificate.raw_serial()),
            not_before: utc(certificate.validity.not_before)?,
            not_after: utc(certificate.validity.not_after)?,
            subject_alt_names: Vec::new(),
            public_key: PublicKey::read(&certificate.subject_pki),
            signature_algorithm: signature_algorithm(&certificate.signature_algorithm),
            spki_sha256: sha256(certificate.subject_pki.raw),
            key_usage: Vec::new(),
            extended_key_usage: Vec::new(),
            is_ca: false,
            path_len: None,
            crl_urls: Vec::new(),
            ocsp_urls: Vec::new(),
            aia_urls: Vec::new(),
            comment: None,
            subject_key_id: None,
            authority_key_id: None,
            subject_sha256: sha256(certificate.subject.as_raw()),
            issuer_sha256: sha256(certificate.issuer.as_raw()),
            unreadable_extensions: Vec::new(),
        };
        let mut seen = HashSet::new();
        for extension in certificate.extensions() {
            if seen.insert(&extension.oid) {
                details.add(extension);
            } else {
                // RFC 5280 §4.2 forbids it, and clients differ in which one they believe.
                details.add_unreadable(extension, "the extension is there more than once".to_owned());
            }
        }
        Ok(details)
    }

    fn add(&mut self, extension: &X509Extension<'_>) {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                self.subject_alt_names = names.general_names.iter().map(AltName::read).collect();
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = key_usage(*usage),
            // Read anew for the order, which the parser does not keep.
            ParsedExtension::ExtendedKeyUsage(_) => match <Vec<Oid<'_>>>::from_der(extension.value) {
                Ok((_, purposes)) => {
                    self.extended_key_usage = purposes.iter().map(|purpose| named(purpose, KEY_PURPOSES)).collect();
                }
                Err(error) => self.add_unreadable(extension, X509Error::from(error).to_string()),
            },
            ParsedExtension::BasicConstraints(constraints) => {
                self.is_ca = constraints.ca;
                self.path_len = constraints.path_len_constraint;
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                        self.crl_urls.extend(names.iter().filter_map(url));
                    }
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    match dotted(&description.access_method).as_str() {
                        OCSP => self.ocsp_urls.extend(url(&description.access_location)),
                        CA_ISSUERS => self.aia_urls.extend(url(&description.access_location)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::NsCertComment(comment) => self.comment = Some((*comment).to_owned()),
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(hex::encode(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| hex::encode(id.0));
            }
            ParsedExtension::ParseError { error } => {
                self.add_unreadable(extension, X509Error::from(error.clone()).to_string());
            }
            _ => {}
        }
    }

    fn add_unreadable(&mut self, extension: &X509Extension<'_>, why: String) {
        self.unreadable_extensions.push(UnreadableExtension {
            extension: named(&extension.oid, EXTENSIONS),
            why,
            value: hex::encode(extension.value),
        });
    }
}

fn sha256(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}

fn utc(time: ASN1Time) -> Result<OffsetDateTime, X509Error> {
    time.to_datetime().checked_to_offset(UtcOffset::UTC).ok_or(X509Error::InvalidDate)
}

/// The bits of `KeyUsage` by name (RFC 5280 §4.2.1.3).
fn key_usage(usage: KeyUsage) -> Vec<String> {
    [
        ("digitalSignature", usage.digital_signature()),
        ("nonRepudiation", usage.non_repudiation()),
        ("keyEncipherment", usage.key_encipherment()),
        ("dataEncipherment", usage.data_encipherment()),
        ("keyAgreement", usage.key_agreement()),
        ("keyCertSign", usage.key_cert_sign()),
        ("cRLSign", usage.crl_sign()),
        ("encipherOnly", usage.encipher_only()),
        ("decipherOnly", usage.decipher_only()),
    ]
    .into_iter()
    .filter(|(_, set)| *set)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// A location if it is a URL; `#` and its octets in hex if those are not text.
fn url(location: &GeneralName<'_>) -> Option<String> {
    match location {
        GeneralName::URI(url) => Some((*url).to_owned()),
        GeneralName::Invalid(tag, octets) if tag.0 == 6 => Some(format!("#{}", hex::encode(octets))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, KeyPair};
    use time::format_description::well_known::Rfc3339;

    use super::super::testdata::{der, details};
    use super::super::{Certificate, Contents};
    use super::*;

    #[test]
    fn serials_are_the_octets_that_came() {
        assert_eq!(details("odd/serial-high-bit.pem").serial, "00fedcba98");
        assert_eq!(details("odd/serial-negative.pem").serial, "fefe", "-0x0102 in two's complement");
        assert_eq!(details("odd/serial-100-bytes.pem").serial, "7f".repeat(100));
    }

    #[test]
    fn alternative_names_of_every_form_tell_themselves_apart() {
        let names: Vec<_> = details("odd/alt-names.pem").subject_alt_names.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "DNS:alt.example.com",
                "DNS:*.wild.example.com",
                "IP:192.0.2.7",
                "IP:2001:db8::7",
                "URI:https://alt.example.com/a:b#c",
                "email:admin@example.com",
                "RID:1.2.3.4",
                "otherName(1.3.6.1.4.1.311.20.2.3)#a0140c1261646d696e40636f72702e6578616d706c65",
                r"DirName:C=DE, CN=Directory\, Name",
            ]
        );
    }

    #[test]
    fn usages_keep_their_order_and_the_unknown_stay_dotted() {
        let read = details("odd/usages.pem");
        assert_eq!(
            read.key_usage,
            [
                "digitalSignature",
                "nonRepudiation",
                "keyEncipherment",
                "dataEncipherment",
                "keyAgreement",
                "keyCertSign",
                "cRLSign",
                "encipherOnly",
                "decipherOnly",
            ]
        );
        assert_eq!(read.extended_key_usage, ["1.3.6.1.4.1.311.10.3.6", "clientAuth", "serverAuth"]);
        assert_eq!(read.crl_urls, ["http://crl.example.com/a.crl", "http://crl.example.com/b.crl"]);
        assert_eq!(read.ocsp_urls, ["http://ocsp.example.com/"]);
        assert_eq!(read.aia_urls, ["http://aia.example.com/ca.crt"]);
    }

    #[test]
    fn a_ca_says_that_it_is_one_and_how_many_may_follow() {
        let ca = details("odd/name-constraints.pem");
        assert_eq!((ca.is_ca, ca.path_len), (true, Some(1)));
        assert_eq!(ca.key_usage, ["keyCertSign", "cRLSign"]);
        let old = details("odd/version-1.pem");
        assert_eq!((old.version, old.is_ca, old.path_len), (1, false, None));
    }

    /// `file` with the first occurrence of `from` replaced by `to`, of the same length.
    fn patched(file: &str, from: &[u8], to: &[u8]) -> Certificate {
        assert_eq!(from.len(), to.len());
        let mut der = der(file);
        let at = der.windows(from.len()).position(|octets| octets == from).unwrap();
        der[at..at + to.len()].copy_from_slice(to);
        Certificate::read(&der)
    }

    #[test]
    fn times_of_odd_forms_are_read_or_refused_and_never_guessed() {
        const LAST: &[u8] = b"\x18\x0f99991231235959Z";
        let unreadable = || Err("invalid date".to_owned());
        for (form, read) in [
            (b"\x18\x0f00000101000000Z", Ok("0000-01-01T00:00:00Z")),
            (b"\x18\x0f202612312359.5Z", unreadable()),
            (b"\x18\x0f20261231235960Z", unreadable()),
            (b"\x18\x0f20260230000000Z", unreadable()),
            (b"\x18\x0f2026123123+0100", unreadable()),
            (b"\x18\x0f202612312359590", unreadable()),
            (b"\x17\x0f2612310030+0100", unreadable()),
            (b"\x04\x0f99991231235959Z", unreadable()),
        ] {
            let certificate = patched("odd/no-expiration.pem", LAST, form);
            let found = match &certificate.contents {
                Contents::Readable(details) => Ok(details.not_after.format(&Rfc3339).unwrap()),
                Contents::Unreadable { unreadable } => Err(unreadable.clone()),
            };
            assert_eq!(found, read.map(str::to_owned), "{}", String::from_utf8_lossy(form));
        }
    }

    #[test]
    fn a_time_with_an_offset_is_told_in_utc() {
        let certificate = patched(
            "odd/no-expiration.pem",
            b"\x17\x0d500101000000Z\x18\x0f99991231235959Z",
            b"\x17\x0b5001010000Z\x17\x11261231003000+0100",
        );
        let read = certificate.details().unwrap();
        assert_eq!(read.not_before.format(&Rfc3339).unwrap(), "1950-01-01T00:00:00Z");
        assert_eq!(read.not_after.format(&Rfc3339).unwrap(), "2026-12-30T23:30:00Z");
    }

    #[test]
    fn a_host_name_that_is_not_utf8_is_kept_as_octets() {
        let certificate = patched("odd/alt-names.pem", b"*.wild", b"*.wi\xffd");
        let names = &certificate.details().unwrap().subject_alt_names;
        assert_eq!(names[1].to_string(), format!("DNS#{}", hex::encode(b"*.wi\xffd.example.com")));
        assert_eq!(names.len(), 9);
    }

    /// A certificate for `name`, with extensions of this identifier and these octets besides.
    fn with_extensions(names: &[&str], identifier: &[u64], values: &[&[u8]]) -> Details {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.custom_extensions =
            values.iter().map(|value| CustomExtension::from_oid_content(identifier, value.to_vec())).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = Certificate::read(parameters.self_signed(&key).unwrap().der());
        certificate.details().unwrap().clone()
    }

    #[test]
    fn an_extension_that_cannot_be_read_is_said_to_be_there() {
        let read = with_extensions(&[], &[2, 5, 29, 17], &[&[0x30, 0x7f, 0x82]]);
        assert_eq!(read.subject_alt_names, []);
        let [unreadable] = &read.unreadable_extensions[..] else { panic!("{read:?}") };
        assert_eq!((unreadable.extension.as_str(), unreadable.value.as_str()), ("subjectAltName", "307f82"));
    }

    #[test]
    fn an_extension_given_twice_counts_once_and_is_said() {
        let another = b"\x30\x0a\x82\x08evil.com";
        let read = with_extensions(&["good.example.com"], &[2, 5, 29, 17], &[another]);
        assert_eq!(read.subject_alt_names, [AltName::Dns("good.example.com".to_owned())]);
        let [unreadable] = &read.unreadable_extensions[..] else { panic!("{read:?}") };
        assert_eq!(unreadable.why, "the extension is there more than once");
    }

    #[test]
    fn an_extension_that_nobody_knows_is_no_trouble() {
        let read = with_extensions(&["good.example.com"], &[1, 2, 3, 4], &[b"anything"]);
        assert_eq!(read.unreadable_extensions, []);
    }
}
