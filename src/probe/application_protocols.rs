//! Which application protocols the server chooses (ALPN, RFC 7301), and what it makes of one that nobody knows.
//!
//! `acme-tls/1` is asked by itself: a server may take any hello that has it for that of an authority, who is to be shown
//! the certificate of a challenge and nothing else (RFC 8737 §3), and refuse it where there is no challenge.

use super::choosing::{Choosing, Told, replay, told};
use super::finished::alert;
use super::reading::{Verdict, group_of, keys_for, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{ApplicationProtocols as Seen, Observations, UnknownProtocol};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, CertificatesState, Exchange, Server};
use crate::question::{Hello, Question};
use crate::registry::{AlertDescription, ApplicationProtocol, NamedGroup, ProtocolVersion};
use crate::wire::extension::Extension;

/// Knows in which group the baseline's keys were agreed: TLS 1.3 says under encryption what it chose.
#[derive(Default)]
pub(super) struct ApplicationProtocols {
    group: Option<NamedGroup>,
}

const KEY: &str = "alpn";

/// No protocol has this name.
const UNKNOWN: &str = "tlsprobe-unknown";

impl ApplicationProtocols {
    fn question(&self, purpose: String, names: &[String]) -> Question {
        let mut offer = keys_for(Offer::modern(), self.group);
        let names = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        offer.put_extension(ExtensionOffer::Exactly(Extension::ApplicationLayerProtocolNegotiation(names)));
        Question::new(purpose, Hello::Built(offer))
    }

    fn course(answers: &Answers<'_>) -> Choosing<String> {
        let all = ApplicationProtocol::all().iter().map(|row| row.name.to_owned());
        let (alone, together): (Vec<String>, Vec<String>) =
            all.partition(|name| name == ApplicationProtocol::ACME_TLS_1);
        // Behind the question about the unknown one.
        let mut rest = answers.get(1..).unwrap_or_default().iter();
        let read = |_, set: &[String], exchange: &Exchange| told_by(set, exchange);
        let mut courses = replay([alone, together].map(Choosing::new).to_vec(), &mut rest, read).into_iter();
        let mut course = courses.next().unwrap_or_else(|| Choosing::new(Vec::new()));
        for other in courses {
            course.continued_by(&other);
        }
        course
    }
}

/// Of several names, one may be what an answer refuses, unless it says that none was chosen (RFC 7301 §3.2).
fn told_by(set: &[String], exchange: &Exchange) -> Told<String> {
    let unreadable = is_unreadable(exchange);
    let told = told(exchange, set, |server: &Server| match &server.alpn {
        None if unreadable => None,
        chosen => Some(chosen.clone()),
    });
    let says_so = alert(exchange) == Some(AlertDescription::NO_APPLICATION_PROTOCOL.0);
    match told {
        Told::Refused if set.len() > 1 && !exchange.outcome.answer.accepts() && !says_so => {
            Told::Unclear(format!("{}, for one of them or for all", exchange.outcome.answer.kind()))
        }
        told => told,
    }
}

/// Whether the choice is encrypted, under keys that are not there.
fn is_unreadable(exchange: &Exchange) -> bool {
    exchange.server.as_ref().is_some_and(|server| server.version == ProtocolVersion::TLS1_3)
        && (exchange.certificates_state == CertificatesState::Encrypted
            || matches!(exchange.outcome.answer, Answer::HelloRetryRequest { .. }))
}

impl Probe for ApplicationProtocols {
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        self.group = group_of(opening);
        true
    }

    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let unknown = || self.question("unknown protocol".to_owned(), &[UNKNOWN.to_owned()]);
        let course = Self::course(answers);
        let sets = course.open().iter().map(|set| self.question(format!("protocols: {}", set.len()), set));
        answers.is_empty().then(unknown).into_iter().chain(sets).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let chosen = Self::course(answers).read(KEY, answers, unasked, seen);
        let unknown = answers.first().copied().flatten();
        let (unknown, why) = unknown.map_or((UnknownProtocol::Inconclusive, None), |it| read_unknown(it, seen));
        let key = format!("{KEY}.unknown");
        match (why, answers.first().copied().flatten()) {
            (Some(why), Some(exchange)) => seen.could_not_tell(&key, &why, &[exchange.id]),
            (None, Some(exchange)) => seen.rests_on(&key, &[exchange.id]),
            (_, None) => {
                note_missing(&key, unasked, seen);
            }
        }
        let (accepted, inconclusive, not_offered) = (chosen.accepted, chosen.inconclusive, chosen.not_offered);
        seen.alpn = Some(Seen { accepted, inconclusive, not_offered, unknown });
    }
}

