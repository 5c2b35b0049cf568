//! Hellos that are refused for their size: a ladder of smaller ones shows it.
//!
//! A refusal of a hello that is larger than any that was answered may be about its size and not about its suites. Then
//! smaller ones are offered, all at once: fewer suites, as few bytes without extensions, as many bytes with few suites.
//! What was refused before is asked again in hellos of a size that is borne.

use std::cmp::Reverse;

use super::candidates::{Candidate, Evidence};
use super::round::{Round, Set, State};
use super::{Asked, MOST_SUITES, Said, Why};
use crate::offer::{ExtensionOffer, Offer};
use crate::registry::{CipherSuite, ProtocolVersion};

/// How a rung differs from the other hellos of its version, besides its suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    /// In nothing.
    Fewer,
    /// It is filled up to so many suites.
    Filled(usize),
    /// It is padded to so many bytes.
    Padded(usize),
    /// It has no extensions.
    WithoutExtensions,
}

impl Rung {
    /// Gives an offer this form.
    pub(super) fn shape(self, offer: &mut Offer) {
        match self {
            Self::Fewer => {}
            Self::Filled(count) => {
                let more = CipherSuite::all().iter().map(|row| row.code).filter(|suite| !suite.is_grease());
                let missing: Vec<CipherSuite> = more.filter(|suite| !offer.cipher_suites.contains(suite)).collect();
                let room = count.saturating_sub(offer.cipher_suites.len());
                let no_signals = missing.into_iter().filter(|suite| ![0, 0x00ff, 0x5600].contains(&suite.0));
                offer.cipher_suites.extend(no_signals.take(room));
            }
            Self::Padded(length) => offer.put_extension(ExtensionOffer::PadTo(length)),
            Self::WithoutExtensions => offer.extensions = None,
        }
    }
}

/// How many suites the rungs have.
const RUNGS: [usize; 4] = [64, 32, 16, 8];

/// The suites of the rungs that differ in something else.
const FEW: usize = 8;

/// Those of the one that is padded: as many as another rung has that is not.
const PADDED: usize = 16;

/// How far the ladder was climbed.
#[derive(Default)]
pub(super) struct Ladder {
    /// The questions whose refusal is in doubt.
    doubtful: Vec<usize>,
    is_over: bool,
    /// The most suites that a hello may have, where that is less than usual.
    pub(super) cap: Option<usize>,
    /// Whether hellos are borne only without extensions.
    pub(super) without_extensions: bool,
    /// What was found.
    pub(super) found: Option<Found>,
}

/// A size that is not borne.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is about.
    pub(super) what: What,
    /// The largest question that was answered, and the smallest that was not.
    pub(super) borne: usize,
    pub(super) refused: usize,
}

/// What about a hello is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Suites,
    Length,
    Extensions,
    SuitesOrLength,
}

impl Ladder {
    /// The rungs to ask, if a refusal is in doubt; once.
    pub(super) fn rungs(&mut self, rounds: &[Round], asked: &[Asked]) -> Vec<(usize, Rung, Vec<usize>)> {
        if self.is_over || !self.doubtful.is_empty() {
            return Vec::new();
        }
        self.doubtful = doubtful(asked);
        let doubtful = || self.doubtful.iter().filter_map(|place| asked.get(*place));
        let (Some(count), Some(length)) = (doubtful().map(|it| it.count).max(), doubtful().map(|it| it.length).max())
        else {
            self.is_over = true;
            return Vec::new();
        };
        let Some((place, round)) = most_telling(rounds) else { return Vec::new() };
        let suites = common(round);
        let few = |count: usize| suites.iter().take(count).copied().collect::<Vec<_>>();
        if round.is_accepted() {
            // Something is accepted: does it stay so in a hello as large as those that were refused?
            let accepted = round.accepted().into_iter().take(FEW).collect();
            let mut rungs = vec![(place, Rung::Filled(count), accepted)];
            rungs.extend(RUNGS.iter().filter(|rung| **rung < count).map(|rung| (place, Rung::Fewer, few(*rung))));
            return rungs;
        }
        let fewer = RUNGS.iter().filter(|rung| **rung < count.min(MOST_SUITES));
        let mut rungs: Vec<_> = fewer.map(|rung| (place, Rung::Fewer, few(*rung))).collect();
        if ProtocolVersion::SSL3 < round.version && round.version < ProtocolVersion::TLS1_3 {
            rungs.push((place, Rung::Padded(length), few(PADDED)));
            rungs.push((place, Rung::WithoutExtensions, few(FEW)));
        }
        rungs
    }

