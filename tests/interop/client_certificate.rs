//! Servers that demand a client certificate, as a cloud management gateway does, and ones that ask for none.

use serde_json::Value;

use crate::certificates::{Identity, Key};
use crate::probe::probe;
use crate::server::Program;
use crate::settings::{ECDHE_RSA_AES256_GCM, Settings, TLS12};

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
