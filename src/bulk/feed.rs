//! The list, taken from by many: read ahead by a thread of its own, a batch at a time.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::list::{BadLine, Entry, Item, List, Mark};
use super::resume::State;

/// Targets that are handed over at once.
const BATCH: usize = 64;

/// Targets that are read ahead, before it is waited until some are taken.
const AHEAD: usize = 8 * BATCH;

/// What is still to ask. When it is dropped, nothing more is read.
#[derive(Debug)]
pub(super) struct Feed(Arc<Shared>);

/// Where a feed is filled from. The list ends when this is dropped.
#[derive(Debug)]
pub(super) struct Filler(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    taking: Mutex<Taking>,
    /// Who reads ahead waits here for room.
    room: Condvar,
    /// One for each target that is ahead, and one more behind the last: as many workers go on at once as have something to
    /// do. Closed when all are taken, or nothing more is to be.
    turns: Semaphore,
}

#[derive(Debug)]
struct Taking {
    ahead: VecDeque<Entry>,
    /// Nobody takes any more.
    is_closed: bool,
    issued: u64,
    mark: Mark,
    /// Those that were taken and are not done, where somebody wants to know.
    pending: Option<BTreeSet<u64>>,
}

/// How far a list has been taken, and who of it is not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) issued: u64,
    pub(super) mark: Mark,
    pub(super) pending: Vec<u64>,
}

impl Feed {
    /// The feed and where it is filled from. With a state it goes on from there, and remembers who is not done.
    pub(super) fn new(state: Option<&State>) -> (Self, Filler) {
        let taking = Taking {
            ahead: VecDeque::new(),
            is_closed: false,
            issued: state.map_or(0, |state| state.issued),
            mark: state.map_or_else(Mark::default, |state| state.list),
            pending: state.map(|state| state.pending.iter().copied().collect()),
        };
        let shared = Shared { taking: Mutex::new(taking), room: Condvar::new(), turns: Semaphore::new(0) };
        let shared = Arc::new(shared);
        (Self(Arc::clone(&shared)), Filler(shared))
    }

    /// The next target; nothing at the end of the list.
    pub(super) async fn next(&self) -> Option<Entry> {
        let Self(shared) = self;
        shared.turns.acquire().await.ok()?.forget();
        let mut taking = shared.lock();
        let Some(entry) = taking.take() else {
            shared.turns.close();
            return None;
        };
        // Room for a whole batch: the reader need not be woken for less.
        if taking.ahead.len() == AHEAD - BATCH {
            shared.room.notify_one();
        }
        Some(entry)
    }

    /// These are done.
    pub(super) fn done(&self, positions: impl Iterator<Item = u64>) {
        if let Some(pending) = &mut self.0.lock().pending {
            positions.for_each(|position| {
                pending.remove(&position);
            });
        }
    }

    /// Takes no more, and lets nothing more be read.
    pub(super) fn close(&self) {
        let Self(shared) = self;
        shared.lock().is_closed = true;
        shared.room.notify_one();
        shared.turns.close();
    }

