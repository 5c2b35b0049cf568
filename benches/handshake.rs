//! Full handshakes in memory, ours and those of rustls with the same server, and the search for a key whose secret
//! begins with zeros.
//!
//! `cargo bench --bench handshake`

use std::fs;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::crypto::dhe::{DhGroup, DhKeyPair, LeadingZeros};
use tlsprobe::exchange::{Fresh, fresh_values};
use tlsprobe::handshake::{Client, ClientHelloSent, Depth, Event, Options, SignatureCheck};
use tlsprobe::offer::Offer;
use tlsprobe::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection, SignatureScheme,
    version,
};

/// An RSA key of 2048 bits.
const KEY: &str = include_str!("../src/lab/keys/lab-leaf.pem");

/// What both clients offer and the server takes: ECDHE-RSA-AES128-GCM-SHA256 on X25519, each time anew.
fn handshakes(criterion: &mut Criterion) {
    let server = server();
    let client = rustls_client();
    let offer = offer();
    let mut group = criterion.benchmark_group("handshake of TLS 1.2, ECDHE-RSA-AES128-GCM, with a rustls server");
    group.throughput(Throughput::Elements(1));
    group.bench_function("tlsprobe", |bencher| {
        let mut random = StdRng::seed_from_u64(1);
        bencher.iter(|| ours(&server, &offer, &mut random));
    });
    group.bench_function("rustls", |bencher| bencher.iter(|| theirs(&server, &client)));
    group.finish();
}

fn ours(server: &Arc<ServerConfig>, offer: &Offer, random: &mut StdRng) {
    let mut server = ServerConnection::new(Arc::clone(server)).expect("the configuration is whole");
    let Fresh { values, key_shares } = fresh_values(offer, random);
    let hello = offer.records(Some("localhost"), &values);
    let options = Options { depth: Depth::Finish, ..Options::default() };
    let mut client = Client::new(ClientHelloSent::new(&hello, key_shares), options);
    let mut write = hello;
    let (mut is_valid, mut is_completed) = (false, false);
    while !is_completed {
        let answer = answer(&mut server, &write);
        let step = client.receive(&answer, random);
        is_valid |=
            step.events.iter().any(|event| matches!(event, Event::Signature { check: SignatureCheck::Valid, .. }));
        is_completed = step.events.iter().any(|event| matches!(event, Event::Completed { resumed: false, .. }));
        assert!(is_completed || !step.write.is_empty(), "{:?}", step.events);
        write = step.write;
    }
    assert!(is_valid && !server.is_handshaking());
}

fn theirs(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) {
    let mut server = ServerConnection::new(Arc::clone(server)).expect("the configuration is whole");
    let name = ServerName::try_from("localhost").expect("it is a name");
    let mut client = ClientConnection::new(Arc::clone(client), name).expect("the configuration is whole");
    while client.is_handshaking() {
        let mut write = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut write).expect("memory takes it");
        }
        let answer = answer(&mut server, &write);
        let mut answer = answer.as_slice();
        while !answer.is_empty() {
            client.read_tls(&mut answer).expect("memory gives it");
            client.process_new_packets().expect("the server is sound");
        }
    }
    assert!(!server.is_handshaking());
}

/// What the server says to these bytes.
fn answer(server: &mut ServerConnection, mut bytes: &[u8]) -> Vec<u8> {
    while !bytes.is_empty() {
        server.read_tls(&mut bytes).expect("memory gives it");
        server.process_new_packets().expect("the client is sound");
    }
    let mut answer = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut answer).expect("memory takes it");
    }
    answer
}

fn offer() -> Offer {
    let mut offer = Offer::for_version(ProtocolVersion::TLS1_2);
    offer.cipher_suites = vec![CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    offer.set_groups(&[NamedGroup::X25519]);
    offer
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256],
        kx_groups: vec![ring::kx_group::X25519],
        ..ring::default_provider()
    })
}

fn server() -> Arc<ServerConfig> {
    let key = rcgen::KeyPair::from_pem(KEY).expect("the lab's key is one");
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("it is a name");
    let certificate = parameters.self_signed(&key).expect("the key signs");
    let config = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&version::TLS12]);
    let config = config.expect("the suite is of that version").with_no_client_auth();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).expect("key and certificate fit"))
}

/// It looks at the signature and at no chain, as ours does, and resumes nothing.
fn rustls_client() -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&version::TLS12]);
    let config = config.expect("the suite is of that version").dangerous();
    let mut config = config.with_custom_certificate_verifier(Arc::new(AnyChain(provider()))).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

#[derive(Debug)]
struct AnyChain(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyChain {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The search, beside the one exponentiation that every handshake needs anyway.
fn leading_zeros(criterion: &mut Criterion) {
    let prime = ffdhe2048();
    let group = || DhGroup::new(&prime, &[2]).expect("it is a group");
    let mut random = StdRng::seed_from_u64(1);
    let peer = DhKeyPair::generate(group(), &mut random).public();
    let mut bench = criterion.benchmark_group("DHE in a group of 2048 bits");
    bench.bench_function("a key and its secret", |bencher| {
        bencher.iter(|| DhKeyPair::generate(group(), &mut random).agree(black_box(&peer), LeadingZeros::Stripped));
    });
    for zeros in [1, 2] {
        bench.bench_function(format!("a key whose secret begins with {zeros} zero bytes"), |bencher| {
            bencher.iter(|| {
                let found = DhKeyPair::generate_with_leading_zeros(group(), black_box(&peer), zeros, &mut random);
                assert!(found.expect("the peer's value is good").is_some());
            });
        });
    }
    bench.finish();
}

/// The prime of RFC 7919 §A.1.
fn ffdhe2048() -> Vec<u8> {
    let primes = fs::read_to_string("testdata/vectors/dh-primes.csv").expect("run it from the project's folder");
    let prime = primes.lines().find_map(|line| line.strip_prefix("ffdhe2048,")).expect("it is among them");
    hex::decode(prime).expect("the prime is hex")
}

criterion_group!(benches, handshakes, leading_zeros);
criterion_main!(benches);
