//! The sessions that a run's handshakes left, for later questions to resume. They hold secrets, so no report has them.

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::exchange::{Learned, PskSession, Session, offer_psk};
use crate::question::{Resume, ResumeBy};
use crate::wire::handshake::ClientHello;

/// Sessions, by the number of the exchange that left them.
#[derive(Default)]
pub(super) struct Sessions(BTreeMap<usize, Kept>);

/// What one handshake left.
#[derive(Clone)]
pub(super) struct Kept {
    session: Option<Box<Session>>,
    /// Its last ticket: of several, no other is needed.
    ticket: Option<PskSession>,
    at: Instant,
}

impl Kept {
    /// What was learned just now, if there is anything to resume.
    pub(super) fn of(learned: &Learned) -> Option<Self> {
        let (session, ticket) = (learned.session.clone(), learned.tickets.last().cloned());
        (session.is_some() || ticket.is_some()).then(|| Self { session, ticket, at: Instant::now() })
    }

    /// Names the session in a hello; a session that is not there is not named.
    pub(super) fn offer(&self, by: ResumeBy, hello: &mut ClientHello) {
        match (by, &self.session, &self.ticket) {
            (ResumeBy::SessionId, Some(session), _) => session.offer_by_id(hello),
            (ResumeBy::Ticket, Some(session), _) => session.offer_by_ticket(hello),
            (ResumeBy::Psk, _, Some(ticket)) => offer_psk(hello, ticket, self.at.elapsed()),
            _ => {}
        }
    }

    /// What a client has to know to go on from the session.
    pub(super) fn into_sessions(self) -> (Option<Session>, Option<PskSession>) {
        (self.session.map(|session| *session), self.ticket)
    }
}

impl Sessions {
    pub(super) fn keep(&mut self, exchange: usize, kept: Kept) {
        self.0.insert(exchange, kept);
    }

    /// The session that a question wants resumed.
    pub(super) fn find(&self, resume: Resume) -> Option<Kept> {
        self.0.get(&resume.exchange).cloned()
    }
}
