//! The key schedule of TLS 1.3 (RFC 8446 §7.1): one secret after another, and what is derived from each.
//!
//! The types are the stations of the schedule and can be reached in its order alone: [`EarlySecret`],
//! [`HandshakeSecret`], [`MasterSecret`]. A `transcript_hash` is that of all messages up to the one the RFC names.

use hkdf::Hkdf;
use zeroize::Zeroizing;

use super::hash::{Digest, HashAlgorithm, with_hash};
use super::record_protection::{DirectionKeys, KeyLengths};
use crate::registry::{CipherSuite, PrfHash, ProtocolVersion};

/// The hash function that a suite of TLS 1.3 goes with, or `None` where it is no such suite.
pub fn suite_hash(suite: CipherSuite) -> Option<HashAlgorithm> {
    let info = suite.info().filter(|info| info.versions.contains(ProtocolVersion::TLS1_3))?;
    match info.prf_hash {
        PrfHash::Sha256 => Some(HashAlgorithm::Sha256),
        PrfHash::Sha384 => Some(HashAlgorithm::Sha384),
        _ => None,
    }
}

/// Where a pre-shared key comes from, which its binder says (RFC 8446 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskOrigin {
    /// Both sides were given it.
    External,
    /// A ticket of an earlier connection.
    Resumption,
}

/// The first station: a pre-shared key, or none.
#[derive(Clone)]
pub struct EarlySecret(Secret);

impl EarlySecret {
    /// Begins the schedule.
    pub fn new(hash: HashAlgorithm, psk: Option<&[u8]>) -> Self {
        Self(Secret::extract(hash, &[], psk))
    }

    /// `binder_key`, whose [`finished`](TrafficSecret::finished) over the hello up to its binders is the binder
    /// (RFC 8446 §4.2.11.2).
    pub fn binder_key(&self, origin: PskOrigin) -> TrafficSecret {
        let label: &[u8] = match origin {
            PskOrigin::External => b"ext binder",
            PskOrigin::Resumption => b"res binder",
        };
        TrafficSecret(self.0.derive(label, &self.0.hash.digest(&[])))
    }

    /// `client_early_traffic_secret`, over the ClientHello.
    pub fn client_early_traffic_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"c e traffic", transcript_hash))
    }

    /// The next station, by the secret that the key shares give: none in `psk_ke`.
    pub fn handshake_secret(&self, shared_secret: Option<&[u8]>) -> HandshakeSecret {
        HandshakeSecret(self.0.next(shared_secret))
    }
}

/// The second station: a secret both sides have agreed on.
#[derive(Clone)]
pub struct HandshakeSecret(Secret);

impl HandshakeSecret {
    /// `client_handshake_traffic_secret`, over all up to the ServerHello.
    pub fn client_traffic_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"c hs traffic", transcript_hash))
    }

    /// `server_handshake_traffic_secret`, over all up to the ServerHello.
    pub fn server_traffic_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"s hs traffic", transcript_hash))
    }

    /// The last station.
    pub fn master_secret(&self) -> MasterSecret {
        MasterSecret(self.0.next(None))
    }
}

/// The third station, from which application data is protected.
#[derive(Clone)]
pub struct MasterSecret(Secret);

impl MasterSecret {
    /// `client_application_traffic_secret_0`, over all up to the server's Finished.
    pub fn client_traffic_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"c ap traffic", transcript_hash))
    }

    /// `server_application_traffic_secret_0`, over all up to the server's Finished.
    pub fn server_traffic_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"s ap traffic", transcript_hash))
    }

    /// `exporter_master_secret`, over all up to the server's Finished: a line of the NSS key log.
    pub fn exporter_secret(&self, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret(self.0.derive(b"exp master", transcript_hash))
    }

    /// `resumption_master_secret`, over all up to the client's Finished.
    pub fn resumption_secret(&self, transcript_hash: &[u8]) -> ResumptionSecret {
        ResumptionSecret(self.0.derive(b"res master", transcript_hash))
    }
}

/// A secret of one direction, or one that signs a Finished or a binder.
#[derive(Clone)]
pub struct TrafficSecret(Secret);

