//! Alert levels and descriptions (RFC 8446 §6).

use super::code_point;

code_point! {
    /// `AlertLevel` (RFC 8446 §6): `warning` or `fatal`.
    AlertLevel(u8), 2
}

impl AlertLevel {
    /// The session may go on.
    pub const WARNING: Self = Self(1);
    /// The connection ends here.
    pub const FATAL: Self = Self(2);

    /// The name in RFC 8446 §6.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::WARNING => Some("warning"),
            Self::FATAL => Some("fatal"),
            _ => None,
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::WARNING, Self::FATAL].into_iter().find(|level| level.name() == Some(name))
    }
}

code_point! {
    /// `AlertDescription` (RFC 8446 §6).
    AlertDescription(u8), 2
}

impl AlertDescription {
    /// The registered name.
    pub fn name(self) -> Option<&'static str> {
        None
    }

    /// The code point with exactly this registered name.
    pub fn from_name(_name: &str) -> Option<Self> {
        None
    }
}
