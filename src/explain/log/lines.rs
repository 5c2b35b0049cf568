//! Bytes of a log, as they come, into lines of text: UTF-8, UTF-16 of either order with or without a mark, or an old
//! code page, whose ASCII half is all that is looked for.
//!
//! Memory is bounded whatever comes: a line is cut at [`MAX_LINE`], and what follows of it is passed over. An export of
//! events that has no line ends at all is cut where an event ends.

use memchr::{memchr, memmem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of a line, as UTF-8, that are looked at.
pub(super) const MAX_LINE: usize = 64 << 10;

/// Bytes from which the encoding is told.
const HEAD: usize = 4 << 10;

/// Where one event of an export as XML ends.
pub(super) const END_OF_EVENT: &str = "</Event>";

/// How a file's characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, which ASCII is, too; a line that is not is read as Western code page.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16, low byte first, as Windows writes "Unicode".
    #[serde(rename = "UTF-16LE")]
    Utf16Little,
    /// UTF-16, high byte first.
    #[serde(rename = "UTF-16BE")]
    Utf16Big,
}

impl Encoding {
    /// Its usual name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Little => "UTF-16LE",
            Self::Utf16Big => "UTF-16BE",
        }
    }

    /// The encoding of a file that begins so, and how many bytes its mark takes. Without a mark, text in UTF-16 is told
    /// by the zero bytes of its ASCII letters: nearly all on one side, nearly none on the other.
    pub fn of(head: &[u8]) -> (Self, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0xFF, 0xFE, ..] => (Self::Utf16Little, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16Big, 2),
            _ => {
                let (pairs, _) = head.as_chunks::<2>();
                let zeros = |side: fn(&[u8; 2]) -> u8| pairs.iter().filter(|pair| side(pair) == 0).count();
                let (first, second) = (zeros(|[first, _]| *first), zeros(|[_, second]| *second));
                // Logs of any language have a third of ASCII: dates, codes, class names.
                let is_plain = |here: usize, there: usize| here * 3 > pairs.len() && there * 20 < pairs.len();
                match (is_plain(first, second), is_plain(second, first)) {
                    (true, _) => (Self::Utf16Big, 0),
                    (_, true) => (Self::Utf16Little, 0),
                    _ => (Self::Utf8, 0),
                }
            }
        }
    }
}

/// One line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    pub(super) text: &'a str,
}

/// Takes bytes in pieces of any size and gives whole lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    encoding: Option<Encoding>,
    /// Until the encoding is known: all that came. After that, in UTF-16, a byte or a surrogate that waits for its other
    /// half.
    waiting: Vec<u8>,
    /// The line so far, in UTF-8 unless it was none.
    line: Vec<u8>,
    /// Lines that ended.
    ended: u64,
    /// Whether the rest of this line is passed over.
    is_cut: bool,
    /// Lines of which a part was passed over.
    pub(super) cut: u64,
}

