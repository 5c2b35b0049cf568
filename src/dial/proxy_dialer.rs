//! A tunnel through one proxy to wherever it is asked to connect.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use tokio::time::Instant;

use super::http_connect::{self, Answered};
use super::proxy_auth::{Authentication, Standing};
use super::proxy_tls::ProxyTls;
use super::talk::{Talk, at_proxy};
use super::{Connection, Destination, DialError, Failure, connect, socks5};
use crate::outcome::{Answer, HeaderField, Outcome, ProxyProtocol, ProxyStatus, Stage};
use crate::plan::ThroughProxy;
use crate::proxy::ProxyScheme;

const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// As much of a refusal's body as a report keeps.
const BODY_START: usize = 512;

/// Dials through one proxy, and knows for a whole run how it took our credentials.
pub struct ProxyDialer {
    through: Arc<ThroughProxy>,
    tls: Option<ProxyTls>,
    standing: Standing,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct ProxyWaits {
    /// For each TCP handshake with the proxy.
    pub connect: Duration,
    /// For the tunnel, from the first open connection to the proxy on.
    pub proxy: Duration,
    /// For all of it.
    pub deadline: Instant,
}

/// What came of dialling.
#[derive(Debug)]
pub struct Dialled {
    /// The stream, or why there is none: through a proxy an outcome at stage `proxy`.
    pub result: Result<Connection, Failure>,
    /// The TCP handshake, through a proxy the one with it; of the last connection, if it took more than one.
    pub connect: Option<Duration>,
    /// From the first open connection to the proxy's last word; nothing on a direct way.
    pub proxy: Option<Duration>,
}

impl ProxyDialer {
    /// Makes ready to go through this proxy: reads the certificates to know it by.
    pub fn new(through: Arc<ThroughProxy>) -> Result<Self, DialError> {
        let proxy = &through.proxy;
        if matches!(proxy.scheme, ProxyScheme::Socks5 | ProxyScheme::Socks5h)
            && through.credentials().is_some_and(|who| who.user().len() > 255 || who.password().len() > 255)
        {
            let reason = "a user name and a password may have 255 bytes in SOCKS 5 (RFC 1929 §2)";
            return Err(DialError::Credentials { proxy: proxy.to_string(), reason });
        }
        let tls = match proxy.scheme {
            ProxyScheme::Https => Some(ProxyTls::new(proxy, &through.options.trust)?),
            ProxyScheme::Http | ProxyScheme::Socks5 | ProxyScheme::Socks5h => None,
        };
        Ok(Self { through, tls, standing: Standing::default() })
    }

    /// The proxy, and how it is spoken to.
    pub fn through(&self) -> &Arc<ThroughProxy> {
        &self.through
    }

    /// How it took our credentials.
    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Opens a tunnel through the proxy at this address. A client's nonces are drawn from `random`; `connections` counts
    /// each connection to the proxy as soon as it is tried.
    pub async fn open(
        &self,
        proxy_address: SocketAddr,
        destination: &Destination,
        waits: ProxyWaits,
        mut random: StdRng,
        connections: &AtomicUsize,
    ) -> Dialled {
        let mut dialling = Dialling { dialer: self, proxy_address, waits, opened: None, connect: None, connections };
        let result = match self.through.proxy.scheme {
            ProxyScheme::Http | ProxyScheme::Https => dialling.by_connect(destination, &mut random).await,
            ProxyScheme::Socks5 | ProxyScheme::Socks5h => dialling.by_socks(destination).await,
        };
        let proxy = dialling.opened.map(|opened| opened.elapsed());
        Dialled { result, connect: dialling.connect, proxy }
    }
}

/// One tunnel in the making.
struct Dialling<'a> {
    dialer: &'a ProxyDialer,
    proxy_address: SocketAddr,
    waits: ProxyWaits,
    /// When the first connection to the proxy was open.
    opened: Option<Instant>,
    connect: Option<Duration>,
    connections: &'a AtomicUsize,
}

