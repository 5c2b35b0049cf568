//! `check` and `probe` of very many targets: files opened, the run set going and watched, its end told.

mod progress;

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngExt;
use sha2::{Digest, Sha256};

use super::interruption;
use super::survey::{for_check, random, surroundings, timestamp};
use crate::bulk::{
    self, Bounds, Bulk, Earlier, Ended, Exclusions, Note, Progress, Reading, Resume, Source, Tally, Verdict, Words,
};
use crate::check::Errand;
use crate::cli::exit::Exit;
use crate::cli::key_log_file::KeyLogFile;
use crate::cli::many::{Many, STDIN};
use crate::cli::message::{CliError, cause};
use crate::cli::report_writer;
use crate::cli::settings::Settings;
use crate::dial::{raise_descriptor_limit, schedule_as_batch};
use crate::plan::AddressChoice;
use crate::proxy::Credentials;
use crate::report::Document;
use crate::survey::Stop;
use progress::Watch;

/// Which command it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `check`.
    Check,
    /// `probe`.
    Probe,
}

/// Bad lines, and targets that could not be asked, that are told one by one.
const MOST_TOLD: u64 = 100;

/// Runs to the end, or to its early end. The errand comes with what it asks, in words that are the same each time.
pub(super) async fn run(
    many: Many,
    (errand, asked): (Errand, String),
    settings: &Settings,
    command: Command,
) -> Result<Exit, CliError> {
    // Before anything is started: threads are scheduled as the one is that starts them.
    schedule_as_batch();
    let many = Arc::new(many);
    let understand = understanding(&many, settings, command);
    many.refuse_bad_words(&understand)?;
    let exclusions = many.exclude.as_deref().map(exclusions).transpose()?.unwrap_or_default();
    let earlier = many.only_changed.as_deref().map(|path| earlier(path, settings)).transpose()?;
    let resume = many.resume.as_deref().map(|path| self::resume(path, &many, &asked, settings)).transpose()?;
    let seed = match &resume {
        Some(resume) => resume.seed(),
        None => seed(&many)?,
    };
    let sources = sources(&many)?;
    let output = output(settings, resume.as_ref())?;
    let (stopper, stop) = Stop::new();
    interruption::watch(stopper, settings.deadline);
    let key_log = settings.keylog.as_deref().map(KeyLogFile::open).transpose()?;
    let trust = settings.trust.open()?;
    let mut surroundings = surroundings(settings, stop.clone(), key_log.as_ref())?;
    surroundings.context = surroundings.context.with_known_names();
    let progress = Arc::new(Progress::default());
    let watch = Watch::start(Arc::clone(&progress), many.progress, resume.as_ref().map_or(0, Resume::done));
    count_ahead(&many, settings, command, seed, &progress);
    let bulk = Bulk {
        errand,
        run: Document::new(timestamp(surroundings.now), false, Vec::new()),
        settings: for_check(settings, trust),
        surroundings,
        sources,
        reading: Reading { port: many.port, words: understand, seed },
        exclusions,
        bounds: bounds(&many, settings, command),
        format: settings.output.format,
        earlier,
        output,
        resume,
        verdict: match command {
            Command::Check => |reports| verdict(Exit::of_checked(reports)),
            Command::Probe => |reports| verdict(Exit::of_probed(reports)),
        },
        listener: listener(&watch),
    };
    let ended = bulk::run(bulk, Arc::clone(&progress)).await;
    watch.end(&ended, many.resume.as_deref());
    let Ended { tally, is_stopped, failure } = ended;
    if let Some(key_log) = key_log {
        key_log.finish()?;
    }
    if let Some(failure) = failure {
        return Err(CliError::new(failure.to_string()));
    }
    if tally.reports + tally.excluded + tally.unasked == 0 && !is_stopped {
        return Err(CliError::new("there was nobody to ask").advise("a list with a target a line"));
    }
    Ok(exit(command, &tally, is_stopped))
}

fn exit(command: Command, tally: &Tally, is_stopped: bool) -> Exit {
    let is_lacking = is_stopped || tally.bad_lines > 0;
    match command {
        _ if tally.unasked > 0 => Exit::CouldNotRun,
        Command::Probe if tally.bad > 0 || is_lacking => Exit::Bad,
        Command::Check if tally.bad > 0 => Exit::Bad,
        Command::Check if tally.could_not_tell > 0 || is_lacking => Exit::CouldNotTell,
        Command::Probe | Command::Check => Exit::Good,
    }
}

fn verdict(exit: Exit) -> Verdict {
    match exit {
        Exit::Good => Verdict::Good,
        Exit::CouldNotTell => Verdict::CouldNotTell,
        Exit::Bad | Exit::CouldNotRun => Verdict::Bad,
    }
}

