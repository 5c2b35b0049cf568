//! Runs the probes of a plan on one endpoint: order, concurrency, deadlines, connections.
//!
//! The baseline is asked first. Then every probe is asked for its next batch, round by round, and each round's
//! questions go out at the same time, as many as the plan allows. The baseline is asked again at the end. Exchanges are
//! numbered in the order of asking, whichever answer comes first, so the same answers give the same report.
//!
//! When the very first question finds no way to the endpoint, no other hello would, and none is sent.

mod alias;
mod ask;
mod context;
mod fetch;
mod ftp;
mod names;
mod path;
mod request;
mod secrets;
mod sessions;
mod stop;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use tokio::time::Instant;
use tracing::info;

pub use context::{Context, KeyLog};
pub use stop::{Stop, StopReason, Stopper};

use ask::Answered;
use path::Path;
use sessions::Sessions;

use crate::dial::{self, DialError, Failure};
use crate::observation::Observations;
use crate::outcome::{Exchange, Outcome, Stage, milliseconds};
use crate::plan::{Plan, Trust};
use crate::probe::{
    Chains, Fetched, Judging, Probe, Unasked, baseline_question, probe_for, read_aliases, read_all, read_together,
};
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

impl SurveyError {
    /// Whether this machine ran out of ports, descriptors or memory for sockets: asked again later, it may well be able.
    pub fn is_exhaustion(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_exhaustion(),
            Self::Exchange { source, .. } => dial::is_exhaustion(source),
        }
    }
}

/// Carries out a plan: one result for each address that the plan wants asked, or for the one name that a proxy is given.
pub async fn survey(plan: &Plan, context: &Context) -> Result<Vec<Surveyed>, SurveyError> {
    let started = Instant::now();
    let found = tokio::select! {
        found = path::paths(plan, context) => found,
        () = context.stop.stopped() => return Ok(vec![Run::new(plan, context, None).finish().await]),
    };
    let resolve_time = milliseconds(started.elapsed());
    let paths = match found {
        Ok(paths) => paths,
        Err(Failure::Local(error)) => return Err(error.into()),
        Err(Failure::Ended(outcome)) => {
            let mut run = Run::new(plan, context, Some(resolve_time));
            run.end_at_once(outcome);
            return Ok(vec![run.finish().await]);
        }
    };
    let mut results = Vec::new();
    for path in paths.to_take {
        info!(target = %plan.target, address = ?path.address(), "the way is known");
        let mut run = Run::new(plan, context, paths.looked_up.then_some(resolve_time));
        run.go(&path).await?;
        let mut surveyed = run.finish().await;
        surveyed.addresses_not_asked.clone_from(&paths.addresses_left);
        results.push(surveyed);
    }
    Ok(results)
}

/// Where the exchanges of some questions stand; none for a question that the end of the run cut off.
type Places = Vec<Option<usize>>;

