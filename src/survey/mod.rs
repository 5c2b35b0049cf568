//! Runs the probes of a plan on one endpoint: order, concurrency, deadlines, connections.
//!
//! The baseline is asked first. Then every probe is asked for its next batch, round by round, and each round's
//! questions go out at the same time, as many as the plan allows. The baseline is asked again at the end. Exchanges are
//! numbered in the order of asking, whichever answer comes first, so the same answers give the same report.
//!
//! When the very first question finds no way to the endpoint, no other hello would, and none is sent.

mod ask;
mod context;
mod path;
mod stop;

use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;
use tracing::debug;

pub use context::Context;
pub use stop::{Stop, StopReason, Stopper};

use ask::Asked;
use path::Path;

use crate::dial::{DialError, Failure};
use crate::exchange::milliseconds;
use crate::observation::Observations;
use crate::outcome::{Exchange, Outcome, Stage};
use crate::plan::Plan;
use crate::probe::{Probe, Unasked, baseline_question, probe_for, read_all};
use crate::question::Question;
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
    pub observations: Observations,
    /// Connections that were opened, or tried.
    pub connections: usize,
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

/// Carries out a plan: one result for each address that the plan wants asked, or for the one name that a proxy is given.
pub async fn survey(plan: &Plan, context: &Context) -> Result<Vec<Surveyed>, SurveyError> {
    let started = Instant::now();
    let found = tokio::select! {
        found = path::paths(plan, context) => found,
        () = context.stop.stopped() => return Ok(vec![Run::new(plan, context, None).finish()]),
    };
    let resolve_time = started.elapsed();
    let paths = match found {
        Ok(paths) => paths,
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => {
            let mut run = Run::new(plan, context, None);
            run.resolve_time = Some(resolve_time);
            run.end_at_once(outcome);
            return Ok(vec![run.finish()]);
        }
    };
    let mut results = Vec::new();
    for path in paths.to_take {
        debug!(target = %plan.target, address = ?path.address(), "the way is known");
        let mut run = Run::new(plan, context, Some(path));
        run.resolve_time = paths.looked_up.then_some(resolve_time);
        run.go().await?;
        let mut surveyed = run.finish();
        surveyed.addresses_not_asked.clone_from(&paths.addresses_left);
        results.push(surveyed);
    }
    Ok(results)
}

