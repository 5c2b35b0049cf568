//! How long the keys of a suite are, and how a connection's keys come from its master secret (RFC 5246 §6.3).

use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use crate::crypto::prf::{MasterSecret, Prf};
use crate::registry::{CipherSuite, ProtocolVersion};

/// The lengths in bytes of what one direction is protected with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLengths {
    /// `mac_key_length`: nothing where the cipher is authenticated by itself.
    pub mac_key: usize,
    /// `enc_key_length`.
    pub key: usize,
    /// `fixed_iv_length`: that part of a nonce which is not sent; in TLS 1.0 the first IV of CBC.
    pub iv: usize,
}

impl KeyLengths {
    /// Those of a suite in a version, or `None` where records cannot be protected so here.
    pub fn of(suite: CipherSuite, version: ProtocolVersion) -> Option<Self> {
        Some(match Algorithm::of(suite, version)? {
            Algorithm::Aead(aead) => Self { mac_key: 0, key: aead.key_length(), iv: aead.fixed_iv_length(version) },
            Algorithm::Cbc(cipher, mac) => Self {
                mac_key: mac.output_length(),
                key: cipher.key_length(),
                // Since TLS 1.1 every record brings its own.
                iv: if version == ProtocolVersion::TLS1_0 { cipher.block_length() } else { 0 },
            },
        })
    }
}

/// What protects one direction of a connection. Wiped when dropped, and without a text form.
#[derive(Clone)]
pub struct DirectionKeys {
    /// `write_MAC_key`.
    pub mac_key: Zeroizing<Vec<u8>>,
    /// `write_key`.
    pub key: Zeroizing<Vec<u8>>,
    /// `write_IV`.
    pub iv: Zeroizing<Vec<u8>>,
}

/// What protects both directions of a connection up to TLS 1.2.
#[derive(Clone)]
pub struct ConnectionKeys {
    /// What the client writes with.
    pub client: DirectionKeys,
    /// What the server writes with.
    pub server: DirectionKeys,
}

impl ConnectionKeys {
    /// Derives `key_block` and cuts it up, or `None` where records cannot be protected so here.
    pub fn derive(
        suite: CipherSuite,
        version: ProtocolVersion,
        master_secret: &MasterSecret,
        client_random: &[u8],
        server_random: &[u8],
    ) -> Option<Self> {
        let prf = Prf::of(suite, version)?;
        let lengths = KeyLengths::of(suite, version)?;
        let mut key_block = Zeroizing::new(vec![0; 2 * (lengths.mac_key + lengths.key + lengths.iv)]);
        prf.key_block(master_secret, client_random, server_random, &mut key_block);

        let mut rest = key_block.as_slice();
        let mut both = |length: usize| {
            [(); 2].map(|()| {
                let (first, after) = rest.split_at(length);
                rest = after;
                Zeroizing::new(first.to_vec())
            })
        };
        let [client_mac_key, server_mac_key] = both(lengths.mac_key);
        let [client_key, server_key] = both(lengths.key);
        let [client_iv, server_iv] = both(lengths.iv);
        Some(Self {
            client: DirectionKeys { mac_key: client_mac_key, key: client_key, iv: client_iv },
            server: DirectionKeys { mac_key: server_mac_key, key: server_key, iv: server_iv },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_rfc_5246_appendix_c_and_of_the_suites_own_rfcs() {
        let lengths = |suite: u16, version| {
            let lengths = KeyLengths::of(CipherSuite(suite), version).unwrap();
            (lengths.mac_key, lengths.key, lengths.iv)
        };
        assert_eq!(lengths(0x002f, ProtocolVersion::TLS1_0), (20, 16, 16));
        assert_eq!(lengths(0x002f, ProtocolVersion::TLS1_1), (20, 16, 0));
        assert_eq!(lengths(0x000a, ProtocolVersion::TLS1_0), (20, 24, 8));
        assert_eq!(lengths(0xc028, ProtocolVersion::TLS1_2), (48, 32, 0));
        assert_eq!(lengths(0xc02f, ProtocolVersion::TLS1_2), (0, 16, 4));
        assert_eq!(lengths(0xc0a3, ProtocolVersion::TLS1_2), (0, 32, 4));
        assert_eq!(lengths(0xcca8, ProtocolVersion::TLS1_2), (0, 32, 12));
        assert_eq!(lengths(0x1302, ProtocolVersion::TLS1_3), (0, 32, 12));
    }

    #[test]
    fn the_key_block_is_cut_in_the_order_of_the_rfc() {
        let (suite, version) = (CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, ProtocolVersion::TLS1_0);
        let master_secret = Zeroizing::new([1; 48]);
        let keys = ConnectionKeys::derive(suite, version, &master_secret, &[2; 32], &[3; 32]).unwrap();
        let mut block = [0; 104];
        Prf::Md5Sha1.key_block(&master_secret, &[2; 32], &[3; 32], &mut block);
        let (client, server) = (&keys.client, &keys.server);
        let parts = [&client.mac_key, &server.mac_key, &client.key, &server.key, &client.iv, &server.iv]
            .map(|part| part.to_vec());
        assert_eq!(parts.concat(), block);
    }

    #[test]
    fn a_suite_that_is_not_of_the_version_or_not_known_here_has_no_keys() {
        let master_secret = Zeroizing::new([1; 48]);
        for (suite, version) in [
            (CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, ProtocolVersion::TLS1_1),
            (CipherSuite::TLS_AES_128_GCM_SHA256, ProtocolVersion::TLS1_2),
            (CipherSuite(0x0005), ProtocolVersion::TLS1_2),
            (CipherSuite(0x9999), ProtocolVersion::TLS1_2),
        ] {
            assert!(ConnectionKeys::derive(suite, version, &master_secret, &[], &[]).is_none(), "{suite} {version}");
        }
    }
}