/// One way under survey.
struct Run<'a> {
    plan: &'a Plan,
    /// The host that is meant, as certificates are to name it.
    host: String,
    context: &'a Context,
    address: Option<SocketAddr>,
    /// How long the look-up took, until the first exchange tells it.
    resolve_time: Option<f64>,
    /// Each probe, and the places of the exchanges that answered its questions.
    probes: Vec<(Box<dyn Probe>, Places)>,
    exchanges: Vec<Exchange>,
    sessions: Sessions,
    opening: Option<usize>,
    closing: Option<usize>,
    /// Every distinct chain that the endpoint sent.
    chains: Chains,
    /// Counted when they are opened, or tried: one that is cut off was spent all the same.
    connections: AtomicUsize,
    unasked: Option<Unasked>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, context: &'a Context, resolve_time: Option<f64>) -> Self {
        Self {
            plan,
            host: plan.target.host.to_string(),
            context,
            address: None,
            resolve_time,
            probes: plan.asks.iter().map(|ask| (probe_for(ask), Vec::new())).collect(),
            exchanges: Vec::new(),
            sessions: Sessions::default(),
            opening: None,
            closing: None,
            chains: Chains::default(),
            connections: AtomicUsize::new(0),
            unasked: None,
        }
    }

    async fn go(&mut self, path: &Path) -> Result<(), SurveyError> {
        self.address = path.address();
        self.opening = self.ask_baseline(path).await?;
        if let Some(opening) = self.opening.and_then(|place| self.exchanges.get(place)) {
            self.probes.retain_mut(|(probe, _)| probe.hears_of(opening));
        }
        while self.unasked.is_none() && self.next_round(path).await? {
            self.pause().await;
        }
        if self.unasked.is_none() && self.exchanges.len() > 1 {
            self.closing = self.ask_baseline(path).await?;
        }
        Ok(())
    }

    /// Between two rounds; the end of the run ends it too, and is noticed by the next round.
    async fn pause(&self) {
        if !self.plan.interval.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(self.plan.interval) => {}
                () = self.context.stop.stopped() => {}
            }
        }
    }

    async fn ask_baseline(&mut self, path: &Path) -> Result<Option<usize>, SurveyError> {
        let Some(offer) = &self.plan.baseline else { return Ok(None) };
        Ok(self.ask_all(path, vec![baseline_question(offer)]).await?.into_iter().next().flatten())
    }

    /// Asks one batch of every probe. False when no probe has a question left.
    async fn next_round(&mut self, path: &Path) -> Result<bool, SurveyError> {
        let batches: Vec<Vec<Question>> =
            self.probes.iter().map(|(probe, places)| probe.ask(&self.answers(places))).collect();
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        let mut answered = self.ask_all(path, batches.into_iter().flatten().collect()).await?.into_iter();
        for ((_, places), size) in self.probes.iter_mut().zip(&sizes) {
            places.extend(answered.by_ref().take(*size));
        }
        Ok(sizes.iter().any(|size| *size > 0))
    }

    /// Asks these questions at the same time, as far as the plan allows. Gives the place of each one's exchange; none
    /// for a question that the end of the run cut off.
    async fn ask_all(&mut self, path: &Path, questions: Vec<Question>) -> Result<Places, SurveyError> {
        let (plan, context, connections) = (self.plan, self.context, &self.connections);
        let affordable = self.affordable(questions.len());
        let mut answered: Vec<Option<Answered>> = questions.iter().map(|_| None).collect();
        let asking = questions.into_iter().enumerate().take(affordable).map(|(place, question)| {
            let random = context.draw();
            let session = question.resume().and_then(|resume| self.sessions.find(resume));
            // A handshake has much to remember: not where futures are moved about.
            let asked = Box::pin(ask::ask(plan, path, question, random, context, session, connections));
            async move { (place, asked.await) }
        });
        // In whatever order they come: an answer that waited for a slower one would be lost when the run is stopped.
        let asking = futures_util::stream::iter(asking).buffer_unordered(plan.parallel.max(1));
        let mut answers = Box::pin(asking.take_until(context.stop.stopped()));
        while let Some((place, asked)) = answers.next().await {
            let asked = asked?;
            if let Some(slot) = answered.get_mut(place) {
                *slot = Some(asked);
            }
        }
        drop(answers);
        let places: Vec<Option<usize>> = answered.into_iter().map(|it| it.map(|asked| self.take(asked))).collect();
        if places.contains(&None) {
            let why = match context.stop.reason() {
                None if affordable < places.len() => "the connections that were allowed are spent",
                reason => reason.map_or("interrupted", StopReason::word),
            };
            self.unasked.get_or_insert_with(|| Unasked::Stopped(why.to_owned()));
        }
        Ok(places)
    }

    /// How many of so many questions the connections that are left are enough for.
    fn affordable(&self, questions: usize) -> usize {
        let spent = self.connections.load(Ordering::Relaxed);
        self.plan.max_connections.map_or(questions, |most| most.saturating_sub(spent).min(questions))
    }

    /// The run ends before the first connection: the question that would have been asked first ended so.
    fn end_at_once(&mut self, outcome: Outcome) {
        let baseline = self.plan.baseline.as_ref().map(baseline_question);
        let first_of_probes = || self.probes.iter().find_map(|(probe, _)| probe.ask(&[]).into_iter().next());
        let Some(question) = baseline.or_else(first_of_probes) else { return };
        let exchange = ask::unasked(self.plan, question, outcome, self.context.draw());
        let place = self.keep(exchange);
        self.opening = self.plan.baseline.is_some().then_some(place);
    }

    fn take(&mut self, answer: Answered) -> usize {
        let Answered { exchange, certificates, stapled, left } = answer;
        let place = self.keep(exchange);
        self.chains.add(place + 1, certificates, stapled);
        if let Some(left) = left {
            self.sessions.keep(place + 1, left);
        }
        place
    }

    fn keep(&mut self, mut exchange: Exchange) -> usize {
        let place = self.exchanges.len();
        exchange.id = place + 1;
        exchange.timing_ms.resolve = self.resolve_time.take();
        exchange.timing_ms.total += exchange.timing_ms.resolve.unwrap_or_default();
        let (stage, kind) = (exchange.outcome.stage.word(), exchange.outcome.answer.kind());
        info!(target = %self.plan.target, id = exchange.id, purpose = %exchange.purpose, stage, kind, "answered");
        let is_over = !self.probes.iter().any(|(probe, _)| probe.goes_on_without_a_way());
        if place == 0 && exchange.outcome.stage < Stage::Hello && is_over {
            self.unasked = Some(Unasked::Pointless);
        }
        self.exchanges.push(exchange);
        place
    }

    fn answers(&self, places: &[Option<usize>]) -> Vec<Option<&Exchange>> {
        places.iter().map(|place| place.and_then(|place| self.exchanges.get(place))).collect()
    }

    /// Fetches what the chains that were seen name, until there is no more to learn or the run ends.
    async fn fetch(&self) -> Vec<Fetched> {
        let mut fetched = Vec::new();
        let Some(trust) = &self.plan.trust else { return fetched };
        while self.context.stop.reason().is_none() {
            let wanted = self.judging(trust, &fetched).wanted();
            if wanted.is_empty() {
                break;
            }
            fetched.extend(fetch::fetch(self.plan, trust, self.context, wanted, &self.connections).await);
        }
        fetched
    }

    fn judging<'b>(&'b self, trust: &'b Trust, fetched: &'b [Fetched]) -> Judging<'b> {
        Judging { chains: &self.chains, host: &self.host, trust, fetched }
    }

    async fn finish(self) -> Surveyed {
        let fetched = self.fetch().await;
        let is_known = self.exchanges.iter().all(|exchange| exchange.outcome.stage != Stage::Resolve);
        let aliases = if is_known { alias::look_up(self.plan, self.context).await } else { None };
        let stopped = || {
            let why = self.context.stop.reason().map_or("interrupted", StopReason::word);
            Unasked::Stopped(why.to_owned())
        };
        let unasked = self.unasked.clone().unwrap_or_else(stopped);
        let at = |place: Option<usize>| place.and_then(|place| self.exchanges.get(place));
        let mut observations = Observations::default();
        read_all(at(self.opening), at(self.closing), &self.exchanges, &mut observations);
        for (probe, places) in &self.probes {
            probe.read(&self.answers(places), &unasked, &mut observations);
        }
        read_together(&self.exchanges, &mut observations);
        if let Some(trust) = &self.plan.trust {
            self.judging(trust, &fetched).read(&self.exchanges, &mut observations);
        }
        if let Some(aliases) = aliases {
            read_aliases(&self.host, aliases, &self.exchanges, &mut observations);
        }
        let mut target = self.plan.target.clone();
        target.address = self.address;
        Surveyed {
            target,
            addresses_not_asked: Vec::new(),
            connections: self.connections.into_inner(),
            exchanges: self.exchanges,
            observations,
        }
    }
}
