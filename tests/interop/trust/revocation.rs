//! Lists and responders: every way in which one tells, or does not.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::process::Command;

use serde_json::Value;

use super::pki::{CA, Certificate, KEY_IDS, P256, Pki, in_days};
use crate::probe::{Answer, probe_target};
use crate::program;
use crate::server::{Server, free_address};

const HOST: &str = "host.test";

/// What a leaf names as its source, and what is to be said of it.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("listed-good", "crlDistributionPoints=URI:HTTP/good.crl", "good", "not revoked"),
    ("listed-revoked", "crlDistributionPoints=URI:HTTP/good.crl", "revoked", "keyCompromise"),
    ("old-list", "crlDistributionPoints=URI:HTTP/old.crl", "unusable", "no newer one was published"),
    ("changes-only", "crlDistributionPoints=URI:HTTP/delta.crl", "unusable", "delta CRL"),
    ("anothers-list", "crlDistributionPoints=URI:HTTP/forged.crl", "unusable", "did not sign it"),
    ("no-list", "crlDistributionPoints=URI:HTTP/none.crl", "unreachable", "status 404"),
    ("closed", "crlDistributionPoints=URI:http://127.0.0.1:1/a.crl", "unreachable", "refused at connect"),
    ("no-such-name", "crlDistributionPoints=URI:http://pki.invalid/a.crl", "unreachable", "name not resolved"),
    ("by-ldap", "crlDistributionPoints=URI:ldap:///CN=ca", "not_published_on_http", "ldap:///CN=ca alone"),
    ("asked-good", "authorityInfoAccess=OCSP;URI:OCSP/", "good", "not revoked"),
    ("asked-revoked", "authorityInfoAccess=OCSP;URI:OCSP/", "revoked", "revoked on"),
    ("two-sources", "crlDistributionPoints=URI:http://127.0.0.1:1/a.crl,URI:HTTP/good.crl", "good", "good.crl"),
    ("nowhere", "", "no_source", "neither a list nor a responder"),
];

struct Field {
    pki: Pki,
    /// Serves the lists.
    _lists: Server,
    _responder: Server,
    tls: Server,
}

fn field() -> Field {
    let pki = Pki::new();
    pki.issue("root", "root", &CA);
    pki.issue("ca", "root", &CA);
    pki.issue("impostor", "impostor", &Certificate { common_name: "ca", ..CA });
    let lists = Server::nginx(&format!(
        "server {{\nlisten 127.0.0.1:PORT;\ntypes {{ }}\ndefault_type application/octet-stream;\nroot {};\n}}\n",
        pki.folder().display()
    ));
    let responder = free_address();
    let leaf = |name: &str, source: &str| {
        let source = source.replace("HTTP", &format!("http://{}", lists.address()));
        let source = source.replace("OCSP/", &format!("http://{responder}/"));
        let mut extensions = vec!["subjectAltName=DNS:host.test", "extendedKeyUsage=serverAuth", KEY_IDS.0, KEY_IDS.1];
        extensions.extend(Some(source.as_str()).filter(|source| !source.is_empty()));
        let certificate =
            Certificate { common_name: HOST, extensions: &extensions, days: (-10, 90), digest: "sha256", key: P256 };
        pki.issue(name, "ca", &certificate);
    };
    for (name, source, ..) in CASES {
        leaf(name, source);
    }
    leaf("with-aia", "authorityInfoAccess=caIssuers;URI:HTTP/ca.crt");
    leaf("with-p7c", "authorityInfoAccess=caIssuers;URI:HTTP/cas.p7c");
    leaf("aia-nowhere", "authorityInfoAccess=caIssuers;URI:HTTP/nothing.crt");
    leaf("stapled", "");
    leaf("stapled-revoked", "");
    for name in ["listed-revoked", "asked-revoked", "stapled-revoked"] {
        pki.revoke(name, "ca");
    }
    pki.der("ca.crt", "ca");
    let (cas, p7c) = (pki.bundle("cas.pem", &["root", "ca"]), pki.path("cas.p7c"));
    let certs_only = format!("crl2pkcs7 -nocrl -outform DER -certfile {} -out {}", cas.display(), p7c.display());
    program::run("openssl", certs_only.split(' '));
    pki.list("good.crl", "ca", "ca", "", &[]);
    let (from, until) = (in_days(-9), in_days(-2));
    pki.list("old.crl", "ca", "ca", "", &["-crl_lastupdate", &from, "-crl_nextupdate", &until]);
    pki.list("delta.crl", "ca", "ca", "2.5.29.27=critical,ASN1:INTEGER:1", &[]);
    pki.list("forged.crl", "impostor", "impostor", "", &[]);
    staple(&pki, "stapled");
    staple(&pki, "stapled-revoked");
    let responder =
        Server::start_at(responder, "ACCEPT", |address, _| respond(&pki, &["-port", &address.port().to_string()]));
    let tls = serve(&pki);
    Field { pki, _lists: lists, _responder: responder, tls }
}

/// `openssl ocsp` as the CA's responder.
fn respond(pki: &Pki, options: &[&str]) -> Command {
    let mut command = program::command("openssl");
    command.args(["ocsp", "-ndays", "1", "-index"]).arg(pki.index("ca"));
    command.arg("-CA").arg(pki.path("ca.pem")).arg("-rsigner").arg(pki.path("ca.pem"));
    command.arg("-rkey").arg(pki.path("ca.key")).args(options);
    command
}

