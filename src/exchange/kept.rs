//! What a handshake left for a later one to resume, secrets and all.

use tokio::time::Instant;

use super::Learned;
use crate::handshake::{PskSession, Session, offer_psk};
use crate::question::ResumeBy;
use crate::wire::handshake::ClientHello;

/// What one handshake left.
#[derive(Clone)]
pub struct Kept {
    session: Option<Box<Session>>,
    /// Its last ticket: of several, no other is needed.
    ticket: Option<PskSession>,
    at: Instant,
}

impl Kept {
    /// What was learned just now, if there is anything to resume.
    pub fn of(learned: &Learned) -> Option<Self> {
        let (session, ticket) = (learned.session.clone(), learned.tickets.last().cloned());
        (session.is_some() || ticket.is_some()).then(|| Self { session, ticket, at: Instant::now() })
    }

    /// Names the session in a hello; a session that is not there is not named.
    pub fn offer(&self, by: ResumeBy, hello: &mut ClientHello) {
        match (by, &self.session, &self.ticket) {
            (ResumeBy::SessionId, Some(session), _) => session.offer_by_id(hello),
            (ResumeBy::Ticket, Some(session), _) => session.offer_by_ticket(hello),
            (ResumeBy::Psk, _, Some(ticket)) => offer_psk(hello, ticket, self.at.elapsed()),
            _ => {}
        }
    }

    /// What to name it by, as a client does that has the choice.
    pub fn named_by(&self) -> Option<ResumeBy> {
        match (&self.session, &self.ticket) {
            (Some(session), _) if session.ticket.is_some() => Some(ResumeBy::Ticket),
            (Some(session), _) => (!session.session_id.is_empty()).then_some(ResumeBy::SessionId),
            (None, Some(_)) => Some(ResumeBy::Psk),
            (None, None) => None,
        }
    }

    /// What a client has to know to go on from the session.
    pub fn sessions(&self) -> (Option<Box<Session>>, Option<Box<PskSession>>) {
        (self.session.clone(), self.ticket.clone().map(Box::new))
    }
}
