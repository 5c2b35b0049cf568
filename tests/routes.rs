//! `check --compare-routes`: what a report says of the way through a proxy, with the lab's endpoints and proxies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::check::{Ran, Settings, Surroundings, check};
use tlsprobe::lab::{self, Lab};
use tlsprobe::observation::{RouteComparison, RouteReason, RouteVerdict, State};
use tlsprobe::pack::{Assignment, PACKS, Pack};
use tlsprobe::plan::{RouteKind, Waits};
use tlsprobe::proxy::{EnvironmentProxies, Proxy, ProxyChoice, RouteSource, WinHttpProxies};
use tlsprobe::report::{Document, Report};
use tlsprobe::survey::{Context, Stop, StopReason};
use tlsprobe::target::{ConnectTo, Target};

const WAITS: Waits = Waits {
    connect: Duration::from_secs(2),
    proxy: Duration::from_secs(2),
    hello: Duration::from_secs(2),
    finished: Duration::from_millis(500),
    exchange: Duration::from_secs(5),
    exchange_through_proxy: Duration::from_secs(5),
};

async fn start_lab() -> Lab {
    Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [7; 32])).await.unwrap()
}

fn pack(name: &str) -> &'static Pack {
    PACKS.iter().find(|(known, ..)| *known == name).and_then(|(.., pack)| *pack).unwrap()
}

/// Through this proxy; the endpoint is found in the lab, and by name nowhere.
fn through(lab: &Lab, endpoint: &str, proxy: &str) -> (Assignment, Settings) {
    let found = lab.find(endpoint).unwrap();
    let target: Target = found.host.parse().unwrap();
    let proxy = lab.proxies().iter().find(|known| known.name == proxy).unwrap().address;
    let settings = Settings {
        connect_to: vec![ConnectTo::address(target.host.clone(), found.address)],
        proxy: ProxyChoice::Always(Proxy::parse(&format!("http://{proxy}")).unwrap()),
        waits: WAITS,
        compare_routes: true,
        ..Settings::default()
    };
    let pack = PACKS.iter().find(|(known, ..)| *known == endpoint).map_or("generic", |(known, ..)| known);
    (Assignment::new(self::pack(pack), target), settings)
}

/// Runs a check in which no name can be looked up.
async fn run(assignment: Assignment, settings: &Settings) -> Vec<Report> {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let context = Context::new(Some(silent.local_addr().unwrap()), StdRng::seed_from_u64(1), Stop::new().1);
    run_in(assignment, settings, context).await
}

async fn run_in(assignment: Assignment, settings: &Settings, context: Context) -> Vec<Report> {
    let surroundings = Surroundings { context, now: OffsetDateTime::now_utc() };
    let Ran { reports, failure } = check(&[assignment], &[], settings, &surroundings).await;
    assert!(failure.is_none(), "{failure:?}");
    reports
}

fn comparison(report: &Report) -> &RouteComparison {
    report.observations.route.as_ref().unwrap()
}

fn reason<'a>(report: &'a Report, id: &str) -> &'a RouteReason {
    let reasons = &comparison(report).reasons;
    reasons.iter().find(|reason| reason.id == id).unwrap_or_else(|| panic!("no {id} in {reasons:#?}"))
}

#[tokio::test]
async fn both_ways_have_a_report_with_their_exchanges_and_the_verdict() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy");
    let reports = run(assignment, &settings).await;
    let [proxied, direct] = &reports[..] else { panic!("{} reports", reports.len()) };
    assert_eq!((proxied.route.kind, direct.route.kind), (RouteKind::HttpConnect, RouteKind::Direct));
    assert_eq!(direct.route.from.as_deref(), Some("option"));
    assert_eq!(proxied.exchanges.len(), direct.exchanges.len());
    assert_eq!((proxied.connections, direct.connections), (proxied.exchanges.len(), direct.exchanges.len()));
    assert_eq!(comparison(proxied), comparison(direct));
    assert_eq!(comparison(proxied).verdict, RouteVerdict::Passthrough);
    assert_eq!(comparison(proxied).direct_address, direct.target.address);
    let same = reason(proxied, "same-certificate");
    assert!(!same.because.direct.is_empty() && same.because.direct == same.because.proxy, "{same:?}");

    assert_eq!((proxied.pack.as_deref(), direct.pack.as_deref()), (Some("sws"), None));
    assert!(proxied.observations.expectations.iter().all(|expectation| expectation.state == State::Held));
    assert!(direct.is_for_comparison() && direct.observations.expectations.is_empty());
    let text = serde_json::to_string(&Document::new(String::new(), false, reports.clone())).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&text).unwrap().reports, reports);
}

#[tokio::test]
async fn a_proxy_that_closes_where_the_endpoint_resets_leaves_tls_as_it_is() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy-fin-for-reset");
    let reports = run(assignment, &settings).await;
    assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Passthrough);
    assert_eq!(reason(&reports[0], "fin-for-reset").points_to, None);
}

