//! A server's wish for a client certificate, in the form of TLS 1.2 and older and in that of TLS 1.3.

use crate::registry::{ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Context, Extensions, decode_authorities, encode_authorities};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `CertificateRequest` (RFC 5246 §7.4.4, RFC 4346 §7.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// `ClientCertificateType`s: 1 is `rsa_sign`, 64 `ecdsa_sign`.
    pub certificate_types: Vec<u8>,
    /// `supported_signature_algorithms`: TLS 1.2 alone has them.
    pub signature_schemes: Option<Vec<SignatureScheme>>,
    /// The DER of the names that the client's certificate may come from; none means any.
    pub authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads a message body of that version.
    pub fn decode(body: &[u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        let mut input = Reader::new(body);
        let certificate_types =
            input.vec8("certificate_request.certificate_types")?.of_length(1.., "1..255")?.rest().to_vec();
        let says_schemes = version >= ProtocolVersion::TLS1_2;
        let signature_schemes = says_schemes.then(|| signature_schemes(&mut input)).transpose()?;
        let authorities = decode_authorities("certificate_request.certificate_authorities", &mut input)?;
        input.end()?;
        Ok(Self { certificate_types, signature_schemes, authorities })
    }

    /// Appends the message body. Signature schemes are written exactly if there is a list of them.
    pub fn encode(&self, out: &mut Writer) {
        out.vec8(|out| out.bytes(&self.certificate_types));
        if let Some(schemes) = &self.signature_schemes {
            out.vec16(|out| schemes.iter().for_each(|scheme| out.u16(scheme.0)));
        }
        encode_authorities(&self.authorities, out);
    }

    /// The message body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.encode(&mut out);
        out.into_bytes()
    }
}

fn signature_schemes(input: &mut Reader<'_>) -> Result<Vec<SignatureScheme>, DecodeError> {
    const FIELD: &str = "certificate_request.supported_signature_algorithms";
    input.vec16(FIELD)?.of_length(2.., "2..65534")?.list(|list| list.u16(FIELD).map(SignatureScheme))
}

/// `CertificateRequest` (RFC 8446 §4.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest13 {
    /// `certificate_request_context`: empty during the handshake.
    pub context: Vec<u8>,
    /// `signature_algorithms` at least; `certificate_authorities` are the names asked for.
    pub extensions: Extensions,
}

impl Wire for CertificateRequest13 {
    fn encode(&self, out: &mut Writer) {
        out.vec8(|out| out.bytes(&self.context));
        self.extensions.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let context = input.vec8("certificate_request.certificate_request_context")?.rest().to_vec();
        let extensions = Extensions::decode(Context::CertificateRequest, input)?;
        Ok(Self { context, extensions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::Extension;
    use crate::wire::testing;

    const TLS1_1: [u8; 9] = [2, 1, 64, 0, 4, 0, 2, 0x30, 0];
    const TLS1_2: [u8; 10] = [1, 1, 0, 4, 4, 1, 4, 3, 0, 0];
    const TLS1_3: [u8; 16] = [1, 5, 0, 12, 0, 13, 0, 4, 0, 2, 4, 3, 0, 5, 0, 0];

    fn tls1_1() -> CertificateRequest {
        CertificateRequest { certificate_types: vec![1, 64], signature_schemes: None, authorities: vec![vec![0x30, 0]] }
    }

    fn tls1_2() -> CertificateRequest {
        CertificateRequest {
            certificate_types: vec![1],
            signature_schemes: Some(vec![SignatureScheme(0x0401), SignatureScheme(0x0403)]),
            authorities: vec![],
        }
    }

    #[test]
    fn certificate_request_reads_and_writes_the_same_bytes() {
        assert_eq!(CertificateRequest::decode(&TLS1_1, ProtocolVersion::TLS1_1), Ok(tls1_1()));
        assert_eq!(tls1_1().to_bytes(), TLS1_1);
        assert_eq!(CertificateRequest::decode(&TLS1_2, ProtocolVersion::TLS1_2), Ok(tls1_2()));
        assert_eq!(tls1_2().to_bytes(), TLS1_2);
    }

    #[test]
    fn certificate_request13_reads_and_writes_the_same_bytes() {
        let extensions = Extensions(vec![
            Extension::SignatureAlgorithms(vec![SignatureScheme(0x0403)]),
            Extension::StatusRequest(crate::wire::extension::StatusRequest::Empty),
        ]);
        testing::reads_and_writes(&TLS1_3, &CertificateRequest13 { context: vec![5], extensions });
    }

    #[test]
    fn rejects_an_empty_list_of_certificate_types_or_signature_algorithms() {
        let no_types = CertificateRequest { certificate_types: vec![], ..tls1_1() };
        let error = CertificateRequest::decode(&no_types.to_bytes(), ProtocolVersion::TLS1_1).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("certificate_request.certificate_types", 1));

        let no_schemes = CertificateRequest { signature_schemes: Some(vec![]), ..tls1_2() };
        let error = CertificateRequest::decode(&no_schemes.to_bytes(), ProtocolVersion::TLS1_2).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("certificate_request.supported_signature_algorithms", 4));
    }

    #[test]
    fn rejects_an_empty_authority() {
        let unnamed = CertificateRequest { authorities: vec![vec![]], ..tls1_1() };
        let error = CertificateRequest::decode(&unnamed.to_bytes(), ProtocolVersion::TLS1_1).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("certificate_request.certificate_authorities", 7));
    }

    #[test]
    fn rejects_every_truncation_of_certificate_request() {
        testing::rejects_every_truncation_with(&TLS1_1, |bytes| {
            CertificateRequest::decode(bytes, ProtocolVersion::TLS1_1)
        });
        testing::rejects_every_truncation_with(&TLS1_2, |bytes| {
            CertificateRequest::decode(bytes, ProtocolVersion::TLS1_2)
        });
        testing::rejects_every_truncation::<CertificateRequest13>(&TLS1_3);
    }

    #[test]
    fn never_panics() {
        for (valid, version) in [(&TLS1_1[..], ProtocolVersion::TLS1_1), (&TLS1_2, ProtocolVersion::TLS1_2)] {
            testing::never_panics_with(valid, |bytes| {
                CertificateRequest::decode(bytes, version).ok().map(|message| message.to_bytes())
            });
        }
        testing::never_panics::<CertificateRequest13>(&TLS1_3);
    }
}
