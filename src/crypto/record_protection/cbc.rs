//! Records of a block cipher in CBC mode: authenticated and then encrypted (RFC 5246 §6.2.3.2), or the other way round
//! (RFC 7366).

use ::cbc::cipher::array::Array;
use ::cbc::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use ::cbc::{Decryptor, Encryptor};
use aes::{Aes128, Aes256};
use des::TdesEde3;
use rand::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::algorithm::BlockCipher;
use super::{DirectionKeys, ProtectionError};
use crate::crypto::hash::{Digest, HashAlgorithm, Hmac};
use crate::registry::ProtocolVersion;

/// One direction's cipher and MAC.
pub(super) struct Cbc {
    cipher: Box<dyn Blocks>,
    block_length: usize,
    mac: Hmac,
    mac_length: usize,
    encrypt_then_mac: bool,
    /// The last block of ciphertext, which is the next record's IV in TLS 1.0; later every record brings its own.
    chained_iv: Option<Zeroizing<Vec<u8>>>,
}

impl Cbc {
    /// `None` where a key does not have the algorithm's length.
    pub(super) fn new(
        cipher: BlockCipher,
        mac: HashAlgorithm,
        version: ProtocolVersion,
        keys: &DirectionKeys,
        encrypt_then_mac: bool,
    ) -> Option<Self> {
        let block_length = cipher.block_length();
        let cipher: Box<dyn Blocks> = match cipher {
            BlockCipher::Aes128 => Box::new(Aes128::new_from_slice(&keys.key).ok()?),
            BlockCipher::Aes256 => Box::new(Aes256::new_from_slice(&keys.key).ok()?),
            BlockCipher::TripleDes => Box::new(TdesEde3::new_from_slice(&keys.key).ok()?),
        };
        let chained = version == ProtocolVersion::TLS1_0;
        if keys.iv.len() != if chained { block_length } else { 0 } {
            return None;
        }
        Some(Self {
            cipher,
            block_length,
            mac: Hmac::new(mac, &keys.mac_key),
            mac_length: mac.output_length(),
            encrypt_then_mac,
            chained_iv: chained.then(|| keys.iv.clone()),
        })
    }

    /// How much longer a record becomes at most.
    pub(super) fn overhead(&self) -> usize {
        self.explicit_iv_length() + self.mac_length + self.block_length
    }

    /// Appends IV, ciphertext and MAC to `out`. `authenticated` is what the MAC covers before the content, given the
    /// length that it is to say.
    pub(super) fn seal(
        &mut self,
        authenticated: impl Fn(usize) -> [u8; 13],
        plaintext: &[u8],
        random: &mut impl Rng,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        out.resize(start + self.explicit_iv_length(), 0);
        random.fill_bytes(out.get_mut(start..).unwrap_or_default());
        let content = out.len();
        out.extend_from_slice(plaintext);
        if !self.encrypt_then_mac {
            out.extend_from_slice(&self.mac.of([&authenticated(plaintext.len())[..], plaintext]));
        }
        let padded = (out.len() - content + 1).next_multiple_of(self.block_length);
        let padding = padded - (out.len() - content) - 1;
        out.resize(content + padded, u8::try_from(padding).unwrap_or_default());

        let (before, blocks) = out.split_at_mut(content);
        let explicit_iv = before.get(start..).unwrap_or_default();
        self.cipher.encrypt(self.chained_iv.as_ref().map_or(explicit_iv, |iv| iv.as_slice()), blocks);
        self.chain(blocks.rchunks(self.block_length).next());
        if self.encrypt_then_mac {
            let sealed = out.get(start..).unwrap_or_default();
            let mac = self.mac.of([&authenticated(sealed.len())[..], sealed]);
            out.extend_from_slice(&mac);
        }
    }

    /// The plaintext of a fragment; `authenticated` as for [`seal`](Self::seal).
    pub(super) fn open(
        &mut self,
        authenticated: impl Fn(usize) -> [u8; 13],
        fragment: &[u8],
    ) -> Result<Vec<u8>, ProtectionError> {
        let least = self.explicit_iv_length() + self.mac_length + 1;
        let too_short = ProtectionError::TooShort { length: fragment.len(), least };
        let sealed = if self.encrypt_then_mac {
            let length = fragment.len().checked_sub(self.mac_length).ok_or(too_short)?;
            let (sealed, mac) = fragment.split_at_checked(length).ok_or(too_short)?;
            check(&self.mac.of([&authenticated(length)[..], sealed]), mac)?;
            sealed
        } else {
            fragment
        };
        let (explicit_iv, ciphertext) = sealed.split_at_checked(self.explicit_iv_length()).ok_or(too_short)?;
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(self.block_length) {
            return Err(ProtectionError::NotWholeBlocks { length: ciphertext.len(), block: self.block_length });
        }
        let mut plaintext = ciphertext.to_vec();
        self.cipher.decrypt(self.chained_iv.as_ref().map_or(explicit_iv, |iv| iv.as_slice()), &mut plaintext);
        self.chain(ciphertext.rchunks(self.block_length).next());

        let unpadded = unpadded_length(&plaintext).ok_or(ProtectionError::BadRecordMac)?;
        plaintext.truncate(unpadded);
        if !self.encrypt_then_mac {
            // That it is too short for a MAC must not show apart from a wrong one (RFC 5246 §6.2.3.2).
            let length = unpadded.checked_sub(self.mac_length).ok_or(ProtectionError::BadRecordMac)?;
            let (content, mac) = plaintext.split_at_checked(length).ok_or(ProtectionError::BadRecordMac)?;
            check(&self.mac.of([&authenticated(length)[..], content]), mac)?;
            plaintext.truncate(length);
        }
        Ok(plaintext)
    }

    fn explicit_iv_length(&self) -> usize {
        if self.chained_iv.is_some() { 0 } else { self.block_length }
    }

    fn chain(&mut self, last_block: Option<&[u8]>) {
        if let (Some(iv), Some(block)) = (&mut self.chained_iv, last_block) {
            iv.copy_from_slice(block);
        }
    }
}

/// Whether a MAC is the one it should be, in constant time.
fn check(expected: &Digest, found: &[u8]) -> Result<(), ProtectionError> {
    if bool::from(expected.ct_eq(found)) { Ok(()) } else { Err(ProtectionError::BadRecordMac) }
}

/// Where the content ends before its padding, or `None` where every byte of that is not what it should be.
fn unpadded_length(plaintext: &[u8]) -> Option<usize> {
    let padding = *plaintext.last()?;
    let length = plaintext.len().checked_sub(usize::from(padding) + 1)?;
    plaintext.get(length..)?.iter().all(|byte| *byte == padding).then_some(length)
}

/// Any of the ciphers. What is given is a whole number of blocks, and an IV of one.
trait Blocks: Send + Sync {
    fn encrypt(&self, iv: &[u8], blocks: &mut [u8]);
    fn decrypt(&self, iv: &[u8], blocks: &mut [u8]);
}

const ONE_BLOCK: &str = "an IV is one block";

impl<C: BlockCipherEncrypt + BlockCipherDecrypt + Send + Sync> Blocks for C {
    fn encrypt(&self, iv: &[u8], blocks: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(blocks);
        Encryptor::inner_iv_slice_init(self, iv).expect(ONE_BLOCK).encrypt_blocks(blocks);
    }

    fn decrypt(&self, iv: &[u8], blocks: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(blocks);
        Decryptor::inner_iv_slice_init(self, iv).expect(ONE_BLOCK).decrypt_blocks(blocks);
    }
}
