//! HTTP behind handshakes that were finished by hand, and in the clear: real web servers as stand-ins for IIS.

use std::fs;

use serde_json::Value;

use crate::certificates::{Identity, Key};
use crate::probe::{probe, tlsprobe};
use crate::program;
use crate::server::{Program, Server};
use crate::settings::{AES_256_GCM, ECDHE_RSA_AES256_GCM, Settings, TLS12, TLS13};

/// What is asked of a WSUS server, and its answers: those of a sound one.
const SOUND: &str = "location / { return 200 there; }";

/// What is there on a WSUS server.
const WSUS_FILES: [&str; 5] = [
    "selfupdate/wuident.cab",
    "ClientWebService/wusserverversion.xml",
    "ClientWebService/client.asmx",
    "SimpleAuthWebService/SimpleAuth.asmx",
    "ServerSyncWebService/ServerSyncWebService.asmx",
];

/// `tlsprobe check` of this target with these options, led to the server.
fn check(target: &str, server: &Server, options: &[&str]) -> (Option<i32>, Value) {
    let lead = format!("::{}", server.address());
    let mut command = tlsprobe();
    command.args(["check", target, "--format", "json", "--connect-to", &lead]).args(options);
    let output = command.output().expect("the binary starts");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), document.pointer("/reports/0").cloned().unwrap_or_default())
}

fn findings(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings.filter_map(|finding| finding["id"].as_str()).filter(|id| !id.starts_with("certificate-")).collect()
}

/// A server in the clear with these lines.
fn in_clear(lines: &str) -> Server {
    Server::nginx(&format!("server {{\nlisten 127.0.0.1:PORT;\n{lines}\n}}\n"))
}

#[test]
fn a_request_is_answered_in_every_version_and_to_windows_own_hellos() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "http.test");
    let server = Server::start(|port, _| {
        let mut command = program::command("openssl");
        command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
        command.args(["-cipher", "ALL:@SECLEVEL=0", "-cert"]).arg(identity.leaf_file());
        command.arg("-key").arg(identity.key_file());
        command
    });
    for options in [
        "--tls 1.0 --ciphers AES128-SHA",
        "--tls 1.1 --ciphers ECDHE-RSA-AES256-SHA",
        "--tls 1.2",
        "--tls 1.3",
        "--profile win2016",
        "--profile win2022",
    ] {
        let answer = probe(&server, &format!("--sni http.test --get / {options}"));
        answer.exits(0).says("/outcome/stage", "http").says("/outcome/kind", "completed");
        answer.says("/outcome/status_line", "200 ok").says("/http/response/status", 200);
        assert!(answer.get("/http/response/body_start").as_str().is_some_and(|body| body.contains("s_server")));
        assert!(answer.get("/http/response/first_byte_ms").as_f64().is_some_and(|time| time > 0.0));
    }
}

#[test]
fn a_body_in_chunks_a_redirect_and_a_long_one_are_shown_as_they_come() {
    needs!("nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "http.test");
    let lines = "location /moved { return 302 https://elsewhere.test/; }\nlocation /long { root ROOT; }";
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join("long"), vec![b'x'; 100_000]).expect("a file");
    let lines = lines.replace("ROOT", &root.path().display().to_string());
    for (version, suites) in [(TLS12, &[ECDHE_RSA_AES256_GCM]), (TLS13, &[AES_256_GCM])] {
        let server = Program::Nginx.serve_with(&Settings::new(&identity, version, suites), &lines);
        let ask = |path: &str| probe(&server, &format!("--sni http.test --tls {} --get {path}", version.option));
        ask("/moved").exits(0).says("/http/response/status", 302).says("/outcome/status_line", "302 Moved Temporarily");
        let long = ask("/long");
        long.says("/http/response/status", 200).says("/http/response/body_bytes", 64 * 1024);
        long.says("/http/response/body_is_whole", false);
        ask("/missing").says("/http/response/status", 404);
    }
}

