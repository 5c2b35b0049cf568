//! Servers that have few suites: each of theirs is accepted by itself, the others are refused.

use crate::certificates::{Identity, Key};
use crate::probe::probe;
use crate::server::Program;
use crate::settings::{
    ECDHE_RSA_AES128_CBC_SHA256, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA, ECDHE_RSA_AES256_CBC_SHA384,
    ECDHE_RSA_AES256_GCM, RSA_AES128_CBC_SHA, Settings, Suite, TLS10, TLS12,
};

/// `handshake_failure` (RFC 5246 §7.2.2): no suite in common.
const HANDSHAKE_FAILURE: u8 = 40;

/// All that sws.update.microsoft.com accepts.
const SWS: [Suite; 4] =
    [ECDHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA384, ECDHE_RSA_AES128_CBC_SHA256];

fn accepts_each_of_the_four_sws_suites_and_no_other(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::Rsa2048, "sws.test");
    let server = program.serve(&Settings::new(&identity, TLS12, &SWS));

    for suite in SWS {
        let answer = probe(&server, &format!("--sni sws.test --tls 1.2 --ciphers {}", suite.name));
        answer.accepted(TLS12, suite);
        assert_eq!(answer.fingerprints(), identity.fingerprints());
    }
    for suite in [RSA_AES128_CBC_SHA, ECDHE_RSA_AES256_CBC_SHA] {
        let answer = probe(&server, &format!("--sni sws.test --tls 1.2 --ciphers {}", suite.name));
        answer.refused_by_alert(&[HANDSHAKE_FAILURE]).says("/outcome/name", "handshake_failure");
    }
}

#[test]
fn openssl_accepts_each_of_the_four_sws_suites_and_no_other() {
    accepts_each_of_the_four_sws_suites_and_no_other(Program::Openssl);
}

#[test]
fn gnutls_accepts_each_of_the_four_sws_suites_and_no_other() {
    accepts_each_of_the_four_sws_suites_and_no_other(Program::Gnutls);
}

#[test]
fn nginx_accepts_each_of_the_four_sws_suites_and_no_other() {
    accepts_each_of_the_four_sws_suites_and_no_other(Program::Nginx);
}

#[test]
fn suites_are_offered_in_the_order_given_under_any_of_their_names() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let both = [ECDHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM];
    let server = Program::Openssl.serve(&Settings::new(&identity, TLS12, &both));

    // The server prefers its own first, so only an offer without that one gets the second.
    for (ciphers, chosen) in [
        ("ECDHE-RSA-AES128-GCM-SHA256,ECDHE-RSA-AES256-GCM-SHA384", ECDHE_RSA_AES256_GCM),
        ("0x002F,0xC02F", ECDHE_RSA_AES128_GCM),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256_P256", ECDHE_RSA_AES128_GCM),
    ] {
        probe(&server, &format!("--sni name.test --tls 1.2 --ciphers {ciphers}")).accepted(TLS12, chosen);
    }
}

#[test]
fn a_suite_with_rsa_key_exchange_is_accepted_without_a_group() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let server = Program::Openssl.serve(&Settings::new(&identity, TLS10, &[RSA_AES128_CBC_SHA]));

    let answer = probe(&server, "--sni name.test --tls 1.0");

    answer.accepted(TLS10, RSA_AES128_CBC_SHA).says("/server/key_exchange/group", serde_json::Value::Null);
    assert_eq!(answer.fingerprints(), identity.fingerprints());
}
