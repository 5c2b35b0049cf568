//! What is looked for in a line: names, numbers, texts and class names. None of it depends on the language that Windows
//! speaks, but for the texts of .NET.
//!
//! One automaton looks for all of it at once, in any case; what a number after a word says is read where it was found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::registry::{CmgStatus, ErrorText, SchannelEvent, WindowsCode, WinhttpFlag, decimal, hex32};

/// One thing found in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    /// A text of .NET, or the number or name of the socket error that it stands for.
    Text(&'static ErrorText),
    /// A Windows code by name or number.
    Code(WindowsCode),
    /// What a client of a CMG is told.
    Status(&'static CmgStatus),
    /// One of the words that say something by standing there.
    Said(Said),
    /// The sum of the flags.
    FlagSum(u32),
    /// One flag that is said to be set.
    Flag(u32),
    /// A number that is one of Schannel's events; what follows it in the line.
    Event(&'static SchannelEvent, &'a str),
    /// The number of an alert, in a member of that name.
    Alert(u8),
    /// Until when it was good.
    ValidTo(&'a str),
    /// When that was found out.
    CurrentTime(&'a str),
    /// What stands behind `https://`.
    Url(&'a str),
    /// A socket failed; by its number where that is told.
    SocketException(Option<u32>),
}

/// What a word says by standing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `CCM_E_BAD_HTTP_STATUS_CODE`: which status, the next entry tells.
    BadStatus,
    /// A secure failure of WinHTTP; its flags are told in the entries that follow.
    SecureFailure,
    /// The source by which Schannel's events are known.
    Schannel,
    /// A line that WSUS writes when it starts.
    StartUp,
    /// Configuration Manager could not import an update.
    ImportFailed,
    /// The part of WSUS that speaks to Microsoft Update.
    SyncHelper,
    /// No certificate is left that a connection point may show.
    NoClientCertificate,
    /// A token was out of date.
    TokenExpired,
    /// A socket failed.
    SocketException,
    /// A call of Windows failed, as Schannel's do.
    Win32Exception,
    /// .NET's own TLS gave up.
    AuthenticationException,
    /// A method of .NET's TLS in a stack.
    TlsStream,
}

/// What a pattern is.
#[derive(Clone, Copy)]
enum Meaning {
    Text(&'static ErrorText),
    Code(WindowsCode),
    Status(&'static CmgStatus),
    Flag(u32),
    /// The beginning of a number.
    Number,
    /// The beginning of an event's number.
    EventNumber,
    /// A word, and how to read what follows it.
    Word(Read),
}

/// How to read what follows a word.
type Read = fn(&str) -> Option<Spot<'_>>;

/// Words, and what follows them.
const WORDS: &[(&str, Read)] = &[
    ("CCM_E_BAD_HTTP_STATUS_CODE", |_| Some(Spot::Said(Said::BadStatus))),
    (WinhttpFlag::SECURE_FAILURE.0, |_| Some(Spot::Said(Said::SecureFailure))),
    ("lpvStatusInformation", |rest| hex32(first_word(after_is(rest))).map(Spot::FlagSum)),
    ("SCHANNEL Protocol", |_| Some(Spot::Said(Said::StartUp))),
    ("Schannel", |_| Some(Spot::Said(Said::Schannel))),
    ("AlertDesc", |rest| decimal(first_word(rest))?.try_into().ok().map(Spot::Alert)),
    ("ImportUpdateFromCatalogSite failed", |_| Some(Spot::Said(Said::ImportFailed))),
    ("WebServiceCommunicationHelper", |_| Some(Spot::Said(Said::SyncHelper))),
    ("Filtered cert count with client auth", no_certificate),
    ("SecurityTokenExpiredException", |_| Some(Spot::Said(Said::TokenExpired))),
    ("ValidTo: '", |rest| Some(Spot::ValidTo(rest.split_once('\'')?.0))),
    ("Current time: '", |rest| Some(Spot::CurrentTime(rest.split_once('\'')?.0))),
    ("https://", |rest| Some(Spot::Url(url(rest))).filter(|spot| *spot != Spot::Url(""))),
    ("SocketException", |rest| Some(Spot::SocketException(decimal(first_word(rest))))),
    ("Win32Exception", |_| Some(Spot::Said(Said::Win32Exception))),
    ("AuthenticationException", |_| Some(Spot::Said(Said::AuthenticationException))),
    ("System.Net.TlsStream", |_| Some(Spot::Said(Said::TlsStream))),
    ("System.Net.Security.SslS", |_| Some(Spot::Said(Said::TlsStream))),
    ("Code=", win32_error),
    ("error", |rest| win32_error(after_is(rest).trim_start_matches("code").trim_start_matches("Code"))),
];

struct Patterns {
    automaton: AhoCorasick,
    meanings: Vec<Meaning>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let mut patterns: BTreeMap<String, Meaning> = BTreeMap::new();
    for row in WindowsCode::all() {
        patterns.extend(row.spellings().map(|name| (name.to_ascii_lowercase(), Meaning::Code(row.code))));
    }
    for text in ErrorText::all() {
        let spellings = [Some(text.text), text.socket_error].into_iter().flatten();
        patterns.extend(spellings.map(|spelling| (spelling.to_ascii_lowercase(), Meaning::Text(text))));
    }
    for status in CmgStatus::all().iter().filter(|status| status.http_status().is_some()) {
        patterns.insert(status.text.to_ascii_lowercase(), Meaning::Status(status));
    }
    for flag in WinhttpFlag::all() {
        patterns.insert(flag.name.to_ascii_lowercase(), Meaning::Flag(flag.bit));
    }
    // No number is looked at that does not begin as one in the tables does.
    let beginnings: BTreeSet<String> = WindowsCode::all()
        .iter()
        .flat_map(|row| {
            [format!("{:04x}", row.code.0 >> 16), first_digits(&row.code.signed()), first_digits(&row.code.0)]
        })
        .collect();
    patterns.extend(beginnings.into_iter().chain(["0x8".to_owned()]).map(|start| (start, Meaning::Number)));
    patterns.insert("368".to_owned(), Meaning::EventNumber);
    for (word, read) in WORDS {
        patterns.insert(word.to_ascii_lowercase(), Meaning::Word(*read));
    }
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns.keys())
        .expect("some hundred short patterns");
    Patterns { automaton, meanings: patterns.into_values().collect() }
});

fn first_digits(number: &impl ToString) -> String {
    number.to_string().chars().take(5).collect()
}

/// Everything in this line that is looked for, in its order.
pub(super) fn spots<'a>(line: &'a str, mut take: impl FnMut(Spot<'a>)) {
    let Patterns { automaton, meanings } = &*PATTERNS;
    for found in automaton.find_iter(line) {
        let Some(meaning) = meanings.get(found.pattern().as_usize()) else { continue };
        let (before, rest) = line.split_at(found.start());
        let (word, after) = rest.split_at(found.len());
        let stands_alone = || !ends_in_word(before) && !after.starts_with(in_word);
        let spot = match *meaning {
            Meaning::Text(text) => (text.text.len() == word.len() || stands_alone()).then_some(Spot::Text(text)),
            Meaning::Code(code) => stands_alone().then_some(Spot::Code(code)),
            Meaning::Status(status) => stands_alone().then_some(Spot::Status(status)),
            Meaning::Flag(bit) => stands_alone().then_some(Spot::Flag(bit)),
            Meaning::Number => number(before, rest),
            Meaning::EventNumber => event(before, rest),
            Meaning::Word(read) => read(after),
        };
        if let Some(spot) = spot {
            take(spot);
        }
    }
}

/// That a count is none.
fn no_certificate(rest: &str) -> Option<Spot<'_>> {
    decimal(first_word(rest)).filter(|count| *count == 0).map(|_| Spot::Said(Said::NoClientCertificate))
}

/// An HRESULT of the tables that begins `rest`, standing by itself.
fn number<'a>(before: &str, rest: &'a str) -> Option<Spot<'a>> {
    let length = rest.char_indices().find(|(at, letter)| *at > 0 && !letter.is_ascii_alphanumeric()).map(|(at, _)| at);
    let (word, after) = rest.split_at(length.unwrap_or(rest.len()));
    // Neither a part of a longer word nor one of a GUID.
    let is_apart = !ends_in_word(before) && !before.ends_with('-') && !after.starts_with('-');
    let code = WindowsCode::parse_hresult(word).filter(|_| is_apart)?;
    known(code)
}

