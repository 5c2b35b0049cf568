//! Events of Schannel, explained.

use super::how_to_test::Situation;
use super::leads;
use super::{CodeForms, Explanation, Kind, Spelling, Table, What, Word};
use crate::registry::{EventArea, SchannelEvent, decimal};

pub(super) const TABLE: Table = Table { read, spellings };

fn read(word: &Word<'_>) -> Vec<Explanation> {
    let id = if word.may_be(Kind::Event) { decimal(word.text) } else { None };
    let event = id.and_then(|id| SchannelEvent::from_id(id.try_into().ok()?));
    event.map(explain).into_iter().collect()
}

pub(super) fn explain(event: &SchannelEvent) -> Explanation {
    let carries_an_alert = matches!(event.area, EventArea::PeerSentAlert | EventArea::ThisMachineSentAlert);
    let alert = "for the number in its text, as 20: tlsprobe explain \"alert 20\"".to_owned();
    Explanation {
        what: What::SchannelEvent,
        name: event.id.to_string(),
        forms: CodeForms { decimal: Some(event.id.into()), ..CodeForms::default() },
        family: format!("System log, provider Schannel: {}", event.area),
        layer: None,
        meaning: Some(event.meaning.to_owned()),
        network_picture: event.network_picture.map(str::to_owned),
        caused_by: Vec::new(),
        notes: carries_an_alert.then_some(alert).into_iter().collect(),
        rules: leads::owned(leads::of_event(event)),
        how_to_test: Situation::of_event(event).map(Situation::how_to_test).unwrap_or_default(),
        sources: vec![SchannelEvent::SOURCE.to_owned()],
        confidence: Some(SchannelEvent::CONFIDENCE.to_string()),
    }
}

fn spellings() -> Vec<Spelling> {
    let spelling_of = |event: &SchannelEvent| (event.id.to_string(), (What::SchannelEvent, event.id.into()));
    SchannelEvent::all().iter().map(spelling_of).collect()
}
