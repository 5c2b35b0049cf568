//! The list of rules, and for each rule a case where it speaks and one where it is silent.

use std::collections::BTreeSet;

use super::super::{RESERVED, diagnose};
use super::*;
use crate::finding::Finding;
use crate::machine::Machine;
use crate::machine::source::options;
use crate::observation::{
    Compliance, EmsHandshake, ExtendedMasterSecret, Failed, LeadingZero, MasterSecretDerivation, Observations,
    ResumptionCell, SuiteSupport, WindowsClient, ZeroHandshake, ZeroVerdict,
};
use crate::outcome::testing::{accepted, ended};
use crate::outcome::{Answer, NamedSuite, ResolveFailure, Stage, TcpState};
use crate::pack::{PACKS, Pack};
use crate::plan::Route;
use crate::question::ResumeBy;
use crate::registry::{CipherSuite, ExtensionType};
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
        observations,
        findings: Vec::new(),
        connections: 1,
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
        exchange.offer.legacy_version = Some(version);
        exchange.offer.cipher_suites = suites.iter().map(|code| CipherSuite(*code)).collect();
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
fn ids_are_unique_sorted_and_not_reserved() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(RESERVED.is_sorted() && ids.iter().all(|id| !RESERVED.contains(id)));
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

#[test]
fn an_import_of_tls_1_0_is_a_finding_where_tls_1_2_would_be_taken() {
    let id = "wsus-import-tls10";
    let finding = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused).speaks(id);
    assert_eq!(finding.because, [2]);
    assert!(finding.remedy.iter().any(|step| step.contains("SchUseStrongCrypto")));
    let both =
        sws().leg("sync", TLS1_2, &[0xc030], LegState::Accepted).leg("import", TLS1_0, &[0x2f], LegState::Refused);
    assert!(both.speaks(id).title.contains("while synchronization is accepted"));

    sws().leg("import", TLS1_0, &[0x2f], LegState::Accepted).is_silent(id);
    sws().leg("import", TLS1_2, &[0x2f], LegState::Refused).is_silent(id);
    let mut gone = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused);
    gone.report.observations.versions.insert(TLS1_2, Support::Refused);
    gone.is_silent(id);
}

#[test]
fn an_import_with_nothing_to_send_is_a_finding_once() {
    let id = "wsus-import-nothing-to-send";
    let finding = sws().observed("import", LegState::NotSent, vec![]).speaks(id);
    assert!(finding.windows_symptoms.iter().any(|symptom| symptom.contains("0x80090331")));
    sws().at("fe2").observed("import", LegState::NotSent, vec![]).is_silent(id);
    sws().observed("import", LegState::Unknown, vec![]).is_silent(id);
}

#[test]
fn surface_drivers_fail_with_the_import_leg() {
    let id = "configmgr-surface-drivers";
    sws().leg("import", TLS1_0, &[0x2f], LegState::Refused).speaks(id);
    sws().observed("import", LegState::NotSent, vec![]).speaks(id);
    sws().leg("import", TLS1_2, &[0x2f], LegState::Accepted).is_silent(id);
    sws().is_silent(id);
}

#[test]
fn a_wsus_without_the_rollup_is_told_which_one() {
    let id = "wsus-sync-security-only";
    let refused = |machine: [Machine; 2]| sws().on(machine).leg("sync", TLS1_0, &[0x2f], LegState::Refused);
    let finding = refused([os("2012r2"), security_only()]).speaks(id);
    assert!(finding.remedy[0].contains("KB4022720"), "{:?}", finding.remedy);
    assert!(refused([os("2012"), security_only()]).speaks(id).remedy[0].contains("KB4022721"));
    refused([os("2012r2"), options::updates("rollup").unwrap()]).is_silent(id);
    refused([os("2016"), security_only()]).is_silent(id);
    sws().on([os("2012r2"), security_only()]).leg("sync", TLS1_0, &[0x2f], LegState::Accepted).is_silent(id);
}

#[test]
fn a_policy_without_a_common_suite_is_answered_in_the_systems_own_naming() {
    let id = "wsus-suite-policy";
    let case = |system: &str, offered: &[u16]| {
        let policy = options::suite_order("order.txt", "TLS_RSA_WITH_AES_128_CBC_SHA").unwrap();
        let mut case = sws().on([os(system), policy]).leg("sync", TLS1_2, offered, LegState::Refused);
        let accepted = [0xc030, 0xc028].map(|code| NamedSuite::from(CipherSuite(code))).to_vec();
        let suites = SuiteSupport { accepted, ..SuiteSupport::default() };
        case.report.observations.cipher_suites.insert(TLS1_2, suites);
        case
    };
    let step = case("2019", &[0x2f]).speaks(id).remedy[0].clone();
    assert!(step.contains("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384") && !step.contains("_P256"), "{step}");
    let step = case("2012r2", &[0x2f]).speaks(id).remedy[0].clone();
    assert!(step.contains("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256") && !step.contains("GCM"), "{step}");
    case("2019", &[0x2f, 0xc028]).is_silent(id);
    let mut no_policy = case("2019", &[0x2f]);
    no_policy.machine = Some(os("2019"));
    no_policy.is_silent(id);
}

