//! What an earlier run said of each target, in sixteen bytes: to tell only what is not the same now.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead};

use super::list::{Line, read_bounded};
use crate::certificate::Certificate;
use crate::outcome::Answer;
use crate::report::Report;

/// The longest report that is read: one with its certificates and all bytes has some hundred thousand.
const LONGEST: usize = 16 << 20;

/// An earlier run's `jsonl`.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Of each report who it is of, and what it says; sorted.
    reports: Vec<(u64, u64)>,
    /// Lines that are no report: a run that was cut off leaves half of one.
    unreadable: u64,
    /// Whether one target has a report for each of its addresses.
    by_address: bool,
}

impl Earlier {
    /// Reads the lines. `by_address` says that each address of a host is asked, so that each is compared with itself.
    pub fn read(mut input: impl BufRead, by_address: bool) -> io::Result<Self> {
        let (mut reports, mut unreadable, mut line) = (Vec::new(), 0, Vec::new());
        loop {
            match read_bounded(&mut input, &mut line, LONGEST)? {
                None => break,
                Some(Line::TooLong) => {
                    unreadable += 1;
                    continue;
                }
                Some(Line::Whole) => {}
            }
            match serde_json::from_slice::<Report>(&line) {
                Ok(report) => reports.push((who(&report, by_address), what(&report))),
                Err(_) if line.trim_ascii().is_empty() => {}
                Err(_) => unreadable += 1,
            }
        }
        reports.sort_unstable();
        reports.dedup();
        reports.shrink_to_fit();
        Ok(Self { reports, unreadable, by_address })
    }

    /// Reports that were read.
    pub fn len(&self) -> usize {
        self.reports.len()
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Lines that are no report.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Whether the earlier run said the same of this target.
    pub fn says_the_same(&self, report: &Report) -> bool {
        self.reports.binary_search(&(who(report, self.by_address), what(report))).is_ok()
    }
}

fn who(report: &Report, by_address: bool) -> u64 {
    let mut hash = DefaultHasher::new();
    let target = &report.target;
    (&target.host, target.port, &target.sni, &report.pack, &report.route.proxy).hash(&mut hash);
    if by_address {
        target.address.hash(&mut hash);
    }
    hash.finish()
}

/// Outcomes, what was negotiated, certificates, versions and suites, expectations and findings; nothing that differs
/// from one connection to the next, such as times.
fn what(report: &Report) -> u64 {
    let mut hash = DefaultHasher::new();
    for exchange in &report.exchanges {
        let outcome = &exchange.outcome;
        (&exchange.purpose, outcome.stage.word(), outcome.answer.kind(), alert(&outcome.answer)).hash(&mut hash);
        let server = exchange.server.as_ref();
        server.map(|server| (server.version, server.cipher_suite.code)).hash(&mut hash);
        exchange.certificates.iter().map(fingerprint).collect::<Vec<_>>().hash(&mut hash);
    }
    let seen = &report.observations;
    for (version, support) in &seen.versions {
        (version, support.word()).hash(&mut hash);
    }
    for (version, support) in &seen.cipher_suites {
        (version, support.accepted.iter().map(|suite| suite.code).collect::<Vec<_>>()).hash(&mut hash);
    }
    for expectation in &seen.expectations {
        (&expectation.id, format!("{:?}", expectation.state)).hash(&mut hash);
    }
    for finding in &report.findings {
        finding.id.hash(&mut hash);
    }
    hash.finish()
}

fn alert(answer: &Answer) -> Option<u8> {
    if let Answer::Alert { code, .. } = answer { Some(*code) } else { None }
}

fn fingerprint(certificate: &Certificate) -> &str {
    &certificate.sha256
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert};
    use crate::plan::Route;
    use crate::registry::{CipherSuite, ProtocolVersion};

    fn report(target: &str, exchange: crate::outcome::Exchange) -> Report {
        Report {
            target: target.parse().unwrap(),
            pack: None,
            route: Route::direct(),
            addresses_not_asked: Vec::new(),
            exchanges: vec![exchange],
            observations: Box::default(),
            findings: Vec::new(),
            connections: 1,
            cost: None,
        }
    }

    fn hello(suite: u16) -> crate::outcome::Exchange {
        accepted(1, ProtocolVersion::TLS1_2, CipherSuite(suite))
    }

    fn earlier(reports: &[Report], by_address: bool) -> Earlier {
        let lines: Vec<String> = reports.iter().map(|report| serde_json::to_string(report).unwrap()).collect();
        Earlier::read((lines.join("\n") + "\n\n{\"half").as_bytes(), by_address).unwrap()
    }

    #[test]
    fn the_same_is_the_same_whenever_it_took_how_long() {
        let earlier = earlier(&[report("a.example", hello(0xC030)), report("b.example", alert(1, 40))], false);
        assert_eq!((earlier.len(), earlier.unreadable()), (2, 1));
        let mut again = report("a.example", hello(0xC030));
        again.exchanges[0].timing_ms.total = 17.0;
        again.target.address = Some("192.0.2.9:443".parse().unwrap());
        assert!(earlier.says_the_same(&again));
        assert!(earlier.says_the_same(&report("b.example", alert(1, 40))));
    }

    #[test]
    fn an_endless_line_is_no_report_and_is_not_held() {
        let endless = io::Read::take(io::repeat(b'x'), 3 * LONGEST as u64);
        let line = serde_json::to_string(&report("a.example", hello(0xC030))).unwrap();
        let input = io::Read::chain(endless, io::Cursor::new(format!("\n{line}\n")));
        let earlier = Earlier::read(io::BufReader::new(input), false).unwrap();
        assert_eq!((earlier.len(), earlier.unreadable()), (1, 1));
    }

    #[test]
    fn another_answer_and_another_target_are_told() {
        let earlier = earlier(&[report("a.example", hello(0xC030))], false);
        for other in [
            report("a.example", hello(0xC02F)),
            report("a.example", alert(1, 40)),
            report("a.example:8443", hello(0xC030)),
            report("b.example", hello(0xC030)),
        ] {
            assert!(!earlier.says_the_same(&other), "{other:?}");
        }
        let mut alerts = report("c.example", alert(1, 40));
        let alerts_before = self::earlier(&[alerts.clone()], false);
        alerts.exchanges = vec![alert(1, 70)];
        assert!(!alerts_before.says_the_same(&alerts));
    }

    #[test]
    fn where_every_address_is_asked_each_is_compared_with_itself() {
        let mut one = report("a.example", hello(0xC030));
        one.target.address = Some("192.0.2.1:443".parse().unwrap());
        let mut other = one.clone();
        other.target.address = Some("192.0.2.2:443".parse().unwrap());
        assert!(!earlier(&[one.clone()], true).says_the_same(&other));
        assert!(earlier(&[one], false).says_the_same(&other));
    }
}
