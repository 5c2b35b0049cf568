//! Records of a cipher that authenticates what it encrypts (RFC 5246 §6.2.3.3, RFC 8446 §5.2).

use aead::{AeadInOut, Nonce, Tag};
use aes::{Aes128, Aes256};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use ccm::consts::{U8, U12, U16};
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{self, KeyInit};
use zeroize::Zeroizing;

use super::algorithm::{AeadAlgorithm, NONCE_LENGTH};
use super::{DirectionKeys, ProtectionError};
use crate::registry::ProtocolVersion;

/// One direction's cipher and how its nonces are made.
pub(super) struct Aead {
    cipher: Box<dyn InPlace>,
    iv: Zeroizing<[u8; NONCE_LENGTH]>,
    /// How many bytes of a nonce are sent at the front of each record.
    explicit_length: usize,
    tag_length: usize,
}

impl Aead {
    /// `None` where a key does not have the algorithm's length.
    pub(super) fn new(algorithm: AeadAlgorithm, version: ProtocolVersion, keys: &DirectionKeys) -> Option<Self> {
        let cipher: Box<dyn InPlace> = match algorithm {
            AeadAlgorithm::Aes128Gcm => Box::new(Aes128Gcm::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::Aes256Gcm => Box::new(Aes256Gcm::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::Aes128Ccm => Box::new(Ccm::<Aes128, U16, U12>::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::Aes256Ccm => Box::new(Ccm::<Aes256, U16, U12>::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::Aes128Ccm8 => Box::new(Ccm::<Aes128, U8, U12>::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::Aes256Ccm8 => Box::new(Ccm::<Aes256, U8, U12>::new_from_slice(&keys.key).ok()?),
            AeadAlgorithm::ChaCha20Poly1305 => Box::new(ChaCha20Poly1305::new_from_slice(&keys.key).ok()?),
        };
        let fixed_length = algorithm.fixed_iv_length(version);
        let mut iv = Zeroizing::new([0; NONCE_LENGTH]);
        iv.get_mut(..fixed_length).filter(|fixed| fixed.len() == keys.iv.len())?.copy_from_slice(&keys.iv);
        Some(Self { cipher, iv, explicit_length: NONCE_LENGTH - fixed_length, tag_length: algorithm.tag_length() })
    }

    /// How much longer a record becomes.
    pub(super) fn overhead(&self) -> usize {
        self.explicit_length + self.tag_length
    }

    /// The bytes of the nonce that are sent: the sequence number, which never comes twice.
    pub(super) fn explicit_nonce(&self, sequence_number: u64) -> impl Iterator<Item = u8> + use<> {
        sequence_number.to_be_bytes().into_iter().take(self.explicit_length)
    }

    /// Encrypts what is in `buffer` and adds the tag.
    pub(super) fn seal(&self, sequence_number: u64, associated_data: &[u8], buffer: &mut Vec<u8>, from: usize) {
        let nonce = self.nonce(&sequence_number.to_be_bytes());
        let plaintext = buffer.get_mut(from..).unwrap_or_default();
        let tag = self.cipher.seal(&nonce, associated_data, plaintext);
        buffer.extend_from_slice(tag.get(..self.tag_length).unwrap_or_default());
    }

    /// The plaintext of a fragment. `associated_data` is told how long it is.
    pub(super) fn open<D: AsRef<[u8]>>(
        &self,
        sequence_number: u64,
        associated_data: impl FnOnce(usize) -> D,
        fragment: &[u8],
    ) -> Result<Vec<u8>, ProtectionError> {
        let too_short = ProtectionError::TooShort { length: fragment.len(), least: self.overhead() };
        let (explicit, rest) = fragment.split_at_checked(self.explicit_length).ok_or(too_short)?;
        let length = rest.len().checked_sub(self.tag_length).ok_or(too_short)?;
        let (ciphertext, tag) = rest.split_at_checked(length).ok_or(too_short)?;
        let nonce = match explicit {
            [] => self.nonce(&sequence_number.to_be_bytes()),
            sent => self.nonce(sent),
        };
        let mut plaintext = ciphertext.to_vec();
        let authentic = self.cipher.open(&nonce, associated_data(length).as_ref(), &mut plaintext, tag);
        if authentic { Ok(plaintext) } else { Err(ProtectionError::BadRecordMac) }
    }

    /// The IV with `last` added to its last bytes, which are zeros where they are sent (RFC 8446 §5.3, RFC 7905 §2).
    fn nonce(&self, last: &[u8]) -> [u8; NONCE_LENGTH] {
        let mut nonce = *self.iv;
        for (place, byte) in nonce.iter_mut().rev().zip(last.iter().rev()) {
            *place ^= byte;
        }
        nonce
    }
}

/// Any of the ciphers: their types differ in the lengths of keys and tags alone.
trait InPlace: Send + Sync {
    /// Encrypts, and gives the tag at the front of what it returns.
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], associated_data: &[u8], buffer: &mut [u8]) -> [u8; 16];

    /// Decrypts, and says whether the tag is right.
    fn open(&self, nonce: &[u8; NONCE_LENGTH], associated_data: &[u8], buffer: &mut [u8], tag: &[u8]) -> bool;
}

impl<T: AeadInOut<NonceSize = U12> + Send + Sync> InPlace for T {
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], associated_data: &[u8], buffer: &mut [u8]) -> [u8; 16] {
        let nonce = Nonce::<T>::from(*nonce);
        let tag = self.encrypt_inout_detached(&nonce, associated_data, buffer.into());
        let tag = tag.expect("a record is shorter than any of the ciphers' limits");
        let mut out = [0; 16];
        for (place, byte) in out.iter_mut().zip(tag.iter()) {
            *place = *byte;
        }
        out
    }

    fn open(&self, nonce: &[u8; NONCE_LENGTH], associated_data: &[u8], buffer: &mut [u8], tag: &[u8]) -> bool {
        let nonce = Nonce::<T>::from(*nonce);
        let Ok(tag) = <&Tag<T>>::try_from(tag) else { return false };
        self.decrypt_inout_detached(&nonce, associated_data, buffer.into(), tag).is_ok()
    }
}
