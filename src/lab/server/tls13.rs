//! The server's side of a handshake of TLS 1.3 (RFC 8446 §2): full or by a ticket, with a HelloRetryRequest where a share
//! is wanting.

use subtle::ConstantTimeEq;

use super::messages::{self, fresh, tls13_server_hello};
use super::{Site, agree_again};
use crate::crypto::hash::{Digest, HashAlgorithm};
use crate::crypto::key_schedule::{EarlySecret, HandshakeSecret, MasterSecret, PskOrigin, TrafficSecret, suite_hash};
use crate::crypto::record_protection::RecordProtection;
use crate::crypto::{KeyPair, SharedSecret, signature};
use crate::lab::conduct::{Asked, Finished, WithoutOne};
use crate::lab::connection::{Connection, Stop};
use crate::lab::negotiate::{Agreement, KeySource};
use crate::lab::pki::{self, Identity};
use crate::lab::session::{Session, SessionSecret};
use crate::registry::{AlertDescription, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry, PreSharedKey, PskIdentity};
use crate::wire::handshake::{
    Certificate13, ClientHello, DigitallySigned, EncryptedExtensions, HandshakeType, NewSessionTicket13, RawMessage,
    ServerHello, message,
};
use crate::wire::{Reader, Wire, Writer};

/// What a handshake has come to.
pub(super) struct Established {
    pub(super) resumed: bool,
    pub(super) client_certificate: bool,
    /// Whether the client can be asked for a certificate later.
    pub(super) post_handshake_auth: bool,
    hash: HashAlgorithm,
    client_secret: TrafficSecret,
    /// All messages up to the client's Finished.
    transcript: Vec<u8>,
    /// The ticket that is still to be sent; empty where there is none.
    pub(super) ticket: Vec<u8>,
}

struct Handshake<'a, 'c> {
    site: Site<'a>,
    connection: &'c mut Connection,
    cipher_suite: CipherSuite,
    identity: &'a Identity,
    hash: HashAlgorithm,
    scheme: SignatureScheme,
    /// All messages so far, as they were sent.
    transcript: Vec<u8>,
}

/// Goes through a handshake, the hello being there already.
pub(super) async fn handshake(
    site: Site<'_>,
    connection: &mut Connection,
    mut hello: ClientHello,
    mut agreement: Agreement,
) -> Result<Established, Stop> {
    let cipher_suite = agreement.cipher_suite;
    let hash = suite_hash(cipher_suite).ok_or(AlertDescription::INTERNAL_ERROR)?;
    let mut transcript = message(HandshakeType::CLIENT_HELLO, &hello);
    if let Some(group) = wanted_share(site, agreement.keys) {
        let retry = tls13_server_hello(
            &hello,
            cipher_suite,
            ServerHello::HELLO_RETRY_REQUEST_RANDOM,
            vec![Extension::KeyShare(KeyShare::RetryGroup(group))],
        );
        // The first hello is there by its hash alone (RFC 8446 §4.4.1).
        transcript = messages::raw(HandshakeType::MESSAGE_HASH, hash.digest(&[&transcript]).to_vec());
        transcript.extend_from_slice(&retry);
        connection.send_messages(&retry).await?;
        compatible(connection, &hello).await?;
        hello = next_hello(connection).await?;
        agreement = agree_again(site, &hello, ProtocolVersion::TLS1_3, &mut connection.random)?;
        transcript.extend(message(HandshakeType::CLIENT_HELLO, &hello));
        if agreement.cipher_suite != cipher_suite || !matches!(agreement.keys, KeySource::Share { .. }) {
            return Err(AlertDescription::ILLEGAL_PARAMETER.into());
        }
    }
    let KeySource::Share { group, scheme } = agreement.keys else {
        return Err(AlertDescription::ILLEGAL_PARAMETER.into());
    };
    let identity = site.identity(&agreement);
    Handshake { site, connection, cipher_suite, identity, hash, scheme, transcript }.answer(&hello, group).await
}

/// The group that a share is to be asked for.
fn wanted_share(site: Site<'_>, keys: KeySource) -> Option<NamedGroup> {
    match keys {
        KeySource::ShareWanted { group } => Some(group),
        _ if site.server.conduct.retries => site.server.groups.first().copied(),
        _ => None,
    }
}

async fn next_hello(connection: &mut Connection) -> Result<ClientHello, Stop> {
    let message = connection.next_message().await?;
    if message.msg_type != HandshakeType::CLIENT_HELLO {
        return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
    }
    Ok(ClientHello::from_bytes(&message.body).map_err(|_| AlertDescription::DECODE_ERROR)?)
}

