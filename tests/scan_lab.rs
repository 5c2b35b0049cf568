//! What `scan` says of the lab's servers that break, refuse, limit and choose in ways of their own: each is told as it is,
//! and none of them as one that accepts nothing.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::time::Duration;

use hickory_proto::rr::RecordType;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use time::OffsetDateTime;
use tlsprobe::certificate::TrustStore;
use tlsprobe::check::{Ran, Settings, Surroundings, TrustSettings, scan};
use tlsprobe::lab::{self, Lab};
use tlsprobe::outcome::Exchange;
use tlsprobe::plan::{AddressChoice, Estimate, PARTS, Part, Waits};
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};
use tlsprobe::target::{ConnectTo, Target};

#[path = "support/scripted_resolver.rs"]
mod scripted_resolver;

use scripted_resolver::{Reply, ScriptedResolver};

/// Silence is soon known; the lab is never this slow.
fn waits() -> Waits {
    Waits { hello: Duration::from_millis(700), ..Waits::default() }
}

async fn start_lab() -> Lab {
    Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [9; 32])).await.unwrap()
}

/// What is found of one endpoint of the lab.
async fn scanned(lab: &Lab, name: &str) -> Seen {
    let endpoint = lab.find(name).unwrap();
    let target = endpoint.host.parse::<Target>().unwrap();
    let connect_to = vec![ConnectTo::address(target.host.clone(), endpoint.address)];
    Seen::of(&reports(target, Settings { connect_to, waits: waits(), ..Settings::default() }, None).await.remove(0))
}

async fn reports(target: Target, settings: Settings, dns: Option<std::net::SocketAddr>) -> Vec<Report> {
    let wanted = ["versions", "suites", "order"];
    let parts: Vec<Part> = PARTS.iter().filter(|part| wanted.contains(&part.name)).copied().collect();
    assert_eq!(parts.len(), wanted.len());
    asked_for(&parts, target, settings, dns).await
}

async fn asked_for(
    parts: &[Part],
    target: Target,
    settings: Settings,
    dns: Option<std::net::SocketAddr>,
) -> Vec<Report> {
    let (_stopper, stop) = Stop::new();
    let context = Context::new(dns, StdRng::seed_from_u64(1), stop);
    let surroundings = Surroundings { context, now: OffsetDateTime::now_utc() };
    let Ran { reports, failure } = scan(&[target], parts, &settings, &surroundings).await;
    assert!(failure.is_none(), "{failure:?}");
    reports
}

