//! Each profile encodes to its capture.

use serde_json::Value;

use super::{PROFILES, json, testdata, windows_profiles};
use crate::offer::{FreshValues, Offer, OfferSummary, SessionIdOffer};
use crate::profile::{Change, Confidence, Fact, Profile};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};
use crate::wire::Wire;
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry};
use crate::wire::handshake::{ClientHello, HandshakeType, MessageReader};
use crate::wire::record::Record;

/// The records of a hex file.
fn bytes_of(path: &str) -> Vec<u8> {
    let text = testdata(path);
    hex::decode(text.lines().filter(|line| !line.starts_with('#')).collect::<String>()).unwrap()
}

/// The capture as bytes: recorded, or rebuilt from its decoded fields (which `tests/hellos.rs` compares with them).
fn captured_bytes(profile: &Profile) -> Vec<u8> {
    let folder = if profile.capture.id.starts_with("cap-") { "rebuilt" } else { "recorded" };
    bytes_of(&format!("hellos/{folder}/{}.hex", profile.capture.id))
}

fn hello(bytes: &[u8]) -> (ProtocolVersion, ClientHello) {
    let (record, consumed) = Record::parse(bytes).unwrap().unwrap();
    assert_eq!(consumed, bytes.len(), "one record");
    let mut messages = MessageReader::new();
    messages.push(record.fragment);
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.msg_type, HandshakeType::CLIENT_HELLO);
    (record.version, ClientHello::from_bytes(&message.body).unwrap())
}

fn extensions(hello: &mut ClientHello) -> &mut Vec<Extension> {
    let Extensions(all) = hello.extensions.as_mut().unwrap();
    all
}

fn find(hello: &ClientHello, extension_type: ExtensionType) -> Option<&Extension> {
    hello.extensions.as_ref().unwrap().find(extension_type)
}

/// The profile's hello with the fresh values and the server's name that its capture has.
fn sent_like(profile: &Profile, captured: &ClientHello) -> Vec<u8> {
    let key_shares = match find(captured, ExtensionType::KEY_SHARE) {
        Some(Extension::KeyShare(KeyShare::Offered(shares))) => shares.clone(),
        _ => Vec::new(),
    };
    let offered: Vec<_> = key_shares.iter().map(|share: &KeyShareEntry| share.group).collect();
    assert_eq!(profile.offer().key_share_groups(), offered, "{}", profile.id);
    let session_id = captured.session_id.0.as_slice().try_into().unwrap_or([0; 32]);
    let fresh = FreshValues { random: captured.random, session_id, key_shares };
    let name = match find(captured, ExtensionType::SERVER_NAME) {
        Some(Extension::ServerName(name)) => std::str::from_utf8(name.host_name().unwrap()).unwrap(),
        other => panic!("{}: {other:?}", profile.id),
    };
    profile.offer().records(Some(name), &fresh)
}

/// What a report would say of the profile's hello.
pub(super) fn summary_of(profile: &Profile) -> OfferSummary {
    let (_, captured) = hello(&captured_bytes(profile));
    OfferSummary {
        profile: Some(profile.id.to_owned()),
        profile_confidence: Some(profile.confidence().word().to_owned()),
        profile_source: Some(profile.source()),
        ..OfferSummary::of_bytes(&sent_like(profile, &captured))
    }
}

