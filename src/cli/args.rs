//! The command line as clap reads it: commands, options, their help.

#![expect(
    clippy::doc_markdown,
    reason = "doc comments of arguments are their help, which a terminal shows as it stands"
)]
#![allow(rustdoc::broken_intra_doc_links, reason = "for the same reason: `[v6]:port` is no link")]

mod bulk;
mod client;
mod explain;
mod ftp;
mod hello;
mod list;
mod machine;
mod proxy;
mod reach;
mod reflect;
mod scan;
mod trust;
mod typed;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::color::ColorChoice;
use super::list::ListRun;
use super::settings::Output;
use crate::render::Format;

pub(super) use bulk::BulkArgs;
pub use client::ClientArgs;
pub(super) use explain::ExplainArgs;
pub(super) use ftp::FtpArgs;
pub(super) use hello::{HelloArgs, Switch};
pub(super) use list::List;
pub(super) use machine::MachineArgs;
pub(super) use proxy::ProxyArgs;
pub(super) use reach::{Sni, TargetArgs, WaitArgs};
pub(super) use reflect::ReflectArgs;
pub(super) use scan::ScanArgs;
pub(super) use trust::TrustArgs;

const EXAMPLES: &str = "\
Examples:
  tlsprobe demo
          a whole report, from endpoints on this machine
  tlsprobe check wsus
          can this network reach the update endpoints as a WSUS needs them?
  tlsprobe check cmg:cmg.contoso.com --format json
          a Cloud Management Gateway, for a scheduler
  tlsprobe probe --tls 1.0 wsus.corp:8531
          one TLS 1.0 hello, and what came back

Exit codes:
  0  check: all as expected. probe: every target took up the hello.
  1  check: something is broken. probe: any other answer.
  2  nothing could be run: bad usage, an unreadable file.
  3  check: nothing broken, but something could not be told.";

/// Sends hand-built TLS hellos and says exactly what came back.
///
/// For whoever probes update endpoints from the network of a WSUS or Configuration Manager server, has to show what a
/// proxy makes of TLS, or checks reachability on a schedule.
#[derive(Debug, Parser)]
#[command(name = "tlsprobe", version, after_help = EXAMPLES, max_term_width = 80)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) messages: MessageArgs,
    #[command(subcommand)]
    pub(super) command: CommandArgs,
}

/// Behind each command's own options.
const LAST: usize = 100;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct MessageArgs {
    /// Say more on stderr: -v what is done, -vv how, -vvv everything
    #[arg(short, long, action = ArgAction::Count, global = true, display_order = LAST)]
    pub(super) verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = LAST)]
    pub(super) quiet: bool,
    /// Colour: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", hide_possible_values = true)]
    #[arg(display_order = LAST)]
    pub(super) color: ColorChoice,
    /// Form of what is said on stderr: text or json
    #[arg(long, value_name = "FORM", global = true, default_value = "text", hide_possible_values = true)]
    #[arg(display_order = LAST)]
    pub(super) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// Each command's help stands at its arguments.
