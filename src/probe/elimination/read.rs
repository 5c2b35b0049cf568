//! What all answers together tell, written down.

use std::collections::BTreeMap;

use super::ladder::{Found, What};
use super::order::{Beaten, Shown, shown};
use super::round::{Round, State};
use super::said::Said;
use super::{Elimination, Why};
use crate::observation::{
    HelloLimit, HelloLimitKind, Observations, RefusedBy, SuiteOrder, SuiteSupport, Support, suite_key, suites_key,
    version_key,
};
use crate::outcome::NamedSuite;
use crate::probe::{Answers, Unasked};

/// Why a suite's answer is not known, and the question that should have told it.
type Unclear = (String, Option<usize>);

/// How suites were refused, by kind and code: the suites, and the questions.
type Refused = BTreeMap<(&'static str, Option<u8>), (Vec<usize>, Vec<usize>)>;

/// The suites of one version, sorted.
#[derive(Default)]
struct Sorted {
    accepted: Vec<(usize, usize)>,
    refused: Refused,
    unclear: BTreeMap<Unclear, Vec<usize>>,
}

impl Elimination {
    /// Writes down what is known of every version.
    pub(super) fn write_down(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let ids = self.exchange_ids(answers);
        let id = |question: &usize| ids.get(*question).copied().flatten();
        for (place, round) in self.rounds.iter().enumerate() {
            if round.asked == 0 && *unasked == Unasked::Pointless {
                continue;
            }
            let sorted = self.sort(round, unasked, seen);
            let exchanges = |questions: &[usize]| {
                let mut exchanges: Vec<usize> = questions.iter().filter_map(id).collect();
                exchanges.sort_unstable();
                exchanges.dedup();
                exchanges
            };
            let key = version_key(round.version);
            let refusals: Vec<usize> = sorted.refused.values().flat_map(|(_, questions)| questions.clone()).collect();
            let support = match (sorted.accepted.first(), sorted.unclear.first_key_value()) {
                (Some((_, question)), _) => {
                    seen.rests_on(&key, &exchanges(&[*question]));
                    Support::Accepted
                }
                (None, Some(((why, question), _))) => {
                    seen.could_not_tell(&key, why, &exchanges(question.as_slice()));
                    Support::Inconclusive
                }
                (None, None) => {
                    let telling = round.refused_whole.map_or(refusals, |question| vec![question]);
                    seen.rests_on(&key, &exchanges(&telling));
                    Support::Refused
                }
            };
            seen.versions.insert(round.version, support);
            if self.wanted.suites && support == Support::Accepted {
                let written = self.suite_support(place, round, &sorted, &exchanges, seen);
                seen.cipher_suites.insert(round.version, written);
            }
        }
        self.note_limit(&ids, seen);
    }

    /// The number of each question's exchange in the report. The baseline's is the first.
    fn exchange_ids(&self, answers: &Answers<'_>) -> Vec<Option<usize>> {
        let mut ids: Vec<Option<usize>> = self.asked.iter().map(|asked| Some(asked.exchange)).collect();
        for (question, number) in self.own.iter().enumerate() {
            if let Some(slot) = ids.get_mut(*number) {
                *slot = answers.get(question).copied().flatten().map(|exchange| exchange.id);
            }
        }
        ids
    }

    fn sort(&self, round: &Round, unasked: &Unasked, seen: &Observations) -> Sorted {
        let steady = seen.baseline.as_ref().is_none_or(|baseline| baseline.steady);
        let mut sorted = Sorted::default();
        for (place, state) in round.states.iter().enumerate() {
            let mut unclear = |why: String, question| sorted.unclear.entry((why, question)).or_default().push(place);
            match *state {
                State::Accepted(question) => sorted.accepted.push((place, question)),
                State::Refused(question) => match self.asked.get(question).and_then(|asked| asked.said.as_ref()) {
                    // Closing and resetting is also what an endpoint does that has had enough of us.
                    Some(Said::Refused { kind: kind @ ("reset" | "fin"), .. }) if !steady => {
                        unclear(format!("{kind}, and the endpoint stopped answering during the run"), Some(question));
                    }
                    Some(Said::Refused { kind, code, .. }) => {
                        let (suites, questions) = sorted.refused.entry((*kind, *code)).or_default();
                        suites.push(place);
                        if !questions.contains(&question) {
                            questions.push(question);
                        }
                    }
                    _ => unclear("it was not answered".to_owned(), Some(question)),
                },
                State::Unclear(question) => {
                    let why = match self.asked.get(question).and_then(|asked| asked.said.as_ref()) {
                        Some(Said::Broke(_, why) | Said::Strange(why) | Said::Nothing(why)) => why.clone(),
                        _ => "it was not answered".to_owned(),
                    };
                    unclear(why, Some(question));
                }
                State::Open | State::UnderWay => match unasked {
                    Unasked::Stopped(why) => unclear(why.clone(), None),
                    Unasked::Pointless => unclear("it was not asked".to_owned(), None),
                },
            }
        }
        sorted
    }

    fn suite_support(
        &self,
        place: usize,
        round: &Round,
        sorted: &Sorted,
        exchanges: &impl Fn(&[usize]) -> Vec<usize>,
        seen: &mut Observations,
    ) -> SuiteSupport {
        let named = |place: &usize| round.suite(*place).map(NamedSuite::from);
        let name_all = |places: &[usize]| places.iter().filter_map(named).collect::<Vec<_>>();
        for (suite, question) in &sorted.accepted {
            if let Some(suite) = named(suite) {
                seen.rests_on(&suite_key(round.version, &suite), &exchanges(&[*question]));
            }
        }
        for ((why, question), suites) in &sorted.unclear {
            let why = match suites.len() {
                1 => format!("{why}, for one suite"),
                many => format!("{why}, for {many} suites"),
            };
            seen.could_not_tell(&suites_key(round.version), &why, &exchanges(question.as_slice()));
        }
        let accepted: Vec<usize> = sorted.accepted.iter().map(|(suite, _)| *suite).collect();
        let (order, ranking, is_whole) = self.order_of(place, &accepted);
        let refused_by = sorted.refused.iter().map(|((kind, code), (suites, questions))| RefusedBy {
            kind: (*kind).to_owned(),
            code: *code,
            suites: suites.len(),
            because: exchanges(questions),
        });
        let refused_by: Vec<RefusedBy> = refused_by.collect();
        let mut refused: Vec<usize> = sorted.refused.values().flat_map(|(suites, _)| suites.clone()).collect();
        refused.sort_unstable();
        let mut inconclusive: Vec<usize> = sorted.unclear.values().flatten().copied().collect();
        inconclusive.sort_unstable();
        let first = refused_by.first();
        SuiteSupport {
            accepted: name_all(&ranking),
            refused: name_all(&refused),
            inconclusive: name_all(&inconclusive),
            refusal: first.filter(|one| refused_by.iter().all(|it| it.kind == one.kind)).map(|one| one.kind.clone()),
            order,
            order_is_whole: is_whole,
            refused_by,
            cipher_specs: Vec::new(),
        }
    }

    /// Whose order decides, the suites in it, and whether it is known from the first to the last.
    fn order_of(&self, place: usize, accepted: &[usize]) -> (Option<SuiteOrder>, Vec<usize>, Option<bool>) {
        if accepted.len() < 2 {
            return (None, accepted.to_vec(), None);
        }
        let trials = self.trials(place);
        match shown(&trials, accepted) {
            Shown::Server => {
                let ranking = Beaten::new(&trials, accepted).ranking(accepted);
                let (order, is_whole) = ranking
                    .map_or_else(|| (accepted.to_vec(), false), |ranking| (ranking.order, ranking.gaps.is_empty()));
                let order_kind =
                    if self.prefers_chacha20(place) { SuiteOrder::ServerChacha } else { SuiteOrder::Server };
                (Some(order_kind), order, Some(is_whole))
            }
            Shown::Client => (Some(SuiteOrder::Client), accepted.to_vec(), None),
            Shown::Either | Shown::Neither | Shown::Nothing => {
                (Some(SuiteOrder::Inconclusive), accepted.to_vec(), Some(false))
            }
        }
    }

    /// Whether `ChaCha20` was chosen where it came first in the hello, though the server's order has others before it.
    fn prefers_chacha20(&self, place: usize) -> bool {
        let asked = self.asked.iter().find(|asked| asked.round == place && asked.why == Why::ChaCha20First);
        asked.is_some_and(|asked| match (&asked.said, asked.suites.first()) {
            (Some(Said::Chose(chosen)), Some(first)) => chosen == first,
            _ => false,
        })
    }

    fn note_limit(&self, ids: &[Option<usize>], seen: &mut Observations) {
        let Some(Found { what, borne, refused }) = &self.ladder.found else { return };
        let (Some(answered), Some(not)) = (self.asked.get(*borne), self.asked.get(*refused)) else { return };
        let because = [*borne, *refused].iter().filter_map(|place| ids.get(*place).copied().flatten()).collect();
        seen.hello_limit = Some(HelloLimit {
            of: match what {
                What::Suites => HelloLimitKind::CipherSuites,
                What::Length => HelloLimitKind::Length,
                What::Extensions => HelloLimitKind::Extensions,
                What::SuitesOrLength => HelloLimitKind::CipherSuitesOrLength,
            },
            suites: answered.count,
            length: answered.length,
            refused_suites: not.count,
            refused_length: not.length,
            answer: match &not.said {
                Some(Said::Refused { kind, .. }) => (*kind).to_owned(),
                Some(Said::Nothing(why)) => why.clone(),
                _ => String::new(),
            },
            because,
        });
    }
}
