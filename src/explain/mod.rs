//! What a code means, for a person who has met it in a log: Windows codes, TLS alerts, Schannel events, WinHTTP's
//! flags, the statuses of a Cloud Management Gateway, the texts of .NET; and what a whole [`log`] or a file about a
//! [`machine`] says.
//!
//! All of it is data of `registry`, with its sources. What is added here is how to read what people type or paste, and
//! which `tlsprobe` command tests a cause. A number may be several things; then each of them is explained.

use crate::diagnose::{RULES, Rule};
use crate::registry::{WindowsCode, did_you_mean, nearest};

mod alert;
mod cmg_status;
mod error_text;
mod explanation;
mod file;
mod how_to_test;
mod leads;
pub mod log;
pub mod machine;
mod schannel_event;
pub mod text;
mod windows_code;
mod winhttp_flag;
mod word;

pub use explanation::{CodeForms, Explanation, HowToTest, What};
pub use file::{FileIs, HEAD, file_is};
pub use word::Kind;
use word::Word;

/// Everything that `typed` may stand for, each explained.
///
/// It may be a number or name as it stands in a log (`0x80244021`, `-2145107935`, `12175`, `SEC_E_ILLEGAL_MESSAGE`), with
/// a word before it that says what it is (`alert 20`, `event 36887`), or a line with one of .NET's texts in it.
pub fn code(typed: &str) -> Result<Vec<Explanation>, UnknownCode> {
    let words = [Word::unsaid(typed), Word::said(typed)];
    let readings = words.iter().map(readings).find(|readings| !readings.is_empty());
    readings.ok_or_else(|| {
        let [_, word] = words;
        UnknownCode { typed: shortened(typed), suggestions: suggestions(&word) }
    })
}

/// What `typed` stands for as one of that kind and no other. Flags of WinHTTP may be given by name or as a value, and
/// come back both ways.
pub fn code_as(typed: &str, kind: Kind) -> Result<Vec<Explanation>, UnknownCode> {
    let both_ways = if kind == Kind::Flag { winhttp_flag::both_ways(typed) } else { None };
    let word = Word::of_kind(typed, kind);
    let readings = both_ways.unwrap_or_else(|| readings(&word));
    if readings.is_empty() {
        return Err(UnknownCode { typed: shortened(typed), suggestions: suggestions(&word) });
    }
    Ok(readings)
}

/// The rule of this name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id.trim()))
}

/// One table of `registry`, as people reach into it.
struct Table {
    /// What in it the word may stand for.
    read: fn(&Word<'_>) -> Vec<Explanation>,
    /// Every name and number in it, and the row that answers to it.
    spellings: fn() -> Vec<Spelling>,
}

/// A name or a number, and the row that answers to it.
type Spelling = (String, (What, u32));

const TABLES: [Table; 6] = [
    windows_code::TABLE,
    cmg_status::TABLE,
    error_text::TABLE,
    alert::TABLE,
    schannel_event::TABLE,
    winhttp_flag::TABLE,
];

fn readings(word: &Word<'_>) -> Vec<Explanation> {
    TABLES.iter().flat_map(|table| (table.read)(word)).collect()
}

/// Something typed that stands for nothing known here, with what may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown code {typed:?}: {}", did_you_mean(.suggestions).unwrap_or_else(|| ACCEPTED.to_owned()))]
pub struct UnknownCode {
    /// What was typed, shortened where it is long.
    pub typed: String,
    /// Up to three names or numbers that come near it, nearest first.
    pub suggestions: Vec<String>,
}

const ACCEPTED: &str = "give a Windows code as in 0x80244021, -2145107935 or 12175, its name as in \
                        SEC_E_ILLEGAL_MESSAGE, an alert as in \"alert 20\", a Schannel event as in \"event 36887\", \
                        the status text of a CMG, or the path of a log";

fn shortened(typed: &str) -> String {
    const LONGEST_SHOWN: usize = 60;
    match typed.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", typed.get(..end).unwrap_or_default()),
        None => typed.to_owned(),
    }
}

fn suggestions(word: &Word<'_>) -> Vec<String> {
    if word.is_too_long() {
        return Vec::new();
    }
    // However an HRESULT is typed, the near ones are near it in hex.
    let typed = WindowsCode::parse_hresult(word.text).map_or_else(|| word.text.to_owned(), WindowsCode::hex);
    let spellings: Vec<_> = TABLES.iter().flat_map(|table| (table.spellings)()).collect();
    let spellings: Vec<_> = spellings.iter().map(|(spelling, row)| (spelling.as_str(), *row)).collect();
    nearest(&typed, &spellings).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
