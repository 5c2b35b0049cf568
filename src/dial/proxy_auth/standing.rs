//! What a run knows of its credentials at one proxy, so that wrong ones are shown once and not once for each question.

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::dial::Failure;
use crate::dial::talk::at_proxy;
use crate::outcome::Answer;
use crate::outcome::milliseconds;

/// How the credentials were taken so far.
#[derive(Debug, Default)]
pub(in crate::dial) struct Standing(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    accepted: bool,
    /// The schemes by which they were refused.
    refused: Vec<&'static str>,
}

impl Standing {
    /// Waits for a turn to show the credentials. Until the proxy has accepted them there is one turn at a time:
    /// connections that are opened together would else lock an account before the first of them hears of a refusal.
    pub(in crate::dial) async fn turn(&self, deadline: Instant) -> Result<Turn<'_>, Failure> {
        let start = Instant::now();
        let Ok(known) = timeout_at(deadline, self.0.lock()).await else {
            let waiting_for = "the proxy's word on our credentials on another connection".to_owned();
            let after_ms = milliseconds(start.elapsed());
            return Err(at_proxy(Answer::Timeout { waiting_for, received_bytes: 0, after_ms, tcp: None }));
        };
        let refused = known.refused.clone();
        let holds = (!known.accepted).then_some(known);
        Ok(Turn { standing: self, holds, refused })
    }
}

/// A turn to show the credentials; it ends when it is dropped, or they are accepted.
#[derive(Debug)]
pub(in crate::dial) struct Turn<'a> {
    standing: &'a Standing,
    holds: Option<MutexGuard<'a, Known>>,
    refused: Vec<&'static str>,
}

impl Turn<'_> {
    /// Whether they were refused by this scheme already.
    pub(in crate::dial) fn was_refused(&self, scheme: &str) -> bool {
        self.refused.contains(&scheme)
    }

    /// The proxy took them.
    pub(in crate::dial) fn accepted(&mut self) {
        if let Some(mut known) = self.holds.take() {
            known.accepted = true;
        }
    }

    /// The proxy refused them by this scheme: nobody is to try it again.
    pub(in crate::dial) async fn refused(&mut self, scheme: &'static str) {
        self.refused.push(scheme);
        match &mut self.holds {
            Some(known) => known.refused.push(scheme),
            None => self.standing.0.lock().await.refused.push(scheme),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn turn(standing: &Standing) -> Option<Turn<'_>> {
        standing.turn(Instant::now() + Duration::from_secs(1)).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn one_turn_at_a_time_until_they_are_accepted() {
        let standing = Standing::default();
        let mut first = turn(&standing).await.unwrap();
        assert!(turn(&standing).await.is_none(), "the deadline ends the wait");
        first.accepted();
        let _second = turn(&standing).await.unwrap();
        let _third = turn(&standing).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_known_to_the_next_one() {
        let standing = Standing::default();
        let mut first = turn(&standing).await.unwrap();
        first.refused("basic").await;
        drop(first);
        let second = turn(&standing).await.unwrap();
        assert!(second.was_refused("basic") && !second.was_refused("digest"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_after_they_were_accepted_counts_too() {
        let standing = Standing::default();
        turn(&standing).await.unwrap().accepted();
        let mut second = turn(&standing).await.unwrap();
        second.refused("ntlm").await;
        assert!(turn(&standing).await.unwrap().was_refused("ntlm"));
    }
}
