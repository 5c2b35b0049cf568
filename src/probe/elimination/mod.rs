//! Which versions and which of all suites are accepted, in the fewest questions and round trips, and in whose order.
//!
//! Elimination: of a set that is offered the server chooses one suite, which is then left out of the next set; a refusal
//! ends a whole set. Many sets are under way at the same time ([`sets`] chooses them), and every answer is heard as it
//! comes. What a choice says of the order is kept ([`order`]), and a hello that was refused for its size is found out
//! ([`ladder`]).

mod candidates;
mod ladder;
mod order;
mod read;
mod round;
mod said;
mod sets;
#[cfg(test)]
mod tests;

use self::candidates::Candidate;
use self::ladder::{Ladder, Rung};
use self::order::{Beaten, Shown, Trial};
use self::round::{Round, Set, State};
use self::said::Said;
use self::sets::Choice;
use super::{Answers, Probe, Unasked};
use crate::observation::Observations;
use crate::offer::Offer;
use crate::outcome::Exchange;
use crate::plan::SuiteQuestions;
use crate::question::{Hello, Question};
use crate::registry::{CipherSuite, ProtocolVersion};

/// The most suites in one hello: some servers break on more than 128.
const MOST_SUITES: usize = 120;

/// After so many choices of what was not offered, a version is not asked any further.
const MOST_STRANGE: usize = 3;

/// The probe.
pub(super) struct Elimination {
    wanted: SuiteQuestions,
    rounds: Vec<Round>,
    /// Every question, the baseline's included, in the order of asking.
    asked: Vec<Asked>,
    /// Of the questions that this probe asked itself, their places among all.
    own: Vec<usize>,
    /// The base of each version's hellos.
    offers: Vec<Offer>,
    ladder: Ladder,
}

/// How often a known order is asked for again: servers that choose at random look as if they had one until then.
const CONFIRMATIONS: usize = 2;

/// A set of so many likely suites may well be answered by a choice, and then be offered again without it.
const MANY: usize = 3;

/// One question, and what it brought.
struct Asked {
    round: usize,
    why: Why,
    /// The suites of this version, in the hello's order.
    suites: Vec<usize>,
    /// All suites in the hello.
    count: usize,
    /// None as long as it is under way.
    said: Option<Said>,
    /// The exchange that shows it.
    exchange: usize,
    /// Bytes of the hello.
    length: usize,
}

/// Why a set is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// To learn what of it is accepted.
    Suites { is_sweep: bool },
    /// To learn whose order decides, or which of two comes first.
    Order,
    /// To learn whether the same is chosen again.
    Confirms,
    /// To learn whether `ChaCha20` is chosen where the client likes it best.
    ChaCha20First,
    /// To learn what size of hello is borne.
    Rung(Rung),
}

impl Elimination {
    pub(super) fn new(wanted: SuiteQuestions) -> Self {
        let versions = ProtocolVersion::ALL.into_iter().filter(|version| *version != ProtocolVersion::SSL2);
        let rounds: Vec<Round> = versions.map(Round::new).collect();
        let offers = rounds.iter().map(|round| Offer::for_version(round.version)).collect();
        Self { wanted, rounds, asked: Vec::new(), own: Vec::new(), offers, ladder: Ladder::default() }
    }

    /// What to ask while there is room for so many more.
    fn next(&mut self, room: usize) -> Vec<Question> {
        let mut questions = Vec::new();
        for Choice { round, set, is_sweep } in sets::next_sets(&self.rounds, room, self.cap(), !self.wanted.suites) {
            let suites = self.weakest_first(round, set);
            questions.push(self.question(round, Why::Suites { is_sweep }, suites));
        }
        if self.wanted.suites {
            while questions.len() < room
                && let Some((round, why, suites)) = self.order_question()
            {
                questions.push(self.question(round, why, suites));
            }
        }
        if questions.is_empty() && self.rounds.iter().all(|round| round.under_way == 0) {
            questions.extend(self.climb(room));
        }
        questions
    }

