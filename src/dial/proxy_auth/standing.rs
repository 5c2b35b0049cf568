//! What a run knows of its credentials at one proxy, so that wrong ones are shown once and not once for each question.

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::dial::Failure;
use crate::dial::talk::at_proxy;
use crate::outcome::{Answer, milliseconds};

/// How the credentials were taken so far.
#[derive(Debug, Default)]
pub(in crate::dial) struct Standing(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    accepted: bool,
    /// The schemes by which they were refused, and by whom.
    refused: Vec<(&'static str, String)>,
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
    refused: Vec<(&'static str, String)>,
}

impl Turn<'_> {
    /// Why this scheme is not to be tried again, if it is not.
    pub(in crate::dial) fn refusal(&self, scheme: &str) -> Option<String> {
        self.refused.iter().find(|(refused, _)| *refused == scheme).map(|(_, why)| why.clone())
    }

    /// The proxy took them.
    pub(in crate::dial) fn accepted(&mut self) {
        if let Some(mut known) = self.holds.take() {
            known.accepted = true;
        }
    }

    /// They were refused by this scheme: nobody is to try it again.
    pub(in crate::dial) async fn refused(&mut self, scheme: &'static str, why: &str) {
        let refusal = (scheme, why.to_owned());
        match &mut self.holds {
            Some(known) => known.refused.push(refusal.clone()),
            None => self.standing.0.lock().await.refused.push(refusal.clone()),
        }
        self.refused.push(refusal);
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
        first.refused("basic", "the proxy said no").await;
        drop(first);
        let second = turn(&standing).await.unwrap();
        assert_eq!(second.refusal("basic").as_deref(), Some("the proxy said no"));
        assert_eq!(second.refusal("digest"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_after_they_were_accepted_counts_too() {
        let standing = Standing::default();
        turn(&standing).await.unwrap().accepted();
        let mut second = turn(&standing).await.unwrap();
        second.refused("ntlm", "the proxy said no").await;
        assert!(turn(&standing).await.unwrap().refusal("ntlm").is_some());
    }
}
