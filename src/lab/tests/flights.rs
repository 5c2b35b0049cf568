//! What stands in a server's first flight.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::super::testing::{ask, ask_all, messages, server_hello, start, tls12_hello};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, Extensions};
use crate::wire::handshake::{Certificate, ClientHello, KeyExchangeForm, RawMessage, ServerKeyExchange};
use crate::wire::{Wire, Writer};

/// The flight of that endpoint, as messages.
async fn flight_of(name: &str, hello: &ClientHello) -> Vec<RawMessage> {
    messages(&ask(&start().await, name, hello).await.0)
}

fn with_extensions(extensions: Vec<Extension>) -> ClientHello {
    ClientHello { extensions: Some(Extensions(extensions)), ..tls12_hello() }
}

/// The server's share and whether `algorithm` finds it signed, together with both randoms, by the leaf's key.
fn verify(
    hello: &ClientHello,
    flight: &[RawMessage],
    algorithm: &'static dyn VerificationAlgorithm,
) -> (NamedGroup, SignatureScheme, bool) {
    let [_, certificate, key_exchange, _] = flight else { panic!("four messages") };
    let form = KeyExchangeForm::Ecdhe { signed: true };
    let key_exchange = ServerKeyExchange::decode(&key_exchange.body, form, ProtocolVersion::TLS1_2).unwrap();
    let ServerKeyExchange::Ecdhe { curve, signature: Some(signature), .. } = &key_exchange else {
        panic!("a signed share")
    };
    let mut signed = Writer::new();
    signed.bytes(&hello.random);
    signed.bytes(&server_hello(flight).random);
    key_exchange.encode_params(&mut signed);

    let chain = Certificate::from_bytes(&certificate.body).unwrap();
    let (_, leaf) = X509Certificate::from_der(&chain.entries[0]).unwrap();
    let key = UnparsedPublicKey::new(algorithm, &leaf.public_key().subject_public_key.data);
    let verified = key.verify(&signed.into_bytes(), &signature.signature).is_ok();
    (*curve, signature.scheme.unwrap(), verified)
}

#[tokio::test]
async fn the_share_of_sws_is_signed_by_the_key_of_its_leaf_in_a_scheme_and_group_that_the_client_offers() {
    let algorithms: [(_, &'static dyn VerificationAlgorithm); 6] = [
        (SignatureScheme::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (SignatureScheme::RSA_PKCS1_SHA384, &signature::RSA_PKCS1_2048_8192_SHA384),
        (SignatureScheme::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_2048_8192_SHA512),
        (SignatureScheme::RSA_PSS_RSAE_SHA256, &signature::RSA_PSS_2048_8192_SHA256),
        (SignatureScheme::RSA_PSS_RSAE_SHA384, &signature::RSA_PSS_2048_8192_SHA384),
        (SignatureScheme::RSA_PSS_RSAE_SHA512, &signature::RSA_PSS_2048_8192_SHA512),
    ];
    let groups = [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1].into_iter().cycle();
    let cases: Vec<_> = algorithms.into_iter().zip(groups).collect();
    let hello = |group, scheme| {
        with_extensions(vec![
            Extension::SupportedGroups(vec![NamedGroup::X448, group]),
            Extension::SignatureAlgorithms(vec![SignatureScheme::ECDSA_SECP256R1_SHA256, scheme]),
        ])
    };
    let questions = cases.iter().map(|((scheme, _), group)| ("sws", hello(*group, *scheme)));
    let answers = ask_all(&start().await, questions).await;
    for (((scheme, algorithm), group), (bytes, _)) in cases.into_iter().zip(answers) {
        assert_eq!(verify(&hello(group, scheme), &messages(&bytes), algorithm), (group, scheme, true));
    }
}

#[tokio::test]
async fn a_share_for_another_hello_does_not_verify() {
    let hello = tls12_hello();
    let flight = flight_of("sws", &hello).await;
    let other = ClientHello { random: [8; 32], ..hello };
    assert!(!verify(&other, &flight, &signature::RSA_PKCS1_2048_8192_SHA256).2);
}

#[tokio::test]
async fn extended_master_secret_and_renegotiation_info_answer_what_was_offered() {
    let of = async |hello| server_hello(&flight_of("sws1", &hello).await).extensions.map(|extensions| extensions.0);
    let renegotiation = Extension::RenegotiationInfo(vec![]);
    let bare = ClientHello {
        cipher_suites: vec![CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA],
        extensions: None,
        ..tls12_hello()
    };
    assert_eq!(of(bare.clone()).await, None);

    let offering = |extensions| ClientHello { extensions: Some(Extensions(extensions)), ..bare.clone() };
    let ems = Extension::ExtendedMasterSecret;
    assert_eq!(of(offering(vec![ems.clone()])).await, Some(vec![ems.clone()]));
    assert_eq!(of(offering(vec![renegotiation.clone(), ems.clone()])).await, Some(vec![ems, renegotiation.clone()]));

    let mut signalling = bare.clone();
    signalling.cipher_suites.push(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
    assert_eq!(of(signalling).await, Some(vec![renegotiation]));
}

#[tokio::test]
async fn certificates_are_the_endpoints_own() {
    let subjects = async |name| {
        let flight = flight_of(name, &tls12_hello()).await;
        let chain = Certificate::from_bytes(&flight[1].body).unwrap().entries;
        let subject = |der: &Vec<u8>| Some(X509Certificate::from_der(der).ok()?.1.subject().to_string());
        chain.iter().map(subject).collect::<Vec<_>>()
    };
    let name = |common_name: &str| Some(format!("O=tlsprobe lab, CN={common_name}"));
    let intermediate = || name("tlsprobe lab intermediate CA");
    assert_eq!(subjects("sws").await, [name("sws.update.microsoft.com"), intermediate()]);
    assert_eq!(subjects("cmg").await, [name("cmg.contoso.com"), intermediate()]);
    let root = name("tlsprobe lab root CA");
    assert_eq!(subjects("chain-of-three").await, [name("chain-of-three.lab.test"), intermediate(), root]);
    assert_eq!(subjects("unreadable-certificate").await, [name("unreadable-certificate.lab.test"), None]);
    assert_eq!(subjects("wrong-name").await, [name("another-name.lab.test"), intermediate()]);
}