/// A code that has a row, or stands for the same as a text does.
fn known<'a>(code: WindowsCode) -> Option<Spot<'a>> {
    match code.info() {
        Some(_) => Some(Spot::Code(code)),
        None => text_of(code).map(Spot::Text),
    }
}

/// The text that stands for a socket error.
pub(super) fn text_of(code: WindowsCode) -> Option<&'static ErrorText> {
    ErrorText::all().iter().find(|text| text.socket_error.is_some() && text.code == Some(code))
}

fn event<'a>(before: &str, rest: &'a str) -> Option<Spot<'a>> {
    const DIGITS: usize = 5;
    let (word, after) = rest.split_at_checked(DIGITS)?;
    let stands_alone = !ends_in_word(before) && !after.starts_with(in_word);
    let event = SchannelEvent::from_id(word.parse().ok()?).filter(|_| stands_alone)?;
    Some(Spot::Event(event, after))
}

/// A Win32 error in decimal, which may be anything unless a word before it says what it is.
fn win32_error(rest: &str) -> Option<Spot<'_>> {
    known(WindowsCode::from_win32(decimal(first_word(rest))?.try_into().ok()?))
}

/// The word behind what may stand between a name and its value, unless that is too much to belong to it.
fn first_word(rest: &str) -> &str {
    let word = rest.trim_start_matches(|letter: char| " \t:=('\">#".contains(letter));
    let end = word.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(word.len());
    if rest.len() - word.len() <= 4 { word.get(..end).unwrap_or_default() } else { "" }
}

