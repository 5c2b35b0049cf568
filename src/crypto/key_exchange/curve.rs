//! Elliptic curve Diffie-Hellman (RFC 8422 §5.10, RFC 7748 §6.1).

use p256::elliptic_curve::point::AffineCoordinates;
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{
    AffinePoint, CurveArithmetic, CurveGroup, Field, FieldBytesSize, Generate, NonZeroScalar, ProjectivePoint,
    PublicKey, Scalar, SecretKey, ecdh,
};
use rand::CryptoRng;
use x25519_dalek::StaticSecret;

use super::{AgreementError, SharedSecret};
use crate::registry::NamedGroup;

/// A key on one of the curves.
pub(super) enum CurveKey {
    X25519(StaticSecret),
    Secp256r1(SecretKey<p256::NistP256>),
    Secp384r1(SecretKey<p384::NistP384>),
    Secp521r1(SecretKey<p521::NistP521>),
}

impl CurveKey {
    pub(super) fn generate(curve: NamedGroup, random: &mut impl CryptoRng) -> Option<Self> {
        Some(match curve {
            NamedGroup::X25519 => Self::X25519(StaticSecret::random_from_rng(random)),
            NamedGroup::SECP256R1 => Self::Secp256r1(p256::NonZeroScalar::generate_from_rng(random).into()),
            NamedGroup::SECP384R1 => Self::Secp384r1(p384::NonZeroScalar::generate_from_rng(random).into()),
            NamedGroup::SECP521R1 => Self::Secp521r1(p521::NonZeroScalar::generate_from_rng(random).into()),
            _ => return None,
        })
    }

    pub(super) fn generate_with_leading_zeros(
        curve: NamedGroup,
        peer: &[u8],
        zeros: u8,
        random: &mut impl CryptoRng,
    ) -> Result<Option<Self>, AgreementError> {
        Ok(match curve {
            NamedGroup::X25519 => {
                for _ in 0..tries(zeros) {
                    let key = Self::X25519(StaticSecret::random_from_rng(random));
                    if begins_with_zeros(&key.agree(peer)?, zeros) {
                        return Ok(Some(key));
                    }
                }
                None
            }
            NamedGroup::SECP256R1 => search(peer, zeros, random)?.map(Self::Secp256r1),
            NamedGroup::SECP384R1 => search(peer, zeros, random)?.map(Self::Secp384r1),
            NamedGroup::SECP521R1 => search(peer, zeros, random)?.map(Self::Secp521r1),
            _ => None,
        })
    }

    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::X25519(secret) => x25519_dalek::PublicKey::from(secret).to_bytes().to_vec(),
            Self::Secp256r1(secret) => secret.public_key().to_sec1_bytes().into(),
            Self::Secp384r1(secret) => secret.public_key().to_sec1_bytes().into(),
            Self::Secp521r1(secret) => secret.public_key().to_sec1_bytes().into(),
        }
    }

    pub(super) const fn public_length(&self) -> usize {
        match self {
            Self::X25519(_) => 32,
            Self::Secp256r1(_) => 65,
            Self::Secp384r1(_) => 97,
            Self::Secp521r1(_) => 133,
        }
    }

    pub(super) fn agree(&self, peer: &[u8]) -> Result<SharedSecret, AgreementError> {
        match self {
            Self::X25519(secret) => {
                let length = AgreementError::Length { found: peer.len(), expected: self.public_length() };
                let peer: [u8; 32] = peer.try_into().map_err(|_| length)?;
                let shared = secret.diffie_hellman(&peer.into());
                // A zero would say that the peer's value has a small order (RFC 8422 §5.11, RFC 8446 §7.4.2).
                if !shared.was_contributory() {
                    return Err(AgreementError::NotInGroup);
                }
                Ok(shared.to_bytes().to_vec().into())
            }
            Self::Secp256r1(secret) => diffie_hellman(secret, peer),
            Self::Secp384r1(secret) => diffie_hellman(secret, peer),
            Self::Secp521r1(secret) => diffie_hellman(secret, peer),
        }
    }
}

/// What the three curves in Weierstrass form have in common.
trait Weierstrass:
    CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>, FieldBytesSize: ModulusSize>
{
}

impl<C> Weierstrass for C
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
}

/// The point that a peer has sent: uncompressed, and on the curve.
fn point<C: Weierstrass>(sent: &[u8]) -> Result<PublicKey<C>, AgreementError> {
    const UNCOMPRESSED: u8 = 4;
    let expected = 1 + 2 * size_of::<p256::elliptic_curve::FieldBytes<C>>();
    if sent.len() != expected {
        return Err(AgreementError::Length { found: sent.len(), expected });
    }
    if sent.first() != Some(&UNCOMPRESSED) {
        return Err(AgreementError::NotInGroup);
    }
    PublicKey::from_sec1_bytes(sent).map_err(|_| AgreementError::NotInGroup)
}

fn diffie_hellman<C: Weierstrass>(secret: &SecretKey<C>, peer: &[u8]) -> Result<SharedSecret, AgreementError> {
    let shared = ecdh::diffie_hellman(secret.to_nonzero_scalar(), point::<C>(peer)?.as_affine());
    Ok(shared.raw_secret_bytes().to_vec().into())
}

/// A key whose x-coordinate with the peer's point begins with zeros: from a random one on, each try adds one to the key
/// and so the peer's point to the shared one, which is much less work than a multiplication.
fn search<C: Weierstrass>(
    peer: &[u8],
    zeros: u8,
    random: &mut impl CryptoRng,
) -> Result<Option<SecretKey<C>>, AgreementError> {
    let peer = ProjectivePoint::<C>::from(*point::<C>(peer)?.as_affine());
    let mut secret: Scalar<C> = *NonZeroScalar::<C>::generate_from_rng(random);
    let mut shared = peer * secret;
    for _ in 0..tries(zeros) {
        if begins_with_zeros(shared.to_affine().x().as_ref(), zeros) {
            return Ok(NonZeroScalar::new(secret).into_option().map(SecretKey::from));
        }
        secret += Scalar::<C>::ONE;
        shared += peer;
    }
    Ok(None)
}

/// So many that one of them is found unless fortune fails in e^-32 of all cases.
pub(in crate::crypto) const fn tries(zeros: u8) -> u32 {
    // More zeros than two would take hours.
    32 << (8 * if zeros > 2 { 2 } else { zeros })
}

fn begins_with_zeros(secret: &[u8], zeros: u8) -> bool {
    secret.get(..zeros.into()).is_some_and(|first| first.iter().all(|byte| *byte == 0))
}
