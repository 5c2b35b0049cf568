//! Signatures that the openssl command has made, and ours.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::crypto::testing::{MESSAGE, key_der, signature_vector, signature_vectors};

const KEYS: [&str; 6] = ["rsa-1024", "rsa-2048", "p256", "p384", "p521", "ed25519"];

fn spki(key: &str) -> Vec<u8> {
    signature_vector(key, "spki")
}

fn scheme(name: &str) -> Option<SignatureScheme> {
    (name != "none").then(|| SignatureScheme::from_name(name).unwrap())
}

/// Key, scheme and signature of every signature in the vectors.
fn signatures() -> impl Iterator<Item = (String, Option<SignatureScheme>, Vec<u8>)> {
    let others = ["spki", "pkcs1", "sec1", "encrypted"];
    let rows = signature_vectors().into_iter().filter(move |(_, name, _)| !others.contains(&name.as_str()));
    rows.map(|(key, name, signature)| (key, scheme(&name), signature))
}

#[test]
fn what_openssl_signed_is_verified() {
    let mut verified = 0;
    for (key, scheme, signature) in signatures() {
        assert_eq!(verify(&spki(&key), scheme, MESSAGE, &signature), Ok(()), "{key} {scheme:?}");
        verified += 1;
    }
    assert_eq!(verified, 12 + 3 + 1 + 15 + 1);
}

#[test]
fn another_message_or_another_signature_is_not() {
    for (key, scheme, mut signature) in signatures() {
        let spki = spki(&key);
        assert_eq!(verify(&spki, scheme, b"tlsprobe signs that", &signature), Err(SignatureError::Invalid), "{key}");
        let last = signature.len() - 1;
        signature[last] ^= 1;
        assert_eq!(verify(&spki, scheme, MESSAGE, &signature), Err(SignatureError::Invalid), "{key} {scheme:?}");
        assert_eq!(verify(&spki, scheme, MESSAGE, &[]), Err(SignatureError::Invalid), "{key} {scheme:?}");
    }
}

#[test]
fn what_is_signed_here_is_verified() {
    let mut random = StdRng::seed_from_u64(1);
    for name in KEYS {
        let key = SigningKey::from_der(&key_der(name)).unwrap();
        let before_tls_1_2 = (name != "ed25519").then_some(None);
        for scheme in key.schemes().into_iter().map(Some).chain(before_tls_1_2) {
            let signature = key.sign(scheme, MESSAGE, &mut random).unwrap();
            assert_eq!(verify(&spki(name), scheme, MESSAGE, &signature), Ok(()), "{name} {scheme:?}");
        }
        assert!(key.belongs_to(&spki(name)));
        assert!(KEYS.iter().filter(|other| **other != name).all(|other| !key.belongs_to(&spki(other))));
    }
}

#[test]
fn rsa_and_ed25519_sign_to_the_byte_as_openssl_does() {
    // The others have randomness in them, or ought to.
    let mut random = StdRng::seed_from_u64(2);
    for (name, scheme, expected) in signatures() {
        let fixed = name == "ed25519"
            || name.starts_with("rsa")
                && scheme.and_then(SignatureScheme::info).is_none_or(|info| info.padding == SignaturePadding::Pkcs1);
        if fixed {
            let key = SigningKey::from_der(&key_der(&name)).unwrap();
            assert_eq!(key.sign(scheme, MESSAGE, &mut random), Some(expected), "{name} {scheme:?}");
        }
    }
}

#[test]
fn a_key_is_the_same_in_every_form() {
    for (name, form) in [("rsa-2048", "pkcs1"), ("p384", "sec1")] {
        let key = SigningKey::from_der(&signature_vector(name, form)).unwrap();
        assert!(key.belongs_to(&spki(name)), "{name}");
    }
}

#[test]
fn the_scheme_of_tls_1_3_comes_first() {
    let first = |name| SigningKey::from_der(&key_der(name)).unwrap().schemes()[0];
    assert_eq!(first("rsa-2048"), SignatureScheme::RSA_PSS_RSAE_SHA256);
    assert_eq!(first("rsa-1024"), SignatureScheme::RSA_PKCS1_SHA256, "too small for PSS here");
    assert_eq!(first("p256"), SignatureScheme::ECDSA_SECP256R1_SHA256);
    assert_eq!(first("p384"), SignatureScheme::ECDSA_SECP384R1_SHA384);
    assert_eq!(first("p521"), SignatureScheme::ECDSA_SECP521R1_SHA512);
    assert_eq!(first("ed25519"), SignatureScheme::ED25519);
}

#[test]
fn a_scheme_for_other_keys_is_told_apart_from_a_wrong_signature() {
    let verify = |key: &str, scheme| verify(&spki(key), scheme, MESSAGE, &[0; 64]);
    let other = Err(SignatureError::OtherKey);
    assert_eq!(verify("p256", Some(SignatureScheme::RSA_PKCS1_SHA256)), other);
    assert_eq!(verify("rsa-2048", Some(SignatureScheme::ECDSA_SECP256R1_SHA256)), other);
    assert_eq!(verify("rsa-pss-2048", Some(SignatureScheme::RSA_PKCS1_SHA256)), other);
    assert_eq!(verify("ed25519", None), other);

    let key = SigningKey::from_der(&key_der("p256")).unwrap();
    let mut random = StdRng::seed_from_u64(3);
    assert!(key.sign(Some(SignatureScheme::RSA_PKCS1_SHA256), MESSAGE, &mut random).is_none());
}

#[test]
fn what_cannot_be_told_is_no_wrong_signature() {
    let unsupported = Err(SignatureError::Unsupported);
    for (key, scheme) in [
        ("ed448", SignatureScheme::ED448),
        ("secp256k1", SignatureScheme::ECDSA_SECP256R1_SHA256),
        ("rsa-2048", SignatureScheme::DSA_SHA1),
        ("rsa-2048", SignatureScheme(0xfefe)),
        ("rsa-1024", SignatureScheme::RSA_PSS_RSAE_SHA256),
        ("p256", SignatureScheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256),
    ] {
        assert_eq!(verify(&spki(key), Some(scheme), MESSAGE, &[0; 64]), unsupported, "{key} {scheme}");
    }
    assert_eq!(verify(b"\x30\x03", None, MESSAGE, &[]), Err(SignatureError::UnreadableKey));
}

#[test]
fn keys_that_cannot_sign_are_told_apart_from_what_is_no_key() {
    let error = |der: &[u8]| SigningKey::from_der(der).err();
    assert_eq!(error(&key_der("ed448")), Some(SigningKeyError::Unsupported));
    assert_eq!(error(&key_der("secp256k1")), Some(SigningKeyError::Unsupported));
    assert_eq!(error(b"-----BEGIN"), Some(SigningKeyError::Malformed));
    let mut short = key_der("rsa-2048");
    short.truncate(200);
    assert_eq!(error(&short), Some(SigningKeyError::Malformed));
}
