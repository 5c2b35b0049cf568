//! What a proxy does on the way, and what the machine says of its proxies.

use super::*;
use crate::machine::{self, Fact, Source};
use crate::observation::{RouteComparison, RouteProof, RouteReason, RouteVerdict};
use crate::outcome::{HeaderField, ProxyProtocol, ProxyStatus, ResolveFailure};
use crate::plan::RouteKind;

fn route() -> Route {
    let proxy = Some("http://proxy.corp:8080".to_owned());
    Route { kind: RouteKind::HttpConnect, proxy, from: Some("option".to_owned()) }
}

/// A case in which the way ended at the proxy.
fn at_the_proxy(answer: Answer) -> Built {
    let mut case = sws().only(answer, Stage::Proxy);
    case.report.route = route();
    case
}

fn status(status: u16, fields: &[(&str, &str)]) -> ProxyStatus {
    let field = |(name, value): &(&str, &str)| HeaderField { name: (*name).to_owned(), value: (*value).to_owned() };
    ProxyStatus {
        protocol: ProxyProtocol::Http,
        status,
        reason: "Reason".to_owned(),
        auth_schemes: Vec::new(),
        auth_tried: Vec::new(),
        auth_not_tried: Vec::new(),
        headers: fields.iter().map(field).collect(),
        body_start: String::new(),
    }
}

fn answered(code: u16) -> Built {
    at_the_proxy(Answer::ProxyStatus(status(code, &[])))
}

fn socks(code: u16) -> Built {
    at_the_proxy(Answer::ProxyStatus(ProxyStatus { protocol: ProxyProtocol::Socks5, ..status(code, &[]) }))
}

fn proxies(wsus: &str, winhttp: &str) -> Machine {
    let named = |servers: &str| {
        let value = machine::Proxy::Named { servers: servers.to_owned(), bypass: None };
        (!servers.is_empty()).then(|| Fact { value, source: Source::Option("test".to_owned()) })
    };
    Machine { wsus_proxy: named(wsus), winhttp_proxy: named(winhttp), ..Machine::default() }
}

/// What a proxy answers, with which of these codes, and the rule that it leads to.
type Row<'a> = (fn(u16) -> Built, &'a [u16], &'a str);

#[test]
fn each_answer_of_a_proxy_leads_to_one_rule() {
    let rules = ["proxy-authentication-required", "proxy-bad-gateway", "proxy-block-page", "proxy-refuses-connect"];
    let table: [Row<'_>; 8] = [
        (answered, &[407], rules[0]),
        (socks, &[0xff], rules[0]),
        (answered, &[502, 503, 504], rules[1]),
        (socks, &[1, 3, 4, 5, 6], rules[1]),
        (answered, &[403, 451], rules[2]),
        (socks, &[2], rules[2]),
        (answered, &[400, 405, 501, 200], rules[3]),
        (socks, &[7, 8], rules[3]),
    ];
    for (case, rule) in table.iter().flat_map(|(case, codes, rule)| codes.iter().map(|code| (case(*code), *rule))) {
        case.speaks(rule);
        for other in rules.into_iter().filter(|other| *other != rule) {
            case.is_silent(other);
        }
        case.is_silent("proxy-does-not-answer");
        case.is_silent("endpoint-not-reached");
    }
}