fn after_is(rest: &str) -> &str {
    rest.strip_prefix(" is").unwrap_or(rest).trim_start_matches([' ', ':'])
}

fn url(rest: &str) -> &str {
    const LONGEST: usize = 300;
    let end =
        rest.find(|letter: char| letter.is_whitespace() || letter.is_control() || "\"'`<>,;)]}|".contains(letter));
    let url = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    // A `]` ends nothing in `https://[::1]/`.
    let url = if rest.starts_with('[') { rest.split(char::is_whitespace).next().unwrap_or_default() } else { url };
    url.get(..url.floor_char_boundary(LONGEST)).unwrap_or_default()
}

fn in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(in_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        let mut all = Vec::new();
        spots(line, |spot| {
            all.push(match spot {
                Spot::Text(text) => text.text.chars().take(20).collect(),
                Spot::Code(code) => code.to_string(),
                Spot::Status(status) => status.text.to_owned(),
                Spot::Event(event, _) => format!("event {}", event.id),
                other => format!("{other:?}"),
            });
        });
        all
    }

    #[test]
    fn a_number_is_found_in_each_of_its_writings() {
        for line in [
            "failed: 0x80244021",
            "hr = 80244021,",
            "(0X80244021)",
            "hr=-2145107935;",
            "Error 2149859361.",
            "WU_E_PT_HTTP_STATUS_BAD_GATEWAY",
            "x:wu_e_pt_http_status_bad_gateway!",
        ] {
            assert_eq!(found(line), ["WU_E_PT_HTTP_STATUS_BAD_GATEWAY"], "{line}");
        }
        for line in ["Code=12175, Text", "error 12175", "Error code: 12175", "error: (12175)"] {
            assert_eq!(found(line), ["ERROR_WINHTTP_SECURE_FAILURE"], "{line}");
        }
    }

    #[test]
    fn every_code_of_the_tables_is_found() {
        for row in WindowsCode::all() {
            let hex = row.code.hex();
            let numbers =
                [hex.trim_start_matches("0x").to_lowercase(), row.code.signed().to_string(), row.code.0.to_string()];
            for typed in row.spellings().map(str::to_owned).chain([hex]).chain(numbers) {
                assert_eq!(found(&format!("[{typed}]")), [row.name], "{typed}");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_code_is_none() {
        for line in [
            "{8024402c-1b2c-4d5e-8f90-80072ee2aaaa}",
            "0x802440210",
            "a80244021",
            "0x80240013 is no failure of the network",
            "port 12175",
            "ERROR_WINHTTP_SECURE_FAILURES",
            "code=99999999999999999999",
            "thread 36887x",
        ] {
            assert_eq!(found(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn words_bring_what_follows_them() {
        assert_eq!(found("lpvStatusInformation is 0x9"), ["FlagSum(9)"]);
        assert_eq!(found("Filtered cert count with client auth: 0"), ["Said(NoClientCertificate)"]);
        assert_eq!(found("ValidTo: '10/01/2020 22:03:24'"), ["ValidTo(\"10/01/2020 22:03:24\")"]);
        assert_eq!(found("<Data Name='AlertDesc'>40</Data>"), ["Alert(40)"]);
        assert_eq!(found("URL=https://a.example:8531/CCM, Port"), ["Url(\"a.example:8531/CCM\")"]);
        assert_eq!(found("`https://[::1]:8531/x`"), ["Url(\"[::1]:8531/x`\")"]);
        assert_eq!(found("SocketException (10061): x"), ["SocketException(Some(10061))"]);
        assert_eq!(found("SocketException (0x80004005): x"), ["SocketException(None)"]);
        assert_eq!(found("Quelle: Schannel, Ereignis 36887, Keine"), ["Said(Schannel)", "event 36887"]);
    }

    #[test]
    fn the_number_of_a_socket_error_is_found_as_an_hresult() {
        assert_eq!(found("0x80072746"), ["An existing connecti"]);
        assert_eq!(found("error 10054"), ["An existing connecti"]);
    }

    #[test]
    fn whatever_stands_in_a_line_it_is_read_to_its_end() {
        for line in ["0x8", "368", "https://", "Code=", "error", "error code", "ValidTo: '", "8007é", "368é", "-2147"]
        {
            assert_eq!(found(line), [""; 0], "{line}");
        }
    }
}
