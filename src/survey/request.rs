//! The HTTP request of a question: over a connection that was just secured, or in the clear.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::SurveyError;
use super::ask::{Answered, dial, keep, seed};
use super::forwarded::{Carried, Carrier, NotCarried};
use super::path::Path;
use super::secrets::Secrets;
use crate::dial::{self, Connection, Failure, ProxyWaits};
use crate::exchange::{Client, Ending, Event, Recorded, aftermath};
use crate::http::{self, Asked, Limits, Overheard, Request, Response, Secured};
use crate::outcome::{
    Answer, ApplicationData, ConfirmedBy, Exchange, HttpExchange, HttpResponse, Outcome, ProxyProtocol, ProxyStatus,
    Stage, Timing, milliseconds, sub_status,
};
use crate::plan::{BearerToken, Plan};
use crate::question::{HttpRequest, HttpScheme, Question};
use crate::target::Host;

/// As much of a body as is read.
const BODY_READ: usize = 64 * 1024;

/// As much of it as a report shows.
const BODY_SHOWN: usize = 1024;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// What we say we are: some front ends answer nobody who does not say.
const USER_AGENT: &str = concat!("tlsprobe/", env!("CARGO_PKG_VERSION"));

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
    let secrets = secrets(plan, request);
    let outside = Overheard::new(connection, plan.evidence);
    let spoken = std::mem::take(&mut recorded.learned.spoken);
    let inside = Secured::new(outside, client, StdRng::from_rng(random)).after(spoken);
    let mut stream = Overheard::new(inside, plan.evidence);
    let asked = send(plan, &mut stream, request, deadline).await?;
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
            let then = if told.complaint().is_some() { aftermath(connection).await } else { Ending::Silence };
            let ending = told.ending(then, after).map(|answer| Outcome::new(Stage::Http, answer));
            (ending.unwrap_or(outcome), None)
        }
    };
    recorded.outcome = outcome;
    if let Some(request) = told.certificate_request {
        recorded.learned.take(Event::CertificateRequest(request));
    }
    recorded.learned.key_log.extend(told.key_log);
    Ok(HttpExchange { url, response, asked_for_certificate, forwarded: false })
}

/// Sends the request without TLS, on a connection of its own. A proxy that forwards requests is given the whole URL, as
/// a Windows client does.
pub(super) async fn in_clear(
    plan: &Plan,
    path: &Path,
    question: &Question,
    random: StdRng,
    connections: &AtomicUsize,
) -> Result<Answered, SurveyError> {
    let started = Instant::now();
    let deadline = started + plan.waits.exchange_on(&plan.way);
    let request = question.request.as_ref().expect("only a question with a request is asked in the clear");
    let mut http = not_sent(plan, question);
    let mut record = Record::default();
    let asked = match path {
        Path::Through { dialer, proxy, .. } if dial::forwards(dialer.through()) => {
            let waits = ProxyWaits { connect: plan.waits.connect, proxy: plan.waits.proxy, deadline };
            let carrier = Carrier { dialer, address: *proxy, waits, connections, evidence: plan.evidence };
            if let Some(http) = &mut http {
                http.forwarded = true;
            }
            forwarded(plan, &carrier, request, deadline, random, &mut record).await?
        }
        _ => on_a_stream(plan, path, request, deadline, random, connections, &mut record).await?,
    };
    let outcome = match asked {
        Asked::Ended(outcome) => outcome,
        Asked::Answered(response) => {
            record.timing.first_byte = Some(milliseconds(response.first_byte));
            let outcome = completed(&Answer::Refused { after_ms: 0.0 }, &response);
            if let Some(http) = &mut http {
                http.response = Some(shown(response));
            }
            outcome
        }
    };
    let Record { mut timing, sent, received, application_data } = record;
    let recorded = Recorded { sent, received, application_data, ..Recorded::not_reached(outcome) };
    timing.total = milliseconds(started.elapsed());
    let exchange = recorded.into_exchange(question.purpose.clone(), Arc::default(), timing, keep(plan));
    let exchange = Box::new(Exchange { http, ..exchange });
    Ok(Answered { exchange, certificates: Vec::new(), stapled: None, left: None })
}

/// What is kept of a request in the clear.
#[derive(Default)]
struct Record {
    timing: Timing,
    sent: Vec<u8>,
    received: Vec<u8>,
    application_data: Option<ApplicationData>,
}

/// By a proxy that carries it on.
async fn forwarded(
    plan: &Plan,
    carrier: &Carrier<'_>,
    request: &HttpRequest,
    deadline: Instant,
    random: StdRng,
    record: &mut Record,
) -> Result<Asked, SurveyError> {
    let token = token(plan, request);
    let fields = fields(token.as_ref());
    let to_send = to_send(plan, request, &fields);
    let limits = Limits { deadline, body: BODY_READ };
    match carrier.ask("GET", url(plan, request), &to_send, limits, random).await {
        Ok(Carried { asked, heard, secrets: to_proxy, connect }) => {
            record.timing.connect = connect.map(milliseconds);
            let secrets = to_proxy.and(secrets(plan, request).iter());
            // What is said to a proxy is not what the endpoint hears.
            record.application_data = heard.map(|heard| secrets.application_data(&heard));
            Ok(match asked {
                Asked::Answered(response) => {
                    let response = secrets.clean(response);
                    if is_the_proxys_own(&response) {
                        Asked::Ended(proxys_own(response))
                    } else {
                        Asked::Answered(response)
                    }
                }
                ended @ Asked::Ended(_) => ended,
            })
        }
        Err(NotCarried::Dial(Failure::Ended(outcome))) => Ok(Asked::Ended(outcome)),
        Err(NotCarried::Dial(Failure::Local(error))) => Err(error.into()),
        Err(NotCarried::Local(source)) => Err(SurveyError::Exchange { target: plan.target.to_string(), source }),
    }
}

