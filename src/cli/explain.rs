//! `explain`: a word that is a code or a rule is told at once; any other word is a file.

use std::path::Path;

use super::args::TargetArgs;
use super::list::ListFormat;
use super::message::CliError;
use super::settings::Settings;
use super::words;
use crate::explain::{self, Kind, text};
use crate::machine::Machine;
use crate::pack::Assignment;

/// `explain`.
#[derive(Clone, Debug)]
pub struct ExplainRun {
    /// What was typed.
    pub words: Vec<String>,
    /// What it is said to be.
    pub kind: Option<Kind>,
    /// Text or JSON.
    pub format: ListFormat,
    /// What the options tell of the machine that a file is of.
    pub machine: Option<Machine>,
    /// How to ask what a log points to, where that is wanted.
    pub probe: Option<LogProbe>,
    /// Whether a terminal is told how far the reading has come.
    pub progress: bool,
}

/// How to ask the hosts that a log points to.
#[derive(Clone, Debug)]
pub struct LogProbe {
    /// How they are reached.
    pub settings: Settings,
    /// What is sent to them in place of what their names say.
    pub(super) target: TargetArgs,
}

impl LogProbe {
    /// Whom to ask, of these words for `check`.
    pub(super) fn assignments(&self, words: &[String]) -> Result<Vec<Assignment>, CliError> {
        let named = |assignment: Assignment| Assignment { target: self.target.named(assignment.target), ..assignment };
        Ok(words::assignments(words, self.target.port())?.into_iter().map(named).collect())
    }
}

/// What is to be explained.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// This is the answer.
    Told(String),
    /// It stands in this file; `-` is standard input.
    File(String),
}

impl ExplainRun {
    /// A rule, or every reading of a code, as it is to be printed; else the file of that name.
    pub(super) fn subject(&self) -> Result<Subject, CliError> {
        let word = self.words.join(" ");
        if self.kind.is_none() && self.words.len() == 1 && word == "-" {
            return Ok(Subject::File(word));
        }
        match self.told(&word) {
            Ok(told) => Ok(Subject::Told(told)),
            Err(_) if self.is_file(&word) => Ok(Subject::File(word)),
            Err(unknown) => Err(CliError::new(unknown.to_string())
                .advise("a code as it stands in the log, a rule (tlsprobe list rules), or the path of a log")),
        }
    }

    fn told(&self, word: &str) -> Result<String, explain::UnknownCode> {
        if let (None, Some(rule)) = (self.kind, explain::rule(word)) {
            return Ok(self.form(&rule, || text::rule_lines(rule)));
        }
        let explanations = match self.kind {
            Some(kind) => explain::code_as(word, kind)?,
            None => explain::code(word)?,
        };
        Ok(self.form(&explanations, || text::all_lines(&explanations)))
    }

    /// Whether a word is meant for a path: it leads to something, or it looks as paths do.
    fn is_file(&self, word: &str) -> bool {
        let looks_like_one = || {
            let extension = Path::new(word).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            word.contains(['/', '\\'])
                || ["log", "lo_", "txt", "csv", "xml", "evtx", "html", "htm", "json", "reg"]
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
        };
        self.kind.is_none() && self.words.len() == 1 && (Path::new(word).exists() || looks_like_one())
    }

    /// In the form that was asked for.
    pub(super) fn form(&self, data: &impl serde::Serialize, lines: impl FnOnce() -> Vec<String>) -> String {
        match self.format {
            ListFormat::Text => lines().join("\n") + "\n",
            ListFormat::Json => format!("{:#}\n", serde_json::json!(data)),
        }
    }
}
