//! What the rules about proxies share.

use super::Case;
use crate::outcome::{Answer, Exchange, ProxyProtocol, ProxyStatus};

/// The article that the remedies for a machine's proxy settings are from.
pub(super) const PROXY_ARTICLE: &str = "SCCM Troubleshooting SUP Failover part 2 (German blog article)";

pub(super) const OUTCOME_ITSELF: &str = "the outcome itself";

/// How to see and change the proxy of WinHTTP, the remedy of the proxy article.
pub(super) const WINHTTP_PROXY: [&str; 2] = [
    "For Windows Update and Configuration Manager: netsh winhttp show proxy shows the proxy of WinHTTP, netsh winhttp set \
     proxy changes it, and netsh winhttp reset proxy takes it out.",
    "The same setting in the registry is the value WinHttpSettings of \
     HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections.",
];

/// Where WSUS has a proxy of its own.
pub(super) const WSUS_PROXY: &str = "For synchronization: the WSUS console, Options, Update Source and Proxy Server, has \
                                     a proxy of its own. Which proxy import takes is not documented: a capture on the \
                                     server shows it.";

/// The code that a SOCKS proxy sends where no method of authentication suits it (RFC 1928 §3).
const NO_ACCEPTABLE_METHOD: u16 = 0xff;

impl<'a> Case<'a> {
    /// The exchanges that ended at the proxy.
    pub(super) fn at_proxy(&self) -> impl Iterator<Item = &'a Exchange> {
        self.report.exchanges.iter().filter(|exchange| exchange.outcome.ended_at_the_proxy())
    }

    /// Those of them that the proxy ended by an answer of its own, of this kind.
    pub(super) fn refused_by_proxy(&self, is: impl Fn(&ProxyStatus) -> bool) -> Option<Refused<'a>> {
        let with_status = |exchange: &'a Exchange| match &exchange.outcome.answer {
            Answer::ProxyStatus(status) if is(status) => Some((exchange.id, status)),
            _ => None,
        };
        let (exchanges, statuses): (Vec<usize>, Vec<&ProxyStatus>) = self.at_proxy().filter_map(with_status).unzip();
        Some(Refused { status: statuses.first()?, exchanges })
    }

    /// The proxy, as the report shows it.
    pub(super) fn proxy(&self) -> &'a str {
        self.report.route.proxy.as_deref().unwrap_or("the proxy")
    }

    /// The proxies in the machine's settings, to compare with the one that was asked.
    pub(super) fn proxies_of_the_machine(&self) -> Vec<String> {
        let Some(machine) = self.machine else { return Vec::new() };
        let proxies = [("WSUS", &machine.wsus_proxy), ("WinHTTP", &machine.winhttp_proxy)];
        let told = proxies.into_iter().filter_map(|(whose, proxy)| {
            let fact = proxy.as_ref()?;
            let proxy = fact.value.for_https().unwrap_or("none for https");
            Some(format!("the proxy of {whose} is {proxy} ({})", fact.source))
        });
        told.collect()
    }
}

/// What a proxy answered in place of a tunnel.
pub(super) struct Refused<'a> {
    /// The first of its answers.
    pub(super) status: &'a ProxyStatus,
    /// All exchanges that ended so.
    pub(super) exchanges: Vec<usize>,
}

impl Refused<'_> {
    /// `HTTP 502 Bad Gateway from http://proxy:3128, with Via: 1.1 proxy (squid)`.
    pub(super) fn told(&self, proxy: &str) -> String {
        let protocol = match self.status.protocol {
            ProxyProtocol::Http => "HTTP",
            ProxyProtocol::Socks5 => "SOCKS 5",
        };
        let answer = format!("{protocol} {} {} from {proxy}", self.status.status, self.status.reason);
        let fields = TELLING.iter().filter_map(|name| Some(format!("{name}: {}", self.field(name)?)));
        let fields: Vec<String> = fields.collect();
        if fields.is_empty() { answer } else { format!("{answer}, with {}", fields.join(", ")) }
    }

    /// The header field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let field = self.status.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(&field.value)
    }
}

/// Fields in which a proxy says who it is and why it refuses.
const TELLING: [&str; 4] = ["Via", "Server", "Proxy-Status", "X-Squid-Error"];

/// What a proxy's own answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Who the client is.
    Authentication,
    /// What the client may reach.
    Permission,
    /// The proxy's own way to the endpoint.
    Endpoint,
    /// The request itself, or something else.
    Request,
}

/// Of HTTP's statuses (RFC 9110 §15) and the replies of SOCKS (RFC 1928 §6).
pub(super) fn about(status: &ProxyStatus) -> About {
    match (status.protocol, status.status) {
        (ProxyProtocol::Http, 407) | (ProxyProtocol::Socks5, NO_ACCEPTABLE_METHOD) => About::Authentication,
        (ProxyProtocol::Socks5, _) if !status.auth_schemes.is_empty() => About::Authentication,
        // 451: unavailable for legal reasons (RFC 7725).
        (ProxyProtocol::Http, 403 | 451) | (ProxyProtocol::Socks5, 2) => About::Permission,
        (ProxyProtocol::Http, 502..=504) | (ProxyProtocol::Socks5, 1 | 3..=6) => About::Endpoint,
        _ => About::Request,
    }
}
