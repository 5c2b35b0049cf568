//! Every endpoint is asked by a plain socket whether it does what its line in the list says.

mod choices;
mod flights;
mod proxies;
mod refusals;

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::testing::Ending::{Fin, Open, Reset};
use super::testing::{
    ask, ask_all, connect, messages, read, record_of, server_hello, settings, start, tls12_hello, tls13_hello, types,
};
use super::*;
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use crate::wire::extension::{Extension, KeyShare};
use crate::wire::handshake::{CertificateRequest, ClientHello, HandshakeType};

const X25519: NamedGroup = NamedGroup::X25519;
const SECP384R1: NamedGroup = NamedGroup::SECP384R1;

const HANDSHAKE_FAILURE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
/// As a server says it that has not agreed on a version.
const PROTOCOL_VERSION: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];

fn tls_hello(legacy_version: ProtocolVersion) -> ClientHello {
    ClientHello { legacy_version, ..tls12_hello() }
}

fn offering(cipher_suites: &[u16]) -> ClientHello {
    ClientHello { cipher_suites: cipher_suites.iter().copied().map(CipherSuite).collect(), ..tls12_hello() }
}

/// The types of a flight of TLS 1.2 with an ephemeral key.
const ECDHE_FLIGHT: [HandshakeType; 4] = [
    HandshakeType::SERVER_HELLO,
    HandshakeType::CERTIFICATE,
    HandshakeType::SERVER_KEY_EXCHANGE,
    HandshakeType::SERVER_HELLO_DONE,
];

#[test]
fn names_hosts_and_kinds_of_the_list_are_sound() {
    const KINDS: [&str; 10] = [
        "server_hello",
        "hello_retry_request",
        "alert",
        "reset",
        "fin",
        "timeout",
        "refused",
        "not_tls",
        "malformed",
        "proxy_status",
    ];
    const REAL: [&str; 5] = [
        "sws.update.microsoft.com",
        "sws1.update.microsoft.com",
        "fe2.update.microsoft.com",
        "cmg.contoso.com",
        "wsus.contoso.com",
    ];

    let all = || ENDPOINTS.iter().chain(PROXIES);
    let names: BTreeSet<_> = all().map(|endpoint| endpoint.name).collect();
    assert_eq!(names.len(), all().count(), "each has a name of its own");
    assert!(ENDPOINTS.len() <= FIRST_PROXY, "the proxies' ports begin where the endpoints' end");
    for endpoint in all() {
        let its_own = format!("{}.lab.test", endpoint.name);
        assert!(REAL.contains(&endpoint.host) || endpoint.host == its_own, "{}", endpoint.host);
        assert!(KINDS.contains(&endpoint.shows), "{}", endpoint.shows);
    }
    assert!(KINDS.iter().all(|kind| all().any(|endpoint| endpoint.shows == *kind)));
}

#[tokio::test]
async fn sws_accepts_its_four_suites_in_its_own_order() {
    let lab = start().await;
    let cases = [
        (&[0x1301, 0xc027, 0xc028, 0xc02f, 0xc030][..], 0xc030),
        (&[0xc027, 0xc028, 0xc02f], 0xc02f),
        (&[0xc027, 0xc028, 0x0035], 0xc028),
        (&[0xc027], 0xc027),
    ];
    let answers = ask_all(&lab, cases.map(|(offered, _)| ("sws", offering(offered)))).await;
    for ((_, chosen), (bytes, ending)) in cases.into_iter().zip(answers) {
        let messages = messages(&bytes);
        let hello = server_hello(&messages);
        assert_eq!((types(&messages), ending), (ECDHE_FLIGHT.to_vec(), Open));
        assert_eq!((hello.negotiated_version(), hello.cipher_suite.0), (ProtocolVersion::TLS1_2, chosen));
    }
}

