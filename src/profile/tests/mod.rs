//! Profiles are held against what they rest on: the captures, byte by byte, and the collected facts, both ways.

mod captures;
mod facts;

use std::collections::BTreeSet;

use super::*;
use crate::handshake::SHARE_GROUPS;
use crate::offer::OfferSummary;

/// A file of `testdata/`.
fn testdata(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &str) -> serde_json::Value {
    serde_json::from_str(&testdata(path)).unwrap()
}

/// Those from the collected facts; the others were recorded for this program.
fn windows_profiles() -> impl Iterator<Item = &'static Profile> {
    PROFILES.iter().copied().filter(|profile| profile.capture.id.starts_with("cap-"))
}

#[test]
fn ids_are_unique_and_sorted() {
    let ids: Vec<&str> = PROFILES.iter().map(|profile| profile.id).collect();
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    assert!(ids.iter().eq(&sorted), "{ids:?}");
}

#[test]
fn a_profile_is_found_by_its_name_in_any_case() {
    for profile in PROFILES {
        assert_eq!(find(&profile.id.to_uppercase()).unwrap().id, profile.id);
    }
    assert_eq!(find(" win2016 ").unwrap().id, "win2016");
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let error = |name| find(name).unwrap_err().to_string();
    assert_eq!(find("win2018").unwrap_err().suggestions.len(), 3);
    assert!(find("win2106").unwrap_err().suggestions.contains(&"win2016"));
    assert_eq!(error("chrom"), r#"unknown profile "chrom": did you mean chrome?"#);
    assert_eq!(
        error("2012r2-wsus"),
        r#"unknown profile "2012r2-wsus": did you mean win2012r2-wsus-security-only or win2012r2-wsus-monthly-rollup?"#
    );
    assert_eq!(error("beos"), r#"unknown profile "beos": `tlsprobe list profiles` shows all of them"#);
    assert_eq!(find("").unwrap_err().suggestions, [""; 0]);
}

#[test]
fn an_offer_says_which_profile_it_was_made_from() {
    for profile in PROFILES {
        assert_eq!(profile.offer().profile.unwrap().name, profile.id);
    }
}

#[test]
fn every_key_share_that_is_offered_can_be_made() {
    for profile in PROFILES {
        for group in profile.offer().key_share_groups() {
            assert!(SHARE_GROUPS.contains(group) || group.is_grease(), "{}: {group}", profile.id);
        }
    }
}

#[test]
fn the_highest_version_on_the_wire_is_the_highest_one_offered() {
    for profile in PROFILES {
        let summary = captures::summary_of(profile);
        let newest = profile.offered_versions.value.iter().max().copied();
        assert_eq!(OfferSummary::highest_version(&summary), newest, "{}", profile.id);
        assert!(profile.offered_versions.value.is_sorted(), "{}", profile.id);
    }
}

#[test]
fn dotnet_without_strong_crypto_offers_tls_1_0_at_most() {
    let dotnet: Vec<_> = PROFILES.iter().filter(|profile| profile.id.starts_with("dotnet-no-strong-crypto-")).collect();
    assert_eq!(dotnet.len(), 4);
    for profile in dotnet {
        assert_eq!(profile.offered_versions.value.iter().max(), Some(&ProtocolVersion::TLS1_0), "{}", profile.id);
        assert_eq!(captures::summary_of(profile).highest_version(), Some(ProtocolVersion::TLS1_0), "{}", profile.id);
    }
}

#[test]
fn a_description_is_as_sure_as_its_least_known_field() {
    let of = |name| describe(find(name).unwrap());
    assert_eq!(of("openssl").confidence, Confidence::BytesCaptured);
    assert_eq!(of("win2016").confidence, Confidence::DocumentedByMicrosoft);
    assert_eq!(of("win2022").confidence, Confidence::Inferred);
    for profile in PROFILES {
        let described = describe(profile);
        let worst = described.fields.iter().map(|field| field.confidence).max();
        assert_eq!(Some(described.confidence), worst, "{}", profile.id);
    }
}

#[test]
fn a_description_names_every_field_and_departure() {
    let described = describe(find("win2012-wsus-monthly-rollup").unwrap());
    assert_eq!(described.cipher_suites, 26);
    assert_eq!(described.versions, [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_2]);
    assert_eq!(described.source, "cap-lee-win8x-store: Windows 8.x Apps Store thing (unconfirmed)");
    let names: Vec<&str> = described.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names[4..8], ["cipher_suites", "compression_methods", "server_name", "supported_groups"]);
    let departure = "with extended_master_secret: sent since MS15-121 (November 2015), as in \
        cap-joy-win81-dotnet-tls10 and cap-mssql-tls10";
    assert_eq!(described.departures, [departure]);
}

#[test]
fn a_description_is_plain_json() {
    let described = serde_json::to_value(describe(find("win2012-wsus-security-only").unwrap())).unwrap();
    assert_eq!(described["versions"], serde_json::json!(["SSL3", "TLS1.0"]));
    assert_eq!(described["confidence"], "inferred");
    let ticket = &described["fields"].as_array().unwrap()[9];
    assert_eq!(ticket["name"], "session_ticket");
    assert!(ticket["unknown"].as_str().unwrap().contains("not kept"));
}