#[test]
fn a_sound_wsus_server_has_no_finding_in_the_clear_and_through_tls() {
    needs!("nginx");
    let (exit, report) = check("wsus-server:wsus.test:8530", &in_clear(SOUND), &[]);
    assert_eq!((exit, findings(&report)), (Some(0), vec![]), "{report:#}");
    assert_eq!(report["observations"]["http"].as_array().map(Vec::len), Some(5));

    let identity = Identity::self_signed(Key::Rsa2048, "wsus.test");
    let server = Program::Nginx.serve_with(&Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]), SOUND);
    let trusted = identity.leaf_file().display().to_string();
    let (_, report) = check("wsus-server:wsus.test:8531", &server, &["--trust", &trusted]);
    let held = |id: &str| {
        let all = report["observations"]["expectations"].as_array().into_iter().flatten();
        all.filter(|it| it["id"] == id).all(|it| it["state"] == "held")
    };
    assert!(held("wsus-server-serves-clients") && held("wsus-server-accepts-tls12"), "{report:#}");
    assert!(!findings(&report).iter().any(|id| id.starts_with("http-") || id.starts_with("wsus-")), "{report:#}");
}

#[test]
fn every_status_leads_to_the_update_agents_error_and_to_its_rule() {
    needs!("nginx");
    // All but 408, in place of which nginx closes.
    for (status, code) in [
        (401, "0x80244017"),
        (403, "0x80244018"),
        (404, "0x80244019"),
        (500, "0x8024401F"),
        (502, "0x80244021"),
        (503, "0x80244022"),
        (504, "0x80244023"),
    ] {
        let server = in_clear(&format!("location / {{ return {status}; }}"));
        let (exit, report) = check("wsus-server:wsus.test:8530", &server, &[]);
        let http = &report["observations"]["http"][0];
        assert_eq!((&http["status"], &http["windows_codes"][0]["code"]), (&status.into(), &code.into()), "{report:#}");
        // In the clear a directory may demand TLS, which 403 is then about; the self-update tree may not.
        assert_eq!((exit, findings(&report)), (Some(1), vec![format!("http-status-{status}").as_str()]), "{report:#}");
    }
}

#[test]
fn one_port_of_four_is_enough_where_none_is_named() {
    needs!("nginx");
    let server = in_clear(SOUND);
    let lead =
        |port: u16| format!("wsus.test:{port}:127.0.0.1:{}", if port == 8530 { server.address().port() } else { 1 });
    let mut command = tlsprobe();
    command.args(["check", "wsus-server:wsus.test", "--format", "json"]);
    for port in [80, 443, 8530, 8531] {
        command.args(["--connect-to", &lead(port)]);
    }
    let output = command.output().expect("the binary starts");
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let reports = document["reports"].as_array().expect("reports");
    assert_eq!((output.status.code(), reports.len()), (Some(0), 4), "{document:#}");
    assert_eq!(reports[0]["exchanges"][0]["outcome"]["kind"], "refused");
    assert_eq!(reports[2]["observations"]["http"][0]["status"], 200);
}

