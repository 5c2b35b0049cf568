//! What is wanted, and what comes of answers, on chains of rcgen.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CrlDistributionPoint, CustomExtension, DnType, IsCa, KeyPair,
};
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::certificate::TrustStore;
use crate::observation::RevocationVerdict;
use crate::outcome::testing::{accepted, alert};
use crate::registry::{CipherSuite, ProtocolVersion};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn params(name: &str, days_left: i64) -> CertificateParams {
    let mut params = CertificateParams::new(["host.test".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (NOW - Duration::days(100), NOW + Duration::days(days_left));
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, 400);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.subject_alt_names = Vec::new();
    params
}

/// authorityInfoAccess with one caIssuers.
fn aia(url: &str) -> CustomExtension {
    let wrap = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()], body].concat();
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 48, 2];
    let description = wrap(0x30, &[&method[..], &wrap(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrap(0x30, &description))
}

/// A root, a CA, and a leaf that says where the CA's certificate and its list are.
fn pki(days_left: i64, crl: &str) -> (Issuer, Issuer, Vec<u8>) {
    let root = Issuer::self_signed(authority("root"), KeyPair::generate().unwrap()).unwrap();
    let ca = Issuer::signed_by(authority("ca"), KeyPair::generate().unwrap(), &root).unwrap();
    let mut leaf = params("leaf", days_left);
    leaf.custom_extensions.push(aia("http://pki.test/ca.crt"));
    leaf.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![crl.to_owned()] }];
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &ca).unwrap().der().to_vec();
    (root, ca, leaf)
}

fn trust(root: &Issuer) -> Trust {
    Trust {
        stores: Arc::from([TrustStore::of("own", [root.der().as_ref()])]),
        at: NOW,
        is_another_time: false,
        fetch_aia: true,
        revocation: true,
        expiry: ExpiryLimits::default(),
        connect_to: Vec::new(),
    }
}

fn chains(sent: &[&[u8]]) -> Chains {
    let mut chains = Chains::default();
    chains.add(1, sent.iter().map(|der| der.to_vec()).collect(), None);
    chains
}

fn get(url: &str) -> Wanted {
    Wanted { url: url.to_owned(), what: if url.contains(".crt") { Want::Issuer } else { Want::List } }
}

fn came(wanted: Wanted, route: &str, body: Vec<u8>) -> Fetched {
    let end = FetchEnd::Fetched { bytes: body.len(), total_ms: 1.0 };
    Fetched::new(wanted, route, Vec::new(), end, body)
}

fn failed(wanted: Wanted, route: &str, end: FetchEnd) -> Fetched {
    Fetched::new(wanted, route, Vec::new(), end, Vec::new())
}

fn status(status: u16) -> FetchEnd {
    FetchEnd::Status { status, reason: "so it is".to_owned() }
}

