//! Both directions of every suite, and records that other people have sealed.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use zeroize::Zeroizing;

use super::*;
use crate::crypto::testing::rfc8448;

const HANDSHAKE: u8 = 22;
const HEADER: usize = size_of::<RecordHeader>();

/// Keys of the right lengths that are not all alike.
fn some_keys(suite: CipherSuite, version: ProtocolVersion) -> Option<DirectionKeys> {
    let lengths = KeyLengths::of(suite, version)?;
    let some = |seed: u8, length: usize| Zeroizing::new((0..length).map(|i| seed ^ i.to_be_bytes()[7]).collect());
    Some(DirectionKeys { mac_key: some(1, lengths.mac_key), key: some(2, lengths.key), iv: some(3, lengths.iv) })
}

/// One end that seals and one that opens.
fn both_ends(
    suite: CipherSuite,
    version: ProtocolVersion,
    encrypt_then_mac: bool,
) -> Option<(RecordProtection, RecordProtection)> {
    let keys = some_keys(suite, version)?;
    let end = || RecordProtection::new(suite, version, &keys, encrypt_then_mac).unwrap();
    Some((end(), end()))
}

fn random() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// Every suite and version that records can be protected by, with and without RFC 7366.
fn all() -> impl Iterator<Item = (CipherSuite, ProtocolVersion, bool)> {
    let suites = CipherSuite::all().iter().map(|row| row.code);
    suites
        .flat_map(|suite| ProtocolVersion::ALL.map(|version| (suite, version)))
        .filter(|(suite, version)| *version >= ProtocolVersion::TLS1_0 && KeyLengths::of(*suite, *version).is_some())
        .flat_map(|(suite, version)| [false, true].map(|encrypt_then_mac| (suite, version, encrypt_then_mac)))
}

#[track_caller]
fn open(protection: &mut RecordProtection, record: &[u8]) -> Result<(u8, Vec<u8>), ProtectionError> {
    let (header, fragment) = record.split_first_chunk().unwrap();
    protection.open(*header, fragment)
}

#[test]
fn what_one_end_seals_the_other_opens() {
    let mut random = random();
    for (suite, version, encrypt_then_mac) in all() {
        let (mut sealer, mut opener) = both_ends(suite, version, encrypt_then_mac).unwrap();
        for length in [0, 1, 15, 16, 17, 300] {
            let plaintext = vec![0x5a; length];
            let record = sealer.seal(HANDSHAKE, &plaintext, &mut random);
            assert_eq!(usize::from(record[3]) << 8 | usize::from(record[4]), record.len() - HEADER);
            assert_eq!(open(&mut opener, &record), Ok((HANDSHAKE, plaintext)), "{suite} {version} {encrypt_then_mac}");
        }
    }
}

