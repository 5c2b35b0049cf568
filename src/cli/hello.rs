//! From the options that shape a hello to the hello: an offer, changed step by step in the order of the help.
//!
//! Options may ask for a hello that no client would send and no server would take. Only what contradicts itself is
//! refused: what two options settle differently, what SSL 3.0 has no place for, what no length field can hold.

mod contradictions;

use super::args::{HelloArgs, List, Sni, Switch};
use super::hello_hex;
use super::message::CliError;
use crate::exchange::{Fresh, fresh_values};
use crate::offer::{ExtensionOffer, FreshValues, Offer};
use crate::question::Hello;
use crate::registry::{ExtensionType, NamedGroup, ParsedSuite, ProtocolVersion};
use crate::target::{DEFAULT_PORT, Host, Target};
use crate::wire::Wire;
use crate::wire::extension::{Extension, SupportedVersions};

/// The hello that the options describe, to be sent to these targets.
pub(super) fn hello(options: &HelloArgs, sni: Sni<'_>, targets: &[Target]) -> Result<Hello, CliError> {
    if let Some(path) = &options.hello_hex {
        return hello_hex::read(path).map(Hello::Exactly);
    }
    contradictions::refuse(options, sni)?;
    let mut offer = starting_offer(options);
    change_versions_and_suites(&mut offer, options);
    change_extensions(&mut offer, options)?;
    if options.grease {
        offer.add_grease();
    }
    if let Some(length) = options.split {
        offer.record_split = usize::from(length);
    }
    // Randomness changes no length.
    let Fresh { values: fresh, .. } = fresh_values(&offer, &mut rand::rng());
    refuse_too_long(&offer, &fresh, targets)?;
    if let Some(length) = options.pad_to {
        pad(&mut offer, &fresh, usize::from(length), sni, targets)?;
    }
    if options.profile.is_some_and(|profile| offer != profile.offer())
        && let Some(imitated) = &mut offer.profile
    {
        imitated.name += " (changed)";
    }
    Ok(Hello::Built(offer))
}

/// Refuses a hello that a reflector cannot answer in the clear: its certificate carries what arrived, and TLS 1.3 would
/// encrypt it. Bytes that the user wrote himself go as they are.
pub(super) fn refuse_unreadable(hello: &Hello) -> Result<(), CliError> {
    let (Hello::Built(offer) | Hello::InSegments { offer, .. }) = hello else { return Ok(()) };
    let Some(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(versions)))) =
        offer.extension(ExtensionType::SUPPORTED_VERSIONS)
    else {
        return Ok(());
    };
    let is_readable = |version: &ProtocolVersion| version.name().is_some() && *version < ProtocolVersion::TLS1_3;
    if versions.iter().any(is_readable) {
        return Ok(());
    }
    Err(CliError::new(
        "cannot have a hello of TLS 1.3 alone reflected: the certificate that tells what arrived would be encrypted",
    )
    .needed_for("--reflect")
    .advise("--supported-versions 1.3,1.2, as in the hello that is sent without options"))
}

fn starting_offer(options: &HelloArgs) -> Offer {
    let suites = options.ciphers.as_ref().map(|List(suites)| suites.as_slice()).unwrap_or_default();
    match options.tls {
        _ if let Some(profile) = options.profile => {
            let mut offer = profile.offer();
            options.tls.into_iter().for_each(|version| offer.lead_with(version));
            offer
        }
        Some(version) => Offer::for_version(version),
        // A server that takes TLS 1.3 from the offer would find no suite for it, and refuse all of them.
        None if options.supported_versions.is_none() && predate_tls13(suites) => {
            Offer::for_version(ProtocolVersion::TLS1_2)
        }
        None => Offer::modern(),
    }
}

/// Whether these are suites of TLS 1.2 and older, as far as all of them are known.
fn predate_tls13(suites: &[ParsedSuite]) -> bool {
    let is_older =
        |parsed: &ParsedSuite| parsed.suite.info().is_some_and(|row| !row.versions.contains(ProtocolVersion::TLS1_3));
    !suites.is_empty() && suites.iter().all(is_older)
}

fn change_versions_and_suites(offer: &mut Offer, options: &HelloArgs) {
    if let Some(List(versions)) = &options.supported_versions {
        offer.set_supported_versions(versions);
    }
    if let Some(version) = options.record_version {
        offer.record_version = version;
    }
    if let Some(List(suites)) = &options.ciphers {
        offer.cipher_suites = suites.iter().map(|parsed| parsed.suite).collect();
    }
}

