//! So many targets a second, evenly: a token bucket that is all but empty.
//!
//! One worker at a time waits for the next token; the others wait for their turn, in their order, so that nobody is
//! woken in vain.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// How much of what was missed may be caught up at once: timers are as coarse as a millisecond.
const SLACK: Duration = Duration::from_millis(5);

/// Gives out tokens at a rate.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// When the next token is due.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many a second.
    pub(super) fn new(per_second: f64) -> Self {
        Self { interval: Duration::from_secs_f64(1.0 / per_second), next: Mutex::new(None) }
    }

    /// Waits for a token.
    pub(super) async fn token(&self) {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let due = next.map_or(now, |due| due.max(now.checked_sub(SLACK).unwrap_or(now)));
        if due > now {
            sleep_until(due).await;
        }
        *next = Some(due + self.interval);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn times(pace: &Arc<Pace>, tokens: usize) -> Vec<Duration> {
        let start = Instant::now();
        let tasks: Vec<_> = (0..tokens)
            .map(|_| {
                let pace = Arc::clone(pace);
                tokio::spawn(async move {
                    pace.token().await;
                    start.elapsed()
                })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.push(task.await.unwrap());
        }
        times.sort_unstable();
        times
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_come_one_by_one_at_the_rate() {
        let times = times(&Arc::new(Pace::new(10.0)), 21).await;
        let whole = times[20].as_millis();
        assert!((2000..2025).contains(&whole), "{times:?}");
        assert!(
            times.windows(2).all(|pair| (99..=101).contains(&pair[1].saturating_sub(pair[0]).as_millis())),
            "{times:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_finer_than_the_clock_is_kept_on_the_average() {
        let times = times(&Arc::new(Pace::new(5000.0)), 5001).await;
        let whole = times[5000].as_millis();
        assert!((990..1010).contains(&whole), "{whole}");
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_not_made_up_for_by_a_burst() {
        let pace = Arc::new(Pace::new(10.0));
        pace.token().await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        let times = times(&pace, 11).await;
        assert!(times[10] >= Duration::from_millis(990), "{times:?}");
    }
}
