//! `lab`: the scripted endpoints, up until they are told to end.

use std::io;

use rand::RngExt;
use time::OffsetDateTime;

use super::interruption::WishesToEnd;
use super::survey::random;
use crate::cli::LabRun;
use crate::cli::exit::Exit;
use crate::cli::message::{CliError, cause};
use crate::cli::report_writer::ReportWriter;
use crate::cli::settings::Output;
use crate::lab::{ENDPOINTS, Endpoint, Lab, Scripted, Settings};

pub(super) async fn lab(run: LabRun) -> Result<Exit, CliError> {
    let settings =
        Settings { base_port: run.first_port, ..Settings::new(OffsetDateTime::now_utc(), random()?.random()) };
    let mut wishes = WishesToEnd::listen();
    let lab = Lab::start_scripted(&chosen(&run.only)?, &settings).await.map_err(|error| not_started(&error))?;
    let mut writer = ReportWriter::open(&Output::default())?;
    writer.write(&listing(&lab))?;
    wishes.next().await;
    Ok(Exit::Good)
}

/// The endpoints of these names; all of them if none is named.
fn chosen(names: &[String]) -> Result<Vec<Scripted>, CliError> {
    if names.is_empty() {
        return Ok(ENDPOINTS.to_vec());
    }
    let find = |name: &String| {
        ENDPOINTS.iter().find(|scripted| scripted.name == name).copied().ok_or_else(|| {
            let known: Vec<&str> = ENDPOINTS.iter().map(|scripted| scripted.name).collect();
            CliError::new(format!("the lab has no endpoint {name:?}"))
                .needed_for("--only")
                .advise(format!("one of {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

/// What is up where, and how to ask it.
fn listing(lab: &Lab) -> String {
    let row = |Endpoint { name, address, shows, about, .. }: &Endpoint| {
        format!("  {name:<24} {address:<16} {shows}\n    {about}\n")
    };
    let rows: String = lab.endpoints().iter().map(row).collect();
    let ask = lab.endpoints().first().map(|Endpoint { host, address, .. }| {
        format!("\nAsk one:\n  tlsprobe probe {host} \\\n    --connect-to {host}:443:{address}\n")
    });
    format!("The lab is up on this machine. Ctrl-C ends it.\n\n{rows}{}", ask.unwrap_or_default())
}

pub(super) fn not_started(error: &io::Error) -> CliError {
    CliError::new(format!("cannot start the lab: {}", cause(error))).advise("another --port, or none to take free ones")
}
