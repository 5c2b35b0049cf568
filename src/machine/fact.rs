//! A value with the source it is from, and what becomes of two that differ.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something known of the machine, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact<T> {
    /// What is so.
    pub value: T,
    /// Who says so.
    pub source: Source,
}

/// A registry value or its like: `None` where no source speaks of it, `Some` of a null value where a source looked and
/// found it not set. Only the second lets a default apply for certain.
pub type Setting<T> = Option<Fact<Option<T>>>;

/// Where a fact is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Typed on the command line: the option's name.
    Option(String),
    /// Read from a file.
    File {
        /// As it was named.
        path: String,
        /// What the file is.
        kind: FileKind,
        /// Where in it: a registry value, a line, a policy.
        place: String,
    },
    /// This machine itself: a registry value's full name, or a file's.
    LocalRegistry(String),
    /// No source sets it, so the system's default applies: the document that says which.
    SystemDefault(String),
}

/// The files a machine's facts are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// What `scripts/collect-machine.ps1` writes.
    MachineJson,
    /// What `reg export` writes.
    RegistryExport,
    /// What `gpresult /h` writes.
    PolicyReport,
    /// WSUS's own log.
    SoftwareDistributionLog,
    /// What `netsh winhttp show proxy` prints.
    WinHttpProxyText,
    /// The configuration of IIS's worker processes.
    W3wpConfig,
    /// Cipher suite names, as `--suite-order` takes them.
    SuiteOrder,
}

impl FileKind {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MachineJson => "the output of collect-machine.ps1",
            Self::RegistryExport => "a registry export",
            Self::PolicyReport => "a gpresult report",
            Self::SoftwareDistributionLog => "SoftwareDistribution.log",
            Self::WinHttpProxyText => "the output of netsh winhttp show proxy",
            Self::W3wpConfig => "w3wp.exe.config",
            Self::SuiteOrder => "a list of cipher suites",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => f.write_str(name),
            Self::File { path, place, .. } => write!(f, "{path}: {place}"),
            Self::LocalRegistry(value) => write!(f, "this machine: {value}"),
            Self::SystemDefault(document) => write!(f, "the system's default, {document}"),
        }
    }
}

/// Lays what another source says over what is held, and keeps a note wherever the two differ.
pub(super) struct Merge<'a> {
    /// Why the other one counts.
    pub(super) because: &'static str,
    pub(super) notes: &'a mut Vec<String>,
}

impl<'a> Merge<'a> {
    /// Of sources given one after the other.
    pub(super) fn in_order(notes: &'a mut Vec<String>) -> Self {
        Self { because: "it was given later", notes }
    }

    /// Of evidence in the order of its weight.
    pub(super) fn by_weight(notes: &'a mut Vec<String>) -> Self {
        Self { because: "it weighs more", notes }
    }

    /// The other one counts.
    pub(super) fn fact<T: PartialEq + Serialize>(
        &mut self,
        what: &str,
        held: &mut Option<Fact<T>>,
        other: Option<Fact<T>>,
    ) {
        let Some(other) = other else { return };
        if let Some(held) = held
            && held.value != other.value
        {
            self.notes.push(format!(
                "{what}: {} ({}) counts, not {} ({}), because {}",
                shown(&other.value),
                other.source,
                shown(&held.value),
                held.source,
                self.because,
            ));
        }
        *held = Some(other);
    }
}

/// A value as a note shows it.
fn shown(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Null) => "not set".to_owned(),
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_option<T>(value: T, name: &str) -> Fact<T> {
        Fact { value, source: Source::Option(name.to_owned()) }
    }

    #[test]
    fn the_later_source_counts_and_the_difference_is_noted() {
        let mut notes = Vec::new();
        let mut held = Some(from_option(Some(0), "--first"));
        Merge::in_order(&mut notes).fact("SchUseStrongCrypto", &mut held, Some(from_option(Some(1), "--second")));
        assert_eq!(held, Some(from_option(Some(1), "--second")));
        assert_eq!(notes, ["SchUseStrongCrypto: 1 (--second) counts, not 0 (--first), because it was given later"]);
    }

    #[test]
    fn sources_that_agree_leave_no_note() {
        let mut notes = Vec::new();
        let mut held = Some(from_option("sws", "--first"));
        let mut merge = Merge::in_order(&mut notes);
        merge.fact("MUUrl", &mut held, None);
        merge.fact("MUUrl", &mut held, Some(from_option("sws", "--second")));
        assert_eq!(held, Some(from_option("sws", "--second")));
        assert!(notes.is_empty());
    }

    #[test]
    fn a_value_found_not_set_is_a_value_and_can_differ() {
        let mut notes = Vec::new();
        let mut held: Setting<u32> = Some(from_option(Some(1), "--first"));
        Merge::in_order(&mut notes).fact("Enabled", &mut held, Some(from_option(None, "--second")));
        assert_eq!(notes, ["Enabled: not set (--second) counts, not 1 (--first), because it was given later"]);
    }
}