#[tokio::test]
async fn a_proxy_that_answers_in_the_endpoints_place_intercepts() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy-intercepts");
    let reports = run(assignment, &settings).await;
    assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Intercepted);
    for id in [
        "inspection-product",
        "root-not-public",
        "leaf-differs",
        "spki-differs",
        "issuer-differs",
        "accepted-through-proxy-alone",
        "alert-added",
    ] {
        reason(&reports[0], id);
    }
    assert!(reason(&reports[0], "accepted-through-proxy-alone").text.contains("TLS 1.0"));
    let finding = reports[0].findings.iter().find(|finding| finding.id == "proxy-intercepts").unwrap();
    assert!(!finding.because.is_empty());
    assert_eq!(reports[1].findings, []);
}

#[tokio::test]
async fn without_a_direct_way_a_private_root_at_microsofts_own_endpoint_is_interception() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy-intercepts");
    let nowhere = Settings { connect_to: Vec::new(), ..settings };
    let reports = run(assignment, &nowhere).await;
    assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Intercepted);
    assert_eq!(reason(&reports[0], "root-not-public").points_to, Some(RouteVerdict::Intercepted));
    assert_eq!(reason(&reports[0], "retired-version-accepted").points_to, Some(RouteVerdict::Intercepted));
    assert!(reason(&reports[0], "no-direct-route").text.contains("name_not_resolved"));
}

#[tokio::test]
async fn what_lets_no_tls_through_blocks() {
    let lab = start_lab().await;
    for (proxy, id) in [
        ("proxy-403", "proxy-refuses"),
        ("proxy-407", "proxy-refuses"),
        ("proxy-502", "proxy-cannot-connect"),
        ("proxy-200-fin", "no-tls-through-proxy"),
        ("proxy-200-reset", "no-tls-through-proxy"),
        ("proxy-200-block-page", "answer-not-tls"),
    ] {
        let (assignment, settings) = through(&lab, "sws", proxy);
        let reports = run(assignment, &settings).await;
        assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Blocked, "{proxy}: {:#?}", comparison(&reports[0]));
        assert_eq!(comparison(&reports[0]).reasons[0].id, id, "{proxy}");
    }
}

#[tokio::test]
async fn an_endpoint_of_tls_1_3_alone_is_told_by_the_certificates_that_our_keys_open() {
    let lab = start_lab().await;
    for proxy in ["proxy", "proxy-403"] {
        let (assignment, settings) = through(&lab, "tls13", proxy);
        let reports = run(assignment, &settings).await;
        if proxy == "proxy" {
            assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Passthrough);
        } else {
            assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Blocked);
        }
    }
}

#[tokio::test]
async fn a_proxy_that_swallows_alerts_alters() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "cmg", "proxy-swallows-alerts");
    let reports = run(assignment, &settings).await;
    let found = comparison(&reports[0]);
    assert_eq!(found.verdict, RouteVerdict::Altered, "{:#?}", found.reasons);
    assert_eq!(reason(&reports[0], "alert-replaced").points_to, Some(RouteVerdict::Altered));
    reason(&reports[0], "same-certificate");
    assert!(reports[0].findings.iter().any(|finding| finding.id == "proxy-alters"));
}

#[tokio::test]
async fn every_source_of_a_proxy_will_do_and_a_target_without_one_is_said_to_have_none() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy");
    let place = lab.proxies()[0].address;
    let environment = |no_proxy: &str| {
        let variables = [("HTTPS_PROXY", format!("http://{place}")), ("NO_PROXY", no_proxy.to_owned())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        ProxyChoice::Environment(EnvironmentProxies::from_variables(&variables).unwrap().unwrap())
    };
    let machine = ProxyChoice::WinHttp(WinHttpProxies::parse(&place.to_string()).unwrap(), RouteSource::Machine);
    for proxy in [environment(""), machine] {
        let from = proxy.source().unwrap();
        let reports = run(assignment.clone(), &Settings { proxy, ..settings.clone() }).await;
        assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Passthrough);
        assert_eq!(reports[0].route.from.as_deref(), Some(from.word()));
    }
    let reports = run(assignment, &Settings { proxy: environment("*"), ..settings }).await;
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].observations.route, None);
    assert!(reports[0].observations.inconclusive.iter().any(|gap| gap.what == "route"));
}

#[tokio::test]
async fn a_run_that_is_stopped_keeps_what_it_has_and_says_why_it_can_t_tell() {
    let lab = start_lab().await;
    let (assignment, settings) = through(&lab, "sws", "proxy-silence");
    let (stopper, stop) = Stop::new();
    let context = Context::new(None, StdRng::seed_from_u64(1), stop);
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stopper.stop(StopReason::Interrupted);
    };
    let (reports, ()) = tokio::join!(run_in(assignment, &settings, context), stopping);
    assert_eq!(reports.len(), 2);
    assert_eq!(comparison(&reports[0]).verdict, RouteVerdict::Inconclusive);
    assert!(reason(&reports[0], "no-direct-route").text.contains("the run ended"));
}
