//! What is asked: a host and a port, the name sent to it, and where to connect in its place.

mod starttls;

pub use starttls::Starttls;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// The port of a target that names none.
pub const DEFAULT_PORT: u16 = 443;

/// FTP in which TLS comes first.
pub const FTPS_PORT: u16 = 990;

/// An endpoint under question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Host name in its ASCII form, or an IP address.
    pub host: Host,
    /// TCP port.
    pub port: u16,
    /// The name to send in `server_name` (RFC 6066 §3); null where none is sent, as to an IP address.
    pub sni: Option<String>,
    /// The address that was dialled, once it is known.
    pub address: Option<SocketAddr>,
    /// What is spoken in the clear before TLS begins; absent where TLS begins at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starttls: Option<Starttls>,
}

impl Target {
    /// A target that sends the host's own name, unless the host is an address.
    pub fn new(host: Host, port: u16) -> Self {
        let sni = host.name().map(str::to_owned);
        Self { host, port, sni, address: None, starttls: None }
    }

    /// Whether it is an FTP server: by what is said before TLS, or by the port on which TLS comes first.
    pub fn speaks_ftp(&self) -> bool {
        match self.starttls {
            Some(protocol) => protocol == Starttls::Ftp,
            None => self.port == FTPS_PORT,
        }
    }

    /// The target that a word names, with this port where the word names none: `host`, `host:port`, `[v6]:port`, a bare
    /// IPv6 address, or `https://host[:port]/path` (whose path is not asked for).
    pub fn parse(text: &str, default_port: u16) -> Result<Self, TargetError> {
        let fail = |reason| TargetError { target: text.to_owned(), reason };
        let (authority, default_port) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => {
                let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                if authority.contains('@') {
                    return Err(fail(Reason::UserInfo));
                }
                (authority, DEFAULT_PORT)
            }
            Some((scheme, _)) => return Err(fail(Reason::Scheme(scheme.to_owned()))),
            None => (text, default_port),
        };
        let (host, port) = split_host_port(authority).map_err(fail)?;
        let port = match port {
            None => default_port,
            Some(port) => parse_port(port).map_err(fail)?,
        };
        Ok(Self::new(parse_host(host).map_err(fail)?, port))
    }
}

/// `host:port`, with brackets around an IPv6 address.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            ref host => write!(f, "{host}:{}", self.port),
        }
    }
}

/// Port 443 where the word names none.
impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        Self::parse(text, DEFAULT_PORT)
    }
}

/// `host`, `host:port` or `[v6]:port`, for words of another kind that name a host: `None` where it is none of these.
pub(crate) fn authority(text: &str) -> Option<(Host, Option<u16>)> {
    let (host, port) = split_host_port(text).ok()?;
    let port = port.map(parse_port).transpose().ok()?;
    Some((parse_host(host).ok()?, port))
}

/// The host part of a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub enum Host {
    /// A DNS name, lower case, in its ASCII form (RFC 5891), without a final dot.
    Name(String),
    /// A literal address, which is neither looked up nor sent as `server_name`.
    Address(IpAddr),
}

impl Host {
    /// The name, unless this is an address.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Address(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.pad(name),
            Self::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl FromStr for Host {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        parse_host(text).map_err(|reason| TargetError { target: text.to_owned(), reason })
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl TryFrom<String> for Host {
    type Error = TargetError;

    fn try_from(text: String) -> Result<Self, TargetError> {
        text.parse()
    }
}

/// Connect elsewhere, as curl's `--connect-to HOST:PORT:ADDR:PORT` does: the target keeps its name and SNI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    host: Option<Host>,
    port: Option<u16>,
    to_host: Option<Host>,
    to_port: Option<u16>,
}

impl ConnectTo {
    /// Sends everything that is asked of `host` on any port to `address`.
    pub fn address(host: Host, address: SocketAddr) -> Self {
        Self { host: Some(host), port: None, to_host: Some(Host::Address(address.ip())), to_port: Some(address.port()) }
    }

    /// Sends everything to `host`, on its own port unless there is another.
    pub fn everything(host: Host, port: Option<u16>) -> Self {
        Self { host: None, port: None, to_host: Some(host), to_port: port }
    }

    /// Where to connect for this target, if the rule speaks of it.
    pub fn redirect(&self, target: &Target) -> Option<(Host, u16)> {
        let speaks = self.host.as_ref().is_none_or(|host| *host == target.host)
            && self.port.is_none_or(|port| port == target.port);
        speaks
            .then(|| (self.to_host.clone().unwrap_or_else(|| target.host.clone()), self.to_port.unwrap_or(target.port)))
    }
}

impl FromStr for ConnectTo {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let fail = |reason| TargetError { target: text.to_owned(), reason };
        let parts = split_outside_brackets(text);
        let [host, port, to_host, to_port] = parts.as_slice() else { return Err(fail(Reason::ConnectToForm)) };
        let host_part = |part: &str| match part {
            "" => Ok(None),
            part => parse_host(part.trim_start_matches('[').trim_end_matches(']')).map(Some),
        };
        let port_part = |part: &str| match part {
            "" => Ok(None),
            part => parse_port(part).map(Some),
        };
        Ok(Self {
            host: host_part(host).map_err(fail)?,
            port: port_part(port).map_err(fail)?,
            to_host: host_part(to_host).map_err(fail)?,
            to_port: port_part(to_port).map_err(fail)?,
        })
    }
}

