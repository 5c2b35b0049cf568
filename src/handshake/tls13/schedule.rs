//! The secrets of one TLS 1.3 connection, station by station with its transcript (RFC 8446 §7.1), and their log.

use super::super::Stopped;
use super::super::link::Link;
use crate::crypto::hash::{Digest, HashAlgorithm, RunningHash};
use crate::crypto::key_schedule::{EarlySecret, HandshakeSecret, ResumptionSecret, TrafficSecret};
use crate::crypto::record_protection::RecordProtection;
use crate::registry::{CipherSuite, ProtocolVersion};

/// The transcript and the secrets of the handshake.
pub(super) struct Schedule {
    suite: CipherSuite,
    client_random: [u8; 32],
    transcript: RunningHash,
    handshake: HandshakeSecret,
    client: TrafficSecret,
    server: TrafficSecret,
}

/// The secrets of the application data.
pub(super) struct Application {
    pub(super) client: TrafficSecret,
    pub(super) server: TrafficSecret,
}

impl Schedule {
    /// Behind the ServerHello, with which the transcript ends.
    pub(super) fn new(
        suite: CipherSuite,
        hash: HashAlgorithm,
        client_random: [u8; 32],
        transcript: RunningHash,
        psk: Option<&[u8]>,
        shared_secret: Option<&[u8]>,
        link: &mut Link,
    ) -> Self {
        let handshake = EarlySecret::new(hash, psk).handshake_secret(shared_secret);
        let current = transcript.clone().finish();
        let client = handshake.client_traffic_secret(&current);
        let server = handshake.server_traffic_secret(&current);
        link.log_key("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &client_random, client.expose());
        link.log_key("SERVER_HANDSHAKE_TRAFFIC_SECRET", &client_random, server.expose());
        Self { suite, client_random, transcript, handshake, client, server }
    }

    /// Adds a message of either side.
    pub(super) fn add(&mut self, message: &[u8]) {
        self.transcript.update(message);
    }

    /// The transcript so far; more may follow.
    pub(super) fn current(&self) -> Digest {
        self.transcript.clone().finish()
    }

    /// What the server's Finished has to hold now.
    pub(super) fn server_finished(&self) -> Digest {
        self.server.finished(&self.current())
    }

    /// What our Finished has to hold now.
    pub(super) fn client_finished(&self) -> Digest {
        self.client.finished(&self.current())
    }

    /// The keys of the server's flight.
    pub(super) fn opener(&self) -> Result<RecordProtection, Stopped> {
        protection(&self.server, self.suite)
    }

    /// The keys of ours.
    pub(super) fn sealer(&self) -> Result<RecordProtection, Stopped> {
        protection(&self.client, self.suite)
    }

    /// What protects application data; the transcript has come to the server's Finished.
    pub(super) fn application(&self, link: &mut Link) -> Application {
        let master_secret = self.handshake.master_secret();
        let current = self.current();
        let client = master_secret.client_traffic_secret(&current);
        let server = master_secret.server_traffic_secret(&current);
        link.log_key("CLIENT_TRAFFIC_SECRET_0", &self.client_random, client.expose());
        link.log_key("SERVER_TRAFFIC_SECRET_0", &self.client_random, server.expose());
        let exporter = master_secret.exporter_secret(&current);
        link.log_key("EXPORTER_SECRET", &self.client_random, exporter.expose());
        Application { client, server }
    }

    /// What tickets are made from; the transcript has come to our Finished.
    pub(super) fn resumption(&self) -> ResumptionSecret {
        self.handshake.master_secret().resumption_secret(&self.current())
    }

    /// A transcript of its own, which goes on from here (RFC 8446 §4.4).
    pub(super) fn fork(&self) -> RunningHash {
        self.transcript.clone()
    }
}

/// The keys that follow from a traffic secret.
pub(super) fn protection(secret: &TrafficSecret, suite: CipherSuite) -> Result<RecordProtection, Stopped> {
    let keys = secret.keys(suite);
    keys.and_then(|keys| RecordProtection::new(suite, ProtocolVersion::TLS1_3, &keys, false))
        .ok_or(Stopped::Unable("the cipher of this suite is not known here"))
}
