//! Which suites to offer next: sets that are likely to be answered by a choice while there is room, and what is likely
//! refused in as few and as large sets as servers bear.
//!
//! Every accepted suite costs one question; all that can be saved is refusals and waiting. So each set of likely suites
//! takes as many neighbours as make a refusal seldom, but no more than its share of what is left, so that whichever slot
//! is free next finds something to ask; and the others wait until nothing likely is left of their version, but for one
//! set that goes out early, since what it shows tells much of the rest.

use std::collections::VecDeque;

use super::candidates::{Evidence, LIKELY};
use super::round::{Round, Set, State};
use crate::registry::ProtocolVersion;

/// A set to offer, of the version in this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) round: usize,
    pub(super) set: Set,
    /// Whether it is thought to be refused.
    pub(super) is_sweep: bool,
}

/// A set of likely suites is large enough when it is refused less often than this.
const SELDOM_REFUSED: f32 = 0.03;

/// What is under way and what is not yet: of the suites that are expected to be accepted, a set takes such a part of what
/// each slot will have to bear, so that at the end no slot has to wait for a long set in another.
const SETS_FOR_EACH_SLOT: f32 = 2.0;

/// Where fewer than this are expected to be accepted, and none is probable, they are not asked by themselves.
const WORTH_A_PIECE: f32 = 2.0;
const PROBABLE: f32 = 0.5;

/// Of a version that was misjudged, no more than so many are asked by themselves: to have them found one after the other
/// would take as many round trips at the end, when there is room for all of them at once.
const WORTH_A_GUESS: usize = 4;

/// Where there is room, a set is halved as long as so many of it are expected to be accepted.
const WORTH_HALVING: f32 = 0.4;

/// At most so many sets, none with more suites than `cap`.
pub(super) fn next_sets(rounds: &[Round], room: usize, cap: usize, versions_alone: bool) -> Vec<Choice> {
    let evidence = evidence(rounds);
    let mut choices = Vec::new();
    for (place, round) in opening_order(rounds) {
        if choices.len() < room
            && let Some(set) = opening_set(round, &evidence, round.room(cap))
        {
            choices.push(Choice { round: place, set, is_sweep: false });
        }
    }
    let mut pools: Vec<Pool> =
        rounds.iter().enumerate().filter_map(|(place, round)| Pool::of(place, round, &evidence, cap)).collect();
    if versions_alone {
        pools.retain(|pool| rounds.get(pool.round).is_some_and(|round| !round.is_accepted()));
    }
    if choices.len() < room {
        choices.extend(exploration(&mut pools, rounds));
    }
    let slots = room + rounds.iter().map(|round| round.under_way).sum::<usize>();
    let mut pieces: Vec<Piece> = Vec::new();
    while choices.len() + pieces.len() < room {
        let Some(piece) = next_piece(&mut pools, slots) else { break };
        pieces.push(piece);
    }
    let sweeps = pools.iter().flat_map(Pool::sweeps);
    choices.extend(sweeps.take(room.saturating_sub(choices.len() + pieces.len())));
    halve(&mut pieces, room.saturating_sub(choices.len()));
    choices.extend(pieces.into_iter().map(Piece::choice));
    choices
}

/// What the versions that are known to be accepted tell of suites.
fn evidence(rounds: &[Round]) -> Evidence {
    let mut evidence = Evidence::new();
    for round in rounds.iter().filter(|round| round.is_accepted()) {
        for (candidate, state) in round.candidates.iter().zip(&round.states) {
            match state {
                State::Accepted(_) => evidence.add(candidate, true),
                State::Refused(_) => evidence.add(candidate, false),
                State::Open | State::UnderWay | State::Unclear(_) => {}
            }
        }
    }
    evidence
}

/// The versions of which nothing was asked yet, those that servers have first.
fn opening_order(rounds: &[Round]) -> impl Iterator<Item = (usize, &Round)> {
    const ORDER: [ProtocolVersion; 5] = [
        ProtocolVersion::TLS1_2,
        ProtocolVersion::TLS1_3,
        ProtocolVersion::TLS1_0,
        ProtocolVersion::TLS1_1,
        ProtocolVersion::SSL3,
    ];
    let of_version = |version| rounds.iter().enumerate().find(move |(_, round)| round.version == version);
    ORDER.into_iter().filter_map(of_version).filter(|(_, round)| round.asked == 0)
}

/// The first set of a version: all that is likely, filled up. A large set that is answered shows that no later one is
/// refused for its size.
fn opening_set(round: &Round, evidence: &Evidence, cap: usize) -> Option<Set> {
    let mut open: Vec<(f32, usize)> = round
        .places(|state| state == State::Open)
        .into_iter()
        .filter_map(|place| Some((evidence.likelihood(round.candidates.get(place)?), place)))
        .collect();
    open.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut set: Set = open.into_iter().take(cap).map(|(_, place)| place).collect();
    set.sort_unstable();
    (!set.is_empty()).then_some(set)
}

/// A suite, and how likely it is accepted.
type Chance = (usize, f32);

