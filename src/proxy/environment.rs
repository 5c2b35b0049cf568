//! Proxies from environment variables, which curl made the convention.

use std::collections::BTreeMap;

use super::{NoProxy, Proxy, ProxyError};
use crate::target::Host;

/// Where to look for the proxy of an `https` target, in curl's order: the scheme's own before the one for all, and
/// lower case before upper case. An empty variable counts as none.
const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const NO_PROXY_VARIABLES: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The environment's proxy, and the hosts that it is not for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentProxies {
    proxy: Proxy,
    no_proxy: NoProxy,
}

impl EnvironmentProxies {
    /// What these variables say; nothing, if none of them names a proxy.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Result<Option<Self>, EnvironmentError> {
        let first = |names: &[&'static str]| {
            let said = |name: &&str| variables.get(*name).map(String::as_str).filter(|value| !value.is_empty());
            names.iter().find_map(|name| said(name).map(|value| (*name, value)))
        };
        let Some((variable, url)) = first(&PROXY_VARIABLES) else { return Ok(None) };
        let proxy = Proxy::parse(url).map_err(|source| EnvironmentError { variable, source })?;
        let no_proxy = first(&NO_PROXY_VARIABLES).map_or_else(NoProxy::default, |(_, list)| NoProxy::parse(list));
        Ok(Some(Self { proxy, no_proxy }))
    }

    /// The proxy for this target; none, if it is to be reached directly.
    pub fn proxy_for(&self, host: &Host, port: u16) -> Option<&Proxy> {
        (!self.no_proxy.covers(host, port)).then_some(&self.proxy)
    }
}

/// A variable that names no proxy, though it is set. Its value is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot understand the environment variable {variable}: {source}\n  try: --direct to go without it")]
pub struct EnvironmentError {
    variable: &'static str,
    source: ProxyError,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<EnvironmentProxies>, EnvironmentError> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        EnvironmentProxies::from_variables(&variables.collect())
    }

    fn chosen(variables: &[(&str, &str)]) -> Option<String> {
        let host = "sws.update.microsoft.com".parse().unwrap();
        read(variables).unwrap()?.proxy_for(&host, 443).map(ToString::to_string)
    }

    #[test]
    fn the_schemes_own_variable_comes_before_the_one_for_all_and_lower_case_before_upper() {
        let mut all = vec![
            ("https_proxy", "http://a:1"),
            ("HTTPS_PROXY", "http://b:2"),
            ("all_proxy", "socks5h://c:3"),
            ("ALL_PROXY", "https://d:4"),
        ];
        for expected in ["http://a:1", "http://b:2", "socks5h://c:3", "https://d:4"] {
            assert_eq!(chosen(&all).as_deref(), Some(expected));
            all.remove(0);
        }
        assert_eq!(chosen(&all), None);
        assert_eq!(chosen(&[("http_proxy", "http://a:1"), ("HTTP_PROXY", "http://a:1")]), None);
    }

    #[test]
    fn an_empty_variable_counts_as_none() {
        assert_eq!(chosen(&[("https_proxy", ""), ("HTTPS_PROXY", "http://b:2")]).as_deref(), Some("http://b:2"));
        let variables = [("https_proxy", "http://a:1"), ("no_proxy", ""), ("NO_PROXY", "*")];
        assert_eq!(chosen(&variables), None);
    }

    #[test]
    fn no_proxy_takes_hosts_out() {
        let with = |list| chosen(&[("https_proxy", "http://a:1"), ("NO_PROXY", list)]);
        assert_eq!(with("corp.example,update.microsoft.com"), None);
        assert_eq!(with("corp.example").as_deref(), Some("http://a:1"));
        let both = [("https_proxy", "http://a:1"), ("no_proxy", "corp.example"), ("NO_PROXY", "*")];
        assert_eq!(chosen(&both).as_deref(), Some("http://a:1"));
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_named_and_its_value_is_not_repeated() {
        let error = read(&[("HTTPS_PROXY", "http://bobby:hunter2")]).unwrap_err().to_string();
        assert!(error.contains("HTTPS_PROXY") && error.contains("--direct"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
