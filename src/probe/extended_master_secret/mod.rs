//! What an endpoint makes of `extended_master_secret` (RFC 7627), up to TLS 1.2.
//!
//! Three batches. First each version and key exchange, with the extension and without, to the end of the handshake.
//! Then two things at once: a handshake that failed behind the ServerHello once more, its master secret derived in the
//! other way, which completes where the server says one thing and does the other; and a session for each cell of the
//! matrix of resumption, each of its own, since a server forgets one whose resumption it refused (RFC 5246 §7.2.2). Last,
//! each of these sessions is resumed.

mod matrix;

use matrix::Cell;

use super::finished::{
    UP_TO_TLS12, alert, echoed, failed, for_sessions, is_completed, left_session, offer_up_to, offer_with, refused,
    with_ems,
};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{EmsHandshake, ExtendedMasterSecret as Seen, MasterSecretDerivation, Observations};
use crate::outcome::Exchange;
use crate::question::{Finish, Question, Resume};
use crate::registry::{KeyExchange, ProtocolVersion};

pub(super) struct ExtendedMasterSecret;

/// The name under which the observation stands.
const KEY: &str = "extended_master_secret";

/// One handshake of the first batch.
#[derive(Clone, Copy)]
struct Combination {
    version: ProtocolVersion,
    key_exchange: KeyExchange,
    offered: bool,
}

impl Combination {
    fn all() -> impl Iterator<Item = Self> {
        UP_TO_TLS12.into_iter().flat_map(|version| {
            [KeyExchange::Ecdhe, KeyExchange::Dhe, KeyExchange::Rsa].into_iter().flat_map(move |key_exchange| {
                [true, false].into_iter().map(move |offered| Self { version, key_exchange, offered })
            })
        })
    }

    fn question(self, finish: Finish) -> Question {
        let offer = with_ems(offer_with(self.version, self.key_exchange), self.offered);
        let otherwise = if finish.derive_otherwise { ", derived otherwise" } else { "" };
        Question::finished(format!("{}{otherwise}", self.spoken()), offer, finish)
    }

    fn spoken(self) -> String {
        let version = self.version.to_string().to_lowercase();
        format!("{version} {} {}", self.word(), if self.offered { "with ems" } else { "without ems" })
    }

    fn word(self) -> String {
        self.key_exchange.to_string().to_lowercase()
    }
}

/// What the second batch asks, given the answers to the first.
struct Second {
    /// Handshakes to try with the other derivation.
    derived_otherwise: Vec<Combination>,
    /// Cells for which a session is to be made.
    cells: Vec<Cell>,
}

impl Second {
    fn after(first: &Answers<'_>) -> Self {
        let answered = || Combination::all().zip(first).filter_map(|(asked, answer)| Some((asked, (*answer)?)));
        let derived_otherwise =
            answered().filter(|(_, exchange)| failed(exchange).is_some()).map(|(asked, _)| asked).collect();
        let has_sessions = |version: &ProtocolVersion| {
            answered().any(|(asked, exchange)| asked.version == *version && is_completed(exchange))
        };
        let versions = UP_TO_TLS12.into_iter().filter(has_sessions);
        let cells = versions.flat_map(matrix::cells).collect();
        Self { derived_otherwise, cells }
    }

    fn questions(&self) -> Vec<Question> {
        let otherwise = || Finish { derive_otherwise: true, ..Finish::default() };
        let derived = self.derived_otherwise.iter().map(|asked| asked.question(otherwise()));
        derived.chain(self.cells.iter().copied().map(Cell::first_question)).collect()
    }
}

/// The answers, batch by batch.
struct Read<'a> {
    first: &'a Answers<'a>,
    second: Second,
    derived: &'a Answers<'a>,
    sessions: &'a Answers<'a>,
    resumed: &'a Answers<'a>,
}

impl<'a> Read<'a> {
    fn of(answers: &'a Answers<'a>) -> Self {
        let split = |answers: &'a Answers<'a>, at: usize| answers.split_at(at.min(answers.len()));
        let (first, rest) = split(answers, Combination::all().count());
        let second = Second::after(first);
        let (derived, rest) = split(rest, second.derived_otherwise.len());
        let (sessions, resumed) = split(rest, second.cells.len());
        Self { first, second, derived, sessions, resumed }
    }

    /// The cells that have a session to resume, and the exchange that left it.
    fn resumable(&self) -> impl Iterator<Item = (Cell, &'a Exchange)> {
        let made = self.second.cells.iter().zip(self.sessions).filter_map(|(cell, first)| Some((*cell, (*first)?)));
        made.filter(|(cell, first)| cell.is_resumable(first))
    }
}