#[tokio::test]
async fn sws_resets_without_a_byte_on_old_versions_and_other_suites() {
    let lab = start().await;
    for hello in [
        tls_hello(ProtocolVersion::SSL3),
        tls_hello(ProtocolVersion::TLS1_0),
        tls_hello(ProtocolVersion::TLS1_1),
        offering(&[0xc013, 0xc014, 0x002f, 0x009c, 0xc02b]),
        tls13_hello(&[X25519]),
    ] {
        assert_eq!(ask(&lab, "sws", &hello).await, (vec![], Reset), "{hello:?}");
    }
}

#[tokio::test]
async fn sws1_answers_tls_1_0_to_1_2_without_a_key_of_its_own_before_1_2() {
    let lab = start().await;
    for version in [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1] {
        let (bytes, ending) = ask(&lab, "sws1", &tls_hello(version)).await;
        let messages = messages(&bytes);
        let hello = server_hello(&messages);
        assert_eq!((hello.negotiated_version(), hello.cipher_suite.0, ending), (version, 0x002f, Open));
        let expected = [HandshakeType::SERVER_HELLO, HandshakeType::CERTIFICATE, HandshakeType::SERVER_HELLO_DONE];
        assert_eq!(types(&messages), expected);
    }
    let (bytes, _) = ask(&lab, "sws1", &offering(&[0xc014, 0xc027])).await;
    assert_eq!((types(&messages(&bytes)), bytes[1..3].to_vec()), (ECDHE_FLIGHT.to_vec(), vec![3, 3]));
}

#[tokio::test]
async fn sws1_alerts_where_nothing_fits() {
    let lab = start().await;
    let answer = ask(&lab, "sws1", &tls_hello(ProtocolVersion::SSL3)).await;
    assert_eq!(answer, (PROTOCOL_VERSION.to_vec(), Fin));
    let answer = ask(&lab, "sws1", &offering(&[0xc02b, 0x1301])).await;
    assert_eq!(answer, (vec![21, 3, 1, 0, 2, 2, 40], Fin));
}

#[tokio::test]
async fn cmg_asks_for_a_certificate_in_tls_1_2_and_alerts_on_older_versions() {
    let lab = start().await;
    let (bytes, ending) = ask(&lab, "cmg", &tls12_hello()).await;
    let messages = messages(&bytes);
    let request = messages.iter().find(|message| message.msg_type == HandshakeType::CERTIFICATE_REQUEST).unwrap();
    let request = CertificateRequest::decode(&request.body, ProtocolVersion::TLS1_2).unwrap();
    let (_, authority) = X509Name::from_der(&request.authorities[0]).unwrap();
    assert_eq!((authority.to_string().as_str(), ending), ("CN=tlsprobe lab client CA", Open));

    for version in [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1] {
        assert_eq!(ask(&lab, "cmg", &tls_hello(version)).await, (PROTOCOL_VERSION.to_vec(), Fin));
    }
}

#[tokio::test]
async fn tls13_answers_with_a_share_and_ciphertext() {
    let lab = start().await;
    let (bytes, ending) = ask(&lab, "tls13", &tls13_hello(&[X25519])).await;
    let messages = messages(&bytes);
    let hello = server_hello(&messages);
    assert_eq!((hello.negotiated_version(), hello.session_id.0, ending), (ProtocolVersion::TLS1_3, vec![5; 32], Open));
    let share = hello.extensions.unwrap().0.pop().unwrap();
    assert!(matches!(share, Extension::KeyShare(KeyShare::Selected(share)) if share.group == X25519));
    let ciphertext = bytes.windows(3).filter(|window| *window == [23, 3, 3]).count();
    assert!(messages.len() == 1 && ciphertext >= 3, "the rest is encrypted");

    assert_eq!(ask(&lab, "tls13", &tls12_hello()).await, (PROTOCOL_VERSION.to_vec(), Fin));
}

