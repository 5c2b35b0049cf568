//! The SSL Cipher Suite Order policy in a `gpresult /h` report, in whatever language.
//!
//! Titles and labels are translated, suite names are not: the policy's list is the table cell that holds nothing but
//! suite names. The row above the table it stands in names the policy, its state and, last, the group policy object it
//! is from. The help text of the policy lists suites as well, but the report keeps that in an attribute.

use std::mem;

use super::markup::{Piece, pieces, unescape};
use super::registry::names;
use super::{File, MAX_LINE_BYTES};
use crate::machine::{Fact, Machine, suites};

/// Tables in tables beyond this depth are no report's.
const MAX_DEPTH: usize = 64;

/// Cells of a row beyond these are not kept.
const MAX_CELLS: usize = 16;

/// What a report tells.
pub(super) fn read(text: &str, file: File<'_>) -> Machine {
    let mut found = Tables::default();
    for piece in pieces(text) {
        found.take(piece);
    }
    let mut machine = Machine::default();
    if found.lists_differ {
        machine.note(format!("{}: the report has several lists of suites; the first one counts", file.path));
    }
    match found.list {
        Some(list) => {
            machine.suite_order = Some(Fact { value: Some(list.names), source: file.at(list.place) });
        }
        None => machine.note(format!(
            "{}: the report has no SSL Cipher Suite Order policy; a list set in the registry alone would not be in it",
            file.path
        )),
    }
    machine
}

/// A cell full of suite names.
struct List {
    names: Vec<String>,
    place: String,
}

/// A table that is open.
#[derive(Default)]
struct Table {
    /// The cells of the row before.
    above: Vec<String>,
    /// The cells of this row that are closed.
    row: Vec<String>,
    /// The text of the open cell.
    cell: Option<String>,
}

#[derive(Default)]
struct Tables {
    open: Vec<Table>,
    /// Opened beyond the depth that is followed.
    beyond: usize,
    /// The first one.
    list: Option<List>,
    lists_differ: bool,
}

