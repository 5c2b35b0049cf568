//! `scan`: from arguments to a report and an exit code.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use super::survey::report;
use crate::check;
use crate::cli::ScanRun;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::settings::Settings;
use crate::plan::{Estimate, Part};
use crate::target::Target;

pub(super) async fn scan(run: ScanRun) -> Result<Exit, CliError> {
    let ScanRun { targets, parts, plan, settings } = run;
    if plan {
        // On stderr: what goes to stdout stays the report alone.
        write!(io::stderr(), "{}", estimate(&parts, &targets, &settings)).ok();
    }
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::scan(&targets, &parts, settings, surroundings).await
    })
    .await
}

/// The round trip by which times are estimated.
const ROUND_TRIP: Duration = Duration::from_millis(50);

/// What asking these parts of one endpoint will take, in lines.
fn estimate(parts: &[Part], targets: &[Target], settings: &Settings) -> String {
    let at_once = settings.parallel.unwrap_or(check::SCAN_CONNECTIONS_AT_ONCE);
    let mut text = "Plan, for each endpoint:\n".to_owned();
    for part in parts {
        let Estimate { least, most } = Estimate::of_part(part);
        writeln!(text, "  {:20}{least:4} to {most:3} connections", part.name).ok();
    }
    let asks = targets.first().map(|target| check::asks_of(parts, target)).unwrap_or_default();
    let Estimate { least, most } = Estimate::of(&asks);
    let cap = |connections: usize| settings.max_connections.map_or(connections, |limit| connections.min(limit));
    let (least, most) = (cap(least), cap(most));
    let trips = |connections| Estimate::round_trips(connections, at_once);
    let time = |connections| Estimate::time(connections, at_once, ROUND_TRIP, settings.pace).as_secs_f64();
    writeln!(text, "  {:20}{least:4} to {most:3} connections, {at_once} at once", "in all").ok();
    writeln!(text, "  {:20}{:4} to {:3} one after the other", "round trips", trips(least), trips(most)).ok();
    writeln!(text, "  {:20}{:.1} s to {:.1} s where a round trip takes 50 ms", "time", time(least), time(most)).ok();
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, parse};

    #[test]
    fn the_estimate_names_every_part_and_keeps_to_the_budget() {
        let line = "tlsprobe scan --only versions,suites --max-connections 50 --plan a.example";
        let invocation = parse(line.split_whitespace(), &crate::cli::proxy::Variables::new()).unwrap();
        let Command::Scan(run) = invocation.command else { panic!("it is a scan") };
        assert!(run.plan);
        let text = estimate(&run.parts, &run.targets, &run.settings);
        assert!(text.contains("versions") && text.contains("suites"), "{text}");
        assert!(text.contains(" 50 connections, 8 at once") && text.contains("50 ms"), "{text}");
    }
}
