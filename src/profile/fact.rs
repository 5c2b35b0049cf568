//! A value with what it rests on: where it is from, how well that source knows, and what it leaves open.

use std::fmt;

use serde::Serialize;

/// How well a fact is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Decoded from recorded traffic, or from an ordered fingerprint string made from it.
    BytesCaptured,
    /// Stated on a Microsoft page.
    DocumentedByMicrosoft,
    /// Published by someone who saw it.
    ObservedByThirdParty,
    /// Reasoned from neighbouring evidence.
    Inferred,
    /// Not known: filled in, because a hello must have something there.
    Unknown,
}

impl Confidence {
    /// The word in lists and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BytesCaptured => "bytes-captured",
            Self::DocumentedByMicrosoft => "documented-by-Microsoft",
            Self::ObservedByThirdParty => "observed-by-third-party",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for Confidence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A value, and what it rests on.
#[derive(Clone, Copy, Debug)]
pub struct Fact<T> {
    /// What is sent.
    pub value: T,
    /// How well that is known.
    pub confidence: Confidence,
    /// Captures by their id, pages by their path.
    pub source: &'static str,
    /// What else a reader should know.
    pub note: Option<&'static str>,
    /// What the capture that the profile rests on does not say of this field, and what was put in its place.
    pub unknown: Option<&'static str>,
}

impl<T: Copy> Fact<T> {
    const fn new(value: T, confidence: Confidence, source: &'static str) -> Self {
        Self { value, confidence, source, note: None, unknown: None }
    }

    /// The same with a note.
    pub(super) const fn note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    /// The same, where the profile's own capture does not say it all.
    pub(super) const fn unknown(self, what: &'static str) -> Self {
        Self { unknown: Some(what), ..self }
    }
}

/// A fact seen in these captures.
pub(super) const fn captured<T: Copy>(value: T, captures: &'static str) -> Fact<T> {
    Fact::new(value, Confidence::BytesCaptured, captures)
}

/// A fact from this Microsoft page.
pub(super) const fn documented<T: Copy>(value: T, page: &'static str) -> Fact<T> {
    Fact::new(value, Confidence::DocumentedByMicrosoft, page)
}

/// A fact reasoned from this.
pub(super) const fn inferred<T: Copy>(value: T, evidence: &'static str) -> Fact<T> {
    Fact::new(value, Confidence::Inferred, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_less_comes_later() {
        let worst = [Confidence::Inferred, Confidence::BytesCaptured, Confidence::DocumentedByMicrosoft].into_iter();
        assert_eq!(worst.max(), Some(Confidence::Inferred));
        assert!(Confidence::Unknown > Confidence::Inferred);
    }

    #[test]
    fn a_confidence_is_written_as_its_word() {
        assert_eq!(serde_json::to_string(&Confidence::ObservedByThirdParty).unwrap(), r#""observed-by-third-party""#);
        assert_eq!(format!("{:<10}|", Confidence::Inferred), "inferred  |");
    }
}
