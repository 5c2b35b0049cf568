//! The texts of .NET and sockets, explained.

use super::how_to_test::Situation;
use super::leads;
use super::windows_code::{forms, typed_code};
use super::{CodeForms, Explanation, Spelling, Table, What, Word};
use crate::registry::ErrorText;

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    let code = typed_code(word);
    let is_meant = |text: &&ErrorText| {
        text.is_in(word.text)
            || text.socket_error.is_some_and(|name| word.is(name))
            || text.code.is_some() && text.code == code
    };
    ErrorText::all().iter().filter(is_meant).map(explain).collect()
}

pub(super) fn explain(text: &ErrorText) -> Explanation {
    let situation = Situation::of_text(text);
    Explanation {
        what: What::ErrorText,
        name: text.text.to_owned(),
        forms: CodeForms {
            symbols: text.socket_error.into_iter().map(str::to_owned).collect(),
            ..text.code.map(forms).unwrap_or_default()
        },
        family: "text of .NET or of a socket".to_owned(),
        layer: None,
        meaning: None,
        network_picture: Some(text.observation.to_owned()),
        caused_by: text.probable.iter().map(|&cause| cause.to_owned()).collect(),
        notes: [format!("written in: {}", text.written_in)].into_iter().chain(situation.proxy_note()).collect(),
        rules: leads::owned(leads::of_text(text)),
        how_to_test: situation.how_to_test(),
        sources: vec![text.source.to_owned()],
        confidence: Some(text.confidence.to_string()),
    }
}

fn spellings() -> Vec<Spelling> {
    let spellings_of = |(text, row): (&ErrorText, u32)| {
        let spellings = [Some(text.text), text.socket_error].into_iter().flatten();
        spellings.map(move |spelling| (spelling.to_owned(), (What::ErrorText, row)))
    };
    ErrorText::all().iter().zip(0..).flat_map(spellings_of).collect()
}
