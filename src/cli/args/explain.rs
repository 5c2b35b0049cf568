//! What is to be explained, and how its hosts are reached where they are to be asked.

use clap::{Arg, Args, Command, ValueEnum};

use super::{MachineArgs, ProxyArgs, TargetArgs, WaitArgs};
use crate::cli::list::ListFormat;
use crate::explain::Kind;

/// How a target is reached is of no use where none is probed. (A group that has another in it has no members of its own.)
fn with_probe_where_of_a_target() -> impl Fn(Arg) -> Arg {
    let of_a_target = TargetArgs::augment_args(Command::new("target"));
    move |arg| {
        let is_of_a_target = of_a_target.get_arguments().any(|its| its.get_id() == arg.get_id());
        if is_of_a_target { arg.requires("probe") } else { arg }
    }
}

const EXAMPLES: &str = "\
Examples:
  tlsprobe explain 0x80244021
          a Windows Update code; -2145107935 and WU_E_PT_HTTP_STATUS_BAD_GATEWAY
          are the same
  tlsprobe explain alert 20
          a TLS alert, by its number or its name; event 36887 is one of Schannel
  tlsprobe explain 0x9 --as winhttp-flags
          the flags in a value; CERT_REV_FAILED INVALID_CA gives the value
  tlsprobe explain wsus-import-tls10
          a rule of the findings
  tlsprobe explain SoftwareDistribution.log
          each problem in a log, the rules it points to, and what to run
  tlsprobe explain LocationServices.log --probe
          the same, and runs it
  wevtutil qe System /f:text | tlsprobe explain -
          the System log's events of Schannel
  tlsprobe explain gpresult.html --os 2019
          what a policy report means for the hellos of a WSUS

Exit code: 0 explained, 2 could not run; with --probe that of check.";

/// Say what a code, a rule or a whole log means, what causes it, and what tests that
///
/// A log is that of WSUS, of Windows Update, any of Configuration Manager's, that of IIS, or the System log as text, CSV or
/// XML, in UTF-8 or UTF-16 and of any length: each distinct problem once, with where it stands, how often, from when to
/// when. A file that --machine takes is told as what it says of its machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = "tlsprobe explain [OPTIONS] <CODE|FILE>")]
#[command(mut_args(with_probe_where_of_a_target()))]
#[command(mut_group("ProxyArgs", |group| group.requires("probe")))]
#[command(mut_group("WaitArgs", |group| group.requires("probe")))]
pub(in crate::cli) struct ExplainArgs {
    /// A Windows code or its name, an alert, a Schannel event, a status text, a line with one of the texts of .NET, a
    /// rule; or a file, - for standard input
    #[arg(value_name = "CODE|FILE", required = true, allow_negative_numbers = true)]
    pub(in crate::cli) words: Vec<String>,
    /// Take the words for this: windows-code, http-status, alert, event or winhttp-flags
    #[arg(long = "as", value_name = "KIND", hide_possible_values = true, conflicts_with = "probe")]
    pub(in crate::cli) kind: Option<As>,
    /// Run the commands that a log points to. Hosts that the log names are asked then, and are shown before
    #[arg(long)]
    pub(in crate::cli) probe: bool,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true, help_heading = "Output")]
    pub(in crate::cli) format: ListFormat,
    #[command(flatten)]
    pub(in crate::cli) machine: MachineArgs,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) proxy: ProxyArgs,
    #[command(flatten)]
    pub(in crate::cli) waits: WaitArgs,
}

/// `--as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum As {
    WindowsCode,
    HttpStatus,
    Alert,
    Event,
    WinhttpFlags,
}

impl From<As> for Kind {
    fn from(kind: As) -> Self {
        match kind {
            As::WindowsCode => Self::Code,
            As::HttpStatus => Self::HttpStatus,
            As::Alert => Self::Alert,
            As::Event => Self::Event,
            As::WinhttpFlags => Self::Flag,
        }
    }
}
