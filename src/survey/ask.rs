//! One question of a plan: connect, ask, record.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;

use super::offered::offered;
use super::open::{Open, Said};
use super::path::Path;
use super::tally::Tally;
use super::{Context, SurveyError, request};
use crate::dial::{self, Connection, Dialled, Failure, ProxyWaits};
use crate::exchange::{
    self, Depth, Derivation, Fresh, Keep, Kept, KeyChoice, Limits, OnHelloRequest, Opening, Options, Recorded,
    fresh_values,
};
use crate::offer::OfferSummary;
use crate::outcome::{Exchange, Outcome, Timing, milliseconds};
use crate::plan::{Close, Plan};
use crate::question::{Finish, Hello, Question};

/// Asks one question on a connection of its own, which is counted as soon as it is tried.
///
/// A run over a list has thousands of these at a time: what is only needed to make ready is no part of the future, and
/// what few questions want has its room when it is wanted.
pub(super) fn ask<'a>(
    plan: &'a Plan,
    path: &'a Path,
    question: Arc<Question>,
    mut random: Box<StdRng>,
    context: &'a Context,
    session: Option<&Kept>,
    tally: Arc<Tally>,
) -> BoxFuture<'a, Result<Answered, SurveyError>> {
    if question.request_in_clear().is_some() {
        return Box::pin(async move { request::in_clear(plan, path, &question, *random, &tally.connections).await });
    }
    let Prepared { mut opening, offer } = prepare(plan, &question, session, &mut random);
    opening.options.certificate = context.client_certificate();
    Box::pin(async move {
        let started = Instant::now();
        let deadline = started + plan.waits.exchange_on(&plan.way);
        let limits = Limits { hello: plan.waits.hello, finished: plan.waits.finished, deadline };
        let mut timing = Timing::default();
        let begun = begin(plan, path, deadline, seed(&mut random), &tally, &mut timing).await;
        let failed = |source| SurveyError::Exchange { target: plan.target.to_string(), source };
        let (mut ssl2, mut said) = (None, Said::default());
        let recorded = match begun {
            Err(Failure::Local(error)) => return Err(error.into()),
            Err(Failure::Ended(outcome)) => Recorded::not_reached(outcome),
            Ok(mut connection) if matches!(question.hello, Hello::Ssl2) => {
                let asked = exchange::ask_ssl2(&mut connection, opening.hello, limits, Connection::tcp_state);
                let (recorded, answered) = Box::pin(asked).await.map_err(failed)?;
                ssl2 = answered;
                recorded
            }
            Ok(mut connection) => {
                let asked = exchange::ask(&mut connection, opening, limits, &mut *random, Connection::tcp_state);
                let mut recorded = asked.await.map_err(failed)?;
                if recorded.open.is_some() {
                    let open =
                        Open { plan, path, context, question: &question, limits, connections: &tally.connections };
                    (recorded, said) = Box::pin(open.go_on(connection, recorded, &mut random)).await?;
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
        let exchange = recorded.into_exchange(question.purpose.clone(), offer, timing, keep(plan));
        let http = said.http.or_else(|| request::not_sent(plan, &question));
        let exchange = Box::new(Exchange { http, ftp: said.ftp, ssl2, ..exchange });
        Ok(Answered { exchange, certificates, stapled, left })
    })
}

/// Opens the stream on which TLS begins.
async fn begin(
    plan: &Plan,
    path: &Path,
    deadline: Instant,
    seed: Seed,
    tally: &Tally,
    timing: &mut Timing,
) -> Result<Connection, Failure> {
    let Dialled { result, connect, proxy } = dial(plan, path, deadline, seed, &tally.connections).await;
    (timing.connect, timing.proxy) = (connect.map(milliseconds), proxy.map(milliseconds));
    let connection = result?;
    tally.came_about.notify_one();
    let Some(protocol) = plan.target.starttls else { return Ok(connection) };
    let dialled = Instant::now();
    let begun = Box::pin(dial::starttls(protocol, connection, deadline)).await;
    timing.starttls = Some(milliseconds(dialled.elapsed()));
    begun
}

/// An exchange, and of its bytes what is judged when all is asked.
pub(super) struct Answered {
    pub(super) exchange: Box<Exchange>,
    /// The chain in DER; empty where chains are not judged.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The OCSP answer that came with it.
    pub(super) stapled: Option<Vec<u8>>,
    /// The session that it left.
    pub(super) left: Option<Kept>,
}

/// What fresh values are drawn from.
pub(super) type Seed = <StdRng as SeedableRng>::Seed;

/// Draws one.
pub(super) fn seed(random: &mut StdRng) -> Seed {
    let mut seed = Seed::default();
    random.fill_bytes(&mut seed);
    seed
}

/// Opens a stream to the endpoint. What a proxy's dialog needs fresh comes of the seed.
pub(super) async fn dial(
    plan: &Plan,
    path: &Path,
    deadline: Instant,
    seed: Seed,
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
            let random = StdRng::from_seed(seed);
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
pub(super) fn unasked(plan: &Plan, question: &Arc<Question>, outcome: Outcome, mut random: StdRng) -> Exchange {
    let Prepared { offer, .. } = prepare(plan, question, None, &mut random);
    let http = request::not_sent(plan, question);
    let purpose = question.purpose.clone();
    let exchange = Recorded::not_reached(outcome).into_exchange(purpose, offer, Timing::default(), keep(plan));
    Exchange { http, ..exchange }
}

/// What to send, and what a report says of it.
pub(super) struct Prepared {
    pub(super) opening: Opening,
    offer: Arc<OfferSummary>,
}

pub(super) fn prepare(plan: &Plan, question: &Arc<Question>, session: Option<&Kept>, random: &mut StdRng) -> Prepared {
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
            let of_hello = || OfferSummary::of_hello(offer, &hello, sent.len());
            let summary = match session {
                // What it puts into the hello is its own.
                Some(_) => Arc::new(of_hello()),
                None => offered(question, plan.target.sni.as_deref(), of_hello),
            };
            Prepared { opening: Opening { hello: sent, segments, key_shares, options }, offer: summary }
        }
        Hello::Ssl2 => {
            let bytes = exchange::ssl2_client_hello(random);
            Prepared {
                opening: Opening { options, ..Opening::exactly(&bytes) },
                offer: OfferSummary::of_bytes(&bytes).into(),
            }
        }
        Hello::Exactly(bytes) => Prepared {
            opening: Opening { options, ..Opening::exactly(bytes) },
            offer: OfferSummary::of_bytes(bytes).into(),
        },
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
