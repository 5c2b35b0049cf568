//! Windows codes, explained.

use super::how_to_test::Situation;
use super::leads;
use super::{CodeForms, Explanation, Kind, Spelling, Table, What, Word};
use crate::registry::{WindowsCode, WindowsCodeInfo};

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    let rows = WindowsCode::all().iter();
    let mut readings: Vec<_> =
        rows.filter(|row| row.http_status.is_some() && row.http_status == word.http_status()).map(explain).collect();
    if let Some(code) = typed_code(word) {
        readings.extend(code.info().map_or_else(|| explain_by_number(code, word), |row| Some(explain(row))));
    }
    readings
}

/// The code that the word may be, listed or not.
pub(super) fn typed_code(word: &Word<'_>) -> Option<WindowsCode> {
    if word.may_be(Kind::Code) { WindowsCode::parse(word.text).ok() } else { None }
}

pub(super) fn explain(row: &WindowsCodeInfo) -> Explanation {
    let situation = Situation::of_code(row);
    let text = |text: Option<&str>| text.map(str::to_owned);
    Explanation {
        what: What::WindowsCode,
        name: row.name.to_owned(),
        forms: CodeForms {
            http_status: row.http_status,
            symbols: row.spellings().map(str::to_owned).collect(),
            ..forms(row.code)
        },
        family: row.family.to_string(),
        layer: Some(row.layer.to_string()),
        meaning: Some(row.meaning.to_owned()),
        network_picture: None,
        caused_by: row.caused_by.iter().map(|&cause| cause.to_owned()).collect(),
        notes: text(row.note).into_iter().chain(situation.proxy_note()).collect(),
        rules: leads::owned(leads::of_code(row)),
        how_to_test: situation.how_to_test(),
        sources: [Some(row.value_source), row.named_in].into_iter().filter_map(text).collect(),
        confidence: Some(row.cause_confidence.to_string()),
    }
}

/// An HRESULT in no table, if its number alone says what it is made of. That a bare number like 5 is a Win32 error is
/// not certain, so it must have been typed as the HRESULT.
fn explain_by_number(code: WindowsCode, word: &Word<'_>) -> Option<Explanation> {
    let error = code.win32_error()?;
    WindowsCode::parse_hresult(word.text)?;
    Some(Explanation {
        what: What::WindowsCode,
        name: code.hex(),
        forms: forms(code),
        family: "Win32 error as HRESULT_FROM_WIN32".to_owned(),
        layer: None,
        meaning: Some(format!("Win32 error {error}; what that error says is not known here")),
        network_picture: None,
        caused_by: Vec::new(),
        notes: Vec::new(),
        rules: Vec::new(),
        how_to_test: Vec::new(),
        sources: vec!["the number itself: HRESULT is 0x80070000 | Win32 error".to_owned()],
        confidence: None,
    })
}

/// The writings of a code's number.
pub(super) fn forms(code: WindowsCode) -> CodeForms {
    CodeForms {
        hex: Some(code.hex()),
        signed_decimal: Some(code.signed()),
        decimal: Some(code.0),
        win32_error: code.win32_error(),
        ..CodeForms::default()
    }
}

fn spellings() -> Vec<Spelling> {
    let spellings_of = |row: &WindowsCodeInfo| {
        let code = row.code;
        let error = code.win32_error().into_iter().flat_map(|error| [error.to_string(), format!("0x{error:04X}")]);
        let names = row.spellings().map(str::to_owned);
        names.chain([code.hex()]).chain(error).map(move |spelling| (spelling, (What::WindowsCode, code.0)))
    };
    WindowsCode::all().iter().flat_map(spellings_of).collect()
}
