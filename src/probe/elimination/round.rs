//! What is known of the suites of one version.

use super::candidates::{Candidate, candidates};
use crate::registry::{CipherSuite, ProtocolVersion};

/// After so many refusals of likely sets, and one more for every eight suites, a server is not like those that we know.
const MOST_WASTED: usize = 6;

/// One version, and every suite that it can have.
pub(super) struct Round {
    pub(super) version: ProtocolVersion,
    /// Strongest first.
    pub(super) candidates: Vec<Candidate>,
    /// What is known of each.
    pub(super) states: Vec<State>,
    /// What is known of the version itself, but for what its suites say.
    pub(super) refused_whole: Option<usize>,
    /// Questions under way.
    pub(super) under_way: usize,
    /// How many of its sets were thought to be refused.
    pub(super) sweeps: usize,
    /// How many of its questions were asked.
    pub(super) asked: usize,
    /// Refusals of sets that were thought to be accepted in part.
    wasted: usize,
    /// It refused so much of what was thought to be accepted that it is not like those we know.
    pub(super) is_misjudged: bool,
    /// Answers that chose what was not offered.
    pub(super) strange: usize,
    /// There is no more to ask about its order.
    pub(super) is_ordered: bool,
}

/// What is known of one suite. Questions are named by their place among all that were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing yet.
    Open,
    /// It is being offered.
    UnderWay,
    /// It was chosen.
    Accepted(usize),
    /// This question offered it, and was refused.
    Refused(usize),
    /// This question's answer does not tell.
    Unclear(usize),
}

/// Suites of a version, by their places among its candidates, in rising order.
pub(super) type Set = Vec<usize>;

impl Round {
    pub(super) fn new(version: ProtocolVersion) -> Self {
        let candidates = candidates(version);
        let states = vec![State::Open; candidates.len()];
        Self {
            version,
            candidates,
            states,
            refused_whole: None,
            under_way: 0,
            sweeps: 0,
            asked: 0,
            wasted: 0,
            is_misjudged: false,
            strange: 0,
            is_ordered: false,
        }
    }

    /// The place of a suite among the candidates.
    pub(super) fn place(&self, suite: CipherSuite) -> Option<usize> {
        self.candidates.iter().position(|candidate| candidate.suite == suite)
    }

    /// The suite in this place.
    pub(super) fn suite(&self, place: usize) -> Option<CipherSuite> {
        self.candidates.get(place).map(|candidate| candidate.suite)
    }

    /// The suites in a state that this finds.
    pub(super) fn places(&self, is_wanted: impl Fn(State) -> bool) -> Set {
        self.states.iter().enumerate().filter(|(_, state)| is_wanted(**state)).map(|(place, _)| place).collect()
    }

    /// The accepted suites, strongest first.
    pub(super) fn accepted(&self) -> Set {
        self.places(|state| matches!(state, State::Accepted(_)))
    }

    /// Whether the server is known to take the version.
    pub(super) fn is_accepted(&self) -> bool {
        self.states.iter().any(|state| matches!(state, State::Accepted(_)))
    }

    /// How many suites may stand in a hello of this version where none may have more than `cap` in all: SSL 3.0 has the
    /// signal of RFC 5746 among them.
    pub(super) fn room(&self, cap: usize) -> usize {
        cap.saturating_sub(usize::from(self.version == ProtocolVersion::SSL3)).max(1)
    }

    /// Whether there is nothing left to ask or to wait for.
    pub(super) fn is_over(&self) -> bool {
        self.under_way == 0 && !self.states.contains(&State::Open)
    }

    /// Changes what is known of these suites, where they are in a state that this finds.
    pub(super) fn set(&mut self, places: &[usize], from: impl Fn(State) -> bool, to: State) {
        for place in places {
            if let Some(state) = self.states.get_mut(*place).filter(|state| from(**state)) {
                *state = to;
            }
        }
    }

    /// A set was refused that was thought to be accepted in part. A server that is once known not to be like others stays
    /// so: what large sets find after that is no ground to ask in small ones again.
    pub(super) fn waste(&mut self) {
        self.wasted += 1;
        self.is_misjudged |= self.wasted > MOST_WASTED + self.accepted().len() / 8;
    }

    /// The version itself was refused: nothing more of it is worth asking. Should a suite of it be chosen all the same,
    /// that is known besides.
    pub(super) fn refuse_whole(&mut self, question: usize) {
        self.refused_whole.get_or_insert(question);
        for state in self.states.iter_mut().filter(|state| matches!(state, State::Open | State::UnderWay)) {
            *state = State::Refused(question);
        }
    }

    /// What this question said counts no longer.
    pub(super) fn forget(&mut self, question: usize) {
        self.is_ordered = false;
        if self.refused_whole == Some(question) {
            self.refused_whole = None;
        }
        for state in &mut self.states {
            let rests_on_it = [State::Accepted(question), State::Refused(question), State::Unclear(question)];
            if rests_on_it.contains(state) {
                *state = State::Open;
            }
        }
    }
}
