//! A report on one line, for who asks very many.

use super::received::in_brief;
use super::words::{count, name, some, time};
use crate::certificate::Contents;
use crate::observation::State;
use crate::report::Report;

/// `a.example:443  chose TLS 1.2  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384  CN=a.example  21 ms`, and what is wrong.
pub(in crate::render) fn line(report: &Report) -> String {
    let mut told = vec![name(&report.target.to_string())];
    let own = report.target.to_string();
    told.extend(
        report.target.address.map(|address| address.to_string()).filter(|at| *at != own).map(|at| format!("at {at}")),
    );
    if let Some(exchange) = report.exchanges.first() {
        told.push(in_brief(exchange));
        told.extend(exchange.server.as_ref().map(|server| name(&server.cipher_suite.name)));
        if let Some(Contents::Readable(details)) = exchange.certificates.first().map(|leaf| &leaf.contents) {
            told.push(name(&details.subject));
        }
        told.push(time(exchange.timing_ms.total).replace('\u{a0}', " "));
    } else {
        told.push("not asked".to_owned());
    }
    let seen = &report.observations;
    let broken = seen.expectations.iter().filter(|expectation| expectation.state == State::Broken);
    let wrong: Vec<String> = broken
        .map(|expectation| name(&expectation.id))
        .chain(report.findings.iter().map(|finding| name(&finding.id)))
        .collect();
    if !wrong.is_empty() {
        told.push(format!("! {}", some(wrong.into_iter(), 4).join(", ")));
    }
    if report.has_gaps() {
        let gaps = seen.inconclusive.len().max(1);
        told.push(format!("? {} not told", count(gaps, "point")));
    }
    told.join("  ") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures;
    use super::*;

    #[test]
    fn a_report_of_any_kind_is_one_line_that_harms_no_terminal() {
        for (fixture, document) in fixtures::all() {
            for report in &document.reports {
                let line = line(report);
                assert!(line.ends_with('\n') && line.lines().count() == 1, "{fixture}: {line:?}");
                assert!(line.trim_end().chars().all(|letter| !letter.is_control()), "{fixture}: {line:?}");
                assert!(line.contains(&report.target.port.to_string()), "{fixture}: {line}");
            }
        }
    }

    #[test]
    fn it_says_how_it_ended_and_what_is_wrong() {
        let document = fixtures::wsus();
        let all: String = document.reports.iter().map(line).collect();
        assert!(all.contains("chose TLS 1.2") && all.contains("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"), "{all}");
        for finding in document.reports.iter().flat_map(|report| &report.findings).take(1) {
            assert!(all.contains(&finding.id), "{all}");
        }
    }
}
