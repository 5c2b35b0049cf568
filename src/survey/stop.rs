//! Ending a run before all is asked: what is done by then is kept and reported.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

/// Why a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The user said so (Ctrl-C).
    Interrupted,
    /// The run's deadline came.
    Deadline,
}

impl StopReason {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Deadline => "the run's deadline came first",
        }
    }
}

/// Ends runs.
#[derive(Debug)]
pub struct Stopper(Arc<End>);

/// Hears of the end.
#[derive(Clone, Debug)]
pub struct Stop(Arc<End>);

/// What both ends share.
#[derive(Debug, Default)]
struct End {
    reason: OnceLock<StopReason>,
    came: Notify,
}

impl Stop {
    /// The two ends. Dropping the [`Stopper`] stops nothing.
    pub fn new() -> (Stopper, Self) {
        let end = Arc::new(End::default());
        (Stopper(Arc::clone(&end)), Self(end))
    }

    /// Waits for the end, for ever if need be.
    pub async fn stopped(&self) {
        loop {
            // Before the look, so that no end between the two is missed.
            let came = self.0.came.notified();
            if self.reason().is_some() {
                return;
            }
            came.await;
        }
    }

    /// Why the run is to end, if it is.
    pub fn reason(&self) -> Option<StopReason> {
        self.0.reason.get().copied()
    }
}

impl Stopper {
    /// Ends the run. The first reason stands.
    pub fn stop(&self, reason: StopReason) {
        self.0.reason.get_or_init(|| reason);
        self.0.came.notify_waiters();
    }
}
