//! A host's name into its addresses.
//!
//! The system's resolver is imitated where that decides which host is meant: the hosts file comes first and is final,
//! servers are asked in their order, and a name without dots goes through the search list. A name with a dot is asked
//! as it stands whatever `ndots` says, so `sws.update.microsoft.com` never becomes a name of the local domain.
//!
//! Nothing is kept: each call asks anew, so that the time it takes is the resolver's and a report never shows an
//! answer older than itself. EDNS stays off, as it is by default in glibc and in Windows' client; an answer too long for
//! 512 bytes is asked for again over TCP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use hickory_resolver::config::ResolverConfig;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, system_conf};
use tokio::time::Instant;

use super::dns_server::{DnsServer, Found, LONGEST_WAIT, addresses_in, both, more_telling};
use super::{DialError, Failure};
use crate::outcome::{Answer, Outcome, ResolveFailure, Stage};
use crate::target::Host;

const DNS_PORT: u16 = 53;

/// The most aliases that are followed: more than that is a loop, or meant to keep us busy.
const MOST_ALIASES: usize = 8;

/// Which addresses to ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Families {
    /// Both, at the same time.
    #[default]
    Any,
    /// IPv4 alone: A records (RFC 1035 §3.4.1).
    V4,
    /// IPv6 alone: AAAA records (RFC 3596 §2.1).
    V6,
}

/// Looks names up, as this system does or at one resolver.
pub struct Resolver {
    hosts: Hosts,
    search: Vec<Name>,
    servers: Vec<DnsServer>,
    /// Why there are no servers. What the hosts file lists needs none.
    no_servers: String,
}

impl Resolver {
    /// As this system does it: hosts file, search list for names without dots, servers in their order. A system
    /// without servers is no error before one has to be asked.
    pub fn system() -> Result<Self, DialError> {
        let (config, no_servers) = match system_conf::read_system_conf() {
            Ok((config, _)) => (config, "it names no server".to_owned()),
            Err(error) => (ResolverConfig::from_name_servers(Vec::new()), error.to_string()),
        };
        let servers = config.name_servers().iter().map(|server| SocketAddr::new(server.ip, DNS_PORT));
        Ok(Self {
            // No hosts file, or none that may be read: the system goes on without it, too.
            hosts: Hosts::from_system().unwrap_or_default(),
            search: search_list(&config),
            servers: servers.map(DnsServer::new).collect::<Result<_, _>>()?,
            no_servers,
        })
    }

    /// At this one server alone: its word, without hosts file and search list.
    pub fn with_server(server: SocketAddr) -> Result<Self, DialError> {
        Ok(Self {
            hosts: Hosts::default(),
            search: Vec::new(),
            servers: vec![DnsServer::new(server)?],
            no_servers: String::new(),
        })
    }

