//! `NamedGroup` code points: curves, finite fields and key encapsulation.

use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::words::words;
use super::{Recommended, Versions, code_point};

mod rows;

code_point! {
    /// `NamedGroup` (RFC 8446 §4.2.7).
    NamedGroup(u16), 4
}

registry!(NamedGroup, NamedGroupInfo, rows::ROWS, ALIASES);

/// One group a key can be agreed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedGroupInfo {
    /// The value on the wire.
    pub code: NamedGroup,
    /// The name in IANA's registry.
    pub name: &'static str,
    /// The name OpenSSL has for it.
    pub openssl_name: Option<&'static str>,
    /// What is computed in it.
    pub kind: GroupKind,
    /// The size of its field in bits; for a hybrid, that of its curve.
    pub bits: Option<u16>,
    /// The parameter set of its ML-KEM (or Kyber) part: 512, 768 or 1024.
    pub ml_kem: Option<u16>,
    /// The versions it can be negotiated in.
    pub versions: Versions,
    /// IANA's advice.
    pub recommended: Recommended,
    /// Where it is defined.
    pub reference: &'static str,
}

impl NamedGroupInfo {
    fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name).chain(self.openssl_name)
    }
}

words! {
    /// What a key agreement computes in the group.
    GroupKind {
        /// ECDHE over a Weierstrass curve with a prime field.
        Prime = "ECDHE (prime field)",
        /// ECDHE over a curve with a binary field.
        Binary = "ECDHE (binary field)",
        /// X25519 or X448 (RFC 7748).
        Montgomery = "ECDHE (Montgomery)",
        /// A curve of GOST R 34.10-2012.
        Gost = "ECDHE (GOST R 34.10)",
        /// The curve of the Chinese SM2.
        Sm2 = "ECDHE (SM2)",
        /// Diffie-Hellman in a finite field (RFC 7919).
        FiniteField = "FFDHE",
        /// Key encapsulation by ML-KEM alone (FIPS 203).
        MlKem = "KEM (ML-KEM)",
        /// A curve and ML-KEM, both needed to learn the secret.
        Hybrid = "hybrid ECDHE+ML-KEM",
        /// A curve and Kyber, the draft that became ML-KEM.
        HybridKyber = "hybrid ECDHE+Kyber (obsolete)",
        /// A curve whose parameters the peer sends (RFC 4492 §5.1.1).
        Explicit = "explicit",
        /// Reserved to stand for nothing (RFC 8701).
        Grease = "GREASE",
    }
}

/// Names in no row: NIST's with and without the hyphen, those of Windows, and of Bernstein's curves before X25519 named
/// the function over them.
const ALIASES: &[(&str, NamedGroup)] = &[
    ("P-192", NamedGroup::SECP192R1),
    ("P192", NamedGroup::SECP192R1),
    ("NistP192", NamedGroup::SECP192R1),
    ("P-224", NamedGroup::SECP224R1),
    ("P224", NamedGroup::SECP224R1),
    ("NistP224", NamedGroup::SECP224R1),
    ("P-256", NamedGroup::SECP256R1),
    ("P256", NamedGroup::SECP256R1),
    ("NistP256", NamedGroup::SECP256R1),
    ("P-384", NamedGroup::SECP384R1),
    ("P384", NamedGroup::SECP384R1),
    ("NistP384", NamedGroup::SECP384R1),
    ("P-521", NamedGroup::SECP521R1),
    ("P521", NamedGroup::SECP521R1),
    ("NistP521", NamedGroup::SECP521R1),
    ("curve25519", NamedGroup::X25519),
    ("curve448", NamedGroup::X448),
];

impl NamedGroup {
    /// The group that `typed` stands for: its IANA, OpenSSL, NIST or Windows name in any case, or its number as in
    /// `0x001D` or `29`.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        let number = |word: &str| typed::hex_or_decimal(word).map(Self);
        typed::resolve(NameKind::NamedGroup, typed, number, Self::spellings())
    }
}

