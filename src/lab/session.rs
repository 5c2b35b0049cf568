//! What a scripted server remembers of the sessions it can resume, up to a bound.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::crypto::hash::Digest;
use crate::crypto::prf::MasterSecret;
use crate::registry::{CipherSuite, ProtocolVersion};

/// A session up to TLS 1.2, or the key of a ticket of TLS 1.3.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    pub(super) secret: SessionSecret,
}

#[derive(Clone)]
pub(super) enum SessionSecret {
    Tls12 { master_secret: MasterSecret, extended: bool },
    Tls13 { psk: Digest },
}

/// The sessions of one endpoint by what clients name them with: session ids and tickets alike. Tickets are names here:
/// that a real one has the session in it shows to nobody.
#[derive(Default)]
pub(super) struct Sessions(Mutex<VecDeque<(Vec<u8>, Session)>>);

/// The most that is remembered; the oldest goes first.
const MAX_SESSIONS: usize = 1024;

impl Sessions {
    pub(super) fn keep(&self, name: Vec<u8>, session: Session) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() == MAX_SESSIONS {
            sessions.pop_front();
        }
        sessions.push_back((name, session));
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<Session> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.iter().find(|(known, _)| known == name).map(|(_, session)| session.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_session_is_forgotten_first() {
        let session = |number| Session {
            version: ProtocolVersion::TLS1_2,
            cipher_suite: CipherSuite(number),
            secret: SessionSecret::Tls12 { master_secret: MasterSecret::new([0; 48]), extended: true },
        };
        let sessions = Sessions::default();
        for number in 0..=1024_u16 {
            sessions.keep(number.to_be_bytes().to_vec(), session(number));
        }
        assert!(sessions.find(&[0, 0]).is_none());
        assert_eq!(sessions.find(&[4, 0]).unwrap().cipher_suite, CipherSuite(1024));
    }
}
