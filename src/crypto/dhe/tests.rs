//! Both sides of a group, groups that are none, and the primes that are known.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

/// The primes of `testdata/vectors/dh-primes.csv` by name.
fn primes() -> Vec<(String, Vec<u8>)> {
    let mut rows = csv::Reader::from_path("testdata/vectors/dh-primes.csv").unwrap();
    rows.records().map(Result::unwrap).map(|row| (row[0].to_owned(), hex::decode(&row[1]).unwrap())).collect()
}

fn group(name: &str) -> DhGroup {
    let (_, prime) = primes().into_iter().find(|(known, _)| known == name).unwrap();
    DhGroup::new(&prime, &[2]).unwrap()
}

fn random() -> StdRng {
    StdRng::seed_from_u64(1)
}

#[test]
fn both_sides_agree() {
    let mut random = random();
    for name in ["Oakley group 1", "modp1536", "ffdhe2048"] {
        let [client, server] = [(); 2].map(|()| DhKeyPair::generate(group(name), &mut random));
        assert_eq!(client.public().len() * 8, usize::try_from(client.group().bits()).unwrap());
        let secret = client.agree(&server.public(), LeadingZeros::Stripped).unwrap();
        assert_eq!(server.agree(&client.public(), LeadingZeros::Stripped), Ok(secret), "{name}");
    }
}

#[test]
fn a_secret_is_the_power_of_the_peers_value() {
    // 23 bits, so that it can be computed here too.
    let (prime, x) = (8_388_593_u64, 5_u32);
    let group = DhGroup::new(&prime.to_be_bytes(), &[5]).unwrap();
    let power = |base: u64, exponent| (0..exponent).fold(1, |product, _| product * base % prime);
    let secret = Zeroizing::new(BoxedUint::from(u64::from(x)));
    let key = DhKeyPair { group, secret };
    assert_eq!(key.public(), power(5, x).to_be_bytes()[5..]);
    let shared = key.agree(&[0, 3, 0], LeadingZeros::Kept).unwrap();
    assert_eq!(*shared, power(0x300, x).to_be_bytes()[5..]);
}

#[test]
fn a_key_is_found_whose_secret_begins_with_a_zero_and_only_one_side_strips_it() {
    let mut random = random();
    let server = DhKeyPair::generate(group("ffdhe2048"), &mut random);
    let public = server.public();
    let client = DhKeyPair::generate_with_leading_zeros(server.group().clone(), &public, 1, &mut random);
    let client = client.unwrap().unwrap();

    let kept = client.agree(&public, LeadingZeros::Kept).unwrap();
    assert_eq!((kept.len(), kept[0]), (256, 0));
    let stripped = server.agree(&client.public(), LeadingZeros::Stripped).unwrap();
    assert!(stripped.len() < 256 && kept.ends_with(&stripped));
    assert_eq!(server.agree(&client.public(), LeadingZeros::Kept), Ok(kept));
}

#[test]
fn two_zeros_are_found_too() {
    let mut random = random();
    let server = DhKeyPair::generate(group("mod_ssl 512"), &mut random);
    let public = server.public();
    let client = DhKeyPair::generate_with_leading_zeros(server.group().clone(), &public, 2, &mut random);
    let client = client.unwrap().unwrap();
    assert_eq!(client.agree(&public, LeadingZeros::Kept).unwrap()[..2], [0, 0]);
}

#[test]
fn where_no_secret_begins_with_a_zero_none_is_found() {
    // 4 generates 4, 16, 64, 256, 1: its shared secrets are these and no others, in a group of two bytes.
    let group = DhGroup::new(&1023_u16.to_be_bytes(), &[2]).unwrap();
    let found = |zeros| DhKeyPair::generate_with_leading_zeros(group.clone(), &[4], zeros, &mut random()).unwrap();
    assert!(found(1).is_some());
    assert!(found(2).is_none());
}

#[test]
fn public_values_that_give_the_secret_away_are_refused() {
    let group = group("Oakley group 1");
    let key = DhKeyPair::generate(group.clone(), &mut random());
    let mut highest = group.prime.clone();
    *highest.last_mut().unwrap() -= 1;
    for public in [&[][..], &[0], &[0, 0, 1], &highest, &group.prime, &[0xff; 96]] {
        assert_eq!(key.agree(public, LeadingZeros::Kept), Err(AgreementError::NotInGroup), "{public:?}");
    }
    let longer = AgreementError::Length { found: 97, expected: 96 };
    assert_eq!(key.agree(&[1; 97], LeadingZeros::Kept), Err(longer));
    assert!(key.agree(&[&[0; 200][..], &[1; 96]].concat(), LeadingZeros::Kept).is_ok(), "leading zeros are no number");
}

#[test]
fn groups_that_are_none_are_refused() {
    let refused = |prime: &[u8], generator: &[u8]| DhGroup::new(prime, generator).err();
    assert_eq!(refused(&[], &[2]), Some(DhGroupError::Size { bits: 0 }));
    assert_eq!(refused(&[0, 0, 7], &[2]), Some(DhGroupError::Size { bits: 8 }));
    assert_eq!(refused(&[0xff; 2049], &[2]), Some(DhGroupError::Size { bits: 2049 * 8 }));
    assert_eq!(refused(&[0xff; 2048], &[2]), None);
    assert_eq!(refused(&[1, 0], &[2]), Some(DhGroupError::Even));
    for generator in [&[][..], &[0], &[1], &[1, 0], &[1, 1], &[5, 5, 5]] {
        assert_eq!(refused(&[1, 1], generator), Some(DhGroupError::Generator), "{generator:?}");
    }
}

#[test]
fn every_known_prime_is_in_the_vectors_and_found() {
    let primes = primes();
    assert_eq!(primes.len(), KnownPrime::ALL.len());
    assert!(KnownPrime::ALL.is_sorted_by_key(|known| known.bits));
    for (name, prime) in primes {
        let group = DhGroup::new(&prime, &[2]).unwrap();
        let known = group.known().unwrap();
        assert_eq!((known.name, u32::from(known.bits)), (name.as_str(), group.bits()));
        assert_eq!(group.is_prime(), Some(true));
    }
}

#[test]
fn another_prime_is_not_known_and_a_composite_number_is_told() {
    let judge = |number: u64| {
        let group = DhGroup::new(&number.to_be_bytes(), &[2]).unwrap();
        (group.known(), group.is_prime())
    };
    assert_eq!(judge(4_294_967_311), (None, Some(true)));
    assert_eq!(judge(65_537 * 4_294_967_311), (None, Some(false)));
    assert_eq!(DhGroup::new(&[0xff; 1024], &[2]).unwrap().is_prime(), None, "too large to tell");
}
