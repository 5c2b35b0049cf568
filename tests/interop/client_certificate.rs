//! Servers that demand a client certificate, as a cloud management gateway does, and ones that ask for none.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::certificates::{Identity, Key, folder};
use crate::probe::{Answer, probe, scan};
use crate::program;
use crate::server::{Program, Server};
use crate::settings::{AES_256_GCM, ECDHE_RSA_AES256_CBC_SHA, ECDHE_RSA_AES256_GCM, Settings, TLS10, TLS12, TLS13};

fn a_demand_for_a_client_certificate_is_reported(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    let clients = Identity::self_signed(Key::P256, "clients-authority.test");
    let plain = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    let asks_for_none = program.serve(&plain);
    let demands_one = program.serve(&Settings { client_ca: Some(clients.leaf_file()), ..plain });

    let answer = probe(&asks_for_none, "--sni cmg.test --tls 1.2");
    answer.accepted(TLS12, ECDHE_RSA_AES256_GCM);
    assert_eq!(answer.observation("/certificate_request/requested"), false);

    let answer = probe(&demands_one, "--sni cmg.test --tls 1.2");
    answer.accepted(TLS12, ECDHE_RSA_AES256_GCM);
    assert_eq!(answer.fingerprints(), identity.fingerprints());
    assert_eq!(answer.observation("/certificate_request/requested"), true);
    assert_eq!(answer.observation("/certificate_request/authorities"), Value::from(["CN=clients-authority.test"]));
}

#[test]
fn openssl_demanding_a_client_certificate_is_reported() {
    a_demand_for_a_client_certificate_is_reported(Program::Openssl);
}

#[test]
fn gnutls_demanding_a_client_certificate_is_reported() {
    a_demand_for_a_client_certificate_is_reported(Program::Gnutls);
}

#[test]
fn nginx_demanding_a_client_certificate_is_reported() {
    a_demand_for_a_client_certificate_is_reported(Program::Nginx);
}

/// What a server does with who we are not, and with who we are, in every form that keys are kept in.
fn a_certificate_is_demanded_and_taken(program: Program, refuses_in_tls: bool) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    for key in [Key::Rsa2048, Key::P256] {
        let client = Identity::self_signed(key, "client.test");
        let files = ClientFiles::new(&client);
        for (version, suite) in [(TLS12, ECDHE_RSA_AES256_GCM), (TLS13, AES_256_GCM), (TLS10, ECDHE_RSA_AES256_CBC_SHA)]
        {
            let suites = [suite];
            let plain = Settings::new(&identity, version, &suites);
            let server = program.serve(&Settings { client_ca: Some(client.leaf_file()), ..plain });
            let options = format!("--sni cmg.test --tls {} --finish", version.option);

            let refused = probe(&server, &options);
            assert_eq!(refused.observation("/certificate_request/requested"), true, "{program:?} {version:?}");
            assert_eq!(refused.get("/certificate_request/certificate_sent"), false, "{program:?} {version:?}");
            let in_tls = refused.observation("/certificate_request/required_in_tls");
            assert_eq!(in_tls, refuses_in_tls, "{program:?} {version:?}");
            // Who goes on in TLS may still refuse in HTTP, where nothing was asked here.
            let required = if refuses_in_tls { Value::Bool(true) } else { Value::Null };
            assert_eq!(refused.observation("/certificate_request/required"), required, "{program:?} {version:?}");
            if refuses_in_tls {
                refused.exits(1).says("/outcome/stage", "handshake").says("/outcome/after_message", "finished");
                let ended = refused.observation("/certificate_request/ended_without_certificate");
                assert_eq!(ended, refused.get("/outcome"), "{program:?} {version:?}");
            }

            for form in files.forms() {
                let taken = probe(&server, &format!("{options} {form}"));
                taken.exits(0).says("/outcome/kind", "completed").says("/certificate_request/certificate_sent", true);
                assert_eq!(taken.observation("/certificate_request/required"), Value::Null, "{form}");
            }
        }
    }
}

/// One key and its certificate, in the files of several programs.
struct ClientFiles {
    folder: TempDir,
    certificate: String,
    key: String,
}

