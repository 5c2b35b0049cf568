//! The messages that a scripted server sends, put together.

use rand::Rng;

use crate::lab::negotiate::Agreement;
use crate::lab::pki::CLIENT_AUTHORITY;
use crate::registry::{CipherSuite, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, Extensions, SupportedVersions};
use crate::wire::handshake::{
    Certificate, Certificate13, CertificateEntry, CertificateRequest, CertificateRequest13, ClientHello, HandshakeType,
    RawMessage, ServerHello, SessionId, message,
};
use crate::wire::{Wire, Writer};

/// The hello of TLS 1.0 to 1.2.
pub(in crate::lab) fn tls12_server_hello(
    agreement: &Agreement,
    random: [u8; 32],
    session_id: Vec<u8>,
    extensions: Vec<Extension>,
) -> Vec<u8> {
    let hello = ServerHello {
        legacy_version: agreement.version,
        random,
        session_id: SessionId(session_id),
        cipher_suite: agreement.cipher_suite,
        compression_method: 0,
        extensions: (!extensions.is_empty()).then_some(Extensions(extensions)),
    };
    message(HandshakeType::SERVER_HELLO, &hello)
}

/// The hello of TLS 1.3, and the HelloRetryRequest, which is one by its random (RFC 8446 §4.1.3).
pub(super) fn tls13_server_hello(
    hello: &ClientHello,
    cipher_suite: CipherSuite,
    random: [u8; 32],
    extensions: Vec<Extension>,
) -> Vec<u8> {
    let version = Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3));
    let hello = ServerHello {
        legacy_version: ProtocolVersion::TLS1_2,
        random,
        session_id: hello.session_id.clone(),
        cipher_suite,
        compression_method: 0,
        extensions: Some(Extensions([vec![version], extensions].concat())),
    };
    message(HandshakeType::SERVER_HELLO, &hello)
}

pub(super) fn certificate(chain: &[Vec<u8>]) -> Vec<u8> {
    message(HandshakeType::CERTIFICATE, &Certificate { entries: chain.to_vec() })
}

pub(super) fn certificate13(chain: &[Vec<u8>]) -> Vec<u8> {
    let entry = |der: &Vec<u8>| CertificateEntry { data: der.clone(), extensions: Extensions(vec![]) };
    let certificate = Certificate13 { context: vec![], entries: chain.iter().map(entry).collect() };
    message(HandshakeType::CERTIFICATE, &certificate)
}

/// What a client may sign by: more than the lab's own key can.
const CLIENT_SCHEMES: [SignatureScheme; 11] = [
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PKCS1_SHA1,
];

pub(super) fn certificate_request(version: ProtocolVersion) -> Vec<u8> {
    const RSA_SIGN: u8 = 1;
    const ECDSA_SIGN: u8 = 64;
    let request = CertificateRequest {
        certificate_types: vec![RSA_SIGN, ECDSA_SIGN],
        signature_schemes: (version == ProtocolVersion::TLS1_2).then(|| CLIENT_SCHEMES.to_vec()),
        authorities: vec![common_name(CLIENT_AUTHORITY)],
    };
    raw(HandshakeType::CERTIFICATE_REQUEST, request.to_bytes())
}

pub(super) fn certificate_request13(context: &[u8]) -> Vec<u8> {
    let request = CertificateRequest13 {
        context: context.to_vec(),
        extensions: Extensions(vec![
            Extension::SignatureAlgorithms(CLIENT_SCHEMES.to_vec()),
            Extension::CertificateAuthorities(vec![common_name(CLIENT_AUTHORITY)]),
        ]),
    };
    message(HandshakeType::CERTIFICATE_REQUEST, &request)
}

/// A message of that type around a body.
pub(super) fn raw(msg_type: HandshakeType, body: Vec<u8>) -> Vec<u8> {
    RawMessage { msg_type, body }.to_bytes()
}

/// Fresh bytes.
pub(in crate::lab) fn fresh<const N: usize>(random: &mut impl Rng) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill_bytes(&mut bytes);
    bytes
}

/// The DER of a `Name` that is one short `commonName`: SEQUENCE, SET, SEQUENCE, then OID 2.5.4.3 and a `UTF8String`.
fn common_name(name: &str) -> Vec<u8> {
    let tagged = |tag, content: &dyn Fn(&mut Writer)| {
        let mut out = Writer::new();
        out.u8(tag);
        // DER's short form of a length is the one of a TLS vector.
        out.vec8(content);
        out.into_bytes()
    };
    let value = tagged(0x0c, &|out| out.bytes(name.as_bytes()));
    let attribute = tagged(0x30, &|out| {
        out.bytes(&[0x06, 3, 0x55, 4, 3]);
        out.bytes(&value);
    });
    let set = tagged(0x31, &|out| out.bytes(&attribute));
    tagged(0x30, &|out| out.bytes(&set))
}
