//! The server's side of a handshake of TLS 1.0 to 1.2 (RFC 5246 §7.3): full or resumed, first or again.

use rand::rngs::StdRng;
use subtle::ConstantTimeEq;

use super::Site;
use super::ephemeral::Ephemeral;
use super::messages::{self, fresh, tls12_server_hello};
use crate::crypto::hash::Digest;
use crate::crypto::prf::{MasterSecret, Prf, Side, VerifyData};
use crate::crypto::record_protection::{ConnectionKeys, DirectionKeys, RecordProtection};
use crate::crypto::signature;
use crate::lab::conduct::{Asked, End, ExtendedMasterSecret, Finished, Resumed, WithoutOne};
use crate::lab::connection::{Connection, Incoming, Stop};
use crate::lab::negotiate::Agreement;
use crate::lab::pki;
use crate::lab::session::{Session, SessionSecret};
use crate::registry::{AlertDescription, CipherMode, CipherSuite, ProtocolVersion};
use crate::wire::extension::Extension;
use crate::wire::handshake::{
    Certificate, ClientHello, DigitallySigned, HandshakeType, NewSessionTicket, RawMessage, message,
};
use crate::wire::{Reader, Wire};

/// Why a handshake takes place.
#[derive(Clone, Copy)]
pub(super) enum Occasion<'a> {
    /// The connection has just begun.
    First,
    /// One of the sides wants another (RFC 5746 §3.5).
    Again(&'a Established),
    /// The server wants a client certificate.
    ForACertificate(&'a Established),
}

/// What a handshake has come to.
pub(super) struct Established {
    pub(super) resumed: bool,
    pub(super) version: ProtocolVersion,
    pub(super) client_certificate: bool,
    client_finished: VerifyData,
    server_finished: VerifyData,
}

/// What the hello's extensions offer.
struct Offer<'a> {
    extended_master_secret: bool,
    encrypt_then_mac: bool,
    renegotiation_info: bool,
    /// Empty asks for a new one.
    ticket: Option<&'a [u8]>,
}

impl<'a> Offer<'a> {
    fn of(hello: &'a ClientHello) -> Self {
        let mut offer = Self {
            extended_master_secret: false,
            encrypt_then_mac: false,
            // The signalling value stands for an empty extension (RFC 5746 §3.3).
            renegotiation_info: hello.cipher_suites.contains(&CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV),
            ticket: None,
        };
        for extension in hello.extensions.iter().flat_map(|extensions| &extensions.0) {
            match extension {
                Extension::ExtendedMasterSecret => offer.extended_master_secret = true,
                Extension::EncryptThenMac => offer.encrypt_then_mac = true,
                Extension::RenegotiationInfo(_) => offer.renegotiation_info = true,
                Extension::SessionTicket(ticket) => offer.ticket = Some(ticket),
                _ => {}
            }
        }
        offer
    }
}

/// A handshake and how far it has come.
struct Handshake<'a, 'c> {
    site: Site<'a>,
    connection: &'c mut Connection,
    agreement: Agreement,
    prf: Prf,
    client_random: [u8; 32],
    server_random: [u8; 32],
    encrypt_then_mac: bool,
    /// All messages so far, as they were sent.
    transcript: Vec<u8>,
}

