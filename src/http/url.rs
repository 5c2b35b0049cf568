//! An `http` URL (RFC 9110 §4.2.1), as certificates name them.

use std::fmt;
use std::net::IpAddr;

use crate::target::{Host, authority};

/// Where something is to be had by plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl {
    /// The host.
    pub host: Host,
    /// The port; 80 unless said.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

impl HttpUrl {
    /// Reads a URL that somebody else wrote: `None` for another scheme, and for anything that could not stand in a
    /// request as it is.
    pub fn parse(url: &str) -> Option<Self> {
        if url.len() > 2048 || !url.bytes().all(|octet| octet.is_ascii_graphic()) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (place, path) = match rest.find(['/', '?']) {
            Some(end) => rest.split_at_checked(end)?,
            None => (rest, ""),
        };
        if place.contains('@') {
            return None;
        }
        let (host, port) = authority(place)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Some(Self { host, port: port.unwrap_or(80), path })
    }

    /// Where a `Location` leads from here (RFC 9110 §10.2.2), in whatever scheme.
    pub fn join(&self, location: &str) -> String {
        let here = format!("http://{}", self.authority());
        if location.split(['/', '?', '#']).next().is_some_and(|start| start.ends_with(':')) {
            return location.to_owned();
        }
        if let Some(place) = location.strip_prefix("//") {
            return format!("http://{place}");
        }
        if location.starts_with('/') {
            return here + location;
        }
        let path = self.path.split('?').next().unwrap_or_default();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{here}{folder}/{location}")
    }

    /// `host`, or `host:port` where the port is not 80.
    pub fn authority(&self) -> String {
        let host = match self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            ref host => host.to_string(),
        };
        if self.port == 80 { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_certificates_are_read() {
        for (url, read) in [
            ("http://pki.test/a%20b.crl", "http://pki.test/a%20b.crl"),
            ("HTTP://PKI.test:80", "http://pki.test/"),
            ("http://pki.test:8080/a?b#c", "http://pki.test:8080/a?b"),
            ("http://pki.test?b", "http://pki.test/?b"),
            ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ] {
            assert_eq!(HttpUrl::parse(url).unwrap().to_string(), read, "{url}");
        }
    }

    #[test]
    fn a_redirect_leads_to_another_place_or_another_path() {
        let from = HttpUrl::parse("http://pki.test:8080/a/b.crl?c").unwrap();
        for (location, to) in [
            ("http://cdn.test/x", "http://cdn.test/x"),
            ("https://cdn.test/x", "https://cdn.test/x"),
            ("//cdn.test/x", "http://cdn.test/x"),
            ("/x", "http://pki.test:8080/x"),
            ("x.crl", "http://pki.test:8080/a/x.crl"),
        ] {
            assert_eq!(from.join(location), to, "{location}");
        }
    }

    #[test]
    fn other_schemes_and_what_would_break_a_request_are_refused() {
        for url in [
            "ldap:///CN=x",
            "https://pki.test/a",
            "file://server/share",
            "http://",
            "http://user@pki.test/",
            "http://pki.test/a b",
            "http://pki.test/a\r\nX: y",
            "http://pki.test:99999/",
            "pki.test/a",
        ] {
            assert_eq!(HttpUrl::parse(url), None, "{url}");
        }
    }
}
