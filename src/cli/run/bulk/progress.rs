//! How far a run is, on stderr: a bar on a terminal, a line each ten seconds elsewhere, and a summary at the end.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use crate::bulk::{Ended, Progress, Tally};

/// How often the bar is drawn.
const BAR: Duration = Duration::from_millis(500);

/// How often a line is told where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// What rates are told of.
const WINDOW: Duration = Duration::from_secs(10);

/// Tells how far a run is while it goes on.
pub(super) struct Watch {
    bar: Option<ProgressBar>,
    telling: Option<JoinHandle<()>>,
    begun: Instant,
    before: u64,
    is_wanted: bool,
}

impl Watch {
    /// Tells of a run of which so many targets were done before.
    pub(super) fn start(progress: Arc<Progress>, is_wanted: bool, before: u64) -> Self {
        let is_terminal = is_wanted && io::stderr().is_terminal();
        let bar = is_terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let telling = is_wanted.then(|| tokio::spawn(tell(progress, bar.clone(), before)));
        Self { bar, telling, begun: Instant::now(), before, is_wanted }
    }

    /// Writes a line of its own.
    pub(super) fn line(&self) -> impl Fn(&str) + Send + Sync + use<> {
        let bar = self.bar.clone();
        move |text| {
            let write = || _ = writeln!(io::stderr(), "{text}");
            match &bar {
                Some(bar) => bar.suspend(write),
                None => write(),
            }
        }
    }

    /// Ends, with a summary.
    pub(super) fn end(self, ended: &Ended, state: Option<&Path>) {
        if let Some(telling) = self.telling {
            telling.abort();
        }
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        if self.is_wanted {
            let Ended { tally, is_stopped, failure } = ended;
            let (done, is_stopped) = (tally.targets.saturating_sub(self.before), *is_stopped);
            writeln!(io::stderr(), "{}", summary(tally, done, self.begun.elapsed())).ok();
            if failure.is_none() && !is_stopped && self.before > 0 && done + tally.unasked == 0 {
                writeln!(io::stderr(), "nothing is left to do: all {} targets are done", grouped(tally.targets)).ok();
            }
            match state {
                Some(state) if is_stopped => {
                    writeln!(io::stderr(), "stopped; the same command goes on, by {}", state.display()).ok();
                }
                None if is_stopped => _ = writeln!(io::stderr(), "stopped before all was asked"),
                _ => {}
            }
        }
    }
}

async fn tell(progress: Arc<Progress>, bar: Option<ProgressBar>, before: u64) {
    let mut ticks = tokio::time::interval(if bar.is_some() { BAR } else { LINE });
    let mut seen = VecDeque::from([(Instant::now(), before)]);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let (tally, now) = (progress.tally(), Instant::now());
        while seen.len() > 1 && seen.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW) {
            seen.pop_front();
        }
        let rate = seen.front().map_or(0.0, |(at, done)| {
            float(tally.targets.saturating_sub(*done)) / now.duration_since(*at).as_secs_f64().max(1e-3)
        });
        seen.push_back((now, tally.targets));
        let text = progress_line(&tally, progress.total(), rate);
        match &bar {
            Some(bar) => {
                bar.set_message(text);
                bar.tick();
            }
            None => _ = writeln!(io::stderr(), "{text}"),
        }
    }
}

/// `1,200 of 5,000 done (24 %), 812/s, 5 s left: server_hello 1,100, timeout 100`.
fn progress_line(tally: &Tally, total: Option<u64>, rate: f64) -> String {
    let done = tally.targets;
    let mut line = grouped(done);
    if let Some(total) = total.filter(|total| *total > 0) {
        let share = done.saturating_mul(100) / total;
        write!(line, " of {} done ({share} %)", grouped(total)).ok();
    } else {
        line.push_str(" done");
    }
    write!(line, ", {}/s", in_groups(&format!("{:.0}", rate.round()))).ok();
    if let Some(left) = total.map(|total| total.saturating_sub(done)).filter(|left| *left > 0 && rate > 0.0) {
        write!(line, ", {} left", spoken(float(left) / rate)).ok();
    }
    line + &kinds(tally)
}

fn kinds(tally: &Tally) -> String {
    let kinds = tally.by_frequency();
    let told: Vec<String> = kinds.iter().map(|(kind, number)| format!("{kind} {}", grouped(*number))).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

fn summary(tally: &Tally, done: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let rate = float(done) / seconds.max(1e-3);
    let mut text = format!(
        "{} targets done in {} ({}/s)",
        grouped(done),
        spoken(seconds),
        in_groups(&format!("{:.0}", rate.round()))
    );
    if tally.targets > done {
        write!(text, ", {} with those of before", grouped(tally.targets)).ok();
    }
    text += &kinds(tally);
    let rest = [
        (tally.excluded, "left out"),
        (tally.unchanged, "as before, not reported"),
        (tally.bad_lines, "lines that could not be understood"),
        (tally.unasked, "targets that this machine could not ask"),
        (tally.slowed, "times that this machine was short of something, and asked again"),
    ];
    for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
        write!(text, "\n  {} {what}", grouped(number)).ok();
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "what is told of rates has a few digits")]
fn float(number: u64) -> f64 {
    number as f64
}

/// `12,345`.
fn grouped(number: u64) -> String {
    in_groups(&number.to_string())
}

fn in_groups(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3.2 s`, `5 min 20 s`, `2 h 3 min`.
fn spoken(seconds: f64) -> String {
    let whole = Duration::try_from_secs_f64(seconds + 0.5).unwrap_or(Duration::MAX).as_secs();
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> Tally {
        let kinds = [("timeout".to_owned(), 100), ("server_hello".to_owned(), 1100)].into();
        Tally { targets: 1200, reports: 1200, kinds, bad_lines: 2, slowed: 1, ..Tally::default() }
    }

    #[test]
    fn a_line_tells_how_far_how_fast_how_long_and_what_came() {
        assert_eq!(
            progress_line(&tally(), Some(5000), 812.4),
            "1,200 of 5,000 done (24 %), 812/s, 4.7 s left: server_hello 1,100, timeout 100"
        );
        assert_eq!(progress_line(&Tally::default(), None, 0.0), "0 done, 0/s");
    }

    #[test]
    fn the_summary_names_what_went_wrong() {
        let text = summary(&tally(), 200, Duration::from_secs(400));
        assert_eq!(
            text,
            "200 targets done in 6 min 40 s (1/s), 1,200 with those of before: server_hello 1,100, timeout 100\n  2 \
             lines that could not be understood\n  1 times that this machine was short of something, and asked again"
        );
    }

    #[test]
    fn numbers_and_times_are_written_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.04, 59.7, 3599.0, 7380.0].map(spoken), ["0.0 s", "1 min 0 s", "59 min 59 s", "2 h 3 min"]);
    }
}
