//! Facts that are typed on the command line.

use crate::machine::system::UnknownWord;
use crate::machine::{Fact, FileKind, Machine, OperatingSystem, SchannelProtocol, Source, UpdateTrack, suites};
use crate::registry::{CipherSuite, ProtocolVersion, UnknownName};

use super::registry::names;

/// Why an option's value tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum OptionError {
    /// A word that stands for nothing.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// A version or suite that nobody knows.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// `--schannel` without a state.
    #[error("{typed:?} has no state: give it as in 1.0=off,1.1=off")]
    NoState {
        /// As it was typed.
        typed: String,
    },
    /// A suite by a name that Windows does not have for it.
    #[error("{typed:?} is not how Windows writes {windows}")]
    OtherSpelling {
        /// As it was typed.
        typed: String,
        /// The suite.
        windows: CipherSuite,
    },
    /// `--suite-order` without a suite.
    #[error("{path} names no cipher suite")]
    NoSuites {
        /// The file.
        path: String,
    },
}

fn typed<T>(option: &str, value: T) -> Fact<T> {
    Fact { value, source: Source::Option(option.to_owned()) }
}

/// `--os 2012r2`.
pub fn operating_system(name: &str) -> Result<Machine, OptionError> {
    let system = OperatingSystem::parse(name)?;
    Ok(Machine { operating_system: Some(typed("--os", system)), ..Machine::default() })
}

/// `--updates rollup`, `--updates security-only`.
pub fn updates(track: &str) -> Result<Machine, OptionError> {
    let track = UpdateTrack::parse(track)?;
    Ok(Machine { update_track: Some(typed("--updates", track)), ..Machine::default() })
}

/// `--schannel 1.0=off,1.1=off`.
pub fn schannel(list: &str) -> Result<Machine, OptionError> {
    let mut machine = Machine::default();
    for each in list.split(',') {
        let (version, state) = each.split_once('=').ok_or_else(|| OptionError::NoState { typed: each.to_owned() })?;
        let version = ProtocolVersion::parse(version.trim())?;
        let (enabled, disabled_by_default) = if on(state)? { (1, 0) } else { (0, 1) };
        let protocol = SchannelProtocol {
            enabled: Some(typed("--schannel", Some(enabled))),
            disabled_by_default: Some(typed("--schannel", Some(disabled_by_default))),
        };
        machine.schannel.insert(version, protocol);
    }
    Ok(machine)
}

/// `--suite-order FILE`: names as the policy has them, with commas or one a line. `path` is how reports name the file.
pub fn suite_order(path: &str, text: &str) -> Result<Machine, OptionError> {
    let lines: Vec<String> = text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
    let names = names(&lines);
    if names.is_empty() {
        return Err(OptionError::NoSuites { path: path.to_owned() });
    }
    if let Some(unknown) = names.iter().find(|name| suites::named(name).is_none()) {
        // Looking for what was meant takes its time with a name as long as a file.
        const LONGEST: usize = 60;
        let start = unknown.get(..unknown.floor_char_boundary(LONGEST)).unwrap_or(unknown);
        return Err(match CipherSuite::parse(start) {
            Err(unknown) => unknown.into(),
            Ok(parsed) => OptionError::OtherSpelling { typed: start.to_owned(), windows: parsed.suite },
        });
    }
    let source =
        Source::File { path: path.to_owned(), kind: FileKind::SuiteOrder, place: "its list of suites".to_owned() };
    Ok(Machine { suite_order: Some(Fact { value: Some(names), source }), ..Machine::default() })
}

/// `--dotnet-strong-crypto on`: `SchUseStrongCrypto` is 1 in both runtimes and views. `off`: neither it nor
/// `SystemDefaultTlsVersions` is set, nor the switch in `w3wp.exe.config`, which is how Windows comes.
pub fn dotnet_strong_crypto(state: &str) -> Result<Machine, OptionError> {
    const OPTION: &str = "--dotnet-strong-crypto";
    let on = on(state)?;
    let mut machine = Machine::default();
    let dotnet = &mut machine.dotnet;
    for views in [&mut dotnet.v4, &mut dotnet.v2] {
        for values in [&mut views.bits64, &mut views.bits32] {
            values.sch_use_strong_crypto = Some(typed(OPTION, on.then_some(1)));
            values.system_default_tls_versions = (!on).then(|| typed(OPTION, None));
        }
    }
    dotnet.dont_enable_system_default_tls_versions = (!on).then(|| typed(OPTION, None));
    Ok(machine)
}

