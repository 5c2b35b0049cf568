//! The lab's servers, held against clients that are none of ours: OpenSSL and GnuTLS complete handshakes with the sound
//! ones, and see the faults of the others as they are.

#![expect(clippy::panic, reason = "so a test fails, and says why")]

#[path = "../interop/program.rs"]
#[macro_use]
mod program;
mod client;

use client::{Client, RunningLab};

const OK: &str = "HTTP/1.1 200 OK";

// What OpenSSL says.
const RESUMED: &str = "Reused, TLSv1.2";
const FULL: &str = "New, TLSv1.2";
const RESUMED_AGAINST_THE_RFC: &str = "inconsistent extms";
const HANDSHAKE_FAILURE: &str = "alert handshake failure";
const BAD_RECORD_MAC: &str = "alert bad record mac";
const ASKED: &str = "Acceptable client certificate CA names";

#[test]
fn openssl_completes_every_version_suite_and_group() {
    needs!("openssl");
    let lab = RunningLab::start();
    let old = ["-cipher", "ALL:@SECLEVEL=0"];
    for version in ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"] {
        lab.openssl("every-version", &[&[version], &old[..]].concat()).assert_has(OK);
    }
    for suite in [
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES256-CCM",
        "DHE-RSA-AES128-CCM8",
        "AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA256",
        "DHE-RSA-AES256-SHA256",
        "DHE-RSA-AES128-SHA",
        "AES256-SHA256",
        "AES128-SHA",
    ] {
        let seen = lab.openssl("every-version", &["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")]);
        seen.assert_has(OK);
        seen.assert_has(&format!("Cipher is {suite}"));
    }
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"] {
        lab.openssl("every-version", &["-tls1_3", "-ciphersuites", suite]).assert_has(OK);
    }
    for group in ["X25519", "P-256", "P-384", "P-521"] {
        for version in ["-tls1_2", "-tls1_3"] {
            lab.openssl("every-version", &[version, "-groups", group]).assert_has(OK);
        }
    }
    lab.openssl("hello-retry", &["-tls1_3", "-groups", "P-256:P-384"]).assert_has(OK);
    for prime in ["dhe", "dhe-1024"] {
        lab.openssl(prime, &["-tls1_2", "-cipher", "DHE:@SECLEVEL=0"]).assert_has(OK);
    }
}

#[test]
fn gnutls_completes_every_version_3des_and_encrypt_then_mac() {
    needs!("gnutls-cli");
    let lab = RunningLab::start();
    for priority in [
        "NORMAL:-VERS-ALL:+VERS-TLS1.3",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2",
        "NORMAL:-VERS-ALL:+VERS-TLS1.1",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:%NO_ETM",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+3DES-CBC:-KX-ALL:+RSA",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+3DES-CBC:-KX-ALL:+RSA:%NO_ETM",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC:-KX-ALL:+DHE-RSA",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH",
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM-8:+AES-128-CCM",
    ] {
        lab.gnutls("every-version", priority).assert_has(OK);
    }
}

/// What a client with that session sees: first with and without `extended_master_secret`, then with and without it.
const CELLS: [(Client, Client); 4] = [
    (Client::WithEms, Client::WithEms),
    (Client::WithEms, Client::WithoutEms),
    (Client::WithoutEms, Client::WithEms),
    (Client::WithoutEms, Client::WithoutEms),
];

#[test]
fn sessions_are_resumed_in_each_cell_as_the_endpoint_says() {
    needs!("openssl");
    let lab = RunningLab::start();
    for (endpoint, cells) in [
        ("every-version", [RESUMED, HANDSHAKE_FAILURE, FULL, RESUMED]),
        ("resumes-without-ems", [RESUMED, RESUMED_AGAINST_THE_RFC, FULL, RESUMED]),
        ("resumes-into-ems", [RESUMED, HANDSHAKE_FAILURE, RESUMED_AGAINST_THE_RFC, RESUMED]),
        ("full-instead-of-ems", [RESUMED, FULL, FULL, RESUMED]),
        ("alerts-on-ems-resumption", [HANDSHAKE_FAILURE, HANDSHAKE_FAILURE, FULL, RESUMED]),
        ("resets-into-ems", [RESUMED, HANDSHAKE_FAILURE, "errno=104", RESUMED]),
        ("closes-on-resumption", [RESUMED, HANDSHAKE_FAILURE, FULL, "unexpected eof"]),
    ] {
        for ((first, second), expected) in CELLS.into_iter().zip(cells) {
            for how in [&["-tls1_2"][..], &["-tls1_2", "-no_ticket"]] {
                let seen = lab.openssl_twice(endpoint, first, second, how);
                assert!(seen.0.contains(expected), "{endpoint} {first:?} {second:?} {how:?}: {}", seen.0);
            }
        }
    }
}

