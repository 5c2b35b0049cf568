//! The command line: arguments into plain runs, their failures into messages, their reports into exit codes.
//!
//! Standard output takes the report alone; everything else that is said goes to stderr. What each command does stands
//! in `run`.

mod args;
mod client_certificate;
mod color;
mod exit;
mod explain;
mod ftp;
mod hello;
mod hello_hex;
mod key_log_file;
mod list;
mod logging;
mod machine;
mod many;
mod message;
mod one_file;
mod password_file;
mod proxy;
mod report_writer;
mod run;
mod settings;
mod token;
mod trust;
mod words;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

use crate::check::Repeat;
use crate::pack::Assignment;
use crate::plan::{PARTS, Part};
use crate::question::Hello;
use crate::target::Target;
use args::{Arguments, CheckArgs, CommandArgs, ExplainArgs, FindOutArgs, LogFormat, ProbeArgs, ReportArgs, ScanArgs};

pub use args::ClientArgs;
pub use color::ColorChoice;
pub use exit::Exit;
pub use explain::{ExplainRun, LogProbe};
pub use list::{ListFormat, ListRun, What};
pub use logging::Logging;
pub use many::Many;
pub use message::CliError;
pub use proxy::Variables;
pub use report_writer::ReportWriter;
pub use settings::{Output, Settings};
pub use trust::TrustChoice;

/// Reads the arguments of this process, runs what they ask for, and says in a code how it went.
pub fn main() -> ExitCode {
    // A variable that is no Unicode names no proxy.
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let invocation = match parse(std::env::args_os(), &variables.collect()) {
        Ok(invocation) => invocation,
        Err(refusal) => return refusal.tell(),
    };
    invocation.logging.start(invocation.color);
    match run::run(invocation.command) {
        Ok(exit) => exit.into(),
        Err(error) => Refusal::Run(error).tell(),
    }
}

/// What the arguments ask for.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// What to run.
    pub command: Command,
    /// What to say of it on stderr.
    pub logging: Logging,
    /// Whether to colour what is said.
    pub color: ColorChoice,
}

/// What to run.
#[derive(Clone, Debug)]
pub enum Command {
    /// Compare endpoints with what is expected of them.
    Check(Box<CheckRun>),
    /// Send one hello to each target.
    Probe(Box<ProbeRun>),
    /// Find out all that targets do.
    Scan(Box<ScanRun>),
    /// Be the far end of a proof.
    Reflect(ReflectRun),
    /// Run the embedded endpoints.
    Lab(LabRun),
    /// Check the lab as real endpoints are checked.
    Demo(DemoRun),
    /// Print a list.
    List(ListRun),
    /// Say what a code or a log means.
    Explain(Box<ExplainRun>),
}

/// `check`.
#[derive(Clone, Debug)]
pub struct CheckRun {
    /// What is expected of whom; of very many, nobody is named here.
    pub assignments: Vec<Assignment>,
    /// Where very many are listed.
    pub many: Option<Many>,
    /// What to ask besides.
    pub parts: Vec<Part>,
    /// How.
    pub settings: Settings,
}

/// `scan`.
#[derive(Clone, Debug)]
pub struct ScanRun {
    /// Whom to ask. Their `sni` is the name to send.
    pub targets: Vec<Target>,
    /// What to find out.
    pub parts: Vec<Part>,
    /// Whether to say first what it will take.
    pub plan: bool,
    /// How.
    pub settings: Settings,
}

/// `probe`.
#[derive(Clone, Debug)]
pub struct ProbeRun {
    /// Whom to ask; of very many, nobody is named here. Their `sni` is the name to send.
    pub targets: Vec<Target>,
    /// Where very many are listed.
    pub many: Option<Many>,
    /// What to send.
    pub hello: Hello,
    /// Whether to complete the handshake.
    pub finish: bool,
    /// What to ask for then.
    pub get: Option<String>,
    /// What to find out by it.
    pub find_out: FindOut,
    /// How often.
    pub repeat: Repeat,
    /// How.
    pub settings: Settings,
}

