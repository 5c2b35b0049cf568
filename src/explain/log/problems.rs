//! The problems of a log, each kept once.

use super::found::{Flags, Key, Sign};
use super::report::Place;
use crate::machine::LegName;

/// Different problems of one log that are kept.
const AT_MOST: usize = 200;

/// Hosts that are kept of one problem.
const MAX_HOSTS: usize = 8;

/// A problem where it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Sighting {
    pub(super) place: Place,
    /// Whether its time sorts as text.
    pub(super) time_sorts: bool,
    pub(super) leg: Option<LegName>,
    pub(super) flags: Flags,
    /// Of a token: until when it was good, and when that was found out.
    pub(super) valid_to: Option<String>,
    pub(super) current_time: Option<String>,
    /// Places in the list of the log's hosts.
    pub(super) hosts: Vec<usize>,
}

/// A problem, from its first sighting to its last.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) key: Key,
    pub(super) count: u64,
    pub(super) first: Sighting,
    pub(super) last: Sighting,
    pub(super) hosts: Vec<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) seen: Vec<Seen>,
    /// Sightings of problems beyond those that are kept.
    left_out: u64,
}

impl Problems {
    pub(super) fn add(&mut self, sign: Sign, sighting: Sighting) {
        let key = Key { sign, leg: sighting.leg, flags: sighting.flags };
        let is_full = self.seen.len() >= AT_MOST;
        match self.seen.iter_mut().find(|seen| seen.key == key) {
            Some(seen) => seen.again(sighting),
            None if !is_full => {
                let hosts = sighting.hosts.clone();
                let mut seen = Seen { key, count: 1, first: sighting.clone(), last: sighting, hosts: Vec::new() };
                seen.add_hosts(&hosts);
                self.seen.push(seen);
            }
            None => self.left_out += 1,
        }
    }

    /// What had to be left out.
    pub(super) fn note(&self) -> Option<String> {
        (self.left_out > 0)
            .then(|| format!("{} more entries tell of problems beyond the {AT_MOST} that are kept", self.left_out))
    }
}

impl Seen {
    fn again(&mut self, sighting: Sighting) {
        self.count += 1;
        self.add_hosts(&sighting.hosts);
        self.last = sighting;
    }

    fn add_hosts(&mut self, hosts: &[usize]) {
        for host in hosts {
            if self.hosts.len() < MAX_HOSTS && !self.hosts.contains(host) {
                self.hosts.push(*host);
            }
        }
    }
}
