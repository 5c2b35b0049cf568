//! Published keys and secrets, and both sides of every group.

use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};

use super::*;
use crate::crypto::testing::Dealt;

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
    let public = public_of(NamedGroup::SECP256R1, "ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39");
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
    assert_eq!(lengths, [1184 + 32, 32, 65, 97, 133, 65 + 1184, 97 + 1568]);
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

/// The shared secret of two private keys in a group.
fn shared(group: NamedGroup, ours: &str, theirs: &str) -> String {
    let [ours, theirs] = [ours, theirs].map(|key| KeyPair::generate(group, &mut Dealt::from_hex(key)).unwrap());
    let secret = hex::encode(&*ours.agree(&theirs.public()).unwrap());
    assert_eq!(hex::encode(&*theirs.agree(&ours.public()).unwrap()), secret);
    secret
}

#[test]
fn shared_secrets_agree_with_rfc_7748_section_6_1_and_rfc_8448_section_3() {
    let of_rfc_7748 = shared(
        NamedGroup::X25519,
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    );
    assert_eq!(of_rfc_7748, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let of_rfc_8448 = shared(
        NamedGroup::X25519,
        "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005",
        "b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e",
    );
    assert_eq!(of_rfc_8448, hex::encode(crate::crypto::testing::rfc8448("3", "shared secret")));
}

#[test]
fn a_shared_secret_over_secp256r1_agrees_with_rfc_5903_section_8_1() {
    let secret = shared(
        NamedGroup::SECP256R1,
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
    );
    assert_eq!(secret, "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

#[test]
fn client_and_server_agree_in_every_group() {
    let mut random = StdRng::seed_from_u64(5);
    for group in KeyPair::GROUPS {
        let client = KeyPair::generate(group, &mut random).unwrap();
        let (public, secret) = KeyPair::answer(group, &client.public(), &mut random).unwrap().unwrap();
        assert_eq!(client.agree(&public), Ok(secret), "{group}");
    }
}

#[test]
fn what_is_no_public_value_is_told() {
    let mut random = StdRng::seed_from_u64(6);
    for group in KeyPair::GROUPS {
        let key = KeyPair::generate(group, &mut random).unwrap();
        assert!(matches!(key.agree(&[]), Err(AgreementError::Length { found: 0, .. })), "{group}");
        let answer = KeyPair::answer(group, &[4; 30], &mut random).unwrap();
        assert!(matches!(answer, Err(AgreementError::Length { found: 30, .. })), "{group}");
    }
    for (group, length) in [(NamedGroup::SECP256R1, 65), (NamedGroup::SECP521R1, 133)] {
        let key = KeyPair::generate(group, &mut random).unwrap();
        assert_eq!(key.agree(&vec![4; length]), Err(AgreementError::NotInGroup), "not on the curve");
        let mut compressed = key.public();
        compressed[0] = 2;
        assert_eq!(key.agree(&compressed), Err(AgreementError::NotInGroup));
    }
    let key = KeyPair::generate(NamedGroup::X25519, &mut random).unwrap();
    assert_eq!(key.agree(&[0; 32]), Err(AgreementError::NotInGroup), "of small order");
}

#[test]
fn a_key_is_found_whose_secret_begins_with_a_zero() {
    let mut random = StdRng::seed_from_u64(7);
    for group in [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1] {
        let server = KeyPair::generate(group, &mut random).unwrap();
        let client = KeyPair::generate_with_leading_zeros(group, &server.public(), 1, &mut random).unwrap().unwrap();
        let secret = client.agree(&server.public()).unwrap();
        assert_eq!(secret[0], 0, "{group}");
        assert_eq!(server.agree(&client.public()), Ok(secret));
    }
}

#[test]
fn two_zeros_are_found_where_one_is_half_given() {
    // The x-coordinates of secp521r1 have seven bits that are always zero.
    let mut random = StdRng::seed_from_u64(8);
    let group = NamedGroup::SECP521R1;
    let server = KeyPair::generate(group, &mut random).unwrap().public();
    let client = KeyPair::generate_with_leading_zeros(group, &server, 2, &mut random).unwrap().unwrap();
    assert_eq!(client.agree(&server).unwrap()[..2], [0, 0]);
}

#[test]
fn no_zeros_are_looked_for_in_a_hybrid_secret_or_with_a_bad_point() {
    let mut random = StdRng::seed_from_u64(9);
    let mut search =
        |group, peer| KeyPair::generate_with_leading_zeros(group, peer, 1, &mut random).map(|key| key.is_some());
    assert_eq!(search(NamedGroup::X25519MLKEM768, &[]), Ok(false));
    assert_eq!(search(NamedGroup::SECP256R1, &[4; 65]), Err(AgreementError::NotInGroup));
    assert_eq!(search(NamedGroup::X25519, &[0; 32]), Err(AgreementError::NotInGroup));
}
