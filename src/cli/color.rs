//! Whether to write in colour.

use std::ffi::OsStr;

use clap::ValueEnum;

/// What `--color` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, as for `less -R`.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether to colour what goes to a stream that is a terminal or not.
    pub fn colors(self, to_terminal: bool) -> bool {
        let variable = |name| std::env::var_os(name);
        self.decide(to_terminal, variable("NO_COLOR").as_deref(), variable("TERM").as_deref())
    }

    /// An option says more than the environment (<https://no-color.org>).
    fn decide(self, to_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => to_terminal && no_color.is_none_or(OsStr::is_empty) && term != Some(OsStr::new("dumb")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_is_for_terminals_that_want_it() {
        let auto = |to_terminal, no_color: Option<&str>, term: Option<&str>| {
            ColorChoice::Auto.decide(to_terminal, no_color.map(OsStr::new), term.map(OsStr::new))
        };
        assert!(auto(true, None, Some("xterm")));
        assert!(auto(true, Some(""), None));
        assert!(!auto(false, None, Some("xterm")));
        assert!(!auto(true, Some("1"), Some("xterm")));
        assert!(!auto(true, None, Some("dumb")));
    }

    #[test]
    fn an_option_overrides_the_environment() {
        assert!(ColorChoice::Always.decide(false, Some(OsStr::new("1")), None));
        assert!(!ColorChoice::Never.decide(true, None, None));
    }
}
