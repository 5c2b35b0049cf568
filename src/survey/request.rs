//! The HTTP request of a question: over a connection that was just secured, or in the clear.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::SurveyError;
use super::ask::{Answered, dial, keep};
use super::path::Path;
use super::secrets::Secrets;
use crate::dial::{self, Connection, Failure, ProxyWaits};
use crate::exchange::{Client, Event, Recorded};
use crate::http::{self, Asked, Limits, Overheard, Request, Response, Secured};
use crate::offer::OfferSummary;
use crate::outcome::{
    AfterAlert, Answer, ConfirmedBy, HttpExchange, HttpResponse, Outcome, ProxyProtocol, ProxyStatus, Stage, Timing,
    milliseconds, sub_status,
};
use crate::plan::{BearerToken, Plan};
use crate::question::{HttpRequest, HttpScheme, Question};
use crate::target::Host;

/// As much of a body as is read.
const BODY_READ: usize = 64 * 1024;

/// As much of it as a report shows.
const BODY_SHOWN: usize = 1024;

/// How long to look for the FIN or RST behind an alert.
const AFTERMATH: Duration = Duration::from_secs(1);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// What we say we are: some front ends answer nobody who does not say.
const USER_AGENT: &str = concat!("tlsprobe/", env!("CARGO_PKG_VERSION"));

/// A request that goes to a proxy, which carries it on.
struct Forwarded {
    authorization: Option<Zeroizing<String>>,
}

/// Sends the request over a connection whose handshake is complete, and adds to the record what came of it.
pub(super) async fn over_tls(
    plan: &Plan,
    connection: &mut Connection,
    client: Client,
    recorded: &mut Recorded,
    request: &HttpRequest,
    deadline: Instant,
    random: &mut StdRng,
) -> io::Result<HttpExchange> {
    let begun = Instant::now();
    let secrets = secrets(plan, request, None);
    let outside = Overheard::new(connection, plan.evidence);
    let inside = Secured::new(outside, client, StdRng::from_rng(random));
    let mut stream = Overheard::new(inside, plan.evidence);
    let asked = send(plan, &mut stream, request, None, deadline).await?;
    // Nobody waits for an answer to a goodbye.
    timeout(GOODBYE, stream.shutdown()).await.ok();
    let (inside, heard_inside) = stream.into_parts();
    let (outside, told) = inside.into_parts();
    let (connection, heard_outside) = outside.into_parts();
    recorded.application_data = heard_inside.map(|heard| secrets.application_data(&heard));
    // Whoever has the keys reads a token out of the records.
    if let Some(heard) = heard_outside.filter(|_| secrets.is_empty()) {
        recorded.sent.extend(heard.sent);
        recorded.received.extend(heard.received);
    }
    let url = url(plan, request);
    let asked_for_certificate = told.certificate_request.is_some();
    let (outcome, response) = match asked {
        Asked::Answered(response) => {
            let response = secrets.clean(response);
            (completed(&recorded.outcome.answer, &response), Some(shown(response)))
        }
        Asked::Ended(outcome) => {
            let after = begun.elapsed();
            let then = if told.complaint().is_some() { behind(connection).await } else { AfterAlert::Open };
            let ending = told.ending(then, after).map(|answer| Outcome::new(Stage::Http, answer));
            (ending.unwrap_or(outcome), None)
        }
    };
    recorded.outcome = outcome;
    if let Some(request) = told.certificate_request {
        recorded.learned.take(Event::CertificateRequest(request));
    }
    recorded.learned.key_log.extend(told.key_log);
    Ok(HttpExchange { url, response, asked_for_certificate })
}

/// What comes behind an alert.
async fn behind(connection: &mut Connection) -> AfterAlert {
    let mut rest = [0; 1024];
    let looked = timeout(AFTERMATH, async {
        loop {
            match connection.read(&mut rest).await {
                Ok(0) => break AfterAlert::Fin,
                Ok(_) => {}
                Err(_) => break AfterAlert::Reset,
            }
        }
    });
    looked.await.unwrap_or(AfterAlert::Open)
}

