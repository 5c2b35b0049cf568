//! What a server has of the smaller extensions: each is offered in a hello that is otherwise the same, so that a refusal
//! is the extension's own.
//!
//! Nothing is made use of: no heartbeat is sent, no record compressed, no early data written.

use super::finished::{is_completed, offer_up_to};
use super::reading::{Verdict, group_of, keys_for, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Feature, FeatureState, Observations};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, Exchange, Server};
use crate::question::{Finish, Hello, Question, ResumeBy};
use crate::registry::{AlertDescription, CipherMode, CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};
use crate::wire::extension::{Extension, StatusRequest};

/// Knows what the baseline's hello brought.
#[derive(Default)]
pub(super) struct Features {
    group: Option<NamedGroup>,
    highest: Option<ProtocolVersion>,
}

const KEY: &str = "extensions";

/// `DEFLATE` (RFC 3749 §2).
const DEFLATE: u8 = 1;

/// `max_fragment_length` of 4096 bytes, which changes the least (RFC 6066 §4).
const FRAGMENTS_OF_4096: u8 = 4;

/// `peer_allowed_to_send` (RFC 6520 §2).
const HEARTBEATS_MAY_BE_SENT: u8 = 1;

/// The hellos, by the place of their question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Up to TLS 1.2, with what every client offers, and the wish for a stapled response.
    Plain,
    /// The same with CBC suites alone, which `encrypt_then_mac` is for.
    CbcSuites,
    Compression,
    Heartbeat,
    MaxFragmentLength,
    RecordSizeLimit,
    /// TLS 1.3, to its end.
    Tls13,
    /// One version below the highest that is accepted.
    OneBelow,
    /// The same with the signal that it is a fallback.
    Fallback,
}

impl Asked {
    const ALL: [Self; 9] = [
        Self::Plain,
        Self::CbcSuites,
        Self::Compression,
        Self::Heartbeat,
        Self::MaxFragmentLength,
        Self::RecordSizeLimit,
        Self::Tls13,
        Self::OneBelow,
        Self::Fallback,
    ];

    fn purpose(self) -> &'static str {
        match self {
            Self::Plain => "extensions",
            Self::CbcSuites => "encrypt_then_mac",
            Self::Compression => "compression",
            Self::Heartbeat => "heartbeat",
            Self::MaxFragmentLength => "max_fragment_length",
            Self::RecordSizeLimit => "record_size_limit",
            Self::Tls13 => "extensions of tls1.3",
            Self::OneBelow => "one version lower",
            Self::Fallback => "one version lower, with the fallback SCSV",
        }
    }
}

impl Features {
    fn question(&self, asked: Asked) -> Question {
        let exactly = ExtensionOffer::Exactly;
        let below = || offer_up_to(self.one_below().unwrap_or(ProtocolVersion::TLS1_2));
        let mut offer = match asked {
            Asked::Tls13 => keys_for(Offer::for_version(ProtocolVersion::TLS1_3), self.group),
            Asked::OneBelow | Asked::Fallback => below(),
            _ => offer_up_to(ProtocolVersion::TLS1_2),
        };
        match asked {
            Asked::Plain => offer.put_extension(stapled_response()),
            Asked::CbcSuites => {
                let is_cbc = |suite: &CipherSuite| suite.info().is_some_and(|row| row.cipher.mode == CipherMode::Cbc);
                offer.cipher_suites.retain(is_cbc);
            }
            Asked::Compression => offer.compression_methods = vec![DEFLATE, 0],
            Asked::Heartbeat => {
                offer.put_extension(exactly(Extension::Other(ExtensionType::HEARTBEAT, vec![HEARTBEATS_MAY_BE_SENT])))
            }
            Asked::MaxFragmentLength => offer.put_extension(exactly(Extension::MaxFragmentLength(FRAGMENTS_OF_4096))),
            // As much as there can be, in each version (RFC 8449 §4).
            Asked::RecordSizeLimit => offer.put_extension(exactly(Extension::RecordSizeLimit(1 << 14))),
            Asked::Tls13 => {
                offer.put_extension(exactly(Extension::RecordSizeLimit((1 << 14) + 1)));
                offer.put_extension(stapled_response());
            }
            Asked::OneBelow => {}
            Asked::Fallback => offer.cipher_suites.push(CipherSuite::FALLBACK_SCSV),
        }
        match asked {
            Asked::Tls13 => Question::finished(asked.purpose(), offer, Finish::default()),
            _ => Question::new(asked.purpose(), Hello::Built(offer)),
        }
    }

