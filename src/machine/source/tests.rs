use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::{collection, sample};

use super::*;
use crate::machine::{Leg, LegName, OperatingSystem, Proxy};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};

/// The samples that `read` understands, each with what it is.
const SAMPLES: [(&str, FileKind); 18] = [
    ("2008r2.json", FileKind::MachineJson),
    ("2012.json", FileKind::MachineJson),
    ("2012r2.json", FileKind::MachineJson),
    ("2016.json", FileKind::MachineJson),
    ("2019.json", FileKind::MachineJson),
    ("2022.json", FileKind::MachineJson),
    ("2025.json", FileKind::MachineJson),
    ("SoftwareDistribution-two-starts.log", FileKind::SoftwareDistributionLog),
    ("SoftwareDistribution-without-start-up-lines.log", FileKind::SoftwareDistributionLog),
    ("dotnet-strong-crypto.reg", FileKind::RegistryExport),
    ("gpresult-english.html", FileKind::PolicyReport),
    ("gpresult-german.html", FileKind::PolicyReport),
    ("gpresult-without-policy.html", FileKind::PolicyReport),
    ("netsh-winhttp-german.txt", FileKind::WinHttpProxyText),
    ("policies.reg", FileKind::RegistryExport),
    ("schannel-tls10-and-11-off.reg", FileKind::RegistryExport),
    ("suite-order.txt", FileKind::SuiteOrder),
    ("w3wp.exe.config", FileKind::W3wpConfig),
];

fn bytes(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/machines").join(name)).unwrap()
}

fn sample(name: &str) -> Machine {
    read(name, &bytes(name)).unwrap()
}

fn suites(machine: &Machine) -> Vec<String> {
    machine.suite_order.clone().unwrap().value.unwrap()
}

fn named(servers: &str, bypass: Option<&str>) -> Proxy {
    Proxy::Named { servers: servers.to_owned(), bypass: bypass.map(str::to_owned) }
}

#[test]
fn every_sample_is_known_by_its_content() {
    for (name, kind) in SAMPLES {
        assert_eq!(recognize(&text::decode(&bytes(name))), Some(kind), "{name}");
        assert_ne!(sample(name), Machine::default(), "{name}");
    }
}

#[test]
fn what_is_none_of_them_is_refused_with_the_list_of_what_would_do() {
    for other in ["", "hello", "<svg/>", "11.08.2020 started", "\u{0}\u{1}"] {
        let error = read("notes.txt", other.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("notes.txt is none of: "), "{error}");
    }
    let error = read("machine.json", b"{]").unwrap_err().to_string();
    assert!(error.starts_with("machine.json is not the output of collect-machine.ps1: "), "{error}");
    let error = read("big.log", &vec![b' '; MAX_FILE_BYTES + 1]).unwrap_err();
    assert_eq!(error.to_string(), "big.log is larger than 64 MiB");
}

