//! Ephemeral Diffie-Hellman in a finite field that the server has chosen (RFC 5246 §7.4.3), whatever it is.
//!
//! A server may send any numbers: a group is taken where one can compute in it, and what is to be thought of it is told
//! apart ([`DhGroup::known`], [`DhGroup::is_prime`]).

mod known;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd, Resize};
use crypto_primes::{Flavor, is_prime};
use rand::CryptoRng;
use zeroize::Zeroizing;

pub use self::known::KnownPrime;
use super::key_exchange::{AgreementError, SharedSecret, tries};

/// A field and a generator in it.
#[derive(Clone)]
pub struct DhGroup {
    modulus: BoxedMontyParams,
    generator: BoxedMontyForm,
    /// The prime as a number of its shortest form.
    prime: Vec<u8>,
}

/// Why one cannot compute in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DhGroupError {
    /// It would take too long, or there is nothing to choose from.
    #[error("a modulus of {bits} bits is out of bounds: allowed are 16 to 16384")]
    Size {
        /// How long the modulus is.
        bits: usize,
    },
    /// No prime but 2 is even.
    #[error("the modulus is even, and so no prime")]
    Even,
    /// It is 0, 1, the modulus less 1, or more: what it generates has one or two elements.
    #[error("the generator generates nothing")]
    Generator,
}

/// Whether a shared secret keeps the zero bytes it may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadingZeros {
    /// They are taken off: up to TLS 1.2 (RFC 5246 §8.1.2).
    Stripped,
    /// They stay, and the secret is as long as the prime: TLS 1.3 (RFC 8446 §7.4.1).
    Kept,
}

/// The sizes of a modulus that one computes with, in bytes.
const MIN_LENGTH: usize = 2;
const MAX_LENGTH: usize = 2048;

/// Beyond this many bits it takes seconds to tell whether a number is prime.
const MAX_BITS_TESTED: u32 = 4096;

/// How much a search may cost, in products of two 64-bit numbers: a second or two. A peer chooses the modulus, and may
/// choose one in which there is nothing to find.
const SEARCH_BUDGET: u64 = 1 << 31;

/// What a private value needs at most: RFC 7919 §5.2 has 400 bits for the largest of its groups.
const MAX_SECRET_LENGTH: usize = 64;

impl DhGroup {
    /// `dh_p` and `dh_g` as they were sent.
    pub fn new(prime: &[u8], generator: &[u8]) -> Result<Self, DhGroupError> {
        let prime = without_leading_zeros(prime);
        let generator = without_leading_zeros(generator);
        if !(MIN_LENGTH..=MAX_LENGTH).contains(&prime.len()) {
            return Err(DhGroupError::Size { bits: prime.len() * 8 });
        }
        let modulus = Option::from(Odd::new(BoxedUint::from_be_slice_vartime(prime))).ok_or(DhGroupError::Even)?;
        let modulus = BoxedMontyParams::new_vartime(modulus);
        let generator = element(&modulus, generator).ok_or(DhGroupError::Generator)?;
        Ok(Self { generator: BoxedMontyForm::new(generator, &modulus), modulus, prime: prime.to_vec() })
    }

    /// The size of the prime in bits.
    pub fn bits(&self) -> u32 {
        self.modulus.modulus().bits_vartime()
    }

    /// The prime, if it is one that many servers have.
    pub fn known(&self) -> Option<&'static KnownPrime> {
        KnownPrime::find(&self.prime)
    }

    /// Whether the modulus is a prime at all; `None` where it is too large to tell in a moment.
    pub fn is_prime(&self) -> Option<bool> {
        let modulus = self.modulus.modulus();
        if self.known().is_some() {
            return Some(true);
        }
        (self.bits() <= MAX_BITS_TESTED).then(|| is_prime(Flavor::Any, modulus.as_ref()))
    }
}

/// One side's ephemeral key in a group. It cannot be cloned or printed: it is for one handshake.
pub struct DhKeyPair {
    group: DhGroup,
    secret: Zeroizing<BoxedUint>,
}

