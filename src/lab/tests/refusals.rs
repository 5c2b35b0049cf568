//! Each endpoint that refuses or breaks in a way of its own does it where its line in the list says, and nowhere else.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::super::SECOND_ADDRESS;
use super::super::testing::Ending::{Fin, Open, Reset};
use super::super::testing::{
    Ending, ask, ask_at, connect, messages, read, record_of, server_hello, start, tls12_hello, tls13_hello,
};
use super::X25519;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::wire::extension::Extension;
use crate::wire::handshake::ClientHello;

/// A hello of TLS 1.2 that is so long on the wire.
fn so_long(length: usize) -> ClientHello {
    let mut hello = tls12_hello();
    let extensions = &mut hello.extensions.as_mut().unwrap().0;
    extensions.push(Extension::Padding(0));
    let missing = length - record_of(&hello).len();
    *hello.extensions.as_mut().unwrap().0.last_mut().unwrap() = Extension::Padding(missing);
    hello
}

/// A hello of TLS 1.2 with so many suites, of which the last is one that servers have.
fn with_suites(count: u16) -> ClientHello {
    let unknown = (0x8000..0x8000 + count - 1).map(CipherSuite);
    let cipher_suites = unknown.chain([CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA]).collect();
    ClientHello { cipher_suites, ..tls12_hello() }
}

fn version_of(bytes: &[u8]) -> ProtocolVersion {
    server_hello(&messages(bytes)).negotiated_version()
}

#[tokio::test]
async fn hellos_are_limited_to_the_byte() {
    let lab = start().await;
    for (name, limit, ending) in
        [("hello-limit-255", 255, Reset), ("hello-limit-512", 512, Open), ("hello-limit-16384", 16384, Reset)]
    {
        let (bytes, _) = ask(&lab, name, &so_long(limit)).await;
        assert_eq!(version_of(&bytes), ProtocolVersion::TLS1_2, "{name}");
        assert_eq!(ask(&lab, name, &so_long(limit + 1)).await, (vec![], ending), "{name}");
    }
    // In more than one record, as all so long have to be.
    assert_eq!(ask(&lab, "hello-limit-16384", &so_long(17_000)).await, (vec![], Reset));
}

#[tokio::test]
async fn suites_are_limited_to_the_suite() {
    let lab = start().await;
    for (name, limit, ending) in [("suite-limit-128", 128, Reset), ("suite-limit-16", 16, Open)] {
        let (bytes, _) = ask(&lab, name, &with_suites(limit)).await;
        assert_eq!(version_of(&bytes), ProtocolVersion::TLS1_2, "{name}");
        assert_eq!(ask(&lab, name, &with_suites(limit + 1)).await, (vec![], ending), "{name}");
    }
}

#[tokio::test]
async fn one_extension_of_tls13_breaks_them() {
    let lab = start().await;
    for (name, ending) in [("tls13-hello-reset", Reset), ("tls13-hello-silence", Open)] {
        let (bytes, _) = ask(&lab, name, &tls12_hello()).await;
        assert_eq!(version_of(&bytes), ProtocolVersion::TLS1_2, "{name}");
        assert_eq!(ask(&lab, name, &tls13_hello(&[X25519])).await, (vec![], ending), "{name}");
    }
}

#[tokio::test]
async fn each_refuses_in_its_own_way() {
    let lab = start().await;
    let foreign = ClientHello { cipher_suites: vec![CipherSuite(0x8000)], ..tls12_hello() };
    let too_old = ClientHello { legacy_version: ProtocolVersion::SSL3, ..tls12_hello() };
    for (name, ending) in [("refusal-reset", Reset), ("refusal-fin", Fin), ("refusal-silence", Open)] {
        let (bytes, _) = ask(&lab, name, &tls12_hello()).await;
        assert_eq!(version_of(&bytes), ProtocolVersion::TLS1_2, "{name}");
        for refused in [&foreign, &too_old, &tls13_hello(&[X25519])] {
            assert_eq!(ask(&lab, name, refused).await, (vec![], ending), "{name}");
        }
    }
}

/// How a connection ends on which nothing is sent.
async fn unasked(stream: &mut io::Result<TcpStream>) -> Ending {
    match stream {
        Ok(stream) => {
            let (bytes, ending) = read(stream).await;
            assert!(bytes.is_empty());
            ending
        }
        // The RST may be there before the system has told of the connection.
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
            Reset
        }
    }
}

#[tokio::test]
async fn the_eleventh_connection_is_reset_and_time_lets_in_more() {
    let lab = start().await;
    let began = Instant::now();
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(connect(&lab, "rate-limit-reset").await);
    }
    assert!(began.elapsed() < Duration::from_millis(500), "this machine is too slow to tell: {:?}", began.elapsed());
    let waiting = streams.iter_mut().map(unasked);
    let endings = futures_util::future::join_all(waiting).await;
    assert_eq!(endings, [[Open; 10].as_slice(), &[Reset; 2]].concat());

    sleep(Duration::from_millis(500)).await;
    let (bytes, _) = ask(&lab, "rate-limit-reset", &tls12_hello()).await;
    assert_eq!(version_of(&bytes), ProtocolVersion::TLS1_2);
}

#[tokio::test]
async fn latency_rises_with_each_connection_too_many() {
    let lab = start().await;
    let mut waited = Vec::new();
    for _ in 0..16 {
        let mut stream = connect(&lab, "rate-limit-slow").await.unwrap();
        let asked = Instant::now();
        stream.write_all(&record_of(&tls12_hello())).await.unwrap();
        stream.readable().await.unwrap();
        waited.push(asked.elapsed());
    }
    // The eleventh waits 20 ms, the twelfth 40: that the last waits less says only that time has gone by.
    assert!(waited[10] >= Duration::from_millis(20) && waited[12] >= Duration::from_millis(60), "{waited:?}");
}

#[cfg(not(target_os = "macos"))]
#[tokio::test]
async fn the_second_address_answers_what_the_first_refuses() {
    let lab = start().await;
    let old = ClientHello { legacy_version: ProtocolVersion::TLS1_0, ..tls12_hello() };
    let first = lab.find("two-addresses").unwrap().address;
    let second = (SECOND_ADDRESS, first.port()).into();
    let (bytes, ending) = ask_at(first, &old).await;
    assert_eq!((bytes.first(), ending), (Some(&21), Fin));
    assert_eq!(version_of(&ask_at(second, &old).await.0), ProtocolVersion::TLS1_0);
}
