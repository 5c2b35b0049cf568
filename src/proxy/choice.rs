//! Which targets go through which proxy, and who said so.

use super::{EnvironmentProxies, Proxy, WinHttpProxies};
use crate::target::Host;

/// Which targets go through which proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// None, and nobody was asked.
    #[default]
    Unset,
    /// None, whatever the environment says (`--direct`).
    Direct,
    /// All, through this one (`--proxy`). `NO_PROXY` takes none out: the proxy was named for this run.
    Always(Proxy),
    /// As the environment's variables say.
    Environment(EnvironmentProxies),
    /// As WinHTTP's setting says: the machine's own, or one that was given as an option.
    WinHttp(WinHttpProxies, RouteSource),
}

/// Who chose a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteSource {
    /// The command line.
    Option,
    /// A variable of the environment.
    Environment,
    /// The machine under diagnosis.
    Machine,
}

impl RouteSource {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Environment => "environment",
            Self::Machine => "machine",
        }
    }
}

impl ProxyChoice {
    /// The proxy for this target, if it goes through one.
    pub fn proxy_for(&self, host: &Host, port: u16) -> Option<&Proxy> {
        match self {
            Self::Unset | Self::Direct => None,
            Self::Always(proxy) => Some(proxy),
            Self::Environment(proxies) => proxies.proxy_for(host, port),
            Self::WinHttp(proxies, _) => proxies.proxy_for(host, port),
        }
    }

    /// Who chose, be it a proxy or none; nobody, where nothing was said.
    pub fn source(&self) -> Option<RouteSource> {
        match self {
            Self::Unset => None,
            Self::Direct | Self::Always(_) => Some(RouteSource::Option),
            Self::Environment(_) => Some(RouteSource::Environment),
            Self::WinHttp(_, source) => Some(*source),
        }
    }
}
