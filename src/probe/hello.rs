//! What one question brings. The exchange itself is the answer.

use super::{Answers, Probe, Unasked};
use crate::observation::Observations;
use crate::question::Question;

pub(super) struct OneHello {
    question: Question,
}

impl OneHello {
    pub(super) fn new(question: Question) -> Self {
        Self { question }
    }
}

impl Probe for OneHello {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() { vec![self.question.clone()] } else { Vec::new() }
    }

    fn read(&self, _: &Answers<'_>, _: &Unasked, _: &mut Observations) {}
}
