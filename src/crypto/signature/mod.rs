//! Signatures over handshakes: a peer's are verified by the key of its certificate, ours are made by a client's key.

mod ecdsa;
mod signing_key;

use ring::signature::{ED25519, RsaParameters, UnparsedPublicKey, VerificationAlgorithm};
use ring::signature::{RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512};
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521, OID_PKCS1_RSAENCRYPTION,
    OID_PKCS1_RSASSAPSS, OID_SIG_ED25519,
};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use self::ecdsa::Curve;
pub use self::signing_key::{SigningKey, SigningKeyError};
use super::hash::HashAlgorithm;
use super::rsa::RsaPublicKey;
use crate::registry::{SignatureHash, SignatureKey, SignaturePadding, SignatureScheme};

/// Why a signature is not known to be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is not one over this message by this key.
    #[error("the signature is wrong")]
    Invalid,
    /// The scheme is for keys of another kind.
    #[error("the signature scheme is not one of the certificate's key")]
    OtherKey,
    /// The key cannot be read.
    #[error("the certificate's key cannot be read")]
    UnreadableKey,
    /// Such keys or schemes are not known here, so that nothing can be said.
    #[error("signatures of this kind cannot be verified here")]
    Unsupported,
}

/// Verifies a `ServerKeyExchange` or a `CertificateVerify` by the signer's `SubjectPublicKeyInfo`, in DER.
///
/// `scheme` is what stands before the signature since TLS 1.2. Before, there is none, and the key says which it is: MD5
/// and SHA-1 one after another for RSA (RFC 4346 §7.4.3), SHA-1 for ECDSA (RFC 8422 §5.4). Whether the scheme was offered,
/// and may be used in that version, is not looked at.
pub fn verify(
    spki: &[u8],
    scheme: Option<SignatureScheme>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let (_, spki) = SubjectPublicKeyInfo::from_der(spki).map_err(|_| SignatureError::UnreadableKey)?;
    let key = PublicKey::read(&spki)?;
    let good = match (key, Algorithm::of(scheme, key)?) {
        (PublicKey::Rsa(der), Algorithm::RsaPkcs1(digest)) => {
            let key = RsaPublicKey::from_der(der).map_err(|_| SignatureError::UnreadableKey)?;
            key.verify(&digest.encoded(message), signature)
        }
        (PublicKey::Rsa(der) | PublicKey::RsaPss(der), Algorithm::RsaPss(parameters)) => {
            let bits = RsaPublicKey::from_der(der).map_err(|_| SignatureError::UnreadableKey)?.bits();
            if !(2048..=8192).contains(&bits) {
                return Err(SignatureError::Unsupported);
            }
            verify_by_ring(parameters, der, message, signature)
        }
        (PublicKey::Ecdsa(curve, point), Algorithm::Ecdsa(hash)) => {
            curve.verify(point, &hash.digest(&[message]), signature).ok_or(SignatureError::UnreadableKey)?
        }
        (PublicKey::Ed25519(key), Algorithm::Ed25519) => verify_by_ring(&ED25519, key, message, signature),
        _ => return Err(SignatureError::OtherKey),
    };
    if good { Ok(()) } else { Err(SignatureError::Invalid) }
}

