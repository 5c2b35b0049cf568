//! The group or prime that a server chose, and the retry it asks for when it got no share of its group.

use crate::certificates::{self, Identity, Key};
use crate::probe::probe;
use crate::server::Program;
use crate::settings::{
    AES_256_GCM, DHE_RSA_AES256_GCM, ECDHE_ECDSA_AES256_GCM, SECP384R1, Settings, TLS12, TLS13, X25519,
};

fn reports_the_group_of_ecdhe(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::P256, "name.test");
    let settings = Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]);
    let secp384r1 = program.serve(&Settings { group: SECP384R1, ..settings });
    let x25519 = program.serve(&Settings { group: X25519, ..settings });

    probe(&secp384r1, "--sni name.test --tls 1.2 --groups x25519,secp256r1,secp384r1")
        .accepted(TLS12, ECDHE_ECDSA_AES256_GCM)
        .says("/server/key_exchange/kind", "ecdhe")
        .says("/server/key_exchange/group", "secp384r1")
        .says("/server/key_exchange/bits", 384);
    probe(&x25519, "--sni name.test --tls 1.2 --groups secp384r1,secp256r1,x25519")
        .accepted(TLS12, ECDHE_ECDSA_AES256_GCM)
        .says("/server/key_exchange/kind", "ecdhe")
        .says("/server/key_exchange/group", "x25519");
}

#[test]
fn openssl_chooses_its_only_group_for_ecdhe() {
    reports_the_group_of_ecdhe(Program::Openssl);
}

#[test]
fn gnutls_chooses_its_only_group_for_ecdhe() {
    reports_the_group_of_ecdhe(Program::Gnutls);
}

#[test]
fn nginx_chooses_its_only_group_for_ecdhe() {
    reports_the_group_of_ecdhe(Program::Nginx);
}

fn reports_the_size_of_the_prime(program: Program, prime: &str, bits: u32) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let folder = certificates::folder();
    let parameters = certificates::dh_parameters(folder.path(), prime);
    let settings = Settings::new(&identity, TLS12, &[DHE_RSA_AES256_GCM]);
    let server = program.serve(&Settings { dh_parameters: Some(&parameters), ..settings });

    probe(&server, "--sni name.test --tls 1.2 --ciphers DHE-RSA-AES256-GCM-SHA384")
        .accepted(TLS12, DHE_RSA_AES256_GCM)
        .says("/server/key_exchange/kind", "dhe")
        .says("/server/key_exchange/bits", bits);
}

#[test]
fn openssl_sends_a_prime_of_2048_bits() {
    reports_the_size_of_the_prime(Program::Openssl, "ffdhe2048", 2048);
}

#[test]
fn gnutls_sends_a_prime_of_2048_bits() {
    reports_the_size_of_the_prime(Program::Gnutls, "ffdhe2048", 2048);
}

#[test]
fn nginx_sends_a_prime_of_3072_bits() {
    reports_the_size_of_the_prime(Program::Nginx, "ffdhe3072", 3072);
}

/// RFC 8446 §4.1.4: the client has the server's group, but sent its share for the one it named first.
fn asks_for_a_share_of_its_group(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::P256, "name.test");
    let settings = Settings::new(&identity, TLS13, &[AES_256_GCM]);
    let server = program.serve(&Settings { group: SECP384R1, ..settings });

    probe(&server, "--sni name.test --tls 1.3 --groups x25519,secp384r1")
        .exits(0)
        .says("/outcome/stage", "hello")
        .says("/outcome/kind", "hello_retry_request")
        .says("/server/version", TLS13.name)
        .says("/server/cipher_suite/code", AES_256_GCM.code)
        .says("/server/key_exchange/group", "secp384r1");
    probe(&server, "--sni name.test --tls 1.3 --groups secp384r1,x25519")
        .accepted(TLS13, AES_256_GCM)
        .says("/server/key_exchange/group", "secp384r1");
}

#[test]
fn openssl_asks_for_a_share_of_its_group_by_hello_retry_request() {
    asks_for_a_share_of_its_group(Program::Openssl);
}

#[test]
fn gnutls_asks_for_a_share_of_its_group_by_hello_retry_request() {
    asks_for_a_share_of_its_group(Program::Gnutls);
}

#[test]
fn nginx_asks_for_a_share_of_its_group_by_hello_retry_request() {
    asks_for_a_share_of_its_group(Program::Nginx);
}
