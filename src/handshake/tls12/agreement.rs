//! What one handshake of TLS 1.0 to 1.2 agrees on: its transcript, its master secret and the keys that follow.

use std::time::Duration;

use super::super::{Session, Stopped};
use crate::crypto::prf::{HandshakeHash, MasterSecret, Prf, Side, VerifyData};
use crate::crypto::record_protection::{ConnectionKeys, DirectionKeys, RecordProtection};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};
use crate::wire::handshake::{ClientHello, NewSessionTicket, ServerHello};

/// The secrets of a handshake in progress, as far as they are known.
pub(super) struct Agreement {
    prf: Prf,
    pub(super) version: ProtocolVersion,
    pub(super) suite: CipherSuite,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    /// Whether both sides bind the master secret to the handshake (RFC 7627 §5.2).
    pub(super) extended_master_secret: bool,
    encrypt_then_mac: bool,
    hash: HandshakeHash,
    /// The messages themselves, which a client's signature covers (RFC 5246 §7.4.8).
    messages: Option<Vec<u8>>,
    /// All zeros until it is known.
    pub(super) master_secret: MasterSecret,
}

/// The keys of both directions.
pub(super) struct Keys {
    pub(super) opener: RecordProtection,
    pub(super) sealer: RecordProtection,
}

impl Agreement {
    /// After the hellos. `signs` says that the messages will be needed as they are.
    pub(super) fn new(sent: &(Vec<u8>, ClientHello), server_hello: &ServerHello, signs: bool) -> Result<Self, Stopped> {
        let (message, hello) = sent;
        let (version, suite) = (server_hello.negotiated_version(), server_hello.cipher_suite);
        let says = |extension| server_hello.extensions.as_ref().is_some_and(|all| all.find(extension).is_some());
        let prf =
            Prf::of(suite, version).ok_or(Stopped::Unable("no key derivation is known for this version and suite"))?;
        let mut agreement = Self {
            prf,
            version,
            suite,
            client_random: hello.random,
            server_random: server_hello.random,
            extended_master_secret: says(ExtensionType::EXTENDED_MASTER_SECRET),
            encrypt_then_mac: says(ExtensionType::ENCRYPT_THEN_MAC),
            hash: prf.handshake_hash(),
            messages: signs.then(Vec::new),
            master_secret: MasterSecret::new([0; 48]),
        };
        agreement.add(message);
        Ok(agreement)
    }

    /// Adds a message of either side.
    pub(super) fn add(&mut self, message: &[u8]) {
        self.hash.update(message);
        if let Some(messages) = &mut self.messages {
            messages.extend_from_slice(message);
        }
    }

    /// All messages so far.
    pub(super) fn messages(&self) -> &[u8] {
        self.messages.as_deref().unwrap_or_default()
    }

    /// The master secret of a full handshake; the transcript has come to the ClientKeyExchange.
    pub(super) fn derive(&mut self, pre_master_secret: &[u8]) {
        self.master_secret = if self.extended_master_secret {
            self.prf.extended_master_secret(pre_master_secret, &self.hash.current())
        } else {
            self.prf.master_secret(pre_master_secret, &self.client_random, &self.server_random)
        };
    }

    /// The keys that follow from the master secret.
    pub(super) fn keys(&self) -> Result<Keys, Stopped> {
        let derive = || {
            let randoms = (&self.client_random, &self.server_random);
            let keys = ConnectionKeys::derive(self.suite, self.version, &self.master_secret, randoms.0, randoms.1)?;
            let protect =
                |keys: &DirectionKeys| RecordProtection::new(self.suite, self.version, keys, self.encrypt_then_mac);
            Some(Keys { opener: protect(&keys.server)?, sealer: protect(&keys.client)? })
        };
        derive().ok_or(Stopped::Unable("the cipher of this suite is not known here"))
    }

    /// What the Finished of that side has to hold now.
    pub(super) fn verify_data(&self, sender: Side) -> VerifyData {
        self.prf.verify_data(&self.master_secret, sender, &self.hash.current())
    }

    /// Goes on with the master secret of an earlier session (RFC 5246 §F.1.4).
    pub(super) fn resume(&mut self, session: &Session) {
        self.master_secret.clone_from(&session.master_secret);
        // Whatever the hellos say now, that secret was bound to its handshake or not (RFC 7627 §5.3).
        self.extended_master_secret = session.extended_master_secret;
    }

    /// What a later hello can resume.
    pub(super) fn session(&self, session_id: Vec<u8>, ticket: Option<NewSessionTicket>) -> Session {
        let ticket = ticket.filter(|ticket| !ticket.ticket.is_empty());
        Session {
            version: self.version,
            cipher_suite: self.suite,
            session_id,
            lifetime_hint: Duration::from_secs(ticket.as_ref().map_or(0, |ticket| ticket.lifetime_hint.into())),
            ticket: ticket.map(|ticket| ticket.ticket),
            extended_master_secret: self.extended_master_secret,
            master_secret: self.master_secret.clone(),
        }
    }
}
