//! One way under survey: questions out, answers in, until nobody has one left.

mod recovery;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{self, Poll};

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::alias;
use super::ask::{self, Answered};
use super::context::Context;
use super::control::Control;
use super::fetch;
use super::lanes::{Lanes, Next, Ticket};
use super::pace::Pace;
use super::path::Path;
use super::sessions::Sessions;
use super::stop::StopReason;
use super::tally::Tally;
use super::under_way::UnderWay;
use super::{SurveyError, Surveyed};
use crate::observation::{Observations, SlowedDown};
use crate::outcome::{Exchange, Outcome, Stage, milliseconds};
use crate::plan::Plan;
use crate::probe::{
    Chains, Fetched, Judging, Unasked, baseline_question, control_question, is_alive, probe_for, read_aliases,
    read_all, read_together,
};
use crate::question::Question;
use crate::report::Cost;

/// Why questions stay unasked when the plan's connections are used up.
const SPENT: &str = "the connections that were allowed are spent";

/// One way under survey.
pub(super) struct Run<'a> {
    plan: &'a Plan,
    context: &'a Context,
    address: Option<SocketAddr>,
    /// How long the look-up took, until the first exchange tells it.
    resolve_time: Option<f64>,
    lanes: Lanes,
    pace: Pace,
    control: Control,
    /// By place, in the order of asking; none for one that has no answer yet.
    exchanges: Vec<Option<Box<Exchange>>>,
    /// Their questions, where they may have to be asked again.
    questions: Vec<Option<Arc<Question>>>,
    /// The chains that came with them.
    chains: Vec<Sent>,
    sessions: Sessions,
    opening: Option<usize>,
    closing: Option<usize>,
    tally: Arc<Tally>,
    /// Round trips one after the other, up to the last answer; and for each place, what it was when it was asked.
    round_trips: usize,
    trips_before: Vec<usize>,
    started: Instant,
    slowed_down: Option<SlowedDown>,
    unasked: Option<Unasked>,
}

/// Whose a question is that is asked beside others.
#[derive(Clone, Copy)]
enum Asker {
    /// Of the opening baseline.
    Opening,
    Probe(Ticket),
    Control,
    /// Of the closing baseline.
    Closing,
}

/// The chain and the OCSP answer that one exchange brought, in DER.
struct Sent {
    place: usize,
    certificates: Vec<Vec<u8>>,
    stapled: Option<Vec<u8>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(plan: &'a Plan, context: &'a Context, resolve_time: Option<f64>) -> Self {
        Self {
            plan,
            context,
            address: None,
            resolve_time,
            lanes: Lanes::new(plan.asks.iter().map(probe_for).collect(), plan.interval),
            pace: Pace::new(plan.parallel, plan.pace),
            control: Control::new(),
            exchanges: Vec::new(),
            questions: Vec::new(),
            chains: Vec::new(),
            sessions: Sessions::default(),
            opening: None,
            closing: None,
            tally: Arc::default(),
            round_trips: 0,
            trips_before: Vec::new(),
            started: Instant::now(),
            slowed_down: None,
            unasked: None,
        }
    }

    /// Asks all there is to ask. What this machine can't do in the middle of it ends the run, and is said there.
    pub(super) async fn go(&mut self, path: &Path) -> Option<SurveyError> {
        self.address = path.address();
        let error = self.ask_all(path).await.err()?;
        // The rest of its text says what to do.
        let why = error.to_string().lines().next().unwrap_or_default().to_owned();
        self.unasked = Some(Unasked::Stopped(why));
        Some(error)
    }

    /// Whether anything was answered.
    pub(super) fn has_answers(&self) -> bool {
        self.exchanges.iter().any(Option::is_some)
    }

    async fn ask_all(&mut self, path: &Path) -> Result<(), SurveyError> {
        let mut is_first = self.plan.baseline.is_some();
        loop {
            self.ask_probes(path, std::mem::take(&mut is_first)).await?;
            if self.unasked.is_some() || self.exchanges.len() < 2 {
                if self.control.has_failed() {
                    let affected = self.without_answer();
                    self.lanes.give_up(&affected);
                }
                return Ok(());
            }
            if !self.is_closed() {
                self.closing = self.ask_baseline(path).await?;
            }
            if !self.recovers(path).await? {
                return Ok(());
            }
        }
    }

    /// Whether the questions may begin before the opening baseline is answered, when its connection has come about.
    fn may_begin(&self, path: &Path) -> bool {
        matches!(path, Path::Direct(_)) && self.plan.target.starttls.is_none() && self.lanes.may_begin()
    }

    /// Whether the closing baseline may begin while so many last answers are awaited.
    fn may_close(&self, under_way: usize) -> bool {
        let is_last = under_way > 0 && self.exchanges.len() > 1 && !self.lanes.may_go_on();
        is_last && self.plan.baseline.is_some() && self.can_afford_one()
    }

