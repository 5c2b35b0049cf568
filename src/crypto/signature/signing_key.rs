//! A private key that signs handshakes, as files have it: PKCS #8, PKCS #1 or SEC 1, in DER.

use p256::pkcs8::der::asn1::UintRef;
use p256::pkcs8::der::{self, Decode, Reader, SliceReader};
use p256::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rand::CryptoRng;
use ring::rand::SystemRandom;
use ring::signature::{
    Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use sec1::EcPrivateKey;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::ecdsa::{Curve, EcdsaKey};
use super::{Algorithm, PublicKey, RsaDigest};
use crate::crypto::hash::HashAlgorithm;
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::registry::{SignatureHash, SignaturePadding, SignatureScheme};

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// It is none of the three forms, or its numbers are no key.
    #[error("not a private key in PKCS #8, PKCS #1 or SEC 1 form")]
    Malformed,
    /// It is a key, but not RSA, ECDSA on P-256, P-384 or P-521, or Ed25519.
    #[error("a private key of a kind that cannot sign here: RSA, P-256, P-384, P-521 and Ed25519 can")]
    Unsupported,
}

/// A private key. It has no text form.
pub struct SigningKey(Kind);

enum Kind {
    /// `ring` is there for keys of the sizes that it takes, and makes what it can.
    Rsa {
        key: RsaPrivateKey,
        ring: Option<Box<RsaKeyPair>>,
    },
    Ecdsa(EcdsaKey),
    Ed25519(Box<Ed25519KeyPair>),
}

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

