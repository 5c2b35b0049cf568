//! Requests for `http` URLs that a proxy carries on by itself (RFC 9112 §3.2.2), without a tunnel: the connection to it,
//! and the proof of who we are, which is the same as for CONNECT.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use tokio::time::Instant;

use super::proxy_auth::{Authentication, Left};
use super::proxy_dialer::{ProxyDialer, refusal, to_the_proxy};
use super::{Connection, Failure, ProxyWaits, connect};
use crate::outcome::{HeaderField, Outcome, Stage};
use crate::plan::ThroughProxy;
use crate::proxy::ProxyScheme;

/// Whether this proxy forwards: an `http` proxy does, and most let no tunnel through to port 80.
pub fn forwards(through: &ThroughProxy) -> bool {
    through.proxy.scheme == ProxyScheme::Http
}

/// Who we are, shown to a proxy over as many tries of one request as it takes. In a whole run wrong credentials are shown
/// once for each scheme, here and to CONNECT together.
pub struct Proof<'a>(Authentication<'a>);

impl ProxyDialer {
    /// Opens a connection to the proxy at this address, which `connections` counts, for requests that it carries on.
    pub async fn connect(
        &self,
        address: SocketAddr,
        waits: ProxyWaits,
        connections: &AtomicUsize,
    ) -> Result<Connection, Failure> {
        connections.fetch_add(1, Ordering::Relaxed);
        let left = waits.deadline.saturating_duration_since(Instant::now());
        connect(address, waits.connect.min(left)).await.map_err(to_the_proxy)
    }

    /// Begins to show who we are with a request of this method for this URL.
    pub async fn prove<'a>(
        &'a self,
        method: &'static str,
        url: String,
        random: &'a mut StdRng,
        deadline: Instant,
    ) -> Result<Proof<'a>, Failure> {
        Authentication::begin(self.through(), (method, url), self.standing(), random, deadline).await.map(Proof)
    }
}

impl Proof<'_> {
    /// The value of `Proxy-Authorization` for the next try.
    pub fn authorization(&self) -> Option<&str> {
        self.0.authorization()
    }

    /// Whether the next try is a step of a proof that belongs to its connection, which is to stay open.
    pub fn is_under_way(&self) -> bool {
        self.0.is_under_way()
    }

    /// Whether the next try has to go over the connection on which the last answer came.
    pub fn is_bound_to_its_connection(&self) -> bool {
        self.0.is_bound_to_its_connection()
    }

    /// The request was carried on, or refused for another reason than who we are. A 401 is the server's where it says how
    /// to answer it (RFC 9110 §15.5.2); a proxy's own does not.
    pub async fn passed(&mut self, status: u16, headers: &[HeaderField]) {
        let is_the_servers = headers.iter().any(|field| field.name.eq_ignore_ascii_case("WWW-Authenticate"));
        self.0.passed(if is_the_servers { 200 } else { status }).await;
    }

    /// Answers a 407. False, if there is nothing more to say.
    pub async fn challenged(&mut self, headers: &[HeaderField], left: Left) -> Result<bool, Failure> {
        self.0.challenged(headers, left).await
    }

    /// The proxy's own answer as the end of the request, without a trace of our credentials.
    pub fn refusal(&self, status: u16, reason: &str, headers: &[HeaderField], body: &[u8]) -> Outcome {
        Outcome::new(Stage::Proxy, refusal((status, reason), headers, body, &self.0))
    }

    /// What no report may repeat.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.redactor().secrets()
    }
}
