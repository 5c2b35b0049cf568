//! Ending a run before all is asked: what is done by then is kept and reported.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};

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
        // From here on no end is missed, whenever it is waited for.
        let mut came = pin!(self.0.came.notified());
        let mut told: Option<Waker> = None;
        poll_fn(|context| {
            if self.reason().is_some() {
                return Poll::Ready(());
            }
            // To be told whom to wake takes a lock that all who wait share: it need not be told again.
            if told.as_ref().is_some_and(|told| told.will_wake(context.waker())) {
                return Poll::Pending;
            }
            told = Some(context.waker().clone());
            came.as_mut().poll(context)
        })
        .await;
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

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn everybody_hears_of_the_end_whether_they_waited_before_it_or_ask_behind_it() {
        let (stopper, stop) = Stop::new();
        let mut waiting = pin!(join_all((0..100).map(|_| stop.stopped())));
        let mut not_yet = pin!(stop.stopped());
        // Whoever is looked at again by the same task has nothing new to hear.
        assert!(poll!(&mut waiting).is_pending());
        assert!(poll!(&mut waiting).is_pending());
        assert_eq!(stop.reason(), None);
        stopper.stop(StopReason::Deadline);
        stopper.stop(StopReason::Interrupted);
        waiting.await;
        not_yet.as_mut().await;
        stop.clone().stopped().await;
        assert_eq!(stop.reason(), Some(StopReason::Deadline), "the first reason stands");
    }

    #[tokio::test]
    async fn an_end_wakes_the_task_that_waits_now_and_not_the_one_that_did_before() {
        let (stopper, stop) = Stop::new();
        let mut stopped = Box::pin(async move { stop.stopped().await });
        assert!(poll!(&mut stopped).is_pending());
        let other = tokio::spawn(stopped);
        tokio::task::yield_now().await;
        stopper.stop(StopReason::Interrupted);
        other.await.unwrap();
    }
}
