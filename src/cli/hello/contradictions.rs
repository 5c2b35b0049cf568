//! Options that settle one extension in two ways, or need extensions where there are none.

use super::{HelloArgs, List, Sni, Switch};
use crate::cli::message::CliError;
use crate::registry::{ExtensionType, ProtocolVersion};

/// Refuses the first contradiction, naming both sides.
pub(super) fn refuse(options: &HelloArgs, sni: Sni<'_>) -> Result<(), CliError> {
    let mut settled: Vec<(String, ExtensionType)> = settled_by_name(options, sni);
    for extension in &options.extension {
        let new = (format!("--extension {}", extension.extension_type), extension.extension_type);
        refuse_second(&settled, &new)?;
        settled.push(new);
    }
    for extension_type in &options.without {
        let new = (format!("--without {extension_type}"), *extension_type);
        refuse_second(&settled, &new)?;
        settled.push(new);
    }
    match settled.first() {
        Some((option, _)) if options.tls == Some(ProtocolVersion::SSL3) => {
            Err(contradiction(option, "--tls ssl3", "SSL 3.0 has no extensions"))
        }
        _ => Ok(()),
    }
}

/// The extensions that have an option of their own, where it is given.
fn settled_by_name(options: &HelloArgs, sni: Sni<'_>) -> Vec<(String, ExtensionType)> {
    let names_a_curve =
        |List(suites): &List<crate::registry::ParsedSuite>| suites.iter().any(|suite| suite.group.is_some());
    let curve_counts = options.groups.is_none() && options.ciphers.as_ref().is_some_and(names_a_curve);
    [
        (matches!(sni, Sni::Name(_)), "--sni", ExtensionType::SERVER_NAME),
        (options.supported_versions.is_some(), "--supported-versions", ExtensionType::SUPPORTED_VERSIONS),
        (curve_counts, "a curve in --ciphers", ExtensionType::SUPPORTED_GROUPS),
        (options.groups.is_some(), "--groups", ExtensionType::SUPPORTED_GROUPS),
        (options.key_shares.is_some(), "--key-shares", ExtensionType::KEY_SHARE),
        (options.sigalgs.is_some(), "--sigalgs", ExtensionType::SIGNATURE_ALGORITHMS),
        (options.alpn.is_some(), "--alpn", ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION),
        (options.ems == Some(Switch::On), "--ems on", ExtensionType::EXTENDED_MASTER_SECRET),
        (options.pad_to.is_some(), "--pad-to", ExtensionType::PADDING),
    ]
    .into_iter()
    .filter(|(is_given, ..)| *is_given)
    .map(|(_, option, extension_type)| (option.to_owned(), extension_type))
    .collect()
}

fn refuse_second(settled: &[(String, ExtensionType)], new: &(String, ExtensionType)) -> Result<(), CliError> {
    match settled.iter().find(|(_, extension_type)| *extension_type == new.1) {
        Some((option, extension_type)) => Err(contradiction(&new.0, option, &format!("both settle {extension_type}"))),
        None => Ok(()),
    }
}

fn contradiction(one: &str, other: &str, why: &str) -> CliError {
    CliError::new(format!("{one} cannot be used with {other}: {why}")).advise("one of the two alone")
}
