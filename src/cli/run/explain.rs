//! `explain`: a code is told at once; a file is read as it comes, and what it points to is asked where that is wanted.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, stdin};
use tracing::info;

use super::interruption::WishesToEnd;
use super::print;
use super::survey::carry_out;
use crate::check;
use crate::cli::exit::Exit;
use crate::cli::explain::{ExplainRun, LogProbe, Subject};
use crate::cli::message::{CliError, cause};
use crate::cli::settings::Settings;
use crate::explain::log::{self, LogReading, LogReport};
use crate::explain::{FileIs, HEAD, file_is, machine};
use crate::machine::source::MAX_FILE_BYTES;
use crate::machine::{self as machines, FileKind, Machine};
use crate::render::{Format, Style, render};
use crate::report::Document;

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

pub(super) async fn explain(run: ExplainRun) -> Result<Exit, CliError> {
    let file = match run.subject()? {
        Subject::Told(_) if run.probe.is_some() => {
            return Err(CliError::new("there is nothing to probe: what was given is a code or a rule, not a log")
                .needed_for("--probe")
                .advise("the path of a log, or one of the commands that explain shows without --probe"));
        }
        Subject::Told(text) => return print(&text),
        Subject::File(file) => file,
    };
    let mut source = Source::open(file, run.progress).await?;
    let head = source.head().await?;
    match file_is(&head) {
        FileIs::Log => Box::pin(explain_log(run, source, &head)).await,
        FileIs::Machine(kind) => explain_machine(&run, source, head, kind).await,
        FileIs::BinaryEvents => Err(CliError::new(format!("{} is an event log in its binary form", source.name()))
            .needed_for("explain")
            .advise(format!("wevtutil qe {} /lf:true /f:text > events.txt, and explain events.txt", source.file))),
        FileIs::Binary => Err(CliError::new(format!("{} is no text", source.name()))
            .needed_for("explain")
            .advise("a log in UTF-8 or UTF-16, unpacked where it was packed")),
    }
}

async fn explain_log(run: ExplainRun, mut source: Source, head: &[u8]) -> Result<Exit, CliError> {
    if run.probe.is_none() && run.machine.is_some() {
        return Err(CliError::new(format!("{} is a log, which is told without knowing the machine", source.name()))
            .needed_for("--machine, --os and what else tells of a machine")
            .advise("--probe, which asks with this machine's hellos"));
    }
    let mut reading = LogReading::new(&source.file);
    info!(file = source.name(), "reading a log");
    reading.feed(head);
    let interrupted = source.read(|bytes| reading.feed(bytes)).await?;
    let of_log = reading.machine();
    let mut report = reading.finish(interrupted);
    let Some(way) = &run.probe else { return print(&run.form(&report, || log::text::lines(&report))) };
    if interrupted {
        print(&run.form(&report, || log::text::lines(&report)))?;
        return Ok(Exit::CouldNotTell);
    }
    // What is typed counts more than what the log tells.
    let parts: Vec<Machine> = [of_log, run.machine.clone()].into_iter().flatten().collect();
    let machine = (!parts.is_empty()).then(|| Machine::of(parts));
    let settings = Settings { machine, ..way.settings.clone() };
    let (document, failure) = probe(&report, way, &settings, run.progress).await?;
    let exit = Exit::of_check(&document);
    let shown = match settings.output.format {
        Format::Text => {
            let style = Style { color: settings.output.color.colors(io::stdout().is_terminal()), ..Style::default() };
            let of_log = run.form(&report, || log::text::lines(&report));
            format!("{of_log}\n{}", render(&document, Format::Text, &style))
        }
        Format::Json | Format::Jsonl | Format::Csv => {
            report.probed = Some(document);
            run.form(&report, Vec::new)
        }
    };
    print(&shown)?;
    failure.map_or(Ok(exit), Err)
}

