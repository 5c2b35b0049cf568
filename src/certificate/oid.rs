//! Object identifiers: their dotted text, and the names of those that certificates carry.
//!
//! A name is the one that its RFC gives. An identifier without a row here is reported dotted, and is never lost.

use std::fmt::Write;

use x509_parser::asn1_rs::Oid;

/// Rows of dotted identifier and name.
pub(super) type Names = [(&'static str, &'static str)];

/// Attribute types of a distinguished name: RFC 4514 §3 where it has a short name, else the X.520 or PKCS #9 name.
pub(super) const ATTRIBUTE_TYPES: &Names = &[
    ("2.5.4.3", COMMON_NAME),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "GN"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// The attribute type `commonName` (X.520).
pub(super) const COMMON_NAME: &str = "CN";

/// Certificate extensions (RFC 5280 §4.2).
pub(super) const EXTENSIONS: &Names = &[
    ("2.5.29.14", "subjectKeyIdentifier"),
    ("2.5.29.15", "keyUsage"),
    ("2.5.29.17", SUBJECT_ALT_NAME),
    ("2.5.29.18", "issuerAltName"),
    ("2.5.29.19", "basicConstraints"),
    ("2.5.29.30", "nameConstraints"),
    ("2.5.29.31", "cRLDistributionPoints"),
    ("2.5.29.32", "certificatePolicies"),
    ("2.5.29.33", "policyMappings"),
    ("2.5.29.35", "authorityKeyIdentifier"),
    ("2.5.29.36", "policyConstraints"),
    ("2.5.29.37", "extKeyUsage"),
    ("2.5.29.54", "inhibitAnyPolicy"),
    ("1.3.6.1.5.5.7.1.1", "authorityInfoAccess"),
    ("1.3.6.1.5.5.7.1.11", "subjectInfoAccess"),
    ("1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestampList"),
];

/// The extension of RFC 5280 §4.2.1.6.
pub(super) const SUBJECT_ALT_NAME: &str = "subjectAltName";

/// Key purposes (RFC 5280 §4.2.1.12), and those of Microsoft and Netscape that TLS servers carry.
pub(super) const KEY_PURPOSES: &Names = &[
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("1.3.6.1.4.1.311.10.3.3", "msSGC"),
    ("2.16.840.1.113730.4.1", "nsSGC"),
];

/// Access methods of authorityInfoAccess (RFC 5280 §4.2.2.1).
pub(super) const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// See [`OCSP`].
pub(super) const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// Hash functions (RFC 4055 §2.1, RFC 8702).
pub(super) const HASHES: &Names = &[
    ("1.2.840.113549.2.5", "md5"),
    ("1.3.14.3.2.26", "sha1"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.16.840.1.101.3.4.2.3", "sha512"),
    ("2.16.840.1.101.3.4.2.4", "sha224"),
    ("2.16.840.1.101.3.4.2.6", "sha512-256"),
    ("2.16.840.1.101.3.4.2.8", "sha3-256"),
    ("2.16.840.1.101.3.4.2.9", "sha3-384"),
    ("2.16.840.1.101.3.4.2.10", "sha3-512"),
    ("2.16.840.1.101.3.4.2.11", "shake128"),
    ("2.16.840.1.101.3.4.2.12", "shake256"),
];

/// The identifier as text: `1.2.840.113549`, or `#` and its octets in hex where they are no identifier.
///
/// Not the parser's own text, which takes time quadratic in the length of an arc, and so of what a peer sent.
pub(super) fn dotted(oid: &Oid<'_>) -> String {
    let octets = oid.as_bytes();
    text_of_arcs(octets).unwrap_or_else(|| format!("#{}", hex::encode(octets)))
}

/// The name of the identifier in `names`, or its dotted text.
pub(super) fn named(oid: &Oid<'_>, names: &Names) -> String {
    let dotted = dotted(oid);
    names.iter().find(|(row, _)| *row == dotted).map_or(dotted, |(_, name)| (*name).to_owned())
}

/// The arcs of an identifier's contents octets (X.690 §8.19) with dots between, or `None` if one is cut short or has over
/// 126 bits.
fn text_of_arcs(octets: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(octets.len() * 4);
    for subidentifier in octets.split_inclusive(|octet| octet & 0x80 == 0) {
        if subidentifier.len() > 18 || subidentifier.last()? & 0x80 != 0 {
            return None;
        }
        let mut value = subidentifier.iter().fold(0_u128, |value, octet| value << 7 | u128::from(octet & 0x7f));
        if text.is_empty() {
            // The first subidentifier holds two arcs, and only under 2 may the second exceed 39.
            let first = (value / 40).min(2);
            text.push_str(if first == 0 {
                "0"
            } else if first == 1 {
                "1"
            } else {
                "2"
            });
            value -= 40 * first;
        }
        text.push('.');
        match u32::try_from(value) {
            Ok(value) => write!(text, "{value}").ok()?,
            Err(_) => write!(text, "{value}").ok()?,
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(octets: &[u8]) -> String {
        dotted(&Oid::new(octets.into()))
    }

    #[test]
    fn identifiers_read_as_x690_says() {
        assert_eq!(text(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]), "1.2.840.113549");
        assert_eq!(text(&[0x88, 0x37, 0x03]), "2.999.3", "the example of X.690 §8.19.5");
        assert_eq!(text(&[0x09]), "0.9");
    }

    #[test]
    fn octets_that_are_no_identifier_are_kept_in_hex() {
        assert_eq!(text(&[]), "#");
        assert_eq!(text(&[0x2a, 0x86]), "#2a86");
        let endless = [&[0xff; 19][..], &[0x01]].concat();
        assert_eq!(text(&endless), format!("#{}", hex::encode(&endless)));
    }

    #[test]
    fn an_identifier_without_a_row_stays_dotted() {
        let own = Oid::new([0x2a, 0x03][..].into());
        assert_eq!(named(&own, KEY_PURPOSES), "1.2.3");
        let server_auth = Oid::new([0x2b, 6, 1, 5, 5, 7, 3, 1][..].into());
        assert_eq!(named(&server_auth, KEY_PURPOSES), "serverAuth");
    }
}
