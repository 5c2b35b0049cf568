//! What a scripted server chooses from a hello, as the RFCs have servers choose, or otherwise where its script says so.

use rand::Rng;
use rand::seq::SliceRandom;

use super::pki::LeafKey;
use super::script::{Chain, Choice, Server};
use crate::registry::{
    Authentication, CipherAlgorithm, CipherMode, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion,
    SignatureScheme, Tls13Use,
};
use crate::wire::extension::{Extension, KeyShare, SupportedVersions};
use crate::wire::handshake::ClientHello;

/// What both sides can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreement {
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    pub(super) keys: KeySource,
}

/// Where the keys will come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeySource {
    /// The client encrypts a secret to the certificate's key (RFC 5246 §7.4.7.1).
    Rsa,
    /// A signed ephemeral key of this group (RFC 8422 §5.4); before TLS 1.2 nothing says how it is signed.
    Ecdhe { group: NamedGroup, scheme: Option<SignatureScheme> },
    /// A signed ephemeral key of the server's own field (RFC 5246 §7.4.3).
    Dhe { scheme: Option<SignatureScheme> },
    /// A share of this group, of which the client has sent one too (RFC 8446 §4.2.8), and what the handshake is signed by.
    Share { group: NamedGroup, scheme: SignatureScheme },
    /// No share yet of a group that both have (RFC 8446 §4.1.4).
    ShareWanted { group: NamedGroup },
}

/// Why there is no agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// What came is no ClientHello.
    NoHello,
    /// No version in common.
    Version,
    /// No cipher suite in common, or none with what else it needs.
    CipherSuite,
}

impl Agreement {
    /// Whether it is the server's key of ECDSA that proves who it is.
    pub(super) fn is_by_ecdsa(&self) -> bool {
        match self.keys.scheme() {
            Some(scheme) => LeafKey::ECDSA_SCHEMES.contains(&scheme),
            None => is_by_ecdsa(self.cipher_suite),
        }
    }
}

impl KeySource {
    /// What the ephemeral key is signed by; nothing is said of it before TLS 1.2.
    pub(super) fn scheme(self) -> Option<SignatureScheme> {
        match self {
            Self::Ecdhe { scheme, .. } | Self::Dhe { scheme } => scheme,
            Self::Share { scheme, .. } => Some(scheme),
            Self::Rsa | Self::ShareWanted { .. } => None,
        }
    }
}

/// The best that the server can make of the hello: the best version, then the suite of its choice among those in common.
pub(super) fn negotiate(server: &Server, hello: &ClientHello, random: &mut impl Rng) -> Result<Agreement, Mismatch> {
    let offer = Offer::of(hello);
    let (version, suites) =
        server.versions.iter().find(|(version, _)| offer.has_version(*version)).ok_or(Mismatch::Version)?;
    let agreement =
        in_order_of_choice(server.choice, suites, &hello.cipher_suites, random).into_iter().find_map(|suite| {
            let keys = key_source(server, &offer, *version, suite)?;
            Some(Agreement { version: *version, cipher_suite: suite, keys })
        });
    agreement.ok_or(Mismatch::CipherSuite)
}

/// The suites in common, those first that the server would rather take.
fn in_order_of_choice(
    choice: Choice,
    own: &[CipherSuite],
    offered: &[CipherSuite],
    random: &mut impl Rng,
) -> Vec<CipherSuite> {
    let common = |from: &[CipherSuite], other: &[CipherSuite]| -> Vec<CipherSuite> {
        from.iter().copied().filter(|suite| other.contains(suite)).collect()
    };
    match choice {
        Choice::Own => common(own, offered),
        Choice::Clients => common(offered, own),
        Choice::OwnButChaCha20 => {
            let mut suites = common(own, offered);
            if offered.first().is_some_and(|suite| has_chacha20(*suite)) {
                suites.sort_by_key(|suite| !has_chacha20(*suite));
            }
            suites
        }
        Choice::AsGo => {
            let mut suites = common(own, offered);
            let first_known = offered.iter().find(|suite| own.contains(suite));
            if !first_known.is_some_and(|suite| has_aes_gcm_and_ephemeral_keys(*suite)) {
                suites.sort_by_key(|suite| !has_chacha20(*suite));
            }
            suites
        }
        Choice::AtRandom => {
            let mut suites = common(own, offered);
            suites.shuffle(random);
            suites
        }
        Choice::Regardless => own.first().copied().into_iter().collect(),
    }
}

fn has_chacha20(suite: CipherSuite) -> bool {
    suite.info().is_some_and(|info| info.cipher.algorithm == CipherAlgorithm::ChaCha20)
}

