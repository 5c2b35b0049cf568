//! What is under way at the same time. In a run over a list that is mostly one question.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// Futures, whose outputs come when they are ready; of those that are ready together, the first that was alone comes first.
///
/// One by itself is polled where it is, whoever woke the task. Those beside it are told apart by wakers of their own, which
/// are made when there is a second one: with thousands of runs at a time they are much of what each has to remember.
pub(super) struct UnderWay<F> {
    lone: Option<F>,
    others: Option<FuturesUnordered<F>>,
}

impl<F: Future + Unpin> UnderWay<F> {
    pub(super) fn new() -> Self {
        Self { lone: None, others: None }
    }

    pub(super) fn push(&mut self, future: F) {
        if self.is_empty() {
            self.lone = Some(future);
        } else {
            self.others.get_or_insert_default().push(future);
        }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.lone.is_some()) + self.others.as_ref().map_or(0, FuturesUnordered::len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next output; waits for ever where nothing is under way.
    pub(super) async fn next(&mut self) -> F::Output {
        poll_fn(|context| {
            if let Some(lone) = &mut self.lone
                && let Poll::Ready(output) = Pin::new(lone).poll(context)
            {
                self.lone = None;
                return Poll::Ready(output);
            }
            match self.others.as_mut().map(|others| others.poll_next_unpin(context)) {
                Some(Poll::Ready(Some(output))) => Poll::Ready(output),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after(seconds: u64) -> Pin<Box<dyn Future<Output = u64>>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            seconds
        })
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_ready_first_comes_first() {
        let mut under_way = UnderWay::new();
        let mut came = Vec::new();
        for seconds in [5, 1, 9, 3] {
            under_way.push(after(seconds));
        }
        assert_eq!(under_way.len(), 4);
        while !under_way.is_empty() {
            came.push(under_way.next().await);
            if came.len() == 3 {
                // The lone one is gone by now, and one beside it is left.
                under_way.push(after(1));
            }
        }
        assert_eq!(came, [1, 3, 5, 1, 9]);
        under_way.push(after(0));
        under_way.push(after(0));
        assert_eq!((under_way.next().await, under_way.next().await), (0, 0), "both were ready at once");
        under_way.push(after(2));
        assert_eq!((under_way.len(), under_way.next().await, under_way.len()), (1, 2, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_under_way_is_waited_for_for_ever() {
        let mut nothing = UnderWay::<Pin<Box<dyn Future<Output = u64>>>>::new();
        let wait = Duration::from_mins(1);
        assert!(tokio::time::timeout(wait, nothing.next()).await.is_err());
    }
}