    /// The most suites to offer in one hello.
    fn cap(&self) -> usize {
        self.ladder.cap.unwrap_or(MOST_SUITES)
    }

    /// Weakest first, so that a server which goes by the hello shows itself. `ChaCha20` comes last, since some servers choose
    /// it against their own order where it comes first, and before all others the weakest AES-GCM, since servers written
    /// in Go do so wherever that does not.
    fn weakest_first(&self, round: usize, mut set: Set) -> Vec<usize> {
        let shows_aes = |place: &usize| self.candidate(round, *place).is_some_and(Candidate::shows_aes_in_hardware);
        let head = set.iter().copied().filter(shows_aes).max();
        set.sort_by_key(|place| (self.is_chacha20(round, *place), Some(*place) != head, std::cmp::Reverse(*place)));
        set
    }

    fn is_chacha20(&self, round: usize, place: usize) -> bool {
        self.candidate(round, place).is_some_and(Candidate::is_chacha20)
    }

    fn candidate(&self, round: usize, place: usize) -> Option<&Candidate> {
        self.rounds.get(round)?.candidates.get(place)
    }

    /// A question that says more of the order, if one does.
    fn order_question(&mut self) -> Option<(usize, Why, Vec<usize>)> {
        for place in 0..self.rounds.len() {
            let found = self.rounds.get(place).and_then(|round| self.order_question_of(place, round));
            if found.is_some() {
                return found;
            }
            if let Some(round) = self.rounds.get_mut(place).filter(|round| round.is_over()) {
                round.is_ordered = true;
            }
        }
        None
    }

    fn order_question_of(&self, place: usize, round: &Round) -> Option<(usize, Why, Vec<usize>)> {
        if round.is_ordered {
            return None;
        }
        let accepted = round.accepted();
        let asks = |why: Why| self.asked.iter().any(|it| it.round == place && it.why == why);
        if accepted.len() < 2 || (!round.is_over() && asks(Why::ChaCha20First)) {
            return None;
        }
        let has_chacha20 = accepted.iter().any(|suite| self.is_chacha20(place, *suite));
        if !round.is_over() && !has_chacha20 {
            return None;
        }
        let trials = self.trials(place);
        if round.is_over()
            && let Some(telling) = order::telling(&trials, &accepted)
        {
            // In front it would make some servers forget their order.
            let plain: Vec<usize> = telling.iter().copied().filter(|it| !self.is_chacha20(place, *it)).collect();
            let telling = if plain.len() > 1 { plain } else { telling };
            let was_asked = self.asked.iter().any(|it| it.round == place && it.suites == telling);
            return (!was_asked).then_some((place, Why::Order, telling));
        }
        if order::shown(&trials, &accepted) != Shown::Server {
            return None;
        }
        let beaten = Beaten::new(&trials, &accepted);
        if !asks(Why::ChaCha20First)
            && let Some(chacha20) = accepted.iter().copied().find(|suite| {
                self.is_chacha20(place, *suite) && accepted.iter().any(|other| beaten.beats(*other, *suite))
            })
        {
            let others = accepted.iter().copied().filter(|it| beaten.beats(*it, chacha20));
            return Some((place, Why::ChaCha20First, std::iter::once(chacha20).chain(others).collect()));
        }
        if !self.wanted.order || !round.is_over() {
            return None;
        }
        if let Some(mut contenders) = beaten.contenders(&accepted) {
            contenders.truncate(self.cap());
            let contenders = self.weakest_first(place, contenders);
            let was_asked = self.asked.iter().any(|it| it.round == place && it.suites == contenders);
            return (!was_asked).then_some((place, Why::Order, contenders));
        }
        // No two were offered together again after one was chosen: only now it shows whether the choice stays the same.
        let confirmed = self.asked.iter().filter(|it| it.round == place && it.why == Why::Confirms).count();
        let mut again = self.weakest_first(place, accepted);
        again.truncate(self.cap());
        (confirmed < CONFIRMATIONS).then_some((place, Why::Confirms, again))
    }

