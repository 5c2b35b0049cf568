//! One run over endpoints: what it needs from this machine, and the document that comes of it.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::interruption;
use crate::check::{self, Surroundings};
use crate::cli::message::CliError;
use crate::cli::report_writer::ReportWriter;
use crate::cli::settings::{Output, Settings};
use crate::render::{Style, render};
use crate::report::{Document, Report};
use crate::survey::{Context, Stop, SurveyError};

/// Runs to the end, or to its early end, and makes a document of the reports.
pub(super) async fn document(
    settings: &Settings,
    survey: impl AsyncFnOnce(&check::Settings, &Surroundings) -> Result<Vec<Report>, SurveyError>,
) -> Result<Document, CliError> {
    let (stopper, stop) = Stop::new();
    interruption::watch(stopper, settings.deadline);
    let started = OffsetDateTime::now_utc();
    let context = Context::new(settings.dns, random()?, stop.clone());
    let surroundings = Surroundings { context, now: started };
    let reports =
        survey(&for_check(settings), &surroundings).await.map_err(|error| CliError::new(error.to_string()))?;
    Ok(Document::new(timestamp(started), stop.reason().is_some(), reports))
}

/// Writes the document where it is wanted.
pub(super) fn write(mut writer: ReportWriter, document: &Document, output: &Output) -> Result<(), CliError> {
    let style = Style { color: writer.color(), ..Style::default() };
    writer.write(&render(document, output.format, &style))?;
    writer.finish()
}

/// Randomness of the system's.
pub(super) fn random() -> Result<StdRng, CliError> {
    StdRng::try_from_rng(&mut SysRng)
        .map_err(|error| CliError::new(format!("the system gives no random numbers: {error}")))
}

fn for_check(settings: &Settings) -> check::Settings {
    check::Settings {
        connect_to: settings.connect_to.clone(),
        proxy: settings.proxy.clone(),
        proxy_options: settings.proxy_options.clone(),
        addresses: settings.addresses,
        waits: settings.waits,
        evidence: settings.evidence,
        pem: settings.pem,
        machine: settings.machine.clone(),
    }
}

/// RFC 3339 in UTC, to the second.
fn timestamp(time: OffsetDateTime) -> String {
    let to_the_second = time - Duration::from_nanos(time.nanosecond().into());
    to_the_second.format(&Rfc3339).unwrap_or_default()
}
