//! The list of rules, and for each rule a case where it speaks and one where it is silent.

mod handshakes;
mod path;
mod proxy;
mod wsus;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::diagnose;
use super::*;
use crate::finding::Finding;
use crate::machine::Machine;
use crate::machine::source::options;
use crate::observation::Observations;
use crate::outcome::testing::{accepted, ended};
use crate::outcome::{Answer, Stage};
use crate::pack::{PACKS, Pack};
use crate::plan::Route;
use crate::registry::CipherSuite;
use crate::report::Report;

const TLS1_0: ProtocolVersion = ProtocolVersion::TLS1_0;
const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 21.0 };

/// A case under construction: sws, which accepts TLS 1.2.
struct Built {
    report: Report,
    pack: &'static str,
    machine: Option<Machine>,
}

fn sws() -> Built {
    let mut baseline = accepted(1, TLS1_2, CipherSuite(0xc030));
    baseline.timing_ms.connect = Some(20.0);
    let mut observations = Observations::default();
    observations.versions.insert(TLS1_2, Support::Accepted);
    let report = Report {
        target: "sws.update.microsoft.com".parse().unwrap(),
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        exchanges: vec![baseline],
        observations: Box::new(observations),
        findings: Vec::new(),
        connections: 1,
        cost: None,
    };
    Built { report, pack: "sws", machine: None }
}

impl Built {
    fn at(mut self, pack: &'static str) -> Self {
        self.pack = pack;
        self.report.target = format!("{pack}.update.microsoft.com").parse().unwrap();
        self
    }

    fn on(mut self, parts: impl IntoIterator<Item = Machine>) -> Self {
        self.machine = Some(Machine::of(parts));
        self
    }

    /// A leg whose hello of this version went so.
    fn leg(mut self, name: &str, version: ProtocolVersion, suites: &[u16], state: LegState) -> Self {
        let id = self.report.exchanges.len() + 1;
        let mut exchange = ended(id, Stage::Hello, RESET);
        Arc::make_mut(&mut exchange.offer).legacy_version = Some(version);
        Arc::make_mut(&mut exchange.offer).cipher_suites = suites.iter().map(|code| CipherSuite(*code)).collect();
        self.report.exchanges.push(exchange);
        self.observed(name, state, vec![id])
    }

    fn observed(mut self, name: &str, state: LegState, because: Vec<usize>) -> Self {
        let leg = LegObservation { state, why: "reset".to_owned(), basis: vec![], confidence: None, because };
        self.report.observations.legs.insert(name.to_owned(), leg);
        self
    }

    fn only(mut self, answer: Answer, stage: Stage) -> Self {
        self.report.exchanges = vec![ended(1, stage, answer)];
        self
    }

    fn findings(&self) -> Vec<Finding> {
        let pack: &Pack = PACKS.iter().find(|(name, ..)| *name == self.pack).and_then(|(_, _, pack)| *pack).unwrap();
        diagnose(&Case { report: &self.report, pack, machine: self.machine.as_ref() })
    }

    fn finding(&self, id: &str) -> Option<Finding> {
        self.findings().into_iter().find(|finding| finding.id == id)
    }

    fn speaks(&self, id: &str) -> Finding {
        self.finding(id).unwrap_or_else(|| panic!("{id} is silent: {:#?}", self.findings()))
    }

    fn is_silent(&self, id: &str) {
        assert_eq!(self.finding(id), None);
    }
}

fn os(name: &str) -> Machine {
    options::operating_system(name).unwrap()
}

fn security_only() -> Machine {
    options::updates("security-only").unwrap()
}

#[test]
fn ids_are_unique_and_sorted() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for rule in RULES {
        let texts = [rule.title, rule.rests_on, rule.disproved_by, rule.source, rule.confidence];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}", rule.id);
    }
}

#[test]
fn a_healthy_endpoint_without_a_machine_has_no_finding() {
    let mut healthy = sws();
    healthy.report.exchanges[0].server.as_mut().unwrap().extended_master_secret = true;
    assert_eq!(healthy.findings(), []);
}

#[test]
fn the_worst_comes_first() {
    let findings = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused).findings();
    assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));
    assert!(findings.len() > 1);
}
