//! A WSUS server in the clear behind squid, which forwards requests by itself.

use serde_json::Value;

use crate::probe::tlsprobe;
use crate::proxies::Squid;
use crate::server::Server;

/// `tlsprobe check` of the WSUS server at this port of a host that squid alone can look up.
fn check(squid: &Squid, server: &Server) -> (Option<i32>, Value) {
    let target = format!("wsus-server:http://endpoint.test:{}", server.address().port());
    let output = tlsprobe()
        .args(["check", &target, "--format", "json", "--timeout", "10", "--proxy", &squid.url()])
        .output()
        .expect("the binary starts");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), document.pointer("/reports/0").cloned().unwrap_or_default())
}

fn server(status: u16) -> Server {
    Server::nginx(&format!("server {{\nlisten 127.0.0.1:PORT;\nlocation / {{ return {status} told; }}\n}}\n"))
}

#[test]
fn a_request_in_the_clear_is_forwarded_by_squid_where_no_tunnel_would_be() {
    needs!("squid", "nginx");
    let squid = Squid::start("http_access deny CONNECT\nhttp_access allow all");
    let (exit, report) = check(&squid, &server(200));
    assert_eq!(exit, Some(0), "{report:#}");
    assert_eq!(report["observations"]["http"][0]["status"], 200);
    let (exit, report) = check(&squid, &server(503));
    assert_eq!((exit, &report["findings"][0]["id"]), (Some(1), &Value::from("http-status-503")), "{report:#}");
}

#[test]
fn squids_own_demand_for_a_password_is_the_proxys() {
    needs!("squid", "nginx");
    let squid = Squid::start(
        "auth_param basic program /usr/lib/squid/basic_fake_auth\nacl known proxy_auth REQUIRED\n\
         http_access allow known\nhttp_access deny all",
    );
    let (exit, report) = check(&squid, &server(200));
    assert_eq!(exit, Some(1), "{report:#}");
    let outcome = &report["exchanges"][0]["outcome"];
    assert_eq!(
        (&outcome["stage"], &outcome["kind"], &outcome["status"]),
        (&"proxy".into(), &"proxy_status".into(), &407.into())
    );
    assert_eq!(report["observations"]["http"][0]["windows_codes"][0]["code"], "0x8024401B");
    assert_eq!(report["findings"][0]["id"], "proxy-authentication-required", "{report:#}");
}
