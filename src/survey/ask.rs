//! One question of a plan: connect, ask, record.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use tokio::time::Instant;

use super::SurveyError;
use super::path::Path;
use crate::dial::{self, Connection, Dialled, Failure, ProxyWaits};
use crate::exchange::{self, Keep, Learned, Limits, Recorded, fresh_values};
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
    connections: &AtomicUsize,
) -> Result<Answered, SurveyError> {
    let (sent, offer) = prepare(plan, &question.hello, &mut random);
    let started = Instant::now();
    let deadline = started + plan.waits.exchange_on(&plan.way);
    let dialled = dial(plan, path, deadline, random, connections).await;
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
    let recorded = match begun {
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => not_reached(outcome),
        Ok(mut connection) => {
            let limits = Limits { hello: plan.waits.hello, deadline };
            let pieces = pieces(&question.hello, &sent);
            exchange::ask_in_pieces(&mut connection, &pieces, limits, Connection::tcp_state)
                .await
                .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?
        }
    };
    timing.total = milliseconds(started.elapsed());
    let (certificates, stapled) = match &plan.trust {
        Some(_) => (recorded.learned.certificates.clone(), recorded.learned.ocsp_response.clone()),
        None => (Vec::new(), None),
    };
    let exchange = recorded.into_exchange(question.purpose, offer, &sent, timing, keep(plan));
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
async fn dial(plan: &Plan, path: &Path, deadline: Instant, random: StdRng, connections: &AtomicUsize) -> Dialled {
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
    let (_, offer) = prepare(plan, &question.hello, &mut random);
    not_reached(outcome).into_exchange(question.purpose, offer, &[], Timing::default(), keep(plan))
}

/// The bytes to send, and what a report says of them.
fn prepare(plan: &Plan, hello: &Hello, random: &mut StdRng) -> (Vec<u8>, OfferSummary) {
    match hello {
        Hello::Built(offer) | Hello::InSegments { offer, .. } => {
            let fresh = fresh_values(offer, random);
            let hello = offer.client_hello(plan.target.sni.as_deref(), &fresh);
            let sent = offer.in_records(&hello);
            let summary = OfferSummary::of_hello(offer, &hello, sent.len());
            (sent, summary)
        }
        Hello::Exactly(bytes) => (bytes.clone(), OfferSummary::of_bytes(bytes)),
    }
}

/// The bytes as they are handed to TCP.
fn pieces<'a>(hello: &Hello, sent: &'a [u8]) -> Vec<&'a [u8]> {
    match hello {
        Hello::InSegments { segments, .. } => sent.chunks(sent.len().div_ceil((*segments).max(1)).max(1)).collect(),
        Hello::Built(_) | Hello::Exactly(_) => vec![sent],
    }
}

fn not_reached(outcome: Outcome) -> Recorded {
    Recorded { outcome, learned: Learned::default(), first_byte: None, received: Vec::new() }
}

fn keep(plan: &Plan) -> Keep {
    Keep { evidence: plan.evidence, pem: plan.pem }
}
