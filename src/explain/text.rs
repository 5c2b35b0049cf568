//! An explanation as lines of text for a terminal, none wider than 80 columns.

use std::iter;

use super::{CodeForms, Explanation, HowToTest};
use crate::diagnose::Rule;
use crate::escape::{columns, width};

/// No line is wider.
pub const WIDTH: usize = 80;

/// Where the text of an entry begins, its label before it.
pub(super) const INDENT: usize = 14;

/// One explanation: what it is and how it is written, then an entry for all that is known of it.
pub fn lines(explanation: &Explanation) -> Vec<String> {
    let Explanation { what, name, forms, family, layer, meaning, network_picture, .. } = explanation;
    let mut lines = Vec::new();
    wrap(&mut lines, "", 2, &format!("{what}: {name}"));
    for form in written(forms, name).chain([family.clone()]) {
        wrap(&mut lines, "  ", 4, &form);
    }
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    entry(&mut lines, "layer", &one(layer));
    entry(&mut lines, "meaning", &one(meaning));
    entry(&mut lines, "network", &one(network_picture));
    entry(&mut lines, "caused by", &explanation.caused_by);
    entry(&mut lines, "confidence", &one(&explanation.confidence));
    entry(&mut lines, "note", &explanation.notes);
    entry(&mut lines, "rules", &explanation.rules);
    add_tests(&mut lines, &explanation.how_to_test);
    entry(&mut lines, "source", &explanation.sources);
    lines
}

/// The page of a rule: when it speaks, what it explains, what to do.
pub fn rule_lines(rule: &Rule) -> Vec<String> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut lines = Vec::new();
    wrap(&mut lines, "", 2, &format!("Rule: {}", rule.id));
    wrap(&mut lines, "  ", 4, rule.title);
    entry(&mut lines, "severity", &owned(&[rule.severity.word()]));
    entry(&mut lines, "rests on", &owned(&[rule.rests_on]));
    entry(&mut lines, "explains", &owned(rule.windows_symptoms));
    entry(&mut lines, "what to do", &owned(rule.remedy));
    entry(&mut lines, "wrong if", &owned(&[rule.disproved_by]));
    entry(&mut lines, "confidence", &owned(&[rule.confidence]));
    entry(&mut lines, "source", &owned(&[rule.source]));
    lines
}

/// Several explanations, an empty line between each two.
pub fn all_lines(explanations: &[Explanation]) -> Vec<String> {
    let mut all = Vec::new();
    for explanation in explanations {
        if !all.is_empty() {
            all.push(String::new());
        }
        all.extend(lines(explanation));
    }
    all
}

/// The writings, one kind of number in a line; the name that is said already is left out.
fn written(forms: &CodeForms, name: &str) -> impl Iterator<Item = String> {
    let numbers: Vec<_> = [
        forms.hex.clone(),
        forms.signed_decimal.map(|number| number.to_string()),
        forms.decimal.map(|number| number.to_string()),
    ]
    .into_iter()
    .flatten()
    .filter(|number| number != name)
    .collect();
    let numbers = (!numbers.is_empty()).then(|| numbers.join(", "));
    let win32_error = forms.win32_error.map(|error| format!("Win32 error {error}, 0x{error:04X}"));
    let http_status = forms.http_status.map(|status| format!("HTTP status {status}"));
    let others: Vec<_> = forms.symbols.iter().filter(|symbol| *symbol != name).map(String::as_str).collect();
    let others = (!others.is_empty()).then(|| format!("also {}", others.join(", ")));
    [numbers, win32_error, http_status, others].into_iter().flatten()
}

/// Commands, and below each of them what it shows.
fn add_tests(lines: &mut Vec<String>, tests: &[HowToTest]) {
    for (test, label) in tests.iter().zip(labels("to test")) {
        wrap(lines, &label, INDENT, &test.command);
        wrap(lines, &" ".repeat(INDENT + 2), INDENT + 2, &test.shows);
    }
}

/// A label, and the items that stand beside and below it.
pub(super) fn entry(lines: &mut Vec<String>, label: &str, items: &[String]) {
    let bullet = if items.len() > 1 { "- " } else { "" };
    for (item, label) in items.iter().zip(labels(label)) {
        wrap(lines, &format!("{label}{bullet}"), INDENT + bullet.len(), item);
    }
}

