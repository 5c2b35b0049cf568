//! `ExtensionType` code points.

use super::code_point;

code_point! {
    /// `ExtensionType` (RFC 8446 §4.2).
    ExtensionType(u16), 4
}

impl ExtensionType {
    /// The registered name.
    pub fn name(self) -> Option<&'static str> {
        None
    }

    /// The code point with exactly this registered name.
    pub fn from_name(_name: &str) -> Option<Self> {
        None
    }
}
