//! Each server that chooses in a way of its own chooses what its line in the list says.

use std::collections::BTreeSet;

use tokio::io::AsyncWriteExt;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::super::Lab;
use super::super::testing::Ending::{Fin, Open, Reset};
use super::super::testing::{Ending, ask, connect, messages, read, record_of, server_hello, start, tls12_hello, types};
use super::{HANDSHAKE_FAILURE, offering};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::Wire;
use crate::wire::extension::{Extension, Extensions};
use crate::wire::handshake::{Certificate, ClientHello, HandshakeType};
use crate::wire::ssl2::{Ssl2CipherSpec, Ssl2ClientHello, Ssl2Record, Ssl2ServerHello};

const AES_256: u16 = 0xc030;
const AES_128: u16 = 0xc02f;
const CHACHA20: u16 = 0xcca8;
const DHE_CHACHA20: u16 = 0xccaa;

async fn chosen(lab: &Lab, name: &str, offered: &[u16]) -> u16 {
    server_hello(&messages(&ask(lab, name, &offering(offered)).await.0)).cipher_suite.0
}

#[tokio::test]
async fn the_clients_order_is_followed_or_not() {
    let lab = start().await;
    for offered in [[AES_128, CHACHA20, AES_256], [CHACHA20, AES_256, AES_128], [AES_256, AES_128, CHACHA20]] {
        assert_eq!(chosen(&lab, "order-client", &offered).await, offered[0]);
        let of_the_server = if offered[0] == CHACHA20 { CHACHA20 } else { AES_256 };
        assert_eq!(chosen(&lab, "order-chacha20", &offered).await, of_the_server);
        assert_eq!(chosen(&lab, "order-go", &offered).await, of_the_server);
    }
    let behind_cbc = [0x0005, 0xc013, AES_256, CHACHA20];
    assert_eq!(chosen(&lab, "order-chacha20", &behind_cbc).await, AES_256);
    assert_eq!(chosen(&lab, "order-go", &behind_cbc).await, CHACHA20, "RC4 it does not know, and CBC shows no AES");
    let preferred = chosen(&lab, "order-chacha20", &[DHE_CHACHA20, AES_128, CHACHA20]).await;
    assert_eq!(preferred, CHACHA20, "among those with ChaCha20 its own order holds");
}

#[tokio::test]
async fn at_random_is_any_of_those_offered_and_no_other() {
    let lab = start().await;
    let offered = [0xc027, 0xc028, 0x0035, 0x002f];
    let mut seen = BTreeSet::new();
    for _ in 0..24 {
        seen.insert(chosen(&lab, "at-random", &offered).await);
    }
    assert!(seen.len() > 1 && seen.iter().all(|suite| offered.contains(suite)), "{seen:x?}");
}

#[tokio::test]
async fn one_suite_is_taken_offered_or_not() {
    let lab = start().await;
    assert_eq!(chosen(&lab, "not-offered", &[AES_256, 0x002f]).await, 0x002f);
    assert_eq!(chosen(&lab, "not-offered", &[AES_256, 0x8000]).await, 0x002f);
}

#[tokio::test]
async fn the_suite_says_which_of_two_certificates_is_sent_and_only_one_server_has_two() {
    let lab = start().await;
    let both = |cipher_suites: &[u16]| ClientHello {
        extensions: Some(Extensions(vec![
            Extension::SupportedGroups(vec![NamedGroup::SECP256R1]),
            Extension::SignatureAlgorithms(vec![
                SignatureScheme::RSA_PKCS1_SHA256,
                SignatureScheme::ECDSA_SECP256R1_SHA256,
            ]),
        ])),
        ..offering(cipher_suites)
    };
    let key_of = async |cipher_suite| {
        let messages = messages(&ask(&lab, "two-certificates", &both(&[cipher_suite])).await.0);
        let chain = Certificate::from_bytes(&messages[1].body).unwrap().entries;
        let (_, leaf) = X509Certificate::from_der(&chain[0]).unwrap();
        leaf.public_key().algorithm.algorithm.to_id_string()
    };
    assert_eq!(key_of(0xc02c).await, "1.2.840.10045.2.1");
    assert_eq!(key_of(AES_256).await, "1.2.840.113549.1.1.1");

    let (bytes, ending) = ask(&lab, "every-version", &both(&[0xc02c])).await;
    assert_eq!((bytes[5..].to_vec(), ending), (HANDSHAKE_FAILURE[5..].to_vec(), Fin));
}

