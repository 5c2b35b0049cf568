//! What is told of the hellos that are sent.

use std::cell::RefCell;
use std::sync::Arc;

use crate::offer::OfferSummary;
use crate::question::Question;

thread_local! {
    static LAST: RefCell<Option<Offered>> = const { RefCell::new(None) };
}

/// A question that was asked, and what was told of its hello.
struct Offered {
    question: Arc<Question>,
    /// The name that stood in it.
    name: Option<String>,
    summary: Arc<OfferSummary>,
}

/// What is told of a question's hello under this name; `of_hello` finds it out. The last one is remembered: a run over a list
/// asks of all targets the same question, and only what is new on each connection differs, of which nothing is told.
pub(super) fn offered(
    question: &Arc<Question>,
    name: Option<&str>,
    of_hello: impl FnOnce() -> OfferSummary,
) -> Arc<OfferSummary> {
    LAST.with_borrow_mut(|last| {
        if let Some(last) = last.as_ref()
            && Arc::ptr_eq(&last.question, question)
            && last.name.as_deref() == name
        {
            return Arc::clone(&last.summary);
        }
        let summary = Arc::new(of_hello());
        let (question, name) = (Arc::clone(question), name.map(str::to_owned));
        *last = Some(Offered { question, name, summary: Arc::clone(&summary) });
        summary
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::Offer;
    use crate::question::Hello;

    #[test]
    fn the_same_question_under_the_same_name_is_summed_up_once() {
        let question = || Arc::new(Question::new("hello", Hello::Built(Offer::modern())));
        let (one, other) = (question(), question());
        let told =
            |question, name, length| offered(question, name, || OfferSummary { length, ..OfferSummary::default() });
        let first = told(&one, Some("a.test"), 1);
        assert!(Arc::ptr_eq(&first, &told(&one, Some("a.test"), 2)));
        assert_eq!(told(&one, Some("b.test"), 3).length, 3, "another name");
        assert_eq!(told(&one, None, 4).length, 4, "none");
        assert_eq!(told(&other, None, 5).length, 5, "another question");
        assert_eq!(told(&one, None, 6).length, 6, "the last one is remembered");
    }
}
