//! What a scripted server chooses from a hello, as the RFCs have servers choose.

use super::pki;
use super::script::Server;
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, KeyShare, SupportedVersions};
use crate::wire::handshake::ClientHello;

/// What both sides can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreement {
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    pub(super) key_exchange: KeyExchange,
}

/// Where the keys will come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyExchange {
    /// The client encrypts a secret to the certificate's key (RFC 5246 §7.4.7.1).
    Rsa,
    /// A signed ephemeral key of this group (RFC 8422 §5.4).
    Ecdhe { group: NamedGroup, scheme: SignatureScheme },
    /// A share of this group, of which the client has sent one too (RFC 8446 §4.2.8).
    Share { group: NamedGroup },
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

/// The best that the server can make of the hello: the best version, then the first of the server's suites in common.
pub(super) fn negotiate(server: &Server, hello: &ClientHello) -> Result<Agreement, Mismatch> {
    let offer = Offer::of(hello);
    let (version, suites) =
        server.versions.iter().find(|(version, _)| offer.has_version(*version)).ok_or(Mismatch::Version)?;
    let agreement = suites.iter().filter(|suite| hello.cipher_suites.contains(suite)).find_map(|suite| {
        let key_exchange = key_exchange(server, &offer, *version, *suite)?;
        Some(Agreement { version: *version, cipher_suite: *suite, key_exchange })
    });
    agreement.ok_or(Mismatch::CipherSuite)
}

fn key_exchange(
    server: &Server,
    offer: &Offer<'_>,
    version: ProtocolVersion,
    suite: CipherSuite,
) -> Option<KeyExchange> {
    let mut groups = server.groups.iter().copied().filter(|group| offer.has_group(*group));
    if version == ProtocolVersion::TLS1_3 {
        let with_share = groups.clone().find(|group| offer.shares.contains(group));
        return with_share
            .map(|group| KeyExchange::Share { group })
            .or_else(|| groups.next().map(|group| KeyExchange::ShareWanted { group }));
    }
    if !is_ecdhe(suite) {
        return Some(KeyExchange::Rsa);
    }
    let scheme = pki::SIGNATURE_SCHEMES.into_iter().find(|scheme| offer.signature_schemes.contains(scheme))?;
    Some(KeyExchange::Ecdhe { group: groups.next()?, scheme })
}

/// Whether the suite is one of the ECDHE ones, `0xC0…` and `0xCC…`, as far as a lab server has them.
fn is_ecdhe(suite: CipherSuite) -> bool {
    matches!(suite.0 >> 8, 0xc0 | 0xcc)
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