/// Settings of nginx and Apache that are those of IIS: Ignore, Accept, Require; and Require for one directory.
#[test]
fn a_demanded_client_certificate_is_told_from_one_that_is_only_accepted() {
    needs!("nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "wsus.test");
    let clients = Identity::self_signed(Key::P256, "clients-authority.test");
    let plain = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    let accepts = format!(
        "ssl_verify_client optional_no_ca;\nssl_client_certificate {};\n{SOUND}",
        clients.leaf_file().display()
    );
    for (server, expected) in [
        (Program::Nginx.serve_with(&plain, SOUND), None),
        (Program::Nginx.serve_with(&plain, &accepts), Some("wsus-client-certificate-asked")),
        (
            Program::Nginx.serve_with(&Settings { client_ca: Some(clients.leaf_file()), ..plain }, SOUND),
            Some("wsus-client-certificate-required"),
        ),
    ] {
        let (_, report) = check("wsus-server:wsus.test:8531", &server, &[]);
        let told: Vec<&str> =
            findings(&report).into_iter().filter(|id| id.starts_with("wsus-client-certificate")).collect();
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{report:#}");
        let symbol = &report["observations"]["http"][0]["windows_codes"][0]["symbol"];
        assert_eq!(*symbol == "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED", expected.is_some(), "{report:#}");
    }
}

#[test]
fn apache_asks_for_a_certificate_for_one_directory_by_a_second_handshake() {
    needs!("apache2");
    let identity = Identity::self_signed(Key::Rsa2048, "wsus.test");
    let clients = Identity::self_signed(Key::P256, "clients-authority.test");
    let server = |verify: &str| {
        let lines = format!(
            "SSLEngine on\nSSLProtocol TLSv1.2\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\n\
             SSLCACertificateFile {}\n<Location /ClientWebService>\nSSLVerifyClient {verify}\nSSLVerifyDepth 1\n</Location>",
            identity.leaf_file().display(),
            identity.key_file().display(),
            clients.leaf_file().display(),
        );
        Server::apache(&lines, &WSUS_FILES.map(|file| (file, "there")))
    };
    let told = |verify: &str| {
        let (_, report) = check("wsus-server:wsus.test:8531", &server(verify), &[]);
        let found = findings(&report).into_iter().filter(|id| id.starts_with("wsus-client")).map(str::to_owned);
        let asked: Vec<Option<bool>> = report["observations"]["http"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|http| http["asked_for_certificate"].as_bool())
            .collect();
        (found.collect::<Vec<_>>(), asked)
    };
    let [yes, no] = [Some(true), Some(false)];
    assert_eq!(told("none"), (vec![], vec![no; 5]));
    let (found, asked) = told("optional");
    assert_eq!((found, asked), (vec!["wsus-client-certificate-asked".to_owned()], vec![no, yes, yes, no, no]));
    let (found, asked) = told("require");
    assert_eq!((found, asked), (vec!["wsus-client-certificate-required".to_owned()], vec![no, yes, yes, no, no]));
}

/// OpenSSL's own web server sends files that hold whole answers: with them it says what a gateway says.
#[test]
fn what_a_gateway_says_leads_to_its_rule_and_a_token_is_never_repeated() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    let gateway = |status: &'static str| {
        Server::start(|port, folder| {
            let files = [
                "CCM_Proxy_MutualAuth/ServiceMetadata",
                "CCM_Proxy_ServerAuth/ServiceMetadata",
                "CCM_Proxy_ServerAuth/72057594037928017/CCM_STS",
                "CCM_Proxy_MutualAuth/72057594037928017/SMS_MP/.sms_aut?SITESIGNCERT",
            ];
            for file in files.map(|file| folder.join(file)) {
                fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is writable");
                fs::write(file, format!("HTTP/1.0 {status}\r\nContent-Length: 0\r\n\r\n")).expect("it is writable");
            }
            let mut command = program::command("openssl");
            command.args(["s_server", "-HTTP", "-accept", &format!("127.0.0.1:{port}"), "-cert"]);
            command.arg(identity.leaf_file()).arg("-key").arg(identity.key_file()).current_dir(folder);
            command
        })
    };
    let token = tempfile::NamedTempFile::new().expect("a file");
    fs::write(token.path(), "eyJhbGciOiJub25lIn0.eyJleHAiOjE2MDE1ODk4MDR9.hunter2").expect("it is writable");
    let token = token.path().display().to_string();
    let trusted = identity.leaf_file().display().to_string();
    for (status, expected) in [
        ("403 CMGConnector_Clientcertificaterequired", "cmg-client-certificate-required"),
        ("403 CMGConnector_Forbidden", "cmg-forbidden"),
        ("401 CMGService_Invalid_Token", "cmg-invalid-token"),
    ] {
        let options = ["--trust", &trusted, "--bearer-file", &token];
        let (exit, report) = check("cmg:cmg.test", &gateway(status), &options);
        assert_eq!(exit, Some(1));
        assert!(findings(&report).contains(&expected), "{status}: {report:#}");
        assert!(!report.to_string().contains("hunter2"));
        assert_eq!(report["observations"]["token"]["expired"], true, "{report:#}");
        assert_eq!(report["observations"]["http"].as_array().map(Vec::len), Some(4));
    }
}