/// Goes through a handshake, the hello being there already.
pub(super) async fn handshake(
    site: Site<'_>,
    connection: &mut Connection,
    hello: &ClientHello,
    agreement: Agreement,
    occasion: Occasion<'_>,
) -> Result<Established, Stop> {
    let conduct = &site.server.conduct;
    let offer = Offer::of(hello);
    if conduct.extended_master_secret == ExtendedMasterSecret::Required && !offer.extended_master_secret {
        return Err(AlertDescription::HANDSHAKE_FAILURE.into());
    }
    let suite = agreement.cipher_suite.info().ok_or(AlertDescription::INTERNAL_ERROR)?;
    let prf = Prf::of(agreement.cipher_suite, agreement.version).ok_or(AlertDescription::INTERNAL_ERROR)?;
    let handshake = Handshake {
        site,
        agreement,
        prf,
        client_random: hello.random,
        server_random: fresh(&mut connection.random),
        encrypt_then_mac: offer.encrypt_then_mac && suite.cipher.mode == CipherMode::Cbc,
        transcript: message(HandshakeType::CLIENT_HELLO, hello),
        connection,
    };
    let session = handshake.session(hello, &offer);
    let resumption = session.as_ref().map(|session| conduct.resumption.of(session.1, offer.extended_master_secret));
    match (session, resumption) {
        (_, Some(Resumed::Ends(end))) => Err(Stop::End(end)),
        // A resumed handshake has no place for a certificate.
        (Some((master_secret, _)), Some(Resumed::Resumes))
            if conduct.client_certificate.asked != Asked::WhenResumed
                && !matches!(occasion, Occasion::ForACertificate(_)) =>
        {
            handshake.resumed(hello, &offer, &master_secret, occasion).await
        }
        (session, _) => {
            let asks = match conduct.client_certificate.asked {
                Asked::Never => false,
                Asked::InTheHandshake => true,
                Asked::WhenResumed => session.is_some(),
                Asked::AfterTheRequest => matches!(occasion, Occasion::ForACertificate(_)),
            };
            handshake.full(&offer, asks, occasion).await
        }
    }
}

impl Handshake<'_, '_> {
    /// The session that the hello names, if the server has it and it is one of the same kind: its master secret, and
    /// whether that is an extended one.
    fn session(&self, hello: &ClientHello, offer: &Offer<'_>) -> Option<(MasterSecret, bool)> {
        let resumption = &self.site.server.conduct.resumption;
        let by_ticket = offer.ticket.filter(|ticket| resumption.by_ticket && !ticket.is_empty());
        let by_id = Some(&*hello.session_id.0).filter(|id| resumption.by_session_id && !id.is_empty());
        let session = self.site.sessions.find(by_ticket.or(by_id)?)?;
        let same = (session.version, session.cipher_suite) == (self.agreement.version, self.agreement.cipher_suite);
        match session.secret {
            SessionSecret::Tls12 { master_secret, extended } if same => Some((master_secret, extended)),
            _ => None,
        }
    }

    async fn full(mut self, offer: &Offer<'_>, asks: bool, occasion: Occasion<'_>) -> Result<Established, Stop> {
        let conduct = &self.site.server.conduct;
        let (resumption, certificate) = (conduct.resumption, conduct.client_certificate);
        let session_id = if resumption.by_session_id { fresh::<32>(self.random()).to_vec() } else { Vec::new() };
        let gives_ticket = resumption.by_ticket && offer.ticket.is_some();
        let hello = self.server_hello(session_id.clone(), offer, gives_ticket, occasion);
        self.send(&hello).await?;

        let ephemeral = Ephemeral::new(self.site, &self.agreement, &mut self.connection.random);
        let randoms = [self.client_random, self.server_random].concat();
        let mut flight = messages::certificate(&self.site.identity(&self.agreement).certificates);
        flight.extend(
            ephemeral.message(self.site, &self.agreement, &randoms, &mut self.connection.random).unwrap_or_default(),
        );
        if asks {
            flight.extend(messages::certificate_request(self.agreement.version));
        }
        flight.extend(messages::raw(HandshakeType::SERVER_HELLO_DONE, vec![]));
        self.send(&flight).await?;

        let client_chain = if asks { self.client_certificate(certificate.without).await? } else { Vec::new() };
        let key_exchange = self.read(HandshakeType::CLIENT_KEY_EXCHANGE).await?;
        let premaster = ephemeral.premaster_secret(self.site, &key_exchange.body, &mut self.connection.random)?;
        let extended = offer.extended_master_secret
            && matches!(
                conduct.extended_master_secret,
                ExtendedMasterSecret::Sound | ExtendedMasterSecret::Required | ExtendedMasterSecret::UsedNotEchoed
            );
        let master_secret = if extended {
            self.prf.extended_master_secret(&premaster, &self.hash())
        } else {
            self.prf.master_secret(&premaster, &self.client_random, &self.server_random)
        };
        if let Some(leaf) = client_chain.first() {
            self.certificate_verify(leaf).await?;
        }

        let keys = self.keys(&master_secret)?;
        let client_finished = self.read_finished(&master_secret, &keys.client).await?;
        let session = Session {
            version: self.agreement.version,
            cipher_suite: self.agreement.cipher_suite,
            secret: SessionSecret::Tls12 { master_secret: master_secret.clone(), extended: self.echoes(offer) },
        };
        if gives_ticket {
            let ticket = fresh::<48>(self.random()).to_vec();
            self.site.sessions.keep(ticket.clone(), session.clone());
            let ticket = NewSessionTicket { lifetime_hint: 7200, ticket };
            self.send(&message(HandshakeType::NEW_SESSION_TICKET, &ticket)).await?;
        }
        let server_finished = self.send_finished(&master_secret, &keys.server).await?;
        if !session_id.is_empty() {
            self.site.sessions.keep(session_id, session);
        }
        let version = self.agreement.version;
        Ok(Established {
            resumed: false,
            version,
            client_certificate: !client_chain.is_empty(),
            client_finished,
            server_finished,
        })
    }

