//! Values as a person types them, one parser each. A parser's error says what would have been right.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::list::{List, list};
use crate::cli::message::any_of;
use crate::handshake::SHARE_GROUPS;
use crate::profile::{self, Profile};
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ParsedSuite, ProtocolVersion};
use crate::target::Host;

/// `--at`: a moment, or the beginning of a day, in UTC.
pub(super) fn time(text: &str) -> Result<OffsetDateTime, String> {
    let day = || Date::parse(text, format_description!("[year]-[month]-[day]")).map(|day| day.midnight().assume_utc());
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| day())
        .map_err(|_| "give a time as 2026-11-22T12:00:00Z, or a day as 2026-11-22".to_owned())
}

/// `--concurrency` and its like.
pub(super) fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=1_000_000).contains(number))
        .ok_or_else(|| "give a number from 1 to 1000000".to_owned())
}

/// `--rate`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let is_rate = |rate: &f64| (0.001..=1_000_000.0).contains(rate);
    text.parse().ok().filter(is_rate).ok_or_else(|| "give targets a second, as 100 or 0.5".to_owned())
}

/// `--get`.
pub(super) fn request_path(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && text.bytes().all(|octet| octet.is_ascii_graphic());
    if is_path { Ok(text.to_owned()) } else { Err("give a path as /selfupdate/wuident.cab".to_owned()) }
}

/// `--cmg-id`: as a path has it.
pub(super) fn decimal(text: &str) -> Result<String, String> {
    let is_decimal = (1..=20).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
    if is_decimal { Ok(text.to_owned()) } else { Err("give a decimal number as 72057594037928017".to_owned()) }
}

/// `--profile`.
pub(super) fn profile(text: &str) -> Result<&'static Profile, String> {
    profile::find(text).map_err(|error| error.to_string())
}

/// `--tls`: a version that an offer can have as its highest.
pub(super) fn highest_version(text: &str) -> Result<ProtocolVersion, String> {
    let version = ProtocolVersion::parse(text).map_err(|error| error.to_string())?;
    if (ProtocolVersion::SSL3..=ProtocolVersion::TLS1_3).contains(&version) {
        Ok(version)
    } else {
        Err("give 1.0, 1.1, 1.2, 1.3 or ssl3; any other version can stand in --supported-versions".to_owned())
    }
}

/// `--ciphers`.
pub(super) fn cipher_suites(text: &str) -> Result<List<ParsedSuite>, String> {
    if let Some((high, low)) = bare_byte_pair(text) {
        return Err(format!("{high},{low} may be one suite or two: write {{{high},{low}}}, or four digits"));
    }
    list(CipherSuite::parse)(text)
}

/// Two neighbours of a list that look like the two bytes of one suite, as `openssl ciphers -V` prints them.
fn bare_byte_pair(text: &str) -> Option<(&str, &str)> {
    let is_byte = |word: &str| word.len() == 4 && word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"));
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    words.windows(2).find_map(|pair| match pair {
        [high, low] if is_byte(high) && is_byte(low) => Some((*high, *low)),
        _ => None,
    })
}

/// `--key-shares`: groups that a share can be made for, or `none`.
pub(super) fn key_shares(text: &str) -> Result<List<NamedGroup>, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(List(Vec::new()));
    }
    list(|word: &str| {
        let group = NamedGroup::parse(word).map_err(|error| error.to_string())?;
        if SHARE_GROUPS.contains(&group) {
            return Ok(group);
        }
        let groups: Vec<&str> = SHARE_GROUPS.iter().filter_map(|group| group.name()).collect();
        Err(format!("no key share can be made for {group}: give {}, or none", any_of(&groups)))
    })(text)
}

/// One item of `--alpn`: a protocol's name, or its bytes in hex.
pub(super) fn protocol(word: &str) -> Result<Vec<u8>, String> {
    // `opaque ProtocolName<1..2^8-1>` (RFC 7301 §3.1).
    let name = match word.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).map_err(|error| format!("{word:?} is not bytes in hex: {error}"))?,
        None => word.as_bytes().to_vec(),
    };
    match name.len() {
        1..=255 => Ok(name),
        length => Err(format!("a protocol's name has 1 to 255 bytes, this one {length}")),
    }
}

/// An extension's type and body, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ExtensionBytes {
    pub(in crate::cli) extension_type: ExtensionType,
    pub(in crate::cli) body: Vec<u8>,
}

/// `--extension TYPE:HEX`.
pub(super) fn extension_bytes(text: &str) -> Result<ExtensionBytes, String> {
    let (name, digits) = text.split_once(':').ok_or("the form is TYPE:HEX, as in 0xABCD:0102; HEX may be empty")?;
    let extension_type = ExtensionType::parse(name).map_err(|error| error.to_string())?;
    let body = hex::decode(digits).map_err(|error| format!("{digits:?} is not bytes in hex: {error}"))?;
    Ok(ExtensionBytes { extension_type, body })
}

/// `--sni`: a host name in its ASCII form, or any address as it stands.
pub(super) fn server_name(text: &str) -> Result<String, String> {
    text.parse::<Host>().map(|host| host.to_string()).map_err(|error| error.to_string())
}

/// `--dns SERVER[:PORT]`.
pub(super) fn dns_server(text: &str) -> Result<SocketAddr, String> {
    const PORT: u16 = 53;
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let at_port = text.parse::<SocketAddr>().ok().filter(|server| server.port() != 0);
    at_port
        .or_else(|| text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, PORT)))
        .or_else(|| bracketed().map(|address| SocketAddr::new(address.into(), PORT)))
        .ok_or_else(|| "give an IP address, as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353".to_owned())
}