impl ClientFiles {
    fn new(client: &Identity) -> Self {
        let folder = folder();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (certificate, key) = (client.leaf_file().display().to_string(), client.key_file().display().to_string());
        fs::write(path("password"), "secret\n").unwrap();
        fs::write(path("both.pem"), [fs::read(&certificate).unwrap(), fs::read(&key).unwrap()].concat()).unwrap();
        let openssl = |arguments: String| program::run("openssl", arguments.split(' '));
        openssl(format!("pkey -in {key} -traditional -out {}", path("traditional.key")));
        openssl(format!("pkcs8 -topk8 -in {key} -passout pass:secret -out {}", path("encrypted.key")));
        let pkcs12 = format!("pkcs12 -export -in {certificate} -inkey {key} -passout pass:secret");
        openssl(format!("{pkcs12} -out {}", path("today.p12")));
        // What Windows wrote for years, and still does where it is asked to.
        openssl(format!("{pkcs12} -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out {}", path("old.p12")));
        Self { folder, certificate, key }
    }

    /// The options that name each of them.
    fn forms(&self) -> [String; 6] {
        let Self { folder, certificate, key } = self;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let password = format!("--client-key-password-file {}", path("password"));
        [
            format!("--client-cert {certificate} --client-key {key}"),
            format!("--client-cert {certificate} --client-key {}", path("traditional.key")),
            format!("--client-cert {certificate} --client-key {} {password}", path("encrypted.key")),
            format!("--client-cert {}", path("both.pem")),
            format!("--client-cert {} {password}", path("today.p12")),
            format!("--client-cert {} {password}", path("old.p12")),
        ]
    }
}

#[test]
fn openssl_demands_a_certificate_and_takes_it() {
    a_certificate_is_demanded_and_taken(Program::Openssl, true);
}

#[test]
fn gnutls_demands_a_certificate_and_takes_it() {
    a_certificate_is_demanded_and_taken(Program::Gnutls, true);
}

/// nginx completes the handshake, and says by HTTP what it misses.
#[test]
fn nginx_demands_a_certificate_and_takes_it() {
    a_certificate_is_demanded_and_taken(Program::Nginx, false);
}

fn scanned(server: &Server) -> Answer {
    scan(server, "--only client-certificate --sni cmg.test --timeout-finished 1")
}

#[test]
fn the_part_of_scan_tells_when_a_certificate_is_asked_for() {
    needs!("openssl", "nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    let plain = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES256_GCM]);
    let asks_for_none = Program::Nginx.serve(&plain);
    let none = scanned(&asks_for_none);
    assert_eq!(none.observation("/certificate_request/requested"), false);
    assert_eq!(none.observation("/certificate_request/when"), Value::Null);
    assert_eq!(none.observation("/certificate_request/on_resumption"), false);

    // It completes the handshake, and refuses in HTTP.
    let insists_in_http = Program::Nginx.serve(&Settings { client_ca: Some(identity.leaf_file()), ..plain });
    let refused = scanned(&insists_in_http);
    assert_eq!(refused.observation("/certificate_request/required_in_tls"), false);
    assert_eq!(refused.observation("/certificate_request/required"), true);
    assert_eq!(refused.observation("/certificate_request/refused_with_status"), 400);

    let demands = Program::Openssl.serve(&Settings { client_ca: Some(identity.leaf_file()), ..plain });
    let demanded = scanned(&demands);
    assert_eq!(demanded.observation("/certificate_request/when"), "first_handshake");
    assert_eq!(demanded.observation("/certificate_request/required"), true);
    let findings = demanded.report("/findings");
    let rules: Vec<&Value> = findings.as_array().into_iter().flatten().filter_map(|found| found.get("id")).collect();
    assert!(rules.iter().any(|id| *id == "client-certificate-required"), "{findings}");
}

/// Apache asks for a certificate for a part of the site alone: by another handshake up to TLS 1.2, by a request alone in
/// TLS 1.3.
#[test]
fn a_certificate_that_apache_asks_for_late_is_told() {
    needs!("openssl", "apache2");
    let identity = Identity::self_signed(Key::Rsa2048, "cmg.test");
    for (protocol, when) in [("TLSv1.2", "renegotiation"), ("TLSv1.3", "post_handshake")] {
        let server = apache(&identity, protocol);
        let late = scanned(&server);
        assert_eq!(late.observation("/certificate_request/requested"), true, "{protocol}");
        assert_eq!(late.observation("/certificate_request/when"), when);
        assert_eq!(late.observation("/certificate_request/authorities"), Value::from(["CN=cmg.test"]));
    }
}

fn apache(identity: &Identity, protocol: &str) -> Server {
    let (certificate, key) = (identity.leaf_file().display(), identity.key_file());
    let lines = format!(
        "SSLEngine on\nSSLProtocol {protocol}\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile {}\n\
         SSLCACertificateFile {certificate}\n<Location />\nSSLVerifyClient require\nSSLVerifyDepth 1\n</Location>",
        key.display()
    );
    Server::apache(&lines, &[])
}
