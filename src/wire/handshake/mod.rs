//! Handshake messages (RFC 8446 §4, RFC 5246 §7.4): their types, their header, and one file for each body.
//!
//! `HelloRequest` and `ServerHelloDone` have empty bodies and `Finished` is opaque: a [`RawMessage`] says all of them.

mod certificate;
mod certificate_request;
mod certificate_status;
mod client_hello;
mod encrypted_extensions;
mod first_hello;
mod message_reader;
mod new_session_ticket;
mod server_hello;
mod server_key_exchange;
mod session_id;

pub use certificate::{Certificate, Certificate13, CertificateEntry};
pub use certificate_request::{CertificateRequest, CertificateRequest13};
pub use certificate_status::CertificateStatus;
pub use client_hello::ClientHello;
pub use encrypted_extensions::EncryptedExtensions;
pub use first_hello::FirstHello;
pub use message_reader::{MAX_MESSAGE, MessageReader};
pub use new_session_ticket::{NewSessionTicket, NewSessionTicket13};
pub use server_hello::ServerHello;
pub use server_key_exchange::{DigitallySigned, KeyExchangeForm, ServerKeyExchange};
pub use session_id::SessionId;

use super::{DecodeError, Reader, Wire, Writer};
use crate::registry::code_point;

code_point! {
    /// `HandshakeType` (RFC 8446 §4, and the IANA registry for the rest).
    HandshakeType(u8), 2
}

impl HandshakeType {
    /// A server's wish to negotiate again (RFC 5246 §7.4.1.1).
    pub const HELLO_REQUEST: Self = Self(0);
    /// A [`ClientHello`].
    pub const CLIENT_HELLO: Self = Self(1);
    /// A [`ServerHello`], which may be a HelloRetryRequest.
    pub const SERVER_HELLO: Self = Self(2);
    /// DTLS's cookie (RFC 6347 §4.3.2).
    pub const HELLO_VERIFY_REQUEST: Self = Self(3);
    /// A [`NewSessionTicket`] or a [`NewSessionTicket13`].
    pub const NEW_SESSION_TICKET: Self = Self(4);
    /// The end of 0-RTT data (RFC 8446 §4.5).
    pub const END_OF_EARLY_DATA: Self = Self(5);
    /// HelloRetryRequest as TLS 1.3 drafts had it; now it is a ServerHello.
    pub const HELLO_RETRY_REQUEST: Self = Self(6);
    /// [`EncryptedExtensions`].
    pub const ENCRYPTED_EXTENSIONS: Self = Self(8);
    /// A [`Certificate`] or a [`Certificate13`].
    pub const CERTIFICATE: Self = Self(11);
    /// A [`ServerKeyExchange`].
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    /// A [`CertificateRequest`] or a [`CertificateRequest13`].
    pub const CERTIFICATE_REQUEST: Self = Self(13);
    /// The empty end of a server's first flight (RFC 5246 §7.4.5).
    pub const SERVER_HELLO_DONE: Self = Self(14);
    /// A [`DigitallySigned`] over the transcript.
    pub const CERTIFICATE_VERIFY: Self = Self(15);
    /// The client's share or encrypted secret (RFC 5246 §7.4.7).
    pub const CLIENT_KEY_EXCHANGE: Self = Self(16);
    /// A MAC over the transcript.
    pub const FINISHED: Self = Self(20);
    /// Where the client's certificate can be fetched (RFC 6066 §5).
    pub const CERTIFICATE_URL: Self = Self(21);
    /// A [`CertificateStatus`].
    pub const CERTIFICATE_STATUS: Self = Self(22);
    /// Supplemental data (RFC 4680).
    pub const SUPPLEMENTAL_DATA: Self = Self(23);
    /// TLS 1.3's change of traffic keys (RFC 8446 §4.6.3).
    pub const KEY_UPDATE: Self = Self(24);
    /// A TLS 1.3 Certificate, compressed (RFC 8879).
    pub const COMPRESSED_CERTIFICATE: Self = Self(25);
    /// NPN's choice of protocol, never standardized.
    pub const NEXT_PROTOCOL: Self = Self(67);
    /// Not sent: stands for the first ClientHello in a transcript with a HelloRetryRequest (RFC 8446 §4.4.1).
    pub const MESSAGE_HASH: Self = Self(254);

