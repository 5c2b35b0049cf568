//! 407: who is asked how, and how often.

use tlsprobe::proxy::{AuthChoice, AuthScheme, Credentials, ProxyOptions};

use crate::scripted_proxy::ScriptedProxy;
use crate::{LONG, dial, dial_to, dialer, status, tunnel};

const NOT_BASIC: &[u8] =
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"corp\"\r\nContent-Length: 4\r\n\r\nwho?";

/// A proxy that lets in whoever sends a line with this in it; all others get this 407.
async fn guarded(challenge: &'static [u8], password: &'static str) -> ScriptedProxy {
    ScriptedProxy::start(move |_, mut visit| async move {
        while let Some(request) = visit.request().await {
            if request.contains(password) {
                visit.send(b"HTTP/1.1 200 OK\r\n\r\n").await;
                return;
            }
            visit.send(challenge).await;
        }
    })
    .await
}

/// What stands behind `Proxy-Authorization` in each request, if anything does.
fn proofs(proxy: &ScriptedProxy) -> Vec<Option<String>> {
    let proof = |request: &String| {
        let line = request.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: "));
        line.map(str::to_owned)
    };
    proxy.heard().iter().map(proof).collect()
}

fn only(scheme: AuthScheme) -> ProxyOptions {
    ProxyOptions { auth: AuthChoice::Only(scheme), ..ProxyOptions::default() }
}

#[tokio::test]
async fn without_credentials_a_407_lists_the_schemes() {
    let proxy = ScriptedProxy::saying(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
          Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Digest realm=a, nonce=b, Basic realm=\"c, d\"\r\n\
          Content-Length: 0\r\n\r\n",
    )
    .await;
    let dialled = dial(proxy.address).await;
    assert_eq!(dialled.connections, 1);
    let status = status(dialled);
    assert_eq!(status.status, 407);
    assert_eq!(status.auth_schemes, ["Negotiate", "NTLM", "Digest", "Basic"]);
    assert_eq!(status.auth_tried, [""; 0]);
    assert_eq!(proxy.heard().len(), 1);
}

#[tokio::test]
async fn basic_is_shown_when_it_is_asked_for_on_the_same_connection() {
    let proxy = guarded(NOT_BASIC, "Basic Ym9iYnk6aHVudGVyMg==").await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let dialled = dial_to(&dialer, proxy.address, "endpoint.test", LONG).await;
    assert_eq!(dialled.connections, 1);
    tunnel(dialled);
    assert_eq!(proofs(&proxy), [None, Some("Basic Ym9iYnk6aHVudGVyMg==".to_owned())]);
}

#[tokio::test]
async fn basic_by_name_goes_with_the_first_request() {
    let proxy = guarded(NOT_BASIC, "Basic Ym9iYnk6aHVudGVyMg==").await;
    let options = ProxyOptions { credentials: Some(Credentials::new("bobby", "hunter2")), ..only(AuthScheme::Basic) };
    let dialer = dialer("http://other:word@", proxy.address, options);
    tunnel(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(proofs(&proxy).len(), 1);
}

#[tokio::test]
async fn a_proxy_that_closes_after_its_407_is_dialled_again() {
    let proxy = ScriptedProxy::start(|number, mut visit| async move {
        visit.request().await;
        match number {
            0 => visit.send(b"HTTP/1.0 407 Who\r\nProxy-Authenticate: Basic\r\n\r\nwho are you?").await,
            _ => visit.send(b"HTTP/1.0 200 OK\r\n\r\n").await,
        }
    })
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let dialled = dial_to(&dialer, proxy.address, "endpoint.test", LONG).await;
    assert_eq!(dialled.connections, 2);
    tunnel(dialled);
    assert_eq!(proxy.visits(), 2);
}

#[tokio::test]
async fn a_proxy_that_hangs_up_after_its_407_without_saying_so_is_dialled_again() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        let request = visit.request().await.unwrap();
        let open = b"HTTP/1.1 200 OK\r\n\r\n".as_slice();
        visit.send(if request.contains("Proxy-Authorization") { open } else { NOT_BASIC }).await;
    })
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let dialled = dial_to(&dialer, proxy.address, "endpoint.test", LONG).await;
    assert_eq!(dialled.connections, 2);
    tunnel(dialled);
}