/// Asks what the problems of a log point to, as `check` does, and says beforehand whom.
async fn probe(
    report: &LogReport,
    way: &LogProbe,
    settings: &Settings,
    progress: bool,
) -> Result<(Document, Option<CliError>), CliError> {
    let mut words: Vec<String> = Vec::new();
    for word in report.problems.iter().flat_map(|problem| &problem.check) {
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    if words.is_empty() {
        return Err(CliError::new(format!("{} names no host that could be asked", report.file))
            .needed_for("--probe")
            .advise("the commands that explain shows without --probe, with a host of yours"));
    }
    let assignments = way.assignments(&words)?;
    if progress {
        let targets: Vec<String> = assignments.iter().map(|assignment| assignment.target.to_string()).collect();
        writeln!(io::stderr(), "asking, because the log points there: {}", targets.join(", ")).ok();
    }
    let survey = async |settings: &check::Settings, surroundings: &check::Surroundings| {
        check::check(&assignments, &[], settings, surroundings).await
    };
    carry_out(settings, survey).await
}

async fn explain_machine(
    run: &ExplainRun,
    mut source: Source,
    head: Vec<u8>,
    kind: FileKind,
) -> Result<Exit, CliError> {
    if run.probe.is_some() {
        return Err(CliError::new(format!("{} tells of a machine and of no problem", source.name()))
            .needed_for("--probe")
            .advise(format!("tlsprobe check wsus --machine {}", source.file)));
    }
    let mut bytes = head;
    let interrupted = source
        .read(|more| {
            // One byte more than is allowed tells that there is too much.
            let room = (MAX_FILE_BYTES + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(more.get(..room).unwrap_or(more));
        })
        .await?;
    if interrupted {
        return Err(CliError::new(format!("{} was not read to its end", source.name())).needed_for("explain"));
    }
    let read = machines::read(&source.file, &bytes);
    let read = read.map_err(|error| CliError::new(error.to_string()).needed_for("explain"))?;
    let machine = Machine::of([read].into_iter().chain(run.machine.clone()));
    let report = machine::report(&source.file, kind.words(), machine);
    print(&run.form(&report, || machine::lines(&report)))
}

/// A file or standard input, read in pieces.
struct Source {
    file: String,
    bytes: Box<dyn AsyncRead + Send + Unpin>,
    /// What of a file there is to be read; unknown of standard input.
    length: Option<u64>,
    done: u64,
    /// Whether the program was told to end.
    stopped: bool,
    wishes: WishesToEnd,
    progress: Progress,
}

impl Source {
    async fn open(file: String, progress: bool) -> Result<Self, CliError> {
        let (wishes, progress) = (WishesToEnd::listen(), Progress::new(progress));
        if file == "-" {
            return Ok(Self {
                file,
                bytes: Box::new(stdin()),
                length: None,
                done: 0,
                stopped: false,
                wishes,
                progress,
            });
        }
        let opened = async {
            let opened = File::open(&file).await?;
            let metadata = opened.metadata().await?;
            if metadata.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok((opened, metadata.len())) }
        };
        let (opened, length) = opened.await.map_err(|error| cannot_read(&file, &error))?;
        Ok(Self { bytes: Box::new(opened), length: Some(length), done: 0, stopped: false, wishes, progress, file })
    }

    /// As a message names it.
    fn name(&self) -> &str {
        if self.file == "-" { "standard input" } else { &self.file }
    }

    /// The beginning, by which a file is known.
    async fn head(&mut self) -> Result<Vec<u8>, CliError> {
        let mut head = Vec::new();
        let mut beginning = (&mut self.bytes).take(HEAD as u64);
        self.stopped = tokio::select! {
            biased;
            () = self.wishes.next() => true,
            read = beginning.read_to_end(&mut head) => read.map(|_| false).map_err(|error| cannot_read(&self.file, &error))?,
        };
        self.done += head.len() as u64;
        Ok(head)
    }

    /// All that is left, in pieces; whether it was stopped before its end.
    async fn read(&mut self, mut take: impl FnMut(&[u8])) -> Result<bool, CliError> {
        if self.stopped {
            return Ok(true);
        }
        let mut buffer = vec![0; CHUNK];
        let interrupted = loop {
            let count = tokio::select! {
                biased;
                () = self.wishes.next() => break true,
                read = self.bytes.read(&mut buffer) => read.map_err(|error| cannot_read(&self.file, &error))?,
            };
            if count == 0 {
                break false;
            }
            take(buffer.get(..count).unwrap_or_default());
            self.done += count as u64;
            self.progress.show(self.done, self.length);
        };
        self.progress.clear();
        Ok(interrupted)
    }
}

fn cannot_read(file: &str, error: &io::Error) -> CliError {
    CliError::new(format!("cannot read {file}: {}", cause(error)))
        .needed_for(format!("explain {file}"))
        .advise("a file that this user can read, or - for standard input")
}

/// How far a long reading has come, on a terminal.
struct Progress {
    is_shown: bool,
    last: Instant,
    /// Whether a line of it stands on the terminal.
    stands: bool,
}

impl Progress {
    /// Short files are done before anyone looks.
    const EVERY: Duration = Duration::from_millis(500);

    fn new(wanted: bool) -> Self {
        Self { is_shown: wanted && io::stderr().is_terminal(), last: Instant::now(), stands: false }
    }

    fn show(&mut self, done: u64, of: Option<u64>) {
        if !self.is_shown || self.last.elapsed() < Self::EVERY {
            return;
        }
        let of = of.filter(|of| *of >= done).map(|of| format!(" of {}", of >> 20)).unwrap_or_default();
        write!(io::stderr(), "\rread {}{of} MiB", done >> 20).ok();
        (self.last, self.stands) = (Instant::now(), true);
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.stands) {
            write!(io::stderr(), "\r{:30}\r", "").ok();
        }
    }
}