#[test]
fn a_407_says_what_is_offered_what_was_tried_and_which_proxies_the_machine_has() {
    let id = "proxy-authentication-required";
    let asked = ProxyStatus {
        auth_schemes: vec!["Negotiate".to_owned(), "NTLM".to_owned()],
        ..status(407, &[("via", "1.1 proxy (squid)")])
    };
    let tried = ProxyStatus { auth_tried: vec!["ntlm".to_owned()], ..asked.clone() };
    let finding = at_the_proxy(Answer::ProxyStatus(asked)).on([proxies("proxy.corp:8080", "")]).speaks(id);
    assert!(finding.why.contains("Negotiate, NTLM") && finding.why.contains("no credentials were sent"), "{finding:?}");
    assert!(finding.why.contains("Via: 1.1 proxy (squid)"), "{finding:?}");
    assert_eq!(finding.evidence, ["the proxy of WSUS is proxy.corp:8080 (test)"]);
    let finding = at_the_proxy(Answer::ProxyStatus(tried)).speaks(id);
    assert!(finding.why.contains("tried ntlm") && finding.remedy[0].contains("did not take"), "{finding:?}");
    let user_refused = ProxyStatus {
        protocol: ProxyProtocol::Socks5,
        auth_schemes: vec!["username/password".to_owned()],
        ..status(1, &[])
    };
    at_the_proxy(Answer::ProxyStatus(user_refused)).speaks(id);
    sws().is_silent(id);
}

#[test]
fn a_bad_gateway_is_told_with_what_the_proxy_says_of_it() {
    let id = "proxy-bad-gateway";
    let why = |error: &str| {
        let fields = [("X-Squid-Error", error), ("Via", "1.1 proxy")];
        at_the_proxy(Answer::ProxyStatus(status(503, &fields))).speaks(id).why
    };
    assert!(why("ERR_DNS_FAIL 0").contains("resolver has no address"));
    assert!(why("ERR_CONNECT_FAIL 111").contains("connection to the endpoint failed"));
    assert!(why("ERR_SECURE_CONNECT_FAIL 1").contains("it inspects"));
    assert!(why("").contains("503 Reason from http://proxy.corp:8080"), "{}", why(""));
    answered(502).at("fe2").is_silent(id);
    sws().is_silent(id);
}

#[test]
fn a_page_is_a_block_before_the_tunnel_and_out_of_it() {
    let id = "proxy-block-page";
    let body_start = "<HTML><head><TITLE> Access\n denied</TITLE>".to_owned();
    let forbidden = ProxyStatus { body_start, ..status(403, &[]) };
    assert!(at_the_proxy(Answer::ProxyStatus(forbidden)).speaks(id).why.contains("“Access denied”"));

    let page = |like: &str| {
        let answer = Answer::NotTls { first_bytes: String::new(), looks_like: Some(like.to_owned()) };
        sws().only(answer, Stage::Hello)
    };
    let through = |mut case: Built| {
        case.report.route = route();
        case
    };
    through(page("an HTTP answer: HTTP/1.1 200 OK")).speaks(id);
    through(page("HTML or XML: <html>")).speaks(id);
    through(page("SSH: SSH-2.0-OpenSSH")).is_silent(id);
    page("an HTTP answer: HTTP/1.1 400 Bad Request").is_silent(id);
    answered(502).is_silent(id);
}

#[test]
fn a_proxy_that_says_nothing_is_told_by_how_it_ended() {
    let id = "proxy-does-not-answer";
    let timeout = Answer::Timeout { waiting_for: "x".into(), received_bytes: 0, after_ms: 75e3, tcp: None };
    for (answer, told) in [
        (Answer::Refused { after_ms: 1.0 }, "RST answered the SYN"),
        (RESET, "reset the connection"),
        (Answer::Fin { received_bytes: 0, after_ms: 1.0 }, "closed the connection"),
        (timeout.clone(), "the SYN to it was not answered"),
        (Answer::NotTls { first_bytes: String::new(), looks_like: None }, "is it a proxy?"),
    ] {
        let finding = at_the_proxy(answer).speaks(id);
        assert!(finding.why.contains(told), "{}", finding.why);
        assert!(finding.remedy.iter().any(|step| step.contains("netsh winhttp reset proxy")));
    }
    let mut open = at_the_proxy(timeout);
    open.report.exchanges[0].timing_ms.connect = Some(1.0);
    assert!(open.speaks(id).why.contains("said nothing to CONNECT"));
    answered(407).is_silent(id);
    sws().only(RESET, Stage::Hello).is_silent(id);
}