/// Sends the request without TLS, on a connection of its own. A proxy that forwards requests is given the whole URL, as
/// a Windows client does.
pub(super) async fn in_clear(
    plan: &Plan,
    path: &Path,
    question: Question,
    mut random: StdRng,
    connections: &AtomicUsize,
) -> Result<Answered, SurveyError> {
    let started = Instant::now();
    let deadline = started + plan.waits.exchange_on(&plan.way);
    let mut timing = Timing::default();
    let (dialled, forwarded) = match path {
        Path::Through { dialer, proxy, .. } if dial::forwards(dialer.through()) => {
            connections.fetch_add(1, Ordering::Relaxed);
            let waits = ProxyWaits { connect: plan.waits.connect, proxy: plan.waits.proxy, deadline };
            match dial::forward(dialer.through(), *proxy, waits).await {
                Ok(forwarding) => {
                    timing.connect = Some(milliseconds(forwarding.connection.elapsed()));
                    let forwarded = Forwarded { authorization: forwarding.authorization };
                    (Ok(forwarding.connection), Some(forwarded))
                }
                Err(failure) => (Err(failure), None),
            }
        }
        _ => {
            let dialled = dial(plan, path, deadline, StdRng::from_rng(&mut random), connections).await;
            timing.connect = dialled.connect.map(milliseconds);
            timing.proxy = dialled.proxy.map(milliseconds);
            (dialled.result, None)
        }
    };
    let mut http = not_sent(plan, &question);
    let mut heard = None;
    let request = question.request.as_ref().expect("only a question with a request is asked in the clear");
    let secrets = secrets(plan, request, forwarded.as_ref());
    let outcome = match dialled {
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => outcome,
        Ok(connection) => {
            let mut stream = Overheard::new(connection, plan.evidence);
            let asked = send(plan, &mut stream, request, forwarded.as_ref(), deadline)
                .await
                .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?;
            heard = stream.into_parts().1;
            match asked {
                Asked::Ended(outcome) => outcome,
                Asked::Answered(response) if forwarded.is_some() && response.status == PROXY_AUTHENTICATION => {
                    proxys_own(secrets.clean(response), forwarded.as_ref().is_some_and(|it| it.authorization.is_some()))
                }
                Asked::Answered(response) => {
                    let response = secrets.clean(response);
                    timing.first_byte = Some(milliseconds(response.first_byte));
                    let outcome = completed(&Answer::Refused { after_ms: 0.0 }, &response);
                    if let Some(http) = &mut http {
                        http.response = Some(shown(response));
                    }
                    outcome
                }
            }
        }
    };
    timing.total = milliseconds(started.elapsed());
    let mut recorded = Recorded::not_reached(outcome);
    match heard {
        // What is said to a proxy is not what the endpoint hears.
        Some(heard) if forwarded.is_some() || !secrets.is_empty() => {
            recorded.application_data = Some(secrets.application_data(&heard));
        }
        Some(heard) => (recorded.sent, recorded.received) = (heard.sent, heard.received),
        None => {}
    }
    let mut exchange = recorded.into_exchange(question.purpose, OfferSummary::default(), timing, keep(plan));
    exchange.http = http;
    Ok(Answered { exchange, certificates: Vec::new(), stapled: None, left: None })
}

/// What a proxy that forwards a request by itself can be told: the other schemes are spoken to CONNECT alone.
pub(super) const FORWARDED_BY_BASIC: &str = "a request that the proxy forwards, without a tunnel, goes with credentials \
                                             only by --proxy-auth basic";

/// `Proxy Authentication Required` (RFC 9110 §15.5.8): no server behind a proxy says so.
pub(super) const PROXY_AUTHENTICATION: u16 = 407;

