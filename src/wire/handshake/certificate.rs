//! The peer's certificates, in the form of TLS 1.2 and older and in that of TLS 1.3. They stay DER here.

use crate::wire::extension::{Context, Extensions};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// The most certificates of a chain that are read. Clients follow ten or fewer; OpenSSL follows 100 unless told otherwise.
const MAX_CERTIFICATES: usize = 100;

/// The items of a chain, of which there may not be more than [`MAX_CERTIFICATES`].
fn at_most<T>(
    mut list: Reader<'_>,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut count = 0;
    list.list(|list| {
        count += 1;
        if count > MAX_CERTIFICATES {
            let (field, offset) = ("certificate.certificate_list", list.offset());
            return Err(DecodeError::Length { field, offset, found: count, allowed: "0..100 certificates" });
        }
        item(list)
    })
}

/// `Certificate` (RFC 5246 §7.4.2), the same since SSL 3.0. A client without a certificate sends an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// DER, as sent: the leaf should come first.
    pub entries: Vec<Vec<u8>>,
}

impl Wire for Certificate {
    fn encode(&self, out: &mut Writer) {
        out.vec24(|out| self.entries.iter().for_each(|entry| out.vec24(|out| out.bytes(entry))));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let entries = at_most(input.vec24("certificate.certificate_list")?, cert_data)?;
        Ok(Self { entries })
    }
}

/// `Certificate` (RFC 8446 §4.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate13 {
    /// `certificate_request_context`: empty from a server.
    pub context: Vec<u8>,
    /// The chain: the leaf is first.
    pub entries: Vec<CertificateEntry>,
}

/// `CertificateEntry` (RFC 8446 §4.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateEntry {
    /// `cert_data`: DER, or a raw public key (RFC 7250).
    pub data: Vec<u8>,
    /// What belongs to this certificate: an OCSP response, signed certificate timestamps.
    pub extensions: Extensions,
}

impl Wire for Certificate13 {
    fn encode(&self, out: &mut Writer) {
        out.vec8(|out| out.bytes(&self.context));
        out.vec24(|out| self.entries.iter().for_each(|entry| entry.encode(out)));
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let context = input.vec8("certificate.certificate_request_context")?.rest().to_vec();
        let entries = at_most(input.vec24("certificate.certificate_list")?, CertificateEntry::decode)?;
        Ok(Self { context, entries })
    }
}

impl Wire for CertificateEntry {
    fn encode(&self, out: &mut Writer) {
        out.vec24(|out| out.bytes(&self.data));
        self.extensions.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let data = cert_data(input)?;
        let extensions = Extensions::decode(Context::Certificate, input)?;
        Ok(Self { data, extensions })
    }
}

/// `opaque ASN.1Cert<1..2^24-1>`.
fn cert_data(input: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let mut data = input.vec24("certificate.cert_data")?.of_length(1.., "1..16777215")?;
    Ok(data.rest().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::Extension;
    use crate::wire::testing;

    const CHAIN_OF_TWO: [u8; 12] = [0, 0, 9, 0, 0, 2, 0x30, 0, 0, 0, 1, 0x31];
    const NONE: [u8; 3] = [0, 0, 0];
    const CHAIN_OF_ONE_13: [u8; 19] = [1, 7, 0, 0, 14, 0, 0, 2, 0x30, 0, 0, 7, 0, 18, 0, 3, 0, 1, 9];

    #[test]
    fn rejects_more_certificates_than_any_chain_has() {
        let chain = |length| Certificate { entries: vec![vec![0x30]; length] }.to_bytes();
        assert_eq!(Certificate::from_bytes(&chain(MAX_CERTIFICATES)).unwrap().entries.len(), MAX_CERTIFICATES);
        let error = Certificate::from_bytes(&chain(MAX_CERTIFICATES + 1)).unwrap_err();
        assert_eq!((error.field(), error.expected().contains("0..100")), ("certificate.certificate_list", true));
    }

    #[test]
    fn certificate_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&CHAIN_OF_TWO, &Certificate { entries: vec![vec![0x30, 0], vec![0x31]] });
        testing::reads_and_writes(&NONE, &Certificate { entries: vec![] });
    }

    #[test]
    fn certificate13_reads_and_writes_the_same_bytes() {
        let extensions = Extensions(vec![Extension::SignedCertificateTimestamp(vec![0, 1, 9])]);
        let entry = CertificateEntry { data: vec![0x30, 0], extensions };
        testing::reads_and_writes(&CHAIN_OF_ONE_13, &Certificate13 { context: vec![7], entries: vec![entry] });
    }

    #[test]
    fn rejects_an_empty_certificate_in_the_list() {
        let empty = Certificate { entries: vec![vec![]] };
        let error = Certificate::from_bytes(&empty.to_bytes()).unwrap_err();
        let (field, allowed) = ("certificate.cert_data", "1..16777215");
        assert_eq!(error, DecodeError::Length { field, offset: 6, found: 0, allowed });
    }

    #[test]
    fn rejects_every_truncation_of_certificate() {
        testing::rejects_every_truncation::<Certificate>(&CHAIN_OF_TWO);
        testing::rejects_every_truncation::<Certificate13>(&CHAIN_OF_ONE_13);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<Certificate>(&CHAIN_OF_TWO);
        testing::never_panics::<Certificate13>(&CHAIN_OF_ONE_13);
    }
}
