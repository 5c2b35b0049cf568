//! Words of peers and users, made harmless for a terminal and for the reader's eye.
//!
//! What passes is what a name is made of: letters, digits, and the punctuation of a Latin text. Everything else stands
//! escaped: control characters and with them every terminal sequence, line ends, what reorders text (UAX #9) or has no
//! width, private and unassigned characters.

/// The text with every character that may not pass as `\n` or `\u{202e}`.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if passes(letter) { escaped.push(letter) } else { escaped.extend(letter.escape_default()) }
    }
    escaped
}

/// The text, or its beginning and an ellipsis if it takes more columns than `most`.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut room = most.saturating_sub(1);
    let fits = |letter: &char| match room.checked_sub(columns(*letter)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

/// Columns that the text takes on a terminal at the most.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Columns that a character takes at the most: no script below Hangul has letters of two (UAX #11).
pub fn columns(letter: char) -> usize {
    if letter < '\u{1100}' || ('\u{2000}'..'\u{2C00}').contains(&letter) { 1 } else { 2 }
}

fn passes(letter: char) -> bool {
    match letter {
        // Not seen: the hyphen for word ends, and the fillers that count as letters of Hangul.
        '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => false,
        // ASCII and Latin-1, dashes, quotation marks and an ellipsis. This program's own marks and arrows are not among
        // them: nobody else is to write those.
        ' '..='~' | '\u{A0}'..='\u{FF}' | '‐'..='―' | '‘'..='‟' | '…' | '€' | '™' => true,
        _ => letter.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_places_pass_as_they_are() {
        for text in
            ["sws.update.microsoft.com", "O=Müller & Søn “GmbH”", "Ελλάδα", "Москва", "日本語", "RFC 5246 §7.4.2 …"]
        {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(escape("\x1b[31mred\x1b[0m"), r"\u{1b}[31mred\u{1b}[0m");
        assert_eq!(escape("\x1b]0;title\x07"), r"\u{1b}]0;title\u{7}");
        assert_eq!(escape("\u{9b}2J"), r"\u{9b}2J", "the CSI of one character");
        assert_eq!(escape("a\r\nb\tc\0d\x08\x7f"), r"a\r\nb\tc\u{0}d\u{8}\u{7f}");
        assert_eq!(escape("a\u{85}b\u{2028}c\u{2029}"), r"a\u{85}b\u{2028}c\u{2029}", "other line ends");
    }

    #[test]
    fn what_reorders_or_hides_text_is_escaped() {
        for hidden in "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{061C}\
                       \u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{AD}\u{3164}\u{FFA0}\u{115F}\u{E0041}\u{FE0F}\
                       \u{300}\u{E000}\u{10FFFF}\u{FFFE}"
            .chars()
        {
            assert_eq!(escape(&hidden.to_string()), format!("\\u{{{:x}}}", u32::from(hidden)));
        }
    }

    #[test]
    fn nobody_else_writes_this_programs_marks() {
        assert_eq!(escape("✓ held ← ✗"), r"\u{2713} held \u{2190} \u{2717}");
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis_within_its_room() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("日本語日本語", 6), "日本…");
        assert_eq!(cut("", 6), "");
    }
}
