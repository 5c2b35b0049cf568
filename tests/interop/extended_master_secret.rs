//! The extended master secret (RFC 7627): echoed when offered to a server that has it, and only then.

use crate::certificates::{Identity, Key};
use crate::probe::probe;
use crate::server::Program;
use crate::settings::{ECDHE_ECDSA_AES256_GCM, Settings, TLS12};

fn extended_master_secret_is_echoed_only_when_offered(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::P256, "name.test");
    let server = program.serve(&Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]));

    for (option, echoed) in [("on", true), ("off", false)] {
        probe(&server, &format!("--sni name.test --tls 1.2 --ems {option}"))
            .accepted(TLS12, ECDHE_ECDSA_AES256_GCM)
            .says("/server/extended_master_secret", echoed);
    }
}

#[test]
fn openssl_echoes_extended_master_secret_only_when_offered() {
    extended_master_secret_is_echoed_only_when_offered(Program::Openssl);
}

#[test]
fn gnutls_echoes_extended_master_secret_only_when_offered() {
    extended_master_secret_is_echoed_only_when_offered(Program::Gnutls);
}

#[test]
fn nginx_echoes_extended_master_secret_only_when_offered() {
    extended_master_secret_is_echoed_only_when_offered(Program::Nginx);
}

#[test]
fn a_server_without_extended_master_secret_does_not_echo_it() {
    needs!("openssl", "gnutls-serv");
    let identity = Identity::self_signed(Key::P256, "name.test");
    let settings = Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]);
    // OpenSSL's -no_ems is younger than the OpenSSL of many distributions; GnuTLS has had this for long.
    let server = Program::Gnutls.serve_with(&settings, ":%NO_SESSION_HASH");

    probe(&server, "--sni name.test --tls 1.2 --ems on")
        .accepted(TLS12, ECDHE_ECDSA_AES256_GCM)
        .says("/server/extended_master_secret", false);
}
