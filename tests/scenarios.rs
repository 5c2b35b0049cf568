//! Failures of the field as data: a lab endpoint, the lab proxy on the way to it, what is known of the machine, the findings that must come out and those
//! that must not. `testdata/scenarios/*.json`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use time::OffsetDateTime;
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
    /// The lab proxy to go through; without it the way is direct.
    through: Option<String>,
    /// Rules that must speak.
    findings: BTreeSet<String>,
    /// Rules that must be silent.
    not: BTreeSet<String>,
    /// The exit code.
    exit: i32,
}

#[tokio::test]
async fn every_scenario_leads_to_its_findings() {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [5; 32])).await.unwrap();
    let mut played = 0;
    for entry in fs::read_dir("testdata/scenarios").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let scenario: Scenario = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert!(!scenario.about.is_empty() && !scenario.source.is_empty());
            play(&lab, &scenario, &path.display().to_string()).await;
            played += 1;
        }
    }
    assert!(played >= 10, "{played}");
}

async fn play(lab: &Lab, scenario: &Scenario, name: &str) {
    let address = lab.find(&scenario.led_to).unwrap().address;
    let route = match &scenario.through {
        Some(proxy) => format!("--proxy=http://{}", lab.find(proxy).unwrap().address),
        None => "--direct".to_owned(),
    };
    let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
        .args(["check", &scenario.check, "--format", "json", "--connect-to", &format!("::{address}"), &route])
        .args(&scenario.options)
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let document: Document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{name}: {errors}"));
    let found: BTreeSet<String> =
        document.reports.iter().flat_map(|report| &report.findings).map(|finding| finding.id.clone()).collect();
    assert!(found.is_superset(&scenario.findings), "{name}: {found:?}, and not {:?}", scenario.findings);
    assert!(found.is_disjoint(&scenario.not), "{name}: {found:?}, with one of {:?}", scenario.not);
    assert_eq!(output.status.code(), Some(scenario.exit), "{name}: {found:?}");
}
