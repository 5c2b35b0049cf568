//! The pseudorandom function of TLS 1.0 to 1.2 (RFC 2246 §5, RFC 5246 §5) and all that is derived by it.

use std::iter;

use zeroize::Zeroizing;

use super::hash::{Digest, HashAlgorithm, Hmac, RunningHash};
use crate::registry::{CipherSuite, PrfHash, ProtocolVersion};

/// Which hash functions the PRF is made of. The same ones hash the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prf {
    /// MD5 and SHA-1, each over half of the secret: TLS 1.0 and 1.1.
    Md5Sha1,
    /// SHA-256: TLS 1.2, unless the suite says otherwise.
    Sha256,
    /// SHA-384: TLS 1.2 with a suite that says so.
    Sha384,
}

/// The 48 bytes from which a session's keys are derived (RFC 5246 §8.1). Wiped when dropped.
pub type MasterSecret = Zeroizing<[u8; 48]>;

/// What a `Finished` message holds up to TLS 1.2 (RFC 5246 §7.4.9).
pub type VerifyData = [u8; 12];

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who spoke first.
    Client,
    /// Who answered.
    Server,
}

impl Prf {
    /// That of a suite in a version, or `None` where there is none or it is not one of these: SSL 3.0 and TLS 1.3
    /// derive keys in ways of their own.
    pub fn of(suite: CipherSuite, version: ProtocolVersion) -> Option<Self> {
        match version {
            ProtocolVersion::TLS1_0 | ProtocolVersion::TLS1_1 => Some(Self::Md5Sha1),
            ProtocolVersion::TLS1_2 => match suite.info()?.prf_hash {
                PrfHash::Default | PrfHash::Sha256 => Some(Self::Sha256),
                PrfHash::Sha384 => Some(Self::Sha384),
                _ => None,
            },
            _ => None,
        }
    }

    /// `PRF(secret, label, seed)`, as many bytes as `out` holds. The seed is these parts, one after another.
    pub fn expand(self, secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) {
        out.fill(0);
        match self {
            Self::Md5Sha1 => {
                // The halves share the middle byte of a secret of odd length (RFC 2246 §5).
                let half = secret.len().div_ceil(2);
                let (first, _) = secret.split_at(half);
                let (_, second) = secret.split_at(secret.len() - half);
                xor_p_hash(HashAlgorithm::Md5, first, label, seed, out);
                xor_p_hash(HashAlgorithm::Sha1, second, label, seed, out);
            }
            Self::Sha256 => xor_p_hash(HashAlgorithm::Sha256, secret, label, seed, out),
            Self::Sha384 => xor_p_hash(HashAlgorithm::Sha384, secret, label, seed, out),
        }
    }

    /// `master_secret` as it always was (RFC 5246 §8.1).
    pub fn master_secret(self, pre_master_secret: &[u8], client_random: &[u8], server_random: &[u8]) -> MasterSecret {
        let mut master_secret = Zeroizing::new([0; 48]);
        self.expand(pre_master_secret, b"master secret", &[client_random, server_random], &mut *master_secret);
        master_secret
    }

    /// `master_secret` with `extended_master_secret` (RFC 7627 §4): `session_hash` is the handshake's up to and with
    /// the `ClientKeyExchange`.
    pub fn extended_master_secret(self, pre_master_secret: &[u8], session_hash: &[u8]) -> MasterSecret {
        let mut master_secret = Zeroizing::new([0; 48]);
        self.expand(pre_master_secret, b"extended master secret", &[session_hash], &mut *master_secret);
        master_secret
    }

    /// `key_block` (RFC 5246 §6.3), as many bytes as `out` holds. The randoms go in the other order than above.
    pub fn key_block(self, master_secret: &MasterSecret, client_random: &[u8], server_random: &[u8], out: &mut [u8]) {
        self.expand(&**master_secret, b"key expansion", &[server_random, client_random], out);
    }