/// A target, host or `--connect-to` rule that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot understand {target:?}: {reason}")]
pub struct TargetError {
    target: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it names no host")]
    NoHost,
    #[error("{0:?} is not a host name")]
    HostName(String),
    #[error("{0:?} is not an IPv6 address")]
    Ipv6(String),
    #[error("{0:?} is not a port: give a number from 1 to 65535")]
    Port(String),
    #[error("the scheme {0:?} is not known here: give host, host:port or https://host/path")]
    Scheme(String),
    #[error("a target carries no user name or password")]
    UserInfo,
    #[error("the form is HOST:PORT:ADDR:PORT, with [brackets] around an IPv6 address; HOST and PORT may be empty")]
    ConnectToForm,
}

fn split_host_port(authority: &str) -> Result<(&str, Option<&str>), Reason> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or_else(|| Reason::Ipv6(authority.to_owned()))?;
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(Reason::Ipv6(address.to_owned()));
        }
        return match after.strip_prefix(':') {
            Some(port) => Ok((address, Some(port))),
            None if after.is_empty() => Ok((address, None)),
            None => Err(Reason::Ipv6(authority.to_owned())),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port))),
        Some(_) if authority.parse::<std::net::Ipv6Addr>().is_ok() => Ok((authority, None)),
        Some(_) => Err(Reason::Ipv6(authority.to_owned())),
        None => Ok((authority, None)),
    }
}

fn parse_port(text: &str) -> Result<u16, Reason> {
    match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err(Reason::Port(text.to_owned())),
    }
}

/// A name as DNS carries it: international names become their `xn--` form; underscores pass, intranets use them.
fn parse_host(text: &str) -> Result<Host, Reason> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Host::Address(address));
    }
    let bad = || Reason::HostName(text.to_owned());
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() {
        return Err(Reason::NoHost);
    }
    let ascii = idna::domain_to_ascii(name).map_err(|_| bad())?;
    let label_is_good = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    // A last label of digits alone is a mistyped address, never a name (RFC 1123 §2.1).
    let last_is_digits = ascii.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if ascii.len() > 253 || last_is_digits || !ascii.split('.').all(label_is_good) {
        return Err(bad());
    }
    Ok(Host::Name(ascii))
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.split(|letter| {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        letter == ':' && !inside
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        text.parse::<Target>().unwrap().to_string()
    }

    #[test]
    fn targets_parse_in_every_form() {
        assert_eq!(parsed("sws.update.microsoft.com"), "sws.update.microsoft.com:443");
        assert_eq!(parsed("WSUS.corp:8531"), "wsus.corp:8531");
        assert_eq!(parsed("https://cmg.contoso.com/CCM_Proxy?x=1"), "cmg.contoso.com:443");
        assert_eq!(parsed("https://wsus:8531"), "wsus:8531");
        assert_eq!(parsed("192.0.2.1:8443"), "192.0.2.1:8443");
        assert_eq!(parsed("[2001:db8::1]:8443"), "[2001:db8::1]:8443");
        assert_eq!(parsed("2001:db8::1"), "[2001:db8::1]:443");
        assert_eq!(parsed("bücher.example."), "xn--bcher-kva.example:443");
        assert_eq!(parsed("wsus_01"), "wsus_01:443");
    }

    #[test]
    fn a_bad_target_says_what_is_wrong() {
        let reason = |text: &str| text.parse::<Target>().unwrap_err().to_string();
        assert!(reason("host:70000").contains("\"70000\" is not a port"));
        assert!(reason("host:0").contains("not a port"));
        assert!(reason("host:+1").contains("not a port"));
        assert!(reason("").contains("names no host"));
        assert!(reason("ftp://host").contains("scheme \"ftp\""));
        assert!(reason("https://me:pw@host/").contains("no user name"));
        assert!(reason("[::1").contains("not an IPv6 address"));
        assert!(reason("[nonsense]:1").contains("not an IPv6 address"));
        assert!(reason("1.2.3.400").contains("not a host name"));
        assert!(reason("a b").contains("not a host name"));
    }

    #[test]
    fn an_address_sends_no_server_name() {
        assert_eq!("192.0.2.1".parse::<Target>().unwrap().sni, None);
        assert_eq!("a.example".parse::<Target>().unwrap().sni.as_deref(), Some("a.example"));
    }

    #[test]
    fn connect_to_redirects_as_curl_does() {
        let target: Target = "sws.update.microsoft.com".parse().unwrap();
        let redirect = |rule: &str| {
            let (host, port) = rule.parse::<ConnectTo>().unwrap().redirect(&target)?;
            Some(format!("{host} {port}"))
        };
        assert_eq!(redirect("sws.update.microsoft.com:443:127.0.0.1:8443").as_deref(), Some("127.0.0.1 8443"));
        assert_eq!(redirect("::[::1]:8443").as_deref(), Some("::1 8443"));
        assert_eq!(redirect(":443:other.example:").as_deref(), Some("other.example 443"));
        assert_eq!(redirect("fe2.update.microsoft.com::127.0.0.1:1"), None);
        assert_eq!(redirect(":8443:127.0.0.1:1"), None);
    }

    #[test]
    fn connect_to_needs_four_parts() {
        assert!("a:1:b".parse::<ConnectTo>().unwrap_err().to_string().contains("HOST:PORT:ADDR:PORT"));
        assert!("a:1:b:x".parse::<ConnectTo>().unwrap_err().to_string().contains("not a port"));
    }
}
