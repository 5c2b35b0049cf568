//! What a server has of the smaller extensions: each is offered in a hello that is otherwise the same, so that a refusal
//! is the extension's own.
//!
//! Nothing is made use of: no heartbeat is sent, no record compressed, no early data written.

#[cfg(test)]
mod tests;

use super::finished::{alert, had_its_say, is_completed, offer_up_to};
use super::reading::{Verdict, group_of, keys_for, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Feature, FeatureState, Observations};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Exchange, Server};
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
            Asked::Heartbeat => offer.put_extension(heartbeat()),
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
            // For a server that sends its tickets with the first that it writes.
            Asked::Tls13 => {
                Question::finished(asked.purpose(), offer, Finish { ask_for_content: true, ..Finish::default() })
            }
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

fn heartbeat() -> ExtensionOffer {
    let mode = vec![HEARTBEATS_MAY_BE_SENT];
    ExtensionOffer::Exactly(Extension::Other(ExtensionType::HEARTBEAT, mode))
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

/// What an answer shows of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The server has it, and this is the size that goes with it.
    Has(Option<u32>),
    HasNot,
    /// It does not tell.
    Hidden,
}

impl Shown {
    fn by(has: bool) -> Self {
        if has { Self::Has(None) } else { Self::HasNot }
    }

    fn by_size(size: Option<u32>) -> Self {
        size.map_or(Self::HasNot, |size| Self::Has(Some(size)))
    }
}

type Look = fn(&Exchange, &Server) -> Shown;

/// One feature: which hello offers it, which is the same without it, and where it shows.
struct Row {
    name: &'static str,
    asked: Asked,
    without: Asked,
    look: Look,
}

const ROWS: &[Row] = &[
    row("secure_renegotiation", Asked::Plain, |_, server| echoed(server, ExtensionType::RENEGOTIATION_INFO)),
    row("session_ticket", Asked::Plain, |_, server| echoed(server, ExtensionType::SESSION_TICKET)),
    row("ocsp_stapling", Asked::Plain, |_, server| stapled(server)),
    row("encrypt_then_mac", Asked::CbcSuites, |_, server| echoed(server, ExtensionType::ENCRYPT_THEN_MAC)),
    row("compression", Asked::Compression, |_, server| Shown::by(server.compression_method == DEFLATE)),
    row("heartbeat", Asked::Heartbeat, |_, server| echoed(server, ExtensionType::HEARTBEAT)),
    row("max_fragment_length", Asked::MaxFragmentLength, |_, server| {
        Shown::by_size(server.max_fragment_length.and_then(|code| 1_u32.checked_shl(8 + u32::from(code))))
    }),
    row("record_size_limit", Asked::RecordSizeLimit, |_, server| limit(server)),
    row("ocsp_stapling_tls13", Asked::Tls13, |exchange, server| readable(exchange, || stapled(server))),
    row("record_size_limit_tls13", Asked::Tls13, |exchange, server| readable(exchange, || limit(server))),
    row("session_ticket_tls13", Asked::Tls13, |exchange, _| by_ticket(exchange, |_| Shown::Has(None))),
    row("early_data", Asked::Tls13, |exchange, _| {
        by_ticket(exchange, |size| Shown::by_size(Some(size).filter(|size| *size > 0)))
    }),
    Row { without: Asked::OneBelow, ..row("fallback_scsv", Asked::Fallback, |_, _| Shown::HasNot) },
];

const fn row(name: &'static str, asked: Asked, look: Look) -> Row {
    Row { name, asked, without: Asked::Plain, look }
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
            Verdict::Refused if alert(with) == Some(AlertDescription::INAPPROPRIATE_FALLBACK.0) => {
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
                let shown = with.server.as_ref().map_or(Shown::Hidden, |server| (self.look)(with, server));
                match shown {
                    Shown::Has(value) => Feature { value, ..feature(FeatureState::Supported, "taken up".to_owned()) },
                    Shown::HasNot => feature(FeatureState::NotSupported, "passed over".to_owned()),
                    Shown::Hidden => {
                        feature(FeatureState::Inconclusive, format!("{kind}: the answer does not show it"))
                    }
                }
            }
        }
    }
}

fn echoed(server: &Server, extension: ExtensionType) -> Shown {
    Shown::by(server.extensions.contains(&extension))
}

fn stapled(server: &Server) -> Shown {
    Shown::by(server.ocsp_stapled || server.extensions.contains(&ExtensionType::STATUS_REQUEST))
}

fn limit(server: &Server) -> Shown {
    Shown::by_size(server.record_size_limit.map(u32::from))
}

/// What shows in the encrypted part of the flight, where it was read.
fn readable(exchange: &Exchange, look: impl FnOnce() -> Shown) -> Shown {
    if is_completed(exchange) || !exchange.certificates.is_empty() { look() } else { Shown::Hidden }
}

/// What shows by a ticket behind the end of the handshake, given the early data that it allows; nothing, where none came
/// and might have.
fn by_ticket(exchange: &Exchange, look: impl FnOnce(u32) -> Shown) -> Shown {
    match ticket(exchange) {
        _ if !is_completed(exchange) => Shown::Hidden,
        Some(size) => look(size),
        None if had_its_say(exchange) => Shown::HasNot,
        None => Shown::Hidden,
    }
}

/// The early data that the server's ticket allows, where one came.
fn ticket(exchange: &Exchange) -> Option<u32> {
    let session = exchange.session.as_ref().filter(|session| session.by.contains(&ResumeBy::Psk))?;
    Some(session.max_early_data.unwrap_or_default())
}
