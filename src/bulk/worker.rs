//! One of many who take a target, ask it, and write down what came of it.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::changed::Earlier;
use super::exclusions::Exclusions;
use super::feed::Feed;
use super::limits::{Key, Limits};
use super::list::Entry;
use super::output::{Done, What};
use super::pace::Pace;
use super::tally::Verdict;
use super::throttle::{Throttle, Want};
use super::{Listener, Note};
use crate::check::{self, Dialled, Errand, Ran, Surroundings, carry_out_errand};
use crate::pack::Assignment;
use crate::render::{Format, render_row};
use crate::report::{Document, Report};

/// As often as this one target is asked again for want of something, while others can be asked.
const MOST_ATTEMPTS: u32 = 100;

/// As much as a report of one exchange has as a line of JSON, with a chain of three.
const ROOM: usize = 8 * 1024;

/// What all workers share.
pub(super) struct Worker {
    pub(super) errand: Errand,
    pub(super) settings: check::Settings,
    pub(super) surroundings: Surroundings,
    pub(super) exclusions: Exclusions,
    pub(super) feed: Arc<Feed>,
    pub(super) limits: Limits<Entry>,
    pub(super) pace: Option<Pace>,
    pub(super) throttle: Throttle,
    pub(super) format: Format,
    pub(super) run: Document,
    pub(super) earlier: Option<Earlier>,
    pub(super) verdict: fn(&[Report]) -> Verdict,
    pub(super) listener: Listener,
    /// What this machine ran out of last.
    pub(super) want: Mutex<Option<String>>,
}

impl Worker {
    /// Works until there is nothing left to ask, the run is stopped, or nobody takes results.
    pub(super) async fn work(self: Arc<Self>, results: mpsc::Sender<Done>) {
        let mut stopped = pin!(self.surroundings.context.stop.stopped());
        while self.surroundings.context.stop.reason().is_none() {
            let taken = tokio::select! {
                // First, for to wait for the others takes locks that all share, and mostly there is a target at hand.
                biased;
                taken = self.next(&results) => taken,
                // The list, or its turn, may be long in coming.
                () = &mut stopped => return,
                () = results.closed() => return,
            };
            let Some((entry, keys)) = taken else { return };
            let what = tokio::select! {
                biased;
                what = self.ask(&entry) => what,
                // A survey that is stopped ends by itself; a wait for this machine does not.
                () = &mut stopped => return,
            };
            self.limits.release(keys);
            let Some(what) = what else { return };
            if results.send(Done { position: entry.position, what }).await.is_err() {
                return;
            }
        }
    }

    /// The next target, when it is its turn, and what it takes up. The turn is waited for last: whoever is left out, and
    /// the end of the list, take none.
    async fn next(&self, results: &mpsc::Sender<Done>) -> Option<(Entry, Vec<Key>)> {
        let admitted = self.next_admitted(results).await?;
        if let Some(pace) = &self.pace {
            pace.token().await;
        }
        Some(admitted)
    }

    /// The next target that limits let be asked now, and what it takes up.
    async fn next_admitted(&self, results: &mpsc::Sender<Done>) -> Option<(Entry, Vec<Key>)> {
        let mut is_at_end = false;
        loop {
            let changed = self.limits.changed();
            if let Some(ready) = self.limits.take_ready() {
                return Some(ready);
            }
            if !is_at_end && self.limits.has_room() {
                let Some(entry) = self.feed.next().await else {
                    is_at_end = true;
                    continue;
                };
                let dialled = self.dialled(&entry);
                let addresses = self.addresses(&dialled).await;
                if self.is_excluded(&entry, &dialled, &addresses) {
                    results.send(Done { position: entry.position, what: What::Excluded }).await.ok()?;
                    continue;
                }
                if self.limits.is_none() {
                    return Some((entry, Vec::new()));
                }
                let hosts = entry.assignments.iter().map(|assignment| &assignment.target.host);
                let keys = self.limits.keys(hosts, addresses.into_iter());
                if let Some(admitted) = self.limits.admit(entry, keys) {
                    return Some(admitted);
                }
                continue;
            }
            if is_at_end && !self.limits.has_some() {
                return None;
            }
            changed.await;
        }
    }

    /// The hosts that would be dialled for a target, where they matter.
    fn dialled(&self, entry: &Entry) -> Vec<Dialled> {
        if !self.limits.has_nets() && self.exclusions.is_empty() {
            return Vec::new();
        }
        let dialled = |it: &Assignment| check::dialled(&it.target, entry.connect.as_ref(), &self.settings);
        entry.assignments.iter().map(dialled).collect()
    }

    /// Their addresses, where those matter and are known here.
    async fn addresses(&self, dialled: &[Dialled]) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        if self.limits.has_nets() || self.exclusions.has_addresses() {
            let (context, settings) = (&self.surroundings.context, &self.settings);
            for Dialled { host, .. } in dialled.iter().filter(|dialled| dialled.is_known_here) {
                addresses.extend(context.addresses_to_ask(host, settings.addresses, settings.waits.connect).await);
            }
        }
        addresses
    }

    fn is_excluded(&self, entry: &Entry, dialled: &[Dialled], addresses: &[IpAddr]) -> bool {
        let named = entry.assignments.iter().map(|it| &it.target.host);
        let mut hosts = named.chain(dialled.iter().map(|dialled| &dialled.host));
        !self.exclusions.is_empty()
            && (hosts.any(|host| self.exclusions.excludes_host(host))
                || addresses.iter().any(|address| self.exclusions.excludes_address(*address)))
    }

    /// What became of a target; nothing where the run ended first.
    async fn ask(&self, entry: &Entry) -> Option<What> {
        for attempt in 0..MOST_ATTEMPTS {
            if !self.throttle.enter().await {
                return None;
            }
            let Self { errand, settings, surroundings, .. } = self;
            let connect = entry.connect.as_ref();
            let asked = carry_out_errand(errand, &entry.assignments, connect, settings, surroundings);
            let Ran { reports, failure } = asked.await;
            // What was cut off is not all that there was to say.
            if self.surroundings.context.stop.reason().is_some() {
                return None;
            }
            let Some(failure) = failure else {
                self.throttle.asked();
                return Some(self.told(&reports));
            };
            if !failure.is_exhaustion() {
                self.throttle.asked();
                return Some(self.unasked(entry, failure.to_string()));
            }
            *self.want.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.to_string());
            match self.throttle.wanted(attempt).await {
                Want::AskAgain { is_first: true } => (self.listener)(Note::Slowed(failure.to_string())),
                Want::AskAgain { is_first: false } => {}
                Want::GiveUp => return None,
            }
        }
        let want = self.want.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(self.unasked(entry, want.unwrap_or_default()))
    }

    fn unasked(&self, entry: &Entry, why: String) -> What {
        let target = entry.assignments.first().map(|it| it.target.to_string()).unwrap_or_default();
        (self.listener)(Note::Unasked { target, why });
        What::Unasked
    }

    fn told(&self, reports: &[Report]) -> What {
        let mut lines = Vec::with_capacity(ROOM);
        let mut unchanged = 0;
        for report in reports {
            if self.earlier.as_ref().is_some_and(|earlier| earlier.says_the_same(report)) {
                unchanged += 1;
            } else {
                render_row(&self.run, report, self.format, &mut lines);
            }
        }
        lines.shrink_to_fit();
        let kind = |report: &Report| report.exchanges.first().map_or("none", |first| first.outcome.answer.kind());
        let kinds = reports.iter().map(kind).collect();
        What::Asked { lines, verdict: (self.verdict)(reports), kinds, unchanged }
    }
}