    const NAMES: [(Self, &str); 22] = [
        (Self::HELLO_REQUEST, "hello_request"),
        (Self::CLIENT_HELLO, "client_hello"),
        (Self::SERVER_HELLO, "server_hello"),
        (Self::HELLO_VERIFY_REQUEST, "hello_verify_request"),
        (Self::NEW_SESSION_TICKET, "new_session_ticket"),
        (Self::END_OF_EARLY_DATA, "end_of_early_data"),
        (Self::HELLO_RETRY_REQUEST, "hello_retry_request"),
        (Self::ENCRYPTED_EXTENSIONS, "encrypted_extensions"),
        (Self::CERTIFICATE, "certificate"),
        (Self::SERVER_KEY_EXCHANGE, "server_key_exchange"),
        (Self::CERTIFICATE_REQUEST, "certificate_request"),
        (Self::SERVER_HELLO_DONE, "server_hello_done"),
        (Self::CERTIFICATE_VERIFY, "certificate_verify"),
        (Self::CLIENT_KEY_EXCHANGE, "client_key_exchange"),
        (Self::FINISHED, "finished"),
        (Self::CERTIFICATE_URL, "certificate_url"),
        (Self::CERTIFICATE_STATUS, "certificate_status"),
        (Self::SUPPLEMENTAL_DATA, "supplemental_data"),
        (Self::KEY_UPDATE, "key_update"),
        (Self::COMPRESSED_CERTIFICATE, "compressed_certificate"),
        (Self::NEXT_PROTOCOL, "next_protocol"),
        (Self::MESSAGE_HASH, "message_hash"),
    ];

    /// The registered name.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|(msg_type, _)| *msg_type == self).map(|(_, name)| name)
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(msg_type, _)| msg_type)
    }
}

/// `Handshake` (RFC 8446 §4): one whole message, its body not yet read. Its bytes are the ones that a transcript hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    /// What the body is.
    pub msg_type: HandshakeType,
    /// The message without its header.
    pub body: Vec<u8>,
}

impl Wire for RawMessage {
    fn encode(&self, out: &mut Writer) {
        out.u8(self.msg_type.0);
        out.vec24(|out| out.bytes(&self.body));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let msg_type = HandshakeType(input.u8("handshake.msg_type")?);
        let body = input.vec24("handshake.body")?.of_length(..=MAX_MESSAGE, "0..65536")?.rest().to_vec();
        Ok(Self { msg_type, body })
    }
}

/// The message of that type and body, header included.
///
/// # Panics
///
/// Where a part of the body is longer than its length field can say, as [`Wire::to_bytes`] does.
pub fn message(msg_type: HandshakeType, body: &impl Wire) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(msg_type.0);
    out.vec24(|out| body.encode(out));
    out.finish().expect("every part fits its length field")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const SERVER_HELLO_DONE: [u8; 4] = [14, 0, 0, 0];
    const FINISHED: [u8; 7] = [20, 0, 0, 3, 1, 2, 3];

    #[test]
    fn raw_message_reads_and_writes_the_same_bytes() {
        let done = RawMessage { msg_type: HandshakeType::SERVER_HELLO_DONE, body: vec![] };
        testing::reads_and_writes(&SERVER_HELLO_DONE, &done);
        let finished = RawMessage { msg_type: HandshakeType::FINISHED, body: vec![1, 2, 3] };
        testing::reads_and_writes(&FINISHED, &finished);
    }

    #[test]
    fn a_message_is_its_body_behind_a_header() {
        assert_eq!(message(HandshakeType::CLIENT_HELLO, &SessionId(vec![9])), [1, 0, 0, 2, 1, 9]);
    }

    #[test]
    fn rejects_every_truncation_of_raw_message() {
        testing::rejects_every_truncation::<RawMessage>(&FINISHED);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<RawMessage>(&FINISHED);
    }

    #[test]
    fn handshake_types_have_their_registered_names() {
        assert_eq!(HandshakeType::SERVER_HELLO.to_string(), "server_hello");
        assert_eq!(HandshakeType(200).to_string(), "0xC8");
        for (msg_type, name) in HandshakeType::NAMES {
            assert_eq!(HandshakeType::from_name(name), Some(msg_type));
        }
    }
}