fn verify_by_ring(algorithm: &'static dyn VerificationAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}

/// A key as a certificate has it.
#[derive(Clone, Copy)]
enum PublicKey<'a> {
    Rsa(&'a [u8]),
    /// One that signs by PSS alone.
    RsaPss(&'a [u8]),
    Ecdsa(Curve, &'a [u8]),
    Ed25519(&'a [u8]),
}

impl<'a> PublicKey<'a> {
    fn read(spki: &'a SubjectPublicKeyInfo<'_>) -> Result<Self, SignatureError> {
        let key = &*spki.subject_public_key.data;
        let algorithm = &spki.algorithm.algorithm;
        Ok(if *algorithm == OID_PKCS1_RSAENCRYPTION {
            Self::Rsa(key)
        } else if *algorithm == OID_PKCS1_RSASSAPSS {
            Self::RsaPss(key)
        } else if *algorithm == OID_SIG_ED25519 {
            Self::Ed25519(key)
        } else if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
            let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = match curve.ok_or(SignatureError::Unsupported)? {
                curve if curve == OID_EC_P256 => Curve::P256,
                curve if curve == OID_NIST_EC_P384 => Curve::P384,
                curve if curve == OID_NIST_EC_P521 => Curve::P521,
                _ => return Err(SignatureError::Unsupported),
            };
            Self::Ecdsa(curve, key)
        } else {
            return Err(SignatureError::Unsupported);
        })
    }
}

/// What a signature scheme stands for.
#[derive(Clone, Copy)]
enum Algorithm {
    RsaPkcs1(RsaDigest),
    RsaPss(&'static RsaParameters),
    Ecdsa(HashAlgorithm),
    Ed25519,
}

impl Algorithm {
    fn of(scheme: Option<SignatureScheme>, key: PublicKey<'_>) -> Result<Self, SignatureError> {
        match (scheme, key) {
            (Some(scheme), _) => Self::of_scheme(scheme).ok_or(SignatureError::Unsupported),
            (None, PublicKey::Rsa(_)) => Ok(Self::RsaPkcs1(RsaDigest::Md5Sha1)),
            (None, PublicKey::Ecdsa(..)) => Ok(Self::Ecdsa(HashAlgorithm::Sha1)),
            (None, _) => Err(SignatureError::OtherKey),
        }
    }

    fn of_scheme(scheme: SignatureScheme) -> Option<Self> {
        let info = scheme.info()?;
        let hash = match info.hash {
            SignatureHash::Md5 => Some(HashAlgorithm::Md5),
            SignatureHash::Sha1 => Some(HashAlgorithm::Sha1),
            SignatureHash::Sha256 => Some(HashAlgorithm::Sha256),
            SignatureHash::Sha384 => Some(HashAlgorithm::Sha384),
            SignatureHash::Sha512 => Some(HashAlgorithm::Sha512),
            _ => None,
        };
        match (info.key, info.padding) {
            (SignatureKey::Rsa, SignaturePadding::Pkcs1) => hash.map(|hash| Self::RsaPkcs1(RsaDigest::Named(hash))),
            (_, SignaturePadding::Pss) => Some(Self::RsaPss(match hash? {
                HashAlgorithm::Sha256 => &RSA_PSS_2048_8192_SHA256,
                HashAlgorithm::Sha384 => &RSA_PSS_2048_8192_SHA384,
                HashAlgorithm::Sha512 => &RSA_PSS_2048_8192_SHA512,
                _ => return None,
            })),
            // brainpool's schemes are for their own curves.
            (SignatureKey::Ecdsa, _) if !BRAINPOOL.contains(&scheme) => hash.map(Self::Ecdsa),
            (SignatureKey::Ed25519, _) => Some(Self::Ed25519),
            _ => None,
        }
    }
}

const BRAINPOOL: [SignatureScheme; 3] = [
    SignatureScheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256,
    SignatureScheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384,
    SignatureScheme::ECDSA_BRAINPOOLP512R1TLS13_SHA512,
];

/// What an RSA signature of PKCS #1 v1.5 is made over.
#[derive(Clone, Copy)]
enum RsaDigest {
    /// Both hashes one after another, and nothing that says so (RFC 2246 §7.4.3).
    Md5Sha1,
    /// A `DigestInfo`: the name of the hash function, and the hash.
    Named(HashAlgorithm),
}

impl RsaDigest {
    fn encoded(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5Sha1 => {
                let [md5, sha1] = [HashAlgorithm::Md5, HashAlgorithm::Sha1].map(|hash| hash.digest(&[message]));
                [&*md5, &sha1].concat()
            }
            Self::Named(hash) => [digest_info(hash), &hash.digest(&[message])].concat(),
        }
    }
}

/// The DER before the hash (RFC 8017 §9.2, note 1).
const fn digest_info(hash: HashAlgorithm) -> &'static [u8] {
    match hash {
        HashAlgorithm::Md5 => b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
        HashAlgorithm::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        HashAlgorithm::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        HashAlgorithm::Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        HashAlgorithm::Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}

#[cfg(test)]
mod tests;