#[test]
fn a_working_synchronization_is_told() {
    sws().leg("sync", TLS1_2, &[0xc030], LegState::Accepted).speaks("wsus-sync-works");
    sws().leg("sync", TLS1_2, &[0xc030], LegState::Refused).is_silent("wsus-sync-works");
}

#[test]
fn a_wsus_pointed_at_fe2_is_told_so_there() {
    let id = "wsus-wrong-endpoint";
    let pointed_at = |url: &str| {
        let source = crate::machine::Source::Option("test".to_owned());
        Machine { mu_url: Some(crate::machine::Fact { value: url.to_owned(), source }), ..Machine::default() }
    };
    sws().at("fe2").on([pointed_at("https://fe2.update.microsoft.com/v6")]).speaks(id);
    sws().at("sws").on([pointed_at("https://fe2.update.microsoft.com/v6")]).is_silent(id);
    sws().at("fe2").on([pointed_at("https://sws.update.microsoft.com")]).is_silent(id);
}

#[test]
fn a_swallowed_hello_tells_whether_it_was_acknowledged() {
    let id = "hello-unanswered";
    let silence = |unacked| {
        let tcp = Some(TcpState { unacked, retransmits: unacked });
        let answer = Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 10e3, tcp };
        sws().only(answer, Stage::Hello)
    };
    assert!(silence(0).speaks(id).title.contains("were acknowledged"));
    assert!(silence(1).speaks(id).title.contains("never acknowledged"));
    silence(0).at("fe2").is_silent(id);
    sws().is_silent(id);
}

#[test]
fn an_endpoint_that_was_not_reached_is_told_by_what_failed() {
    let id = "endpoint-not-reached";
    let unresolved = |reason| sws().only(Answer::NameNotResolved { reason }, Stage::Resolve);
    assert!(unresolved(ResolveFailure::Nxdomain).speaks(id).title.contains("does not exist"));
    assert!(unresolved(ResolveFailure::Timeout).speaks(id).title.contains("did not answer"));
    sws().only(Answer::Refused { after_ms: 1.0 }, Stage::Connect).speaks(id);
    sws().only(Answer::Refused { after_ms: 1.0 }, Stage::Connect).at("sws1").is_silent(id);
    sws().only(RESET, Stage::Hello).is_silent(id);
}

#[test]
fn a_reset_sooner_than_a_round_trip_is_not_the_endpoints() {
    let id = "reset-on-the-path";
    let with_reset = |after_ms| {
        let mut case = sws();
        let answer = Answer::Reset { received_bytes: 0, after_ms };
        case.report.exchanges.push(ended(2, Stage::Hello, answer));
        case
    };
    assert_eq!(with_reset(3.0).speaks(id).because, [2]);
    with_reset(21.0).is_silent(id);
    let mut near = with_reset(0.1);
    near.report.exchanges[0].timing_ms.connect = Some(0.4);
    near.is_silent(id);
}

#[test]
fn a_missing_extended_master_secret_is_told_of_what_was_offered_it() {
    let id = "extended-master-secret-not-echoed";
    let case = |offered: bool, echoed: bool, version| {
        let mut case = sws();
        let exchange = &mut case.report.exchanges[0];
        exchange.offer.extensions = offered.then_some(ExtensionType::EXTENDED_MASTER_SECRET).into_iter().collect();
        let server = exchange.server.as_mut().unwrap();
        (server.extended_master_secret, server.version) = (echoed, version);
        case
    };
    case(true, false, TLS1_2).speaks(id);
    case(true, true, TLS1_2).is_silent(id);
    case(false, false, TLS1_2).is_silent(id);
    case(true, false, ProtocolVersion::TLS1_3).is_silent(id);
}

/// A case in which handshakes were completed, with this in it.
fn with_handshakes(see: impl FnOnce(&mut Observations)) -> Built {
    let mut case = sws();
    see(&mut case.report.observations);
    case
}

fn ems(see: impl FnOnce(&mut ExtendedMasterSecret)) -> Built {
    with_handshakes(|seen| see(seen.extended_master_secret.get_or_insert_default()))
}