    /// The version below the highest that the server is known to accept.
    fn one_below(&self) -> Option<ProtocolVersion> {
        match self.highest? {
            ProtocolVersion::TLS1_3 => Some(ProtocolVersion::TLS1_2),
            ProtocolVersion::TLS1_2 => Some(ProtocolVersion::TLS1_1),
            ProtocolVersion::TLS1_1 => Some(ProtocolVersion::TLS1_0),
            ProtocolVersion::TLS1_0 => Some(ProtocolVersion::SSL3),
            _ => None,
        }
    }

    fn asked(&self) -> impl Iterator<Item = Asked> {
        let falls_back = self.one_below().is_some();
        Asked::ALL.into_iter().filter(move |asked| falls_back || !matches!(asked, Asked::OneBelow | Asked::Fallback))
    }
}

fn stapled_response() -> ExtensionOffer {
    let request = StatusRequest::Ocsp { responder_ids: Vec::new(), request_extensions: Vec::new() };
    ExtensionOffer::Exactly(Extension::StatusRequest(request))
}

impl Probe for Features {
    fn hears_of(&mut self, opening: &Exchange) -> bool {
        self.group = group_of(opening);
        self.highest = opening.server.as_ref().map(|server| server.version);
        true
    }

    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() { self.asked().map(|asked| self.question(asked)).collect() } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let exchange =
            |wanted: Asked| self.asked().position(|it| it == wanted).and_then(|place| *answers.get(place)?);
        for row in ROWS {
            let key = format!("{KEY}.{}", row.name);
            let Some(with) = exchange(row.asked) else {
                // Without a version to fall back from, the signal means nothing.
                if self.asked().any(|it| it == row.asked) {
                    note_missing(&key, unasked, seen);
                }
                continue;
            };
            let feature = row.read(with, exchange(row.without), seen);
            if feature.state == FeatureState::Inconclusive {
                seen.could_not_tell(&key, &feature.why, &[with.id]);
            } else {
                seen.rests_on(&key, &[with.id]);
            }
            seen.extensions.insert(row.name.to_owned(), feature);
        }
    }
}

/// One feature: which hello offers it, which is the same without it, and where it shows.
struct Row {
    name: &'static str,
    asked: Asked,
    without: Asked,
    /// Whether the server has it, and the size that goes with it; none where its answer does not tell.
    shows: fn(&Exchange, &Server) -> Option<(bool, Option<u32>)>,
}

const ROWS: &[Row] = &[
    row("secure_renegotiation", Asked::Plain, |_, server| echoed(server, ExtensionType::RENEGOTIATION_INFO)),
    row("session_ticket", Asked::Plain, |_, server| echoed(server, ExtensionType::SESSION_TICKET)),
    row("ocsp_stapling", Asked::Plain, |_, server| stapled(server)),
    row("encrypt_then_mac", Asked::CbcSuites, |_, server| echoed(server, ExtensionType::ENCRYPT_THEN_MAC)),
    row("compression", Asked::Compression, |_, server| Some((server.compression_method == DEFLATE, None))),
    row("heartbeat", Asked::Heartbeat, |_, server| echoed(server, ExtensionType::HEARTBEAT)),
    row("max_fragment_length", Asked::MaxFragmentLength, |_, server| {
        let code = server.max_fragment_length;
        Some((code.is_some(), code.and_then(|code| 1_u32.checked_shl(8 + u32::from(code)))))
    }),
    row("record_size_limit", Asked::RecordSizeLimit, |_, server| limit(server)),
    row("ocsp_stapling_tls13", Asked::Tls13, |exchange, server| readable(exchange).and_then(|()| stapled(server))),
    row("record_size_limit_tls13", Asked::Tls13, |exchange, server| readable(exchange).and_then(|()| limit(server))),
    row("session_ticket_tls13", Asked::Tls13, |exchange, _| ticket(exchange).map(|came| (came.is_some(), None))),
    row("early_data", Asked::Tls13, |exchange, _| {
        let size = ticket(exchange)?.filter(|size| *size > 0);
        Some((size.is_some(), size))
    }),
    Row { without: Asked::OneBelow, ..row("fallback_scsv", Asked::Fallback, |_, _| Some((false, None))) },
];

const fn row(name: &'static str, asked: Asked, shows: fn(&Exchange, &Server) -> Option<(bool, Option<u32>)>) -> Row {
    Row { name, asked, without: Asked::Plain, shows }
}

