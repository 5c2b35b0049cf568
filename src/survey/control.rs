//! Whether a RST or FIN refuses the hello that it answers, or is all that anybody gets for now.
//!
//! An endpoint that has had enough of us resets whatever comes, and may answer again before the run ends. So RSTs and FINs
//! in a row are followed by a control, the question that it had answered at first. What was asked after them and is
//! answered shows that they were meant; where the control fails too, they tell nothing, nor do those before them.

use crate::outcome::{Answer, Exchange, Stage};
use crate::probe::is_alive;

/// So many endings in a row may well be refusals: questions of other probes, asked later and answered, mostly follow them.
const FIRST: usize = 3;

/// The most in a row before the next control, however often controls were answered.
const MOST: usize = 24;

/// The endings that say nothing but that the endpoint wants no more of it.
#[derive(Debug)]
pub(super) struct Control {
    /// All of them since the endpoint was last in trouble.
    suspects: Vec<usize>,
    /// Of those, the ones after which nothing was asked yet that was answered.
    unexplained: Vec<usize>,
    /// The last place whose question was answered.
    answered: usize,
    /// After so many the endpoint is asked whether it still answers.
    due_after: usize,
    under_way: Option<usize>,
    has_failed: bool,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            suspects: Vec::new(),
            unexplained: Vec::new(),
            answered: 0,
            due_after: FIRST,
            under_way: None,
            has_failed: false,
        }
    }

    /// Whether to ask now.
    pub(super) fn is_due(&self) -> bool {
        self.under_way.is_none() && self.unexplained.len() >= self.due_after
    }

    /// The control is asked, in this place.
    pub(super) fn starts(&mut self, place: usize) {
        self.under_way = Some(place);
    }

    /// The answer in this place came.
    pub(super) fn hears(&mut self, place: usize, exchange: &Exchange) {
        let is_control = self.under_way == Some(place);
        if is_control {
            self.under_way = None;
            self.has_failed |= !is_alive(exchange);
            self.due_after = (self.due_after * 2).min(MOST);
        }
        if is_alive(exchange) {
            self.answered = self.answered.max(place);
            self.unexplained.retain(|unexplained| *unexplained > place);
        } else if !is_control && is_without_a_word(exchange) {
            self.suspects.push(place);
            self.unexplained.extend((place > self.answered).then_some(place));
        }
    }

    /// Whether a control was not answered.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The endpoint was in trouble: all RSTs and FINs up to now tell nothing, even those that seemed to be explained.
    pub(super) fn take_suspects(&mut self) -> Vec<usize> {
        std::mem::replace(self, Self::new()).suspects
    }
}

fn is_without_a_word(exchange: &Exchange) -> bool {
    let ended = &exchange.outcome;
    matches!(ended.stage, Stage::Starttls | Stage::Hello)
        && matches!(ended.answer, Answer::Reset { received_bytes: 0, .. } | Answer::Fin { received_bytes: 0, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert, ended};

    fn reset(place: usize) -> Exchange {
        ended(place + 1, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 1.0 })
    }

    /// Hears as many RSTs, one after the other, from this place on; the place after them.
    fn resets(control: &mut Control, from: usize, count: usize) -> usize {
        for place in from..from + count {
            assert!(!control.is_due(), "{place}");
            control.hears(place, &reset(place));
        }
        from + count
    }

    #[test]
    fn a_server_that_resets_now_and_then_is_never_asked_a_control() {
        let mut control = Control::new();
        for place in (1..100).step_by(3) {
            resets(&mut control, place, 2);
            control.hears(place + 2, &alert(place + 3, 40));
            assert!(!control.is_due());
        }
    }

    #[test]
    fn an_answer_to_what_was_asked_before_explains_nothing() {
        let mut control = Control::new();
        for place in 2..5 {
            control.hears(place, &reset(place));
        }
        control.hears(1, &alert(2, 40));
        assert!(control.is_due());
        control.hears(9, &alert(10, 40));
        assert!(!control.is_due());
        for place in 5..9 {
            control.hears(place, &reset(place));
        }
        assert!(!control.is_due(), "however late it comes");
    }

    #[test]
    fn controls_that_are_answered_grow_rare() {
        let (mut control, mut place, mut between) = (Control::new(), 1, Vec::new());
        while place < 101 {
            let from = place;
            while !control.is_due() {
                place = resets(&mut control, place, 1);
            }
            between.push(place - from);
            control.starts(place);
            assert!(!control.is_due(), "one at a time");
            control.hears(place, &alert(place + 1, 40));
            place += 1;
        }
        assert_eq!(between, [3, 6, 12, 24, 24, 24, 24]);
        assert!(!control.has_failed());
    }

    #[test]
    fn where_a_control_fails_all_that_was_reset_before_tells_nothing() {
        let mut control = Control::new();
        resets(&mut control, 1, 2);
        control.hears(3, &alert(4, 40));
        resets(&mut control, 4, 3);
        control.starts(7);
        control.hears(7, &reset(7));
        assert!(control.has_failed());
        assert_eq!(control.take_suspects(), [1, 2, 4, 5, 6]);
        assert!(!control.has_failed() && control.take_suspects().is_empty());
    }
}
