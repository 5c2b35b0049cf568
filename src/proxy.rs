//! A proxy to connect through, and which targets go through it.
//!
//! Values alone: the environment is handed in as a map, WinHTTP's setting as its text. A proxy's own text form leaves
//! its credentials out, and they have none themselves ([`Credentials`]), so that no report, log or error can carry them.

mod choice;
mod credentials;
mod environment;
mod no_proxy;
mod options;
mod winhttp;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

pub use choice::{ProxyChoice, RouteSource};
pub use credentials::Credentials;
pub use environment::{EnvironmentError, EnvironmentProxies};
pub use no_proxy::NoProxy;
pub use options::{AuthChoice, AuthScheme, ConnectBy, HttpVersion, Kdc, ProxyOptions, ProxyTrust};
pub use winhttp::{WinHttpError, WinHttpProxies};

use crate::target::{Host, authority};

/// One proxy: how to speak to it, where it is, and who we are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// How to speak to it.
    pub scheme: ProxyScheme,
    /// Its name or address.
    pub host: Host,
    /// Its TCP port.
    pub port: u16,
    /// The user name and password that its URL carried.
    pub credentials: Option<Credentials>,
}

/// How to speak to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyScheme {
    /// HTTP's CONNECT (RFC 9110 §9.3.6).
    Http,
    /// CONNECT inside TLS to the proxy.
    Https,
    /// SOCKS 5 (RFC 1928) to an address that we looked up.
    Socks5,
    /// SOCKS 5 to a name that the proxy looks up.
    Socks5h,
}

impl ProxyScheme {
    /// The word before `://`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// The port of a URL that names none, as curl has it.
    fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http | Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

impl FromStr for ProxyScheme {
    type Err = ProxyError;

    fn from_str(word: &str) -> Result<Self, ProxyError> {
        let schemes = [Self::Http, Self::Https, Self::Socks5, Self::Socks5h];
        schemes.into_iter().find(|scheme| scheme.word().eq_ignore_ascii_case(word)).ok_or(ProxyError::Scheme)
    }
}

impl Proxy {
    /// Reads `[scheme://][user:password@]host[:port]` as curl does: the scheme is `http` unless said, the port 1080
    /// (443 for `https`), percent signs in user name and password are undone, and what follows a slash is passed over.
    ///
    /// The last `@` ends the user's part: in a password that was not encoded it is a letter like any other.
    pub fn parse(url: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = match url.trim().split_once("://") {
            Some((scheme, rest)) => (scheme.parse()?, rest),
            None => (ProxyScheme::Http, url.trim()),
        };
        let (user_info, place) = match rest.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info), place),
            None => (None, rest),
        };
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority(place).ok_or(ProxyError::Place)?;
        let port = port.unwrap_or(scheme.default_port());
        Ok(Self { scheme, host, port, credentials: user_info.map(credentials) })
    }
}

/// The user's part of a URL (RFC 3986 §3.2.1).
fn credentials(user_info: &str) -> Credentials {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Credentials::new(decode(user), decode(password))
}

/// `scheme://host:port`: all of it but the credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = (self.scheme.word(), self.port);
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "{scheme}://[{address}]:{port}"),
            host => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

/// A proxy's URL that can't be understood. It is not repeated, nor any part of it: a password may be in any part of a
/// URL that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// What stands before `://` is no way to speak to a proxy.
    #[error("the proxy's scheme is not known here: give http://, https:// or socks5h://")]
    Scheme,
    /// What follows the scheme and the user's part is not `host:port`.
    #[error(
        "the proxy's URL names no host and port: give http://[user:password@]host:port, [brackets] around an IPv6 \
         address, and %40, %3A and %2F for the signs @ : / in user name and password"
    )]
    Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        Proxy::parse(url).unwrap().to_string()
    }

    #[test]
    fn a_proxy_is_read_in_every_form_that_curl_reads() {
        assert_eq!(shown("http://proxy.example.net:3128"), "http://proxy.example.net:3128");
        assert_eq!(shown("HTTPS://Proxy.Example.net:8443/"), "https://proxy.example.net:8443");
        assert_eq!(shown("socks5h://[2001:db8::1]:1080"), "socks5h://[2001:db8::1]:1080");
        assert_eq!(shown("socks5://192.0.2.1:9050"), "socks5://192.0.2.1:9050");
        assert_eq!(shown(" proxy:8080/path?query "), "http://proxy:8080");
        assert_eq!(shown("proxy"), "http://proxy:1080");
        assert_eq!(shown("https://proxy"), "https://proxy:443");
    }

    #[test]
    fn user_and_password_are_decoded_and_split_at_the_last_at_sign() {
        let of = |url: &str| Proxy::parse(url).unwrap().credentials.unwrap();
        assert_eq!(of("http://bob:secret@proxy:3128"), Credentials::new("bob", "secret"));
        assert_eq!(of("http://CORP%5Cbob:p%40ss%3A%25@proxy:3128"), Credentials::new("CORP\\bob", "p@ss:%"));
        assert_eq!(of("http://bob:p@ss:w/rd@proxy:3128"), Credentials::new("bob", "p@ss:w/rd"));
        assert_eq!(of("bob@proxy:3128"), Credentials::new("bob", ""));
        assert_eq!(Proxy::parse("http://proxy:3128").unwrap().credentials, None);
    }

    #[test]
    fn no_text_form_of_a_proxy_has_its_credentials_in_it() {
        let proxy = Proxy::parse("http://bobby:hunter2@proxy:3128").unwrap();
        for text in [proxy.to_string(), format!("{proxy:?}"), format!("{proxy:#?}")] {
            assert!(text.contains("proxy"), "{text}");
            assert!(!text.contains("bobby") && !text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_bad_url_is_named_without_being_repeated() {
        for url in [
            "ftp://bobby:hunter2@proxy:21",
            "bobby:hunter2://proxy",
            "http://bobby:hunter2",
            "http://bobby:hunter2@",
            "http://bobby:hunter2@proxy:hunter2",
            "http://bobby:hunter2@proxy:0",
            "http://hunter2 hunter2",
            "",
        ] {
            let error = Proxy::parse(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("give http://"), "{error}");
        }
    }
}