impl TrafficSecret {
    /// The keys of its direction (RFC 8446 §7.3), or `None` where the suite is not one of TLS 1.3 that records can be
    /// protected by.
    pub fn keys(&self, suite: CipherSuite) -> Option<DirectionKeys> {
        let lengths = KeyLengths::of(suite, ProtocolVersion::TLS1_3)?;
        let mut keys = DirectionKeys {
            mac_key: Zeroizing::default(),
            key: Zeroizing::new(vec![0; lengths.key]),
            iv: Zeroizing::new(vec![0; lengths.iv]),
        };
        self.0.expand_label(b"key", &[], &mut keys.key);
        self.0.expand_label(b"iv", &[], &mut keys.iv);
        Some(keys)
    }

    /// `verify_data` of the Finished that its side sends (RFC 8446 §4.4.4).
    pub fn finished(&self, transcript_hash: &[u8]) -> Digest {
        let finished_key = self.0.derive(b"finished", &[]);
        self.0.hash.hmac(&finished_key.value, &[transcript_hash])
    }

    /// The one after a `KeyUpdate` (RFC 8446 §7.2).
    #[must_use]
    pub fn updated(&self) -> Self {
        Self(self.0.derive(b"traffic upd", &[]))
    }

    /// Its bytes, for a key log.
    pub fn expose(&self) -> &[u8] {
        &self.0.value
    }
}

/// What tickets are made from.
#[derive(Clone)]
pub struct ResumptionSecret(Secret);

impl ResumptionSecret {
    /// The key that a ticket with this nonce stands for (RFC 8446 §4.6.1).
    pub fn psk(&self, ticket_nonce: &[u8]) -> Digest {
        self.0.derive(b"resumption", ticket_nonce).value
    }
}

/// A secret as long as the output of its hash function.
#[derive(Clone)]
struct Secret {
    hash: HashAlgorithm,
    value: Digest,
}

impl Secret {
    /// `HKDF-Extract`; where there is nothing to put in, as many zeros as the hash function gives bytes.
    fn extract(hash: HashAlgorithm, salt: &[u8], input: Option<&[u8]>) -> Self {
        let zeros = [0; Digest::MAX_LENGTH];
        let input = input.unwrap_or(zeros.get(..hash.output_length()).unwrap_or_default());
        let value = with_hash!(hash, Hash => Digest::concat(&[&Hkdf::<Hash>::extract(Some(salt), input).0]));
        Self { hash, value }
    }

    /// From one station to the next.
    fn next(&self, input: Option<&[u8]>) -> Self {
        let derived = self.derive(b"derived", &self.hash.digest(&[]));
        Self::extract(self.hash, &derived.value, input)
    }

    /// `Derive-Secret`, once the messages are hashed; or any other expansion to the length of the hash.
    fn derive(&self, label: &[u8], context: &[u8]) -> Self {
        let mut value = Digest::zeros(self.hash.output_length());
        self.expand_label(label, context, &mut value);
        Self { hash: self.hash, value }
    }

