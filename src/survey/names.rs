//! Names that were looked up a moment ago, for a run over many targets that share them.
//!
//! Those who ask for a name while it is being looked up wait for that answer. An answer is good for a minute: of its own
//! time to live the resolver does not tell. What a resolver could not tell is asked again.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::dial::{Failure, Families};
use crate::outcome::{Answer, Outcome};

/// How long an answer is good for.
const GOOD_FOR: Duration = Duration::from_mins(1);

/// Names of one generation; there are two, and the older one goes when the younger is full.
const GENERATION: usize = 8192;

/// What is known of names.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    younger: HashMap<Key, Known>,
    older: HashMap<Key, Known>,
}

type Key = (String, Families);

/// An answer that is there, or on its way.
#[derive(Clone, Debug)]
struct Known {
    asked: Instant,
    answer: Arc<OnceCell<Result<Vec<IpAddr>, Outcome>>>,
}

impl Names {
    /// The addresses of a name: known, or looked up.
    pub(super) async fn addresses<F>(
        &self,
        name: &str,
        families: Families,
        look_up: impl FnOnce() -> F,
    ) -> Result<Vec<IpAddr>, Failure>
    where
        F: Future<Output = Result<Vec<IpAddr>, Failure>>,
    {
        let answer = self.known((name.to_owned(), families)).answer;
        let found = answer.get_or_try_init(|| async {
            match look_up().await {
                Ok(addresses) => Ok(Ok(addresses)),
                Err(Failure::Ended(outcome)) if is_about_the_name(&outcome) => Ok(Err(outcome)),
                Err(other) => Err(other),
            }
        });
        found.await?.clone().map_err(Failure::Ended)
    }

    fn known(&self, key: Key) -> Known {
        let now = Instant::now();
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { younger, older } = &mut *generations;
        let is_good = |known: &&Known| now.duration_since(known.asked) < GOOD_FOR;
        if let Some(known) = younger.get(&key).or_else(|| older.get(&key)).filter(is_good) {
            return known.clone();
        }
        if younger.len() >= GENERATION {
            *older = std::mem::take(younger);
        }
        let new = Known { asked: now, answer: Arc::default() };
        younger.insert(key, new.clone());
        new
    }
}

fn is_about_the_name(outcome: &Outcome) -> bool {
    matches!(outcome.answer, Answer::NameNotResolved { reason } if reason.is_about_the_name())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::outcome::{ResolveFailure, Stage};

    async fn ask(names: &Names, name: &str, asked: &AtomicUsize, answer: Result<&str, ResolveFailure>) -> String {
        let look_up = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
            match answer {
                Ok(address) => Ok(vec![address.parse().unwrap()]),
                Err(reason) => Err(Outcome::new(Stage::Resolve, Answer::NameNotResolved { reason }).into()),
            }
        };
        match names.addresses(name, Families::Any, look_up).await {
            Ok(addresses) => addresses[0].to_string(),
            Err(Failure::Ended(outcome)) => outcome.answer.kind().to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_is_looked_up_once_for_all_who_ask_within_a_minute() {
        let (names, asked) = (Names::default(), AtomicUsize::new(0));
        let both = tokio::join!(
            ask(&names, "a.example", &asked, Ok("192.0.2.1")),
            ask(&names, "a.example", &asked, Ok("192.0.2.2")),
        );
        assert_eq!((both.0.as_str(), both.1.as_str()), ("192.0.2.1", "192.0.2.1"));
        ask(&names, "b.example", &asked, Err(ResolveFailure::Nxdomain)).await;
        assert_eq!(ask(&names, "b.example", &asked, Ok("192.0.2.3")).await, "name_not_resolved");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        tokio::time::sleep(GOOD_FOR).await;
        assert_eq!(ask(&names, "a.example", &asked, Ok("192.0.2.4")).await, "192.0.2.4");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_resolver_could_not_tell_is_asked_again() {
        let (names, asked) = (Names::default(), AtomicUsize::new(0));
        for failure in [ResolveFailure::Timeout, ResolveFailure::ServerFailure] {
            assert_eq!(ask(&names, "a.example", &asked, Err(failure)).await, "name_not_resolved");
        }
        assert_eq!(ask(&names, "a.example", &asked, Ok("192.0.2.1")).await, "192.0.2.1");
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_whatever_the_number_of_names() {
        let names = Names::default();
        for number in 0..5 * GENERATION {
            names.known((format!("h{number}"), Families::Any));
        }
        let generations = names.0.lock().unwrap();
        assert!(generations.younger.len() + generations.older.len() <= 2 * GENERATION);
    }
}