    /// When the rungs are answered: the questions that are to be asked again, smaller; none before.
    pub(super) fn conclude(&mut self, asked: &[Asked]) -> Option<Vec<usize>> {
        if self.is_over || self.doubtful.is_empty() {
            return None;
        }
        self.is_over = true;
        let rungs = || {
            asked.iter().enumerate().filter_map(|(place, asked)| match asked.why {
                Why::Rung(rung) => Some((place, rung, asked)),
                _ => None,
            })
        };
        let accepts = |asked: &Asked| matches!(asked.said, Some(Said::Chose(_)));
        // Without a word to any of them, or with one to the largest, size is not the matter.
        if rungs().any(|(_, rung, asked)| matches!(rung, Rung::Filled(_)) && accepts(asked)) {
            return Some(Vec::new());
        }
        let best = rungs().filter(|(.., asked)| accepts(asked)).max_by_key(|(_, rung, asked)| {
            (*rung != Rung::WithoutExtensions, matches!(rung, Rung::Fewer), asked.count)
        });
        let Some((borne, rung, best)) = best else { return Some(Vec::new()) };
        // A padded hello says something of lengths if the same suites are accepted without the padding.
        let is_accepted_unpadded = |padded: &Asked| {
            rungs().any(|(_, rung, it)| rung == Rung::Fewer && accepts(it) && it.suites == padded.suites)
        };
        let is_padded = |asked: &Asked| matches!(asked.why, Why::Rung(Rung::Padded(_)));
        let was_padded = rungs().find(|(.., asked)| is_padded(asked) && is_accepted_unpadded(asked));
        let what = match (rung, was_padded) {
            (Rung::WithoutExtensions, _) => What::Extensions,
            (_, Some((.., padded))) if accepts(padded) => What::Suites,
            (_, Some(_)) => What::Length,
            (_, None) => What::SuitesOrLength,
        };
        let refused = asked.iter().enumerate().filter(|(_, it)| {
            matches!(it.said, Some(Said::Refused { .. } | Said::Nothing(_)))
                && (it.count > best.count || it.length > best.length)
                && (!is_padded(it) || is_accepted_unpadded(it))
        });
        let refused = refused.min_by_key(|(_, it)| (it.count, it.length)).map_or(borne, |(place, _)| place);
        self.cap = Some(best.count.max(1));
        self.without_extensions = rung == Rung::WithoutExtensions;
        self.found = Some(Found { what, borne, refused });
        Some(std::mem::take(&mut self.doubtful))
    }
}

/// The questions that were refused, or not answered, with more suites or more bytes than any that was answered.
fn doubtful(asked: &[Asked]) -> Vec<usize> {
    let answered = || asked.iter().filter(|it| matches!(it.said, Some(Said::Chose(_) | Said::Broke(..))));
    let count = answered().map(|it| it.count).max().unwrap_or_default();
    let length = answered().map(|it| it.length).max().unwrap_or_default();
    let is_doubtful = |it: &Asked| match &it.said {
        Some(Said::Refused { ends_version, .. }) => !ends_version && (it.count > count || it.length > length),
        Some(Said::Nothing(why)) => why == "timeout" && (it.count > count || it.length > length),
        _ => false,
    };
    asked.iter().enumerate().filter(|(_, it)| is_doubtful(it)).map(|(place, _)| place).collect()
}

/// A version that is accepted, else the one that most servers have.
fn most_telling(rounds: &[Round]) -> Option<(usize, &Round)> {
    let numbered = || rounds.iter().enumerate();
    let common = || numbered().find(|(_, round)| round.version == ProtocolVersion::TLS1_2);
    numbered()
        .filter(|(_, round)| round.is_accepted())
        .min_by_key(|(_, round)| (round.version == ProtocolVersion::TLS1_3, Reverse(round.accepted().len())))
        .or_else(common)
}

/// One of each kind that servers of any age have.
const BASICS: [u16; 8] = [0xc02f, 0x002f, 0xc02b, 0xc014, 0x0035, 0x009c, 0x0039, 0x000a];

/// The accepted suites, then those that most servers have.
fn common(round: &Round) -> Set {
    let nothing = Evidence::new();
    let mut all: Vec<(usize, &Candidate)> = round.candidates.iter().enumerate().collect();
    let is_accepted = |place: usize| matches!(round.states.get(place), Some(State::Accepted(_)));
    all.sort_by(|one, other| {
        let likelihood = |it: &(usize, &Candidate)| nothing.likelihood(it.1);
        let is_basic = |it: &(usize, &Candidate)| BASICS.contains(&it.1.suite.0);
        let by_state = is_accepted(other.0).cmp(&is_accepted(one.0)).then(is_basic(other).cmp(&is_basic(one)));
        by_state.then(likelihood(other).total_cmp(&likelihood(one)))
    });
    all.into_iter().map(|(place, _)| place).collect()
}
