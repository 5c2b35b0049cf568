//! Which TLS versions .NET Framework asks Schannel for: two registry values, in two runtimes and two views, and a
//! switch in `w3wp.exe.config`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Machine, OperatingSystem, Setting};

/// Every .NET setting that decides over versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DotNet {
    /// `v4.0.30319`: the runtime of WSUS since Server 2012.
    pub v4: DotNetViews,
    /// `v2.0.50727`: the runtime of WSUS 3.0 SP2 on Server 2008 R2.
    pub v2: DotNetViews,
    /// `Switch.System.Net.DontEnableSystemDefaultTlsVersions` in `w3wp.exe.config`; null where the file is missing or
    /// does not set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dont_enable_system_default_tls_versions: Setting<bool>,
}

/// The values of one runtime in both registry views.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DotNetViews {
    /// For 64-bit programs, as the worker process of WSUS is one.
    pub bits64: DotNetValues,
    /// Under `Wow6432Node`, for 32-bit programs.
    pub bits32: DotNetValues,
}

/// The values of one runtime in one view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DotNetValues {
    /// `SchUseStrongCrypto`: 1 adds TLS 1.1 and 1.2, and drops RC4 and SSL 3.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sch_use_strong_crypto: Setting<u32>,
    /// `SystemDefaultTlsVersions`: 1 leaves the versions to Schannel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_default_tls_versions: Setting<u32>,
}

/// What a .NET program that names no version itself asks Schannel for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// SSL 3.0 and TLS 1.0.
    Old {
        /// The settings that decide.
        because: Vec<String>,
    },
    /// TLS 1.0 to 1.2, by name.
    StrongCrypto {
        /// The settings that decide.
        because: Vec<String>,
    },
    /// Whatever Schannel has on.
    SystemDefault {
        /// The settings that decide.
        because: Vec<String>,
    },
    /// It depends on settings that no source tells, or on which the documents disagree.
    Unknown {
        /// What one would need to know.
        missing: Vec<String>,
    },
}

const STRONG_CRYPTO: &str = "SchUseStrongCrypto";
const SYSTEM_DEFAULT: &str = "SystemDefaultTlsVersions";
const SWITCH: &str = "Switch.System.Net.DontEnableSystemDefaultTlsVersions";

/// Whether .NET passes `SCH_USE_STRONG_CRYPTO`, which takes RC4 and its like off the list of suites; `None` if it is
/// not told. A value that is not set counts as off (Microsoft, WSUS article, issue 1: import can't use TLS 1.2).
pub(super) fn strong_crypto(machine: &Machine, system: OperatingSystem) -> Option<Fact<bool>> {
    let told = governing(machine, system).sch_use_strong_crypto.as_ref()?;
    Some(Fact { value: told.value == Some(1), source: told.source.clone() })
}

/// What .NET in the worker process of WSUS asks for, as `ServicePointManager` of .NET Framework decides it for
/// programs built for a version before 4.7, which WSUS is.
pub(super) fn asks(machine: &Machine, system: OperatingSystem) -> Asks {
    let because = reasons(machine, system);
    match (system_default(machine, system), strong_crypto(machine, system).map(|fact| fact.value)) {
        (LeftToSchannel::Yes, _) => Asks::SystemDefault { because },
        // Where the other switch is not told, Schannel may choose more than these three; these it has in any case.
        (LeftToSchannel::No | LeftToSchannel::Unsaid, Some(true)) => Asks::StrongCrypto { because },
        (LeftToSchannel::No, Some(false)) => Asks::Old { because },
        (LeftToSchannel::No, None) => Asks::Unknown { missing: vec![name(system, STRONG_CRYPTO)] },
        (LeftToSchannel::Unsaid, _) => Asks::Unknown { missing: missing(machine, system) },
        (LeftToSchannel::Disputed, _) => Asks::Unknown {
            missing: vec![format!(
                "which of the two counts: {SYSTEM_DEFAULT} is 1 and {SWITCH} is true; by .NET's source the first, by \
                 the description of its hellos the second"
            )],
        },
    }
}

/// Whether the versions are left to Schannel.
enum LeftToSchannel {
    Yes,
    No,
    /// No source tells.
    Unsaid,
    /// The documents disagree.
    Disputed,
}

fn system_default(machine: &Machine, system: OperatingSystem) -> LeftToSchannel {
    let Some(value) = &governing(machine, system).system_default_tls_versions else { return LeftToSchannel::Unsaid };
    match (value.value, switch(machine, system)) {
        (Some(1), Switch::Set(true)) => LeftToSchannel::Disputed,
        (Some(1), _) | (None, Switch::Set(false)) => LeftToSchannel::Yes,
        // A 0 that is written down holds against the switch, a value that is not set does not.
        (Some(_), _) | (None, Switch::Set(true) | Switch::NotSet) => LeftToSchannel::No,
        (None, Switch::Unsaid) => LeftToSchannel::Unsaid,
    }
}

/// The switch in `w3wp.exe.config`.
enum Switch {
    Set(bool),
    NotSet,
    /// No source tells.
    Unsaid,
}

fn switch(machine: &Machine, system: OperatingSystem) -> Switch {
    match &machine.dotnet.dont_enable_system_default_tls_versions {
        // The older runtime of this system has no such switches.
        _ if system == OperatingSystem::Server2008R2 => Switch::NotSet,
        None => Switch::Unsaid,
        Some(fact) => fact.value.map_or(Switch::NotSet, Switch::Set),
    }
}

/// The values that the worker process of WSUS reads: those of its runtime, in the 64-bit view.
fn governing(machine: &Machine, system: OperatingSystem) -> &DotNetValues {
    match system {
        OperatingSystem::Server2008R2 => &machine.dotnet.v2.bits64,
        _ => &machine.dotnet.v4.bits64,
    }
}