    /// The server's Finished comes first (RFC 5246 §7.3, figure 2).
    async fn resumed(
        mut self,
        hello: &ClientHello,
        offer: &Offer<'_>,
        master_secret: &MasterSecret,
        occasion: Occasion<'_>,
    ) -> Result<Established, Stop> {
        let hello = self.server_hello(hello.session_id.0.clone(), offer, false, occasion);
        self.send(&hello).await?;
        let keys = self.keys(master_secret)?;
        let server_finished = self.send_finished(master_secret, &keys.server).await?;
        let client_finished = self.read_finished(master_secret, &keys.client).await?;
        let version = self.agreement.version;
        Ok(Established { resumed: true, version, client_certificate: false, client_finished, server_finished })
    }

    fn server_hello(
        &self,
        session_id: Vec<u8>,
        offer: &Offer<'_>,
        gives_ticket: bool,
        occasion: Occasion<'_>,
    ) -> Vec<u8> {
        let mut extensions = Vec::new();
        if self.echoes(offer) {
            extensions.push(Extension::ExtendedMasterSecret);
        }
        if offer.renegotiation_info {
            extensions.push(Extension::RenegotiationInfo(match occasion {
                Occasion::First => Vec::new(),
                Occasion::Again(before) | Occasion::ForACertificate(before) => {
                    [before.client_finished, before.server_finished].concat()
                }
            }));
        }
        if gives_ticket {
            extensions.push(Extension::SessionTicket(Vec::new()));
        }
        if self.encrypt_then_mac {
            extensions.push(Extension::EncryptThenMac);
        }
        tls12_server_hello(&self.agreement, self.server_random, session_id, extensions)
    }

    fn echoes(&self, offer: &Offer<'_>) -> bool {
        let echoes = matches!(
            self.site.server.conduct.extended_master_secret,
            ExtendedMasterSecret::Sound | ExtendedMasterSecret::Required | ExtendedMasterSecret::EchoedNotUsed
        );
        echoes && offer.extended_master_secret
    }

    /// The chain that the client sends, which may be empty if the server lets it.
    async fn client_certificate(&mut self, without: WithoutOne) -> Result<Vec<Vec<u8>>, Stop> {
        let certificate = self.read(HandshakeType::CERTIFICATE).await?;
        let chain = Certificate::from_bytes(&certificate.body).map_err(|_| AlertDescription::DECODE_ERROR)?.entries;
        match without {
            WithoutOne::Ends(end) if chain.is_empty() => Err(Stop::End(end)),
            _ => Ok(chain),
        }
    }

