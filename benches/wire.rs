//! What a probe computes for each connection: encode a ClientHello, decode the server's flight with a chain of three.
//!
//! `cargo bench --bench wire`

use std::fs;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::certificate::Certificate;
use tlsprobe::exchange::fresh_values;
use tlsprobe::offer::Offer;
use tlsprobe::registry::ProtocolVersion;
use tlsprobe::wire::Wire;
use tlsprobe::wire::handshake::{self, HandshakeType, KeyExchangeForm, MessageReader, ServerHello, ServerKeyExchange};
use tlsprobe::wire::record::{ContentType, Record};

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
    let text = fs::read_to_string(FLIGHT).expect("run it from the project's folder");
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    let flight = hex::decode(digits.replace(char::is_whitespace, "")).expect("the flight is hex");
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

criterion_group!(benches, encode_client_hello, decode_server_flight);
criterion_main!(benches);
