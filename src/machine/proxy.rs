//! The proxies a Windows server has been told to use, and the two forms in which WinHTTP's is written down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::proxy::{WinHttpError, WinHttpProxies};

/// A proxy setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Proxy {
    /// None.
    Direct,
    /// These.
    Named {
        /// `proxy:8080`, or one for each scheme: `http=proxy:80;https=proxy:443`.
        servers: String,
        /// Hosts to reach without it: `<local>;*.contoso.com`.
        bypass: Option<String>,
    },
}

impl Proxy {
    /// The proxies as one connects through them; none for a machine that is told to use none.
    pub fn proxies(&self) -> Result<WinHttpProxies, WinHttpError> {
        match self {
            Self::Direct => WinHttpProxies::new("", ""),
            Self::Named { servers, bypass } => WinHttpProxies::new(servers, bypass.as_deref().unwrap_or_default()),
        }
    }

    /// The server for https: the one of that scheme, or the first that is for any.
    pub fn for_https(&self) -> Option<&str> {
        let Self::Named { servers, .. } = self else { return None };
        let mut each = servers.split([';', ' ']).filter(|server| !server.is_empty());
        let of_scheme = |server: &'_ &str| server.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https="));
        match each.clone().find(of_scheme) {
            Some(server) => server.get(6..),
            None => each.find(|server| !server.contains('=')),
        }
    }
}

/// Reads `WinHttpSettings`, the value that `netsh winhttp set proxy` writes. `None` for what is not known.
///
/// The layout is not documented. Observed, little-endian: size or version (0x18, 0x28), a counter, flags, then length
/// and bytes of the servers and of the bypass list. Flag 1 is always set, 2 names a proxy; 4 and 8 stand for a script
/// and for detection, whose further fields are not known.
pub(super) fn from_winhttp_settings(value: &[u8]) -> Option<Proxy> {
    const VERSIONS: [u32; 2] = [0x18, 0x28];
    const DIRECT: u32 = 1;
    const NAMED: u32 = 2;
    let mut rest = value;
    let version = take_u32(&mut rest)?;
    let _counter = take_u32(&mut rest)?;
    let flags = take_u32(&mut rest)?;
    let servers = take_text(&mut rest)?;
    let bypass = take_text(&mut rest)?;
    if !VERSIONS.contains(&version) {
        return None;
    }
    match flags {
        DIRECT => Some(Proxy::Direct),
        _ if flags == DIRECT | NAMED && !servers.is_empty() => {
            Some(Proxy::Named { servers, bypass: Some(bypass).filter(|list| !list.is_empty()) })
        }
        _ => None,
    }
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*number))
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_u32(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    let printable = text.iter().all(|byte| (b' '..=b'~').contains(byte));
    if printable { String::from_utf8(text.to_vec()).ok() } else { None }
}

/// Reads what `netsh winhttp show proxy` prints, in any language. `None` for what is not that.
///
/// The words are the language's, the shape is not: a heading that names WinHTTP, then either one sentence, which says
/// that there is no proxy, or `label : value` twice, for the servers and for what goes around them. Where nothing
/// does, that value is a word in parentheses.
pub(super) fn from_netsh(text: &str) -> Option<Proxy> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let heading = lines.by_ref().find(|line| line.contains("WinHTTP"))?;
    if value_after_colon(heading).is_some() {
        return None;
    }
    let lines: Vec<&str> = lines.take(3).collect();
    match lines.as_slice() {
        [sentence] if value_after_colon(sentence).is_none() => Some(Proxy::Direct),
        [servers, bypass, ..] => {
            let servers = value_after_colon(servers)?;
            let bypass = value_after_colon(bypass).filter(|list| !list.starts_with(['(', '（']));
            Some(Proxy::Named { servers: servers.to_owned(), bypass: bypass.map(str::to_owned) })
        }
        _ => None,
    }
}

