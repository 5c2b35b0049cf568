//! The first flight of a scripted server, in records, once it is agreed what to say.

use rand::{CryptoRng, Rng};

use super::negotiate::{Agreement, KeySource};
use super::pki::CLIENT_AUTHORITY;
use super::script::Server;
use crate::crypto::{KeyPair, RsaSigner};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry, SupportedVersions};
use crate::wire::handshake::{
    Certificate, CertificateRequest, ClientHello, DigitallySigned, HandshakeType, RawMessage, ServerHello,
    ServerKeyExchange, SessionId, message,
};
use crate::wire::record::{ContentType, MAX_FRAGMENT, write_records};
use crate::wire::{Wire, Writer};

/// What a server proves itself with.
#[derive(Clone, Copy)]
pub(super) struct Identity<'a> {
    /// DER, leaf first.
    pub(super) certificates: &'a [Vec<u8>],
    pub(super) key: &'a RsaSigner,
}

/// A flight in records.
pub(super) struct Flight {
    /// The ServerHello, or the HelloRetryRequest.
    pub(super) server_hello: Vec<u8>,
    /// All after it.
    pub(super) rest: Vec<u8>,
}

impl Flight {
    /// The flight of the agreed version.
    pub(super) fn new(
        server: &Server,
        identity: Identity<'_>,
        hello: &ClientHello,
        agreement: &Agreement,
        random: &mut impl CryptoRng,
    ) -> Self {
        match agreement.keys {
            KeySource::Rsa => Self::tls12(server, identity, hello, agreement, None, random),
            KeySource::Ecdhe { group, scheme } => {
                Self::tls12(server, identity, hello, agreement, Some((group, scheme)), random)
            }
            KeySource::Share { group } => Self::tls13(hello, agreement.cipher_suite, group, random),
            KeySource::ShareWanted { group } => Self::retry(hello, agreement.cipher_suite, group),
        }
    }

    /// A HelloRetryRequest (RFC 8446 §4.1.4).
    pub(super) fn retry(hello: &ClientHello, cipher_suite: CipherSuite, group: NamedGroup) -> Self {
        let random = ServerHello::HELLO_RETRY_REQUEST_RANDOM;
        let retry = tls13_hello(hello, cipher_suite, random, KeyShare::RetryGroup(group));
        Self { server_hello: hello_record(&retry), rest: change_cipher_spec(hello) }
    }

    /// All of it.
    pub(super) fn into_records(self) -> Vec<u8> {
        [self.server_hello, self.rest].concat()
    }

    /// Readable up to the server's share; all after that is encrypted, which random bytes imitate.
    fn tls13(hello: &ClientHello, cipher_suite: CipherSuite, group: NamedGroup, random: &mut impl CryptoRng) -> Self {
        let share = KeyPair::generate(group, random).expect("a lab server has groups that keys can be made in");
        let share = KeyShareEntry { group, key_exchange: share.public() };
        let server_hello = tls13_hello(hello, cipher_suite, fresh(random), KeyShare::Selected(share));
        let mut rest = change_cipher_spec(hello);
        // As long as EncryptedExtensions, Certificate, CertificateVerify and Finished are with RSA and SHA-384.
        for length in [27, 2200, 281, 69] {
            let mut ciphertext = vec![0; length];
            random.fill_bytes(&mut ciphertext);
            let version = ProtocolVersion::TLS1_2;
            rest.extend(write_records(ContentType::APPLICATION_DATA, version, &ciphertext, MAX_FRAGMENT));
        }
        Self { server_hello: hello_record(&server_hello), rest }
    }

    /// The flight of TLS 1.0 to 1.2 (RFC 5246 §7.3).
    fn tls12(
        server: &Server,
        identity: Identity<'_>,
        hello: &ClientHello,
        agreement: &Agreement,
        ephemeral: Option<(NamedGroup, SignatureScheme)>,
        random: &mut impl CryptoRng,
    ) -> Self {
        let server_hello = tls12_hello(server, hello, agreement, random);
        let chain = Certificate { entries: identity.certificates.to_vec() };
        let mut rest = message(HandshakeType::CERTIFICATE, &chain);
        if let Some((group, scheme)) = ephemeral {
            let randoms = [hello.random, server_hello.random].concat();
            let body = server_key_exchange(identity.key, &randoms, group, scheme, random);
            rest.extend(RawMessage { msg_type: HandshakeType::SERVER_KEY_EXCHANGE, body }.to_bytes());
        }
        if server.requests_certificate {
            let body = certificate_request(agreement.version).to_bytes();
            rest.extend(RawMessage { msg_type: HandshakeType::CERTIFICATE_REQUEST, body }.to_bytes());
        }
        rest.extend(RawMessage { msg_type: HandshakeType::SERVER_HELLO_DONE, body: vec![] }.to_bytes());
        Self {
            server_hello: hello_record(&server_hello),
            rest: write_records(ContentType::HANDSHAKE, agreement.version, &rest, MAX_FRAGMENT),
        }
    }
}

