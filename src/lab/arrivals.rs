//! How many connections an endpoint has had of late, for those that limit them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::script::Allowance;

/// When connections came, as far back as a limit looks.
#[derive(Default)]
pub(super) struct Arrivals(Mutex<VecDeque<Instant>>);

/// The most that is remembered; the oldest goes first.
const MAX_ARRIVALS: usize = 1024;

impl Arrivals {
    /// Whether there is room for one more, which takes it. One that is turned away takes none, so that a client is let in
    /// again however often it knocks.
    pub(super) fn admits(&self, allowance: Allowance) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut lately, allowance);
        let admits = lately.len() < allowance.connections;
        if admits {
            lately.push_back(Instant::now());
        }
        admits
    }

    /// Takes one more, and says how many that are too many.
    pub(super) fn beyond(&self, allowance: Allowance) -> u32 {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut lately, allowance);
        lately.push_back(Instant::now());
        u32::try_from(lately.len().saturating_sub(allowance.connections)).unwrap_or(u32::MAX)
    }
}

fn forget(lately: &mut VecDeque<Instant>, allowance: Allowance) {
    while lately.len() >= MAX_ARRIVALS || lately.front().is_some_and(|came| came.elapsed() >= allowance.within) {
        lately.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    const TWO: Allowance = Allowance { connections: 2, within: Duration::from_millis(100) };

    #[tokio::test(start_paused = true)]
    async fn so_many_are_let_in_and_more_when_time_has_gone_by() {
        let arrivals = Arrivals::default();
        assert_eq!([(); 4].map(|()| arrivals.admits(TWO)), [true, true, false, false]);
        advance(TWO.within).await;
        assert_eq!([(); 3].map(|()| arrivals.admits(TWO)), [true, true, false], "who was turned away is not counted");
    }

    #[tokio::test(start_paused = true)]
    async fn each_one_too_many_is_one_more_than_the_last() {
        let arrivals = Arrivals::default();
        assert_eq!([(); 4].map(|()| arrivals.beyond(TWO)), [0, 0, 1, 2]);
        advance(TWO.within).await;
        assert_eq!(arrivals.beyond(TWO), 0);
        for _ in 0..2 * MAX_ARRIVALS {
            arrivals.beyond(TWO);
        }
        assert_eq!(arrivals.beyond(TWO) as usize, MAX_ARRIVALS - TWO.connections, "what is remembered is bounded");
    }
}
