//! Handshakes completed by hand with real servers, for which `scan` has to find nothing: keys, resumption, leading zeros,
//! renegotiation.

use serde_json::Value;

use crate::certificates::{self, Identity, Key};
use crate::probe::{Answer, scan};
use crate::server::Program;
use crate::settings::{
    AES_256_GCM, DHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA, RSA_AES128_CBC_SHA, Settings,
    TLS10, TLS12, TLS13,
};

/// nginx keeps sessions by id only where it is told to.
fn own(program: Program) -> &'static str {
    if program == Program::Nginx { "ssl_session_cache shared:test:1m;" } else { "" }
}

/// Nothing is found of a sound server, and every cell of the matrix follows RFC 7627.
#[track_caller]
fn is_sound(answer: &Answer, cells: usize) {
    answer.exits(0);
    assert_eq!(answer.report("/findings"), Value::Array(Vec::new()));
    assert_eq!(answer.observation("/extended_master_secret/echoed"), true);
    assert_eq!(answer.observation("/extended_master_secret/derivation"), "as_agreed");
    let matrix = answer.observation("/extended_master_secret/resumption");
    let matrix = matrix.as_array().cloned().unwrap_or_default();
    assert_eq!(matrix.len(), cells, "{matrix:#?}");
    for cell in matrix {
        assert_eq!(cell.get("rfc7627"), Some(&Value::from("follows")), "{cell:#}");
    }
}

fn is_sound_in_tls12(program: Program) {
    needs!("openssl", program.command());
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let folder = certificates::folder();
    let parameters = certificates::dh_parameters(folder.path(), "ffdhe2048");
    let suites = [ECDHE_RSA_AES128_GCM, DHE_RSA_AES256_GCM, RSA_AES128_CBC_SHA];
    let settings = Settings { dh_parameters: Some(&parameters), ..Settings::new(&identity, TLS12, &suites) };
    let server = program.serve_with(&settings, own(program));
    // Whatever completes handshakes: the other parts have tests of their own.
    let only = "--only versions,ems,resumption,leading-zero,client-certificate,renegotiation";
    let answer = scan(&server, &format!("{only} --sni name.test --parallel 8 --timeout-finished 0.3"));

    is_sound(&answer, 8);
    assert_eq!(answer.observation("/extended_master_secret/handshakes").as_array().map(Vec::len), Some(6));
    for way in ["session_id", "ticket"] {
        assert_eq!(answer.observation(&format!("/resumption/{way}/resumed")), 10, "{way}");
        assert_eq!(answer.observation(&format!("/resumption/{way}/of")), 10, "{way}");
    }
    assert_eq!(answer.observation("/leading_zero/dhe"), "ok");
    assert_eq!(answer.observation("/leading_zero/ecdhe"), "ok");
    assert_eq!(answer.observation("/leading_zero/group"), "ffdhe2048");
    assert_eq!(answer.observation("/renegotiation/secure"), true);
}

#[test]
fn openssl_is_sound_in_tls12() {
    is_sound_in_tls12(Program::Openssl);
}

#[test]
fn nginx_is_sound_in_tls12() {
    is_sound_in_tls12(Program::Nginx);
}

#[test]
fn gnutls_is_sound_in_tls12() {
    is_sound_in_tls12(Program::Gnutls);
}

#[test]
fn openssl_is_sound_in_tls10() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let settings = Settings::new(&identity, TLS10, &[ECDHE_RSA_AES256_CBC_SHA, RSA_AES128_CBC_SHA]);
    let server = Program::Openssl.serve(&settings);
    is_sound(&scan(&server, "--only ems --sni name.test --parallel 8 --timeout-finished 0.3"), 8);
}

#[test]
fn a_ticket_of_tls13_is_resumed_each_time_with_a_fresh_key_exchange() {
    for program in [Program::Openssl, Program::Gnutls, Program::Nginx] {
        needs!("openssl", program.command());
        let identity = Identity::self_signed(Key::Rsa2048, "name.test");
        let server = program.serve_with(&Settings::new(&identity, TLS13, &[AES_256_GCM]), own(program));
        let answer = scan(&server, "--only resumption,ems --sni name.test --timeout-finished 0.3");
        answer.exits(0);
        assert_eq!(answer.observation("/resumption/psk/resumed"), 10, "{program:?}");
        assert_eq!(answer.observation("/resumption/session_id/given"), Value::Null, "{program:?}");
        assert_eq!(answer.observation("/extended_master_secret/handshakes"), Value::Array(Vec::new()), "{program:?}");
    }
}

#[test]
fn a_server_without_extended_master_secret_is_bound_by_nothing_and_warned_of() {
    needs!("openssl", "gnutls-serv");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let settings = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES128_GCM]);
    let server = Program::Gnutls.serve_with(&settings, ":%NO_SESSION_HASH");
    let answer = scan(&server, "--only ems --sni name.test --timeout-finished 0.3");
    answer.exits(1);
    assert_eq!(answer.observation("/extended_master_secret/echoed"), false);
    assert_eq!(answer.report("/findings/0/id"), "extended-master-secret-not-echoed");
    assert_eq!(answer.report("/findings/1"), Value::Null);
}

/// The accepted suites of a version, by code, in the order of the report.
fn suites(answer: &Answer, version: &str) -> Vec<String> {
    let accepted = answer.observation(&format!("/cipher_suites/{version}/accepted"));
    let code = |suite: &Value| suite.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    accepted.as_array().into_iter().flatten().map(code).collect()
}

#[test]
fn exactly_the_suites_of_a_server_are_found_in_its_own_order() {
    // GnuTLS is told of key exchanges and ciphers apart, and has all that can be made of them.
    for program in [Program::Openssl, Program::Nginx] {
        needs!("openssl", program.command());
        let identity = Identity::self_signed(Key::Rsa2048, "name.test");
        let own = [RSA_AES128_CBC_SHA, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA];
        let server = program.serve(&Settings::new(&identity, TLS12, &own));
        let answer = scan(&server, "--only versions,order --sni name.test");
        answer.exits(0);
        let expected: std::collections::BTreeSet<String> = own.iter().map(|suite| suite.code.to_owned()).collect();
        let found = suites(&answer, "TLS1.2");
        assert_eq!(found.iter().cloned().collect::<std::collections::BTreeSet<_>>(), expected, "{program:?}");
        if program == Program::Openssl {
            assert_eq!(found, own.map(|suite| suite.code.to_owned()), "the order it was given");
            assert_eq!(answer.observation("/cipher_suites/TLS1.2/order"), "server");
            assert_eq!(answer.observation("/cipher_suites/TLS1.2/order_is_whole"), true);
        }
        for version in ["SSL2", "SSL3", "TLS1.0", "TLS1.1", "TLS1.3"] {
            assert_eq!(answer.observation(&format!("/versions/{version}")), "refused", "{program:?} {version}");
        }
        assert!(answer.report("/connections").as_u64().unwrap_or(u64::MAX) < 40, "{program:?}");
    }
}