/// How words of the list are understood.
fn understanding(many: &Arc<Many>, settings: &Settings, command: Command) -> Words {
    let many = Arc::clone(many);
    match command {
        Command::Probe => Box::new(move |word, port| many.target(word, port)),
        Command::Check => {
            let machine = settings.machine.clone();
            Box::new(move |word, port| many.assignments(machine.as_ref(), word, port))
        }
    }
}

/// The words of the command line, one a line, and the list.
fn sources(many: &Many) -> Result<Vec<Source>, CliError> {
    let mut sources = Vec::new();
    if !many.words.is_empty() {
        sources.push(Source::words("the command line", &many.words));
    }
    if let Some(path) = &many.list {
        sources.push(if path == Path::new(STDIN) {
            Source::new("standard input", Box::new(io::stdin()))
        } else {
            Source::new(path.display().to_string(), Box::new(open(path, "--targets")?))
        });
    }
    Ok(sources)
}

fn open(path: &Path, option: &str) -> Result<File, CliError> {
    let folder = || io::Error::from(io::ErrorKind::IsADirectory);
    let opened = File::open(path).and_then(|file| if file.metadata()?.is_dir() { Err(folder()) } else { Ok(file) });
    opened.map_err(|error| {
        CliError::new(format!("cannot read {}: {}", path.display(), cause(&error)))
            .needed_for(format!("{option} {}", path.display()))
            .advise("the path of a file that this user can read")
    })
}

fn exclusions(path: &Path) -> Result<Exclusions, CliError> {
    Exclusions::read(BufReader::new(open(path, "--exclude")?)).map_err(|error| {
        CliError::new(format!("cannot use {}: {error}", path.display()))
            .needed_for(format!("--exclude {}", path.display()))
            .advise("an address, a block as 192.0.2.0/24, a host name or *.domain a line; nobody is asked until then")
    })
}

fn earlier(path: &Path, settings: &Settings) -> Result<Earlier, CliError> {
    let by_address = settings.addresses == AddressChoice::All;
    let read = Earlier::read(BufReader::new(open(path, "--only-changed")?), by_address);
    let earlier = read.map_err(|error| CliError::new(format!("cannot read {}: {}", path.display(), cause(&error))))?;
    if earlier.is_empty() && earlier.unreadable() > 0 {
        return Err(CliError::new(format!("{} holds no report", path.display()))
            .needed_for(format!("--only-changed {}", path.display()))
            .advise("the output of an earlier run with --format jsonl"));
    }
    if earlier.unreadable() > 0 {
        let lines = earlier.unreadable();
        tracing::warn!("{lines} lines of {} are no report: their targets count as changed", path.display());
    }
    Ok(earlier)
}

fn seed(many: &Many) -> Result<u64, CliError> {
    many.seed.map_or_else(|| Ok(random()?.random()), Ok)
}

fn resume(path: &Path, many: &Many, asked: &str, settings: &Settings) -> Result<Resume, CliError> {
    let Some(output) = &settings.output.file else { return Err(CliError::new("--resume needs --output FILE")) };
    let digest = digest(many, asked, settings)?;
    Resume::open(path, output, &digest, seed(many)?)
        .map_err(|error| CliError::new(error.to_string()).needed_for(format!("--resume {}", path.display())))
}

/// What a run has to have in common with the one that it goes on with: whom it asks what, and how it tells that.
fn digest(many: &Many, asked: &str, settings: &Settings) -> Result<String, CliError> {
    let Settings { connect_to, dns, addresses, proxy, proxy_options, pem, evidence, client, .. } = settings;
    let Settings { max_connections, trust, token, ftp_user, cmg_id, machine, compare_routes, output, .. } = settings;
    let way = format!("{connect_to:?} {dns:?} {addresses:?} {proxy:?} {proxy_options:?} {client:?}");
    let who = format!("{token:?} {:?} {cmg_id:?}", ftp_user.as_ref().map(Credentials::user));
    let told =
        format!("{pem} {evidence} {max_connections:?} {trust:?} {machine:?} {compare_routes} {:?}", output.format);
    let mut digest = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), asked, &many.identity(), &way, &who, &told] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    for (file, option) in [(&many.exclude, "--exclude"), (&many.only_changed, "--only-changed")] {
        digest.update([u8::from(file.is_some())]);
        if let Some(path) = file {
            let mut file = open(path, option)?;
            let mut piece = vec![0; 64 * 1024];
            loop {
                match file.read(&mut piece) {
                    Ok(0) => break,
                    Ok(length) => digest.update(piece.get(..length).unwrap_or_default()),
                    Err(error) => {
                        return Err(CliError::new(format!("cannot read {}: {}", path.display(), cause(&error))));
                    }
                }
            }
        }
    }
    Ok(hex::encode(digest.finalize()))
}

