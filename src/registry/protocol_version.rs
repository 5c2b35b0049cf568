//! `ProtocolVersion`: SSL 2.0 to TLS 1.3 (RFC 8446 §4.1.2, RFC 6101, SSL 2.0 draft 02).

use super::code_point;

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

    /// Every version in order, oldest first.
    pub const ALL: [Self; 6] = [Self::SSL2, Self::SSL3, Self::TLS1_0, Self::TLS1_1, Self::TLS1_2, Self::TLS1_3];

    /// The name without a space, as it stands in JSON: `SSL3`, `TLS1.2`.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL2 => "SSL2",
            Self::SSL3 => "SSL3",
            Self::TLS1_0 => "TLS1.0",
            Self::TLS1_1 => "TLS1.1",
            Self::TLS1_2 => "TLS1.2",
            Self::TLS1_3 => "TLS1.3",
            _ => return None,
        })
    }

    /// The version a [`name`](Self::name) stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == Some(name))
    }

    /// The name a person reads: `TLS 1.2`.
    pub fn spoken(self) -> String {
        match self.name() {
            Some(name) => {
                let (family, number) = name.split_at(3);
                let number = if number.len() == 1 { format!("{number}.0") } else { number.to_owned() };
                format!("{family} {number}")
            }
            None => self.to_string(),
        }
    }
}
