//! SOCKS 5 through dante.

use std::net::TcpListener;

use crate::proxies::dante;
use crate::{endpoint, identity, probe_target};

#[test]
fn dante_opens_the_tunnel_to_a_name_and_to_an_address() {
    needs!("danted", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let proxy = dante();
    for (scheme, host) in [("socks5h", "localhost"), ("socks5h", "127.0.0.1"), ("socks5", "localhost")] {
        let options = format!("--proxy {scheme}://{} --tls 1.2 --sni endpoint.test --ip 4", proxy.address());
        let answer = probe_target(&format!("{host}:{}", endpoint.address().port()), &options);
        answer.is_the_endpoints(&identity);
        assert_eq!(answer.report("/route/kind"), "socks5");
    }
}

#[test]
fn dantes_reply_codes_are_told() {
    needs!("danted");
    let proxy = dante();
    let options = format!("--proxy socks5h://{}", proxy.address());
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    for (target, code, reason) in [
        (closed.to_string(), 5, "connection refused"),
        ("127.0.0.2:443".to_owned(), 2, "connection not allowed by ruleset"),
    ] {
        probe_target(&target, &options).is_the_proxys("socks5", code).says("/outcome/reason", reason);
    }
}