impl Row {
    fn read(&self, with: &Exchange, without: Option<&Exchange>, seen: &Observations) -> Feature {
        let is_tls13 = self.asked == Asked::Tls13;
        let of_version = |server: &Server| (server.version == ProtocolVersion::TLS1_3) == is_tls13;
        let feature = |state, why: String| Feature { state, value: None, why };
        let kind = with.outcome.answer.kind();
        match verdict(with, seen, of_version) {
            // What came behind the ServerHello, or did not, shows the rest.
            Verdict::Inconclusive(why) if with.server.is_none() => feature(FeatureState::Inconclusive, why),
            Verdict::Refused if is_alert(with, AlertDescription::INAPPROPRIATE_FALLBACK) => {
                feature(FeatureState::Supported, "refused by inappropriate_fallback".to_owned())
            }
            Verdict::Refused if is_tls13 => feature(FeatureState::NotApplicable, "no TLS 1.3".to_owned()),
            Verdict::Refused if without.is_some_and(|it| it.id == with.id) => {
                feature(FeatureState::NotApplicable, "no version up to TLS 1.2".to_owned())
            }
            Verdict::Refused => match without.map(|without| verdict(without, seen, |_| true)) {
                Some(Verdict::Refused) if self.asked == Asked::Fallback => {
                    feature(FeatureState::NotApplicable, "no lower version to fall back to".to_owned())
                }
                Some(Verdict::Refused) => feature(FeatureState::NotApplicable, "no version up to TLS 1.2".to_owned()),
                Some(Verdict::Accepted) if self.asked == Asked::CbcSuites => {
                    feature(FeatureState::NotApplicable, "no CBC suite is accepted".to_owned())
                }
                Some(Verdict::Accepted) => {
                    feature(FeatureState::Refused, format!("{kind}, and a hello without it is taken up"))
                }
                _ => feature(FeatureState::Inconclusive, format!("{kind}, and so was the hello without it")),
            },
            Verdict::Accepted | Verdict::Inconclusive(_) => {
                match with.server.as_ref().and_then(|server| (self.shows)(with, server)) {
                    Some((true, value)) => Feature { value, ..feature(FeatureState::Supported, "taken up".to_owned()) },
                    Some((false, _)) => feature(FeatureState::NotSupported, "passed over".to_owned()),
                    None => feature(FeatureState::Inconclusive, format!("{kind}: the answer does not show it")),
                }
            }
        }
    }
}

fn is_alert(exchange: &Exchange, alert: AlertDescription) -> bool {
    matches!(exchange.outcome.answer, Answer::Alert { code, .. } if code == alert.0)
}

fn echoed(server: &Server, extension: ExtensionType) -> Option<(bool, Option<u32>)> {
    Some((server.extensions.contains(&extension), None))
}

fn stapled(server: &Server) -> Option<(bool, Option<u32>)> {
    Some((server.ocsp_stapled || server.extensions.contains(&ExtensionType::STATUS_REQUEST), None))
}

fn limit(server: &Server) -> Option<(bool, Option<u32>)> {
    Some((server.record_size_limit.is_some(), server.record_size_limit.map(u32::from)))
}

/// Whether the encrypted part of the flight was read.
fn readable(exchange: &Exchange) -> Option<()> {
    (is_completed(exchange) || !exchange.certificates.is_empty()).then_some(())
}

