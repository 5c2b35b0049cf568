//! `CipherSuite` code points.

use super::code_point;

code_point! {
    /// `CipherSuite[2]` (RFC 8446 §4.1.2).
    CipherSuite(u16), 4
}

impl CipherSuite {
    /// The registered name.
    pub fn name(self) -> Option<&'static str> {
        None
    }

    /// The code point with exactly this registered name.
    pub fn from_name(_name: &str) -> Option<Self> {
        None
    }
}