    /// `verify_data` of the `Finished` that `sender` sends (RFC 5246 §7.4.9): `handshake_hash` is that of all messages
    /// before it.
    pub fn verify_data(self, master_secret: &MasterSecret, sender: Side, handshake_hash: &[u8]) -> VerifyData {
        let label: &[u8] = match sender {
            Side::Client => b"client finished",
            Side::Server => b"server finished",
        };
        let mut verify_data = [0; 12];
        self.expand(&**master_secret, label, &[handshake_hash], &mut verify_data);
        verify_data
    }

    /// The hash over the handshake's messages that goes with it, of nothing yet.
    pub fn handshake_hash(self) -> HandshakeHash {
        let running = |algorithm| RunningHash::new(algorithm);
        match self {
            Self::Md5Sha1 => {
                HandshakeHash { md5: Some(running(HashAlgorithm::Md5)), other: running(HashAlgorithm::Sha1) }
            }
            Self::Sha256 => HandshakeHash { md5: None, other: running(HashAlgorithm::Sha256) },
            Self::Sha384 => HandshakeHash { md5: None, other: running(HashAlgorithm::Sha384) },
        }
    }
}

/// The hash over all messages of a handshake so far: MD5 and SHA-1 one after another before TLS 1.2 (RFC 2246 §7.4.9).
#[derive(Clone)]
pub struct HandshakeHash {
    md5: Option<RunningHash>,
    other: RunningHash,
}

impl HandshakeHash {
    /// Adds a message, header included.
    pub fn update(&mut self, message: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(message);
        }
        self.other.update(message);
    }

    /// The hash so far; more may follow.
    pub fn current(&self) -> Digest {
        let other = self.other.clone().finish();
        match &self.md5 {
            Some(md5) => Digest::concat(&[&md5.clone().finish(), &other]),
            None => other,
        }
    }
}