#[tokio::test]
async fn a_share_that_is_wanting_is_asked_for_and_then_answered() {
    let lab = start().await;
    for (endpoint, first_shares) in [("tls13", &[][..]), ("hello-retry", &[X25519]), ("hello-retry", &[SECP384R1])] {
        let mut stream = connect(&lab, endpoint).await.unwrap();
        stream.write_all(&record_of(&tls13_hello(first_shares))).await.unwrap();
        let (bytes, ending) = read(&mut stream).await;
        let retry = server_hello(&messages(&bytes));
        assert!(retry.is_hello_retry_request() && ending == Open, "{endpoint}");
        let wanted = retry.extensions.unwrap().0.pop().unwrap();
        assert_eq!(wanted, Extension::KeyShare(KeyShare::RetryGroup(SECP384R1)));

        stream.write_all(&record_of(&tls13_hello(&[SECP384R1]))).await.unwrap();
        let (bytes, _) = read(&mut stream).await;
        assert!(!server_hello(&messages(&bytes)).is_hello_retry_request(), "{endpoint}");
    }
}

#[tokio::test]
async fn faults_show_on_the_wire_what_they_say() {
    let lab = start().await;
    let cases = [
        ("fe2", &[][..], Fin),
        ("silence", &[], Open),
        ("reset", &[], Reset),
        ("fin", &[], Fin),
        ("fin-mid-record", &[22, 3, 3, 0, 80, 2, 0, 0, 76], Fin),
        ("alert-fin", &HANDSHAKE_FAILURE, Fin),
        ("alert-reset", &HANDSHAKE_FAILURE, Reset),
        ("alert-open", &HANDSHAKE_FAILURE, Open),
        ("http400", b"HTTP/1.1 400 Bad Request\r\n", Fin),
        ("ssh", b"SSH-2.0-OpenSSH_9.6\r\n", Open),
        ("garbage", &[0xde, 0xad], Fin),
        ("oversized-record", &[22, 3, 3, 0x48, 0x01], Open),
        ("endless-message", &[22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff, 22, 3, 3, 0x40, 0], Open),
        ("endless-records", &[22, 3, 3, 0, 4, 0, 0, 0, 0, 22, 3, 3, 0, 4, 0, 0, 0, 0], Open),
        ("warning-then-hello", &[21, 3, 3, 0, 2, 1, 112, 22, 3, 3], Open),
        ("reset-mid-flight", &[22, 3, 3], Reset),
    ];
    let answers = ask_all(&lab, cases.map(|(name, ..)| (name, tls12_hello()))).await;
    for ((name, first_bytes, ending), (bytes, seen)) in cases.into_iter().zip(answers) {
        assert!(bytes.starts_with(first_bytes), "{name}: {}", hex::encode(&bytes));
        assert_eq!(seen, ending, "{name}");
    }
}

#[tokio::test]
async fn a_record_is_oversized_by_one_byte_and_all_there() {
    let lab = start().await;
    let (bytes, _) = ask(&lab, "oversized-record", &tls12_hello()).await;
    assert_eq!(bytes.len(), 5 + (1 << 14) + 2049);
}

#[tokio::test]
async fn what_is_endless_keeps_coming() {
    let lab = start().await;
    for name in ["endless-message", "endless-records"] {
        let mut stream = connect(&lab, name).await.unwrap();
        stream.write_all(&record_of(&tls12_hello())).await.unwrap();
        let (first, _) = read(&mut stream).await;
        let (second, ending) = read(&mut stream).await;
        assert!(first.len() >= 40_000 && second.len() >= 40_000 && ending == Open, "{name}");
    }
}

#[tokio::test]
async fn an_alert_is_in_flight_before_the_client_has_written() {
    let lab = start().await;
    let mut stream = connect(&lab, "alert-before-hello").await.unwrap();
    assert_eq!(read(&mut stream).await, (HANDSHAKE_FAILURE.to_vec(), Reset));
}

#[tokio::test]
async fn an_ssh_server_speaks_first() {
    let lab = start().await;
    let mut stream = connect(&lab, "ssh").await.unwrap();
    assert_eq!(read(&mut stream).await.0, b"SSH-2.0-OpenSSH_9.6\r\n");
}

