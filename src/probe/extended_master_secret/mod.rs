//! What an endpoint makes of `extended_master_secret` (RFC 7627), up to TLS 1.2.
//!
//! First each version and key exchange, with the extension and without, to the end of the handshake. Then two things at
//! once: a handshake that failed behind the ServerHello twice more, once as before, for what fails now and then says
//! nothing, and once with its master secret derived in the other way, which completes where the server says one thing and
//! does the other; and a session for each cell of the matrix of resumption, each of its own, since a server forgets one
//! whose resumption it refused (RFC 5246 §7.2.2). Then each of these sessions is resumed. Last, where a server refused
//! what it need not have, the cell is asked once more: a single refusal may have been an accident.

mod matrix;

use matrix::Cell;

use super::finished::{
    UP_TO_TLS12, alert, echoed, failed, for_sessions, goes_on_without_certificate, is_completed, left_session,
    offer_up_to, offer_with, refused, with_ems,
};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{
    EmsHandshake, ExtendedMasterSecret as Seen, MasterSecretDerivation, Observations, ResumptionCell,
};
use crate::outcome::Exchange;
use crate::question::{Finish, Question, Resume};
use crate::registry::{KeyExchange, ProtocolVersion};

pub(super) struct ExtendedMasterSecret;

/// The name under which the observation stands.
const KEY: &str = "extended_master_secret";

/// One handshake of the first batch.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// Handshakes to try once more, and with the other derivation.
    failed: Vec<Combination>,
    /// Cells for which a session is to be made.
    cells: Vec<Cell>,
}

/// The questions about one handshake that failed.
const ABOUT_FAILED: usize = 2;

impl Second {
    fn after(first: &Answers<'_>) -> Self {
        let answered = || Combination::all().zip(first).filter_map(|(asked, answer)| Some((asked, (*answer)?)));
        let without = goes_on_without_certificate(first.iter().copied().flatten());
        let is_failed = |(asked, exchange): (Combination, &Exchange)| failed(exchange, without).map(|_| asked);
        let has_sessions = |version: &ProtocolVersion| {
            answered().any(|(asked, exchange)| asked.version == *version && is_completed(exchange))
        };
        let versions = UP_TO_TLS12.into_iter().filter(has_sessions);
        Self { failed: answered().filter_map(is_failed).collect(), cells: versions.flat_map(matrix::cells).collect() }
    }

    fn questions(&self) -> Vec<Question> {
        let about_failed = self.failed.iter().flat_map(|asked| {
            let otherwise = Finish { derive_otherwise: true, ..Finish::default() };
            [asked.question(Finish::default()), asked.question(otherwise)]
        });
        about_failed.chain(self.cells.iter().copied().map(Cell::first_question)).collect()
    }
}

/// The answers, batch by batch.
struct Read<'a> {
    first: &'a Answers<'a>,
    second: Second,
    about_failed: &'a Answers<'a>,
    sessions: &'a Answers<'a>,
    resumed: &'a Answers<'a>,
    /// Sessions for the cells that were refused, and their resumption once more.
    sessions_again: &'a Answers<'a>,
    resumed_again: &'a Answers<'a>,
}

/// Cells that have a session to resume, and the exchange that left it.
fn resumable<'a>(cells: &[Cell], sessions: &Answers<'a>) -> Vec<(Cell, &'a Exchange)> {
    let made = cells.iter().zip(sessions).filter_map(|(cell, first)| Some((*cell, (*first)?)));
    made.filter(|(cell, first)| cell.is_resumable(first)).collect()
}

impl<'a> Read<'a> {
    fn of(answers: &'a Answers<'a>) -> Self {
        let split = |answers: &'a Answers<'a>, at: usize| answers.split_at(at.min(answers.len()));
        let (first, rest) = split(answers, Combination::all().count());
        let second = Second::after(first);
        let (about_failed, rest) = split(rest, second.failed.len() * ABOUT_FAILED);
        let (sessions, rest) = split(rest, second.cells.len());
        let (resumed, rest) = split(rest, resumable(&second.cells, sessions).len());
        let read = Self { first, second, about_failed, sessions, resumed, sessions_again: &[], resumed_again: &[] };
        let (sessions_again, resumed_again) = split(rest, read.refused_cells().len());
        Self { sessions_again, resumed_again, ..read }
    }

    /// The cells that have a session to resume, and the exchange that left it.
    fn resumable(&self) -> Vec<(Cell, &'a Exchange)> {
        resumable(&self.second.cells, self.sessions)
    }

    /// The cells whose resumption was refused though it need not have been.
    fn refused_cells(&self) -> Vec<Cell> {
        let answered = self.resumable().into_iter().zip(self.resumed.iter().copied());
        let is_refused = |((cell, first), second): ((Cell, &Exchange), Option<&Exchange>)| {
            cell.is_refused_without_need(first, second?).then_some(cell)
        };
        answered.filter_map(is_refused).collect()
    }

    /// The same with a new session.
    fn resumable_again(&self) -> Vec<(Cell, &'a Exchange)> {
        resumable(&self.refused_cells(), self.sessions_again)
    }

