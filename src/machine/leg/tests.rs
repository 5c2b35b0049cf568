use super::*;
use crate::machine::source::options;
use crate::machine::testing::told;
use crate::offer::SessionIdOffer;
use crate::profile;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};

const UPDATES: [&str; 3] = ["rollup", "security-only", "untold"];
const DOTNET: [&str; 5] = ["off", "on", "system_default", "switch", "untold"];

/// What sws.update.microsoft.com accepts (Microsoft, August 2020).
const SWS: [u16; 4] = [0xC030, 0xC02F, 0xC028, 0xC027];

fn dotnet(setting: &str) -> Machine {
    let mut machine = match setting {
        "off" | "on" => return options::dotnet_strong_crypto(setting).unwrap(),
        "untold" => return Machine::default(),
        _ => options::dotnet_strong_crypto("off").unwrap(),
    };
    if setting == "system_default" {
        machine.dotnet.v4.bits64.system_default_tls_versions = told(Some(1));
        machine.dotnet.v2.bits64.system_default_tls_versions = told(Some(1));
    } else {
        machine.dotnet.dont_enable_system_default_tls_versions = told(Some(false));
    }
    machine
}

fn machine(system: &str, updates: &str, setting: &str, others: impl IntoIterator<Item = Machine>) -> Machine {
    let mut parts = vec![options::operating_system(system).unwrap(), dotnet(setting)];
    if updates != "untold" {
        parts.push(options::updates(updates).unwrap());
    }
    parts.extend(others);
    Machine::of(parts)
}

fn highest(offer: &Offer) -> ProtocolVersion {
    let tls13 = offer.extension(ExtensionType::SUPPORTED_VERSIONS).is_some();
    if tls13 { ProtocolVersion::TLS1_3 } else { offer.legacy_version }
}

fn policy(names: &[&str]) -> Machine {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Machine { suite_order: told(Some(names)), ..Machine::default() }
}

#[derive(serde::Deserialize)]
struct Row {
    system: String,
    updates: String,
    dotnet: String,
    leg: String,
    result: String,
    profile: String,
    highest: String,
    common_with_sws: String,
    source: String,
}

#[test]
fn every_system_track_and_dotnet_setting_gives_the_legs_of_the_table() {
    let table = include_str!("../../../testdata/machines/legs.csv");
    let rows: Vec<Row> = csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect();
    assert!(rows.iter().all(|row| !row.source.is_empty()));

    for system in OperatingSystem::ALL {
        for updates in UPDATES {
            for dotnet in DOTNET {
                for (name, leg) in [("sync", LegName::Sync), ("import", LegName::Import)] {
                    let case = format!("{} {updates} {dotnet} {name}", system.word());
                    let mut fitting = rows.iter().filter(|row| {
                        row.system == system.word()
                            && ["any", updates].contains(&&*row.updates)
                            && ["any", dotnet].contains(&&*row.dotnet)
                            && ["both", name].contains(&&*row.leg)
                    });
                    let row = fitting.next().unwrap_or_else(|| panic!("no row for {case}"));
                    assert!(fitting.next().is_none(), "two rows for {case}");
                    check(&machine(system.word(), updates, dotnet, []).leg(leg), row, &case);
                }
            }
        }
    }
}

fn check(leg: &Leg, row: &Row, case: &str) {
    match leg {
        Leg::Sends { offer, basis, .. } => {
            assert_eq!(row.result, "sends", "{case}: {basis:?}");
            assert_eq!(offer.profile.as_ref().unwrap().name, row.profile, "{case}");
            assert_eq!(highest(offer).to_string(), row.highest, "{case}");
            let common = offer.cipher_suites.iter().filter(|suite| SWS.contains(&suite.0));
            let common: Vec<String> = common.map(|suite| suite.hex()).collect();
            assert_eq!(common.join(" "), row.common_with_sws, "{case}");
            assert!(!basis.is_empty(), "{case}");
        }
        Leg::CannotSend { because, .. } => assert_eq!(row.result, "cannot", "{case}: {because:?}"),
        Leg::Unknown { missing } => {
            assert_eq!(row.result, "unknown", "{case}: {missing:?}");
            assert!(missing.iter().all(|what| !what.is_empty()) && !missing.is_empty(), "{case}");
        }
    }
}

#[test]
fn without_a_system_nothing_is_guessed() {
    for name in [LegName::Sync, LegName::Import] {
        assert!(matches!(dotnet("off").leg(name), Leg::Unknown { .. }));
    }
}

#[test]
fn a_leg_that_is_a_profile_unchanged_is_that_profile() {
    let import = machine("2016", "untold", "off", []).leg(LegName::Import);
    let profile = profile::find("dotnet-no-strong-crypto-win2016").unwrap();
    assert_eq!(import.offer(), Some(&profile.offer()));
    let Leg::Sends { confidence, .. } = import else { panic!("{import:?}") };
    assert_eq!(confidence, profile.confidence());
}

