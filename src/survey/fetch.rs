//! Fetches what certificates name: other certificates, revocation lists, OCSP answers. Plain HTTP, over the way that the
//! endpoint is reached by, and directly as well where that is another one.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use tokio::time::Instant;
use tracing::info;

use super::context::Context;
use super::path::proxy_address;
use super::request::{FORWARDED_BY_BASIC, PROXY_AUTHENTICATION};
use crate::dial::{self, Destination, Failure, Families, ProxyWaits};
use crate::http::{self, Asked, HttpUrl, Limits, Request, Response};
use crate::observation::FetchEnd;
use crate::outcome::milliseconds;
use crate::plan::{Plan, Trust};
use crate::probe::{Fetched, Wanted};
use crate::target::{Host, Target};

/// Requests at the same time.
const AT_ONCE: usize = 6;

/// The longest body: the largest revocation lists of the web have some megabytes.
const LONGEST: usize = 8 * 1024 * 1024;

/// Fetches all of it, each thing over each way, in the order of what is wanted.
pub(super) async fn fetch(
    plan: &Plan,
    trust: &Trust,
    context: &Context,
    wanted: Vec<Wanted>,
    connections: &AtomicUsize,
) -> Vec<Fetched> {
    let ways: &[bool] = if plan.way.through.is_some() { &[true, false] } else { &[false] };
    let fetches = wanted.into_iter().flat_map(|wanted| ways.iter().map(move |through| (wanted.clone(), *through)));
    let fetches = fetches.map(|(wanted, through)| async move {
        let answered = one(plan, trust, context, &wanted, through, connections).await;
        let (mut end, body) = answered.map_or_else(|end| (end, Vec::new()), ended);
        if let FetchEnd::Status { status: PROXY_AUTHENTICATION, reason } = &mut end
            && through
        {
            *reason = format!("{reason}: {FORWARDED_BY_BASIC}");
        }
        info!(url = %wanted.url, through, end = %end.in_brief(), "fetched");
        let route = if through { "proxy" } else { "direct" }.to_owned();
        Fetched { wanted, route, end, body }
    });
    futures_util::stream::iter(fetches).buffered(AT_ONCE).take_until(context.stop.stopped()).collect().await
}

fn ended(response: Response) -> (FetchEnd, Vec<u8>) {
    let Response { status, reason, body, is_whole, total, .. } = response;
    match (status, is_whole) {
        (200, true) => (FetchEnd::Fetched { bytes: body.len(), total_ms: milliseconds(total) }, body),
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

/// One request on a connection of its own.
async fn one(
    plan: &Plan,
    trust: &Trust,
    context: &Context,
    wanted: &Wanted,
    through: bool,
    connections: &AtomicUsize,
) -> Result<Response, FetchEnd> {
    let url = HttpUrl::parse(&wanted.url).ok_or(FetchEnd::NotHttp)?;
    let deadline = Instant::now() + plan.waits.exchange;
    let target = Target::new(url.host.clone(), url.port);
    let redirected = trust.connect_to.iter().find_map(|rule| rule.redirect(&target));
    let (host, port) = redirected.unwrap_or((target.host, target.port));
    let (mut stream, whole_url, authorization) = match plan.way.through.as_ref().filter(|_| through) {
        None => (direct(plan, context, &host, port, connections).await.map_err(not_fetched)?, false, None),
        Some(proxy) => {
            let address = proxy_address(plan, context, proxy).await.map_err(not_fetched)?;
            let waits = ProxyWaits { connect: plan.waits.connect, proxy: plan.waits.proxy, deadline };
            if dial::forwards(proxy) {
                let forwarding = dial::forward(proxy, address, waits).await.map_err(not_fetched)?;
                (forwarding.connection, true, forwarding.authorization)
            } else {
                let dialer = context.proxy(proxy).map_err(|error| not_fetched(error.into()))?;
                let destination = Destination { host, port };
                let dialled = dialer.open(address, &destination, waits, context.draw(), connections).await;
                (dialled.result.map_err(not_fetched)?, false, None)
            }
        }
    };
    let mut fields = Vec::new();
    if wanted.question.is_some() {
        fields.push(("Content-Type", "application/ocsp-request"));
    }
    if let Some(authorization) = &authorization {
        fields.push(("Proxy-Authorization", authorization.as_str()));
    }
    let request = Request {
        method: if wanted.question.is_some() { "POST" } else { "GET" },
        target: if whole_url { url.to_string() } else { url.path.clone() },
        host: url.authority(),
        fields: &fields,
        body: wanted.question.as_deref().unwrap_or_default(),
    };
    match http::ask(&mut stream, &request, Limits { deadline, body: LONGEST }).await {
        Ok(Asked::Answered(response)) => Ok(response),
        Ok(Asked::Ended(outcome)) => Err(FetchEnd::Ended { outcome }),
        Err(error) => Err(FetchEnd::Failed { error: error.to_string() }),
    }
}

async fn direct(
    plan: &Plan,
    context: &Context,
    host: &Host,
    port: u16,
    connections: &AtomicUsize,
) -> Result<dial::Connection, Failure> {
    let addresses = context.addresses(host, Families::Any, plan.waits.connect).await?;
    let first = addresses.first().expect("a look-up that succeeds finds an address");
    connections.fetch_add(1, Ordering::Relaxed);
    dial::connect((*first, port).into(), plan.waits.connect).await
}
