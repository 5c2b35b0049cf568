//! Signatures of a server's RSA key, as TLS 1.2 and later have them.

use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::signature::{self, RsaEncoding, RsaKeyPair};

use crate::registry::SignatureScheme;

/// What an RSA key signs, in the order it is chosen: PKCS #1 first, as Schannel does in TLS 1.2.
static ENCODINGS: [(SignatureScheme, &dyn RsaEncoding); 6] = [
    (SignatureScheme::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_SHA256),
    (SignatureScheme::RSA_PKCS1_SHA384, &signature::RSA_PKCS1_SHA384),
    (SignatureScheme::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_SHA512),
    (SignatureScheme::RSA_PSS_RSAE_SHA256, &signature::RSA_PSS_SHA256),
    (SignatureScheme::RSA_PSS_RSAE_SHA384, &signature::RSA_PSS_SHA384),
    (SignatureScheme::RSA_PSS_RSAE_SHA512, &signature::RSA_PSS_SHA512),
];

/// A private key of a server's. It cannot be printed.
pub struct RsaSigner(RsaKeyPair);

impl RsaSigner {
    /// The key in a PKCS #8 document.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyRejected> {
        RsaKeyPair::from_pkcs8(der).map(Self)
    }

    /// What it signs, best first.
    pub fn signature_schemes() -> impl Iterator<Item = SignatureScheme> {
        ENCODINGS.iter().map(|(scheme, _)| *scheme)
    }

    /// Signs by one of its schemes. The salt of PSS comes from the system: ring takes no other.
    ///
    /// # Panics
    ///
    /// Where the scheme is none of [`signature_schemes`](Self::signature_schemes).
    pub fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Vec<u8> {
        let (_, encoding) = ENCODINGS.iter().find(|(known, _)| *known == scheme).expect("one of its own schemes");
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(*encoding, &SystemRandom::new(), message, &mut signature)
            .expect("a 2048-bit key has room for every encoding");
        signature
    }
}