/// What hides a TLS 1.3 handshake from middleboxes, where the client has asked for that (RFC 8446 §D.4).
async fn compatible(connection: &mut Connection, hello: &ClientHello) -> Result<(), Stop> {
    if !hello.session_id.0.is_empty() {
        connection.send_change_cipher_spec().await?;
    }
    Ok(())
}

/// A ticket's key that the hello has offered, and proved to know.
struct Resumption {
    index: u16,
    psk: Digest,
    /// Whether key shares are used besides.
    with_shares: bool,
}

impl Handshake<'_, '_> {
    async fn answer(mut self, hello: &ClientHello, group: NamedGroup) -> Result<Established, Stop> {
        let conduct = &self.site.server.conduct;
        let resumption = self.resumption(hello)?;
        let early = EarlySecret::new(self.hash, resumption.as_ref().map(|resumption| &*resumption.psk));
        let handshake = self.server_hello(hello, group, resumption.as_ref(), &early).await?;
        compatible(self.connection, hello).await?;
        let hello_hash = self.transcript_hash();
        let client_secret = handshake.client_traffic_secret(&hello_hash);
        let server_secret = handshake.server_traffic_secret(&hello_hash);
        let (reading, writing) = (self.protection(&client_secret)?, self.protection(&server_secret)?);
        self.connection.read_with(reading);
        self.connection.write_with(writing);

        // No certificate may be asked for with a ticket (RFC 8446 §4.3.2): whoever asks then does without it.
        let asks = resumption.is_none()
            && match conduct.client_certificate.asked {
                Asked::InTheHandshake => true,
                Asked::WhenResumed => offered_psks(hello).is_some(),
                Asked::Never | Asked::AfterTheRequest => false,
            };
        let mut flight = message(HandshakeType::ENCRYPTED_EXTENSIONS, &EncryptedExtensions(Extensions(vec![])));
        if asks {
            flight.extend(messages::certificate_request13(&[]));
        }
        if resumption.is_none() {
            flight.extend(messages::certificate13(&self.identity.certificates));
        }
        self.send(&flight).await?;
        if resumption.is_none() {
            self.certificate_verify().await?;
        }
        let mut verify_data = server_secret.finished(&self.transcript_hash()).to_vec();
        if conduct.finished == Finished::SendsAWrongOne {
            for byte in &mut verify_data {
                *byte = !*byte;
            }
        }
        self.send(&messages::raw(HandshakeType::FINISHED, verify_data)).await?;

        let resumed = resumption.is_some();
        let master = handshake.master_secret();
        let finished_hash = self.transcript_hash();
        let server_secret = master.server_traffic_secret(&finished_hash);
        let writing = self.protection(&server_secret)?;
        self.connection.write_with(writing);
        let client_application = master.client_traffic_secret(&finished_hash);
        let established = self.clients_end(hello, &client_secret, client_application, &master, asks).await?;
        Ok(Established { resumed, ..established })
    }

    /// The messages of the client, and the tickets that follow.
    async fn clients_end(
        mut self,
        hello: &ClientHello,
        client_secret: &TrafficSecret,
        client_application: TrafficSecret,
        master: &MasterSecret,
        asks: bool,
    ) -> Result<Established, Stop> {
        let conduct = &self.site.server.conduct;
        let chain = if asks { self.client_certificate().await? } else { Vec::new() };
        self.read_finished(client_secret).await?;
        if conduct.finished == Finished::RefusesARightOne {
            return Err(AlertDescription::BAD_RECORD_MAC.into());
        }
        let reading = self.protection(&client_application)?;
        self.connection.read_with(reading);
        if let (true, WithoutOne::Ends(end)) = (asks && chain.is_empty(), conduct.client_certificate.without) {
            return Err(Stop::End(end));
        }
        let mut ticket = if conduct.resumption.by_ticket { self.ticket(master) } else { Vec::new() };
        if !conduct.resumption.tickets_wait && !ticket.is_empty() {
            self.connection.send_messages(&std::mem::take(&mut ticket)).await?;
        }
        let post_handshake_auth =
            hello.extensions.iter().flat_map(|list| &list.0).any(|offered| *offered == Extension::PostHandshakeAuth);
        Ok(Established {
            resumed: false,
            client_certificate: !chain.is_empty(),
            post_handshake_auth,
            hash: self.hash,
            client_secret: client_application,
            transcript: self.transcript,
            ticket,
        })
    }

