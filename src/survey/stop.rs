//! Ending a run before all is asked: what is done by then is kept and reported.

use tokio::sync::watch;

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
pub struct Stopper(watch::Sender<Option<StopReason>>);

/// Hears of the end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<StopReason>>);

impl Stop {
    /// The two ends. Dropping the [`Stopper`] stops nothing.
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(None);
        (Stopper(sender), Self(receiver))
    }

    /// Waits for the end, for ever if need be.
    pub async fn stopped(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Why the run is to end, if it is.
    pub fn reason(&self) -> Option<StopReason> {
        *self.0.borrow()
    }
}

impl Stopper {
    /// Ends the run. The first reason stands.
    pub fn stop(&self, reason: StopReason) {
        self.0.send_if_modified(|current| match current {
            None => {
                *current = Some(reason);
                true
            }
            Some(_) => false,
        });
    }
}