#[test]
fn a_proxy_without_an_address_is_not_an_endpoint_without_one() {
    let id = "proxy-name-not-resolved";
    let nowhere = Answer::NameNotResolved { reason: ResolveFailure::Nxdomain };
    let case = at_the_proxy(nowhere.clone()).on([proxies("", "proxy:8080")]);
    let finding = case.speaks(id);
    assert!(finding.why.contains("http://proxy.corp:8080") && finding.windows_symptoms[0].contains("0x8024402C"));
    assert!(finding.remedy.iter().any(|step| step.contains("WinHttpSettings")));
    assert_eq!(finding.evidence, ["the proxy of WinHTTP is proxy:8080 (test)"]);
    case.is_silent("endpoint-not-reached");
    case.is_silent("proxy-does-not-answer");
    sws().only(nowhere, Stage::Resolve).is_silent(id);
}

#[test]
fn a_proxy_list_that_windows_cant_read_is_told_once_with_the_entry() {
    let id = "proxy-list-malformed";
    let finding = sws().on([proxies("", "http=proxy:80;https=proxy:")]).speaks(id);
    assert!(finding.why.contains("https=proxy:"), "{}", finding.why);
    assert!(finding.windows_symptoms[0].contains("0x80240030"));
    sws().at("fe2").on([proxies("", "proxy:x")]).is_silent(id);
    sws().on([proxies("", "http=proxy:80;https=proxy:8080")]).is_silent(id);
    sws().on([proxies("proxy:x", "")]).is_silent(id);
}

#[test]
fn fin_in_place_of_rst_leads_to_the_same_rule_with_the_proviso() {
    let id = "wsus-import-tls10";
    let mut direct = sws().leg("import", TLS1_0, &[0x2f], LegState::Refused);
    assert!(!direct.speaks(id).why.contains("proxy"));
    direct.report.route = route();
    direct.report.exchanges[1].outcome.answer = Answer::Fin { received_bytes: 0, after_ms: 21.0 };
    let why = direct.speaks(id).why;
    assert!(why.contains("RST and FIN are the proxy's word"), "{why}");
    // What the proxy did not end says nothing of the kind.
    let mut accepted = sws().leg("sync", TLS1_2, &[0xc030], LegState::Accepted);
    accepted.report.route = route();
    accepted.report.exchanges[1].outcome.answer = Answer::ServerHello { received_bytes: 1, not_finished: None };
    assert!(!accepted.speaks("wsus-sync-works").why.contains("proxy"));
}

/// sws through a proxy, with this verdict and a reason for each that could be.
fn routed(verdict: RouteVerdict) -> Built {
    let reason = |points_to| RouteReason {
        id: "reason".to_owned(),
        text: "what was seen".to_owned(),
        points_to,
        because: RouteProof { direct: vec![9], proxy: vec![1] },
    };
    let reasons = vec![reason(None), reason(Some(RouteVerdict::Intercepted)), reason(Some(RouteVerdict::Altered))];
    let mut case = sws();
    case.report.observations.route = Some(RouteComparison { verdict, reasons, direct_address: None });
    case
}

#[test]
fn an_intercepting_proxy_is_told_with_what_shows_it() {
    let id = "proxy-intercepts";
    let finding = routed(RouteVerdict::Intercepted).speaks(id);
    assert_eq!(finding.because, [1]);
    assert_eq!(finding.why, "what was seen");
    routed(RouteVerdict::Altered).is_silent(id);
    routed(RouteVerdict::Inconclusive).is_silent(id);
    sws().is_silent(id);
}

#[test]
fn an_altering_proxy_is_told_with_what_shows_it() {
    let id = "proxy-alters";
    assert_eq!(routed(RouteVerdict::Altered).speaks(id).because, [1]);
    routed(RouteVerdict::Intercepted).is_silent(id);
    routed(RouteVerdict::Passthrough).is_silent(id);
}
