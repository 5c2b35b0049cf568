//! Each verdict by a chain of its own, of a CA made with rcgen, and the real chains of Microsoft's update hosts.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::super::testdata;
use super::store::{Limit, Limits};
use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
const HOST: &str = "host.test";

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn dated(mut params: CertificateParams, name: &str) -> CertificateParams {
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (NOW - Duration::days(100), NOW + Duration::days(100));
    params.use_authority_key_identifier_extension = true;
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = dated(CertificateParams::default(), name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server() -> CertificateParams {
    let mut params = dated(CertificateParams::new([HOST.to_owned()]).unwrap(), HOST);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn root(params: CertificateParams) -> Issuer {
    Issuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn below(issuer: &Issuer, params: CertificateParams) -> Issuer {
    Issuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

fn leaf(issuer: &Issuer, params: &CertificateParams) -> Vec<u8> {
    params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().to_vec()
}

/// authorityInfoAccess with one caIssuers (RFC 5280 §4.2.2.1), by hand: rcgen has none.
fn aia(url: &str) -> CustomExtension {
    let wrap = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()], body].concat();
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 48, 2];
    let description = wrap(0x30, &[&method[..], &wrap(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrap(0x30, &description))
}

fn store(root: &Issuer) -> TrustStore {
    TrustStore::of("test", [root.der().as_ref()])
}

fn judged(sent: &[Vec<u8>], store: &TrustStore) -> TrustVerdict {
    judge(&Case { sent, fetched: &[], host: HOST, at: NOW }, store).unwrap().verdict
}

/// The kinds of problems, with the common name of the certificate that each names.
fn problems(verdict: &TrustVerdict) -> Vec<(Verdict, &str)> {
    verdict.problems.iter().map(|problem| (problem.kind, problem.certificate.rsplit("CN=").next().unwrap())).collect()
}

fn assert_only(sent: &[Vec<u8>], store: &TrustStore, kind: Verdict, certificate: &str) -> TrustProblem {
    let verdict = judged(sent, store);
    assert_eq!(problems(&verdict), [(kind, certificate)], "{verdict:#?}");
    assert_eq!(verdict.verdict, kind);
    verdict.problems[0].clone()
}

/// A root, a CA below it, and a server's chain without its root.
fn good() -> (Issuer, Issuer, Vec<Vec<u8>>) {
    let root = root(authority("root"));
    let ca = below(&root, authority("ca"));
    let sent = vec![leaf(&ca, &server()), ca.der().to_vec()];
    (root, ca, sent)
}

#[test]
fn a_chain_to_a_root_of_the_store_is_trusted_and_its_path_shown() {
    let (root, ca, mut sent) = good();
    let verdict = judged(&sent, &store(&root));
    assert_eq!((verdict.verdict, verdict.problems.len()), (Verdict::Trusted, 0), "{verdict:#?}");
    assert_eq!(verdict.path, ["CN=host.test", "CN=ca", "CN=root"]);
    sent.insert(1, root.der().to_vec());
    sent.push(ca.der().to_vec());
    assert_eq!(judged(&sent, &store(&root)).verdict, Verdict::Trusted, "in any order");
}

#[test]
fn a_root_that_the_store_lacks_is_an_unknown_issuer_and_is_named() {
    let (own, _, mut sent) = good();
    let other = store(&root(authority("other")));
    assert_only(&sent, &other, Verdict::UnknownIssuer, "ca");
    sent.push(own.der().to_vec());
    let problem = assert_only(&sent, &other, Verdict::UnknownIssuer, "root");
    assert!(problem.why.contains("store test"), "{}", problem.why);
}

#[test]
fn a_certificate_signed_by_itself_is_no_unknown_issuer() {
    let own = server().self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    assert_only(std::slice::from_ref(&own), &store(&root(authority("root"))), Verdict::SelfSigned, HOST);
    assert_eq!(judged(std::slice::from_ref(&own), &TrustStore::of("own", [own.as_slice()])).verdict, Verdict::Trusted);
}

#[test]
fn a_missing_link_that_says_where_it_is_to_be_had_is_told_from_one_that_does_not() {
    let (own, ca, sent) = good();
    assert_only(&sent[..1], &store(&own), Verdict::UnknownIssuer, HOST);
    let mut params = server();
    params.custom_extensions.push(aia("http://pki.test/ca.crt"));
    let sent = [leaf(&ca, &params)];
    let problem = assert_only(&sent, &store(&own), Verdict::MissingIntermediate, HOST);
    assert_eq!(problem.aia_urls, ["http://pki.test/ca.crt"]);
    let fetched = [ca.der().to_vec()];
    let case = Case { sent: &sent, fetched: &fetched, host: HOST, at: NOW };
    assert_eq!(judge(&case, &store(&own)).unwrap().verdict.verdict, Verdict::Trusted);
}

#[test]
fn dates_are_judged_for_each_certificate_and_for_the_root_itself() {
    let ended = |mut params: CertificateParams| {
        params.not_after = NOW - Duration::days(1);
        params
    };
    let own = root(authority("root"));
    let ca = below(&own, authority("ca"));
    assert_only(&[leaf(&ca, &ended(server())), ca.der().to_vec()], &store(&own), Verdict::Expired, HOST);
    let old_ca = below(&own, ended(authority("ca")));
    assert_only(&[leaf(&old_ca, &server()), old_ca.der().to_vec()], &store(&own), Verdict::Expired, "ca");
    let old_root = root(ended(authority("root")));
    assert_only(&[leaf(&old_root, &server())], &store(&old_root), Verdict::Expired, "root");
    let mut early = server();
    early.not_before = NOW + Duration::days(1);
    assert_only(&[leaf(&ca, &early), ca.der().to_vec()], &store(&own), Verdict::NotYetValid, HOST);
    let sent = [leaf(&ca, &ended(server())), ca.der().to_vec()];
    let case = Case { sent: &sent, fetched: &[], host: HOST, at: NOW - Duration::days(2) };
    assert_eq!(judge(&case, &store(&own)).unwrap().verdict.verdict, Verdict::Trusted, "it was, two days before");
}

#[test]
fn every_fault_is_told_and_the_weightiest_is_the_verdict() {
    let own = root(authority("root"));
    let mut params = dated(CertificateParams::new(["another.test".to_owned()]).unwrap(), "another");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_after = NOW - Duration::days(1);
    let verdict = judged(&[leaf(&own, &params)], &store(&root(authority("other"))));
    assert_eq!(
        problems(&verdict),
        [Verdict::UnknownIssuer, Verdict::Expired, Verdict::WrongUsage, Verdict::WrongName].map(|it| (it, "another"))
    );
}

#[test]
fn a_name_in_the_common_name_alone_is_told_and_is_no_wrong_name() {
    let own = root(authority("root"));
    let sent = [leaf(&own, &dated(CertificateParams::default(), HOST))];
    let problem = assert_only(&sent, &store(&own), Verdict::CommonNameOnly, HOST);
    assert!(problem.why.contains("common name host.test"), "{}", problem.why);
}

#[test]
fn a_certificate_for_clients_is_of_the_wrong_usage_wherever_it_stands() {
    let own = root(authority("root"));
    let mut params = server();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    assert_only(&[leaf(&own, &params)], &store(&own), Verdict::WrongUsage, HOST);
    let mut for_mail = authority("ca");
    for_mail.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    let ca = below(&own, for_mail);
    assert_only(&[leaf(&ca, &server()), ca.der().to_vec()], &store(&own), Verdict::WrongUsage, "ca");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    assert_eq!(judged(&[leaf(&own, &params)], &store(&own)).verdict, Verdict::Trusted);
}

#[test]
fn more_cas_than_one_allows_are_too_long_a_path() {
    let own = root(authority("root"));
    let mut params = authority("upper");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let upper = below(&own, params);
    let lower = below(&upper, authority("lower"));
    let sent = [leaf(&lower, &server()), lower.der().to_vec(), upper.der().to_vec()];
    assert_only(&sent, &store(&own), Verdict::PathTooLong, "upper");
}

#[test]
fn a_name_that_a_ca_may_not_certify_breaks_a_constraint() {
    let own = root(authority("root"));
    let mut params = authority("ca");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.com".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let ca = below(&own, params);
    assert_only(&[leaf(&ca, &server()), ca.der().to_vec()], &store(&own), Verdict::ConstraintBroken, HOST);
}

#[test]
fn what_signs_must_be_a_ca() {
    let own = root(authority("root"));
    let mut params = server();
    params.is_ca = IsCa::ExplicitNoCa;
    let no_ca = below(&own, params);
    let sent = [leaf(&no_ca, &server()), no_ca.der().to_vec()];
    let verdict = judged(&sent, &store(&own));
    assert_eq!(verdict.verdict, Verdict::ConstraintBroken, "{verdict:#?}");
    let mut no_signer = authority("ca");
    no_signer.key_usages = vec![KeyUsagePurpose::CrlSign];
    let ca = below(&own, no_signer);
    assert_only(&[leaf(&ca, &server()), ca.der().to_vec()], &store(&own), Verdict::ConstraintBroken, "ca");
}

#[test]
fn a_signature_that_its_issuer_did_not_make_is_bad() {
    let (own, _, mut sent) = good();
    *sent[0].last_mut().unwrap() ^= 1;
    assert_only(&sent, &store(&own), Verdict::BadSignature, HOST);
    let impostor = below(&root(authority("root")), authority("ca"));
    let mut params = server();
    params.use_authority_key_identifier_extension = false;
    let (_, ca, _) = good();
    assert_only(&[leaf(&ca, &params), impostor.der().to_vec()], &store(&own), Verdict::BadSignature, HOST);
}

#[test]
fn a_leaf_that_can_not_be_read_is_no_certificate_to_judge() {
    let own = store(&root(authority("root")));
    assert_eq!(judged(&[b"junk".to_vec()], &own).verdict, Verdict::Unreadable);
    assert!(judge(&Case { sent: &[], fetched: &[], host: HOST, at: NOW }, &own).is_none());
}

fn limited(root: &Issuer, limits: Limits) -> TrustStore {
    TrustStore::of_roots("limited", vec![Root::new(root.der(), limits)])
}

fn from(from: OffsetDateTime, usages: &[&str]) -> Limit {
    Limit { from, usages: usages.iter().map(|&usage| usage.to_owned()).collect() }
}

#[test]
fn a_stores_limits_are_those_of_windows() {
    const SERVERS: &str = "1.3.6.1.5.5.7.3.1";
    const CODE: &str = "1.3.6.1.5.5.7.3.3";
    let (own, _, sent) = good();
    let verdict = |limits: Limits| judged(&sent, &limited(&own, limits)).verdict;
    let usages = |usages: &[&str]| Some(usages.iter().map(|&usage| usage.to_owned()).collect());
    let issued = NOW - Duration::days(100);
    for (limits, expected) in [
        (Limits { usages: usages(&[SERVERS, CODE]), ..Limits::default() }, Verdict::Trusted),
        (Limits { usages: usages(&[CODE]), ..Limits::default() }, Verdict::WrongUsage),
        (Limits { not_for: vec![CODE.to_owned()], ..Limits::default() }, Verdict::Trusted),
        (Limits { not_for: vec![SERVERS.to_owned()], ..Limits::default() }, Verdict::WrongUsage),
        (Limits { disallowed_from: Some(NOW + Duration::DAY), ..Limits::default() }, Verdict::Trusted),
        (Limits { disallowed_from: Some(NOW), ..Limits::default() }, Verdict::Distrusted),
        (Limits { issued_before: Some(from(issued + Duration::DAY, &[])), ..Limits::default() }, Verdict::Trusted),
        (Limits { issued_before: Some(from(issued, &[])), ..Limits::default() }, Verdict::Distrusted),
        (Limits { issued_before: Some(from(issued, &[CODE])), ..Limits::default() }, Verdict::Trusted),
    ] {
        assert_eq!(verdict(limits.clone()), expected, "{limits:?}");
    }
}

#[test]
fn the_windows_roots_are_those_that_speak_for_servers_on_the_day_of_the_list() {
    let windows = TrustStore::windows().unwrap();
    assert_eq!((windows.name(), windows.roots().len()), ("windows", 233));
    let leaf = testdata::details("leafs/api.cdp.microsoft.com-2023.pem");
    let old_leaf = super::super::Details { not_before: datetime!(2001-01-01 00:00 UTC), ..leaf };
    assert_eq!(windows.speaking_for(&old_leaf, NOW, |_| true).len(), 233);
}

/// The real leafs of the update CA and the intermediates that were collected, at a time when all were valid.
#[test]
fn microsofts_own_chains_lead_to_the_roots_that_windows_has_and_mozilla_lacks() {
    let (windows, mozilla) = (TrustStore::windows().unwrap(), TrustStore::mozilla());
    let der = testdata::der;
    for (host, file) in [
        ("api.cdp.microsoft.com", "leafs/api.cdp.microsoft.com-2023.pem"),
        ("api-int.dcat.dsp.mp.microsoft.com", "leafs/api-int.dcat.dsp.mp.microsoft.com-2023.pem"),
    ] {
        let sent = [der(file), der("intermediates/microsoft-update-secure-server-ca-2.1.pem")];
        let case = Case { sent: &sent, fetched: &[], host, at: datetime!(2024-01-01 00:00 UTC) };
        let verdict = judge(&case, &windows).unwrap().verdict;
        assert_eq!(verdict.verdict, Verdict::Trusted, "{verdict:#?}");
        assert!(verdict.path[2].ends_with("CN=Microsoft Root Certificate Authority 2011"), "{:?}", verdict.path);
        let without = judge(&case, &mozilla).unwrap().verdict;
        assert_eq!(
            without.verdict,
            Verdict::UnknownIssuer,
            "not missing, as Windows knows it for a root: {without:#?}"
        );
        let today = judge(&Case { at: NOW, ..case }, &windows).unwrap().verdict;
        assert_eq!(today.verdict, Verdict::Expired);
        assert_eq!(today.problems.len(), 1, "{today:#?}");
    }
}

#[test]
fn each_collected_intermediate_leads_to_a_root_that_windows_has() {
    let windows = TrustStore::windows().unwrap();
    for file in testdata::files().filter(|file| file.starts_with("intermediates/")) {
        let link = links::Link::read(&testdata::der(&file));
        let at = link.details().unwrap().not_before + Duration::DAY;
        let path = path::walk(&link, &[], &windows, at);
        assert!(path.root().is_some(), "{file}: {path:?}");
        assert_eq!(is_signed_by(&link.der, &path.links[1].der), Some(true), "{file}");
    }
}

#[test]
fn a_pem_file_without_certificates_is_no_store() {
    let (own, _, _) = good();
    assert_eq!(TrustStore::pem("own.pem", own.pem().as_bytes()).unwrap().roots().len(), 1);
    for text in ["", "no pem at all", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(TrustStore::pem("own.pem", text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_hundred_certificates_that_issue_each_other_end() {
    let own = root(authority("root"));
    let mut params = server();
    params.use_authority_key_identifier_extension = false;
    let mut sent = vec![leaf(&own, &params)];
    sent.extend((0..100).map(|_| root(authority("root")).der().to_vec()));
    let verdict = judged(&sent, &store(&root(authority("other"))));
    assert_ne!(verdict.verdict, Verdict::Trusted);
}

#[test]
fn a_chain_that_was_judged_of_late_is_judged_the_same_and_by_its_own_host_store_and_time() {
    let root = root(authority("Root"));
    let sent = [leaf(&root, &server())];
    let (store, other) = (store(&root), TrustStore::of("other", []));
    let verdict = |host, at, store: &TrustStore| {
        let case = Case { sent: &sent, fetched: &[], host, at };
        let judged = judge(&case, store).unwrap();
        assert_eq!(judge(&case, store).unwrap().verdict, judged.verdict);
        judged.verdict.verdict
    };
    assert_eq!(verdict(HOST, NOW, &store), Verdict::Trusted);
    assert_eq!(verdict("other.test", NOW, &store), Verdict::WrongName);
    assert_eq!(verdict(HOST, NOW, &other), Verdict::UnknownIssuer);
    assert_eq!(verdict(HOST, NOW + Duration::days(200), &store), Verdict::Expired);
    assert_eq!(verdict("other.test", NOW + Duration::days(200), &store), Verdict::Expired);
    assert_eq!(verdict(HOST, NOW, &store), Verdict::Trusted);
}
