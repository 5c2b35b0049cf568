//! Every Windows Server × update track × .NET setting × endpoint, checked in the lab, against a table written by hand:
//! what becomes of each leg, and which of Microsoft's problems it is. `testdata/machines/matrix.csv`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use time::OffsetDateTime;
use tlsprobe::check::{Settings, Surroundings, check};
use tlsprobe::lab::{self, Lab};
use tlsprobe::machine::source::options;
use tlsprobe::machine::{Fact, Machine, OperatingSystem, Setting, Source};
use tlsprobe::pack::{Assignment, PACKS, PackKind};
use tlsprobe::proxy::ProxyChoice;
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};
use tlsprobe::target::{ConnectTo, Target};

const UPDATES: [&str; 3] = ["rollup", "security-only", "untold"];
const DOTNET: [&str; 5] = ["off", "on", "system_default", "switch", "untold"];
const ENDPOINTS: [&str; 3] = ["sws", "sws1", "fe2"];

/// The rules that speak of the problems in Microsoft's table, and of there being none.
const OF_THE_TABLE: [&str; 7] = [
    "configmgr-surface-drivers",
    "wsus-import-nothing-to-send",
    "wsus-import-tls10",
    "wsus-suite-policy",
    "wsus-sync-security-only",
    "wsus-sync-works",
    "wsus-wrong-endpoint",
];

/// A row of the table. `any` stands for every value, `told` for every one but `untold`.
#[derive(Deserialize)]
struct Row {
    system: String,
    updates: String,
    dotnet: String,
    endpoint: String,
    sync: String,
    import: String,
    /// The rules of the table that must speak; the others must not.
    findings: String,
    source: String,
}

impl Row {
    fn is_for(&self, case: &Case) -> bool {
        let fits = |cell: &str, word| cell == "any" || cell == word || (cell == "told" && word != "untold");
        self.system == case.system.word()
            && fits(&self.updates, case.updates)
            && fits(&self.dotnet, case.dotnet)
            && self.endpoint == case.endpoint
    }
}

#[derive(Clone, Copy, Debug)]
struct Case {
    system: OperatingSystem,
    updates: &'static str,
    dotnet: &'static str,
    endpoint: &'static str,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for system in OperatingSystem::ALL {
        for updates in UPDATES {
            for dotnet in DOTNET {
                cases.extend(ENDPOINTS.map(|endpoint| Case { system, updates, dotnet, endpoint }));
            }
        }
    }
    cases
}

impl Case {
    fn machine(&self) -> Machine {
        let mut parts = vec![options::operating_system(self.system.word()).unwrap(), self.dotnet()];
        if self.updates != "untold" {
            parts.push(options::updates(self.updates).unwrap());
        }
        Machine::of(parts)
    }

    fn dotnet(&self) -> Machine {
        let mut machine = match self.dotnet {
            "untold" => return Machine::default(),
            "on" => return options::dotnet_strong_crypto("on").unwrap(),
            _ => options::dotnet_strong_crypto("off").unwrap(),
        };
        match self.dotnet {
            "system_default" => {
                machine.dotnet.v4.bits64.system_default_tls_versions = set(1);
                machine.dotnet.v2.bits64.system_default_tls_versions = set(1);
            }
            "switch" => machine.dotnet.dont_enable_system_default_tls_versions = set(false),
            _ => {}
        }
        machine
    }

    async fn check(&self, lab: &Lab) -> Report {
        let address = lab.find(self.endpoint).unwrap().address;
        let settings = Settings {
            connect_to: vec![format!("::{address}").parse::<ConnectTo>().unwrap()],
            proxy: ProxyChoice::Direct,
            machine: Some(self.machine()),
            ..Settings::default()
        };
        let (_stopper, stop) = Stop::new();
        let context = Context::new(None, StdRng::seed_from_u64(3), stop);
        let surroundings = Surroundings { context, now: OffsetDateTime::now_utc() };
        let mut ran = check(&[assignment(self.endpoint)], &[], &settings, &surroundings).await;
        assert!(ran.failure.is_none() && ran.reports.len() == 1, "{self:?}: {:?}", ran.failure);
        ran.reports.remove(0)
    }
}

fn assignment(endpoint: &str) -> Assignment {
    let (_, kind, pack) = PACKS.iter().find(|(name, ..)| *name == endpoint).unwrap();
    let PackKind::Host(host) = kind else { panic!("{endpoint} is no pack of one host") };
    Assignment::new(pack.unwrap(), Target::parse(host, 443).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "it goes into fields that may be absent")]
fn set<T>(value: T) -> Setting<T> {
    Some(Fact { value: Some(value), source: Source::Option("--test".to_owned()) })
}

#[tokio::test]
async fn every_machine_meets_every_endpoint_as_the_table_says() {
    let table = include_str!("../testdata/machines/matrix.csv");
    let rows: Vec<Row> = csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect();
    assert!(rows.iter().all(|row| !row.source.is_empty()));
    let lab = Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [6; 32])).await.unwrap();
    let cases = cases();
    assert_eq!(cases.len(), 7 * 3 * 5 * 3);

    let lab = &lab;
    let checked = stream::iter(&cases).map(|case| async move { (case, case.check(lab).await) }).buffer_unordered(8);
    let faults: Vec<String> = checked.filter_map(async |(case, report)| fault(case, &report, &rows)).collect().await;
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), cases.len(), faults.join("\n"));
    for row in &rows {
        assert!(cases.iter().any(|case| row.is_for(case)), "a row for nobody: {} {}", row.system, row.source);
    }
}

/// What differs from the one row for this case.
fn fault(case: &Case, report: &Report, rows: &[Row]) -> Option<String> {
    let mut fitting = rows.iter().filter(|row| row.is_for(case));
    let row = fitting.next().unwrap_or_else(|| panic!("no row for {case:?}"));
    assert!(fitting.next().is_none(), "two rows for {case:?}");

    let leg = |name: &str| {
        let state = report.observations.legs.get(name).map(|leg| serde_json::to_value(leg.state).unwrap());
        state.and_then(|state| state.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let expected: BTreeSet<&str> = row.findings.split_whitespace().collect();
    let spoke = report.findings.iter().map(|finding| finding.id.as_str());
    let spoke: BTreeSet<&str> = spoke.filter(|id| OF_THE_TABLE.contains(id)).collect();
    let (sync, import) = (leg("sync"), leg("import"));
    let fits = sync == row.sync && import == row.import && spoke == expected;
    (!fits).then(|| {
        format!(
            "{case:?}\n  sync {sync}, import {import}, {spoke:?}\n  the table: sync {}, import {}, {expected:?} ({})",
            row.sync, row.import, row.source
        )
    })
}
