//! Paragraphs within a width: words wrapped with a hanging indent, and painted.
//!
//! All text comes in as [`Span`]s, which escape what they are made of; so nothing that a peer wrote reaches the page
//! in another way.

use anstyle::{AnsiColor, Style as Ansi};

use super::escape::{columns, escape, width};
use crate::render::Style;

/// The least columns to write in: what is indented must have room.
const NARROWEST: usize = 40;

/// A space at which no line ends. Written as a plain one.
const NO_BREAK: char = '\u{A0}';

/// The least columns for a text beside its label.
const COLUMN: usize = 40;

/// How a span looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Unsure,
}

impl Paint {
    fn ansi(self) -> Ansi {
        let color = |color: AnsiColor| Ansi::new().fg_color(Some(color.into())).bold();
        match self {
            Self::Plain => Ansi::new(),
            Self::Strong => Ansi::new().bold(),
            Self::Dim => Ansi::new().dimmed(),
            Self::Good => color(AnsiColor::Green),
            Self::Bad => color(AnsiColor::Red),
            Self::Unsure => color(AnsiColor::Yellow),
        }
    }
}

/// Escaped text in one paint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    text: String,
    paint: Paint,
}

impl Span {
    pub(super) fn new(paint: Paint, text: impl AsRef<str>) -> Self {
        Self { text: escape(text.as_ref()), paint }
    }

    /// One of this program's own marks, which no other text can show.
    pub(super) fn mark(paint: Paint, mark: &'static str) -> Self {
        Self { text: mark.to_owned(), paint }
    }
}

pub(super) fn plain(text: impl AsRef<str>) -> Span {
    Span::new(Paint::Plain, text)
}

pub(super) fn strong(text: impl AsRef<str>) -> Span {
    Span::new(Paint::Strong, text)
}

pub(super) fn dim(text: impl AsRef<str>) -> Span {
    Span::new(Paint::Dim, text)
}

/// The text on one line, if it fits on one at all.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', &NO_BREAK.to_string())
}

/// Phrases with commas between them; lines end between phrases, and within one only where it is longer than a line.
pub(super) fn phrases<T: AsRef<str>>(phrases: impl IntoIterator<Item = T>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for phrase in phrases {
        if !spans.is_empty() {
            spans.push(plain(", "));
        }
        spans.push(plain(unbroken(phrase.as_ref())));
    }
    spans
}

/// The text as it grows.
pub(super) struct Page {
    color: bool,
    width: usize,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { color: style.color, width: style.width.max(NARROWEST), text: String::new() }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless there is one already or nothing stands before it.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A paragraph at this indent.
    pub(super) fn paragraph(&mut self, indent: usize, spans: &[Span]) {
        self.item(indent, &[], spans);
    }

    /// A paragraph that hangs beside its `lead`: `#1  `, `→ `, `✓ `.
    pub(super) fn item(&mut self, indent: usize, lead: &[Span], spans: &[Span]) {
        let lead = letters(lead);
        let hang = indent + lead.iter().map(|(letter, _)| columns(*letter)).sum::<usize>();
        let mut margin = " ".repeat(indent);
        let mut begin = lead;
        for line in wrapped(&letters(spans), self.width.saturating_sub(hang)) {
            begin.extend(line);
            self.write_line(&margin, &begin);
            begin = Vec::new();
            margin = " ".repeat(hang);
        }
    }

    /// A paragraph beside a label in a column that is `label_width` wide, or beneath it where that leaves no room.
    pub(super) fn row(&mut self, indent: usize, label: &str, label_width: usize, spans: &[Span]) {
        if self.width < indent + label_width + 2 + COLUMN {
            if !label.is_empty() {
                self.paragraph(indent, &[dim(label)]);
            }
            self.paragraph(indent + 2, spans);
            return;
        }
        let padding = " ".repeat(label_width.saturating_sub(width(label)) + 2);
        self.item(indent, &[dim(label), plain(padding)], spans);
    }

    fn write_line(&mut self, margin: &str, letters: &[Letter]) {
        let end = letters.iter().rposition(|(letter, _)| !is_space(*letter)).map_or(0, |last| last + 1);
        let letters = letters.get(..end).unwrap_or_default();
        if !letters.is_empty() {
            self.text.push_str(margin);
        }
        for run in letters.chunk_by(|(_, one), (_, next)| one == next) {
            let text = run.iter().map(|(letter, _)| if *letter == NO_BREAK { ' ' } else { *letter });
            match run.first() {
                Some((_, paint)) if self.color && *paint != Paint::Plain => {
                    let ansi = paint.ansi();
                    self.text.push_str(&ansi.render().to_string());
                    self.text.extend(text);
                    self.text.push_str(&ansi.render_reset().to_string());
                }
                _ => self.text.extend(text),
            }
        }
        self.text.push('\n');
    }
}