/// The longest wait that can be asked for: a week.
const LONGEST_WAIT: f64 = 7.0 * 24.0 * 3600.0;

/// Any of the waits, in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=LONGEST_WAIT).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("give seconds from 0.001 to {LONGEST_WAIT}, as in 5 or 2.5")),
    }
}

/// A pause, in seconds, which may be none.
pub(super) fn pause(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST_WAIT).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("give seconds from 0 to {LONGEST_WAIT}, as in 1 or 0.25")),
    }
}

/// `--repeat`: every exchange is kept until the report is written.
pub(super) fn repetitions(text: &str) -> Result<usize, String> {
    const MOST: usize = 100_000;
    match text.parse() {
        Ok(times) if (1..=MOST).contains(&times) => Ok(times),
        _ => Err(format!("give a number from 1 to {MOST}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_takes_the_versions_that_an_offer_can_lead_with() {
        for (text, version) in [
            ("ssl3", ProtocolVersion::SSL3),
            ("1.0", ProtocolVersion::TLS1_0),
            ("TLSv1.1", ProtocolVersion::TLS1_1),
            ("1.2", ProtocolVersion::TLS1_2),
            ("1.3", ProtocolVersion::TLS1_3),
        ] {
            assert_eq!(highest_version(text), Ok(version));
        }
        assert!(highest_version("ssl2").unwrap_err().contains("give 1.0"));
        assert!(highest_version("1.4").unwrap_err().contains("unknown protocol version"));
    }

    #[test]
    fn suites_come_in_every_spelling_in_one_list() {
        let List(suites) = cipher_suites("{0xC0,0x30},AES128-SHA,TLS_RSA_WITH_AES_256_CBC_SHA,0xc02f").unwrap();
        let codes: Vec<u16> = suites.iter().map(|parsed| parsed.suite.0).collect();
        assert_eq!(codes, [0xC030, 0x002F, 0x0035, 0xC02F]);
    }

    #[test]
    fn two_bytes_without_braces_are_not_guessed_at() {
        let error = cipher_suites("AES128-SHA,0xC0,0x30").unwrap_err();
        assert_eq!(error, "0xC0,0x30 may be one suite or two: write {0xC0,0x30}, or four digits");
    }

    #[test]
    fn key_shares_are_limited_to_groups_that_one_can_be_made_for() {
        assert_eq!(key_shares("x25519,P-256"), Ok(List(vec![NamedGroup::X25519, NamedGroup::SECP256R1])));
        assert_eq!(key_shares("none"), Ok(List(Vec::new())));
        let error = key_shares("x448").unwrap_err();
        assert!(error.starts_with("no key share can be made for x448: give "), "{error}");
        assert!(error.contains("X25519MLKEM768") && error.ends_with(", or none"), "{error}");
    }

    #[test]
    fn a_protocol_is_its_name_or_its_bytes() {
        assert_eq!(protocol("h2"), Ok(b"h2".to_vec()));
        assert_eq!(protocol("0x0a0a"), Ok(vec![0x0A, 0x0A]));
        assert!(protocol("0x0").is_err());
        assert!(protocol(&"a".repeat(256)).unwrap_err().contains("this one 256"));
    }

    #[test]
    fn an_extension_is_a_type_and_hex() {
        let parsed = |text| extension_bytes(text).map(|extension| (extension.extension_type.0, extension.body));
        assert_eq!(parsed("0xABCD:0102"), Ok((0xABCD, vec![1, 2])));
        assert_eq!(parsed("ALPN:"), Ok((16, Vec::new())));
        assert!(parsed("23").unwrap_err().contains("TYPE:HEX"));
        assert!(parsed("23:0").unwrap_err().contains("not bytes in hex"));
        assert!(parsed("heartbeet:00").unwrap_err().contains("did you mean heartbeat?"));
    }

    #[test]
    fn a_server_name_is_sent_in_its_ascii_form() {
        assert_eq!(server_name("Bücher.example").as_deref(), Ok("xn--bcher-kva.example"));
        assert_eq!(server_name("192.0.2.1").as_deref(), Ok("192.0.2.1"));
        assert!(server_name("a b").is_err());
    }

    #[test]
    fn a_resolver_is_an_address_with_or_without_a_port() {
        let server = |text| dns_server(text).map(|server| server.to_string());
        assert_eq!(server("192.0.2.53").as_deref(), Ok("192.0.2.53:53"));
        assert_eq!(server("192.0.2.53:5353").as_deref(), Ok("192.0.2.53:5353"));
        assert_eq!(server("[2001:db8::53]:5353").as_deref(), Ok("[2001:db8::53]:5353"));
        assert_eq!(server("[2001:db8::53]").as_deref(), Ok("[2001:db8::53]:53"));
        assert_eq!(server("2001:db8::53").as_deref(), Ok("[2001:db8::53]:53"));
        for text in ["dns.example", "192.0.2.53:0", "192.0.2.53:70000", ""] {
            assert!(dns_server(text).is_err(), "{text}");
        }
    }

    #[test]
    fn waits_are_seconds_above_nothing_and_below_a_week() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        assert_eq!(seconds("604800"), Ok(Duration::from_hours(7 * 24)));
        for text in ["0", "-1", "604801", "inf", "NaN", "5s", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
