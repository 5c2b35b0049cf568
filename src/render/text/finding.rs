//! Findings: what is wrong, why we think so, what to do.

use super::layout::{Page, Paint, Span, dim, plain, strong};
use super::words::{because, name};
use super::write_headline;
use crate::finding::{Finding, Severity};

pub(super) fn write(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    write_headline(page, "Findings", "");
    for (place, finding) in findings.iter().enumerate() {
        if place > 0 {
            page.gap();
        }
        write_finding(page, finding);
    }
}

fn write_finding(page: &mut Page, finding: &Finding) {
    let Finding { id, severity, title, because: exchanges, windows_symptoms, remedy, confidence, disproved_by } =
        finding;
    let (mark, paint) = match severity {
        Severity::Error => ("✗ ", Paint::Bad),
        Severity::Warning => ("! ", Paint::Unsure),
        Severity::Info => ("- ", Paint::Dim),
    };
    page.item(4, &[Span::mark(paint, mark)], &[strong(title)]);
    let rests_on = format!(", rule {}{}", name(id), because(exchanges));
    page.paragraph(6, &[Span::new(paint, severity.word()), plain(rests_on)]);
    page.paragraph(6, &[dim("confidence: "), plain(name(confidence))]);
    if !windows_symptoms.is_empty() {
        page.paragraph(6, &[dim("what Windows shows of it:")]);
    }
    for symptom in windows_symptoms {
        page.item(8, &[plain("- ")], &[plain(symptom)]);
    }
    if !remedy.is_empty() {
        page.paragraph(6, &[dim("what to do:")]);
    }
    for (step, text) in remedy.iter().enumerate() {
        page.item(8, &[plain(format!("{}. ", step + 1))], &[plain(text)]);
    }
    if !disproved_by.is_empty() {
        page.item(6, &[dim("proved wrong by: ")], &[plain(disproved_by)]);
    }
}