#[test]
fn sessions_of_every_version_are_resumed() {
    needs!("openssl");
    let lab = RunningLab::start();
    let (with, old) = (Client::WithEms, "ALL:@SECLEVEL=0");
    for how in [
        &["-tls1_3"][..],
        &["-tls1_3", "-allow_no_dhe_kex"],
        &["-tls1_1", "-cipher", old],
        &["-tls1", "-cipher", old],
        &["-tls1", "-no_ticket", "-cipher", old],
    ] {
        let seen = lab.openssl_twice("every-version", with, with, how);
        seen.assert_has("Reused, ");
        seen.assert_has(OK);
    }
    lab.openssl_twice("session-ids-only", with, with, &["-tls1_2"]).assert_has("Reused, ");
    lab.openssl("no-resumption", &["-tls1_2"]).assert_has("Session-ID: \n");
}

#[test]
fn faults_of_the_handshake_are_seen_as_what_they_are() {
    needs!("openssl");
    let lab = RunningLab::start();
    for (endpoint, version, expected) in [
        ("ems-echoed-not-used", "-tls1_2", BAD_RECORD_MAC),
        ("ems-used-not-echoed", "-tls1_2", BAD_RECORD_MAC),
        ("finished-refused", "-tls1_2", BAD_RECORD_MAC),
        ("finished-refused", "-tls1_3", BAD_RECORD_MAC),
        ("finished-wrong", "-tls1_2", "digest check failed"),
        ("finished-wrong", "-tls1_3", "digest check failed"),
        ("no-extended-master-secret", "-tls1_2", "Extended master secret: no"),
        ("ems-required", "-tls1_2", OK),
    ] {
        lab.openssl(endpoint, &[version]).assert_has(expected);
    }
    lab.openssl_as(Client::WithoutEms, "ems-required", &["-tls1_2"]).assert_has(HANDSHAKE_FAILURE);
}

#[test]
fn a_client_without_a_certificate_is_refused_in_every_way() {
    needs!("openssl");
    let lab = RunningLab::start();
    for version in ["-tls1_2", "-tls1_3"] {
        for (endpoint, expected) in [
            ("certificate-required-40", HANDSHAKE_FAILURE),
            ("certificate-required-42", "alert bad certificate"),
            ("certificate-required-116", "alert certificate required"),
            ("certificate-required-reset", "errno=104"),
            ("certificate-required-fin", "unexpected eof"),
            ("certificate-required-403", "HTTP/1.1 403 Forbidden"),
            ("certificate-late", "HTTP/1.1 403 Forbidden"),
        ] {
            let seen = lab.openssl(endpoint, &[version, "-enable_pha"]);
            seen.assert_has(expected);
            assert!(!seen.0.contains(OK), "{endpoint} {version}");
        }
    }
    lab.openssl("cmg", &["-tls1_2"]).assert_has(OK);
}

#[test]
fn a_client_certificate_is_taken_and_its_signature_verified() {
    needs!("openssl");
    let lab = RunningLab::start();
    for key in ["rsa:2048", "ec", "ed25519"] {
        let identity = lab.identity(key);
        for version in ["-tls1_2", "-tls1_3"] {
            for endpoint in ["certificate-required-403", "certificate-late"] {
                lab.openssl_with(&identity, endpoint, &[version, "-enable_pha"]).assert_has(OK);
            }
        }
    }
}

#[test]
fn a_certificate_is_asked_for_only_when_a_client_comes_back() {
    needs!("openssl");
    let lab = RunningLab::start();
    for version in ["-tls1_2", "-tls1_3"] {
        assert!(!lab.openssl("certificate-when-resumed", &[version]).0.contains(ASKED));
        let again = lab.openssl_twice("certificate-when-resumed", Client::WithEms, Client::WithEms, &[version]);
        again.assert_has(ASKED);
        again.assert_has("New, ");
    }
}

#[test]
fn renegotiation_is_accepted_refused_or_the_end() {
    needs!("openssl");
    let lab = RunningLab::start();
    lab.openssl_renegotiating("renegotiates").assert_has(OK);
    lab.openssl_renegotiating("renegotiation-ends").assert_has(HANDSHAKE_FAILURE);
    lab.openssl_renegotiating("every-version").assert_has("no renegotiation");
}