impl DhKeyPair {
    /// A new key. The same randomness makes the same key.
    pub fn generate(group: DhGroup, random: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; MAX_SECRET_LENGTH]);
        random.fill_bytes(&mut *secret);
        let length = group.prime.len().min(MAX_SECRET_LENGTH);
        let secret = BoxedUint::from_be_slice_vartime(secret.get(..length).unwrap_or_default());
        // As large as it may be, and so never zero.
        let secret = secret.bitor(&BoxedUint::one_with_precision(secret.bits_precision()).shl(8 * bits(length) - 1));
        Self { group, secret: Zeroizing::new(secret) }
    }

    /// A new key whose shared secret with that public value begins with so many zero bytes: where the two sides fail if
    /// one takes them off and the other does not, once in 256 handshakes of which nobody knows why.
    ///
    /// From a random key on, each try adds one to it, and so multiplies the shared secret by the peer's value once.
    /// `None` where that did not find one, though it would in all but one of a million million groups of up to 2048
    /// bits; in larger ones the search ends sooner.
    pub fn generate_with_leading_zeros(
        group: DhGroup,
        peer_public: &[u8],
        zeros: u8,
        random: &mut impl CryptoRng,
    ) -> Result<Option<Self>, AgreementError> {
        let mut key = Self::generate(group, random);
        let peer = BoxedMontyForm::new(key.peer(peer_public)?, &key.group.modulus);
        let shared = peer.pow(&key.secret).retrieve();
        // Montgomery multiplication divides by R: with the one factor in Montgomery form and the other as it is, the
        // product is as it is too, and its leading bytes can be looked at.
        let mut shared = BoxedMontyForm::from_montgomery(shared, &key.group.modulus);
        let allowed_bits = 8 * bits(key.group.prime.len().saturating_sub(zeros.into()));
        let limbs = u64::try_from(key.group.prime.len().div_ceil(8)).unwrap_or(u64::MAX);
        let affordable = u32::try_from(SEARCH_BUDGET / limbs.saturating_mul(limbs).max(1)).unwrap_or(u32::MAX);
        for steps in 0..tries(zeros).min(affordable) {
            if shared.as_montgomery().bits_vartime() <= allowed_bits {
                let steps = BoxedUint::from(steps).resize(key.secret.bits_precision());
                let secret = key.secret.wrapping_add(&steps);
                return Ok(Some(Self { secret: Zeroizing::new(secret), ..key }));
            }
            shared = shared.mul(&peer);
        }
        key.secret = Zeroizing::default();
        Ok(None)
    }

    /// The group it is a key of.
    pub fn group(&self) -> &DhGroup {
        &self.group
    }

    /// The public value as it is sent: as long as the prime.
    pub fn public(&self) -> Vec<u8> {
        let public = self.group.generator.pow(&self.secret).retrieve();
        self.padded(&public)
    }

    /// The secret agreed on with the side that sent this public value.
    pub fn agree(&self, peer_public: &[u8], leading_zeros: LeadingZeros) -> Result<SharedSecret, AgreementError> {
        let peer = BoxedMontyForm::new(self.peer(peer_public)?, &self.group.modulus);
        let shared = Zeroizing::new(self.padded(&peer.pow(&self.secret).retrieve()));
        Ok(match leading_zeros {
            LeadingZeros::Kept => shared,
            LeadingZeros::Stripped => without_leading_zeros(&shared).to_vec().into(),
        })
    }

    /// A peer's public value: more than 1 and less than the prime less 1 (RFC 7919 §3).
    fn peer(&self, public: &[u8]) -> Result<BoxedUint, AgreementError> {
        let public = without_leading_zeros(public);
        let expected = self.group.prime.len();
        if public.len() > expected {
            return Err(AgreementError::Length { found: public.len(), expected });
        }
        element(&self.group.modulus, public).ok_or(AgreementError::NotInGroup)
    }

    /// The number as long as the prime.
    fn padded(&self, number: &BoxedUint) -> Vec<u8> {
        let bytes = number.to_be_bytes();
        let surplus = bytes.len().saturating_sub(self.group.prime.len());
        bytes.get(surplus..).unwrap_or_default().to_vec()
    }
}

/// A number from 2 to the modulus less 2.
fn element(modulus: &BoxedMontyParams, number: &[u8]) -> Option<BoxedUint> {
    let number = BoxedUint::from_be_slice(number, modulus.bits_precision()).ok()?;
    let one = BoxedUint::one_with_precision(modulus.bits_precision());
    let highest = modulus.modulus().wrapping_sub(&one);
    (number > one && number < highest).then_some(number)
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A number of bytes, which is never large here.
fn bits(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX / 8)
}

#[cfg(test)]
mod tests;
