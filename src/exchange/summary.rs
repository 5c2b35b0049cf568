//! What a flight told, as a report's data.

use crate::certificate::Certificate;
use crate::certificate::distinguished_name;
use crate::handshake::{Event, KeyLogLine, PrimeFacts, PskSession, Session, SignatureCheck};
use crate::offer::readable;
use crate::outcome::{
    CertificateRequested, CertificatesState, KeyExchange, NamedSuite, Prime, Server, SessionLeft, Signature,
    WarningAlert,
};
use crate::question::ResumeBy;
use crate::registry::{ExtensionType, GroupKind, KeyExchange as SuiteKeyExchange, NamedGroup};
use crate::wire::extension::{Extension, Extensions, KeyShare};
use crate::wire::fingerprint;
use crate::wire::handshake::{ServerHello, ServerKeyExchange};

/// What the peer told, as far as it came.
#[derive(Debug, Default)]
pub struct Learned {
    /// What the server chose.
    pub server: Option<Server>,
    /// Its certificates in DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// The OCSP answer that came with them, in DER.
    pub ocsp_response: Option<Vec<u8>>,
    /// Whether they could be seen.
    pub certificates_state: CertificatesState,
    /// Its request for a client certificate.
    pub certificate_request: Option<CertificateRequested>,
    /// Warnings among it.
    pub warning_alerts: Vec<WarningAlert>,
    /// Whether an older session was resumed.
    pub resumed: bool,
    /// What a later hello can resume, up to TLS 1.2.
    pub session: Option<Box<Session>>,
    /// What a later hello can resume in TLS 1.3.
    pub tickets: Vec<PskSession>,
    /// Application data that came together with the end of the handshake: some servers speak first.
    pub spoken: Vec<u8>,
    /// Lines for a key log file.
    pub key_log: Vec<KeyLogLine>,
    /// The first application data that answered ours.
    pub content: Vec<u8>,
}

/// As much of the content as is kept: a status line, and where it is short the page behind it.
const CONTENT_KEPT: usize = 2048;

impl Learned {
    /// Takes in what the server chose.
    pub(super) fn take_server_hello(&mut self, hello: &ServerHello) {
        let retried = self.server.is_some();
        self.server = Some(Server { after_hello_retry_request: retried, ..server(hello) });
        if hello.is_tls13() && !hello.is_hello_retry_request() {
            // All that follows is, and stays so unless the keys are there.
            self.certificates_state = CertificatesState::Encrypted;
        }
    }

    /// Takes in one thing that a handshake tells.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Certificate(certificates) => {
                self.certificates_state =
                    if certificates.is_empty() { CertificatesState::NotSent } else { CertificatesState::Read };
                self.certificates = certificates;
            }
            Event::CertificateRequest(request) => {
                self.certificate_request = Some(CertificateRequested {
                    certificate_types: request.certificate_types,
                    signature_schemes: request.signature_schemes,
                    authorities: request.authorities.iter().map(|name| distinguished_name(name)).collect(),
                    certificate_sent: None,
                });
            }
            Event::CertificateStatus(response) => {
                self.ocsp_response = response;
                if let Some(server) = &mut self.server {
                    server.ocsp_stapled = true;
                }
            }
            Event::CompressedCertificate => self.certificates_state = CertificatesState::Unreadable,
            Event::KeyLog(line) => self.key_log.push(line),
            event => {
                if let Some(server) = &mut self.server {
                    complete(server, event);
                }
            }
        }
    }

    /// Takes in the first application data that answers ours.
    pub(super) fn take_content(&mut self, data: &[u8]) {
        self.content = data.get(..CONTENT_KEPT).unwrap_or(data).to_vec();
    }

    /// What a later hello can resume, as a report tells it.
    pub(super) fn session_left(&self) -> Option<SessionLeft> {
        let mut left = SessionLeft::default();
        if let Some(session) = &self.session {
            if !session.session_id.is_empty() {
                left.by.push(ResumeBy::SessionId);
            }
            if session.ticket.is_some() {
                left.by.push(ResumeBy::Ticket);
                left.lifetime_s = Some(session.lifetime_hint.as_secs()).filter(|seconds| *seconds > 0);
            }
        }
        if let Some(ticket) = self.tickets.last() {
            left.by.push(ResumeBy::Psk);
            left.lifetime_s = Some(ticket.lifetime.as_secs());
            left.max_early_data = Some(ticket.max_early_data);
        }
        (!left.by.is_empty()).then_some(left)
    }

    /// Reads the certificates, and with them what the flight left open: with RSA key exchange the size that counts is
    /// that of the leaf's key, which encrypts the premaster secret.
    pub(super) fn read_certificates(&mut self, with_pem: bool) -> Vec<Certificate> {
        let read = |der: &Vec<u8>| {
            let certificate = Certificate::read(der);
            if with_pem { certificate.with_pem(der) } else { certificate }
        };
        let certificates: Vec<Certificate> = self.certificates.iter().map(read).collect();
        let key_exchange = self.server.as_mut().and_then(|server| server.key_exchange.as_mut());
        if let (Some(key_exchange), Some(leaf)) = (key_exchange, certificates.first())
            && key_exchange.kind == "rsa"
        {
            key_exchange.bits = rsa_bits(leaf);
        }
        certificates
    }
}

