//! At which size of the hello the answer changes: in one record, split over records, split over TCP segments, with and
//! without a post-quantum share.
//!
//! Each way is asked by itself: the smallest hello, then a ladder of sizes at once, then the gap in which the answer
//! changes is halved until it is one byte wide. The two hellos at its ends are then asked again, so that a connection
//! that was lost by chance is not taken for a limit. Sizes are bytes on the wire; a hello that is longer than the size
//! it is to have is sent as long as it is.

use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{HelloSize, HelloSplit, Observations, hello_size_key};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, Exchange, Stage};
use crate::question::{Hello, Question};
use crate::registry::{ExtensionType, NamedGroup};
use crate::wire::extension::Extension;

/// The size that is asked for first.
const SMALLEST: usize = 200;

/// What is asked next: sizes between which limits are known to lie. Hellos of 256 to 511 bytes hang some load balancers
/// (RFC 7685 §1), 1400 is about the first segment of a path, and with 16 KiB a record is full.
const LADDER: [usize; 9] = [256, 384, 512, 1024, 1400, 2048, 4096, 8192, 16_384];

pub(super) struct HelloSizes {
    ways: Vec<Way>,
}

/// One way to send hellos.
struct Way {
    split: HelloSplit,
    hybrid: bool,
    offer: Offer,
}

impl HelloSizes {
    pub(super) fn new(offer: &Offer) -> Self {
        let splits = [HelloSplit::OneRecord, HelloSplit::Records, HelloSplit::Segments];
        let ways = |hybrid, offer: Offer| splits.map(|split| Way { split, hybrid, offer: offer.clone() });
        let hybrid = with_hybrid(offer).into_iter().flat_map(|offer| ways(true, offer));
        Self { ways: ways(false, without_hybrid(offer)).into_iter().chain(hybrid).collect() }
    }

    /// Puts answers to the questions they belong to; the second part is what to ask next, by way and size.
    fn replay<'a>(&self, answers: &Answers<'a>) -> (Vec<Tries<'a>>, Vec<(usize, usize)>) {
        let mut tries: Vec<Tries<'a>> = self.ways.iter().map(|_| Tries::default()).collect();
        let mut answers = answers.iter();
        loop {
            let batch: Vec<(usize, usize)> = tries
                .iter()
                .enumerate()
                .flat_map(|(way, tries)| tries.next_sizes().into_iter().map(move |size| (way, size)))
                .collect();
            if batch.is_empty() || answers.len() == 0 {
                return (tries, batch);
            }
            for (way, size) in batch {
                if let Some(tries) = tries.get_mut(way) {
                    tries.0.push((size, answers.next().copied().flatten()));
                }
            }
        }
    }
}

impl Probe for HelloSizes {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let (_, batch) = self.replay(answers);
        batch.into_iter().filter_map(|(way, size)| Some(self.ways.get(way)?.question(size))).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let (tries, _) = self.replay(answers);
        for (way, tries) in self.ways.iter().zip(&tries) {
            let key = hello_size_key(way.split, way.hybrid);
            let ids = |tries: &[&Try<'_>]| tries.iter().map(|(_, exchange)| exchange.id).collect::<Vec<_>>();
            let Some(tried) = tries.all() else {
                note_missing(&key, unasked, seen);
                continue;
            };
            let Some(smallest) = tried.first() else { continue };
            if let Some((_, lost)) = tried.iter().find(|(_, exchange)| !reached(exchange)) {
                seen.could_not_tell(&key, &format!("{} on the way", lost.outcome.answer.kind()), &[lost.id]);
                continue;
            }
            let (below, change) = tries.gap();
            let ends: Vec<&Try<'_>> = below.iter().chain(&change).collect();
            if tries.is_unsure() {
                seen.could_not_tell(&key, "the same hello was answered in two ways", &ids(&ends));
                continue;
            }
            if change.is_some() && seen.baseline.as_ref().is_some_and(|baseline| !baseline.steady) {
                seen.could_not_tell(&key, "the endpoint stopped answering during the run", &ids(&ends));
                continue;
            }
            seen.rests_on(&key, &ids(&ends));
            let length = |tried: &Try<'_>| tried.1.offer.length;
            seen.hello_size.push(HelloSize {
                split: way.split,
                x25519mlkem768: way.hybrid,
                answer: word(smallest.1),
                smallest: length(smallest),
                largest: below.as_ref().map_or(0, length),
                changes_at: change.as_ref().map(length),
                changes_to: change.map(|(_, exchange)| word(exchange)),
            });
        }
    }
}

impl Way {
    fn question(&self, size: usize) -> Question {
        let mut offer = self.offer.clone();
        offer.put_extension(ExtensionOffer::PadTo(size));
        let hybrid = if self.hybrid { ", X25519MLKEM768" } else { "" };
        let purpose = format!("{size} bytes {}{hybrid}", self.split.spoken());
        let hello = match self.split {
            HelloSplit::OneRecord => Hello::Built(offer),
            HelloSplit::Records => Hello::Built(Offer { record_split: size.div_ceil(2), ..offer }),
            HelloSplit::Segments => Hello::InSegments { offer, segments: 2 },
        };
        Question::new(purpose, hello)
    }
}

