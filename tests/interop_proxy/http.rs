//! Web servers behind squid: a WSUS server in the clear, whose requests it forwards by itself; a gateway and a WSUS
//! server with TLS, to which it opens tunnels.

use serde_json::Value;

use crate::certificates::{Identity, Key};
use crate::identity;
use crate::probe::tlsprobe;
use crate::proxies::Squid;
use crate::server::{Program, Server};
use crate::settings::{ECDHE_RSA_AES256_GCM, Settings, TLS12};

/// `tlsprobe check` of the WSUS server at this port of a host that squid alone can look up.
fn check(squid: &Squid, server: &Server) -> (Option<i32>, Value) {
    check_with(squid, server, "wsus-server:http://endpoint.test", &[])
}

/// `tlsprobe check` of this pack's host at the server's port.
fn check_with(squid: &Squid, server: &Server, pack: &str, options: &[&str]) -> (Option<i32>, Value) {
    let target = format!("{pack}:{}", server.address().port());
    let output = tlsprobe()
        .args(["check", &target, "--format", "json", "--timeout", "10", "--proxy", &squid.url()])
        .args(options)
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
    let not_tried = outcome["auth_not_tried"][0].as_str().unwrap_or_default();
    assert!(not_tried.starts_with("basic: ") && not_tried.contains("--proxy-auth basic"), "{outcome:#}");
    let known = [
        "--proxy-auth",
        "basic",
        "--proxy-user",
        "bobby",
        "--proxy-password-file",
        "testdata/scenarios/machines/password.txt",
    ];
    let (exit, answered) = check_with(&squid, &server(200), "wsus-server:http://endpoint.test", &known);
    assert_eq!((exit, &answered["observations"]["http"][0]["status"]), (Some(0), &200.into()), "{answered:#}");
    assert_eq!(report["findings"][0]["id"], "proxy-authentication-required", "{report:#}");
}

fn finding_ids(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["id"].as_str()).collect()
}

/// nginx with TLS before an Apache that answers by this status line and page.
fn secured(identity: &Identity, status: &str, page: &str) -> (Server, Server) {
    let behind = Server::answering(status, page);
    let pass_on = format!("location / {{ proxy_pass http://{}; }}", behind.address());
    let settings = Settings::new(identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    (Program::Nginx.serve_with(&settings, &pass_on), behind)
}

#[test]
fn what_a_gateway_or_a_wsus_server_says_through_squids_tunnel_leads_to_its_rule() {
    needs!("squid", "nginx", "apache2");
    let squid = Squid::start("http_access allow all");
    let identity = identity();
    let trusted = identity.leaf_file().display().to_string();
    let token = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(token.path(), "eyJhbGciOiJub25lIn0.eyJleHAiOjE2MDE1ODk4MDR9.hunter2").expect("it is writable");
    let token = token.path().display().to_string();
    let (gateway, wsus) = ("cmg:endpoint.test", "wsus-server:https://endpoint.test");
    for (pack, status, page, expected) in [
        (gateway, "403 CMGConnector_Clientcertificaterequired", "", "cmg-client-certificate-required"),
        (gateway, "403 CMGConnector_Forbidden", "", "cmg-forbidden"),
        (gateway, "401 CMGService_Invalid_Token", "", "cmg-invalid-token"),
        (wsus, "403 Forbidden", "<h3>HTTP Error 403.7 - Forbidden</h3>", "wsus-client-certificate-required"),
        (wsus, "404 Not Found", "", "http-status-404"),
        (wsus, "503 Service Unavailable", "", "http-status-503"),
    ] {
        let (server, _behind) = secured(&identity, status, page);
        let (exit, report) = check_with(&squid, &server, pack, &["--trust", &trusted, "--bearer-file", &token]);
        assert_eq!((exit, &report["route"]["kind"]), (Some(1), &"http_connect".into()), "{report:#}");
        assert!(finding_ids(&report).contains(&expected), "{status}: {report:#}");
        let (code, reason) = status.split_once(' ').expect("code and reason");
        let http = &report["observations"]["http"][1];
        assert_eq!((http["status"].to_string().as_str(), http["reason"].as_str()), (code, Some(reason)));
        assert!(!report.to_string().contains("hunter2"));
    }
    let (server, _behind) = secured(&identity, "200 OK", "there");
    for pack in [gateway, wsus] {
        let (_, report) = check_with(&squid, &server, pack, &["--trust", &trusted]);
        let held = report["observations"]["expectations"].as_array().into_iter().flatten();
        assert!(held.clone().count() > 0 && held.clone().all(|it| it["state"] == "held"), "{report:#}");
    }
}

/// Settings of nginx and Apache that are those of IIS: Ignore, Accept, Require; and Require for one directory.
#[test]
fn a_demand_for_a_client_certificate_is_seen_through_squids_tunnel() {
    needs!("squid", "nginx", "apache2");
    let squid = Squid::start("http_access allow all");
    let (identity, client) = (identity(), Identity::client(Key::P256, "client.test"));
    let authority = client.leaf_file().display().to_string();
    let plain = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    let there = "location / { return 200 there; }";
    let optional = format!("ssl_verify_client optional_no_ca;\nssl_client_certificate {authority};\n{there}");
    let one_directory = format!(
        "SSLEngine on\nSSLProtocol TLSv1.2\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\nSSLCACertificateFile \
         {authority}\n<Location /ClientWebService>\nSSLVerifyClient require\nSSLVerifyDepth 1\n</Location>",
        identity.leaf_file().display(),
        identity.key_file().display(),
    );
    for (server, expected) in [
        (Program::Nginx.serve_with(&plain, there), None),
        (Program::Nginx.serve_with(&plain, &optional), Some("wsus-client-certificate-asked")),
        (
            Program::Nginx.serve_with(&Settings { client_ca: Some(client.leaf_file()), ..plain }, there),
            Some("wsus-client-certificate-required"),
        ),
        (Server::apache(&one_directory, &[]), Some("wsus-client-certificate-required")),
    ] {
        let (_, report) = check_with(&squid, &server, "wsus-server:https://endpoint.test", &[]);
        let told = finding_ids(&report).into_iter().filter(|id| id.starts_with("wsus-client"));
        assert_eq!(told.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>(), "{report:#}");
    }
}