constants! {
    NamedGroup {
        SECP192R1 = 0x0013,
        SECP224R1 = 0x0015,
        SECP256K1 = 0x0016,
        SECP256R1 = 0x0017,
        SECP384R1 = 0x0018,
        SECP521R1 = 0x0019,
        BRAINPOOLP256R1 = 0x001A,
        BRAINPOOLP384R1 = 0x001B,
        BRAINPOOLP512R1 = 0x001C,
        X25519 = 0x001D,
        X448 = 0x001E,
        BRAINPOOLP256R1TLS13 = 0x001F,
        BRAINPOOLP384R1TLS13 = 0x0020,
        BRAINPOOLP512R1TLS13 = 0x0021,
        FFDHE2048 = 0x0100,
        FFDHE3072 = 0x0101,
        FFDHE4096 = 0x0102,
        FFDHE6144 = 0x0103,
        FFDHE8192 = 0x0104,
        MLKEM512 = 0x0200,
        MLKEM768 = 0x0201,
        MLKEM1024 = 0x0202,
        SECP256R1MLKEM768 = 0x11EB,
        X25519MLKEM768 = 0x11EC,
        SECP384R1MLKEM1024 = 0x11ED,
        X25519KYBER768DRAFT00 = 0x6399,
        SECP256R1KYBER768DRAFT00 = 0x639A,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{assert_same_rows, csv_table, registry_laws};

    registry_laws!(NamedGroup(u16), NamedGroup::parse);

    #[test]
    fn every_row_and_property_agrees_with_the_csv() {
        let ours = NamedGroup::all().iter().map(|row| {
            let size = match (row.bits, row.ml_kem) {
                (Some(bits), Some(ml_kem)) => format!("{bits}+{ml_kem}"),
                (Some(size), None) | (None, Some(size)) => size.to_string(),
                (None, None) => String::new(),
            };
            [
                row.code.hex(),
                row.name.to_owned(),
                row.openssl_name.unwrap_or_default().to_owned(),
                row.kind.to_string(),
                size,
                row.versions.first.spoken(),
                row.versions.last.spoken(),
                row.recommended.to_string(),
                row.reference.to_owned(),
            ]
        });
        let csv = csv_table("iana-groups.csv").into_iter().map(|row| {
            let cell = |column: &str| row[column].clone();
            [
                cell("code"),
                cell("iana_name"),
                cell("openssl_name"),
                cell("kind"),
                // Explicit curves have the size that the peer says.
                if row["size_bits"] == "0" { String::new() } else { cell("size_bits") },
                cell("min_protocol"),
                cell("max_protocol"),
                Recommended::from_cell(&row["recommended"]).to_string(),
                cell("reference"),
            ]
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn only_key_encapsulation_has_an_ml_kem_parameter_set() {
        for row in NamedGroup::all() {
            let encapsulates = matches!(row.kind, GroupKind::MlKem | GroupKind::Hybrid | GroupKind::HybridKyber);
            assert_eq!(row.ml_kem.is_some(), encapsulates, "{}", row.name);
            assert_eq!(
                row.bits.is_some() && encapsulates,
                matches!(row.kind, GroupKind::Hybrid | GroupKind::HybridKyber)
            );
        }
    }

    #[test]
    fn every_form_names_the_same_group() {
        for typed in ["secp256r1", "prime256v1", "P-256", "p256", "NistP256", "nistP256", "0x0017", "0x17", "23"] {
            assert_eq!(NamedGroup::parse(typed), Ok(NamedGroup::SECP256R1), "{typed}");
        }
        for typed in ["x25519", "X25519", "curve25519", "0x001d", "29", "{0x00,0x1D}"] {
            assert_eq!(NamedGroup::parse(typed), Ok(NamedGroup::X25519), "{typed}");
        }
        assert_eq!(NamedGroup::parse("65534"), Ok(NamedGroup(0xFFFE)));
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = NamedGroup::parse("x2559").unwrap_err();
        assert_eq!(error.to_string(), r#"unknown group "x2559": did you mean x25519?"#);
        let error = NamedGroup::parse("P-385").unwrap_err();
        assert_eq!(error.suggestions.first(), Some(&"P-384"));
        let error = NamedGroup::parse("65536").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"unknown group "65536": give its IANA, OpenSSL or NIST name, or its number as in 0x001D or 29"#
        );
    }
}