impl SigningKey {
    /// Reads a key in whichever of the three forms it is.
    pub fn from_der(der: &[u8]) -> Result<Self, SigningKeyError> {
        if let Ok(info) = PrivateKeyInfoRef::from_der(der) {
            let key = info.private_key.as_bytes();
            return match info.algorithm.oid {
                RSA_ENCRYPTION => Self::from_pkcs1(key),
                EC_PUBLIC_KEY => {
                    let curve = info.algorithm.parameters_oid().map_err(|_| SigningKeyError::Unsupported)?;
                    let key = EcPrivateKey::from_der(key).map_err(|_| SigningKeyError::Malformed)?;
                    Self::from_sec1(&key, Some(curve))
                }
                ED25519 => {
                    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der);
                    Ok(Self(Kind::Ed25519(Box::new(key.map_err(|_| SigningKeyError::Malformed)?))))
                }
                _ => Err(SigningKeyError::Unsupported),
            };
        }
        match EcPrivateKey::from_der(der) {
            Ok(key) => Self::from_sec1(&key, None),
            Err(_) => Self::from_pkcs1(der),
        }
    }

    /// Whether it is one on a curve of ECDSA: TLS 1.3 then has one scheme for it, the first of its own.
    pub fn is_ecdsa(&self) -> bool {
        matches!(self.0, Kind::Ecdsa(_))
    }

    /// What it signs by in TLS 1.2 and 1.3, those first that both versions have and that are strongest.
    pub fn schemes(&self) -> Vec<SignatureScheme> {
        const RSA: [SignatureScheme; 8] = [
            SignatureScheme::RSA_PSS_RSAE_SHA256,
            SignatureScheme::RSA_PSS_RSAE_SHA384,
            SignatureScheme::RSA_PSS_RSAE_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::RSA_MD5,
        ];
        const ECDSA: [SignatureScheme; 4] = [
            SignatureScheme::ECDSA_SECP256R1_SHA256,
            SignatureScheme::ECDSA_SECP384R1_SHA384,
            SignatureScheme::ECDSA_SECP521R1_SHA512,
            SignatureScheme::ECDSA_SHA1,
        ];
        match &self.0 {
            Kind::Rsa { ring: Some(_), .. } => RSA.to_vec(),
            Kind::Rsa { ring: None, .. } => RSA.iter().filter(|scheme| !is_pss(**scheme)).copied().collect(),
            Kind::Ecdsa(key) => {
                // TLS 1.3 ties a hash to a curve, so that one comes first.
                let mut schemes = ECDSA.to_vec();
                schemes.rotate_left(match key.curve() {
                    Curve::P256 => 0,
                    Curve::P384 => 1,
                    Curve::P521 => 2,
                });
                schemes
            }
            Kind::Ed25519(_) => vec![SignatureScheme::ED25519],
        }
    }

    /// Signs, by the rules of [`verify`](super::verify). `None` where such a key does not sign by that scheme.
    ///
    /// The salt of PSS comes from the system: ring takes no other.
    pub fn sign(
        &self,
        scheme: Option<SignatureScheme>,
        message: &[u8],
        random: &mut impl CryptoRng,
    ) -> Option<Vec<u8>> {
        let algorithm = match (scheme, &self.0) {
            (Some(scheme), _) => Algorithm::of_scheme(scheme)?,
            (None, Kind::Rsa { .. }) => Algorithm::RsaPkcs1(RsaDigest::Md5Sha1),
            (None, Kind::Ecdsa(_)) => Algorithm::Ecdsa(HashAlgorithm::Sha1),
            (None, Kind::Ed25519(_)) => return None,
        };
        match (&self.0, algorithm) {
            (Kind::Rsa { key, .. }, Algorithm::RsaPkcs1(digest)) => key.sign(&digest.encoded(message), random),
            (Kind::Rsa { ring: Some(key), .. }, Algorithm::RsaPss(_)) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(pss(scheme?)?, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
            (Kind::Ecdsa(key), Algorithm::Ecdsa(hash)) => key.sign(&hash.digest(&[message])),
            (Kind::Ed25519(key), Algorithm::Ed25519) => Some(key.sign(message).as_ref().to_vec()),
            _ => None,
        }
    }

    /// Whether a certificate with that `SubjectPublicKeyInfo` is for this key.
    pub fn belongs_to(&self, spki: &[u8]) -> bool {
        let Ok((_, spki)) = SubjectPublicKeyInfo::from_der(spki) else { return false };
        match (&self.0, PublicKey::read(&spki)) {
            (Kind::Rsa { key, .. }, Ok(PublicKey::Rsa(der) | PublicKey::RsaPss(der))) => {
                RsaPublicKey::from_der(der).is_ok_and(|public| key.belongs_to(&public))
            }
            (Kind::Ecdsa(key), Ok(PublicKey::Ecdsa(_, point))) => key.public() == point,
            (Kind::Ed25519(key), Ok(PublicKey::Ed25519(public))) => key.public_key().as_ref() == public,
            _ => false,
        }
    }

    /// Both halves of an RSA key, for what else can be done with it; `None` where it is of another kind.
    pub fn into_rsa(self) -> Option<(RsaPublicKey, RsaPrivateKey)> {
        match self.0 {
            Kind::Rsa { key, .. } => Some((key.public().clone(), key)),
            Kind::Ecdsa(_) | Kind::Ed25519(_) => None,
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, SigningKeyError> {
        let key = read_rsa(der).map_err(|_| SigningKeyError::Malformed)?;
        let key = key.ok_or(SigningKeyError::Malformed)?;
        Ok(Self(Kind::Rsa { key, ring: RsaKeyPair::from_der(der).ok().map(Box::new) }))
    }

    fn from_sec1(key: &EcPrivateKey<'_>, curve: Option<ObjectIdentifier>) -> Result<Self, SigningKeyError> {
        let named = key.parameters.as_ref().and_then(|parameters| parameters.named_curve());
        let curve = curve.or(named).and_then(|named| CURVES.iter().find(|(oid, _)| *oid == named));
        let (_, curve) = curve.ok_or(SigningKeyError::Unsupported)?;
        let key = EcdsaKey::new(*curve, key.private_key).ok_or(SigningKeyError::Malformed)?;
        Ok(Self(Kind::Ecdsa(key)))
    }
}

/// `RSAPrivateKey` (RFC 8017 §A.1.2); `None` where its numbers are out of bounds.
fn read_rsa(der: &[u8]) -> der::Result<Option<RsaPrivateKey>> {
    SliceReader::new(der)?.sequence(|key| {
        let _version = u8::decode(key)?;
        let [modulus, public, private] = [UintRef::decode(key)?, UintRef::decode(key)?, UintRef::decode(key)?];
        while !key.is_finished() {
            let _prime_or_exponent = UintRef::decode(key)?;
        }
        Ok(RsaPrivateKey::new(modulus.as_bytes(), public.as_bytes(), private.as_bytes()).ok())
    })
}

fn is_pss(scheme: SignatureScheme) -> bool {
    pss(scheme).is_some()
}

fn pss(scheme: SignatureScheme) -> Option<&'static dyn RsaEncoding> {
    let info = scheme.info().filter(|info| info.padding == SignaturePadding::Pss)?;
    match info.hash {
        SignatureHash::Sha256 => Some(&RSA_PSS_SHA256),
        SignatureHash::Sha384 => Some(&RSA_PSS_SHA384),
        SignatureHash::Sha512 => Some(&RSA_PSS_SHA512),
        _ => None,
    }
}