impl Lines {
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding.unwrap_or(Encoding::Utf8)
    }

    /// Lines so far, the last one included though it has no end.
    pub(super) fn count(&self) -> u64 {
        self.ended + u64::from(!self.line.is_empty())
    }

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        if let Some(encoding) = self.encoding {
            return self.decode(encoding, bytes, take);
        }
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD.saturating_sub(self.waiting.len())));
        self.waiting.extend_from_slice(head);
        if self.waiting.len() >= HEAD {
            self.settle(take);
            self.feed(rest, take);
        }
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, take: &mut impl FnMut(Line<'_>)) {
        if self.encoding.is_none() {
            self.settle(take);
        }
        if !self.waiting.is_empty() {
            self.waiting.clear();
            self.push(char::REPLACEMENT_CHARACTER.encode_utf8(&mut [0; 4]).as_bytes(), take);
        }
        if !self.line.is_empty() {
            self.end_of_line(take);
        }
    }

    /// Decides for an encoding and reads what has waited for it.
    fn settle(&mut self, take: &mut impl FnMut(Line<'_>)) {
        let head = std::mem::take(&mut self.waiting);
        let (encoding, mark) = Encoding::of(&head);
        self.encoding = Some(encoding);
        self.decode(encoding, head.get(mark..).unwrap_or_default(), take);
    }

    fn decode(&mut self, encoding: Encoding, bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        match encoding {
            Encoding::Utf8 => self.split(bytes, take),
            Encoding::Utf16Little => self.utf16(bytes, u16::from_le_bytes, take),
            Encoding::Utf16Big => self.utf16(bytes, u16::from_be_bytes, take),
        }
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16, take: &mut impl FnMut(Line<'_>)) {
        let waited = std::mem::take(&mut self.waiting);
        let joined;
        let bytes = if waited.is_empty() {
            bytes
        } else {
            joined = [&waited, bytes].concat();
            &joined
        };
        let (mut pairs, odd) = bytes.as_chunks::<2>();
        // A character of two units may have come in half.
        let mut left = odd.to_vec();
        if let [before @ .., last] = pairs
            && (0xD800..0xDC00).contains(&unit(*last))
        {
            pairs = before;
            left = [last.as_slice(), odd].concat();
        }
        let mut text = String::with_capacity(pairs.len() + pairs.len() / 8);
        text.extend(
            char::decode_utf16(pairs.iter().copied().map(unit))
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
        self.waiting = left;
        self.split(text.as_bytes(), take);
    }

    fn split(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            if self.line.is_empty() && !self.is_cut && line.len() <= MAX_LINE {
                // Most lines are in one piece and need no copy.
                self.ended += 1;
                give(self.ended, line, take);
            } else {
                self.push(line, take);
                self.end_of_line(take);
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.push(bytes, take);
    }

    /// Adds to the line what there is room for.
    fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        while !bytes.is_empty() && !self.is_cut {
            let (fits, rest) = bytes.split_at(bytes.len().min(MAX_LINE - self.line.len()));
            self.line.extend_from_slice(fits);
            bytes = rest;
            if bytes.is_empty() {
                return;
            }
            if let Some(start) = memmem::rfind(&self.line, END_OF_EVENT.as_bytes()) {
                let end = start + END_OF_EVENT.len();
                give(self.ended + 1, self.line.get(..end).unwrap_or_default(), take);
                self.line.drain(..end);
            } else {
                self.is_cut = true;
                self.cut += 1;
            }
        }
    }

    fn end_of_line(&mut self, take: &mut impl FnMut(Line<'_>)) {
        self.ended += 1;
        give(self.ended, &self.line, take);
        self.line.clear();
        self.is_cut = false;
    }
}

fn give(number: u64, bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => take(Line { number, text }),
        // A character that a cut went through.
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            take(Line { number, text: &String::from_utf8_lossy(whole) });
        }
        Err(_) => take(Line { number, text: &bytes.iter().copied().map(char::from).collect::<String>() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]]) -> (Vec<(u64, String)>, Lines) {
        let (mut reader, mut all) = (Lines::default(), Vec::new());
        let mut take = |line: Line<'_>| all.push((line.number, line.text.to_owned()));
        for piece in pieces {
            reader.feed(piece, &mut take);
        }
        reader.finish(&mut take);
        (all, reader)
    }

    fn texts(bytes: &[u8]) -> Vec<String> {
        lines(&[bytes]).0.into_iter().map(|(_, text)| text).collect()
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        mark.into_iter().chain(text.chars()).collect::<String>().encode_utf16().flat_map(bytes).collect()
    }

    const TEXT: &str = "2020-08-11 Fehler: größer\r\n0x80072EFE 接続が切れました 😀\nla connexion a été fermée";

    #[test]
    fn every_encoding_with_or_without_a_mark_gives_the_same_lines() {
        let expected: Vec<&str> = TEXT.lines().collect();
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (format!("\u{feff}{TEXT}").into_bytes(), Encoding::Utf8),
            (utf16(TEXT, true, u16::to_le_bytes), Encoding::Utf16Little),
            (utf16(TEXT, false, u16::to_le_bytes), Encoding::Utf16Little),
            (utf16(TEXT, true, u16::to_be_bytes), Encoding::Utf16Big),
            (utf16(TEXT, false, u16::to_be_bytes), Encoding::Utf16Big),
        ] {
            let (lines, reader) = lines(&[&bytes]);
            assert_eq!(reader.encoding(), encoding);
            assert_eq!(lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), expected, "{encoding:?}");
            assert_eq!(lines.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!(reader.count(), 3);
        }
    }

    #[test]
    fn an_old_code_page_keeps_its_ascii() {
        assert_eq!(texts(b"Fehler 0x80072EFE gr\xF6\xDFer\nnext"), ["Fehler 0x80072EFE größer", "next"]);
    }

    #[test]
    fn a_line_is_cut_and_the_next_one_is_whole_and_has_its_number() {
        let long = [vec![b'a'; 3 * MAX_LINE], b"\nnext\n".to_vec()].concat();
        let (all, reader) = lines(&[&long]);
        assert_eq!((all[0].0, all[0].1.len()), (1, MAX_LINE));
        assert_eq!(all[1], (2, "next".to_owned()));
        assert_eq!((all.len(), reader.cut), (2, 1));
    }

    #[test]
    fn events_without_line_ends_are_parted_and_none_is_lost() {
        let event = format!("<Event><Data>{}</Data></Event>", "x".repeat(1000));
        let (all, reader) = lines(&[format!("<Events>{}</Events>", event.repeat(500)).as_bytes()]);
        assert_eq!(all.iter().map(|(_, text)| text.matches("</Event>").count()).sum::<usize>(), 500);
        assert!(all.iter().all(|(number, text)| *number == 1 && text.len() <= MAX_LINE));
        assert_eq!(reader.cut, 0);
    }

    #[test]
    fn what_breaks_off_is_marked() {
        assert_eq!(texts(&[0xFF, 0xFE, b'a', 0, b'b']), ["a\u{fffd}"]);
        assert_eq!(texts(&[0xFF, 0xFE, b'a', 0, 0x00, 0xD8]), ["a\u{fffd}"]);
        assert_eq!(texts(b""), [""; 0]);
    }

    #[test]
    fn whatever_comes_no_more_than_a_line_and_a_head_is_held() {
        let mut reader = Lines::default();
        for piece in [vec![b'a'; 1 << 20], vec![0; 1 << 20], vec![0xD8; 1 << 20]] {
            for _ in 0..4 {
                reader.feed(&piece, &mut |_| {});
                assert!(reader.line.len() + reader.waiting.len() <= MAX_LINE + HEAD);
            }
        }
    }

    proptest! {
        #[test]
        fn the_pieces_it_comes_in_change_nothing(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(0), Just(0xD8), any::<u8>()], 0..300),
            head in prop_oneof![Just(&b"\xFF\xFE"[..]), Just(&b"\xFE\xFF"[..]), Just(&b""[..])],
            size in 1_usize..40,
        ) {
            let bytes = [head, &bytes].concat();
            let (whole, _) = lines(&[&bytes]);
            let (parted, _) = lines(&bytes.chunks(size).collect::<Vec<_>>());
            prop_assert_eq!(whole, parted);
        }
    }
}
