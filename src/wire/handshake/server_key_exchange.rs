//! The server's ephemeral share up to TLS 1.2, usually signed.

use crate::registry::{Authentication, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::{DecodeError, Reader, Writer};

/// `ServerKeyExchange` (RFC 5246 §7.4.3, RFC 8422 §5.4). Only the cipher suite says which form its bytes have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerKeyExchange {
    /// Finite-field Diffie-Hellman: `ServerDHParams` and their signature.
    Dhe {
        /// `dh_p`, the prime.
        p: Vec<u8>,
        /// `dh_g`, the generator.
        g: Vec<u8>,
        /// `dh_Ys`, the server's share, with or without leading zeros.
        public: Vec<u8>,
        /// `None` where the suite is anonymous.
        signature: Option<DigitallySigned>,
    },
    /// Elliptic-curve Diffie-Hellman on a named curve: `ServerECDHParams` and their signature.
    Ecdhe {
        /// `namedcurve`.
        curve: NamedGroup,
        /// The server's point.
        public: Vec<u8>,
        /// `None` where the suite is anonymous.
        signature: Option<DigitallySigned>,
    },
    /// The whole body where it is not read further: explicit curves, PSK, SRP, export RSA.
    Other(Vec<u8>),
}

/// Which form a [`ServerKeyExchange`] has, as the cipher suite says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchangeForm {
    /// `DHE_…`, or `DH_anon` where not signed.
    Dhe {
        /// Whether a signature follows.
        signed: bool,
    },
    /// `ECDHE_…`, or `ECDH_anon` where not signed.
    Ecdhe {
        /// Whether a signature follows.
        signed: bool,
    },
    /// A form this module keeps unread.
    Other,
}

impl KeyExchangeForm {
    /// The form that goes with a suite (RFC 5246 §7.4.3, RFC 8422 §5.4).
    pub fn of(suite: CipherSuite) -> Self {
        let Some(info) = suite.info() else { return Self::Other };
        let signed = info.authentication != Authentication::Anonymous;
        match (info.key_exchange, info.authentication) {
            // With a pre-shared key beside it, the message begins with a hint (RFC 5489 §2).
            (_, Authentication::Psk) => Self::Other,
            (KeyExchange::Dhe, _) => Self::Dhe { signed },
            (KeyExchange::Ecdhe, _) => Self::Ecdhe { signed },
            _ => Self::Other,
        }
    }
}

/// `digitally-signed` (RFC 5246 §4.7), also the body of a `CertificateVerify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitallySigned {
    /// `SignatureAndHashAlgorithm`; before TLS 1.2 the key type implies it and nothing is sent.
    pub scheme: Option<SignatureScheme>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// `ECCurveType` (RFC 8422 §5.4).
mod curve_type {
    pub(super) const EXPLICIT_PRIME: u8 = 1;
    pub(super) const EXPLICIT_CHAR2: u8 = 2;
    pub(super) const NAMED_CURVE: u8 = 3;
}

impl ServerKeyExchange {
    /// Reads a message body of that form.
    pub fn decode(body: &[u8], form: KeyExchangeForm, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let mut input = Reader::new(body);
        let message = match form {
            KeyExchangeForm::Dhe { signed } => Self::decode_dhe(&mut input, signed, version)?,
            KeyExchangeForm::Ecdhe { signed } => Self::decode_ecdhe(&mut input, signed, version)?,
            KeyExchangeForm::Other => Self::Other(input.rest().to_vec()),
        };
        input.end()?;
        Ok(message)
    }

    /// Appends the message body. A signature is written with its scheme exactly if it has one.
    pub fn encode(&self, out: &mut Writer) {
        self.encode_params(out);
        match self {
            Self::Dhe { signature, .. } | Self::Ecdhe { signature, .. } => {
                if let Some(signature) = signature {
                    signature.encode(out);
                }
            }
            Self::Other(_) => {}
        }
    }