/// Straight to the endpoint, or by a tunnel.
async fn on_a_stream(
    plan: &Plan,
    path: &Path,
    request: &HttpRequest,
    deadline: Instant,
    mut random: StdRng,
    connections: &AtomicUsize,
    record: &mut Record,
) -> Result<Asked, SurveyError> {
    let dialled = dial(plan, path, deadline, seed(&mut random), connections).await;
    record.timing.connect = dialled.connect.map(milliseconds);
    record.timing.proxy = dialled.proxy.map(milliseconds);
    let connection = match dialled.result {
        Ok(connection) => connection,
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => return Ok(Asked::Ended(outcome)),
    };
    let mut stream = Overheard::new(connection, plan.evidence);
    let asked = send(plan, &mut stream, request, deadline)
        .await
        .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?;
    let secrets = secrets(plan, request);
    match stream.into_parts().1 {
        Some(heard) if !secrets.is_empty() => {
            record.application_data = Some(secrets.application_data(&heard));
        }
        Some(heard) => (record.sent, record.received) = (heard.sent, heard.received),
        None => {}
    }
    Ok(match asked {
        Asked::Answered(response) => Asked::Answered(secrets.clean(response)),
        ended @ Asked::Ended(_) => ended,
    })
}

/// Whether a proxy says of its answer that it is its own, and not one that it carries: squid's name for its error pages, an
/// error in `Proxy-Status` (RFC 9209 §2.1.1).
fn is_the_proxys_own(response: &Response) -> bool {
    let field = |name: &'static str| response.headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    let has_error = |value: &str| value.split(';').skip(1).any(|it| it.trim_start().starts_with("error="));
    response.status >= 300
        && (field("X-Squid-Error").next().is_some() || field("Proxy-Status").any(|field| has_error(&field.value)))
}

fn proxys_own(response: Response) -> Outcome {
    let Response { status, reason, headers, body, .. } = response;
    let answer = Answer::ProxyStatus(ProxyStatus {
        protocol: ProxyProtocol::Http,
        status,
        reason,
        auth_schemes: Vec::new(),
        auth_tried: Vec::new(),
        auth_not_tried: Vec::new(),
        headers,
        body_start: start(&body),
    });
    Outcome::new(Stage::Proxy, answer)
}

/// The record of a question's request before anything came of it.
pub(super) fn not_sent(plan: &Plan, question: &Question) -> Option<Box<HttpExchange>> {
    let url = url(plan, question.request.as_ref()?);
    Some(Box::new(HttpExchange { url, response: None, asked_for_certificate: false, forwarded: false }))
}

/// What goes along with a request and is for no report.
fn secrets(plan: &Plan, request: &HttpRequest) -> Secrets {
    Secrets::of(token(plan, request).iter().map(|value| value.as_str()))
}

/// The token's field, where the request is to have it.
fn token(plan: &Plan, request: &HttpRequest) -> Option<Zeroizing<String>> {
    plan.token.as_ref().filter(|_| request.with_token).map(BearerToken::authorization)
}

fn fields(token: Option<&Zeroizing<String>>) -> Vec<(&'static str, &str)> {
    let mut fields = vec![("User-Agent", USER_AGENT)];
    fields.extend(token.map(|token| ("Authorization", token.as_str())));
    fields
}

fn to_send<'a>(plan: &Plan, request: &HttpRequest, fields: &'a [(&'a str, &'a str)]) -> Request<'a> {
    let (target, host) = (request.path.clone(), authority(plan, request.scheme));
    Request { method: "GET", target, host, fields, keeps: false, body: &[] }
}

/// A request for `/`, in bytes.
pub(super) fn first_page(plan: &Plan) -> Vec<u8> {
    let request = HttpRequest { scheme: HttpScheme::Https, path: "/".to_owned(), with_token: false, assumed: None };
    to_send(plan, &request, &fields(None)).to_bytes()
}

async fn send<S>(plan: &Plan, stream: &mut S, request: &HttpRequest, deadline: Instant) -> io::Result<Asked>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let token = token(plan, request);
    let fields = fields(token.as_ref());
    http::ask(stream, &to_send(plan, request, &fields), Limits { deadline, body: BODY_READ }).await
}

fn url(plan: &Plan, request: &HttpRequest) -> String {
    format!("{}://{}{}", request.scheme.word(), authority(plan, request.scheme), request.path)
}

/// `host`, or `host:port` where the scheme has another one of its own.
fn authority(plan: &Plan, scheme: HttpScheme) -> String {
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
