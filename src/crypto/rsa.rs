//! RSA with the padding of PKCS #1 v1.5 (RFC 8017 §7.2, §8.2): the premaster secret of RSA key exchange, and signatures.
//!
//! It is here because no library does all that TLS needs of it: signatures without a `DigestInfo` (TLS 1.0 and 1.1), keys
//! as small as servers have them. The arithmetic is crypto-bigint's, in constant time where a private key is used, and
//! the input of that is blinded, so that the time it takes tells nothing (RUSTSEC-2023-0071).

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use rand::CryptoRng;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use zeroize::Zeroizing;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RsaKeyError {
    /// Its bytes are no RSA key.
    #[error("the bytes are no RSA key")]
    Malformed,
    /// The modulus is shorter or longer than is computed with.
    #[error("an RSA key of {bits} bits is out of bounds: allowed are 512 to 16384")]
    Size {
        /// How long the modulus is.
        bits: usize,
    },
}

/// The sizes of a modulus in bytes, and the most an exponent may have: beyond that a peer could keep us computing.
const MIN_LENGTH: usize = 64;
const MAX_LENGTH: usize = 2048;
const MAX_EXPONENT_LENGTH: usize = 32;

/// What anyone may know of a key.
#[derive(Clone)]
pub struct RsaPublicKey {
    modulus: BoxedMontyParams,
    exponent: BoxedUint,
    /// The modulus's length in bytes, and that of all that is made with it.
    length: usize,
}

impl RsaPublicKey {
    /// Reads `RSAPublicKey` (RFC 8017 §A.1.1), the content of an RSA key's `subjectPublicKey`.
    pub fn from_der(der: &[u8]) -> Result<Self, RsaKeyError> {
        let (_, key) = RSAPublicKey::from_der(der).map_err(|_| RsaKeyError::Malformed)?;
        Self::new(key.modulus, key.exponent)
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> u32 {
        self.modulus.modulus().bits_vartime()
    }

    /// Encrypts a premaster secret, or `None` where the key is too small for it.
    pub fn encrypt(&self, message: &[u8], random: &mut impl CryptoRng) -> Option<Vec<u8>> {
        let padding_length = padding_length(self.length, message)?;
        let mut padding = Zeroizing::new(vec![0; padding_length]);
        for byte in padding.iter_mut() {
            // Zeros would end the padding.
            while *byte == 0 {
                random.fill_bytes(std::slice::from_mut(byte));
            }
        }
        let block = Zeroizing::new([&[0, ENCRYPTED][..], &padding, &[0], message].concat());
        self.power(&block)
    }

    /// Whether `signature` is one over what is encoded as `digest`.
    pub(super) fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.length {
            return false;
        }
        let expected = self.signed_block(digest);
        self.power(signature).zip(expected).is_some_and(|(found, expected)| found == expected)
    }

    fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, RsaKeyError> {
        let (modulus, exponent) = (without_leading_zeros(modulus), without_leading_zeros(exponent));
        let length = modulus.len();
        if !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
            return Err(RsaKeyError::Size { bits: 8 * length });
        }
        let odd: Option<Odd<_>> = Odd::new(BoxedUint::from_be_slice_vartime(modulus)).into();
        let modulus = odd.ok_or(RsaKeyError::Malformed)?;
        let is_odd = exponent.last().is_some_and(|last| last & 1 == 1);
        if !is_odd || exponent.len() > MAX_EXPONENT_LENGTH {
            return Err(RsaKeyError::Malformed);
        }
        let exponent = BoxedUint::from_be_slice_vartime(exponent);
        Ok(Self { modulus: BoxedMontyParams::new_vartime(modulus), exponent, length })
    }

    /// `EMSA-PKCS1-v1_5`, from where the digest is encoded already (RFC 8017 §9.2).
    fn signed_block(&self, digest: &[u8]) -> Option<Vec<u8>> {
        let padding = vec![0xff; padding_length(self.length, digest)?];
        Some([&[0, SIGNED][..], &padding, &[0], digest].concat())
    }

    /// `input ^ e mod n`, or `None` where the input is not less than the modulus.
    fn power(&self, input: &[u8]) -> Option<Vec<u8>> {
        let power = self.element(input)?.pow_bounded_exp(&self.exponent, self.exponent.bits_vartime());
        Some(self.padded(&power.retrieve()))
    }

    fn element(&self, number: &[u8]) -> Option<BoxedMontyForm> {
        let number = BoxedUint::from_be_slice(number, self.modulus.bits_precision()).ok()?;
        (number < **self.modulus.modulus()).then(|| BoxedMontyForm::new(number, &self.modulus))
    }

    /// The number as long as the modulus.
    fn padded(&self, number: &BoxedUint) -> Vec<u8> {
        let bytes = number.to_be_bytes();
        bytes.get(bytes.len().saturating_sub(self.length)..).unwrap_or_default().to_vec()
    }
}

/// What only its owner knows of a key.
pub struct RsaPrivateKey {
    public: RsaPublicKey,
    exponent: Zeroizing<BoxedUint>,
}

impl RsaPrivateKey {
    /// A key by its numbers (RFC 8017 §A.1.2), each as a big-endian integer.
    pub fn new(modulus: &[u8], public_exponent: &[u8], private_exponent: &[u8]) -> Result<Self, RsaKeyError> {
        let public = RsaPublicKey::new(modulus, public_exponent)?;
        let exponent =
            BoxedUint::from_be_slice(without_leading_zeros(private_exponent), public.modulus.bits_precision());
        Ok(Self { public, exponent: Zeroizing::new(exponent.map_err(|_| RsaKeyError::Malformed)?) })
    }

