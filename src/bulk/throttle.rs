//! What becomes of a run when this machine runs out of ports, descriptors or memory for sockets: fewer at a time, a
//! pause, and the target is asked again. It is no outcome of the endpoint's.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The first pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a run goes on while this machine lets it ask nobody at all: ports are kept for a minute behind a connection.
const PATIENCE: Duration = Duration::from_mins(3);

/// How often one that has to wait looks whether it may go on.
const LOOK: Duration = Duration::from_millis(20);

/// The number is lowered once in this time, and not by each of those that hit the same wall.
const ONE_WALL: Duration = Duration::from_millis(50);

/// After so long without want, one more of sixteen is allowed.
const RECOVERY: Duration = Duration::from_secs(1);

/// How many may be asked at a time.
#[derive(Debug)]
pub(super) struct Throttle {
    most: usize,
    allowed: AtomicUsize,
    asking: AtomicUsize,
    times: AtomicU64,
    given_up: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the number was lowered last.
    lowered: Option<Instant>,
    recovered: Instant,
    /// Since when nobody could be asked.
    starved: Option<Instant>,
}

/// What to do about a want of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Ask again. The flag is set the first time.
    AskAgain { is_first: bool },
    /// Nobody could be asked for so long that there is no use in going on.
    GiveUp,
}

impl Throttle {
    pub(super) fn new(most: usize) -> Self {
        let state = State { lowered: None, recovered: Instant::now(), starved: None };
        Self {
            most,
            allowed: AtomicUsize::new(most),
            asking: AtomicUsize::new(0),
            times: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// Waits until one more may be asked, who is until this is told by [`Self::asked`] or [`Self::wanted`]. False if
    /// there is no use in it.
    pub(super) async fn enter(&self) -> bool {
        loop {
            if self.has_given_up() {
                return false;
            }
            let allowed = self.allowed.load(Ordering::Relaxed);
            let one_more = |asking: usize| (asking < allowed).then_some(asking + 1);
            if self.asking.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok() {
                return true;
            }
            sleep(LOOK).await;
            self.recover();
        }
    }

    /// Whether this machine could ask nobody for so long that there is no use in going on.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// One was asked: this machine can.
    pub(super) fn asked(&self) {
        self.asking.fetch_sub(1, Ordering::Relaxed);
        // Without want there is nothing to note, and no lock to take.
        if self.times() > 0 {
            self.lock().starved = None;
            self.recover();
        }
    }

    /// This machine could not ask one for want of something, for the `attempt`th time. Waits a while.
    pub(super) async fn wanted(&self, attempt: u32) -> Want {
        let others = self.asking.fetch_sub(1, Ordering::Relaxed).saturating_sub(1);
        let is_first = self.times.fetch_add(1, Ordering::Relaxed) == 0;
        {
            let now = Instant::now();
            let mut state = self.lock();
            if now.duration_since(*state.starved.get_or_insert(now)) > PATIENCE {
                self.given_up.store(true, Ordering::Relaxed);
                return Want::GiveUp;
            }
            if state.lowered.is_none_or(|lowered| now.duration_since(lowered) > ONE_WALL) {
                state.lowered = Some(now);
                state.recovered = now;
                // As many as there was enough for, and a little less.
                let enough = others.min(self.allowed.load(Ordering::Relaxed));
                self.allowed.store((enough - enough / 4).max(1), Ordering::Relaxed);
            }
        }
        sleep((SHORTEST_PAUSE * 2_u32.saturating_pow(attempt.min(16))).min(LONGEST_PAUSE)).await;
        Want::AskAgain { is_first }
    }

    /// Times that something was missing.
    pub(super) fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    fn recover(&self) {
        let allowed = self.allowed.load(Ordering::Relaxed);
        if allowed >= self.most {
            return;
        }
        let now = Instant::now();
        let mut state = self.lock();
        if state.starved.is_none() && now.duration_since(state.recovered) > RECOVERY {
            state.recovered = now;
            self.allowed.store((allowed + allowed / 16 + 1).min(self.most), Ordering::Relaxed);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn enter(throttle: &Throttle, times: usize) {
        for _ in 0..times {
            assert!(throttle.enter().await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn want_lowers_the_number_once_and_time_brings_it_back() {
        let throttle = Throttle::new(64);
        enter(&throttle, 64).await;
        let (one, two) = tokio::join!(throttle.wanted(0), throttle.wanted(0));
        assert_eq!((one, two), (Want::AskAgain { is_first: true }, Want::AskAgain { is_first: false }));
        assert_eq!(throttle.allowed.load(Ordering::Relaxed), 48);
        for _ in 0..62 {
            throttle.asked();
            sleep(RECOVERY + LOOK).await;
        }
        assert_eq!(throttle.allowed.load(Ordering::Relaxed), 64);
        let before = Instant::now();
        enter(&throttle, 64).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_one_too_many_waits_until_another_is_done() {
        let throttle = Throttle::new(4);
        enter(&throttle, 3).await;
        throttle.wanted(0).await;
        let ((), waited) = tokio::join!(
            async {
                sleep(Duration::from_millis(500)).await;
                throttle.asked();
            },
            async {
                let before = Instant::now();
                enter(&throttle, 1).await;
                before.elapsed()
            }
        );
        assert!((490..=520).contains(&waited.as_millis()), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_can_ask_nobody_for_minutes_is_given_up() {
        let throttle = Throttle::new(4);
        let start = Instant::now();
        while throttle.enter().await && throttle.wanted(9).await != Want::GiveUp {
            assert!(start.elapsed() < PATIENCE * 2);
        }
        assert!(start.elapsed() >= PATIENCE);
        assert!(!throttle.enter().await);
        let throttle = Throttle::new(4);
        for _ in 0..200 {
            enter(&throttle, 1).await;
            throttle.wanted(9).await;
            enter(&throttle, 1).await;
            throttle.asked();
        }
        enter(&throttle, 1).await;
        assert!(matches!(throttle.wanted(9).await, Want::AskAgain { .. }));
    }
}
