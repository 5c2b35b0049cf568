//! What we sent.

use super::exchange::Frame;
use super::words::{count, name, versions};
use crate::offer::OfferSummary;
use crate::outcome::{Exchange, Stage};
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};
use crate::target::{Starttls, Target};

/// The last thing that we did in an exchange. A hello that never left is not shown as sent.
pub(super) fn sent(target: &Target, exchange: &Exchange) -> Frame {
    match (exchange.outcome.stage, target.address) {
        (Stage::Resolve, _) => Frame::of(format!("look-up of {}", name(&target.host.to_string()))),
        (Stage::Connect, Some(address)) => Frame::of(format!("SYN to {address}")),
        (Stage::Connect, None) => Frame::of("SYN"),
        (Stage::Proxy, _) if exchange.timing_ms.connect.is_none() => Frame::of("connection to the proxy"),
        (Stage::Proxy, _) => Frame::of(format!("CONNECT {}", name(&target.to_string()))),
        (Stage::Starttls, _) => {
            let protocol = target.starttls.map_or("its protocol", Starttls::word);
            Frame::of(format!("the request for TLS in {protocol}"))
        }
        (Stage::Hello | Stage::Handshake | Stage::Http, _) => hello(target, &exchange.offer),
    }
}

fn hello(target: &Target, offer: &OfferSummary) -> Frame {
    let length = count(offer.length, "byte");
    let offered = offered_versions(offer);
    if offered.is_empty() {
        return Frame::of(format!("{length} that are no ClientHello"));
    }
    let mut told = vec![format!("ClientHello {}", versions(&offered))];
    told.extend(imitated(offer));
    told.extend(suites(&offer.cipher_suites));
    told.push(length);
    Frame { told, details: peculiarities(target, offer) }
}

/// Whose hello it is, and how well that is known.
fn imitated(offer: &OfferSummary) -> Option<String> {
    let known = offer.profile_confidence.as_ref().map(|confidence| format!(" ({})", name(confidence)));
    Some(format!("as {} sends it{}", name(offer.profile.as_ref()?), known.unwrap_or_default()))
}

/// The versions that a server can choose from.
fn offered_versions(offer: &OfferSummary) -> Vec<ProtocolVersion> {
    let supported = offer.supported_versions.iter().copied().filter(|version| !version.is_grease());
    let supported: Vec<_> = supported.collect();
    if supported.is_empty() { offer.legacy_version.into_iter().collect() } else { supported }
}

/// One suite by its name, more by their number. GREASE is none.
fn suites(offered: &[CipherSuite]) -> Option<String> {
    let mut suites = offered.iter().filter(|suite| !suite.is_grease());
    match (suites.next(), suites.count()) {
        (None, _) if offered.is_empty() => None,
        (None, _) => Some(count(0, "suite")),
        (Some(only), 0) => Some(only.to_string()),
        (Some(_), others) => Some(count(others + 1, "suite")),
    }
}

/// Where the hello is not what its length and versions let one think.
fn peculiarities(target: &Target, offer: &OfferSummary) -> Vec<String> {
    let mut told = Vec::new();
    if offer.record_version.is_some() && offer.extensions.is_empty() {
        told.push("no extensions".to_owned());
    } else if offer.server_name != target.sni {
        told.push(match &offer.server_name {
            Some(other) => format!("server name {}", name(other)),
            None => "no server name".to_owned(),
        });
    }
    let greased = offer.cipher_suites.iter().copied().any(CipherSuite::is_grease)
        || offer.extensions.iter().copied().any(ExtensionType::is_grease)
        || offer.groups.iter().copied().any(NamedGroup::is_grease)
        || offer.supported_versions.iter().copied().any(ProtocolVersion::is_grease);
    if greased {
        told.push("with GREASE".to_owned());
    }
    told.extend(offer.profile_source.as_ref().map(|source| format!("rests on {}", name(source))));
    told
}
