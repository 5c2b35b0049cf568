//! For each rule a chain for which it speaks and one for which it is silent.

use time::macros::datetime;

use super::*;
use crate::diagnose::diagnose;
use crate::finding::Finding;
use crate::observation::{
    CertificateRevocation, DnsAlias, FetchEnd, FetchedIssuer, Observations, Revocation, RevocationSource,
    RevocationVerdict, SourceKind,
};
use crate::pack::PACKS;
use crate::plan::Route;
use crate::report::Report;

fn problem(kind: Verdict) -> TrustProblem {
    let aia_urls =
        if kind == Verdict::MissingIntermediate { vec!["http://pki.test/ca.crt".to_owned()] } else { vec![] };
    let (certificate, why) = ("CN=the one".to_owned(), format!("why {}", kind.word()));
    TrustProblem { kind, certificate, sha1: String::new(), why, aia_urls }
}

fn verdict(kinds: &[Verdict]) -> TrustVerdict {
    let problems: Vec<_> = kinds.iter().copied().map(problem).collect();
    let verdict = kinds.first().copied().unwrap_or(Verdict::Trusted);
    TrustVerdict { verdict, path: Vec::new(), problems, with_fetched: None }
}

/// The certificate findings of the generic pack, or of `pack`, over these observations.
fn findings_of(pack: &str, observations: Observations) -> Vec<Finding> {
    let report = Report {
        target: "host.test".parse().unwrap(),
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        exchanges: Vec::new(),
        observations: Box::new(observations),
        findings: Vec::new(),
        connections: 1,
        cost: None,
    };
    let pack = PACKS.iter().find_map(|(name, _, found)| found.filter(|_| *name == pack)).unwrap();
    let findings = diagnose(&Case { report: &report, pack, machine: None });
    findings.into_iter().filter(|finding| finding.id.starts_with("certificate-")).collect()
}

fn findings(observations: Observations) -> Vec<Finding> {
    findings_of("generic", observations)
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.id.as_str()).collect()
}

fn judged(stores: &[(&str, TrustVerdict)]) -> Observations {
    let mut observations = Observations::default();
    for (store, verdict) in stores {
        observations.trust.insert((*store).to_owned(), verdict.clone());
        observations.rests_on(&format!("trust.{store}"), &[2, 3]);
    }
    observations
}

#[test]
fn each_fault_of_a_chain_has_one_rule_and_a_good_chain_none() {
    assert_eq!(findings(judged(&[("windows", verdict(&[]))])), []);
    for (kind, id) in [
        (Verdict::Unreadable, "certificate-refused"),
        (Verdict::BadSignature, "certificate-refused"),
        (Verdict::SelfSigned, "certificate-untrusted-root"),
        (Verdict::MissingIntermediate, "certificate-missing-intermediate"),
        (Verdict::UnknownIssuer, "certificate-untrusted-root"),
        (Verdict::Distrusted, "certificate-refused"),
        (Verdict::Expired, "certificate-expired"),
        (Verdict::NotYetValid, "certificate-expired"),
        (Verdict::WrongUsage, "certificate-refused"),
        (Verdict::PathTooLong, "certificate-refused"),
        (Verdict::ConstraintBroken, "certificate-refused"),
        (Verdict::Weak, "certificate-refused"),
        (Verdict::WrongName, "certificate-wrong-name"),
        (Verdict::CommonNameOnly, "certificate-common-name-only"),
    ] {
        let findings = findings(judged(&[("windows", verdict(&[kind]))]));
        assert_eq!(ids(&findings), [id], "{kind:?}");
        assert!(findings[0].why.ends_with(&format!("CN=the one: why {}", kind.word())), "{}", findings[0].why);
        assert_eq!(findings[0].because, [2, 3]);
    }
    assert_eq!(findings(judged(&[("windows", verdict(&[Verdict::Unsupported]))])), [], "could not tell is no fault");
}

#[test]
fn a_root_that_one_store_has_is_not_missing() {
    let lacks = || verdict(&[Verdict::UnknownIssuer]);
    let found = findings(judged(&[("own.pem", lacks()), ("windows", lacks())]));
    assert_eq!(ids(&found), ["certificate-untrusted-root"]);
    assert_eq!(found[0].remedy[0], "Stores that were asked: own.pem, windows.");
    assert_eq!(findings(judged(&[("own.pem", verdict(&[])), ("windows", lacks())])), []);
    let late = findings(judged(&[("own.pem", verdict(&[Verdict::Expired])), ("windows", lacks())]));
    assert_eq!(ids(&late), ["certificate-expired"]);
}