#[test]
fn dotnet_sends_no_wish_for_ocsp_and_no_alpn() {
    for (system, setting) in [("2016", "on"), ("2019", "on"), ("2022", "system_default"), ("2025", "on")] {
        let import = machine(system, "untold", setting, []).leg(LegName::Import);
        let offer = import.offer().unwrap();
        assert!(offer.extension(ExtensionType::STATUS_REQUEST).is_none(), "{system}");
        assert!(offer.extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION).is_none(), "{system}");
        assert!(offer.extension(ExtensionType::SERVER_NAME).is_some(), "{system}");
    }
}

#[test]
fn import_has_nothing_to_send_once_tls_1_0_and_1_1_are_off() {
    for system in ["2012", "2012r2", "2016", "2019"] {
        let off = options::schannel("1.0=off,1.1=off").unwrap();
        let machine = machine(system, "rollup", "off", [off]);
        let Leg::CannotSend { because, .. } = machine.leg(LegName::Import) else { panic!("{system}") };
        let because = because.join("\n");
        assert!(because.contains("TLS 1.0 is off: Enabled is 0 (--schannel)"), "{because}");
        assert!(because.contains("issue 2"), "{because}");
        // Synchronization goes on (issue 2).
        assert_eq!(machine.leg(LegName::Sync).offer().map(highest), Some(ProtocolVersion::TLS1_2), "{system}");
    }
}

#[test]
fn what_import_does_with_tls_1_1_or_ssl_3_alone_is_not_known() {
    let tls11_left = options::schannel("1.0=off").unwrap();
    let import = machine("2016", "untold", "off", [tls11_left]).leg(LegName::Import);
    assert!(matches!(import, Leg::Unknown { .. }), "{import:?}");
    let ssl3_left = options::schannel("1.0=off,1.1=off,ssl3=on").unwrap();
    let import = machine("2016", "untold", "off", [ssl3_left]).leg(LegName::Import);
    assert!(matches!(import, Leg::Unknown { .. }), "{import:?}");
}

#[test]
fn an_old_synchronization_without_tls_1_0_and_ssl_3_cannot_send() {
    let off = |list| machine("2012r2", "security-only", "off", [options::schannel(list).unwrap()]).leg(LegName::Sync);
    assert!(matches!(off("1.0=off,ssl3=off"), Leg::CannotSend { .. }));
    assert!(matches!(off("1.0=off"), Leg::Unknown { .. }), "SSL 3.0 is on by default there");
}

#[test]
fn a_modern_leg_with_every_version_off_cannot_send() {
    let off = options::schannel("1.0=off,1.1=off,1.2=off").unwrap();
    let machine = machine("2016", "untold", "on", [off]);
    assert!(matches!(machine.leg(LegName::Sync), Leg::CannotSend { .. }));
    assert!(matches!(machine.leg(LegName::Import), Leg::CannotSend { .. }));
}

#[test]
fn the_highest_version_that_is_left_is_offered_and_said_to_be_inferred() {
    let machine = machine("2016", "untold", "on", [options::schannel("1.2=off").unwrap()]);
    let Leg::Sends { offer, basis, confidence } = machine.leg(LegName::Sync) else { panic!("it has TLS 1.1") };
    assert_eq!(offer.legacy_version, ProtocolVersion::TLS1_1);
    assert_eq!(confidence, Confidence::Inferred);
    assert!(basis.iter().any(|why| why.contains("TLS 1.1 as the highest version (inferred)")), "{basis:?}");
    assert!(basis.iter().any(|why| why.contains("TLS 1.2 is off: Enabled is 0 (--schannel)")), "{basis:?}");
}

#[test]
fn older_versions_turned_off_below_tls_1_2_do_not_show() {
    let with = |others| machine("2019", "untold", "on", others).leg(LegName::Sync).offer().cloned().unwrap();
    assert_eq!(with(vec![options::schannel("1.0=off,1.1=off").unwrap()]), with(vec![]));
}

#[test]
fn tls_1_3_turned_off_leaves_the_hello_of_tls_1_2() {
    let off = options::schannel("1.3=off").unwrap();
    let import = machine("2022", "untold", "system_default", [off]).leg(LegName::Import);
    let offer = import.offer().unwrap();
    assert_eq!(offer.profile.as_ref().unwrap().name, "win2022-tls12-only");
    assert_eq!(offer.session_id, SessionIdOffer::Empty);
    assert_eq!(highest(offer), ProtocolVersion::TLS1_2);
}

