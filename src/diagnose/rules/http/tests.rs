//! Each rule speaks of its own answer, and is silent on the others'.

use crate::diagnose::{Case, diagnose};
use crate::observation::{HttpObservation, Observations, TokenObservation};
use crate::outcome::testing::ended;
use crate::outcome::{Answer, Stage};
use crate::pack::PACKS;
use crate::plan::Route;
use crate::report::Report;

fn answered(url: &str, status: u16, reason: &str) -> HttpObservation {
    HttpObservation {
        url: url.to_owned(),
        status: Some(status),
        reason: Some(reason.to_owned()),
        sub_status: None,
        kind: "completed".to_owned(),
        windows_codes: Vec::new(),
        server: None,
        location: None,
        asked_for_certificate: false,
        says_certificate_is_missing: false,
        forwarded: false,
        first_byte_ms: Some(1.0),
        total_ms: Some(2.0),
        assumed: None,
        because: vec![1],
    }
}

fn told(pack: &str, http: HttpObservation, token: Option<TokenObservation>) -> Vec<(String, Vec<String>)> {
    let reset = Answer::Reset { received_bytes: 0, after_ms: 1.0 };
    let report = Report {
        target: "wsus.corp:8531".parse().unwrap(),
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        exchanges: vec![ended(1, Stage::Http, reset)],
        observations: Box::new(Observations { http: vec![http], token, ..Observations::default() }),
        findings: Vec::new(),
        connections: 1,
        cost: None,
    };
    let pack = PACKS.iter().find(|(name, ..)| *name == pack).and_then(|(_, _, pack)| *pack).unwrap();
    let findings = diagnose(&Case { report: &report, pack, machine: None });
    findings.into_iter().map(|finding| (finding.id, finding.evidence)).collect()
}

fn findings(pack: &str, http: HttpObservation) -> Vec<String> {
    told(pack, http, None).into_iter().map(|(id, _)| id).collect()
}

const CMG: &str = "https://cmg.corp/CCM_Proxy_MutualAuth/1/SMS_MP/.sms_aut?SITESIGNCERT";
const TLS: &str = "https://wsus.corp:8531/ClientWebService/client.asmx";
const CLEAR: &str = "http://wsus.corp:8530/ClientWebService/client.asmx";
const SELF_UPDATE: &str = "http://wsus.corp:8530/selfupdate/wuident.cab";

#[test]
fn the_words_of_a_gateway_lead_to_their_rules() {
    for (reason, id) in [
        ("CMGConnector_Clientcertificaterequired", "cmg-client-certificate-required"),
        ("cmgconnector_forbidden", "cmg-forbidden"),
    ] {
        assert_eq!(findings("cmg", answered(CMG, 403, reason)), [id]);
        assert_eq!(findings("cmg", answered(CMG, 500, reason)), [""; 0], "it is about the status too");
    }
    assert_eq!(findings("cmg", answered(CMG, 403, "Forbidden")), [""; 0], "nothing is known of other words");
}

#[test]
fn a_token_is_refused_only_where_one_was_shown() {
    let refused = || answered("https://cmg.corp/CCM_Proxy_ServerAuth/ServiceMetadata", 401, "CMGService_Invalid_Token");
    let token = |expired| TokenObservation { expires: Some("2020-10-01T22:03:24Z".to_owned()), expired: Some(expired) };
    assert_eq!(findings("cmg", refused()), [""; 0]);
    let [(id, evidence)] = <[_; 1]>::try_from(told("cmg", refused(), Some(token(true)))).unwrap();
    assert_eq!(
        (id.as_str(), evidence),
        ("cmg-invalid-token", vec!["the token says itself that it ended on 2020-10-01T22:03:24Z".to_owned()])
    );
    let (_, evidence) = told("cmg", refused(), Some(token(false))).remove(0);
    assert!(evidence[0].contains("is not why"), "{evidence:?}");
}

#[test]
fn an_answer_by_a_proxy_that_names_no_server_may_be_the_proxys() {
    let by = |server: Option<&str>, status| {
        let server = server.map(str::to_owned);
        findings("wsus-server", HttpObservation { forwarded: true, server, ..answered(CLEAR, status, "") })
    };
    for status in [401, 403, 404, 500, 502, 503, 504] {
        for server in [None, Some("squid/6.13"), Some("tinyproxy/1.11.1")] {
            assert_eq!(by(server, status), ["http-answer-of-proxy-or-server"], "{status} {server:?}");
        }
    }
    assert_eq!(by(Some("Microsoft-IIS/10.0"), 503), ["http-status-503"]);
    assert_eq!(by(Some("Microsoft-HTTPAPI/2.0"), 404), ["http-status-404"]);
    assert_eq!(by(None, 200), [""; 0]);
}

#[test]
fn each_status_has_its_rule_and_a_good_one_has_none() {
    for status in [401, 403, 404, 408, 500, 502, 503, 504] {
        assert_eq!(findings("wsus-server", answered(TLS, status, "")), [format!("http-status-{status}")]);
        assert_eq!(findings("cmg", answered(CMG, status, "")), [""; 0]);
    }
    for status in [200, 302, 418] {
        assert_eq!(findings("wsus-server", answered(TLS, status, "")), [""; 0]);
    }
}

#[test]
fn in_the_clear_tls_may_be_demanded_but_not_for_the_self_update_tree() {
    let demanding = |url| HttpObservation { sub_status: Some("403.4".to_owned()), ..answered(url, 403, "Forbidden") };
    assert_eq!(findings("wsus-server", demanding(CLEAR)), [""; 0]);
    assert_eq!(findings("wsus-server", demanding(SELF_UPDATE)), ["wsus-self-update-demands-tls"]);
    assert_eq!(findings("wsus-server", answered(SELF_UPDATE, 403, "Forbidden")), ["http-status-403"]);
}

#[test]
fn a_demand_for_a_client_certificate_is_told_from_a_wish() {
    let asking = |status| HttpObservation { asked_for_certificate: true, ..answered(TLS, status, "") };
    assert_eq!(findings("wsus-server", asking(200)), ["wsus-client-certificate-asked"]);
    assert_eq!(findings("wsus-server", asking(403)), ["wsus-client-certificate-required"]);
    let cut_off = HttpObservation { status: None, kind: "alert".to_owned(), ..asking(0) };
    assert_eq!(findings("wsus-server", cut_off), ["wsus-client-certificate-required"]);
    let timed_out = HttpObservation { status: None, kind: "timeout".to_owned(), ..asking(0) };
    let demands = |http| findings("wsus-server", http).contains(&"wsus-client-certificate-required".to_owned());
    assert!(!demands(timed_out), "a pool that starts is silent for long");
    let by_address = HttpObservation { sub_status: Some("403.6".to_owned()), ..asking(403) };
    assert!(!demands(by_address), "it says why, and that is another reason");
    assert!(!demands(asking(400)), "a bad request is one by whatever");
    assert!(demands(HttpObservation { says_certificate_is_missing: true, ..asking(400) }), "nginx says so");
    let sub_status = HttpObservation { sub_status: Some("403.7".to_owned()), ..answered(TLS, 403, "Forbidden") };
    assert_eq!(findings("wsus-server", sub_status), ["wsus-client-certificate-required"]);
    assert_eq!(findings("cmg", HttpObservation { asked_for_certificate: true, ..answered(CMG, 200, "") }), [""; 0]);
}

#[test]
fn an_end_behind_the_request_is_no_answer() {
    let ended = HttpObservation { status: None, kind: "reset".to_owned(), ..answered(TLS, 0, "") };
    assert_eq!(findings("wsus-server", ended), ["http-unanswered"]);
}
