//! Every pack's shape, and every kind of expectation held, broken and not told.

use std::collections::BTreeSet;
use std::sync::Arc;

use time::OffsetDateTime;
use time::macros::datetime;

use super::{Expected, PACKS, Pack, PackKind};
use crate::certificate::Certificate;
use crate::observation::{Observations, State, Support, version_key};
use crate::outcome::testing::{accepted, alert, ended};
use crate::outcome::{Answer, CertificatesState, Exchange, NamedSuite, ResolveFailure, Stage};
use crate::plan::Route;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::report::Report;

const NOW: OffsetDateTime = datetime!(2024-01-01 00:00 UTC);
const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 21.0 };

fn pack(name: &str) -> &'static Pack {
    PACKS.iter().find(|(known, ..)| *known == name).and_then(|(_, _, pack)| *pack).unwrap()
}

fn report(host: &str, exchanges: Vec<Exchange>, observations: Observations) -> Report {
    Report {
        target: host.parse().unwrap(),
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        connections: exchanges.len(),
        cost: None,
        exchanges,
        observations: Box::new(observations),
        findings: Vec::new(),
    }
}

/// The state of one expectation of a pack.
fn state(report: &Report, id: &str) -> State {
    let results = PACKS.iter().filter_map(|(_, _, pack)| *pack).flat_map(|pack| pack.judge(report, NOW));
    results.into_iter().find(|result| result.id == id).unwrap().state
}

fn versions(seen: &[(ProtocolVersion, Support)]) -> Observations {
    let mut observations = Observations::default();
    for (version, support) in seen {
        observations.versions.insert(*version, *support);
        match support {
            Support::Inconclusive => observations.could_not_tell(&version_key(*version), "timeout", &[1]),
            _ => observations.rests_on(&version_key(*version), &[1]),
        }
    }
    observations
}

#[test]
fn packs_are_unique_and_so_are_expectations_which_all_have_a_source() {
    let names: BTreeSet<_> = PACKS.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), PACKS.len());
    let mut ids = BTreeSet::new();
    for (name, kind, pack) in PACKS {
        assert_eq!(pack.is_none(), matches!(kind, PackKind::Group { .. }), "{name}");
        let Some(pack) = pack else { continue };
        assert_eq!(pack.name, *name);
        for expectation in pack.expectations {
            assert!(ids.insert(expectation.id), "{} twice", expectation.id);
            assert!(expectation.id.starts_with(name), "{}", expectation.id);
            assert!(!expectation.source.is_empty());
        }
    }
}

