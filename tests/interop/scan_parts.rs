//! What `scan` finds of groups, signature schemes, certificates, protocols and extensions is what real servers were
//! configured with, no more and no less.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::certificates::{self, Identity, Key};
use crate::probe::{Answer, scan};
use crate::program;
use crate::server::{Program, Server};
use crate::settings::{AES_256_GCM, DHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM, Settings, TLS12, TLS13};

/// `openssl s_server` in every version that it has from TLS 1.0 on, with these options.
fn openssl(identity: &Identity, options: &str) -> Server {
    Server::start(|port, _| {
        let mut command = program::command("openssl");
        command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
        command.arg("-cert").arg(identity.leaf_file()).arg("-key").arg(identity.key_file());
        command.args(options.split_whitespace());
        command
    })
}

/// `gnutls-serv` with these priorities and options.
fn gnutls(identity: &Identity, priorities: &str, options: &str) -> Server {
    Server::start(|port, _| {
        let mut command = program::command("gnutls-serv");
        command.args(["--http", "--disable-client-cert", "--port", &port.to_string(), "--priority", priorities]);
        command.arg("--x509certfile").arg(identity.chain_file()).arg("--x509keyfile").arg(identity.key_file());
        command.args(options.split_whitespace());
        command
    })
}

fn rsa() -> Identity {
    Identity::self_signed(Key::Rsa2048, "name.test")
}

fn parts(server: &Server, parts: &str) -> Answer {
    scan(server, &format!("--only {parts} --sni name.test --parallel 8 --timeout-finished 0.3"))
}

/// The strings of a list, in no order.
#[track_caller]
fn set(answer: &Answer, pointer: &str) -> BTreeSet<String> {
    let list = answer.observation(pointer);
    let list = list.as_array().unwrap_or_else(|| panic!("no list at {pointer}: {list}"));
    list.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn is(answer: &Answer, pointer: &str, expected: &[&str]) {
    assert_eq!(set(answer, pointer), expected.iter().map(|value| (*value).to_owned()).collect(), "{pointer}");
}

fn feature(answer: &Answer, name: &str) -> Value {
    answer.observation(&format!("/extensions/{name}/state"))
}

#[test]
fn openssls_groups_are_found_in_both_versions() {
    needs!("openssl");
    let server = openssl(&rsa(), "-groups X448:P-384:brainpoolP256r1:ffdhe3072");
    let answer = parts(&server, "groups");
    answer.exits(0);
    is(&answer, "/groups/by_version/TLS1.2/accepted", &["x448", "secp384r1", "brainpoolP256r1"]);
    is(&answer, "/groups/by_version/TLS1.3/accepted", &["x448", "secp384r1", "ffdhe3072"]);
    is(&answer, "/groups/inconclusive", &[]);
    assert_eq!(answer.observation("/groups/dhe/prime/name"), "modp2048", "chosen for the size of its key");
    assert_eq!(answer.observation("/groups/dhe/negotiated"), "refused");
}

#[test]
fn groups_beside_the_curve_of_an_ecdsa_certificate_are_found() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::P256, "name.test");
    let answer = parts(&openssl(&identity, "-groups X25519:P-256:P-521"), "groups");
    answer.exits(0);
    is(&answer, "/groups/by_version/TLS1.2/accepted", &["x25519", "secp256r1", "secp521r1"]);
    is(&answer, "/groups/by_version/TLS1.3/accepted", &["x25519", "secp256r1", "secp521r1"]);
    assert_eq!(answer.observation("/groups/beside"), "secp256r1");
    assert_eq!(answer.observation("/groups/dhe"), Value::Null);
}

