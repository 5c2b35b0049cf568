//! A way to the target: its name into addresses, one address into an open stream.
//!
//! A proxy stands between where the plan says so: then the address is the proxy's, and the stream begins where its
//! tunnel does.
//!
//! All steps end in what was asked for, in an [`Outcome`] (the name does not exist, the port is closed, nothing
//! answers) or in a [`DialError`] where this machine could not even ask. Each is bounded by the time it is given, and
//! neither chooses: all addresses are handed back, one address is dialled, and nothing is tried a second time elsewhere.
//!
//! What it does not know:
//!
//! - who refused. A firewall that answers a SYN with ICMP "port unreachable" reads as `refused`, as does a RST from
//!   something on the path: the system's TCP tells them apart no more than this.
//! - why a resolver says what it says. An answer that a filter made up is an answer.
//! - names outside DNS and the hosts file: mDNS, LLMNR, `NetBIOS` and WINS are not asked.

mod connection;
mod direct;
mod dns_server;
mod dns_transport;
mod forward;
mod http_connect;
mod proxy_auth;
mod proxy_dialer;
mod proxy_tls;
mod resolve;
mod socket;
mod socks5;
mod starttls;
mod talk;
mod tcp;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::outcome::Outcome;
use crate::target::Host;
use resolve::has_route;
use socket::Fault;

pub use connection::Connection;
pub use direct::connect;
pub use forward::{Proof, forwards};
pub use http_connect::LONGEST_PAGE;
pub use proxy_auth::Left;
pub use proxy_dialer::{Dialled, ProxyDialer, ProxyWaits};
pub use resolve::{Families, Resolver};
pub use socket::{raise_descriptor_limit, schedule_as_batch};
pub use starttls::{Replies, Reply, starttls};
pub use talk::{is_reset, is_silence};

/// What a proxy is asked to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The name that the proxy is to look up, or an address.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
}

/// `host:port`, with brackets around an IPv6 address (RFC 9112 §3.2.3).
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            ref host => write!(f, "{host}:{}", self.port),
        }
    }
}

/// Why a step has no result: the way ended, or it could not be tried.
#[derive(Debug)]
pub enum Failure {
    /// The name, the peer or the path ended it; this belongs in the report.
    Ended(Outcome),
    /// This machine could not ask; it says nothing of the peer.
    Local(DialError),
}

impl From<Outcome> for Failure {
    fn from(outcome: Outcome) -> Self {
        Self::Ended(outcome)
    }
}

impl From<DialError> for Failure {
    fn from(error: DialError) -> Self {
        Self::Local(error)
    }
}

/// What *we* could not do.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The system names no resolver, or not where it can be read.
    #[error("cannot read the system's resolver configuration: {0}\n  try: name a resolver with --dns SERVER")]
    ResolverConfiguration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The host's name can't be written in a DNS question (RFC 1035 §2.3.4).
    #[error("cannot ask for {name:?}: {reason}\n  try: labels of 1 to 63 letters, at most 253 in all")]
    Name {
        /// The name as it was given.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The system would not open a socket, or not let it be used.
    #[error("cannot {step} {place}: {source}\n  try: {remedy}")]
    Socket {
        /// What was being done, such as `connect to`.
        step: &'static str,
        /// The far end it was done for.
        place: SocketAddr,
        /// The system's words.
        source: io::Error,
        /// What to do about it.
        remedy: &'static str,
    },
    /// The certificates to know an `https` proxy by can't be had.
    #[error(
        "cannot read {path}: {reason}\n  needed for: proxy {proxy}\n  try: name a PEM file of certificates with --proxy-trust FILE"
    )]
    ProxyTrust {
        /// The file, or what stands for the system's store.
        path: PathBuf,
        /// The proxy.
        proxy: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a user is called, or the password, does not fit into the proxy's protocol.
    #[error("cannot tell the proxy {proxy} who we are: {reason}")]
    Credentials {
        /// The proxy.
        proxy: String,
        /// Why not, without the words themselves.
        reason: &'static str,
    },
}

impl DialError {
    /// Whether this machine ran out of ports, descriptors or memory for sockets, and not for good.
    pub fn is_exhaustion(&self) -> bool {
        match self {
            // A machine without any address of that family has no port to wait for.
            Self::Socket { place, source, .. } => {
                is_exhaustion(source) && (!lacks_port(source) || has_route(place.ip()))
            }
            _ => false,
        }
    }
}

/// Whether the system's error tells of ports, descriptors or memory for sockets that this machine has no more of.
pub fn is_exhaustion(error: &io::Error) -> bool {
    Fault::of_error(error).is_exhaustion()
}

fn lacks_port(error: &io::Error) -> bool {
    Fault::of_error(error) == Fault::NoLocalAddress
}
