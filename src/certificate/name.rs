//! Whether a leaf names the host that a client meant to reach (RFC 9525 §6, which replaced RFC 6125).

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alt_name::AltName;
use super::details::Details;
use super::oid::SUBJECT_ALT_NAME;

/// Where a leaf names a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// In this subject alternative name (`DNS:*.example.com`), as every client demands.
    SubjectAltName(String),
    /// Only in this common name, beside no alternative name of a host. Browsers and curl refuse it (RFC 9110 §4.3.4);
    /// old clients took it (RFC 2818 §3.1), and Windows' own do: `CERT_CHAIN_POLICY_SSL` compares "either the DNS name or
    /// common name" (Microsoft's page on `HTTPSPolicyCallbackData`).
    CommonNameOnly(String),
    /// Not known: the alternative names are there and could not be read, for this reason.
    Unreadable(String),
    /// Nowhere.
    No,
}

/// Tells where `leaf` names `host`, a DNS name or an IP address (`[::1]` as well as `::1`).
///
/// Letters match in either case, and a host's final dot is left out. A wildcard is the whole left-most label and stands
/// for exactly one. Which domains are public suffixes is not known here: `*.com` names `example.com`.
pub fn names_host(leaf: &Details, host: &str) -> NameMatch {
    if let Some(unreadable) = leaf.unreadable_extensions.iter().find(|found| found.extension == SUBJECT_ALT_NAME) {
        return NameMatch::Unreadable(unreadable.why.clone());
    }
    let host = Host::new(host);
    if let Some(name) = leaf.subject_alt_names.iter().find(|name| host.is_named_by(name)) {
        return NameMatch::SubjectAltName(name.to_string());
    }
    let names_a_host = |name: &AltName| matches!(name, AltName::Dns(_) | AltName::Ip(_));
    match &leaf.common_name {
        Some(name) if !leaf.subject_alt_names.iter().any(names_a_host) && host.is_called(name) => {
            NameMatch::CommonNameOnly(name.clone())
        }
        _ => NameMatch::No,
    }
}

/// The host that a client means.
enum Host<'a> {
    Ip(IpAddr),
    Dns(&'a str),
}

impl<'a> Host<'a> {
    fn new(host: &'a str) -> Self {
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match address.parse() {
            Ok(address) => Self::Ip(address),
            Err(_) => Self::Dns(host.strip_suffix('.').unwrap_or(host)),
        }
    }

    /// An address is named by iPAddress alone, and a DNS name by dNSName alone (RFC 9525 §6.3 and §6.4).
    fn is_named_by(&self, name: &AltName) -> bool {
        match (self, name) {
            (Self::Ip(host), AltName::Ip(address)) => host == address,
            (Self::Dns(host), AltName::Dns(pattern)) => stands_for(pattern, host),
            _ => false,
        }
    }

    /// A common name has no form of its own, so it may be either.
    fn is_called(&self, common_name: &str) -> bool {
        match self {
            Self::Ip(host) => common_name.parse() == Ok(*host),
            Self::Dns(host) => stands_for(common_name, host),
        }
    }
}