fn has_aes_gcm_and_ephemeral_keys(suite: CipherSuite) -> bool {
    suite.info().is_some_and(|info| {
        let cipher = info.cipher;
        let is_ephemeral = matches!(info.key_exchange, KeyExchange::Ecdhe | KeyExchange::Tls13);
        cipher.algorithm == CipherAlgorithm::Aes && cipher.mode == CipherMode::Gcm && is_ephemeral
    })
}

fn is_by_ecdsa(suite: CipherSuite) -> bool {
    suite.info().is_some_and(|info| info.authentication == Authentication::Ecdsa)
}

fn key_source(server: &Server, offer: &Offer<'_>, version: ProtocolVersion, suite: CipherSuite) -> Option<KeySource> {
    let mut groups = server.groups.iter().copied().filter(|group| offer.has_group(*group));
    let offered = |scheme: &SignatureScheme| offer.signature_schemes.contains(scheme);
    let has_ecdsa = server.chain == Chain::OfTwoKinds;
    let by_ecdsa = LeafKey::ECDSA_SCHEMES.into_iter().filter(|_| has_ecdsa).filter(offered);
    let by_rsa = LeafKey::RSA_SCHEMES.into_iter().filter(offered);
    if version == ProtocolVersion::TLS1_3 {
        // PKCS #1 is for certificates there (RFC 8446 §4.2.3).
        let scheme =
            by_ecdsa.chain(by_rsa).find(|scheme| scheme.info().is_some_and(|info| info.tls13 == Tls13Use::Yes))?;
        let with_share = groups.clone().find(|group| offer.shares.contains(group));
        return with_share
            .map(|group| KeySource::Share { group, scheme })
            .or_else(|| groups.next().map(|group| KeySource::ShareWanted { group }));
    }
    // The certificate's curve is to be among the client's groups (RFC 8422 §5.1).
    if is_by_ecdsa(suite) && !(has_ecdsa && offer.has_group(NamedGroup::SECP256R1)) {
        return None;
    }
    let mut schemes = by_ecdsa.filter(|_| is_by_ecdsa(suite)).chain(by_rsa.filter(|_| !is_by_ecdsa(suite)));
    let mut scheme = || if version == ProtocolVersion::TLS1_2 { schemes.next().map(Some) } else { Some(None) };
    match suite.info()?.key_exchange {
        KeyExchange::Ecdhe => Some(KeySource::Ecdhe { group: groups.next()?, scheme: scheme()? }),
        KeyExchange::Dhe => Some(KeySource::Dhe { scheme: scheme()? }),
        _ => Some(KeySource::Rsa),
    }
}

/// What a server looks for in the hello's extensions.
struct Offer<'a> {
    legacy_version: ProtocolVersion,
    supported_versions: Option<&'a [ProtocolVersion]>,
    supported_groups: Option<&'a [NamedGroup]>,
    /// Without the extension only SHA-1 is offered (RFC 5246 §7.4.1.4.1), which the lab's keys do not sign.
    signature_schemes: &'a [SignatureScheme],
    /// The groups of the client's key shares.
    shares: Vec<NamedGroup>,
}

impl<'a> Offer<'a> {
    fn of(hello: &'a ClientHello) -> Self {
        let mut offer = Self {
            legacy_version: hello.legacy_version,
            supported_versions: None,
            supported_groups: None,
            signature_schemes: &[],
            shares: Vec::new(),
        };
        for extension in hello.extensions.iter().flat_map(|extensions| &extensions.0) {
            match extension {
                Extension::SupportedVersions(SupportedVersions::Offered(list)) => offer.supported_versions = Some(list),
                Extension::SupportedGroups(list) => offer.supported_groups = Some(list),
                Extension::SignatureAlgorithms(list) => offer.signature_schemes = list,
                Extension::KeyShare(KeyShare::Offered(entries)) => {
                    offer.shares = entries.iter().map(|entry| entry.group).collect();
                }
                _ => {}
            }
        }
        offer
    }

    /// `supported_versions` alone counts where it is sent (RFC 8446 §4.2.1); else all versions up to the legacy one.
    fn has_version(&self, version: ProtocolVersion) -> bool {
        match self.supported_versions {
            Some(list) => list.contains(&version),
            None => version <= self.legacy_version && version < ProtocolVersion::TLS1_3,
        }
    }

