//! What a run's exit code says to a scheduler.

use std::process::ExitCode;

use crate::observation::ReflectionVerdict;
use crate::report::{Document, Report};

/// How a run ended. The numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `check`: nothing broken, nothing above `info`. `probe`: every target took up the hello.
    Good = 0,
    /// `check`: an expectation is broken or a finding is above `info`. `probe`: any other answer.
    Bad = 1,
    /// Bad usage, an unreadable file, a failure on this side.
    CouldNotRun = 2,
    /// `check`: nothing broken, but something that was asked could not be told.
    CouldNotTell = 3,
}

impl Exit {
    /// The exit of `check`.
    pub fn of_check(document: &Document) -> Self {
        match Self::of_checked(&document.reports) {
            Self::Good if document.interrupted => Self::CouldNotTell,
            exit => exit,
        }
    }

    /// The same of some of its reports.
    pub fn of_checked(reports: &[Report]) -> Self {
        if reports.iter().any(Report::is_bad) {
            Self::Bad
        } else if reports.iter().any(Report::has_gaps) {
            Self::CouldNotTell
        } else {
            Self::Good
        }
    }

    /// The exit of `probe`.
    pub fn of_probe(document: &Document) -> Self {
        if document.interrupted { Self::Bad } else { Self::of_probed(&document.reports) }
    }

    /// The same of some of its reports. Where it was asked, the hello has to arrive as it was sent. A target that was not
    /// asked, or not to the end, has not answered.
    pub fn of_probed(reports: &[Report]) -> Self {
        let took_up = |report: &Report| {
            !report.exchanges.is_empty() && report.exchanges.iter().all(|exchange| exchange.outcome.answer.accepts())
        };
        let arrived = |report: &Report| {
            let reflection = report.observations.reflection.as_ref();
            reflection.is_none_or(|reflection| reflection.verdict == ReflectionVerdict::Identical)
        };
        if reports.iter().all(|report| took_up(report) && arrived(report)) { Self::Good } else { Self::Bad }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Severity};
    use crate::observation::{ExpectationResult, State};
    use crate::outcome::Exchange;
    use crate::outcome::testing::{accepted, alert};
    use crate::plan::Route;
    use crate::registry::{CipherSuite, ProtocolVersion};

    fn report(exchanges: Vec<Exchange>) -> Report {
        Report {
            target: "a.example".parse().unwrap(),
            pack: None,
            route: Route::direct(),
            addresses_not_asked: Vec::new(),
            connections: exchanges.len(),
            cost: None,
            exchanges,
            observations: Box::default(),
            findings: Vec::new(),
        }
    }

    fn document(interrupted: bool, reports: Vec<Report>) -> Document {
        Document::new("2026-01-01T00:00:00Z".to_owned(), interrupted, reports)
    }

    fn expecting(state: State) -> Report {
        let mut report = report(Vec::new());
        report.observations.expectations.push(ExpectationResult {
            id: "generic-accepts-tls12-or-later".to_owned(),
            text: String::new(),
            state,
            why: String::new(),
            severity: Severity::Warning,
            source: String::new(),
            confidence: String::new(),
            because: Vec::new(),
        });
        report
    }

    fn finding(severity: Severity) -> Report {
        let mut report = report(Vec::new());
        report.findings.push(Finding {
            id: "any".to_owned(),
            severity,
            title: String::new(),
            why: String::new(),
            evidence: Vec::new(),
            because: Vec::new(),
            windows_symptoms: Vec::new(),
            remedy: Vec::new(),
            confidence: String::new(),
            disproved_by: String::new(),
        });
        report
    }

    #[test]
    fn a_check_is_bad_where_anything_is_broken_whatever_else_could_not_be_told() {
        let exit = |reports| Exit::of_check(&document(false, reports));
        assert_eq!(exit(vec![expecting(State::Held), finding(Severity::Info)]), Exit::Good);
        assert_eq!(exit(vec![expecting(State::Held), expecting(State::Inconclusive)]), Exit::CouldNotTell);
        assert_eq!(exit(vec![expecting(State::Inconclusive), expecting(State::Broken)]), Exit::Bad);
        assert_eq!(exit(vec![finding(Severity::Warning)]), Exit::Bad);
    }

    #[test]
    fn a_check_that_could_not_tell_an_observation_says_so() {
        let mut gap = expecting(State::Held);
        gap.observations.could_not_tell("versions.TLS1.3", "timeout", &[1]);
        assert_eq!(Exit::of_check(&document(false, vec![gap])), Exit::CouldNotTell);
    }

    #[test]
    fn an_interrupted_check_tells_no_more_than_what_is_broken() {
        assert_eq!(Exit::of_check(&document(true, vec![expecting(State::Held)])), Exit::CouldNotTell);
        assert_eq!(Exit::of_check(&document(true, vec![expecting(State::Broken)])), Exit::Bad);
    }

    #[test]
    fn a_probe_is_good_where_every_target_took_up_the_hello() {
        let hello = || accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xC030));
        let exit = |interrupted, reports| Exit::of_probe(&document(interrupted, reports));
        assert_eq!(exit(false, vec![report(vec![hello()]), report(vec![hello()])]), Exit::Good);
        assert_eq!(exit(false, vec![report(vec![hello()]), report(vec![alert(1, 40)])]), Exit::Bad);
        assert_eq!(exit(false, vec![report(Vec::new())]), Exit::Bad);
        assert_eq!(exit(true, vec![report(vec![hello()])]), Exit::Bad);
    }
}
