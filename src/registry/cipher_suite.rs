//! `CipherSuite` code points: what each suite is made of, and the names people type for it.

use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::{NamedGroup, Recommended, Versions, code_point};

mod algorithms;
mod rows;

pub use algorithms::{Authentication, Cipher, CipherAlgorithm, CipherMode, KeyExchange, Mac, PrfHash};

code_point! {
    /// `CipherSuite[2]` (RFC 8446 §4.1.2).
    CipherSuite(u16), 4
}

registry!(CipherSuite, CipherSuiteInfo, rows::ROWS, ALIASES);

/// One cipher suite, and what its name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherSuiteInfo {
    /// The value on the wire.
    pub code: CipherSuite,
    /// The name in IANA's registry, or the one its users know it by.
    pub name: &'static str,
    /// The name that OpenSSL has, or had, for it.
    pub openssl_name: Option<&'static str>,
    /// The versions it can be negotiated in.
    pub versions: Versions,
    /// How the pre-master secret is agreed.
    pub key_exchange: KeyExchange,
    /// How the server proves who it is.
    pub authentication: Authentication,
    /// What encrypts the records.
    pub cipher: Cipher,
    /// What protects the records from change.
    pub mac: Mac,
    /// The hash under the PRF, or under HKDF in TLS 1.3.
    pub prf_hash: PrfHash,
    /// IANA's advice.
    pub recommended: Recommended,
    /// Where IANA says it is defined; a suite without one is not in IANA's registry.
    pub reference: Option<&'static str>,
}

impl CipherSuiteInfo {
    /// Whether the suite was weakened on purpose, to be exported from the USA of the 1990s; its name says so.
    pub fn is_export(&self) -> bool {
        self.name.contains("_EXPORT")
    }

    /// Whether recorded traffic stays secret when the server's key is lost; `None` for what is no suite or not known.
    pub fn forward_secrecy(&self) -> Option<bool> {
        self.key_exchange.forward_secrecy()
    }

    fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name).chain(self.openssl_name)
    }
}

/// Names in no row: the SCSVs without their prefix, and 3DES as OpenSSL has called it since 1.1.0.
const ALIASES: &[(&str, CipherSuite)] = &[
    ("EMPTY_RENEGOTIATION_INFO_SCSV", CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV),
    ("FALLBACK_SCSV", CipherSuite::FALLBACK_SCSV),
    ("DHE-DSS-DES-CBC3-SHA", CipherSuite(0x0013)),
    ("DHE-RSA-DES-CBC3-SHA", CipherSuite(0x0016)),
];

/// A cipher suite as a person named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedSuite {
    /// The suite.
    pub suite: CipherSuite,
    /// The group that a Windows name adds to it: `…_P384` stands for secp384r1.
    pub group: Option<NamedGroup>,
}

impl CipherSuite {
    /// The suite that `typed` stands for: its IANA, OpenSSL or Windows name in any case, or its number as in
    /// `0xC030`, `C030`, `0xC0,0x30` or `{0xC0,0x30}`.
    pub fn parse(typed: &str) -> Result<ParsedSuite, UnknownName> {
        if let Some(parsed) = windows_name(typed.trim()) {
            return Ok(parsed);
        }
        let number = |word: &str| typed::hex_or_four_digits(word).map(Self);
        let suite = typed::resolve(NameKind::CipherSuite, typed, number, Self::spellings())?;
        Ok(ParsedSuite { suite, group: None })
    }
}

/// The groups that Windows up to 8.1 and Server 2012 R2 folds into the names of ECDHE suites. On the wire there is one
/// suite, and the group stands in `supported_groups`.
const WINDOWS_SUFFIXES: [(&str, NamedGroup); 3] =
    [("_P256", NamedGroup::SECP256R1), ("_P384", NamedGroup::SECP384R1), ("_P521", NamedGroup::SECP521R1)];

fn windows_name(word: &str) -> Option<ParsedSuite> {
    let word = word.to_ascii_uppercase();
    let (suite, group) = WINDOWS_SUFFIXES.iter().find_map(|&(suffix, group)| {
        let stem = word.strip_suffix(suffix)?;
        CipherSuite::all().iter().find(|row| row.name.eq_ignore_ascii_case(stem)).map(|row| (row, group))
    })?;
    (suite.key_exchange == KeyExchange::Ecdhe).then_some(ParsedSuite { suite: suite.code, group: Some(group) })
}