    async fn server_hello(
        &mut self,
        hello: &ClientHello,
        group: NamedGroup,
        resumption: Option<&Resumption>,
        early: &EarlySecret,
    ) -> Result<HandshakeSecret, Stop> {
        let mut extensions = Vec::new();
        let mut shared: Option<SharedSecret> = None;
        if resumption.is_none_or(|resumption| resumption.with_shares) {
            let share = client_share(hello, group).ok_or(AlertDescription::MISSING_EXTENSION)?;
            let answer = KeyPair::answer(group, share, &mut self.connection.random);
            let answer = answer.ok_or(AlertDescription::INTERNAL_ERROR)?;
            let (key_exchange, secret) = answer.map_err(|_| AlertDescription::ILLEGAL_PARAMETER)?;
            extensions.push(Extension::KeyShare(KeyShare::Selected(KeyShareEntry { group, key_exchange })));
            shared = Some(secret);
        }
        if let Some(resumption) = resumption {
            extensions.push(Extension::PreSharedKey(PreSharedKey::Selected(resumption.index)));
        }
        let random = fresh(&mut self.connection.random);
        let hello = tls13_server_hello(hello, self.cipher_suite, random, extensions);
        self.send(&hello).await?;
        Ok(early.handshake_secret(shared.as_ref().map(|secret| secret.as_slice())))
    }

    /// The first ticket of the hello that the server knows, once its binder is right (RFC 8446 §4.2.11).
    fn resumption(&self, hello: &ClientHello) -> Result<Option<Resumption>, Stop> {
        const PSK_KE: u8 = 0;
        const PSK_DHE_KE: u8 = 1;
        let conduct = &self.site.server.conduct;
        if !conduct.resumption.by_ticket || conduct.client_certificate.asked == Asked::WhenResumed {
            return Ok(None);
        }
        let Some((identities, binders)) = offered_psks(hello) else { return Ok(None) };
        let modes = hello.extensions.iter().flat_map(|list| &list.0).find_map(|extension| match extension {
            Extension::PskKeyExchangeModes(modes) => Some(modes.as_slice()),
            _ => None,
        });
        let modes = modes.ok_or(AlertDescription::MISSING_EXTENSION)?;
        if !modes.contains(&PSK_KE) && !modes.contains(&PSK_DHE_KE) {
            return Ok(None);
        }
        for (index, (identity, binder)) in (0..).zip(identities.iter().zip(binders)) {
            let Some(session) = self.site.sessions.find(&identity.identity) else { continue };
            let SessionSecret::Tls13 { psk } = session.secret else { continue };
            if suite_hash(session.cipher_suite) != Some(self.hash) {
                continue;
            }
            // The binders cover all before them: the list with its length is what the hello ends with.
            let binders_length = 2 + binders.iter().map(|binder| 1 + binder.len()).sum::<usize>();
            let covered = self.transcript.get(..self.transcript.len() - binders_length).unwrap_or_default();
            let binder_key = EarlySecret::new(self.hash, Some(&psk)).binder_key(PskOrigin::Resumption);
            let expected = binder_key.finished(&self.hash.digest(&[covered]));
            if !bool::from(expected.ct_eq(binder)) {
                return Err(AlertDescription::DECRYPT_ERROR.into());
            }
            return Ok(Some(Resumption { index, psk, with_shares: modes.contains(&PSK_DHE_KE) }));
        }
        Ok(None)
    }

    /// The signature over the handshake so far (RFC 8446 §4.4.3).
    async fn certificate_verify(&mut self) -> Result<(), Stop> {
        let signed = signed_content(b"TLS 1.3, server CertificateVerify", &self.transcript_hash());
        let signature = self.identity.key.sign(Some(self.scheme), &signed, &mut self.connection.random);
        let mut body = Writer::new();
        DigitallySigned { scheme: Some(self.scheme), signature }.encode(&mut body);
        self.send(&messages::raw(HandshakeType::CERTIFICATE_VERIFY, body.into_bytes())).await
    }

    async fn client_certificate(&mut self) -> Result<Vec<Vec<u8>>, Stop> {
        read_client_certificate(self.connection, &mut self.transcript, self.hash).await
    }

    async fn read_finished(&mut self, secret: &TrafficSecret) -> Result<(), Stop> {
        read_finished(self.connection, &mut self.transcript, self.hash, secret).await
    }

    /// A message with a ticket for the session, which is kept.
    fn ticket(&mut self, master: &MasterSecret) -> Vec<u8> {
        let resumption = master.resumption_secret(&self.transcript_hash());
        let nonce = vec![0];
        let ticket = fresh::<48>(&mut self.connection.random).to_vec();
        self.site.sessions.keep(
            ticket.clone(),
            Session {
                version: ProtocolVersion::TLS1_3,
                cipher_suite: self.cipher_suite,
                secret: SessionSecret::Tls13 { psk: resumption.psk(&nonce) },
            },
        );
        let age_add = u32::from_be_bytes(fresh(&mut self.connection.random));
        let ticket = NewSessionTicket13 { lifetime: 7200, age_add, nonce, ticket, extensions: Extensions(vec![]) };
        message(HandshakeType::NEW_SESSION_TICKET, &ticket)
    }

