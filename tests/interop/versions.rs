//! Every version with either kind of certificate, on every server; and a version that a server does not have.

use crate::certificates::{Identity, Key};
use crate::probe::{Answer, probe};
use crate::server::Program;
use crate::settings::{
    AES_256_GCM, ECDHE_ECDSA_AES256_CBC_SHA, ECDHE_ECDSA_AES256_GCM, ECDHE_RSA_AES256_CBC_SHA, ECDHE_RSA_AES256_GCM,
    SECP256R1, Settings, Suite, TLS10, TLS11, TLS12, TLS13, Version,
};

/// The suite that the servers of this module have for a version and a kind of key.
fn suite(version: Version, key: Key) -> Suite {
    match (version, key) {
        (TLS13, _) => AES_256_GCM,
        (TLS12, Key::Rsa2048) => ECDHE_RSA_AES256_GCM,
        (TLS12, Key::P256) => ECDHE_ECDSA_AES256_GCM,
        (_, Key::Rsa2048) => ECDHE_RSA_AES256_CBC_SHA,
        (_, Key::P256) => ECDHE_ECDSA_AES256_CBC_SHA,
    }
}

/// Asks a server with one version, one suite, one group and one certificate, and finds all of them in the report.
fn reports_what_was_configured(program: Program, version: Version, key: Key) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(key, "name.test");
    let suite = suite(version, key);
    let server = program.serve(&Settings::new(&identity, version, &[suite]));

    let answer = probe(&server, &format!("--sni name.test --tls {}", version.option));

    answer.accepted(version, suite).says("/server/key_exchange/kind", "ecdhe");
    // Encrypted or not, and without a byte of ours behind the hello.
    answer.says("/certificates_state", "read");
    assert_eq!(answer.fingerprints(), identity.fingerprints());
    if version == TLS13 {
        answer.says("/server/key_exchange/group", "x25519");
    } else {
        answer
            .says("/server/key_exchange/group", SECP256R1.name)
            .says("/server/key_exchange/bits", 256)
            .says("/server/extended_master_secret", true);
    }
}

macro_rules! matrix {
    ($($test:ident: $program:ident $version:ident $key:ident;)+) => {
        $(#[test]
        fn $test() {
            reports_what_was_configured(Program::$program, $version, Key::$key);
        })+
    };
}

matrix! {
    openssl_answers_tls10_with_an_rsa_certificate: Openssl TLS10 Rsa2048;
    openssl_answers_tls10_with_an_ecdsa_certificate: Openssl TLS10 P256;
    openssl_answers_tls11_with_an_rsa_certificate: Openssl TLS11 Rsa2048;
    openssl_answers_tls11_with_an_ecdsa_certificate: Openssl TLS11 P256;
    openssl_answers_tls12_with_an_rsa_certificate: Openssl TLS12 Rsa2048;
    openssl_answers_tls12_with_an_ecdsa_certificate: Openssl TLS12 P256;
    openssl_answers_tls13_with_an_rsa_certificate: Openssl TLS13 Rsa2048;
    openssl_answers_tls13_with_an_ecdsa_certificate: Openssl TLS13 P256;

    gnutls_answers_tls10_with_an_rsa_certificate: Gnutls TLS10 Rsa2048;
    gnutls_answers_tls10_with_an_ecdsa_certificate: Gnutls TLS10 P256;
    gnutls_answers_tls11_with_an_rsa_certificate: Gnutls TLS11 Rsa2048;
    gnutls_answers_tls11_with_an_ecdsa_certificate: Gnutls TLS11 P256;
    gnutls_answers_tls12_with_an_rsa_certificate: Gnutls TLS12 Rsa2048;
    gnutls_answers_tls12_with_an_ecdsa_certificate: Gnutls TLS12 P256;
    gnutls_answers_tls13_with_an_rsa_certificate: Gnutls TLS13 Rsa2048;
    gnutls_answers_tls13_with_an_ecdsa_certificate: Gnutls TLS13 P256;

    nginx_answers_tls10_with_an_rsa_certificate: Nginx TLS10 Rsa2048;
    nginx_answers_tls10_with_an_ecdsa_certificate: Nginx TLS10 P256;
    nginx_answers_tls11_with_an_rsa_certificate: Nginx TLS11 Rsa2048;
    nginx_answers_tls11_with_an_ecdsa_certificate: Nginx TLS11 P256;
    nginx_answers_tls12_with_an_rsa_certificate: Nginx TLS12 Rsa2048;
    nginx_answers_tls12_with_an_ecdsa_certificate: Nginx TLS12 P256;
    nginx_answers_tls13_with_an_rsa_certificate: Nginx TLS13 Rsa2048;
    nginx_answers_tls13_with_an_ecdsa_certificate: Nginx TLS13 P256;
}

/// Below and above what a server has: `protocol_version` (RFC 5246 §E.1, RFC 8446 §4.2.1), or `handshake_failure` where
/// an implementation looks at the suites first.
fn refuses_the_versions_it_does_not_have(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::P256, "name.test");
    let only_tls12 = program.serve(&Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]));
    let only_tls13 = program.serve(&Settings::new(&identity, TLS13, &[AES_256_GCM]));

    for (server, option) in [(&only_tls12, "1.0"), (&only_tls12, "1.1"), (&only_tls13, "1.0"), (&only_tls13, "1.2")] {
        let answer = probe(server, &format!("--sni name.test --tls {option}"));
        answer.refused_by_alert(&[70, 40]).says("/certificates_state", "not_sent");
        assert_eq!(answer.fingerprints(), [""; 0]);
    }
}

#[test]
fn openssl_refuses_the_versions_it_does_not_have_with_an_alert() {
    refuses_the_versions_it_does_not_have(Program::Openssl);
}

#[test]
fn gnutls_refuses_the_versions_it_does_not_have_with_an_alert() {
    refuses_the_versions_it_does_not_have(Program::Gnutls);
}

#[test]
fn nginx_refuses_the_versions_it_does_not_have_with_an_alert() {
    refuses_the_versions_it_does_not_have(Program::Nginx);
}

/// Asks a server that has TLS 1.2 alone for TLS 1.3 alone, with suites of both.
fn asked_for_tls13_alone(program: Program) -> Answer {
    let identity = Identity::self_signed(Key::P256, "name.test");
    let server = program.serve(&Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]));
    probe(&server, "--sni name.test --tls 1.3 --ciphers TLS_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
}

#[test]
fn a_tls12_server_that_reads_supported_versions_refuses_tls13_alone() {
    needs!("openssl", "nginx");
    asked_for_tls13_alone(Program::Openssl).refused_by_alert(&[70]);
    asked_for_tls13_alone(Program::Nginx).refused_by_alert(&[70]);
}

/// To a server without TLS 1.3, `supported_versions` is one more unknown extension, and `legacy_version` says 1.2
/// (RFC 8446 §4.1.2): a ServerHello is not yet a yes to the version asked for.
#[test]
fn a_tls12_server_that_ignores_supported_versions_is_reported_with_tls12() {
    needs!("openssl", "gnutls-serv");
    asked_for_tls13_alone(Program::Gnutls).accepted(TLS12, ECDHE_ECDSA_AES256_GCM);
}
