//! Handshakes that are completed: what to begin them with, and how they ended.

use super::reading::{Verdict, verdict};
use crate::observation::{Failed, Observations};
use crate::offer::{ExtensionOffer, LEGACY_SUITES, Offer, SessionIdOffer};
use crate::outcome::{Answer, ConfirmedBy, Exchange, Stage};
use crate::question::ResumeBy;
use crate::registry::{ExtensionType, KeyExchange, ProtocolVersion};
use crate::wire::extension::Extension;
use crate::wire::handshake::HandshakeType;

/// The versions that have sessions by id, `extended_master_secret` and renegotiation, the newest first.
pub(super) const UP_TO_TLS12: [ProtocolVersion; 3] =
    [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_0];

/// An offer up to this version with the suites of every age, for a server of whatever age.
pub(super) fn offer_up_to(version: ProtocolVersion) -> Offer {
    let mut offer = Offer::for_version(version);
    let missing: Vec<_> = LEGACY_SUITES.iter().filter(|suite| !offer.cipher_suites.contains(suite)).copied().collect();
    offer.cipher_suites.extend(missing);
    offer
}

/// The same with suites of this key exchange alone.
pub(super) fn offer_with(version: ProtocolVersion, key_exchange: KeyExchange) -> Offer {
    let mut offer = offer_up_to(version);
    offer.cipher_suites.retain(|suite| suite.info().is_some_and(|row| row.key_exchange == key_exchange));
    offer
}

/// Offers `extended_master_secret`, or not.
pub(super) fn with_ems(mut offer: Offer, offered: bool) -> Offer {
    if offered {
        offer.put_extension(ExtensionOffer::Exactly(Extension::ExtendedMasterSecret));
    } else {
        offer.remove_extension(ExtensionType::EXTENDED_MASTER_SECRET);
    }
    offer
}

/// Makes an offer that a session to be named so can come of, or that can name one so: where a ticket could be had, a
/// server may give no id. Beside a ticket an id that is not empty stands, for a server that takes the ticket sends it
/// back (RFC 5077 §3.4).
pub(super) fn for_sessions(mut offer: Offer, by: ResumeBy) -> Offer {
    match by {
        ResumeBy::SessionId => {
            offer.remove_extension(ExtensionType::SESSION_TICKET);
        }
        ResumeBy::Ticket => {
            offer.session_id = SessionIdOffer::Fresh;
            offer.put_extension(ExtensionOffer::Exactly(Extension::SessionTicket(Vec::new())));
        }
        ResumeBy::Psk => {}
    }
    offer
}

/// Whether an exchange left a session that can be named so.
pub(super) fn left_session(exchange: &Exchange, by: ResumeBy) -> bool {
    exchange.session.as_ref().is_some_and(|session| session.by.contains(&by))
}

/// Whether the peer had its say behind the handshake, where a ticket of TLS 1.3 would have come: silence tells of none,
/// for some servers send tickets with the first that they have to write (RFC 8446 §4.6.1 leaves it to them).
pub(super) fn had_its_say(exchange: &Exchange) -> bool {
    let outcome = exchange.content.as_ref().map_or(&exchange.outcome, |content| &content.outcome);
    matches!(&outcome.answer, Answer::Completed { confirmed_by, .. } if *confirmed_by != ConfirmedBy::Silence)
}

/// Whether the handshake came to its end.
pub(super) fn is_completed(exchange: &Exchange) -> bool {
    matches!(exchange.outcome.answer, Answer::Completed { .. })
}

/// Whether the server took up the hello and the handshake did not come to its end, so that a later message is to blame.
/// Who was asked for a certificate and has none may be refused for that, unless another handshake went on without one.
pub(super) fn failed(exchange: &Exchange, goes_on_without: bool) -> Option<Failed> {
    let outcome = &exchange.outcome;
    match &outcome.answer {
        Answer::Alert { .. } | Answer::Reset { .. } | Answer::Fin { .. }
            if outcome.stage == Stage::Handshake
                && outcome.after_message == Some(HandshakeType::FINISHED)
                && (goes_on_without || exchange.certificate_request.is_none()) =>
        {
            Some(Failed::OurFinished)
        }
        // What our own checks are told by: a record that does not open, and a Finished that does not follow.
        Answer::Malformed { field, .. } if field == "record.fragment" || field == "finished.verify_data" => {
            Some(Failed::ServerFinished)
        }
        _ => None,
    }
}

/// Whether the server went on without the client certificate that it asked for, as far as these show.
pub(super) fn goes_on_without_certificate<'a>(mut exchanges: impl Iterator<Item = &'a Exchange>) -> bool {
    exchanges.any(|exchange| {
        let request = exchange.certificate_request.as_ref();
        is_completed(exchange) && request.is_some_and(|request| request.certificate_sent == Some(false))
    })
}

/// Whether the server refused the hello itself, as far as the answer shows that and no accident.
pub(super) fn refused(exchange: &Exchange, seen: &Observations) -> bool {
    verdict(exchange, seen, |_| true) == Verdict::Refused
}

/// The number of the alert that ended an exchange.
pub(super) fn alert(exchange: &Exchange) -> Option<u8> {
    match exchange.outcome.answer {
        Answer::Alert { code, .. } => Some(code),
        _ => None,
    }
}

/// Whether `extended_master_secret` came back; none where there was no ServerHello.
pub(super) fn echoed(exchange: &Exchange) -> Option<bool> {
    exchange.server.as_ref().map(|server| server.extended_master_secret)
}