#[tokio::test]
async fn wrong_credentials_are_tried_once_by_each_scheme_the_strongest_first() {
    let proxy = ScriptedProxy::saying(
        b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=a\r\nProxy-Authenticate: Digest realm=a, nonce=b\r\n\
          Content-Length: 0\r\n\r\n",
    )
    .await;
    let dialer = dialer("http://bobby:wrong@", proxy.address, ProxyOptions::default());
    let first = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(first.auth_tried, ["digest", "basic"]);
    let schemes = |proofs: Vec<Option<String>>| -> Vec<Option<String>> {
        proofs.into_iter().map(|proof| Some(proof?.split(' ').next()?.to_owned())).collect()
    };
    assert_eq!(schemes(proofs(&proxy)), [None, Some("Digest".to_owned()), Some("Basic".to_owned())]);

    let second = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(second.auth_tried, [""; 0]);
    assert!(second.auth_not_tried.iter().all(|why| why.contains("refused these credentials earlier")));
    assert_eq!(second.auth_not_tried.len(), 2);
    assert_eq!(proofs(&proxy).iter().flatten().count(), 2, "nothing more was shown");
}

#[tokio::test]
async fn wrong_credentials_are_shown_once_by_many_connections_at_a_time() {
    let proxy = ScriptedProxy::saying(NOT_BASIC).await;
    let dialer = dialer("http://bobby:wrong@", proxy.address, ProxyOptions::default());
    let all = (0..8).map(|_| dial_to(&dialer, proxy.address, "endpoint.test", LONG));
    for dialled in futures_util::future::join_all(all).await {
        assert_eq!(status(dialled).status, 407);
    }
    assert_eq!(proofs(&proxy).iter().flatten().count(), 1);
}

/// A challenge that gss-ntlmssp 1.2 made, in a workgroup.
const NTLM_CHALLENGE: &str = "TlRMTVNTUAACAAAABAAEADgAAAAFgoqi/bo8ZSDgmGgAAAAAAAAAAEIAQgA8AAAABgIAAAAAAA9WAE0AAQAEAFYATQAC\
                              ABYAVwBPAFIASwBTAFQAQQBUAEkATwBOAAMABAB2AG0ABgAEAAAAAAAHAAgAKOYCcXl63QEAAAAA";

/// Which of NTLM's messages a request carries (MS-NLMP §2.2.1).
fn ntlm_message(request: &str) -> Option<u8> {
    let token = request.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: NTLM "))?;
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, token).ok()?.get(8).copied()
}