/// nginx before Apache, which answers with the reason phrases of the gateway's own and of IIS, and its sub-status on a page.
#[test]
fn reason_phrases_and_sub_statuses_come_through_nginx_and_apache() {
    needs!("nginx", "apache2");
    let identity = Identity::self_signed(Key::Rsa2048, "web.test");
    let trusted = identity.leaf_file().display().to_string();
    let page = "<h3>HTTP Error 403.7 - Forbidden</h3>";
    for (target, status, page, expected, sub_status) in [
        ("cmg:web.test", "403 CMGConnector_Clientcertificaterequired", "", "cmg-client-certificate-required", None),
        ("cmg:web.test", "403 CMGConnector_Forbidden", "", "cmg-forbidden", None),
        ("wsus-server:web.test:8531", "403 Forbidden", page, "wsus-client-certificate-required", Some("403.7")),
        ("wsus-server:web.test:8531", "503 Service Unavailable", "", "http-status-503", None),
    ] {
        let behind = Server::answering(status, page);
        let pass_on = format!("location / {{ proxy_pass http://{}; }}", behind.address());
        let server = Program::Nginx.serve_with(&Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]), &pass_on);
        let (exit, report) = check(target, &server, &["--trust", &trusted]);
        assert_eq!(exit, Some(1), "{report:#}");
        assert!(findings(&report).contains(&expected), "{status}: {report:#}");
        let http = &report["observations"]["http"][0];
        let (code, reason) = status.split_once(' ').expect("code and reason");
        assert_eq!((http["status"].to_string().as_str(), http["reason"].as_str()), (code, Some(reason)));
        assert_eq!(http["sub_status"].as_str(), sub_status);
    }
}

/// What of a request that is answered goes along with a client certificate: at once, by renegotiation, and behind a
/// handshake of TLS 1.3.
#[test]
fn a_client_certificate_opens_what_is_shut_whenever_it_is_asked_for() {
    needs!("openssl", "nginx", "apache2");
    let identity = Identity::self_signed(Key::Rsa2048, "web.test");
    let client = Identity::client(Key::P256, "client.test");
    let (certificate, key) = (client.leaf_file().display().to_string(), client.key_file().display().to_string());
    let with_certificate = format!("--client-cert {certificate} --client-key {key}");
    let nginx = |version, suites| {
        let settings = Settings { client_ca: Some(client.leaf_file()), ..Settings::new(&identity, version, suites) };
        Program::Nginx.serve_with(&settings, "location / { return 200 verified:$ssl_client_verify; }")
    };
    let apache = |protocol: &str| {
        let lines = format!(
            "SSLEngine on\nSSLProtocol {protocol}\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\nSSLCACertificateFile \
             {certificate}\n<Location />\nSSLVerifyClient require\nSSLVerifyDepth 1\n</Location>",
            identity.leaf_file().display(),
            identity.key_file().display(),
        );
        Server::apache(&lines, &[("page", "verified:SUCCESS")])
    };
    // A server may ask behind a handshake of TLS 1.3 only where the hello allows it.
    for (server, refused, version) in [
        (nginx(TLS12, &[ECDHE_RSA_AES256_GCM]), Some(400), "1.2"),
        (nginx(TLS13, &[AES_256_GCM]), Some(400), "1.3"),
        (apache("TLSv1.2"), None, "1.2"),
        (apache("TLSv1.3"), None, "1.3 --extension post_handshake_auth:"),
    ] {
        let ask = |options: &str| probe(&server, &format!("--sni web.test --get /page --tls {version} {options}"));
        let without = ask("");
        assert_eq!(without.get("/http/response/status").as_u64(), refused, "{version} at {}", server.address());
        let with = ask(&with_certificate);
        with.exits(0).says("/http/response/status", 200).says("/http/response/body_start", "verified:SUCCESS");
    }
    let server = apache("TLSv1.3");
    let unasked = probe(&server, &format!("--sni web.test --get /page --tls 1.3 {with_certificate}"));
    unasked.says("/http/response/status", 403).says("/http/asked_for_certificate", false);
}

