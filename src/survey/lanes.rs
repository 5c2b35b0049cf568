//! Whose turn it is: each probe has a lane of its own, in which its questions wait, are under way and are answered.
//!
//! A probe is asked again as soon as its own batch is answered, whatever the others do; an eager one as soon as there is
//! room for another question. Of the lanes that have a question, the one with the fewest under way comes first, so that
//! no probe starves another, and those at the front of the plan, whose chains are the longest, start first.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::outcome::Exchange;
use crate::probe::Probe;
use crate::question::Question;

/// The place of an exchange in the report; none for a question that has no answer yet, or will have none.
type Place = Option<usize>;

/// All lanes of a run, in the order of the plan.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// Between the end of a lane's batch and its next one.
    interval: Duration,
}

/// One probe and its questions.
struct Lane {
    probe: Box<dyn Probe>,
    /// Where the answers to its questions stand, in the order in which it asked.
    places: Vec<Place>,
    /// Of these, the questions that were not asked again though their answers tell nothing.
    lost: Vec<usize>,
    /// Its questions that are still to be asked, by their place among its own.
    waiting: VecDeque<(usize, Arc<Question>)>,
    under_way: usize,
    /// Where its last batch begins among its questions.
    batch: usize,
    /// When it may be asked for more.
    not_before: Instant,
    /// It has no more to ask.
    is_done: bool,
}

/// A question that is to be asked now.
pub(super) struct Turn {
    /// Whose it is.
    pub(super) ticket: Ticket,
    pub(super) question: Arc<Question>,
}

/// Which question of which lane an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    lane: usize,
    question: usize,
}

/// What to do next.
pub(super) enum Next {
    /// Ask this.
    Turn(Box<Turn>),
    /// Nothing before this moment, or before an answer comes.
    At(Instant),
    /// Nothing before an answer comes; nothing at all, if none is awaited.
    Nothing,
}

impl Lanes {
    pub(super) fn new(probes: Vec<Box<dyn Probe>>, interval: Duration) -> Self {
        let lane = |probe| Lane {
            probe,
            places: Vec::new(),
            lost: Vec::new(),
            waiting: VecDeque::new(),
            under_way: 0,
            batch: 0,
            not_before: Instant::now(),
            is_done: false,
        };
        Self { lanes: probes.into_iter().map(lane).collect(), interval }
    }

    /// The first question of all, as it would be asked.
    pub(super) fn first_question(&mut self) -> Option<Arc<Question>> {
        self.lanes.iter_mut().find_map(|lane| {
            if lane.probe.is_eager() {
                lane.probe.ask_more(1).into_iter().next().map(Arc::new)
            } else {
                lane.probe.ask_shared(&[]).into_iter().next()
            }
        })
    }

    /// Tells every probe how the baseline's hello ended; those that have nothing to find out then are gone.
    pub(super) fn hear_of(&mut self, opening: &Exchange) {
        self.lanes.retain_mut(|lane| lane.probe.hears_of(opening));
    }

    /// Whether a probe asks on where no way was found to the endpoint.
    pub(super) fn go_on_without_a_way(&self) -> bool {
        self.lanes.iter().any(|lane| lane.probe.goes_on_without_a_way())
    }

    /// What to ask next, while there is room for so many more.
    pub(super) fn next(&mut self, room: usize, exchanges: &[Option<Box<Exchange>>]) -> Next {
        let now = Instant::now();
        for lane in &mut self.lanes {
            lane.refill(now, room, exchanges);
        }
        let ready = self.lanes.iter_mut().enumerate().filter(|(_, lane)| !lane.waiting.is_empty());
        if let Some((place, lane)) = ready.min_by_key(|(_, lane)| lane.under_way)
            && let Some((question_place, question)) = lane.waiting.pop_front()
        {
            lane.under_way += 1;
            let ticket = Ticket { lane: place, question: question_place };
            return Next::Turn(Box::new(Turn { ticket, question }));
        }
        let later = self.lanes.iter().filter(|lane| lane.is_resting() && lane.not_before > now);
        later.map(|lane| lane.not_before).min().map_or(Next::Nothing, Next::At)
    }

