//! Ephemeral keys in named groups: their public values as a `key_share` or a `ServerKeyExchange` carries them, and the
//! secrets that two sides agree on.

mod curve;
mod ml_kem;

use rand::CryptoRng;
use zeroize::Zeroizing;

use self::curve::CurveKey;
pub(super) use self::curve::tries;
use self::ml_kem::MlKemKey;
use crate::registry::NamedGroup;

/// What two sides have agreed on. Wiped when dropped.
pub type SharedSecret = Zeroizing<Vec<u8>>;

/// Why no secret can be agreed on with what a peer has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgreementError {
    /// It is not as long as the group's public values are.
    #[error("the public value is {found} bytes long, {expected} are right")]
    Length {
        /// Its length.
        found: usize,
        /// The right one.
        expected: usize,
    },
    /// It is none of the group's public values, or one that makes the secret known to everyone.
    #[error("the public value is not one of the group's")]
    NotInGroup,
}

/// One side's ephemeral key in a group. It cannot be cloned or printed: it is for one handshake.
pub struct KeyPair {
    group: NamedGroup,
    secret: Secret,
}

/// What only its owner knows; the public value follows from it.
enum Secret {
    Curve(CurveKey),
    Hybrid { curve: CurveKey, ml_kem: MlKemKey, order: Order },
}

/// Which part of a hybrid group stands first, in its public values and in its secret.
#[derive(Clone, Copy)]
enum Order {
    /// As in X25519MLKEM768.
    MlKemFirst,
    /// As in `SecP256r1MLKEM768`.
    CurveFirst,
}

impl Order {
    fn concat(self, curve: &[u8], ml_kem: &[u8]) -> Vec<u8> {
        match self {
            Self::MlKemFirst => [ml_kem, curve].concat(),
            Self::CurveFirst => [curve, ml_kem].concat(),
        }
    }

    /// The parts of a value whose curve part is so long: that one first.
    fn split(self, value: &[u8], curve_length: usize) -> Option<(&[u8], &[u8])> {
        match self {
            Self::MlKemFirst => {
                let (ml_kem, curve) = value.split_at_checked(value.len().checked_sub(curve_length)?)?;
                Some((curve, ml_kem))
            }
            Self::CurveFirst => value.split_at_checked(curve_length),
        }
    }
}

/// A hybrid group of draft-ietf-tls-ecdhe-mlkem: its curve, the parameter set of its ML-KEM, and their order.
fn hybrid(group: NamedGroup) -> Option<(NamedGroup, u16, Order)> {
    match group {
        NamedGroup::X25519MLKEM768 => Some((NamedGroup::X25519, 768, Order::MlKemFirst)),
        NamedGroup::SECP256R1MLKEM768 => Some((NamedGroup::SECP256R1, 768, Order::CurveFirst)),
        NamedGroup::SECP384R1MLKEM1024 => Some((NamedGroup::SECP384R1, 1024, Order::CurveFirst)),
        _ => None,
    }
}

impl KeyPair {
    /// The groups that keys can be made in.
    pub const GROUPS: [NamedGroup; 7] = [
        NamedGroup::X25519MLKEM768,
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
        NamedGroup::SECP256R1MLKEM768,
        NamedGroup::SECP384R1MLKEM1024,
    ];

    /// A new key in that group, or `None` where it is none of [`GROUPS`](Self::GROUPS). The same randomness makes the
    /// same key.
    pub fn generate(group: NamedGroup, random: &mut impl CryptoRng) -> Option<Self> {
        let secret = match hybrid(group) {
            None => Secret::Curve(CurveKey::generate(group, random)?),
            Some((curve, parameter_set, order)) => {
                let ml_kem = MlKemKey::generate(parameter_set, random)?;
                Secret::Hybrid { curve: CurveKey::generate(curve, random)?, ml_kem, order }
            }
        };
        Some(Self { group, secret })
    }

    /// A new key whose shared secret with that public value begins with so many zero bytes: where servers fail that
    /// take them off (RFC 8422 §5.10, §5.11), or for which a curve's x-coordinate is a number.
    ///
    /// `None` where there is none: the group is not one of a curve alone, or a search as long as would find it in all
    /// but one of a million million cases did not.
    pub fn generate_with_leading_zeros(
        group: NamedGroup,
        peer_public: &[u8],
        zeros: u8,
        random: &mut impl CryptoRng,
    ) -> Result<Option<Self>, AgreementError> {
        let found = CurveKey::generate_with_leading_zeros(group, peer_public, zeros, random)?;
        Ok(found.map(|curve| Self { group, secret: Secret::Curve(curve) }))
    }

    /// The group it is a key of.
    pub fn group(&self) -> NamedGroup {
        self.group
    }

    /// The public value as it is sent: curve points uncompressed (RFC 8446 §4.2.8.2), and for a hybrid group a client's
    /// share, which has the encapsulation key in it.
    pub fn public(&self) -> Vec<u8> {
        match &self.secret {
            Secret::Curve(curve) => curve.public(),
            Secret::Hybrid { curve, ml_kem, order } => order.concat(&curve.public(), &ml_kem.encapsulation_key()),
        }
    }

    /// The secret agreed on with the side that sent this public value; for a hybrid group, with a server that answered
    /// this key's share. No leading zero is taken off (RFC 8446 §7.4.2, RFC 8422 §5.10).
    pub fn agree(&self, peer_public: &[u8]) -> Result<SharedSecret, AgreementError> {
        match &self.secret {
            Secret::Curve(curve) => curve.agree(peer_public),
            Secret::Hybrid { curve, ml_kem, order } => {
                let expected = curve.public_length() + ml_kem.ciphertext_length();
                let (point, ciphertext) = split(*order, peer_public, curve.public_length(), expected)?;
                let ml_kem = ml_kem.decapsulate(ciphertext)?;
                Ok(order.concat(&curve.agree(point)?, &ml_kem).into())
            }
        }
    }

    /// A server's answer to a client's share: its own public value, and the secret agreed on. `None` where the group is
    /// none of [`GROUPS`](Self::GROUPS).
    pub fn answer(
        group: NamedGroup,
        client_public: &[u8],
        random: &mut impl CryptoRng,
    ) -> Option<Result<(Vec<u8>, SharedSecret), AgreementError>> {
        let Some((curve, parameter_set, order)) = hybrid(group) else {
            let key = CurveKey::generate(group, random)?;
            return Some(key.agree(client_public).map(|secret| (key.public(), secret)));
        };
        let curve = CurveKey::generate(curve, random)?;
        let expected = curve.public_length() + ml_kem::encapsulation_key_length(parameter_set)?;
        Some(split(order, client_public, curve.public_length(), expected).and_then(|(point, encapsulation_key)| {
            let (ciphertext, ml_kem) = ml_kem::encapsulate(parameter_set, encapsulation_key, random)?;
            let secret = order.concat(&curve.agree(point)?, &ml_kem);
            Ok((order.concat(&curve.public(), &ciphertext), secret.into()))
        }))
    }
}

fn split(order: Order, value: &[u8], curve_length: usize, expected: usize) -> Result<(&[u8], &[u8]), AgreementError> {
    let parts = order.split(value, curve_length).filter(|_| value.len() == expected);
    parts.ok_or(AgreementError::Length { found: value.len(), expected })
}

#[cfg(test)]
mod tests;