    /// Appends what the signature covers, after the two randoms (RFC 5246 §7.4.3): all but the signature.
    pub fn encode_params(&self, out: &mut Writer) {
        match self {
            Self::Dhe { p, g, public, .. } => {
                out.vec16(|out| out.bytes(p));
                out.vec16(|out| out.bytes(g));
                out.vec16(|out| out.bytes(public));
            }
            Self::Ecdhe { curve, public, .. } => {
                out.u8(curve_type::NAMED_CURVE);
                out.u16(curve.0);
                out.vec8(|out| out.bytes(public));
            }
            Self::Other(bytes) => out.bytes(bytes),
        }
    }

    /// The message body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.encode(&mut out);
        out.into_bytes()
    }

    fn decode_dhe(input: &mut Reader<'_>, signed: bool, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let p = input.vec16("server_key_exchange.dh_p")?.of_length(1.., "1..65535")?.rest().to_vec();
        let g = input.vec16("server_key_exchange.dh_g")?.of_length(1.., "1..65535")?.rest().to_vec();
        let public = input.vec16("server_key_exchange.dh_Ys")?.of_length(1.., "1..65535")?.rest().to_vec();
        let signature = signed.then(|| DigitallySigned::decode(input, version)).transpose()?;
        Ok(Self::Dhe { p, g, public, signature })
    }

    fn decode_ecdhe(input: &mut Reader<'_>, signed: bool, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let whole = input.clone().rest();
        match input.u8("server_key_exchange.curve_type")? {
            curve_type::NAMED_CURVE => {
                let curve = NamedGroup(input.u16("server_key_exchange.namedcurve")?);
                let public = input.vec8("server_key_exchange.public")?.of_length(1.., "1..255")?.rest().to_vec();
                let signature = signed.then(|| DigitallySigned::decode(input, version)).transpose()?;
                Ok(Self::Ecdhe { curve, public, signature })
            }
            curve_type::EXPLICIT_PRIME | curve_type::EXPLICIT_CHAR2 => {
                input.rest();
                Ok(Self::Other(whole.to_vec()))
            }
            found => Err(DecodeError::Value {
                field: "server_key_exchange.curve_type",
                offset: 0,
                found: u64::from(found),
                expected: "1 (explicit_prime), 2 (explicit_char2) or 3 (named_curve)",
            }),
        }
    }
}

impl DigitallySigned {
    /// Reads a signature, with its scheme from TLS 1.2 on.
    pub fn decode(input: &mut Reader<'_>, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let says_scheme = version >= ProtocolVersion::TLS1_2;
        let scheme = says_scheme.then(|| input.u16("digitally_signed.algorithm").map(SignatureScheme)).transpose()?;
        let signature = input.vec16("digitally_signed.signature")?.rest().to_vec();
        Ok(Self { scheme, signature })
    }

