//! `ProtocolVersion`: SSL 2.0 to TLS 1.3 (RFC 8446 §4.1.2, RFC 6101, SSL 2.0 draft 02), and the kin that a peer may
//! name: DTLS and the Chinese TLCP.

use std::fmt;

use super::code_point;
use super::typed::{self, NameKind, UnknownName};

code_point! {
    /// `uint16 ProtocolVersion` (RFC 8446 §4.1.2), printed as `TLS1.2`.
    ProtocolVersion(u16), 4
}

impl ProtocolVersion {
    /// SSL 2.0, whose hello has a form of its own.
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0 (RFC 6101).
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0 (RFC 2246).
    pub const TLS1_0: Self = Self(0x0301);
    /// TLS 1.1 (RFC 4346).
    pub const TLS1_1: Self = Self(0x0302);
    /// TLS 1.2 (RFC 5246).
    pub const TLS1_2: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS1_3: Self = Self(0x0304);
    /// TLCP 1.1 (GB/T 38636-2020), which has cipher suites of its own and is never offered here.
    pub const TLCP1_1: Self = Self(0x0101);
    /// DTLS 1.0 (RFC 4347); versions of DTLS count downwards.
    pub const DTLS1_0: Self = Self(0xFEFF);
    /// DTLS 1.2 (RFC 6347).
    pub const DTLS1_2: Self = Self(0xFEFD);
    /// DTLS 1.3 (RFC 9147).
    pub const DTLS1_3: Self = Self(0xFEFC);

    /// Every version of SSL and TLS in order, oldest first.
    pub const ALL: [Self; 6] = [Self::SSL2, Self::SSL3, Self::TLS1_0, Self::TLS1_1, Self::TLS1_2, Self::TLS1_3];

    const NAMES: [(Self, &'static str); 10] = [
        (Self::SSL2, "SSL2"),
        (Self::SSL3, "SSL3"),
        (Self::TLS1_0, "TLS1.0"),
        (Self::TLS1_1, "TLS1.1"),
        (Self::TLS1_2, "TLS1.2"),
        (Self::TLS1_3, "TLS1.3"),
        (Self::TLCP1_1, "TLCP1.1"),
        (Self::DTLS1_0, "DTLS1.0"),
        (Self::DTLS1_2, "DTLS1.2"),
        (Self::DTLS1_3, "DTLS1.3"),
    ];

    /// The name without a space, as it stands in JSON: `SSL3`, `TLS1.2`.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|&(version, _)| version == self).map(|(_, name)| name)
    }

    /// The version a [`name`](Self::name) stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|&(_, other)| other == name).map(|(version, _)| version)
    }

    /// The name a person reads: `TLS 1.2`, `SSL 3.0`.
    pub fn spoken(self) -> String {
        let Some(name) = self.name() else { return self.hex() };
        let (family, number) = name.split_at(name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len()));
        if number.contains('.') { format!("{family} {number}") } else { format!("{family} {number}.0") }
    }

    /// The version that `typed` stands for, in any case: `1.2`, `TLS1.2`, `TLS 1.2`, `TLSv1.2`, `tls12`, `ssl3`, and
    /// hex as in `0x0303` for a version that may not exist.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        // Newest first, for whoever mistypes one rather means a new one.
        let names = Self::NAMES.into_iter().rev().map(|(version, name)| (name, version));
        typed::resolve(
            NameKind::ProtocolVersion,
            typed,
            |word| typed::hex(word).map(Self).or_else(|| spelt(word)),
            names,
        )
    }
}

/// The version that a family, in itself optional for TLS, and a number spell.
fn spelt(word: &str) -> Option<ProtocolVersion> {
    let word = word.to_ascii_lowercase();
    let number_after = |family| Some(word.strip_prefix(family)?.trim_start_matches(['v', ' ', '_', '-']));

    if let Some(number) = number_after("ssl") {
        return match number {
            "2" | "2.0" | "20" => Some(ProtocolVersion::SSL2),
            "3" | "3.0" | "30" => Some(ProtocolVersion::SSL3),
            _ => None,
        };
    }
    match number_after("tls").unwrap_or(&word) {
        "1" | "1.0" | "10" => Some(ProtocolVersion::TLS1_0),
        "1.1" | "11" => Some(ProtocolVersion::TLS1_1),
        "1.2" | "12" => Some(ProtocolVersion::TLS1_2),
        "1.3" | "13" => Some(ProtocolVersion::TLS1_3),
        _ => None,
    }
}

