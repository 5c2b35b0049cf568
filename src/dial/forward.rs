//! A connection to a proxy that forwards requests for `http` URLs by itself (RFC 9112 §3.2.2), without a tunnel.

use std::net::SocketAddr;

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::proxy_auth::basic_authorization;
use super::proxy_dialer::to_the_proxy;
use super::{Connection, Failure, ProxyWaits, connect};
use crate::plan::ThroughProxy;
use crate::proxy::{AuthChoice, AuthScheme, ProxyScheme};

/// A connection on which a proxy takes requests, and who we are to it.
#[derive(Debug)]
pub struct Forwarding {
    /// The connection.
    pub connection: Connection,
    /// The value of `Proxy-Authorization`. Basic alone, and only where it was chosen: the other schemes need an answer
    /// of the proxy first.
    pub authorization: Option<Zeroizing<String>>,
}

/// Whether this proxy forwards: an `http` proxy does, and most let no tunnel through to port 80.
pub fn forwards(through: &ThroughProxy) -> bool {
    through.proxy.scheme == ProxyScheme::Http
}

/// Opens a connection to the proxy at this address.
pub async fn forward(through: &ThroughProxy, address: SocketAddr, waits: ProxyWaits) -> Result<Forwarding, Failure> {
    let left = waits.deadline.saturating_duration_since(Instant::now());
    let connection = connect(address, waits.connect.min(left)).await.map_err(to_the_proxy)?;
    let credentials = through.credentials().filter(|_| through.options.auth == AuthChoice::Only(AuthScheme::Basic));
    let authorization = credentials.and_then(|credentials| basic_authorization(credentials).ok());
    Ok(Forwarding { connection, authorization })
}
