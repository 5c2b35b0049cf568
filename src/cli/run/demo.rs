//! `demo`: the lab is started and checked as real endpoints are, by the same code; no packet leaves this machine.

use rand::RngExt;
use time::OffsetDateTime;
use tracing::info;

use super::survey::{random, report};
use crate::check;
use crate::cli::DemoRun;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::settings::Settings;
use crate::cli::words::assignments;
use crate::lab::{self, Lab};
use crate::target::{ConnectTo, DEFAULT_PORT};

/// What is checked against the lab.
const CHECKED: [&str; 2] = ["wsus", "cmg:cmg.contoso.com"];

pub(super) async fn demo(run: DemoRun) -> Result<Exit, CliError> {
    let settings = lab::Settings::new(OffsetDateTime::now_utc(), random()?.random());
    let lab = Lab::start(&settings).await.map_err(|error| super::lab::not_started(&error))?;
    info!(endpoints = lab.endpoints().len(), "the lab is up");

    let assignments = assignments(&CHECKED.map(str::to_owned), DEFAULT_PORT)?;
    let settings = Settings { connect_to: leads(&lab)?, output: run.output, ..Settings::default() };
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::check(&assignments, settings, surroundings).await
    })
    .await
}

/// Leads each host that an endpoint of the lab stands for to that endpoint.
fn leads(lab: &Lab) -> Result<Vec<ConnectTo>, CliError> {
    let lead = |endpoint: &lab::Endpoint| {
        let host = endpoint.host.parse().map_err(|error| CliError::new(format!("{error}")))?;
        Ok(ConnectTo::address(host, endpoint.address))
    };
    lab.endpoints().iter().map(lead).collect()
}