impl Probe for ExtendedMasterSecret {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() {
            return Combination::all().map(|asked| asked.question(Finish::default())).collect();
        }
        let read = Read::of(answers);
        if answers.len() == read.first.len() {
            return read.second.questions();
        }
        if !read.resumed.is_empty() {
            return Vec::new();
        }
        read.resumable().map(|(cell, first)| cell.second_question(first)).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let read = Read::of(answers);
        if read.first.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        if answers.contains(&None) {
            note_missing(KEY, unasked, seen);
        }
        let answered: Vec<(Combination, &Exchange)> =
            Combination::all().zip(read.first).filter_map(|(asked, answer)| Some((asked, (*answer)?))).collect();
        let taken_up: Vec<(Combination, &Exchange)> =
            answered.iter().copied().filter(|(asked, exchange)| chose(*asked, exchange)).collect();
        let derivation = derivation(&read, &taken_up);
        let taken_up_ids: Vec<usize> = taken_up.iter().map(|(_, exchange)| exchange.id).collect();
        let why = match derivation {
            Some(MasterSecretDerivation::Inconclusive) => Some("handshakes fail whichever way it is derived"),
            None if !taken_up.is_empty() => Some(why_not_completed(&taken_up)),
            _ => None,
        };
        if let Some(why) = why {
            seen.could_not_tell(&format!("{KEY}.derivation"), why, &taken_up_ids);
        }
        let is_known = answers.iter().copied().flatten().any(|exchange| echoed(exchange) == Some(true));
        let cells: Vec<_> = read
            .resumable()
            .zip(read.resumed)
            .filter_map(|((cell, first), second)| Some(cell.read(first, (*second)?, is_known)))
            .collect();
        seen.rests_on(KEY, &taken_up_ids);
        seen.extended_master_secret = Some(Seen {
            echoed: all_echoed(&taken_up),
            required: required(&answered),
            derivation,
            handshakes: rows(&answered),
            resumption: cells,
        });
    }
}

/// Whether the server took up the hello as it was meant: in its version, which alone counts as an answer to it.
fn chose(asked: Combination, exchange: &Exchange) -> bool {
    exchange.server.as_ref().is_some_and(|server| server.version == asked.version)
}

fn why_not_completed(taken_up: &[(Combination, &Exchange)]) -> &'static str {
    if taken_up.iter().any(|(_, exchange)| exchange.certificate_request.is_some()) {
        "no handshake came to its end: a client certificate is asked for"
    } else {
        "no handshake came to its end"
    }
}

fn all_echoed(taken_up: &[(Combination, &Exchange)]) -> Option<bool> {
    let mut told = taken_up.iter().filter(|(asked, _)| asked.offered).filter_map(|(_, exchange)| echoed(exchange));
    let first = told.next()?;
    Some(told.fold(first, |all, one| all && one))
}

/// A hello that differs in nothing but the extension shows it.
fn required(answered: &[(Combination, &Exchange)]) -> Option<bool> {
    let mut pairs = answered.chunks_exact(2).filter_map(|pair| match pair {
        [(with, taken), (_, without)] if chose(*with, taken) => Some(*without),
        _ => None,
    });
    let mut refusals = false;
    if pairs.any(|without| {
        refusals |= refused(without);
        without.server.is_some()
    }) {
        return Some(false);
    }
    refusals.then_some(true)
}

fn derivation(read: &Read<'_>, taken_up: &[(Combination, &Exchange)]) -> Option<MasterSecretDerivation> {
    let of_failed = read.second.derived_otherwise.iter().zip(read.derived);
    let proven = of_failed.filter_map(|(_, answer)| (*answer).filter(|exchange| is_completed(exchange)));
    if let Some(proof) = proven.clone().next() {
        return Some(match echoed(proof) {
            Some(true) => MasterSecretDerivation::EchoedNotUsed,
            _ => MasterSecretDerivation::UsedNotEchoed,
        });
    }
    if taken_up.iter().any(|(_, exchange)| failed(exchange).is_some()) {
        return Some(MasterSecretDerivation::Inconclusive);
    }
    taken_up.iter().any(|(_, exchange)| is_completed(exchange)).then_some(MasterSecretDerivation::AsAgreed)
}

/// A row for each handshake whose version and key exchange the server has: where both hellos are refused there is none.
fn rows(answered: &[(Combination, &Exchange)]) -> Vec<EmsHandshake> {
    let has_it = |pair: &&[(Combination, &Exchange)]| pair.iter().any(|(asked, exchange)| chose(*asked, exchange));
    let row = |(asked, exchange): &(Combination, &Exchange)| EmsHandshake {
        version: asked.version,
        key_exchange: asked.word(),
        offered: asked.offered,
        echoed: echoed(exchange),
        result: exchange.outcome.answer.kind().to_owned(),
        alert: alert(exchange),
        failed: failed(exchange),
        because: exchange.id,
    };
    let pairs =
        answered.chunk_by(|one, other| one.0.version == other.0.version && one.0.key_exchange == other.0.key_exchange);
    pairs.filter(has_it).flatten().map(row).collect()
}

#[cfg(test)]
mod tests;
