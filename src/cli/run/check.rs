//! `check` and `probe`: from arguments to a report and an exit code.

use super::survey::report;
use crate::check;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::{CheckRun, ProbeRun};
use crate::question::{Finish, Question};

pub(super) async fn check(run: CheckRun) -> Result<Exit, CliError> {
    let CheckRun { assignments, parts, settings } = run;
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::check(&assignments, &parts, settings, surroundings).await
    })
    .await
}

pub(super) async fn probe(run: ProbeRun) -> Result<Exit, CliError> {
    let ProbeRun { targets, hello, finish, repeat, settings } = run;
    let question = Question { finish: finish.then(Finish::default), ..Question::new("hello", hello) };
    report(&settings, Exit::of_probe, async |settings, surroundings| {
        check::probe(&targets, &question, repeat, settings, surroundings).await
    })
    .await
}
