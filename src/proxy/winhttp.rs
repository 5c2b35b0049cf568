//! WinHTTP's proxy setting: the list of proxies and the hosts they are not for, as `netsh winhttp` shows and takes it.

use super::{Proxy, ProxyScheme};
use crate::target::{Host, authority};

/// The proxies that Windows services use, Windows Update among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WinHttpProxies {
    /// The one for `https` targets, if there is one.
    proxy: Option<Proxy>,
    bypass: Vec<Bypass>,
}

/// One item of the bypass list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bypass {
    /// `<local>`: names without a dot.
    Local,
    /// A host, in which `*` stands for any letters, and maybe a port.
    Pattern { host: String, port: Option<u16> },
}

impl WinHttpProxies {
    /// Reads a setting in any of its forms:
    ///
    /// - the list alone: `http=a:80;https=b:8080`, or one `proxy:8080` for all schemes;
    /// - what `netsh winhttp set proxy` takes: `proxy-server="…" bypass-list="…"`;
    /// - what `netsh winhttp show proxy` prints, in any language: the first line with a value is the list, the second
    ///   one the hosts that it is not for.
    pub fn parse(setting: &str) -> Result<Self, WinHttpError> {
        let setting = setting.trim();
        if let Some(servers) = named(setting, "proxy-server=") {
            return Self::new(servers, named(setting, "bypass-list=").unwrap_or_default());
        }
        let mut values = setting.lines().filter_map(shown_value);
        match values.next() {
            Some(servers) => Self::new(servers, values.next().unwrap_or_default()),
            // Lines, and no value in any of them: `netsh` shows that there is no proxy.
            None if setting.lines().count() > 1 => Self::new("", ""),
            None => Self::new(setting, ""),
        }
    }

    /// Reads the two lists of a setting. An empty list of proxies, and the word that `netsh` has for it, is none.
    pub fn new(servers: &str, bypass: &str) -> Result<Self, WinHttpError> {
        let servers = if servers.trim().starts_with("Direct access") { "" } else { servers };
        let servers: Vec<Server> = items(servers).map(Server::parse).collect::<Result<_, _>>()?;
        // The scheme's own entry counts, else the one for all schemes; of two of a kind the first one.
        let of = |scheme| servers.iter().find(|server| server.target_scheme.as_deref() == scheme);
        let proxy = of(Some("https")).or_else(|| of(None)).map(|server| server.proxy.clone());
        let bypass = items(bypass).filter(|item| !without_scheme(item).is_empty()).map(Bypass::parse).collect();
        Ok(Self { proxy, bypass })
    }

    /// The proxy for this target; none, if it is to be reached directly.
    pub fn proxy_for(&self, host: &Host, port: u16) -> Option<&Proxy> {
        let is_bypassed = self.bypass.iter().any(|item| item.covers(host, port));
        self.proxy.as_ref().filter(|_| !is_bypassed)
    }
}

/// A setting that WinHTTP can't use either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot understand {0:?} in the WinHTTP proxy list; Windows Update calls this 0x80240030, WU_E_INVALID_PROXY_SERVER\n  \
     try: host:port, or scheme=host:port for each scheme with semicolons between, without user name and password"
)]
pub struct WinHttpError(String);

impl WinHttpError {
    /// The entry that can't be used, without a user's part.
    pub fn entry(&self) -> &str {
        &self.0
    }

    /// The entry as it stands, but for a user's part, which may hold a password.
    fn at(entry: &str) -> Self {
        Self(entry.rsplit_once('@').map_or_else(|| entry.to_owned(), |(_, place)| format!("…@{place}")))
    }
}

/// One entry: `[scheme=][scheme://]host[:port]`.
struct Server {
    target_scheme: Option<String>,
    proxy: Proxy,
}

impl Server {
    fn parse(entry: &str) -> Result<Self, WinHttpError> {
        Self::understand(entry).ok_or_else(|| WinHttpError::at(entry))
    }

    fn understand(entry: &str) -> Option<Self> {
        let (target_scheme, place) = match entry.split_once('=') {
            Some((scheme, place)) => (Some(scheme.to_ascii_lowercase()), place),
            None => (None, entry),
        };
        let schemes = ["http", "https", "ftp", "gopher", "socks"];
        if target_scheme.as_deref().is_some_and(|scheme| !schemes.contains(&scheme)) {
            return None;
        }
        let (scheme, place) = match place.split_once("://") {
            None => (ProxyScheme::Http, place),
            Some((scheme, place)) if scheme.eq_ignore_ascii_case("http") => (ProxyScheme::Http, place),
            Some((scheme, place)) if scheme.eq_ignore_ascii_case("https") => (ProxyScheme::Https, place),
            Some(_) => return None,
        };
        let (host, port) = authority(place.strip_suffix('/').unwrap_or(place))?;
        let default_port = if scheme == ProxyScheme::Https { 443 } else { 80 };
        let proxy = Proxy { scheme, host, port: port.unwrap_or(default_port), credentials: None };
        Some(Self { target_scheme, proxy })
    }
}

impl Bypass {
    fn parse(item: &str) -> Self {
        if item.eq_ignore_ascii_case("<local>") {
            return Self::Local;
        }
        let item = without_scheme(item).to_ascii_lowercase();
        let port = item.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        match port.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => Self::Pattern { host: without_brackets(host).to_owned(), port: Some(port) },
            None => Self::Pattern { host: without_brackets(&item).to_owned(), port: None },
        }
    }

    fn covers(&self, host: &Host, port: u16) -> bool {
        match self {
            Self::Local => host.name().is_some_and(|name| !name.contains('.')),
            Self::Pattern { host: pattern, port: only } => {
                only.is_none_or(|only| only == port) && fits(pattern, &host.to_string())
            }
        }
    }
}

