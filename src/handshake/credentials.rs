//! Signatures over a handshake: the server's, checked by its certificate, and ours.

use rand::CryptoRng;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{CertificateRequested, SignatureCheck, Stopped};
use crate::crypto::rsa::RsaPublicKey;
use crate::crypto::signature::{SignatureError, SigningKey, verify};
use crate::registry::{ProtocolVersion, SignaturePadding, SignatureScheme, Tls13Use};
use crate::wire::handshake::DigitallySigned;

/// A client certificate, and its key.
pub struct ClientCertificate {
    /// The chain in DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// The key of the first of them.
    pub key: SigningKey,
}

impl ClientCertificate {
    /// Signs by the first of the key's schemes that the server asks for, in the forms of that version.
    pub(super) fn sign(
        &self,
        version: ProtocolVersion,
        request: &CertificateRequested,
        content: &[u8],
        random: &mut impl CryptoRng,
    ) -> Result<DigitallySigned, Stopped> {
        const UNABLE: Stopped = Stopped::Unable("the client's key signs by none of the schemes that the server takes");
        let scheme = if version < ProtocolVersion::TLS1_2 {
            None
        } else {
            let wanted =
                |scheme: &SignatureScheme| request.signature_schemes.contains(scheme) && signs_in(version, *scheme);
            let mut schemes = self.key.schemes();
            // There a scheme of ECDSA has its curve in the name (RFC 8446 §4.2.3).
            if version == ProtocolVersion::TLS1_3 && self.key.is_ecdsa() {
                schemes.truncate(1);
            }
            Some(schemes.into_iter().find(wanted).ok_or(UNABLE)?)
        };
        let signature = self.key.sign(scheme, content, random).ok_or(UNABLE)?;
        Ok(DigitallySigned { scheme, signature })
    }
}

/// Whether a handshake of that version may be signed so: in TLS 1.3 not by PKCS #1, and not with SHA-1
/// (RFC 8446 §4.2.3).
fn signs_in(version: ProtocolVersion, scheme: SignatureScheme) -> bool {
    scheme.info().is_some_and(|info| match version {
        ProtocolVersion::TLS1_3 => info.tls13 == Tls13Use::Yes && info.padding != SignaturePadding::Pkcs1,
        _ => info.tls12,
    })
}

/// Whether the key of this certificate signed this content.
pub(super) fn check(leaf: Option<&[u8]>, signed: &DigitallySigned, content: &[u8]) -> SignatureCheck {
    let spki = leaf.and_then(public_key);
    match spki.map(|spki| verify(spki, signed.scheme, content, &signed.signature)) {
        Some(Ok(())) => SignatureCheck::Valid,
        Some(Err(SignatureError::Invalid | SignatureError::OtherKey)) => SignatureCheck::Invalid,
        Some(Err(SignatureError::UnreadableKey | SignatureError::Unsupported)) | None => SignatureCheck::Unknown,
    }
}

/// The RSA key of a certificate, which a premaster secret can be encrypted to.
pub(super) fn rsa_key(certificate: &[u8]) -> Option<RsaPublicKey> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    RsaPublicKey::from_der(&certificate.tbs_certificate.subject_pki.subject_public_key.data).ok()
}

/// The `SubjectPublicKeyInfo` of a certificate, in DER.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate.subject_pki.raw)
}
