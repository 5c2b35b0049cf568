//! The sessions that a run's handshakes left, for later questions to resume. They hold secrets, so no report has them.

use std::collections::BTreeMap;

use crate::exchange::Kept;
use crate::question::Resume;

/// Sessions, by the number of the exchange that left them.
#[derive(Default)]
pub(super) struct Sessions(BTreeMap<usize, Kept>);

impl Sessions {
    pub(super) fn keep(&mut self, exchange: usize, kept: Kept) {
        self.0.insert(exchange, kept);
    }

    /// The session that a question wants resumed.
    pub(super) fn find(&self, resume: Resume) -> Option<&Kept> {
        self.0.get(&resume.exchange)
    }
}