    fn protection(&self, secret: &TrafficSecret) -> Result<RecordProtection, Stop> {
        let keys = secret.keys(self.cipher_suite).ok_or(AlertDescription::INTERNAL_ERROR)?;
        let protection = RecordProtection::new(self.cipher_suite, ProtocolVersion::TLS1_3, &keys, false);
        Ok(protection.ok_or(AlertDescription::INTERNAL_ERROR)?)
    }

    fn transcript_hash(&self) -> Digest {
        self.hash.digest(&[&self.transcript])
    }

    async fn send(&mut self, messages: &[u8]) -> Result<(), Stop> {
        self.transcript.extend_from_slice(messages);
        Ok(self.connection.send_messages(messages).await?)
    }
}

impl Established {
    /// Asks for a certificate now (RFC 8446 §4.6.2), and says whether the client has sent one.
    pub(super) async fn ask_for_a_certificate(&self, connection: &mut Connection) -> Result<bool, Stop> {
        let context = fresh::<8>(&mut connection.random);
        let request = messages::certificate_request13(&context);
        let mut transcript = [&self.transcript[..], &request].concat();
        connection.send_messages(&request).await?;
        let chain = read_client_certificate(connection, &mut transcript, self.hash).await?;
        read_finished(connection, &mut transcript, self.hash, &self.client_secret).await?;
        Ok(!chain.is_empty())
    }
}

/// The client's Certificate, and its `CertificateVerify` if that is not empty.
async fn read_client_certificate(
    connection: &mut Connection,
    transcript: &mut Vec<u8>,
    hash: HashAlgorithm,
) -> Result<Vec<Vec<u8>>, Stop> {
    let certificate = read(connection, transcript, HandshakeType::CERTIFICATE).await?;
    let certificate = Certificate13::from_bytes(&certificate.body).map_err(|_| AlertDescription::DECODE_ERROR)?;
    let chain: Vec<_> = certificate.entries.into_iter().map(|entry| entry.data).collect();
    if let Some(leaf) = chain.first() {
        let signed = signed_content(b"TLS 1.3, client CertificateVerify", &hash.digest(&[transcript]));
        let verify = read(connection, transcript, HandshakeType::CERTIFICATE_VERIFY).await?;
        let verify = DigitallySigned::decode(&mut Reader::new(&verify.body), ProtocolVersion::TLS1_3)
            .map_err(|_| AlertDescription::DECODE_ERROR)?;
        let spki = pki::public_key(leaf).ok_or(AlertDescription::BAD_CERTIFICATE)?;
        let verified = signature::verify(&spki, verify.scheme, &signed, &verify.signature);
        verified.map_err(|_| AlertDescription::DECRYPT_ERROR)?;
    }
    Ok(chain)
}

async fn read_finished(
    connection: &mut Connection,
    transcript: &mut Vec<u8>,
    hash: HashAlgorithm,
    secret: &TrafficSecret,
) -> Result<(), Stop> {
    let expected = secret.finished(&hash.digest(&[transcript]));
    let finished = read(connection, transcript, HandshakeType::FINISHED).await?;
    if bool::from(expected.ct_eq(&finished.body)) { Ok(()) } else { Err(AlertDescription::DECRYPT_ERROR.into()) }
}

/// The next message, which must be of that type.
async fn read(
    connection: &mut Connection,
    transcript: &mut Vec<u8>,
    expected: HandshakeType,
) -> Result<RawMessage, Stop> {
    let message = connection.next_message().await?;
    if message.msg_type != expected {
        return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
    }
    transcript.extend(message.to_bytes());
    Ok(message)
}

/// What a `CertificateVerify` signs (RFC 8446 §4.4.3).
fn signed_content(context: &[u8], transcript_hash: &[u8]) -> Vec<u8> {
    [&[b' '; 64][..], context, &[0], transcript_hash].concat()
}

fn client_share(hello: &ClientHello, group: NamedGroup) -> Option<&[u8]> {
    hello.extensions.iter().flat_map(|list| &list.0).find_map(|extension| match extension {
        Extension::KeyShare(KeyShare::Offered(shares)) => {
            shares.iter().find(|share| share.group == group).map(|share| share.key_exchange.as_slice())
        }
        _ => None,
    })
}

/// The tickets of a hello and their binders, of which there is one for each.
fn offered_psks(hello: &ClientHello) -> Option<(&[PskIdentity], &[Vec<u8>])> {
    hello.extensions.iter().flat_map(|list| &list.0).find_map(|extension| match extension {
        Extension::PreSharedKey(PreSharedKey::Offered { identities, binders }) => {
            Some((identities.as_slice(), binders.as_slice()))
        }
        _ => None,
    })
}
