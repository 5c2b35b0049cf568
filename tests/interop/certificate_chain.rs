//! Chains of three certificates: what the report says of each is what `openssl x509` says of its file.

use serde_json::Value;

use crate::certificates::{Identity, Key, field, fingerprint, spki_sha256};
use crate::probe::probe;
use crate::server::Program;
use crate::settings::{ECDHE_ECDSA_AES256_GCM, ECDHE_RSA_AES256_GCM, Settings, TLS12};

fn reports_a_chain_of_three_in_order(program: Program, key: Key) {
    needs!("openssl", program.command());
    let identity = Identity::chain_of_three(key, "chain.test");
    let (suite, algorithm, bits) = match key {
        Key::Rsa2048 => (ECDHE_RSA_AES256_GCM, "rsa", 2048),
        Key::P256 => (ECDHE_ECDSA_AES256_GCM, "ec", 256),
    };
    let server = program.serve(&Settings::new(&identity, TLS12, &[suite]));

    let answer = probe(&server, "--sni chain.test --tls 1.2");

    answer.accepted(TLS12, suite).says("/certificates_state", "read");
    assert_eq!(answer.fingerprints(), identity.fingerprints());
    for (place, file) in identity.certificate_files().iter().enumerate() {
        let text = |member: &str| match answer.get(&format!("/certificates/{place}/{member}")) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        assert_eq!(text("subject"), field(file, &["-subject", "-nameopt", "RFC2253"]));
        assert_eq!(text("issuer"), field(file, &["-issuer", "-nameopt", "RFC2253"]));
        assert_eq!(hexadecimal(&text("serial")), hexadecimal(&field(file, &["-serial"])));
        assert_eq!(text("not_before"), date(file, "-startdate"));
        assert_eq!(text("not_after"), date(file, "-enddate"));
        assert_eq!(text("sha1"), fingerprint(file, "-sha1"));
        assert_eq!(text("spki_sha256"), spki_sha256(file));
        assert!(text("public_key/algorithm").to_lowercase().contains(algorithm), "{}", text("public_key"));
        assert_eq!(text("public_key/bits"), bits.to_string());
    }
    let names = answer.get("/certificates/0/subject_alt_names").to_string();
    assert!(names.contains("chain.test") && names.contains("www.chain.test"), "{names}");
}

/// A serial number without its writer's habits: colons, case, leading zeros.
fn hexadecimal(serial: &str) -> String {
    serial.replace(':', "").to_lowercase().trim_start_matches('0').to_owned()
}

/// A date of the certificate as RFC 3339 writes it.
fn date(file: &std::path::Path, which: &str) -> String {
    field(file, &[which, "-dateopt", "iso_8601"]).replace(' ', "T")
}

#[test]
fn openssl_sends_a_chain_of_three_rsa_certificates_in_order() {
    reports_a_chain_of_three_in_order(Program::Openssl, Key::Rsa2048);
}

#[test]
fn gnutls_sends_a_chain_of_three_rsa_certificates_in_order() {
    reports_a_chain_of_three_in_order(Program::Gnutls, Key::Rsa2048);
}

#[test]
fn nginx_sends_a_chain_of_three_ecdsa_certificates_in_order() {
    reports_a_chain_of_three_in_order(Program::Nginx, Key::P256);
}
