//! Runs the probes of a plan on one endpoint: order, concurrency, deadlines, connections.
//!
//! The baseline is asked first, and again at the end. Between the two as many questions are under way at any time as the
//! plan allows: a probe is asked for its next batch as soon as its last one is answered, and nobody waits for the slowest.
//! Exchanges are numbered in the order of asking, whichever answer comes first.
//!
//! An endpoint that stops answering in the middle, or takes ever longer, is asked more slowly, and what it left without
//! an answer is asked once more.
//!
//! When the very first question finds no way to the endpoint, no other hello would, and none is sent.

mod alias;
mod ask;
mod context;
mod control;
mod fetch;
mod forwarded;
mod ftp;
mod lanes;
mod names;
mod offered;
mod open;
mod pace;
mod path;
mod request;
mod run;
mod secrets;
mod sessions;
mod stop;
mod tally;
mod under_way;

use std::net::IpAddr;

use tokio::time::Instant;
use tracing::info;

pub use context::{Context, KeyLog};
pub use stop::{Stop, StopReason, Stopper};

use path::Paths;
use run::Run;

use crate::dial::{self, DialError, Failure};
use crate::observation::Observations;
use crate::outcome::{Exchange, milliseconds};
use crate::plan::Plan;
use crate::report::Cost;
use crate::target::Target;

/// What a survey found on one way to the endpoint.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// The target, with the address that was asked, if it was known here.
    pub target: Target,
    /// The host's other addresses.
    pub addresses_not_asked: Vec<IpAddr>,
    /// Every question and its answer, in the order of asking.
    pub exchanges: Vec<Exchange>,
    /// What they tell.
    pub observations: Box<Observations>,
    /// Connections that were opened, or tried.
    pub connections: usize,
    /// What it took besides.
    pub cost: Cost,
}

/// What *we* could not do.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// No connection could be tried.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// This system failed in the middle of a connection.
    #[error("the connection to {target} failed on this side: {source}")]
    Exchange {
        /// The endpoint.
        target: String,
        /// What the system says.
        source: std::io::Error,
    },
}

impl SurveyError {
    /// Whether this machine ran out of ports, descriptors or memory for sockets: asked again later, it may well be able.
    pub fn is_exhaustion(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_exhaustion(),
            Self::Exchange { source, .. } => dial::is_exhaustion(source),
        }
    }
}

/// All that a plan brought.
#[derive(Debug, Default)]
pub struct Survey {
    /// One result for each address that the plan wants asked, or for the one name that a proxy is given.
    pub results: Vec<Surveyed>,
    /// What *we* could not do: the last result ends there, or the address where it came first has none.
    pub failure: Option<SurveyError>,
}

/// Carries out a plan.
pub async fn survey(plan: &Plan, context: &Context) -> Survey {
    let started = Instant::now();
    let Some(found) = find(plan, context).await else {
        let ended = Box::pin(Run::new(plan, context, None).finish());
        return Survey { results: vec![ended.await], failure: None };
    };
    let resolve_time = milliseconds(started.elapsed());
    let mut survey = Survey::default();
    let paths = match found {
        Ok(paths) => paths,
        Err(Failure::Local(error)) => {
            survey.failure = Some(error.into());
            return survey;
        }
        Err(Failure::Ended(outcome)) => {
            let mut run = Run::new(plan, context, Some(resolve_time));
            run.end_at_once(outcome);
            survey.results.push(Box::pin(run.finish()).await);
            return survey;
        }
    };
    for path in paths.to_take {
        info!(target = %plan.target, address = ?path.address(), "the way is known");
        let mut run = Run::new(plan, context, paths.looked_up.then_some(resolve_time));
        survey.failure = run.go(&path).await;
        if survey.failure.is_none() || run.has_answers() {
            let mut surveyed = Box::pin(run.finish()).await;
            surveyed.addresses_not_asked.clone_from(&paths.addresses_left);
            survey.results.push(surveyed);
        }
        if survey.failure.is_some() {
            break;
        }
    }
    survey
}

/// The ways that the plan wants taken; nothing, where the run is stopped before they are known.
async fn find(plan: &Plan, context: &Context) -> Option<Result<Paths, Failure>> {
    tokio::select! {
        // First, for an address is known at once.
        biased;
        found = path::paths(plan, context) => Some(found),
        () = context.stop.stopped() => None,
    }
}
