//! Ephemeral key pairs, and their public values as a `key_share` or a `ServerKeyExchange` carries them.

use ml_kem::{KeyExport, ml_kem_768};
use p256::elliptic_curve::Generate;
use rand::CryptoRng;

use crate::registry::NamedGroup;

/// One side's ephemeral key in a group. It cannot be cloned or printed: it is for one handshake.
pub struct KeyPair(Secret);

/// What only its owner knows; the public value follows from it.
enum Secret {
    X25519(x25519_dalek::EphemeralSecret),
    Secp256r1(p256::SecretKey),
    Secp384r1(p384::SecretKey),
    X25519MlKem768(Box<(ml_kem_768::DecapsulationKey, x25519_dalek::EphemeralSecret)>),
}

impl KeyPair {
    /// The groups that keys can be made in.
    pub const GROUPS: [NamedGroup; 4] =
        [NamedGroup::X25519MLKEM768, NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];

    /// A new key in that group, or `None` where it is none of [`GROUPS`](Self::GROUPS). The same randomness makes the
    /// same key.
    pub fn generate(group: NamedGroup, random: &mut impl CryptoRng) -> Option<Self> {
        let x25519 = x25519_dalek::EphemeralSecret::random_from_rng;
        let secret = match group {
            NamedGroup::X25519 => Secret::X25519(x25519(random)),
            NamedGroup::SECP256R1 => Secret::Secp256r1(p256::NonZeroScalar::generate_from_rng(random).into()),
            NamedGroup::SECP384R1 => Secret::Secp384r1(p384::NonZeroScalar::generate_from_rng(random).into()),
            NamedGroup::X25519MLKEM768 => {
                let decapsulation_key = ml_kem_768::DecapsulationKey::generate_from_rng(random);
                Secret::X25519MlKem768(Box::new((decapsulation_key, x25519(random))))
            }
            _ => return None,
        };
        Some(Self(secret))
    }

    /// The group it is a key of.
    pub fn group(&self) -> NamedGroup {
        match self.0 {
            Secret::X25519(_) => NamedGroup::X25519,
            Secret::Secp256r1(_) => NamedGroup::SECP256R1,
            Secret::Secp384r1(_) => NamedGroup::SECP384R1,
            Secret::X25519MlKem768(_) => NamedGroup::X25519MLKEM768,
        }
    }

    /// The public value as it is sent: curve points uncompressed (RFC 8446 §4.2.8.2), and for X25519MLKEM768 a client's
    /// share, the encapsulation key before the X25519 value (draft-ietf-tls-ecdhe-mlkem).
    pub fn public(&self) -> Vec<u8> {
        match &self.0 {
            Secret::X25519(secret) => x25519_public(secret).to_vec(),
            Secret::Secp256r1(secret) => secret.public_key().to_sec1_bytes().to_vec(),
            Secret::Secp384r1(secret) => secret.public_key().to_sec1_bytes().to_vec(),
            Secret::X25519MlKem768(secrets) => {
                let (decapsulation_key, x25519) = secrets.as_ref();
                let encapsulation_key = decapsulation_key.encapsulation_key().to_bytes();
                [encapsulation_key.as_slice(), &x25519_public(x25519)].concat()
            }
        }
    }
}

