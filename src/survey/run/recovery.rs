//! What to do with an endpoint that stops answering: leave it alone for a while, ask more slowly, and ask again.

use tracing::info;

use super::{Run, at};
use crate::observation::SlowedDown;
use crate::outcome::{Exchange, Stage};
use crate::probe::{Unasked, is_alive};
use crate::survey::SurveyError;
use crate::survey::path::Path;

/// Why questions stay unasked when an endpoint was given up.
const GONE: &str = "the endpoint stopped answering";

impl Run<'_> {
    /// The closing baseline was asked. True if the endpoint had stopped answering and came back, so that there is more to
    /// ask: what it left without an answer.
    pub(super) async fn recovers(&mut self, path: &Path) -> Result<bool, SurveyError> {
        let alive = |run: &Self, place| at(&run.exchanges, place).is_some_and(is_alive);
        if !alive(self, self.opening) {
            return Ok(false);
        }
        let why = match () {
            () if self.control.has_failed() => "it refused what it had answered before",
            () if self.pace.is_in_trouble() => "connections failed",
            () if self.closing.is_some() && !alive(self, self.closing) => "it stopped answering",
            () => return Ok(false),
        };
        let affected = self.without_answer();
        if !self.answers_again(path).await? {
            self.unasked.get_or_insert_with(|| Unasked::Stopped(GONE.to_owned()));
            self.lanes.give_up(&affected);
            return Ok(false);
        }
        info!(target = %self.plan.target, affected = affected.len(), "asks more slowly, and again");
        let asked_again = self.lanes.forget(&affected, &self.questions);
        // They are dealt with: should there be more trouble, it is not theirs again.
        for place in &affected {
            if let Some(question) = self.questions.get_mut(*place) {
                *question = None;
            }
        }
        let slowed_down = self.slowed_down.get_or_insert_with(|| SlowedDown::new(why));
        slowed_down.asked_again += asked_again;
        slowed_down.because.extend(affected.iter().map(|place| place + 1));
        Ok(asked_again > 0 || self.lanes.has_waiting())
    }

    /// Waits until the baseline is answered, ever longer. False if it is not, or the run ends.
    async fn answers_again(&mut self, path: &Path) -> Result<bool, SurveyError> {
        while self.unasked.is_none() {
            if at(&self.exchanges, self.closing).is_some_and(is_alive) {
                return Ok(self.pace.settle());
            }
            let Some(pause) = self.pace.slow_down() else { break };
            tokio::select! {
                biased;
                () = self.context.stop.stopped() => self.stopped(),
                () = tokio::time::sleep(pause) => self.closing = self.ask_baseline(path).await?,
            }
        }
        Ok(false)
    }

    /// The exchanges that may say nothing of the endpoint but that it had enough: those that came to no connection, and
    /// all that ended without a word since it last said one.
    pub(super) fn without_answer(&mut self) -> Vec<usize> {
        let mut affected = self.control.take_suspects();
        let exchanges = || self.exchanges.iter().enumerate().filter_map(|(place, it)| Some((place, it.as_deref()?)));
        // Baselines and controls are nobody's.
        let is_asked_by_a_probe = |place: usize| self.questions.get(place).is_some_and(Option::is_some);
        let last_word = exchanges()
            .filter(|(place, it)| is_alive(it) && Some(*place) != self.closing)
            .map(|(place, _)| place)
            .max();
        let lost = |(place, exchange): &(usize, &Exchange)| {
            let is_silent = !is_alive(exchange) && Some(*place) > last_word;
            (is_silent || exchange.outcome.stage == Stage::Connect) && is_asked_by_a_probe(*place)
        };
        affected.extend(exchanges().filter(lost).map(|(place, _)| place));
        affected.sort_unstable();
        affected.dedup();
        affected
    }
}