#[test]
fn a_recorded_profile_encodes_to_the_recorded_bytes() {
    let mut compared = 0;
    for profile in PROFILES.iter().filter(|profile| !profile.capture.id.starts_with("cap-")) {
        assert!(profile.departures.is_empty(), "{}", profile.id);
        let recorded = captured_bytes(profile);
        let (_, captured) = hello(&recorded);
        assert_eq!(hex::encode(sent_like(profile, &captured)), hex::encode(&recorded), "{}", profile.id);
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn a_recorded_profile_names_the_version_that_was_recorded() {
    for profile in PROFILES.iter().filter(|profile| !profile.capture.id.starts_with("cap-")) {
        let text = testdata(&format!("hellos/recorded/{}.hex", profile.capture.id));
        let recorded = text.lines().find_map(|line| line.strip_prefix("# version: ")).unwrap();
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let versions: Vec<&str> = profile.capture.of.split([' ', ',']).filter(is_version).collect();
        assert!(!versions.is_empty(), "{}", profile.id);
        for version in versions {
            assert!(recorded.contains(version) && profile.client.contains(version), "{}: {version}", profile.id);
        }
    }
}

#[test]
fn a_windows_profile_encodes_to_the_captured_fields_in_order_but_for_its_departures() {
    for profile in windows_profiles() {
        let (captured_record_version, mut captured) = hello(&captured_bytes(profile));
        let (record_version, mut sent) = hello(&sent_like(profile, &captured));
        for departure in profile.departures {
            undo(departure.change, profile.id, &mut sent, &mut captured);
        }
        assert_eq!(record_version, captured_record_version, "{}", profile.id);
        assert_eq!(sent, captured, "{}", profile.id);
    }
}

/// Takes a departure out of both hellos; it must have been in one of them and not in the other.
fn undo(change: Change, id: &str, sent: &mut ClientHello, captured: &mut ClientHello) {
    match change {
        Change::Adds(extension_type) => take_extension(id, extension_type, sent, captured),
        Change::Omits(extension_type) => take_extension(id, extension_type, captured, sent),
        Change::AddsSuites(suites) => take_suites(id, suites, sent, captured),
        Change::OmitsSuites(suites) => take_suites(id, suites, captured, sent),
        Change::EmptiesSessionId => {
            assert_eq!((sent.session_id.0.len(), captured.session_id.0.len()), (0, 32), "{id}");
            captured.session_id.0.clear();
        }
    }
}

fn take_extension(id: &str, extension_type: ExtensionType, from: &mut ClientHello, other: &ClientHello) {
    assert!(find(from, extension_type).is_some() && find(other, extension_type).is_none(), "{id}: {extension_type}");
    extensions(from).retain(|extension| extension.extension_type() != extension_type);
}

fn take_suites(id: &str, suites: &[CipherSuite], from: &mut ClientHello, other: &ClientHello) {
    for suite in suites {
        assert!(from.cipher_suites.contains(suite) && !other.cipher_suites.contains(suite), "{id}: {suite}");
    }
    from.cipher_suites.retain(|suite| !suites.contains(suite));
}

#[test]
fn an_extension_that_was_not_captured_is_inferred() {
    let mut found = 0;
    for profile in windows_profiles() {
        for departure in profile.departures {
            let Change::Adds(added) = departure.change else { continue };
            let fact = profile.extensions.iter().find(|fact| fact.value.extension_type() == added).unwrap();
            assert_eq!(fact.confidence, Confidence::Inferred, "{}: {added}", profile.id);
            found += 1;
        }
    }
    assert!(found > 0);
}

#[test]
fn what_the_capture_leaves_open_is_said_to_be_unknown_and_nothing_else() {
    let captures = json("hellos/captures.json");
    let captures = captures["captures"].as_array().unwrap();
    for profile in windows_profiles() {
        let capture = captures.iter().find(|capture| capture["id"] == profile.capture.id).expect(profile.capture.id);
        assert_eq!(capture["label"], profile.capture.of, "{}", profile.id);
        same_unknown(profile, "record_version", &profile.record_version, &capture["record_version"]);
        same_unknown(profile, "legacy_version", &profile.legacy_version, &capture["legacy_version"]);
        same_unknown(profile, "session_id", &profile.session_id, &capture["session_id_length"]);
        same_unknown(profile, "compression_methods", &profile.compression_methods, &capture["compression_methods"]);
        for fact in profile.extensions {
            let name = fact.value.extension_type();
            let found =
                capture["extensions"].as_array().unwrap().iter().find(|extension| extension["type"] == name.hex());
            same_unknown(
                profile,
                &name.to_string(),
                fact,
                found.map_or(&Value::Null, |extension| &extension["content"]),
            );
        }
    }
}

fn same_unknown<T>(profile: &Profile, name: &str, fact: &Fact<T>, captured: &Value) {
    let is_unknown = captured.as_str().is_some_and(|text| text.starts_with("unknown"));
    assert_eq!(fact.unknown.is_some(), is_unknown, "{}: {name}", profile.id);
}

#[test]
fn every_capture_that_is_named_exists() {
    let captures = json("hellos/captures.json");
    let ids: Vec<&str> =
        captures["captures"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    for profile in windows_profiles() {
        for id in profile.evidence.iter().chain([&profile.capture.id]) {
            assert!(ids.contains(id), "{}: {id}", profile.id);
        }
        for field in crate::profile::describe(profile).fields {
            let words = field.source.split(|c: char| c.is_whitespace() || ",;()".contains(c));
            for id in words.filter(|word| word.starts_with("cap-")) {
                let known =
                    ids.iter().any(|other| id.strip_suffix('*').map_or(*other == id, |start| other.starts_with(start)));
                assert!(known, "{}: {id}", profile.id);
            }
        }
    }
}

#[test]
fn a_full_handshake_of_tls_1_2_or_older_has_an_empty_session_id() {
    for profile in windows_profiles() {
        let is_tls13 = profile.offered_versions.value.contains(&ProtocolVersion::TLS1_3);
        let expected = if is_tls13 { SessionIdOffer::Fresh } else { SessionIdOffer::Empty };
        assert_eq!(profile.session_id.value, expected, "{}", profile.id);
    }
}

#[test]
fn an_offer_without_a_name_leaves_server_name_out_and_nothing_else() {
    for profile in PROFILES {
        let fresh = FreshValues { random: [0; 32], session_id: [0; 32], key_shares: vec![] };
        let types = |offer: &Offer, name| {
            let Extensions(all) = offer.client_hello(name, &fresh).extensions.unwrap();
            all.iter().map(Extension::extension_type).filter(|one| *one != ExtensionType::PADDING).collect::<Vec<_>>()
        };
        let mut named = types(&profile.offer(), Some("a.example"));
        named.retain(|one| *one != ExtensionType::SERVER_NAME);
        assert_eq!(types(&profile.offer(), None), named, "{}", profile.id);
    }
}