#[test]
fn a_version_disabled_by_default_is_there_for_those_who_name_it() {
    let mut by_default = Machine::default();
    let protocol = by_default.schannel.entry(ProtocolVersion::TLS1_2).or_default();
    protocol.disabled_by_default = told(Some(1));
    let leg = |setting, name| machine("2016", "untold", setting, [by_default.clone()]).leg(name);
    assert_eq!(leg("on", LegName::Import).offer().map(highest), Some(ProtocolVersion::TLS1_2));
    assert_eq!(leg("system_default", LegName::Import).offer().map(highest), Some(ProtocolVersion::TLS1_1));
    assert!(matches!(leg("on", LegName::Sync), Leg::Unknown { .. }), "no document says how WSUS takes it");
}

#[test]
fn a_policy_replaces_the_suites_in_its_order_and_brings_its_curves() {
    let list = policy(&[
        "TLS_RSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ]);
    let sync = machine("2012r2", "rollup", "off", [list]).leg(LegName::Sync);
    let Leg::Sends { offer, basis, .. } = sync else { panic!("{sync:?}") };
    assert_eq!(offer.cipher_suites, [CipherSuite(0x0035), CipherSuite(0xC028)]);
    let mut expected = (*offer).clone();
    expected.set_groups(&[NamedGroup::SECP384R1, NamedGroup::SECP256R1]);
    assert_eq!(*offer, expected);
    let ignored = "passed over: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: Windows Server 2012 R2 does not have it";
    assert!(basis.iter().any(|why| why == ignored), "{basis:?}");
}

#[test]
fn a_policy_whose_suites_are_all_too_new_leaves_nothing_to_send() {
    let list = policy(&["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384"]);
    let import = machine("2012", "rollup", "off", [list]).leg(LegName::Import);
    let Leg::CannotSend { reason, because } = import else { panic!("{import:?}") };
    assert!(reason.contains("policy leaves no suite"), "{reason}");
    assert!(because.iter().any(|why| why.contains("policy replaces the suites (--test)")), "{because:?}");
}

#[test]
fn a_policy_without_suites_for_tls_1_3_lowers_the_version() {
    let list = policy(&["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]);
    let import = machine("2025", "untold", "system_default", [list]).leg(LegName::Import);
    let offer = import.offer().unwrap();
    assert_eq!(highest(offer), ProtocolVersion::TLS1_2);
    assert_eq!(offer.cipher_suites, [CipherSuite(0xC030)]);
}

#[test]
fn a_policy_that_names_nothing_the_system_knows_is_not_guessed_at() {
    let list = policy(&["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"]);
    let sync = machine("2012r2", "rollup", "off", [list]).leg(LegName::Sync);
    assert!(matches!(sync, Leg::Unknown { .. }), "{sync:?}");
}

#[test]
fn strong_crypto_takes_rc4_off_and_its_absence_leaves_it() {
    const RC4: [CipherSuite; 2] = [CipherSuite(0x0005), CipherSuite(0x0004)];
    let suites = |system, setting| {
        let leg = machine(system, "rollup", setting, []).leg(LegName::Sync);
        leg.offer().unwrap().cipher_suites.clone()
    };
    for system in ["2012", "2012r2", "2016"] {
        assert!(suites(system, "off").ends_with(&RC4), "{system}");
        assert!(!suites(system, "on").contains(&RC4[0]), "{system}");
    }
    assert!(!suites("2019", "off").contains(&RC4[0]));
    let listed = policy(&["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"]);
    let sync = machine("2016", "untold", "on", [listed]).leg(LegName::Sync);
    assert_eq!(sync.offer().unwrap().cipher_suites, [CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA]);
}

#[test]
fn the_switch_for_extended_master_secret_takes_it_out() {
    let off = Machine { disable_client_extended_master_secret: told(Some(1)), ..Machine::default() };
    let with = |others| machine("2016", "untold", "on", others).leg(LegName::Sync).offer().cloned().unwrap();
    assert!(with(vec![off]).extension(ExtensionType::EXTENDED_MASTER_SECRET).is_none());
    let on = Machine { disable_client_extended_master_secret: told(Some(0)), ..Machine::default() };
    assert!(with(vec![on]).extension(ExtensionType::EXTENDED_MASTER_SECRET).is_some());
    assert!(with(vec![]).extension(ExtensionType::EXTENDED_MASTER_SECRET).is_some());
}

#[test]
fn a_log_without_start_up_lines_is_named_as_what_would_tell() {
    let log = crate::machine::read("SoftwareDistribution.log", b"2021-01-01 00:00:00.000 UTC\tInfo\tx\n").unwrap();
    let sync = machine("2012r2", "untold", "off", [log]).leg(LegName::Sync);
    let Leg::Unknown { missing } = sync else { panic!("{sync:?}") };
    assert!(missing[1].contains("no SCHANNEL start-up lines"), "{missing:?}");
}