    /// Appends the signature, after its scheme if it has one.
    pub fn encode(&self, out: &mut Writer) {
        if let Some(scheme) = self.scheme {
            out.u16(scheme.0);
        }
        out.vec16(|out| out.bytes(&self.signature));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const DHE: [u8; 14] = [0, 2, 0xff, 0xfb, 0, 1, 2, 0, 1, 9, 0, 2, 0xaa, 0xbb];
    const ECDHE: [u8; 12] = [3, 0, 29, 2, 7, 8, 4, 1, 0, 2, 0xaa, 0xbb];
    const EXPLICIT: [u8; 3] = [1, 5, 6];

    const SIGNED_DHE: KeyExchangeForm = KeyExchangeForm::Dhe { signed: true };
    const SIGNED_ECDHE: KeyExchangeForm = KeyExchangeForm::Ecdhe { signed: true };

    fn dhe() -> ServerKeyExchange {
        let signature = DigitallySigned { scheme: None, signature: vec![0xaa, 0xbb] };
        ServerKeyExchange::Dhe { p: vec![0xff, 0xfb], g: vec![2], public: vec![9], signature: Some(signature) }
    }

    fn ecdhe() -> ServerKeyExchange {
        let signature = DigitallySigned { scheme: Some(SignatureScheme(0x0401)), signature: vec![0xaa, 0xbb] };
        ServerKeyExchange::Ecdhe { curve: NamedGroup(29), public: vec![7, 8], signature: Some(signature) }
    }

    #[test]
    fn dhe_of_tls1_0_reads_and_writes_the_same_bytes() {
        assert_eq!(ServerKeyExchange::decode(&DHE, SIGNED_DHE, ProtocolVersion::TLS1_0), Ok(dhe()));
        assert_eq!(dhe().to_bytes(), DHE);
    }

    #[test]
    fn ecdhe_of_tls1_2_reads_and_writes_the_same_bytes_with_its_scheme() {
        assert_eq!(ServerKeyExchange::decode(&ECDHE, SIGNED_ECDHE, ProtocolVersion::TLS1_2), Ok(ecdhe()));
        assert_eq!(ecdhe().to_bytes(), ECDHE);
    }

    #[test]
    fn an_anonymous_exchange_has_no_signature() {
        let form = KeyExchangeForm::Ecdhe { signed: false };
        let message = ServerKeyExchange::decode(&ECDHE[..6], form, ProtocolVersion::TLS1_2).unwrap();
        assert!(matches!(&message, ServerKeyExchange::Ecdhe { signature: None, .. }));
        assert_eq!(message.to_bytes(), ECDHE[..6]);
    }

    #[test]
    fn a_psk_beside_ecdhe_changes_the_form_of_the_message() {
        let form = |name: &str| KeyExchangeForm::of(CipherSuite::from_name(name).unwrap());
        assert_eq!(form("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), KeyExchangeForm::Ecdhe { signed: true });
        assert_eq!(form("TLS_DH_anon_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Dhe { signed: false });
        assert_eq!(form("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Other);
        assert_eq!(form("TLS_RSA_WITH_AES_128_CBC_SHA"), KeyExchangeForm::Other);
    }

    #[test]
    fn the_signature_covers_all_before_it() {
        let mut out = Writer::new();
        ecdhe().encode_params(&mut out);
        assert_eq!(out.into_bytes(), ECDHE[..6]);
    }

    #[test]
    fn forms_that_are_not_read_are_kept() {
        for (bytes, form) in [(&EXPLICIT[..], SIGNED_ECDHE), (&DHE, KeyExchangeForm::Other)] {
            let message = ServerKeyExchange::decode(bytes, form, ProtocolVersion::TLS1_2).unwrap();
            assert_eq!(message, ServerKeyExchange::Other(bytes.to_vec()));
            assert_eq!(message.to_bytes(), bytes);
        }
    }

    #[test]
    fn rejects_an_unknown_curve_type() {
        let error = ServerKeyExchange::decode(&[4, 0, 0], SIGNED_ECDHE, ProtocolVersion::TLS1_2).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("server_key_exchange.curve_type", 0));
    }

    #[test]
    fn rejects_empty_numbers_and_points() {
        let no_prime = [0, 0, 0, 1, 2, 0, 1, 9, 0, 0];
        let error = ServerKeyExchange::decode(&no_prime, SIGNED_DHE, ProtocolVersion::TLS1_0).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("server_key_exchange.dh_p", 2));

        let no_point = [3, 0, 29, 0, 4, 1, 0, 0];
        let error = ServerKeyExchange::decode(&no_point, SIGNED_ECDHE, ProtocolVersion::TLS1_2).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("server_key_exchange.public", 4));
    }

    #[test]
    fn rejects_every_truncation_of_server_key_exchange() {
        testing::rejects_every_truncation_with(&DHE, |bytes| {
            ServerKeyExchange::decode(bytes, SIGNED_DHE, ProtocolVersion::TLS1_0)
        });
        testing::rejects_every_truncation_with(&ECDHE, |bytes| {
            ServerKeyExchange::decode(bytes, SIGNED_ECDHE, ProtocolVersion::TLS1_2)
        });
    }

    #[test]
    fn never_panics() {
        for (valid, form, version) in
            [(&DHE[..], SIGNED_DHE, ProtocolVersion::TLS1_0), (&ECDHE, SIGNED_ECDHE, ProtocolVersion::TLS1_2)]
        {
            testing::never_panics_with(valid, |bytes| {
                ServerKeyExchange::decode(bytes, form, version).ok().map(|message| message.to_bytes())
            });
        }
    }
}
