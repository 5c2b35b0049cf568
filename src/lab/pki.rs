//! The lab's certificates, made at every start from keys that never change: dates stay right and a start is quick.
//!
//! The keys are public (`scripts/make-lab-keys` made them) and no one trusts the root.

use std::sync::Arc;

use rand::CryptoRng;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::script::{Chain, Scripted};
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::signature::SigningKey;
use crate::registry::SignatureScheme;

const ROOT_NAME: &str = "tlsprobe lab root CA";
const INTERMEDIATE_NAME: &str = "tlsprobe lab intermediate CA";
/// Who may issue client certificates, as a `CertificateRequest` says.
pub(super) const CLIENT_AUTHORITY: &str = "tlsprobe lab client CA";

const ROOT_KEY: &str = include_str!("keys/lab-root.pem");
const INTERMEDIATE_KEY: &str = include_str!("keys/lab-intermediate.pem");
const INSPECTION_KEY: &str = include_str!("keys/lab-inspection.pem");
const INSPECTION_LEAF_KEY: &str = include_str!("keys/lab-inspection-leaf.pem");
const LEAF_KEY: &str = include_str!("keys/lab-leaf.pem");
const ECDSA_LEAF_KEY: &str = include_str!("keys/lab-ecdsa-leaf.pem");

/// What a lab's servers prove themselves with.
pub(super) struct Credentials {
    /// The key of RSA that every endpoint's leaf certifies.
    pub(super) key: Arc<LeafKey>,
    /// Who issues what an inspecting proxy shows.
    pub(super) inspector: Arc<Inspector>,
    /// For each endpoint what it proves itself with: one of RSA, without certificates where it sends none, and for some
    /// another, as their chain says.
    pub(super) identities: Vec<(Identity, Option<Identity>)>,
    /// The root of all of them.
    pub(super) root: Vec<u8>,
}

impl Credentials {
    pub(super) fn issue(scripted: &[Scripted], now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let issuer = Issuer::new(now)?;
        let (key, ecdsa_key) = (Arc::new(signer(&issuer.leaf_key)?), Arc::new(signer(&issuer.ecdsa_leaf_key)?));
        let identities = (FIRST_LEAF_SERIAL..).zip(scripted).map(|(serial, scripted)| {
            let chain = scripted.chain();
            let first = chain.map(|chain| issuer.issue(scripted.host, chain, serial)).transpose()?;
            let first = Identity { certificates: first.unwrap_or_default(), key: Arc::clone(&key) };
            let serial = FIRST_SECOND_LEAF_SERIAL + serial;
            let second = match chain {
                Some(Chain::OfTwoKinds) => Some((issuer.issue_for_ecdsa(scripted.host, serial)?, &ecdsa_key)),
                Some(Chain::OfTwoSites) => Some((issuer.issue(scripted.host, Chain::WrongName, serial)?, &key)),
                _ => None,
            };
            let second = second.map(|(certificates, key)| Identity { certificates, key: Arc::clone(key) });
            Ok((first, second))
        });
        let identities = identities.collect::<Result<_, rcgen::Error>>()?;
        let inspector = Arc::new(Inspector::new(now)?);
        Ok(Self { key, inspector, identities, root: issuer.root })
    }
}

/// What a server proves itself with.
#[derive(Clone)]
pub(super) struct Identity {
    /// DER, leaf first.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) key: Arc<LeafKey>,
}

/// A root, an intermediate, and the keys of all leafs.
struct Issuer {
    now: OffsetDateTime,
    root: Vec<u8>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    leaf_key: KeyPair,
    ecdsa_leaf_key: KeyPair,
}

const ROOT_SERIAL: u64 = 1;
const INTERMEDIATE_SERIAL: u64 = 2;
const FIRST_LEAF_SERIAL: u64 = 3;
const FIRST_SECOND_LEAF_SERIAL: u64 = 1000;

impl Issuer {
    fn new(now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let (root_key, intermediate_key) = (KeyPair::from_pem(ROOT_KEY)?, KeyPair::from_pem(INTERMEDIATE_KEY)?);
        let root = CertifiedIssuer::self_signed(authority(ROOT_NAME, ROOT_SERIAL, now), root_key)?;
        let intermediate = authority(INTERMEDIATE_NAME, INTERMEDIATE_SERIAL, now);
        let intermediate = CertifiedIssuer::signed_by(intermediate, intermediate_key, &root)?;
        let (leaf_key, ecdsa_leaf_key) = (KeyPair::from_pem(LEAF_KEY)?, KeyPair::from_pem(ECDSA_LEAF_KEY)?);
        Ok(Self { now, root: root.der().to_vec(), intermediate, leaf_key, ecdsa_leaf_key })
    }

