//! What a run has come to so far, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one target's reports say to a scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Good,
    /// Something could not be told.
    CouldNotTell,
    /// Not as expected.
    Bad,
}

/// Numbers of a run, over all its parts where it was resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Targets that are done, whatever came of them.
    pub targets: u64,
    /// Reports: a target may have several addresses, a pack several endpoints.
    pub reports: u64,
    /// Reports by the kind of their first outcome.
    pub kinds: BTreeMap<String, u64>,
    /// Targets that are not as expected.
    pub bad: u64,
    /// Targets of which something could not be told.
    pub could_not_tell: u64,
    /// Targets that were left out.
    pub excluded: u64,
    /// Reports that say what an earlier run said.
    pub unchanged: u64,
    /// Lines that could not be understood.
    pub bad_lines: u64,
    /// Targets that this machine could not ask.
    pub unasked: u64,
    /// Times that this machine ran out of something, and the run slowed down.
    pub slowed: u64,
}

impl Tally {
    /// Counts a target that was asked.
    pub(super) fn count(&mut self, verdict: Verdict, kinds: &[&'static str]) {
        self.targets += 1;
        match verdict {
            Verdict::Good => {}
            Verdict::CouldNotTell => self.could_not_tell += 1,
            Verdict::Bad => self.bad += 1,
        }
        for kind in kinds {
            self.reports += 1;
            match self.kinds.get_mut(*kind) {
                Some(number) => *number += 1,
                None => _ = self.kinds.insert((*kind).to_owned(), 1),
            }
        }
    }

    /// The kinds with their numbers, the most frequent first.
    pub fn by_frequency(&self) -> Vec<(&str, u64)> {
        let mut kinds: Vec<(&str, u64)> = self.kinds.iter().map(|(kind, number)| (kind.as_str(), *number)).collect();
        kinds.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        kinds
    }
}