fn tls12_hello(
    server: &Server,
    hello: &ClientHello,
    agreement: &Agreement,
    random: &mut impl CryptoRng,
) -> ServerHello {
    let mut answer = ServerHello {
        random: fresh(random),
        session_id: SessionId(fresh::<32>(random).to_vec()),
        ..ServerHello::answering(hello, agreement.version, agreement.cipher_suite)
    };
    if let (false, Some(extensions)) = (server.extended_master_secret, &mut answer.extensions) {
        extensions.0.retain(|extension| *extension != Extension::ExtendedMasterSecret);
    }
    answer
}

fn tls13_hello(hello: &ClientHello, cipher_suite: CipherSuite, random: [u8; 32], key_share: KeyShare) -> ServerHello {
    ServerHello {
        legacy_version: ProtocolVersion::TLS1_2,
        random,
        session_id: hello.session_id.clone(),
        cipher_suite,
        compression_method: 0,
        extensions: Some(Extensions(vec![
            Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3)),
            Extension::KeyShare(key_share),
        ])),
    }
}

/// An ephemeral key, signed together with both randoms (RFC 8422 §5.4).
fn server_key_exchange(
    key: &RsaSigner,
    randoms: &[u8],
    group: NamedGroup,
    scheme: SignatureScheme,
    random: &mut impl CryptoRng,
) -> Vec<u8> {
    let share = KeyPair::generate(group, random).expect("a lab server has groups that keys can be made in");
    let unsigned = ServerKeyExchange::Ecdhe { curve: group, public: share.public(), signature: None };
    let signature = key.sign(scheme, &[randoms, &unsigned.to_bytes()].concat());

    let mut out = Writer::new();
    unsigned.encode(&mut out);
    DigitallySigned { scheme: Some(scheme), signature }.encode(&mut out);
    out.into_bytes()
}