    /// Every choice between suites of a version that says something of its order. Of what was offered the accepted suites
    /// alone matter.
    fn trials(&self, place: usize) -> Vec<Trial> {
        let Some(round) = self.rounds.get(place) else { return Vec::new() };
        let is_accepted = |it: &usize| matches!(round.states.get(*it), Some(State::Accepted(_)));
        // Without the extensions that go with some suites a server may rightly choose another.
        let tells = |why: Why| !matches!(why, Why::ChaCha20First | Why::Rung(Rung::WithoutExtensions));
        let telling = self.asked.iter().filter(|asked| asked.round == place && tells(asked.why));
        telling
            .filter_map(|asked| match asked.said {
                Some(Said::Chose(chosen)) => {
                    let offered = asked.suites.iter().copied().filter(is_accepted).collect();
                    Some(Trial { offered, chosen })
                }
                _ => None,
            })
            .collect()
    }

    /// When all is answered: is what was refused by large hellos refused for their size?
    fn climb(&mut self, room: usize) -> Vec<Question> {
        if let Some(reopened) = self.ladder.conclude(&self.asked) {
            for question in reopened {
                for round in &mut self.rounds {
                    round.forget(question);
                }
            }
            return self.next(room);
        }
        let rungs = self.ladder.rungs(&self.rounds, &self.asked);
        rungs.into_iter().map(|(round, rung, suites)| self.question(round, Why::Rung(rung), suites)).collect()
    }

    /// Asks one question: notes that it is under way.
    fn question(&mut self, place: usize, why: Why, suites: Vec<usize>) -> Question {
        let number = self.asked.len();
        let mut offer = self.offers.get(place).cloned().unwrap_or_else(Offer::modern);
        let first = self.rounds.get(place).is_none_or(|round| round.asked == 0);
        let mut purpose = String::new();
        if let Some(round) = self.rounds.get_mut(place) {
            let named: Vec<CipherSuite> = suites.iter().filter_map(|suite| round.suite(*suite)).collect();
            let version = round.version.to_string().to_lowercase();
            purpose = match (why, named.as_slice()) {
                (Why::Order | Why::Confirms, _) => format!("{version} order"),
                (Why::ChaCha20First, _) => format!("{version} chacha20 first"),
                (Why::Rung(_), _) => format!("{version} size"),
                (Why::Suites { .. }, _) if first => version,
                (Why::Suites { .. }, [one]) => format!("{version} {one}"),
                (Why::Suites { .. }, many) => format!("{version} {} suites", many.len()),
            };
            // SSL 3.0's signal for RFC 5746 stays behind them.
            let signals = std::mem::take(&mut offer.cipher_suites)
                .into_iter()
                .filter(|suite| *suite == CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
            offer.cipher_suites = named.into_iter().chain(signals).collect();
            round.asked += 1;
            round.under_way += 1;
            if let Why::Suites { is_sweep } = why {
                round.sweeps += usize::from(is_sweep);
                round.set(&suites, |state| state == State::Open, State::UnderWay);
            }
        }
        match why {
            Why::Rung(rung) => rung.shape(&mut offer),
            _ if self.ladder.without_extensions => offer.extensions = None,
            _ => {}
        }
        let count = offer.cipher_suites.len();
        self.own.push(number);
        self.asked.push(Asked { round: place, why, suites, count, said: None, exchange: 0, length: 0 });
        Question::new(purpose, Hello::Built(offer))
    }

    /// Hears an answer.
    fn take(&mut self, number: usize, said: &Said, exchange: usize, length: usize) {
        let Some(asked) = self.asked.get_mut(number).filter(|asked| asked.said.is_none()) else { return };
        (asked.exchange, asked.length, asked.said) = (exchange, length, Some(said.clone()));
        let Some(round) = self.rounds.get_mut(asked.round) else { return };
        round.under_way = round.under_way.saturating_sub(1);
        let under_way = |state| state == State::UnderWay;
        // What it says of the order may not have been known before.
        round.is_ordered = false;
        if let Said::Chose(chosen) = said {
            round.set(&[*chosen], |state| !matches!(state, State::Accepted(_)), State::Accepted(number));
        }
        let Why::Suites { is_sweep } = asked.why else { return };
        match said {
            Said::Chose(_) => round.set(&asked.suites, under_way, State::Open),
            Said::Broke(chosen, _) => {
                round.set(&[*chosen], under_way, State::Unclear(number));
                round.set(&asked.suites, under_way, State::Open);
            }
            Said::Refused { ends_version: true, .. } if !round.is_accepted() => round.refuse_whole(number),
            Said::Refused { .. } => {
                if !is_sweep {
                    round.waste();
                }
                round.set(&asked.suites, under_way, State::Refused(number));
            }
            Said::Strange(_) => {
                round.strange += 1;
                round.set(&asked.suites, under_way, State::Unclear(number));
                if round.strange >= MOST_STRANGE {
                    let open = round.places(|state| state == State::Open);
                    round.set(&open, |_| true, State::Unclear(number));
                }
            }
            Said::Nothing(_) => round.set(&asked.suites, under_way, State::Unclear(number)),
        }
    }
}

impl Probe for Elimination {
    /// The baseline's answer is the first one: nobody has to ask for that suite again.
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        let Some(server) = &opening.server else { return true };
        let Some((place, round)) =
            self.rounds.iter_mut().enumerate().find(|(_, round)| round.version == server.version)
        else {
            return true;
        };
        let suites: Vec<usize> = opening.offer.cipher_suites.iter().filter_map(|suite| round.place(*suite)).collect();
        if let Said::Chose(chosen) = Said::of(opening, round, &suites) {
            let number = self.asked.len();
            round.set(&[chosen], |state| !matches!(state, State::Accepted(_)), State::Accepted(number));
            self.asked.push(Asked {
                round: place,
                why: Why::Order,
                suites,
                count: opening.offer.cipher_suites.len(),
                said: Some(Said::Chose(chosen)),
                exchange: opening.id,
                length: opening.offer.length,
            });
        }
        true
    }

