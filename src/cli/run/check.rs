//! `check` and `probe`: from arguments to a report and an exit code.

use super::survey::report;
use crate::check;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::{CheckRun, FindOut, ProbeRun};
use crate::question::Hello;

pub(super) async fn check(run: CheckRun) -> Result<Exit, CliError> {
    let CheckRun { assignments, settings } = run;
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::check(&assignments, settings, surroundings).await
    })
    .await
}

pub(super) async fn probe(run: ProbeRun) -> Result<Exit, CliError> {
    let ProbeRun { targets, hello, find_out, repeat, settings } = run;
    report(&settings, Exit::of_probe, async |settings, surroundings| match (find_out, &hello) {
        (FindOut::Reflection, _) => check::probe_reflection(&targets, &hello, settings, surroundings).await,
        (FindOut::HelloSizes, Hello::Built(offer)) => {
            check::sweep_hello_sizes(&targets, offer, settings, surroundings).await
        }
        (FindOut::Answer | FindOut::HelloSizes, _) => {
            check::probe(&targets, &hello, repeat, settings, surroundings).await
        }
    })
    .await
}