/// Asks for NTLM, challenges on the same connection, and gives this answer to the third message.
async fn ntlm_proxy(closes_after_its_challenge: bool, last: &'static [u8]) -> ScriptedProxy {
    ScriptedProxy::start(move |_, mut visit| async move {
        let mut challenged = false;
        while let Some(request) = visit.request().await {
            let challenge = match ntlm_message(&request) {
                Some(3) if challenged => {
                    visit.send(last).await;
                    continue;
                }
                Some(1) => {
                    challenged = true;
                    format!(" {NTLM_CHALLENGE}")
                }
                _ => String::new(),
            };
            let close = if closes_after_its_challenge && challenged { "Connection: close\r\n" } else { "" };
            let answer =
                format!("HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM{challenge}\r\n{close}Content-Length: 0\r\n\r\n");
            visit.send(answer.as_bytes()).await;
            if !close.is_empty() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn ntlms_three_messages_go_over_one_connection() {
    for (options, requests) in [(ProxyOptions::default(), 3), (only(AuthScheme::Ntlm), 2)] {
        let proxy = ntlm_proxy(false, b"HTTP/1.1 200 OK\r\n\r\n").await;
        let dialer = dialer("http://CORP%5Cbobby:hunter2@", proxy.address, options);
        let dialled = dial_to(&dialer, proxy.address, "endpoint.test", LONG).await;
        assert_eq!(dialled.connections, 1);
        tunnel(dialled);
        let heard = proxy.heard();
        assert_eq!(heard.len(), requests);
        let messages: Vec<u8> = heard.iter().filter_map(|request| ntlm_message(request)).collect();
        assert_eq!(messages, [1, 3]);
    }
}

#[tokio::test]
async fn ntlm_that_is_refused_is_tried_once() {
    let refused = b"HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";
    let proxy = ntlm_proxy(false, refused).await;
    let dialer = dialer("http://bobby:wrong@", proxy.address, ProxyOptions::default());
    let first = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(first.auth_tried, ["ntlm"]);
    let second = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(second.auth_tried, [""; 0]);
    assert_eq!(proxy.heard().iter().filter(|request| ntlm_message(request) == Some(3)).count(), 1);
}

#[tokio::test]
async fn a_challenge_whose_connection_is_closed_cant_be_answered() {
    let proxy = ntlm_proxy(true, b"").await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(status.auth_not_tried, ["ntlm: the proxy closed the connection to which its challenge belongs"]);
}

#[tokio::test]
async fn a_challenge_that_is_none_says_so() {
    let proxy = ScriptedProxy::saying(
        b"HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM bm8gY2hhbGxlbmdl\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert!(status.auth_not_tried[0].starts_with("ntlm: "), "{:?}", status.auth_not_tried);
    assert!(!format!("{status:?}").contains("hunter2"));
}

#[tokio::test]
async fn without_a_kdc_negotiate_carries_ntlm_and_one_that_is_not_there_is_no_obstacle() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for kdc in [None, Some(closed.to_string().parse().unwrap())] {
        let proxy =
            ScriptedProxy::saying(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n")
                .await;
        let options = ProxyOptions { kdc, ..ProxyOptions::default() };
        let dialer = dialer("http://CORP.TEST%5Cbobby:hunter2@", proxy.address, options);
        let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
        assert_eq!(status.auth_tried, ["negotiate"]);
        let proofs: Vec<String> = proofs(&proxy).into_iter().flatten().collect();
        // The tag of SPNEGO's first token (RFC 4178 §4.2), in base64, and NTLM's object identifier within.
        let is_spnego = |proof: &String| proof.starts_with("Negotiate Y") && proof.contains("BgorBgEEAYI3AgIK");
        assert!(matches!(proofs.as_slice(), [proof] if is_spnego(proof)), "{proofs:?}");
    }
}

/// As tinyproxy does.
#[tokio::test]
async fn a_401_to_credentials_refuses_them() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        let request = visit.request().await.unwrap();
        let unauthorized = b"HTTP/1.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".as_slice();
        visit.send(if request.contains("Proxy-Authorization") { unauthorized } else { NOT_BASIC }).await;
    })
    .await;
    let dialer = dialer("http://bobby:wrong@", proxy.address, ProxyOptions::default());
    let first = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!((first.status, first.auth_tried), (401, vec!["basic".to_owned()]));
    let second = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!((second.status, second.auth_tried.len()), (407, 0));
}

#[tokio::test]
async fn a_scheme_that_was_named_is_the_only_one() {
    let proxy = ScriptedProxy::saying(NOT_BASIC).await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, only(AuthScheme::Digest));
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(status.auth_schemes, ["Basic"]);
    assert_eq!(proofs(&proxy), [None]);
}

#[tokio::test]
async fn digest_takes_the_strongest_hash_and_answers_a_stale_nonce_once() {
    let stale = |number: usize| {
        let stale = if number == 0 { "" } else { ", stale=true" };
        format!(
            "HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest realm=a, nonce=n{number}, qop=\"auth\", algorithm=MD5{stale}\r\n\
             Proxy-Authenticate: Digest realm=a, nonce=n{number}, qop=\"auth\", algorithm=SHA-256{stale}\r\n\
             Content-Length: 0\r\n\r\n"
        )
    };
    let proxy = ScriptedProxy::start(move |_, mut visit| async move {
        for number in 0.. {
            if visit.request().await.is_none() {
                return;
            }
            visit.send(stale(number).as_bytes()).await;
        }
    })
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(status.auth_tried, ["digest"]);
    let proofs: Vec<String> = proofs(&proxy).into_iter().flatten().collect();
    assert_eq!(proofs.len(), 2, "a nonce that is stale for ever is answered once: {proofs:?}");
    for (number, proof) in proofs.iter().enumerate() {
        assert!(proof.contains(&format!("nonce=\"n{number}\"")) && proof.contains("algorithm=SHA-256"), "{proof}");
        assert!(proof.contains("uri=\"endpoint.test:443\""), "{proof}");
    }
}

#[tokio::test]
async fn a_challenge_that_cant_be_answered_says_why_it_was_not_tried() {
    let proxy = ScriptedProxy::saying(
        b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest realm=a, nonce=b, qop=auth-int\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!(status.auth_tried, [""; 0]);
    assert!(status.auth_not_tried[0].starts_with("digest: "), "{:?}", status.auth_not_tried);
}

#[tokio::test]
async fn a_refusal_of_another_kind_shows_that_the_credentials_were_accepted() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        while let Some(request) = visit.request().await {
            let answer: &[u8] = if request.contains("Basic") {
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
            } else {
                NOT_BASIC
            };
            visit.send(answer).await;
        }
    })
    .await;
    let dialer = dialer("http://bobby:hunter2@", proxy.address, ProxyOptions::default());
    let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
    assert_eq!((status.status, status.auth_tried), (403, vec!["basic".to_owned()]));
}
