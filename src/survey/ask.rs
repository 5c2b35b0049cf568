//! One question of a plan: connect, ask, record.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::path::Path;
use super::{Context, SurveyError, request};
use crate::dial::{self, Connection, Dialled, Failure, ProxyWaits};
use crate::exchange::{self, Depth, Fresh, Keep, Limits, OnHelloRequest, Opening, Options, Recorded, fresh_values};
use crate::offer::OfferSummary;
use crate::outcome::{Exchange, Outcome, Timing, milliseconds};
use crate::plan::Plan;
use crate::question::{Hello, Question};

/// Asks one question on a connection of its own. `connections` counts it as soon as it is tried.
pub(super) async fn ask(
    plan: &Plan,
    path: &Path,
    question: Question,
    mut random: StdRng,
    context: &Context,
    connections: &AtomicUsize,
) -> Result<Answered, SurveyError> {
    if question.request_in_clear().is_some() {
        // Boxed, as below: few questions have a request, and all would have room for one.
        return Box::pin(request::in_clear(plan, path, question, random, connections)).await;
    }
    let (opening, offer) = prepare(plan, &question, &mut random);
    let started = Instant::now();
    let deadline = started + plan.waits.exchange_on(&plan.way);
    let dialled = dial(plan, path, deadline, StdRng::from_rng(&mut random), connections).await;
    let mut timing = Timing {
        connect: dialled.connect.map(milliseconds),
        proxy: dialled.proxy.map(milliseconds),
        ..Timing::default()
    };
    let begun = match (dialled.result, plan.target.starttls) {
        (Ok(connection), Some(protocol)) => {
            let dialled = Instant::now();
            let begun = dial::starttls(protocol, connection, deadline).await;
            timing.starttls = Some(milliseconds(dialled.elapsed()));
            begun
        }
        (dialled, _) => dialled,
    };
    let mut http = request::not_sent(plan, &question);
    let recorded = match begun {
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => Recorded::not_reached(outcome),
        Ok(mut connection) => {
            let limits = Limits { hello: plan.waits.hello, finished: plan.waits.finished, deadline };
            let mut recorded = exchange::ask(&mut connection, opening, limits, &mut random, Connection::tcp_state)
                .await
                .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?;
            match (recorded.open.take(), &question.request) {
                (Some(open), None) => exchange::close(&mut connection, open, &mut random).await,
                (Some(open), Some(request)) => {
                    let asked =
                        request::over_tls(plan, &mut connection, open, &mut recorded, request, deadline, &mut random);
                    http = Some(
                        Box::pin(asked)
                            .await
                            .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?,
                    );
                }
                (None, _) => {}
            }
            context.log_keys(&recorded.learned.key_log);
            recorded
        }
    };
    timing.total = milliseconds(started.elapsed());
    let (certificates, stapled) = match &plan.trust {
        Some(_) => (recorded.learned.certificates.clone(), recorded.learned.ocsp_response.clone()),
        None => (Vec::new(), None),
    };
    let mut exchange = recorded.into_exchange(question.purpose, offer, timing, keep(plan));
    exchange.http = http;
    Ok(Answered { exchange, certificates, stapled })
}

/// An exchange, and of its bytes what is judged when all is asked.
pub(super) struct Answered {
    pub(super) exchange: Exchange,
    /// The chain in DER; empty where chains are not judged.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The OCSP answer that came with it.
    pub(super) stapled: Option<Vec<u8>>,
}

/// Opens a stream to the endpoint.
pub(super) async fn dial(
    plan: &Plan,
    path: &Path,
    deadline: Instant,
    random: StdRng,
    connections: &AtomicUsize,
) -> Dialled {
    let connect = plan.waits.connect.min(deadline.saturating_duration_since(Instant::now()));
    match path {
        Path::Direct(address) => {
            connections.fetch_add(1, Ordering::Relaxed);
            let result = dial::connect(*address, connect).await;
            let connect = result.as_ref().ok().map(Connection::elapsed);
            Dialled { result, connect, proxy: None }
        }
        Path::Through { dialer, proxy, destination } => {
            let waits = ProxyWaits { connect, proxy: plan.waits.proxy, deadline };
            dialer.open(*proxy, destination, waits, random, connections).await
        }
    }
}

/// The exchange of a question for which there was no connection to try.
pub(super) fn unasked(plan: &Plan, question: Question, outcome: Outcome, mut random: StdRng) -> Exchange {
    let (_, offer) = prepare(plan, &question, &mut random);
    let http = request::not_sent(plan, &question);
    let exchange = Recorded::not_reached(outcome).into_exchange(question.purpose, offer, Timing::default(), keep(plan));
    Exchange { http, ..exchange }
}

/// What to send, and what a report says of it.
fn prepare(plan: &Plan, question: &Question, random: &mut StdRng) -> (Opening, OfferSummary) {
    let depth = if question.finish { Depth::Finish } else { Depth::FirstFlight };
    // A server that wants a certificate for some of its paths alone asks for it in a second handshake.
    let on_hello_request = match question.request {
        Some(_) => OnHelloRequest::Renegotiate,
        None => OnHelloRequest::default(),
    };
    let options = Options { depth, on_hello_request, ..Options::default() };
    let segments = match &question.hello {
        Hello::InSegments { segments, .. } => *segments,
        Hello::Built(_) | Hello::Exactly(_) => 1,
    };
    match &question.hello {
        Hello::Built(offer) | Hello::InSegments { offer, .. } => {
            let Fresh { values, key_shares } = fresh_values(offer, random);
            let hello = offer.client_hello(plan.target.sni.as_deref(), &values);
            let sent = offer.in_records(&hello);
            let summary = OfferSummary::of_hello(offer, &hello, sent.len());
            (Opening { hello: sent, segments, key_shares, options }, summary)
        }
        Hello::Exactly(bytes) => (Opening { options, ..Opening::exactly(bytes) }, OfferSummary::of_bytes(bytes)),
    }
}

pub(super) fn keep(plan: &Plan) -> Keep {
    Keep { evidence: plan.evidence, pem: plan.pem }
}
