//! CONNECT over HTTP: a tunnel, a refusal, or an answer that is none.

use std::time::Duration;

use tlsprobe::outcome::{Answer, ProxyProtocol};
use tlsprobe::proxy::{HttpVersion, ProxyOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scripted_proxy::ScriptedProxy;
use crate::{LONG, dial, dial_to, dialer, end, malformed, status, tunnel};

#[tokio::test]
async fn a_200_opens_a_tunnel_that_carries_bytes_both_ways() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
        let hello = visit.bytes(5).await;
        visit.send(&hello).await;
    })
    .await;
    let dialled = dial(proxy.address).await;
    assert_eq!(dialled.connections, 1);
    assert!(dialled.connect.unwrap() > Duration::ZERO && dialled.proxy.unwrap() > Duration::ZERO);
    let mut tunnel = tunnel(dialled);
    tunnel.write_all(b"hello").await.unwrap();
    let mut bytes = [0; 5];
    tunnel.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"hello");
    assert_eq!(tunnel.peer_address(), proxy.address);
    let request = proxy.heard().remove(0);
    assert!(request.starts_with("CONNECT endpoint.test:443 HTTP/1.1\r\nHost: endpoint.test:443\r\n"), "{request}");
}

#[tokio::test]
async fn bytes_behind_the_200_are_the_endpoints() {
    let proxy =
        ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\x15\x03\x03\x00\x02\x02\x28").await;
    let mut tunnel = tunnel(dial(proxy.address).await);
    let mut bytes = [0; 3];
    tunnel.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, [0x15, 3, 3]);
    let mut bytes = [0; 4];
    tunnel.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, [0, 2, 2, 40]);
}

#[tokio::test]
async fn of_two_200s_the_second_is_the_endpoints() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").await;
    let mut tunnel = tunnel(dial(proxy.address).await);
    let mut bytes = [0; 19];
    tunnel.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"HTTP/1.1 200 OK\r\n\r\n");
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let proxy = ScriptedProxy::saying(answer).await;
    tunnel(dial(proxy.address).await);
}

#[tokio::test]
async fn any_2xx_opens_a_tunnel() {
    tunnel(dial(ScriptedProxy::saying(b"HTTP/1.0 299 Whatever\n\n").await.address).await);
}

#[tokio::test]
async fn http_1_0_is_spoken_to_old_proxies() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.0 200 Connection established\r\n\r\n").await;
    let dialer =
        dialer("http://", proxy.address, ProxyOptions { http: HttpVersion::Http10, ..ProxyOptions::default() });
    tunnel(dial_to(&dialer, proxy.address, "2001:db8::1", LONG).await);
    assert!(proxy.heard()[0].starts_with("CONNECT [2001:db8::1]:443 HTTP/1.0\r\n"));
}

#[tokio::test]
async fn a_refusal_is_told_with_reason_fields_and_the_start_of_its_body() {
    let proxy = ScriptedProxy::saying(
        b"HTTP/1.1 503 Service Unavailable\r\nVia: 1.1 proxy (squid/5.7)\r\n\
          X-Squid-Error: ERR_CONNECT_FAIL 111\r\nContent-Length: 27\r\n\r\n<h1>The host is down.</h1>\n",
    )
    .await;
    let dialled = dial(proxy.address).await;
    assert!(dialled.proxy.is_some());
    let status = status(dialled);
    assert_eq!((status.protocol, status.status), (ProxyProtocol::Http, 503));
    assert_eq!(status.reason, "Service Unavailable");
    let field = |name: &str| status.headers.iter().find(|field| field.name == name).map(|field| field.value.as_str());
    assert_eq!(field("Via"), Some("1.1 proxy (squid/5.7)"));
    assert_eq!(field("X-Squid-Error"), Some("ERR_CONNECT_FAIL 111"));
    assert_eq!(status.body_start, "<h1>The host is down.</h1>\n");
    assert_eq!((status.auth_schemes.len(), status.auth_tried.len()), (0, 0));
}

