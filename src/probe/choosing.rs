//! Which of many values are accepted, where a server chooses one of those that it is offered.
//!
//! All are offered at once. What is chosen is accepted, and the rest is offered again, in a few sets at the same time; a
//! set of which nothing is chosen is refused as a whole. So it takes some connections more than there are accepted
//! values, and none for each that is refused. An answer that does not tell has its set asked once more in halves, for
//! one value may be to blame.

use std::collections::VecDeque;
use std::slice::Iter;

use super::Answers;
use super::reading::{Verdict, verdict};
use crate::observation::{ChoicesOfVersion, Observations};
use crate::outcome::{Exchange, Server};

/// How many sets are offered at the same time, once the first answer shows that the server takes any.
const WIDTH: usize = 4;

/// Sets smaller than this are not parted: nothing may be left in them to find at the same time.
const WORTH_PARTING: usize = 6;

/// How many answers that do not tell have their sets asked in halves.
const MOST_DOUBTS: usize = 3;

/// What one answer says about the set that was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told<T> {
    /// This one of them is accepted.
    Chosen(T),
    /// None of them is.
    Refused,
    /// None of them is: the server uses another one, which it was not offered.
    NotOffered(T),
    /// It does not tell.
    Unclear(String),
}

/// The course of one elimination, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Choosing<T> {
    width: usize,
    /// The sets to offer next, at the same time.
    open: Vec<Vec<T>>,
    /// What is accepted, and which exchange shows it.
    pub(super) accepted: Vec<(T, usize)>,
    /// Sets of which nothing is accepted, and which exchange shows it.
    pub(super) refused: Vec<(Vec<T>, usize)>,
    /// What the server used without being offered it.
    pub(super) not_offered: Vec<(T, usize)>,
    /// Sets that could not be told, why, and which exchange did not tell; none where it was not asked to its end.
    pub(super) unclear: Vec<(Vec<T>, String, Option<usize>)>,
    doubts: usize,
}

impl<T: Clone + PartialEq> Choosing<T> {
    /// Before anything is asked.
    pub(super) fn new(candidates: Vec<T>) -> Self {
        Self {
            width: WIDTH,
            open: Some(candidates).into_iter().filter(|all| !all.is_empty()).collect(),
            accepted: Vec::new(),
            refused: Vec::new(),
            not_offered: Vec::new(),
            unclear: Vec::new(),
            doubts: 0,
        }
    }

    /// The same with one set at a time, for a handful of values.
    pub(super) fn one_by_one(candidates: Vec<T>) -> Self {
        Self { width: 1, ..Self::new(candidates) }
    }

    /// The sets to offer next, at the same time.
    pub(super) fn open(&self) -> &[Vec<T>] {
        &self.open
    }

    /// Takes in what was told of each of the open sets, and by which exchange; nothing for one that was not asked.
    fn take(&mut self, told: impl IntoIterator<Item = Option<(Told<T>, usize)>>) {
        let mut rest = Vec::new();
        let mut halves = Vec::new();
        for (set, told) in std::mem::take(&mut self.open).into_iter().zip(told) {
            match told {
                Some((Told::Chosen(chosen), id)) => {
                    rest.push(set.into_iter().filter(|value| *value != chosen).collect());
                    self.accepted.push((chosen, id));
                }
                Some((Told::Refused, id)) => self.refused.push((set, id)),
                Some((Told::NotOffered(used), id)) => {
                    if self.not_offered.iter().all(|(known, _)| *known != used) {
                        self.not_offered.push((used, id));
                    }
                    self.refused.push((set, id));
                }
                Some((Told::Unclear(_), _)) if set.len() > 1 && self.doubts < MOST_DOUBTS => {
                    self.doubts += 1;
                    halves.extend(<[_; 2]>::from(halved(set)));
                }
                Some((Told::Unclear(why), id)) => self.unclear.push((set, why, Some(id))),
                None => self.unclear.push((set, "not asked to the end".to_owned(), None)),
            }
        }
        self.open = spread(rest, self.width);
        self.open.extend(halves);
    }

    /// Adds what another elimination told of other values, and what it left open.
    pub(super) fn continued_by(&mut self, other: &Self) {
        self.accepted.extend_from_slice(&other.accepted);
        self.refused.extend_from_slice(&other.refused);
        self.unclear.extend_from_slice(&other.unclear);
        self.open.extend_from_slice(&other.open);
        for (value, id) in &other.not_offered {
            if self.not_offered.iter().all(|(known, _)| known != value) {
                self.not_offered.push((value.clone(), *id));
            }
        }
    }