fn certificate_request(version: ProtocolVersion) -> CertificateRequest {
    const RSA_SIGN: u8 = 1;
    const ECDSA_SIGN: u8 = 64;
    let says_schemes = version >= ProtocolVersion::TLS1_2;
    CertificateRequest {
        certificate_types: vec![RSA_SIGN, ECDSA_SIGN],
        signature_schemes: says_schemes.then(|| RsaSigner::signature_schemes().collect()),
        authorities: vec![common_name(CLIENT_AUTHORITY)],
    }
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

/// What hides a TLS 1.3 handshake from middleboxes, where the client has asked for that (RFC 8446 §D.4).
fn change_cipher_spec(hello: &ClientHello) -> Vec<u8> {
    if hello.session_id.0.is_empty() {
        return Vec::new();
    }
    write_records(ContentType::CHANGE_CIPHER_SPEC, ProtocolVersion::TLS1_2, &[1], MAX_FRAGMENT)
}

fn hello_record(hello: &ServerHello) -> Vec<u8> {
    let bytes = message(HandshakeType::SERVER_HELLO, hello);
    write_records(ContentType::HANDSHAKE, hello.legacy_version, &bytes, MAX_FRAGMENT)
}

fn fresh<const N: usize>(random: &mut impl Rng) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::*;
    use crate::lab::ENDPOINTS;
    use crate::lab::negotiate::negotiate;
    use crate::lab::pki::Credentials;
    use crate::lab::script::{Behaviour, Step};
    use crate::lab::testing::{messages, server_hello, settings, tls12_hello};
    use crate::wire::handshake::KeyExchangeForm;

    /// The flight of that endpoint's server, as messages.
    fn flight_of(name: &str, hello: &ClientHello) -> Vec<RawMessage> {
        let Credentials { key, chains, .. } = Credentials::issue(ENDPOINTS, settings().now).unwrap();
        let (scripted, chain) =
            ENDPOINTS.iter().zip(&chains).find(|(endpoint, _)| endpoint.name == name).expect("a listed endpoint");
        let Behaviour::Plays([Step::ReadHello, Step::Answer(server, _), ..]) = scripted.behaviour else {
            panic!("{name} answers no hello")
        };
        let identity = Identity { certificates: chain, key: &key };
        let agreement = negotiate(server, hello).unwrap();
        let mut random = StdRng::seed_from_u64(1);
        messages(&Flight::new(server, identity, hello, &agreement, &mut random).into_records())
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

    #[test]
    fn the_share_of_sws_is_signed_by_the_key_of_its_leaf_in_a_scheme_and_group_that_the_client_offers() {
        for (scheme, algorithm) in [
            (SignatureScheme::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256),
            (SignatureScheme::RSA_PKCS1_SHA384, &signature::RSA_PKCS1_2048_8192_SHA384),
            (SignatureScheme::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_2048_8192_SHA512),
            (SignatureScheme::RSA_PSS_RSAE_SHA256, &signature::RSA_PSS_2048_8192_SHA256),
            (SignatureScheme::RSA_PSS_RSAE_SHA384, &signature::RSA_PSS_2048_8192_SHA384),
            (SignatureScheme::RSA_PSS_RSAE_SHA512, &signature::RSA_PSS_2048_8192_SHA512),
        ] {
            for group in [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1] {
                let hello = with_extensions(vec![
                    Extension::SupportedGroups(vec![NamedGroup::X448, group]),
                    Extension::SignatureAlgorithms(vec![SignatureScheme::ECDSA_SECP256R1_SHA256, scheme]),
                ]);
                assert_eq!(verify(&hello, &flight_of("sws", &hello), algorithm), (group, scheme, true));
            }
        }
    }

    #[test]
    fn a_share_for_another_hello_does_not_verify() {
        let hello = tls12_hello();
        let flight = flight_of("sws", &hello);
        let other = ClientHello { random: [8; 32], ..hello };
        assert!(!verify(&other, &flight, &signature::RSA_PKCS1_2048_8192_SHA256).2);
    }

    #[test]
    fn extended_master_secret_and_renegotiation_info_answer_what_was_offered() {
        let of = |hello| server_hello(&flight_of("sws1", &hello)).extensions.map(|extensions| extensions.0);
        let renegotiation = Extension::RenegotiationInfo(vec![]);
        let bare = ClientHello {
            cipher_suites: vec![CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA],
            extensions: None,
            ..tls12_hello()
        };
        assert_eq!(of(bare.clone()), None);

        let offering = |extensions| ClientHello { extensions: Some(Extensions(extensions)), ..bare.clone() };
        let ems = Extension::ExtendedMasterSecret;
        assert_eq!(of(offering(vec![ems.clone()])), Some(vec![ems.clone()]));
        assert_eq!(of(offering(vec![renegotiation.clone(), ems.clone()])), Some(vec![ems, renegotiation.clone()]));

        let mut signalling = bare.clone();
        signalling.cipher_suites.push(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
        assert_eq!(of(signalling), Some(vec![renegotiation]));
    }

    #[test]
    fn certificates_are_the_endpoints_own() {
        let subjects = |name| {
            let flight = flight_of(name, &tls12_hello());
            let chain = Certificate::from_bytes(&flight[1].body).unwrap().entries;
            let subject = |der: &Vec<u8>| Some(X509Certificate::from_der(der).ok()?.1.subject().to_string());
            chain.iter().map(subject).collect::<Vec<_>>()
        };
        let name = |common_name: &str| Some(format!("O=tlsprobe lab, CN={common_name}"));
        let intermediate = || name("tlsprobe lab intermediate CA");
        assert_eq!(subjects("sws"), [name("sws.update.microsoft.com"), intermediate()]);
        assert_eq!(subjects("cmg"), [name("cmg.contoso.com"), intermediate()]);
        let root = name("tlsprobe lab root CA");
        assert_eq!(subjects("chain-of-three"), [name("chain-of-three.lab.test"), intermediate(), root]);
        assert_eq!(subjects("unreadable-certificate"), [name("unreadable-certificate.lab.test"), None]);
        assert_eq!(subjects("wrong-name"), [name("another-name.lab.test"), intermediate()]);
    }
}