    /// The chain that a server for `host` sends, in DER. A serial number must not be used twice.
    fn issue(&self, host: &str, chain: Chain, serial: u64) -> Result<Vec<Vec<u8>>, rcgen::Error> {
        let good = self.good();
        let expired = (self.now - Duration::days(400), self.now - Duration::days(35));
        let leaf = |name: &str, validity| self.leaf(name, &self.leaf_key, serial, validity);
        let intermediate = || self.intermediate.der().to_vec();
        Ok(match chain {
            Chain::Good | Chain::OfTwoKinds | Chain::OfTwoSites => vec![leaf(host, good)?, intermediate()],
            Chain::WithRoot => vec![leaf(host, good)?, intermediate(), self.root.clone()],
            Chain::Expired => vec![leaf(host, expired)?, intermediate()],
            Chain::WrongName => vec![leaf("another-name.lab.test", good)?, intermediate()],
            Chain::Unreadable => vec![leaf(host, good)?, UNREADABLE.to_vec()],
        })
    }

    /// The same with the key of ECDSA.
    fn issue_for_ecdsa(&self, host: &str, serial: u64) -> Result<Vec<Vec<u8>>, rcgen::Error> {
        let leaf = self.leaf(host, &self.ecdsa_leaf_key, serial, self.good())?;
        Ok(vec![leaf, self.intermediate.der().to_vec()])
    }

    /// From when until when what is good is.
    fn good(&self) -> (OffsetDateTime, OffsetDateTime) {
        (self.now - Duration::days(30), self.now + Duration::days(335))
    }

    fn leaf(
        &self,
        host: &str,
        key: &KeyPair,
        serial: u64,
        (not_before, not_after): (OffsetDateTime, OffsetDateTime),
    ) -> Result<Vec<u8>, rcgen::Error> {
        let params = end_entity(host, serial, (not_before, not_after))?;
        Ok(params.signed_by(key, &self.intermediate)?.der().to_vec())
    }
}

/// The authority of a proxy that inspects: it issues a certificate for whatever is asked for. Its name is the one that a
/// free program of that trade gives its own.
pub(super) struct Inspector {
    now: OffsetDateTime,
    root: CertifiedIssuer<'static, KeyPair>,
    leaf_key: KeyPair,
    /// The same, to sign with. The endpoints' own is theirs alone.
    pub(super) key: Arc<LeafKey>,
}

const INSPECTOR_NAME: &str = "mitmproxy";

impl Inspector {
    fn new(now: OffsetDateTime) -> Result<Self, rcgen::Error> {
        let mut params = authority(INSPECTOR_NAME, ROOT_SERIAL, now);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, INSPECTOR_NAME);
        params.distinguished_name.push(DnType::OrganizationName, INSPECTOR_NAME);
        let root = CertifiedIssuer::self_signed(params, KeyPair::from_pem(INSPECTION_KEY)?)?;
        let leaf_key = KeyPair::from_pem(INSPECTION_LEAF_KEY)?;
        Ok(Self { now, root, key: Arc::new(signer(&leaf_key)?), leaf_key })
    }

    /// A leaf for that host and the root, in DER. A serial number must not be used twice.
    pub(super) fn issue(&self, host: &str, serial: u64) -> Result<Vec<Vec<u8>>, rcgen::Error> {
        let params = end_entity(host, serial, (self.now - Duration::days(1), self.now + Duration::days(364)))?;
        let leaf = params.signed_by(&self.leaf_key, &self.root)?;
        Ok(vec![leaf.der().to_vec(), self.root.der().to_vec()])
    }
}

fn end_entity(
    host: &str,
    serial: u64,
    (not_before, not_after): (OffsetDateTime, OffsetDateTime),
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new([host.to_owned()])?;
    params.distinguished_name = name(host);
    params.serial_number = Some(serial.into());
    (params.not_before, params.not_after) = (not_before, not_after);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
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

/// The private key of leafs: one of RSA, which signs and decrypts, or one of ECDSA on P-256.
pub(super) struct LeafKey {
    signing: SigningKey,
    decrypting: Option<RsaPrivateKey>,
}

impl LeafKey {
    /// What one of RSA signs since TLS 1.2, in the order it is chosen: PKCS #1 first, as Schannel does in TLS 1.2.
    pub(super) const RSA_SCHEMES: [SignatureScheme; 6] = [
        SignatureScheme::RSA_PKCS1_SHA256,
        SignatureScheme::RSA_PKCS1_SHA384,
        SignatureScheme::RSA_PKCS1_SHA512,
        SignatureScheme::RSA_PSS_RSAE_SHA256,
        SignatureScheme::RSA_PSS_RSAE_SHA384,
        SignatureScheme::RSA_PSS_RSAE_SHA512,
    ];

    /// The same of one of ECDSA.
    pub(super) const ECDSA_SCHEMES: [SignatureScheme; 1] = [SignatureScheme::ECDSA_SECP256R1_SHA256];

    fn read(der: &[u8]) -> Option<Self> {
        let decrypting = SigningKey::from_der(der).ok()?.into_rsa().map(|(_, private)| private);
        Some(Self { signing: SigningKey::from_der(der).ok()?, decrypting })
    }

    /// Signs by one of its schemes; without one as before TLS 1.2.
    pub(super) fn sign(&self, scheme: Option<SignatureScheme>, message: &[u8], random: &mut impl CryptoRng) -> Vec<u8> {
        self.signing.sign(scheme, message, random).expect("a key signs by each of its schemes")
    }

    /// A premaster secret, or `None` where it was not encrypted to this key.
    pub(super) fn decrypt(&self, ciphertext: &[u8], random: &mut impl CryptoRng) -> Option<Zeroizing<Vec<u8>>> {
        self.decrypting.as_ref()?.decrypt(ciphertext, random)
    }
}

/// The `SubjectPublicKeyInfo` of a certificate that a client has sent, if it is one.
pub(super) fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate.subject_pki.raw.to_vec())
}

