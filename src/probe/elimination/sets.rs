//! Which suites to offer next: sets that are likely to be answered by a choice while there is room, and what is likely
//! refused in as few and as large sets as servers bear.
//!
//! Every accepted suite costs one question; all that can be saved is refusals and waiting. So likely suites go out in as
//! many contiguous pieces as there is room for, each of which then runs down by itself, and the others wait until they
//! fill a set, or until nothing else is left of their version.

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

/// Of so many suites that are expected to be accepted, one more piece is worth a question.
const ACCEPTED_IN_A_PIECE: f32 = 1.5;

/// Where fewer than this are expected to be accepted, they are not asked by themselves.
const WORTH_A_PIECE: f32 = 1.0;

/// So many pieces are worth it where there is room, to wait less.
const PIECES_AT_LEAST: usize = 3;

/// After so many refusals of likely sets, and one more for every four suites, a server is not like those that we know.
const MOST_WASTED: usize = 6;

/// At most so many sets, none with more suites than `cap`.
pub(super) fn next_sets(rounds: &[Round], room: usize, cap: usize, versions_alone: bool) -> Vec<Choice> {
    let evidence = evidence(rounds);
    let mut choices = Vec::new();
    for (place, round) in opening_order(rounds) {
        if choices.len() < room
            && let Some(set) = opening_set(round, &evidence, cap)
        {
            choices.push(Choice { round: place, set, is_sweep: false });
        }
    }
    let mut splits: Vec<Split> =
        rounds.iter().enumerate().filter_map(|(place, round)| Split::of(place, round, &evidence)).collect();
    if versions_alone {
        splits.retain(|split| rounds.get(split.round).is_some_and(|round| !round.is_accepted()));
    }
    let likely = room.saturating_sub(choices.len());
    share_out(&mut splits, likely);
    for split in &splits {
        choices.extend(split.pieces(cap));
    }
    for split in &splits {
        for set in split.sweeps(rounds, cap) {
            if choices.len() < room {
                choices.push(Choice { round: split.round, set, is_sweep: true });
            }
        }
    }
    choices.truncate(room);
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

/// What is still open of one version, by how likely it is.
struct Split {
    round: usize,
    likely: Set,
    unlikely: Set,
    /// How many of the likely ones will be accepted.
    expected: f32,
    pieces: usize,
}

impl Split {
    fn of(place: usize, round: &Round, evidence: &Evidence) -> Option<Self> {
        // Before its first answer nothing more is asked of a version.
        if round.asked == 0 || (!round.is_accepted() && round.under_way > 0) {
            return None;
        }
        let accepted = round.states.iter().filter(|state| matches!(state, State::Accepted(_))).count();
        let is_misjudged = round.wasted > MOST_WASTED + accepted / 4;
        let (mut likely, mut unlikely, mut expected) = (Set::new(), Set::new(), 0.0);
        for place in round.places(|state| state == State::Open) {
            let likelihood = evidence.likelihood(round.candidates.get(place)?);
            if likelihood >= LIKELY && !is_misjudged {
                expected += likelihood;
                likely.push(place);
            } else {
                unlikely.push(place);
            }
        }
        if expected < WORTH_A_PIECE {
            // Not worth a question of their own: they go with what is thought to be refused.
            unlikely.append(&mut likely);
            unlikely.sort_unstable();
        }
        Some(Self { round: place, likely, unlikely, expected, pieces: 0 })
    }

    /// How much another piece would do.
    fn urgency(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "pieces are few")]
        let pieces = self.pieces as f32;
        let is_worth_it = !self.likely.is_empty()
            && self.pieces < self.likely.len()
            && (self.pieces < PIECES_AT_LEAST || self.expected > pieces * ACCEPTED_IN_A_PIECE);
        if is_worth_it { (self.expected + 0.01) / (pieces + 1.0) } else { 0.0 }
    }

    /// The likely suites in contiguous pieces, the weakest first.
    fn pieces(&self, cap: usize) -> Vec<Choice> {
        if self.pieces == 0 {
            return Vec::new();
        }
        let size = self.likely.len().div_ceil(self.pieces).clamp(1, cap);
        let pieces = self.likely.chunks(size).rev().take(self.pieces);
        pieces.map(|set| Choice { round: self.round, set: set.to_vec(), is_sweep: false }).collect()
    }

    /// The unlikely suites in full sets; what fills none when nothing likely of the version is left to come back.
    fn sweeps(&self, rounds: &[Round], cap: usize) -> Vec<Set> {
        let Some(round) = rounds.get(self.round) else { return Vec::new() };
        let is_last = self.likely.is_empty() && round.under_way == round.sweeps_under_way;
        let sets = self.unlikely.chunks(cap);
        sets.filter(|set| is_last || set.len() == cap).map(<[usize]>::to_vec).collect()
    }
}

/// Gives each slot to the version whose pieces would be the longest to run down.
fn share_out(splits: &mut [Split], slots: usize) {
    for _ in 0..slots {
        let most = splits.iter_mut().max_by(|one, other| one.urgency().total_cmp(&other.urgency()));
        match most {
            Some(split) if split.urgency() > 0.0 => split.pieces += 1,
            _ => return,
        }
    }
}
