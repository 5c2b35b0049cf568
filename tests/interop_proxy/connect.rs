//! CONNECT through squid, tinyproxy, Apache, privoxy and haproxy.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::proxies::{Squid, apache, haproxy_reading_http, privoxy, tinyproxy};
use crate::{endpoint, identity, probe_target, probe_through};

#[test]
fn squid_looks_the_name_up_and_opens_the_tunnel() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start("http_access allow all");
    for version in ["1.1", "1.0"] {
        let answer = probe_through(&squid.url(), endpoint.address().port(), &format!("--connect-http {version}"));
        answer.is_the_endpoints(&identity);
        assert_eq!(answer.report("/route/kind"), "http_connect");
        assert_eq!(answer.report("/route/proxy"), squid.url());
        assert_eq!(answer.report("/route/from"), "option");
        assert!(answer.get("/timing_ms/proxy").is_number() && answer.get("/timing_ms/connect").is_number());
    }
}

#[test]
fn an_address_is_given_to_squid_where_it_is_asked_for() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start("acl named dstdom_regex -n endpoint\nhttp_access deny named\nhttp_access allow all");
    let port = endpoint.address().port();
    probe_through(&squid.url(), port, "").is_the_proxys("http", 403);
    let by_address = format!("--proxy {} --tls 1.2 --connect-by-ip --ip 4 --sni endpoint.test", squid.url());
    probe_target(&format!("localhost:{port}"), &by_address).is_the_endpoints(&identity);
}

#[test]
fn a_rule_of_squids_gives_403_with_its_reason() {
    needs!("squid", "openssl");
    let squid = Squid::start("http_access deny all");
    let answer = probe_through(&squid.url(), 443, "");
    answer
        .is_the_proxys("http", 403)
        .says("/outcome/reason", "Forbidden")
        .says("/outcome/auth_schemes", Vec::<String>::new());
    assert!(answer.field("X-Squid-Error").is_some_and(|error| error.starts_with("ERR_ACCESS_DENIED")));
    assert!(answer.field("Via").is_some_and(|via| via.contains("proxy.test (squid/")));
    assert!(answer.get("/outcome/body_start").as_str().is_some_and(|body| body.contains("<html>")));
}

#[test]
fn an_endpoint_that_refuses_gives_squids_503_and_one_that_is_silent_its_timeout() {
    needs!("squid", "openssl");
    let squid = Squid::start("http_access allow all");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let answer = probe_through(&squid.url(), closed.port(), "");
    answer.is_the_proxys("http", 503);
    assert_eq!(answer.field("X-Squid-Error").as_deref(), Some("ERR_CONNECT_FAIL 111"));

    let full = full_backlog();
    let began = Instant::now();
    let answer = probe_through(&squid.url(), full.0, "");
    answer.is_the_proxys("http", 503);
    assert_eq!(answer.field("X-Squid-Error").as_deref(), Some("ERR_CONNECT_FAIL 110"));
    assert!(began.elapsed() > Duration::from_millis(500), "squid waits for about a second");
}

/// A port where nobody accepts and a SYN is dropped, and what keeps it so.
fn full_backlog() -> (u16, impl Sized) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    let any: std::net::SocketAddr = ([127, 0, 0, 1], 0).into();
    socket.bind(&any.into()).and_then(|()| socket.listen(0)).expect("loopback has free ports");
    let address = socket.local_addr().ok().and_then(|address| address.as_socket()).expect("it is bound");
    let mut queued = Vec::new();
    while let Ok(connection) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        queued.push(connection);
    }
    (address.port(), (socket, queued))
}

#[test]
fn tinyproxy_opens_the_tunnel_and_tells_what_it_cant_reach() {
    needs!("tinyproxy", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let proxy = tinyproxy("");
    let url = format!("http://{}", proxy.address());
    let target = format!("localhost:{}", endpoint.address().port());
    let options = format!("--proxy {url} --tls 1.2 --sni endpoint.test");
    probe_target(&target, &options).is_the_endpoints(&identity);

    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let answer = probe_target(&closed.to_string(), &options);
    answer.is_the_proxys("http", 500).says("/outcome/reason", "Unable to connect");
    assert!(answer.field("Server").is_some_and(|server| server.starts_with("tinyproxy/")));
}

#[test]
fn a_port_that_tinyproxy_does_not_connect_to_gives_403() {
    needs!("tinyproxy", "openssl");
    let proxy = tinyproxy("ConnectPort 443");
    probe_through(&format!("http://{}", proxy.address()), 8531, "").is_the_proxys("http", 403);
}

#[test]
fn apache_gives_502_for_a_name_it_cant_resolve_and_503_for_an_endpoint_that_refuses_or_is_silent() {
    needs!("apache2");
    let proxy = apache();
    let options = format!("--proxy http://{}", proxy.address());
    let code = |answer: &crate::Answer, symbol: &str| {
        answer.says("/outcome/windows_codes/0/symbol", symbol);
    };
    let unknown = probe_target("no-such-host.invalid:443", &options);
    unknown.is_the_proxys("http", 502);
    code(&unknown, "WU_E_PT_HTTP_STATUS_BAD_GATEWAY");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    let refused = probe_target(&closed.to_string(), &options);
    refused.is_the_proxys("http", 503);
    code(&refused, "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL");

    let full = full_backlog();
    let began = Instant::now();
    probe_target(&format!("127.0.0.1:{}", full.0), &options).is_the_proxys("http", 503);
    assert!(began.elapsed() > Duration::from_millis(500), "Apache waits for about a second");
}

#[test]
fn a_front_that_reads_http_gives_504_where_the_proxy_behind_it_is_silent() {
    needs!("haproxy");
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let front = haproxy_reading_http(silent.local_addr().expect("it is bound"));
    let answer = probe_target("endpoint.test:443", &format!("--proxy http://{}", front.address()));
    answer.is_the_proxys("http", 504).says("/outcome/windows_codes/0/symbol", "WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT");
}

#[test]
fn privoxy_says_503_to_an_endpoint_that_refuses_and_a_slow_one_is_a_timeout_at_the_proxy() {
    needs!("privoxy");
    let proxy = privoxy();
    let options = format!("--proxy http://{}", proxy.address());
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    probe_target(&closed.to_string(), &options).is_the_proxys("http", 503).says("/outcome/reason", "Connect failed");

    let full = full_backlog();
    let slow = probe_target(&format!("127.0.0.1:{}", full.0), &format!("{options} --timeout-proxy 1"));
    slow.exits(1).says("/outcome/stage", "proxy").says("/outcome/kind", "timeout");
    slow.says("/outcome/waiting_for", "the proxy's answer to CONNECT");
    slow.says("/outcome/windows_codes/0/code", "0x80072EE2");
}
