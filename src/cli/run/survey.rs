//! One run over endpoints: what it needs from this machine, and the document that comes of it.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::interruption;
use crate::check::{self, Ran, Surroundings};
use crate::cli::client_certificate;
use crate::cli::exit::Exit;
use crate::cli::key_log_file::KeyLogFile;
use crate::cli::message::CliError;
use crate::cli::report_writer::ReportWriter;
use crate::cli::settings::{Output, Settings};
use crate::render::{Style, pcap, render};
use crate::report::Document;
use crate::survey::{Context, Stop};

/// Runs to the end, or to its early end, writes what was found where it is wanted, and says how it went.
pub(super) async fn report(
    settings: &Settings,
    exit: impl FnOnce(&Document) -> Exit,
    survey: impl AsyncFnOnce(&check::Settings, &Surroundings) -> Ran,
) -> Result<Exit, CliError> {
    let writer = ReportWriter::open(&settings.output)?;
    let capture = settings.pcap.as_deref().map(ReportWriter::open_capture).transpose()?;
    let (mut document, failure) = carry_out(settings, survey).await?;
    if let Some(mut capture) = capture {
        capture.write_bytes(&pcap(&document))?;
        capture.finish()?;
    }
    if !settings.evidence {
        document.drop_evidence();
    }
    // A failure on this side leaves the other endpoints' reports as good as they are.
    if failure.is_none() || !document.reports.is_empty() {
        write(writer, &document, &settings.output)?;
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(exit(&document)),
    }
}

/// Runs to the end, or to its early end: what was found, and what this machine could not do.
pub(super) async fn carry_out(
    settings: &Settings,
    survey: impl AsyncFnOnce(&check::Settings, &Surroundings) -> Ran,
) -> Result<(Document, Option<CliError>), CliError> {
    let (stopper, stop) = Stop::new();
    interruption::watch(stopper, settings.deadline);
    let key_log = settings.keylog.as_deref().map(KeyLogFile::open).transpose()?;
    let trust = settings.trust.open()?;
    let surroundings = surroundings(settings, stop.clone(), key_log.as_ref())?;
    let Ran { reports, failure } = survey(&for_check(settings, trust), &surroundings).await;
    let document = Document::new(timestamp(surroundings.now), stop.reason().is_some(), reports);
    if let Some(key_log) = key_log {
        key_log.finish()?;
    }
    Ok((document, failure.map(|error| CliError::new(error.to_string()))))
}

/// What a run needs from this machine, from now on.
pub(super) fn surroundings(
    settings: &Settings,
    stop: Stop,
    key_log: Option<&KeyLogFile>,
) -> Result<Surroundings, CliError> {
    let mut context = Context::new(settings.dns, random()?, stop);
    if let Some(key_log) = key_log {
        context = context.with_key_log(key_log.writer());
    }
    if let Some(certificate) = client_certificate::read(&settings.client)? {
        context = context.with_client_certificate(certificate);
    }
    Ok(Surroundings { context, now: OffsetDateTime::now_utc() })
}

fn write(mut writer: ReportWriter, document: &Document, output: &Output) -> Result<(), CliError> {
    let style = Style { color: writer.color(), ..Style::default() };
    writer.write(&render(document, output.format, &style))?;
    writer.finish()
}

/// Randomness of the system's.
pub(super) fn random() -> Result<StdRng, CliError> {
    StdRng::try_from_rng(&mut SysRng)
        .map_err(|error| CliError::new(format!("the system gives no random numbers: {error}")))
}

pub(super) fn for_check(settings: &Settings, trust: check::TrustSettings) -> check::Settings {
    check::Settings {
        connect_to: settings.connect_to.clone(),
        proxy: settings.proxy.clone(),
        proxy_options: settings.proxy_options.clone(),
        addresses: settings.addresses,
        waits: settings.waits,
        // A capture is made of them.
        evidence: settings.evidence || settings.pcap.is_some(),
        pem: settings.pem,
        parallel: settings.parallel,
        max_connections: settings.max_connections,
        trust,
        token: settings.token.clone(),
        ftp_user: settings.ftp_user.clone(),
        cmg_id: settings.cmg_id.clone(),
        machine: settings.machine.clone(),
        compare_routes: settings.compare_routes,
    }
}

/// RFC 3339 in UTC, to the second.
pub(super) fn timestamp(time: OffsetDateTime) -> String {
    let to_the_second = time - Duration::from_nanos(time.nanosecond().into());
    to_the_second.format(&Rfc3339).unwrap_or_default()
}
