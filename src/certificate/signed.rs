//! Signatures over certificates, revocation lists and OCSP answers.
//!
//! Three answers: what can't be verified here is not called wrong. Keys and hashes are those of `crypto`, so that what
//! Windows' CAs sign with is known: RSA of any size, P-521, any hash of the SHA-2 family with any curve.

use x509_parser::asn1_rs::oid;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::oid::{HASHES, dotted, named};
use crate::crypto::signature::{self, SignatureError};
use crate::registry::SignatureScheme;

/// The longest exponent of an RSA key that is computed with: 65537 has three octets, and a peer that sends many long ones
/// would keep us computing.
const LONGEST_EXPONENT: usize = 8;

/// How a signature came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// This key made it.
    Right,
    /// This key did not.
    Wrong,
    /// Such a key or such an algorithm can't be judged here.
    Unsupported,
}

/// What TLS calls the same algorithms (RFC 8446 §4.2.3). It ties curves to hashes; these identifiers do not, and nor does
/// `crypto`.
const SCHEMES: [(&str, SignatureScheme); 12] = [
    ("1.2.840.113549.1.1.4", SignatureScheme::RSA_MD5),
    ("1.3.14.3.2.3", SignatureScheme::RSA_MD5),
    ("1.2.840.113549.1.1.5", SignatureScheme::RSA_PKCS1_SHA1),
    ("1.3.14.3.2.29", SignatureScheme::RSA_PKCS1_SHA1),
    ("1.2.840.113549.1.1.11", SignatureScheme::RSA_PKCS1_SHA256),
    ("1.2.840.113549.1.1.12", SignatureScheme::RSA_PKCS1_SHA384),
    ("1.2.840.113549.1.1.13", SignatureScheme::RSA_PKCS1_SHA512),
    ("1.2.840.10045.4.1", SignatureScheme::ECDSA_SHA1),
    ("1.2.840.10045.4.3.2", SignatureScheme::ECDSA_SECP256R1_SHA256),
    ("1.2.840.10045.4.3.3", SignatureScheme::ECDSA_SECP384R1_SHA384),
    ("1.2.840.10045.4.3.4", SignatureScheme::ECDSA_SECP521R1_SHA512),
    ("1.3.101.112", SignatureScheme::ED25519),
];

/// Verifies the signature `bits` over `signed`.
pub(super) fn verify(
    signed: &[u8],
    algorithm: &AlgorithmIdentifier<'_>,
    bits: &[u8],
    key: &SubjectPublicKeyInfo<'_>,
) -> Signature {
    let Some(scheme) = scheme(algorithm).filter(|_| !takes_long(key)) else { return Signature::Unsupported };
    match signature::verify(key.raw, Some(scheme), signed, bits) {
        Ok(()) => Signature::Right,
        Err(SignatureError::Invalid | SignatureError::OtherKey) => Signature::Wrong,
        Err(SignatureError::UnreadableKey | SignatureError::Unsupported) => Signature::Unsupported,
    }
}

fn scheme(algorithm: &AlgorithmIdentifier<'_>) -> Option<SignatureScheme> {
    if algorithm.algorithm == oid!(1.2.840.113549.1.1.10) {
        return pss(algorithm);
    }
    let oid = dotted(&algorithm.algorithm);
    SCHEMES.iter().find(|(row, _)| *row == oid).map(|(_, scheme)| *scheme)
}

/// RSASSA-PSS with one hash for all of it and a salt as long as that, as TLS has it too (RFC 4055 §3.1).
fn pss(algorithm: &AlgorithmIdentifier<'_>) -> Option<SignatureScheme> {
    let parameters = RsaSsaPssParams::try_from(algorithm.parameters.as_ref()?).ok()?;
    let hash = named(parameters.hash_algorithm_oid(), HASHES);
    let mask = parameters.mask_gen_algorithm().ok()?;
    if mask.mgf != oid!(1.2.840.113549.1.1.8) || named(&mask.hash, HASHES) != hash {
        return None;
    }
    match (hash.as_str(), parameters.salt_length()) {
        ("sha256", 32) => Some(SignatureScheme::RSA_PSS_RSAE_SHA256),
        ("sha384", 48) => Some(SignatureScheme::RSA_PSS_RSAE_SHA384),
        ("sha512", 64) => Some(SignatureScheme::RSA_PSS_RSAE_SHA512),
        _ => None,
    }
}

fn takes_long(key: &SubjectPublicKeyInfo<'_>) -> bool {
    RSAPublicKey::from_der(&key.subject_public_key.data).is_ok_and(|(_, key)| key.exponent.len() > LONGEST_EXPONENT)
}