#[test]
fn every_version_and_suite_that_is_expected_is_asked() {
    for pack in PACKS.iter().filter_map(|(_, _, pack)| *pack) {
        for expectation in pack.expectations {
            match &expectation.expected {
                Expected::Accepts(version) | Expected::Refuses(version) => assert!(pack.versions.contains(version)),
                Expected::AcceptsAnyVersion(versions) => {
                    versions.iter().for_each(|it| assert!(pack.versions.contains(it)));
                }
                Expected::AcceptsAnyOf(version, suites) => {
                    assert_eq!(*version, TLS1_2, "the version in which a check asks for suites");
                    suites.iter().for_each(|suite| assert!(pack.suites.contains(suite)));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_version_is_held_broken_or_not_told() {
    let exchanges = || vec![accepted(1, TLS1_2, CipherSuite(0xc030))];
    for (support, accepts) in [
        (Support::Accepted, State::Held),
        (Support::Refused, State::Broken),
        (Support::Inconclusive, State::Inconclusive),
    ] {
        let report = report("sws.update.microsoft.com", exchanges(), versions(&[(TLS1_2, support)]));
        assert_eq!(state(&report, "sws-accepts-tls12"), accepts);
    }
    let refused = report("sws", exchanges(), versions(&[(ProtocolVersion::TLS1_0, Support::Refused)]));
    assert_eq!(state(&refused, "sws-refuses-tls10"), State::Held);
    assert_eq!(state(&refused, "sws-refuses-tls11"), State::Inconclusive, "it was not asked");
}

#[test]
fn one_accepted_suite_is_enough_and_an_unknown_one_leaves_it_open() {
    let suites = |accepted: &[u16], refused: &[u16], unknown: &[u16]| {
        let named = |codes: &[u16]| codes.iter().map(|code| NamedSuite::from(CipherSuite(*code))).collect();
        let mut observations = Observations::default();
        let support = crate::observation::SuiteSupport {
            accepted: named(accepted),
            refused: named(refused),
            inconclusive: named(unknown),
            ..crate::observation::SuiteSupport::default()
        };
        observations.cipher_suites.insert(TLS1_2, support);
        state(&report("sws", vec![ended(1, Stage::Hello, RESET)], observations), "sws-accepts-a-known-suite")
    };
    assert_eq!(suites(&[0xc027], &[0xc030, 0xc02f], &[0xc028]), State::Held);
    assert_eq!(suites(&[], &[0xc030, 0xc02f, 0xc027], &[0xc028]), State::Inconclusive);
    assert_eq!(suites(&[], &[0xc030, 0xc02f, 0xc027, 0xc028], &[]), State::Broken);
}

#[test]
fn fe2_is_held_by_a_failure_at_any_stage_and_left_open_by_a_server_hello() {
    let of = |exchanges| state(&report("fe2", exchanges, Observations::default()), "fe2-serves-no-synchronization");
    let unresolved = Answer::NameNotResolved { reason: ResolveFailure::Nxdomain };
    assert_eq!(of(vec![ended(1, Stage::Resolve, unresolved)]), State::Held);
    assert_eq!(of(vec![ended(1, Stage::Connect, Answer::Refused { after_ms: 1.0 })]), State::Held);
    assert_eq!(of(vec![ended(1, Stage::Hello, RESET), alert(2, 40)]), State::Held);
    assert_eq!(of(vec![ended(1, Stage::Hello, RESET), accepted(2, TLS1_2, CipherSuite(0xc030))]), State::Inconclusive);
    assert_eq!(of(vec![]), State::Inconclusive);
    assert_eq!(of(vec![ended(1, Stage::Proxy, RESET)]), State::Inconclusive, "the proxy lets nothing through");
    let silent_resolver = Answer::NameNotResolved { reason: ResolveFailure::Timeout };
    assert_eq!(of(vec![ended(1, Stage::Resolve, silent_resolver)]), State::Inconclusive, "our resolver's failure");
}

#[test]
fn fe2_is_left_open_by_a_run_that_was_cut_off() {
    let observations = versions(&[(TLS1_2, Support::Refused)]);
    let mut cut_off = report("fe2", vec![ended(1, Stage::Hello, RESET)], observations);
    assert_eq!(state(&cut_off, "fe2-serves-no-synchronization"), State::Held);
    cut_off.observations.could_not_tell("versions.TLS1.0", "interrupted", &[]);
    assert_eq!(state(&cut_off, "fe2-serves-no-synchronization"), State::Inconclusive);
}

#[test]
fn sws1_is_gone_only_when_something_says_so() {
    let of = |exchanges| state(&report("sws1", exchanges, Observations::default()), "sws1-answers");
    let unresolved = |reason| ended(1, Stage::Resolve, Answer::NameNotResolved { reason });
    assert_eq!(of(vec![unresolved(ResolveFailure::Nxdomain)]), State::Broken);
    assert_eq!(of(vec![unresolved(ResolveFailure::Timeout)]), State::Inconclusive);
    assert_eq!(of(vec![ended(1, Stage::Hello, RESET)]), State::Broken);
    assert_eq!(of(vec![ended(1, Stage::Hello, RESET), alert(2, 70)]), State::Held);
    assert_eq!(of(vec![ended(1, Stage::Proxy, RESET)]), State::Inconclusive, "it may be there, behind the proxy");
    assert_eq!(of(vec![ended(1, Stage::Proxy, alert(1, 70).outcome.answer)]), State::Inconclusive);
}

const LEAF: &str = include_str!("../../testdata/certificates/leafs/api.cdp.microsoft.com-2023.pem");
const ISSUER: &str =
    include_str!("../../testdata/certificates/intermediates/microsoft-update-secure-server-ca-2.1.pem");

fn with_chain(host: &str, chain: &[&str]) -> Report {
    let mut exchange = accepted(3, TLS1_2, CipherSuite(0xc030));
    Arc::make_mut(&mut exchange.offer).server_name = Some(host.to_owned());
    exchange.certificates_state = CertificatesState::Read;
    exchange.certificates = chain.iter().map(|text| Certificate::read(pem::parse(text).unwrap().contents())).collect();
    report(host, vec![exchange], Observations::default())
}

#[test]
fn certificates_are_judged_by_name_date_and_order() {
    let good = with_chain("api.cdp.microsoft.com", &[LEAF, ISSUER]);
    assert_eq!(state(&good, "cmg-certificate-names-host"), State::Held);
    assert_eq!(state(&good, "generic-chain-in-order"), State::Held);
    assert_eq!(state(&good, "cmg-certificate-in-date"), State::Held);

    assert_eq!(state(&with_chain("cmg.contoso.com", &[LEAF]), "cmg-certificate-names-host"), State::Broken);
    assert_eq!(state(&with_chain("x.example", &[LEAF, LEAF]), "generic-chain-in-order"), State::Broken);
    let late = pack("cmg").judge(&good, datetime!(2030-01-01 00:00 UTC));
    assert_eq!(late.iter().find(|result| result.id == "cmg-certificate-in-date").unwrap().state, State::Broken);
}

#[test]
fn one_bad_chain_among_good_ones_breaks_the_expectation() {
    let mut both = with_chain("api.cdp.microsoft.com", &[LEAF, ISSUER]);
    both.exchanges.extend(with_chain("api.cdp.microsoft.com", &[ISSUER]).exchanges);
    assert_eq!(state(&both, "cmg-certificate-names-host"), State::Broken);
}

#[test]
fn what_came_without_the_hosts_name_is_not_the_hosts() {
    let mut both = with_chain("cmg.contoso.com", &[LEAF]);
    Arc::make_mut(&mut both.exchanges[0].offer).server_name = None;
    assert_eq!(state(&both, "cmg-certificate-names-host"), State::Inconclusive, "no certificate of its own came");
    both.target.sni = None;
    assert_eq!(state(&both, "cmg-certificate-names-host"), State::Broken, "none of its clients sends a name");
}

#[test]
fn encrypted_and_unreadable_certificates_leave_it_open() {
    let mut encrypted = accepted(1, ProtocolVersion::TLS1_3, CipherSuite(0x1301));
    encrypted.certificates_state = CertificatesState::Encrypted;
    let encrypted = report("a.example", vec![encrypted], Observations::default());
    assert_eq!(state(&encrypted, "generic-certificate-names-host"), State::Inconclusive);

    let mut unreadable = with_chain("api.cdp.microsoft.com", &[LEAF]);
    unreadable.exchanges[0].certificates[0] = Certificate::read(b"junk");
    assert_eq!(state(&unreadable, "generic-certificate-names-host"), State::Inconclusive);
    assert_eq!(state(&unreadable, "generic-chain-in-order"), State::Inconclusive);

    let mut half = with_chain("api.cdp.microsoft.com", &[LEAF, ISSUER]);
    half.exchanges[0].certificates[1] = Certificate::read(b"junk");
    assert_eq!(state(&half, "cmg-certificate-in-date"), State::Inconclusive);
}