/// A size that was asked for, and its answer.
type Try<'a> = (usize, &'a Exchange);

/// What one way was asked so far, in the order of asking.
#[derive(Default)]
struct Tries<'a>(Vec<(usize, Option<&'a Exchange>)>);

impl<'a> Tries<'a> {
    /// All of them; nothing if one has no answer.
    fn all(&self) -> Option<Vec<Try<'a>>> {
        self.0.iter().map(|(size, exchange)| Some((*size, (*exchange)?))).collect()
    }

    fn next_sizes(&self) -> Vec<usize> {
        let Some(tried) = self.all() else { return Vec::new() };
        let Some((_, smallest)) = tried.first() else { return vec![SMALLEST] };
        if tried.iter().any(|(_, exchange)| !reached(exchange)) {
            return Vec::new();
        }
        if tried.len() == 1 {
            return LADDER.into_iter().filter(|size| *size > smallest.offer.length).collect();
        }
        match self.gap() {
            (Some((below, _)), Some((change, _))) if change - below > 1 => vec![below.midpoint(change)],
            (Some((below, _)), Some((change, _))) if !self.is_confirmed(change) => vec![below, change],
            _ => Vec::new(),
        }
    }

    /// The largest hello below the first one whose answer is another than the smallest's, and that one.
    fn gap(&self) -> (Option<Try<'a>>, Option<Try<'a>>) {
        let mut tried = self.all().unwrap_or_default();
        let Some(same) = tried.first().map(|(_, exchange)| word(exchange)) else { return (None, None) };
        tried.sort_by_key(|(size, _)| *size);
        let change = tried.iter().find(|(_, exchange)| word(exchange) != same).copied();
        let is_below = |(size, _): &&Try<'a>| change.is_none_or(|(change, _)| *size < change);
        (tried.iter().rfind(is_below).copied(), change)
    }

    /// Whether the size was asked again.
    fn is_confirmed(&self, size: usize) -> bool {
        self.0.iter().filter(|(tried, _)| *tried == size).count() > 1
    }

    /// Whether one size was answered in two ways.
    fn is_unsure(&self) -> bool {
        let tried = self.all().unwrap_or_default();
        let differs = |(size, exchange): &Try<'a>| {
            tried.iter().any(|(other, again)| other == size && word(again) != word(exchange))
        };
        tried.iter().any(differs)
    }
}

/// Whether the hello was on its way to the endpoint.
fn reached(exchange: &Exchange) -> bool {
    matches!(exchange.outcome.stage, Stage::Hello | Stage::Handshake)
}

/// What makes two answers the same.
fn word(exchange: &Exchange) -> String {
    match &exchange.outcome.answer {
        Answer::Alert { code, name, .. } => match name {
            Some(name) => format!("alert {code} ({name})"),
            None => format!("alert {code}"),
        },
        answer => answer.kind().to_owned(),
    }
}

fn groups(offer: &Offer) -> Option<&[NamedGroup]> {
    match offer.extension(ExtensionType::SUPPORTED_GROUPS)? {
        ExtensionOffer::Exactly(Extension::SupportedGroups(groups)) => Some(groups),
        _ => None,
    }
}

fn without_hybrid(offer: &Offer) -> Offer {
    let mut offer = offer.clone();
    if let Some(groups) = groups(&offer).filter(|groups| groups.contains(&NamedGroup::X25519MLKEM768)) {
        let others = groups.iter().copied().filter(|group| *group != NamedGroup::X25519MLKEM768);
        let others: Vec<NamedGroup> = others.collect();
        offer.set_groups(&others);
    }
    offer
}

