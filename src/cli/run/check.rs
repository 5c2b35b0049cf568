//! `check` and `probe`: from arguments to a report and an exit code.

use super::survey::{document, write};
use crate::check;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::report_writer::ReportWriter;
use crate::cli::{CheckRun, ProbeRun};

pub(super) async fn check(run: CheckRun) -> Result<Exit, CliError> {
    let writer = ReportWriter::open(&run.settings.output)?;
    let document = document(&run.settings, async |settings, surroundings| {
        check::check(&run.assignments, settings, surroundings).await
    })
    .await?;
    write(writer, &document, &run.settings.output)?;
    Ok(Exit::of_check(&document))
}

pub(super) async fn probe(run: ProbeRun) -> Result<Exit, CliError> {
    let writer = ReportWriter::open(&run.settings.output)?;
    let document = document(&run.settings, async |settings, surroundings| {
        check::probe(&run.targets, &run.hello, settings, surroundings).await
    })
    .await?;
    write(writer, &document, &run.settings.output)?;
    Ok(Exit::of_probe(&document))
}
