//! Which versions Schannel lets a client use: two registry values for each, and the system's defaults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Machine, OperatingSystem, Setting, Source};
use crate::registry::ProtocolVersion;

/// The two values under `SCHANNEL\Protocols\<version>\Client`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SchannelProtocol {
    /// `Enabled`: 0 turns the version off for every caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Setting<u32>,
    /// `DisabledByDefault`: 1 leaves it to callers that ask for the version by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_by_default: Setting<u32>,
}

/// What Schannel does with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Any caller uses it.
    On,
    /// Only a caller that asks for it by name.
    OnRequest,
    /// No caller.
    Off,
}

/// What Schannel does with a version, and by whose word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// What it does.
    pub state: Availability,
    /// The value that decides, or the system's default.
    pub because: Fact<String>,
}

impl Available {
    /// Whether a source sets it, rather than the default.
    pub fn is_set(&self) -> bool {
        !matches!(self.because.source, Source::SystemDefault(_))
    }

    /// The reason with its source.
    pub fn why(&self) -> String {
        format!("{} ({})", self.because.value, self.because.source)
    }
}

/// Where the defaults are from.
const DEFAULTS: &str = "MicrosoftDocs/win32, protocols-in-tls-ssl--schannel-ssp-.md";

/// What Schannel does with this version on this machine.
pub fn available(machine: &Machine, system: OperatingSystem, version: ProtocolVersion) -> Available {
    let nothing = SchannelProtocol::default();
    let protocol = machine.schannel.get(&version).unwrap_or(&nothing);
    let set = |name: &str, state, value: u32, source: &Source| Available {
        state,
        because: Fact {
            value: format!("{} is {}: {name} is {value}", version.spoken(), word(state)),
            source: source.clone(),
        },
    };

    if let Some(Fact { value: Some(0), source }) = &protocol.enabled {
        return set("Enabled", Availability::Off, 0, source);
    }
    let default = default_of(system, version);
    let not_supported = default.is_none();
    match (&protocol.disabled_by_default, &protocol.enabled) {
        _ if not_supported => by_default(system, version, Availability::Off),
        (Some(Fact { value: Some(0), source }), _) => set("DisabledByDefault", Availability::On, 0, source),
        (Some(Fact { value: Some(value), source }), _) => {
            set("DisabledByDefault", Availability::OnRequest, *value, source)
        }
        // "Nonzero: overrides a system default" (Microsoft, TLS registry settings).
        (_, Some(Fact { value: Some(value), source })) => set("Enabled", Availability::On, *value, source),
        _ => by_default(system, version, default.unwrap_or(Availability::Off)),
    }
}

fn by_default(system: OperatingSystem, version: ProtocolVersion, state: Availability) -> Available {
    Available {
        state,
        because: Fact {
            value: format!("{} has {} {}", system.name(), version.spoken(), word(state)),
            source: Source::SystemDefault(DEFAULTS.to_owned()),
        },
    }
}

const fn word(state: Availability) -> &'static str {
    match state {
        Availability::On => "on",
        Availability::OnRequest => "off unless the caller asks for it by name",
        Availability::Off => "off",
    }
}

/// What a system does with a version that no registry value speaks of; `None` for one that it does not have.
pub(super) fn default_of(system: OperatingSystem, version: ProtocolVersion) -> Option<Availability> {
    use OperatingSystem::{Server2008R2, Server2012R2, Server2022};
    use ProtocolVersion as Version;
    match version {
        Version::SSL3 if system > Server2012R2 => Some(Availability::OnRequest),
        Version::TLS1_1 | Version::TLS1_2 if system == Server2008R2 => Some(Availability::OnRequest),
        Version::SSL3 | Version::TLS1_0 | Version::TLS1_1 | Version::TLS1_2 => Some(Availability::On),
        Version::TLS1_3 if system >= Server2022 => Some(Availability::On),
        // SSL 2.0 is in no table of client defaults, and no hello here would carry it.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::testing::told;
    use OperatingSystem::{Server2008R2, Server2012R2, Server2016};

    fn state(enabled: Setting<u32>, disabled_by_default: Setting<u32>, system: OperatingSystem) -> Availability {
        let mut machine = Machine::default();
        let protocol = SchannelProtocol { enabled, disabled_by_default };
        machine.schannel.insert(ProtocolVersion::TLS1_2, protocol);
        available(&machine, system, ProtocolVersion::TLS1_2).state
    }

    #[test]
    fn enabled_0_turns_a_version_off_whatever_the_other_value_says() {
        assert_eq!(state(told(Some(0)), told(Some(0)), Server2016), Availability::Off);
    }

    #[test]
    fn disabled_by_default_leaves_it_to_callers_that_ask() {
        assert_eq!(state(told(Some(1)), told(Some(1)), Server2016), Availability::OnRequest);
        assert_eq!(state(None, told(Some(1)), Server2016), Availability::OnRequest);
    }

    #[test]
    fn values_that_are_not_set_leave_the_default() {
        assert_eq!(state(told(None), told(None), Server2016), Availability::On);
        assert_eq!(state(None, None, Server2008R2), Availability::OnRequest);
        assert_eq!(state(told(Some(0xffff_ffff)), None, Server2008R2), Availability::On);
        assert_eq!(state(None, told(Some(0)), Server2008R2), Availability::On);
    }

    #[test]
    fn a_version_that_the_system_lacks_cannot_be_turned_on() {
        let mut machine = Machine::default();
        let protocol = SchannelProtocol { enabled: told(Some(1)), disabled_by_default: told(Some(0)) };
        machine.schannel.insert(ProtocolVersion::TLS1_3, protocol);
        let tls13 = available(&machine, Server2012R2, ProtocolVersion::TLS1_3);
        assert_eq!(tls13.state, Availability::Off);
        assert!(!tls13.is_set());
    }

    #[test]
    fn the_reason_names_the_value_and_its_source() {
        let mut machine = Machine::default();
        let protocol = SchannelProtocol { enabled: told(Some(0)), ..SchannelProtocol::default() };
        machine.schannel.insert(ProtocolVersion::TLS1_0, protocol);
        let tls10 = available(&machine, Server2016, ProtocolVersion::TLS1_0);
        assert_eq!(tls10.why(), "TLS 1.0 is off: Enabled is 0 (--test)");
        let tls12 = available(&machine, Server2016, ProtocolVersion::TLS1_2);
        assert_eq!(
            tls12.why(),
            "Windows Server 2016 has TLS 1.2 on (the system's default, MicrosoftDocs/win32, \
             protocols-in-tls-ssl--schannel-ssp-.md)"
        );
    }

    /// `protocol_defaults` in the collection of facts that `testdata/README.md` names.
    #[test]
    fn the_defaults_are_those_of_the_documented_table() {
        let table = include_str!("../../testdata/machines/schannel-defaults.csv");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let (name, states) = line.split_once(',').unwrap();
            let system = OperatingSystem::parse(name).unwrap();
            let versions = &ProtocolVersion::ALL[1..];
            for (version, state) in versions.iter().zip(states.split(',')) {
                let expected = match state {
                    "enabled" => Some(Availability::On),
                    "disabled" => Some(Availability::OnRequest),
                    "not supported" => None,
                    other => panic!("{other}"),
                };
                assert_eq!(default_of(system, *version), expected, "{name} {version}");
                rows += 1;
            }
        }
        assert_eq!(rows, 35);
    }
}
