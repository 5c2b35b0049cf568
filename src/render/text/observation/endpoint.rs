//! Of the endpoint as a whole: certificates by what is asked for, smaller extensions, odd hellos, fingerprints.

use std::collections::BTreeMap;

use super::Row;
use crate::observation::{
    CertificateChoice, Feature, FeatureState, Fingerprints, NameAsked, Support, Tolerance, Toleration,
};
use crate::render::text::layout::{Span, phrases};
use crate::render::text::words::name;

/// How much of a hash is enough to tell one certificate from another.
const DIGITS: usize = 16;

/// One row for each certificate, with all that it was sent for, and one for what brought none.
pub(super) fn certificates(choices: &[CertificateChoice]) -> Vec<Row> {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for choice in choices {
        let what = match (choice.state, &choice.leaf_sha256) {
            (Support::Accepted, Some(sha256)) => {
                let kind = choice.leaf_key.as_ref().map(|kind| format!("{} ", name(kind))).unwrap_or_default();
                let digits: String = sha256.chars().take(DIGITS).collect();
                let subject = choice.subject.as_ref().map(|subject| format!(" {}", name(subject))).unwrap_or_default();
                format!("{kind}{digits}…{subject}")
            }
            (Support::Inconclusive, _) => "could not tell".to_owned(),
            _ => "none".to_owned(),
        };
        let asked = asked(choice);
        match told.iter_mut().find(|(known, _)| *known == what) {
            Some((_, all)) => all.push(asked),
            None => told.push((what, vec![asked])),
        }
    }
    // What brought none comes last.
    told.sort_by_key(|(what, _)| ["none", "could not tell"].contains(&what.as_str()));
    let label = |place| if place == 0 { "certificates".to_owned() } else { String::new() };
    let rows = told.into_iter().enumerate();
    rows.map(|(place, (what, asked))| (label(place), with_word(&what, asked))).collect()
}

fn asked(choice: &CertificateChoice) -> String {
    let what = match (&choice.key, choice.version, choice.name) {
        (Some(key), Some(version), _) => format!("for {} in {}", name(key), version.spoken()),
        (.., NameAsked::Target) => "for the name".to_owned(),
        (.., NameAsked::None) => "without a name".to_owned(),
        (.., NameAsked::Wrong) => "for a wrong name".to_owned(),
    };
    let alert = choice.alert.map(|code| format!(" (alert {code})")).unwrap_or_default();
    let warned = if choice.warned { " (warned of the name)" } else { "" };
    format!("{what}{alert}{warned}")
}

/// Names by state, each state in a row.
pub(super) fn extensions(features: &BTreeMap<String, Feature>) -> Vec<Row> {
    let named = |(key, feature): (&String, &Feature)| {
        let value = feature.value.map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{value}", name(key))
    };
    let states = [
        (FeatureState::Supported, "has"),
        (FeatureState::NotSupported, "has not"),
        (FeatureState::Refused, "refuses hellos with"),
        (FeatureState::Inconclusive, "could not tell"),
    ];
    by_state(
        "extensions",
        states.map(|(state, word)| (word, features.iter().filter(|(_, it)| it.state == state).map(named).collect())),
    )
}

pub(super) fn tolerance(oddities: &BTreeMap<String, Toleration>) -> Vec<Row> {
    let named = |(key, it): (&String, &Toleration)| {
        let how = match (it.state, it.alert) {
            (Tolerance::Tolerated, _) => String::new(),
            (_, Some(code)) => format!(" (alert {code})"),
            (_, None) => format!(" ({})", name(&it.answer)),
        };
        format!("{}{how}", name(&key.replace('_', " ")))
    };
    let states =
        [(Tolerance::Tolerated, "takes"), (Tolerance::Refused, "refuses"), (Tolerance::Inconclusive, "could not tell")];
    by_state(
        "odd hellos",
        states.map(|(state, word)| (word, oddities.iter().filter(|(_, it)| it.state == state).map(named).collect())),
    )
}

fn by_state<const N: usize>(label: &str, states: [(&str, Vec<String>); N]) -> Vec<Row> {
    let told = states.into_iter().filter(|(_, names)| !names.is_empty()).enumerate();
    told.map(|(place, (word, names))| {
        (if place == 0 { label.to_owned() } else { String::new() }, with_word(word, names))
    })
    .collect()
}

/// `has: this, that`.
fn with_word(word: &str, mut names: Vec<String>) -> Vec<Span> {
    if let Some(first) = names.first_mut() {
        *first = format!("{word}: {first}");
    }
    phrases(names)
}

pub(super) fn fingerprints(seen: &Fingerprints) -> Row {
    let told = seen.jarm.as_ref().map_or("could not be told".to_owned(), |jarm| name(jarm));
    ("JARM".to_owned(), phrases([told]))
}