/// What signs and decrypts with this key.
fn signer(key: &KeyPair) -> Result<LeafKey, rcgen::Error> {
    LeafKey::read(key.serialized_der()).ok_or(rcgen::Error::CouldNotParseKeyPair)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;
    use crate::lab::ENDPOINTS;
    use crate::lab::testing::settings;

    fn chain(chain: Chain) -> Vec<Vec<u8>> {
        Issuer::new(settings().now).unwrap().issue("host.lab.test", chain, 9).unwrap()
    }

    fn read(der: &[u8]) -> X509Certificate<'_> {
        X509Certificate::from_der(der).unwrap().1
    }

    fn is_valid_now(der: &[u8]) -> bool {
        let validity = read(der).validity().clone();
        let now = settings().now;
        validity.not_before.to_datetime() <= now && now <= validity.not_after.to_datetime()
    }

    #[test]
    fn each_certificate_is_signed_by_the_next_and_the_root_by_itself() {
        let chain = chain(Chain::WithRoot);
        let issuers = chain.iter().skip(1).chain(chain.last());
        for (certificate, issuer) in chain.iter().zip(issuers) {
            let (certificate, issuer) = (read(certificate), read(issuer));
            assert_eq!(certificate.issuer(), issuer.subject());
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &issuer.public_key().subject_public_key.data);
            key.verify(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data).unwrap();
        }
        assert!(chain.iter().all(|certificate| is_valid_now(certificate)));
    }

    #[test]
    fn the_leaf_names_its_host_unless_it_is_the_wrong_one() {
        let names = |kind| {
            let chain = chain(kind);
            let leaf = read(&chain[0]);
            let names = leaf.subject_alternative_name().unwrap().unwrap().value.general_names.clone();
            names.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(Chain::Good), ["DNSName(host.lab.test)"]);
        assert_eq!(names(Chain::WrongName), ["DNSName(another-name.lab.test)"]);
    }

    #[test]
    fn only_the_expired_leaf_is_not_valid_now() {
        assert!(is_valid_now(&chain(Chain::Good)[0]));
        assert!(!is_valid_now(&chain(Chain::Expired)[0]));
        assert!(is_valid_now(&chain(Chain::Expired)[1]), "its issuer still is");
    }

    #[test]
    fn the_second_certificate_can_be_one_that_no_one_reads() {
        let chain = chain(Chain::Unreadable);
        assert!(is_valid_now(&chain[0]));
        assert!(X509Certificate::from_der(&chain[1]).is_err());
    }

    #[test]
    fn an_inspector_issues_for_any_host_and_the_labs_root_has_no_part_in_it() {
        let chain = Inspector::new(settings().now).unwrap().issue("sws.update.microsoft.com", 7).unwrap();
        let (leaf, root) = (read(&chain[0]), read(&chain[1]));
        assert_eq!((leaf.issuer(), root.issuer()), (root.subject(), root.subject()));
        assert_eq!(root.subject().to_string(), "CN=mitmproxy, O=mitmproxy");
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &root.public_key().subject_public_key.data);
        key.verify(leaf.tbs_certificate.as_ref(), &leaf.signature_value.data).unwrap();
        assert!(chain.iter().all(|certificate| is_valid_now(certificate)));
    }

    #[test]
    fn no_serial_number_is_used_twice_and_certificates_depend_on_the_time_alone() {
        let chains = |now| -> Vec<Vec<Vec<u8>>> {
            let identities = Credentials::issue(ENDPOINTS, now).unwrap().identities.into_iter();
            let identities = identities.flat_map(|(first, second)| [Some(first), second]).flatten();
            identities.map(|identity| identity.certificates).collect()
        };
        let now = settings().now;
        let leafs: Vec<_> = chains(now).into_iter().filter_map(|chain| chain.into_iter().next()).collect();
        let serials: BTreeSet<_> = leafs.iter().map(|leaf| read(leaf).raw_serial_as_string()).collect();
        assert!(serials.len() == leafs.len() && leafs.len() > 5);

        assert_eq!(chains(now), chains(now));
        assert_ne!(chains(now), chains(now + Duration::days(1)));
    }
}
