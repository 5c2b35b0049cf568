//! Profiles and collected facts agree field by field, in both directions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{json, windows_profiles};
use crate::offer::SessionIdOffer;
use crate::profile::ProfileExtension::{self, *};
use crate::profile::{Change, Confidence, Fact, Profile, describe};
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

fn facts() -> Value {
    json("profiles/schannel-profiles.json")
}

fn each_with_its_facts(mut check: impl FnMut(&'static Profile, &Value)) {
    let facts = facts();
    for profile in windows_profiles() {
        let fact = facts["profiles"].as_array().unwrap().iter().find(|fact| fact["id"] == profile.id);
        check(profile, fact.expect(profile.id));
    }
}

fn codes(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| entry[member].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_profile_is_missing_and_none_invented() {
    let facts = facts();
    let theirs: BTreeSet<&str> =
        facts["profiles"].as_array().unwrap().iter().map(|fact| fact["id"].as_str().unwrap()).collect();
    let ours: BTreeSet<&str> = windows_profiles().map(|profile| profile.id).collect();
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 18);
}

#[test]
fn every_text_is_that_of_the_facts() {
    each_with_its_facts(|profile, fact| {
        // Without what counts the cases of another document.
        let title = fact["title"].as_str().unwrap().replace(" of problem 1", "");
        assert_eq!(profile.title, title);
        assert_eq!(fact["windows"], profile.client, "{}", profile.id);
        assert_eq!(fact["caller"], profile.caller, "{}", profile.id);
        assert_eq!(fact["notes"], profile.notes, "{}", profile.id);
        assert_eq!(fact["evidence_capture_ids"], serde_json::json!(profile.evidence), "{}", profile.id);
    });
}

#[test]
fn every_field_has_the_value_source_and_confidence_of_the_facts() {
    each_with_its_facts(|profile, fact| {
        let id = profile.id;
        rests_on_the_same(id, &profile.record_version, &fact["record_version"]);
        assert_eq!(fact["record_version"]["value"], profile.record_version.value.hex(), "{id}");
        rests_on_the_same(id, &profile.legacy_version, &fact["legacy_version"]);
        assert_eq!(fact["legacy_version"]["value"], profile.legacy_version.value.hex(), "{id}");

        // The facts put into the value what stands in the note here.
        let session_id = match profile.session_id.value {
            SessionIdOffer::Empty => "empty on a full handshake (a 32-byte id on resumption in TLS 1.0-1.2)",
            SessionIdOffer::Fresh => "32 random bytes (TLS 1.3 middlebox compatibility)",
        };
        assert_eq!(fact["session_id"]["value"], session_id, "{id}");
        assert_eq!(profile.session_id.note, Some(session_id), "{id}");
        rests_on_the_same(id, &Fact { note: None, ..profile.session_id }, &fact["session_id"]);

        let versions: Vec<String> = profile.offered_versions.value.iter().map(|one| one.spoken()).collect();
        assert_eq!(fact["offered_protocol_versions"]["value"], serde_json::json!(versions), "{id}");
        rests_on_the_same(id, &profile.offered_versions, &fact["offered_protocol_versions"]);

        let suites: Vec<String> = profile.cipher_suites.value.iter().map(|suite| suite.hex()).collect();
        assert_eq!(suites, codes(&fact["cipher_suites"]["value"], "code"), "{id}");
        rests_on_the_same(id, &profile.cipher_suites, &fact["cipher_suites"]);

        assert_eq!(fact["compression_methods"]["value"], serde_json::json!(profile.compression_methods.value), "{id}");
        let source = "all byte captures in this file";
        rests_on_the_same(id, &Fact { source, ..profile.compression_methods }, &fact["compression_methods"]);
    });
}

fn rests_on_the_same<T>(id: &str, ours: &Fact<T>, theirs: &Value) {
    assert_eq!(theirs["source"], ours.source, "{id}");
    assert_eq!(theirs["confidence"], ours.confidence.word(), "{id}: {}", ours.source);
    assert_eq!(theirs.get("note").and_then(Value::as_str), ours.note, "{id}: {}", ours.source);
}

#[test]
fn every_extension_is_that_of_the_facts_in_order() {
    each_with_its_facts(|profile, fact| {
        let theirs = fact["extensions_in_order"].as_array().unwrap();
        let sent = |extension: &&Value| {
            let is_sent = profile.extensions.iter().any(|one| extension["type"] == one.value.extension_type().hex());
            assert!(is_sent || may_be_left_out(profile, extension), "{}: no {}", profile.id, extension["name"]);
            is_sent
        };
        let theirs: Vec<&Value> = theirs.iter().filter(sent).collect();
        assert_eq!(profile.extensions.len(), theirs.len(), "{}", profile.id);
        for (ours, theirs) in profile.extensions.iter().zip(theirs) {
            assert_eq!(theirs["type"], ours.value.extension_type().hex(), "{}", profile.id);
            rests_on_the_same(profile.id, ours, theirs);
            let same = has_content(ours.value, &theirs["content"]);
            assert!(same, "{}: {:?} is not {}", profile.id, ours.value, theirs["content"]);
        }
    });
}

/// The facts list some extensions as optional: up to the caller. A profile leaves one out where a departure says why,
/// or where its capture, of such a caller, has none either.
fn may_be_left_out(profile: &Profile, extension: &Value) -> bool {
    let is_named = profile
        .departures
        .iter()
        .any(|departure| matches!(departure.change, Change::Omits(omitted) if extension["type"] == omitted.hex()));
    extension["optional"] == true && (is_named || !was_captured(profile, &extension["type"]))
}

fn was_captured(profile: &Profile, extension_type: &Value) -> bool {
    let captures = json("hellos/captures.json");
    let capture = captures["captures"].as_array().unwrap().iter().find(|one| one["id"] == profile.capture.id).unwrap();
    capture["extensions"].as_array().unwrap().iter().any(|one| &one["type"] == extension_type)
}

fn has_content(extension: ProfileExtension, content: &Value) -> bool {
    let hex = |found: Vec<String>| found == codes(content, "code");
    match extension {
        ServerName => content == "host_name = target host (DNS name, ASCII)",
        StatusRequest => content["raw"] == "0100000000",
        SupportedGroups(groups) => hex(groups.iter().map(|group: &NamedGroup| group.hex()).collect()),
        SignatureAlgorithms(schemes) => hex(schemes.iter().map(|scheme: &SignatureScheme| scheme.hex()).collect()),
        SupportedVersions(versions) => hex(versions.iter().map(|version: &ProtocolVersion| version.hex()).collect()),
        EcPointFormats(bytes) | PskKeyExchangeModes(bytes) => *content == serde_json::json!(bytes),
        ApplicationLayerProtocolNegotiation(protocols) => *content == serde_json::json!(protocols),
        KeyShare(groups) => groups.iter().map(|group| group.hex()).collect::<Vec<_>>() == codes(content, "group"),
        ExtendedMasterSecret | PostHandshakeAuth => content == "empty",
        SessionTicket => content == "empty (no ticket held)",
        RenegotiationInfo => content == "00 (empty renegotiated_connection)",
        _ => false,
    }
}

#[test]
fn suites_are_the_documented_order_folded_where_the_source_says_so() {
    let facts = facts();
    let orders: Vec<&Value> = facts["documented_cipher_orders"].as_object().unwrap().values().collect();
    let mut compared = 0;
    for profile in windows_profiles() {
        let source = profile.cipher_suites.source;
        let Some(order) = orders.iter().find(|order| source.contains(order["title_file"].as_str().unwrap())) else {
            continue;
        };
        let suites: Vec<String> = profile.cipher_suites.value.iter().map(|suite: &CipherSuite| suite.hex()).collect();
        assert_eq!(suites, folded(order, source), "{}", profile.id);
        compared += 1;
    }
    assert_eq!(compared, 16);
}

/// Each suite once, at the place of its first name, as far as the words after the page's name let it in.
fn folded(order: &Value, source: &str) -> Vec<String> {
    let is_in = |entry: &&Value| {
        let spoken = |version: &str| entry["protocols"].as_array().unwrap().iter().any(|one| one == version);
        entry["only_on_application_request"] == false
            && (!source.contains("filtered to TLS 1.0") || spoken("TLS 1.0"))
            && (!source.contains("without the TLS 1.3 suites") || !spoken("TLS 1.3"))
            && (!source.contains("with SCH_USE_STRONG_CRYPTO") || entry["allowed_with_SCH_USE_STRONG_CRYPTO"] == true)
    };
    let mut folded: Vec<String> = Vec::new();
    for entry in order["default_enabled_in_priority_order"].as_array().unwrap().iter().filter(is_in) {
        let code = entry["code"].as_str().unwrap();
        if !folded.iter().any(|earlier| earlier == code) {
            folded.push(code.to_owned());
        }
    }
    folded
}

#[test]
fn what_is_inferred_in_the_facts_is_inferred_in_the_description() {
    let mut inferred = 0;
    each_with_its_facts(|profile, fact| {
        let of_extensions = fact["extensions_in_order"].as_array().unwrap().iter();
        let sent = of_extensions.filter(|extension| {
            profile.extensions.iter().any(|one| extension["type"] == one.value.extension_type().hex())
        });
        let fields = ["record_version", "legacy_version", "session_id"].into_iter();
        let fields = fields.chain(["offered_protocol_versions", "cipher_suites", "compression_methods"]);
        let theirs =
            fields.map(|name| &fact[name]).chain(sent).filter(|field| field["confidence"] == "inferred").count();
        let ours = describe(profile).fields.iter().filter(|field| field.confidence == Confidence::Inferred).count();
        assert_eq!(ours, theirs, "{}", profile.id);
        inferred += ours;
    });
    assert!(inferred > 30, "{inferred}");
    let ems = ExtensionType::EXTENDED_MASTER_SECRET.to_string();
    let described = describe(crate::profile::find("win2012-wsus-security-only").unwrap());
    let field = described.fields.iter().find(|field| field.name == ems).unwrap();
    assert_eq!(field.confidence, Confidence::Inferred);
}
