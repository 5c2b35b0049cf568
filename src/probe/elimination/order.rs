//! Whose order decides, as far as the choices show it: pure, over trials of one version.
//!
//! A server that goes by its own order chooses the same of two suites however they are offered; one that goes by the
//! client's chooses whichever stands first. Sets are offered weakest first, so the two seldom look alike.

use std::collections::{BTreeMap, BTreeSet};

/// What was offered, in the hello's order, and chosen of it. Suites are named by their places among the candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) offered: Vec<usize>,
    pub(super) chosen: usize,
}

/// What the choices go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// An order of the server's own.
    Server,
    /// The order of the hello.
    Client,
    /// Either would choose so.
    Either,
    /// Neither would.
    Neither,
    /// There was never a choice between two.
    Nothing,
}

/// Which of the accepted suites beat which.
pub(super) struct Beaten {
    pairs: BTreeSet<(usize, usize)>,
}

/// The suites from the first to the last, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranking {
    pub(super) order: Vec<usize>,
    /// Neighbours of which it is not known which comes first.
    pub(super) gaps: Vec<(usize, usize)>,
}

impl Beaten {
    pub(super) fn new(trials: &[Trial], accepted: &[usize]) -> Self {
        let accepted: BTreeSet<usize> = accepted.iter().copied().collect();
        let pairs = trials.iter().flat_map(|trial| {
            let losers = trial.offered.iter().filter(|it| **it != trial.chosen && accepted.contains(it));
            losers.map(|loser| (trial.chosen, *loser))
        });
        Self { pairs: pairs.collect() }
    }

    /// Whether one was chosen where the other was offered too.
    pub(super) fn beats(&self, winner: usize, loser: usize) -> bool {
        self.pairs.contains(&(winner, loser))
    }

    /// The suites in an order that no choice speaks against, strongest first where nothing is known; none if there is no
    /// such order.
    pub(super) fn ranking(&self, accepted: &[usize]) -> Option<Ranking> {
        let mut left = Left::new(self, accepted);
        let mut order = Vec::new();
        loop {
            let Some(next) = left.unbeaten().next() else { break };
            left.remove(next);
            order.push(next);
        }
        let neighbours = order.iter().copied().zip(order.iter().copied().skip(1));
        let gaps = neighbours.filter(|(one, other)| !self.beats(*one, *other)).collect();
        left.beaten_by.is_empty().then_some(Ranking { order, gaps })
    }

    /// At the first place in the order that is not known: the suites of which any may stand there. Offered together, the
    /// one that is chosen does, so that as many questions as there are suites are enough.
    pub(super) fn contenders(&self, accepted: &[usize]) -> Option<Vec<usize>> {
        let mut left = Left::new(self, accepted);
        loop {
            let unbeaten: Vec<usize> = left.unbeaten().collect();
            match unbeaten.as_slice() {
                [] => return None,
                [one] => left.remove(*one),
                _ => return Some(unbeaten),
            }
        }
    }
}

/// The suites that have no place yet, and how many of them beat each.
struct Left<'a> {
    beaten: &'a Beaten,
    beaten_by: BTreeMap<usize, usize>,
}

impl<'a> Left<'a> {
    fn new(beaten: &'a Beaten, accepted: &[usize]) -> Self {
        let mut beaten_by: BTreeMap<usize, usize> = accepted.iter().map(|suite| (*suite, 0)).collect();
        for (winner, loser) in &beaten.pairs {
            if winner != loser
                && beaten_by.contains_key(winner)
                && let Some(count) = beaten_by.get_mut(loser)
            {
                *count += 1;
            }
        }
        Self { beaten, beaten_by }
    }

