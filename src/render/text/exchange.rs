//! Every question and its answer, frame by frame as one would read a capture.

use super::layout::{Page, Paint, Span, dim, phrases, plain};
use super::received::received;
use super::sent::sent;
use super::words::name;
use super::{Detail, write_headline};
use crate::outcome::{ApplicationData, Evidence, Exchange};
use crate::report::Report;
use crate::target::Target;

/// A line of a capture: what happened, and what is to know of it.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Phrases of the line itself.
    pub(super) told: Vec<String>,
    /// Phrases beneath it.
    pub(super) details: Vec<String>,
}

impl Frame {
    /// A frame of one phrase.
    pub(super) fn of(told: impl Into<String>) -> Self {
        Self { told: vec![told.into()], details: Vec::new() }
    }

    /// The same with another phrase.
    pub(super) fn and(mut self, told: impl Into<String>) -> Self {
        self.told.push(told.into());
        self
    }

    /// The same with a phrase beneath it.
    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }
}

pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    if report.exchanges.is_empty() {
        return;
    }
    if detail != Detail::Full {
        for exchange in &report.exchanges {
            write_frames(page, 2, &report.target, exchange);
        }
        return;
    }
    let repetition = report.observations.repetition.as_ref();
    let about = repetition.map_or("", |_| ", one of each way in which it ended");
    let is_told = |exchange: &&Exchange| {
        repetition.is_none_or(|repetition| repetition.outcomes.iter().any(|share| share.example == exchange.id))
    };
    write_headline(page, "Asked and answered", about);
    let widest = report.exchanges.iter().map(|exchange| exchange.id).max().unwrap_or_default().to_string().len() + 1;
    for exchange in report.exchanges.iter().filter(is_told) {
        let number = format!("#{}", exchange.id);
        page.item(4, &[dim(format!("{number:<widest$} "))], &[dim(name(&exchange.purpose))]);
        write_frames(page, 4 + widest + 1, &report.target, exchange);
    }
}

fn write_frames(page: &mut Page, indent: usize, target: &Target, exchange: &Exchange) {
    write_frame(page, indent, "→ ", &sent(target, exchange));
    for frame in received(exchange) {
        write_frame(page, indent, "← ", &frame);
    }
    if let Some(Evidence { sent, received, application_data }) = &exchange.evidence {
        page.item(indent + 2, &[dim("bytes sent ")], &[plain(sent)]);
        page.item(indent + 2, &[dim("bytes received ")], &[plain(received)]);
        if let Some(ApplicationData { sent, received, is_whole }) = application_data {
            let cut = if *is_whole { "" } else { ", its beginning" };
            page.item(indent + 2, &[dim("HTTP sent ")], &[plain(sent)]);
            page.item(indent + 2, &[dim(format!("HTTP received{cut} "))], &[plain(received)]);
        }
    }
}

fn write_frame(page: &mut Page, indent: usize, arrow: &'static str, frame: &Frame) {
    page.item(indent, &[Span::mark(Paint::Strong, arrow)], &phrases(&frame.told));
    if !frame.details.is_empty() {
        page.paragraph(indent + 2, &phrases(&frame.details));
    }
}