fn handshake(offered: bool, echoed: Option<bool>, failed: Option<Failed>) -> EmsHandshake {
    let result = if failed.is_some() || echoed.is_none() { "alert" } else { "completed" };
    EmsHandshake {
        version: TLS1_2,
        key_exchange: "ecdhe".to_owned(),
        offered,
        echoed,
        result: result.to_owned(),
        alert: failed.map(|_| 20),
        failed,
        because: 2,
    }
}

fn resumption_cell(first: bool, second: bool, result: &str, rfc7627: Compliance) -> ResumptionCell {
    ResumptionCell {
        first,
        second,
        by: ResumeBy::Ticket,
        version: TLS1_2,
        result: result.to_owned(),
        alert: (result == "alert").then_some(40),
        session: first,
        echoed: (result == "resumed").then_some(second),
        requires: "must not".to_owned(),
        rfc7627,
        windows: WindowsClient::Unknown,
        because: vec![3, 4],
    }
}

#[test]
fn keys_derived_otherwise_than_said_are_a_finding() {
    let case = |derivation, offered| {
        ems(|seen| {
            seen.derivation = Some(derivation);
            seen.handshakes = vec![handshake(offered, Some(true), Some(Failed::OurFinished))];
        })
    };
    let echoed = case(MasterSecretDerivation::EchoedNotUsed, true);
    assert_eq!(echoed.speaks("ems-echoed-not-used").because, [2]);
    echoed.is_silent("ems-used-not-echoed");
    let used = case(MasterSecretDerivation::UsedNotEchoed, true);
    used.speaks("ems-used-not-echoed");
    used.is_silent("ems-echoed-not-used");
    used.is_silent("finished-fails");
    let neither = case(MasterSecretDerivation::Inconclusive, false);
    assert_eq!(neither.speaks("finished-fails").severity, crate::finding::Severity::Error);
    neither.is_silent("ems-echoed-not-used");
    sws().is_silent("finished-fails");
}

#[test]
fn a_server_that_insists_on_extended_master_secret_is_told() {
    let id = "ems-required";
    let case = |required| {
        ems(|seen| {
            seen.required = Some(required);
            seen.handshakes = vec![handshake(true, Some(true), None), handshake(false, None, None)];
        })
    };
    assert_eq!(case(true).speaks(id).because, [2]);
    case(false).is_silent(id);
}

#[test]
fn a_session_resumed_against_rfc_7627_is_a_finding() {
    let id = "ems-resumption-violates-rfc7627";
    let case = |rfc7627| ems(|seen| seen.resumption = vec![resumption_cell(true, false, "resumed", rfc7627)]);
    let finding = case(Compliance::Violates).speaks(id);
    assert_eq!(finding.because, [3, 4]);
    assert!(finding.windows_symptoms.iter().any(|symptom| symptom.contains("36887")));
    case(Compliance::Follows).is_silent(id);
    case(Compliance::Inconclusive).is_silent(id);
}

#[test]
fn a_connection_ended_for_its_session_is_a_finding_where_rfc_7627_has_no_word_in_it() {
    let id = "session-resumption-refused";
    let case = |first, second, result| {
        ems(|seen| seen.resumption = vec![resumption_cell(first, second, result, Compliance::Inconclusive)])
    };
    case(true, true, "alert").speaks(id);
    case(false, false, "fin").speaks(id);
    case(true, false, "alert").is_silent(id);
    case(true, true, "resumed").is_silent(id);
    case(true, true, "timeout").is_silent(id);
}

#[test]
fn zeros_that_fail_are_a_finding_for_their_key_exchange() {
    let case = |dhe, ecdhe| {
        let row = |key_exchange: &str| ZeroHandshake {
            key_exchange: key_exchange.to_owned(),
            zeros: 1,
            result: "alert".to_owned(),
            alert: Some(20),
            because: 7,
        };
        let handshakes = vec![row("dhe"), row("ecdhe")];
        let seen = LeadingZero { dhe, ecdhe, alert: Some(20), group_bits: None, group: None, weak: None, handshakes };
        with_handshakes(|all| all.leading_zero = Some(seen))
    };
    let dhe = case(ZeroVerdict::Fails, ZeroVerdict::Ok);
    assert_eq!(dhe.speaks("dhe-leading-zero").because, [7]);
    dhe.is_silent("ecdhe-leading-zero");
    case(ZeroVerdict::NotOffered, ZeroVerdict::Fails).speaks("ecdhe-leading-zero");
    case(ZeroVerdict::Inconclusive, ZeroVerdict::Ok).is_silent("dhe-leading-zero");
}
