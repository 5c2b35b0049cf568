//! What Schannel's hello becomes when fewer versions may be offered.
//!
//! Filtering the documented lists to TLS 1.0 gives the captured hellos of clients that may use no more, so the same is
//! done here for every other ceiling; what comes of it is inferred, not captured.

use crate::offer::{Offer, SessionIdOffer};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};

/// Leaves in the offer what belongs to these versions; there is at least one.
pub(super) fn to_versions(offer: &mut Offer, versions: &[ProtocolVersion]) {
    let highest = versions.iter().copied().max().unwrap_or(ProtocolVersion::TLS1_0);
    offer.cipher_suites.retain(|suite| belongs(*suite, versions));
    if highest >= ProtocolVersion::TLS1_3 {
        let mut newest_first = versions.to_vec();
        newest_first.sort_by(|one, other| other.cmp(one));
        offer.set_supported_versions(&newest_first);
        return;
    }
    offer.legacy_version = highest;
    // Schannel puts its highest version into the record header as well, up to TLS 1.2.
    offer.record_version = highest;
    offer.session_id = SessionIdOffer::Empty;
    for extension in [
        ExtensionType::SUPPORTED_VERSIONS,
        ExtensionType::KEY_SHARE,
        ExtensionType::PSK_KEY_EXCHANGE_MODES,
        ExtensionType::POST_HANDSHAKE_AUTH,
    ] {
        offer.remove_extension(extension);
    }
    if highest < ProtocolVersion::TLS1_2 {
        offer.remove_extension(ExtensionType::SIGNATURE_ALGORITHMS);
    }
}

/// Whether a suite can be negotiated in one of these versions.
pub(super) fn belongs(suite: CipherSuite, versions: &[ProtocolVersion]) -> bool {
    suite.info().is_some_and(|row| versions.iter().any(|version| row.versions.contains(*version)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile;

    fn offer(profile: &str) -> Offer {
        profile::find(profile).unwrap().offer()
    }

    #[test]
    fn a_hello_fitted_to_tls_1_0_is_the_captured_one() {
        for (modern, captured) in [
            ("win2016", "dotnet-no-strong-crypto-win2016"),
            ("win2019", "dotnet-no-strong-crypto-win2019"),
            ("win2012-wsus-monthly-rollup", "win2012-wsus-security-only"),
            ("win2008r2-tls12", "win2008r2-default"),
        ] {
            let mut fitted = offer(modern);
            let mut captured = offer(captured);
            if modern == "win2016" {
                // Captured without the flag that takes RC4 off the list.
                fitted.cipher_suites.extend([CipherSuite(0x0005), CipherSuite(0x0004)]);
            }
            to_versions(&mut fitted, &[ProtocolVersion::SSL3, ProtocolVersion::TLS1_0]);
            for offer in [&mut fitted, &mut captured] {
                offer.profile = None;
                offer.remove_extension(ExtensionType::STATUS_REQUEST);
                offer.remove_extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
                offer.cipher_suites.sort();
            }
            assert_eq!(fitted, captured, "{modern}");
        }
    }

    #[test]
    fn tls_1_1_goes_without_what_tls_1_2_brought() {
        let mut fitted = offer("win2016");
        to_versions(&mut fitted, &[ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1]);
        assert_eq!((fitted.record_version, fitted.legacy_version), (ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_1));
        assert!(fitted.extension(ExtensionType::SIGNATURE_ALGORITHMS).is_none());
        assert!(!fitted.cipher_suites.contains(&CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384));
        assert!(fitted.cipher_suites.contains(&CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA));
    }

    #[test]
    fn tls_1_3_alone_keeps_its_suites_alone() {
        let mut fitted = offer("win2022");
        to_versions(&mut fitted, &[ProtocolVersion::TLS1_3]);
        assert_eq!(fitted.cipher_suites, [CipherSuite(0x1302), CipherSuite(0x1301)]);
        assert_eq!(fitted.legacy_version, ProtocolVersion::TLS1_2);
        assert!(!fitted.key_share_groups().is_empty());
    }

    #[test]
    fn all_its_versions_leave_a_profile_as_it_is() {
        for id in ["win2016", "win2022", "win2022-tls12-only"] {
            let profile = profile::find(id).unwrap();
            let mut fitted = profile.offer();
            to_versions(&mut fitted, profile.offered_versions.value);
            assert_eq!(fitted, profile.offer(), "{id}");
        }
    }
}
