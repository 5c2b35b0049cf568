//! What comes after the handshake (RFC 8446 §4.6): tickets, new keys, and late requests for a certificate.

use std::time::Duration;

use rand::CryptoRng;

use super::super::link::Link;
use super::super::{Event, Options, PskSession, Stopped};
use super::{Request, Tls13, certificate_messages, read_request, schedule};
use crate::registry::ExtensionType;
use crate::wire::Wire;
use crate::wire::extension::{EarlyData, Extension, Extensions};
use crate::wire::handshake::{HandshakeType, NewSessionTicket13, RawMessage};

/// How many bytes of early data a ticket allows: none, where it does not say.
fn max_early_data(extensions: &Extensions) -> u32 {
    match extensions.find(ExtensionType::EARLY_DATA) {
        Some(Extension::EarlyData(EarlyData::MaxSize(size))) => *size,
        _ => 0,
    }
}

impl Tls13 {
    pub(super) fn read_after(
        &mut self,
        message: &RawMessage,
        options: &Options,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        let body = message.body.as_slice();
        match message.msg_type {
            HandshakeType::NEW_SESSION_TICKET => self.read_ticket(NewSessionTicket13::from_bytes(body)?, link),
            HandshakeType::KEY_UPDATE => self.update_keys(body, link, random)?,
            HandshakeType::CERTIFICATE_REQUEST => {
                let request = read_request(body, link)?;
                self.authenticate(message, &request, options, link, random)?;
            }
            found => return Err(Stopped::unexpected(found, self.expected())),
        }
        Ok(())
    }

    fn read_ticket(&mut self, ticket: NewSessionTicket13, link: &mut Link) {
        let Some(resumption) = &self.resumption else { return };
        link.tell(Event::Ticket(Box::new(PskSession {
            cipher_suite: self.suite,
            psk: resumption.psk(&ticket.nonce),
            max_early_data: max_early_data(&ticket.extensions),
            ticket: ticket.ticket,
            lifetime: Duration::from_secs(ticket.lifetime.into()),
            age_add: ticket.age_add,
        })));
    }

    /// KeyUpdate (RFC 8446 §4.6.3): the server's next records are under new keys, and ours too if it asks for that.
    fn update_keys(&mut self, body: &[u8], link: &mut Link, random: &mut impl CryptoRng) -> Result<(), Stopped> {
        let wants_ours = match body {
            [0] => false,
            [1] => true,
            other => {
                let found = other.first().copied().unwrap_or_default().into();
                return Err(Stopped::field("key_update.request_update", found, "0 or 1"));
            }
        };
        let Some(application) = &mut self.application else { return Ok(()) };
        link.tell(Event::KeyUpdate);
        application.server = application.server.updated();
        link.open_with(schedule::protection(&application.server, self.suite)?)?;
        if wants_ours {
            let answer = RawMessage { msg_type: HandshakeType::KEY_UPDATE, body: vec![0] };
            link.write_message(&answer.to_bytes(), random);
            application.client = application.client.updated();
            link.seal_with(schedule::protection(&application.client, self.suite)?);
        }
        Ok(())
    }

    /// Says late who we are (RFC 8446 §4.6.2). Each such answer has a transcript of its own, behind the handshake's.
    fn authenticate(
        &mut self,
        message: &RawMessage,
        request: &Request,
        options: &Options,
        link: &mut Link,
        random: &mut impl CryptoRng,
    ) -> Result<(), Stopped> {
        let Some(application) = &self.application else { return Ok(()) };
        let mut transcript = self.schedule.fork();
        transcript.update(&message.to_bytes());
        for message in certificate_messages(request, options, &mut transcript, random)? {
            link.write_message(&message, random);
        }
        let verify_data = application.client.finished(&transcript.finish());
        let finished = RawMessage { msg_type: HandshakeType::FINISHED, body: verify_data.to_vec() };
        link.write_message(&finished.to_bytes(), random);
        Ok(())
    }
}