/// The offer with a hybrid share first; none where it offers no TLS 1.3, which alone has such shares.
fn with_hybrid(offer: &Offer) -> Option<Offer> {
    let mut offer = without_hybrid(offer);
    offer.extension(ExtensionType::KEY_SHARE)?;
    let groups = [&[NamedGroup::X25519MLKEM768], groups(&offer)?].concat();
    offer.set_groups(&groups);
    Some(offer)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observation::Baseline;
    use crate::outcome::testing::{accepted, ended};
    use crate::registry::{CipherSuite, ProtocolVersion};

    /// How long a hello is that is asked to have this size: no shorter than it is by itself.
    fn length(question: &Question) -> usize {
        let (offer, own) = match &question.hello {
            Hello::Built(offer) | Hello::InSegments { offer, .. } => {
                (offer, if offer.key_share_groups().len() > 1 { 1560 } else { 317 })
            }
            Hello::Exactly(_) | Hello::Ssl2 => panic!("sizes are asked by offers"),
        };
        match offer.extension(ExtensionType::PADDING) {
            Some(ExtensionOffer::PadTo(size)) => own.max(*size),
            other => panic!("{other:?}"),
        }
    }

    /// Plays an endpoint that answers a question of this length so, and reads what its answers tell.
    fn play(answer: impl Fn(usize, &Question, usize) -> Answer) -> (Observations, usize) {
        let probe = HelloSizes::new(&Offer::modern());
        let mut exchanges: Vec<Exchange> = Vec::new();
        loop {
            let answers: Vec<Option<&Exchange>> = exchanges.iter().map(Some).collect();
            let questions = probe.ask(&answers);
            if questions.is_empty() {
                let mut seen = Observations::default();
                probe.read(&answers, &Unasked::Pointless, &mut seen);
                return (seen, exchanges.len());
            }
            for question in questions {
                let id = exchanges.len() + 1;
                let answer = answer(length(&question), &question, id);
                let mut exchange = ended(id, Stage::Hello, answer);
                Arc::make_mut(&mut exchange.offer).length = length(&question);
                exchanges.push(exchange);
            }
            assert!(exchanges.len() < 500, "it never ends");
        }
    }

    const HELLO: Answer = Answer::ServerHello { received_bytes: 9, not_finished: None };

    fn silence() -> Answer {
        Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 1.0, tcp: None }
    }

    #[test]
    fn an_endpoint_without_a_limit_is_asked_each_rung_and_nothing_more() {
        let (seen, asked) = play(|_, _, _| HELLO);
        assert_eq!(seen.hello_size.len(), 6);
        assert!(seen.hello_size.iter().all(|it| it.largest == 16_384 && it.changes_at.is_none() && it.is_accepted()));
        assert!(asked < 60, "{asked}");
        assert_eq!(seen.inconclusive, []);
    }

    #[test]
    fn a_limit_is_found_to_the_byte_in_every_way() {
        for limit in [400, 512, 1400, 5000, 16_383] {
            let (seen, _) = play(|length, _, _| if length > limit { silence() } else { HELLO });
            for found in seen.hello_size.iter().filter(|it| limit >= it.smallest) {
                assert_eq!((found.largest, found.changes_at), (limit, Some(limit + 1)), "{found:?}");
                assert_eq!(found.changes_to.as_deref(), Some("timeout"));
            }
            let too_long = seen.hello_size.iter().filter(|it| limit < it.smallest);
            assert!(too_long.into_iter().all(|it| it.answer == "timeout" && it.changes_at.is_none()));
        }
    }

    #[test]
    fn a_hole_between_two_sizes_is_found_too() {
        let (seen, _) = play(|length, _, _| if (384..512).contains(&length) { silence() } else { HELLO });
        let first = &seen.hello_size[0];
        assert_eq!((first.largest, first.changes_at), (383, Some(384)));
    }

    #[test]
    fn a_way_that_is_refused_at_any_size_says_so() {
        let (seen, _) = play(|_, question, _| match &question.hello {
            Hello::Built(offer) if offer.record_split < 16_384 => Answer::Reset { received_bytes: 0, after_ms: 1.0 },
            _ => HELLO,
        });
        for found in &seen.hello_size {
            assert_eq!(found.is_accepted(), found.split != HelloSplit::Records, "{found:?}");
            assert_eq!(found.changes_at, None);
        }
    }

    #[test]
    fn a_connection_lost_by_chance_is_no_limit() {
        let (seen, _) = play(|_, _, id| if id == 10 { silence() } else { HELLO });
        assert_eq!(seen.inconclusive.len(), 1, "{seen:?}");
        assert!(seen.inconclusive[0].why.contains("in two ways"));
        assert_eq!(seen.hello_size.len(), 5);
    }

    #[test]
    fn what_was_not_asked_to_its_end_or_met_an_unsteady_endpoint_is_open() {
        let probe = HelloSizes::new(&Offer::for_version(ProtocolVersion::TLS1_2));
        assert_eq!(probe.ask(&[]).len(), 3, "no hybrid share without TLS 1.3");
        let mut seen = Observations::default();
        probe.read(&[None, None, None], &Unasked::Stopped("interrupted".into()), &mut seen);
        assert_eq!((seen.inconclusive.len(), seen.hello_size.len()), (3, 0));

        let reset = ended(1, Stage::Proxy, Answer::Reset { received_bytes: 0, after_ms: 1.0 });
        let good = accepted(2, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
        let mut seen = Observations {
            baseline: Some(Baseline { opening: "server_hello".into(), closing: Some("reset".into()), steady: false }),
            ..Observations::default()
        };
        probe.read(&[Some(&reset), Some(&good), Some(&good)], &Unasked::Pointless, &mut seen);
        assert_eq!(seen.inconclusive[0].why, "reset on the way");
        assert_eq!(seen.inconclusive.len(), 1, "what did not change is known all the same");
    }
}
