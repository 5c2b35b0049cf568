//! Every way an exchange can end, told apart exactly: each lab endpoint, and one through each lab proxy, asked over real
//! sockets.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::certificate::Contents;
use tlsprobe::check::{Ran, Repeat, Settings, Surroundings, probe};
use tlsprobe::lab::{self, Endpoint, Lab};
use tlsprobe::offer::Offer;
use tlsprobe::outcome::{AfterAlert, Answer, CertificatesState, Exchange, Stage};
use tlsprobe::plan::Waits;
use tlsprobe::proxy::{Proxy, ProxyChoice};
use tlsprobe::question::{Hello, Question};
use tlsprobe::registry::{NamedGroup, ProtocolVersion};
use tlsprobe::survey::{Context, Stop};
use tlsprobe::target::{ConnectTo, Target};

/// Short, so that silence is soon known; long enough for a busy machine to answer in.
const WAITS: Waits = Waits {
    connect: Duration::from_millis(1500),
    proxy: Duration::from_millis(1500),
    hello: Duration::from_millis(1500),
    finished: Duration::from_millis(500),
    exchange: Duration::from_secs(4),
    exchange_through_proxy: Duration::from_secs(4),
};

async fn start_lab() -> Lab {
    let settings = lab::Settings { drip_interval: Duration::from_millis(400), ..lab::Settings::new(now(), [7; 32]) };
    Lab::start(&settings).await.unwrap()
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Sends one hello to every endpoint at once; what came back, by the endpoint's name.
async fn ask_all(lab: &Lab, hello: Hello) -> BTreeMap<&'static str, Exchange> {
    let all: Vec<&str> = lab.endpoints().iter().map(|endpoint| endpoint.name).collect();
    ask(lab, &all, hello).await
}

/// Sends one hello to these endpoints at once.
async fn ask(lab: &Lab, names: &[&str], hello: Hello) -> BTreeMap<&'static str, Exchange> {
    let endpoints: Vec<&Endpoint> = names.iter().map(|name| lab.find(name).unwrap()).collect();
    let targets: Vec<Target> = endpoints.iter().map(|endpoint| endpoint.host.parse().unwrap()).collect();
    let led = endpoints.iter().zip(&targets);
    let settings = Settings {
        connect_to: led.map(|(endpoint, target)| ConnectTo::address(target.host.clone(), endpoint.address)).collect(),
        waits: WAITS,
        ..Settings::default()
    };
    let exchanges = exchanges(&targets, hello, &settings).await;
    endpoints.iter().map(|endpoint| endpoint.name).zip(exchanges).collect()
}

/// Sends one hello to the lab's sws through this proxy.
async fn ask_through(proxy: &Endpoint, hello: Hello) -> Exchange {
    let proxy = Proxy::parse(&format!("http://{}", proxy.address)).unwrap();
    let settings = Settings { proxy: ProxyChoice::Always(proxy), waits: WAITS, ..Settings::default() };
    exchanges(&["sws.update.microsoft.com".parse().unwrap()], hello, &settings).await.remove(0)
}

async fn exchanges(targets: &[Target], hello: Hello, settings: &Settings) -> Vec<Exchange> {
    let (_stopper, stop) = Stop::new();
    let context = Context::new(None, StdRng::seed_from_u64(1), stop);
    let surroundings = Surroundings { context, now: now() };
    let question = Question::new("hello", hello);
    let Ran { reports, failure } = probe(targets, &question, Repeat::ONCE, settings, &surroundings).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(reports.len(), targets.len());
    reports.into_iter().map(|mut report| report.exchanges.remove(0)).collect()
}

#[tokio::test]
async fn every_endpoint_shows_what_it_was_made_to_show() {
    let lab = start_lab().await;
    let began = Instant::now();
    let answers = ask_all(&lab, Hello::Built(Offer::modern())).await;
    assert!(began.elapsed() < Duration::from_secs(20), "an exchange outlived its time: {:?}", began.elapsed());
    for endpoint in lab.endpoints() {
        let outcome = &answers[endpoint.name].outcome;
        assert_eq!(outcome.answer.kind(), endpoint.shows, "{}: {outcome:?}", endpoint.name);
    }
}