    async fn certificate_verify(&mut self, leaf: &[u8]) -> Result<(), Stop> {
        let signed = self.transcript.clone();
        let verify = self.read(HandshakeType::CERTIFICATE_VERIFY).await?;
        let verify = DigitallySigned::decode(&mut Reader::new(&verify.body), self.agreement.version)
            .map_err(|_| AlertDescription::DECODE_ERROR)?;
        let spki = pki::public_key(leaf).ok_or(AlertDescription::BAD_CERTIFICATE)?;
        let verified = signature::verify(&spki, verify.scheme, &signed, &verify.signature);
        Ok(verified.map_err(|_| AlertDescription::DECRYPT_ERROR)?)
    }

    async fn read_finished(&mut self, master_secret: &MasterSecret, keys: &DirectionKeys) -> Result<VerifyData, Stop> {
        match self.connection.next().await? {
            Incoming::ChangeCipherSpec => {}
            Incoming::Alert(_) => return Err(Stop::End(End::Fin)),
            Incoming::Message(_) | Incoming::ApplicationData(_) => {
                return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
            }
        }
        let protection = self.protection(keys)?;
        self.connection.read_with(protection);
        let expected = self.prf.verify_data(master_secret, Side::Client, &self.hash());
        let found = self.read(HandshakeType::FINISHED).await?;
        if !bool::from(expected.ct_eq(&found.body)) {
            return Err(AlertDescription::DECRYPT_ERROR.into());
        }
        match self.site.server.conduct.finished {
            Finished::RefusesARightOne => Err(AlertDescription::BAD_RECORD_MAC.into()),
            Finished::Sound | Finished::SendsAWrongOne => Ok(expected),
        }
    }

    async fn send_finished(&mut self, master_secret: &MasterSecret, keys: &DirectionKeys) -> Result<VerifyData, Stop> {
        self.connection.send_change_cipher_spec().await?;
        let protection = self.protection(keys)?;
        self.connection.write_with(protection);
        let mut verify_data = self.prf.verify_data(master_secret, Side::Server, &self.hash());
        if self.site.server.conduct.finished == Finished::SendsAWrongOne {
            verify_data = verify_data.map(|byte| !byte);
        }
        self.send(&messages::raw(HandshakeType::FINISHED, verify_data.to_vec())).await?;
        Ok(verify_data)
    }

    fn keys(&self, master_secret: &MasterSecret) -> Result<ConnectionKeys, Stop> {
        let Agreement { cipher_suite, version, .. } = self.agreement;
        let keys =
            ConnectionKeys::derive(cipher_suite, version, master_secret, &self.client_random, &self.server_random);
        Ok(keys.ok_or(AlertDescription::INTERNAL_ERROR)?)
    }

    fn protection(&self, keys: &DirectionKeys) -> Result<RecordProtection, Stop> {
        let Agreement { cipher_suite, version, .. } = self.agreement;
        let protection = RecordProtection::new(cipher_suite, version, keys, self.encrypt_then_mac);
        Ok(protection.ok_or(AlertDescription::INTERNAL_ERROR)?)
    }

    fn random(&mut self) -> &mut StdRng {
        &mut self.connection.random
    }

    /// The hash over all messages so far.
    fn hash(&self) -> Digest {
        let mut hash = self.prf.handshake_hash();
        hash.update(&self.transcript);
        hash.current()
    }

    async fn send(&mut self, messages: &[u8]) -> Result<(), Stop> {
        self.transcript.extend_from_slice(messages);
        Ok(self.connection.send_messages(messages).await?)
    }

    /// The next message, which must be of that type.
    async fn read(&mut self, expected: HandshakeType) -> Result<RawMessage, Stop> {
        let message = self.connection.next_message().await?;
        if message.msg_type != expected {
            return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
        }
        self.transcript.extend(message.to_bytes());
        Ok(message)
    }
}