#[test]
fn gnutls_negotiates_its_finite_field_groups_by_rfc_7919() {
    needs!("openssl", "gnutls-serv");
    let groups = "-GROUP-ALL:+GROUP-SECP256R1:+GROUP-FFDHE2048:+GROUP-FFDHE4096";
    let answer = parts(&gnutls(&rsa(), &format!("NORMAL:+DHE-RSA:{groups}"), ""), "groups");
    answer.exits(0);
    is(&answer, "/groups/by_version/TLS1.2/accepted", &["secp256r1"]);
    is(&answer, "/groups/by_version/TLS1.3/accepted", &["secp256r1", "ffdhe2048", "ffdhe4096"]);
    is(&answer, "/groups/dhe/ffdhe", &["ffdhe2048", "ffdhe4096"]);
    assert_eq!(answer.observation("/groups/dhe/negotiated"), "accepted");
}

#[test]
fn a_small_prime_is_weak_and_warned_of() {
    needs!("openssl");
    let folder = certificates::folder();
    let parameters = certificates::dh_parameters(folder.path(), "modp_1536");
    let options = format!("-tls1_2 -cipher ALL:@SECLEVEL=0 -dhparam {}", parameters.display());
    let answer = parts(&openssl(&rsa(), &options), "groups");
    answer.exits(1);
    assert_eq!(answer.observation("/groups/dhe/bits"), 1536);
    assert_eq!(answer.observation("/groups/dhe/prime/name"), "modp1536");
    assert_eq!(answer.report("/findings/0/id"), "dhe-group-weak");
    assert_eq!(answer.report("/findings/1"), Value::Null);
}

#[test]
fn nginxs_groups_are_found() {
    needs!("openssl", "nginx");
    let identity = rsa();
    let settings = Settings::new(&identity, TLS13, &[AES_256_GCM]);
    let server = Program::Nginx.serve(&settings);
    let answer = parts(&server, "groups");
    answer.exits(0);
    is(&answer, "/groups/accepted", &["x25519"]);
}

#[test]
fn openssls_signature_schemes_are_found_in_both_versions() {
    needs!("openssl");
    let server = openssl(&rsa(), "-sigalgs RSA+SHA512:rsa_pss_rsae_sha384:RSA-PSS+SHA256");
    let answer = parts(&server, "signature-schemes");
    answer.exits(0);
    let pss = ["rsa_pss_rsae_sha384", "rsa_pss_rsae_sha256"];
    is(&answer, "/signature_schemes/by_version/TLS1.2/accepted", &[pss[0], pss[1], "rsa_pkcs1_sha512"]);
    is(&answer, "/signature_schemes/by_version/TLS1.3/accepted", &pss);
    is(&answer, "/signature_schemes/inconclusive", &[]);
}

#[test]
fn gnutlss_signature_schemes_are_found_whatever_group_it_has() {
    needs!("openssl", "gnutls-serv");
    let signatures = "-SIGN-ALL:+SIGN-RSA-SHA256:+SIGN-RSA-PSS-RSAE-SHA512";
    let server = gnutls(&rsa(), &format!("NORMAL:-GROUP-ALL:+GROUP-SECP384R1:{signatures}"), "");
    let answer = parts(&server, "signature-schemes");
    answer.exits(0);
    is(&answer, "/signature_schemes/by_version/TLS1.2/accepted", &["rsa_pkcs1_sha256", "rsa_pss_rsae_sha512"]);
    is(&answer, "/signature_schemes/by_version/TLS1.3/accepted", &["rsa_pss_rsae_sha512"]);
}

/// The leaf that was sent for this.
fn leaf(answer: &Answer, is_wanted: impl Fn(&Value) -> bool) -> (Value, Value) {
    let certificates = answer.observation("/certificates");
    let found = certificates.as_array().into_iter().flatten().find(|choice| is_wanted(choice));
    let found = found.unwrap_or_else(|| panic!("not among {certificates:#}"));
    (found["state"].clone(), found["leaf_sha256"].clone())
}