    /// Whether no probe has to know the baseline's answer before it asks.
    pub(super) fn may_begin(&self) -> bool {
        self.lanes.iter().all(|lane| !lane.probe.waits_for_the_baseline())
    }

    /// Whether an answer that is awaited may well bring more questions.
    pub(super) fn may_go_on(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.waiting.is_empty() || (lane.under_way > 0 && lane.probe.may_go_on()))
    }

    /// An answer came, which stands in this place of the report.
    pub(super) fn take(&mut self, ticket: Ticket, place: usize, exchange: &Exchange) {
        let Some(lane) = self.lanes.get_mut(ticket.lane) else { return };
        lane.under_way -= 1;
        if let Some(slot) = lane.places.get_mut(ticket.question) {
            *slot = Some(place);
        }
        if lane.probe.is_eager() {
            lane.probe.hears(ticket.question, exchange);
        }
        if lane.under_way == 0 && lane.waiting.is_empty() {
            lane.not_before = Instant::now() + self.interval;
        }
    }

    /// The exchanges in these places told nothing of the endpoint: an eager probe asks again as it sees fit, and any
    /// other the same questions, if all it knows of them is that answer. Says how many are to be asked again.
    pub(super) fn forget(&mut self, places: &[usize], asked: &[Option<Arc<Question>>]) -> usize {
        let mut again = 0;
        for lane in &mut self.lanes {
            for question in lane.in_places(places) {
                if lane.forget(question, asked) {
                    again += 1;
                } else {
                    lane.lost.push(question);
                }
            }
        }
        again
    }

    /// The exchanges in these places told nothing of the endpoint, which is not asked any more.
    pub(super) fn give_up(&mut self, places: &[usize]) {
        for lane in &mut self.lanes {
            for question in lane.in_places(places) {
                if lane.probe.is_eager() {
                    lane.probe.forgets(question);
                }
                lane.lost.push(question);
            }
        }
    }

    /// Whether a question waits that was thought of and not asked.
    pub(super) fn has_waiting(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.waiting.is_empty())
    }

    /// Every probe, with the places of its answers.
    pub(super) fn probes(&self) -> impl Iterator<Item = (&dyn Probe, Vec<Place>)> {
        self.lanes.iter().map(|lane| {
            let tells = |(question, place): (usize, &Place)| place.filter(|_| !lane.lost.contains(&question));
            (&*lane.probe, lane.places.iter().enumerate().map(tells).collect())
        })
    }

    /// Exchanges have moved: each to the place that this list has for its old one.
    pub(super) fn move_places(&mut self, moved: &[Place]) {
        for place in self.lanes.iter_mut().flat_map(|lane| &mut lane.places) {
            *place = place.and_then(|old| moved.get(old).copied().flatten());
        }
    }
}

impl Lane {
    /// Whether its batch is answered, and it may have more to ask.
    fn is_resting(&self) -> bool {
        !self.is_done && self.waiting.is_empty() && self.under_way == 0
    }

    /// Asks the probe for more, if it is its time.
    fn refill(&mut self, now: Instant, room: usize, exchanges: &[Option<Box<Exchange>>]) {
        if self.not_before > now || !self.waiting.is_empty() {
            return;
        }
        let questions = if self.probe.is_eager() {
            self.probe.ask_more(room).into_iter().map(Arc::new).collect()
        } else if self.is_resting() {
            let batch = self.probe.ask_shared(&answers(&self.places, exchanges));
            self.is_done = batch.is_empty();
            if !self.is_done {
                self.batch = self.places.len();
            }
            batch
        } else {
            return;
        };
        for question in questions {
            self.waiting.push_back((self.places.len(), question));
            self.places.push(None);
        }
    }

    /// Its questions whose answers stand in these places.
    fn in_places(&self, places: &[usize]) -> Vec<usize> {
        let is_in =
            |question: &usize| self.places.get(*question).copied().flatten().is_some_and(|it| places.contains(&it));
        (0..self.places.len()).filter(is_in).collect()
    }