/// The versions something belongs to, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest one.
    pub first: ProtocolVersion,
    /// The newest one.
    pub last: ProtocolVersion,
}

impl Versions {
    /// Whether `version` is one of them.
    pub fn contains(self, version: ProtocolVersion) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            f.pad(&self.first.spoken())
        } else {
            f.pad(&format!("{} to {}", self.first.spoken(), self.last.spoken()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_spelling_is_understood() {
        for (version, spellings) in [
            (ProtocolVersion::SSL2, ["ssl2", "SSL2.0", "SSLv2", "SSL 2.0", "0x0002"]),
            (ProtocolVersion::SSL3, ["ssl3", "SSL3", "SSLv3", "SSL 3.0", "0x0300"]),
            (ProtocolVersion::TLS1_0, ["1.0", "TLS1.0", "TLSv1", "tls10", "TLS 1.0"]),
            (ProtocolVersion::TLS1_1, ["1.1", "TLS1.1", "TLSv1.1", "tls11", "tls_1.1"]),
            (ProtocolVersion::TLS1_2, ["1.2", "TLS1.2", "TLSv1.2", "tls12", "TLS 1.2"]),
            (ProtocolVersion::TLS1_3, ["1.3", "TLS1.3", "TLSv1.3", "tls13", "0x0304"]),
            (ProtocolVersion::DTLS1_2, ["dtls1.2", "DTLS1.2", "0xFEFD", "0xfefd", "{0xFE,0xFD}"]),
        ] {
            for spelling in spellings {
                assert_eq!(ProtocolVersion::parse(spelling), Ok(version), "{spelling}");
            }
        }
    }

    #[test]
    fn a_version_that_does_not_exist_can_be_asked_for_by_number_only() {
        assert_eq!(ProtocolVersion::parse("0x0399"), Ok(ProtocolVersion(0x0399)));
        for typed in ["1.4", "TLS 2.0", "3.0", "ssl", "v", ""] {
            assert!(ProtocolVersion::parse(typed).is_err(), "{typed}");
        }
        let error = ProtocolVersion::parse("TLS1.5").unwrap_err();
        assert_eq!(error.to_string(), r#"unknown protocol version "TLS1.5": did you mean TLS1.3, TLS1.2 or TLS1.1?"#);
    }

    #[test]
    fn a_person_reads_a_space_and_a_minor_number() {
        let spoken = |version: ProtocolVersion| version.spoken();
        assert_eq!(
            ProtocolVersion::ALL.map(spoken),
            ["SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"]
        );
        assert_eq!(ProtocolVersion::DTLS1_2.spoken(), "DTLS 1.2");
        assert_eq!(ProtocolVersion(0x0399).spoken(), "0x0399");
    }

    #[test]
    fn every_version_comes_back_from_its_text() {
        for value in 0..=u16::MAX {
            let version = ProtocolVersion(value);
            assert_eq!(ProtocolVersion::parse(&version.to_string()), Ok(version));
            let json = serde_json::to_string(&version).unwrap();
            assert_eq!(serde_json::from_str::<ProtocolVersion>(&json).unwrap(), version);
        }
    }

    #[test]
    fn a_range_of_versions_holds_both_its_ends() {
        let versions = Versions { first: ProtocolVersion::TLS1_0, last: ProtocolVersion::TLS1_2 };
        assert_eq!(
            ProtocolVersion::ALL.map(|version| versions.contains(version)),
            [false, false, true, true, true, false]
        );
        assert_eq!(versions.to_string(), "TLS 1.0 to TLS 1.2");
        assert_eq!(Versions { first: versions.last, ..versions }.to_string(), "TLS 1.2");
    }
}