    /// The handshakes that failed each time, with what came of the other derivation.
    fn failing(&self) -> impl Iterator<Item = (Combination, Option<&'a Exchange>)> {
        let without = goes_on_without_certificate(self.first.iter().copied().flatten());
        self.second.failed.iter().zip(self.about_failed.chunks(ABOUT_FAILED)).filter_map(move |(asked, about)| {
            let again = about.first().copied().flatten()?;
            failed(again, without).map(|_| (*asked, about.get(1).copied().flatten()))
        })
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
        let resume = |cells: Vec<(Cell, &Exchange)>| {
            cells.into_iter().map(|(cell, first)| cell.second_question(first)).collect::<Vec<_>>()
        };
        if read.resumed.is_empty() {
            return resume(read.resumable());
        }
        if read.sessions_again.is_empty() {
            return read.refused_cells().into_iter().map(Cell::first_question).collect();
        }
        if read.resumed_again.is_empty() { resume(read.resumable_again()) } else { Vec::new() }
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
        note_accidents(&read, &answered, seen);
        let required = required(&answered, seen);
        seen.rests_on(KEY, &taken_up_ids);
        let resumption = read_matrix(&read, answers, seen);
        seen.extended_master_secret = Some(Seen {
            echoed: all_echoed(&taken_up),
            required,
            derivation,
            handshakes: rows(&read, &answered),
            resumption,
        });
    }
}

/// What came of each cell.
fn read_matrix(read: &Read<'_>, answers: &Answers<'_>, seen: &mut Observations) -> Vec<ResumptionCell> {
    let is_known = answers.iter().copied().flatten().any(|exchange| echoed(exchange) == Some(true));
    let again: Vec<_> = read.resumable_again().into_iter().zip(read.resumed_again).collect();
    let mut cells = Vec::new();
    for ((cell, first), second) in read.resumable().into_iter().zip(read.resumed) {
        let Some(second) = *second else { continue };
        let mut told = cell.read(first, second, is_known, seen);
        if cell.is_refused_without_need(first, second) {
            let repeated = again.iter().find(|((other, _), _)| *other == cell);
            let repeated = repeated.and_then(|((_, first), second)| Some((*first, (**second)?)));
            if let Some((first, second)) = repeated {
                told.because.extend([first.id, second.id]);
            }
            if !repeated.is_some_and(|(_, second)| refused(second, seen)) {
                told.is_open("it was refused once, and not a second time", seen);
            }
        }
        cells.push(told);
    }
    cells
}

/// Notes the handshakes that failed once, and not when they were asked again.
fn note_accidents(read: &Read<'_>, answered: &[(Combination, &Exchange)], seen: &mut Observations) {
    let failing: Vec<Combination> = read.failing().map(|(asked, _)| asked).collect();
    for (asked, about) in read.second.failed.iter().zip(read.about_failed.chunks(ABOUT_FAILED)) {
        if failing.contains(asked) {
            continue;
        }
        let first = answered.iter().find(|(other, _)| other == asked).map(|(_, exchange)| exchange.id);
        let again = about.first().copied().flatten().map(|exchange| exchange.id);
        let ids: Vec<usize> = first.into_iter().chain(again).collect();
        let what = format!("{KEY}.handshakes.{}", asked.spoken().replace(' ', "."));
        seen.could_not_tell(&what, "it failed once behind the ServerHello, and not a second time", &ids);
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

/// The hellos that differ in nothing but the extension; one alone, where the other has no answer.
fn pairs<'s, 'a>(
    answered: &'s [(Combination, &'a Exchange)],
) -> impl Iterator<Item = &'s [(Combination, &'a Exchange)]> {
    answered.chunk_by(|one, other| one.0.version == other.0.version && one.0.key_exchange == other.0.key_exchange)
}

/// A hello that differs in nothing but the extension shows it.
fn required(answered: &[(Combination, &Exchange)], seen: &Observations) -> Option<bool> {
    let mut pairs = pairs(answered).filter_map(|pair| match pair {
        [(with, taken), (without, answer)] if with.offered && !without.offered && chose(*with, taken) => Some(*answer),
        _ => None,
    });
    let mut refusals = false;
    if pairs.any(|without| {
        refusals |= refused(without, seen);
        without.server.is_some()
    }) {
        return Some(false);
    }
    refusals.then_some(true)
}

fn derivation(read: &Read<'_>, taken_up: &[(Combination, &Exchange)]) -> Option<MasterSecretDerivation> {
    let failing: Vec<_> = read.failing().collect();
    let proof = failing.iter().find_map(|(_, otherwise)| (*otherwise).filter(|exchange| is_completed(exchange)));
    match proof.map(echoed) {
        Some(Some(true)) => return Some(MasterSecretDerivation::EchoedNotUsed),
        Some(_) => return Some(MasterSecretDerivation::UsedNotEchoed),
        None => {}
    }
    if !failing.is_empty() {
        return Some(MasterSecretDerivation::Inconclusive);
    }
    taken_up.iter().any(|(_, exchange)| is_completed(exchange)).then_some(MasterSecretDerivation::AsAgreed)
}

/// A row for each handshake whose version and key exchange the server has: where both hellos are refused there is none.
fn rows(read: &Read<'_>, answered: &[(Combination, &Exchange)]) -> Vec<EmsHandshake> {
    let failing: Vec<Combination> = read.failing().map(|(asked, _)| asked).collect();
    let has_it = |pair: &&[(Combination, &Exchange)]| pair.iter().any(|(asked, exchange)| chose(*asked, exchange));
    let row = |(asked, exchange): &(Combination, &Exchange)| EmsHandshake {
        version: asked.version,
        key_exchange: asked.word(),
        offered: asked.offered,
        echoed: echoed(exchange),
        result: exchange.outcome.answer.kind().to_owned(),
        alert: alert(exchange),
        failed: failed(exchange, true).filter(|_| failing.contains(asked)),
        because: exchange.id,
    };
    pairs(answered).filter(has_it).flatten().map(row).collect()
}

#[cfg(test)]
mod tests;
