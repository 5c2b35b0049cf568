//! The report for a person who has never seen one: what is wrong, what was expected, what was observed, and below it
//! the proof, frame by frame as one would read a capture.

mod certificate;
mod exchange;
mod expectation;
mod finding;
mod layout;
mod line;
mod observation;
mod proxy;
mod received;
mod route;
mod sent;
mod words;

use layout::{Page, Paint, Span, phrases, plain, strong};
use words::{count, name, some};

use super::Style;
use crate::escape;
use crate::plan::{Route, RouteKind};
use crate::report::{Document, Report};
use crate::target::Target;

/// How much to say of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// All there is.
    Full,
    /// One hello was sent and nothing judged: its frames tell it.
    OneAnswer,
    /// The same, of one endpoint among many.
    OneOfMany,
}

impl Detail {
    fn of(report: &Report, reports: usize) -> Self {
        let seen = &report.observations;
        let judged = !report.findings.is_empty()
            || !seen.expectations.is_empty()
            || seen.route.is_some()
            || seen.reflection.is_some()
            || !seen.hello_size.is_empty();
        match report.exchanges.len() {
            _ if judged => Self::Full,
            0 | 1 if reports > 1 => Self::OneOfMany,
            0 | 1 => Self::OneAnswer,
            _ => Self::Full,
        }
    }
}

pub(super) use line::line;

pub(super) fn document(document: &Document, style: Style) -> String {
    let mut page = Page::new(style);
    for report in &document.reports {
        write_report(&mut page, report, Detail::of(report, document.reports.len()));
    }
    if document.reports.len() != 1 {
        page.gap();
        write_summary(&mut page, &document.reports);
    }
    if document.interrupted {
        page.gap();
        let mark = Span::mark(Paint::Unsure, "! ");
        page.item(0, &[mark], &[strong("Interrupted"), plain(": the run was stopped before all was asked.")]);
    }
    page.into_text()
}

fn write_report(page: &mut Page, report: &Report, detail: Detail) {
    page.gap();
    write_heading(page, report);
    route::write(page, report);
    finding::write(page, &report.findings);
    expectation::write(page, &report.observations.expectations);
    if detail == Detail::Full {
        observation::write(page, report);
    }
    finding::write_background(page, &report.findings);
    exchange::write(page, report, detail);
    certificate::write(page, report, detail);
}

/// A section's headline, within a report.
fn write_headline(page: &mut Page, headline: &str, about: &str) {
    page.gap();
    page.paragraph(2, &[strong(headline), plain(about)]);
}

fn write_heading(page: &mut Page, report: &Report) {
    let Report { target, pack, route, addresses_not_asked, connections, .. } = report;
    page.paragraph(0, &[strong(name(&target.to_string()))]);
    let mut told = Vec::new();
    told.extend(pack.as_ref().map(|pack| format!("pack {}", name(pack))));
    told.extend(address(target));
    told.extend(server_name(target));
    told.push(way(route));
    told.push(count(*connections, "connection"));
    page.paragraph(2, &phrases(told));
    if !addresses_not_asked.is_empty() {
        let addresses = some(addresses_not_asked.iter().map(ToString::to_string), 4);
        page.paragraph(2, &phrases(std::iter::once(format!("other addresses, not asked: {}", addresses.join(", ")))));
    }
}

/// The address that was dialled, unless the target's own name is it.
fn address(target: &Target) -> Option<String> {
    let address = target.address?.to_string();
    (address != target.to_string()).then(|| format!("at {address}"))
}

/// The name that was sent, unless it is what anyone would send.
fn server_name(target: &Target) -> Option<String> {
    match &target.sni {
        sni if sni.as_deref() == target.host.name() => None,
        Some(sni) => Some(format!("server name {}", name(sni))),
        None => Some("no server name".to_owned()),
    }
}

fn way(route: &Route) -> String {
    let mut way = match route.kind {
        RouteKind::Direct => "direct".to_owned(),
        RouteKind::HttpConnect => "CONNECT".to_owned(),
        RouteKind::Socks5 => "SOCKS 5".to_owned(),
    };
    if let Some(proxy) = &route.proxy {
        way = format!("{way} through {}", name(proxy));
    }
    match &route.from {
        Some(from) => format!("{way} (by {})", name(from)),
        None => way,
    }
}