/// What `probe` finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindOut {
    /// What comes back.
    Answer,
    /// Whether the hello arrives at a reflector as it was sent.
    Reflection,
    /// At which size of the hello the answer changes.
    HelloSizes,
}

/// `reflect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReflectRun {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How to answer.
    pub settings: crate::reflect::Settings,
}

/// `lab`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabRun {
    /// The first port; without one, ports of the system's choice.
    pub first_port: Option<u16>,
    /// The endpoints to run; empty for every one.
    pub only: Vec<String>,
}

/// `demo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoRun {
    /// Where the report goes.
    pub output: Output,
}

/// Arguments that lead to no run: help was asked for, or they can't be followed.
#[derive(Debug)]
pub enum Refusal {
    /// By their grammar, or help.
    Usage(clap::Error),
    /// By what they mean, or what they name.
    Run(CliError),
}

impl Refusal {
    /// Tells the user, and says it in a code: 0 for help, 2 for anything else.
    fn tell(&self) -> ExitCode {
        match self {
            // Help that nobody reads to its end is no failure.
            Self::Usage(error) => {
                error.print().ok();
                if error.use_stderr() { Exit::CouldNotRun } else { Exit::Good }.into()
            }
            Self::Run(error) => {
                error.print();
                Exit::CouldNotRun.into()
            }
        }
    }
}

impl From<CliError> for Refusal {
    fn from(error: CliError) -> Self {
        Self::Run(error)
    }
}

/// Reads arguments, the program's name first, and of the environment's variables those that name proxies. Nothing is
/// run; of files, only those are read that say what to send.
pub fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    variables: &Variables,
) -> Result<Invocation, Refusal> {
    let Arguments { messages, command } = Arguments::try_parse_from(arguments).map_err(Refusal::Usage)?;
    let color = messages.color;
    let command = match command {
        CommandArgs::Check(check) => Command::Check(Box::new(check_run(*check, variables, color, !messages.quiet)?)),
        CommandArgs::Probe(probe) => Command::Probe(Box::new(probe_run(*probe, variables, color, !messages.quiet)?)),
        CommandArgs::Scan(scan) => Command::Scan(Box::new(scan_run(*scan, variables, color)?)),
        CommandArgs::Reflect(reflect) => Command::Reflect(ReflectRun {
            listen: reflect.listen,
            settings: crate::reflect::Settings { raw: reflect.raw, limits: reflect.limits() },
        }),
        CommandArgs::Lab(lab) => Command::Lab(LabRun { first_port: lab.port, only: lab.only }),
        CommandArgs::Demo(demo) => Command::Demo(DemoRun { output: demo.output.into_output(color) }),
        CommandArgs::List(list) => Command::List(list),
        CommandArgs::Explain(explain) => {
            Command::Explain(Box::new(explain_run(*explain, variables, color, !messages.quiet)?))
        }
    };
    // What a listener has to say it says in its log.
    let verbose = messages.verbose.saturating_add(u8::from(matches!(command, Command::Reflect(_)) && !messages.quiet));
    let logging = Logging::new(verbose, messages.quiet, messages.log_format == LogFormat::Json);
    Ok(Invocation { command, logging, color })
}

