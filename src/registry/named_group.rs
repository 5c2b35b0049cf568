//! `NamedGroup` code points.

use super::code_point;

code_point! {
    /// `NamedGroup` (RFC 8446 §4.2.7).
    NamedGroup(u16), 4
}

impl NamedGroup {
    /// The registered name.
    pub fn name(self) -> Option<&'static str> {
        None
    }

    /// The code point with exactly this registered name.
    pub fn from_name(_name: &str) -> Option<Self> {
        None
    }
}
