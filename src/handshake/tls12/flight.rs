//! The server's flight behind its ServerHello (RFC 5246 §7.3): what it says, wherever it leads.

use super::super::{CertificateRequested, Event, Stopped};
use super::Link;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::wire::Wire;
use crate::wire::handshake::{
    Certificate, CertificateRequest, CertificateStatus, HandshakeType, KeyExchangeForm, RawMessage, ServerKeyExchange,
};

/// What the flight has said so far.
pub(super) struct ServerFlight {
    pub(super) version: ProtocolVersion,
    pub(super) suite: CipherSuite,
    /// In DER, leaf first.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) key_exchange: Option<ServerKeyExchange>,
    pub(super) request: Option<CertificateRequested>,
}

impl ServerFlight {
    pub(super) fn new(version: ProtocolVersion, suite: CipherSuite) -> Self {
        Self { version, suite, certificates: Vec::new(), key_exchange: None, request: None }
    }

    /// Reads one of its messages. Certificates and key exchange are kept where they are needed later.
    pub(super) fn read(&mut self, message: &RawMessage, keep: bool, link: &mut Link) -> Result<(), Stopped> {
        let body = message.body.as_slice();
        match message.msg_type {
            HandshakeType::CERTIFICATE => {
                let Certificate { entries } = Certificate::from_bytes(body)?;
                if keep {
                    self.certificates.clone_from(&entries);
                }
                link.tell(Event::Certificate(entries));
            }
            HandshakeType::SERVER_KEY_EXCHANGE => {
                let form = KeyExchangeForm::of(self.suite);
                let parameters = ServerKeyExchange::decode(body, form, self.version)?;
                if keep {
                    self.key_exchange = Some(parameters.clone());
                }
                link.tell(Event::ServerKeyExchange(parameters));
            }
            HandshakeType::CERTIFICATE_REQUEST => {
                let request = CertificateRequest::decode(body, self.version)?;
                let request = CertificateRequested {
                    certificate_types: request.certificate_types,
                    signature_schemes: request.signature_schemes.unwrap_or_default(),
                    authorities: request.authorities,
                };
                self.request = Some(request.clone());
                link.tell(Event::CertificateRequest(request));
            }
            HandshakeType::CERTIFICATE_STATUS => {
                // One that can't be read ends nothing: it is no part of the exchange of keys.
                let status = CertificateStatus::from_bytes(body).ok();
                link.tell(Event::CertificateStatus(status.and_then(CertificateStatus::into_ocsp)));
            }
            HandshakeType::SUPPLEMENTAL_DATA | HandshakeType::SERVER_HELLO_DONE => {}
            other => return Err(Stopped::unexpected(other, "a message of the server's first flight")),
        }
        Ok(())
    }
}
