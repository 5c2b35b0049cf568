//! Credentials are in what is sent, and in nothing that anybody reads.

use tlsprobe::proxy::{AuthChoice, AuthScheme, ProxyOptions};

use crate::scripted_proxy::ScriptedProxy;
use crate::{LONG, dial_to, dialer, status};

/// A proxy that repeats each request in its answer, in a field and in the body.
async fn echo() -> ScriptedProxy {
    ScriptedProxy::start(|_, mut visit| async move {
        while let Some(request) = visit.request().await {
            let proof = request.lines().find(|line| line.starts_with("Proxy-Authorization")).unwrap_or("none");
            let body = format!("<pre>{request}</pre> user bobby, password hunter2");
            let answer = format!(
                "HTTP/1.1 407 Who is bobby\r\nProxy-Authenticate: Basic realm=hunter2\r\n\
                 Proxy-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=auth\r\nX-Echo: {proof}\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            visit.send(answer.as_bytes()).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_proxy_that_echoes_the_request_gets_no_credentials_into_a_report() {
    for auth in [AuthChoice::Any, AuthChoice::Only(AuthScheme::Basic), AuthChoice::Only(AuthScheme::Digest)] {
        let proxy = echo().await;
        let options = ProxyOptions { auth, ..ProxyOptions::default() };
        let dialer = dialer("http://bobby:hunter2@", proxy.address, options);
        let status = status(dial_to(&dialer, proxy.address, "endpoint.test", LONG).await);
        assert!(!status.auth_tried.is_empty());
        let (json, debug) = (serde_json::to_string(&status).unwrap(), format!("{status:?}"));
        for text in [json, debug] {
            for secret in ["bobby", "hunter2", "Ym9iYnk6aHVudGVyMg"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            assert!(text.contains("[redacted]"), "{text}");
        }
    }
}