#[tokio::test]
async fn each_fault_keeps_its_stage_and_details() {
    let lab = start_lab().await;
    let answers = ask_all(&lab, Hello::Built(Offer::modern())).await;
    let outcome = |name: &str| &answers[name].outcome;
    let at = |name: &str, stage| {
        assert_eq!(outcome(name).stage, stage, "{name}: {:?}", outcome(name));
        &outcome(name).answer
    };

    assert!(matches!(at("refused", Stage::Connect), Answer::Refused { .. }));
    assert!(matches!(at("connect-timeout", Stage::Connect), Answer::Timeout { received_bytes: 0, .. }));
    let Answer::Timeout { waiting_for, tcp, .. } = at("silence", Stage::Hello) else { panic!() };
    assert_eq!(waiting_for, "ServerHello");
    if cfg!(target_os = "linux") {
        assert_eq!(tcp.unwrap().unacked, 0, "the hello was acknowledged: the peer's TCP is alive");
    }
    assert!(matches!(at("reset", Stage::Hello), Answer::Reset { received_bytes: 0, .. }));
    assert!(matches!(at("fin", Stage::Hello), Answer::Fin { received_bytes: 0, .. }));
    assert!(matches!(at("fin-mid-record", Stage::Hello), Answer::Fin { received_bytes: 1.., .. }));

    for (name, after) in [
        ("alert-before-hello", AfterAlert::Reset),
        ("alert-fin", AfterAlert::Fin),
        ("alert-reset", AfterAlert::Reset),
        ("alert-open", AfterAlert::Open),
    ] {
        let Answer::Alert { level, code, name: description, then, .. } = at(name, Stage::Hello) else { panic!() };
        assert_eq!((level.as_str(), *code, description.as_deref()), ("fatal", 40, Some("handshake_failure")), "{name}");
        assert_eq!(*then, after, "{name}");
    }

    for (name, like) in [("http400", Some("HTTP/1.1 400")), ("ssh", Some("SSH-2.0")), ("garbage", None)] {
        let Answer::NotTls { looks_like, .. } = at(name, Stage::Hello) else { panic!("{name}") };
        match like {
            Some(like) => assert!(looks_like.as_deref().unwrap().contains(like), "{looks_like:?}"),
            None => assert_eq!(*looks_like, None),
        }
    }

    let Answer::Malformed { expected, .. } = at("oversized-record", Stage::Hello) else { panic!() };
    assert!(expected.contains("18432"), "{expected}");
    for name in ["endless-message", "endless-records"] {
        assert!(matches!(outcome(name).answer, Answer::Malformed { .. }), "{name}");
    }
    assert!(matches!(at("drip", Stage::Hello), Answer::Timeout { received_bytes: 1.., .. }));
    assert!(matches!(at("reset-mid-flight", Stage::Handshake), Answer::Reset { received_bytes: 1.., .. }));
    assert_eq!(answers["reset-mid-flight"].server.as_ref().unwrap().version, ProtocolVersion::TLS1_2);
}

#[tokio::test]
async fn sws_through_every_proxy_shows_what_the_proxy_was_made_to_show() {
    let lab = start_lab().await;
    let hello = || Hello::Built(Offer::for_version(ProtocolVersion::TLS1_2));
    let asked = lab.proxies().iter().map(|proxy| ask_through(proxy, hello()));
    let answers = futures_util::future::join_all(asked).await;
    for (proxy, Exchange { outcome, .. }) in lab.proxies().iter().zip(&answers) {
        assert_eq!(outcome.answer.kind(), proxy.shows, "{}: {outcome:?}", proxy.name);
        let passes = ["proxy", "proxy-fin-for-reset", "proxy-intercepts", "proxy-swallows-alerts", "proxy-two-200s"];
        let said_200 = passes.contains(&proxy.name) || proxy.name.starts_with("proxy-200");
        let stage = if said_200 { Stage::Hello } else { Stage::Proxy };
        assert_eq!(outcome.stage, stage, "{}: {outcome:?}", proxy.name);
    }
}

