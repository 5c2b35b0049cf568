//! Very many targets, as the options name them: plain data, until the run opens the files.

use std::path::{Path, PathBuf};

use super::args::{BulkArgs, Evidence, ReportArgs, TargetArgs};
use super::message::CliError;
use super::one_file::Files;
use super::words;

use crate::bulk::{Block, DRAFT, LOCK, NetLimit, beside};
use crate::pack::{Assignment, GENERIC};
use crate::render::Format;
use crate::target::{DEFAULT_PORT, Starttls, Target};

/// The path that stands for standard input.
pub(super) const STDIN: &str = "-";

/// Where very many targets are listed, and how they are gone through.
#[derive(Clone, Debug)]
pub struct Many {
    /// Words of the command line, which come first.
    pub words: Vec<String>,
    /// The list; `-` is standard input.
    pub list: Option<PathBuf>,
    /// The port of targets that name none, where an option says it.
    pub port: Option<u16>,
    /// Targets at a time; without it as many as this machine lets us.
    pub concurrency: Option<usize>,
    /// New targets a second.
    pub rate: Option<f64>,
    /// Targets of one host at a time.
    pub per_host: Option<usize>,
    /// Targets of one network at a time.
    pub per_net: Vec<NetLimit>,
    /// Whom not to ask.
    pub exclude: Option<PathBuf>,
    /// What the order of blocks is drawn from.
    pub seed: Option<u64>,
    /// Where to note how far the run is.
    pub resume: Option<PathBuf>,
    /// The earlier run to compare with.
    pub only_changed: Option<PathBuf>,
    /// Whether to tell how far it is.
    pub progress: bool,
    target: TargetArgs,
}

impl Many {
    /// What the options say, if they speak of very many targets at all.
    pub(super) fn of(
        words: &[String],
        bulk: BulkArgs,
        target: &TargetArgs,
        report: &ReportArgs,
        progress: bool,
    ) -> Result<Option<Self>, CliError> {
        if !bulk.is_wanted(words) {
            return Ok(None);
        }
        let BulkArgs { targets, concurrency, rate, per_host, per_net, exclude, seed, resume, only_changed } = bulk;
        if words.is_empty() && targets.is_none() {
            return Err(CliError::new("no target was given")
                .advise("--targets FILE, --targets - or targets behind the options"));
        }
        if report.output.format() == Format::Json {
            return Err(CliError::new(
                "cannot make one JSON document of very many targets: it would have to be held whole",
            )
            .needed_for("--format json")
            .advise("--format jsonl, one line of JSON for each"));
        }
        if report.pcap.is_some() {
            return Err(CliError::new(
                "cannot capture very many targets: what went to and fro would have to be held whole",
            )
            .needed_for("--pcap")
            .advise("--evidence bytes with --format jsonl, or the targets in question by themselves"));
        }
        let of_lines = match () {
            () if report.output.format() == Format::Jsonl => None,
            () if report.pem => Some("--pem"),
            () if report.evidence == Evidence::Bytes => Some("--evidence bytes"),
            () => None,
        };
        if let Some(option) = of_lines {
            return Err(CliError::new("a line of text or a row of a table for each target has no room for it")
                .needed_for(option)
                .advise("--format jsonl"));
        }
        if resume.is_some() && report.output.file().is_none() {
            return Err(CliError::new("cannot go on with a run whose reports are not in a file")
                .needed_for("--resume")
                .advise("--output FILE"));
        }
        let beside_state = |ending: &str| resume.as_deref().map(|state| beside(state, ending));
        let is_file = |path: &&Path| *path != Path::new(STDIN);
        Files::default()
            .written("--output", report.output.file())
            .written("--resume", resume.as_deref())
            .written("--resume", beside_state(DRAFT).as_deref())
            .written("--resume", beside_state(LOCK).as_deref())
            .written("--keylog", report.keylog.as_deref())
            .read("--targets", targets.as_deref().filter(is_file))
            .read("--exclude", exclude.as_deref())
            .read("--only-changed", only_changed.as_deref())
            .refuse_one_twice()?;
        let many = Self {
            words: words.to_vec(),
            list: targets,
            port: target.port(),
            concurrency,
            rate,
            per_host,
            per_net,
            exclude,
            seed,
            resume,
            only_changed,
            progress,
            target: target.clone(),
        };
        Ok(Some(many))
    }

    /// How `probe` understands a word.
    pub(super) fn target(&self, word: &str, port: Option<u16>) -> Result<Vec<Assignment>, String> {
        let target = Target::parse(word, port.unwrap_or(DEFAULT_PORT)).map_err(|error| error.to_string())?;
        Ok(vec![Assignment::new(&GENERIC, self.target.named(target))])
    }

    /// How `check` does, where a machine may say what a word leaves open.
    pub(super) fn assignments(
        &self,
        machine: Option<&crate::machine::Machine>,
        word: &str,
        port: Option<u16>,
    ) -> Result<Vec<Assignment>, String> {
        let mut assignments = words::assignments_on(machine, std::slice::from_ref(&word.to_owned()), port)
            .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())?;
        for assignment in &mut assignments {
            assignment.target = self.target.named(assignment.target.clone());
        }
        Ok(assignments)
    }

    /// Whether the words of the command line can be understood: they are no list, of which a line may be wrong.
    pub(super) fn refuse_bad_words(
        &self,
        understand: impl Fn(&str, Option<u16>) -> Result<Vec<Assignment>, String>,
    ) -> Result<(), CliError> {
        for word in &self.words {
            match Block::parse(word) {
                Some(Ok(block)) if block.size().is_some() => {}
                Some(Ok(_)) => {
                    return Err(CliError::new(format!("cannot ask the block {word}: it has more than 2^40 addresses"))
                        .advise("a longer prefix"));
                }
                Some(Err(error)) => return Err(CliError::new(format!("cannot understand {word:?}: {error}"))),
                None => {
                    understand(word, self.port).map_err(CliError::new)?;
                }
            }
        }
        Ok(())
    }

    /// Whether FTP servers may be among those that are listed: by the port, unless something else comes before TLS.
    pub(super) fn may_speak_ftp(&self) -> bool {
        self.target.starttls.is_none_or(|protocol| protocol == Starttls::Ftp)
    }

    /// What of it decides whom is asked, and how.
    pub(super) fn identity(&self) -> String {
        format!("{:?} {:?} {:?} {:?}", self.words, self.port, self.seed, self.target)
    }
}
