//! Every proxy, asked by a plain socket.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::super::testing::Ending::{Fin, Open, Reset};
use super::super::testing::{
    Ending, connect, messages, read, record_of, server_hello, settings, start, tls12_hello, types,
};
use super::super::{Lab, PROXIES};
use super::{ECDHE_FLIGHT, tls_hello};
use crate::registry::ProtocolVersion;
use crate::wire::Wire;
use crate::wire::handshake::{Certificate, ClientHello};

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// Sends a CONNECT and reads what comes of it.
async fn connect_through(lab: &Lab, proxy: &str, destination: &str) -> (TcpStream, Vec<u8>, Ending) {
    let mut stream = connect(lab, proxy).await.unwrap();
    let request = format!("CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (bytes, ending) = read(&mut stream).await;
    (stream, bytes, ending)
}

/// What a hello brings through a tunnel that must come about.
async fn ask_through(lab: &Lab, proxy: &str, host: &str, hello: &ClientHello) -> (Vec<u8>, Ending) {
    let (mut stream, bytes, ending) = connect_through(lab, proxy, &format!("{host}:443")).await;
    assert_eq!((bytes.as_slice(), ending), (ESTABLISHED, Open), "{}", String::from_utf8_lossy(&bytes));
    stream.write_all(&record_of(hello)).await.unwrap();
    read(&mut stream).await
}

const SWS: &str = "sws.update.microsoft.com";

#[tokio::test]
async fn a_good_proxy_carries_an_endpoints_flight_alert_reset_and_fin() {
    let lab = start().await;
    let (bytes, ending) = ask_through(&lab, "proxy", SWS, &tls12_hello()).await;
    assert_eq!((types(&messages(&bytes)), ending), (ECDHE_FLIGHT.to_vec(), Open));
    let old = tls_hello(ProtocolVersion::TLS1_0);
    assert_eq!(ask_through(&lab, "proxy", SWS, &old).await, (vec![], Reset));
    assert_eq!(ask_through(&lab, "proxy", "fe2.update.microsoft.com", &old).await, (vec![], Fin));
    let alert = vec![21, 3, 3, 0, 2, 2, 40];
    for (host, ending) in [("alert-fin", Fin), ("alert-reset", Reset), ("alert-open", Open)] {
        let answer = ask_through(&lab, "proxy", &format!("{host}.lab.test"), &old).await;
        assert_eq!(answer, (alert.clone(), ending), "{host}");
    }
}

#[tokio::test]
async fn a_reset_becomes_a_fin_and_nothing_else_changes() {
    let lab = start().await;
    let proxy = "proxy-fin-for-reset";
    assert_eq!(ask_through(&lab, proxy, SWS, &tls_hello(ProtocolVersion::TLS1_0)).await, (vec![], Fin));
    let (bytes, ending) = ask_through(&lab, proxy, SWS, &tls12_hello()).await;
    assert_eq!((types(&messages(&bytes)), ending), (ECDHE_FLIGHT.to_vec(), Open));
    let (bytes, ending) = ask_through(&lab, proxy, "alert-reset.lab.test", &tls12_hello()).await;
    assert_eq!((bytes, ending), (vec![21, 3, 3, 0, 2, 2, 40], Fin));
}

#[tokio::test]
async fn a_clients_fin_reaches_the_endpoint_whose_own_comes_back() {
    let lab = start().await;
    let (mut stream, ..) = connect_through(&lab, "proxy", "silence.lab.test:443").await;
    stream.shutdown().await.unwrap();
    assert_eq!(read(&mut stream).await, (vec![], Fin));
}

#[tokio::test]
async fn an_inspecting_proxy_accepts_what_the_endpoint_refuses_and_signs_for_its_name() {
    let lab = start().await;
    let (bytes, _) = ask_through(&lab, "proxy-intercepts", SWS, &tls_hello(ProtocolVersion::TLS1_0)).await;
    let messages = messages(&bytes);
    assert_eq!(server_hello(&messages).negotiated_version(), ProtocolVersion::TLS1_0);
    let chain = Certificate::from_bytes(&messages[1].body).unwrap();
    let (_, leaf) = X509Certificate::from_der(&chain.entries[0]).unwrap();
    assert_eq!(leaf.issuer().to_string(), "CN=mitmproxy, O=mitmproxy");
    let names = leaf.subject_alternative_name().unwrap().unwrap().value.general_names.clone();
    assert_eq!(names[0].to_string(), format!("DNSName({SWS})"));
}

#[tokio::test]
async fn a_proxy_connects_to_the_labs_endpoints_by_name_and_address_and_to_nobody_else() {
    let lab = start().await;
    let sws = lab.find("sws").unwrap().address.to_string();
    assert_eq!(connect_through(&lab, "proxy", &sws).await.1, ESTABLISHED);
    let stranger = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stranger = stranger.local_addr().unwrap().to_string();
    for proxy in ["proxy", "proxy-intercepts"] {
        for elsewhere in [stranger.as_str(), "www.example.com:443", "[::1]:443"] {
            let (_, bytes, ending) = connect_through(&lab, proxy, elsewhere).await;
            assert!(bytes.starts_with(b"HTTP/1.1 403 Forbidden\r\n") && ending == Fin, "{elsewhere}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_out_of_reach_is_a_502_and_one_that_leaves_waiting_a_504() {
    let lab = start().await;
    let (_, bytes, _) = connect_through(&lab, "proxy", "refused.lab.test:443").await;
    assert!(bytes.starts_with(b"HTTP/1.1 502 "), "{}", String::from_utf8_lossy(&bytes));
    #[cfg(target_os = "linux")]
    {
        use tokio::io::AsyncReadExt;

        let mut stream = connect(&lab, "proxy").await.unwrap();
        stream.write_all(b"CONNECT connect-timeout.lab.test:443 HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = [0; 13];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 504 ");
    }
}

#[tokio::test]
async fn each_faulty_proxy_does_what_its_line_says() {
    let lab = start().await;
    let cases: [(&str, &[u8], Ending); 11] = [
        ("proxy-403", b"HTTP/1.1 403 Forbidden\r\n", Fin),
        ("proxy-407", b"HTTP/1.1 407 Proxy Authentication Required\r\n", Open),
        ("proxy-502", b"HTTP/1.1 502 Bad Gateway\r\n", Fin),
        ("proxy-503", b"HTTP/1.1 503 Service Unavailable\r\n", Fin),
        ("proxy-504", b"HTTP/1.1 504 Gateway Timeout\r\n", Fin),
        ("proxy-reset", b"", Reset),
        ("proxy-fin", b"", Fin),
        ("proxy-silence", b"", Open),
        ("proxy-200-fin", ESTABLISHED, Fin),
        ("proxy-200-reset", ESTABLISHED, Reset),
        ("proxy-two-200s", &[ESTABLISHED, ESTABLISHED].concat(), Open),
    ];
    for (name, first_bytes, expected) in cases {
        let (_, bytes, ending) = connect_through(&lab, name, "sws.update.microsoft.com:443").await;
        assert!(bytes.starts_with(first_bytes), "{name}: {}", String::from_utf8_lossy(&bytes));
        assert_eq!(ending, expected, "{name}");
        assert!(!first_bytes.is_empty() || bytes.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_407_is_said_as_often_as_it_is_asked_for() {
    let lab = start().await;
    let (mut stream, first, _) = connect_through(&lab, "proxy-407", "sws.update.microsoft.com:443").await;
    for _ in 0..3 {
        stream.write_all(b"CONNECT sws.update.microsoft.com:443 HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(read(&mut stream).await, (first.clone(), Open));
    }
}

#[tokio::test]
async fn a_header_is_a_mebibyte_long_and_one_drips_byte_by_byte() {
    let lab = start().await;
    let mut stream = connect(&lab, "proxy-long-header").await.unwrap();
    stream.write_all(b"CONNECT sws.update.microsoft.com:443 HTTP/1.1\r\n\r\n").await.unwrap();
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        let (bytes, ending) = read(&mut stream).await;
        assert!(!bytes.is_empty() && ending == Open, "{}", header.len());
        header.extend(bytes);
    }
    assert!(header.len() > 1 << 20 && header.starts_with(b"HTTP/1.1 200 "), "{}", header.len());

    let began = std::time::Instant::now();
    let (_, bytes, _) = connect_through(&lab, "proxy-drip", "sws.update.microsoft.com:443").await;
    assert_eq!(bytes, ESTABLISHED);
    assert!(began.elapsed() >= 39 * settings().drip_interval);
}

#[tokio::test]
async fn a_block_page_answers_the_hello() {
    let lab = start().await;
    let (bytes, ending) = ask_through(&lab, "proxy-200-block-page", SWS, &tls12_hello()).await;
    assert!(bytes.starts_with(b"HTTP/1.1 403 ") && bytes.windows(6).any(|six| six == b"<html>"));
    assert_eq!(ending, Fin);
}

#[test]
fn every_proxy_says_by_its_name_that_it_is_one() {
    assert!(PROXIES.iter().all(|proxy| proxy.name.starts_with("proxy")));
}