#[tokio::test]
async fn through_a_proxy_a_reset_may_come_as_a_fin_and_an_old_version_may_be_accepted() {
    let lab = start_lab().await;
    let tls10 = async |proxy| {
        let hello = Hello::Built(Offer::for_version(ProtocolVersion::TLS1_0));
        ask_through(lab.find(proxy).unwrap(), hello).await.outcome.answer.kind()
    };
    assert_eq!(tls10("proxy").await, "reset");
    assert_eq!(tls10("proxy-fin-for-reset").await, "fin");
    assert_eq!(tls10("proxy-intercepts").await, "server_hello");
}

#[tokio::test]
async fn what_a_server_chooses_is_told() {
    let lab = start_lab().await;
    let names = ["sws", "chain-of-three", "cmg", "tls13", "hello-retry", "warning-then-hello"];
    let answers = ask(&lab, &names, Hello::Built(Offer::modern())).await;

    let sws = &answers["sws"];
    let server = sws.server.as_ref().unwrap();
    assert_eq!(server.version, ProtocolVersion::TLS1_2);
    assert_eq!(server.cipher_suite.name, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    assert!(server.extended_master_secret);
    assert_eq!(server.key_exchange.as_ref().unwrap().kind, "ecdhe");
    assert_eq!(sws.certificates_state, CertificatesState::Read);
    let leaf = sws.certificates[0].details().unwrap();
    assert!(leaf.subject_alt_names.iter().any(|name| name.to_string() == "DNS:sws.update.microsoft.com"));
    assert_eq!(sws.certificates.len(), 2);
    assert_eq!(answers["chain-of-three"].certificates.len(), 3);

    assert!(answers["cmg"].certificate_request.is_some());
    assert!(answers["sws"].certificate_request.is_none());

    let tls13 = &answers["tls13"];
    assert_eq!(tls13.server.as_ref().unwrap().version, ProtocolVersion::TLS1_3);
    assert_eq!(tls13.certificates_state, CertificatesState::Encrypted);
    let retry = answers["hello-retry"].server.as_ref().unwrap().key_exchange.as_ref().unwrap();
    assert_eq!(retry.group, Some(NamedGroup::SECP384R1));

    assert_eq!(answers["warning-then-hello"].warning_alerts.len(), 1);
    assert_eq!(answers["warning-then-hello"].outcome.answer.kind(), "server_hello");
}

#[tokio::test]
async fn an_unreadable_certificate_keeps_its_hash_and_the_rest_goes_on() {
    let lab = start_lab().await;
    let answers = ask(&lab, &["unreadable-certificate"], Hello::Built(Offer::modern())).await;
    let exchange = &answers["unreadable-certificate"];
    let unreadable = exchange
        .certificates
        .iter()
        .find(|certificate| matches!(certificate.contents, Contents::Unreadable { .. }))
        .unwrap();
    assert_eq!(unreadable.sha256.len(), 64);
    assert!(exchange.certificates[0].details().is_some());
    assert!(exchange.server.as_ref().unwrap().key_exchange.is_some());
}

#[tokio::test]
async fn sws_resets_on_old_versions_and_foreign_suites() {
    let lab = start_lab().await;
    for version in [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1] {
        let answers = ask(&lab, &["sws", "sws1"], Hello::Built(Offer::for_version(version))).await;
        assert!(matches!(answers["sws"].outcome.answer, Answer::Reset { received_bytes: 0, .. }));
        assert_eq!(answers["sws1"].server.as_ref().unwrap().version, version);
    }
}

#[tokio::test]
async fn bytes_that_are_no_hello_are_sent_as_they_are() {
    let lab = start_lab().await;
    let answers = ask(&lab, &["refused", "http400"], Hello::Exactly(b"GET / HTTP/1.0\r\n\r\n".to_vec())).await;
    assert_eq!(answers["refused"].offer.length, 18);
    assert_eq!(answers["http400"].outcome.answer.kind(), "not_tls");
}
