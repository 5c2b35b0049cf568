//! A whole run through a proxy: what the report shows, and what never leaves this machine.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::check::{Repeat, Settings, Surroundings, probe};
use tlsprobe::offer::Offer;
use tlsprobe::outcome::{Answer, Stage};
use tlsprobe::plan::{RouteKind, Waits};
use tlsprobe::proxy::{ConnectBy, Proxy, ProxyChoice, ProxyOptions};
use tlsprobe::question::{Hello, Question};
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};

use crate::scripted_proxy::ScriptedProxy;

fn through(url: &str) -> Settings {
    let waits = Waits { hello: Duration::from_millis(500), connect: Duration::from_millis(500), ..Waits::default() };
    Settings { proxy: ProxyChoice::Always(Proxy::parse(url).unwrap()), waits, ..Settings::default() }
}

/// The report of one hello. No resolver answers at the address that names would be looked up at.
async fn report(target: &str, settings: &Settings) -> Report {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let context = Context::new(Some(silent.local_addr().unwrap()), StdRng::seed_from_u64(1), Stop::new().1);
    let surroundings = Surroundings { context, now: OffsetDateTime::UNIX_EPOCH };
    let question = Question::new("hello", Hello::Built(Offer::modern()));
    probe(&[target.parse().unwrap()], &question, Repeat::ONCE, settings, &surroundings).await.reports.remove(0)
}

#[tokio::test]
async fn the_target_is_not_looked_up_here_and_the_route_is_shown() {
    let alert = b"HTTP/1.1 200 OK\r\n\r\n\x15\x03\x03\x00\x02\x02\x46";
    let proxy = ScriptedProxy::saying(alert).await;
    let url = format!("http://bobby:hunter2@{}", proxy.address);
    let report = report("endpoint.test:8531", &through(&url)).await;
    assert_eq!(report.route.kind, RouteKind::HttpConnect);
    assert_eq!(report.route.proxy, Some(format!("http://{}", proxy.address)));
    assert_eq!(report.route.from.as_deref(), Some("option"));
    assert_eq!((report.target.address, report.connections), (None, 1));
    let exchange = report.exchanges.first().unwrap();
    assert_eq!(exchange.outcome.stage, Stage::Hello);
    assert!(matches!(exchange.outcome.answer, Answer::Alert { code: 70, .. }), "{:?}", exchange.outcome);
    let timing = exchange.timing_ms;
    assert!(timing.resolve.is_none() && timing.connect.is_some() && timing.proxy.is_some());
    assert!(proxy.heard()[0].starts_with("CONNECT endpoint.test:8531 HTTP/1.1"));
    let json = serde_json::to_string(&report).unwrap();
    assert!(!json.contains("bobby") && !json.contains("hunter2"), "{json}");
}

#[tokio::test]
async fn by_address_the_target_is_looked_up_here() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let mut settings = through(&format!("http://{}", proxy.address));
    settings.proxy_options = ProxyOptions { by: ConnectBy::Address, ..ProxyOptions::default() };
    let outcome = report("endpoint.test", &settings).await.exchanges.remove(0).outcome;
    assert_eq!((outcome.stage, outcome.answer.kind()), (Stage::Resolve, "name_not_resolved"));
    assert_eq!(proxy.visits(), 0);

    let report = report("192.0.2.1", &settings).await;
    assert_eq!(report.target.address, Some("192.0.2.1:443".parse().unwrap()));
    assert!(proxy.heard()[0].starts_with("CONNECT 192.0.2.1:443 "));
}

#[tokio::test]
async fn connect_to_changes_what_the_proxy_is_asked_for() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let mut settings = through(&format!("http://{}", proxy.address));
    settings.connect_to = vec!["endpoint.test:443:elsewhere.test:8443".parse().unwrap()];
    report("endpoint.test", &settings).await;
    assert!(proxy.heard()[0].starts_with("CONNECT elsewhere.test:8443 "));
}

#[tokio::test]
async fn a_proxy_whose_name_leads_nowhere_ends_at_stage_proxy() {
    let report = report("endpoint.test", &through("http://proxy.test:3128")).await;
    let outcome = &report.exchanges.first().unwrap().outcome;
    assert_eq!((outcome.stage, outcome.answer.kind()), (Stage::Proxy, "name_not_resolved"));
    assert_eq!(report.connections, 0);
}

#[tokio::test]
async fn fin_reset_and_a_block_page_behind_the_200_are_at_stage_hello() {
    let fin = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 200 OK\r\n\r\n").await;
        visit.bytes(100).await;
    })
    .await;
    let reset = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 200 OK\r\n\r\n").await;
        visit.bytes(100).await;
        visit.reset();
    })
    .await;
    let page = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 403 Blocked\r\n\r\n<html>").await;
    for (proxy, kind) in [(fin, "fin"), (reset, "reset"), (page, "not_tls")] {
        let report = report("endpoint.test", &through(&format!("http://{}", proxy.address))).await;
        let outcome = &report.exchanges.first().unwrap().outcome;
        assert_eq!(outcome.answer.kind(), kind, "{outcome:?}");
        assert_eq!(outcome.stage, Stage::Hello);
    }
}

#[tokio::test]
async fn direct_and_bypassed_targets_go_without_the_proxy() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let variables = [("https_proxy", format!("http://{}", proxy.address)), ("no_proxy", "127.0.0.0/8".to_owned())];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let environment = tlsprobe::proxy::EnvironmentProxies::from_variables(&variables).unwrap().unwrap();
    for (choice, from) in [(ProxyChoice::Direct, "option"), (ProxyChoice::Environment(environment), "environment")] {
        let settings = Settings { proxy: choice, ..through("http://unused:1") };
        let report = report(&proxy.address.to_string(), &settings).await;
        assert_eq!((report.route.kind, report.route.from.as_deref()), (RouteKind::Direct, Some(from)));
        assert_eq!(proxy.heard().len(), 0, "{:?}", proxy.heard());
    }
}