/// Whether `text` fits a pattern in which `*` stands for any letters, or none.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    let starts = rest.char_indices().map(|(start, _)| start).chain([rest.len()]);
    starts.filter_map(|start| rest.get(start..)).any(|rest| fits(after, rest))
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(|letter: char| letter == ';' || letter.is_whitespace()).filter(|item| !item.is_empty())
}

fn without_scheme(item: &str) -> &str {
    item.split_once("://").map_or(item, |(_, host)| host)
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// The value behind this name, without its quotation marks.
fn named<'a>(setting: &'a str, name: &str) -> Option<&'a str> {
    let at = setting.to_ascii_lowercase().find(name)?;
    let value = setting.get(at + name.len()..)?;
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split_whitespace().next(),
    }
}

/// The value of a line as `netsh` prints it: behind blanks, a label, blanks, and a colon with a blank on either side.
fn shown_value(line: &str) -> Option<&str> {
    let (label, value) = line.split_once(" :").or_else(|| line.split_once(": "))?;
    (!label.contains('=')).then(|| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(setting: &str, target: &str) -> Option<String> {
        let host = target.parse().unwrap();
        WinHttpProxies::parse(setting).unwrap().proxy_for(&host, 443).map(ToString::to_string)
    }

    #[test]
    fn an_https_target_goes_through_its_schemes_proxy_or_the_one_for_all() {
        let target = "sws.update.microsoft.com";
        let through = |list| chosen(list, target);
        assert_eq!(through("http=a:80;https=b:8080").as_deref(), Some("http://b:8080"));
        assert_eq!(through("proxy.corp:8080").as_deref(), Some("http://proxy.corp:8080"));
        assert_eq!(through("proxy.corp").as_deref(), Some("http://proxy.corp:80"));
        assert_eq!(through("https=https://b").as_deref(), Some("https://b:443"));
        assert_eq!(through("HTTPS=http://b:8080/").as_deref(), Some("http://b:8080"));
        assert_eq!(through("a:1 https=b:2 https=c:3 d:4").as_deref(), Some("http://b:2"));
        assert_eq!(through("a:1;d:4").as_deref(), Some("http://a:1"));
        assert_eq!(through("http=a:80;ftp=c:21;socks=d:1080"), None);
        assert_eq!(through(""), None);
    }

    const SHOWN: &str = "\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  http=a:80;https=b:8080\n    \
                         Bypass List     :  <local>;*.corp.example\n\n";

    #[test]
    fn what_netsh_shows_and_takes_is_read() {
        for setting in [SHOWN, "proxy-server=\"http=a:80;https=b:8080\" bypass-list=\"<local>;*.corp.example\""] {
            assert_eq!(chosen(setting, "sws.update.microsoft.com").as_deref(), Some("http://b:8080"));
            assert_eq!(chosen(setting, "wsus.corp.example"), None);
            assert_eq!(chosen(setting, "wsus"), None);
        }
        let german = "Aktuelle WinHTTP-Proxyeinstellungen:\r\n\r\n    Proxyserver:          b:8080\r\n    \
                      Umgehungsliste     :  (Kein)\r\n";
        assert_eq!(chosen(german, "wsus").as_deref(), Some("http://b:8080"));
        let direct = "Current WinHTTP proxy settings:\r\n\r\n    Direct access (no proxy server).\r\n";
        assert_eq!(chosen("Direct access (no proxy server).", "wsus"), None);
        assert_eq!(chosen(direct, "wsus"), None);
    }

    #[test]
    fn local_is_a_name_without_a_dot() {
        let bypass =
            |host: &str| WinHttpProxies::new("b:1", "<LOCAL>").unwrap().proxy_for(&host.parse().unwrap(), 1).is_none();
        assert!(bypass("wsus"));
        assert!(!bypass("wsus.corp.example"));
        assert!(!bypass("192.0.2.1"));
        assert!(!bypass("2001:db8::1"));
    }

    #[test]
    fn an_asterisk_stands_for_any_letters_and_a_port_for_itself() {
        let bypass = |list, host: &str| {
            WinHttpProxies::new("b:1", list).unwrap().proxy_for(&host.parse().unwrap(), 443).is_none()
        };
        assert!(bypass("*.corp.example", "wsus.corp.example"));
        assert!(!bypass("*.corp.example", "corp.example"));
        assert!(!bypass("corp.example", "wsus.corp.example"));
        assert!(bypass("192.168.*", "192.168.0.1"));
        assert!(bypass("W*s.*.Example", "wsus.corp.example"));
        assert!(bypass("*", "sws.update.microsoft.com"));
        assert!(bypass("https://wsus.corp:443", "wsus.corp"));
        assert!(!bypass("wsus.corp:8531", "wsus.corp"));
        assert!(bypass("[2001:db8::1]:443;x", "2001:db8::1"));
        assert!(bypass("2001:db8::1", "2001:db8::1"));
    }

    #[test]
    fn a_malformed_list_is_named_as_windows_update_names_it() {
        for list in ["https=", "b:port", "b:0", "b:99999", "quic=b:1", "ftp://b:1", "me:pw@b:1", "a:1,b:2", "b:1/path"]
        {
            let error = WinHttpProxies::parse(list).unwrap_err().to_string();
            assert!(error.contains("0x80240030") && error.contains("WU_E_INVALID_PROXY_SERVER"), "{list}: {error}");
            assert!(!error.contains("pw"), "{error}");
        }
    }
}
