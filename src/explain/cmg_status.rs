//! The statuses of a Cloud Management Gateway, explained.

use super::how_to_test::Situation;
use super::leads;
use super::windows_code::{forms, typed_code};
use super::{CodeForms, Explanation, Spelling, Table, What, Word};
use crate::registry::CmgStatus;

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    let code = typed_code(word);
    let is_meant = |status: &&CmgStatus| {
        status.spellings().any(|spelling| word.is(spelling))
            || status.http_status().is_some() && status.http_status() == word.http_status()
            || status.code().is_some() && status.code() == code
    };
    CmgStatus::all().iter().filter(is_meant).map(explain).collect()
}

pub(super) fn explain(status: &CmgStatus) -> Explanation {
    Explanation {
        what: What::CmgStatus,
        name: status.text.to_owned(),
        forms: CodeForms {
            http_status: status.http_status(),
            symbols: status.spellings().map(str::to_owned).collect(),
            ..status.code().map(forms).unwrap_or_default()
        },
        family: "client of a Cloud Management Gateway".to_owned(),
        layer: None,
        meaning: Some(status.meaning.to_owned()),
        network_picture: None,
        caused_by: Vec::new(),
        notes: [format!("seen at: {}", status.seen_at), format!("of TLS: {}", status.tls_conclusion)]
            .into_iter()
            .chain(status.note.map(str::to_owned))
            .collect(),
        rules: leads::owned(leads::of_status(status)),
        how_to_test: Situation::Gateway.how_to_test(),
        sources: vec![CmgStatus::SOURCE.to_owned()],
        confidence: Some(CmgStatus::CONFIDENCE.to_string()),
    }
}

fn spellings() -> Vec<Spelling> {
    let spellings_of = |(status, row): (&CmgStatus, u32)| {
        status.spellings().map(move |spelling| (spelling.to_owned(), (What::CmgStatus, row)))
    };
    CmgStatus::all().iter().zip(0..).flat_map(spellings_of).collect()
}
