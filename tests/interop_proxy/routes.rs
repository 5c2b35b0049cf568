//! `check --compare-routes` through real proxies: those that change nothing, and one that inspects.

use std::path::Path;

use serde_json::Value;

use crate::certificates::{Identity, Key};
use crate::probe::tlsprobe;
use crate::proxies::{Squid, UNALTERED, unaltered};
use crate::server::Server;
use crate::{endpoint, identity, program};

/// The report of a check of the endpoint on both ways, the proxy's being given as options. Without a store of its own
/// the program has the system's.
#[track_caller]
fn compared(endpoint: &Server, proxy: &str, store: Option<&Path>) -> Value {
    let mut command = tlsprobe();
    command.args([
        "check",
        &format!("localhost:{}", endpoint.address().port()),
        "--compare-routes",
        "--format",
        "json",
    ]);
    command.args(["--sni", "endpoint.test", "--ip", "4"]).args(proxy.split_whitespace());
    command.envs(store.map(|store| ("SSL_CERT_FILE", store)));
    let output = command.output().expect("the binary starts");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let reports = document.get("reports").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [proxied, direct] = reports else { panic!("{document:#}") };
    let verdict = |report: &Value| report.pointer("/observations/route").cloned();
    assert_eq!(verdict(proxied), verdict(direct), "{document:#}");
    proxied.clone()
}

#[track_caller]
fn verdict(report: &Value) -> &str {
    report.pointer("/observations/route/verdict").and_then(Value::as_str).unwrap_or_else(|| panic!("{report:#}"))
}

fn reasons(report: &Value) -> Vec<&str> {
    let reasons = report.pointer("/observations/route/reasons").and_then(Value::as_array);
    reasons.into_iter().flatten().filter_map(|reason| reason.get("id")?.as_str()).collect()
}

#[test]
fn seven_unaltered_proxies_are_told_to_pass_tls_through() {
    if !UNALTERED.into_iter().all(program::is_installed_or_skipped) {
        return;
    }
    let identity = identity();
    let endpoint = endpoint(&identity);
    for proxy in unaltered() {
        let report = compared(&endpoint, &proxy.options, None);
        assert_eq!(verdict(&report), "passthrough", "{}: {report:#}", proxy.name);
        assert!(reasons(&report).contains(&"same-certificate"), "{}: {report:#}", proxy.name);
        let findings = report.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        assert!(!findings.iter().any(|finding| finding.get("id") == Some(&"proxy-alters".into())), "{}", proxy.name);
    }
}

#[test]
fn squid_that_inspects_is_told_to_intercept_whoever_trusts_its_authority() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let authority = Identity::authority(Key::Rsa2048, "Contoso Web Inspection");
    let squid = Squid::inspecting(&authority, "ssl_bump peek hello\nssl_bump bump all");
    let proxy = format!("--proxy {} --connect-by-ip", squid.url());
    for store in [None, Some(authority.leaf_file())] {
        let report = compared(&endpoint, &proxy, store);
        assert_eq!(verdict(&report), "intercepted", "{report:#}");
        for reason in ["root-not-public", "leaf-differs", "issuer-differs", "spki-differs"] {
            assert!(reasons(&report).contains(&reason), "{reason}: {report:#}");
        }
        let findings = report.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        assert!(findings.iter().any(|finding| finding.get("id") == Some(&"proxy-intercepts".into())), "{report:#}");
    }
}

#[test]
fn squid_that_forbids_the_endpoint_is_told_to_block() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start("http_access deny all");
    let report = compared(&endpoint, &format!("--proxy {}", squid.url()), None);
    assert_eq!((verdict(&report), reasons(&report)), ("blocked", vec!["proxy-refuses"]));
}