    /// Whether the closing baseline was asked while the last answers were awaited. Where these brought more to ask, it and
    /// all after it must have been answered: with a choice, for a refusal may be of an endpoint that has had enough.
    fn is_closed(&self) -> bool {
        let Some(closing) = at(&self.exchanges, self.closing) else { return false };
        let since = self.closing.and_then(|place| self.exchanges.get(place + 1..)).unwrap_or_default();
        let is_chosen = |exchange: &Option<Box<Exchange>>| exchange.as_ref().is_some_and(|it| it.server.is_some());
        let is_proven = since.is_empty() || (is_alive(closing) && since.iter().all(is_chosen));
        is_proven && !self.pace.is_in_trouble()
    }

    async fn ask_baseline(&mut self, path: &Path) -> Result<Option<usize>, SurveyError> {
        let Some(offer) = &self.plan.baseline else { return Ok(None) };
        let question = Arc::new(baseline_question(offer));
        if !self.can_afford_one() {
            self.unasked.get_or_insert_with(|| Unasked::Stopped(SPENT.to_owned()));
            return Ok(None);
        }
        let place = self.next_place(None);
        let asked = self.asking(path, question);
        tokio::select! {
            biased;
            () = self.context.stop.stopped() => {
                self.stopped();
                Ok(None)
            }
            answered = asked => {
                self.take(place, answered?);
                Ok(Some(place))
            }
        }
    }

    /// Asks what the probes want to know, as many at the same time as the pace allows, until none has a question left or
    /// the endpoint is in trouble. Where the baseline is to open the run, it is asked before all others.
    async fn ask_probes(&mut self, path: &Path, opens: bool) -> Result<(), SurveyError> {
        let context = self.context;
        let mut under_way = UnderWay::new();
        let mut is_closing = false;
        let (mut awaits_opening, mut has_a_way) = (false, true);
        if opens && let Some(offer) = &self.plan.baseline {
            if self.can_afford_one() {
                (awaits_opening, has_a_way) = (true, false);
                let place = self.next_place(None);
                let asking = self.asking(path, Arc::new(baseline_question(offer)));
                under_way.push(Awaited { asker: Asker::Opening, place, answer: asking });
            } else {
                self.unasked.get_or_insert_with(|| Unasked::Stopped(SPENT.to_owned()));
            }
        }
        let tally = Arc::clone(&self.tally);
        let stopped = context.stop.stopped();
        tokio::pin!(stopped);
        loop {
            let mut wake = None;
            while has_a_way
                && self.unasked.is_none()
                && !self.pace.is_in_trouble()
                && under_way.len() < self.pace.at_once()
            {
                if let Some(later) = self.pace.next_start() {
                    wake = Some(later);
                    break;
                }
                let room = self.pace.at_once() - under_way.len();
                let baseline = self.plan.baseline.as_ref();
                let (asker, question) = match baseline.filter(|_| self.control.is_due()) {
                    Some(offer) => (Asker::Control, Arc::new(control_question(offer))),
                    None => match (self.lanes.next(room, &self.exchanges), baseline) {
                        (Next::Turn(turn), _) => (Asker::Probe(turn.ticket), turn.question),
                        // The last answers are awaited: what closes the run need not wait for them.
                        (Next::Nothing, Some(offer))
                            if !is_closing && !awaits_opening && self.may_close(under_way.len()) =>
                        {
                            is_closing = true;
                            (Asker::Closing, Arc::new(baseline_question(offer)))
                        }
                        (Next::Nothing, _) => break,
                        (Next::At(later), _) => {
                            wake = Some(later);
                            break;
                        }
                    },
                };
                if !self.can_afford_one() {
                    self.unasked = Some(Unasked::Stopped(SPENT.to_owned()));
                    break;
                }
                let may_be_asked_again = matches!(asker, Asker::Probe(_)).then(|| Arc::clone(&question));
                let place = self.next_place(may_be_asked_again);
                if matches!(asker, Asker::Control) {
                    self.control.starts(place);
                }
                self.pace.starts();
                under_way.push(Awaited { asker, place, answer: self.asking(path, question) });
            }
            if under_way.is_empty() && wake.is_none() {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = &mut stopped => {
                    self.stopped();
                    return Ok(());
                }
                (asker, place, answered) = under_way.next(), if !under_way.is_empty() => {
                    if matches!(asker, Asker::Opening) {
                        (awaits_opening, has_a_way) = (false, true);
                    }
                    self.take_turn(asker, place, answered?);
                }
                // A way was found: those that need not know what comes of it begin.
                () = came_about(&tally), if !has_a_way && self.may_begin(path) => {
                    has_a_way = true;
                    self.round_trips = self.round_trips.max(1);
                }
                () = due(wake), if wake.is_some() => {}
            }
        }
    }