/// How many endpoints are well, by what their reports say of themselves; where nothing was expected, by their answers.
fn write_summary(page: &mut Page, reports: &[Report]) {
    let asked: Vec<&Report> = reports.iter().filter(|report| !report.is_for_comparison()).collect();
    let is_judged = |report: &&Report| report.pack.is_some() || report.is_bad();
    let (judged, merely_asked): (Vec<&Report>, Vec<&Report>) = asked.iter().copied().partition(is_judged);
    let number = |reports: &[&Report], is: &dyn Fn(&Report) -> bool| reports.iter().filter(|report| is(report)).count();
    let open = |report: &Report| !report.is_bad() && report.has_gaps();
    let well = |report: &Report| !report.is_bad() && !report.has_gaps();
    let accepts = |report: &Report| {
        !report.exchanges.is_empty() && report.exchanges.iter().all(|exchange| exchange.outcome.answer.accepts())
    };
    let told = [
        (number(&judged, &well), "as expected"),
        (number(&judged, &Report::is_bad), "not as expected"),
        (number(&judged, &open), "could not all be told"),
        (number(&merely_asked, &accepts), "took up the hello"),
        (number(&merely_asked, &|report| !accepts(report)), "did not take it up"),
    ];
    let connections = reports.iter().map(|report| report.connections).sum();
    let told = told.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    let told = told.collect::<Vec<_>>();
    let all = format!("{}, {}", count(asked.len(), "endpoint"), count(connections, "connection"));
    let mut spans = vec![strong(all)];
    if !told.is_empty() {
        spans.push(plain(": "));
        spans.extend(phrases(told));
    }
    page.paragraph(0, &spans);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixtures;

    fn shown(document: &Document) -> String {
        super::document(document, Style::default())
    }

    #[test]
    fn no_line_is_wider_than_the_style_allows() {
        for width in [40, 60, 80, 132] {
            for (name, document) in fixtures::all() {
                for color in [false, true] {
                    for line in super::document(&document, Style { color, width }).lines() {
                        let seen = without_color(line);
                        assert!(escape::width(&seen) <= width, "{name}: over {width} columns: {line}");
                        assert_eq!(seen.trim_end(), seen, "{name}: ends in spaces");
                    }
                }
            }
        }
    }

    #[test]
    fn colour_changes_no_word_and_without_it_no_escape_is_written() {
        for (name, document) in fixtures::all() {
            let plain = shown(&document);
            let colored = super::document(&document, Style { color: true, width: 80 });
            assert!(!plain.contains('\x1b'), "{name}");
            assert!(colored.contains('\x1b') || document.reports.is_empty(), "{name}");
            assert_eq!(without_color(&colored), plain, "{name}");
        }
    }

    #[test]
    fn nothing_hostile_gets_through() {
        let text = shown(&fixtures::hostile());
        let ours = |letter: char| letter == '\n' || "→←✓✗".contains(letter);
        for letter in text.chars().filter(|letter| !ours(*letter)) {
            assert_eq!(escape::escape(&letter.to_string()), letter.to_string(), "{letter:?} got through");
        }
        assert!(text.contains(r"\u{1b}[2J"), "what was escaped can still be read");
        for line in text.lines().map(str::trim_start) {
            assert!(!line.starts_with(fixtures::FORGED_LINE), "a peer wrote a line of its own: {line}");
        }
        assert!(text.lines().count() < 400, "a peer's long texts are cut");
    }

    #[test]
    fn a_wsus_check_reads_well() {
        insta::assert_snapshot!(shown(&fixtures::wsus()));
    }

    #[test]
    fn a_scan_of_what_an_endpoint_accepts_in_text() {
        insta::assert_snapshot!(shown(&fixtures::parts()));
    }

    #[test]
    fn two_ways_to_one_endpoint_read_well() {
        insta::assert_snapshot!(shown(&fixtures::routes()));
    }

    #[test]
    fn every_ending_reads_well() {
        insta::assert_snapshot!(shown(&fixtures::endings()));
    }

    #[test]
    fn one_hello_to_one_endpoint_is_told_in_full() {
        let mut document = fixtures::probe();
        document.reports.truncate(1);
        insta::assert_snapshot!(shown(&document));
    }

    #[test]
    fn one_hello_to_each_of_several_takes_a_few_lines_each() {
        insta::assert_snapshot!(shown(&fixtures::probe()));
    }

    #[test]
    fn hostile_words_are_shown_and_harmless() {
        insta::assert_snapshot!(shown(&fixtures::hostile()));
    }

    #[test]
    fn the_narrow_page_reads_too() {
        insta::assert_snapshot!(super::document(&fixtures::wsus(), Style { color: false, width: 60 }));
    }

    #[test]
    fn a_run_that_was_stopped_says_so() {
        let mut document = fixtures::wsus();
        document.interrupted = true;
        assert!(shown(&document).ends_with("! Interrupted: the run was stopped before all was asked.\n"));
    }

    #[test]
    fn a_run_without_reports_says_that_there_are_none() {
        assert_eq!(shown(&fixtures::document(Vec::new())), "0 endpoints, 0 connections\n");
    }

    /// The text without the sequences that this program writes: `ESC [ … m`.
    fn without_color(text: &str) -> String {
        let mut parts = text.split("\x1b[");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |seen, part| seen + part.split_once('m').unwrap().1)
    }
}