/// Adds to what the server chose.
fn complete(server: &mut Server, event: Event) {
    match event {
        Event::EncryptedExtensions(Extensions(extensions)) => {
            server.alpn = protocol(&extensions);
            server.max_fragment_length = max_fragment_length(&extensions);
            server.record_size_limit = record_size_limit(&extensions);
            server.encrypted_extensions = extensions.iter().map(Extension::extension_type).collect();
        }
        Event::ServerKeyExchange(parameters) => {
            if let Some(told) = key_exchange_of_message(&parameters) {
                server.key_exchange = Some(told);
            }
        }
        Event::Signature { scheme, check } => {
            server.signature = match check {
                SignatureCheck::Valid => Some(Signature::Valid),
                SignatureCheck::Invalid => Some(Signature::Invalid),
                SignatureCheck::Unknown => Some(Signature::Unknown),
                SignatureCheck::NotChecked => None,
            };
            if let Some(key_exchange) = &mut server.key_exchange {
                key_exchange.signature_scheme = scheme;
            }
        }
        _ => {}
    }
}

/// The application protocol among these extensions.
fn protocol(extensions: &[Extension]) -> Option<String> {
    extensions.iter().find_map(|extension| match extension {
        Extension::ApplicationLayerProtocolNegotiation(protocols) => protocols.first().map(|name| readable(name)),
        _ => None,
    })
}

/// The fragment length that was agreed to among these extensions.
fn max_fragment_length(extensions: &[Extension]) -> Option<u8> {
    extensions.iter().find_map(|extension| match extension {
        Extension::MaxFragmentLength(code) => Some(*code),
        _ => None,
    })
}

/// The limit of records among these extensions.
fn record_size_limit(extensions: &[Extension]) -> Option<u16> {
    extensions.iter().find_map(|extension| match extension {
        Extension::RecordSizeLimit(limit) => Some(*limit),
        _ => None,
    })
}

/// What a ServerHello chose.
fn server(hello: &ServerHello) -> Server {
    let extensions = || hello.extensions.iter().flat_map(|Extensions(all)| all);
    Server {
        version: hello.negotiated_version(),
        cipher_suite: NamedSuite::from(hello.cipher_suite),
        not_offered: Vec::new(),
        extensions: extensions().map(Extension::extension_type).collect(),
        extended_master_secret: extensions().any(|extension| *extension == Extension::ExtendedMasterSecret),
        session_id_length: hello.session_id.0.len(),
        key_exchange: key_exchange_of_hello(hello),
        alpn: hello.extensions.as_ref().and_then(|Extensions(all)| protocol(all)),
        encrypted_extensions: Vec::new(),
        after_hello_retry_request: false,
        signature: None,
        compression_method: hello.compression_method,
        ocsp_stapled: false,
        max_fragment_length: hello.extensions.as_ref().and_then(|Extensions(all)| max_fragment_length(all)),
        record_size_limit: hello.extensions.as_ref().and_then(|Extensions(all)| record_size_limit(all)),
        ja3s: fingerprint::ja3s(hello),
    }
}

