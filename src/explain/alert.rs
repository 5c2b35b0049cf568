//! TLS alerts, explained.

use super::how_to_test::Situation;
use super::leads;
use super::{CodeForms, Explanation, Kind, Spelling, Table, What, Word};
use crate::registry::{AlertDescription, AlertInfo, SchannelEvent};

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    if !word.may_be(Kind::Alert) {
        return Vec::new();
    }
    // OpenSSL writes "handshake failure", GnuTLS "handshake-failure".
    let typed = word.text.replace([' ', '-'], "_");
    let alert = AlertDescription::parse(&typed).ok();
    alert.and_then(AlertDescription::info).map(explain).into_iter().collect()
}

pub(super) fn explain(row: &AlertInfo) -> Explanation {
    let schannel = row.schannel_error_when_received.map(|error| {
        let by_default = if error.by_default { ", by the default row of Microsoft's table" } else { "" };
        format!("Schannel that receives it reports {} (0x{:08X}){by_default}", error.symbol, error.hresult)
    });
    let logged = format!(
        "Schannel logs event {} where it is received, event {} where it is sent",
        SchannelEvent::ALERT_RECEIVED,
        SchannelEvent::ALERT_SENT
    );
    let is_error = row.schannel_error_when_received.is_some();
    let reference = row.reference.trim_matches(['[', ']']).replace("][", ", ");
    Explanation {
        what: What::TlsAlert,
        name: row.name.to_owned(),
        forms: CodeForms {
            hex: Some(row.code.hex()),
            decimal: Some(row.code.0.into()),
            symbols: vec![row.name.to_owned()],
            ..CodeForms::default()
        },
        family: format!("TLS alert, sent at level {}", row.level),
        layer: Some("TLS".to_owned()),
        meaning: row.code.meaning().map(str::to_owned),
        network_picture: None,
        caused_by: row.code.typical_cause().into_iter().map(str::to_owned).collect(),
        notes: schannel.into_iter().chain(is_error.then_some(logged)).collect(),
        rules: leads::owned(leads::of_alert(row.code)),
        how_to_test: Situation::of_alert(row.code).map(Situation::how_to_test).unwrap_or_default(),
        sources: [reference]
            .into_iter()
            .chain(is_error.then(|| AlertDescription::SCHANNEL_SOURCE.to_owned()))
            .collect(),
        confidence: is_error.then(|| "documented (Schannel's error)".to_owned()),
    }
}

fn spellings() -> Vec<Spelling> {
    let spellings_of = |row: &AlertInfo| {
        let code = u32::from(row.code.0);
        row.spellings().map(move |spelling| (spelling.to_owned(), (What::TlsAlert, code)))
    };
    AlertDescription::all().iter().flat_map(spellings_of).collect()
}