#[derive(Debug, Subcommand)]
pub(super) enum CommandArgs {
    Check(Box<CheckArgs>),
    Probe(Box<ProbeArgs>),
    Scan(Box<ScanArgs>),
    Reflect(ReflectArgs),
    Lab(LabArgs),
    Demo(DemoArgs),
    List(ListRun),
    Explain(Box<ExplainArgs>),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  tlsprobe check wsus
          the endpoints that a WSUS synchronizes with: sws, sws1 and fe2
  tlsprobe check cmg:cmg.contoso.com
          a Cloud Management Gateway
  tlsprobe check wsus.corp:8531 https://wsus --format jsonl
          any TLS servers, one line of JSON for each
  tlsprobe check wsus --os 2012r2 --updates rollup --dotnet-strong-crypto off
          as this WSUS would: its own hellos, and what is wrong with them
  tlsprobe check sws --connect-to sws.update.microsoft.com:443:192.0.2.7:443
          what answers for sws at another address
  tlsprobe check cmg:cmg.contoso.com --deep
          and whether its handshakes and resumptions hold
  tlsprobe check wsus --proxy http://proxy.corp:8080
          the same through a proxy
  tlsprobe check sws --proxy http://proxy.corp:8080 --compare-routes
          does that proxy leave TLS as it is?
  tlsprobe check cmg:cmg.contoso.com --trust windows --trust corp-root.pem --revocation
          would a client trust the gateway that has our root, and can it check?
  tlsprobe check --targets servers.txt --format csv --output servers.csv
          very many servers, a row for each as it is done

Exit code: 0 all as expected, 1 something broken, 2 could not run,
3 nothing broken but something could not be told, a line of the list for
instance.";

/// Ask endpoints all that matters, compare it with what is expected
///
/// Each version of TLS is asked for by itself, then each suite of the pack, between two questions that are the same, to
/// tell "refuses this" from "stopped answering". Every expectation is held, broken, or could not be told; the report
/// names the exchanges that show it.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES, override_usage = "tlsprobe check [OPTIONS] <PACK|TARGET>...")]
pub(super) struct CheckArgs {
    /// What to check: wsus, sws, sws1, fe2, cmg:HOST, wsus-server:HOST[:PORT], or any host, host:port, [v6]:port or https:// URL
    ///
    /// A bare word that names a pack is the pack; wsus:443 and https://wsus are hosts of that name. A host without a
    /// pack should accept TLS 1.2 or later with a chain in order, a right name and right dates. wsus-server alone is the
    /// WUServer of the machine's policy; without a port it is looked for on 80, 443, 8530 and 8531. `tlsprobe list packs`
    /// shows the packs.
    #[arg(value_name = "PACK|TARGET")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) bulk: BulkArgs,
    /// Ask the parts of `tlsprobe scan` besides that complete handshakes, resume and renegotiate them
    #[arg(long, help_heading = "Parts")]
    pub(super) deep: bool,
    #[command(flatten)]
    pub(super) ftp: FtpArgs,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) proxy: ProxyArgs,
    /// Ask directly besides, and tell what the proxy makes of TLS: passthrough, intercepted, altered or blocked
    ///
    /// Every question is asked on both ways. The reports of both carry the verdict with its reasons; the pack's
    /// expectations are held against the way through the proxy alone.
    #[arg(long, help_heading = "Proxy", conflicts_with = "direct")]
    pub(super) compare_routes: bool,
    #[command(flatten)]
    pub(super) machine: MachineArgs,
    /// Show this token to a gateway where one is wanted; no report has it
    ///
    /// The file holds the token alone. When it ends is read from it, where it says so; whether it is genuine is not.
    #[arg(long, value_name = "FILE", help_heading = "HTTP")]
    pub(super) bearer_file: Option<PathBuf>,
    /// The number in the paths of your gateway, as in /CCM_Proxy_ServerAuth/NUMBER/CCM_STS [without it: that of
    /// Microsoft's sample]
    ///
    /// Clients log it: see the URLs in LocationServices.log. What was asked with the sample's number is marked so.
    #[arg(long, value_name = "NUMBER", help_heading = "HTTP", value_parser = typed::decimal)]
    pub(super) cmg_id: Option<String>,
    #[command(flatten)]
    pub(super) trust: TrustArgs,
    #[command(flatten)]
    pub(super) waits: WaitArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
}

const PROBE_EXAMPLES: &str = "\
Examples:
  tlsprobe probe sws.update.microsoft.com
          what a current client gets
  tlsprobe probe --tls 1.0 --ciphers AES128-SHA,DES-CBC3-SHA wsus.corp:8531
          a hello of old
  tlsprobe probe --tls 1.2 --ems off --without session_ticket cmg.contoso.com
          a TLS 1.2 hello without two of its extensions
  tlsprobe probe --ciphers TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P384 wsus.corp
          one suite by its Windows name, which brings its curve
  tlsprobe probe --key-shares none --groups P-384 a.example
          make the server ask again (HelloRetryRequest)
  tlsprobe probe --finish --tls 1.2 --keylog keys.txt cmg.contoso.com
          to the end of the handshake, with the keys for Wireshark
  tlsprobe probe --tls 1.0 --get /selfupdate/wuident.cab wsus.corp:8531
          a request in an old version of TLS
  tlsprobe probe --starttls smtp mx.example
          a mail server, which begins in the clear
  tlsprobe probe --repeat 100 --interval 0.5 cmg.contoso.com
          what fails now and then, as k of 100
  tlsprobe probe --hello-hex hello.hex --evidence bytes --format json a.example
          exactly these bytes, and the bytes that came back

  tlsprobe probe --reflect far.example --proxy http://proxy.corp:8080
          does the hello arrive at `tlsprobe reflect` as it was sent?
  tlsprobe probe --sweep-size a.example
          up to which size do hellos get through, whole and split?

  tlsprobe probe --targets list.txt --format jsonl --output out.jsonl \\
                 --resume state
          very many targets; the same command goes on where it was ended
  tlsprobe probe 192.0.2.0/24 2001:db8::/120 --port 8531 --rate 100
          whole networks, gently, in a random order
  zcat list.gz | tlsprobe probe --targets - --per-net /24=2 --exclude no.txt
          from another program, two at a time in one network
  tlsprobe probe --targets list.txt --format jsonl --only-changed last.jsonl
          who does not answer as the last time?

Exit code: 0 every target took up the hello (with --reflect: and it arrived
as it was sent), 1 any other answer, or a line of the list that could not be
understood, 2 could not run.";