/// What stands before the first item of an entry, then before each of the others.
pub(super) fn labels(label: &str) -> impl Iterator<Item = String> {
    iter::once(format!("  {label:<width$}", width = INDENT - 2)).chain(iter::repeat(" ".repeat(INDENT)))
}

/// Adds a text: `first` before its first line, `indent` spaces before the others.
pub(super) fn wrap(lines: &mut Vec<String>, first: &str, indent: usize, text: &str) {
    let room = WIDTH - indent.max(width(first));
    let mut before = first.to_owned();
    let mut line = String::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, room)) {
        if !line.is_empty() && width(&line) + 1 + width(&word) > room {
            lines.push(format!("{before}{line}"));
            before = " ".repeat(indent);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(format!("{before}{line}"));
}

/// A word in pieces that fit; most have one.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut taken = 0;
    for letter in word.chars() {
        taken += columns(letter);
        if taken > room {
            pieces.push(String::new());
            taken = columns(letter);
        }
        pieces.last_mut().expect("there is one from the start").push(letter);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain;

    fn text_of(typed: &str) -> String {
        all_lines(&explain::code(typed).unwrap()).join("\n")
    }

    #[test]
    fn every_rule_has_a_page_that_fits_a_terminal() {
        for rule in crate::diagnose::RULES {
            assert_eq!(explain::rule(rule.id).map(|rule| rule.id), Some(rule.id));
            let page = rule_lines(rule);
            assert!(page.iter().all(|line| width(line) <= WIDTH));
            assert!(page[0].ends_with(rule.id) && page.len() > 8, "{page:?}");
        }
        assert!(explain::rule("no-such-rule").is_none());
    }

    #[test]
    fn an_explanation_reads_from_what_it_is_to_where_it_is_from() {
        assert_eq!(
            text_of("0x80072ee7"),
            "\
Windows code: ERROR_WINHTTP_NAME_NOT_RESOLVED
  0x80072EE7, -2147012889, 2147954407
  Win32 error 12007, 0x2EE7
  also ERROR_INTERNET_NAME_NOT_RESOLVED
  WinHTTP error as HRESULT_FROM_WIN32
  layer       DNS
  meaning     server name cannot be resolved
  caused by   DNS failure
  confidence  documented
  rules       endpoint-not-reached
  to test     tlsprobe probe HOST
                whether this machine's resolver has the name, and if not, why
              tlsprobe probe HOST --dns SERVER
                whether another resolver has it
  source      windows-sys 0.61.2 (crate generated from Microsoft metadata);
              HRESULT is 0x80070000 | value"
        );
    }

    #[test]
    fn several_causes_stand_below_each_other() {
        let text = text_of("alert 20");
        assert!(text.starts_with("TLS alert: bad_record_mac\n  0x14, 20\n"), "{text}");
        assert!(text.contains("  note        - Schannel that receives it reports SEC_E_MESSAGE_ALTERED\n"), "{text}");
        assert!(text.contains("\n                (0x8009030F)\n              - Schannel logs event 36887"), "{text}");
    }

    #[test]
    fn a_line_has_80_columns_at_most_whatever_it_says() {
        for (spelling, _) in explain::TABLES.iter().flat_map(|table| (table.spellings)()) {
            for line in all_lines(&explain::code(&spelling).unwrap()) {
                assert!(width(&line) <= WIDTH && line.trim_end() == line, "{line:?}");
            }
        }
    }

    #[test]
    fn a_command_stays_in_one_line_to_be_copied() {
        for (spelling, _) in explain::TABLES.iter().flat_map(|table| (table.spellings)()) {
            for reading in explain::code(&spelling).unwrap() {
                let lines = lines(&reading);
                for test in &reading.how_to_test {
                    assert!(lines.iter().any(|line| line.ends_with(&test.command)), "{}", test.command);
                }
            }
        }
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_and_keeps_its_letters() {
        let mut lines = Vec::new();
        wrap(&mut lines, "  note  ", 4, &format!("see {}", "ä".repeat(200)));
        assert!(lines.iter().all(|line| width(line) <= WIDTH));
        assert_eq!(lines.concat().matches('ä').count(), 200);
        assert_eq!(lines.first().unwrap(), "  note  see");
    }
}
