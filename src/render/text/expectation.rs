//! What the pack expects, and whether it holds.

use super::layout::{Page, Paint, Span, dim, plain};
use super::words::{because, sentence};
use super::write_headline;
use crate::observation::{ExpectationResult, State};

pub(super) fn write(page: &mut Page, expectations: &[ExpectationResult]) {
    if expectations.is_empty() {
        return;
    }
    write_headline(page, "Expected of it", &format!(": {}", tally(expectations)));
    let mut sources = Vec::new();
    for expectation in expectations {
        let source = (&expectation.source, &expectation.confidence);
        let number = sources.iter().position(|known| *known == source).unwrap_or_else(|| {
            sources.push(source);
            sources.len() - 1
        });
        write_expectation(page, expectation, number + 1);
    }
    for (place, (source, confidence)) in sources.into_iter().enumerate() {
        page.item(4, &[dim(format!("[{}] ", place + 1))], &[dim(format!("{source} ({confidence})"))]);
    }
}

fn tally(expectations: &[ExpectationResult]) -> String {
    let of = |state| expectations.iter().filter(|expectation| expectation.state == state).count();
    let told =
        [(of(State::Held), "held"), (of(State::Broken), "broken"), (of(State::Inconclusive), "could not be told")];
    let told = told.iter().filter(|(number, _)| *number > 0).map(|(number, state)| format!("{number} {state}"));
    told.collect::<Vec<_>>().join(", ")
}

fn write_expectation(page: &mut Page, expectation: &ExpectationResult, source: usize) {
    let ExpectationResult { text, state, why, severity, because: exchanges, .. } = expectation;
    let (mark, paint, word) = match state {
        State::Held => ("✓ ", Paint::Good, "held".to_owned()),
        State::Broken => ("✗ ", Paint::Bad, format!("broken, {}", severity.word())),
        State::Inconclusive => ("? ", Paint::Unsure, "could not tell".to_owned()),
    };
    page.item(4, &[Span::mark(paint, mark)], &[plain(text), dim(format!(" [{source}]"))]);
    let why = if why.is_empty() { String::new() } else { format!(": {}", sentence(why)) };
    page.paragraph(6, &[Span::new(paint, word), plain(why), plain(because(exchanges))]);
}
