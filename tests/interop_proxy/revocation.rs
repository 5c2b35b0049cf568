//! Revocation lists through squid: an http proxy forwards the request by itself, for it lets no tunnel through to port 80.

use crate::authentication::{BASIC, DIGEST, KNOWN_ALONE};
use crate::pki::{CA, Certificate, KEY_IDS, P256, Pki};
use crate::probe_target;
use crate::proxies::{PASSWORD, Squid, USER};
use crate::server::Server;

/// A CA, its list, and a server whose certificate names it.
fn field() -> (Pki, Server, Server) {
    let pki = Pki::new();
    pki.issue("root", "root", &CA);
    let lists = Server::nginx(&format!(
        "server {{\nlisten 127.0.0.1:PORT;\ntypes {{ }}\ndefault_type application/octet-stream;\nroot {};\n}}\n",
        pki.folder().display()
    ));
    let point = format!("crlDistributionPoints=URI:http://{}/good.crl", lists.address());
    let extensions = ["subjectAltName=DNS:endpoint.test", KEY_IDS.0, KEY_IDS.1, &point];
    let leaf =
        Certificate { common_name: "leaf", extensions: &extensions, days: (-1, 90), digest: "sha256", key: P256 };
    pki.issue("leaf", "root", &leaf);
    pki.list("good.crl", "root", "root", "", &[]);
    let tls = Server::nginx(&format!(
        "server {{\nlisten 127.0.0.1:PORT ssl;\nssl_certificate {};\nssl_certificate_key {};\n}}\n",
        pki.path("leaf.pem").display(),
        pki.path("leaf.key").display()
    ));
    (pki, lists, tls)
}

fn leaf(squid: &Squid, pki: &Pki, tls: &Server) -> serde_json::Value {
    leaf_by(&squid.url(), pki, tls)
}

fn leaf_by(proxy: &str, pki: &Pki, tls: &Server) -> serde_json::Value {
    let options =
        format!("--proxy {proxy} --tls 1.2 --revocation --trust {} --timeout 10", pki.path("root.pem").display());
    let target = format!("endpoint.test:{}", tls.address().port());
    probe_target(&target, &options).observation("/revocation/certificates/0")
}

#[test]
fn a_list_is_had_through_squid_and_directly_where_no_tunnel_would_be() {
    needs!("squid", "openssl", "nginx");
    let (pki, lists, tls) = field();
    let port = lists.address().port();
    let squid = Squid::start(&format!("acl lists port {port}\nhttp_access deny CONNECT lists\nhttp_access allow all"));
    let leaf = leaf(&squid, &pki, &tls);
    assert_eq!(leaf["verdict"], "good", "{leaf:#}");
    assert_eq!(leaf["sources"][0]["route"], "proxy", "{leaf:#}");
    assert_eq!(leaf["sources"][1]["route"], "direct", "{leaf:#}");
    for source in [0, 1] {
        assert_eq!(leaf["sources"][source]["status"]["state"], "good", "{leaf:#}");
    }
}

#[test]
fn a_list_that_squid_refuses_is_unreachable_though_it_is_there() {
    needs!("squid", "openssl", "nginx");
    let (pki, lists, tls) = field();
    let port = lists.address().port();
    let squid = Squid::start(&format!("acl lists port {port}\nhttp_access deny lists\nhttp_access allow all"));
    let leaf = leaf(&squid, &pki, &tls);
    assert_eq!(leaf["verdict"], "unreachable", "{leaf:#}");
    assert_eq!(leaf["sources"][0]["end"]["status"], 403, "{leaf:#}");
    assert_eq!(leaf["sources"][1]["status"]["state"], "good", "{leaf:#}");
}

#[test]
fn a_list_is_had_through_squid_with_a_password_by_any_scheme() {
    needs!("squid", "openssl", "nginx");
    let (pki, _lists, tls) = field();
    for helper in [BASIC, DIGEST] {
        let squid = Squid::start(&[helper, KNOWN_ALONE].concat());
        let leaf = leaf_by(&squid.url_with(USER, PASSWORD), &pki, &tls);
        assert_eq!(leaf["verdict"], "good", "{leaf:#}");
        assert_eq!(leaf["sources"][0]["route"], "proxy", "{leaf:#}");
        assert_eq!(leaf["sources"][0]["status"]["state"], "good", "{leaf:#}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_for_lists_alone_decides_nothing() {
    needs!("squid", "openssl", "nginx");
    let (pki, lists, tls) = field();
    let port = lists.address().port();
    let acl = format!(
        "acl lists port {port}\nacl known proxy_auth REQUIRED\nhttp_access allow !lists\nhttp_access allow known\nhttp_access deny all\n"
    );
    let squid = Squid::start(&[BASIC, &acl].concat());
    let leaf = leaf(&squid, &pki, &tls);
    assert_eq!(leaf["verdict"], "could_not_tell", "{leaf:#}");
    assert_eq!(leaf["sources"][0]["end"]["outcome"]["status"], 407, "{leaf:#}");
    assert_eq!(leaf["sources"][1]["status"]["state"], "good", "{leaf:#}");
}
