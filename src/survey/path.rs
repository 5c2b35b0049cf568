//! Where the connections of a plan go: names looked up, a proxy made ready.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::context::{Context, families};
use crate::dial::{Destination, Failure, Families, ProxyDialer};
use crate::outcome::{Outcome, Stage};
use crate::plan::{AddressChoice, Plan, ThroughProxy};
use crate::target::Host;

/// One way to take for every question.
#[derive(Clone)]
pub(super) enum Path {
    /// Straight to this address.
    Direct(SocketAddr),
    /// To the endpoint by the proxy at this address.
    Through { dialer: Arc<ProxyDialer>, proxy: SocketAddr, destination: Destination },
}

/// The ways that a plan wants taken, one report for each.
pub(super) struct Paths {
    pub(super) to_take: Vec<Path>,
    /// Addresses of the endpoint that the plan leaves out.
    pub(super) addresses_left: Vec<IpAddr>,
    /// Whether a name was looked up.
    pub(super) looked_up: bool,
}

impl Path {
    /// The same way to another port of the endpoint.
    pub(super) fn with_port(&self, port: u16) -> Self {
        match self.clone() {
            Self::Direct(address) => Self::Direct(SocketAddr::new(address.ip(), port)),
            Self::Through { dialer, proxy, destination } => {
                Self::Through { dialer, proxy, destination: Destination { port, ..destination } }
            }
        }
    }

    /// The endpoint's address, unless the proxy alone knows it.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Direct(address) => Some(*address),
            Self::Through { destination: Destination { host: Host::Address(address), port }, .. } => {
                Some(SocketAddr::new(*address, *port))
            }
            Self::Through { .. } => None,
        }
    }
}

/// Looks up what has to be looked up here: the target, or the proxy, or both where the proxy is to be given an address.
pub(super) async fn paths(plan: &Plan, context: &Context) -> Result<Paths, Failure> {
    let Some(through) = &plan.way.through else {
        let port = plan.dial.1;
        return to_addresses(plan, context, |address| Path::Direct(SocketAddr::new(address, port))).await;
    };
    let dialer = context.proxy(through)?;
    let proxy = proxy_address(plan, context, through).await?;
    let to = |host, port| Path::Through { dialer: Arc::clone(&dialer), proxy, destination: Destination { host, port } };
    let (host, port) = &plan.dial;
    let mut paths = if through.by_name() {
        Paths { to_take: vec![to(host.clone(), *port)], addresses_left: Vec::new(), looked_up: false }
    } else {
        to_addresses(plan, context, |address| to(Host::Address(address), *port)).await?
    };
    paths.looked_up |= through.proxy.host.name().is_some();
    Ok(paths)
}

/// A way to each of the target's addresses that the plan wants asked.
async fn to_addresses(plan: &Plan, context: &Context, path: impl Fn(IpAddr) -> Path) -> Result<Paths, Failure> {
    let (host, _) = &plan.dial;
    let mut addresses = context.addresses(host, families(plan.addresses), wait(plan)).await?;
    let addresses_left = match plan.addresses {
        AddressChoice::All => Vec::new(),
        AddressChoice::First | AddressChoice::V4 | AddressChoice::V6 => addresses.split_off(1.min(addresses.len())),
    };
    let looked_up = host.name().is_some();
    Ok(Paths { to_take: addresses.into_iter().map(path).collect(), addresses_left, looked_up })
}

/// The proxy's first address. A name that leads to none is the end at the proxy, not the endpoint's.
pub(super) async fn proxy_address(
    plan: &Plan,
    context: &Context,
    through: &ThroughProxy,
) -> Result<SocketAddr, Failure> {
    let proxy = &through.proxy;
    let found = context.addresses(&proxy.host, Families::Any, wait(plan)).await;
    match found {
        Ok(addresses) => {
            let first = addresses.first().expect("a look-up that succeeds finds an address");
            Ok(SocketAddr::new(*first, proxy.port))
        }
        Err(Failure::Ended(Outcome { answer, .. })) => Err(Outcome::new(Stage::Proxy, answer).into()),
        Err(local @ Failure::Local(_)) => Err(local),
    }
}

/// For one look-up.
pub(super) fn wait(plan: &Plan) -> Duration {
    plan.waits.connect.min(plan.waits.exchange_on(&plan.way))
}
