//! `scan`: which parts, and how many connections.

use std::collections::BTreeSet;

use clap::Args;

use super::list::{List, list};
use super::{FtpArgs, ProxyArgs, ReportArgs, TargetArgs, WaitArgs};
use crate::cli::message::any_of;
use crate::plan::{PARTS, Part};

const EXAMPLES: &str = "\
Examples:
  tlsprobe scan cmg.contoso.com
          every part
  tlsprobe scan --only ems,resumption wsus.corp:8531
          are sessions resumed as RFC 7627 and updated Windows want it?
  tlsprobe scan --only leading-zero --format json a.example
          the DHE failure of one in 256 handshakes, in one handshake
  tlsprobe scan --parallel 1 --max-connections 50 a.example
          gently: one connection at a time, and no more than 50
  tlsprobe scan --only ftp-data --starttls ftp ftp.example
          do data connections need the control connection's session?

Parts:
  versions            which versions are accepted
  ems                 extended_master_secret in every version and key
                      exchange, and sessions resumed with and without it
                      (RFC 7627)
  resumption          ten attempts by session id, ticket and PSK
  leading-zero        secrets that begin with zero bytes, with DHE and
                      ECDHE
  client-certificate  whether one is asked for, when, and what comes
                      without one
  renegotiation       whether it is secure (RFC 5746), whether a client
                      may begin it
  ftp-data            of an FTP server: whether data connections demand,
                      take or refuse a resumed session, with
                      extended_master_secret and without it
  groups              groups of ECDHE and TLS 1.3, hybrid ones among
                      them, and the finite field of DHE
  signature-schemes   schemes that sign the handshake, in TLS 1.2 and 1.3
  alpn                application protocols, and what an unknown one
                      brings
  certificates        by kind of key; with the name, without one, with a
                      wrong one
  extensions          encrypt_then_mac, tickets, stapling, compression,
                      heartbeat, limits of records, early data, fallback
  tolerance           unknown values, GREASE, long hellos, empty ones
  fingerprints        JARM, and JA3S of its answers

Exit code: 0 nothing found above info, 1 something found, 2 could not run,
3 nothing found but something could not be told.";

/// Find out all that each target does, part by part
///
/// Handshakes are completed, resumed and renegotiated by hand, each on a connection of its own, between two hellos that
/// are the same, to tell "refuses this" from "stopped answering".
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = "tlsprobe scan [OPTIONS] <TARGET>...")]
pub(in crate::cli) struct ScanArgs {
    /// Whom to ask: host, host:port, [v6]:port or https://host/path; port 443 unless said
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) words: Vec<String>,
    /// Ask these parts and no others: names as below, comma-separated
    #[arg(long, value_name = "LIST", value_parser = list(part), help_heading = "Parts")]
    pub(in crate::cli) only: Option<List<Part>>,
    #[command(flatten)]
    pub(in crate::cli) connections: ConnectionArgs,
    #[command(flatten)]
    pub(in crate::cli) ftp: FtpArgs,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) proxy: ProxyArgs,
    #[command(flatten)]
    pub(in crate::cli) waits: WaitArgs,
    #[command(flatten)]
    pub(in crate::cli) report: ReportArgs,
}

/// How many connections an endpoint is asked on.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(in crate::cli) struct ConnectionArgs {
    /// So many at the same time, to each endpoint [without it: 4]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(in crate::cli) parallel: Option<usize>,
    /// At most so many in all, to each endpoint; what is then still to ask is said to be open [without it: as many as
    /// it takes]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(in crate::cli) max_connections: Option<usize>,
}

impl ScanArgs {
    /// The parts to ask, in the order of asking, whatever the order they were named in.
    pub(in crate::cli) fn parts(&self) -> Vec<Part> {
        let Some(only) = &self.only else { return PARTS.to_vec() };
        let named: BTreeSet<&str> = only.0.iter().map(|part| part.name).collect();
        PARTS.iter().filter(|part| named.contains(part.name)).copied().collect()
    }
}

fn part(text: &str) -> Result<Part, String> {
    let found = PARTS.iter().find(|part| part.name.eq_ignore_ascii_case(text)).copied();
    found.ok_or_else(|| {
        format!("{text:?} is no part: give {}", any_of(&PARTS.iter().map(|part| part.name).collect::<Vec<_>>()))
    })
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "give a number from 1 on".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Scan {
        #[command(flatten)]
        scan: ScanArgs,
    }

    fn parts(options: &[&str]) -> Vec<&'static str> {
        let scan = Scan::try_parse_from(["tlsprobe"].iter().chain(options)).unwrap().scan;
        scan.parts().iter().map(|part| part.name).collect()
    }

    #[test]
    fn every_part_is_asked_unless_some_are_named() {
        assert_eq!(parts(&[]), PARTS.iter().map(|part| part.name).collect::<Vec<_>>());
        assert_eq!(parts(&["--only", "resumption,EMS,ems"]), ["ems", "resumption"]);
    }

    #[test]
    fn a_part_that_is_none_is_refused_with_those_there_are() {
        let error = part("tickets").unwrap_err();
        assert!(error.contains("tickets") && error.contains("leading-zero"), "{error}");
    }

    #[test]
    fn the_help_names_every_part() {
        for part in PARTS {
            assert!(EXAMPLES.contains(&format!("  {} ", part.name)), "{}", part.name);
        }
    }

    #[test]
    fn no_connection_at_all_is_no_number_of_them() {
        assert!(at_least_one("0").is_err() && at_least_one("x").is_err());
        assert_eq!(at_least_one("50"), Ok(50));
    }
}