    /// All addresses of the host, each once, within `wait` (but five minutes at most).
    ///
    /// Those that this machine has a route to come first, then IPv6 before IPv4, then the resolver's order: of RFC 6724
    /// §6 the rules that matter to a host with one address of each family, not the others. `localhost` is loopback
    /// without being asked for, and an address is itself, whatever `families` says.
    ///
    /// Of two families, one with addresses is enough. With none, the answers make one:
    ///
    /// | one says | the other says | together | because |
    /// |---|---|---|---|
    /// | `nxdomain` | anything | `nxdomain` | a name that does not exist has no record of any type (RFC 8020) |
    /// | `server_failure` | `timeout`, `no_address` | `server_failure` | the resolver answers, but can't tell |
    /// | `timeout` | `no_address` | `timeout` | half an answer is not an answer |
    /// | `no_address` | `no_address` | `no_address` | it exists, and has none |
    ///
    /// `server_failure` is also an answer that can't be read, and a resolver that refuses or can't be reached. After
    /// it, or after silence for this server's share of `wait`, the next server is asked.
    pub async fn addresses(&self, host: &Host, families: Families, wait: Duration) -> Result<Vec<IpAddr>, Failure> {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => fully_qualified(name)?,
        };
        let found = match look_up_in(&self.hosts, &name, families).or_else(|| loopback(&name, families)) {
            Some(found) => found,
            None if self.servers.is_empty() => {
                return Err(DialError::ResolverConfiguration(self.no_servers.clone().into()).into());
            }
            None => self.search(&name, families, Instant::now() + wait.min(LONGEST_WAIT)).await?,
        };
        match found {
            Ok(addresses) => Ok(in_order(addresses, has_route)),
            Err(reason) => Err(Outcome::new(Stage::Resolve, Answer::NameNotResolved { reason }).into()),
        }
    }

    /// Goes through the names that may be meant. It does not go past a failure, since that one may be the one.
    async fn search(&self, name: &Name, families: Families, deadline: Instant) -> Result<Found, DialError> {
        let mut nothing = ResolveFailure::Nxdomain;
        for candidate in candidates(name, &self.search) {
            match self.ask(&candidate, families, deadline).await? {
                Err(ResolveFailure::Nxdomain) => {}
                Err(ResolveFailure::NoAddress) => nothing = ResolveFailure::NoAddress,
                found => return Ok(found),
            }
        }
        Ok(Err(nothing))
    }

    /// Asks one server after the other, until one can tell. Each has an equal share of the time that is left.
    async fn ask(&self, name: &Name, families: Families, deadline: Instant) -> Result<Found, DialError> {
        let mut failure = ResolveFailure::Timeout;
        for (server, until) in self.in_turn(deadline) {
            match server.ask(name, families, until).await? {
                Err(latest @ (ResolveFailure::ServerFailure | ResolveFailure::Timeout)) => {
                    failure = more_telling(latest, failure);
                }
                found => return Ok(found),
            }
        }
        Ok(Err(failure))
    }

    /// The names that this host's name is an alias of, one behind the other (RFC 1034 §3.6.2); none where it is no alias,
    /// or where the hosts file has it. `Err` in it says why that could not be told.
    pub async fn aliases(&self, host: &Host, wait: Duration) -> Result<Result<Vec<String>, ResolveFailure>, DialError> {
        let Host::Name(name) = host else { return Ok(Ok(Vec::new())) };
        let mut name = fully_qualified(name)?;
        if look_up_in(&self.hosts, &name, Families::Any).is_some() || name.is_localhost() {
            return Ok(Ok(Vec::new()));
        }
        if self.servers.is_empty() {
            return Err(DialError::ResolverConfiguration(self.no_servers.clone().into()));
        }
        let deadline = Instant::now() + wait.min(LONGEST_WAIT);
        let mut aliases: Vec<Name> = Vec::new();
        while aliases.len() < MOST_ALIASES {
            match self.ask_alias(&name, deadline).await? {
                Ok(Some(alias)) if !aliases.contains(&alias) => {
                    aliases.push(alias.clone());
                    name = alias;
                }
                // That there is nothing behind an alias is for whoever asks for addresses.
                Ok(_) => break,
                Err(ResolveFailure::Nxdomain) if !aliases.is_empty() => break,
                Err(failure) => return Ok(Err(failure)),
            }
        }
        let spoken = |name: &Name| name.to_ascii().trim_end_matches('.').to_owned();
        Ok(Ok(aliases.iter().map(spoken).collect()))
    }

    async fn ask_alias(
        &self,
        name: &Name,
        deadline: Instant,
    ) -> Result<Result<Option<Name>, ResolveFailure>, DialError> {
        let mut failure = ResolveFailure::Timeout;
        for (server, until) in self.in_turn(deadline) {
            match server.ask_alias(name, until).await? {
                Err(latest @ (ResolveFailure::ServerFailure | ResolveFailure::Timeout)) => {
                    failure = more_telling(latest, failure);
                }
                found => return Ok(found),
            }
        }
        Ok(Err(failure))
    }

    /// The servers, each with an end to its time: an equal share of what is left when its turn comes.
    fn in_turn(&self, deadline: Instant) -> impl Iterator<Item = (&DnsServer, Instant)> {
        let servers = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        self.servers.iter().zip((1..=servers).rev()).map(move |(server, to_ask)| {
            let now = Instant::now();
            (server, now + deadline.saturating_duration_since(now) / to_ask)
        })
    }
}

/// What the hosts file says of a name; nothing, if it does not list it. It is final, as in the system's resolver: a name
/// listed with an IPv4 address alone has no IPv6 address, whatever DNS says.
fn look_up_in(hosts: &Hosts, name: &Name, families: Families) -> Option<Found> {
    let listed = |record_type| {
        let lookup = hosts.lookup_static_host(&Query::query(name.clone(), record_type))?;
        Some(addresses_in(&lookup))
    };
    let (v6, v4) = (listed(RecordType::AAAA), listed(RecordType::A));
    if v6.is_none() && v4.is_none() {
        return None;
    }
    let v6 = v6.unwrap_or(Err(ResolveFailure::NoAddress));
    let v4 = v4.unwrap_or(Err(ResolveFailure::NoAddress));
    Some(match families {
        Families::Any => both(v6, v4),
        Families::V4 => v4,
        Families::V6 => v6,
    })
}

/// `localhost`, which means this machine whatever DNS says (RFC 6761 §6.3).
fn loopback(name: &Name, families: Families) -> Option<Found> {
    let (v6, v4) = (IpAddr::from(Ipv6Addr::LOCALHOST), IpAddr::from(Ipv4Addr::LOCALHOST));
    name.is_localhost().then(|| {
        Ok(match families {
            Families::Any => vec![v6, v4],
            Families::V4 => vec![v4],
            Families::V6 => vec![v6],
        })
    })
}

/// Any bytes may stand in a label (RFC 2181 §11), a hyphen in front of it too: whether there is such a name is for DNS to
/// say.
fn fully_qualified(name: &str) -> Result<Name, DialError> {
    let labels = name.split('.').map(str::as_bytes);
    Name::from_labels(labels).map_err(|error| DialError::Name { name: name.to_owned(), reason: error.to_string() })
}

