//! One question of a plan: connect, ask, record.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::Instant;

use super::ftp::Listing;
use super::path::Path;
use super::tally::Tally;
use super::{Context, SurveyError, request};
use crate::dial::{self, Connection, Dialled, Failure, ProxyWaits};
use crate::exchange::{
    self, AskedForContent, Depth, Derivation, Fresh, Keep, Kept, KeyChoice, Limits, OnHelloRequest, Opening, Options,
    Recorded, fresh_values,
};
use crate::offer::OfferSummary;
use crate::outcome::{Exchange, Outcome, Timing, milliseconds};
use crate::plan::{Close, Plan};
use crate::question::{Finish, Hello, Question};

/// Asks one question on a connection of its own, which is counted as soon as it is tried.
pub(super) async fn ask(
    plan: &Plan,
    path: &Path,
    question: Arc<Question>,
    mut random: StdRng,
    context: &Context,
    session: Option<Kept>,
    tally: &Tally,
) -> Result<Answered, SurveyError> {
    let connections = &tally.connections;
    if question.request_in_clear().is_some() {
        // Boxed, like all below that few questions want: all would have room for it, and that is moved about.
        return Box::pin(request::in_clear(plan, path, &question, random, connections)).await;
    }
    let Prepared { mut opening, offer } = prepare(plan, &question, session.as_ref(), &mut random);
    opening.options.certificate = context.client_certificate();
    let started = Instant::now();
    let deadline = started + plan.waits.exchange_on(&plan.way);
    let dialled = dial(plan, path, deadline, StdRng::from_rng(&mut random), connections).await;
    if dialled.result.is_ok() {
        tally.came_about.notify_one();
    }
    let mut timing = Timing {
        connect: dialled.connect.map(milliseconds),
        proxy: dialled.proxy.map(milliseconds),
        ..Timing::default()
    };
    let begun = match (dialled.result, plan.target.starttls) {
        (Ok(connection), Some(protocol)) => {
            let dialled = Instant::now();
            let begun = Box::pin(dial::starttls(protocol, connection, deadline)).await;
            timing.starttls = Some(milliseconds(dialled.elapsed()));
            begun
        }
        (dialled, _) => dialled,
    };
    let mut http = request::not_sent(plan, &question);
    let mut ftp = None;
    let mut ssl2 = None;
    let recorded = match begun {
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => Recorded::not_reached(outcome),
        Ok(mut connection) if matches!(question.hello, Hello::Ssl2) => {
            let failed = |source| SurveyError::Exchange { target: plan.target.to_string(), source };
            let limits = Limits { hello: plan.waits.hello, finished: plan.waits.finished, deadline };
            let (recorded, answered) =
                Box::pin(exchange::ask_ssl2(&mut connection, opening.hello, limits, Connection::tcp_state))
                    .await
                    .map_err(failed)?;
            ssl2 = answered;
            recorded
        }
        Ok(mut connection) => {
            let failed = |source| SurveyError::Exchange { target: plan.target.to_string(), source };
            let limits = Limits { hello: plan.waits.hello, finished: plan.waits.finished, deadline };
            let mut recorded = exchange::ask(&mut connection, opening, limits, &mut random, Connection::tcp_state)
                .await
                .map_err(failed)?;
            if question.finish.as_ref().is_some_and(|finish| finish.renegotiate)
                && let Some(open) = recorded.open.take()
            {
                let asked = Box::pin(exchange::renegotiate(&mut connection, open, limits, &mut random));
                let (came, open) = asked.await.map_err(failed)?;
                recorded.open = open;
                if let Some((outcome, further)) = came {
                    recorded.renegotiation = Some(outcome);
                    recorded.go_on(further);
                }
            }
            if question.finish.as_ref().is_some_and(|finish| finish.ask_for_content) && plan.target.starttls.is_none() {
                Box::pin(ask_for_content(plan, &mut connection, &mut recorded, limits, &mut random))
                    .await
                    .map_err(failed)?;
            }
            if let Some(list) = question.finish.as_ref().and_then(|finish| finish.list)
                && let Some(open) = recorded.open.take()
            {
                let listing = Listing { plan, path, context, question: &question, list, limits, connections };
                let asked = listing.ask(&mut connection, open, &mut recorded, &mut random);
                ftp = Some(Box::new(Box::pin(asked).await?));
            }
            if let Some(request) = &question.request
                && let Some(open) = recorded.open.take()
            {
                let asked =
                    request::over_tls(plan, &mut connection, open, &mut recorded, request, deadline, &mut random);
                http = Some(Box::pin(asked).await.map_err(failed)?);
            }
            if let Some(open) = recorded.open.take() {
                Box::pin(exchange::close(&mut connection, open, &mut random)).await;
            }
            context.log_keys(&recorded.learned.key_log);
            recorded
        }
    };
    timing.total = milliseconds(started.elapsed());
    let (certificates, stapled) = match &plan.trust {
        Some(_) if plan.is_about(&offer) => {
            (recorded.learned.certificates.clone(), recorded.learned.ocsp_response.clone())
        }
        _ => (Vec::new(), None),
    };
    let left = Kept::of(&recorded.learned);
    let mut exchange = recorded.into_exchange(question.purpose.clone(), offer, timing, keep(plan));
    (exchange.http, exchange.ftp, exchange.ssl2) = (http, ftp, ssl2);
    Ok(Answered { exchange, certificates, stapled, left })
}