/// What is still open of one version.
struct Pool {
    round: usize,
    /// The most suites in one of its sets.
    cap: usize,
    /// In rising order of their places.
    likely: VecDeque<Chance>,
    /// The least unlikely first.
    unlikely: Vec<usize>,
}

impl Pool {
    fn of(place: usize, round: &Round, evidence: &Evidence, cap: usize) -> Option<Self> {
        // Before its first answer nothing more is asked of a version.
        if round.asked == 0 || (!round.is_accepted() && round.under_way > 0) {
            return None;
        }
        let open = round.places(|state| state == State::Open).into_iter();
        let chances = open.filter_map(|place| Some((place, evidence.likelihood(round.candidates.get(place)?))));
        let (mut likely, mut unlikely): (Vec<Chance>, Vec<Chance>) = chances.partition(|(_, chance)| *chance >= LIKELY);
        let is_few = expected(&likely) < WORTH_A_PIECE && likely.iter().all(|(_, chance)| *chance < PROBABLE);
        if is_few || (round.is_misjudged && likely.len() > WORTH_A_GUESS) {
            // Not worth a question of their own: they go with what is thought to be refused.
            unlikely.append(&mut likely);
        }
        unlikely.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let unlikely = unlikely.into_iter().map(|(place, _)| place).collect();
        Some(Self { round: place, cap: round.room(cap), likely: likely.into(), unlikely })
    }

    fn expected(&self) -> f32 {
        self.likely.iter().map(|(_, chance)| chance).sum()
    }

    /// A set of what is likely, the strongest first: with so many that are expected to be accepted.
    fn piece(&mut self, target: f32) -> Option<Piece> {
        let (mut chances, mut refused) = (Vec::new(), 1.0);
        while chances.len() < self.cap && (refused > SELDOM_REFUSED || expected(&chances) < target) {
            let Some(chance) = self.likely.pop_front() else { break };
            refused *= 1.0 - chance.1;
            chances.push(chance);
        }
        (!chances.is_empty()).then_some(Piece { round: self.round, chances })
    }

    fn sweep(&self, suites: &[usize]) -> Choice {
        let mut set = suites.to_vec();
        set.sort_unstable();
        Choice { round: self.round, set, is_sweep: true }
    }

    /// The unlikely suites, when nothing likely of the version is left to ask.
    fn sweeps(&self) -> Vec<Choice> {
        if !self.likely.is_empty() {
            return Vec::new();
        }
        self.unlikely.chunks(self.cap).map(|suites| self.sweep(suites)).collect()
    }
}

/// A set of likely suites.
struct Piece {
    round: usize,
    chances: Vec<Chance>,
}

impl Piece {
    fn choice(self) -> Choice {
        let set = self.chances.into_iter().map(|(place, _)| place).collect();
        Choice { round: self.round, set, is_sweep: false }
    }
}

/// How many of them will be accepted.
fn expected<'a>(chances: impl IntoIterator<Item = &'a Chance>) -> f32 {
    chances.into_iter().map(|(_, chance)| chance).sum()
}

/// The first set of unlikely suites: should one of them be accepted, that is better known early. Of the version that has
/// the most of them; what it shows is then known for the others, which TLS 1.3's suites tell nothing of.
fn exploration(pools: &mut [Pool], rounds: &[Round]) -> Option<Choice> {
    let is_older = |round: &&Round| round.version < ProtocolVersion::TLS1_3;
    if rounds.iter().filter(is_older).any(|round| round.sweeps > 0) {
        return None;
    }
    let tells = |pool: &&mut Pool| rounds.get(pool.round).is_some_and(|round| is_older(&round));
    let pool = pools.iter_mut().filter(tells).max_by_key(|pool| pool.unlikely.len())?;
    if pool.unlikely.is_empty() {
        return None;
    }
    let size = pool.unlikely.len().min(pool.cap);
    let suites: Vec<usize> = pool.unlikely.drain(..size).collect();
    Some(pool.sweep(&suites))
}

/// A set of the version that has the most left.
fn next_piece(pools: &mut [Pool], slots: usize) -> Option<Piece> {
    #[expect(clippy::cast_precision_loss, reason = "slots are few")]
    let slots = slots.max(1) as f32;
    let all: f32 = pools.iter().map(Pool::expected).sum();
    let pool = pools.iter_mut().max_by(|one, other| one.expected().total_cmp(&other.expected()))?;
    pool.piece(all / slots / SETS_FOR_EACH_SLOT)
}

/// Makes more sets of these, up to so many.
fn halve(pieces: &mut Vec<Piece>, most: usize) {
    while pieces.len() < most {
        let by_expected =
            |one: &&mut Piece, other: &&mut Piece| expected(&one.chances).total_cmp(&expected(&other.chances));
        let Some(longest) = pieces.iter_mut().filter(|piece| piece.chances.len() > 1).max_by(by_expected) else {
            return;
        };
        if expected(&longest.chances) < WORTH_HALVING {
            return;
        }
        let chances = longest.chances.split_off(longest.chances.len() / 2);
        let round = longest.round;
        pieces.push(Piece { round, chances });
    }
}
