//! What a later hello can resume. It holds secrets, so it has no text form and is wiped when dropped.

use std::fmt;
use std::time::Duration;

use crate::crypto::hash::Digest;
use crate::crypto::prf::MasterSecret;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::wire::extension::Extension;
use crate::wire::handshake::{ClientHello, SessionId};

/// A session of TLS 1.2 or older (RFC 5246 §7.3, RFC 5077).
#[derive(Clone)]
pub struct Session {
    /// Its version.
    pub version: ProtocolVersion,
    /// Its suite.
    pub cipher_suite: CipherSuite,
    /// The id the server gave it; empty if it is not to be resumed by one.
    pub session_id: Vec<u8>,
    /// The ticket that the server gave it, if it did.
    pub ticket: Option<Vec<u8>>,
    /// How long the server means to take the ticket; zero where it does not say.
    pub lifetime_hint: Duration,
    /// Whether its master secret is bound to its handshake (RFC 7627).
    pub extended_master_secret: bool,
    pub(super) master_secret: MasterSecret,
}

/// A session of TLS 1.3, as one ticket carries it on (RFC 8446 §4.6.1).
#[derive(Clone)]
pub struct PskSession {
    /// Its suite: the hash of a later one must be the same.
    pub cipher_suite: CipherSuite,
    /// The ticket, which is the PSK's identity.
    pub ticket: Vec<u8>,
    /// How long the server means to take it.
    pub lifetime: Duration,
    /// What hides the ticket's age.
    pub age_add: u32,
    /// How many bytes of early data it allows.
    pub max_early_data: u32,
    pub(super) psk: Digest,
}

impl Session {
    /// Asks in a hello for this session by its id (RFC 5246 §7.3). A ticket in the hello is emptied, for it would count
    /// before the id.
    pub fn offer_by_id(&self, hello: &mut ClientHello) {
        hello.session_id = SessionId(self.session_id.clone());
        put_ticket(hello, Vec::clear);
    }

    /// Asks in a hello for this session by its ticket (RFC 5077 §3.4), if it has one. The session id stays: where it is
    /// not empty, a server that takes the ticket sends it back.
    pub fn offer_by_ticket(&self, hello: &mut ClientHello) {
        let Some(ours) = &self.ticket else { return };
        let has_place = put_ticket(hello, |ticket| ticket.clone_from(ours));
        if !has_place {
            hello.extensions.get_or_insert_default().0.push(Extension::SessionTicket(ours.clone()));
        }
    }
}

/// Changes the ticket in a hello. False if there is no place for one.
fn put_ticket(hello: &mut ClientHello, change: impl FnOnce(&mut Vec<u8>)) -> bool {
    let mut extensions = hello.extensions.iter_mut().flat_map(|all| &mut all.0);
    let ticket = extensions.find_map(|extension| match extension {
        Extension::SessionTicket(ticket) => Some(ticket),
        _ => None,
    });
    ticket.map(change).is_some()
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("version", &self.version)
            .field("cipher_suite", &self.cipher_suite)
            .field("extended_master_secret", &self.extended_master_secret)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PskSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PskSession")
            .field("cipher_suite", &self.cipher_suite)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
