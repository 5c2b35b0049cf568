//! SOCKS 5: the exchange of RFC 1928 and RFC 1929, byte for byte.

use tlsprobe::outcome::{Answer, ProxyProtocol};
use tlsprobe::proxy::ProxyOptions;
use tokio::io::AsyncReadExt;

use crate::scripted_proxy::{ScriptedProxy, Visit};
use crate::{Dialled, LONG, dial_to, dialer, end, malformed, status, tunnel};

const OPEN: &[u8] = &[5, 0, 0, 1, 127, 0, 0, 1, 0, 80];

async fn dial(proxy: &ScriptedProxy, scheme: &str, host: &str) -> Dialled {
    dial_to(&dialer(scheme, proxy.address, ProxyOptions::default()), proxy.address, host, LONG).await
}

/// A proxy that wants no authentication, expects this request and gives this reply.
async fn replying(request: &'static [u8], reply: &'static [u8]) -> ScriptedProxy {
    ScriptedProxy::start(move |_, mut visit| async move {
        assert_eq!(visit.bytes(3).await, [5, 1, 0]);
        visit.send(&[5, 0]).await;
        assert_eq!(visit.bytes(request.len()).await, request);
        visit.send(reply).await;
        visit.stay_silent().await;
    })
    .await
}

#[tokio::test]
async fn the_proxy_is_given_the_name_and_what_follows_its_reply_is_the_endpoints() {
    for reply in [
        b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50hi".as_slice(),
        b"\x05\x00\x00\x03\x04host\x00\x50hi",
        b"\x05\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50hi",
    ] {
        let proxy = replying(b"\x05\x01\x00\x03\x0dendpoint.test\x01\xbb", reply).await;
        let mut tunnel = tunnel(dial(&proxy, "socks5h://", "endpoint.test").await);
        let mut bytes = [0; 2];
        tunnel.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"hi");
    }
}

#[tokio::test]
async fn addresses_are_sent_as_addresses() {
    let v4 = replying(&[5, 1, 0, 1, 192, 0, 2, 1, 1, 187], OPEN).await;
    tunnel(dial(&v4, "socks5://", "192.0.2.1").await);
    let v6 = replying(&[5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 187], OPEN).await;
    tunnel(dial(&v6, "socks5://", "2001:db8::1").await);
}

#[tokio::test]
async fn every_reply_code_is_told_with_its_meaning() {
    for (code, reason) in [
        (1, "general SOCKS server failure"),
        (2, "connection not allowed by ruleset"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "TTL expired"),
        (7, "command not supported"),
        (8, "address type not supported"),
        (99, "unassigned"),
    ] {
        let proxy = ScriptedProxy::start(move |_, mut visit| async move {
            visit.bytes(3).await;
            visit.send(&[5, 0]).await;
            visit.bytes(20).await;
            visit.send(&[5, code]).await;
        })
        .await;
        let status = status(dial(&proxy, "socks5h://", "endpoint.test").await);
        assert_eq!((status.protocol, status.status), (ProxyProtocol::Socks5, u16::from(code)));
        assert_eq!(status.reason, reason);
    }
}

/// Reads the greeting and the credentials, and says whether they are the right ones.
async fn asks_who(visit: &mut Visit) -> bool {
    assert_eq!(visit.bytes(4).await, [5, 2, 0, 2]);
    visit.send(&[5, 2]).await;
    let head = visit.bytes(2).await;
    let user = visit.bytes(usize::from(head[1])).await;
    let length = visit.bytes(1).await;
    let password = visit.bytes(usize::from(length[0])).await;
    head[0] == 1 && (user.as_slice(), password.as_slice()) == (b"bobby", b"hunter2")
}

#[tokio::test]
async fn a_user_name_and_password_are_shown_when_they_are_asked_for() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        let known = asks_who(&mut visit).await;
        visit.send(&[1, u8::from(!known)]).await;
        visit.bytes(20).await;
        visit.send(OPEN).await;
        visit.stay_silent().await;
    })
    .await;
    tunnel(dial(&proxy, "socks5h://bobby:hunter2@", "endpoint.test").await);
}

#[tokio::test]
async fn wrong_credentials_are_shown_once() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        let known = asks_who(&mut visit).await;
        visit.send(&[1, u8::from(!known)]).await;
    })
    .await;
    let dialer = dialer("socks5h://bobby:wrong@", proxy.address, ProxyOptions::default());
    let first = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!((first.status, first.auth_tried), (1, vec!["username/password".to_owned()]));
    assert!(first.reason.contains("refused"), "{}", first.reason);
    let second = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert!(second.auth_tried.is_empty() && second.reason.contains("earlier in this run"), "{}", second.reason);
}

#[tokio::test]
async fn a_proxy_that_wants_authentication_and_gets_none_says_so() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.bytes(3).await;
        visit.send(&[5, 0xff]).await;
    })
    .await;
    let status = status(dial(&proxy, "socks5h://", "endpoint.test").await);
    assert_eq!(status.status, 255);
    assert!(status.reason.contains("it wants authentication"), "{}", status.reason);
}

#[tokio::test]
async fn what_breaks_the_protocol_is_told_where() {
    for (answer, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), ("version", 0)),
        (&[4, 0], ("version", 0)),
        (&[5, 1], ("method", 1)),
        (&[5, 0, 4], ("version", 0)),
        (&[5, 0, 5, 0, 0, 9], ("ATYP", 3)),
    ] {
        let proxy = ScriptedProxy::start(move |_, mut visit| async move {
            visit.bytes(3).await;
            visit.send(answer).await;
            visit.stay_silent().await;
        })
        .await;
        let (field, offset, _) = malformed(dial(&proxy, "socks5h://", "endpoint.test").await);
        assert_eq!((field.as_str(), offset), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn an_end_in_the_middle_of_a_reply_is_told_as_it_is() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.bytes(3).await;
        visit.send(&[5, 0]).await;
        visit.bytes(20).await;
        visit.send(&OPEN[..6]).await;
    })
    .await;
    let answer = end(dial(&proxy, "socks5h://", "endpoint.test").await);
    assert!(matches!(answer, Answer::Fin { received_bytes: 6, .. }), "{answer:?}");
}