#[cfg(test)]
mod tests {
    use x509_parser::asn1_rs::Oid;

    use super::super::oid::Names;
    use super::*;

    const MESSAGE: &[u8] = b"tlsprobe signs this";

    const NAMES: &Names = &[
        ("rsa_md5", "1.2.840.113549.1.1.4"),
        ("rsa_pkcs1_sha1", "1.2.840.113549.1.1.5"),
        ("rsa_pkcs1_sha256", "1.2.840.113549.1.1.11"),
        ("rsa_pkcs1_sha384", "1.2.840.113549.1.1.12"),
        ("rsa_pkcs1_sha512", "1.2.840.113549.1.1.13"),
        ("ecdsa_sha1", "1.2.840.10045.4.1"),
        ("ecdsa_secp256r1_sha256", "1.2.840.10045.4.3.2"),
        ("ecdsa_secp384r1_sha384", "1.2.840.10045.4.3.3"),
        ("ecdsa_secp521r1_sha512", "1.2.840.10045.4.3.4"),
        ("ed25519", "1.3.101.112"),
    ];

    /// Rows of `testdata/vectors/signatures.csv`: key, what it is, and the octets.
    fn vectors() -> Vec<(String, String, Vec<u8>)> {
        let mut rows = csv::Reader::from_path("testdata/vectors/signatures.csv").unwrap();
        let rows = rows.records().map(Result::unwrap);
        rows.map(|row| (row[0].to_owned(), row[1].to_owned(), hex::decode(&row[2]).unwrap())).collect()
    }

    fn spki(key: &str) -> Vec<u8> {
        vectors().into_iter().find(|(of, what, _)| of == key && what == "spki").unwrap().2
    }

    fn judge(key: &[u8], algorithm: &str, message: &[u8], bits: &[u8]) -> Signature {
        let (_, key) = SubjectPublicKeyInfo::from_der(key).unwrap();
        let arcs: Vec<u64> = algorithm.split('.').map(|arc| arc.parse().unwrap()).collect();
        let algorithm = AlgorithmIdentifier::new(Oid::from(&arcs).unwrap(), None);
        verify(message, &algorithm, bits, &key)
    }

    #[test]
    fn every_key_that_a_ca_may_have_is_judged_with_every_hash() {
        let mut judged = 0;
        for (key, name, bits) in vectors() {
            let Some((_, algorithm)) = NAMES.iter().find(|(row, _)| *row == name) else { continue };
            assert_eq!(judge(&spki(&key), algorithm, MESSAGE, &bits), Signature::Right, "{key} {name}");
            assert_eq!(judge(&spki(&key), algorithm, b"another", &bits), Signature::Wrong, "{key} {name}");
            judged += 1;
        }
        assert_eq!(judged, 10 + 12 + 1, "RSA of 1024 and 2048 bits, three curves, Ed25519");
    }

    #[test]
    fn what_is_not_known_here_is_not_called_wrong() {
        let of = |key, algorithm| judge(&spki(key), algorithm, MESSAGE, &[1, 2, 3]);
        assert_eq!(of("secp256k1", "1.2.840.10045.4.3.2"), Signature::Unsupported);
        assert_eq!(of("ed448", "1.3.101.113"), Signature::Unsupported);
        assert_eq!(of("rsa-2048", "1.2.840.113549.1.1.10"), Signature::Unsupported, "no parameters");
        assert_eq!(of("rsa-2048", "1.2.3"), Signature::Unsupported);
        assert_eq!(of("p256", "1.2.840.113549.1.1.11"), Signature::Wrong, "no such key makes one");
    }

    #[test]
    fn a_key_that_would_take_long_is_not_computed_with() {
        let wrap =
            |tag: u8, body: &[u8]| [&[tag, 0x82][..], &u16::try_from(body.len()).unwrap().to_be_bytes(), body].concat();
        let key = |exponent: usize| {
            let numbers = [wrap(2, &[0x7f; 256]), wrap(2, &vec![0x7f; exponent])].concat();
            let bits = wrap(3, &[vec![0], wrap(0x30, &numbers)].concat());
            let rsa = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
            wrap(0x30, &[&rsa[..], &bits].concat())
        };
        let of = |exponent| judge(&key(exponent), "1.2.840.113549.1.1.11", MESSAGE, &[1; 256]);
        assert_eq!((of(8), of(9)), (Signature::Wrong, Signature::Unsupported));
    }
}
