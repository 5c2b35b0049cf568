//! How fast an endpoint is asked: as fast as the plan allows, and more slowly once it shows that this is too fast.

use std::time::Duration;

use tokio::time::Instant;

use crate::outcome::{Exchange, Stage};

/// The pause after the first sign of trouble; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How often it is slowed down before an endpoint is given up.
const MOST_PAUSES: u32 = 5;

/// Between the starts of two connections, once the endpoint was in trouble: as much as one pause is shared by so many.
const STARTS_IN_A_PAUSE: u32 = 5;

/// Connections are slow when they take so many times as long as the quickest, and longer than [`SLOW`].
const SLOWER: f64 = 8.0;

/// What no connection takes for its distance alone, in milliseconds.
const SLOW: f64 = 500.0;

/// How many connections at the same time, and how long between their starts.
#[derive(Debug)]
pub(super) struct Pace {
    at_once: usize,
    between_starts: Duration,
    last_start: Option<Instant>,
    /// A connection failed, after others had not.
    in_trouble: bool,
    pauses: u32,
    quickest: Option<f64>,
    slow: u32,
}

impl Pace {
    pub(super) fn new(at_once: usize, between_starts: Duration) -> Self {
        Self {
            at_once: at_once.max(1),
            between_starts,
            last_start: None,
            in_trouble: false,
            pauses: 0,
            quickest: None,
            slow: 0,
        }
    }

    /// The most connections at the same time.
    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    /// When the next connection may start, if not now.
    pub(super) fn next_start(&self) -> Option<Instant> {
        if self.between_starts.is_zero() {
            return None;
        }
        self.last_start.map(|last| last + self.between_starts).filter(|next| *next > Instant::now())
    }

    /// A connection starts.
    pub(super) fn starts(&mut self) {
        if !self.between_starts.is_zero() {
            self.last_start = Some(Instant::now());
        }
    }

    /// An exchange ended. One that came to no connection, with an endpoint that had answered, is a sign that it wants no
    /// more for now; ever slower connections are a sign that it soon won't.
    pub(super) fn hears(&mut self, exchange: &Exchange, has_answered: bool) {
        if has_answered && exchange.outcome.stage == Stage::Connect {
            self.in_trouble = true;
        }
        let Some(took) = exchange.timing_ms.connect else { return };
        let quickest = self.quickest.map_or(took, |quickest| quickest.min(took));
        self.quickest = Some(quickest);
        self.slow = if took > SLOW && took > quickest * SLOWER { self.slow + 1 } else { 0 };
        if self.slow > 1 {
            self.slow = 0;
            self.at_once = (self.at_once / 2).max(1);
        }
    }

    /// The endpoint no longer answers what it had answered.
    pub(super) fn notice_trouble(&mut self) {
        self.in_trouble = true;
    }

    /// Whether connections fail.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.in_trouble
    }

    /// How long to leave the endpoint alone now; none when that was done often enough.
    pub(super) fn slow_down(&mut self) -> Option<Duration> {
        if self.pauses >= MOST_PAUSES {
            return None;
        }
        let pause = FIRST_PAUSE * 2_u32.pow(self.pauses);
        self.pauses += 1;
        self.in_trouble = false;
        self.at_once = (self.at_once / 2).max(1);
        self.between_starts = self.between_starts.max(pause / STARTS_IN_A_PAUSE);
        Some(pause)
    }

    /// The endpoint answers again: what slows down, if nothing did since it was in trouble. False if it has been in trouble
    /// too often to go on.
    pub(super) fn settle(&mut self) -> bool {
        !self.in_trouble || self.slow_down().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Answer;
    use crate::outcome::testing::{alert, ended};

    fn connected(milliseconds: f64) -> Exchange {
        let mut exchange = alert(1, 40);
        exchange.timing_ms.connect = Some(milliseconds);
        exchange
    }

    #[test]
    fn a_refused_connection_is_trouble_only_where_others_came_about() {
        let refused = ended(9, Stage::Connect, Answer::Refused { after_ms: 1.0 });
        let mut pace = Pace::new(8, Duration::ZERO);
        pace.hears(&refused, false);
        assert!(!pace.is_in_trouble());
        pace.hears(&refused, true);
        assert!(pace.is_in_trouble());
        assert!(pace.settle() && !pace.is_in_trouble());
        assert_eq!(pace.at_once(), 4);
    }

    #[test]
    fn connections_that_take_ever_longer_halve_how_many_there_are_at_once() {
        let mut pace = Pace::new(8, Duration::ZERO);
        for took in [50.0, 60.0, 900.0, 55.0, 900.0] {
            pace.hears(&connected(took), true);
        }
        assert_eq!(pace.at_once(), 8, "one slow connection is no sign");
        pace.hears(&connected(1200.0), true);
        assert_eq!(pace.at_once(), 4);
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut pace = Pace::new(8, Duration::ZERO);
        let pauses: Vec<u128> = std::iter::from_fn(|| pace.slow_down()).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000]);
        assert_eq!(pace.at_once(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_start_as_far_apart_as_the_plan_says() {
        let mut pace = Pace::new(8, Duration::from_millis(200));
        assert_eq!(pace.next_start(), None);
        pace.starts();
        assert_eq!(pace.next_start().unwrap() - Instant::now(), Duration::from_millis(200));
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(pace.next_start(), None);
    }
}