/// The domains to look for a name without dots in: those listed, else the one that this machine is in.
fn search_list(config: &ResolverConfig) -> Vec<Name> {
    match config.search() {
        [] => config.domain().filter(|domain| !domain.is_root()).cloned().into_iter().collect(),
        search => search.to_vec(),
    }
}

/// The names that may be meant, in order. `localhost` means itself (RFC 6761 §6.3).
fn candidates(name: &Name, search: &[Name]) -> Vec<Name> {
    let search = if name.num_labels() == 1 && !name.is_localhost() { search } else { &[] };
    // A name that grows past 255 bytes with a domain is in none such.
    let searched = search.iter().filter_map(|domain| {
        let mut relative = name.clone();
        relative.set_fqdn(false);
        relative.append_domain(domain).ok()
    });
    searched.chain([name.clone()]).collect()
}

/// Each address once; reachable ones first, and otherwise as they come (a stable sort keeps that order).
fn in_order(addresses: Vec<IpAddr>, reachable: impl Fn(IpAddr) -> bool) -> Vec<IpAddr> {
    let mut ordered: Vec<IpAddr> = Vec::with_capacity(addresses.len());
    for address in addresses {
        if !ordered.contains(&address) {
            ordered.push(address);
        }
    }
    ordered.sort_by_cached_key(|address| !reachable(*address));
    ordered
}

/// Whether the system would know where to send, as glibc's getaddrinfo finds out: connecting UDP sends nothing.
pub(super) fn has_route(address: IpAddr) -> bool {
    let unspecified = match address {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    UdpSocket::bind((unspecified, 0)).and_then(|socket| socket.connect((address, DNS_PORT))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn name(text: &str) -> Name {
        fully_qualified(text).unwrap()
    }

    #[test]
    fn a_name_with_a_dot_is_asked_as_it_stands_and_one_without_goes_through_the_search_list() {
        let search = [name("corp.example"), name("example")];
        let asked = |text: &str| candidates(&name(text), &search).iter().map(Name::to_ascii).collect::<Vec<_>>();
        assert_eq!(asked("sws.update.microsoft.com"), ["sws.update.microsoft.com."]);
        assert_eq!(asked("wsus"), ["wsus.corp.example.", "wsus.example.", "wsus."]);
        assert_eq!(asked("localhost"), ["localhost."]);
    }

    #[test]
    fn the_search_list_is_the_listed_one_or_else_the_own_domain() {
        let mut config = ResolverConfig::from_name_servers(Vec::new());
        assert_eq!(search_list(&config), []);
        config.domain = Some(Name::root());
        assert_eq!(search_list(&config), []);
        config.domain = Some(name("own.example"));
        assert_eq!(search_list(&config), [name("own.example")]);
        config.add_search(name("listed.example"));
        assert_eq!(search_list(&config), [name("listed.example")]);
    }

    #[test]
    fn the_hosts_file_is_final_for_the_names_it_lists() {
        let mut hosts = Hosts::default();
        let file = "127.0.0.2 sws.update.microsoft.com sws # lab\n127.0.0.3 two.example\n::1 two.example\n";
        hosts.read_hosts_conf(file.as_bytes()).unwrap();
        let found = |text: &str, families| look_up_in(&hosts, &name(text), families);
        assert_eq!(found("SWS.update.microsoft.com", Families::Any), Some(Ok(vec![ip("127.0.0.2")])));
        assert_eq!(found("sws", Families::V4), Some(Ok(vec![ip("127.0.0.2")])));
        assert_eq!(found("sws", Families::V6), Some(Err(ResolveFailure::NoAddress)));
        assert_eq!(found("two.example", Families::Any), Some(Ok(vec![ip("::1"), ip("127.0.0.3")])));
        assert_eq!(found("unlisted.example", Families::Any), None);
    }

    #[test]
    fn addresses_without_a_route_come_last_and_none_comes_twice() {
        let given = ["2001:db8::1", "2001:db8::1", "192.0.2.2", "192.0.2.1"].map(ip);
        let v4_only = in_order(given.to_vec(), |address| address.is_ipv4());
        assert_eq!(v4_only, ["192.0.2.2", "192.0.2.1", "2001:db8::1"].map(ip));
        let both = in_order(given.to_vec(), |_| true);
        assert_eq!(both, ["2001:db8::1", "192.0.2.2", "192.0.2.1"].map(ip));
    }

    #[test]
    fn a_name_that_dns_cannot_carry_is_our_error() {
        let error = fully_qualified(&"a".repeat(64)).unwrap_err().to_string();
        assert!(error.starts_with("cannot ask for \"aaaa") && error.contains("\n  try: "), "{error}");
        for odd in ["wsus_01", "-a.example", "a-.example", "_-_", "a.-"] {
            let labels: Vec<Vec<u8>> = name(odd).iter().map(<[u8]>::to_vec).collect();
            assert_eq!(labels.join(&b'.'), odd.as_bytes());
        }
    }
}
