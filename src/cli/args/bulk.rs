//! Very many targets: where they are listed, how much at a time, and going on where a run was ended.

use std::path::PathBuf;

use clap::Args;

use super::typed;
use crate::bulk::{Block, NetLimit};

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Many targets")]
pub(in crate::cli) struct BulkArgs {
    /// Read targets from this file, or from standard input with -: one a line, or CSV with a header
    ///
    /// A line is a target as on the command line, or a block of addresses, 192.0.2.0/24 or 2001:db8::/112, which is asked
    /// in a random order. Empty lines and what follows a # do not count. A first line with the field target or host
    /// makes it a CSV of these columns, in any order: target or host; port; sni (- for none); connect or address, where to
    /// connect in its place, as ADDRESS[:PORT]; pack (check). Other columns are left alone. The list is read as it is
    /// needed, and may be of any length. A line that can't be understood is told on stderr and counted; the run goes on.
    ///
    /// With any of these options, or a block among the targets, reports are written as they come, in the order of the
    /// answers: as a line of text for each unless --format says jsonl or csv. probe then judges chains of certificates
    /// where --trust, --at, --fetch-aia or --revocation is given, and not otherwise.
    #[arg(long, value_name = "FILE|-")]
    pub(in crate::cli) targets: Option<PathBuf>,
    /// Ask so many targets at a time [without it: by the limit of open files, 1000 at most]
    #[arg(long, value_name = "N", value_parser = typed::number)]
    pub(in crate::cli) concurrency: Option<usize>,
    /// Begin with so many targets a second, evenly, and no more
    #[arg(long, value_name = "N", value_parser = typed::rate)]
    pub(in crate::cli) rate: Option<f64>,
    /// Ask so many targets of one host at a time, whatever their ports
    #[arg(long, value_name = "N", value_parser = typed::number)]
    pub(in crate::cli) per_host: Option<usize>,
    /// Ask so many targets in one network at a time: /24=2 for IPv4, /64=1 (or 6/32=1) for IPv6; repeatable
    ///
    /// Names are looked up first. What a proxy looks up counts for no network.
    #[arg(long, value_name = "/LENGTH=N")]
    pub(in crate::cli) per_net: Vec<NetLimit>,
    /// Leave out the addresses, blocks, host names and *.domains of this file
    ///
    /// One a line; what follows a # does not count. Names are looked up where addresses are left out, and a target with
    /// one of them is not asked; nor is one that would be connected to at a host that is left out. A name that a proxy
    /// alone looks up is left out by what it is called, and never by its addresses.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) exclude: Option<PathBuf>,
    /// The order in which blocks are asked, to have the same again [without it: another one each time]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) seed: Option<u64>,
    /// Note in this file how far the run is, and go on from there; needs --output
    ///
    /// Without the file a new run begins. A run that was ended by Ctrl-C, by a signal, or by the loss of power is gone on
    /// with by the same command and the same list, which may have grown: each target is reported once. What was asked
    /// since the last note, a second ago at the most, is asked again. Limits, rate and waits may be others. Beside STATE
    /// stand STATE.new, now and then, and STATE.lock, which keeps a second run from it.
    #[arg(long, value_name = "STATE")]
    pub(in crate::cli) resume: Option<PathBuf>,
    /// Report those alone who do not answer as in this earlier run (jsonl): outcome, version, suite, certificates, expectations, findings
    ///
    /// A target that the earlier run does not have is reported. All that is kept of it is sixteen bytes for each report.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) only_changed: Option<PathBuf>,
}

impl BulkArgs {
    /// Whether the options, or one of these words, speak of very many targets.
    pub(in crate::cli) fn is_wanted(&self, words: &[String]) -> bool {
        let Self { targets, concurrency, rate, per_host, per_net, exclude, seed, resume, only_changed } = self;
        let files = [targets, exclude, resume, only_changed];
        files.into_iter().any(Option::is_some)
            || concurrency.or(*per_host).is_some()
            || rate.is_some()
            || seed.is_some()
            || !per_net.is_empty()
            || words.iter().any(|word| Block::parse(word).is_some())
    }
}
