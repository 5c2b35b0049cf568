//! ML-KEM (FIPS 203), the part of hybrid groups that is not a curve.

use ml_kem::array::Array;
use ml_kem::{Decapsulate, Encapsulate, Kem, KeyExport, MlKem768, MlKem1024, TryKeyInit, ml_kem_768, ml_kem_1024};
use rand::CryptoRng;

use super::{AgreementError, SharedSecret};

/// What a client keeps.
pub(super) enum MlKemKey {
    MlKem768(Box<ml_kem_768::DecapsulationKey>),
    MlKem1024(Box<ml_kem_1024::DecapsulationKey>),
}

impl MlKemKey {
    pub(super) fn generate(parameter_set: u16, random: &mut impl CryptoRng) -> Option<Self> {
        use p256::elliptic_curve::Generate;
        Some(match parameter_set {
            768 => Self::MlKem768(Box::new(ml_kem_768::DecapsulationKey::generate_from_rng(random))),
            1024 => Self::MlKem1024(Box::new(ml_kem_1024::DecapsulationKey::generate_from_rng(random))),
            _ => return None,
        })
    }

    pub(super) fn encapsulation_key(&self) -> Vec<u8> {
        match self {
            Self::MlKem768(key) => key.encapsulation_key().to_bytes().to_vec(),
            Self::MlKem1024(key) => key.encapsulation_key().to_bytes().to_vec(),
        }
    }

    pub(super) fn ciphertext_length(&self) -> usize {
        match self {
            Self::MlKem768(_) => size_of::<ml_kem::Ciphertext<MlKem768>>(),
            Self::MlKem1024(_) => size_of::<ml_kem::Ciphertext<MlKem1024>>(),
        }
    }

    pub(super) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SharedSecret, AgreementError> {
        let secret = match self {
            Self::MlKem768(key) => key.decapsulate_slice(ciphertext).map(|secret| secret.to_vec()),
            Self::MlKem1024(key) => key.decapsulate_slice(ciphertext).map(|secret| secret.to_vec()),
        };
        let length = AgreementError::Length { found: ciphertext.len(), expected: self.ciphertext_length() };
        secret.map(SharedSecret::from).map_err(|_| length)
    }
}

/// How long a client's key is.
pub(super) fn encapsulation_key_length(parameter_set: u16) -> Option<usize> {
    match parameter_set {
        768 => Some(1184),
        1024 => Some(1568),
        _ => None,
    }
}

/// What a server sends back, and the secret in it.
pub(super) fn encapsulate(
    parameter_set: u16,
    encapsulation_key: &[u8],
    random: &mut impl CryptoRng,
) -> Result<(Vec<u8>, SharedSecret), AgreementError> {
    match parameter_set {
        768 => encapsulate_to::<MlKem768>(encapsulation_key, random),
        _ => encapsulate_to::<MlKem1024>(encapsulation_key, random),
    }
}

fn encapsulate_to<K: Kem>(
    encapsulation_key: &[u8],
    random: &mut impl CryptoRng,
) -> Result<(Vec<u8>, SharedSecret), AgreementError> {
    let expected = size_of::<ml_kem::Key<K::EncapsulationKey>>();
    let key = Array::try_from(encapsulation_key)
        .map_err(|_| AgreementError::Length { found: encapsulation_key.len(), expected })?;
    // FIPS 203 §7.2 has keys checked: coefficients below the modulus.
    let key = K::EncapsulationKey::new(&key).map_err(|_| AgreementError::NotInGroup)?;
    let (ciphertext, secret) = key.encapsulate_with_rng(random);
    Ok((ciphertext.to_vec(), secret.to_vec().into()))
}