/// What became of the unknown protocol, and why that could not be told.
fn read_unknown(exchange: &Exchange, seen: &Observations) -> (UnknownProtocol, Option<String>) {
    match (verdict(exchange, seen, |_| true), &exchange.outcome.answer) {
        (Verdict::Inconclusive(why), _) => (UnknownProtocol::Inconclusive, Some(why)),
        (Verdict::Refused, Answer::Alert { code, .. }) if *code == AlertDescription::NO_APPLICATION_PROTOCOL.0 => {
            (UnknownProtocol::NoApplicationProtocol, None)
        }
        (Verdict::Refused, _) if seen.baseline.as_ref().is_some_and(|it| it.opening != "server_hello") => {
            (UnknownProtocol::Inconclusive, Some("a hello without it is refused too".to_owned()))
        }
        (Verdict::Refused, _) => (UnknownProtocol::Refused, None),
        (Verdict::Accepted, _) if is_unreadable(exchange) => {
            (UnknownProtocol::Inconclusive, Some("what was chosen is encrypted".to_owned()))
        }
        (Verdict::Accepted, _) => match exchange.server.as_ref().and_then(|server| server.alpn.as_ref()) {
            Some(_) => (UnknownProtocol::Chosen, None),
            None => (UnknownProtocol::Ignored, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert};
    use crate::probe::testing::{cut_off, opening, run, silence};
    use crate::registry::{CipherSuite, ExtensionType};

    fn names(offer: &Offer) -> Vec<String> {
        match offer.extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION) {
            Some(ExtensionOffer::Exactly(Extension::ApplicationLayerProtocolNegotiation(names))) => {
                names.iter().map(|name| String::from_utf8(name.clone()).unwrap()).collect()
            }
            _ => panic!("protocols are offered"),
        }
    }

    fn chose(id: usize, protocol: Option<&str>) -> Exchange {
        let mut exchange = accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        exchange.server.as_mut().unwrap().alpn = protocol.map(str::to_owned);
        exchange
    }

    fn observed(server: impl Fn(Vec<String>, usize) -> Exchange) -> (Observations, usize) {
        let mut probe = ApplicationProtocols::default();
        run(&mut probe, &opening(NamedGroup::X25519), |_, offer, id| server(names(offer), id))
    }

    #[test]
    fn protocols_are_found_exactly_and_an_unknown_one_is_refused_by_its_alert() {
        let (seen, connections) = observed(|names, id| {
            let chosen = ["h2", "http/1.1"].into_iter().find(|known| names.iter().any(|name| name == known));
            chosen.map_or_else(|| alert(id, 120), |name| chose(id, Some(name)))
        });
        let told = seen.alpn.unwrap();
        assert_eq!((told.accepted, told.inconclusive), (vec!["h2".to_owned(), "http/1.1".into()], vec![]));
        assert_eq!(told.unknown, UnknownProtocol::NoApplicationProtocol);
        assert!(connections <= 10, "{connections}");
    }

    #[test]
    fn a_server_that_looks_nowhere_else_once_acme_is_offered_is_found_as_it_is() {
        let (seen, _) = observed(|names, id| {
            let has = |name: &str| names.iter().any(|it| it == name);
            match ["h2", "http/1.1"].into_iter().find(|known| has(known)) {
                _ if has("acme-tls/1") => alert(id, 112),
                Some(chosen) => chose(id, Some(chosen)),
                None => alert(id, 120),
            }
        });
        let told = seen.alpn.unwrap();
        assert_eq!((told.accepted, told.inconclusive), (vec!["h2".to_owned(), "http/1.1".into()], vec![]));
        assert!(seen.inconclusive.is_empty(), "{:?}", seen.inconclusive);
    }

    #[test]
    fn an_alert_that_does_not_speak_of_protocols_refuses_no_set() {
        let (seen, _) = observed(|names, id| match names.as_slice() {
            [_] => alert(id, 120),
            _ if names.iter().any(|name| name == "spdy/3") => alert(id, 40),
            _ => chose(id, names.iter().any(|name| name == "h2").then_some("h2")),
        });
        let told = seen.alpn.unwrap();
        assert_eq!(told.accepted, ["h2"]);
        assert!(told.inconclusive.contains(&"spdy/3".to_owned()), "{:?}", told.inconclusive);
    }

    #[test]
    fn a_server_without_the_extension_takes_three_connections() {
        let (seen, connections) = observed(|_, id| chose(id, None));
        let told = seen.alpn.unwrap();
        assert_eq!((told.accepted.len(), told.unknown, connections), (0, UnknownProtocol::Ignored, 3));
    }

    #[test]
    fn a_choice_that_was_not_offered_is_told_as_such() {
        let (seen, _) = observed(|_, id| chose(id, Some("h2")));
        let told = seen.alpn.unwrap();
        assert_eq!((told.accepted, told.not_offered), (vec!["h2".to_owned()], vec!["h2".to_owned()]));
        assert_eq!(told.unknown, UnknownProtocol::Chosen);
    }

    #[test]
    fn what_is_encrypted_or_silent_is_open() {
        let (seen, _) = observed(|_, id| silence(id));
        assert_eq!(seen.alpn.unwrap().unknown, UnknownProtocol::Inconclusive);
        let (seen, _) = observed(|_, id| {
            let mut exchange = accepted(id, ProtocolVersion::TLS1_3, CipherSuite(0x1302));
            exchange.certificates_state = CertificatesState::Encrypted;
            exchange
        });
        let told = seen.alpn.unwrap();
        assert!(told.accepted.is_empty() && told.inconclusive.contains(&"h2".to_owned()));
        assert_eq!(cut_off(&ApplicationProtocols::default()).inconclusive[0].what, "alpn");
    }
}