#[test]
fn files_made_to_take_long_do_not() {
    const MANY: usize = 1 << 17;
    let html = |body: &str| format!("<html><table><tr><td>{body}");
    for (name, text) in [
        ("ampersands", html(&"&".repeat(MANY))),
        ("open tags", html(&"<td".repeat(MANY))),
        ("open quotes", html(&"<td a='".repeat(MANY))),
        ("lists", html(&"TLS_AES_128_GCM_SHA256<td>".repeat(MANY / 8))),
        ("unknown suites", html(&"TLS_X,".repeat(MANY))),
        ("log lines", "SCHANNEL Protocol 'x' disabled\n".repeat(MANY)),
        ("hotfixes", format!(r#"{{"schema":"tlsprobe-machine/1","hotfixes":[{}"KB"]}}"#, r#""KB1","#.repeat(MANY))),
        ("values", format!("REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\n{}", "\"a\"=hex:00\n".repeat(MANY))),
        ("names", "TLS_X,".repeat(MANY)),
    ] {
        let machine = read(name, text.as_bytes()).unwrap_or_default();
        assert!(machine.notes.len() <= 100 && machine.hotfixes.len() < MANY, "{name}");
    }
}

#[test]
fn a_policy_report_tells_the_list_in_any_language() {
    let english = sample("gpresult-english.html");
    assert_eq!(suites(&english).first().unwrap(), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    assert_eq!(suites(&english).len(), 4);
    assert_eq!(
        english.suite_order.unwrap().source.to_string(),
        "gpresult-english.html: policy \"SSL Cipher Suite Order\" of group policy object \"TLS Hardening & Baseline\""
    );
    let german = sample("gpresult-german.html");
    assert_eq!(suites(&german).first().unwrap(), "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P384");
    assert!(german.suite_order.unwrap().source.to_string().ends_with(
        "policy \"Reihenfolge der SSL-Verschlüsselungssammlungen\" of group policy object \"Härtung Server\""
    ));
    assert_eq!(sample("gpresult-without-policy.html").suite_order, None);
}

#[test]
fn registry_exports_are_read_in_both_forms() {
    let schannel = sample("schannel-tls10-and-11-off.reg");
    let enabled = |version| schannel.schannel[&version].enabled.as_ref().unwrap().value;
    assert_eq!(enabled(ProtocolVersion::SSL2), None);
    assert_eq!(enabled(ProtocolVersion::TLS1_0), Some(0));
    assert_eq!(enabled(ProtocolVersion::TLS1_2), Some(u32::MAX));
    assert_eq!(schannel.disable_client_extended_master_secret.unwrap().value, Some(1));
    assert_eq!(schannel.disable_server_extended_master_secret.unwrap().value, None);

    let policies = sample("policies.reg");
    assert_eq!(suites(&policies).len(), 3);
    assert_eq!(policies.wu_server.unwrap().value.unwrap(), "https://wsus.contoso.com:8531");

    let dotnet = sample("dotnet-strong-crypto.reg").dotnet;
    assert_eq!(dotnet.v4.bits64.sch_use_strong_crypto.unwrap().value, Some(1));
    assert_eq!(dotnet.v4.bits64.system_default_tls_versions.unwrap().value, None);
    assert_eq!(dotnet.v4.bits32.sch_use_strong_crypto, None, "it was not exported");
}

#[test]
fn a_log_tells_its_last_start() {
    let log = sample("SoftwareDistribution-two-starts.log");
    assert!(log.startup_lines.as_ref().unwrap().value);
    assert_eq!(log.schannel[&ProtocolVersion::TLS1_0].enabled.as_ref().unwrap().value, Some(0));
    assert!(!sample("SoftwareDistribution-without-start-up-lines.log").startup_lines.unwrap().value);
}

#[test]
fn the_small_files_tell_their_one_fact() {
    let proxy = sample("netsh-winhttp-german.txt").winhttp_proxy.unwrap().value;
    assert_eq!(proxy, named("proxy.contoso.com:8080", Some("<local>;*.contoso.com")));
    let switch = sample("w3wp.exe.config").dotnet.dont_enable_system_default_tls_versions;
    assert_eq!(switch.unwrap().value, Some(false));
    assert_eq!(suites(&sample("suite-order.txt")).len(), 2);
}

#[test]
fn what_the_script_collects_tells_the_legs_of_every_system() {
    use ProtocolVersion as Version;
    type Highest = Option<Version>;
    let expected: [(&str, OperatingSystem, Highest, Highest); 7] = [
        ("2008r2", OperatingSystem::Server2008R2, Some(Version::TLS1_0), Some(Version::TLS1_0)),
        ("2012", OperatingSystem::Server2012, Some(Version::TLS1_2), None),
        ("2012r2", OperatingSystem::Server2012R2, None, Some(Version::TLS1_2)),
        ("2016", OperatingSystem::Server2016, Some(Version::TLS1_2), Some(Version::TLS1_2)),
        ("2019", OperatingSystem::Server2019, Some(Version::TLS1_2), Some(Version::TLS1_2)),
        ("2022", OperatingSystem::Server2022, Some(Version::TLS1_2), Some(Version::TLS1_3)),
        ("2025", OperatingSystem::Server2025, Some(Version::TLS1_2), None),
    ];
    for (name, system, sync, import) in expected {
        let machine = Machine::of([sample(&format!("{name}.json"))]);
        assert_eq!(machine.operating_system.as_ref().unwrap().value, system, "{name}");
        let highest = |leg| {
            let leg = machine.leg(leg);
            let offer = leg.offer()?;
            let tls13 = offer.extension(ExtensionType::SUPPORTED_VERSIONS).is_some();
            Some(if tls13 { Version::TLS1_3 } else { offer.legacy_version })
        };
        assert_eq!((highest(LegName::Sync), highest(LegName::Import)), (sync, import), "{name}");
    }
    // Why there is none differs: nothing left to send, an update not listed, a behaviour no document describes.
    let of = |name: &str, leg| Machine::of([sample(name)]).leg(leg);
    assert!(matches!(of("2012.json", LegName::Import), Leg::CannotSend { .. }));
    assert!(matches!(of("2012r2.json", LegName::Sync), Leg::Unknown { .. }));
    assert!(matches!(of("2025.json", LegName::Import), Leg::Unknown { .. }));
}

#[test]
fn what_the_script_collects_fills_every_field() {
    let server_2012 = Machine::of([sample("2012.json")]);
    assert_eq!(server_2012.wsus_proxy.unwrap().value, named("proxy.contoso.com:8080", None));
    assert!(server_2012.wsus_tls12_update.unwrap().source.to_string().ends_with("hotfixes, KB4022721"));
    assert!(server_2012.extended_master_secret_enforced.unwrap().value);
    assert_eq!(server_2012.mu_url.unwrap().value, "https://sws.update.microsoft.com");

    let server_2019 = Machine::of([sample("2019.json")]);
    assert_eq!(server_2019.winhttp_proxy.as_ref().unwrap().value.for_https(), Some("proxy.contoso.com:8080"));
    assert_eq!(server_2019.dotnet.dont_enable_system_default_tls_versions.unwrap().value, Some(false));

    let server_2016 = Machine::of([sample("2016.json")]);
    assert_eq!(server_2016.wu_status_server.unwrap().value.unwrap(), "https://wsus01.contoso.com:8531");
    assert_eq!(server_2016.extended_master_secret_enforced, None, "a later update is listed in its place");

    let server_2025 = Machine::of([sample("2025.json")]);
    assert_eq!(server_2025.winhttp_default_secure_protocols.unwrap().value, Some(0x2800));
    assert_eq!(server_2025.mu_url, None);
    assert_eq!(server_2025.notes.len(), 1);
    assert_eq!(suites(&Machine::of([sample("2022.json")])).len(), 2);
}

#[test]
fn a_machine_comes_back_from_its_json() {
    for (name, _) in SAMPLES {
        let machine = Machine::of([sample(name)]);
        let json = serde_json::to_string(&machine).unwrap();
        assert_eq!(serde_json::from_str::<Machine>(&json).unwrap(), machine, "{name}");
    }
}

#[test]
fn parts_fill_each_other_and_the_later_one_counts() {
    let machine = Machine::of([
        sample("schannel-tls10-and-11-off.reg"),
        sample("policies.reg"),
        sample("gpresult-german.html"),
        options::operating_system("2012r2").unwrap(),
        options::updates("rollup").unwrap(),
        options::dotnet_strong_crypto("off").unwrap(),
    ]);
    assert_eq!(suites(&machine).len(), 4);
    assert_eq!(machine.notes.len(), 1);
    let note = &machine.notes[0];
    assert!(note.starts_with("suite order policy: [\"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P384\""), "{note}");
    assert!(note.contains("counts, not [\"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384\""), "{note}");
    assert!(note.ends_with("because it was given later"), "{note}");

    let sync = machine.leg(LegName::Sync);
    let offer = sync.offer().unwrap();
    assert_eq!(offer.cipher_suites, [CipherSuite(0xC014), CipherSuite(0x0035)]);
    assert!(offer.extension(ExtensionType::EXTENDED_MASTER_SECRET).is_none());
    assert!(matches!(machine.leg(LegName::Import), Leg::CannotSend { .. }));
}

#[test]
fn the_log_weighs_more_than_nothing_and_less_than_the_typed_track() {
    let log = || sample("SoftwareDistribution-two-starts.log");
    let system = || options::operating_system("2012").unwrap();
    let of_log = Machine::of([system(), log()]);
    assert!(of_log.wsus_tls12_update.unwrap().value);
    let disputed = Machine::of([system(), log(), options::updates("security-only").unwrap()]);
    assert!(!disputed.wsus_tls12_update.unwrap().value);
    assert!(disputed.notes[0].contains("false (--updates) counts, not true"), "{:?}", disputed.notes);
    let elsewhere = Machine::of([options::operating_system("2016").unwrap(), log()]);
    assert_eq!(elsewhere.wsus_tls12_update, None);
}

#[test]
fn updates_are_known_by_being_listed_and_only_on_their_system() {
    let listed = |system: &str, id: &str| {
        let source = Source::Option("--test".to_owned());
        let hotfixes = vec![Fact { value: id.to_owned(), source }];
        Machine::of([options::operating_system(system).unwrap(), Machine { hotfixes, ..Machine::default() }])
    };
    assert!(listed("2012r2", "KB4022720").wsus_tls12_update.unwrap().value);
    for (system, id) in [("2012r2", "KB4022721"), ("2012", "KB4022722"), ("2012", "KB9999999")] {
        assert_eq!(listed(system, id).wsus_tls12_update, None, "{system} {id}");
    }
}

/// No registry of packages has a PowerShell that would parse it here, so what it writes is compared with what is read.
fn script() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/collect-machine.ps1")).unwrap()
}

#[test]
fn the_script_reads_the_values_that_the_reader_knows() {
    let script = script();
    let (_, list) = script.split_once("$wanted = @'\n").unwrap();
    let (list, _) = list.split_once("\n'@").unwrap();
    let theirs: Vec<(&str, &str)> = list.lines().map(|line| line.split_once('|').unwrap()).collect();
    let ours = registry::wanted();
    let ours: Vec<(&str, &str)> = ours.iter().map(|(key, name)| (key.as_str(), *name)).collect();
    assert_eq!(theirs, ours);
}

#[test]
fn the_samples_have_the_members_that_the_script_writes_and_no_other() {
    let script = script();
    let written: Vec<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("$result['")?.split_once("']").map(|(name, _)| name))
        .collect();
    assert_eq!(written.len(), 10);
    for (name, _) in SAMPLES.iter().filter(|(_, kind)| *kind == FileKind::MachineJson) {
        let document: serde_json::Value = serde_json::from_str(&text::decode(&bytes(name))).unwrap();
        let mut members: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = written.clone();
        members.sort_unstable();
        expected.sort_unstable();
        assert_eq!(members, expected, "{name}");
        let values = document["registry"].as_array().unwrap();
        let sampled: Vec<_> =
            values.iter().map(|value| (value["key"].as_str().unwrap(), value["name"].as_str().unwrap())).collect();
        let ours = registry::wanted();
        assert!(ours.iter().map(|(key, name)| (key.as_str(), *name)).eq(sampled), "{name}");
    }
    for member in ["key =", "name =", "kind =", "data =", "path =", "text =", "mu_url =", "proxy =", "host =", "port ="]
    {
        assert!(script.contains(member), "{member}");
    }
}

#[test]
fn the_script_stays_with_powershell_3_and_changes_nothing() {
    // Comments may say what the code may not.
    let script = script();
    let (_, code) = script.split_once("#>").unwrap();
    let code = code.replace("Set-StrictMode", "");
    let newer = ["::new(", "class ", "enum ", "using namespace", "??", "?.", "&&", "-AsHashtable", "Get-ComputerInfo"];
    let writing = [
        "Set-",
        "New-Item",
        "Remove-",
        "Rename-",
        "Stop-",
        "Restart-",
        "Start-",
        "SetValue",
        "CreateSubKey",
        "DeleteSubKey",
        ".Save(",
        "reg add",
        "Out-File",
        "Invoke-",
    ];
    for word in newer.iter().chain(&writing) {
        assert!(!code.contains(word), "{word}");
    }
    assert_eq!(code.matches("WriteAllText").count(), 1, "only the file it was asked for");
    assert!(code.is_ascii(), "PowerShell 3 reads a script without a mark in the code page");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Samples with some bytes replaced get further into their readers than random bytes, which are tried as well.
    #[test]
    fn never_panics(
        changes in collection::vec((any::<sample::Index>(), any::<u8>()), 1..8),
        cut in any::<sample::Index>(),
        arbitrary in collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = options::suite_order("order.txt", &text::decode(&arbitrary));
        for (name, kind) in SAMPLES {
            let mut changed = bytes(name);
            for (index, byte) in &changes {
                let place = index.index(changed.len());
                changed[place] = *byte;
            }
            changed.truncate(cut.index(changed.len()) + 1);
            for input in [&changed, &arbitrary] {
                let _ = read(name, input).map(|machine| Machine::of([machine]).leg(LegName::Sync));
                // As if it had been recognized.
                let file = File { path: name, kind };
                let text = text::decode(input);
                let _ = machine_json::read(&text, file);
                let _ = reg_file::read(&text, file);
                let _ = policy_report::read(&text, file);
                let _ = software_distribution_log::read(&text, file);
                let _ = w3wp_config::read(&text, file);
            }
        }
    }
}
