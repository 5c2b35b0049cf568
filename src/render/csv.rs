//! A table: a row for each report, with its first exchange, which is the one hello of `probe` and the opening baseline of
//! `check`.
//!
//! Columns are only ever added, at the end. What a spreadsheet would take for a formula (OWASP, "CSV Injection") gets an
//! apostrophe in front, which it shows as text; control characters stand escaped, so that a row is a line.

use ::csv::{Writer, WriterBuilder};

use crate::certificate::{Certificate, Contents};
use crate::escape::escape;
use crate::observation::State;
use crate::outcome::{Answer, Exchange};
use crate::report::{Document, Report};

/// The columns.
const COLUMNS: [&str; 27] = [
    "host",
    "port",
    "sni",
    "address",
    "pack",
    "proxy",
    "stage",
    "kind",
    "alert",
    "version",
    "cipher_suite",
    "group",
    "alpn",
    "extended_master_secret",
    "certificate_subject",
    "certificate_issuer",
    "certificate_not_before",
    "certificate_not_after",
    "certificate_sha256",
    "versions",
    "broken",
    "findings",
    "could_not_tell",
    "connect_ms",
    "first_byte_ms",
    "total_ms",
    "connections",
];

/// Most rows fit into it.
const ROW: usize = 1024;

pub(super) fn document(document: &Document) -> String {
    let mut rows = header().into_bytes();
    document.reports.iter().for_each(|report| row(report, &mut rows));
    String::from_utf8(rows).expect("all that is written was text")
}

pub(super) fn header() -> String {
    COLUMNS.join(",") + "\n"
}

pub(super) fn row(report: &Report, out: &mut Vec<u8>) {
    let mut row = Row(WriterBuilder::new().buffer_capacity(ROW).from_writer(out));
    let target = &report.target;
    row.text(&target.host.to_string());
    row.text(&target.port.to_string());
    // As a list has it: nothing is the host's own name, where it has one.
    let says_own_name = target.sni.as_deref() == target.host.name();
    row.text(target.sni.as_deref().filter(|_| !says_own_name).unwrap_or(if says_own_name { "" } else { "-" }));
    row.maybe(target.address.map(|address| address.to_string()));
    row.text(report.pack.as_deref().unwrap_or_default());
    row.text(report.route.proxy.as_deref().unwrap_or_default());
    match report.exchanges.first() {
        Some(exchange) => row.exchange(exchange),
        None => (0..13).for_each(|_| row.text("")),
    }
    row.judgement(report);
    let timing = report.exchanges.first().map(|exchange| exchange.timing_ms);
    row.maybe(timing.and_then(|timing| timing.connect));
    row.maybe(timing.and_then(|timing| timing.first_byte));
    row.maybe(timing.map(|timing| timing.total));
    row.text(&report.connections.to_string());
    row.end();
}

/// A row being written. Memory can't fail to be written to.
struct Row<'a>(Writer<&'a mut Vec<u8>>);

impl Row<'_> {
    fn exchange(&mut self, exchange: &Exchange) {
        self.text(exchange.outcome.stage.word());
        self.text(exchange.outcome.answer.kind());
        self.text(&match &exchange.outcome.answer {
            Answer::Alert { name: Some(name), .. } => name.clone(),
            Answer::Alert { code, .. } => code.to_string(),
            _ => String::new(),
        });
        let server = exchange.server.as_ref();
        self.maybe(server.map(|server| server.version));
        self.text(server.map(|server| server.cipher_suite.name.as_str()).unwrap_or_default());
        let group = server.and_then(|server| server.key_exchange.as_ref()?.group);
        self.maybe(group);
        self.text(server.and_then(|server| server.alpn.as_deref()).unwrap_or_default());
        self.maybe(server.map(|server| server.extended_master_secret));
        self.certificate(exchange.certificates.first());
    }

    fn certificate(&mut self, leaf: Option<&Certificate>) {
        let details = match leaf.map(|leaf| &leaf.contents) {
            Some(Contents::Readable(details)) => Some(details),
            _ => None,
        };
        self.text(details.map(|details| details.subject.as_str()).unwrap_or_default());
        self.text(details.map(|details| details.issuer.as_str()).unwrap_or_default());
        let day = |time: time::OffsetDateTime| time.date().to_string();
        self.maybe(details.map(|details| day(details.not_before)));
        self.maybe(details.map(|details| day(details.not_after)));
        self.text(leaf.map(|leaf| leaf.sha256.as_str()).unwrap_or_default());
    }

    fn judgement(&mut self, report: &Report) {
        let seen = &report.observations;
        let versions = seen.versions.iter().map(|(version, support)| format!("{version}={}", support.word()));
        self.list(versions);
        let broken = seen.expectations.iter().filter(|expectation| expectation.state == State::Broken);
        self.list(broken.map(|expectation| expectation.id.clone()));
        self.list(report.findings.iter().map(|finding| finding.id.clone()));
        self.list(seen.inconclusive.iter().map(|gap| gap.what.clone()));
    }

    fn list(&mut self, words: impl Iterator<Item = String>) {
        self.text(&words.collect::<Vec<_>>().join(" "));
    }

    fn maybe(&mut self, value: Option<impl ToString>) {
        self.text(&value.map(|value| value.to_string()).unwrap_or_default());
    }

    fn text(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text != "-";
        let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let written = match (is_formula, is_plain) {
            (false, true) => self.0.write_field(text),
            (false, false) => self.0.write_field(escape(text)),
            (true, _) => self.0.write_field(format!("'{}", escape(text))),
        };
        written.expect("memory takes all");
    }

    fn end(mut self) {
        self.0.write_record(None::<&[u8]>).and_then(|()| Ok(self.0.flush()?)).expect("memory takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    fn rows(document: &Document) -> Vec<::csv::StringRecord> {
        let table = self::document(document);
        // Reading is strict: a row of another length is an error.
        ::csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap).collect()
    }

    #[test]
    fn every_document_reads_back_as_a_table_with_a_line_for_each_report() {
        for (name, document) in fixtures::all() {
            let rows = rows(&document);
            assert_eq!(rows.len(), document.reports.len(), "{name}");
            assert_eq!(self::document(&document).lines().count(), rows.len() + 1, "{name}");
            for (row, report) in rows.iter().zip(&document.reports) {
                assert_eq!(row.len(), COLUMNS.len());
                assert_eq!(
                    (&row[0], &row[1]),
                    (report.target.host.to_string().as_str(), report.target.port.to_string().as_str())
                );
                let kind = report.exchanges.first().map(|exchange| exchange.outcome.answer.kind());
                assert_eq!(&row[7], kind.unwrap_or_default(), "{name}");
            }
        }
    }

    #[test]
    fn a_formula_is_shown_as_text_and_no_row_is_more_than_a_line() {
        let mut document = fixtures::wsus();
        let exchange = &mut document.reports[0].exchanges[0];
        exchange.server.as_mut().unwrap().alpn = Some("=HYPERLINK(\"http://evil\",\"x\")".to_owned());
        let Contents::Readable(details) = &mut exchange.certificates[0].contents else { panic!() };
        let details = std::sync::Arc::make_mut(details);
        details.subject = "@SUM(1)\r\n,\"\u{1b}[2J".to_owned();
        details.issuer = "-1+1".to_owned();
        let row = &rows(&document)[0];
        assert_eq!(&row[12], "'=HYPERLINK(\"http://evil\",\"x\")");
        assert_eq!(&row[14], "'@SUM(1)\\r\\n,\"\\u{1b}[2J");
        assert_eq!(&row[15], "'-1+1");
    }
}