#[test]
fn two_certificates_are_found_by_the_kind_of_their_keys() {
    needs!("openssl");
    let (rsa, ec) = (rsa(), Identity::self_signed(Key::P256, "name.test"));
    let options = format!("-dcert {} -dkey {}", ec.leaf_file().display(), ec.key_file().display());
    let answer = parts(&openssl(&rsa, &options), "certificates");
    answer.exits(0);
    for version in ["TLS1.2", "TLS1.3"] {
        let of = |key: &str| leaf(&answer, |it| it["version"] == version && it["key"] == key);
        assert_eq!(of("RSA"), ("accepted".into(), rsa.fingerprints()[0].clone().into()));
        assert_eq!(of("EC"), ("accepted".into(), ec.fingerprints()[0].clone().into()));
        assert_eq!(of("Ed25519"), ("refused".into(), Value::Null));
    }
}

#[test]
fn certificates_by_name_are_found_and_how_others_are_refused() {
    needs!("openssl", "nginx");
    let (named, other) = (rsa(), Identity::self_signed(Key::Rsa2048, "other.test"));
    let server_for = |name: &str, identity: &Identity| {
        format!(
            "server {{ listen 127.0.0.1:PORT ssl{}; server_name {name}; ssl_certificate {}; ssl_certificate_key {}; }}\n",
            if name == "other.test" { " default_server" } else { "" },
            identity.chain_file().display(),
            identity.key_file().display()
        )
    };
    let by_name = |answer: &Answer, name: &str| leaf(answer, |it| it["key"].is_null() && it["name"] == name);
    let both = Server::nginx(&[server_for("other.test", &other), server_for("name.test", &named)].concat());
    let answer = parts(&both, "certificates");
    let sha256 = |identity: &Identity| Value::from(identity.fingerprints()[0].clone());
    assert_eq!(by_name(&answer, "target"), ("accepted".into(), sha256(&named)));
    assert_eq!(by_name(&answer, "none"), ("accepted".into(), sha256(&other)));
    assert_eq!(by_name(&answer, "wrong"), ("accepted".into(), sha256(&other)));

    let rejects = "server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; }\n";
    let one = Server::nginx(&[rejects.to_owned(), server_for("name.test", &named)].concat());
    let answer = parts(&one, "certificates");
    assert_eq!(by_name(&answer, "target"), ("accepted".into(), sha256(&named)));
    assert_eq!(by_name(&answer, "wrong"), ("refused".into(), Value::Null));
    let certificates = answer.observation("/certificates");
    let wrong = certificates.as_array().unwrap().iter().find(|it| it["name"] == "wrong").unwrap();
    assert_eq!(wrong["alert"], 112);
}

#[test]
fn application_protocols_are_found_and_what_an_unknown_one_brings() {
    needs!("openssl", "gnutls-serv", "nginx");
    let identity = rsa();
    let answer = parts(&openssl(&identity, "-alpn imap,http/1.1"), "alpn");
    is(&answer, "/alpn/accepted", &["imap", "http/1.1"]);
    assert_eq!(answer.observation("/alpn/unknown"), "no_application_protocol");

    let answer = parts(&openssl(&identity, ""), "alpn");
    is(&answer, "/alpn/accepted", &[]);
    assert_eq!(answer.observation("/alpn/unknown"), "ignored");

    let settings = Settings::new(&identity, TLS12, &[ECDHE_RSA_AES128_GCM]);
    let answer = parts(&Program::Nginx.serve(&settings), "alpn");
    is(&answer, "/alpn/accepted", &["http/1.1", "http/1.0", "http/0.9"]);

    let answer = parts(&gnutls(&identity, "NORMAL", "--alpn h2 --alpn-fatal"), "alpn");
    is(&answer, "/alpn/accepted", &["h2"]);
    assert_eq!(answer.observation("/alpn/unknown"), "no_application_protocol");
}

