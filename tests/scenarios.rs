//! Failures of the field as data: a lab endpoint, the proxy on the way to it, what is known of the machine, the findings
//! that must come out and those that must not. `testdata/scenarios/*.json`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use tlsprobe::diagnose::RULES;
use tlsprobe::lab::{Lab, Settings};
use tlsprobe::report::Document;
use tokio::process::Command;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What happens, for a person.
    about: String,
    /// Who describes it.
    source: String,
    /// The pack to check.
    check: String,
    /// What is known of the machine, and other options.
    options: Vec<String>,
    /// The lab endpoint that stands for the pack's.
    led_to: String,
    /// The lab's proxy to go through, or a proxy's URL; without it the way is direct.
    through: Option<String>,
    /// Rules that must speak.
    findings: BTreeSet<String>,
    /// Rules that must be silent.
    not: BTreeSet<String>,
    /// Words that must stand in why a rule speaks, or in what it advises.
    #[serde(default)]
    says: BTreeMap<String, String>,
    /// The exit code.
    exit: i32,
}

/// At the same time.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn every_scenario_leads_to_its_findings() {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [5; 32])).await.unwrap();
    let root = tempfile::NamedTempFile::new().unwrap();
    fs::write(root.path(), pem::encode(&pem::Pem::new("CERTIFICATE", lab.root()))).unwrap();
    let scenarios = scenarios();
    let played = scenarios.iter().map(|(name, scenario)| play(&lab, root.path(), scenario, name));
    let played = futures_util::stream::iter(played).buffer_unordered(AT_ONCE).count().await;
    assert!(played >= 40, "{played}");
}

#[test]
fn every_rule_speaks_in_a_scenario_and_every_scenario_names_rules_that_exist() {
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    // What is wrong with a chain is proven on chains of its own, in `tests/interop/trust`; what completed handshakes and
    // sweeps bring is no plain check's: those rules speak in `tests/handshakes.rs` and `tests/hello_size.rs`.
    // A scan alone asks for the group.
    let of_handshakes =
        ["client-certificate-required", "finished-fails", "session-resumption-refused", "dhe-group-weak"];
    let is_elsewhere = |id: &&str| {
        ["certificate-", "ems-", "ftp-"].iter().any(|start| id.starts_with(start))
            || id.ends_with("-leading-zero")
            || of_handshakes.contains(id)
            || *id == "hello-size-limit"
    };
    let of_the_field: BTreeSet<&str> = rules.iter().copied().filter(|id| !is_elsewhere(id)).collect();
    let scenarios = scenarios();
    let speaking: BTreeSet<&str> =
        scenarios.iter().flat_map(|(_, scenario)| &scenario.findings).map(String::as_str).collect();
    assert_eq!(speaking, of_the_field);
    for (name, scenario) in &scenarios {
        let unknown = scenario.not.iter().find(|id| !rules.contains(id.as_str()));
        assert_eq!(unknown, None, "{name}");
    }
}

#[tokio::test]
async fn an_update_endpoint_is_asked_through_the_proxy_of_the_machines_wsus() {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [5; 32])).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let machine = folder.path().join("machine.json");
    let SocketAddr::V4(proxy) = lab.find("proxy").unwrap().address else { panic!("the lab is on 127.0.0.1") };
    let wsus = json!({ "mu_url": null, "proxy": { "host": proxy.ip().to_string(), "port": proxy.port() } });
    fs::write(&machine, json!({ "schema": "tlsprobe-machine/1", "wsus": wsus }).to_string()).unwrap();

    let route = async |pack: &str, option: Option<&str>| {
        let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
            .args(["check", pack, "--os", "2016", "--dotnet-strong-crypto", "on", "--format", "json", "--machine"])
            .arg(&machine)
            .args(["--connect-to", &format!("::{}", lab.find("sws").unwrap().address)])
            .args(option)
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .output()
            .await
            .unwrap();
        let document: Document = serde_json::from_slice(&output.stdout).unwrap();
        let report = document.reports.into_iter().next().unwrap();
        (report.route.proxy, report.route.from, report.observations.legs)
    };
    let (through, from, legs) = route("sws", None).await;
    assert_eq!((through, from.as_deref()), (Some(format!("http://{proxy}")), Some("machine")));
    assert!(legs["import"].basis.iter().any(|why| why.contains("which proxy import takes is not known")));
    assert!(legs["sync"].basis.iter().all(|why| !why.contains("which proxy")));
    let (through, from, _) = route("sws", Some("--direct")).await;
    assert_eq!((through, from.as_deref()), (None, Some("option")));
    let (_, from, _) = route("cmg.contoso.com", None).await;
    assert_eq!(from.as_deref(), Some("environment"), "the settings of WSUS are about its own endpoints");
}

fn scenarios() -> Vec<(String, Scenario)> {
    let paths = fs::read_dir("testdata/scenarios").unwrap().map(|entry| entry.unwrap().path());
    let of_scenarios = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = of_scenarios.map(|path| {
        let scenario: Scenario = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert!(!scenario.about.is_empty() && !scenario.source.is_empty());
        (path.display().to_string(), scenario)
    });
    read.collect()
}

async fn play(lab: &Lab, root: &Path, scenario: &Scenario, name: &str) {
    let address = lab.find(&scenario.led_to).unwrap().address;
    let route = match &scenario.through {
        Some(url) if url.contains("://") => format!("--proxy={url}"),
        Some(proxy) => format!("--proxy=http://{}", lab.find(proxy).unwrap().address),
        None => "--direct".to_owned(),
    };
    let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
        .args(["check", &scenario.check, "--format", "json", "--connect-to", &format!("::{address}"), &route])
        .arg("--trust")
        .arg(root)
        .args(&scenario.options)
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let document: Document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{name}: {errors}"));
    let findings: Vec<_> = document.reports.iter().flat_map(|report| &report.findings).collect();
    let found: BTreeSet<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    assert!(found.is_superset(&scenario.findings), "{name}: {found:?}, and not {:?}", scenario.findings);
    assert!(found.is_disjoint(&scenario.not), "{name}: {found:?}, with one of {:?}", scenario.not);
    for (id, words) in &scenario.says {
        let finding = findings.iter().find(|finding| finding.id == *id).unwrap_or_else(|| panic!("{name}: no {id}"));
        let told = [finding.why.as_str(), &finding.remedy.join(" ")].concat();
        assert!(told.contains(words.as_str()), "{name}: {words:?} is not in {told:?}");
    }
    assert_eq!(output.status.code(), Some(scenario.exit), "{name}: {found:?}");
}
