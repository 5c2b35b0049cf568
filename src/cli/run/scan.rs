//! `scan`: from arguments to a report and an exit code.

use super::survey::report;
use crate::check;
use crate::cli::ScanRun;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;

pub(super) async fn scan(run: ScanRun) -> Result<Exit, CliError> {
    let ScanRun { targets, parts, settings } = run;
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::scan(&targets, &parts, settings, surroundings).await
    })
    .await
}
