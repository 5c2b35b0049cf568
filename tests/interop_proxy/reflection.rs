//! Proof, byte for byte, that real proxies pass hellos on as they are; and that they have no limit on their size.

use crate::probe::{probe_target, tlsprobe};
use crate::proxies::{Squid, tinyproxy};
use crate::server::Server;
use crate::{endpoint, identity, probe_through};

/// The program itself, at the far end.
fn reflector() -> Server {
    Server::start(|port, _| {
        let mut command = tlsprobe();
        command.args(["reflect", "--listen", &format!("127.0.0.1:{port}")]);
        command
    })
}

/// Hellos of several kinds arrive through this proxy as they were sent.
fn passes_hellos_on(proxy: &str, host: &str) {
    let far = reflector();
    for options in ["", "--grease --pad-to 1500", "--split 50 --alpn h2", "--pad-to 12000 --split 4000"] {
        let target = format!("{host}:{}", far.address().port());
        let answer = probe_target(&target, &format!("--proxy {proxy} --reflect {options}"));
        answer.exits(0);
        assert_eq!(answer.observation("/reflection/verdict"), "identical", "{options}");
        assert_eq!(answer.observation("/reflection/sent"), answer.observation("/reflection/arrived"), "{options}");
    }
}

#[test]
fn squid_passes_hellos_on_byte_for_byte() {
    needs!("squid", "openssl");
    passes_hellos_on(&Squid::start("http_access allow all").url(), "endpoint.test");
}

#[test]
fn tinyproxy_passes_hellos_on_byte_for_byte() {
    needs!("tinyproxy");
    let proxy = tinyproxy("");
    passes_hellos_on(&format!("http://{}", proxy.address()), "localhost");
}

#[test]
fn an_endpoint_in_the_far_ends_place_is_told_by_its_certificate() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start("http_access allow all");
    let answer = probe_through(&squid.url(), endpoint.address().port(), "--reflect");
    answer.exits(1);
    assert_eq!(answer.observation("/reflection/verdict"), "not_the_reflector");
    assert_eq!(answer.observation("/reflection/issuer"), "CN=endpoint.test");
}

#[test]
fn hellos_of_every_size_get_through_squid() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start("http_access allow all");
    let answer = probe_through(&squid.url(), endpoint.address().port(), "--sweep-size");
    let sizes = answer.exits(0).observation("/hello_size");
    // TLS 1.2 alone is offered, so there is no post-quantum share.
    assert_eq!(sizes.as_array().map(Vec::len), Some(3), "{sizes:#}");
    for size in sizes.as_array().into_iter().flatten() {
        assert_eq!(size.get("largest"), Some(&16_384.into()), "{size:#}");
    }
}