impl Dialling<'_> {
    async fn by_connect(&mut self, destination: &Destination, random: &mut StdRng) -> Result<Connection, Failure> {
        let dialer = self.dialer;
        let version = dialer.through.options.http;
        let deadline = self.waits.deadline;
        let request = ("CONNECT", destination.to_string());
        let mut who = Authentication::begin(&dialer.through, request, &dialer.standing, random, deadline).await?;
        let mut open = None;
        loop {
            let is_used = open.is_some();
            let talk = match open.take() {
                Some(talk) => talk,
                None => self.connect().await?,
            };
            let answered = http_connect::ask(talk, destination, version, who.authorization(), who.is_under_way()).await;
            if is_used && !who.is_bound_to_its_connection() && answered.as_ref().is_err_and(hung_up) {
                continue;
            }
            match answered? {
                Answered::Tunnel { talk, status } => {
                    who.passed(status).await;
                    return Ok(talk.into_tunnel());
                }
                Answered::Status { head, body, talk, left } => {
                    let refused = |who: &Authentication<'_>| {
                        at_proxy(refusal((head.status, &head.reason), &head.fields, &body, who))
                    };
                    if head.status != PROXY_AUTHENTICATION_REQUIRED {
                        who.passed(head.status).await;
                        return Err(refused(&who));
                    }
                    if !who.challenged(&head.fields, left).await? {
                        return Err(refused(&who));
                    }
                    open = talk;
                }
            }
        }
    }

    async fn by_socks(&mut self, destination: &Destination) -> Result<Connection, Failure> {
        let talk = self.connect().await?;
        let credentials = self.dialer.through.credentials();
        let credentials = credentials.map(|credentials| (credentials, &self.dialer.standing));
        Ok(socks5::open(talk, destination, credentials).await?.into_tunnel())
    }

    /// A new connection to the proxy, inside TLS if it wants that.
    async fn connect(&mut self) -> Result<Talk, Failure> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let left = self.waits.deadline.saturating_duration_since(Instant::now());
        let connection = connect(self.proxy_address, self.waits.connect.min(left)).await.map_err(to_the_proxy)?;
        self.connect = Some(connection.elapsed());
        let opened = *self.opened.get_or_insert_with(Instant::now);
        let deadline = self.waits.deadline.min(opened + self.waits.proxy);
        let connection = match &self.dialer.tls {
            Some(tls) => connection.inside(async |tcp| tls.wrap(tcp, deadline).await).await?,
            None => connection,
        };
        Ok(Talk::new(connection, Stage::Proxy, deadline))
    }
}

/// Whether the proxy closed without a word: after a 407 some do, though they did not say that they would.
fn hung_up(failure: &Failure) -> bool {
    let Failure::Ended(Outcome { answer, .. }) = failure else { return false };
    matches!(answer, Answer::Fin { received_bytes: 0, .. } | Answer::Reset { received_bytes: 0, .. })
}

/// What ends on the way to the proxy ends at stage `proxy`: it says nothing of the endpoint.
pub(super) fn to_the_proxy(failure: Failure) -> Failure {
    match failure {
        Failure::Ended(Outcome { answer, .. }) => Outcome::new(Stage::Proxy, answer).into(),
        local @ Failure::Local(_) => local,
    }
}

/// The proxy's own answer, without a trace of our credentials.
pub(super) fn refusal(
    (status, reason): (u16, &str),
    headers: &[HeaderField],
    body: &[u8],
    who: &Authentication<'_>,
) -> Answer {
    let clean = |text: &str| who.redactor().clean(text);
    let fields = headers.iter();
    let headers = fields.map(|field| HeaderField { name: clean(&field.name), value: clean(&field.value) }).collect();
    let (auth_tried, auth_not_tried) = who.history();
    Answer::ProxyStatus(ProxyStatus {
        protocol: ProxyProtocol::Http,
        status,
        reason: clean(reason),
        auth_schemes: if status == PROXY_AUTHENTICATION_REQUIRED { who.offered() } else { Vec::new() },
        auth_tried,
        auth_not_tried,
        headers,
        body_start: clean(&String::from_utf8_lossy(body)).chars().take(BODY_START).collect(),
    })
}
