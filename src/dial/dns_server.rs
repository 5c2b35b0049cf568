//! One DNS server, asked for a name's addresses.
//!
//! hickory knows the protocol: retransmission, aliases, TCP after a truncated answer. This knows what its answers and
//! errors say of the name, and makes one answer of those for two families.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ProtocolConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::time::{Instant, timeout, timeout_at};

use super::DialError;
use super::dns_transport::DnsTransport;
use super::resolve::Families;
use super::socket::Fault;
use crate::outcome::ResolveFailure;

/// No look-up lasts longer.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Once one family's question has told all that is needed, the other's is not waited for longer than this: some
/// resolvers and firewalls drop questions for AAAA, and would make every look-up last to its deadline.
const SECOND_FAMILY_GRACE: Duration = Duration::from_secs(1);

/// What was found of a name, by one question or by several.
pub(super) type Found = Result<Vec<IpAddr>, ResolveFailure>;

/// One DNS server.
pub(super) struct DnsServer {
    address: SocketAddr,
    transport: DnsTransport,
    client: hickory_resolver::Resolver<DnsTransport>,
}

impl DnsServer {
    pub(super) fn new(address: SocketAddr) -> Result<Self, DialError> {
        let connections = [ProtocolConfig::Udp, ProtocolConfig::Tcp].map(|protocol| {
            let mut connection = ConnectionConfig::new(protocol);
            connection.port = address.port();
            connection
        });
        let server = NameServerConfig::new(address.ip(), true, connections.into());
        let config = ResolverConfig::from_name_servers(vec![server]);
        let transport = DnsTransport::default();
        let mut builder = hickory_resolver::Resolver::builder_with_config(config, transport.clone());
        *builder.options_mut() = options();
        let client = builder.build().map_err(|error| DialError::ResolverConfiguration(Box::new(error)))?;
        Ok(Self { address, transport, client })
    }

    /// Asks for both families at the same time, or for the one.
    pub(super) async fn ask(&self, name: &Name, families: Families, deadline: Instant) -> Result<Found, DialError> {
        let v6 = self.ask_type(name, RecordType::AAAA, deadline);
        let v4 = self.ask_type(name, RecordType::A, deadline);
        match families {
            Families::V4 => return v4.await,
            Families::V6 => return v6.await,
            Families::Any => {}
        }
        tokio::pin!(v6, v4);
        let (v6, v4) = tokio::select! {
            first = &mut v6 => {
                let other = second(&first, v4).await;
                (first, other)
            }
            first = &mut v4 => {
                let other = second(&first, v6).await;
                (other, first)
            }
        };
        Ok(both(v6?, v4?))
    }

    /// Asks what this name is an alias of; nothing where it is none.
    pub(super) async fn ask_alias(
        &self,
        name: &Name,
        deadline: Instant,
    ) -> Result<Result<Option<Name>, ResolveFailure>, DialError> {
        Ok(match self.look_up(name, RecordType::CNAME, deadline).await? {
            Ok(lookup) => Ok(alias_in(&lookup, name)),
            Err(ResolveFailure::NoAddress) => Ok(None),
            Err(failure) => Err(failure),
        })
    }

    async fn ask_type(&self, name: &Name, record_type: RecordType, deadline: Instant) -> Result<Found, DialError> {
        let found = self.look_up(name, record_type, deadline).await?;
        Ok(found.and_then(|lookup| addresses_in(&lookup)))
    }

    async fn look_up(
        &self,
        name: &Name,
        record_type: RecordType,
        deadline: Instant,
    ) -> Result<Result<Lookup, ResolveFailure>, DialError> {
        let start = Instant::now();
        match timeout_at(deadline, self.client.lookup(name.clone(), record_type)).await {
            Ok(Ok(lookup)) => Ok(Ok(lookup)),
            Ok(Err(error)) => {
                tracing::debug!(server = %self.address, %name, %record_type, %error, "no records");
                match self.transport.lack_since(start) {
                    Some(lack) => Err(self.local(lack)),
                    None => Ok(Err(reason(&error))),
                }
            }
            Err(_) => Ok(Err(ResolveFailure::Timeout)),
        }
    }

    fn local(&self, source: io::Error) -> DialError {
        let remedy = Fault::of_error(&source).remedy();
        DialError::Socket { step: "ask the resolver at", place: self.address, source, remedy }
    }
}