/// `P_hash(secret, label + seed)` (RFC 5246 §5), added to what `out` holds.
fn xor_p_hash(algorithm: HashAlgorithm, secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    let hmac = Hmac::new(algorithm, secret);
    let labelled_seed = || iter::once(label).chain(seed.iter().copied());
    let mut a = hmac.of(labelled_seed());
    for chunk in out.chunks_mut(algorithm.output_length()) {
        let block = hmac.of(iter::once(&*a).chain(labelled_seed()));
        for (place, byte) in chunk.iter_mut().zip(block.iter()) {
            *place ^= byte;
        }
        a = hmac.of([&*a]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(prf: Prf, secret: &[u8], label: &[u8], seed: &[u8], length: usize) -> String {
        let mut out = vec![0; length];
        prf.expand(secret, label, &[seed], &mut out);
        hex::encode(out)
    }

    fn bytes(digits: &str) -> Vec<u8> {
        hex::decode(digits).unwrap()
    }

    // The three vectors are those that implementers agreed on when no RFC had any: for TLS 1.0 on ietf-tls in 1999, for
    // TLS 1.2 there in 2009 ("TLS 1.2 PRF test vectors").

    #[test]
    fn the_prf_of_tls_1_0_agrees_with_the_published_vector() {
        let expected = concat!(
            "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754",
            "443bcf9a296519bc289abcbc1187e4ebd31e602353776c408aafb74cbc85eff6",
            "9255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f",
            "1afbc655a8c9a013",
        );
        assert_eq!(expanded(Prf::Md5Sha1, &[0xab; 48], b"PRF Testvector", &[0xcd; 64], 104), expected);
    }

    #[test]
    fn the_prf_of_tls_1_2_agrees_with_the_published_vectors() {
        let secret = bytes("9bbe436ba940f017b17652849a71db35");
        let seed = bytes("a0ba9f936cda311827a6f796ffd5198c");
        let expected = concat!(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a",
            "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab",
            "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701",
            "87347b66",
        );
        assert_eq!(expanded(Prf::Sha256, &secret, b"test label", &seed, 100), expected);

        let secret = bytes("b80b733d6ceefcdc71566ea48e5567df");
        let seed = bytes("cd665cf6a8447dd6ff8b27555edb7465");
        let expected = concat!(
            "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd",
            "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd",
            "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425",
            "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6",
            "91c8f3a26854308d5eaa3be85e0990703d73e56f",
        );
        assert_eq!(expanded(Prf::Sha384, &secret, b"test label", &seed, 148), expected);
    }

    #[test]
    fn master_secret_and_key_block_agree_with_the_first_vector_of_nist() {
        // CAVS for SP 800-135, TLS 1.2 with SHA-256.
        let premaster = concat!(
            "f8938ecc9edebc5030c0c6a441e213cd24e6f770a50dda07876f8d55da062bca",
            "db386b411fd4fe4313a604fce6c17fbc",
        );
        let client_random = bytes("36c129d01a3200894b9179faac589d9835d58775f9b5ea3587cb8fd0364cae8c");
        let server_random = bytes("f6c9575ed7ddd73e1f7d16eca115415812a43c2b747daaaae043abfb50053fce");
        let master_secret = Prf::Sha256.master_secret(&bytes(premaster), &client_random, &server_random);
        let expected = concat!(
            "202c88c00f84a17a20027079604787461176455539e705be730890602c289a50",
            "01e34eeb3a043e5d52a65e66125188bf",
        );
        assert_eq!(hex::encode(*master_secret), expected);

        let client_random = bytes("62e1fd91f23f558a605f28478c58cf72637b89784d959df7e946d3f07bd1b616");
        let server_random = bytes("ae6c806f8ad4d80784549dff28a4b58fd837681a51d928c3e30ee5ff14f39868");
        let mut key_block = [0; 128];
        Prf::Sha256.key_block(&master_secret, &client_random, &server_random, &mut key_block);
        let expected = concat!(
            "d06139889fffac1e3a71865f504aa5d0d2a2e89506c6f2279b670c3e1b74f531",
            "016a2530c51a3a0f7e1d6590d0f0566b2f387f8d11fd4f731cdd572d2eae927f",
            "6f2f81410b25e6960be68985add6c38445ad9f8c64bf8068bf9a6679485d966f",
            "1ad6f68b43495b10a683755ea2b858d70ccac7ec8b053c6bd41ca299d4e51928",
        );
        assert_eq!(hex::encode(key_block), expected);
    }

    #[test]
    fn a_seed_in_parts_is_one_seed() {
        let (mut whole, mut parts) = ([0; 40], [0; 40]);
        Prf::Sha256.expand(b"secret", b"label", &[b"seed"], &mut whole);
        Prf::Sha256.expand(b"secret", b"label", &[b"se", b"ed"], &mut parts);
        assert_eq!(whole, parts);
    }

    #[test]
    fn version_and_suite_say_which_prf() {
        let gcm = |version| Prf::of(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, version);
        let cbc = |version| Prf::of(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, version);
        assert_eq!(gcm(ProtocolVersion::TLS1_2), Some(Prf::Sha384));
        assert_eq!(cbc(ProtocolVersion::TLS1_2), Some(Prf::Sha256));
        assert_eq!(cbc(ProtocolVersion::TLS1_1), Some(Prf::Md5Sha1));
        assert_eq!(cbc(ProtocolVersion::TLS1_0), Some(Prf::Md5Sha1));
        for version in [ProtocolVersion::SSL3, ProtocolVersion::TLS1_3] {
            assert_eq!(cbc(version), None);
        }
        assert_eq!(Prf::of(CipherSuite(0x9999), ProtocolVersion::TLS1_2), None);
    }

    #[test]
    fn the_handshake_hash_of_old_is_md5_and_sha_1() {
        let mut hash = Prf::Md5Sha1.handshake_hash();
        hash.update(b"abc");
        assert_eq!(
            hex::encode(&*hash.current()),
            "900150983cd24fb0d6963f7d28e17f72a9993e364706816aba3e25717850c26c9cd0d89d"
        );
    }
}