constants! {
    // The suites of TLS 1.3, those that OpenSSL 3 offers unless told otherwise, and the two signalling values.
    CipherSuite {
        TLS_RSA_WITH_AES_128_CBC_SHA = 0x002F,
        TLS_DHE_RSA_WITH_AES_128_CBC_SHA = 0x0033,
        TLS_RSA_WITH_AES_256_CBC_SHA = 0x0035,
        TLS_DHE_RSA_WITH_AES_256_CBC_SHA = 0x0039,
        TLS_RSA_WITH_AES_128_CBC_SHA256 = 0x003C,
        TLS_RSA_WITH_AES_256_CBC_SHA256 = 0x003D,
        TLS_DHE_RSA_WITH_AES_128_CBC_SHA256 = 0x0067,
        TLS_DHE_RSA_WITH_AES_256_CBC_SHA256 = 0x006B,
        TLS_RSA_WITH_AES_128_GCM_SHA256 = 0x009C,
        TLS_RSA_WITH_AES_256_GCM_SHA384 = 0x009D,
        TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 = 0x009E,
        TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 = 0x009F,
        EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF,
        TLS_AES_128_GCM_SHA256 = 0x1301,
        TLS_AES_256_GCM_SHA384 = 0x1302,
        TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
        TLS_AES_128_CCM_SHA256 = 0x1304,
        TLS_AES_128_CCM_8_SHA256 = 0x1305,
        FALLBACK_SCSV = 0x5600,
        TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA = 0xC009,
        TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA = 0xC00A,
        TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA = 0xC013,
        TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA = 0xC014,
        TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 = 0xC023,
        TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 = 0xC024,
        TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 = 0xC027,
        TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 = 0xC028,
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = 0xC02B,
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = 0xC02C,
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 = 0xC02F,
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = 0xC030,
        TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = 0xCCA8,
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 = 0xCCA9,
        TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = 0xCCAA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{assert_same_rows, csv_table, registry_laws};

    registry_laws!(CipherSuite(u16), |typed: &str| CipherSuite::parse(typed).map(|parsed| parsed.suite));

    /// Where the CSV has a name twice, or a name and a remark. The old FIPS values have the names NSS gave them.
    const NAMES_OF_OUR_OWN: [(u16, &str); 4] = [
        (0xFF02, "GOST-GOST89MAC"),
        (0xFF03, "GOST-GOST89STREAM"),
        (0xFFE0, "SSL_RSA_OLDFIPS_WITH_3DES_EDE_CBC_SHA"),
        (0xFFE1, "SSL_RSA_OLDFIPS_WITH_DES_CBC_SHA"),
    ];

    #[test]
    fn every_row_and_property_agrees_with_the_csv() {
        let ours = CipherSuite::all().iter().map(|row| {
            let property = |word: &dyn ToString| word.to_string();
            [
                row.code.hex(),
                row.name.to_owned(),
                row.openssl_name.unwrap_or_default().to_owned(),
                row.versions.first.spoken(),
                row.versions.last.spoken(),
                property(&row.key_exchange),
                property(&row.authentication),
                property(&row.cipher.algorithm),
                property(&row.cipher.bits),
                property(&row.cipher.mode),
                property(&row.mac),
                property(&row.prf_hash),
                property(&row.recommended),
                row.reference.unwrap_or_default().to_owned(),
            ]
        });
        let csv = csv_table("iana-cipher-suites.csv").into_iter().map(|row| {
            let cell = |column: &str| row[column].clone();
            let own_name = NAMES_OF_OUR_OWN.iter().find(|(code, _)| CipherSuite(*code).hex() == row["code"]);
            // The later of the two columns speaks where it can.
            let recommended = match &*row["recommended_rfc8447bis_draft"] {
                "" => &row["recommended_iana_2022"],
                later => later,
            };
            [
                cell("code"),
                own_name.map_or_else(|| cell("iana_name"), |(_, name)| (*name).to_owned()),
                cell("openssl_name"),
                cell("min_protocol"),
                cell("max_protocol"),
                cell("key_exchange"),
                cell("authentication"),
                cell("cipher"),
                if row["effective_key_bits"].is_empty() { "0".to_owned() } else { cell("effective_key_bits") },
                cell("mode"),
                cell("mac"),
                cell("prf_hash"),
                Recommended::from_cell(recommended).to_string(),
                cell("reference"),
            ]
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn export_and_forward_secrecy_follow_from_the_row() {
        let ours = CipherSuite::all().iter().map(|row| (row.code.hex(), row.is_export(), row.forward_secrecy()));
        let csv = csv_table("iana-cipher-suites.csv").into_iter().map(|row| {
            let forward_secrecy = match &*row["forward_secrecy"] {
                "yes" | "yes(except psk_ke)" => Some(true),
                "no" => Some(false),
                _ => None,
            };
            (row["code"].clone(), row["export"] == "yes", forward_secrecy)
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn a_suite_without_a_reference_is_not_in_ianas_registry() {
        for row in csv_table("iana-cipher-suites.csv") {
            let listed = !row["registry_status"].starts_with("not in IANA registry");
            assert_eq!(listed, !row["reference"].is_empty(), "{}", row["iana_name"]);
        }
    }

    #[test]
    fn every_form_names_the_same_suite() {
        for typed in [
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "tls_ecdhe_rsa_with_aes_256_gcm_sha384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ecdhe-rsa-aes256-gcm-sha384",
            "0xC030",
            "0xc030",
            "C030",
            "c030",
            "0xc0,0x30",
            "{0xC0,0x30}",
            "  0xC030 ",
        ] {
            let suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;
            assert_eq!(CipherSuite::parse(typed), Ok(ParsedSuite { suite, group: None }), "{typed}");
        }
    }

    #[test]
    fn every_windows_name_is_its_suite_and_its_group() {
        let names = csv_table("windows-suffix-names.csv");
        assert_eq!(names.len(), 28);
        for row in names {
            let parsed = CipherSuite::parse(&row["suffixed_name"]).unwrap();
            assert_eq!(parsed.suite.hex(), row["code"]);
            assert_eq!(parsed.suite.name(), Some(&*row["iana_name"]));
            let group = parsed.group.unwrap();
            assert_eq!(group.hex(), row["group_code"]);
            assert_eq!(group.name(), Some(&*row["curve"]));
            assert_eq!(CipherSuite::parse(&row["suffixed_name"].to_ascii_lowercase()), Ok(parsed));
        }
    }

    #[test]
    fn only_ecdhe_suites_take_a_windows_suffix() {
        let unknown = CipherSuite::parse("TLS_RSA_WITH_AES_128_CBC_SHA_P256").unwrap_err();
        assert_eq!(unknown.suggestions.first(), Some(&"TLS_RSA_WITH_AES_128_CBC_SHA256"));
        assert!(CipherSuite::parse("C030_P256").is_err());
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = CipherSuite::parse("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA").unwrap_err();
        assert!(
            error.to_string().starts_with(
                "unknown cipher suite \"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA\": \
                 did you mean TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "
            ),
            "{error}"
        );
        let error = CipherSuite::parse("ECDHE-RSA-AES-256-GCM-SHA384").unwrap_err();
        assert_eq!(error.suggestions.first(), Some(&"ECDHE-RSA-AES256-GCM-SHA384"));
        let error = CipherSuite::parse("ECDHE-RSA-AES256-GCM").unwrap_err();
        assert_eq!(error.suggestions.first(), Some(&"ECDHE-RSA-AES256-GCM-SHA384"));
    }

    #[test]
    fn what_resembles_nothing_is_told_what_would_do() {
        for typed in ["", "0x12345", "47", "!!"] {
            assert_eq!(
                CipherSuite::parse(typed).unwrap_err().to_string(),
                format!(
                    "unknown cipher suite {typed:?}: give its IANA, OpenSSL or Windows name, or its number as in 0xC030"
                )
            );
        }
    }

    #[test]
    fn a_suite_nobody_registered_prints_as_its_number() {
        assert_eq!(CipherSuite(0x9999).to_string(), "0x9999");
        assert_eq!(serde_json::to_string(&CipherSuite(0x9999)).unwrap(), r#""0x9999""#);
        assert!(serde_json::from_str::<CipherSuite>(r#""0x99999""#).is_err());
        assert!(serde_json::from_str::<CipherSuite>(r#""TLS_NO_SUCH_SUITE""#).is_err());
    }
}
