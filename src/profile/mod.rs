//! Named clients as data: the hello that each of them sends, and how well that is known.
//!
//! A profile rests on one capture and says where it leaves it ([`Departure`]). Each of its fields names its source and
//! its confidence; what the capture leaves open is said to be unknown, and what is only reasoned says "inferred".
//!
//! Not known at all: no capture of Windows Server 2012, 2016, 2019, 2022 or 2025 was found, and none of WSUS or the
//! Windows Update service by name. Their profiles rest on the client of the same build, or on another program that
//! uses the same Schannel; [`Capture::of`] says on which.

mod browsers;
mod description;
mod dotnet;
mod extension;
mod fact;
mod openssl;
mod schannel;
mod suites;
#[cfg(test)]
mod tests;
mod winhttp;

pub use description::{Description, Field, describe};
pub use extension::ProfileExtension;
pub use fact::{Confidence, Fact};

use crate::offer::{Imitated, NO_SPLIT, Offer, SessionIdOffer};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};

/// A client's hello, field by field.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The name on the command line.
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// System or program, and its build.
    pub client: &'static str,
    /// Who on that system sends it.
    pub caller: &'static str,
    /// The capture it rests on.
    pub capture: Capture,
    /// Every capture that was weighed.
    pub evidence: &'static [&'static str],
    /// Where it leaves its capture.
    pub departures: &'static [Departure],
    /// `legacy_record_version`.
    pub record_version: Fact<ProtocolVersion>,
    /// `legacy_version`.
    pub legacy_version: Fact<ProtocolVersion>,
    /// `session_id` of a first connection.
    pub session_id: Fact<SessionIdOffer>,
    /// The versions the client would agree to, oldest first: below TLS 1.3 a hello names the highest alone.
    pub offered_versions: Fact<&'static [ProtocolVersion]>,
    /// Cipher suites, most wanted first.
    pub cipher_suites: Fact<&'static [CipherSuite]>,
    /// Compression methods.
    pub compression_methods: Fact<&'static [u8]>,
    /// Extensions in order.
    pub extensions: &'static [Fact<ProfileExtension>],
    /// What else a reader should know.
    pub notes: &'static str,
}

/// A recorded hello.
#[derive(Clone, Copy, Debug)]
pub struct Capture {
    /// `cap-…` in `testdata/hellos/captures.json`, any other a file of `testdata/hellos/recorded`.
    pub id: &'static str,
    /// Which program on which system sent it.
    pub of: &'static str,
}

/// A difference between a profile and the capture it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    /// What differs.
    pub change: Change,
    /// For which reason.
    pub why: &'static str,
}

/// What a profile makes of its capture.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// An extension that was not captured.
    Adds(ExtensionType),
    /// An extension that was captured is left out.
    Omits(ExtensionType),
    /// Suites that were not captured.
    AddsSuites(&'static [CipherSuite]),
    /// Suites that were captured are left out.
    OmitsSuites(&'static [CipherSuite]),
    /// A captured `session_id` is left empty.
    EmptiesSessionId,
}

/// Every profile, sorted by id.
pub const PROFILES: &[&Profile] = &[
    &browsers::CHROME,
    &openssl::CURL,
    &dotnet::DOTNET_NO_STRONG_CRYPTO_WIN2012,
    &dotnet::DOTNET_NO_STRONG_CRYPTO_WIN2012R2,
    &dotnet::DOTNET_NO_STRONG_CRYPTO_WIN2016,
    &dotnet::DOTNET_NO_STRONG_CRYPTO_WIN2019,
    &browsers::FIREFOX,
    &openssl::OPENSSL,
    &schannel::WIN2008R2_DEFAULT,
    &schannel::WIN2008R2_TLS12,
    &schannel::WIN2012_WSUS_MONTHLY_ROLLUP,
    &schannel::WIN2012_WSUS_SECURITY_ONLY,
    &schannel::WIN2012R2_WSUS_MONTHLY_ROLLUP,
    &schannel::WIN2012R2_WSUS_SECURITY_ONLY,
    &schannel::WIN2016,
    &schannel::WIN2019,
    &schannel::WIN2022,
    &schannel::WIN2022_TLS12_ONLY,
    &schannel::WIN2025,
    &winhttp::WU_WINHTTP_WIN10_1607_1809,
    &winhttp::WU_WINHTTP_WIN10_22H2,
    &winhttp::WU_WINHTTP_WIN11,
];

impl Profile {
    /// The hello before its fresh values.
    pub fn offer(&self) -> Offer {
        Offer {
            profile: Some(Imitated {
                name: self.id.to_owned(),
                confidence: self.confidence().word().to_owned(),
                source: self.source(),
            }),
            record_version: self.record_version.value,
            legacy_version: self.legacy_version.value,
            session_id: self.session_id.value,
            cipher_suites: self.cipher_suites.value.to_vec(),
            compression_methods: self.compression_methods.value.to_vec(),
            extensions: Some(self.extensions.iter().map(|extension| extension.value.offer()).collect()),
            record_split: NO_SPLIT,
        }
    }

    /// What it rests on: the capture, and which program on which system sent that.
    pub fn source(&self) -> String {
        format!("{}: {}", self.capture.id, self.capture.of)
    }

    /// How well the whole is known: as well as the least known of its versions, suites and extensions.
    pub fn confidence(&self) -> Confidence {
        let versions = [self.record_version.confidence, self.legacy_version.confidence];
        let lists = [self.offered_versions.confidence, self.cipher_suites.confidence];
        let extensions = self.extensions.iter().map(|extension| extension.confidence);
        versions.into_iter().chain(lists).chain(extensions).max().unwrap_or(Confidence::Unknown)
    }
}

/// The profile of this name, in any case.
pub fn find(name: &str) -> Result<&'static Profile, UnknownProfile> {
    let name = name.trim();
    let found = PROFILES.iter().find(|profile| profile.id.eq_ignore_ascii_case(name));
    found.copied().ok_or_else(|| UnknownProfile { name: name.to_owned(), suggestions: nearest(name) })
}

/// A name that no profile has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile {name:?}: {}", advice(.suggestions))]
pub struct UnknownProfile {
    /// As it was typed.
    pub name: String,
    /// Up to three names that come near it, nearest first.
    pub suggestions: Vec<&'static str>,
}

fn advice(suggestions: &[&str]) -> String {
    match suggestions {
        [] => "`tlsprobe list profiles` shows all of them".to_owned(),
        [only] => format!("did you mean {only}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
    }
}

/// The names nearest to this one: those that contain it, then by likeness.
fn nearest(name: &str) -> Vec<&'static str> {
    const AT_MOST: usize = 3;
    const ALIKE: f64 = 0.8;
    let name = name.to_ascii_lowercase();
    let mut near: Vec<(bool, f64, &str)> = PROFILES
        .iter()
        .map(|profile| (profile.id.contains(&name), strsim::jaro_winkler(profile.id, &name), profile.id))
        .filter(|(contains, likeness, _)| !name.is_empty() && (*contains || *likeness >= ALIKE))
        .collect();
    near.sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)));
    near.into_iter().take(AT_MOST).map(|(.., id)| id).collect()
}
