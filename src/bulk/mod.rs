//! Very many targets: taken from a list as it is read, asked many at a time, told as answers come.
//!
//! ```text
//! list → feed → workers → output
//! ```
//!
//! A thread reads the list a little ahead of the workers, so memory does not grow with it. Each worker takes a target,
//! waits for its turn where a rate or a limit wants it to, does the errand, writes down what came of it, and takes the
//! next. Another thread writes whole lines, and after them how far the run is, for it to be gone on with.
//!
//! What this machine could not do for want of ports, descriptors or memory is no outcome of an endpoint: the run slows
//! down, and the target is asked again.
//!
//! Lines stand in the order of the answers, not of the list.

mod changed;
mod exclusions;
mod feed;
mod limits;
mod list;
mod output;
mod pace;
mod resume;
mod tally;
mod throttle;
mod worker;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use crate::check::{self, Errand, Surroundings};
use crate::render::{Format, render_head};
use crate::report::{Document, Report};
use crate::survey::Stop;

pub use changed::Earlier;
pub use exclusions::{ExclusionError, Exclusions};
pub use limits::NetLimit;
pub use list::{BadLine, Block, BlockError, Reading, Source, Words};
pub(crate) use resume::{DRAFT, LOCK, beside};
pub use resume::{Resume, ResumeError};
pub use tally::{Tally, Verdict};

use feed::{Broken, Feed, Told};
use limits::Limits;
use list::List;
use output::{WAITING, Writer};
use pace::Pace;
use throttle::Throttle;
use worker::Worker;

/// A run over a list.
pub struct Bulk {
    /// What to do to each target.
    pub errand: Errand,
    /// What holds for all of them.
    pub settings: check::Settings,
    /// What the run needs from outside.
    pub surroundings: Surroundings,
    /// Where the list is read from, one after the other.
    pub sources: Vec<Source>,
    /// How it is understood.
    pub reading: Reading,
    /// Whom not to ask.
    pub exclusions: Exclusions,
    /// How much at a time.
    pub bounds: Bounds,
    /// The form of the output, which is a line for each report.
    pub format: Format,
    /// What lines say of the run.
    pub run: Document,
    /// An earlier run: what it says too is not told again.
    pub earlier: Option<Earlier>,
    /// Where lines go.
    pub output: Box<dyn Write + Send>,
    /// Where to note how far the run is, and to go on from; its output is the one above.
    pub resume: Option<Resume>,
    /// What a target's reports say to a scheduler.
    pub verdict: fn(&[Report]) -> Verdict,
    /// Hears of what is not in the reports.
    pub listener: Listener,
}

/// How much at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Targets.
    pub concurrency: usize,
    /// New targets a second.
    pub rate: Option<f64>,
    /// Targets of one host.
    pub per_host: Option<usize>,
    /// Targets in one network.
    pub per_net: Vec<NetLimit>,
}

/// Hears what is not in the reports.
pub type Listener = Arc<dyn Fn(Note) + Send + Sync>;

/// What is not in the reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A line could not be understood; the run goes on.
    BadLine(BadLine),
    /// This machine ran out of something, for the first time; the run slows down.
    Slowed(String),
    /// This machine could not ask a target.
    Unasked {
        /// Whom.
        target: String,
        /// Why.
        why: String,
    },
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What it came to.
    pub tally: Tally,
    /// Whether it was ended before all was asked.
    pub is_stopped: bool,
    /// What ended it on this side.
    pub failure: Option<BulkError>,
}

/// What *we* could not do.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// A list could not be read to its end.
    #[error("{0}")]
    List(io::Error),
    /// The run can't be gone on with.
    #[error("{0}")]
    Resume(#[from] ResumeError),
    /// What was found could not be written.
    #[error("{0}")]
    Output(io::Error),
    /// The system gave no threads to work in.
    #[error("cannot start the workers: {0}")]
    Workers(io::Error),
    /// This machine can ask nobody, and not for want of something that it will have again.
    #[error(
        "this machine could ask none of {0} targets in a row, for the reasons above\n  try: one of them by itself, with \
         the same options"
    )]
    NoUse(u64),
    /// This machine could ask nobody for minutes.
    #[error("this machine could not ask anybody for minutes: {0}")]
    Exhausted(String),
}

/// How far a run is, for whoever wants to tell it while it goes on.
#[derive(Debug, Default)]
pub struct Progress {
    tally: Mutex<Tally>,
    total: OnceLock<u64>,
}

impl Progress {
    /// What it has come to so far.
    pub fn tally(&self) -> Tally {
        self.lock().clone()
    }

    /// How many targets the list has, once that is known.
    pub fn total(&self) -> Option<u64> {
        self.total.get().copied()
    }