fn on(state: &str) -> Result<bool, UnknownWord> {
    match state.trim().to_ascii_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(UnknownWord { what: "state", typed: state.to_owned(), accepted: "on or off" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Setting;

    #[test]
    fn a_system_and_a_track_are_known_by_their_option() {
        let machine = operating_system("2012 R2").unwrap();
        assert_eq!(machine.operating_system, Some(typed("--os", OperatingSystem::Server2012R2)));
        let machine = updates("security-only").unwrap();
        assert_eq!(machine.update_track, Some(typed("--updates", UpdateTrack::SecurityOnly)));
        assert!(operating_system("xp").is_err());
        assert!(updates("none").is_err());
    }

    #[test]
    fn schannel_sets_both_values_of_each_version() {
        let machine = schannel("1.0=off, TLS1.1=OFF,ssl3=on").unwrap();
        let values: Vec<_> = machine
            .schannel
            .iter()
            .map(|(version, protocol)| {
                let value = |setting: &Setting<u32>| setting.as_ref().unwrap().value.unwrap();
                (version.spoken(), value(&protocol.enabled), value(&protocol.disabled_by_default))
            })
            .collect();
        assert_eq!(values, [("SSL 3.0".to_owned(), 1, 0), ("TLS 1.0".to_owned(), 0, 1), ("TLS 1.1".to_owned(), 0, 1)]);
    }

    #[test]
    fn what_schannel_does_not_understand_is_told() {
        for (list, says) in [
            ("1.0", r#""1.0" has no state: give it as in 1.0=off,1.1=off"#),
            ("1.0=maybe", r#"unknown state "maybe": give on or off"#),
            ("1.9=off", "unknown protocol version"),
            ("", "has no state"),
        ] {
            let error = schannel(list).unwrap_err().to_string();
            assert!(error.contains(says), "{list}: {error}");
        }
    }

    #[test]
    fn a_suite_order_is_a_list_with_commas_or_lines() {
        let text =
            "TLS_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P256\r\n\r\nTLS_AES_128_GCM_SHA256\n";
        let machine = suite_order("order.txt", text).unwrap();
        assert_eq!(machine.suite_order.unwrap().value.unwrap().len(), 3);
        let of = |text: &str| suite_order("order.txt", text).unwrap_err().to_string();
        assert!(of("TLS_NO_SUCH").starts_with("unknown cipher suite \"TLS_NO_SUCH\""));
        assert_eq!(
            of("ECDHE-RSA-AES256-GCM-SHA384"),
            "\"ECDHE-RSA-AES256-GCM-SHA384\" is not how Windows writes TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
        );
        assert!(of(&"ä".repeat(1000)).len() < 400);
        assert_eq!(suite_order("order.txt", " \n").unwrap_err().to_string(), "order.txt names no cipher suite");
    }

    #[test]
    fn strong_crypto_off_says_that_nothing_is_set_and_on_says_only_itself() {
        let off = dotnet_strong_crypto("off").unwrap().dotnet;
        assert_eq!(off.v4.bits64.sch_use_strong_crypto.unwrap().value, None);
        assert_eq!(off.v2.bits32.system_default_tls_versions.unwrap().value, None);
        assert_eq!(off.dont_enable_system_default_tls_versions.unwrap().value, None);
        let on = dotnet_strong_crypto("on").unwrap().dotnet;
        assert_eq!(on.v4.bits64.sch_use_strong_crypto.unwrap().value, Some(1));
        assert_eq!(on.v4.bits64.system_default_tls_versions, None);
        assert_eq!(on.dont_enable_system_default_tls_versions, None);
    }
}
