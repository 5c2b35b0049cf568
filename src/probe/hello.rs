//! What one hello brings. The exchange itself is the answer.

use super::{Answers, Probe, Unasked};
use crate::observation::Observations;
use crate::question::{Hello, Question};

pub(super) struct OneHello {
    hello: Hello,
    finish: bool,
}

impl OneHello {
    pub(super) fn new(hello: Hello, finish: bool) -> Self {
        Self { hello, finish }
    }
}

impl Probe for OneHello {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let question = || Question { finish: self.finish, ..Question::new("hello", self.hello.clone()) };
        if answers.is_empty() { vec![question()] } else { Vec::new() }
    }

    fn read(&self, _: &Answers<'_>, _: &Unasked, _: &mut Observations) {}
}