/// The early data that the server's ticket allows, where one came; none where the handshake did not come to its end.
fn ticket(exchange: &Exchange) -> Option<Option<u32>> {
    if !is_completed(exchange) {
        return None;
    }
    let session = exchange.session.as_ref().filter(|session| session.by.contains(&ResumeBy::Psk));
    Some(session.map(|session| session.max_early_data.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert, completed};
    use crate::probe::testing::{cut_off, is_tls13, opening, run, silence};

    fn with(id: usize, change: impl Fn(&mut Server)) -> Exchange {
        let mut exchange = accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        change(exchange.server.as_mut().unwrap());
        exchange
    }

    fn observed(server: impl Fn(&Question, &Offer, usize) -> Exchange) -> Observations {
        let (seen, connections) = run(&mut Features::default(), &opening(NamedGroup::X25519), server);
        assert_eq!(connections, 9);
        seen
    }

    fn state(seen: &Observations, name: &str) -> FeatureState {
        seen.extensions.get(name).unwrap_or_else(|| panic!("{name}")).state
    }

    /// A completed handshake of TLS 1.3 whose ticket allows so much early data.
    fn tls13(id: usize, max_early_data: u32) -> Exchange {
        let mut exchange = completed(id, false, &[ResumeBy::Psk]);
        exchange.session.as_mut().unwrap().max_early_data = Some(max_early_data);
        let server = exchange.server.as_mut().unwrap();
        server.version = ProtocolVersion::TLS1_3;
        server.record_size_limit = Some(4096);
        exchange
    }

    #[test]
    fn what_is_taken_up_is_supported_with_its_size() {
        let seen = observed(|question, offer, id| {
            if is_tls13(offer) {
                let mut exchange = tls13(id, 16384);
                exchange.server.as_mut().unwrap().ocsp_stapled = true;
                return exchange;
            }
            if offer.cipher_suites.contains(&CipherSuite::FALLBACK_SCSV) {
                return alert(id, 86);
            }
            with(id, |server| {
                let extensions =
                    [ExtensionType::RENEGOTIATION_INFO, ExtensionType::SESSION_TICKET, ExtensionType::HEARTBEAT];
                server.extensions = [extensions.as_slice(), &[ExtensionType::ENCRYPT_THEN_MAC]].concat();
                server.ocsp_stapled = true;
                server.compression_method = u8::from(question.purpose == "compression");
                server.max_fragment_length = (question.purpose == "max_fragment_length").then_some(4);
                server.record_size_limit = Some(1024);
            })
        });
        assert_eq!(seen.extensions.len(), ROWS.len());
        for (name, feature) in &seen.extensions {
            assert_eq!(feature.state, FeatureState::Supported, "{name}");
        }
        let value = |name: &str| seen.extensions[name].value;
        assert_eq!(value("max_fragment_length"), Some(4096));
        assert_eq!((value("record_size_limit"), value("record_size_limit_tls13")), (Some(1024), Some(4096)));
        assert_eq!(value("early_data"), Some(16384));
    }

    #[test]
    fn what_is_passed_over_is_not_supported() {
        let seen = observed(|_, offer, id| if is_tls13(offer) { tls13(id, 0) } else { with(id, |_| {}) });
        for name in ["secure_renegotiation", "encrypt_then_mac", "compression", "early_data", "fallback_scsv"] {
            assert_eq!(state(&seen, name), FeatureState::NotSupported, "{name}");
        }
        assert_eq!(state(&seen, "session_ticket_tls13"), FeatureState::Supported);
    }

    #[test]
    fn what_is_refused_is_the_extensions_fault_only_where_the_hello_without_it_is_taken_up() {
        let seen = observed(|question, _, id| match question.purpose.as_str() {
            "heartbeat" | "encrypt_then_mac" => alert(id, 40),
            _ => with(id, |_| {}),
        });
        assert_eq!(state(&seen, "heartbeat"), FeatureState::Refused);
        assert_eq!(state(&seen, "encrypt_then_mac"), FeatureState::NotApplicable);
        assert_eq!(state(&seen, "early_data"), FeatureState::NotApplicable, "TLS 1.2 answered");

        let seen = observed(|_, offer, id| if is_tls13(offer) { tls13(id, 0) } else { alert(id, 70) });
        for name in ["heartbeat", "secure_renegotiation", "encrypt_then_mac", "fallback_scsv"] {
            assert_eq!(state(&seen, name), FeatureState::NotApplicable, "{name}");
        }
        assert!(seen.inconclusive.is_empty());
    }

    #[test]
    fn silence_is_open() {
        let seen = observed(|_, _, id| silence(id));
        assert!(seen.extensions.values().all(|feature| feature.state == FeatureState::Inconclusive));
        assert_eq!(seen.inconclusive.len(), ROWS.len());
        assert_eq!(cut_off(&Features::default()).inconclusive[0].what, "extensions");
    }

    #[test]
    fn a_handshake_that_ends_before_its_ticket_tells_nothing_of_early_data() {
        let seen = observed(|_, offer, id| {
            let mut exchange = with(id, |_| {});
            if is_tls13(offer) {
                exchange.server.as_mut().unwrap().version = ProtocolVersion::TLS1_3;
            }
            exchange
        });
        assert_eq!(state(&seen, "early_data"), FeatureState::Inconclusive);
        assert_eq!(state(&seen, "record_size_limit_tls13"), FeatureState::Inconclusive);
    }

    #[test]
    fn without_a_version_below_there_is_nothing_to_fall_back_to() {
        let mut opening = opening(NamedGroup::X25519);
        opening.server = None;
        let mut probe = Features::default();
        assert!(probe.hears_of(&opening));
        assert_eq!(probe.ask(&[]).len(), 7);
    }
}
