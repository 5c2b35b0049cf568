//! Tickets to resume with, in the form of TLS 1.2 and older and in that of TLS 1.3.

use crate::wire::extension::{Context, Extensions};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `NewSessionTicket` (RFC 5077 §3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSessionTicket {
    /// `ticket_lifetime_hint`: seconds, 0 where the server does not say.
    pub lifetime_hint: u32,
    /// The ticket; empty where the server changed its mind.
    pub ticket: Vec<u8>,
}

impl Wire for NewSessionTicket {
    fn encode(&self, out: &mut Writer) {
        out.u32(self.lifetime_hint);
        out.vec16(|out| out.bytes(&self.ticket));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let lifetime_hint = input.u32("new_session_ticket.ticket_lifetime_hint")?;
        let ticket = input.vec16("new_session_ticket.ticket")?.rest().to_vec();
        Ok(Self { lifetime_hint, ticket })
    }
}

/// `NewSessionTicket` (RFC 8446 §4.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSessionTicket13 {
    /// `ticket_lifetime` in seconds.
    pub lifetime: u32,
    /// `ticket_age_add`: hides the age that the client will send.
    pub age_add: u32,
    /// `ticket_nonce`: makes the ticket's PSK its own.
    pub nonce: Vec<u8>,
    /// The ticket, which becomes the PSK's identity.
    pub ticket: Vec<u8>,
    /// `early_data` or none.
    pub extensions: Extensions,
}

impl Wire for NewSessionTicket13 {
    fn encode(&self, out: &mut Writer) {
        out.u32(self.lifetime);
        out.u32(self.age_add);
        out.vec8(|out| out.bytes(&self.nonce));
        out.vec16(|out| out.bytes(&self.ticket));
        self.extensions.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let lifetime = input.u32("new_session_ticket.ticket_lifetime")?;
        let age_add = input.u32("new_session_ticket.ticket_age_add")?;
        let nonce = input.vec8("new_session_ticket.ticket_nonce")?.rest().to_vec();
        let ticket = input.vec16("new_session_ticket.ticket")?.of_length(1.., "1..65535")?.rest().to_vec();
        let extensions = Extensions::decode(Context::NewSessionTicket, input)?;
        Ok(Self { lifetime, age_add, nonce, ticket, extensions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::{EarlyData, Extension};
    use crate::wire::testing;

    const TLS1_2: [u8; 9] = [0, 0, 0x1c, 0x20, 0, 3, 7, 8, 9];
    const TLS1_3: [u8; 24] = [0, 0, 0x1c, 0x20, 1, 2, 3, 4, 1, 0, 0, 2, 7, 8, 0, 8, 0, 42, 0, 4, 0, 0, 0x40, 0];

    #[test]
    fn new_session_ticket_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&TLS1_2, &NewSessionTicket { lifetime_hint: 7200, ticket: vec![7, 8, 9] });
    }

    #[test]
    fn new_session_ticket13_reads_and_writes_the_same_bytes() {
        let ticket = NewSessionTicket13 {
            lifetime: 7200,
            age_add: 0x0102_0304,
            nonce: vec![0],
            ticket: vec![7, 8],
            extensions: Extensions(vec![Extension::EarlyData(EarlyData::MaxSize(0x4000))]),
        };
        testing::reads_and_writes(&TLS1_3, &ticket);
    }

    #[test]
    fn an_empty_ticket_is_allowed_up_to_tls1_2_and_rejected_in_tls1_3() {
        testing::reads_and_writes(&[0; 6], &NewSessionTicket { lifetime_hint: 0, ticket: vec![] });
        let error = NewSessionTicket13::from_bytes(&[0; 13]).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("new_session_ticket.ticket", 11));
    }

    #[test]
    fn rejects_every_truncation_of_new_session_ticket() {
        testing::rejects_every_truncation::<NewSessionTicket>(&TLS1_2);
        testing::rejects_every_truncation::<NewSessionTicket13>(&TLS1_3);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<NewSessionTicket>(&TLS1_2);
        testing::never_panics::<NewSessionTicket13>(&TLS1_3);
    }
}