/// A character and its paint.
type Letter = (char, Paint);

fn letters(spans: &[Span]) -> Vec<Letter> {
    spans.iter().flat_map(|span| span.text.chars().map(|letter| (letter, span.paint))).collect()
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | NO_BREAK)
}

/// Lines of at most `room` columns, ended at spaces; within a phrase or a word only where it alone is too long.
fn wrapped(letters: &[Letter], room: usize) -> Vec<Vec<Letter>> {
    let mut lines = Lines { room, full: Vec::new(), line: Vec::new(), used: 0 };
    for word in letters.split_inclusive(|(letter, _)| *letter == ' ') {
        if seen(word) <= room {
            lines.push(word);
        } else {
            word.split_inclusive(|(letter, _)| is_space(*letter)).for_each(|part| lines.push(part));
        }
    }
    lines.full.push(lines.line);
    lines.full
}

struct Lines {
    room: usize,
    full: Vec<Vec<Letter>>,
    line: Vec<Letter>,
    used: usize,
}

impl Lines {
    fn push(&mut self, word: &[Letter]) {
        if self.used > 0 && self.used + seen(word) > self.room {
            self.end();
        }
        for &(letter, paint) in word {
            if self.used + columns(letter) > self.room && !is_space(letter) {
                self.end();
            }
            self.used += columns(letter);
            self.line.push((letter, paint));
        }
    }

    fn end(&mut self) {
        self.full.push(std::mem::take(&mut self.line));
        self.used = 0;
    }
}

/// Columns of a word without the spaces at its end, which may stand over the edge: they are not written there.
fn seen(word: &[Letter]) -> usize {
    let end = word.iter().rposition(|(letter, _)| !is_space(*letter)).map_or(0, |last| last + 1);
    word.iter().take(end).map(|(letter, _)| columns(*letter)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, color: bool, write: impl Fn(&mut Page)) -> String {
        let mut page = Page::new(Style { color, width });
        write(&mut page);
        page.into_text()
    }

    #[test]
    fn lines_hang_beside_their_lead() {
        let text = page(40, false, |page| {
            page.item(
                2,
                &[Span::mark(Paint::Strong, "→ ")],
                &[plain("ClientHello TLS 1.0, 14 suites, 187 bytes, and more of it")],
            );
        });
        assert_eq!(text, "  → ClientHello TLS 1.0, 14 suites, 187\n    bytes, and more of it\n");
    }

    #[test]
    fn phrases_stay_whole() {
        let text = page(40, false, |page| {
            page.paragraph(0, &phrases(["ClientHello TLS 1.0", "14 cipher suites", "187 bytes on the wire"]));
        });
        assert_eq!(text, "ClientHello TLS 1.0, 14 cipher suites,\n187 bytes on the wire\n");
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_at_the_edge() {
        let text = page(40, false, |page| page.paragraph(4, &[plain("x".repeat(50))]));
        assert_eq!(text, format!("    {}\n    {}\n", "x".repeat(36), "x".repeat(14)));
    }

    #[test]
    fn a_phrase_longer_than_a_line_is_broken_between_its_words() {
        let text = page(40, false, |page| page.paragraph(0, &phrases([format!("a {} b", "x".repeat(37))])));
        assert_eq!(text, format!("a {}\nb\n", "x".repeat(37)));
    }

    #[test]
    fn wide_letters_count_twice() {
        let text = page(40, false, |page| page.paragraph(0, &[plain("漢".repeat(21))]));
        assert_eq!(text, format!("{}\n漢\n", "漢".repeat(20)));
    }

    #[test]
    fn colour_goes_around_words_and_only_when_wanted() {
        let write = |page: &mut Page| page.paragraph(0, &[Span::mark(Paint::Bad, "✗"), plain(" broken")]);
        assert_eq!(page(80, false, write), "✗ broken\n");
        assert_eq!(page(80, true, write), "\x1b[1m\x1b[31m✗\x1b[0m broken\n");
    }

    #[test]
    fn a_page_is_never_narrower_than_it_can_be_read() {
        let text = page(1, false, |page| page.paragraph(0, &[plain("word ".repeat(20))]));
        assert_eq!(text.lines().next(), Some("word word word word word word word word"));
    }

    #[test]
    fn rows_align_and_gaps_do_not_pile_up() {
        let write = |page: &mut Page| {
            page.gap();
            page.row(2, "versions", 8, &[plain("TLS 1.2")]);
            page.gap();
            page.gap();
            page.row(2, "a", 8, &[plain("b")]);
        };
        assert_eq!(page(80, false, write), "  versions  TLS 1.2\n\n  a         b\n");
        assert_eq!(page(40, false, write), "  versions\n    TLS 1.2\n\n  a\n    b\n");
    }
}