    /// Every exchange that it rests on.
    pub(super) fn exchanges(&self) -> Vec<usize> {
        let accepted = self.accepted.iter().map(|(_, id)| *id);
        let refused = self.refused.iter().map(|(_, id)| *id);
        let unclear = self.unclear.iter().filter_map(|(.., id)| *id);
        let mut all: Vec<usize> = accepted.chain(refused).chain(unclear).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Everything that was not told, with what is still open.
    pub(super) fn untold(&self) -> Vec<T> {
        self.unclear.iter().map(|(set, ..)| set).chain(&self.open).flatten().cloned().collect()
    }

    /// Takes back what a later answer casts doubt on: where an exchange that seemed to refuse does not tell after all.
    pub(super) fn doubt(&mut self, why: impl Fn(usize) -> Option<String>) {
        for (set, id) in std::mem::take(&mut self.refused) {
            match why(id) {
                Some(why) => self.unclear.push((set, why, Some(id))),
                None => self.refused.push((set, id)),
            }
        }
    }
}

impl<T: Clone + PartialEq + ToString> Choosing<T> {
    /// The same as an observation, and a note of what could not be told.
    pub(super) fn read(
        mut self,
        key: &str,
        answers: &Answers<'_>,
        unasked: &super::Unasked,
        seen: &mut Observations,
    ) -> ChoicesOfVersion {
        let exchange = |id: usize| answers.iter().copied().flatten().find(|exchange| exchange.id == id);
        self.doubt(|id| match verdict(exchange(id)?, seen, |_| true) {
            Verdict::Inconclusive(why) => Some(why),
            // An answer that accepts has chosen something else.
            Verdict::Accepted | Verdict::Refused => None,
        });
        for (set, why, id) in &self.unclear {
            let ids: Vec<usize> = id.iter().copied().collect();
            match set.as_slice() {
                _ if id.is_none() => {}
                [one] => seen.could_not_tell(&format!("{key}.{}", one.to_string()), why, &ids),
                _ => seen.could_not_tell(key, why, &ids),
            }
        }
        if !self.open.is_empty() || self.unclear.iter().any(|(.., id)| id.is_none()) {
            super::note_missing(key, unasked, seen);
        }
        seen.rests_on(key, &self.exchanges());
        let mut kinds: Vec<&str> =
            self.refused.iter().filter_map(|(_, id)| Some(exchange(*id)?.outcome.answer.kind())).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let names = |values: &[(T, usize)]| values.iter().map(|(value, _)| value.to_string()).collect();
        ChoicesOfVersion {
            accepted: names(&self.accepted),
            inconclusive: self.untold().iter().map(ToString::to_string).collect(),
            not_offered: names(&self.not_offered),
            refusal: match kinds.as_slice() {
                [kind] => Some((*kind).to_owned()),
                _ => None,
            },
        }
    }
}

/// What an answer says about the set of values that was offered. `chosen` finds the server's choice; none where the
/// answer does not show it, or `Some(None)` where it shows that nothing of the kind was chosen.
pub(super) fn told<T: PartialEq>(
    exchange: &Exchange,
    set: &[T],
    chosen: impl Fn(&Server) -> Option<Option<T>>,
) -> Told<T> {
    match verdict(exchange, &Observations::default(), |_| true) {
        Verdict::Refused => Told::Refused,
        Verdict::Inconclusive(why) => Told::Unclear(why),
        Verdict::Accepted => match exchange.server.as_ref().map(chosen) {
            Some(Some(Some(value))) if set.contains(&value) => Told::Chosen(value),
            Some(Some(Some(value))) => Told::NotOffered(value),
            Some(Some(None)) => Told::Refused,
            Some(None) | None => Told::Unclear("the answer does not show what was chosen".to_owned()),
        },
    }
}

/// Goes through the answers to eliminations that run at the same time: batch by batch, in each batch one after the other.
/// `read` tells what an answer says, given the place of its elimination. Answers behind their end are left.
pub(super) fn replay<T: Clone + PartialEq>(
    mut all: Vec<Choosing<T>>,
    answers: &mut Iter<'_, Option<&Exchange>>,
    read: impl Fn(usize, &[T], &Exchange) -> Told<T>,
) -> Vec<Choosing<T>> {
    loop {
        let size: usize = all.iter().map(|it| it.open().len()).sum();
        if size == 0 || answers.len() < size {
            return all;
        }
        for (place, elimination) in all.iter_mut().enumerate() {
            let sets: Vec<Vec<T>> = elimination.open().to_vec();
            let batch = sets.iter().zip(answers.by_ref());
            let told: Vec<_> =
                batch.map(|(set, answer)| answer.map(|exchange| (read(place, set, exchange), exchange.id))).collect();
            elimination.take(told);
        }
    }
}

/// These sets as so many as may be offered at the same time, the largest ones halved first.
fn spread<T>(sets: Vec<Vec<T>>, width: usize) -> Vec<Vec<T>> {
    let mut sets: VecDeque<Vec<T>> = sets.into_iter().filter(|set| !set.is_empty()).collect();
    while sets.len() < width {
        sets.make_contiguous().sort_by_key(|set| std::cmp::Reverse(set.len()));
        match sets.pop_front() {
            Some(largest) if largest.len() >= WORTH_PARTING => {
                let (one, other) = halved(largest);
                sets.extend([one, other]);
            }
            Some(small) => {
                sets.push_front(small);
                break;
            }
            None => break,
        }
    }
    sets.into()
}

/// Every second one, so that neighbours, which a server often takes together, part.
fn halved<T>(set: Vec<T>) -> (Vec<T>, Vec<T>) {
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for (place, value) in set.into_iter().enumerate() {
        if place % 2 == 0 { even.push(value) } else { odd.push(value) }
    }
    (even, odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs an elimination against a server that takes these; gives the connections and the batches as well.
    fn run(mut elimination: Choosing<u16>, answer: impl Fn(&[u16]) -> Told<u16>) -> (Choosing<u16>, usize, usize) {
        let (mut connections, mut batches) = (0, 0);
        while !elimination.open().is_empty() {
            let told: Vec<_> = elimination
                .open()
                .iter()
                .map(|set| {
                    connections += 1;
                    Some((answer(set), connections))
                })
                .collect();
            batches += 1;
            elimination.take(told);
        }
        (elimination, connections, batches)
    }

    fn takes(accepted: &[u16]) -> impl Fn(&[u16]) -> Told<u16> {
        move |set| set.iter().find(|value| accepted.contains(value)).map_or(Told::Refused, |it| Told::Chosen(*it))
    }

    fn accepted(elimination: &Choosing<u16>) -> Vec<u16> {
        let mut all: Vec<u16> = elimination.accepted.iter().map(|(value, _)| *value).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn what_is_accepted_is_found_exactly_in_few_connections_and_fewer_batches() {
        let all: Vec<u16> = (0..50).collect();
        // One refusal at the least, and one for each set at the end.
        for (wanted, most_connections, most_batches) in
            [(vec![], 1, 1), (vec![7], 5, 2), ((20..32).collect(), 12 + WIDTH + 1, 6), (all.clone(), 50, 17)]
        {
            let (end, connections, batches) = run(Choosing::new(all.clone()), takes(&wanted));
            assert_eq!(accepted(&end), wanted);
            let refused: usize = end.refused.iter().map(|(set, _)| set.len()).sum();
            assert_eq!(refused, 50 - wanted.len());
            assert!(
                connections <= most_connections && batches <= most_batches,
                "{wanted:?}: {connections} in {batches}"
            );
        }
    }

    #[test]
    fn a_handful_is_asked_one_set_at_a_time() {
        let (end, connections, _) = run(Choosing::one_by_one((0..5).collect()), takes(&[2]));
        assert_eq!((accepted(&end), connections), (vec![2], 2));
    }

    #[test]
    fn one_value_that_silences_the_server_is_found_among_the_others() {
        let server = |set: &[u16]| if set.contains(&3) { Told::Unclear("timeout".into()) } else { takes(&[1])(set) };
        let (end, connections, _) = run(Choosing::new((0..8).collect()), server);
        assert_eq!((accepted(&end), end.untold()), (vec![1], vec![3]));
        assert!(connections <= 10, "{connections}");
    }

    #[test]
    fn a_server_that_never_tells_is_not_asked_for_ever() {
        let (end, connections, _) = run(Choosing::new((0..50).collect()), |_| Told::Unclear("timeout".into()));
        assert_eq!((accepted(&end), end.untold().len()), (vec![], 50));
        assert_eq!(connections, 1 + 2 * MOST_DOUBTS);
    }

    #[test]
    fn a_choice_that_was_not_offered_refuses_what_was() {
        let (end, ..) =
            run(
                Choosing::new((0..8).collect()),
                |set| {
                    if set.contains(&5) { Told::Chosen(5) } else { Told::NotOffered(5) }
                },
            );
        assert_eq!((accepted(&end), end.not_offered.first().map(|(value, _)| *value)), (vec![5], Some(5)));
        assert!(end.untold().is_empty());
    }

    #[test]
    fn what_was_cut_off_is_open() {
        let mut elimination = Choosing::new(vec![1_u16, 2]);
        elimination.take([None]);
        assert_eq!((elimination.untold(), elimination.open().len()), (vec![1, 2], 0));
    }
}