/// A list of this CA on which nothing is revoked.
fn list(ca: &Issuer) -> Vec<u8> {
    let list = rcgen::CertificateRevocationListParams {
        this_update: NOW - Duration::DAY,
        next_update: NOW + Duration::DAY,
        crl_number: 1.into(),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    list.signed_by(ca).unwrap().der().to_vec()
}

fn seen(chains: &Chains, trust: &Trust, fetched: &[Fetched]) -> Observations {
    let mut seen = Observations::default();
    Judging { chains, host: "host.test", trust, fetched }.read(&[], &mut seen);
    seen
}

#[test]
fn a_missing_link_is_wanted_first_then_lists_then_nothing() {
    let (root, ca, leaf) = pki(100, "http://pki.test/a.crl");
    let (chains, trust) = (chains(&[&leaf]), trust(&root));
    let wanted = |fetched: &[Fetched]| Judging { chains: &chains, host: "host.test", trust: &trust, fetched }.wanted();
    assert_eq!(wanted(&[]), [get("http://pki.test/ca.crt")]);
    let issuer = came(get("http://pki.test/ca.crt"), "direct", ca.der().to_vec());
    assert_eq!(wanted(std::slice::from_ref(&issuer)), [get("http://pki.test/a.crl")]);
    let list = came(get("http://pki.test/a.crl"), "direct", b"no list".to_vec());
    assert_eq!(wanted(&[issuer.clone(), list.clone()]), []);

    let seen = seen(&chains, &trust, &[issuer, list]);
    let verdict = &seen.trust["own"];
    assert_eq!(verdict.verdict, Verdict::MissingIntermediate);
    assert_eq!(verdict.with_fetched.as_ref().unwrap().verdict, Verdict::Trusted);
    assert_eq!(seen.fetched_issuers.len(), 1);
    assert_eq!(seen.fetched_issuers[0].subject.as_deref(), Some("CN=ca"));
    assert_eq!(seen.winhttp_flags.unwrap().names, ["CERT_REV_FAILED"]);
}

#[test]
fn nothing_is_wanted_that_was_not_asked_for() {
    let (root, _, leaf) = pki(100, "http://pki.test/a.crl");
    let trust = Trust { fetch_aia: false, revocation: false, ..trust(&root) };
    let chains = chains(&[&leaf]);
    assert_eq!(Judging { chains: &chains, host: "host.test", trust: &trust, fetched: &[] }.wanted(), []);
    let seen = seen(&chains, &trust, &[]);
    assert_eq!(seen.revocation, None);
    assert_eq!(seen.winhttp_flags.unwrap().value, "0x00000000");
}

#[test]
fn what_fails_on_both_ways_is_unreachable_and_what_is_not_on_http_is_not() {
    for (url, verdict) in [
        ("http://pki.test/a.crl", RevocationVerdict::Unreachable),
        ("ldap:///CN=ca,CN=CDP", RevocationVerdict::NotPublishedOnHttp),
    ] {
        let (root, ca, leaf) = pki(100, url);
        let (chains, trust) = (chains(&[&leaf, ca.der()]), trust(&root));
        let failed = |route: &str| failed(get(url), route, status(404));
        let seen = seen(&chains, &trust, &[failed("proxy"), failed("direct")]);
        let revocation = seen.revocation.unwrap();
        assert_eq!(revocation.certificates[0].verdict, verdict, "{url}");
        assert_eq!(revocation.certificates[1].verdict, RevocationVerdict::NoSource, "the CA names none");
        assert_eq!(revocation.verdict, verdict, "{url}");
        assert_eq!(seen.winhttp_flags.unwrap().names, ["CERT_REV_FAILED"]);
    }
}

#[test]
fn flags_add_up_to_the_value_that_logs_print() {
    let (_, ca, leaf) = pki(-1, "http://pki.test/a.crl");
    let (other, _, _) = pki(100, "");
    let trust = Trust { revocation: false, fetch_aia: false, ..trust(&other) };
    let chains = chains(&[&leaf, ca.der()]);
    let mut seen = Observations::default();
    Judging { chains: &chains, host: "another.test", trust: &trust, fetched: &[] }.read(&[], &mut seen);
    let flags = seen.winhttp_flags.unwrap();
    assert_eq!(flags.names, ["INVALID_CA", "CERT_CN_INVALID", "CERT_DATE_INVALID"]);
    assert_eq!((flags.value.as_str(), flags.stores), ("0x00000038", vec!["own".to_owned()]));
}

#[test]
fn a_refused_handshake_is_the_channels_error_and_an_unseen_chain_is_nothing() {
    let (root, _, _) = pki(100, "");
    let read = |exchanges: &[Exchange]| {
        let mut seen = Observations::default();
        let (chains, trust) = (Chains::default(), trust(&root));
        Judging { chains: &chains, host: "host.test", trust: &trust, fetched: &[] }.read(exchanges, &mut seen);
        seen.winhttp_flags.map(|flags| flags.value)
    };
    assert_eq!(read(&[alert(1, 40)]).as_deref(), Some("0x80000000"));
    let encrypted = accepted(1, ProtocolVersion::TLS1_3, CipherSuite(0x1301));
    assert_eq!(read(&[alert(1, 40), encrypted]), None);
    assert_eq!(read(&[]), None);
}

#[test]
fn an_end_within_the_limits_is_told_once_for_each_certificate() {
    for (days_left, state) in [
        (6, Some(ExpiryState::Critical)),
        (7, Some(ExpiryState::Soon)),
        (29, Some(ExpiryState::Soon)),
        (30, None),
        (-1, Some(ExpiryState::Ended)),
    ] {
        let (root, ca, leaf) = pki(days_left, "");
        let seen = seen(&chains(&[&leaf, ca.der()]), &trust(&root), &[]);
        assert_eq!(seen.expiry.iter().map(|it| it.state).collect::<Vec<_>>(), Vec::from_iter(state), "{days_left}");
    }
}

#[test]
fn the_worst_of_several_chains_is_the_verdict() {
    let (root, ca, leaf) = pki(100, "");
    let mut chains = chains(&[&leaf, ca.der()]);
    chains.add(2, vec![leaf.clone(), ca.der().to_vec()], None);
    chains.add(3, vec![leaf], None);
    let seen = seen(&chains, &Trust { fetch_aia: false, ..trust(&root) }, &[]);
    assert_eq!(seen.trust["own"].verdict, Verdict::MissingIntermediate);
    assert_eq!(seen.because("trust.own"), [3]);
}

#[test]
fn chains_and_wishes_without_end_are_cut() {
    let mut chains = Chains::default();
    for number in 0..100_u8 {
        chains.add(usize::from(number), vec![vec![number]], None);
    }
    assert_eq!(chains.0.len(), MOST_CHAINS);
}

#[test]
fn a_list_that_only_the_direct_way_brings_is_unreachable_through_the_proxy() {
    let (root, ca, leaf) = pki(100, "http://pki.test/a.crl");
    let (chains, trust) = (chains(&[&leaf, ca.der()]), trust(&root));
    let directly = came(get("http://pki.test/a.crl"), "direct", list(&ca));
    let by_proxy = |end| failed(get("http://pki.test/a.crl"), "proxy", end);
    let verdict = |fetched: &[Fetched]| {
        let leaf = seen(&chains, &trust, fetched).revocation.unwrap().certificates.remove(0);
        (leaf.verdict, leaf.why)
    };
    assert_eq!(verdict(std::slice::from_ref(&directly)).0, RevocationVerdict::Good, "where there is no proxy");
    let (both, why) = verdict(&[by_proxy(status(403)), directly.clone()]);
    assert_eq!(both, RevocationVerdict::Unreachable);
    assert!(why.contains("not through the proxy"), "{why}");

    // A client may have what the proxy wants, which this run had not.
    for end in [status(407), FetchEnd::NotAsked, FetchEnd::Failed { error: "no socket".to_owned() }] {
        let (both, why) = verdict(&[by_proxy(end.clone()), directly.clone()]);
        assert_eq!(both, RevocationVerdict::CouldNotTell, "{end:?}: {why}");
    }
}

#[test]
fn what_was_not_asked_for_here_is_no_failure_of_clients() {
    let (root, ca, leaf) = pki(100, "http://pki.test/a.crl");
    let trust = Trust { fetch_aia: false, ..trust(&root) };
    // The root is a CA of one tier that nobody sends and no store has; then a run that ended before it had asked.
    for (sent, why) in [(chains(&[&leaf]), "issuer is not known"), (chains(&[&leaf, ca.der()]), "a.crl: not asked")] {
        let seen = seen(&sent, &trust, &[]);
        let told = &seen.revocation.as_ref().unwrap().certificates[0];
        assert_eq!(told.verdict, RevocationVerdict::NotAsked);
        assert!(told.why.contains(why), "{}", told.why);
        assert!(!seen.winhttp_flags.unwrap().names.contains(&"CERT_REV_FAILED".to_owned()));
    }
}

#[test]
fn what_can_not_be_judged_here_leaves_it_open() {
    let (root, ca, leaf) = pki(100, "http://pki.test/a.crl");
    let chains = chains(&[&leaf, ca.der()]);
    let verdict =
        |trust: &Trust, end: Fetched| seen(&chains, trust, &[end]).revocation.unwrap().certificates.remove(0).verdict;
    let list = || came(get("http://pki.test/a.crl"), "direct", list(&ca));
    for end in [
        FetchEnd::TooLong { bytes: 5 },
        FetchEnd::LeadsAway { location: "https://pki.test/a.crl".to_owned() },
        FetchEnd::Failed { error: "no socket".to_owned() },
    ] {
        let told = verdict(&trust(&root), failed(get("http://pki.test/a.crl"), "direct", end.clone()));
        assert_eq!(told, RevocationVerdict::CouldNotTell, "{end:?}");
    }
    // The list of today says nothing of another day.
    let then = Trust { at: NOW - Duration::days(30), is_another_time: true, ..trust(&root) };
    assert_eq!(verdict(&then, list()), RevocationVerdict::CouldNotTell);
    assert_eq!(verdict(&Trust { is_another_time: false, ..then }, list()), RevocationVerdict::Unusable);
    assert_eq!(verdict(&trust(&root), list()), RevocationVerdict::Good);
}

#[test]
fn a_certificate_that_a_list_turns_out_to_be_is_no_missing_link() {
    let (root, ca, leaf) = pki(100, "http://pki.test/a.crl");
    let trust = Trust { fetch_aia: false, ..trust(&root) };
    let seen = seen(&chains(&[&leaf]), &trust, &[came(get("http://pki.test/a.crl"), "direct", ca.der().to_vec())]);
    assert_eq!(seen.trust["own"].with_fetched, None, "--fetch-aia was not given");
    assert_eq!(seen.fetched_issuers, []);
}

#[test]
fn an_old_certificate_beside_the_path_ends_nothing() {
    let (root, ca, leaf) = pki(100, "");
    let old = params("old", -50).self_signed(&KeyPair::generate().unwrap()).unwrap();
    let seen = seen(&chains(&[&leaf, ca.der(), old.der()]), &trust(&root), &[]);
    assert_eq!(seen.trust["own"].verdict, Verdict::Trusted);
    assert_eq!(seen.expiry, []);
}

#[test]
fn a_common_name_alone_raises_no_flag() {
    let (root, ca, _) = pki(100, "");
    let mut named = params("host.test", 100);
    named.subject_alt_names = Vec::new();
    let leaf = named.signed_by(&KeyPair::generate().unwrap(), &ca).unwrap();
    let seen = seen(&chains(&[leaf.der(), ca.der()]), &trust(&root), &[]);
    assert_eq!(seen.trust["own"].verdict, Verdict::CommonNameOnly);
    let flags = seen.winhttp_flags.unwrap();
    assert_eq!((flags.names.len(), flags.not_known.len(), flags.value.as_str()), (0, 0, "0x00000000"));
}
