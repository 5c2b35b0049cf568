//! One question of a plan: connect, ask, record.

use std::net::SocketAddr;

use rand::rngs::StdRng;
use tokio::time::Instant;

use super::SurveyError;
use crate::dial::{self, Connection, Failure};
use crate::exchange::{self, Keep, Learned, Limits, Recorded, fresh_values};
use crate::offer::OfferSummary;
use crate::outcome::{Exchange, Outcome, Timing, milliseconds};
use crate::plan::Plan;
use crate::question::{Hello, Question};

/// Asks one question on a connection of its own.
pub(super) async fn ask(
    plan: &Plan,
    address: SocketAddr,
    question: Question,
    random: StdRng,
) -> Result<Exchange, SurveyError> {
    let (sent, offer) = prepare(plan, &question.hello, random);
    let started = Instant::now();
    let deadline = started + plan.waits.exchange;
    let mut timing = Timing::default();
    let recorded = match dial::connect(address, plan.waits.connect.min(plan.waits.exchange)).await {
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => not_reached(outcome),
        Ok(mut connection) => {
            timing.connect = Some(milliseconds(connection.elapsed()));
            let limits = Limits { hello: plan.waits.hello, deadline };
            exchange::ask(&mut connection, &sent, limits, Connection::tcp_state)
                .await
                .map_err(|source| SurveyError::Exchange { target: plan.target.to_string(), source })?
        }
    };
    timing.total = milliseconds(started.elapsed());
    Ok(recorded.into_exchange(question.purpose, offer, &sent, timing, keep(plan)))
}

/// The exchange of a question for which there was no connection to try.
pub(super) fn unasked(plan: &Plan, question: Question, outcome: Outcome, random: StdRng) -> Exchange {
    let (_, offer) = prepare(plan, &question.hello, random);
    not_reached(outcome).into_exchange(question.purpose, offer, &[], Timing::default(), keep(plan))
}

/// The bytes to send, and what a report says of them.
fn prepare(plan: &Plan, hello: &Hello, mut random: StdRng) -> (Vec<u8>, OfferSummary) {
    match hello {
        Hello::Built(offer) => {
            let fresh = fresh_values(offer, &mut random);
            let hello = offer.client_hello(plan.target.sni.as_deref(), &fresh);
            let sent = offer.in_records(&hello);
            let summary = OfferSummary::of_hello(offer, &hello, sent.len());
            (sent, summary)
        }
        Hello::Exactly(bytes) => (bytes.clone(), OfferSummary::of_bytes(bytes)),
    }
}

fn not_reached(outcome: Outcome) -> Recorded {
    Recorded { outcome, learned: Learned::default(), first_byte: None, received: Vec::new() }
}

fn keep(plan: &Plan) -> Keep {
    Keep { evidence: plan.evidence, pem: plan.pem }
}