/// Asks for `/` on a connection whose handshake is complete: some servers ask who we are only then.
async fn ask_for_content(
    plan: &Plan,
    connection: &mut Connection,
    recorded: &mut Recorded,
    limits: Limits,
    random: &mut StdRng,
) -> io::Result<()> {
    let (Some(open), Some(server)) = (recorded.open.take(), &recorded.learned.server) else { return Ok(()) };
    let content = request::first_page(plan);
    let asked = exchange::ask_for_content(connection, open, &content, server.version, limits, random).await?;
    let AskedForContent { content, request, tickets, further, open } = asked;
    recorded.learned.tickets.extend(tickets);
    recorded.go_on(further);
    recorded.heard_late(&content.outcome);
    (recorded.late_certificate_request, recorded.content, recorded.open) = (request, Some(content), open);
    Ok(())
}

/// An exchange, and of its bytes what is judged when all is asked.
pub(super) struct Answered {
    pub(super) exchange: Exchange,
    /// The chain in DER; empty where chains are not judged.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The OCSP answer that came with it.
    pub(super) stapled: Option<Vec<u8>>,
    /// The session that it left.
    pub(super) left: Option<Kept>,
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
    let mut dialled = match path {
        Path::Direct(address) => {
            connections.fetch_add(1, Ordering::Relaxed);
            let result = dial::connect(*address, connect).await;
            let connect = result.as_ref().ok().map(Connection::elapsed);
            Dialled { result, connect, proxy: None }
        }
        Path::Through { dialer, proxy, destination } => {
            let waits = ProxyWaits { connect, proxy: plan.waits.proxy, deadline };
            Box::pin(dialer.open(*proxy, destination, waits, random, connections)).await
        }
    };
    if plan.close == Close::Reset
        && let Ok(connection) = &dialled.result
        && let Err(error) = connection.close_by_reset()
    {
        dialled.result = Err(error.into());
    }
    dialled
}

/// The exchange of a question for which there was no connection to try.
pub(super) fn unasked(plan: &Plan, question: &Question, outcome: Outcome, mut random: StdRng) -> Exchange {
    let Prepared { offer, .. } = prepare(plan, question, None, &mut random);
    let http = request::not_sent(plan, question);
    let purpose = question.purpose.clone();
    let exchange = Recorded::not_reached(outcome).into_exchange(purpose, offer, Timing::default(), keep(plan));
    Exchange { http, ..exchange }
}

/// What to send, and what a report says of it.
pub(super) struct Prepared {
    pub(super) opening: Opening,
    offer: OfferSummary,
}

pub(super) fn prepare(plan: &Plan, question: &Question, session: Option<&Kept>, random: &mut StdRng) -> Prepared {
    let mut options = options(question.finish.as_ref(), session);
    // A server that wants a certificate for some of its paths alone asks for it in a second handshake.
    if question.request.is_some() {
        options.on_hello_request = OnHelloRequest::Renegotiate;
    }
    let segments = match &question.hello {
        Hello::InSegments { segments, .. } => *segments,
        Hello::Built(_) | Hello::Exactly(_) | Hello::Ssl2 => 1,
    };
    match &question.hello {
        Hello::Built(offer) | Hello::InSegments { offer, .. } => {
            let Fresh { values, key_shares } = fresh_values(offer, random);
            let mut hello = offer.client_hello(plan.target.sni.as_deref(), &values);
            if let (Some(session), Some(resume)) = (session, question.resume()) {
                session.offer(resume.by, &mut hello);
            }
            let sent = offer.in_records(&hello);
            let summary = OfferSummary::of_hello(offer, &hello, sent.len());
            Prepared { opening: Opening { hello: sent, segments, key_shares, options }, offer: summary }
        }
        Hello::Ssl2 => {
            let bytes = exchange::ssl2_client_hello(random);
            Prepared { opening: Opening { options, ..Opening::exactly(&bytes) }, offer: OfferSummary::of_bytes(&bytes) }
        }
        Hello::Exactly(bytes) => {
            Prepared { opening: Opening { options, ..Opening::exactly(bytes) }, offer: OfferSummary::of_bytes(bytes) }
        }
    }
}

/// How far to go, and how.
fn options(finish: Option<&Finish>, session: Option<&Kept>) -> Options {
    let Some(finish) = finish else { return Options::default() };
    let (session, psk_session) = session.map(Kept::sessions).unwrap_or_default();
    Options {
        depth: Depth::Finish,
        key_choice: match finish.leading_zeros {
            0 => KeyChoice::Ordinary,
            zeros => KeyChoice::LeadingZeros(zeros),
        },
        derivation: if finish.derive_otherwise { Derivation::Otherwise } else { Derivation::AsAgreed },
        session,
        psk_session,
        // Where content is asked for, the server may wish to negotiate again before it gives it.
        on_hello_request: if finish.ask_for_content { OnHelloRequest::Renegotiate } else { OnHelloRequest::Ignore },
        ..Options::default()
    }
}

pub(super) fn keep(plan: &Plan) -> Keep {
    Keep { evidence: plan.evidence, pem: plan.pem }
}
