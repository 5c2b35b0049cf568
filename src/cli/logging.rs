//! What the program says of its own work: tracing, on stderr, never among the report.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::color::ColorChoice;

/// How much is logged, and in what form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    /// The least that is worth a line.
    pub level: LevelFilter,
    /// One JSON object a line, for a log collector.
    pub json: bool,
}

impl Logging {
    /// The level of that many `-v`, or of `-q`.
    pub(super) fn new(verbose: u8, quiet: bool, json: bool) -> Self {
        let level = match (quiet, verbose) {
            (true, _) => LevelFilter::ERROR,
            (false, 0) => LevelFilter::WARN,
            (false, 1) => LevelFilter::INFO,
            (false, 2) => LevelFilter::DEBUG,
            (false, _) => LevelFilter::TRACE,
        };
        Self { level, json }
    }

    /// Logs from now on. A log that is there already, as an embedding program's, stays.
    pub(super) fn start(self, color: ColorChoice) {
        let text = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let layer = if self.json {
            text.json().boxed()
        } else {
            text.with_ansi(color.colors(io::stderr().is_terminal())).boxed()
        };
        tracing_subscriber::registry().with(layer.with_filter(self.filter())).try_init().ok();
    }

    /// Crates beneath this one speak up only about trouble, until everything is wanted.
    fn filter(self) -> Targets {
        let others = if self.level == LevelFilter::TRACE { self.level } else { self.level.min(LevelFilter::WARN) };
        Targets::new().with_target(env!("CARGO_CRATE_NAME"), self.level).with_default(others)
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn each_v_says_more_and_q_says_less() {
        let level = |verbose, quiet| Logging::new(verbose, quiet, false).level;
        assert_eq!(level(0, true), LevelFilter::ERROR);
        assert_eq!(
            [0, 1, 2, 3, 9].map(|verbose| level(verbose, false)),
            [LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG, LevelFilter::TRACE, LevelFilter::TRACE]
        );
    }

    #[test]
    fn the_crates_beneath_are_heard_with_trouble_or_when_everything_is_wanted() {
        let heard =
            |verbose, target: &str, level| Logging::new(verbose, false, false).filter().would_enable(target, &level);
        assert!(heard(2, "tlsprobe::exchange", Level::DEBUG));
        assert!(!heard(2, "hickory_resolver", Level::INFO));
        assert!(heard(2, "hickory_resolver", Level::WARN));
        assert!(heard(3, "hickory_resolver", Level::TRACE));
    }
}
