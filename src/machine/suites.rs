//! The suite names that each Windows Server knows, and what a policy's list of them becomes on the wire.
//!
//! Up to Server 2012 R2 a name holds a suite and a curve. On the wire each suite stands once, at the place of its
//! first name, and the curves go into `supported_groups`. Folding the documented default lists that way gives the
//! captured hellos byte for byte. A name that the system does not know is passed over.

use super::OperatingSystem;
use crate::registry::{CipherSuite, NamedGroup, ParsedSuite};

/// What a list of names comes to on one system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuiteList {
    /// The suites in order, each once.
    pub suites: Vec<CipherSuite>,
    /// The curves in order, each once; empty on systems that have a list of their own for them.
    pub groups: Vec<NamedGroup>,
    /// The names that are passed over, each with the reason.
    pub ignored: Vec<String>,
}

/// The suite of a name as Windows writes it, with a curve or without. [`CipherSuite::parse`] is for people: it takes more
/// spellings, and time to look for what was meant.
pub(super) fn named(name: &str) -> Option<ParsedSuite> {
    let name = name.to_ascii_uppercase();
    if let Some(suite) = CipherSuite::from_name(&name) {
        return Some(ParsedSuite { suite, group: None });
    }
    let curves = [("_P256", NamedGroup::SECP256R1), ("_P384", NamedGroup::SECP384R1), ("_P521", NamedGroup::SECP521R1)];
    curves.into_iter().find_map(|(curve, group)| {
        let suite = CipherSuite::from_name(name.strip_suffix(curve)?)?;
        Some(ParsedSuite { suite, group: Some(group) })
    })
}

/// What these names come to on this system.
pub fn fold(names: &[String], system: OperatingSystem) -> SuiteList {
    let mut list = SuiteList::default();
    for name in names {
        let Some(parsed) = named(name) else {
            list.ignored.push(format!("{name}: no cipher suite"));
            continue;
        };
        let known = if system.names_curves_in_suites() {
            support(name, system)
        } else {
            // A curve in the name does no harm here, so that one policy can serve all systems.
            parsed.suite.name().and_then(|name| support(name, system))
        };
        if known.is_none() {
            list.ignored.push(why_ignored(name, parsed.suite, system));
            continue;
        }
        if !list.suites.contains(&parsed.suite) {
            list.suites.push(parsed.suite);
        }
        if let Some(group) = parsed.group
            && system.names_curves_in_suites()
            && !list.groups.contains(&group)
        {
            list.groups.push(group);
        }
    }
    list
}

fn why_ignored(name: &str, suite: CipherSuite, system: OperatingSystem) -> String {
    let with_curve = ["_P256", "_P384"].iter().any(|curve| support(&format!("{suite}{curve}"), system).is_some());
    let system = system.name();
    if with_curve {
        format!("{name}: {system} knows it only with a curve, as in {suite}_P384")
    } else {
        format!("{name}: {system} does not have it")
    }
}

/// Whether `SCH_USE_STRONG_CRYPTO` takes a suite off the list of this system.
pub(super) fn refused_by_strong_crypto(suite: CipherSuite, system: OperatingSystem) -> bool {
    let of_suite = |name: &str| named(name).is_some_and(|parsed| parsed.suite == suite);
    ROWS.iter().any(|(name, columns)| {
        of_suite(name) && matches!(cell(columns, system), Some(Support::WeakDefault | Support::Weak))
    })
}

/// The suites that a caller without `SCH_USE_STRONG_CRYPTO` offers besides, in the order in which they end the
/// documented lists.
pub(super) fn added_without_strong_crypto(system: OperatingSystem) -> impl Iterator<Item = CipherSuite> {
    const LAST: [&str; 3] = ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5"];
    LAST.into_iter()
        .filter(move |name| support(name, system) == Some(Support::WeakDefault))
        .filter_map(CipherSuite::from_name)
}

/// How a system has a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Support {
    /// In its default list.
    Default,
    /// The same, unless the caller passes `SCH_USE_STRONG_CRYPTO`.
    WeakDefault,
    /// When a policy lists it.
    Listed,
    /// The same, unless the caller passes `SCH_USE_STRONG_CRYPTO`.
    Weak,
}