/// Send one hello to each target, say what came back
///
/// Without options it is the hello of a current OpenSSL client, with TLS 1.3 and 1.2. The options change it in the
/// order in which they stand under Hello, whatever their order on the command line. A LIST is comma-separated and sent in
/// its order; its names are those of IANA, OpenSSL or Windows, or hex.
#[derive(Debug, Args)]
#[command(after_help = PROBE_EXAMPLES, override_usage = "tlsprobe probe [OPTIONS] <TARGET>...")]
pub(super) struct ProbeArgs {
    /// Where to send it: host, host:port, [v6]:port, https://host/path or a block as 192.0.2.0/24; port 443 unless said
    #[arg(value_name = "TARGET")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) bulk: BulkArgs,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) proxy: ProxyArgs,
    #[command(flatten)]
    pub(super) hello: HelloArgs,
    /// Complete the handshake, and say how it ended and after which of our messages
    ///
    /// Without it no byte is sent but the hello, and the report ends with the server's first flight: in TLS 1.3 too, as
    /// far as the hello's private keys are known. Certificates are shown, not judged; a wrong signature is reported.
    #[arg(long, help_heading = "Hello")]
    pub(super) finish: bool,
    /// Ask for this path over HTTP once the handshake is complete, and show the answer
    ///
    /// One GET in HTTP/1.1, whatever the version of TLS. Redirects are shown, and not followed.
    #[arg(long, value_name = "PATH", help_heading = "HTTP", value_parser = typed::request_path)]
    pub(super) get: Option<String>,
    #[command(flatten)]
    pub(super) trust: TrustArgs,
    #[command(flatten)]
    pub(super) find_out: FindOutArgs,
    #[command(flatten)]
    pub(super) repeat: RepeatArgs,
    #[command(flatten)]
    pub(super) waits: WaitArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
}

/// What `probe` is to find out besides the answer.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Find out")]
pub(super) struct FindOutArgs {
    /// Whether the hello arrives as it was sent; the target is a `tlsprobe reflect`
    ///
    /// The hello must offer TLS 1.2 or older besides TLS 1.3, whose certificates, and with them the report of what
    /// arrived, are encrypted.
    #[arg(long, conflicts_with_all = ["sweep_size", "times"])]
    pub(super) reflect: bool,
    /// The size at which the answer changes: from 200 bytes, or the hello's own size, to 16 KiB
    ///
    /// In one record, split over two records and over two TCP segments, and where TLS 1.3 is offered the same with a
    /// share of X25519MLKEM768.
    #[arg(long, conflicts_with_all = ["hello_hex", "pad_to", "split", "times"])]
    pub(super) sweep_size: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Repetition")]
pub(super) struct RepeatArgs {
    /// Send it so many times, one after the other, and report how each ended how often, and the times
    ///
    /// What fails now and then shows as k of N, with the interval in which the true share lies at 95 %.
    #[arg(long = "repeat", value_name = "N", default_value = "1", value_parser = typed::repetitions)]
    pub(super) times: usize,
    /// Pause between two of them, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = typed::pause, requires = "times")]
    pub(super) interval: Duration,
}

const LAB_EXAMPLES: &str = "\
Examples:
  tlsprobe lab
          every endpoint and proxy, at ports of the system's choice, until
          Ctrl-C
  tlsprobe lab --port 9000 --only sws fe2 proxy
          two endpoints, at 9000 and 9001, and a proxy to reach them through,
          at 9200";

/// Run the embedded endpoints and proxies on loopback, to try things against
///
/// They behave as real ones were seen to, faults included. Their names and addresses are printed once they listen.
#[derive(Debug, Args)]
#[command(after_help = LAB_EXAMPLES)]
pub(super) struct LabArgs {
    /// First port; the others follow, the proxies from two hundred ports above [without it: ports of the system's choice]
    #[arg(long, value_name = "BASE", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// Run these endpoints and proxies and no others
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(super) only: Vec<String>,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  tlsprobe demo
  tlsprobe demo --format json

Exit code: 0 when the lab showed what it was scripted to show.";

/// Start the lab, check it as the real endpoints are checked, show the report
///
/// Needs neither network nor privileges.
#[derive(Debug, Args)]
#[command(after_help = DEMO_EXAMPLES)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Form of the report: text, json (one document), jsonl (one line for each target) or csv (one row)
    ///
    /// Of very many targets text is a line for each, and json is not to be had. The columns of csv are stable; new ones come
    /// at the end. In it, what a spreadsheet would take for a formula has an apostrophe in front.
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    format: Format,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    pub(super) fn format(&self) -> Format {
        self.format
    }

    pub(super) fn file(&self) -> Option<&std::path::Path> {
        self.output.as_deref()
    }

    pub(super) fn into_output(self, color: ColorChoice) -> Output {
        Output { format: self.format, file: self.output, color }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Put each certificate's PEM into the report
    #[arg(long)]
    pub(super) pem: bool,
    /// Add the secrets of every connection to this file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub(super) keylog: Option<PathBuf>,
    /// Put the bytes that were sent and received into the report: bytes or none
    #[arg(long, value_name = "WHAT", default_value = "none", hide_possible_values = true)]
    pub(super) evidence: Evidence,
    /// Write what went to and fro into this file too, as a capture for Wireshark (pcapng). TCP and IP headers are
    /// reconstructed; what is said to a proxy is left out
    #[arg(long, value_name = "FILE")]
    pub(super) pcap: Option<PathBuf>,
}

impl ReportArgs {
    /// Where only the form can be chosen.
    pub(super) fn of_format(format: Format) -> Self {
        let output = OutputArgs { format, output: None };
        Self { output, pem: false, keylog: None, evidence: Evidence::None, pcap: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Evidence {
    None,
    Bytes,
}
