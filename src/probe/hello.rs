//! What one hello brings. The exchange itself is the answer.

use super::{Probe, Unasked};
use crate::observation::Observations;
use crate::outcome::Exchange;
use crate::question::{Hello, Question};

pub(super) struct OneHello {
    hello: Option<Hello>,
}

impl OneHello {
    pub(super) fn new(hello: Hello) -> Self {
        Self { hello: Some(hello) }
    }
}

impl Probe for OneHello {
    fn ask(&mut self, _: &[Exchange]) -> Vec<Question> {
        let question = |hello| Question { purpose: "hello".to_owned(), hello };
        self.hello.take().map(question).into_iter().collect()
    }

    fn read(&self, _: &[Exchange], _: &Unasked, _: &mut Observations) {}
}
