//! The flags of a secure failure of WinHTTP, explained: one by one, where a number is the sum of several.

use super::how_to_test::Situation;
use super::leads;
use super::{CodeForms, Explanation, Kind, Spelling, Table, What, Word};
use crate::registry::{WinhttpFlag, decimal, hex32};

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    if !word.may_be(Kind::Flag) {
        return Vec::new();
    }
    // Logs have the sum in hex; a decimal number may be so many other things.
    let said_decimal = || if word.is_said_to_be(Kind::Flag) { decimal(word.text) } else { None };
    let value = hex32(word.text).or_else(said_decimal);

    let (status, status_value) = WinhttpFlag::SECURE_FAILURE;
    if word.is(status) || value == Some(status_value) {
        return vec![explain_status(status, status_value)];
    }
    let named = WinhttpFlag::all().iter().filter(|flag| word.is(flag.name));
    let summed = value.and_then(WinhttpFlag::in_value).unwrap_or_default();
    named.chain(summed).map(explain).collect()
}

/// Names or values of flags, as their sum and then one by one: `0x9`, or `CERT_REV_FAILED INVALID_CA`.
pub(super) fn both_ways(typed: &str) -> Option<Vec<Explanation>> {
    let words = typed.split(|letter: char| letter.is_whitespace() || ",|+".contains(letter));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let bits = |word: &&str| {
        let is_name = |flag: &&WinhttpFlag| {
            let short = flag.name.trim_start_matches(WinhttpFlag::PREFIX);
            word.eq_ignore_ascii_case(flag.name) || word.eq_ignore_ascii_case(short)
        };
        let named = WinhttpFlag::all().iter().find(is_name).map(|flag| flag.bit);
        named.or_else(|| hex32(word)).or_else(|| decimal(word))
    };
    let sum = words.iter().map(bits).try_fold(0, |sum, bits| Some(sum | bits?)).filter(|sum| *sum != 0)?;
    let flags: Vec<_> = WinhttpFlag::all().iter().filter(|flag| sum & flag.bit != 0).collect();
    let unknown = flags.iter().fold(sum, |rest, flag| rest & !flag.bit);
    let whole = Explanation {
        what: What::WinhttpFlag,
        name: format!("0x{sum:08X}"),
        forms: CodeForms {
            hex: Some(format!("0x{sum:08X}")),
            decimal: Some(sum),
            symbols: flags.iter().map(|flag| flag.name.to_owned()).collect(),
            ..CodeForms::default()
        },
        family: "sum of flags of a secure failure of WinHTTP".to_owned(),
        layer: None,
        meaning: Some("each of its flags holds".to_owned()),
        network_picture: None,
        caused_by: Vec::new(),
        notes: (unknown != 0)
            .then(|| format!("{unknown:#x} in it is no flag that is known here"))
            .into_iter()
            .collect(),
        rules: Vec::new(),
        how_to_test: Vec::new(),
        sources: vec![WinhttpFlag::SOURCE.to_owned()],
        confidence: None,
    };
    Some([whole].into_iter().chain(flags.into_iter().map(explain)).collect())
}

fn explain(flag: &WinhttpFlag) -> Explanation {
    Explanation {
        what: What::WinhttpFlag,
        name: flag.name.to_owned(),
        forms: forms(flag.name, flag.bit),
        family: "flag of a secure failure of WinHTTP".to_owned(),
        layer: None,
        meaning: Some(flag.meaning.to_owned()),
        network_picture: None,
        caused_by: flag.caused_by.iter().map(|&cause| cause.to_owned()).collect(),
        notes: Vec::new(),
        rules: leads::owned(leads::of_flag(flag)),
        how_to_test: Situation::of_flag(flag).how_to_test(),
        sources: vec![WinhttpFlag::SOURCE.to_owned()],
        confidence: None,
    }
}

fn explain_status(name: &str, value: u32) -> Explanation {
    Explanation {
        what: What::WinhttpFlag,
        name: name.to_owned(),
        forms: forms(name, value),
        family: "status of WinHTTP".to_owned(),
        layer: None,
        meaning: Some("a secure failure, whose flags name the reason".to_owned()),
        network_picture: None,
        caused_by: Vec::new(),
        notes: vec!["for the flags, as 0x9: tlsprobe explain \"flags 0x9\"".to_owned()],
        rules: Vec::new(),
        how_to_test: Situation::ServerCertificate.how_to_test(),
        sources: vec![WinhttpFlag::SOURCE.to_owned()],
        confidence: None,
    }
}

fn forms(name: &str, value: u32) -> CodeForms {
    CodeForms { hex: Some(format!("0x{value:08X}")), symbols: vec![name.to_owned()], ..CodeForms::default() }
}

fn spellings() -> Vec<Spelling> {
    let rows = WinhttpFlag::all().iter().map(|flag| (flag.name, flag.bit)).chain([WinhttpFlag::SECURE_FAILURE]);
    rows.map(|(name, value)| (name.to_owned(), (What::WinhttpFlag, value))).collect()
}