/// Writes the answer to be stapled for a certificate.
fn staple(pki: &Pki, name: &str) {
    let (request, answer) = (pki.path("request.der"), pki.path(&format!("{name}.ocsp")));
    let certificate = pki.path(&format!("{name}.pem")).display().to_string();
    let issuer = pki.path("ca.pem").display().to_string();
    let file = request.display().to_string();
    program::run("openssl", ["ocsp", "-no_nonce", "-issuer", &issuer, "-cert", &certificate, "-reqout", &file]);
    let output = respond(pki, &["-reqin", &file, "-respout", &answer.display().to_string()]).output().unwrap();
    assert!(answer.exists(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn serve(pki: &Pki) -> Server {
    let block = |name: &str, sent: &[&str], more: &str| {
        format!(
            "server {{\nlisten 127.0.0.1:PORT ssl;\nserver_name {name}.sni;\nssl_certificate {};\n\
             ssl_certificate_key {};\nssl_protocols TLSv1.2;\n{more}\n}}\n",
            pki.bundle(&format!("{name}.chain"), sent).display(),
            pki.path(&format!("{name}.key")).display(),
        )
    };
    let mut blocks: String = CASES.iter().map(|(name, ..)| block(name, &[name, "ca"], "")).collect();
    for name in ["stapled", "stapled-revoked"] {
        let file = pki.path(&format!("{name}.ocsp"));
        blocks += &block(name, &[name, "ca"], &format!("ssl_stapling on;\nssl_stapling_file {};", file.display()));
    }
    for name in ["with-aia", "with-p7c", "aia-nowhere"] {
        blocks += &block(name, &[name], "");
    }
    Server::nginx(&blocks)
}

impl Field {
    fn ask(&self, name: &str, options: &str) -> Answer {
        let root = self.pki.path("root.pem");
        let options = format!(
            "--sni {name}.sni --connect-to host.test::{} --trust {} --timeout-connect 2 --timeout 5 {options}",
            self.tls.address(),
            root.display()
        );
        probe_target(HOST, &options)
    }

    fn of_leaf(&self, name: &str) -> Value {
        self.ask(name, "--tls 1.2 --revocation").observation("/revocation/certificates/0")
    }
}

#[test]
fn every_source_of_revocation_is_told_from_every_other() {
    needs!("openssl", "nginx");
    let field = field();
    for (name, _, verdict, why) in CASES {
        let leaf = field.of_leaf(name);
        assert_eq!(leaf["verdict"], *verdict, "{name}: {leaf:#}");
        assert!(leaf["why"].as_str().unwrap().contains(why), "{name}: {leaf:#}");
    }
    let revoked = field.of_leaf("listed-revoked");
    assert_eq!(revoked["sources"][0]["status"]["reason"], "keyCompromise", "{revoked:#}");
    let closed = field.of_leaf("closed");
    assert_eq!(closed["sources"][0]["end"]["outcome"]["kind"], "refused", "{closed:#}");
    assert_eq!(closed["sources"][0]["end"]["outcome"]["stage"], "connect", "{closed:#}");
}

#[test]
fn the_flags_of_winhttp_follow_from_revocation() {
    needs!("openssl", "nginx");
    let field = field();
    let flags = |name: &str| field.ask(name, "--tls 1.2 --revocation").observation("/winhttp_flags/names");
    assert_eq!(flags("listed-good"), serde_json::json!([]));
    assert_eq!(flags("listed-revoked"), serde_json::json!(["CERT_REVOKED"]));
    assert_eq!(flags("no-list"), serde_json::json!(["CERT_REV_FAILED"]));
    let untrusted = field.ask("no-list", "--tls 1.2 --revocation --trust windows").observation("/winhttp_flags/value");
    assert_eq!(untrusted, "0x00000001", "one of the stores has the root");
}

#[test]
fn a_stapled_answer_is_believed_without_any_fetch() {
    needs!("openssl", "nginx");
    let field = field();
    for (name, verdict) in [("stapled", "good"), ("stapled-revoked", "revoked")] {
        let answer = field.ask(name, "--profile win2019");
        let leaf = answer.observation("/revocation/certificates/0");
        assert_eq!(leaf["verdict"], verdict, "{leaf:#}");
        assert_eq!(leaf["sources"][0]["by"], "stapled_ocsp");
        assert_eq!(answer.report("/connections"), 1);
    }
    assert_eq!(field.ask("listed-revoked", "--tls 1.2").observation("/revocation"), Value::Null, "nothing was asked");
}

#[test]
fn a_certificate_that_was_left_out_is_fetched_where_the_leaf_says_it_is() {
    needs!("openssl", "nginx");
    let field = field();
    let root = field.pki.path("root.pem").display().to_string();
    let fetched = field.ask("with-aia", "--tls 1.2 --fetch-aia").observation("");
    let verdict = &fetched["trust"][&root];
    assert_eq!(verdict["verdict"], "missing_intermediate", "{fetched:#}");
    assert_eq!(verdict["with_fetched"]["verdict"], "trusted", "{fetched:#}");
    assert_eq!(fetched["fetched_issuers"][0]["subject"], "CN=ca", "{fetched:#}");

    let several = field.ask("with-p7c", "--tls 1.2 --fetch-aia").observation("");
    assert_eq!(several["trust"][&root]["with_fetched"]["verdict"], "trusted", "{several:#}");

    let nothing = field.ask("aia-nowhere", "--tls 1.2 --fetch-aia").observation("");
    assert_eq!(nothing["trust"][&root]["with_fetched"], Value::Null);
    assert_eq!(nothing["fetched_issuers"][0]["status"], 404, "{nothing:#}");
    assert_eq!(field.ask("with-aia", "--tls 1.2").observation("/fetched_issuers"), Value::Null, "only when asked to");
}