    /// Counts the targets of a list, which may take a while: it is read to its end.
    pub fn count(&self, sources: Vec<Source>, reading: Reading) {
        // Who reads the list for the run tells of what is wrong with it.
        if let Ok(total) = List::new(sources, Arc::new(reading)).count() {
            self.total.get_or_init(|| total);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out a run, to its end or until it is stopped.
pub async fn run(bulk: Bulk, progress: Arc<Progress>) -> Ended {
    let Bulk { errand, settings, surroundings, sources, reading, exclusions, bounds, .. } = bulk;
    let Bulk { format, run, earlier, output, resume, verdict, listener, .. } = bulk;
    let state = resume.as_ref().map(|resume| resume.state().clone());
    if let Some(state) = &state {
        progress.lock().clone_from(&state.tally);
    }
    let stop: Stop = surroundings.context.stop.clone();
    let (feed, filler) = Feed::new(state.as_ref());
    let feed = Arc::new(feed);
    let reading = tokio::task::spawn_blocking({
        let (list, progress, listener) =
            (List::new(sources, Arc::new(reading)), Arc::clone(&progress), Arc::clone(&listener));
        move || {
            feed::fill(list, state.as_ref(), &filler, |bad, told| {
                progress.lock().bad_lines += 1;
                if told == Told::Now {
                    listener(Note::BadLine(bad));
                }
            })
        }
    });
    let (results, mut to_write) = mpsc::channel(WAITING);
    let state_path = resume.as_ref().map(|resume| resume.path().to_owned());
    let (at_work, working) = std::sync::mpsc::channel();
    let writing = tokio::task::spawn_blocking({
        let (feed, progress) = (Arc::clone(&feed), Arc::clone(&progress));
        let writer = Writer { output, resume, feed, progress, unasked_in_a_row: 0, working };
        let head = render_head(format);
        move || {
            let written = writer.write_all(&head, &mut to_write);
            // Whoever has a result learns that nobody takes it.
            to_write.close();
            written
        }
    });
    let worker = Arc::new(Worker {
        errand,
        settings,
        surroundings,
        exclusions,
        feed: Arc::clone(&feed),
        limits: Limits::new(bounds.per_host, bounds.per_net, bounds.concurrency * 4),
        pace: bounds.rate.map(Pace::new),
        throttle: Throttle::new(bounds.concurrency),
        format,
        run,
        earlier,
        verdict,
        listener,
        want: Mutex::new(None),
    });
    let lost = work(&worker, bounds.concurrency, results).await.err();
    drop(at_work);
    let mut is_stopped = stop.reason().is_some();
    let written = writing.await.unwrap_or_else(|lost| Err(io::Error::other(lost)));
    let is_cut_off = written.as_ref().map_or(true, Writer::is_of_no_use);
    // A read of a terminal or a pipe may last for ever; nothing is taken from it any more.
    feed.close();
    let read = tokio::select! {
        biased;
        () = stop.stopped() => Ok(()),
        () = std::future::ready(()), if is_cut_off => Ok(()),
        read = reading => read.unwrap_or(Ok(())),
    };
    progress.lock().slowed += worker.throttle.times();
    let mut failure = match read {
        Ok(()) => None,
        Err(Broken::Read(error)) => Some(BulkError::List(error)),
        Err(Broken::OtherList(what)) => state_path.map(|path| Resume::other_list(&path, what).into()),
    };
    if let Some(lost) = lost {
        failure = Some(BulkError::Workers(lost));
    }
    if worker.throttle.has_given_up() {
        let want = worker.want.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure = Some(BulkError::Exhausted(want.unwrap_or_default()));
    }
    let is_reader_gone = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    match written {
        Ok(mut writer) => {
            if writer.is_of_no_use() {
                failure.get_or_insert(BulkError::NoUse(writer.unasked_in_a_row));
            }
            if let Err(error) = writer.note() {
                failure.get_or_insert(BulkError::Output(error));
            }
        }
        // There is nobody to write to, and nothing wrong.
        Err(error) if is_reader_gone(&error) => is_stopped = true,
        Err(error) => failure = Some(BulkError::Output(error)),
    }
    Ended { tally: progress.tally(), is_stopped, failure }
}

/// Runs the workers: in a thread for each processor, which has a share of them and all their sockets to itself, so that
/// no connection wakes another thread.
async fn work(worker: &Arc<Worker>, workers: usize, results: mpsc::Sender<output::Done>) -> io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(workers);
    let mut working = JoinSet::new();
    for thread in 0..threads {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (worker, results) = (Arc::clone(worker), results.clone());
        working.spawn_blocking(move || {
            runtime.block_on(async {
                let mut shift = JoinSet::new();
                tokio::spawn(tick());
                for _ in (thread..workers).step_by(threads) {
                    shift.spawn(Arc::clone(&worker).work(results.clone()));
                }
                drop(results);
                // Whoever panics makes a failure of the run.
                while let Some(worked) = shift.join_next().await {
                    worked?;
                }
                Ok(())
            })
        });
    }
    drop(results);
    while let Some(worked) = working.join_next().await {
        worked.and_then(|shift: Result<(), JoinError>| shift).map_err(io::Error::other)?;
    }
    Ok(())
}

/// Makes a thread's next timer a near one: to set one that is nearer than all others costs tokio two system calls, and the
/// wait for a connect would be that each time, with all others waiting longer for hellos.
async fn tick() {
    loop {
        sleep(Duration::from_secs(1)).await;
    }
}
