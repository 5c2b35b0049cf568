//! ECDSA (FIPS 186) over hashes of any length: TLS 1.2 lets every curve go with every hash function.

use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};

/// A curve that certificates have keys on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Whether the signature is one over that hash, or `None` where `point` is no public key.
    pub(super) fn verify(self, point: &[u8], hash: &[u8], signature: &[u8]) -> Option<bool> {
        let hash = self.fitting(hash);
        Some(match self {
            Self::P256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                p256::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(&hash, &signature).is_ok())
            }
            Self::P384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                p384::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(&hash, &signature).is_ok())
            }
            Self::P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                p521::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(&hash, &signature).is_ok())
            }
        })
    }

    /// The hash with zeros before it where it is shorter than the curve's numbers: the same number, and one that the
    /// curves' crates take. They cut off what is longer.
    fn fitting(self, hash: &[u8]) -> Vec<u8> {
        let length = match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        };
        [&vec![0; length.max(hash.len()) - hash.len()], hash].concat()
    }
}

/// A private key on one of the curves.
pub(super) enum EcdsaKey {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

impl EcdsaKey {
    /// A key by its number, or `None` where that is none of the curve's.
    pub(super) fn new(curve: Curve, secret: &[u8]) -> Option<Self> {
        Some(match curve {
            Curve::P256 => Self::P256(p256::ecdsa::SigningKey::from_slice(secret).ok()?),
            Curve::P384 => Self::P384(p384::ecdsa::SigningKey::from_slice(secret).ok()?),
            Curve::P521 => Self::P521(p521::ecdsa::SigningKey::from_slice(secret).ok()?),
        })
    }

    pub(super) const fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    /// The public point, uncompressed.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
        }
    }

    /// Signs a hash, the same one always the same way (RFC 6979).
    pub(super) fn sign(&self, hash: &[u8]) -> Option<Vec<u8>> {
        let hash = self.curve().fitting(hash);
        Some(match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(&hash).ok()?;
                signature.to_der().as_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign_prehash(&hash).ok()?;
                signature.to_der().as_bytes().to_vec()
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign_prehash(&hash).ok()?;
                signature.to_der().as_bytes().to_vec()
            }
        })
    }
}