#[tokio::test]
async fn a_flight_drips_byte_by_byte() {
    let lab = start().await;
    let mut stream = connect(&lab, "drip").await.unwrap();
    let asked = Instant::now();
    stream.write_all(&record_of(&tls12_hello())).await.unwrap();
    let mut first_bytes = [0; 4];
    stream.read_exact(&mut first_bytes).await.unwrap();
    assert_eq!(first_bytes[..3], [22, 3, 3]);
    assert!(asked.elapsed() >= 4 * settings().drip_interval, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_warning_comes_before_a_good_flight_and_a_reset_after_a_server_hello() {
    let lab = start().await;
    let (bytes, _) = ask(&lab, "warning-then-hello", &tls12_hello()).await;
    assert_eq!(types(&messages(&bytes)), ECDHE_FLIGHT);
    let (bytes, ending) = ask(&lab, "reset-mid-flight", &tls12_hello()).await;
    assert_eq!((types(&messages(&bytes)), ending), (vec![HandshakeType::SERVER_HELLO], Reset));
}

#[tokio::test]
async fn nobody_listens_where_connections_are_refused() {
    let lab = start().await;
    let error = connect(&lab, "refused").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_backlog_leaves_every_client_waiting() {
    let lab = start().await;
    for _ in 0..3 {
        let connecting = tokio::time::timeout(Duration::from_millis(100), connect(&lab, "connect-timeout")).await;
        assert!(connecting.is_err(), "{connecting:?}");
    }
}

#[tokio::test]
async fn every_endpoint_and_proxy_of_the_lists_is_up_at_an_address_of_its_own() {
    let lab = start().await;
    let all = || lab.endpoints().iter().chain(lab.proxies());
    let addresses: BTreeSet<_> = all().map(|endpoint| endpoint.address).collect();
    assert_eq!(addresses.len(), ENDPOINTS.len() + PROXIES.len());
    assert!(addresses.iter().all(|address| address.ip().is_loopback()));
    let listed: Vec<_> = all().map(|endpoint| endpoint.name).collect();
    assert_eq!(listed, ENDPOINTS.iter().chain(PROXIES).map(|endpoint| endpoint.name).collect::<Vec<_>>());
    assert!(lab.find("nothing").is_none());
}

#[tokio::test]
async fn a_dropped_lab_closes_connections_and_ports() {
    let lab = start().await;
    let address = lab.find("silence").unwrap().address;
    let mut stream = TcpStream::connect(address).await.unwrap();
    tokio::task::yield_now().await;
    drop(lab);
    assert_ne!(read(&mut stream).await.1, Open);
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn ports_follow_the_base_port_in_order() {
    let settings = Settings { base_port: Some(8440), ..settings() };
    assert_eq!((settings.port(0).unwrap(), settings.port(3).unwrap()), (8440, 8443));
    let too_high = Settings { base_port: Some(65535), ..settings };
    assert_eq!(too_high.port(1).unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_its_endpoint() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Lab::start(&Settings { base_port: Some(port), ..settings() }).await.err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("lab endpoint sws at 127.0.0.1:{port}: ")), "{error}");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_flight_and_another_gives_another() {
    let flight = async |seed| {
        let lab = Lab::start(&Settings { seed, ..settings() }).await.unwrap();
        ask(&lab, "sws", &tls12_hello()).await.0
    };
    let first = flight([1; 32]).await;
    assert_eq!(first, flight([1; 32]).await);
    assert_ne!(first, flight([2; 32]).await);
}

#[tokio::test]
async fn a_connection_is_closed_at_its_limit() {
    let lab = Lab::start(&Settings { connection_limit: Duration::from_millis(50), ..settings() }).await.unwrap();
    let mut stream = connect(&lab, "silence").await.unwrap();
    assert_eq!(read(&mut stream).await, (vec![], Fin));
}

#[tokio::test]
async fn a_client_beyond_the_bound_waits_until_another_has_left() {
    let lab = start().await;
    let mut served = Vec::new();
    for _ in 0..64 {
        let mut stream = connect(&lab, "ssh").await.unwrap();
        stream.read_u8().await.unwrap();
        served.push(stream);
    }
    let mut waiting = connect(&lab, "ssh").await.unwrap();
    assert_eq!(read(&mut waiting).await, (vec![], Open));
    served.pop();
    assert_eq!(waiting.read_u8().await.unwrap(), b'S');
}
