//! Findings: what is wrong, why we think so, what to do.

use super::layout::{Page, Paint, Span, dim, plain, strong};
use super::words::{because, count, name, sentence, sentences, some};
use super::write_headline;
use crate::finding::{Finding, Severity};

/// The most items of a list that are told.
const MOST_ITEMS: usize = 12;

pub(super) fn write(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    write_headline(page, "Findings", &format!(": {}", tally(findings)));
    for (place, finding) in findings.iter().enumerate() {
        if place > 0 {
            page.gap();
        }
        let told = findings.get(..place).unwrap_or_default();
        write_finding(page, finding, told);
    }
}

/// `2 errors, 1 warning`.
fn tally(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let told = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    let told = told.map(|(severity, noun)| (of(severity), noun)).into_iter().filter(|(number, _)| *number > 0);
    told.map(|(number, noun)| count(number, noun)).collect::<Vec<_>>().join(", ")
}

/// A finding in the order in which it is asked about: what is wrong, why we think so, what to do. `told` are those that
/// stand above it.
fn write_finding(page: &mut Page, finding: &Finding, told: &[Finding]) {
    let Finding { id, severity, title, why, because: exchanges, remedy, .. } = finding;
    let (mark, paint) = match severity {
        Severity::Error => ("✗ ", Paint::Bad),
        Severity::Warning => ("! ", Paint::Unsure),
        Severity::Info => ("- ", Paint::Dim),
    };
    page.item(4, &[Span::mark(paint, mark)], &[strong(title)]);
    page.paragraph(6, &[Span::new(paint, severity.word()), plain(format!(", rule {}", name(id)))]);
    if !why.is_empty() {
        page.item(6, &[dim("why: ")], &[plain(sentences(why)), plain(because(exchanges))]);
    }
    let same = told.iter().find(|other| !remedy.is_empty() && other.remedy == *remedy);
    if let Some(other) = same {
        page.item(6, &[dim("what to do: ")], &[plain(format!("as for {}, above", name(&other.id)))]);
    } else if !remedy.is_empty() {
        page.paragraph(6, &[dim("what to do:")]);
        for (step, text) in remedy.iter().enumerate() {
            page.item(8, &[plain(format!("{}. ", step + 1))], &[plain(text)]);
        }
    }
}

/// What else there is to the findings: what they rest on, what Windows shows of them, and how sure they are.
pub(super) fn write_background(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    write_headline(page, "Behind the findings", "");
    for finding in findings {
        let Finding { id, evidence, windows_symptoms, confidence, disproved_by, .. } = finding;
        page.paragraph(4, &[plain(name(id))]);
        write_list(page, "what is known of the machine:", evidence);
        write_list(page, "what Windows shows of it:", windows_symptoms);
        page.item(6, &[dim("confidence: ")], &[plain(sentence(confidence))]);
        if !disproved_by.is_empty() {
            page.item(6, &[dim("proved wrong by: ")], &[plain(disproved_by)]);
        }
    }
}

fn write_list(page: &mut Page, label: &'static str, items: &[String]) {
    if !items.is_empty() {
        page.paragraph(6, &[dim(label)]);
    }
    for item in some(items.iter().map(|item| sentence(item)), MOST_ITEMS) {
        page.item(8, &[plain("- ")], &[plain(item)]);
    }
}
