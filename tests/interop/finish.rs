//! Handshakes finished with real servers: each version, key exchange and kind of record protection, and every ending.

use crate::certificates::{Identity, Key};
use crate::probe::probe;
use crate::server::{Program, Server};
use crate::settings::{AES_256_GCM, ECDHE_RSA_AES256_GCM, Settings, TLS12, TLS13};

/// What OpenSSL is asked for, and the options that ask for it.
const FINISHED: &[&str] = &[
    "--tls 1.0 --ciphers AES128-SHA",
    "--tls 1.0 --ciphers DHE-RSA-AES256-SHA --ems off",
    "--tls 1.0 --ciphers ECDHE-RSA-AES128-SHA --groups secp384r1",
    "--tls 1.1 --ciphers AES256-SHA --extension encrypt_then_mac:",
    "--tls 1.1 --ciphers DHE-RSA-AES128-SHA",
    "--tls 1.1 --ciphers ECDHE-RSA-AES256-SHA --groups secp521r1",
    "--tls 1.2 --ciphers AES128-SHA",
    "--tls 1.2 --ciphers AES256-SHA256 --extension encrypt_then_mac:",
    "--tls 1.2 --ciphers AES128-GCM-SHA256 --ems off",
    "--tls 1.2 --ciphers AES256-CCM",
    "--tls 1.2 --ciphers DHE-RSA-AES128-CCM8",
    "--tls 1.2 --ciphers DHE-RSA-AES256-GCM-SHA384",
    "--tls 1.2 --ciphers DHE-RSA-CHACHA20-POLY1305",
    "--tls 1.2 --ciphers ECDHE-RSA-AES256-SHA384 --groups secp256r1",
    "--tls 1.2 --ciphers ECDHE-RSA-AES128-SHA256 --extension encrypt_then_mac:",
    "--tls 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256",
    "--tls 1.2 --ciphers ECDHE-RSA-CHACHA20-POLY1305",
    "--tls 1.3 --ciphers TLS_AES_128_GCM_SHA256",
    "--tls 1.3 --ciphers TLS_AES_256_GCM_SHA384 --groups secp521r1",
    "--tls 1.3 --ciphers TLS_CHACHA20_POLY1305_SHA256 --groups secp256r1",
    "--tls 1.3 --key-shares none",
    "--tls 1.3 --groups x25519,secp384r1 --key-shares secp384r1 --grease",
    "--profile chrome",
    "--profile win2022",
    "--profile win2016",
];

#[test]
fn openssl_finishes_every_version_key_exchange_and_protection() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "finish.test");
    let server = Server::start(|port, _| {
        let mut command = crate::program::command("openssl");
        command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
        command.args(["-cipher", "ALL:@SECLEVEL=0", "-cert"]).arg(identity.leaf_file());
        command.arg("-key").arg(identity.key_file());
        command
    });
    for options in FINISHED {
        let answer = probe(&server, &format!("--finish --sni finish.test {options}"));
        println!("{options}: {} {}", answer.get("/server/version"), answer.get("/server/cipher_suite/name"));
        answer.exits(0).says("/outcome/stage", "handshake").says("/outcome/kind", "completed");
        assert_ne!(answer.get("/server/signature"), "invalid");
        assert_eq!(answer.fingerprints(), identity.fingerprints());
        assert!(answer.get("/timing_ms/handshake").as_f64().is_some_and(|time| time > 0.0));
    }
}

#[test]
fn gnutls_and_nginx_finish_too() {
    for program in [Program::Gnutls, Program::Nginx] {
        needs!("openssl", program.command());
        let identity = Identity::self_signed(Key::P256, "finish.test");
        let suite = crate::settings::ECDHE_ECDSA_AES256_GCM;
        for (version, suite) in [(TLS12, suite), (TLS13, AES_256_GCM)] {
            let server = program.serve(&Settings::new(&identity, version, &[suite]));
            let answer = probe(&server, &format!("--finish --sni finish.test --tls {}", version.option));
            answer.exits(0).says("/outcome/kind", "completed").says("/server/version", version.name);
            answer.says("/server/signature", "valid").says("/server/cipher_suite/code", suite.code);
        }
    }
}

/// A certificate is demanded and none sent: up to TLS 1.2 the answer to our flight says so, in TLS 1.3 what comes after.
#[test]
fn a_client_certificate_that_is_missing_ends_the_handshake_after_our_finished() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "finish.test");
    let clients = Identity::self_signed(Key::P256, "clients-authority.test");
    for (version, suite, code) in [(TLS12, ECDHE_RSA_AES256_GCM, 40), (TLS13, AES_256_GCM, 116)] {
        let suites = [suite];
        let settings = Settings { client_ca: Some(clients.leaf_file()), ..Settings::new(&identity, version, &suites) };
        let server = Program::Openssl.serve(&settings);
        let options = format!("--finish --sni finish.test --tls {}", version.option);
        let answer = probe(&server, &options);
        answer.exits(1).says("/outcome/stage", "handshake").says("/outcome/kind", "alert");
        answer.says("/outcome/code", code).says("/outcome/after_message", "finished");
        assert_eq!(answer.observation("/certificate_request/requested"), true, "{options}");
    }
}

#[test]
fn the_key_log_has_the_secrets_of_a_connection() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "finish.test");
    let folder = crate::certificates::folder();
    for (version, suite, labels) in [
        (TLS12, ECDHE_RSA_AES256_GCM, vec!["CLIENT_RANDOM"]),
        (
            TLS13,
            AES_256_GCM,
            vec![
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "CLIENT_TRAFFIC_SECRET_0",
                "SERVER_TRAFFIC_SECRET_0",
                "EXPORTER_SECRET",
            ],
        ),
    ] {
        let file = folder.path().join(version.name);
        let server = Program::Openssl.serve(&Settings::new(&identity, version, &[suite]));
        probe(&server, &format!("--finish --tls {} --keylog {}", version.option, file.display())).exits(0);
        let lines = std::fs::read_to_string(file).expect("the key log was written");
        let found: Vec<&str> = lines.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(found, labels);
        assert!(lines.lines().all(|line| line.split(' ').count() == 3));
    }
}
