//! Fetches what certificates name: other certificates, revocation lists, OCSP answers. Plain HTTP, over the way that the
//! endpoint is reached by, and directly as well where that is another one. Redirects and further addresses are tried as
//! Windows tries them; the report names what was followed.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;
use tracing::info;

use super::context::Context;
use super::forwarded::{Carrier, NotCarried};
use super::path::proxy_address;
use crate::dial::{self, Destination, Failure, Families, ProxyWaits};
use crate::http::{self, Asked, HttpUrl, Limits, Request, Response};
use crate::observation::FetchEnd;
use crate::outcome::milliseconds;
use crate::plan::{Plan, Trust};
use crate::probe::{Fetched, Want, Wanted};
use crate::target::{Host, Target};

/// Requests at the same time.
const AT_ONCE: usize = 6;

/// The longest list that is read. The largest of the web have some tens of megabytes.
const LONGEST_LIST: usize = 32 * 1024 * 1024;

/// The longest file of certificates.
const LONGEST_FILE: usize = 1024 * 1024;

/// The longest OCSP answer.
const LONGEST_ANSWER: usize = 64 * 1024;

/// As much as is held of all that is fetched in one round: what comes when it is reached is not read.
const MOST_HELD: usize = 128 * 1024 * 1024;

/// The most redirects that are followed one after another.
const MOST_REDIRECTS: usize = 5;

/// The most addresses of a host that are tried, and how long each may take while there is another.
const MOST_ADDRESSES: usize = 4;
const EACH_ADDRESS: Duration = Duration::from_secs(3);

/// Fetches all of it, each thing over each way, in the order of what is wanted.
pub(super) async fn fetch(
    plan: &Plan,
    trust: &Trust,
    context: &Context,
    wanted: Vec<Wanted>,
    connections: &AtomicUsize,
) -> Vec<Fetched> {
    let fetching = &Fetching { plan, trust, context, connections, held: AtomicUsize::new(0) };
    let ways: &[bool] = if plan.way.through.is_some() { &[true, false] } else { &[false] };
    let fetches: Vec<(Wanted, bool)> =
        wanted.into_iter().flat_map(|wanted| ways.iter().map(move |through| (wanted.clone(), *through))).collect();
    let fetches = fetches.into_iter().map(|(wanted, through)| async move {
        let (redirects, answered) = fetching.follow(&wanted, through).await;
        let (end, body) = answered.map_or_else(|end| (end, Vec::new()), ended);
        fetching.held.fetch_add(body.len(), Ordering::Relaxed);
        info!(url = %wanted.url, through, end = %end.in_brief(), "fetched");
        Fetched::new(wanted, if through { "proxy" } else { "direct" }, redirects, end, body)
    });
    futures_util::stream::iter(fetches).buffered(AT_ONCE).take_until(context.stop.stopped()).collect().await
}

fn ended(response: Response) -> (FetchEnd, Vec<u8>) {
    let Response { status, reason, body, is_whole, is_cut, total, .. } = response;
    match (status, is_whole) {
        (200, true) => (FetchEnd::Fetched { bytes: body.len(), total_ms: milliseconds(total) }, body),
        (200, false) if is_cut => (FetchEnd::TooLong { bytes: body.len() }, Vec::new()),
        (200, false) => {
            let reason = format!("{reason}, and the body broke off after {} bytes", body.len());
            (FetchEnd::Status { status, reason }, Vec::new())
        }
        _ => (FetchEnd::Status { status, reason }, Vec::new()),
    }
}

/// What this machine could not do does not spoil the endpoint's report.
fn not_fetched(failure: Failure) -> FetchEnd {
    match failure {
        Failure::Ended(outcome) => FetchEnd::Ended { outcome },
        Failure::Local(error) => FetchEnd::Failed { error: error.to_string() },
    }
}

/// What all fetches of a round share.
struct Fetching<'a> {
    plan: &'a Plan,
    trust: &'a Trust,
    context: &'a Context,
    connections: &'a AtomicUsize,
    /// Octets of the bodies that came.
    held: AtomicUsize,
}

