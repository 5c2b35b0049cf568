//! Proxies that do on command what real ones do now and then: what the dialer makes of each.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "so a test fails, and says why")]

#[path = "../support/scripted_proxy.rs"]
mod scripted_proxy;

mod authentication;
mod connect;
mod https;
mod report;
mod secrets;
mod socks5;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::dial::{Connection, Destination, Failure, ProxyDialer, ProxyWaits};
use tlsprobe::outcome::{Answer, Outcome, ProxyStatus, Stage};
use tlsprobe::plan::ThroughProxy;
use tlsprobe::proxy::{Proxy, ProxyOptions};
use tokio::time::Instant;

/// How long a proxy may take in a test that is not about silence.
const LONG: Duration = Duration::from_secs(20);

/// The dialer for a proxy at this address; `scheme` may carry a user's part: `http://user:password@`.
fn dialer(scheme: &str, address: SocketAddr, options: ProxyOptions) -> ProxyDialer {
    let proxy = Proxy::parse(&format!("{scheme}{address}")).unwrap();
    ProxyDialer::new(Arc::new(ThroughProxy { proxy, options })).unwrap()
}

fn destination(host: &str) -> Destination {
    Destination { host: host.parse().unwrap(), port: 443 }
}

/// What came of dialling, and how many connections it took.
struct Dialled {
    result: Result<Connection, Failure>,
    connect: Option<Duration>,
    proxy: Option<Duration>,
    connections: usize,
}

async fn dial_to(dialer: &ProxyDialer, address: SocketAddr, host: &str, wait: Duration) -> Dialled {
    let waits = ProxyWaits { connect: LONG, proxy: wait, deadline: Instant::now() + LONG };
    let connections = AtomicUsize::new(0);
    let dialled = dialer.open(address, &destination(host), waits, StdRng::seed_from_u64(1), &connections).await;
    let (connect, proxy) = (dialled.connect, dialled.proxy);
    Dialled { result: dialled.result, connect, proxy, connections: connections.into_inner() }
}

/// Dials an endpoint through a plain HTTP proxy with nothing special about it.
async fn dial(address: SocketAddr) -> Dialled {
    let dialer = dialer("http://", address, ProxyOptions::default());
    dial_to(&dialer, address, "endpoint.test", LONG).await
}

#[track_caller]
fn tunnel(dialled: Dialled) -> Connection {
    dialled.result.unwrap_or_else(|failure| panic!("expected a tunnel, got {failure:?}"))
}

/// The answer of an end at the proxy.
#[track_caller]
fn end(dialled: Dialled) -> Answer {
    match dialled.result {
        Err(Failure::Ended(Outcome { stage: Stage::Proxy, answer, .. })) => answer,
        other => panic!("expected an end at the proxy, got {other:?}"),
    }
}

#[track_caller]
fn status(dialled: Dialled) -> ProxyStatus {
    match end(dialled) {
        Answer::ProxyStatus(status) => status,
        other => panic!("expected a status, got {other:?}"),
    }
}

/// Field, offset and expectation of a broken answer.
#[track_caller]
fn malformed(dialled: Dialled) -> (String, usize, String) {
    match end(dialled) {
        Answer::Malformed { field, offset, expected } => (field, offset, expected),
        other => panic!("expected a malformed answer, got {other:?}"),
    }
}