#[test]
fn a_gateway_that_demands_a_client_certificate_is_asked_with_one() {
    needs!("openssl", "nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    let client = Identity::client(Key::Rsa2048, "client.test");
    let plain = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    let settings = Settings { client_ca: Some(client.leaf_file()), ..plain };
    let server = Program::Nginx.serve_with(&settings, "location / { return 200 $ssl_client_verify; }");
    let trusted = identity.leaf_file().display().to_string();
    let (certificate, key) = (client.leaf_file().display().to_string(), client.key_file().display().to_string());
    let options = ["--trust", &trusted, "--client-cert", &certificate, "--client-key", &key];
    let (_, without) = check("cmg:cmg.test", &server, &options[..2]);
    let (_, with) = check("cmg:cmg.test", &server, &options);
    let statuses = |report: &Value| {
        let http = report["observations"]["http"].as_array().cloned().unwrap_or_default();
        http.iter().map(|http| http["status"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!((statuses(&without), statuses(&with)), (vec![Some(400); 4], vec![Some(200); 4]), "{with:#}");
    let state = |report: &Value| {
        let all = report["observations"]["expectations"].as_array().cloned().unwrap_or_default();
        all.iter().find(|it| it["id"] == "cmg-service-answers").map(|it| it["state"].clone())
    };
    assert_eq!((state(&without), state(&with)), (Some("broken".into()), Some("held".into())));
}

/// The gateway repeats the token in its page.
#[test]
fn the_bytes_of_a_request_and_its_answer_are_evidence_and_a_token_is_nowhere() {
    needs!("nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    let echo = "location / { return 200 echo:$http_authorization; }";
    let server = Program::Nginx.serve_with(&Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]), echo);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "hunter2.token").expect("it is writable");
    let token = file.path().display().to_string();
    let (_, report) = check("cmg:cmg.test", &server, &["--bearer-file", &token, "--evidence", "bytes"]);
    assert!(!report.to_string().contains("hunter2") && !report.to_string().contains(&hex::encode("hunter2")));
    let exchanges = report["exchanges"].as_array().cloned().unwrap_or_default();
    let told: Vec<(String, String, bool)> = exchanges
        .iter()
        .filter_map(|exchange| {
            let data = exchange["evidence"].get("application_data")?;
            let text = |name: &str| String::from_utf8(hex::decode(data[name].as_str()?).ok()?).ok();
            Some((text("sent")?, text("received")?, data["is_whole"].as_bool()?))
        })
        .collect();
    assert_eq!(told.len(), 4, "{report:#}");
    for (sent, received, is_whole) in &told {
        assert!(
            sent.starts_with("GET /CCM_Proxy_") && received.starts_with("HTTP/1.1 200 OK") && *is_whole,
            "{told:?}"
        );
        assert_eq!(sent.contains("Authorization: Bearer [redacted]"), received.contains("echo:Bearer [redacted]"));
    }
    assert!(told.iter().filter(|(sent, ..)| sent.contains("[redacted]")).count() >= 2, "{told:?}");

    let (_, report) = check("wsus-server:wsus.test:8530", &in_clear(SOUND), &["--evidence", "bytes"]);
    let evidence = &report["exchanges"][0]["evidence"];
    let sent = hex::decode(evidence["sent"].as_str().unwrap_or_default()).expect("hex");
    assert!(sent.starts_with(b"GET /selfupdate/wuident.cab HTTP/1.1\r\nHost: wsus.test:8530\r\n"), "{evidence}");
    assert!(evidence.get("application_data").is_none(), "nothing carried it");
}