impl Fetching<'_> {
    /// Asks, and goes where redirects lead, as Windows does: from one `http` URL to another. Gives the URLs that followed.
    async fn follow(&self, wanted: &Wanted, through: bool) -> (Vec<String>, Result<Response, FetchEnd>) {
        let deadline = Instant::now() + self.plan.waits.exchange;
        let mut redirects = Vec::new();
        let Some(mut url) = HttpUrl::parse(&wanted.url) else { return (redirects, Err(FetchEnd::NotHttp)) };
        loop {
            let response = match self.ask(&url, &wanted.what, through, deadline).await {
                Ok(response) => response,
                Err(end) => return (redirects, Err(end)),
            };
            let Some(location) = leads_to(&response) else { return (redirects, Ok(response)) };
            let location = url.join(location);
            // A question that is put again in another form is another question.
            let keeps_question = matches!(wanted.what, Want::Issuer | Want::List) || response.status >= 307;
            match HttpUrl::parse(&location) {
                Some(next) if keeps_question && redirects.len() < MOST_REDIRECTS => {
                    redirects.push(next.to_string());
                    url = next;
                }
                _ => return (redirects, Err(FetchEnd::LeadsAway { location })),
            }
        }
    }

    /// One request.
    async fn ask(&self, url: &HttpUrl, what: &Want, through: bool, deadline: Instant) -> Result<Response, FetchEnd> {
        let Self { plan, context, connections, .. } = self;
        let target = Target::new(url.host.clone(), url.port);
        let redirected = self.trust.connect_to.iter().find_map(|rule| rule.redirect(&target));
        let (host, port) = redirected.unwrap_or((target.host, target.port));
        let question = match what {
            Want::OcspAnswer { question } => Some(question.as_slice()),
            Want::Issuer | Want::List => None,
        };
        let method = if question.is_some() { "POST" } else { "GET" };
        let fields: &[(&str, &str)] = match question {
            Some(_) => &[("Content-Type", "application/ocsp-request")],
            None => &[],
        };
        let request = Request {
            method,
            target: url.path.clone(),
            host: url.authority(),
            fields,
            keeps: false,
            body: question.unwrap_or_default(),
        };
        let limits = Limits { deadline, body: self.longest(what) };
        let waits = ProxyWaits { connect: plan.waits.connect, proxy: plan.waits.proxy, deadline };
        let asked = match plan.way.through.as_ref().filter(|_| through) {
            None => {
                let mut stream = self.direct(&host, port, deadline).await.map_err(not_fetched)?;
                http::ask(&mut stream, &request, limits).await
            }
            Some(proxy) => {
                let address = proxy_address(plan, context, proxy).await.map_err(not_fetched)?;
                let dialer = context.proxy(proxy).map_err(|error| not_fetched(error.into()))?;
                if dial::forwards(proxy) {
                    let carrier = Carrier { dialer: &dialer, address, waits, connections, evidence: false };
                    let whole_url = HttpUrl { host, port, path: url.path.clone() }.to_string();
                    match carrier.ask(method, whole_url, &request, limits, context.draw()).await {
                        Ok(carried) => Ok(carried.asked),
                        Err(NotCarried::Dial(failure)) => return Err(not_fetched(failure)),
                        Err(NotCarried::Local(error)) => Err(error),
                    }
                } else {
                    let destination = Destination { host, port };
                    let dialled = dialer.open(address, &destination, waits, context.draw(), connections).await;
                    http::ask(&mut dialled.result.map_err(not_fetched)?, &request, limits).await
                }
            }
        };
        match asked {
            Ok(Asked::Answered(response)) => Ok(response),
            Ok(Asked::Ended(outcome)) => Err(FetchEnd::Ended { outcome }),
            Err(error) => Err(FetchEnd::Failed { error: error.to_string() }),
        }
    }

    /// As much of a body as is read.
    fn longest(&self, what: &Want) -> usize {
        let longest = match what {
            Want::Issuer => LONGEST_FILE,
            Want::List => LONGEST_LIST,
            Want::OcspAnswer { .. } => LONGEST_ANSWER,
        };
        longest.min(MOST_HELD.saturating_sub(self.held.load(Ordering::Relaxed)))
    }

    /// Connects to the host's first address that answers: who publishes lists is our surroundings, not what is asked about,
    /// and Windows goes on to the next address too.
    async fn direct(&self, host: &Host, port: u16, deadline: Instant) -> Result<dial::Connection, Failure> {
        let wait = self.plan.waits.connect;
        let addresses = self.context.addresses(host, Families::Any, wait).await?;
        let (last, first) = addresses
            .get(..MOST_ADDRESSES)
            .unwrap_or(&addresses)
            .split_last()
            .expect("a look-up that succeeds finds an address");
        for address in first {
            if let Ok(connection) = self.connect((*address, port), EACH_ADDRESS, deadline).await {
                return Ok(connection);
            }
        }
        self.connect((*last, port), wait, deadline).await
    }

    async fn connect(&self, to: (IpAddr, u16), wait: Duration, deadline: Instant) -> Result<dial::Connection, Failure> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let left = deadline.saturating_duration_since(Instant::now());
        dial::connect(to.into(), wait.min(self.plan.waits.connect).min(left)).await
    }
}

/// Where a redirect leads (RFC 9110 §15.4).
fn leads_to(response: &Response) -> Option<&str> {
    let location = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("Location"))?;
    matches!(response.status, 301 | 302 | 303 | 307 | 308).then_some(location.value.as_str())
}
