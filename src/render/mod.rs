//! A document of reports in, text out: for a person, or for a program; or a capture, for Wireshark.
//!
//! Renderers decide nothing and print nothing. What they show stands in the reports, and whatever a peer or a user
//! put there is escaped where it could harm the reader.

mod csv;
mod json;
mod pcap;
mod schema;
mod text;

#[cfg(test)]
mod fixtures;

use std::fmt;
use std::str::FromStr;

pub use pcap::pcap;
pub use schema::schema;

use crate::report::{Document, Report};

/// A form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    #[default]
    Text,
    /// One JSON document for the run.
    Json,
    /// One line of JSON for each report.
    Jsonl,
    /// A table with one row for each report.
    Csv,
}

/// Every format: its word on the command line, and what it is.
pub const FORMATS: &[(&str, Format, &str)] = &[
    ("text", Format::Text, "a report for a person"),
    ("json", Format::Json, "one JSON document for the run"),
    ("jsonl", Format::Jsonl, "one line of JSON for each endpoint"),
    ("csv", Format::Csv, "a table with a row for each endpoint"),
];

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour it. Nothing is told by colour alone.
    pub color: bool,
    /// Columns that no line may exceed; fewer than 40 count as 40.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80 }
    }
}

/// The whole document. It ends in a newline, unless it is empty: `jsonl` of a run without reports.
pub fn render(document: &Document, format: Format, style: &Style) -> String {
    match format {
        Format::Text => text::document(document, *style),
        Format::Json => json::document(document),
        Format::Jsonl => json::lines(document),
        Format::Csv => csv::document(document),
    }
}

/// What stands before the rows of a run that is told row by row: the header of a table.
pub fn render_head(format: Format) -> String {
    if format == Format::Csv { csv::header() } else { String::new() }
}

/// One report of a run that is told row by row, on a line of its own, added to `out`: a row of a table, a line of JSON
/// (for `json` too, which has no rows) that tells by itself which run it is of, or a line for a person.
pub fn render_row(run: &Document, report: &Report, format: Format, out: &mut Vec<u8>) {
    match format {
        Format::Text => out.extend_from_slice(text::line(report).as_bytes()),
        Format::Csv => csv::row(report, out),
        Format::Json | Format::Jsonl => json::line(run, report, out),
    }
}

/// The word on the command line.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(FORMATS.iter().find(|(_, format, _)| format == self).map_or("", |(word, ..)| word))
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let row = FORMATS.iter().find(|(known, ..)| *known == word);
        row.map(|(_, format, _)| *format).ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// No format is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format {0:?}: give one of {known}", known = FORMATS.iter().map(|(word, ..)| *word).collect::<Vec<_>>().join(", "))]
pub struct UnknownFormat(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_comes_back_from_its_word_and_renders() {
        for (word, format, about) in FORMATS {
            assert_eq!(word.parse(), Ok(*format));
            assert_eq!(format.to_string(), *word);
            assert!(!about.is_empty());
            assert!(render(&fixtures::wsus(), *format, &Style::default()).ends_with('\n'), "{word}");
        }
    }

    #[test]
    fn an_unknown_format_is_told_the_known_ones() {
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), r#"unknown format "xml": give one of text, json, jsonl, csv"#);
    }
}