    /// The half that anyone may know.
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    /// Signs what is encoded as `digest`, or `None` where the key is too small for it, or its numbers do not fit each
    /// other.
    pub(super) fn sign(&self, digest: &[u8], random: &mut impl CryptoRng) -> Option<Vec<u8>> {
        let signature = self.power(&self.public.signed_block(digest)?, random)?;
        // A signature gone wrong can give the key away.
        self.public.verify(digest, &signature).then_some(signature)
    }

    /// Decrypts a premaster secret, or `None` where the padding is wrong. Whoever answers that apart from a wrong
    /// secret lets others decrypt (RFC 5246 §7.4.7.1): this is for scripted servers alone.
    pub fn decrypt(&self, ciphertext: &[u8], random: &mut impl CryptoRng) -> Option<Zeroizing<Vec<u8>>> {
        let block = Zeroizing::new(self.power(ciphertext, random)?);
        let padded = block.strip_prefix(&[0, ENCRYPTED])?;
        let end = padded.iter().position(|byte| *byte == 0).filter(|length| *length >= MIN_PADDING)?;
        Some(Zeroizing::new(padded.get(end + 1..)?.to_vec()))
    }

    /// `input ^ d mod n`, blinded: `(input * r^e)^d / r`.
    fn power(&self, input: &[u8], random: &mut impl CryptoRng) -> Option<Vec<u8>> {
        let input = self.public.element(input)?;
        let mut blinding = Zeroizing::new(vec![0; self.public.length - 1]);
        random.fill_bytes(&mut blinding);
        let blinding = self.public.element(&blinding)?;
        let unblinding: Option<BoxedMontyForm> = blinding.invert().into();
        let exponent = &self.public.exponent;
        let blinded = input.mul(&blinding.pow_bounded_exp(exponent, exponent.bits_vartime()));
        Some(self.public.padded(&blinded.pow(&self.exponent).mul(&unblinding?).retrieve()))
    }

    /// Whether that is its public half.
    pub(super) fn belongs_to(&self, public: &RsaPublicKey) -> bool {
        self.public.modulus.modulus().to_be_bytes() == public.modulus.modulus().to_be_bytes()
    }
}

/// `BT`, the second byte of a block.
const SIGNED: u8 = 1;
const ENCRYPTED: u8 = 2;

const MIN_PADDING: usize = 8;

fn padding_length(length: usize, content: &[u8]) -> Option<usize> {
    length.checked_sub(content.len() + 3).filter(|padding| *padding >= MIN_PADDING)
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::crypto::testing;

    #[test]
    fn what_openssl_encrypted_is_decrypted_and_ours_too() {
        let mut random = StdRng::seed_from_u64(1);
        let ciphertext = testing::signature_vector("rsa-2048", "encrypted");
        let (public, private) = testing::rsa_key("rsa-2048");
        assert_eq!(**private.decrypt(&ciphertext, &mut random).unwrap(), testing::MESSAGE[..]);

        let premaster = [7; 48];
        let [first, second] = [(); 2].map(|()| public.encrypt(&premaster, &mut random).unwrap());
        assert_ne!(first, second, "the padding is random");
        assert_eq!(**private.decrypt(&first, &mut random).unwrap(), premaster);
        assert_eq!(first.len(), 256);
    }

    #[test]
    fn what_was_not_encrypted_is_not_decrypted() {
        let mut random = StdRng::seed_from_u64(2);
        let (public, private) = testing::rsa_key("rsa-1024");
        let mut changed = public.encrypt(&[7; 48], &mut random).unwrap();
        changed[100] ^= 1;
        assert!(private.decrypt(&changed, &mut random).is_none());
        assert!(private.decrypt(&[0xff; 128], &mut random).is_none(), "not less than the modulus");
        assert!(private.decrypt(&[1; 129], &mut random).is_none());
    }

    #[test]
    fn a_key_too_small_for_the_content_says_so() {
        let (public, _) = testing::rsa_key("rsa-1024");
        let mut random = StdRng::seed_from_u64(3);
        assert!(public.encrypt(&[1; 128 - 11], &mut random).is_some());
        assert!(public.encrypt(&[1; 128 - 10], &mut random).is_none());
    }

    #[test]
    fn keys_out_of_bounds_are_refused() {
        let refused = |modulus: &[u8], exponent: &[u8]| RsaPublicKey::new(modulus, exponent).err();
        assert_eq!(refused(&[0xff; 63], &[3]), Some(RsaKeyError::Size { bits: 504 }));
        assert_eq!(refused(&[0xff; 2049], &[3]), Some(RsaKeyError::Size { bits: 2049 * 8 }));
        assert_eq!(refused(&[0xff; 64], &[3]), None);
        assert_eq!(refused(&[0xfe; 64], &[3]), Some(RsaKeyError::Malformed));
        assert_eq!(refused(&[0xff; 64], &[]), Some(RsaKeyError::Malformed));
        assert_eq!(refused(&[0xff; 64], &[4]), Some(RsaKeyError::Malformed));
        assert_eq!(refused(&[0xff; 64], &[0xff; 33]), Some(RsaKeyError::Malformed));
        assert_eq!(RsaPublicKey::from_der(&[0x30, 0]).err(), Some(RsaKeyError::Malformed));
    }
}