#[test]
fn openssls_extensions_are_found_on_and_off() {
    needs!("openssl");
    let identity = rsa();
    let answer = parts(&openssl(&identity, "-max_early_data 4711"), "extensions");
    answer.exits(0);
    for name in ["secure_renegotiation", "session_ticket", "session_ticket_tls13", "early_data", "fallback_scsv"] {
        assert_eq!(feature(&answer, name), "supported", "{name}");
    }
    assert_eq!(feature(&answer, "encrypt_then_mac"), "supported");
    assert_eq!(answer.observation("/extensions/max_fragment_length/value"), 4096);
    assert_eq!(answer.observation("/extensions/early_data/value"), 4711);
    for name in ["heartbeat", "compression", "ocsp_stapling", "record_size_limit"] {
        assert_eq!(feature(&answer, name), "not_supported", "{name}");
    }

    let settings = Settings::new(&identity, TLS12, &[DHE_RSA_AES256_GCM]);
    let answer = parts(&Program::Openssl.serve_with(&settings, "-no_ticket"), "extensions");
    answer.exits(0);
    assert_eq!(feature(&answer, "session_ticket"), "not_supported");
    for name in ["encrypt_then_mac", "early_data", "fallback_scsv"] {
        assert_eq!(feature(&answer, name), "not_applicable", "{name}");
    }
}

#[test]
fn gnutlss_extensions_are_found_on_and_off() {
    needs!("openssl", "gnutls-serv");
    let identity = rsa();
    let answer = parts(&gnutls(&identity, "NORMAL", "--heartbeat --earlydata"), "extensions");
    answer.exits(0);
    for name in ["heartbeat", "record_size_limit", "record_size_limit_tls13", "encrypt_then_mac", "early_data"] {
        assert_eq!(feature(&answer, name), "supported", "{name}");
    }
    let answer = parts(&gnutls(&identity, "NORMAL:%NO_ETM:%NO_TICKETS", ""), "extensions");
    for name in ["heartbeat", "encrypt_then_mac", "session_ticket", "session_ticket_tls13", "early_data"] {
        assert_eq!(feature(&answer, name), "not_supported", "{name}");
    }
}

#[test]
fn real_servers_tolerate_all_that_is_odd() {
    for program in [Program::Openssl, Program::Gnutls, Program::Nginx] {
        needs!("openssl", program.command());
        let identity = rsa();
        let server = match program {
            Program::Openssl => openssl(&identity, ""),
            Program::Gnutls => gnutls(&identity, "NORMAL", ""),
            Program::Nginx => program.serve(&Settings::new(&identity, TLS12, &[ECDHE_RSA_AES128_GCM])),
        };
        let answer = parts(&server, "tolerance");
        answer.exits(0);
        let told = answer.observation("/tolerance");
        let told = told.as_object().unwrap_or_else(|| panic!("{program:?}"));
        assert_eq!(told.len(), 14);
        for (name, it) in told {
            let state = it["state"].as_str().unwrap();
            assert!(["tolerated", "not_applicable"].contains(&state), "{program:?}: {name} is {it}");
        }
        assert_eq!(told["grease"]["state"], "tolerated");
    }
}

#[test]
fn the_fingerprint_of_one_server_is_the_same_each_time_and_differs_from_anothers() {
    needs!("openssl");
    let identity = rsa();
    let (one, other) = (openssl(&identity, ""), openssl(&identity, "-tls1_2"));
    let jarm = |server| parts(server, "fingerprints").observation("/fingerprints/jarm");
    assert_eq!(jarm(&one), jarm(&one));
    assert_ne!(jarm(&one), jarm(&other));
    assert!(jarm(&one).as_str().is_some_and(|jarm| jarm.len() == 62 && !jarm.starts_with("000000")));
}

#[test]
fn all_parts_together_stay_within_bounds() {
    needs!("openssl");
    let server = openssl(&rsa(), "-alpn h2,http/1.1");
    let answer = parts(&server, "groups,signature-schemes,alpn,certificates,extensions,tolerance,fingerprints");
    answer.exits(0);
    let connections = answer.report("/connections").as_u64().unwrap();
    assert!((60..=125).contains(&connections), "{connections}");
}