    /// How far it is.
    pub(super) fn taken(&self) -> Taken {
        let taking = self.0.lock();
        let pending = taking.pending.iter().flatten().copied().collect();
        Taken { issued: taking.issued, mark: taking.mark, pending }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taking {
    fn take(&mut self) -> Option<Entry> {
        let entry = self.ahead.pop_front()?;
        if entry.position >= self.issued {
            self.issued = entry.position + 1;
            self.mark = entry.mark;
        }
        if let Some(pending) = &mut self.pending {
            pending.insert(entry.position);
        }
        Some(entry)
    }
}

impl Filler {
    /// Adds these, when there is room. False if nobody takes any more.
    fn add(&self, batch: &mut Vec<Entry>) -> bool {
        let Self(shared) = self;
        let is_full = |taking: &mut Taking| taking.ahead.len() > AHEAD - BATCH && !taking.is_closed;
        let taking = shared.room.wait_while(shared.lock(), is_full);
        let mut taking = taking.unwrap_or_else(PoisonError::into_inner);
        if taking.is_closed {
            return false;
        }
        let count = batch.len();
        taking.ahead.extend(batch.drain(..));
        drop(taking);
        shared.turns.add_permits(count);
        true
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.0.turns.add_permits(1);
    }
}

/// Why a list was not read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    Read(io::Error),
    /// It is not the list that the state speaks of.
    OtherList(&'static str),
}

/// Whether a bad line was told before, in an earlier part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Before,
    Now,
}

/// Reads the list to its end, or until nobody takes from it any more. What a state says is done is passed over.
pub(super) fn fill(
    mut list: List,
    state: Option<&State>,
    filler: &Filler,
    on_bad_line: impl Fn(BadLine, Told),
) -> Result<(), Broken> {
    if let Some(state) = state.filter(|state| state.issued > 0) {
        let left = pass_over(&mut list, state, &on_bad_line)?;
        for again in left.chunks(BATCH) {
            if !filler.add(&mut again.to_vec()) {
                return Ok(());
            }
        }
    }
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let item = match list.next() {
            Ok(item) => item,
            Err(error) => {
                // What was read before is good.
                filler.add(&mut batch);
                return Err(Broken::Read(error));
            }
        };
        let is_last = item.is_none();
        match item {
            Some(Item::Entry(entry)) => batch.push(entry),
            Some(Item::Bad(bad)) => on_bad_line(bad, Told::Now),
            None => {}
        }
        let is_due = batch.len() >= BATCH || is_last || !list.is_at_hand();
        if is_due && !batch.is_empty() && !filler.add(&mut batch) {
            return Ok(());
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Goes to where the state is, and brings those along that were not done. Nobody is asked before it is known that this
/// is the state's list.
fn pass_over(list: &mut List, state: &State, on_bad_line: &impl Fn(BadLine, Told)) -> Result<Vec<Entry>, Broken> {
    let pending: HashSet<u64> = state.pending.iter().copied().collect();
    let mut sorted: VecDeque<u64> = state.pending.clone().into();
    sorted.make_contiguous().sort_unstable();
    let mut left = Vec::new();
    let mut mark = None;
    while list.position() < state.issued {
        // The last one is read, for its mark.
        list.skip_to(sorted.front().copied().unwrap_or(u64::MAX).min(state.issued - 1));
        match list.next().map_err(Broken::Read)? {
            Some(Item::Bad(bad)) => on_bad_line(bad, Told::Before),
            None => return Err(Broken::OtherList("the list is shorter")),
            Some(Item::Entry(entry)) => {
                mark = Some(entry.mark);
                if sorted.front().is_some_and(|next| *next <= entry.position) {
                    sorted.pop_front();
                }
                if pending.contains(&entry.position) {
                    left.push(entry);
                }
            }
        }
    }
    if mark != Some(state.list) {
        return Err(Broken::OtherList("its list is another one"));
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::list::{Reading, Source};
    use super::super::resume::Resume;
    use super::super::tally::Tally;
    use super::*;
    use crate::pack::{Assignment, GENERIC};
    use crate::target::Target;

    fn list(text: &str) -> List {
        let words = |word: &str, port: Option<u16>| {
            let target = Target::parse(word, port.unwrap_or(443)).map_err(|error| error.to_string())?;
            Ok(vec![Assignment::new(&GENERIC, target)])
        };
        let source = Source::new("list", Box::new(Cursor::new(text.to_owned())));
        List::new(vec![source], Arc::new(Reading { port: None, words: Box::new(words), seed: 3 }))
    }

    /// Takes so many (or all) of a list from where a state is, and finishes all but these.
    fn take(text: &str, state: Option<&State>, most: usize, unfinished: &[&str]) -> (Vec<String>, Taken) {
        let (feed, filler) = Feed::new(state);
        let mut taken = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || fill(list(text), state, &filler, |_, _| {}).unwrap());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                while taken.len() < most
                    && let Some(entry) = feed.next().await
                {
                    let host = entry.assignments[0].target.host.to_string();
                    if !unfinished.contains(&host.as_str()) {
                        feed.done([entry.position].into_iter());
                    }
                    taken.push(host);
                }
                // The thread ends when nobody takes from it.
                feed.close();
            });
        });
        (taken, feed.taken())
    }

    fn state_of(taken: Taken) -> State {
        let folder = tempfile::tempdir().unwrap();
        let mut resume = Resume::open(&folder.path().join("s"), &folder.path().join("o"), "", 3).unwrap();
        resume.note((taken.issued, taken.mark), taken.pending, Tally::default()).unwrap();
        resume.state().clone()
    }

    fn begun() -> State {
        state_of(Taken::default())
    }

    const LIST: &str = "a.example\nbad line\n10.0.0.0/24\nb.example\nc.example\n";

    #[test]
    fn a_list_is_gone_on_with_where_it_was_and_every_target_comes_once() {
        let begun = begun();
        let (mut first, taken) = take(LIST, Some(&begun), 100, &["a.example"]);
        assert_eq!((first.len(), taken.issued, taken.pending.as_slice()), (100, 100, &[0][..]));
        first.retain(|host| host != "a.example");
        let state = state_of(taken);
        let (second, taken) = take(LIST, Some(&state), usize::MAX, &[]);
        assert_eq!(second[0], "a.example", "who was not done comes first");
        assert_eq!((taken.issued, taken.pending.len()), (259, 0));
        let mut all = [first, second].concat();
        assert_eq!(all.len(), 259);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 259);
    }

    #[test]
    fn another_list_is_noticed_before_anybody_is_asked_and_a_longer_one_is_no_other() {
        let begun = begun();
        let (_, taken) = take(LIST, Some(&begun), 258, &[]);
        let state = state_of(taken);
        let refused = |text: &str| {
            let (_feed, filler) = Feed::new(Some(&state));
            match fill(list(text), Some(&state), &filler, |_, _| {}) {
                Err(Broken::OtherList(what)) => what,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(refused(&LIST.replace("a.example", "x.example")), "its list is another one");
        assert_eq!(refused("a.example\n"), "the list is shorter");
        let (rest, _) = take(&format!("{LIST}d.example\n"), Some(&state), usize::MAX, &[]);
        assert_eq!(rest, ["c.example", "d.example"]);
    }

    #[test]
    fn many_take_each_target_of_a_long_list_once_and_all_come_to_its_end() {
        const TAKERS: usize = 40;
        let (feed, filler) = Feed::new(None);
        let feed = Arc::new(feed);
        let mut hosts: Vec<String> = std::thread::scope(|scope| {
            scope.spawn(move || fill(list("10.0.0.0/19\n"), None, &filler, |_, _| {}).unwrap());
            let threads = [(); 3].map(|()| {
                let feed = Arc::clone(&feed);
                scope.spawn(move || {
                    let take = async |feed: Arc<Feed>| {
                        let mut hosts = Vec::new();
                        while let Some(entry) = feed.next().await {
                            hosts.push(entry.assignments[0].target.host.to_string());
                            tokio::task::yield_now().await;
                        }
                        hosts
                    };
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    let takers = (0..TAKERS).map(|_| take(Arc::clone(&feed)));
                    runtime.block_on(futures_util::future::join_all(takers)).concat()
                })
            });
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(hosts.len(), 1 << 13);
        hosts.sort();
        hosts.dedup();
        assert_eq!(hosts.len(), 1 << 13);
    }

    #[test]
    fn whoever_reads_ahead_of_takers_that_are_gone_comes_to_an_end_too() {
        let (feed, filler) = Feed::new(None);
        let ahead = |feed: &Feed| feed.0.lock().ahead.len();
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || fill(list("10.0.0.0/16\n"), None, &filler, |_, _| {}));
            while ahead(&feed) < AHEAD {
                std::thread::yield_now();
            }
            assert_eq!(ahead(&feed), AHEAD, "no more is read than there is room for");
            drop(feed);
            assert!(reading.join().unwrap().is_ok());
        });
    }
}