fn support(name: &str, system: OperatingSystem) -> Option<Support> {
    let (_, columns) = ROWS.iter().find(|(row, _)| row.eq_ignore_ascii_case(name))?;
    cell(columns, system)
}

fn cell(columns: &str, system: OperatingSystem) -> Option<Support> {
    let place = OperatingSystem::ALL.iter().position(|other| *other == system)?;
    match columns.as_bytes().get(place)? {
        b'D' => Some(Support::Default),
        b'd' => Some(Support::WeakDefault),
        b'S' => Some(Support::Listed),
        b's' => Some(Support::Weak),
        _ => None,
    }
}

/// Name, and a letter for each of 2008 R2, 2012, 2012 R2, 2016, 2019, 2022, 2025: `D` in the default list, `S` known
/// besides, in lower case where `SCH_USE_STRONG_CRYPTO` takes it off. From MicrosoftDocs/win32 at commit 47e64c18,
/// `tls-cipher-suites-in-windows-*.md`. Suites that go out only when the application names them (NULL, PSK, SSL 2.0)
/// are left out.
#[rustfmt::skip]
const ROWS: &[(&str, &str)] = &[
    ("TLS_AES_128_GCM_SHA256", ".....DD"),
    ("TLS_AES_256_GCM_SHA384", ".....DD"),
    ("TLS_CHACHA20_POLY1305_SHA256", ".....SS"),
    ("TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA", "SSSssss"),
    ("TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA", "DDDDSss"),
    ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA", "DDDDSSS"),
    ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", "DDDDSSS"),
    ("TLS_DHE_DSS_WITH_AES_256_CBC_SHA", "DDDDSSS"),
    ("TLS_DHE_DSS_WITH_AES_256_CBC_SHA256", "DDDDSSS"),
    ("TLS_DHE_DSS_WITH_DES_CBC_SHA", "SSSssss"),
    ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "D.DDSSS"),
    ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DDDDDDS"),
    ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "D.DDSSS"),
    ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "DDDDDDs"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256_P256", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256_P521", "SSS...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA_P256", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA_P521", "SSS...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256_P256", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256_P521", "SSS...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384_P521", "SSS...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA_P256", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA_P521", "SSS...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "...DDDD"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384_P384", "DDD...."),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384_P521", "SSS...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "...DDDD"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "...DDDD"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P256", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P384", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P521", "SSS...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA_P256", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA_P384", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA_P521", "SSS...."),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "...DDDD"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "...DDDD"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "...DDDD"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P521", "SSS...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P256", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P384", "DDD...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P521", "SSS...."),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "...DDDD"),
    ("TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA", "SSSssss"),
    ("TLS_RSA_EXPORT1024_WITH_RC4_56_SHA", "sssssss"),
    ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "sssssss"),
    ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "DDDDDds"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", "DDDDDDD"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA256", "DDDDDDD"),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "DDDDDDD"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", "DDDDDDD"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA256", "DDDDDDD"),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", "DDDDDDD"),
    ("TLS_RSA_WITH_DES_CBC_SHA", "SSSssss"),
    ("TLS_RSA_WITH_NULL_MD5", "SSSssss"),
    ("TLS_RSA_WITH_RC4_128_MD5", "ddddsss"),
    ("TLS_RSA_WITH_RC4_128_SHA", "ddddsss"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use OperatingSystem::{Server2012R2, Server2016, Server2022};

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[derive(serde::Deserialize)]
    struct Documented {
        system: String,
        name: String,
        code: String,
        default_place: String,
        allowed_with_strong_crypto: String,
        only_on_application_request: String,
    }

    fn documented() -> Vec<Documented> {
        let table = include_str!("../../testdata/machines/documented-suites.csv");
        csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
    }

    #[test]
    fn the_table_is_the_documented_one() {
        let mut cells = 0;
        for row in documented() {
            let system = OperatingSystem::parse(&row.system).unwrap();
            let sent = row.only_on_application_request == "no" && !row.name.starts_with("SSL_CK");
            let expected = match (sent, row.default_place.is_empty(), &*row.allowed_with_strong_crypto) {
                (false, ..) => None,
                (true, false, "yes") => Some(Support::Default),
                (true, false, _) => Some(Support::WeakDefault),
                (true, true, "yes") => Some(Support::Listed),
                (true, true, _) => Some(Support::Weak),
            };
            assert_eq!(support(&row.name, system), expected, "{} on {}", row.name, row.system);
            if sent {
                assert_eq!(named(&row.name).unwrap().suite.hex(), row.code, "{}", row.name);
                assert_eq!(named(&row.name), CipherSuite::parse(&row.name).ok());
                cells += 1;
            }
        }
        let ours: usize = ROWS.iter().map(|(_, columns)| columns.bytes().filter(|cell| *cell != b'.').count()).sum();
        assert_eq!(ours, cells);
    }

    #[test]
    fn the_default_lists_fold_to_the_order_seen_on_the_wire() {
        let table = include_str!("../../testdata/machines/derived-wire-order.csv");
        let mut lists = 0;
        for line in table.lines().skip(1) {
            let [system, strong_crypto, expected] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            let of_system = documented().into_iter().filter(|row| row.system == system);
            let default: Vec<String> = of_system
                .filter(|row| !row.default_place.is_empty() && row.only_on_application_request == "no")
                .filter(|row| !row.name.starts_with("SSL_CK"))
                .map(|row| row.name)
                .collect();
            let system = OperatingSystem::parse(system).unwrap();
            let mut list = fold(&default, system);
            assert!(list.ignored.is_empty(), "{:?}", list.ignored);
            if strong_crypto == "on" {
                list.suites.retain(|suite| !refused_by_strong_crypto(*suite, system));
            }
            let codes: Vec<String> = list.suites.iter().map(|suite| suite.hex()).collect();
            assert_eq!(codes.join(" "), expected, "{line}");
            lists += 1;
        }
        assert_eq!(lists, 14);
    }

    #[test]
    fn a_suite_stands_once_and_its_curves_become_groups() {
        let list = fold(
            &names(&[
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384",
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256",
            ]),
            Server2012R2,
        );
        assert_eq!(list.suites, [CipherSuite(0xC028), CipherSuite(0x002F)]);
        assert_eq!(list.groups, [NamedGroup::SECP384R1, NamedGroup::SECP256R1]);
    }

    #[test]
    fn names_without_a_curve_mean_nothing_up_to_server_2012_r2() {
        let list = fold(&names(&["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"]), Server2012R2);
        assert!(list.suites.is_empty());
        assert_eq!(
            list.ignored,
            ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384: Windows Server 2012 R2 knows it only with a curve, as in \
              TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384"]
        );
    }

    #[test]
    fn a_name_with_a_curve_is_its_suite_on_later_systems() {
        let list = fold(&names(&["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384"]), Server2016);
        assert_eq!(list.suites, [CipherSuite(0xC028)]);
        assert!(list.groups.is_empty());
    }

    #[test]
    fn suites_that_a_system_lacks_are_passed_over() {
        let list = fold(&names(&["TLS_AES_128_GCM_SHA256", "NONSENSE", "TLS_RSA_WITH_NULL_SHA256"]), Server2016);
        assert!(list.suites.is_empty());
        assert_eq!(
            list.ignored,
            [
                "TLS_AES_128_GCM_SHA256: Windows Server 2016 does not have it",
                "NONSENSE: no cipher suite",
                "TLS_RSA_WITH_NULL_SHA256: Windows Server 2016 does not have it",
            ]
        );
    }

    #[test]
    fn callers_without_strong_crypto_offer_rc4_or_3des_besides() {
        let added = |system| added_without_strong_crypto(system).map(|suite| suite.0).collect::<Vec<_>>();
        assert_eq!(added(Server2016), [0x0005, 0x0004]);
        assert_eq!(added(Server2022), [0x000A]);
        assert!(refused_by_strong_crypto(CipherSuite(0x0005), Server2016));
        assert!(!refused_by_strong_crypto(CipherSuite(0xC030), Server2016));
    }
}
