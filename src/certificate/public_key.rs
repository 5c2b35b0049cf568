//! Public keys: algorithm and size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use x509_parser::asn1_rs::{Any, FromDer, Integer, Oid, Tag};
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::oid::{Names, dotted, named};

/// The key that a certificate is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublicKey {
    /// `RSA`, `RSA-PSS`, `EC`, `DSA`, `Ed25519` …, or the dotted identifier of one not known here.
    pub algorithm: String,
    /// Its size as people name it: of the modulus for RSA, of p for DSA, of the group's order for EC, of the encoding
    /// for Ed25519 and its kin. None where the key does not say.
    pub bits: Option<usize>,
    /// The curve of an EC key, by the name of its TLS group; dotted if it has none, `explicit` if spelled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<String>,
}

/// RFC 3279 §2.3, RFC 4055, RFC 5480, RFC 8410, RFC 9881.
const ALGORITHMS: &Names = &[
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.10045.2.1", "EC"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10046.2.1", "DH"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// Curves by identifier: the name of the TLS group, and the bits of its order (RFC 5480 §2.1.1.1, RFC 5639, RFC 8998).
const CURVES: &[(&str, &str, usize)] = &[
    ("1.2.840.10045.3.1.1", "secp192r1", 192),
    ("1.2.840.10045.3.1.7", "secp256r1", 256),
    ("1.3.132.0.10", "secp256k1", 256),
    ("1.3.132.0.33", "secp224r1", 224),
    ("1.3.132.0.34", "secp384r1", 384),
    ("1.3.132.0.35", "secp521r1", 521),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512),
    ("1.2.156.10197.1.301", "curveSM2", 256),
];

impl PublicKey {
    pub(super) fn read(key: &SubjectPublicKeyInfo<'_>) -> Self {
        let algorithm = named(&key.algorithm.algorithm, ALGORITHMS);
        let parameters = key.algorithm.parameters.as_ref();
        let (bits, curve) = match algorithm.as_str() {
            "RSA" | "RSA-PSS" => (rsa_bits(&key.subject_public_key.data), None),
            "EC" => curve(parameters),
            "DSA" => (parameters.and_then(dsa_bits), None),
            "Ed25519" | "X25519" => (Some(256), None),
            "Ed448" => (Some(456), None),
            "X448" => (Some(448), None),
            _ => (None, None),
        };
        Self { algorithm, bits, curve }
    }
}

/// The bits of the modulus, the first part of an `RSAPublicKey` (RFC 8017 §A.1.1).
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let (_, key) = RSAPublicKey::from_der(key).ok()?;
    Some(bit_length(key.modulus))
}

/// The bits of p, the first of `Dss-Parms` (RFC 3279 §2.3.2); they may be the issuer's, and then are not here.
fn dsa_bits(parameters: &Any<'_>) -> Option<usize> {
    let (_, p) = Integer::from_der(parameters.data).ok()?;
    Some(bit_length(p.as_ref()))
}

/// The size and the name of the curve that `ECParameters` (RFC 5480 §2.1.1) tell.
fn curve(parameters: Option<&Any<'_>>) -> (Option<usize>, Option<String>) {
    match parameters.map(|parameters| (parameters.tag(), parameters)) {
        Some((Tag::Oid, parameters)) => {
            let Ok(oid) = Oid::try_from(parameters) else { return (None, None) };
            let oid = dotted(&oid);
            match CURVES.iter().find(|(row, _, _)| *row == oid) {
                Some((_, name, bits)) => (Some(*bits), Some((*name).to_owned())),
                None => (None, Some(oid)),
            }
        }
        Some((Tag::Sequence, parameters)) => (order_bits(parameters.data), Some("explicit".to_owned())),
        _ => (None, None),
    }
}

/// The bits of the order, the fifth part of `SpecifiedECDomain` (SEC 1 §C.2) after version, field, curve and base.
fn order_bits(mut domain: &[u8]) -> Option<usize> {
    for _ in 0..4 {
        (domain, _) = Any::from_der(domain).ok()?;
    }
    let (_, order) = Integer::from_der(domain).ok()?;
    Some(bit_length(order.as_ref()))
}

/// The bits of an unsigned number without its leading zeros.
fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros).map_or(0, |first| 8 * (number.len() - zeros) - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::super::testdata::details;
    use super::*;

    fn key(file: &str) -> (String, Option<usize>, Option<String>) {
        let PublicKey { algorithm, bits, curve } = details(file).public_key;
        (algorithm, bits, curve)
    }

    #[test]
    fn keys_of_every_kind_tell_their_algorithm_and_size() {
        for (file, algorithm, bits, curve) in [
            ("roots/microsoft-root-certificate-authority-2011.pem", "RSA", Some(4096), None),
            ("odd/rsa-2041-bits.pem", "RSA", Some(2041), None),
            ("odd/rsa-pss-key.pem", "RSA-PSS", Some(2048), None),
            ("odd/rsa-pss-signature.pem", "RSA", Some(2048), None),
            ("odd/dsa.pem", "DSA", Some(2048), None),
            ("odd/ed25519.pem", "Ed25519", Some(256), None),
            ("odd/ed448.pem", "Ed448", Some(456), None),
            ("roots/digicert-global-root-g3.pem", "EC", Some(384), Some("secp384r1")),
            ("odd/p521.pem", "EC", Some(521), Some("secp521r1")),
            ("odd/secp256k1.pem", "EC", Some(256), Some("secp256k1")),
            ("odd/explicit-curve.pem", "EC", Some(256), Some("explicit")),
            ("odd/curve-without-row.pem", "EC", None, Some("1.3.132.0.16")),
        ] {
            assert_eq!(key(file), (algorithm.to_owned(), bits, curve.map(str::to_owned)), "{file}");
        }
    }

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!(bit_length(&[]), 0);
        assert_eq!(bit_length(&[0, 0]), 0);
        assert_eq!(bit_length(&[0, 0x80, 0]), 16);
        assert_eq!(bit_length(&[0x01, 0xff]), 9);
    }

    #[test]
    fn a_key_that_is_not_what_its_algorithm_promises_has_no_size() {
        assert_eq!(rsa_bits(b"\x30\x03\x02\x01"), None);
        assert_eq!(rsa_bits(b""), None);
        assert_eq!(order_bits(&[2, 1, 1]), None);
        assert_eq!(curve(None), (None, None));
    }
}
