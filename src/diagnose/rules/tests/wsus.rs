//! The five problems of a WSUS, and what works.

use std::sync::Arc;

use super::*;
use crate::machine::{Fact, Source};
use crate::observation::SuiteSupport;
use crate::outcome::NamedSuite;

#[test]
fn an_import_of_tls_1_0_is_a_finding_where_tls_1_2_would_be_taken() {
    let id = "wsus-import-tls10";
    let finding = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused).speaks(id);
    assert_eq!(finding.because, [2]);
    assert!(finding.remedy.iter().any(|step| step.contains("SchUseStrongCrypto")));
    let both =
        sws().leg("sync", TLS1_2, &[0xc030], LegState::Accepted).leg("import", TLS1_0, &[0x2f], LegState::Refused);
    assert!(both.speaks(id).why.contains("while synchronization is accepted"));

    sws().leg("import", TLS1_0, &[0x2f], LegState::Accepted).is_silent(id);
    sws().leg("import", TLS1_2, &[0x2f], LegState::Refused).is_silent(id);
    let mut gone = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused);
    gone.report.observations.versions.insert(TLS1_2, Support::Refused);
    gone.is_silent(id);
}

#[test]
fn a_finding_that_rests_on_an_inferred_hello_says_so() {
    let known_as = |confidence: &str| {
        let mut case = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused);
        let offer = Arc::make_mut(&mut case.report.exchanges[1].offer);
        offer.profile = Some("win2012".to_owned());
        offer.profile_confidence = Some(confidence.to_owned());
        case.speaks("wsus-import-tls10").confidence
    };
    assert_eq!(known_as("inferred"), "documented-by-Microsoft; the hello of win2012 is inferred");
    assert_eq!(known_as("bytes-captured"), "documented-by-Microsoft");
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
    let listed = |hotfix: &str| {
        let hotfix = Fact { value: hotfix.to_owned(), source: Source::Option("test".to_owned()) };
        Machine { hotfixes: vec![hotfix], ..Machine::default() }
    };
    let other = sws().on([os("2012r2"), security_only(), listed("KB4012213")]);
    let evidence = other.leg("sync", TLS1_0, &[0x2f], LegState::Refused).speaks(id).evidence;
    assert_eq!(evidence, ["KB4022720 is not among the updates that are listed (1)"]);
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
    assert_eq!(case("2019", &[0x2f]).speaks(id).evidence, ["the policy has TLS_RSA_WITH_AES_128_CBC_SHA"]);
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
    let sws1 = || pointed_at("https://sws1.update.microsoft.com");
    sws().at("sws1").on([os("2012"), sws1()]).speaks(id);
    sws().at("sws1").on([os("2008r2"), sws1()]).is_silent(id);
}
