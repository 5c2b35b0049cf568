//! A word as it was typed or pasted, and what it was said to be.

use crate::registry::decimal;

/// A number, a name or a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Without the space and punctuation that come along when it is copied out of a log.
    pub(super) text: &'a str,
    /// What the words before it say that it is.
    said_to_be: Option<Kind>,
}

/// What a number or a name is the number or name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HRESULT or a Win32 error.
    Code,
    /// A status of HTTP.
    HttpStatus,
    /// An alert of TLS.
    Alert,
    /// An event of Schannel.
    Event,
    /// A flag of a secure failure of WinHTTP, or a sum of them.
    Flag,
}

impl<'a> Word<'a> {
    /// All that was typed, as one word.
    pub(super) fn unsaid(typed: &'a str) -> Self {
        Self { text: without_punctuation(typed), said_to_be: None }
    }

    /// What was typed after the words that say what it is, as in `TLS alert: 20` or `Event ID 36887`.
    pub(super) fn said(typed: &'a str) -> Self {
        let Self { mut text, mut said_to_be } = Self::unsaid(typed);
        while let Some((first, rest)) = text.split_once(parts_words)
            && let first = first.to_ascii_lowercase()
            && let kind = kind_said_by(&first)
            && (kind.is_some() || SAY_NOTHING.contains(&&*first))
        {
            said_to_be = kind.or(said_to_be);
            text = rest.trim_start_matches(parts_words);
        }
        Self { text, said_to_be }
    }

    /// What was typed, said to be one of these beside it.
    pub(super) fn of_kind(typed: &'a str, kind: Kind) -> Self {
        Self { said_to_be: Some(kind), ..Self::unsaid(typed) }
    }

    /// Whether it may be the number or the name of one.
    pub(super) fn may_be(&self, kind: Kind) -> bool {
        !self.is_too_long() && self.said_to_be.is_none_or(|said| said == kind)
    }

    /// Whether it was said to be one.
    pub(super) fn is_said_to_be(&self, kind: Kind) -> bool {
        self.said_to_be == Some(kind)
    }

    /// Whether no number and no name is this long, so that there is no use in looking for near ones.
    pub(super) fn is_too_long(&self) -> bool {
        const LONGEST: usize = 128;
        self.text.len() > LONGEST
    }

    /// The HTTP status that it may be.
    pub(super) fn http_status(&self) -> Option<u16> {
        if self.may_be(Kind::HttpStatus) { decimal(self.text)?.try_into().ok() } else { None }
    }

    /// Whether it is this name, in any case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }
}

/// The kind that a word before a number says that it is.
fn kind_said_by(word: &str) -> Option<Kind> {
    Some(match word {
        "error" | "code" | "hresult" | "win32" | "winhttp" | "wininet" => Kind::Code,
        "http" | "status" | "statuscode" => Kind::HttpStatus,
        "alert" => Kind::Alert,
        "event" | "eventid" => Kind::Event,
        "flag" | "flags" => Kind::Flag,
        _ => return None,
    })
}

/// Words that may stand between such a word and its number, or before it.
const SAY_NOTHING: [&str; 6] = ["tls", "ssl", "schannel", "fatal", "id", "number"];

fn parts_words(letter: char) -> bool {
    letter.is_whitespace() || ":=#(".contains(letter)
}

fn without_punctuation(typed: &str) -> &str {
    typed.trim_matches(|letter: char| letter.is_whitespace() || ".,;:=#()[]<>{}\"'`".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_before_a_number_say_what_it_is() {
        for (typed, text, kind) in [
            ("alert 20", "20", Kind::Alert),
            ("Fatal TLS alert: bad_record_mac", "bad_record_mac", Kind::Alert),
            ("alert(40)", "40", Kind::Alert),
            ("Schannel Event ID 36887.", "36887", Kind::Event),
            ("EventID=36887", "36887", Kind::Event),
            ("StatusCode= 403", "403", Kind::HttpStatus),
            ("HTTP status 502", "502", Kind::HttpStatus),
            ("error code 12175", "12175", Kind::Code),
            ("flags\t0x9", "0x9", Kind::Flag),
        ] {
            assert_eq!(Word::said(typed), Word { text, said_to_be: Some(kind) }, "{typed}");
        }
    }

    #[test]
    fn a_word_by_itself_says_nothing_of_what_it_is() {
        for typed in ["12175", "alert", "an alert of 20", "ERROR_WINHTTP_TIMEOUT", "TLS 20"] {
            assert_eq!(Word::said(typed).said_to_be, None, "{typed}");
        }
        assert_eq!(Word::unsaid("alert 20").said_to_be, None);
    }

    #[test]
    fn punctuation_of_the_text_around_is_dropped_and_a_sign_is_not() {
        for (typed, text) in
            [(" (0x80072ee2). ", "0x80072ee2"), ("'-2145107935',", "-2145107935"), ("[12175]\r\n", "12175"), ("", "")]
        {
            assert_eq!(Word::unsaid(typed).text, text);
        }
    }

    #[test]
    fn what_is_too_long_may_be_nothing() {
        let long = "1".repeat(129);
        assert!(!Word::unsaid(&long).may_be(Kind::Code));
        assert!(Word::unsaid(&long[1..]).may_be(Kind::Code));
    }
}