fn change_extensions(offer: &mut Offer, options: &HelloArgs) -> Result<(), CliError> {
    let groups = match &options.groups {
        Some(List(groups)) => groups.clone(),
        None => curves_of_windows_names(options),
    };
    if !groups.is_empty() {
        offer.set_groups(&groups);
    }
    if let Some(List(groups)) = &options.key_shares {
        put_key_shares(offer, groups)?;
    }
    if let Some(List(schemes)) = &options.sigalgs {
        offer.set_signature_schemes(schemes);
    }
    if let Some(List(protocols)) = &options.alpn {
        let body = Extension::ApplicationLayerProtocolNegotiation(protocols.clone());
        offer.put_extension(ExtensionOffer::Exactly(body));
    }
    match options.ems {
        Some(Switch::On) => offer.put_extension(ExtensionOffer::Exactly(Extension::ExtendedMasterSecret)),
        Some(Switch::Off) => {
            offer.remove_extension(ExtensionType::EXTENDED_MASTER_SECRET);
        }
        None => {}
    }
    for extension in &options.extension {
        let body = Extension::Other(extension.extension_type, extension.body.clone());
        offer.put_extension(ExtensionOffer::Exactly(body));
    }
    options.without.iter().try_for_each(|extension_type| leave_out(offer, *extension_type))
}

/// The curves that Windows folds into the names of suites, each once, in the order of the suites.
fn curves_of_windows_names(options: &HelloArgs) -> Vec<NamedGroup> {
    let mut curves = Vec::new();
    for curve in options.ciphers.iter().flat_map(|List(suites)| suites).filter_map(|parsed| parsed.group) {
        if !curves.contains(&curve) {
            curves.push(curve);
        }
    }
    curves
}

fn put_key_shares(offer: &mut Offer, groups: &[NamedGroup]) -> Result<(), CliError> {
    if offer.extension(ExtensionType::KEY_SHARE).is_none() {
        return Err(CliError::new("cannot put key shares into this hello: it does not offer TLS 1.3")
            .needed_for("--key-shares")
            .advise("--tls 1.3, --supported-versions 1.3,1.2, or a suite of TLS 1.3 in --ciphers"));
    }
    // RFC 8446 §4.2.8 wants each of them among the groups; a server may answer with illegal_parameter.
    if let Some(ExtensionOffer::Exactly(Extension::SupportedGroups(offered))) =
        offer.extension(ExtensionType::SUPPORTED_GROUPS)
    {
        for group in groups.iter().filter(|group| !offered.contains(group)) {
            tracing::warn!("the hello has a key share for {group}, but not the group itself: see --groups");
        }
    }
    offer.put_extension(ExtensionOffer::KeyShare(groups.to_vec()));
    Ok(())
}

fn leave_out(offer: &mut Offer, extension_type: ExtensionType) -> Result<(), CliError> {
    if offer.remove_extension(extension_type) {
        return Ok(());
    }
    let types = offer.extensions.iter().flatten().map(|extension| extension.extension_type().to_string());
    let types: Vec<String> = types.collect();
    Err(CliError::new(format!("cannot leave out {extension_type}: the hello has no such extension"))
        .needed_for(format!("--without {extension_type}"))
        .advise(format!("one of those that it has: {}", types.join(", "))))
}

fn refuse_too_long(offer: &Offer, fresh: &FreshValues, targets: &[Target]) -> Result<(), CliError> {
    for target in targets {
        offer.client_hello(target.sni.as_deref(), fresh).try_to_bytes().map_err(|error| {
            CliError::new(format!(
                "cannot write the hello for {target}: a part of it has {} bytes, and its length field ends at {}",
                error.length, error.limit
            ))
            .advise("shorter lists and extensions")
        })?;
    }
    Ok(())
}

/// The same for targets that are not known yet: with the longest name that there is.
pub(super) fn refuse_too_long_for_any_name(hello: &Hello) -> Result<(), CliError> {
    let (Hello::Built(offer) | Hello::InSegments { offer, .. }) = hello else { return Ok(()) };
    let Fresh { values: fresh, .. } = fresh_values(offer, &mut rand::rng());
    let name = [["a"; 63].concat(), ["a"; 63].concat(), ["a"; 63].concat(), ["a"; 61].concat()].join(".");
    refuse_too_long(offer, &fresh, &[Target::new(Host::Name(name), DEFAULT_PORT)])
}

/// Pads the offer to so many bytes on the wire, if that is possible for every target; for those that are not known yet,
/// if the hello without their names is not longer already.
fn pad(
    offer: &mut Offer,
    fresh: &FreshValues,
    wanted: usize,
    sni: Sni<'_>,
    targets: &[Target],
) -> Result<(), CliError> {
    let plain = offer.clone();
    let name = if let Sni::Name(name) = sni { Some(name) } else { None };
    let shortest = plain.records(name, fresh).len();
    if targets.is_empty() && shortest > wanted {
        return Err(CliError::new(format!(
            "cannot pad the hello to {wanted} bytes: it has {shortest} without padding, for whomever it is"
        ))
        .needed_for(format!("--pad-to {wanted}"))
        .advise("a greater length"));
    }
    offer.put_extension(ExtensionOffer::PadTo(wanted));
    for target in targets {
        let length = |offer: &Offer| offer.records(target.sni.as_deref(), fresh).len();
        let (present, nearest) = (length(&plain), length(offer));
        if nearest != wanted {
            return Err(CliError::new(format!(
                "cannot pad the hello for {target} to {wanted} bytes: it has {present} without padding, and {nearest} \
                 is the nearest length that padding reaches"
            ))
            .needed_for(format!("--pad-to {wanted}"))
            .advise(format!("--pad-to {nearest}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