    /// Without the extension a server may choose any (RFC 8422 §4).
    fn has_group(&self, group: NamedGroup) -> bool {
        self.supported_groups.is_none_or(|list| list.contains(&group))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::lab::conduct::Conduct;
    use crate::lab::script::{FFDHE2048, Refusal};
    use crate::lab::testing::{tls12_hello, tls13_hello};
    use crate::wire::extension::Extensions;

    const SERVER: Server = Server {
        versions: &[
            (ProtocolVersion::TLS1_3, &[CipherSuite::TLS_AES_256_GCM_SHA384]),
            (
                ProtocolVersion::TLS1_2,
                &[CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA],
            ),
            (
                ProtocolVersion::TLS1_0,
                &[CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA],
            ),
        ],
        choice: Choice::Own,
        groups: &[NamedGroup::SECP384R1, NamedGroup::X25519],
        refusal: Refusal::Alert,
        chain: Chain::Good,
        dh_prime: FFDHE2048,
        conduct: Conduct::SOUND,
    };

    fn negotiated(server: &Server, hello: &ClientHello) -> Result<Agreement, Mismatch> {
        negotiate(server, hello, &mut StdRng::seed_from_u64(1))
    }

    /// The hello of TLS 1.2 with these extensions instead of its own.
    fn keys(extensions: Vec<Extension>) -> Result<(CipherSuite, KeySource), Mismatch> {
        let hello = ClientHello { extensions: Some(Extensions(extensions)), ..tls12_hello() };
        negotiated(&SERVER, &hello).map(|agreement| (agreement.cipher_suite, agreement.keys))
    }

    #[test]
    fn the_best_version_is_taken_that_the_client_offers() {
        let version = |hello| negotiated(&SERVER, &hello).map(|agreement| agreement.version);
        assert_eq!(version(tls13_hello(&[])), Ok(ProtocolVersion::TLS1_3));
        assert_eq!(version(tls12_hello()), Ok(ProtocolVersion::TLS1_2));
        let newer = ClientHello { legacy_version: ProtocolVersion(0x0399), ..tls12_hello() };
        assert_eq!(version(newer), Ok(ProtocolVersion::TLS1_2), "1.3 is only for those who say so");
        let older = ClientHello { legacy_version: ProtocolVersion::SSL3, ..tls12_hello() };
        assert_eq!(version(older), Err(Mismatch::Version));
    }

    #[test]
    fn supported_versions_alone_counts_where_it_is_sent() {
        let versions =
            |list: &[ProtocolVersion]| Extension::SupportedVersions(SupportedVersions::Offered(list.to_vec()));
        assert_eq!(keys(vec![versions(&[ProtocolVersion::TLS1_1])]), Err(Mismatch::Version));
    }

    #[test]
    fn an_ephemeral_key_needs_a_group_and_a_scheme_in_common() {
        let ecdhe = CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;
        let rsa = (CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, KeySource::Rsa);
        let scheme = SignatureScheme::RSA_PKCS1_SHA256;
        let schemes = || Extension::SignatureAlgorithms(vec![SignatureScheme::ED25519, scheme]);
        let groups = |list: &[NamedGroup]| Extension::SupportedGroups(list.to_vec());

        let scheme = Some(scheme);
        let both = keys(vec![groups(&[NamedGroup::X25519]), schemes()]);
        assert_eq!(both, Ok((ecdhe, KeySource::Ecdhe { group: NamedGroup::X25519, scheme })));
        let any_group = keys(vec![schemes()]);
        assert_eq!(any_group, Ok((ecdhe, KeySource::Ecdhe { group: NamedGroup::SECP384R1, scheme })));

        assert_eq!(keys(vec![groups(&[NamedGroup::SECP521R1]), schemes()]), Ok(rsa));
        assert_eq!(keys(vec![groups(&[NamedGroup::X25519])]), Ok(rsa));
    }

    #[test]
    fn before_tls_1_2_an_ephemeral_key_needs_no_scheme() {
        let keys = |suite| {
            let hello = ClientHello {
                legacy_version: ProtocolVersion::TLS1_0,
                cipher_suites: vec![suite],
                extensions: None,
                ..tls12_hello()
            };
            negotiated(&SERVER, &hello).map(|agreement| agreement.keys)
        };
        let group = NamedGroup::SECP384R1;
        let ecdhe = keys(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA);
        assert_eq!(ecdhe, Ok(KeySource::Ecdhe { group, scheme: None }));
        assert_eq!(keys(CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA), Ok(KeySource::Dhe { scheme: None }));
    }

    #[test]
    fn a_share_that_is_there_is_better_than_one_to_ask_for() {
        let keys = |shares: &[NamedGroup]| negotiated(&SERVER, &tls13_hello(shares)).unwrap().keys;
        let scheme = SignatureScheme::RSA_PSS_RSAE_SHA256;
        assert_eq!(keys(&[NamedGroup::X25519]), KeySource::Share { group: NamedGroup::X25519, scheme });
        assert_eq!(keys(&[]), KeySource::ShareWanted { group: NamedGroup::SECP384R1 });
    }

    #[test]
    fn without_a_suite_in_common_there_is_no_agreement() {
        let hello = ClientHello { cipher_suites: vec![CipherSuite(0x0a0a)], ..tls12_hello() };
        assert_eq!(negotiated(&SERVER, &hello), Err(Mismatch::CipherSuite));
    }
}