#[tokio::test]
async fn every_refusing_status_is_told_as_it_is() {
    for (answer, code) in [
        (b"HTTP/1.1 302 Found\r\nLocation: http://login\r\nContent-Length: 0\r\n\r\n".as_slice(), 302),
        (b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n", 403),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 502),
        (b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n", 504),
        (b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n", 101),
    ] {
        let status = status(dial(ScriptedProxy::saying(answer).await.address).await);
        assert_eq!(status.status, code);
        assert_eq!(status.body_start, if code == 403 { "no!" } else { "" });
    }
}

#[tokio::test]
async fn a_long_body_is_cut_and_one_that_never_ends_is_not_waited_for() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100000\r\n\r\n").await;
        visit.send(&[b'x'; 2000]).await;
        visit.stay_silent().await;
    })
    .await;
    let started = std::time::Instant::now();
    assert_eq!(status(dial(proxy.address).await).body_start, "x".repeat(512));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_is_not_http_is_malformed_at_once() {
    let (field, offset, expected) =
        malformed(dial(ScriptedProxy::saying(b"SSH-2.0-OpenSSH_9.2\r\n").await.address).await);
    assert_eq!((field.as_str(), offset), ("status line", 0));
    assert!(expected.contains("SSH-2.0-OpenSSH_9.2"), "{expected}");
    let alert = ScriptedProxy::saying(&[0x15, 3, 1, 0, 2, 2, 70]).await;
    assert!(malformed(dial(alert.address).await).2.contains("https:// proxy"));
}

/// Old proxies fold fields still, and a client may read the fold as spaces (RFC 9112 §5.2).
#[tokio::test]
async fn a_folded_field_is_no_obstacle() {
    let proxy = ScriptedProxy::saying(b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n").await;
    tunnel(dial(proxy.address).await);
}

#[tokio::test]
async fn a_header_without_end_is_cut_off_at_64_kib() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 200 OK\r\n").await;
        visit.send(&b"X-Filler: 0123456789abcdef\r\n".repeat(40_000)).await;
    })
    .await;
    let (field, offset, expected) = malformed(dial(proxy.address).await);
    assert_eq!((field.as_str(), offset), ("header", 64 * 1024));
    assert!(expected.contains("64 KiB"), "{expected}");
}

#[tokio::test]
async fn interim_answers_without_end_are_cut_off_too() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(40_000)).await;
    })
    .await;
    assert_eq!(malformed(dial(proxy.address).await).0, "header");
}

#[tokio::test]
async fn fin_reset_and_silence_before_the_answer_stay_apart() {
    let fin = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
    })
    .await;
    assert!(matches!(end(dial(fin.address).await), Answer::Fin { received_bytes: 0, .. }));

    let reset = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.send(b"HTTP/1.1 20").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        visit.reset();
    })
    .await;
    assert!(matches!(end(dial(reset.address).await), Answer::Reset { received_bytes: 11, .. }));

    let silence = ScriptedProxy::start(|_, mut visit| async move {
        visit.request().await;
        visit.stay_silent().await;
    })
    .await;
    let dialer = dialer("http://", silence.address, ProxyOptions::default());
    let wait = Duration::from_millis(300);
    let answer = end(dial_to(&dialer, silence.address, "endpoint.test", wait).await);
    let Answer::Timeout { waiting_for, received_bytes: 0, after_ms, tcp } = answer else { panic!("{answer:?}") };
    assert_eq!(waiting_for, "the proxy's answer to CONNECT");
    assert!((290.0..5000.0).contains(&after_ms), "{after_ms}");
    assert_eq!(tcp.is_some(), cfg!(target_os = "linux"));
}

#[tokio::test]
async fn a_byte_at_a_time_is_read_until_the_deadline() {
    let slow = |pause| {
        ScriptedProxy::start(move |_, mut visit| async move {
            visit.request().await;
            visit.send_slowly(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", Duration::from_millis(pause)).await;
            visit.stay_silent().await;
        })
    };
    tunnel(dial(slow(2).await.address).await);

    let proxy = slow(100).await;
    let dialer = dialer("http://", proxy.address, ProxyOptions::default());
    let answer = end(dial_to(&dialer, proxy.address, "endpoint.test", Duration::from_millis(500)).await);
    let Answer::Timeout { waiting_for, received_bytes, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(waiting_for, "the rest of the proxy's answer");
    assert!((1..10).contains(&received_bytes), "{received_bytes}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_refused_at_stage_proxy() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let dialled = dial(address).await;
    assert_eq!((dialled.connections, dialled.connect, dialled.proxy), (1, None, None));
    assert!(matches!(end(dialled), Answer::Refused { .. }));
}