#[test]
fn what_was_fetched_tells_a_missing_root_from_a_missing_link() {
    let missing =
        |with| TrustVerdict { with_fetched: Some(Box::new(verdict(with))), ..verdict(&[Verdict::MissingIntermediate]) };
    let mut observations = judged(&[("windows", missing(&[]))]);
    observations.fetched_issuers = vec![FetchedIssuer {
        url: "http://pki.test/ca.crt".to_owned(),
        route: "direct".to_owned(),
        redirects: Vec::new(),
        subject: Some("CN=ca".to_owned()),
        end: FetchEnd::Fetched { bytes: 900, total_ms: 1.0 },
    }];
    let found = findings(observations);
    assert_eq!(ids(&found), ["certificate-missing-intermediate"]);
    assert!(found[0].remedy[0].contains("SYSTEM account reaches http://pki.test/ca.crt"), "{:?}", found[0].remedy);
    assert_eq!(found[0].remedy[1], "Fetched here from http://pki.test/ca.crt (direct): 900 bytes.");
    let found = findings(judged(&[("windows", missing(&[Verdict::UnknownIssuer]))]));
    assert_eq!(ids(&found), ["certificate-untrusted-root"]);
}

#[test]
fn an_end_that_is_near_warns_and_one_that_is_very_near_is_an_error() {
    let ending = |state, days_left| {
        let mut observations = judged(&[("windows", verdict(&[]))]);
        let not_after = datetime!(2026-12-01 00:00 UTC);
        let (certificate, sha1) = ("CN=leaf".to_owned(), String::new());
        observations.expiry = vec![Expiry { certificate, sha1, not_after, days_left, state }];
        findings(observations)
    };
    let soon = ending(ExpiryState::Soon, 20);
    assert_eq!(ids(&soon), ["certificate-expires-soon"]);
    assert!(soon[0].why.ends_with("CN=leaf on 2026-12-01, in 20 days"), "{}", soon[0].why);
    assert_eq!(ids(&ending(ExpiryState::Critical, 3)), ["certificate-expiry-critical"]);
    assert_eq!(ids(&ending(ExpiryState::Ended, -3)), [""; 0], "the chain's judgement says that");
}

fn revocation(verdict: RevocationVerdict, sources: Vec<RevocationSource>) -> Observations {
    let mut observations = judged(&[("windows", super::tests::verdict(&[]))]);
    let (certificate, why) = ("CN=leaf".to_owned(), verdict.word().to_owned());
    let certificate = CertificateRevocation { certificate, sha1: String::new(), verdict, why, sources };
    observations.revocation = Some(Revocation { verdict, certificates: vec![certificate] });
    observations
}

#[test]
fn revocation_that_can_not_be_checked_says_whether_to_publish_or_to_switch_it_off() {
    for (verdict, remedy) in [
        (RevocationVerdict::NotPublishedOnHttp, "publish it or use /NoCRLCheck"),
        (RevocationVerdict::Unreachable, "open the way to the URLs"),
        (RevocationVerdict::Unusable, "repair it, or publish a list"),
    ] {
        let found = findings(revocation(verdict, Vec::new()));
        assert_eq!(ids(&found), ["certificate-revocation-unreachable"]);
        assert!(found[0].remedy[0].contains(remedy), "{:?}", found[0].remedy);
    }
    let (by, url) = (SourceKind::Crl, Some("http://pki.test/a.crl".to_owned()));
    let list = RevocationSource { by, url, route: None, redirects: Vec::new(), end: None, status: None };
    let found = findings(revocation(RevocationVerdict::Unusable, vec![list]));
    assert!(found[0].remedy[0].contains("certutil -crl"), "{:?}", found[0].remedy);
    for verdict in [
        RevocationVerdict::Good,
        RevocationVerdict::NotAsked,
        RevocationVerdict::NoSource,
        RevocationVerdict::CouldNotTell,
    ] {
        assert_eq!(findings(revocation(verdict, Vec::new())), []);
    }
}

#[test]
fn a_revoked_certificate_is_an_error() {
    assert_eq!(ids(&findings(revocation(RevocationVerdict::Revoked, Vec::new()))), ["certificate-revoked"]);
}

#[test]
fn an_endpoint_that_is_known_to_be_going_is_left_in_peace() {
    for kind in [Verdict::Expired, Verdict::UnknownIssuer, Verdict::WrongName] {
        assert_eq!(findings_of("sws1", judged(&[("windows", verdict(&[kind]))])), [], "{kind:?}");
    }
}

#[test]
fn a_certificate_that_names_the_deployment_in_the_services_place_is_wrong() {
    let named = |names: Option<&[&str]>| {
        let mut observations = judged(&[("windows", verdict(&[]))]);
        observations.dns_alias = Some(DnsAlias {
            host: "cmg.test".to_owned(),
            leads_to: vec!["deployment.test".to_owned()],
            certificate_names: names.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        });
        findings_of("cmg", observations)
    };
    let found = named(Some(&["deployment.test"]));
    assert_eq!(ids(&found), ["certificate-names-deployment"]);
    assert!(found[0].why.ends_with("cmg.test leads to deployment.test, which the certificate names"), "{:?}", found[0]);
    for silent in [Some(&["cmg.test"][..]), Some(&["cmg.test", "deployment.test"]), Some(&[]), None] {
        assert_eq!(named(silent), [], "{silent:?}");
    }
}