/// What an error of hickory says of the name.
fn reason(error: &NetError) -> ResolveFailure {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(nothing)) => match nothing.response_code {
            ResponseCode::NXDomain => ResolveFailure::Nxdomain,
            ResponseCode::NoError => ResolveFailure::NoAddress,
            _ => ResolveFailure::ServerFailure,
        },
        NetError::Timeout => ResolveFailure::Timeout,
        _ => ResolveFailure::ServerFailure,
    }
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    options.edns0 = false;
    options.use_hosts_file = ResolveHosts::Never;
    // A port chosen by hickory may be taken, and that would look as if there were none left.
    options.os_port_selection = true;
    // One try, in which a UDP question is sent again three times; how long that may take, the caller says.
    options.attempts = 0;
    options.timeout = LONGEST_WAIT;
    // Over TCP all questions share a connection: as many as have ids, lest our own queue pass for the server's failure.
    options.max_active_requests = usize::from(u16::MAX);
    options
}

/// The other family's answer, not waited for much longer when the first one's tells enough.
async fn second(
    first: &Result<Found, DialError>,
    other: impl Future<Output = Result<Found, DialError>>,
) -> Result<Found, DialError> {
    if !matches!(first, Ok(Ok(_) | Err(ResolveFailure::Nxdomain))) {
        return other.await;
    }
    timeout(SECOND_FAMILY_GRACE, other).await.unwrap_or(Ok(Err(ResolveFailure::Timeout)))
}

/// One answer out of two: the table at [`super::Resolver::addresses`].
pub(super) fn both(v6: Found, v4: Found) -> Found {
    match (v6, v4) {
        (Ok(v6), Ok(v4)) => Ok([v6, v4].concat()),
        (Ok(addresses), Err(_)) | (Err(_), Ok(addresses)) => Ok(addresses),
        (Err(v6), Err(v4)) => Err(more_telling(v6, v4)),
    }
}

pub(super) fn more_telling(one: ResolveFailure, other: ResolveFailure) -> ResolveFailure {
    let telling = |reason: &ResolveFailure| match reason {
        ResolveFailure::Nxdomain => 3,
        ResolveFailure::ServerFailure => 2,
        ResolveFailure::Timeout => 1,
        ResolveFailure::NoAddress => 0,
    };
    std::cmp::max_by_key(one, other, telling)
}

/// The addresses among the answers, which may hold the aliases on the way to them as well.
pub(super) fn addresses_in(lookup: &Lookup) -> Found {
    let addresses: Vec<IpAddr> = lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect();
    if addresses.is_empty() { Err(ResolveFailure::NoAddress) } else { Ok(addresses) }
}

/// What the name is an alias of, by the record of its own.
fn alias_in(lookup: &Lookup, name: &Name) -> Option<Name> {
    let mut own = lookup.answers().iter().filter(|record| record.name == *name);
    own.find_map(|record| match &record.data {
        RData::CNAME(alias) => Some(alias.0.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use ResolveFailure::{NoAddress, Nxdomain, ServerFailure, Timeout};

    use super::*;

    #[test]
    fn two_families_make_one_answer() {
        let (v6, v4) = (IpAddr::from([1; 16]), IpAddr::from([1; 4]));
        assert_eq!(both(Ok(vec![v6]), Ok(vec![v4])), Ok(vec![v6, v4]));
        for failure in [Nxdomain, ServerFailure, Timeout, NoAddress] {
            assert_eq!(both(Err(failure), Ok(vec![v4])), Ok(vec![v4]));
            assert_eq!(both(Ok(vec![v6]), Err(failure)), Ok(vec![v6]));
        }
        let table = [
            (Nxdomain, ServerFailure, Nxdomain),
            (Nxdomain, Timeout, Nxdomain),
            (Nxdomain, NoAddress, Nxdomain),
            (ServerFailure, Timeout, ServerFailure),
            (ServerFailure, NoAddress, ServerFailure),
            (Timeout, NoAddress, Timeout),
            (NoAddress, NoAddress, NoAddress),
        ];
        for (one, other, together) in table {
            assert_eq!(both(Err(one), Err(other)), Err(together), "{one:?}, {other:?}");
            assert_eq!(both(Err(other), Err(one)), Err(together), "{other:?}, {one:?}");
        }
    }
}
