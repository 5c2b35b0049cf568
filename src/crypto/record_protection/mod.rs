//! Record protection: what makes a plaintext fragment a protected record, and the way back.
//!
//! One [`RecordProtection`] is one direction of one connection between two changes of keys; it counts its records. It
//! seals and opens alike, so that one type serves both ends.

mod aead;
mod algorithm;
mod cbc;
mod keys;

use rand::Rng;

use self::aead::Aead;
use self::algorithm::Algorithm;
use self::cbc::Cbc;
pub use self::keys::{ConnectionKeys, DirectionKeys, KeyLengths};
use crate::registry::{CipherSuite, ProtocolVersion};

/// What a record begins with: content type, version, length.
pub type RecordHeader = [u8; 5];

/// The most plaintext in a record (RFC 8446 §5.1).
const MAX_PLAINTEXT: usize = 1 << 14;

/// What TLS 1.3 says a protected record is, whatever it is (RFC 8446 §5.2).
const APPLICATION_DATA: u8 = 23;

/// Why a record cannot be opened. Each is fatal to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtectionError {
    /// It was changed on the way, or sealed with another key: `bad_record_mac`.
    #[error("the record does not authenticate")]
    BadRecordMac,
    /// It has no room for what protects it: no key makes such a record.
    #[error("a protected fragment of {length} bytes is too short, {least} is the least")]
    TooShort {
        /// Its length.
        length: usize,
        /// That of an empty record.
        least: usize,
    },
    /// A block cipher's ciphertext is not a whole number of blocks.
    #[error("{length} bytes of ciphertext are not whole blocks of {block}")]
    NotWholeBlocks {
        /// How long the ciphertext is.
        length: usize,
        /// How long a block is.
        block: usize,
    },
    /// More plaintext came out than a record may have: `record_overflow`.
    #[error("the record holds {length} bytes of plaintext, allowed are 16384")]
    TooLong {
        /// How much it is.
        length: usize,
    },
    /// Nothing but padding, and so no content type (RFC 8446 §5.4): `unexpected_message`.
    #[error("the record has no content type")]
    NoContentType,
}

/// One direction of a connection under one set of keys.
pub struct RecordProtection {
    version: ProtocolVersion,
    sequence_number: u64,
    cipher: Cipher,
}

enum Cipher {
    Aead(Aead),
    Cbc(Box<Cbc>),
}

impl RecordProtection {
    /// Begins to count at zero. `encrypt_then_mac` says whether RFC 7366 was agreed on, which only CBC heeds.
    ///
    /// `None` where records of that suite and version cannot be protected here, or a key has another length.
    pub fn new(
        suite: CipherSuite,
        version: ProtocolVersion,
        keys: &DirectionKeys,
        encrypt_then_mac: bool,
    ) -> Option<Self> {
        let cipher = match Algorithm::of(suite, version)? {
            Algorithm::Aead(aead) => Cipher::Aead(Aead::new(aead, version, keys)?),
            Algorithm::Cbc(cipher, mac) => {
                Cipher::Cbc(Box::new(Cbc::new(cipher, mac, version, keys, encrypt_then_mac)?))
            }
        };
        Some(Self { version, sequence_number: 0, cipher })
    }

    /// `plaintext` in protected records, headers and all: in one, unless it is too long for one.
    ///
    /// `random` makes the IVs of CBC since TLS 1.1; the other ciphers need none.
    pub fn seal(&mut self, content_type: u8, plaintext: &[u8], random: &mut impl Rng) -> Vec<u8> {
        let (first, mut rest) = plaintext.split_at(plaintext.len().min(MAX_PLAINTEXT));
        let records = plaintext.len().div_ceil(MAX_PLAINTEXT).max(1);
        let mut out = Vec::with_capacity(plaintext.len() + records * (size_of::<RecordHeader>() + self.overhead()));
        self.seal_one(content_type, first, random, &mut out);
        while !rest.is_empty() {
            let (next, after) = rest.split_at(rest.len().min(MAX_PLAINTEXT));
            self.seal_one(content_type, next, random, &mut out);
            rest = after;
        }
        out
    }