#[tokio::test]
async fn what_a_plan_says_of_its_connections_is_kept() {
    let lab = start_lab().await;
    let mut broken = Vec::new();
    for name in ["every-version", "tls13", "sws1", "two-certificates", "alert-fin"] {
        let endpoint = lab.find(name).unwrap();
        let target = endpoint.host.parse::<Target>().unwrap();
        let connect_to = vec![ConnectTo::address(target.host.clone(), endpoint.address)];
        let waits = Waits { finished: Duration::from_millis(100), ..waits() };
        for part in PARTS {
            let settings = Settings { connect_to: connect_to.clone(), waits, ..Settings::default() };
            let asks = part.asks_of(&target);
            if asks.is_empty() {
                continue;
            }
            let spent =
                asked_for(std::slice::from_ref(part), target.clone(), settings, None).await.remove(0).connections;
            let Estimate { least, most } = Estimate::of(&asks);
            if !(least..=most).contains(&spent) {
                broken.push(format!("{} of {name}: {spent}, not {least} to {most}", part.name));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// A report as a user's script reads it.
struct Seen(Value);

impl Seen {
    fn of(report: &Report) -> Self {
        Self(serde_json::to_value(report).unwrap())
    }

    fn observed(&self, pointer: &str) -> &Value {
        self.0.pointer(&format!("/observations{pointer}")).unwrap_or(&Value::Null)
    }

    /// The version is accepted, refused or inconclusive.
    #[track_caller]
    fn version(&self, version: &str, expected: &str) -> &Self {
        let found = self.observed(&format!("/versions/{version}"));
        assert_eq!(found, expected, "{version} in:\n{:#}", self.observed(""));
        self
    }

    /// The suites of a list, by their numbers.
    fn suites(&self, version: &str, list: &str) -> Vec<&str> {
        let suites = self.observed(&format!("/cipher_suites/{version}/{list}"));
        suites.as_array().into_iter().flatten().map(|suite| suite["code"].as_str().unwrap()).collect()
    }

    /// Exactly these suites are accepted, in this order.
    #[track_caller]
    fn accepts(&self, version: &str, expected: &[&str]) -> &Self {
        assert_eq!(self.suites(version, "accepted"), expected, "{version} in:\n{:#}", self.observed(""));
        self
    }

    /// Exactly these suites are accepted, in whatever order.
    #[track_caller]
    fn accepts_all_of(&self, version: &str, expected: &[&str]) -> &Self {
        let sorted = |mut suites: Vec<&str>| {
            suites.sort_unstable();
            suites.join(" ")
        };
        let found = sorted(self.suites(version, "accepted"));
        assert_eq!(found, sorted(expected.to_vec()), "{version} in:\n{:#}", self.observed(""));
        self
    }

    #[track_caller]
    fn order(&self, version: &str, expected: &str) -> &Self {
        let found = self.observed(&format!("/cipher_suites/{version}/order"));
        assert_eq!(found, expected, "{version} in:\n{:#}", self.observed(""));
        self
    }

    #[track_caller]
    fn refusal(&self, version: &str, expected: impl Into<Value>) -> &Self {
        let found = self.observed(&format!("/cipher_suites/{version}/refusal"));
        assert_eq!(found, &expected.into(), "{version} in:\n{:#}", self.observed(""));
        self
    }

    /// What could not be told, a line each.
    fn open(&self) -> Vec<String> {
        let entries = self.observed("/inconclusive").as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| format!("{}: {}", entry["what"], entry["why"])).collect()
    }
}

/// What sws1 has, and all servers made from it.
const OF_TLS12: [&str; 9] = ["0xC028", "0xC027", "0xC014", "0xC013", "0x003D", "0x003C", "0x0035", "0x002F", "0x000A"];
const OF_OLD_VERSIONS: [&str; 3] = ["0x0035", "0x002F", "0x000A"];

impl Seen {
    /// All of TLS 1.0 to 1.2 that sws1 accepts, and in its order.
    #[track_caller]
    fn is_sws1(&self) -> &Self {
        self.version("TLS1.0", "accepted").version("TLS1.1", "accepted").version("TLS1.2", "accepted");
        self.accepts("TLS1.0", &OF_OLD_VERSIONS).accepts("TLS1.1", &OF_OLD_VERSIONS).accepts("TLS1.2", &OF_TLS12);
        self.order("TLS1.2", "server")
    }
}

#[tokio::test]
async fn a_server_that_refuses_is_told_with_how_it_does() {
    let lab = start_lab().await;
    for (name, refusal) in [("sws1", "alert"), ("refusal-reset", "reset"), ("refusal-fin", "fin")] {
        let seen = scanned(&lab, name).await;
        seen.is_sws1().version("TLS1.3", "refused").version("SSL3", "refused").refusal("TLS1.2", refusal);
        assert_eq!(seen.open(), Vec::<String>::new(), "{name}");
        let exchanges = seen.0["exchanges"].as_array().unwrap();
        let controls = exchanges.iter().filter(|exchange| exchange["purpose"] == "control").count();
        assert!(controls <= 3, "{name}: {controls} controls in {} exchanges", exchanges.len());
    }
}

#[tokio::test]
async fn silence_refuses_nothing() {
    let seen = scanned(&start_lab().await, "refusal-silence").await;
    seen.is_sws1().version("TLS1.3", "inconclusive").version("SSL3", "inconclusive").refusal("TLS1.2", Value::Null);
    assert_eq!(seen.suites("TLS1.2", "refused"), Vec::<&str>::new());
    assert!(!seen.suites("TLS1.2", "inconclusive").is_empty());
}

#[tokio::test]
async fn hellos_that_are_too_much_for_a_server_are_made_smaller() {
    let lab = start_lab().await;
    for (name, of) in
        [("hello-limit-255", Some("length")), ("suite-limit-16", Some("cipher_suites")), ("suite-limit-128", None)]
    {
        let seen = scanned(&lab, name).await;
        let found = seen.is_sws1().observed("/hello_limit/of");
        assert_eq!(found.as_str(), of, "{name}:\n{:#}", seen.observed("/hello_limit"));
    }
}

#[tokio::test]
async fn an_extension_that_breaks_a_server_does_not_hide_what_it_accepts() {
    let lab = start_lab().await;
    scanned(&lab, "tls13-hello-reset").await.is_sws1().version("TLS1.3", "refused");
    scanned(&lab, "tls13-hello-silence").await.is_sws1().version("TLS1.3", "inconclusive");
}

#[tokio::test]
async fn whose_order_is_followed_is_told() {
    let lab = start_lab().await;
    let of_tls12 = ["0xC030", "0xC02F", "0xCCA8", "0xC013", "0xCCAA", "0x009C"];
    let of_tls13 = ["0x1302", "0x1301", "0x1303"];
    scanned(&lab, "order-client").await.accepts_all_of("TLS1.2", &of_tls12).order("TLS1.2", "client");
    scanned(&lab, "order-client").await.accepts_all_of("TLS1.3", &of_tls13).order("TLS1.3", "client");
    let as_go = ["0xC030", "0xC02F", "0xCCA8", "0xC013", "0x009C"];
    for (name, of_tls12) in [("order-chacha20", &of_tls12[..]), ("order-go", &as_go)] {
        let seen = scanned(&lab, name).await;
        seen.accepts("TLS1.2", of_tls12).order("TLS1.2", "server-chacha");
        seen.accepts("TLS1.3", &of_tls13).order("TLS1.3", "server-chacha");
    }
    let seen = scanned(&lab, "sws").await;
    seen.accepts("TLS1.2", &["0xC030", "0xC02F", "0xC028", "0xC027"]).order("TLS1.2", "server");
}

#[tokio::test]
async fn a_choice_at_random_has_no_order() {
    let seen = scanned(&start_lab().await, "at-random").await;
    seen.accepts_all_of("TLS1.2", &OF_TLS12).order("TLS1.2", "inconclusive");
}

#[tokio::test]
async fn a_suite_that_was_not_offered_is_noticed_and_refuses_nothing() {
    let seen = scanned(&start_lab().await, "not-offered").await;
    seen.version("TLS1.2", "accepted").accepts("TLS1.2", &["0x002F"]);
    let open = seen.open();
    assert!(open.iter().any(|line| line.contains("not offered")), "{open:#?}");
}

#[tokio::test]
async fn suites_of_two_kinds_of_certificates_are_all_found() {
    let seen = scanned(&start_lab().await, "two-certificates").await;
    seen.accepts("TLS1.2", &["0xC02C", "0xC030", "0xC02B", "0xC02F", "0x002F"]).order("TLS1.2", "server");
    seen.accepts("TLS1.3", &["0x1302", "0x1301", "0x1303"]);
}

#[tokio::test]
async fn a_server_that_slows_down_is_scanned_to_the_end() {
    scanned(&start_lab().await, "rate-limit-slow").await.is_sws1().version("TLS1.3", "refused");
}

#[tokio::test]
async fn a_server_that_takes_ten_connections_at_a_time_is_scanned_to_the_end() {
    let lab = start_lab().await;
    let (limited, free) = (scanned(&lab, "rate-limit-reset").await, scanned(&lab, "every-version").await);
    for version in ["TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"] {
        let expected = free.suites(version, "accepted");
        assert!(expected.len() >= 3, "{version}: {expected:?}");
        limited.version(version, "accepted").accepts_all_of(version, &expected);
    }
    limited.version("SSL3", "refused").refusal("TLS1.2", "alert");
    let asked_again = limited.observed("/slowed_down/asked_again").as_u64();
    assert!(asked_again > Some(0), "{:#}", limited.observed("/slowed_down"));
}

#[tokio::test]
async fn ssl3_and_ssl2_are_read() {
    let lab = start_lab().await;
    let seen = scanned(&lab, "ssl3").await;
    seen.version("SSL3", "accepted").accepts("SSL3", &["0x000A", "0x0005", "0x0004"]).version("SSL2", "refused");
    seen.version("TLS1.0", "accepted").version("TLS1.1", "refused");
    let seen = scanned(&lab, "ssl2").await;
    seen.version("SSL2", "accepted").version("SSL3", "refused").version("TLS1.0", "accepted");
    let ciphers = seen.observed("/cipher_suites/SSL2/cipher_specs").as_array().unwrap();
    assert_eq!(ciphers.len(), 7, "{ciphers:#?}");
}

#[tokio::test]
async fn what_the_default_site_shows_those_who_name_no_host_is_not_judged_as_the_hosts() {
    let lab = start_lab().await;
    let endpoint = lab.find("default-site").unwrap();
    let wanted = ["versions", "certificates", "tolerance"];
    let parts: Vec<Part> = PARTS.iter().filter(|part| wanted.contains(&part.name)).copied().collect();
    let scanned = async |sni: Option<String>| {
        let target = Target { sni, ..endpoint.host.parse::<Target>().unwrap() };
        let connect_to = vec![ConnectTo::address(target.host.clone(), endpoint.address)];
        let stores = [TrustStore::of("lab", [lab.root()])].into();
        let trust = TrustSettings { stores, ..TrustSettings::default() };
        let settings = Settings { connect_to, trust, waits: waits(), ..Settings::default() };
        asked_for(&parts, target, settings, None).await.remove(0)
    };
    let report = scanned(Some("default-site.lab.test".to_owned())).await;
    let nameless = |exchange: &&Exchange| exchange.offer.server_name.is_none() && !exchange.certificates.is_empty();
    let purposes: Vec<&str> = report.exchanges.iter().filter(nameless).map(|it| it.purpose.as_str()).collect();
    for nameless in ["certificate without a name", "no extensions", "hardly any extension"] {
        assert!(purposes.contains(&nameless), "{nameless}: {purposes:?}");
    }
    let wrong_name = |report: &Report| report.findings.iter().any(|finding| finding.id == "certificate-wrong-name");
    assert_eq!(Seen::of(&report).observed("/trust/lab/verdict"), "trusted");
    assert!(!wrong_name(&report));
    // Whoever chooses to name none asks for just that site.
    let report = scanned(None).await;
    assert_eq!(Seen::of(&report).observed("/trust/lab/verdict"), "wrong_name");
    assert!(wrong_name(&report));
}

#[cfg(not(target_os = "macos"))]
#[tokio::test]
async fn two_addresses_of_one_name_that_differ_are_told_apart() {
    let lab = start_lab().await;
    let endpoint = lab.find("two-addresses").unwrap();
    let addresses = vec![endpoint.address.ip(), lab::SECOND_ADDRESS.into()];
    let resolver = ScriptedResolver::start(move |_, record_type| {
        Reply::Addresses(if record_type == RecordType::A { addresses.clone() } else { Vec::new() })
    })
    .await;
    let target = format!("{}:{}", endpoint.host, endpoint.address.port()).parse().unwrap();
    let settings = Settings { addresses: AddressChoice::All, waits: waits(), ..Settings::default() };
    let reports = reports(target, settings, Some(resolver.address)).await;
    let [first, second] = reports.as_slice() else { panic!("{} reports", reports.len()) };
    Seen::of(first).version("TLS1.0", "refused").accepts("TLS1.2", &["0xC030", "0xC02F", "0xC028", "0xC027"]);
    Seen::of(second).is_sws1();
}
