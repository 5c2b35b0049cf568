//! What a flight told, as a report's data.

use crate::certificate::Certificate;
use crate::offer::readable;
use crate::outcome::{CertificateRequested, CertificatesState, KeyExchange, NamedSuite, Server, WarningAlert};
use crate::registry::{
    Authentication, CipherSuite, ExtensionType, GroupKind, KeyExchange as SuiteKeyExchange, NamedGroup,
};
use crate::wire::extension::{Extension, Extensions, KeyShare};
use crate::wire::fingerprint;
use crate::wire::handshake::{KeyExchangeForm, ServerHello, ServerKeyExchange};

/// What the flight told, as far as it came.
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
}

impl Learned {
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

/// What a ServerHello chose.
pub(super) fn server(hello: &ServerHello) -> Server {
    let extensions = || hello.extensions.iter().flat_map(|Extensions(all)| all);
    Server {
        version: hello.negotiated_version(),
        cipher_suite: NamedSuite::from(hello.cipher_suite),
        not_offered: Vec::new(),
        extensions: extensions().map(Extension::extension_type).collect(),
        extended_master_secret: extensions().any(|extension| *extension == Extension::ExtendedMasterSecret),
        session_id_length: hello.session_id.0.len(),
        key_exchange: key_exchange_of_hello(hello),
        alpn: extensions().find_map(|extension| match extension {
            Extension::ApplicationLayerProtocolNegotiation(protocols) => protocols.first().map(|name| readable(name)),
            _ => None,
        }),
        compression_method: hello.compression_method,
        ocsp_stapled: false,
        ja3s: fingerprint::ja3s(hello),
    }
}

/// How to read the `ServerKeyExchange` of a suite (RFC 5246 §7.4.3, RFC 8422 §5.4).
pub(super) fn key_exchange_form(suite: CipherSuite) -> KeyExchangeForm {
    let Some(info) = suite.info() else { return KeyExchangeForm::Other };
    let signed = info.authentication != Authentication::Anonymous;
    match (info.key_exchange, info.authentication) {
        // With a pre-shared key beside it, the message begins with a hint (RFC 5489 §2).
        (_, Authentication::Psk) => KeyExchangeForm::Other,
        (SuiteKeyExchange::Dhe, _) => KeyExchangeForm::Dhe { signed },
        (SuiteKeyExchange::Ecdhe, _) => KeyExchangeForm::Ecdhe { signed },
        _ => KeyExchangeForm::Other,
    }
}

/// What a `ServerKeyExchange` adds.
pub(super) fn key_exchange_of_message(parameters: &ServerKeyExchange) -> Option<KeyExchange> {
    match parameters {
        ServerKeyExchange::Dhe { p, signature, .. } => Some(KeyExchange {
            kind: "dhe".to_owned(),
            group: None,
            bits: Some(bit_length(p)),
            signature_scheme: signature.as_ref().and_then(|signature| signature.scheme),
        }),
        ServerKeyExchange::Ecdhe { curve, signature, .. } => Some(KeyExchange {
            signature_scheme: signature.as_ref().and_then(|signature| signature.scheme),
            ..key_exchange_in(*curve)
        }),
        ServerKeyExchange::Other(_) => None,
    }
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
    Some(KeyExchange { kind, group: None, bits: None, signature_scheme: None })
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

    #[test]
    fn a_psk_beside_ecdhe_changes_the_form_of_the_message() {
        let form = |name: &str| key_exchange_form(CipherSuite::from_name(name).unwrap());
        assert_eq!(form("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), KeyExchangeForm::Ecdhe { signed: true });
        assert_eq!(form("TLS_DH_anon_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Dhe { signed: false });
        assert_eq!(form("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Other);
        assert_eq!(form("TLS_RSA_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Other);
    }
}