    fn waits_for_the_baseline(&self) -> bool {
        false
    }

    fn ask(&self, _: &Answers<'_>) -> Vec<Question> {
        Vec::new()
    }

    fn is_eager(&self) -> bool {
        true
    }

    fn ask_more(&mut self, room: usize) -> Vec<Question> {
        self.next(room)
    }

    fn may_go_on(&self) -> bool {
        let awaited = self.asked.iter().filter(|it| it.said.is_none());
        awaited.into_iter().any(|it| match it.why {
            // The first of a version, or a set of likely suites.
            Why::Suites { is_sweep } => {
                let is_known = self.rounds.get(it.round).is_some_and(Round::is_accepted);
                !is_known || (!is_sweep && it.suites.len() >= MANY)
            }
            Why::Rung(_) => true,
            Why::Order | Why::Confirms | Why::ChaCha20First => self.wanted.order,
        })
    }

    fn hears(&mut self, question: usize, answer: &Exchange) {
        let Some(number) = self.own.get(question).copied() else { return };
        let Some(asked) = self.asked.get(number) else { return };
        let Some(round) = self.rounds.get(asked.round) else { return };
        let said = Said::of(answer, round, &asked.suites);
        self.take(number, &said, answer.id, answer.offer.length);
    }

    fn forgets(&mut self, question: usize) {
        let Some(number) = self.own.get(question).copied() else { return };
        for round in &mut self.rounds {
            round.forget(number);
        }
        if let Some(asked) = self.asked.get_mut(number) {
            asked.said = Some(Said::Nothing("the endpoint was in trouble".to_owned()));
            asked.suites.clear();
        }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        self.write_down(answers, unasked, seen);
    }
}