    /// `HKDF-Expand-Label`, as many bytes as `out` holds. A label has at most 249 bytes, a context 255.
    fn expand_label(&self, label: &[u8], context: &[u8], out: &mut [u8]) {
        const PREFIX: &[u8] = b"tls13 ";
        let one_byte = |length: usize| u8::try_from(length).expect("labels, contexts and outputs are short");
        let length = [0, one_byte(out.len())];
        let (label_length, context_length) = ([one_byte(PREFIX.len() + label.len())], [one_byte(context.len())]);
        let info: [&[u8]; 6] = [&length, &label_length, PREFIX, label, &context_length, context];
        with_hash!(self.hash, Hash => {
            let hkdf = Hkdf::<Hash>::from_prk(&self.value).expect("a secret is as long as its hash");
            hkdf.expand_multi_info(&info, out).expect("255 bytes are less than HKDF can give");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::rfc8448;

    const SHA256: HashAlgorithm = HashAlgorithm::Sha256;
    const SUITE: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;

    /// The values of one section of RFC 8448, by their names there.
    struct Trace(&'static str);

    impl Trace {
        #[track_caller]
        fn get(&self, name: &str) -> Vec<u8> {
            rfc8448(self.0, name)
        }

        #[track_caller]
        fn assert_is(&self, name: &str, value: &[u8]) {
            assert_eq!(hex::encode(value), hex::encode(self.get(name)), "{name}");
        }

        #[track_caller]
        fn assert_keys(&self, name: &str, secret: &TrafficSecret) {
            let keys = secret.keys(SUITE).unwrap();
            self.assert_is(&format!("{name} key"), &keys.key);
            self.assert_is(&format!("{name} iv"), &keys.iv);
        }
    }

    #[test]
    fn a_full_handshake_agrees_with_rfc_8448_section_3() {
        let trace = Trace("3");
        let early = EarlySecret::new(SHA256, None);
        trace.assert_is("early secret", &early.0.value);

        let handshake = early.handshake_secret(Some(&trace.get("shared secret")));
        trace.assert_is("handshake secret", &handshake.0.value);
        let hello_hash = &trace.get("hash up to ServerHello");
        let client = handshake.client_traffic_secret(hello_hash);
        let server = handshake.server_traffic_secret(hello_hash);
        trace.assert_is("client handshake traffic secret", client.expose());
        trace.assert_is("server handshake traffic secret", server.expose());
        trace.assert_keys("client handshake", &client);
        trace.assert_keys("server handshake", &server);

        let master = handshake.master_secret();
        trace.assert_is("master secret", &master.0.value);
        let finished_hash = &trace.get("hash up to server Finished");
        trace.assert_is("client finished", &client.finished(finished_hash));
        let client = master.client_traffic_secret(finished_hash);
        let server = master.server_traffic_secret(finished_hash);
        trace.assert_is("client application traffic secret", client.expose());
        trace.assert_is("server application traffic secret", server.expose());
        trace.assert_keys("client application", &client);
        trace.assert_keys("server application", &server);
        trace.assert_is("exporter master secret", master.exporter_secret(finished_hash).expose());

        let resumption = master.resumption_secret(&trace.get("hash up to client Finished"));
        trace.assert_is("resumption master secret", &resumption.0.value);
        trace.assert_is("resumption psk", &resumption.psk(&trace.get("ticket nonce")));
    }

    #[test]
    fn a_resumption_agrees_with_rfc_8448_section_4() {
        let trace = Trace("4");
        let early = EarlySecret::new(SHA256, Some(&trace.get("resumption psk")));
        trace.assert_is("early secret", &early.0.value);
        let binder_key = early.binder_key(PskOrigin::Resumption);
        trace.assert_is("binder key", binder_key.expose());
        trace.assert_is("binder", &binder_key.finished(&trace.get("hash up to binders")));
        let early_traffic = early.client_early_traffic_secret(&trace.get("hash up to ClientHello"));
        trace.assert_is("client early traffic secret", early_traffic.expose());
        trace.assert_keys("client early", &early_traffic);
    }

    #[test]
    fn a_retried_handshake_agrees_with_rfc_8448_section_5() {
        let trace = Trace("5");
        let handshake = EarlySecret::new(SHA256, None).handshake_secret(Some(&trace.get("shared secret")));
        trace.assert_is("handshake secret", &handshake.0.value);
        let hello_hash = &trace.get("hash up to ServerHello");
        trace.assert_is("client handshake traffic secret", handshake.client_traffic_secret(hello_hash).expose());
        trace.assert_is("server handshake traffic secret", handshake.server_traffic_secret(hello_hash).expose());
        trace.assert_is("master secret", &handshake.master_secret().0.value);
    }

    #[test]
    fn an_external_key_has_a_binder_of_its_own() {
        let early = EarlySecret::new(SHA256, Some(&[7; 32]));
        let [external, resumption] =
            [PskOrigin::External, PskOrigin::Resumption].map(|origin| early.binder_key(origin).finished(&[0; 32]));
        assert_ne!(*external, *resumption);
    }

    #[test]
    fn a_key_update_changes_the_secret_and_so_the_keys() {
        let secret = EarlySecret::new(HashAlgorithm::Sha384, None).client_early_traffic_secret(&[0; 48]);
        let keys = |secret: &TrafficSecret| secret.keys(CipherSuite::TLS_AES_256_GCM_SHA384).unwrap().key;
        assert_eq!(keys(&secret).len(), 32);
        assert_ne!(keys(&secret), keys(&secret.updated()));
    }

    #[test]
    fn only_suites_of_tls_1_3_have_a_hash_and_keys_here() {
        assert_eq!(suite_hash(SUITE), Some(SHA256));
        assert_eq!(suite_hash(CipherSuite::TLS_AES_256_GCM_SHA384), Some(HashAlgorithm::Sha384));
        let older = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        assert_eq!(suite_hash(older), None);
        assert!(EarlySecret::new(SHA256, None).client_early_traffic_secret(&[]).keys(older).is_none());
    }
}
