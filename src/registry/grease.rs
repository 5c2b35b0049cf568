//! GREASE: values that stand for nothing, sent so that peers keep ignoring what they do not know (RFC 8701).

use super::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

/// The sixteen values reserved for cipher suites, groups, signature schemes, extensions and versions (RFC 8701 §2).
pub const GREASE: [u16; 16] = [
    0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A, 0x4A4A, 0x5A5A, 0x6A6A, 0x7A7A, 0x8A8A, 0x9A9A, 0xAAAA, 0xBABA, 0xCACA, 0xDADA,
    0xEAEA, 0xFAFA,
];

macro_rules! reserved_for_grease {
    ($($type:ident)+) => {$(
        impl $type {
            /// Whether RFC 8701 §2 reserves this value to stand for nothing.
            pub fn is_grease(self) -> bool {
                GREASE.contains(&self.0)
            }
        }
    )+};
}

reserved_for_grease! { CipherSuite NamedGroup SignatureScheme ExtensionType ProtocolVersion }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_two_equal_bytes_that_end_in_a() {
        for value in 0..=u16::MAX {
            let [high, low] = value.to_be_bytes();
            assert_eq!(CipherSuite(value).is_grease(), high == low && low & 0x0F == 0x0A, "{value:#06X}");
        }
    }

    #[test]
    fn every_registry_with_grease_rows_names_all_sixteen() {
        for value in GREASE {
            let name = format!("GREASE_{value:04X}");
            assert_eq!(CipherSuite(value).name(), Some(&*name));
            assert_eq!(NamedGroup(value).name(), Some(&*name));
            assert_eq!(ExtensionType(value).name(), Some(&*name));
        }
    }

    #[test]
    fn grease_without_a_row_is_known_as_grease_all_the_same() {
        assert!(SignatureScheme(0x2A2A).is_grease());
        assert!(ProtocolVersion(0xFAFA).is_grease());
        assert!(!ProtocolVersion::TLS1_3.is_grease());
    }
}
