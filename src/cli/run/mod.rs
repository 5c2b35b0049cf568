//! What each command does.

mod bulk;
mod check;
mod demo;
mod explain;
mod interruption;
mod lab;
mod reflect;
mod scan;
mod survey;

use super::Command;
use super::exit::Exit;
use super::message::CliError;
use super::report_writer::ReportWriter;
use super::settings::Output;
use crate::render;

/// Runs a command to its end.
pub(super) fn run(command: Command) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        CliError::new(format!("cannot start the runtime: {error}")).advise("see the limits of this user's processes")
    })?;
    let exit = runtime.block_on(async {
        match command {
            Command::Check(check) => Box::pin(check::check(*check)).await,
            Command::Probe(probe) => Box::pin(check::probe(*probe)).await,
            Command::Scan(scan) => scan::scan(*scan).await,
            Command::Reflect(run) => reflect::reflect(run).await,
            Command::Lab(lab) => lab::lab(lab).await,
            Command::Demo(demo) => demo::demo(demo).await,
            Command::List(list) => print(&list.text(render::schema)?),
            Command::Explain(run) => Box::pin(explain::explain(*run)).await,
        }
    });
    // A read of standard input that nobody ends would be waited for.
    runtime.shutdown_background();
    exit
}

fn print(text: &str) -> Result<Exit, CliError> {
    let mut writer = ReportWriter::open(&Output::default())?;
    writer.write(text)?;
    writer.finish()?;
    Ok(Exit::Good)
}
