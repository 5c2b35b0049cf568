//! What a server chooses by name: a certificate by SNI (RFC 6066 §3), a protocol by ALPN (RFC 7301).

use serde_json::Value;

use crate::certificates::{Identity, Key};
use crate::probe::probe;
use crate::server::{Program, Server};
use crate::settings::{ECDHE_ECDSA_AES256_GCM, Settings, TLS12};

/// `unrecognized_name` (RFC 6066 §3).
const UNRECOGNIZED_NAME: u8 = 112;

/// nginx's block for one host name, or for hellos without a name that it knows.
fn block(identity: &Identity, listen: &str, name: &str) -> String {
    format!(
        "server {{ listen 127.0.0.1:PORT ssl {listen}; server_name {name}; ssl_protocols TLSv1.2;\n\
         ssl_certificate {}; ssl_certificate_key {}; }}\n",
        identity.chain_file().display(),
        identity.key_file().display(),
    )
}

#[test]
fn sni_decides_which_certificate_comes() {
    needs!("openssl", "nginx");
    let [first, second, default] =
        ["first.test", "second.test", "default.test"].map(|host| Identity::self_signed(Key::P256, host));
    let server = Server::nginx(
        &[
            block(&first, "", "first.test"),
            block(&second, "", "second.test"),
            block(&default, "default_server", "\"\""),
        ]
        .concat(),
    );

    for (options, identity) in [
        ("--sni first.test", &first),
        ("--sni second.test", &second),
        ("--sni unknown.test", &default),
        ("--no-sni", &default),
    ] {
        let answer = probe(&server, &format!("{options} --tls 1.2"));
        answer.exits(0).says("/outcome/kind", "server_hello");
        assert_eq!(answer.fingerprints(), identity.fingerprints(), "{options}");
    }
}

#[test]
fn a_name_the_server_rejects_ends_in_unrecognized_name() {
    needs!("openssl", "nginx");
    let known = Identity::self_signed(Key::P256, "known.test");
    let rejecting = "server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; }\n";
    let server = Server::nginx(&[rejecting.to_owned(), block(&known, "", "known.test")].concat());

    let answer = probe(&server, "--sni known.test --tls 1.2");
    answer.exits(0).says("/outcome/kind", "server_hello");
    for options in ["--sni unknown.test", "--no-sni"] {
        probe(&server, &format!("{options} --tls 1.2"))
            .refused_by_alert(&[UNRECOGNIZED_NAME])
            .says("/outcome/name", "unrecognized_name");
    }
}

#[test]
fn alpn_reports_the_protocol_that_nginx_chose() {
    needs!("openssl", "nginx");
    let identity = Identity::self_signed(Key::P256, "name.test");
    let server = Server::nginx(&block(&identity, "http2", "name.test"));

    for (options, chosen) in
        [("--alpn h2,http/1.1", Value::from("h2")), ("--alpn http/1.1", Value::from("http/1.1")), ("", Value::Null)]
    {
        let answer = probe(&server, &format!("--sni name.test --tls 1.2 {options}"));
        answer.exits(0).says("/outcome/kind", "server_hello").says("/server/alpn", chosen);
    }
}

#[test]
fn alpn_reports_the_protocol_that_openssl_chose() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::P256, "name.test");
    let settings = Settings::new(&identity, TLS12, &[ECDHE_ECDSA_AES256_GCM]);
    let server = Program::Openssl.serve_with(&settings, "-alpn spdy/1,http/1.1");

    probe(&server, "--sni name.test --tls 1.2 --alpn h2,http/1.1,spdy/1")
        .accepted(TLS12, ECDHE_ECDSA_AES256_GCM)
        .says("/server/alpn", "spdy/1");
}
