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

/// How long a run goes on while this machine lets it ask nobody at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often one that has to wait looks whether it may go on.
const LOOK: Duration = Duration::from_millis(50);

/// After so long without want, one more of sixteen is allowed.
const RECOVERY: Duration = Duration::from_secs(1);

/// How many may be at work at a time.
#[derive(Debug)]
pub(super) struct Throttle {
    most: usize,
    allowed: AtomicUsize,
    times: AtomicU64,
    given_up: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When what is missing was noticed, and concurrency lowered, last.
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
    /// Nobody could be asked for a minute: there is no use in going on.
    GiveUp,
}

impl Throttle {
    pub(super) fn new(most: usize) -> Self {
        let state = State { lowered: None, recovered: Instant::now(), starved: None };
        let (allowed, times, given_up) = (AtomicUsize::new(most), AtomicU64::new(0), AtomicBool::new(false));
        Self { most, allowed, times, given_up, state: Mutex::new(state) }
    }

    /// Waits until the worker of this number may take one more; the first always may. False if there is no use in it.
    pub(super) async fn turn(&self, worker: usize) -> bool {
        while worker >= self.allowed.load(Ordering::Relaxed) && !self.has_given_up() {
            sleep(LOOK).await;
            self.recover();
        }
        !self.has_given_up()
    }

    /// Whether this machine could ask nobody for so long that there is no use in going on.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// An endpoint was asked: this machine can.
    pub(super) fn asked(&self) {
        // Without want there is nothing to note, and no lock to take.
        if self.times.load(Ordering::Relaxed) > 0 {
            self.lock().starved = None;
            self.recover();
        }
    }

    /// This machine could not ask for want of something, for the `attempt`th time at this target. Waits.
    pub(super) async fn wanted(&self, attempt: u32) -> Want {
        let is_first = self.times.fetch_add(1, Ordering::Relaxed) == 0;
        let pause = (SHORTEST_PAUSE * 2_u32.saturating_pow(attempt.min(16))).min(LONGEST_PAUSE);
        {
            let now = Instant::now();
            let mut state = self.lock();
            if now.duration_since(*state.starved.get_or_insert(now)) > PATIENCE {
                self.given_up.store(true, Ordering::Relaxed);
                return Want::GiveUp;
            }
            // Of those that hit the same wall at the same time, one lowers the number.
            if state.lowered.is_none_or(|lowered| now.duration_since(lowered) > LOOK) {
                state.lowered = Some(now);
                state.recovered = now;
                let allowed = self.allowed.load(Ordering::Relaxed);
                self.allowed.store((allowed / 2).max(1), Ordering::Relaxed);
            }
        }
        sleep(pause).await;
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

    #[tokio::test(start_paused = true)]
    async fn want_halves_the_number_once_and_time_brings_it_back() {
        let throttle = Throttle::new(64);
        let (one, two) = tokio::join!(throttle.wanted(0), throttle.wanted(0));
        assert_eq!((one, two), (Want::AskAgain { is_first: true }, Want::AskAgain { is_first: false }));
        assert_eq!(throttle.allowed.load(Ordering::Relaxed), 32);
        for _ in 0..100 {
            throttle.asked();
            sleep(RECOVERY + LOOK).await;
        }
        assert_eq!(throttle.allowed.load(Ordering::Relaxed), 64);
        assert!(throttle.turn(63).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_beyond_the_number_waits_and_the_first_never_does() {
        let throttle = Throttle::new(4);
        for _ in 0..5 {
            throttle.wanted(0).await;
        }
        let before = Instant::now();
        assert!(throttle.turn(0).await);
        assert_eq!(before.elapsed(), Duration::ZERO);
        throttle.asked();
        assert!(throttle.turn(3).await);
        assert!(before.elapsed() > RECOVERY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_can_ask_nobody_for_a_minute_is_given_up() {
        let throttle = Throttle::new(4);
        let start = Instant::now();
        while throttle.wanted(9).await != Want::GiveUp {
            assert!(start.elapsed() < PATIENCE * 2);
        }
        assert!(start.elapsed() >= PATIENCE);
        assert!(!throttle.turn(0).await);
        let throttle = Throttle::new(4);
        for _ in 0..100 {
            throttle.wanted(9).await;
            throttle.asked();
        }
        assert!(matches!(throttle.wanted(9).await, Want::AskAgain { .. }));
    }
}