    fn unbeaten(&self) -> impl Iterator<Item = usize> + '_ {
        self.beaten_by.iter().filter(|(_, count)| **count == 0).map(|(suite, _)| *suite)
    }

    fn remove(&mut self, suite: usize) {
        self.beaten_by.remove(&suite);
        for (_, loser) in self.beaten.pairs.range((suite, 0)..=(suite, usize::MAX)) {
            if let Some(count) = self.beaten_by.get_mut(loser) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

/// What the choices between these suites show.
pub(super) fn shown(trials: &[Trial], accepted: &[usize]) -> Shown {
    let choices = || trials.iter().filter(|trial| among(trial, accepted).count() > 1);
    if choices().next().is_none() {
        return Shown::Nothing;
    }
    let by_the_hello = choices().all(|trial| among(trial, accepted).next() == Some(trial.chosen));
    let by_an_order = Beaten::new(trials, accepted).ranking(accepted).is_some();
    match (by_an_order, by_the_hello) {
        (true, true) => Shown::Either,
        (true, false) => Shown::Server,
        (false, true) => Shown::Client,
        (false, false) => Shown::Neither,
    }
}

/// A question that tells the two kinds of server apart where no choice did: the accepted suites, in the reverse of the
/// order in which they were offered before.
pub(super) fn telling(trials: &[Trial], accepted: &[usize]) -> Option<Vec<usize>> {
    match shown(trials, accepted) {
        Shown::Nothing if accepted.len() > 1 => Some(accepted.iter().rev().copied().collect()),
        Shown::Either => {
            let largest = trials.iter().max_by_key(|trial| among(trial, accepted).count())?;
            let mut again: Vec<usize> = among(largest, accepted).collect();
            again.reverse();
            Some(again)
        }
        _ => None,
    }
}

/// The accepted suites of an offer, in its order.
fn among<'a>(trial: &'a Trial, accepted: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    trial.offered.iter().copied().filter(|it| accepted.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [usize; 4] = [0, 1, 2, 3];

    fn trial(offered: &[usize], chosen: usize) -> Trial {
        Trial { offered: offered.to_vec(), chosen }
    }

    #[test]
    fn a_choice_that_is_not_the_first_shows_the_servers_order() {
        assert_eq!(shown(&[trial(&[3, 2, 1, 0], 1)], &ALL), Shown::Server);
        assert_eq!(shown(&[trial(&[3, 9, 2], 3)], &ALL), Shown::Either);
        assert_eq!(shown(&[trial(&[3, 9], 3)], &ALL), Shown::Nothing, "9 is not accepted");
    }

    #[test]
    fn whoever_chooses_the_first_in_both_directions_goes_by_the_hello() {
        let forth = trial(&[3, 2], 3);
        let back = telling(std::slice::from_ref(&forth), &ALL).unwrap();
        assert_eq!(back, [2, 3]);
        assert_eq!(shown(&[forth.clone(), trial(&back, 2)], &ALL), Shown::Client);
        assert_eq!(shown(&[forth, trial(&back, 3)], &ALL), Shown::Server);
    }

    #[test]
    fn choices_that_contradict_each_other_show_neither() {
        assert_eq!(shown(&[trial(&[3, 2, 1], 2), trial(&[1, 2, 3], 3)], &ALL), Shown::Neither);
    }

    #[test]
    fn a_ranking_follows_the_choices_and_says_where_it_guesses() {
        let trials = [trial(&[3, 2], 2), trial(&[1, 0], 1), trial(&[2, 1], 2)];
        let ranking = Beaten::new(&trials, &ALL).ranking(&ALL).unwrap();
        assert_eq!(ranking, Ranking { order: vec![2, 1, 0, 3], gaps: vec![(0, 3)] });
        assert_eq!(Beaten::new(&[trial(&[0, 1], 0), trial(&[0, 1], 1)], &ALL).ranking(&ALL), None);
    }

    #[test]
    fn those_that_nobody_beats_contend_for_the_next_place() {
        let mut trials = vec![trial(&[3, 2], 2), trial(&[1, 0], 1)];
        let contenders = |trials: &[Trial]| Beaten::new(trials, &ALL).contenders(&ALL);
        assert_eq!(contenders(&trials), Some(vec![1, 2]));
        trials.push(trial(&[2, 1], 1));
        assert_eq!(contenders(&trials), Some(vec![0, 2]), "after 1");
        trials.push(trial(&[2, 0], 2));
        assert_eq!(contenders(&trials), Some(vec![0, 3]), "after 2");
        trials.push(trial(&[3, 0], 0));
        assert_eq!(contenders(&trials), None, "all have their places");
    }
}