/// One way under survey.
struct Run<'a> {
    plan: &'a Plan,
    context: &'a Context,
    path: Option<Path>,
    resolve_time: Option<Duration>,
    /// Each probe, and the numbers of the exchanges that answered it.
    probes: Vec<(Box<dyn Probe>, Vec<usize>)>,
    exchanges: Vec<Exchange>,
    opening: Option<usize>,
    closing: Option<usize>,
    connections: usize,
    unasked: Option<Unasked>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, context: &'a Context, path: Option<Path>) -> Self {
        Self {
            plan,
            context,
            path,
            resolve_time: None,
            probes: plan.asks.iter().map(|ask| (probe_for(ask), Vec::new())).collect(),
            exchanges: Vec::new(),
            opening: None,
            closing: None,
            connections: 0,
            unasked: None,
        }
    }

    async fn go(&mut self) -> Result<(), SurveyError> {
        if let Some(offer) = &self.plan.baseline {
            self.opening = self.ask_all(vec![baseline_question(offer)]).await?.first().copied();
        }
        while self.unasked.is_none() && self.next_round().await? {}
        if let (Some(offer), None) = (&self.plan.baseline, &self.unasked)
            && self.exchanges.len() > 1
        {
            self.closing = self.ask_all(vec![baseline_question(offer)]).await?.first().copied();
        }
        Ok(())
    }

    /// Asks one batch of every probe. False when no probe has a question left.
    async fn next_round(&mut self) -> Result<bool, SurveyError> {
        let mut batch = Vec::new();
        let mut askers = Vec::new();
        for (place, (probe, answers)) in self.probes.iter_mut().enumerate() {
            let answers: Vec<Exchange> = answers.iter().filter_map(|at| self.exchanges.get(*at)).cloned().collect();
            let questions = probe.ask(&answers);
            askers.extend(questions.iter().map(|_| place));
            batch.extend(questions);
        }
        let asked_any = !batch.is_empty();
        let answered = self.ask_all(batch).await?;
        for (place, exchange) in askers.into_iter().zip(answered) {
            if let Some((_, answers)) = self.probes.get_mut(place) {
                answers.push(exchange);
            }
        }
        Ok(asked_any)
    }

    /// Asks these questions at the same time, as far as the plan allows. Gives the places of their exchanges; fewer
    /// than there were questions if the run was stopped.
    async fn ask_all(&mut self, questions: Vec<Question>) -> Result<Vec<usize>, SurveyError> {
        let (plan, context) = (self.plan, self.context);
        let Some(path) = self.path.clone() else { return Ok(Vec::new()) };
        let wanted = questions.len();
        let asking = questions.into_iter().map(|question| {
            let random = context.draw();
            ask::ask(plan, &path, question, random)
        });
        let mut answers = std::pin::pin!(
            futures_util::stream::iter(asking).buffered(plan.parallel.max(1)).take_until(context.stop.stopped())
        );
        let mut places = Vec::new();
        while let Some(asked) = answers.next().await {
            let Asked { mut exchange, connections } = asked?;
            exchange.timing_ms.resolve = self.resolve_time.take().map(milliseconds);
            self.connections += connections;
            places.push(self.keep(exchange));
        }
        if places.len() < wanted {
            let why = context.stop.reason().map_or("interrupted", StopReason::word);
            self.unasked.get_or_insert_with(|| Unasked { why: why.to_owned(), because: Vec::new() });
        }
        Ok(places)
    }

    /// The run ends before the first connection: the question that would have been asked ended so.
    fn end_at_once(&mut self, outcome: Outcome) {
        let first_of_probe = |(probe, answers): &mut (Box<dyn Probe>, Vec<usize>)| {
            let question = probe.ask(&[]).into_iter().next();
            if question.is_some() {
                answers.push(0);
            }
            question
        };
        let question = match &self.plan.baseline {
            Some(offer) => Some(baseline_question(offer)),
            None => self.probes.iter_mut().find_map(first_of_probe),
        };
        let Some(question) = question else { return };
        if self.plan.baseline.is_some() {
            self.opening = Some(0);
        }
        let mut exchange = ask::unasked(self.plan, question, outcome, self.context.draw());
        exchange.timing_ms.resolve = self.resolve_time.take().map(milliseconds);
        exchange.timing_ms.total = exchange.timing_ms.resolve.unwrap_or_default();
        self.keep(exchange);
    }

    fn keep(&mut self, mut exchange: Exchange) -> usize {
        let place = self.exchanges.len();
        exchange.id = place + 1;
        debug!(id = exchange.id, purpose = %exchange.purpose, kind = exchange.outcome.answer.kind(), "answered");
        if place == 0 && matches!(exchange.outcome.stage, Stage::Resolve | Stage::Connect | Stage::Proxy) {
            let why = exchange.outcome.answer.kind().to_owned();
            self.unasked = Some(Unasked { why, because: vec![exchange.id] });
        }
        self.exchanges.push(exchange);
        place
    }

    fn finish(self) -> Surveyed {
        let at = |place: Option<usize>| place.and_then(|place| self.exchanges.get(place));
        let unasked = self.unasked.clone().unwrap_or_else(|| {
            let why = self.context.stop.reason().map_or("it was not asked", StopReason::word);
            Unasked { why: why.to_owned(), because: Vec::new() }
        });
        let mut observations = Observations::default();
        read_all(at(self.opening), at(self.closing), &self.exchanges, &mut observations);
        for (probe, answers) in &self.probes {
            let answers: Vec<Exchange> = answers.iter().filter_map(|place| at(Some(*place))).cloned().collect();
            probe.read(&answers, &unasked, &mut observations);
        }
        let mut target = self.plan.target.clone();
        target.address = self.path.as_ref().and_then(Path::address);
        Surveyed {
            target,
            addresses_not_asked: Vec::new(),
            exchanges: self.exchanges,
            observations,
            connections: self.connections,
        }
    }
}