    /// The content type and plaintext of a protected record. `header` is the record's as it came.
    ///
    /// In TLS 1.3 the content type is the inner one; up to TLS 1.2 it is the header's.
    pub fn open(&mut self, header: RecordHeader, fragment: &[u8]) -> Result<(u8, Vec<u8>), ProtectionError> {
        let [content_type, ..] = header;
        let sequence_number = self.sequence_number;
        let version = self.version;
        let authenticated = |length| authenticated(sequence_number, content_type, version, length);
        let as_the_header_says = |plaintext| (content_type, plaintext);
        let opened = match &mut self.cipher {
            Cipher::Aead(aead) if version == ProtocolVersion::TLS1_3 => {
                aead.open(sequence_number, |_| header, fragment).and_then(without_padding)
            }
            Cipher::Aead(aead) => aead.open(sequence_number, authenticated, fragment).map(as_the_header_says),
            Cipher::Cbc(cbc) => cbc.open(authenticated, fragment).map(as_the_header_says),
        };
        let (content_type, plaintext) = opened?;
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(ProtectionError::TooLong { length: plaintext.len() });
        }
        self.sequence_number += 1;
        Ok((content_type, plaintext))
    }

    fn seal_one(&mut self, content_type: u8, plaintext: &[u8], random: &mut impl Rng, out: &mut Vec<u8>) {
        let sequence_number = self.sequence_number;
        let version = self.version;
        let authenticated = |length| authenticated(sequence_number, content_type, version, length);
        let start = out.len();
        out.extend_from_slice(&[0; size_of::<RecordHeader>()]);
        let header = match &mut self.cipher {
            Cipher::Aead(aead) if version == ProtocolVersion::TLS1_3 => {
                let from = out.len();
                out.extend_from_slice(plaintext);
                out.push(content_type);
                // TLS 1.3 looks like 1.2 (RFC 8446 §5.2), and the header is authenticated as it is sent.
                let header = header(APPLICATION_DATA, ProtocolVersion::TLS1_2, plaintext.len() + 1 + aead.overhead());
                aead.seal(sequence_number, &header, out, from);
                header
            }
            Cipher::Aead(aead) => {
                out.extend(aead.explicit_nonce(sequence_number));
                let from = out.len();
                out.extend_from_slice(plaintext);
                aead.seal(sequence_number, &authenticated(plaintext.len()), out, from);
                header(content_type, version, plaintext.len() + aead.overhead())
            }
            Cipher::Cbc(cbc) => {
                cbc.seal(authenticated, plaintext, random, out);
                header(content_type, version, out.len() - start - size_of::<RecordHeader>())
            }
        };
        for (place, byte) in out.iter_mut().skip(start).zip(header) {
            *place = byte;
        }
        self.sequence_number += 1;
    }

    fn overhead(&self) -> usize {
        match &self.cipher {
            Cipher::Aead(aead) => aead.overhead() + 1,
            Cipher::Cbc(cbc) => cbc.overhead(),
        }
    }
}

fn header(content_type: u8, version: ProtocolVersion, length: usize) -> RecordHeader {
    let [major, minor] = version.0.to_be_bytes();
    let [high, low] = u16::try_from(length).expect("a record is shorter than 2^16 bytes").to_be_bytes();
    [content_type, major, minor, high, low]
}

/// What a MAC or a tag covers besides the content, up to TLS 1.2 (RFC 5246 §6.2.3.1 and §6.2.3.3).
fn authenticated(sequence_number: u64, content_type: u8, version: ProtocolVersion, length: usize) -> [u8; 13] {
    let mut out = [0; 13];
    let sequence_number = sequence_number.to_be_bytes();
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    let header = header(content_type, version, length.into());
    for (place, byte) in out.iter_mut().zip(sequence_number.into_iter().chain(header)) {
        *place = byte;
    }
    out
}

/// `TLSInnerPlaintext` without what stands after the content (RFC 8446 §5.4): zeros, and the type before them.
fn without_padding(mut inner: Vec<u8>) -> Result<(u8, Vec<u8>), ProtectionError> {
    while let Some(last) = inner.pop() {
        if last != 0 {
            return Ok((last, inner));
        }
    }
    Err(ProtectionError::NoContentType)
}

#[cfg(test)]
mod tests;
