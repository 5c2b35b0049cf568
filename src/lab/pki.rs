//! The lab's certificates, made at every start from keys that never change: dates stay right and a start is quick.
//!
//! The keys are public (`scripts/make-lab-keys` made them) and no one trusts the root.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use ring::rand::SystemRandom;
use ring::signature::{self, RsaEncoding, RsaKeyPair};
use time::{Duration, OffsetDateTime};

use super::script::{Chain, Scripted};
use crate::registry::SignatureScheme;

/// What the leaf's key signs, in the order it is chosen: PKCS #1 first, as Schannel does in TLS 1.2.
pub(super) const SIGNATURE_SCHEMES: [SignatureScheme; 6] = [
    RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512,
    RSA_PSS_RSAE_SHA256,
    RSA_PSS_RSAE_SHA384,
    RSA_PSS_RSAE_SHA512,
];

const RSA_PKCS1_SHA256: SignatureScheme = SignatureScheme(0x0401);
const RSA_PKCS1_SHA384: SignatureScheme = SignatureScheme(0x0501);
const RSA_PKCS1_SHA512: SignatureScheme = SignatureScheme(0x0601);
const RSA_PSS_RSAE_SHA256: SignatureScheme = SignatureScheme(0x0804);
const RSA_PSS_RSAE_SHA384: SignatureScheme = SignatureScheme(0x0805);
const RSA_PSS_RSAE_SHA512: SignatureScheme = SignatureScheme(0x0806);

const ROOT_NAME: &str = "tlsprobe lab root CA";
const INTERMEDIATE_NAME: &str = "tlsprobe lab intermediate CA";
/// Who may issue client certificates, as a `CertificateRequest` says.
pub(super) const CLIENT_AUTHORITY: &str = "tlsprobe lab client CA";

const ROOT_KEY: &str = include_str!("keys/lab-root.pem");
const INTERMEDIATE_KEY: &str = include_str!("keys/lab-intermediate.pem");
const LEAF_KEY: &str = include_str!("keys/lab-leaf.pem");

/// What a lab's servers prove themselves with.
pub(super) struct Credentials {
    /// The key that every leaf certifies.
    pub(super) key: Arc<LeafKey>,
    /// For each endpoint its chain, DER, leaf first; empty where it sends none.
    pub(super) chains: Vec<Vec<Vec<u8>>>,
}

impl Credentials {
    pub(super) fn issue(scripted: &[Scripted], now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let issuer = Issuer::new(now)?;
        let chains = (FIRST_LEAF_SERIAL..).zip(scripted).map(|(serial, scripted)| match scripted.chain() {
            Some(chain) => issuer.issue(scripted.host, chain, serial),
            None => Ok(Vec::new()),
        });
        let chains = chains.collect::<Result<_, _>>()?;
        let key = RsaKeyPair::from_pkcs8(issuer.leaf_key.serialized_der());
        let key = key.map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Self { key: Arc::new(LeafKey(key)), chains })
    }
}

/// A root, an intermediate, and the key of all leafs.
struct Issuer {
    now: OffsetDateTime,
    root: Vec<u8>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    leaf_key: KeyPair,
}

const ROOT_SERIAL: u64 = 1;
const INTERMEDIATE_SERIAL: u64 = 2;
const FIRST_LEAF_SERIAL: u64 = 3;

impl Issuer {
    fn new(now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let (root_key, intermediate_key) = (KeyPair::from_pem(ROOT_KEY)?, KeyPair::from_pem(INTERMEDIATE_KEY)?);
        let root = CertifiedIssuer::self_signed(authority(ROOT_NAME, ROOT_SERIAL, now), root_key)?;
        let intermediate = authority(INTERMEDIATE_NAME, INTERMEDIATE_SERIAL, now);
        let intermediate = CertifiedIssuer::signed_by(intermediate, intermediate_key, &root)?;
        Ok(Self { now, root: root.der().to_vec(), intermediate, leaf_key: KeyPair::from_pem(LEAF_KEY)? })
    }

    /// The chain that a server for `host` sends, in DER. A serial number must not be used twice.
    fn issue(&self, host: &str, chain: Chain, serial: u64) -> Result<Vec<Vec<u8>>, rcgen::Error> {
        let good = (self.now - Duration::days(30), self.now + Duration::days(335));
        let expired = (self.now - Duration::days(400), self.now - Duration::days(35));
        let leaf = |name: &str, validity| self.leaf(name, serial, validity);
        let intermediate = || self.intermediate.der().to_vec();
        Ok(match chain {
            Chain::Good => vec![leaf(host, good)?, intermediate()],
            Chain::WithRoot => vec![leaf(host, good)?, intermediate(), self.root.clone()],
            Chain::Expired => vec![leaf(host, expired)?, intermediate()],
            Chain::WrongName => vec![leaf("another-name.lab.test", good)?, intermediate()],
            Chain::Unreadable => vec![leaf(host, good)?, UNREADABLE.to_vec()],
        })
    }

    fn leaf(
        &self,
        host: &str,
        serial: u64,
        (not_before, not_after): (OffsetDateTime, OffsetDateTime),
    ) -> Result<Vec<u8>, rcgen::Error> {
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.distinguished_name = name(host);
        params.serial_number = Some(serial.into());
        (params.not_before, params.not_after) = (not_before, not_after);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        Ok(params.signed_by(&self.leaf_key, &self.intermediate)?.der().to_vec())
    }
}

/// A SEQUENCE that says it is longer than it is, with text in it.
const UNREADABLE: &[u8] = b"\x30\x82\x04\xd2 tlsprobe lab: this is no certificate";

fn authority(common_name: &str, serial: u64, now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(common_name);
    params.serial_number = Some(serial.into());
    (params.not_before, params.not_after) = (now - Duration::days(5 * 365), now + Duration::days(5 * 365));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "tlsprobe lab");
    name.push(DnType::CommonName, common_name);
    name
}

/// The private key of all leafs.
pub(super) struct LeafKey(RsaKeyPair);

impl LeafKey {
    /// Signs by one of [`SIGNATURE_SCHEMES`]. The salt of PSS comes from the system: ring takes no other.
    pub(super) fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(encoding(scheme), &SystemRandom::new(), message, &mut signature)
            .expect("a 2048-bit key has room for every padding");
        signature
    }
}

fn encoding(scheme: SignatureScheme) -> &'static dyn RsaEncoding {
    match scheme {
        RSA_PKCS1_SHA384 => &signature::RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512 => &signature::RSA_PKCS1_SHA512,
        RSA_PSS_RSAE_SHA256 => &signature::RSA_PSS_SHA256,
        RSA_PSS_RSAE_SHA384 => &signature::RSA_PSS_SHA384,
        RSA_PSS_RSAE_SHA512 => &signature::RSA_PSS_SHA512,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}