/// What a `ServerKeyExchange` adds.
fn key_exchange_of_message(parameters: &ServerKeyExchange) -> Option<KeyExchange> {
    match parameters {
        ServerKeyExchange::Dhe { p, g, signature, .. } => Some(KeyExchange {
            kind: "dhe".to_owned(),
            group: None,
            bits: Some(bit_length(p)),
            prime: Some(prime(p, g)),
            signature_scheme: signature.as_ref().and_then(|signature| signature.scheme),
        }),
        ServerKeyExchange::Ecdhe { curve, signature, .. } => Some(KeyExchange {
            signature_scheme: signature.as_ref().and_then(|signature| signature.scheme),
            ..key_exchange_in(*curve)
        }),
        ServerKeyExchange::Other(_) => None,
    }
}

fn prime(p: &[u8], g: &[u8]) -> Prime {
    let PrimeFacts { name, is_prime } = PrimeFacts::of(p, g);
    Prime { name: name.map(str::to_owned), is_prime }
}

fn rsa_bits(leaf: &Certificate) -> Option<u32> {
    let key = &leaf.details()?.public_key;
    if key.algorithm != "RSA" {
        return None;
    }
    key.bits.and_then(|bits| bits.try_into().ok())
}

fn key_exchange_of_hello(hello: &ServerHello) -> Option<KeyExchange> {
    let share = hello.extensions.as_ref().and_then(|extensions| extensions.find(ExtensionType::KEY_SHARE));
    if let Some(Extension::KeyShare(KeyShare::Selected(share))) = share {
        return Some(key_exchange_in(share.group));
    }
    if let Some(Extension::KeyShare(KeyShare::RetryGroup(group))) = share {
        return Some(key_exchange_in(*group));
    }
    let kind = match hello.cipher_suite.info()?.key_exchange {
        // Told by key_share alone, which did not come.
        SuiteKeyExchange::Tls13 => return None,
        other => other.to_string().to_lowercase(),
    };
    Some(KeyExchange { kind, group: None, bits: None, prime: None, signature_scheme: None })
}

fn key_exchange_in(group: NamedGroup) -> KeyExchange {
    let info = group.info();
    let kind = match info.map(|info| info.kind) {
        Some(GroupKind::FiniteField) => "dhe",
        Some(GroupKind::Hybrid | GroupKind::HybridKyber) => "hybrid",
        Some(GroupKind::MlKem) => "kem",
        _ => "ecdhe",
    };
    KeyExchange {
        kind: kind.to_owned(),
        group: Some(group),
        bits: info.and_then(|info| info.bits).map(u32::from),
        prime: None,
        signature_scheme: None,
    }
}

fn bit_length(integer: &[u8]) -> u32 {
    let significant = integer.iter().skip_while(|byte| **byte == 0);
    let bytes = u32::try_from(significant.clone().count()).unwrap_or(u32::MAX);
    let leading = significant.clone().next().map_or(0, |first| first.leading_zeros());
    bytes.saturating_mul(8).saturating_sub(leading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_length_ignores_leading_zeros() {
        assert_eq!(bit_length(&[]), 0);
        assert_eq!(bit_length(&[0, 0]), 0);
        assert_eq!(bit_length(&[0, 1, 0]), 9);
        assert_eq!(bit_length(&[0xff; 256]), 2048);
    }
}
