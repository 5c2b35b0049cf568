//! A client for the lab's own tests: hellos as clients send them, and a plain socket that sees how a connection ends.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Lab, Settings};
use crate::crypto::KeyPair;
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::Wire;
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry, SupportedVersions};
use crate::wire::handshake::{ClientHello, HandshakeType, MessageReader, RawMessage, ServerHello, SessionId, message};
use crate::wire::record::{ContentType, MAX_FRAGMENT, Record, write_records};

/// Offers TLS 1.2 with all that sws wants.
pub(super) fn tls12_hello() -> ClientHello {
    ClientHello {
        legacy_version: ProtocolVersion::TLS1_2,
        random: [7; 32],
        session_id: SessionId::default(),
        cipher_suites: vec![
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
        ],
        compression_methods: vec![0],
        extensions: Some(Extensions(vec![
            Extension::SupportedGroups(vec![NamedGroup::X25519, NamedGroup::SECP256R1]),
            Extension::EcPointFormats(vec![0]),
            Extension::SignatureAlgorithms(vec![
                SignatureScheme::RSA_PSS_RSAE_SHA256,
                SignatureScheme::RSA_PKCS1_SHA256,
            ]),
            Extension::ExtendedMasterSecret,
            Extension::RenegotiationInfo(vec![]),
        ])),
    }
}

/// Offers TLS 1.3 alone with a share of each of `shares`, and says that it has secp384r1 and x25519.
pub(super) fn tls13_hello(shares: &[NamedGroup]) -> ClientHello {
    let share = |group: &NamedGroup| {
        let key = KeyPair::generate(*group, &mut StdRng::seed_from_u64(9)).expect("a group that keys can be made in");
        KeyShareEntry { group: *group, key_exchange: key.public() }
    };
    let shares = shares.iter().map(share);
    ClientHello {
        session_id: SessionId(vec![5; 32]),
        cipher_suites: vec![CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384],
        extensions: Some(Extensions(vec![
            Extension::SupportedVersions(SupportedVersions::Offered(vec![ProtocolVersion::TLS1_3])),
            Extension::SupportedGroups(vec![NamedGroup::X25519, NamedGroup::SECP384R1]),
            Extension::SignatureAlgorithms(vec![SignatureScheme::RSA_PSS_RSAE_SHA256]),
            Extension::KeyShare(KeyShare::Offered(shares.collect())),
        ])),
        ..tls12_hello()
    }
}

/// The hello in one record, as it leaves a client.
pub(super) fn record_of(hello: &ClientHello) -> Vec<u8> {
    let bytes = message(HandshakeType::CLIENT_HELLO, hello);
    write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_0, &bytes, MAX_FRAGMENT)
}

/// How a connection stood when the client had read enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Fin,
    Reset,
    /// Nothing came for a while, or too much.
    Open,
}

/// A lab on free ports in which bytes drip fast.
pub(super) fn settings() -> Settings {
    let now = OffsetDateTime::UNIX_EPOCH + Duration::from_hours(24 * 20_000);
    Settings { drip_interval: Duration::from_millis(40), ..Settings::new(now, [42; 32]) }
}

pub(super) async fn start() -> Lab {
    Lab::start(&settings()).await.unwrap()
}

pub(super) async fn connect(lab: &Lab, name: &str) -> io::Result<TcpStream> {
    TcpStream::connect(lab.find(name).unwrap().address).await
}

/// Sends the hello to that endpoint, and reads.
pub(super) async fn ask(lab: &Lab, name: &str, hello: &ClientHello) -> (Vec<u8>, Ending) {
    ask_all(lab, [(name, hello.clone())]).await.remove(0)
}

/// The same at an address.
pub(super) async fn ask_at(address: SocketAddr, hello: &ClientHello) -> (Vec<u8>, Ending) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&record_of(hello)).await.unwrap();
    read(&mut stream).await
}

/// The same for several at once: silence takes its time.
pub(super) async fn ask_all<'a>(
    lab: &Lab,
    questions: impl IntoIterator<Item = (&'a str, ClientHello)>,
) -> Vec<(Vec<u8>, Ending)> {
    let asking = questions.into_iter().map(|(name, hello)| {
        let address = lab.find(name).unwrap().address;
        tokio::spawn(async move { ask_at(address, &hello).await })
    });
    let mut answers = Vec::new();
    for answer in asking.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    answers
}

/// Reads until the end, half a second of silence, or 40 kB.
pub(super) async fn read(stream: &mut TcpStream) -> (Vec<u8>, Ending) {
    let mut bytes = Vec::new();
    while bytes.len() < 40_000 {
        match timeout(Duration::from_millis(500), stream.read_buf(&mut bytes)).await {
            Ok(Ok(0)) => return (bytes, Ending::Fin),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
                return (bytes, Ending::Reset);
            }
            Err(_) => break,
        }
    }
    (bytes, Ending::Open)
}

/// The handshake messages in what was received.
pub(super) fn messages(mut bytes: &[u8]) -> Vec<RawMessage> {
    let (mut reader, mut messages) = (MessageReader::new(), Vec::new());
    while let Some((record, length)) = Record::parse(bytes).unwrap() {
        if record.content_type == ContentType::HANDSHAKE {
            reader.push(record.fragment);
            messages.extend(std::iter::from_fn(|| reader.next().unwrap()));
        }
        bytes = &bytes[length..];
    }
    assert!(bytes.is_empty() && !reader.is_mid_message(), "whole records and whole messages");
    messages
}

pub(super) fn types(messages: &[RawMessage]) -> Vec<HandshakeType> {
    messages.iter().map(|message| message.msg_type).collect()
}

/// The first message, which must be a ServerHello.
pub(super) fn server_hello(messages: &[RawMessage]) -> ServerHello {
    assert_eq!(messages[0].msg_type, HandshakeType::SERVER_HELLO);
    ServerHello::from_bytes(&messages[0].body).unwrap()
}
