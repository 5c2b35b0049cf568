//! How a failure of ours looks on stderr: what happened and where, what it was needed for, what to do.

use std::fmt;
use std::io::{self, Write};

/// Why nothing could be run, for a person:
///
/// ```text
/// error: cannot read hello.hex: no such file or directory
///   needed for: --hello-hex hello.hex
///   try: give the path of a file that this user can read, or - for standard input
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CliError {
    what: String,
    needed_for: Option<String>,
    advice: Option<String>,
}

impl CliError {
    /// What happened, where, and by what cause.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), needed_for: None, advice: None }
    }

    /// What it was needed for: most often the option that asked for it.
    #[must_use]
    pub fn needed_for(self, purpose: impl Into<String>) -> Self {
        Self { needed_for: Some(purpose.into()), ..self }
    }

    /// What to do about it.
    #[must_use]
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Tells the user. A stderr that is closed changes nothing.
    pub(super) fn print(&self) {
        writeln!(io::stderr(), "error: {self}").ok();
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(purpose) = &self.needed_for {
            write!(f, "\n  needed for: {purpose}")?;
        }
        if let Some(advice) = &self.advice {
            write!(f, "\n  try: {advice}")?;
        }
        Ok(())
    }
}

/// The cause as it stands inside a sentence: `permission denied`.
pub(super) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn any_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_what_for_and_what_to_do() {
        let error = CliError::new("cannot read a.hex: permission denied")
            .needed_for("--hello-hex a.hex")
            .advise("make the file readable for this user");
        assert_eq!(
            error.to_string(),
            "cannot read a.hex: permission denied\n  needed for: --hello-hex a.hex\n  try: make the file readable for \
             this user"
        );
        assert_eq!(CliError::new("no").to_string(), "no");
    }

    #[test]
    fn a_cause_of_the_system_is_told_without_its_number() {
        assert_eq!(cause(&io::Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(cause(&io::Error::other("Odd")), "odd");
    }

    #[test]
    fn choices_read_as_a_sentence() {
        assert_eq!(any_of(&["a"]), "a");
        assert_eq!(any_of(&["a", "b", "c"]), "a, b or c");
    }
}
