//! Which cipher and which MAC a suite protects its records with.

use crate::crypto::hash::HashAlgorithm;
use crate::registry::{CipherAlgorithm, CipherMode, CipherSuite, Mac, ProtocolVersion};

/// How records are protected, as far as it is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// Encrypted and authenticated in one.
    Aead(AeadAlgorithm),
    /// Encrypted in blocks, and authenticated by HMAC.
    Cbc(BlockCipher, HashAlgorithm),
}

impl Algorithm {
    pub(super) fn of(suite: CipherSuite, version: ProtocolVersion) -> Option<Self> {
        let info = suite.info().filter(|info| info.versions.contains(version))?;
        let mac = match info.mac {
            Mac::HmacMd5 => Some(HashAlgorithm::Md5),
            Mac::HmacSha1 => Some(HashAlgorithm::Sha1),
            Mac::HmacSha256 => Some(HashAlgorithm::Sha256),
            Mac::HmacSha384 => Some(HashAlgorithm::Sha384),
            _ => None,
        };
        Some(match (info.cipher.algorithm, info.cipher.bits, info.cipher.mode) {
            (CipherAlgorithm::Aes, 128, CipherMode::Cbc) => Self::Cbc(BlockCipher::Aes128, mac?),
            (CipherAlgorithm::Aes, 256, CipherMode::Cbc) => Self::Cbc(BlockCipher::Aes256, mac?),
            (CipherAlgorithm::TripleDes, _, CipherMode::Cbc) => Self::Cbc(BlockCipher::TripleDes, mac?),
            (CipherAlgorithm::Aes, 128, CipherMode::Gcm) => Self::Aead(AeadAlgorithm::Aes128Gcm),
            (CipherAlgorithm::Aes, 256, CipherMode::Gcm) => Self::Aead(AeadAlgorithm::Aes256Gcm),
            (CipherAlgorithm::Aes, 128, CipherMode::Ccm) => Self::Aead(AeadAlgorithm::Aes128Ccm),
            (CipherAlgorithm::Aes, 256, CipherMode::Ccm) => Self::Aead(AeadAlgorithm::Aes256Ccm),
            (CipherAlgorithm::Aes, 128, CipherMode::Ccm8) => Self::Aead(AeadAlgorithm::Aes128Ccm8),
            (CipherAlgorithm::Aes, 256, CipherMode::Ccm8) => Self::Aead(AeadAlgorithm::Aes256Ccm8),
            (CipherAlgorithm::ChaCha20, _, CipherMode::Poly1305) => Self::Aead(AeadAlgorithm::ChaCha20Poly1305),
            _ => return None,
        })
    }
}

/// A cipher that authenticates what it encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AeadAlgorithm {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Ccm,
    Aes256Ccm,
    Aes128Ccm8,
    Aes256Ccm8,
    ChaCha20Poly1305,
}

/// Each of these has nonces of twelve bytes.
pub(super) const NONCE_LENGTH: usize = 12;

impl AeadAlgorithm {
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 => 16,
            Self::Aes256Gcm | Self::Aes256Ccm | Self::Aes256Ccm8 | Self::ChaCha20Poly1305 => 32,
        }
    }

    pub(super) const fn tag_length(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            _ => 16,
        }
    }

    /// The part of the nonce that is not sent. AES in TLS 1.2 sends eight bytes of it with every record (RFC 5288 §3,
    /// RFC 6655 §3), `ChaCha20` none (RFC 7905 §2), nor does TLS 1.3 (RFC 8446 §5.3).
    pub(super) fn fixed_iv_length(self, version: ProtocolVersion) -> usize {
        match self {
            Self::ChaCha20Poly1305 => NONCE_LENGTH,
            _ if version == ProtocolVersion::TLS1_3 => NONCE_LENGTH,
            _ => 4,
        }
    }
}

/// A cipher that encrypts a block at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockCipher {
    Aes128,
    Aes256,
    TripleDes,
}

impl BlockCipher {
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    pub(super) const fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes256 => 16,
            Self::TripleDes => 8,
        }
    }
}