/// Lines go out as they come: into the file itself, which is not put in its place at the end.
fn output(settings: &Settings, resume: Option<&Resume>) -> Result<Box<dyn Write + Send>, CliError> {
    let Some(path) = &settings.output.file else { return Ok(Box::new(io::stdout())) };
    let opened = match resume {
        Some(resume) => resume.output(),
        None => File::create(path),
    };
    let file = opened.map_err(|error| report_writer::cannot_write(path, &error, report_writer::REPORT))?;
    Ok(Box::new(file))
}

/// Descriptors that are not for targets: files, the runtime's own, and what a name's look-up takes.
const KEPT: usize = 64;

/// As many targets at a time, unless it is said: more bring no more where round trips are short.
const MOST_UNLESS_SAID: usize = 1000;

fn bounds(many: &Many, settings: &Settings, command: Command) -> Bounds {
    let limit = raise_descriptor_limit();
    let connections = settings.parallel.unwrap_or(if command == Command::Check { 4 } else { 1 });
    // A target may have a name to look up besides, which takes two sockets.
    let by_limit = limit.map_or(MOST_UNLESS_SAID, |limit| limit.saturating_sub(KEPT) / (connections + 1));
    let concurrency = many.concurrency.unwrap_or(by_limit.clamp(1, MOST_UNLESS_SAID));
    Bounds { concurrency, rate: many.rate, per_host: many.per_host, per_net: many.per_net.clone() }
}

/// Reads a list that is a file once more, to know how many targets it has; nobody waits for it.
fn count_ahead(many: &Arc<Many>, settings: &Settings, command: Command, seed: u64, progress: &Arc<Progress>) {
    let is_file = |path: &Path| path != Path::new(STDIN) && fs::metadata(path).is_ok_and(|it| it.is_file());
    if !many.progress || !many.list.as_deref().is_none_or(is_file) {
        return;
    }
    if let Ok(sources) = sources(many) {
        let reading = Reading { port: many.port, words: understanding(many, settings, command), seed };
        let progress = Arc::clone(progress);
        tokio::task::spawn_blocking(move || progress.count(sources, reading));
    }
}

/// Tells on stderr what is not in the reports.
fn listener(watch: &Watch) -> bulk::Listener {
    let told = AtomicU64::new(0);
    let line = watch.line();
    Arc::new(move |note| {
        let text = match note {
            Note::Slowed(why) => {
                let why = why.replace("\n  try: ", "; try: ");
                return line(&format!(
                    "this machine is short of something, so the run slows down and asks again: {why}"
                ));
            }
            Note::BadLine(bad) => format!("error: {}, line {}: {}", bad.source, bad.line, bad.why),
            Note::Unasked { target, why } => format!("error: could not ask {target}: {why}"),
        };
        match told.fetch_add(1, Ordering::Relaxed) {
            number if number < MOST_TOLD => line(&text),
            MOST_TOLD => line("more of these are counted, and not told one by one"),
            _ => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Command::{Check, Probe};
    use super::*;

    #[test]
    fn a_list_is_bad_where_one_target_is_and_a_bad_line_is_no_answer() {
        let of = |tally: Tally, command| exit(command, &tally, false);
        let tally = |bad, could_not_tell, bad_lines, unasked| Tally {
            targets: 9,
            reports: 9,
            bad,
            could_not_tell,
            bad_lines,
            unasked,
            ..Tally::default()
        };
        assert_eq!([of(tally(0, 0, 0, 0), Probe), of(tally(0, 0, 0, 0), Check)], [Exit::Good; 2]);
        assert_eq!([of(tally(1, 0, 0, 0), Probe), of(tally(1, 1, 1, 0), Check)], [Exit::Bad; 2]);
        assert_eq!(of(tally(0, 0, 1, 0), Probe), Exit::Bad);
        assert_eq!([of(tally(0, 1, 0, 0), Check), of(tally(0, 0, 1, 0), Check)], [Exit::CouldNotTell; 2]);
        assert_eq!([of(tally(1, 1, 1, 1), Probe), of(tally(0, 0, 0, 1), Check)], [Exit::CouldNotRun; 2]);
        assert_eq!(exit(Probe, &tally(0, 0, 0, 0), true), Exit::Bad);
        assert_eq!(exit(Check, &tally(0, 0, 0, 0), true), Exit::CouldNotTell);
    }
}
