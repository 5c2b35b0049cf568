//! What the way through a proxy makes of TLS: the verdict, and below it why. The direct way's report is there for its
//! exchanges.

use super::layout::{Page, Paint, Span, plain, strong};
use super::words::{exchanges, sentence};
use super::write_headline;
use crate::observation::{RouteProof, RouteReason, RouteVerdict};
use crate::report::Report;

pub(super) fn write(page: &mut Page, report: &Report) {
    let Some(comparison) = &report.observations.route else { return };
    if report.is_for_comparison() {
        let told =
            format!("asked for comparison with the way through the proxy, which is {}", comparison.verdict.word());
        page.paragraph(2, &[plain(told)]);
        return;
    }
    let (paint, mark) = match comparison.verdict {
        RouteVerdict::Passthrough => (Paint::Good, "✓ "),
        RouteVerdict::Intercepted | RouteVerdict::Altered | RouteVerdict::Blocked => (Paint::Bad, "✗ "),
        RouteVerdict::Inconclusive => (Paint::Unsure, "? "),
    };
    write_headline(page, "Through the proxy, compared with the direct way", "");
    page.item(4, &[Span::mark(paint, mark)], &[strong(comparison.verdict.word()), plain(told(comparison.verdict))]);
    for reason in &comparison.reasons {
        let RouteReason { id: _, text, points_to, because } = reason;
        let mark = if *points_to == Some(comparison.verdict) { Span::mark(paint, "- ") } else { plain("- ") };
        page.item(6, &[mark], &[plain(format!("{}{}", sentence(text), shown_by(because)))]);
    }
}

/// What the word means.
fn told(verdict: RouteVerdict) -> &'static str {
    match verdict {
        RouteVerdict::Passthrough => ": the endpoint itself answers, as it does directly",
        RouteVerdict::Intercepted => ": somebody on this way answers in the endpoint's place",
        RouteVerdict::Altered => ": the endpoint itself answers, but not all comes as it does directly",
        RouteVerdict::Blocked => ": no TLS comes through to the endpoint",
        RouteVerdict::Inconclusive => ": it can't be told from what was seen",
    }
}

/// ` (#1 here, #2 directly)`, or nothing where no exchange shows it.
fn shown_by(RouteProof { direct, proxy }: &RouteProof) -> String {
    let numbered = |ids: &[usize], way: &str| (!ids.is_empty()).then(|| format!("{} {way}", exchanges(ids)));
    let ways: Vec<String> = [numbered(proxy, "here"), numbered(direct, "directly")].into_iter().flatten().collect();
    if ways.is_empty() { String::new() } else { format!(" ({})", ways.join("; ")) }
}
