//! Ports that were looked at because none was named.

use crate::outcome::Stage;
use crate::pack::Assignment;
use crate::report::Report;
use crate::target::Host;

/// Where one of the ports that were looked at answers, the others need not: nothing is held against a connection that
/// did not come about.
pub(super) fn excuse(host: &Host, assignments: &[Assignment], reports: &mut [Report]) {
    let is_searched = |report: &&mut Report| {
        let is_its = |assignment: &Assignment| assignment.is_searched && assignment.target.port == report.target.port;
        report.target.host == *host && assignments.iter().any(|it| it.target.host == *host && is_its(it))
    };
    // Of a port that was not asked nothing is known.
    let is_unused = |report: &Report| {
        let mut stages = report.exchanges.iter().map(|exchange| exchange.outcome.stage);
        !report.exchanges.is_empty() && stages.all(|stage| stage == Stage::Connect)
    };
    let is_used =
        |report: &&mut Report| report.exchanges.iter().any(|exchange| exchange.outcome.stage > Stage::Connect);
    let mut searched: Vec<&mut Report> = reports.iter_mut().filter(is_searched).collect();
    if !searched.iter().any(is_used) {
        return;
    }
    for report in searched.iter_mut().filter(|report| is_unused(report)) {
        report.findings.clear();
        report.observations.expectations.clear();
        report.observations.inconclusive.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Observations;
    use crate::outcome::testing::{alert, ended};
    use crate::outcome::{Answer, Exchange};
    use crate::pack::GENERIC;
    use crate::plan::Route;
    use crate::target::Target;

    fn report(port: u16, exchanges: Vec<Exchange>) -> Report {
        let mut observations = Observations::default();
        observations.could_not_tell("versions", "interrupted", &[]);
        Report {
            target: Target::new("wsus.corp".parse().unwrap(), port),
            pack: None,
            route: Route::direct(),
            addresses_not_asked: Vec::new(),
            connections: exchanges.len(),
            cost: None,
            exchanges,
            observations: Box::new(observations),
            findings: Vec::new(),
        }
    }

    /// Which of two reports have nothing held against them afterwards.
    fn excused(first: Vec<Exchange>, second: Vec<Exchange>) -> [bool; 2] {
        let mut reports = [report(8531, first), report(8530, second)];
        let assignments = reports
            .each_ref()
            .map(|report| Assignment { is_searched: true, ..Assignment::new(&GENERIC, report.target.clone()) });
        let host = reports[0].target.host.clone();
        excuse(&host, &assignments, &mut reports);
        reports.map(|report| report.observations.inconclusive.is_empty())
    }

    #[test]
    fn where_one_port_answers_another_need_not_but_one_that_was_not_asked_stays_open() {
        let refused = || vec![ended(1, Stage::Connect, Answer::Refused { after_ms: 1.0 })];
        let answers = || vec![alert(1, 70)];
        assert_eq!(excused(answers(), refused()), [false, true]);
        assert_eq!(excused(refused(), refused()), [false, false]);
        assert_eq!(excused(answers(), Vec::new()), [false, false], "it was not asked");
        assert_eq!(excused(refused(), Vec::new()), [false, false], "neither is known to answer");
    }
}