/// `was_shown`: whether our credentials went along.
fn proxys_own(response: Response, was_shown: bool) -> Outcome {
    let Response { status, reason, headers, body, .. } = response;
    let named = headers.iter().filter(|field| field.name.eq_ignore_ascii_case("Proxy-Authenticate"));
    let schemes = named.filter_map(|field| field.value.split_whitespace().next()).map(str::to_owned);
    let schemes: Vec<String> = schemes.collect();
    let by_basic = if was_shown { vec!["basic".to_owned()] } else { Vec::new() };
    let others = schemes.iter().filter(|scheme| !(was_shown && scheme.eq_ignore_ascii_case("basic")));
    let not_tried = others.map(|scheme| format!("{}: {FORWARDED_BY_BASIC}", scheme.to_ascii_lowercase())).collect();
    let answer = Answer::ProxyStatus(ProxyStatus {
        protocol: ProxyProtocol::Http,
        status,
        reason,
        auth_schemes: schemes,
        auth_tried: by_basic,
        auth_not_tried: not_tried,
        headers,
        body_start: start(&body),
    });
    Outcome::new(Stage::Proxy, answer)
}

/// The record of a question's request before anything came of it.
pub(super) fn not_sent(plan: &Plan, question: &Question) -> Option<HttpExchange> {
    let request = question.request.as_ref()?;
    Some(HttpExchange { url: url(plan, request), response: None, asked_for_certificate: false })
}

/// What goes along with a request and is for no report.
fn secrets(plan: &Plan, request: &HttpRequest, forwarded: Option<&Forwarded>) -> Secrets {
    let token = plan.token.as_ref().filter(|_| request.with_token).map(BearerToken::authorization);
    let to_proxy = forwarded.and_then(|forwarded| forwarded.authorization.as_ref());
    Secrets::of(token.iter().chain(to_proxy).map(|value| value.as_str()))
}

async fn send<S>(
    plan: &Plan,
    stream: &mut S,
    request: &HttpRequest,
    forwarded: Option<&Forwarded>,
    deadline: Instant,
) -> io::Result<Asked>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let token = plan.token.as_ref().filter(|_| request.with_token).map(BearerToken::authorization);
    let mut fields = vec![("User-Agent", USER_AGENT)];
    fields.extend(token.as_ref().map(|token| ("Authorization", token.as_str())));
    let to_proxy = forwarded.and_then(|forwarded| forwarded.authorization.as_ref());
    fields.extend(to_proxy.map(|value| ("Proxy-Authorization", value.as_str())));
    let request = Request {
        method: "GET",
        target: if forwarded.is_some() { url(plan, request) } else { request.path.clone() },
        host: authority(plan, request.scheme),
        fields: &fields,
        body: &[],
    };
    http::ask(stream, &request, Limits { deadline, body: BODY_READ }).await
}

fn url(plan: &Plan, request: &HttpRequest) -> String {
    format!("{}://{}{}", request.scheme.word(), authority(plan, request.scheme), request.path)
}

/// `host`, or `host:port` where the scheme has another one of its own.
pub(super) fn authority(plan: &Plan, scheme: HttpScheme) -> String {
    let (host, port) = (&plan.target.host, plan.target.port);
    if port != scheme.port() {
        return plan.target.to_string();
    }
    match host {
        Host::Address(std::net::IpAddr::V6(address)) => format!("[{address}]"),
        host => host.to_string(),
    }
}

/// The end of an exchange that was answered over HTTP; of what went before, it keeps what the handshake told.
fn completed(before: &Answer, response: &Response) -> Outcome {
    let (before_request, resumed) = match before {
        Answer::Completed { received_bytes, resumed, .. } => (*received_bytes, *resumed),
        _ => (0, false),
    };
    Outcome::new(
        Stage::Http,
        Answer::Completed {
            received_bytes: before_request + response.received_bytes,
            resumed,
            confirmed_by: ConfirmedBy::ApplicationData,
            status_line: Some(format!("{} {}", response.status, response.reason).trim_end().to_owned()),
        },
    )
}

fn shown(response: Response) -> HttpResponse {
    let Response { status, reason, interim, headers, body, is_whole, first_byte, total, .. } = response;
    HttpResponse {
        status,
        reason,
        interim,
        sub_status: sub_status(status, &String::from_utf8_lossy(&body)).map(str::to_owned),
        headers,
        body_start: start(&body),
        body_bytes: body.len(),
        body_is_whole: is_whole,
        first_byte_ms: milliseconds(first_byte),
        total_ms: milliseconds(total),
    }
}

fn start(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..BODY_SHOWN).unwrap_or(body)).into_owned()
}