/// What stands behind a line's first colon, ASCII or full-width.
fn value_after_colon(line: &str) -> Option<&str> {
    let (_, value) = line.split_once([':', '：'])?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As documented for "direct access" (Microsoft, "Use Group Policy to apply WinHTTP proxy settings").
    const DIRECT: &str = "1800000000000000010000000000000000000000";

    fn settings(version: u8, flags: u8, servers: &str, bypass: &str) -> Vec<u8> {
        let mut value = vec![version, 0, 0, 0, 0, 0, 0, 0, flags, 0, 0, 0];
        for text in [servers, bypass] {
            value.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            value.extend(text.as_bytes());
        }
        value
    }

    fn named(servers: &str, bypass: Option<&str>) -> Proxy {
        Proxy::Named { servers: servers.to_owned(), bypass: bypass.map(str::to_owned) }
    }

    #[test]
    fn the_binary_value_is_read_in_both_observed_versions() {
        assert_eq!(from_winhttp_settings(&hex::decode(DIRECT).unwrap()), Some(Proxy::Direct));
        for version in [0x18, 0x28] {
            let value = settings(version, 3, "proxy.contoso.com:8080", "localhost;*.contoso.com");
            assert_eq!(
                from_winhttp_settings(&value),
                Some(named("proxy.contoso.com:8080", Some("localhost;*.contoso.com")))
            );
        }
        assert_eq!(
            from_winhttp_settings(&settings(0x28, 3, "http=192.168.5.45:3128", "")),
            Some(named("http=192.168.5.45:3128", None))
        );
    }

    #[test]
    fn a_value_that_is_not_understood_is_unknown_not_direct() {
        for (what, value) in [
            ("another version", settings(0x46, 3, "proxy:8080", "")),
            ("a script", settings(0x28, 5, "", "")),
            ("detection", settings(0x28, 9, "", "")),
            ("no flag at all", settings(0x28, 0, "", "")),
            ("a proxy without a name", settings(0x28, 3, "", "")),
            ("text that is none", settings(0x28, 3, "\u{7f}\n", "")),
            ("nothing", Vec::new()),
        ] {
            assert_eq!(from_winhttp_settings(&value), None, "{what}");
        }
        let whole = settings(0x28, 3, "proxy:8080", "<local>");
        for length in 0..whole.len() {
            assert_eq!(from_winhttp_settings(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn netsh_is_read_in_any_language() {
        for direct in [
            "\r\nCurrent WinHTTP proxy settings:\r\n\r\n    Direct access (no proxy server).\r\n\r\n",
            "\nAktuelle WinHTTP-Proxyeinstellungen:\n\n    Direktzugriff (kein Proxyserver).\n",
            "\n現在の WinHTTP プロキシ設定:\n\n    直接アクセス (プロキシ サーバーなし)。\n",
        ] {
            assert_eq!(from_netsh(direct), Some(Proxy::Direct), "{direct}");
        }
        for (text, bypass) in [
            (
                "\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  proxy:8080\n    Bypass List     :  (none)\n",
                None,
            ),
            (
                "\nAktuelle WinHTTP-Proxyeinstellungen:\n\n    Proxyserver:      proxy:8080\n    Umgehungsliste:   <local>\n",
                Some("<local>"),
            ),
            ("\n当前的 WinHTTP 代理服务器设置：\n\n    代理服务器：  proxy:8080\n    绕过列表：  （无）\n", None),
        ] {
            assert_eq!(from_netsh(text), Some(named("proxy:8080", bypass)), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_proxy_setting() {
        for text in ["", "hello", "WinHTTP: yes", "WinHTTP\n\nproxy : \nbypass :", "WinHTTP proxy settings:\n"] {
            assert_eq!(from_netsh(text), None, "{text:?}");
        }
    }

    #[test]
    fn https_has_its_own_server_or_the_common_one() {
        for (servers, for_https) in [
            ("proxy:8080", Some("proxy:8080")),
            ("http=web:80;https=tls:443", Some("tls:443")),
            ("http=web:80 HTTPS=tls:443", Some("tls:443")),
            ("http=web:80;any:8080", Some("any:8080")),
            ("http=web:80", None),
            ("", None),
        ] {
            let proxy = named(servers, None);
            assert_eq!(proxy.for_https(), for_https, "{servers}");
        }
        assert_eq!(Proxy::Direct.for_https(), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..100), text in "\\PC{0,100}") {
            let _ = from_winhttp_settings(&bytes);
            let _ = from_netsh(&text);
            let _ = Proxy::Named { servers: text, bypass: None }.for_https();
        }
    }
}
