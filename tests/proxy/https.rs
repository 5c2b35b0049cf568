//! TLS to the proxy: verified, and every way it fails is told.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, generate_simple_self_signed};
use tlsprobe::dial::{DialError, ProxyDialer};
use tlsprobe::outcome::{AfterAlert, Answer};
use tlsprobe::plan::ThroughProxy;
use tlsprobe::proxy::{Proxy, ProxyOptions, ProxyTrust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use crate::scripted_proxy::ScriptedProxy;
use crate::{Dialled, LONG, dial_to, dialer, end, malformed, tunnel};

fn identity(name: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

/// A proxy inside TLS with this certificate, which says 200 and echoes five bytes.
async fn proxy_with(identity: &CertifiedKey<KeyPair>) -> ScriptedProxy {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], identity.signing_key.serialize_der().try_into().unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    ScriptedProxy::start(move |_, visit| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(visit.stream).await else { return };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nearly").await.unwrap();
            let mut bytes = [0; 5];
            stream.read_exact(&mut bytes).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    })
    .await
}

async fn dial(proxy: &ScriptedProxy, trust: ProxyTrust) -> Dialled {
    let options = ProxyOptions { trust, ..ProxyOptions::default() };
    let dialer = dialer("https://", proxy.address, options);
    dial_to(&dialer, proxy.address, "endpoint.test", LONG).await
}

/// A file with this certificate, and the folder that keeps it alive.
fn file_of(pem: &str) -> (tempfile::TempDir, ProxyTrust) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trust.pem");
    std::fs::write(&path, pem).unwrap();
    (folder, ProxyTrust::File(path))
}

#[tokio::test]
async fn a_certificate_in_the_file_is_trusted_and_the_tunnel_runs_inside_tls() {
    let identity = identity("127.0.0.1");
    let proxy = proxy_with(&identity).await;
    let (_folder, trust) = file_of(&identity.cert.pem());
    let dialled = dial(&proxy, trust).await;
    assert!(dialled.proxy.unwrap() > Duration::ZERO);
    let mut tunnel = tunnel(dialled);
    assert_eq!(tunnel.tcp_state().is_some(), cfg!(target_os = "linux"));
    tunnel.write_all(b"hello").await.unwrap();
    let mut all = Vec::new();
    tunnel.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"earlyhello");
}

#[tokio::test]
async fn a_chain_to_a_root_in_the_file_is_trusted_for_its_own_name_alone() {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    for (name, is_trusted) in [("127.0.0.1", true), ("proxy.test", false)] {
        let signing_key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&signing_key, &issuer).unwrap();
        let proxy = proxy_with(&CertifiedKey { cert, signing_key }).await;
        let (_folder, trust) = file_of(&root_certificate.pem());
        let dialled = dial(&proxy, trust).await;
        if is_trusted {
            tunnel(dialled);
        } else {
            assert_eq!(malformed(dialled).0, "certificate of the proxy");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nothing_vouches_for_ends_at_the_proxy_unless_anyone_will_do() {
    let proxy = proxy_with(&identity("127.0.0.1")).await;
    let (_folder, other) = file_of(&identity("127.0.0.1").cert.pem());
    let (field, _, expected) = malformed(dial(&proxy, other).await);
    assert_eq!(field, "certificate of the proxy");
    assert!(expected.contains("--proxy-trust"), "{expected}");
    tunnel(dial(&proxy, ProxyTrust::Anyone).await);
}

#[tokio::test]
async fn a_proxy_without_tls_is_malformed() {
    let proxy = ScriptedProxy::start(|_, mut visit| async move {
        visit.bytes(5).await;
        visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        visit.stay_silent().await;
    })
    .await;
    assert_eq!(malformed(dial(&proxy, ProxyTrust::Anyone).await).0, "TLS of the proxy");
}

#[tokio::test]
async fn an_alert_is_told_with_what_followed_it() {
    for (then, expected) in [("fin", AfterAlert::Fin), ("reset", AfterAlert::Reset), ("open", AfterAlert::Open)] {
        let proxy = ScriptedProxy::start(move |_, mut visit| async move {
            visit.bytes(9).await;
            visit.send(&[21, 3, 3, 0, 2, 2, 40]).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            match then {
                "fin" => {
                    visit.stream.shutdown().await.unwrap();
                    visit.stay_silent().await;
                }
                "reset" => visit.reset(),
                _ => visit.stay_silent().await,
            }
        })
        .await;
        let answer = end(dial(&proxy, ProxyTrust::Anyone).await);
        let Answer::Alert { level, code: 40, name, then, .. } = &answer else { panic!("{answer:?}") };
        assert_eq!((level.as_str(), name.as_deref(), *then), ("fatal", Some("handshake_failure"), expected));
    }
}

#[tokio::test]
async fn fin_and_reset_in_the_handshake_stay_apart() {
    let fin = ScriptedProxy::start(|_, mut visit| async move {
        visit.bytes(9).await;
        visit.stream.shutdown().await.unwrap();
        visit.stay_silent().await;
    })
    .await;
    assert!(matches!(end(dial(&fin, ProxyTrust::Anyone).await), Answer::Fin { .. }));
    let reset = ScriptedProxy::start(|_, mut visit| async move {
        visit.bytes(9).await;
        visit.reset();
    })
    .await;
    assert!(matches!(end(dial(&reset, ProxyTrust::Anyone).await), Answer::Reset { .. }));
}

#[tokio::test]
async fn silence_in_the_handshake_is_a_timeout() {
    let proxy = ScriptedProxy::start(|_, visit| visit.stay_silent()).await;
    let options = ProxyOptions { trust: ProxyTrust::Anyone, ..ProxyOptions::default() };
    let dialer = dialer("https://", proxy.address, options);
    let answer = end(dial_to(&dialer, proxy.address, "endpoint.test", Duration::from_millis(200)).await);
    assert!(matches!(&answer, Answer::Timeout { waiting_for, .. } if waiting_for.contains("TLS")), "{answer:?}");
}

#[test]
fn a_trust_file_that_cant_be_used_is_our_error() {
    let (_folder, empty) = file_of("no certificate at all\n");
    for trust in [ProxyTrust::File("/nonexistent/trust.pem".into()), empty] {
        let proxy = Proxy::parse("https://bobby:hunter2@proxy.test:3129").unwrap();
        let options = ProxyOptions { trust, ..ProxyOptions::default() };
        let error = ProxyDialer::new(Arc::new(ThroughProxy { proxy, options })).err().unwrap();
        assert!(matches!(error, DialError::ProxyTrust { .. }));
        let text = error.to_string();
        assert!(text.contains("trust.pem") && text.contains("https://proxy.test:3129"), "{text}");
        assert!(text.contains("\n  try: ") && !text.contains("hunter2"), "{text}");
    }
}