    /// True if it will ask again.
    fn forget(&mut self, question: usize, asked: &[Option<Arc<Question>>]) -> bool {
        if self.probe.is_eager() {
            self.probe.forgets(question);
            return true;
        }
        // What came of a batch decided on the next one: of a probe that has gone on from there nothing can be taken back.
        let place = self.places.get(question).copied().flatten().filter(|_| question >= self.batch);
        let Some(again) = place.and_then(|place| asked.get(place).cloned().flatten()) else { return false };
        if again.resume().is_some() {
            return false;
        }
        if let Some(slot) = self.places.get_mut(question) {
            *slot = None;
        }
        self.waiting.push_back((question, again));
        self.is_done = false;
        true
    }
}

/// The answers to a probe's questions so far.
pub(super) fn answers<'a>(places: &[Place], exchanges: &'a [Option<Box<Exchange>>]) -> Vec<Option<&'a Exchange>> {
    places.iter().map(|place| place.and_then(|place| exchanges.get(place)).and_then(Option::as_deref)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use futures_util::StreamExt;
    use futures_util::stream::FuturesUnordered;

    use super::*;
    use crate::observation::Observations;
    use crate::outcome::testing::alert;
    use crate::probe::{Answers, Unasked};
    use crate::question::Hello;

    fn question(name: &str, number: usize) -> Question {
        Question::new(format!("{name}{number}"), Hello::Exactly(Vec::new()))
    }

    /// Asks so many questions, batch by batch.
    struct Batches(&'static str, Vec<usize>);

    impl Probe for Batches {
        fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
            let ends = self.1.iter().scan(0, |sum, size| {
                *sum += size;
                Some(*sum)
            });
            let end = ends.into_iter().find(|end| *end > answers.len()).unwrap_or(answers.len());
            (answers.len()..end).map(|number| question(self.0, number)).collect()
        }

        fn read(&self, _: &Answers<'_>, _: &Unasked, _: &mut Observations) {}
    }

    /// Asks as long as there is room and something left, and tells what it heard.
    struct Eager {
        left: usize,
        asked: usize,
        heard: Arc<Mutex<Vec<usize>>>,
    }

    impl Probe for Eager {
        fn ask(&self, _: &Answers<'_>) -> Vec<Question> {
            panic!("an eager probe is asked for more, one by one")
        }

        fn is_eager(&self) -> bool {
            true
        }

        fn ask_more(&mut self, room: usize) -> Vec<Question> {
            let now = room.min(self.left);
            self.left -= now;
            self.asked += now;
            (self.asked - now..self.asked).map(|number| question("e", number)).collect()
        }

        fn hears(&mut self, question: usize, _: &Exchange) {
            self.heard.lock().unwrap().push(question);
        }

        fn forgets(&mut self, _: usize) {
            self.left += 1;
        }

        fn read(&self, _: &Answers<'_>, _: &Unasked, _: &mut Observations) {}
    }

    /// When each question was asked, where each takes 100 ms and those named `slow` ten times as long.
    async fn drive(lanes: &mut Lanes, at_once: usize) -> BTreeMap<String, u128> {
        let (began, mut exchanges, mut asked) = (Instant::now(), Vec::new(), BTreeMap::new());
        let mut under_way = FuturesUnordered::new();
        loop {
            let mut wake = None;
            while under_way.len() < at_once {
                match lanes.next(at_once - under_way.len(), &exchanges) {
                    Next::Turn(turn) => {
                        let Turn { ticket, question } = *turn;
                        asked.insert(question.purpose.clone(), began.elapsed().as_millis());
                        exchanges.push(None);
                        let (place, slow) = (exchanges.len() - 1, question.purpose.starts_with("slow"));
                        under_way.push(async move {
                            tokio::time::sleep(Duration::from_millis(if slow { 1000 } else { 100 })).await;
                            (ticket, place)
                        });
                    }
                    Next::At(later) => {
                        wake = Some(later);
                        break;
                    }
                    Next::Nothing => break,
                }
            }
            match (under_way.next().await, wake) {
                (Some((ticket, place)), _) => {
                    let exchange = alert(place + 1, 40);
                    lanes.take(ticket, place, &exchange);
                    exchanges[place] = Some(Box::new(exchange));
                }
                (None, Some(later)) => tokio::time::sleep_until(later).await,
                (None, None) => return asked,
            }
        }
    }

    fn lanes(probes: Vec<Box<dyn Probe>>) -> Lanes {
        Lanes::new(probes, Duration::ZERO)
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_the_slowest() {
        let mut lanes = lanes(vec![Box::new(Batches("slow", vec![1])), Box::new(Batches("a", vec![1; 5]))]);
        let asked = drive(&mut lanes, 2).await;
        assert_eq!(asked["a4"], 400);
        assert_eq!(asked.len(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_is_followed_by_the_next_when_all_of_it_is_answered() {
        let mut lanes = lanes(vec![Box::new(Batches("a", vec![3, 2]))]);
        let asked = drive(&mut lanes, 2).await;
        assert_eq!(asked.into_values().collect::<Vec<_>>(), [0, 0, 100, 200, 200]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_lane_with_the_fewest_under_way_comes_first() {
        let mut lanes = lanes(vec![Box::new(Batches("a", vec![8])), Box::new(Batches("b", vec![2]))]);
        let asked = drive(&mut lanes, 4).await;
        assert_eq!((asked["a1"], asked["b1"], asked["a2"]), (0, 0, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_eager_probe_fills_every_slot_and_hears_each_answer_as_it_comes() {
        let heard = Arc::default();
        let eager = Eager { left: 10, asked: 0, heard: Arc::clone(&heard) };
        let mut lanes = lanes(vec![Box::new(eager), Box::new(Batches("slow", vec![1]))]);
        let asked = drive(&mut lanes, 4).await;
        assert_eq!(asked["slow0"], 0);
        assert_eq!(asked["e9"], 300, "three at a time, beside the slow one");
        assert_eq!(*heard.lock().unwrap(), (0..10).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_rests_between_its_batches() {
        let mut lanes = Lanes::new(vec![Box::new(Batches("a", vec![1, 1]))], Duration::from_millis(50));
        assert_eq!(drive(&mut lanes, 2).await["a1"], 150);
    }

    #[tokio::test(start_paused = true)]
    async fn what_told_nothing_is_asked_again_where_nothing_was_built_on_it() {
        let heard = Arc::default();
        let eager = Eager { left: 2, asked: 0, heard };
        let mut lanes = lanes(vec![Box::new(Batches("a", vec![1, 1])), Box::new(eager)]);
        assert_eq!(drive(&mut lanes, 1).await.len(), 4);
        let questions: Vec<_> = (0..4).map(|number| Some(Arc::new(question("again", number)))).collect();
        let all: Vec<usize> = (0..4).collect();
        assert_eq!(lanes.forget(&all, &questions), 3, "the first batch of a is what its second rests on");
        let again = drive(&mut lanes, 1).await;
        assert_eq!(again.len(), 3);
        assert!(again.contains_key("e2") && again.contains_key("e3"), "{again:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_tells_nothing_and_is_not_asked_again_is_no_answer() {
        let mut lanes = lanes(vec![Box::new(Batches("a", vec![1, 1])), Box::new(Batches("b", vec![1]))]);
        drive(&mut lanes, 1).await;
        let of_each = |lanes: &Lanes| lanes.probes().map(|(_, places)| places).collect::<Vec<_>>();
        assert!(of_each(&lanes).iter().flatten().all(Option::is_some));
        let questions: Vec<_> = (0..3).map(|number| Some(Arc::new(question("again", number)))).collect();
        let first_of_a = of_each(&lanes)[0][0].unwrap();
        assert_eq!(lanes.forget(&[first_of_a], &questions), 0);
        assert!(of_each(&lanes)[0][0].is_none() && of_each(&lanes)[0][1].is_some());
        lanes.give_up(&[0, 1, 2]);
        assert!(of_each(&lanes).iter().flatten().all(Option::is_none));
    }
}
