//! The Windows Servers that WSUS runs on, and their update tracks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Windows Server, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OperatingSystem {
    /// NT 6.1.
    #[serde(rename = "2008r2")]
    Server2008R2,
    /// NT 6.2.
    #[serde(rename = "2012")]
    Server2012,
    /// NT 6.3.
    #[serde(rename = "2012r2")]
    Server2012R2,
    /// 10.0.14393.
    #[serde(rename = "2016")]
    Server2016,
    /// 10.0.17763.
    #[serde(rename = "2019")]
    Server2019,
    /// 10.0.20348.
    #[serde(rename = "2022")]
    Server2022,
    /// 10.0.26100.
    #[serde(rename = "2025")]
    Server2025,
}

impl OperatingSystem {
    /// Every one, oldest first.
    pub const ALL: [Self; 7] = [
        Self::Server2008R2,
        Self::Server2012,
        Self::Server2012R2,
        Self::Server2016,
        Self::Server2019,
        Self::Server2022,
        Self::Server2025,
    ];

    /// The word on the command line and in JSON: `2012r2`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server2008R2 => "2008r2",
            Self::Server2012 => "2012",
            Self::Server2012R2 => "2012r2",
            Self::Server2016 => "2016",
            Self::Server2019 => "2019",
            Self::Server2022 => "2022",
            Self::Server2025 => "2025",
        }
    }

    /// The name a person reads: `Windows Server 2012 R2`.
    pub fn name(self) -> String {
        format!("Windows Server {}", self.word().replace("r2", " R2"))
    }

    /// `CurrentBuildNumber` in the registry.
    pub const fn build(self) -> u32 {
        match self {
            Self::Server2008R2 => 7601,
            Self::Server2012 => 9200,
            Self::Server2012R2 => 9600,
            Self::Server2016 => 14393,
            Self::Server2019 => 17763,
            Self::Server2022 => 20348,
            Self::Server2025 => 26100,
        }
    }

    /// The server of this build. A client of the same build has the same Schannel, but no WSUS.
    pub fn from_build(build: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.build() == build)
    }

    /// The system that `typed` stands for: `2012r2`, `2012 R2`, `win2012r2`, `Windows Server 2012 R2`.
    pub fn parse(typed: &str) -> Result<Self, UnknownWord> {
        let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
        let letters = letters.to_ascii_lowercase();
        let year = ["windowsserver", "winserver", "windows", "server", "win"]
            .iter()
            .find_map(|prefix| letters.strip_prefix(prefix))
            .unwrap_or(&letters);
        Self::ALL.into_iter().find(|system| system.word() == year).ok_or_else(|| UnknownWord {
            what: "system",
            typed: typed.to_owned(),
            accepted: "2008r2, 2012, 2012r2, 2016, 2019, 2022 or 2025",
        })
    }

    /// The first Monthly Rollup that brings TLS 1.2 to its WSUS, on the two systems that need one for it (Microsoft,
    /// "Troubleshoot WSUS synchronization and import issues", issue 3).
    pub const fn tls12_rollup(self) -> Option<&'static str> {
        match self {
            Self::Server2012 => Some("KB4022721"),
            Self::Server2012R2 => Some("KB4022720"),
            _ => None,
        }
    }

    /// Whether a curve is a part of its names for ECDHE suites: `…_P256`. Later systems have a list of curves instead.
    pub fn names_curves_in_suites(self) -> bool {
        self <= Self::Server2012R2
    }
}

/// Which updates the machine is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateTrack {
    /// Monthly Rollups, which are cumulative.
    Rollup,
    /// Security-only updates, which bring no other fix: TLS 1.2 for WSUS was such a one.
    SecurityOnly,
}

impl UpdateTrack {
    /// The track that `typed` names.
    pub fn parse(typed: &str) -> Result<Self, UnknownWord> {
        match typed.trim().to_ascii_lowercase().as_str() {
            "rollup" => Ok(Self::Rollup),
            "security-only" => Ok(Self::SecurityOnly),
            _ => {
                Err(UnknownWord { what: "update track", typed: typed.to_owned(), accepted: "rollup or security-only" })
            }
        }
    }
}

/// A word that stands for nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {typed:?}: give {accepted}")]
pub struct UnknownWord {
    pub(super) what: &'static str,
    pub(super) typed: String,
    pub(super) accepted: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_of_a_system_is_understood() {
        for typed in ["2012r2", "2012 R2", "win2012r2", "Windows Server 2012 R2", "windows-server-2012-r2"] {
            assert_eq!(OperatingSystem::parse(typed), Ok(OperatingSystem::Server2012R2), "{typed}");
        }
        for system in OperatingSystem::ALL {
            assert_eq!(OperatingSystem::parse(system.word()), Ok(system));
            assert_eq!(OperatingSystem::parse(&system.name()), Ok(system));
            assert_eq!(OperatingSystem::from_build(system.build()), Some(system));
            assert_eq!(serde_json::to_value(system).unwrap(), system.word());
        }
    }

    #[test]
    fn a_system_that_is_none_is_told_what_would_be_one() {
        for typed in ["", "2008", "2003r2", "windows 11", "20012", "r2"] {
            let error = OperatingSystem::parse(typed).unwrap_err().to_string();
            assert!(error.ends_with("give 2008r2, 2012, 2012r2, 2016, 2019, 2022 or 2025"), "{error}");
        }
    }

    #[test]
    fn the_tracks_are_two_words() {
        assert_eq!(UpdateTrack::parse("Security-Only"), Ok(UpdateTrack::SecurityOnly));
        assert_eq!(UpdateTrack::parse("rollup"), Ok(UpdateTrack::Rollup));
        let error = UpdateTrack::parse("monthly").unwrap_err();
        assert_eq!(error.to_string(), r#"unknown update track "monthly": give rollup or security-only"#);
        assert_eq!(serde_json::to_value(UpdateTrack::SecurityOnly).unwrap(), "security-only");
    }

    #[test]
    fn systems_are_in_the_order_of_their_release() {
        assert!(OperatingSystem::ALL.is_sorted());
        assert!(OperatingSystem::ALL.map(OperatingSystem::build).is_sorted());
        assert!(OperatingSystem::Server2012R2.names_curves_in_suites());
        assert!(!OperatingSystem::Server2016.names_curves_in_suites());
    }
}