/// A value's full name, as a report asks for it.
fn name(system: OperatingSystem, value: &str) -> String {
    let runtime = match system {
        OperatingSystem::Server2008R2 => "v2.0.50727",
        _ => "v4.0.30319",
    };
    format!(r"HKLM\SOFTWARE\Microsoft\.NETFramework\{runtime}, {value}")
}

fn reasons(machine: &Machine, system: OperatingSystem) -> Vec<String> {
    let values = governing(machine, system);
    let number = |value: &str, setting: &Setting<u32>| {
        let fact = setting.as_ref()?;
        let shown = fact.value.map_or_else(|| "not set".to_owned(), |number| number.to_string());
        Some(format!("{value} is {shown} ({})", fact.source))
    };
    let switch = machine.dotnet.dont_enable_system_default_tls_versions.as_ref().map(|fact| {
        let shown = fact.value.map_or_else(|| "not set".to_owned(), |on| on.to_string());
        format!("{SWITCH} is {shown} ({})", fact.source)
    });
    let strong = number(STRONG_CRYPTO, &values.sch_use_strong_crypto);
    let default = number(SYSTEM_DEFAULT, &values.system_default_tls_versions);
    [strong, default, switch].into_iter().flatten().collect()
}

fn missing(machine: &Machine, system: OperatingSystem) -> Vec<String> {
    let values = governing(machine, system);
    let mut missing = Vec::new();
    if values.sch_use_strong_crypto.is_none() {
        missing.push(name(system, STRONG_CRYPTO));
    }
    if values.system_default_tls_versions.is_none() {
        missing.push(name(system, SYSTEM_DEFAULT));
    }
    if matches!(switch(machine, system), Switch::Unsaid) {
        missing.push(format!(r"%SystemRoot%\system32\inetsrv\w3wp.exe.config, {SWITCH}"));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::testing::told;

    fn asks_with(strong: Setting<u32>, default: Setting<u32>, switch: Setting<bool>) -> Asks {
        let mut machine = Machine::default();
        machine.dotnet.v4.bits64 = DotNetValues { sch_use_strong_crypto: strong, system_default_tls_versions: default };
        machine.dotnet.dont_enable_system_default_tls_versions = switch;
        asks(&machine, OperatingSystem::Server2016)
    }

    #[test]
    fn nothing_set_is_tls_1_0_at_most() {
        assert!(matches!(asks_with(told(None), told(None), told(None)), Asks::Old { .. }));
        assert!(matches!(asks_with(told(Some(0)), told(Some(0)), told(Some(true))), Asks::Old { .. }));
    }

    #[test]
    fn strong_crypto_asks_for_1_0_to_1_2_by_name() {
        assert!(matches!(asks_with(told(Some(1)), told(None), told(None)), Asks::StrongCrypto { .. }));
        assert!(matches!(asks_with(told(Some(1)), None, None), Asks::StrongCrypto { .. }));
    }

    #[test]
    fn the_system_default_goes_before_strong_crypto() {
        assert!(matches!(asks_with(told(Some(1)), told(Some(1)), told(None)), Asks::SystemDefault { .. }));
        assert!(matches!(asks_with(None, told(Some(1)), None), Asks::SystemDefault { .. }));
    }

    #[test]
    fn the_switch_in_the_file_turns_it_on_unless_the_registry_says_0() {
        assert!(matches!(asks_with(told(None), told(None), told(Some(false))), Asks::SystemDefault { .. }));
        assert!(matches!(asks_with(told(None), told(Some(0)), told(Some(false))), Asks::Old { .. }));
    }

    #[test]
    fn what_is_not_told_is_unknown_and_named() {
        let Asks::Unknown { missing } = asks_with(told(None), None, None) else { panic!("a guess") };
        assert_eq!(missing.len(), 2);
        assert!(missing[0].ends_with("v4.0.30319, SystemDefaultTlsVersions"), "{missing:?}");
        assert!(missing[1].contains("w3wp.exe.config"), "{missing:?}");
        let Asks::Unknown { missing } = asks_with(None, None, None) else { panic!("a guess") };
        assert_eq!(missing.len(), 3);
    }

    #[test]
    fn documents_that_disagree_decide_nothing() {
        assert!(matches!(asks_with(told(None), told(Some(1)), told(Some(true))), Asks::Unknown { .. }));
    }

    #[test]
    fn server_2008_r2_reads_the_values_of_the_older_runtime() {
        let mut machine = Machine::default();
        machine.dotnet.v4.bits64.system_default_tls_versions = told(Some(1));
        assert!(matches!(asks(&machine, OperatingSystem::Server2008R2), Asks::Unknown { .. }));
        machine.dotnet.v2.bits64.system_default_tls_versions = told(Some(1));
        assert!(matches!(asks(&machine, OperatingSystem::Server2008R2), Asks::SystemDefault { .. }));
        machine.dotnet.v2.bits64.system_default_tls_versions = told(None);
        machine.dotnet.v2.bits64.sch_use_strong_crypto = told(None);
        machine.dotnet.dont_enable_system_default_tls_versions = told(Some(false));
        assert!(matches!(asks(&machine, OperatingSystem::Server2008R2), Asks::Old { .. }));
    }

    #[test]
    fn the_32_bit_view_does_not_decide() {
        let mut machine = Machine::default();
        machine.dotnet.v4.bits32.sch_use_strong_crypto = told(Some(1));
        assert_eq!(strong_crypto(&machine, OperatingSystem::Server2016), None);
    }
}
