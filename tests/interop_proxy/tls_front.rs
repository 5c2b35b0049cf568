//! CONNECT inside TLS: haproxy in front of tinyproxy.

use std::net::SocketAddr;
use std::path::Path;

use crate::certificates::{Identity, Key};
use crate::proxies::{haproxy, tinyproxy};
use crate::{Answer, endpoint, identity, probe_target};

fn through(front: SocketAddr, trust: &Path, endpoint: SocketAddr) -> Answer {
    let proxy = format!("--proxy https://localhost:{} --proxy-trust {}", front.port(), trust.display());
    probe_target(&format!("localhost:{}", endpoint.port()), &format!("{proxy} --tls 1.2 --sni endpoint.test"))
}

#[test]
fn a_proxy_behind_tls_is_trusted_by_its_root_and_carries_the_endpoints_own_tls() {
    needs!("haproxy", "tinyproxy", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let behind = tinyproxy("");
    let front_identity = Identity::self_signed(Key::P256, "localhost");
    for options in ["", "ssl-max-ver TLSv1.2"] {
        let front = haproxy(&front_identity, behind.address(), options);
        let answer = through(front.address(), front_identity.leaf_file(), endpoint.address());
        answer.is_the_endpoints(&identity);
        assert_eq!(answer.report("/route/proxy"), format!("https://localhost:{}", front.address().port()));
    }
}

#[test]
fn a_front_that_is_not_trusted_ends_at_the_proxy_unless_anyone_will_do() {
    needs!("haproxy", "tinyproxy", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let behind = tinyproxy("");
    let front = haproxy(&Identity::self_signed(Key::P256, "localhost"), behind.address(), "");
    through(front.address(), identity.leaf_file(), endpoint.address())
        .says("/outcome/stage", "proxy")
        .says("/outcome/kind", "malformed")
        .says("/outcome/field", "certificate of the proxy");
    through(front.address(), Path::new("insecure"), endpoint.address()).is_the_endpoints(&identity);
}

#[test]
fn a_front_that_wants_a_client_certificate_says_so_by_an_alert() {
    needs!("haproxy", "tinyproxy", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let behind = tinyproxy("");
    let front_identity = Identity::self_signed(Key::P256, "localhost");
    let wants = format!("verify required ca-file {}", front_identity.leaf_file().display());
    for (options, code) in [("ssl-max-ver TLSv1.2", 40), ("", 116)] {
        let front = haproxy(&front_identity, behind.address(), &format!("{wants} {options}"));
        through(front.address(), front_identity.leaf_file(), endpoint.address())
            .says("/outcome/stage", "proxy")
            .says("/outcome/kind", "alert")
            .says("/outcome/code", code);
    }
}