#[tokio::test]
async fn ssl3_is_answered_by_a_whole_flight_and_by_nothing_after_it() {
    let lab = start().await;
    let hello = ClientHello { legacy_version: ProtocolVersion::SSL3, extensions: None, ..offering(&[0x000a, 0x0005]) };
    let mut stream = connect(&lab, "ssl3").await.unwrap();
    let record = record_of(&hello);
    stream.write_all(&record).await.unwrap();
    let (bytes, ending) = read(&mut stream).await;
    let flight = messages(&bytes);
    assert_eq!((bytes[..3].to_vec(), ending), (vec![22, 3, 0], Open));
    let expected = [HandshakeType::SERVER_HELLO, HandshakeType::CERTIFICATE, HandshakeType::SERVER_HELLO_DONE];
    assert_eq!(types(&flight), expected);
    let answer = server_hello(&flight);
    assert_eq!((answer.legacy_version, answer.cipher_suite.0), (ProtocolVersion::SSL3, 0x000a));
    assert!(answer.extensions.is_none());

    stream.write_all(&[22, 3, 0, 0, 4, 16, 0, 0, 0]).await.unwrap();
    assert_eq!(read(&mut stream).await, (vec![21, 3, 0, 0, 2, 2, 40], Fin));
}

/// What that endpoint answers to the CLIENT-HELLO of SSL 2.0 with all ciphers.
async fn ask_ssl2(lab: &Lab, name: &str) -> (Vec<u8>, Ending) {
    let hello = Ssl2ClientHello {
        version: ProtocolVersion::SSL2,
        cipher_specs: Ssl2CipherSpec::all().collect(),
        session_id: vec![],
        challenge: vec![7; 16],
    };
    let record = Ssl2Record { data: &hello.to_bytes(), long: None }.to_bytes().unwrap();
    let mut stream = connect(lab, name).await.unwrap();
    // In two pieces: what is not all there yet is waited for.
    let (first, second) = record.split_at(20);
    stream.write_all(first).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    stream.write_all(second).await.unwrap();
    read(&mut stream).await
}

#[tokio::test]
async fn ssl2_is_answered_by_the_published_hello_and_elsewhere_refused() {
    let lab = start().await;
    let (bytes, ending) = ask_ssl2(&lab, "ssl2").await;
    let (record, length) = Ssl2Record::parse(&bytes).unwrap().unwrap();
    assert_eq!((length, ending), (bytes.len(), Open));
    let hello = Ssl2ServerHello::from_bytes(record.data).unwrap();
    assert_eq!((hello.version, hello.cipher_specs.len()), (ProtocolVersion::SSL2, 7));
    assert!(Ssl2CipherSpec::all().all(|cipher| hello.cipher_specs.contains(&cipher)));
    let (_, certificate) = X509Certificate::from_der(&hello.certificate).unwrap();
    assert!(certificate.subject().to_string().contains("localhost.localdomain"));

    assert_eq!(ask_ssl2(&lab, "sws").await, (vec![], Reset));
    let of_tls = ClientHello { legacy_version: ProtocolVersion::TLS1_0, ..tls12_hello() };
    let (bytes, _) = ask(&lab, "ssl2", &of_tls).await;
    assert_eq!(server_hello(&messages(&bytes)).cipher_suite, CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA);
}
