//! Of what a server chooses: groups, signature schemes, application protocols.

use super::{MOST_NAMED, Row};
use crate::observation::{ApplicationProtocols, Choices, Groups, Support, UnknownProtocol};
use crate::render::text::layout::phrases;
use crate::render::text::words::{name, some};

/// What is accepted in each version in which something is, or could be.
pub(super) fn by_version(what: &str, choices: &Choices) -> Vec<Row> {
    let told = choices.by_version.iter().filter(|(_, it)| !(it.accepted.is_empty() && it.inconclusive.is_empty()));
    let rows: Vec<Row> = told
        .map(|(version, it)| {
            let accepted = it.accepted.iter().map(|value| name(value));
            let open = open(&it.inconclusive);
            let unasked = it.not_offered.iter().map(|value| format!("{} used without being offered", name(value)));
            (format!("{} {what}", version.spoken()), phrases(accepted.chain(open).chain(unasked)))
        })
        .collect();
    if rows.is_empty() { vec![(what.to_owned(), phrases(["none accepted"]))] } else { rows }
}

/// What could not be told, in one phrase.
fn open(inconclusive: &[String]) -> Option<String> {
    let named = some(inconclusive.iter().map(|value| name(value)), MOST_NAMED).join(" ");
    (!inconclusive.is_empty()).then(|| format!("could not tell: {named}"))
}

pub(super) fn groups(seen: &Groups) -> Vec<Row> {
    let Groups { choices, beside, dhe } = seen;
    let mut rows = by_version("groups", choices);
    rows.extend(beside.as_ref().map(|curve| {
        let why = format!("those up to TLS 1.2 beside {}, the certificate's own curve", name(curve));
        (String::new(), phrases([why]))
    }));
    rows.extend(dhe.as_ref().map(|dhe| {
        let named = dhe.prime.as_ref().and_then(|prime| prime.name.as_ref());
        let named = named.map_or("a prime of its own".to_owned(), |known| name(known));
        let bits = dhe.bits.map(|bits| format!(" of {bits} bits")).unwrap_or_default();
        let weak = dhe.weak.as_ref().map(|why| format!("weak: {}", name(why)));
        let negotiated = match dhe.negotiated {
            Support::Accepted => format!("groups of RFC 7919 are negotiated: {}", dhe.ffdhe.join(" ")),
            Support::Refused => "groups of RFC 7919 are not negotiated".to_owned(),
            Support::Inconclusive => "whether groups of RFC 7919 are negotiated could not be told".to_owned(),
        };
        let told = [format!("{named}{bits}")].into_iter().chain(weak).chain([negotiated]);
        ("finite field".to_owned(), phrases(told))
    }));
    rows
}

pub(super) fn alpn(seen: &ApplicationProtocols) -> Row {
    let ApplicationProtocols { accepted, inconclusive, not_offered, unknown } = seen;
    let unknown = match unknown {
        UnknownProtocol::NoApplicationProtocol => "an unknown one is refused by no_application_protocol",
        UnknownProtocol::Refused => "an unknown one is refused in another way",
        UnknownProtocol::Ignored => "an unknown one is ignored",
        UnknownProtocol::Chosen => "one is chosen where only an unknown one is offered",
        UnknownProtocol::Inconclusive => "what an unknown one brings could not be told",
    };
    let none = (accepted.is_empty() && inconclusive.is_empty()).then(|| "no protocol is chosen".to_owned());
    let unasked = not_offered.iter().map(|value| format!("{} chosen without being offered", name(value)));
    let told = accepted.iter().map(|value| name(value)).chain(none).chain(open(inconclusive)).chain(unasked);
    ("ALPN".to_owned(), phrases(told.chain([unknown.to_owned()])))
}
