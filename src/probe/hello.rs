//! What one question brings. The exchange itself is the answer.

use std::sync::Arc;

use super::{Answers, Probe, Unasked};
use crate::observation::Observations;
use crate::question::Question;

pub(super) struct OneHello {
    question: Arc<Question>,
}

impl OneHello {
    pub(super) fn new(question: Arc<Question>) -> Self {
        Self { question }
    }
}

impl Probe for OneHello {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        self.ask_shared(answers).into_iter().map(Arc::unwrap_or_clone).collect()
    }

    fn ask_shared(&self, answers: &Answers<'_>) -> Vec<Arc<Question>> {
        if answers.is_empty() { vec![Arc::clone(&self.question)] } else { Vec::new() }
    }

    fn read(&self, _: &Answers<'_>, _: &Unasked, _: &mut Observations) {}
}