fn check_run(
    check: CheckArgs,
    variables: &Variables,
    color: ColorChoice,
    progress: bool,
) -> Result<CheckRun, CliError> {
    let named = |assignment: Assignment| Assignment { target: check.target.named(assignment.target), ..assignment };
    let machine = machine::machine(&check.machine)?;
    let many = Many::of(&check.words, check.bulk, &check.target, &check.report, progress)?;
    let assignments = match &many {
        Some(_) => Vec::new(),
        None => words::assignments_on(machine.as_ref(), &check.words, check.target.port())?,
    };
    let assignments: Vec<Assignment> = assignments.into_iter().map(named).collect();
    let parts: Vec<Part> = PARTS.iter().filter(|part| check.deep && part.deep).copied().collect();
    let speaks_ftp = match &many {
        Some(many) => many.may_speak_ftp(),
        None => assignments.iter().any(|it| it.target.speaks_ftp()),
    };
    ftp::insist(&check.ftp, &parts, false, speaks_ftp)?;
    let ftp_user = ftp::user(&check.ftp)?;
    let token = check.bearer_file.as_deref().map(token::read).transpose()?;
    let settings = Settings::new(check.target, check.proxy, variables, &check.waits, check.report, color)?;
    let settings = Settings {
        machine,
        token,
        ftp_user,
        cmg_id: check.cmg_id,
        compare_routes: check.compare_routes,
        trust: check.trust.into(),
        ..settings
    };
    Ok(CheckRun { assignments, many, parts, settings })
}

fn scan_run(scan: ScanArgs, variables: &Variables, color: ColorChoice) -> Result<ScanRun, CliError> {
    let targets = words::targets(&scan.words, scan.target.default_port())?;
    let targets: Vec<Target> = targets.into_iter().map(|target| scan.target.named(target)).collect();
    let (parts, connections) = (scan.parts(), scan.connections);
    ftp::insist(&scan.ftp, &parts, scan.only.is_some(), targets.iter().any(Target::speaks_ftp))?;
    let ftp_user = ftp::user(&scan.ftp)?;
    let settings = Settings::new(scan.target, scan.proxy, variables, &scan.waits, scan.report, color)?;
    let settings = Settings {
        parallel: connections.parallel,
        max_connections: connections.max_connections,
        pace: connections.pace.unwrap_or_default(),
        ftp_user,
        ..settings
    };
    Ok(ScanRun { targets, parts, plan: connections.plan, settings })
}

fn probe_run(
    probe: ProbeArgs,
    variables: &Variables,
    color: ColorChoice,
    progress: bool,
) -> Result<ProbeRun, CliError> {
    let many = Many::of(&probe.words, probe.bulk, &probe.target, &probe.report, progress)?;
    let targets = match &many {
        Some(_) => Vec::new(),
        None => words::targets(&probe.words, probe.target.default_port())?,
    };
    let targets: Vec<Target> = targets.into_iter().map(|target| probe.target.named(target)).collect();
    let hello = hello::hello(&probe.hello, probe.target.sni(), &targets)?;
    if many.is_some() {
        hello::refuse_too_long_for_any_name(&hello)?;
    }
    let find_out = match probe.find_out {
        FindOutArgs { reflect: true, .. } => {
            hello::refuse_unreadable(&hello)?;
            FindOut::Reflection
        }
        FindOutArgs { sweep_size: true, .. } => FindOut::HelloSizes,
        FindOutArgs { .. } => FindOut::Answer,
    };
    let settings = Settings::new(probe.target, probe.proxy, variables, &probe.waits, probe.report, color)?;
    let trust = if many.is_some() { TrustChoice::of_many(probe.trust) } else { probe.trust.into() };
    let settings = Settings { trust, ..settings };
    let repeat = Repeat { times: probe.repeat.times, interval: probe.repeat.interval };
    Ok(ProbeRun { targets, many, hello, finish: probe.finish, get: probe.get, find_out, repeat, settings })
}

fn explain_run(
    explain: ExplainArgs,
    variables: &Variables,
    color: ColorChoice,
    progress: bool,
) -> Result<ExplainRun, CliError> {
    let ExplainArgs { words, kind, probe, format, machine, target, proxy, waits } = explain;
    let machine = machine::machine(&machine)?;
    let probe = if probe {
        let report = ReportArgs::of_format(format.into());
        let settings = Settings::new(target.clone(), proxy, variables, &waits, report, color)?;
        Some(LogProbe { settings, target })
    } else {
        None
    };
    Ok(ExplainRun { words, kind: kind.map(Into::into), format, machine, probe, progress })
}

#[cfg(test)]
mod tests;