    fn stopped(&mut self) {
        let why = self.context.stop.reason().map_or("interrupted", StopReason::word);
        self.unasked.get_or_insert_with(|| Unasked::Stopped(why.to_owned()));
    }

    /// Asks one question. What it draws is drawn now, in the order of asking.
    fn asking<'b>(&self, path: &'b Path, question: Arc<Question>) -> BoxFuture<'b, Result<Answered, SurveyError>>
    where
        'a: 'b,
    {
        let random = Box::new(self.context.draw());
        let session = question.resume().and_then(|resume| self.sessions.find(resume));
        ask::ask(self.plan, path, question, random, self.context, session, Arc::clone(&self.tally))
    }

    /// The place of a question that is asked now.
    fn next_place(&mut self, question: Option<Arc<Question>>) -> usize {
        self.exchanges.push(None);
        self.questions.push(question);
        self.trips_before.push(self.round_trips);
        self.exchanges.len() - 1
    }

    /// Whether the connections that are left are enough for another question. Each question needs one; those through a
    /// proxy may have needed more.
    fn can_afford_one(&self) -> bool {
        let spent = self.tally.connections.load(Ordering::Relaxed).max(self.exchanges.len());
        self.plan.max_connections.is_none_or(|most| spent < most)
    }

    /// The run ends before the first connection: the question that would have been asked first ended so.
    pub(super) fn end_at_once(&mut self, outcome: Outcome) {
        let baseline = self.plan.baseline.as_ref().map(baseline_question).map(Arc::new);
        let Some(question) = baseline.or_else(|| self.lanes.first_question()) else { return };
        let exchange = ask::unasked(self.plan, &question, outcome, self.context.draw());
        let place = self.next_place(None);
        self.keep(place, Box::new(exchange));
        self.opening = self.plan.baseline.is_some().then_some(place);
    }

    /// The answer to a question came that was asked beside others.
    fn take_turn(&mut self, asker: Asker, place: usize, answered: Answered) {
        self.take(place, answered);
        let Some(exchange) = at(&self.exchanges, Some(place)) else { return };
        match asker {
            Asker::Opening => {
                self.opening = Some(place);
                self.lanes.hear_of(exchange);
                return;
            }
            Asker::Probe(ticket) => self.lanes.take(ticket, place, exchange),
            Asker::Closing => self.closing = Some(place),
            Asker::Control => {}
        }
        let has_answered = at(&self.exchanges, self.opening).is_some_and(is_alive);
        self.pace.hears(exchange, has_answered);
        if has_answered {
            self.control.hears(place, exchange);
        }
        if self.control.has_failed() {
            self.pace.notice_trouble();
        }
    }

    fn take(&mut self, place: usize, answered: Answered) {
        let Answered { exchange, certificates, stapled, left } = answered;
        self.keep(place, exchange);
        if !certificates.is_empty() {
            self.chains.push(Sent { place, certificates, stapled });
        }
        if let Some(left) = left {
            self.sessions.keep(place + 1, left);
        }
    }

    fn keep(&mut self, place: usize, mut exchange: Box<Exchange>) {
        exchange.id = place + 1;
        if place == 0 {
            exchange.timing_ms.resolve = self.resolve_time.take();
            exchange.timing_ms.total += exchange.timing_ms.resolve.unwrap_or_default();
        }
        let (stage, kind) = (exchange.outcome.stage.word(), exchange.outcome.answer.kind());
        info!(target = %self.plan.target, id = exchange.id, purpose = %exchange.purpose, stage, kind, "answered");
        if place == 0 && exchange.outcome.stage < Stage::Hello && !self.lanes.go_on_without_a_way() {
            self.unasked = Some(Unasked::Pointless);
        }
        let before = self.trips_before.get(place).copied().unwrap_or_default();
        self.round_trips = self.round_trips.max(before + round_trips(&exchange));
        if let Some(slot) = self.exchanges.get_mut(place) {
            *slot = Some(exchange);
        }
    }

    /// Closes the gaps that questions left which the end of the run cut off.
    fn close_gaps(&mut self) -> Vec<Exchange> {
        let mut kept = 0;
        let moved: Vec<Option<usize>> = self
            .exchanges
            .iter()
            .map(|exchange| {
                exchange.as_ref()?;
                kept += 1;
                Some(kept - 1)
            })
            .collect();
        self.lanes.move_places(&moved);
        let to = |place: usize| moved.get(place).copied().flatten();
        (self.opening, self.closing) = (self.opening.and_then(to), self.closing.and_then(to));
        for sent in &mut self.chains {
            sent.place = to(sent.place).unwrap_or(sent.place);
        }
        let mut exchanges: Vec<Exchange> =
            std::mem::take(&mut self.exchanges).into_iter().flatten().map(|exchange| *exchange).collect();
        for (place, exchange) in exchanges.iter_mut().enumerate() {
            exchange.id = place + 1;
        }
        exchanges
    }

    /// Every distinct chain that the endpoint sent.
    fn chains(&mut self) -> Chains {
        let mut sent = std::mem::take(&mut self.chains);
        sent.sort_by_key(|sent| sent.place);
        let mut chains = Chains::default();
        for Sent { place, certificates, stapled } in sent {
            chains.add(place + 1, certificates, stapled);
        }
        chains
    }

    /// Fetches what the chains that were seen name, until there is no more to learn or the run ends.
    async fn fetch(&self, chains: &Chains) -> Vec<Fetched> {
        let mut fetched = Vec::new();
        let Some(trust) = &self.plan.trust else { return fetched };
        let host = self.plan.target.host.to_string();
        while self.context.stop.reason().is_none() {
            let wanted = Judging { chains, host: &host, trust, fetched: &fetched }.wanted();
            if wanted.is_empty() {
                break;
            }
            let fetching = fetch::fetch(self.plan, trust, self.context, wanted, &self.tally.connections);
            fetched.extend(Box::pin(fetching).await);
        }
        fetched
    }

    pub(super) async fn finish(mut self) -> Surveyed {
        let elapsed_ms = milliseconds(self.started.elapsed());
        let exchanges = self.close_gaps();
        let chains = self.chains();
        let fetched = self.fetch(&chains).await;
        let is_known = exchanges.iter().all(|exchange| exchange.outcome.stage != Stage::Resolve);
        let aliases = if is_known { alias::look_up(self.plan, self.context).await } else { None };
        let why = self.context.stop.reason().map_or("interrupted", StopReason::word);
        let unasked = self.unasked.clone().unwrap_or_else(|| Unasked::Stopped(why.to_owned()));
        let mut observations = Box::<Observations>::default();
        let of = |place: Option<usize>| place.and_then(|place| exchanges.get(place));
        read_all(of(self.opening), of(self.closing), &exchanges, &mut observations);
        for (probe, places) in self.lanes.probes() {
            let answers: Vec<Option<&Exchange>> = places.iter().map(|place| of(*place)).collect();
            probe.read(&answers, &unasked, &mut observations);
        }
        read_together(&exchanges, &mut observations);
        if let Some(trust) = &self.plan.trust {
            let host = self.plan.target.host.to_string();
            Judging { chains: &chains, host: &host, trust, fetched: &fetched }.read(&exchanges, &mut observations);
        }
        if let Some(aliases) = aliases {
            let own = exchanges.iter().filter(|exchange| self.plan.is_about(&exchange.offer));
            read_aliases(&self.plan.target.host.to_string(), aliases, own, &mut observations);
        }
        observations.slowed_down.clone_from(&self.slowed_down);
        let mut target = self.plan.target.clone();
        target.address = self.address;
        Surveyed {
            target,
            addresses_not_asked: Vec::new(),
            connections: self.tally.connections.load(Ordering::Relaxed),
            cost: Cost { round_trips: self.round_trips, elapsed_ms },
            exchanges,
            observations,
        }
    }
}

