//! Results out, as they come: one thread takes them, writes whole lines, many at once, and then notes how far it is.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::Progress;
use super::feed::Feed;
use super::resume::Resume;
use super::tally::Verdict;

/// What became of one target.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) position: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Asked {
        /// Lines, whole, of those of its reports that are to be told.
        lines: Vec<u8>,
        verdict: Verdict,
        kinds: Vec<&'static str>,
        unchanged: u64,
    },
    Excluded,
    /// This machine could not: it stays on the list of those who are not done.
    Unasked,
}

/// Results that wait to be written.
pub(super) const WAITING: usize = 1024;

/// How often the state is noted: what came since is asked again after a crash.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// How long results gather before they are written: to wake a thread for each takes longer than to write it.
const GATHERING: Duration = Duration::from_millis(10);

/// So many that this machine could not ask, with nobody between them whom it could, end a run: what fails for each of them
/// fails for the rest.
const MOST_UNASKED_IN_A_ROW: u64 = 1000;

/// Where results go.
pub(super) struct Writer {
    pub(super) output: Box<dyn Write + Send>,
    pub(super) resume: Option<Resume>,
    pub(super) feed: Arc<Feed>,
    pub(super) progress: Arc<Progress>,
    /// How many could not be asked since one last could.
    pub(super) unasked_in_a_row: u64,
    /// Ends when there is nothing more to gather.
    pub(super) working: std::sync::mpsc::Receiver<()>,
}

impl Writer {
    /// Takes results until there are no more, or there is no use in more.
    pub(super) fn write_all(mut self, head: &str, results: &mut mpsc::Receiver<Done>) -> io::Result<Self> {
        let (mut batch, mut bytes) = (Vec::new(), Vec::new());
        if self.resume.as_ref().is_none_or(|resume| !resume.has_output()) {
            self.output.write_all(head.as_bytes())?;
        }
        let (mut noted, mut is_behind) = (Instant::now(), false);
        loop {
            match receive(results, &mut batch, is_behind.then(|| noted + NOTE_EVERY)) {
                Some(0) => return Ok(self),
                Some(_) => {}
                None => {
                    self.note()?;
                    (noted, is_behind) = (Instant::now(), false);
                    continue;
                }
            }
            bytes.clear();
            for done in &batch {
                if let What::Asked { lines, .. } = &done.what {
                    bytes.extend_from_slice(lines);
                }
            }
            self.output.write_all(&bytes)?;
            self.output.flush()?;
            self.count(&batch);
            let is_done = |done: &Done| (!matches!(done.what, What::Unasked)).then_some(done.position);
            self.feed.done(batch.iter().filter_map(is_done));
            batch.clear();
            if self.is_of_no_use() {
                return Ok(self);
            }
            is_behind = self.resume.is_some();
            if is_behind && noted.elapsed() >= NOTE_EVERY {
                self.note()?;
                (noted, is_behind) = (Instant::now(), false);
            }
            // Nothing is sent: it ends with the workers.
            let _ = self.working.recv_timeout(GATHERING);
        }
    }

    /// Notes how far the run is, if anybody wants to know.
    pub(super) fn note(&mut self) -> io::Result<()> {
        let Some(resume) = &mut self.resume else { return Ok(()) };
        let taken = self.feed.taken();
        let mut tally = self.progress.tally();
        // Those are asked again when the run is gone on with, and lines are read again.
        (tally.unasked, tally.bad_lines) = (0, 0);
        resume.note((taken.issued, taken.mark), taken.pending, tally)
    }

    /// Whether this machine can ask nobody, so that there is no use in going on.
    pub(super) fn is_of_no_use(&self) -> bool {
        self.unasked_in_a_row >= MOST_UNASKED_IN_A_ROW
    }

    fn count(&mut self, batch: &[Done]) {
        let mut tally = self.progress.lock();
        for done in batch {
            match &done.what {
                What::Asked { verdict, kinds, unchanged, .. } => {
                    self.unasked_in_a_row = 0;
                    tally.count(*verdict, kinds);
                    tally.unchanged += unchanged;
                }
                What::Excluded => {
                    tally.targets += 1;
                    tally.excluded += 1;
                }
                What::Unasked => {
                    self.unasked_in_a_row += 1;
                    tally.unasked += 1;
                }
            }
        }
    }
}

/// Waits for results, and says how many there are, 0 after the last; none where `due` came first. In a thread that may
/// block, of a runtime.
fn receive(results: &mut mpsc::Receiver<Done>, batch: &mut Vec<Done>, due: Option<Instant>) -> Option<usize> {
    let Some(due) = due else { return Some(results.blocking_recv_many(batch, WAITING)) };
    Handle::current().block_on(async { timeout_at(due.into(), results.recv_many(batch, WAITING)).await.ok() })
}
