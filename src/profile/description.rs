//! What `tlsprobe list profiles` and a report say of a profile.

use serde::Serialize;

use super::{Change, Confidence, Departure, Fact, Profile, ProfileExtension};
use crate::registry::{CipherSuite, ProtocolVersion};

/// A profile in short, and each of its fields with what it rests on.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The name on the command line.
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// System or program, and its build.
    pub client: &'static str,
    /// Who on that system sends it.
    pub caller: &'static str,
    /// The versions the client would agree to, oldest first.
    pub versions: &'static [ProtocolVersion],
    /// How many cipher suites it offers.
    pub cipher_suites: usize,
    /// As well as the least known of its versions, suites and extensions is known.
    pub confidence: Confidence,
    /// The capture it rests on.
    pub source: String,
    /// Where it leaves that capture, and why.
    pub departures: Vec<String>,
    /// Every field in the order of the wire.
    pub fields: Vec<Field>,
    /// What else a reader should know.
    pub notes: &'static str,
}

/// One field of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in the RFC, or the extension's.
    pub name: String,
    /// How well it is known.
    pub confidence: Confidence,
    /// From where.
    pub source: &'static str,
    /// What else a reader should know.
    pub note: Option<&'static str>,
    /// What the capture does not say of it.
    pub unknown: Option<&'static str>,
}

/// Says what a profile is and how well it is known.
pub fn describe(profile: &Profile) -> Description {
    Description {
        id: profile.id,
        title: profile.title,
        client: profile.client,
        caller: profile.caller,
        versions: profile.offered_versions.value,
        cipher_suites: profile.cipher_suites.value.len(),
        confidence: profile.confidence(),
        source: profile.source(),
        departures: profile.departures.iter().map(Departure::to_string).collect(),
        fields: fields(profile),
        notes: profile.notes,
    }
}

fn fields(profile: &Profile) -> Vec<Field> {
    let Profile { record_version, legacy_version, session_id, offered_versions, .. } = profile;
    let Profile { cipher_suites, compression_methods, extensions, .. } = profile;
    let mut fields = vec![
        field("record_version", record_version),
        field("legacy_version", legacy_version),
        field("session_id", session_id),
        field("offered_versions", offered_versions),
        field("cipher_suites", cipher_suites),
        field("compression_methods", compression_methods),
    ];
    let extension = |fact: &Fact<ProfileExtension>| field(fact.value.extension_type().to_string(), fact);
    fields.extend(extensions.iter().map(extension));
    fields
}

fn field<T>(name: impl Into<String>, fact: &Fact<T>) -> Field {
    let Fact { confidence, source, note, unknown, .. } = *fact;
    Field { name: name.into(), confidence, source, note, unknown }
}

impl std::fmt::Display for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let suites = |suites: &[CipherSuite]| suites.iter().map(CipherSuite::to_string).collect::<Vec<_>>().join(", ");
        match self.change {
            Change::Adds(extension) => write!(f, "with {extension}"),
            Change::Omits(extension) => write!(f, "without {extension}"),
            Change::AddsSuites(added) => write!(f, "with {}", suites(added)),
            Change::OmitsSuites(omitted) => write!(f, "without {}", suites(omitted)),
            Change::EmptiesSessionId => write!(f, "with an empty session_id"),
        }?;
        write!(f, ": {}", self.why)
    }
}