fn x25519_public(secret: &x25519_dalek::EphemeralSecret) -> [u8; 32] {
    x25519_dalek::PublicKey::from(secret).to_bytes()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use rand::rngs::StdRng;
    use rand::{SeedableRng, TryCryptoRng, TryRng};
    use sha2::{Digest, Sha256};

    use super::*;

    /// Deals exactly these bytes, so that a test vector's private key comes out.
    struct Dealt(std::vec::IntoIter<u8>);

    impl Dealt {
        fn from_hex(digits: &str) -> Self {
            Self(hex::decode(digits).unwrap().into_iter())
        }
    }

    impl TryRng for Dealt {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("keys are made from bytes")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("keys are made from bytes")
        }

        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            out.fill_with(|| self.0.next().expect("the vector is long enough"));
            Ok(())
        }
    }

    impl TryCryptoRng for Dealt {}

    fn public_of(group: NamedGroup, private: &str) -> String {
        hex::encode(KeyPair::generate(group, &mut Dealt::from_hex(private)).unwrap().public())
    }

    #[test]
    fn x25519_agrees_with_rfc_7748_section_6_1() {
        let public = public_of(NamedGroup::X25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        assert_eq!(public, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    }

    #[test]
    fn x25519_agrees_with_the_client_of_rfc_8448_section_3() {
        let public = public_of(NamedGroup::X25519, "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005");
        assert_eq!(public, "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c");
    }

    #[test]
    fn secp256r1_agrees_with_the_client_of_rfc_8448_section_5() {
        let public =
            public_of(NamedGroup::SECP256R1, "ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39");
        let x = "a6da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151";
        let y = "812677c4d6d2237e85cf01d6910cfb83954e76ba7352830534159897e8065780";
        assert_eq!(public, format!("04{x}{y}"));
    }

    #[test]
    fn secp384r1_agrees_with_rfc_5903_section_8_2() {
        let private = concat!(
            "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655",
            "e35b538041e649ee3faef896783ab194",
        );
        let x = concat!(
            "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6",
            "de3ac808acb4bdb4c88732aee95f41aa",
        );
        let y = concat!(
            "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e",
            "eb9fcff3c2c947dae69b4c634573a81c",
        );
        assert_eq!(public_of(NamedGroup::SECP384R1, private), format!("04{x}{y}"));
    }

    #[test]
    fn x25519mlkem768_is_the_encapsulation_key_of_the_seed_and_then_x25519() {
        // Seed and key of the examples in draft-ietf-lamps-kyber-certificates; the X25519 part is RFC 8448's.
        let seed = hex::encode((0..64).collect::<Vec<u8>>());
        let x25519 = "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005";
        let public = hex::decode(public_of(NamedGroup::X25519MLKEM768, &format!("{seed}{x25519}"))).unwrap();

        let (encapsulation_key, x25519) = public.split_at(1184);
        let digest = "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9";
        assert_eq!(hex::encode(Sha256::digest(encapsulation_key)), digest);
        assert_eq!(hex::encode(x25519), "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c");
    }

    #[test]
    fn every_group_has_keys_of_its_own_length() {
        let lengths = KeyPair::GROUPS.map(|group| {
            let pair = KeyPair::generate(group, &mut StdRng::seed_from_u64(1)).unwrap();
            assert_eq!(pair.group(), group);
            pair.public().len()
        });
        assert_eq!(lengths, [1184 + 32, 32, 65, 97]);
    }

    #[test]
    fn points_are_on_their_curve() {
        let mut random = StdRng::seed_from_u64(2);
        for _ in 0..10 {
            let mut public = |group| KeyPair::generate(group, &mut random).unwrap().public();
            assert!(p256::PublicKey::from_sec1_bytes(&public(NamedGroup::SECP256R1)).is_ok());
            assert!(p384::PublicKey::from_sec1_bytes(&public(NamedGroup::SECP384R1)).is_ok());
        }
    }

    #[test]
    fn the_same_randomness_makes_the_same_key_and_the_next_one_differs() {
        for group in KeyPair::GROUPS {
            let public = |random: &mut StdRng| KeyPair::generate(group, random).unwrap().public();
            let mut random = StdRng::seed_from_u64(3);
            let first = public(&mut random);
            assert_eq!(public(&mut StdRng::seed_from_u64(3)), first);
            assert_ne!(public(&mut random), first);
        }
    }

    #[test]
    fn a_group_without_keys_here_is_none() {
        for group in [NamedGroup(0x0100), NamedGroup(0x001e), NamedGroup(0x0a0a)] {
            assert!(KeyPair::generate(group, &mut StdRng::seed_from_u64(4)).is_none());
        }
    }
}
