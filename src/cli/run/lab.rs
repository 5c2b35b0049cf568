//! `lab`: the scripted endpoints and proxies, up until they are told to end.

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
use crate::lab::{ENDPOINTS, Endpoint, Lab, PROXIES, Scripted, Settings};

pub(super) async fn lab(run: LabRun) -> Result<Exit, CliError> {
    let settings =
        Settings { base_port: run.first_port, ..Settings::new(OffsetDateTime::now_utc(), random()?.random()) };
    let mut wishes = WishesToEnd::listen();
    let (endpoints, proxies) = chosen(&run.only)?;
    let lab = Lab::start_scripted(&endpoints, &proxies, &settings).await.map_err(|error| not_started(&error))?;
    let mut writer = ReportWriter::open(&Output::default())?;
    writer.write(&listing(&lab))?;
    wishes.next().await;
    Ok(Exit::Good)
}

/// The endpoints and the proxies of these names; all of them if none is named.
fn chosen(names: &[String]) -> Result<(Vec<Scripted>, Vec<Scripted>), CliError> {
    if names.is_empty() {
        return Ok((ENDPOINTS.to_vec(), PROXIES.to_vec()));
    }
    let find = |list: &[Scripted], name: &str| list.iter().find(|scripted| scripted.name == name).copied();
    let (mut endpoints, mut proxies) = (Vec::new(), Vec::new());
    for name in names {
        match (find(ENDPOINTS, name), find(PROXIES, name)) {
            (Some(endpoint), _) => endpoints.push(endpoint),
            (None, Some(proxy)) => proxies.push(proxy),
            (None, None) => {
                let known: Vec<&str> = ENDPOINTS.iter().chain(PROXIES).map(|scripted| scripted.name).collect();
                return Err(CliError::new(format!("the lab has no endpoint and no proxy {name:?}"))
                    .needed_for("--only")
                    .advise(format!("one of {}", known.join(", "))));
            }
        }
    }
    Ok((endpoints, proxies))
}

/// What is up where, and how to ask it.
fn listing(lab: &Lab) -> String {
    let row = |Endpoint { name, address, shows, about, .. }: &Endpoint| {
        format!("  {name:<24} {address:<16} {shows}\n    {about}\n")
    };
    let rows = |endpoints: &[Endpoint]| endpoints.iter().map(row).collect::<String>();
    let mut parts = vec![format!("The lab is up on this machine. Ctrl-C ends it.\n\n{}", rows(lab.endpoints()))];
    if !lab.proxies().is_empty() {
        let proxies = rows(lab.proxies());
        parts.push(format!("\nProxies, which connect to the endpoints above and to nobody else:\n\n{proxies}"));
    }
    if let Some(Endpoint { host, address, .. }) = lab.endpoints().first() {
        parts.push(format!("\nAsk one:\n  tlsprobe probe {host} \\\n    --connect-to {host}:443:{address}\n"));
        if let Some(Endpoint { address, .. }) = lab.proxies().first() {
            parts.push(format!("\nThrough a proxy:\n  tlsprobe probe {host} \\\n    --proxy http://{address}\n"));
        }
    }
    parts.concat()
}

pub(super) fn not_started(error: &io::Error) -> CliError {
    CliError::new(format!("cannot start the lab: {}", cause(error))).advise("another --port, or none to take free ones")
}
