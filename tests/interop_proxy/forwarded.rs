//! Requests in the clear that squid carries on: who we are is proved to it, and its own pages are its own.

use serde_json::Value;

use crate::authentication::{BASIC, DIGEST, KNOWN_ALONE, NTLM};
use crate::probe::tlsprobe;
use crate::proxies::{PASSWORD, Squid, USER, ntlm_verifier_or_skipped};
use crate::server::Server;

/// `tlsprobe check` of the WSUS server at this port of a host that squid alone can look up.
fn check_by(proxy: &str, port: u16, options: &[&str]) -> (Option<i32>, Value) {
    let target = format!("wsus-server:http://endpoint.test:{port}");
    let output = tlsprobe()
        .args(["check", &target, "--format", "json", "--timeout", "10", "--proxy", proxy])
        .args(options)
        .output()
        .expect("the binary starts");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), document.pointer("/reports/0").cloned().unwrap_or_default())
}

fn server() -> Server {
    Server::nginx("server {\nlisten 127.0.0.1:PORT;\nlocation / { return 200 told; }\n}\n")
}

#[test]
fn a_request_in_the_clear_proves_who_we_are_as_connect_does() {
    needs!("squid", "nginx");
    let server = server();
    let port = server.address().port();
    let schemes = [("basic", BASIC), ("digest", DIGEST), ("ntlm", NTLM)];
    let schemes = schemes.into_iter().filter(|(scheme, _)| *scheme != "ntlm" || ntlm_verifier_or_skipped());
    for (scheme, helper) in schemes {
        let squid = Squid::start(&[helper, KNOWN_ALONE].concat());
        for choice in ["any", scheme] {
            let (exit, report) = check_by(&squid.url_with(USER, PASSWORD), port, &["--proxy-auth", choice]);
            assert_eq!(exit, Some(0), "{scheme} {choice}: {report:#}");
        }
    }
}

#[test]
fn wrong_credentials_are_shown_once_in_a_run_of_many_requests() {
    needs!("squid", "nginx");
    let server = server();
    let port = server.address().port();
    let squid = Squid::start(&[BASIC, KNOWN_ALONE].concat());
    for choice in ["any", "basic"] {
        let (exit, report) = check_by(&squid.url_with(USER, "hunter3"), port, &["--proxy-auth", choice]);
        assert_eq!(exit, Some(1), "{report:#}");
        let exchanges = report["exchanges"].as_array().unwrap_or_else(|| panic!("{report:#}"));
        let shown =
            exchanges.iter().filter(|exchange| !exchange["outcome"]["auth_tried"].as_array().is_none_or(Vec::is_empty));
        assert!(exchanges.len() > 2, "{report:#}");
        assert_eq!(shown.count(), 1, "{choice}: {report:#}");
        assert!(exchanges.iter().all(|exchange| exchange["outcome"]["status"] == 407), "{report:#}");
        assert!(!report.to_string().contains("hunter3"), "{report:#}");
    }
}

#[test]
fn squids_own_error_page_is_not_the_servers() {
    needs!("squid", "nginx");
    let squid = Squid::start("http_access allow all");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = nobody.local_addr().expect("it is bound").port();
    drop(nobody);
    let (exit, report) = check_by(&squid.url(), port, &[]);
    assert_eq!(exit, Some(1), "{report:#}");
    let outcome = &report["exchanges"][0]["outcome"];
    assert_eq!((&outcome["stage"], &outcome["kind"]), (&"proxy".into(), &"proxy_status".into()), "{report:#}");
    let findings: Vec<&str> =
        report["findings"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str()).collect();
    assert!(findings.iter().all(|id| !id.starts_with("http-status-")), "{findings:?}");
    assert!(findings.contains(&"proxy-bad-gateway"), "{findings:?}");
}