impl Tables {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Open { name, .. } => match name.to_ascii_lowercase().as_str() {
                "table" if self.open.len() < MAX_DEPTH => self.open.push(Table::default()),
                "table" => self.beyond += 1,
                _ if self.beyond > 0 => {}
                "tr" => self.end_row(),
                "td" | "th" => {
                    self.end_cell();
                    if let Some(table) = self.open.last_mut() {
                        table.cell = Some(String::new());
                    }
                }
                "br" | "p" | "div" | "li" => self.text("\n"),
                _ => {}
            },
            Piece::Close { name } => match name.to_ascii_lowercase().as_str() {
                "table" if self.beyond > 0 => self.beyond -= 1,
                "table" => {
                    self.end_row();
                    self.open.pop();
                }
                _ if self.beyond > 0 => {}
                "tr" => self.end_row(),
                "td" | "th" => self.end_cell(),
                _ => {}
            },
            Piece::Text(_) if self.beyond > 0 => {}
            Piece::Text(text) => self.text(text),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.open.last_mut().and_then(|table| table.cell.as_mut())
            && cell.len() + text.len() <= MAX_LINE_BYTES
        {
            cell.push_str(text);
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.open.last_mut().and_then(|table| table.cell.take()) else { return };
        let text = unescape(&cell);
        if let Some(names) = suite_names(&text) {
            match &self.list {
                Some(first) => self.lists_differ |= first.names != names,
                None => self.list = Some(List { names, place: self.place() }),
            }
        }
        if let Some(table) = self.open.last_mut()
            && table.row.len() < MAX_CELLS
        {
            table.row.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some(table) = self.open.last_mut()
            && !table.row.is_empty()
        {
            table.above = mem::take(&mut table.row);
        }
    }

    /// The row that names the policy: above the innermost table around that has one of three cells.
    fn place(&self) -> String {
        let named = self.open.iter().rev().find_map(|table| match table.above.as_slice() {
            [policy, _, .., object] => Some(format!("policy {policy:?} of group policy object {object:?}")),
            _ => None,
        });
        named.unwrap_or_else(|| "a table of suite names".to_owned())
    }
}

/// The names in a cell that holds nothing else.
fn suite_names(text: &str) -> Option<Vec<String>> {
    let lines: Vec<String> = text.split(['\n', '\r', ';']).map(str::to_owned).collect();
    let names = names(&lines);
    let all = !names.is_empty() && names.iter().all(|name| is_suite_name(name));
    // One of them at least must be a suite indeed: a policy may have a typing error, but not nothing else.
    (all && names.iter().any(|name| suites::named(name).is_some())).then_some(names)
}

/// Whether a word has the form of the names that Windows gives suites.
pub(super) fn is_suite_name(word: &str) -> bool {
    let form = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    form && (word.starts_with("TLS_") || word.starts_with("SSL_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::FileKind;

    fn read_html(html: &str) -> Machine {
        read(html, File { path: "report.html", kind: FileKind::PolicyReport })
    }

    fn names_of(machine: &Machine) -> Vec<String> {
        machine.suite_order.clone().unwrap().value.unwrap()
    }

    #[test]
    fn a_cell_of_suite_names_is_the_list_and_the_row_above_says_whose() {
        let machine = read_html(
            "<html><table><tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>\
             <tr><td><a help='TLS_RSA_WITH_AES_128_CBC_SHA'>Order</a></td><td>Enabled</td><td>R&amp;D</td></tr>\
             <tr><td colspan=\"3\"><table><tr><td>SSL Cipher Suites</td>\
             <td>TLS_RSA_WITH_AES_256_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256</td></tr></table></td></tr>\
             </table></html>",
        );
        assert_eq!(names_of(&machine), ["TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P256"]);
        assert_eq!(
            machine.suite_order.unwrap().source.to_string(),
            r#"report.html: policy "Order" of group policy object "R&D""#
        );
    }

    #[test]
    fn prose_that_speaks_of_suites_is_no_list() {
        for cell in [
            "Use TLS_RSA_WITH_AES_256_CBC_SHA only",
            "TLS_RSA_WITH_AES_256_CBC_SHA, and others",
            "C030",
            "TLS_NO_SUCH_SUITE",
            "",
        ] {
            let machine = read_html(&format!("<html><table><tr><td>{cell}</td></tr></table>"));
            assert_eq!(machine.suite_order, None, "{cell}");
            assert_eq!(machine.notes.len(), 1);
        }
    }

    #[test]
    fn lines_and_unclosed_tags_are_read_as_browsers_read_them() {
        let machine = read_html(
            "<HTML><TABLE><TR><TD>TLS_RSA_WITH_AES_256_CBC_SHA,<BR>TLS_MISTYPED_NAME,\n TLS_AES_128_GCM_SHA256<TR><TD>x</TABLE>",
        );
        assert_eq!(names_of(&machine), ["TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_MISTYPED_NAME", "TLS_AES_128_GCM_SHA256"]);
    }

    #[test]
    fn of_two_lists_the_first_counts_with_a_note() {
        let cell = |name: &str| format!("<tr><td>{name}</td></tr>");
        let two = format!("<html><table>{}{}</table>", cell("TLS_AES_128_GCM_SHA256"), cell("TLS_AES_256_GCM_SHA384"));
        let machine = read_html(&two);
        assert_eq!(names_of(&machine), ["TLS_AES_128_GCM_SHA256"]);
        assert_eq!(machine.notes.len(), 1);
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = format!("<html>{}TLS_AES_128_GCM_SHA256", "<table><tr><td>".repeat(100_000));
        assert_eq!(read_html(&deep).suite_order, None);
        let long = format!("<html><table><tr><td>{}", "TLS_AES_128_GCM_SHA256,".repeat(100_000));
        assert_eq!(read_html(&long).suite_order, None);
    }
}
