//! The stapled word on revocation.

use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `CertificateStatus` (RFC 6066 §8): a message up to TLS 1.2, an extension of a certificate's entry in TLS 1.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStatus {
    /// [`OCSP`](Self::OCSP), or what else there may be.
    pub status_type: u8,
    /// For OCSP the DER of an `OCSPResponse`, without its length; for an unknown type all that follows.
    pub response: Vec<u8>,
}

impl CertificateStatus {
    /// `ocsp` (RFC 6066 §8): one response, for the leaf.
    pub const OCSP: u8 = 1;
    /// `ocsp_multi` (RFC 6961 §2.2): a list of responses, each with a three-byte length.
    pub const OCSP_MULTI: u8 = 2;

    /// The DER of the one OCSP response on the leaf, if that is what it is.
    pub fn into_ocsp(self) -> Option<Vec<u8>> {
        (self.status_type == Self::OCSP).then_some(self.response)
    }
}

impl Wire for CertificateStatus {
    fn encode(&self, out: &mut Writer) {
        out.u8(self.status_type);
        match self.status_type {
            Self::OCSP | Self::OCSP_MULTI => out.vec24(|out| out.bytes(&self.response)),
            _ => out.bytes(&self.response),
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let status_type = input.u8("certificate_status.status_type")?;
        let response = match status_type {
            Self::OCSP | Self::OCSP_MULTI => {
                input.vec24("certificate_status.response")?.of_length(1.., "1..16777215")?.rest()
            }
            _ => input.rest(),
        };
        Ok(Self { status_type, response: response.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const OCSP: [u8; 7] = [1, 0, 0, 3, 0x30, 0x01, 0x02];

    #[test]
    fn certificate_status_reads_and_writes_the_same_bytes() {
        let status = CertificateStatus { status_type: CertificateStatus::OCSP, response: vec![0x30, 1, 2] };
        testing::reads_and_writes(&OCSP, &status);
    }

    #[test]
    fn a_status_of_an_unknown_type_is_kept_whole() {
        testing::reads_and_writes(&[9, 1, 2], &CertificateStatus { status_type: 9, response: vec![1, 2] });
    }

    #[test]
    fn rejects_an_empty_ocsp_response() {
        let error = CertificateStatus::from_bytes(&[1, 0, 0, 0]).unwrap_err();
        let (field, allowed) = ("certificate_status.response", "1..16777215");
        assert_eq!(error, DecodeError::Length { field, offset: 4, found: 0, allowed });
    }

    #[test]
    fn rejects_every_truncation_of_certificate_status() {
        testing::rejects_every_truncation::<CertificateStatus>(&OCSP);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<CertificateStatus>(&OCSP);
    }
}
