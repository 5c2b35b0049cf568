//! The hash functions under TLS's MACs, PRFs and signatures, and HMAC (RFC 2104) over each.

use std::ops::{Deref, DerefMut};

use hmac::{KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use zeroize::Zeroize;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// Only together with SHA-1, before TLS 1.2.
    Md5,
    /// In MACs of records, and before TLS 1.2.
    Sha1,
    /// The PRF's in TLS 1.2, unless the suite has another.
    Sha256,
    /// That of suites with keys of 256 bits.
    Sha384,
    /// Only in signatures.
    Sha512,
}

impl HashAlgorithm {
    /// How many bytes it gives.
    pub const fn output_length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these parts, one after another.
    pub fn digest(self, parts: &[&[u8]]) -> Digest {
        let mut hash = RunningHash::new(self);
        for part in parts {
            hash.update(part);
        }
        hash.finish()
    }

    /// HMAC of these parts, one after another.
    pub fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Digest {
        Hmac::new(self, key).of(parts.iter().copied())
    }
}

/// Evaluates `$result` with the type `$Hash` being the hash function of that name.
macro_rules! with_hash {
    ($algorithm:expr, $Hash:ident => $result:expr) => {{
        macro_rules! with {
            ($hash:path) => {{
                type $Hash = $hash;
                $result
            }};
        }
        match $algorithm {
            $crate::crypto::hash::HashAlgorithm::Md5 => with!(md5::Md5),
            $crate::crypto::hash::HashAlgorithm::Sha1 => with!(sha1::Sha1),
            $crate::crypto::hash::HashAlgorithm::Sha256 => with!(sha2::Sha256),
            $crate::crypto::hash::HashAlgorithm::Sha384 => with!(sha2::Sha384),
            $crate::crypto::hash::HashAlgorithm::Sha512 => with!(sha2::Sha512),
        }
    }};
}
pub(super) use with_hash;

/// What a hash function gave: up to 64 bytes, without a text form and wiped when dropped, for some of them are secret.
#[derive(Clone)]
pub struct Digest {
    bytes: [u8; Self::MAX_LENGTH],
    length: usize,
}

impl Digest {
    /// The output of SHA-512.
    pub const MAX_LENGTH: usize = 64;

    /// These parts, one after another. What exceeds the limit is cut off.
    pub(super) fn concat(parts: &[&[u8]]) -> Self {
        let mut digest = Self { bytes: [0; Self::MAX_LENGTH], length: 0 };
        for (place, byte) in digest.bytes.iter_mut().zip(parts.iter().copied().flatten()) {
            *place = *byte;
            digest.length += 1;
        }
        digest
    }

    /// So many zeros, to be filled in.
    pub(super) fn zeros(length: usize) -> Self {
        Self { bytes: [0; Self::MAX_LENGTH], length: length.min(Self::MAX_LENGTH) }
    }
}

impl DerefMut for Digest {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }
}

impl Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Digest {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The same state, whichever the algorithm.
#[derive(Clone)]
enum State<A, B, C, D, E> {
    Md5(A),
    Sha1(B),
    Sha256(C),
    Sha384(D),
    Sha512(E),
}

macro_rules! in_each {
    ($state:expr, $inner:ident => $result:expr) => {
        match $state {
            State::Md5($inner) => $result,
            State::Sha1($inner) => $result,
            State::Sha256($inner) => $result,
            State::Sha384($inner) => $result,
            State::Sha512($inner) => $result,
        }
    };
}

/// A hash over what has come so far. A clone goes its own way from there.
#[derive(Clone)]
pub struct RunningHash(RunningState);

type RunningState = State<Md5, Sha1, Sha256, Sha384, Sha512>;

impl RunningHash {
    /// The hash of nothing yet.
    pub fn new(algorithm: HashAlgorithm) -> Self {
        Self(match algorithm {
            HashAlgorithm::Md5 => State::Md5(Md5::new()),
            HashAlgorithm::Sha1 => State::Sha1(Sha1::new()),
            HashAlgorithm::Sha256 => State::Sha256(Sha256::new()),
            HashAlgorithm::Sha384 => State::Sha384(Sha384::new()),
            HashAlgorithm::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// Adds these bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        in_each!(&mut self.0, hash => hash.update(bytes));
    }

    /// The digest of all that came.
    pub fn finish(self) -> Digest {
        in_each!(self.0, hash => Digest::concat(&[&hash.finalize()]))
    }
}

/// HMAC under one key. A clone goes on from the same state, so that a key need not be set up for each message.
#[derive(Clone)]
pub struct Hmac(KeyedState);

type KeyedState = State<Keyed<Md5>, Keyed<Sha1>, Keyed<Sha256>, Keyed<Sha384>, Keyed<Sha512>>;
type Keyed<Hash> = hmac::Hmac<Hash>;

impl Hmac {
    /// Takes a key of any length.
    pub fn new(algorithm: HashAlgorithm, key: &[u8]) -> Self {
        Self(match algorithm {
            HashAlgorithm::Md5 => State::Md5(keyed(key)),
            HashAlgorithm::Sha1 => State::Sha1(keyed(key)),
            HashAlgorithm::Sha256 => State::Sha256(keyed(key)),
            HashAlgorithm::Sha384 => State::Sha384(keyed(key)),
            HashAlgorithm::Sha512 => State::Sha512(keyed(key)),
        })
    }

    /// The MAC of these parts, one after another.
    pub fn of<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
        let mut state = self.0.clone();
        for part in parts {
            in_each!(&mut state, hmac => hmac.update(part));
        }
        in_each!(state, hmac => Digest::concat(&[&hmac.finalize().into_bytes()]))
    }
}

fn keyed<T: KeyInit>(key: &[u8]) -> T {
    T::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [HashAlgorithm; 5] =
        [HashAlgorithm::Md5, HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

    #[test]
    fn digests_of_abc_are_those_of_rfc_1321_and_fips_180() {
        let abc = ALL.map(|algorithm| hex::encode(&*algorithm.digest(&[b"a", b"bc"])));
        assert_eq!(abc[0], "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(abc[1], "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(abc[2], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(abc[3].starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
        assert!(abc[4].starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"));
    }

    #[test]
    fn hmac_agrees_with_rfc_2202_and_rfc_4231() {
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let of_jefe = ALL.map(|algorithm| hex::encode(&*algorithm.hmac(b"Jefe", &parts)));
        assert_eq!(of_jefe[0], "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(of_jefe[1], "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(of_jefe[2], "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(of_jefe[3].starts_with("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"));
        assert!(of_jefe[4].starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"));
    }

    #[test]
    fn an_output_has_the_length_it_says() {
        for algorithm in ALL {
            assert_eq!(algorithm.digest(&[]).len(), algorithm.output_length());
            assert_eq!(algorithm.hmac(b"", &[]).len(), algorithm.output_length());
        }
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut hash = RunningHash::new(HashAlgorithm::Sha256);
        hash.update(b"a");
        let at_a = hash.clone();
        hash.update(b"bc");
        assert_eq!(*at_a.finish(), *HashAlgorithm::Sha256.digest(&[b"a"]));
        assert_eq!(*hash.finish(), *HashAlgorithm::Sha256.digest(&[b"abc"]));
    }
}