/// Waits until a connection has come about. Mostly nobody does: what waits is made when it is waited for.
async fn came_about(tally: &Tally) {
    tally.came_about.notified().await;
}

/// Waits until then, if there is a time to wait for.
async fn due(then: Option<Instant>) {
    if let Some(then) = then {
        sleep_until(then).await;
    }
}

/// A question under way: whose it is, its place, and the answer that is to come.
struct Awaited<'a> {
    asker: Asker,
    place: usize,
    answer: BoxFuture<'a, Result<Answered, SurveyError>>,
}

impl Future for Awaited<'_> {
    type Output = (Asker, usize, Result<Answered, SurveyError>);

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.answer.as_mut().poll(context).map(|answered| (self.asker, self.place, answered))
    }
}

/// How often this exchange waited for the other side.
fn round_trips(exchange: &Exchange) -> usize {
    let timing = &exchange.timing_ms;
    let steps = [
        timing.connect.is_some(),
        timing.proxy.is_some(),
        timing.starttls.is_some(),
        timing.first_byte.is_some() || exchange.outcome.stage >= Stage::Hello,
        timing.handshake.is_some(),
        exchange.http.is_some(),
    ];
    steps.into_iter().filter(|step| *step).count()
}

/// The exchange in this place, if there is one.
fn at(exchanges: &[Option<Box<Exchange>>], place: Option<usize>) -> Option<&Exchange> {
    place.and_then(|place| exchanges.get(place)).and_then(Option::as_deref)
}
