//! What a probe computes for each connection: encode a ClientHello, decode the server's flight with a chain of three,
//! classify what comes back, and put it into a report.
//!
//! `cargo bench --bench wire`

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::certificate::Certificate;
use tlsprobe::exchange::{Keep, Limits, Opening, Recorded, ask, fresh_values};
use tlsprobe::offer::{Offer, OfferSummary};
use tlsprobe::outcome::Timing;
use tlsprobe::registry::ProtocolVersion;
use tlsprobe::wire::Wire;
use tlsprobe::wire::handshake::{self, HandshakeType, KeyExchangeForm, MessageReader, ServerHello, ServerKeyExchange};
use tlsprobe::wire::record::{ContentType, Record};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

/// OpenSSL 3.0: TLS 1.2, ECDHE, a leaf, its intermediate and the root.
const FLIGHT: &str = "testdata/hellos/flights/openssl-tls1.2-chain-of-three.hex";

fn encode_client_hello(criterion: &mut Criterion) {
    for (name, offer) in [("tls1.3 and 1.2", Offer::modern()), ("tls1.2", Offer::for_version(ProtocolVersion::TLS1_2))]
    {
        let fresh = fresh_values(&offer, &mut StdRng::seed_from_u64(1));
        criterion.bench_function(&format!("encode a ClientHello of {name}"), |bencher| {
            bencher.iter(|| black_box(&offer).records(Some("sws.update.microsoft.com"), black_box(&fresh.values)));
        });
    }
}

fn decode_server_flight(criterion: &mut Criterion) {
    let flight = flight();
    let chain = decode(&flight);
    assert_eq!(chain.len(), 3);

    let mut group = criterion.benchmark_group("decode a ServerHello flight with a chain of three");
    group.throughput(Throughput::Bytes(flight.len() as u64));
    group.bench_function("messages", |bencher| bencher.iter(|| decode(black_box(&flight))));
    group.bench_function("messages and certificates", |bencher| {
        bencher.iter(|| decode(black_box(&flight)).iter().map(|der| Certificate::read(der)).collect::<Vec<_>>());
    });
    group.finish();
}

fn flight() -> Vec<u8> {
    let text = fs::read_to_string(FLIGHT).expect("run it from the project's folder");
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    hex::decode(digits.replace(char::is_whitespace, "")).expect("the flight is hex")
}

/// From the bytes of an answer to what a report says of it, over a pipe.
fn classify(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let offer = Offer::for_version(ProtocolVersion::TLS1_2);
    let mut random = StdRng::seed_from_u64(1);
    let hello = offer.records(None, &fresh_values(&offer, &mut random).values);
    let summary = Arc::new(OfferSummary::of_bytes(&hello));
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let mut group = criterion.benchmark_group("classify an answer");
    for (name, answer, kind) in [
        ("a flight with a chain of three", flight(), "server_hello"),
        ("an alert", alert.to_vec(), "alert"),
        ("a close", Vec::new(), "fin"),
        (
            "an HTTP answer",
            b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nConnection: close\r\n\r\n".repeat(8),
            "not_tls",
        ),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let recorded = runtime.block_on(answered(&hello, &answer, &mut random));
                let exchange =
                    recorded.into_exchange(String::new(), Arc::clone(&summary), Timing::default(), Keep::default());
                assert_eq!(exchange.outcome.answer.kind(), kind);
                serde_json::to_vec(&exchange).expect("an exchange is plain data")
            });
        });
    }
    group.finish();
}

/// What is recorded of a peer that says this and closes.
async fn answered(hello: &[u8], answer: &[u8], random: &mut StdRng) -> Recorded {
    let (mut near, mut far) = tokio::io::duplex(64 * 1024);
    far.write_all(answer).await.expect("there is room");
    far.shutdown().await.expect("it is open");
    let wait = Duration::from_secs(1);
    let limits = Limits { hello: wait, finished: wait, deadline: Instant::now() + wait };
    ask(&mut near, Opening::exactly(hello), limits, random, |_| None).await.expect("a pipe does not fail")
}

/// Every message of the flight, and of it the certificates.
fn decode(flight: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = MessageReader::new();
    let mut chain = Vec::new();
    let mut rest = flight;
    while let Some((record, used)) = Record::parse(rest).expect("a record") {
        assert_eq!(record.content_type, ContentType::HANDSHAKE);
        messages.push(record.fragment);
        while let Some(message) = messages.next().expect("a message") {
            let body = &message.body;
            match message.msg_type {
                HandshakeType::SERVER_HELLO => drop(black_box(ServerHello::from_bytes(body).expect("a ServerHello"))),
                HandshakeType::CERTIFICATE => {
                    chain = handshake::Certificate::from_bytes(body).expect("a Certificate").entries;
                }
                HandshakeType::SERVER_KEY_EXCHANGE => {
                    let form = KeyExchangeForm::Ecdhe { signed: true };
                    let read = ServerKeyExchange::decode(body, form, ProtocolVersion::TLS1_2);
                    drop(black_box(read.expect("a ServerKeyExchange")));
                }
                _ => {}
            }
        }
        rest = rest.get(used..).expect("the record was parsed from it");
    }
    chain
}

criterion_group!(benches, encode_client_hello, decode_server_flight, classify);
criterion_main!(benches);