#[test]
fn the_suites_of_the_issue_are_among_them() {
    let suites: std::collections::BTreeSet<_> = all().map(|(suite, ..)| suite).collect();
    for name in [
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_RSA_WITH_AES_128_CCM",
        "TLS_RSA_WITH_AES_256_CCM_8",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
    ] {
        assert!(suites.contains(&CipherSuite::from_name(name).unwrap()), "{name}");
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    for (suite, version, encrypt_then_mac) in [
        (0x002f, ProtocolVersion::TLS1_0, false),
        (0x000a, ProtocolVersion::TLS1_1, false),
        (0xc027, ProtocolVersion::TLS1_2, true),
        (0xc02f, ProtocolVersion::TLS1_2, false),
        (0xc0a0, ProtocolVersion::TLS1_2, false),
        (0xcca8, ProtocolVersion::TLS1_2, false),
        (0x1301, ProtocolVersion::TLS1_3, false),
    ] {
        let suite = CipherSuite(suite);
        let (mut sealer, _) = both_ends(suite, version, encrypt_then_mac).unwrap();
        let record = sealer.seal(HANDSHAKE, b"Finished", &mut random());
        for place in (0..record.len()).filter(|place| *place == 0 || *place >= HEADER) {
            let mut changed = record.clone();
            changed[place] ^= 1;
            let (_, mut opener) = both_ends(suite, version, encrypt_then_mac).unwrap();
            let error = open(&mut opener, &changed).unwrap_err();
            assert_eq!(error, ProtectionError::BadRecordMac, "{suite} byte {place}");
        }
    }
}

#[test]
fn records_open_in_their_order_alone() {
    for (suite, version, encrypt_then_mac) in all() {
        let (mut sealer, mut opener) = both_ends(suite, version, encrypt_then_mac).unwrap();
        let _first = sealer.seal(HANDSHAKE, b"one", &mut random());
        let second = sealer.seal(HANDSHAKE, b"two", &mut random());
        assert_eq!(open(&mut opener, &second), Err(ProtectionError::BadRecordMac), "{suite} {version}");
    }
}

#[test]
fn records_of_rfc_8448_are_sealed_and_opened() {
    let suite = CipherSuite::TLS_AES_128_GCM_SHA256;
    let finished = [&[20, 0, 0, 32][..], &rfc8448("3", "client finished")].concat();
    for (section, keys, content_type, plaintext, record) in [
        ("3", "client handshake", HANDSHAKE, finished, "client finished record"),
        ("4", "client early", APPLICATION_DATA, rfc8448("4", "early data"), "early data record"),
    ] {
        let keys = DirectionKeys {
            mac_key: Zeroizing::default(),
            key: rfc8448(section, &format!("{keys} key")).into(),
            iv: rfc8448(section, &format!("{keys} iv")).into(),
        };
        let end = || RecordProtection::new(suite, ProtocolVersion::TLS1_3, &keys, false).unwrap();
        let record = rfc8448(section, record);
        assert_eq!(hex::encode(end().seal(content_type, &plaintext, &mut random())), hex::encode(&record));
        assert_eq!(open(&mut end(), &record), Ok((content_type, plaintext)));
    }
}

#[test]
fn padding_of_tls_1_3_is_taken_off() {
    let ends = || both_ends(CipherSuite::TLS_AES_128_GCM_SHA256, ProtocolVersion::TLS1_3, false).unwrap();
    let (mut sealer, mut opener) = ends();
    // The content type that is sealed is a zero, and so one more byte of padding.
    let record = sealer.seal(0, &[b'h', b'i', HANDSHAKE, 0, 0], &mut random());
    assert_eq!(open(&mut opener, &record), Ok((HANDSHAKE, b"hi".to_vec())));

    let (mut sealer, mut opener) = ends();
    let record = sealer.seal(0, &[0; 5], &mut random());
    assert_eq!(open(&mut opener, &record), Err(ProtectionError::NoContentType));
}

#[test]
fn what_is_too_long_for_one_record_goes_in_several() {
    let (mut sealer, mut opener) =
        both_ends(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, ProtocolVersion::TLS1_2, false).unwrap();
    let plaintext = vec![3; MAX_PLAINTEXT + 10];
    let records = sealer.seal(APPLICATION_DATA, &plaintext, &mut random());
    let first = HEADER + 16 + MAX_PLAINTEXT + 32;
    assert_eq!(open(&mut opener, &records[..first]).unwrap().1.len(), MAX_PLAINTEXT);
    assert_eq!(open(&mut opener, &records[first..]).unwrap().1.len(), 10);
}

#[test]
fn an_empty_payload_is_one_record() {
    let (mut sealer, _) = both_ends(CipherSuite::TLS_AES_128_GCM_SHA256, ProtocolVersion::TLS1_3, false).unwrap();
    assert_eq!(sealer.seal(APPLICATION_DATA, &[], &mut random()).len(), HEADER + 1 + 16);
}

#[test]
fn more_plaintext_than_a_record_may_have_is_told() {
    let (suite, version) = (CipherSuite::TLS_AES_128_GCM_SHA256, ProtocolVersion::TLS1_3);
    let keys = some_keys(suite, version).unwrap();
    let aead = Aead::new(algorithm::AeadAlgorithm::Aes128Gcm, version, &keys).unwrap();
    let mut fragment = [vec![1; MAX_PLAINTEXT + 1], vec![HANDSHAKE]].concat();
    let header = header(APPLICATION_DATA, ProtocolVersion::TLS1_2, fragment.len() + 16);
    aead.seal(0, &header, &mut fragment, 0);
    let mut opener = RecordProtection::new(suite, version, &keys, false).unwrap();
    assert_eq!(opener.open(header, &fragment), Err(ProtectionError::TooLong { length: MAX_PLAINTEXT + 1 }));
}

#[test]
fn cbc_in_tls_1_0_goes_on_from_the_last_block_and_later_takes_a_fresh_iv() {
    let seal_twice = |version| {
        let suite = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
        let (mut sealer, _) = both_ends(suite, version, false).unwrap();
        [(); 2].map(|()| sealer.seal(HANDSHAKE, b"same", &mut random()).len())
    };
    assert_eq!(seal_twice(ProtocolVersion::TLS1_0), [HEADER + 32; 2]);
    assert_eq!(seal_twice(ProtocolVersion::TLS1_1), [HEADER + 16 + 32; 2]);
}

#[test]
fn padding_longer_than_needed_is_allowed_and_must_be_right_in_every_byte() {
    // MAC-then-encrypt allows up to 255 bytes (RFC 5246 §6.2.3.2).
    let (suite, version) = (CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, ProtocolVersion::TLS1_0);
    let keys = some_keys(suite, version).unwrap();
    let sealed = |wrong: bool| {
        use crate::crypto::hash::HashAlgorithm;
        use ::cbc::cipher::array::Array;
        use ::cbc::cipher::{BlockModeEncrypt, KeyIvInit};
        let mac = HashAlgorithm::Sha1.hmac(&keys.mac_key, &[&authenticated(0, HANDSHAKE, version, 4), b"long"]);
        let mut blocks = [b"long", &*mac, &[if wrong { 38 } else { 39 }], &[39; 39]].concat();
        let mut cbc = ::cbc::Encryptor::<aes::Aes128>::new_from_slices(&keys.key, &keys.iv).unwrap();
        cbc.encrypt_blocks(Array::slice_as_chunks_mut(&mut blocks).0);
        [&header(HANDSHAKE, version, blocks.len())[..], &blocks].concat()
    };
    let open = |record: &[u8]| open(&mut RecordProtection::new(suite, version, &keys, false).unwrap(), record);
    assert_eq!(open(&sealed(false)), Ok((HANDSHAKE, b"long".to_vec())));
    assert_eq!(open(&sealed(true)), Err(ProtectionError::BadRecordMac));
}

#[test]
fn what_no_key_makes_is_told_apart_from_what_was_changed() {
    let opened = |suite: u16, version, length| {
        let (_, mut opener) = both_ends(CipherSuite(suite), version, false).unwrap();
        opener.open(header(HANDSHAKE, version, length), &vec![0; length]).unwrap_err()
    };
    let too_short = |length, least| ProtectionError::TooShort { length, least };
    assert_eq!(opened(0xc02f, ProtocolVersion::TLS1_2, 23), too_short(23, 24));
    assert_eq!(opened(0x1301, ProtocolVersion::TLS1_3, 3), too_short(3, 17 - 1));
    assert_eq!(opened(0x002f, ProtocolVersion::TLS1_2, 10), too_short(10, 16 + 20 + 1));
    let not_whole = ProtectionError::NotWholeBlocks { length: 33, block: 16 };
    assert_eq!(opened(0x002f, ProtocolVersion::TLS1_2, 49), not_whole);
    assert_eq!(opened(0x002f, ProtocolVersion::TLS1_2, 48), ProtectionError::BadRecordMac);
}

#[test]
fn keys_of_other_lengths_are_refused() {
    let suite = CipherSuite::TLS_AES_128_GCM_SHA256;
    let keys = some_keys(suite, ProtocolVersion::TLS1_3).unwrap();
    let short = |keys: &DirectionKeys| RecordProtection::new(suite, ProtocolVersion::TLS1_3, keys, false).is_none();
    assert!(!short(&keys));
    assert!(short(&DirectionKeys { key: vec![0; 15].into(), ..keys.clone() }));
    assert!(short(&DirectionKeys { iv: vec![0; 4].into(), ..keys }));
}

proptest! {
    #[test]
    fn never_panics(fragment in proptest::collection::vec(any::<u8>(), 0..100), header: [u8; 5], which: usize) {
        let all: Vec<_> = all().collect();
        let (suite, version, encrypt_then_mac) = all[which % all.len()];
        let (_, mut opener) = both_ends(suite, version, encrypt_then_mac).unwrap();
        prop_assert!(opener.open(header, &fragment).is_err());
    }
}
