//! How connects end where packets have no way, in networks of their own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tlsprobe::dial::{DialError, Failure, connect};
use tlsprobe::outcome::{Answer, Stage};

#[path = "support/namespace.rs"]
mod namespace;

/// How a connect ends: its kind, and the system's words if it has any.
async fn ending(address: &str, wait: Duration) -> (&'static str, String) {
    let address: SocketAddr = address.parse().unwrap();
    match connect(address, wait).await {
        Err(Failure::Ended(outcome)) => {
            assert_eq!(outcome.stage, Stage::Connect);
            let words = match &outcome.answer {
                Answer::Unreachable { error } => error.clone(),
                _ => String::new(),
            };
            (outcome.answer.kind(), words)
        }
        other => panic!("{address}: {other:?}"),
    }
}

async fn assert_unreachable(address: &str, words: &str) {
    let start = Instant::now();
    let (kind, error) = ending(address, Duration::from_secs(5)).await;
    assert_eq!(kind, "unreachable", "{address}");
    assert!(error.starts_with(words), "{address}: {error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{address} was waited for");
}

#[tokio::test]
async fn an_address_without_a_way_is_unreachable_in_the_systems_words() {
    let routes = "
        ip route add unreachable 192.0.2.0/24
        ip route add prohibit 198.51.100.0/24
        ip route add blackhole 203.0.113.0/24
        ip -6 route add unreachable 2001:db8:1::/48
        ip -6 route add prohibit 2001:db8:2::/48";
    if !namespace::inside("an_address_without_a_way_is_unreachable_in_the_systems_words", routes) {
        return;
    }
    assert_unreachable("192.0.2.1:443", "No route to host").await;
    assert_unreachable("198.51.100.1:443", "Permission denied").await;
    assert_unreachable("203.0.113.1:443", "Invalid argument").await;
    assert_unreachable("10.0.0.1:443", "Network is unreachable").await;
    assert_unreachable("[2001:db8:1::1]:443", "No route to host").await;
    assert_unreachable("[2001:db8:2::1]:443", "Permission denied").await;
    assert_unreachable("[2001:db8:3::1]:443", "Network is unreachable").await;
}

/// A second namespace is the router: its ICMP answers come while the SYN is under way.
#[tokio::test]
async fn a_routers_word_is_told_from_its_silence() {
    let router = "
        unshare --net sleep 60 &
        router=$!
        trap 'kill $router' EXIT
        while [ \"$(readlink /proc/$router/ns/net)\" = \"$(readlink /proc/$$/ns/net)\" ]; do sleep 0.01; done
        ip link add near type veth peer name far
        ip link set far netns $router
        ip address add 10.8.0.1/24 dev near
        ip link set near up
        nsenter --net --target $router sh -ec '
            ip address add 10.8.0.2/24 dev far
            ip link set far up
            echo 1 > /proc/sys/net/ipv4/ip_forward
            ip route add unreachable 10.7.1.0/24
            ip route add prohibit 10.7.2.0/24
            ip route add blackhole 10.7.3.0/24'
        ip route add 10.7.0.0/16 via 10.8.0.2";
    if !namespace::inside("a_routers_word_is_told_from_its_silence", router) {
        return;
    }
    assert_unreachable("10.7.1.1:443", "No route to host").await;
    assert_unreachable("10.7.2.1:443", "No route to host").await;
    assert_eq!(ending("10.8.0.2:443", Duration::from_secs(5)).await.0, "refused");
    assert_eq!(ending("10.7.3.1:443", Duration::from_millis(300)).await.0, "timeout");
}

#[tokio::test]
async fn running_out_of_ports_is_our_error_and_not_the_peers_answer() {
    let two_ports = "echo 50000 50001 > /proc/sys/net/ipv4/ip_local_port_range";
    if !namespace::inside("running_out_of_ports_is_our_error_and_not_the_peers_answer", two_ports) {
        return;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:443").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut open = Vec::new();
    let error = loop {
        match connect(address, Duration::from_secs(5)).await {
            Ok(connection) => open.push(connection),
            Err(failure) => break failure,
        }
    };
    assert_eq!(open.len(), 2);
    let Failure::Local(error @ DialError::Socket { .. }) = error else { panic!("{error:?}") };
    let text = error.to_string();
    assert!(text.starts_with("cannot connect to 127.0.0.1:443: Cannot assign requested address"), "{text}");
    assert!(text.contains("\n  try: ask fewer endpoints at a time, or widen the range of local ports"), "{text}");
}

#[tokio::test]
async fn running_out_of_descriptors_is_our_error_and_not_the_peers_answer() {
    if !namespace::inside("running_out_of_descriptors_is_our_error_and_not_the_peers_answer", "ulimit -n 24") {
        return;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut open = Vec::new();
    let error = loop {
        match connect(address, Duration::from_secs(5)).await {
            Ok(connection) => open.push(connection),
            Err(failure) => break failure,
        }
    };
    assert!(!open.is_empty());
    let Failure::Local(error @ DialError::Socket { .. }) = error else { panic!("{error:?}") };
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot open a socket to {address}: Too many open files")), "{text}");
    assert!(text.contains("ulimit -n"), "{text}");
}