/// Whether a DNS name, whose left-most label may be a wildcard, stands for a host.
fn stands_for(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && !parent.is_empty() && rest.eq_ignore_ascii_case(parent)),
        None => !host.is_empty() && pattern.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testdata::{certificate, details};
    use super::super::{Certificate, UnreadableExtension};
    use super::*;

    fn san(name: &str) -> NameMatch {
        NameMatch::SubjectAltName(name.to_owned())
    }

    #[test]
    fn a_host_is_found_among_the_alternative_names() {
        let leaf = details("odd/alt-names.pem");
        for (host, found) in [
            ("alt.example.com", san("DNS:alt.example.com")),
            ("ALT.Example.COM", san("DNS:alt.example.com")),
            ("alt.example.com.", san("DNS:alt.example.com")),
            ("www.wild.example.com", san("DNS:*.wild.example.com")),
            ("xn--bcher-kva.wild.example.com", san("DNS:*.wild.example.com")),
            ("192.0.2.7", san("IP:192.0.2.7")),
            ("2001:db8::7", san("IP:2001:db8::7")),
            ("[2001:0db8::7]", san("IP:2001:db8::7")),
            ("wild.example.com", NameMatch::No),
            ("a.b.wild.example.com", NameMatch::No),
            (".wild.example.com", NameMatch::No),
            ("example.com", NameMatch::No),
            ("192.0.2.8", NameMatch::No),
            ("", NameMatch::No),
            (".", NameMatch::No),
        ] {
            assert_eq!(names_host(&leaf, host), found, "{host}");
        }
    }

    #[test]
    fn a_wildcard_is_the_whole_first_label_or_none() {
        for pattern in ["w*.example.com", "www.*.com", "*", "*.", "*example.com", "*.*.com"] {
            assert!(!stands_for(pattern, "www.example.com"), "{pattern}");
        }
        assert!(stands_for("*.com", "example.com"), "public suffixes are not known here");
    }

    #[test]
    fn an_address_written_as_a_dns_name_names_no_address() {
        let mut leaf = details("odd/alt-names.pem");
        leaf.subject_alt_names = vec![AltName::Dns("192.0.2.7".to_owned()), AltName::Dns("*.0.2.7".to_owned())];
        assert_eq!(names_host(&leaf, "192.0.2.7"), NameMatch::No);
    }

    #[test]
    fn the_common_name_counts_only_beside_no_name_of_a_host_and_is_said_to() {
        let cn = |name: &str| NameMatch::CommonNameOnly(name.to_owned());
        let old = details("odd/no-alt-name.pem");
        assert_eq!(names_host(&old, "OLD.example.com"), cn("old.example.com"));
        assert_eq!(names_host(&old, "new.example.com"), NameMatch::No);
        assert_eq!(names_host(&details("odd/alt-name-mail-only.pem"), "mail.example.com"), cn("mail.example.com"));

        let mut leaf = details("odd/alt-names.pem");
        leaf.common_name = Some("other.example.com".to_owned());
        assert_eq!(names_host(&leaf, "other.example.com"), NameMatch::No);

        let mut by_address = details("odd/no-alt-name.pem");
        by_address.common_name = Some("192.0.2.7".to_owned());
        assert_eq!(names_host(&by_address, "192.0.2.7"), cn("192.0.2.7"));
    }

    #[test]
    fn unreadable_alternative_names_are_not_taken_for_none() {
        let mut leaf = details("odd/no-alt-name.pem");
        leaf.unreadable_extensions.push(UnreadableExtension {
            extension: "subjectAltName".to_owned(),
            why: "torn".to_owned(),
            value: "30".to_owned(),
        });
        assert_eq!(names_host(&leaf, "old.example.com"), NameMatch::Unreadable("torn".to_owned()));
    }

    #[test]
    fn ten_thousand_names_are_looked_through_once() {
        let names = (0..10_000).map(|i| format!("host{i}.example.com")).collect::<Vec<_>>();
        let key = rcgen::KeyPair::generate().unwrap();
        let der = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap().der().to_vec();
        let leaf = Certificate::read(&der);
        let leaf = leaf.details().unwrap();
        assert_eq!(leaf.subject_alt_names.len(), 10_000);
        assert_eq!(names_host(leaf, "host9999.example.com"), san("DNS:host9999.example.com"));
    }

    #[test]
    fn update_leafs_name_their_hosts() {
        for (file, host) in [
            ("leafs/api.cdp.microsoft.com-2023.pem", "api.cdp.microsoft.com"),
            ("leafs/api-int.dcat.dsp.mp.microsoft.com-2023.pem", "api-int.dcat.dsp.mp.microsoft.com"),
        ] {
            let leaf = certificate(file);
            assert!(matches!(names_host(leaf.details().unwrap(), host), NameMatch::SubjectAltName(_)), "{file}");
        }
    }
}
