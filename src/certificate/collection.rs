//! Certificates that come several in one: a file of them, or what is behind an AIA URL.

use pem::Pem;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::der::{Der, INTEGER, NotDer, OID, SEQUENCE, SET, context};

/// The most certificates that are taken of one file.
const MOST: usize = 8;

/// `id-signedData` (RFC 5652 §5.1), as its contents octets.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The certificates that can be read in a file, at most eight of them: one in DER, several in PEM, or signed data that
/// signs nothing and just carries them, which is the other form that an AIA URL may lead to (RFC 5280 §4.2.2.1), `.p7c`.
/// Of its encodings DER is read, and BER with definite lengths.
pub fn certificates_in(file: &[u8]) -> Vec<Vec<u8>> {
    let found = certificates_in_der(file);
    if !found.is_empty() {
        return found;
    }
    let blocks = pem::parse_many(file).unwrap_or_default();
    blocks.into_iter().map(Pem::into_contents).flat_map(|der| certificates_in_der(&der)).take(MOST).collect()
}

fn certificates_in_der(der: &[u8]) -> Vec<Vec<u8>> {
    if is_certificate(der) {
        return vec![der.to_vec()];
    }
    carried(der).unwrap_or_default()
}

fn is_certificate(der: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(rest, _)| rest.is_empty())
}

/// The certificates of a `ContentInfo` with `SignedData`. Nobody's signature is looked at: a certificate has its own.
fn carried(der: &[u8]) -> Result<Vec<Vec<u8>>, NotDer> {
    let mut content_info = Der(Der(der).expect(SEQUENCE, "ContentInfo")?.body);
    if content_info.expect(OID, "contentType")?.body != SIGNED_DATA {
        return Err(NotDer("contentType"));
    }
    let content = content_info.expect(context(0), "content")?;
    let mut signed_data = Der(Der(content.body).expect(SEQUENCE, "SignedData")?.body);
    signed_data.expect(INTEGER, "version")?;
    signed_data.expect(SET, "digestAlgorithms")?;
    signed_data.expect(SEQUENCE, "encapContentInfo")?;
    let Some(set) = signed_data.optional(context(0), "certificates")? else { return Ok(Vec::new()) };
    let mut certificates = Der(set.body);
    let mut found = Vec::new();
    while !certificates.is_empty() && found.len() < MOST {
        // Attribute certificates may stand among them.
        let one = certificates.any("certificate")?;
        if is_certificate(one.raw) {
            found.push(one.raw.to_vec());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::super::testdata::der;
    use super::*;

    const FILES: [&str; 2] =
        ["leafs/api.cdp.microsoft.com-2023.pem", "roots/microsoft-root-certificate-authority-2011.pem"];

    /// What `openssl crl2pkcs7 -nocrl` makes of these.
    fn certs_only(certificates: &[Vec<u8>]) -> Vec<u8> {
        let data = wrap(SEQUENCE, &wrap(OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]));
        let set = wrap(context(0), &certificates.concat());
        let parts = [wrap(INTEGER, &[1]), wrap(SET, &[]), data, set, wrap(SET, &[])];
        let signed_data = wrap(SEQUENCE, &parts.concat());
        wrap(SEQUENCE, &[wrap(OID, SIGNED_DATA), wrap(context(0), &signed_data)].concat())
    }

    #[test]
    fn one_certificate_several_in_pem_and_those_in_signed_data_are_found() {
        let two = FILES.map(der).to_vec();
        assert_eq!(certificates_in(&two[0]), two[..1]);
        let pem: String = two.iter().map(|der| pem::encode(&Pem::new("CERTIFICATE", der.clone()))).collect();
        assert_eq!(certificates_in(pem.as_bytes()), two);
        assert_eq!(certificates_in(&certs_only(&two)), two);
        let in_pem = pem::encode(&Pem::new("PKCS7", certs_only(&two)));
        assert_eq!(certificates_in(in_pem.as_bytes()), two);
    }

    #[test]
    fn no_more_are_taken_than_a_chain_has() {
        let many = vec![der(FILES[0]); 20];
        assert_eq!(certificates_in(&certs_only(&many)).len(), MOST);
    }

    #[test]
    fn what_is_cut_or_something_else_holds_none() {
        let whole = certs_only(&[der(FILES[0])]);
        for length in 0..whole.len() {
            assert!(certificates_in(&whole[..length]).is_empty(), "{length}");
        }
        let other = wrap(SEQUENCE, &[wrap(OID, &[0x2a, 3]), wrap(context(0), &[])].concat());
        for bytes in [&other[..], b"<html>no such file</html>", b"", &certs_only(&[])] {
            assert!(certificates_in(bytes).is_empty());
        }
        let with_another = certs_only(&[wrap(context(1), b"an attribute certificate"), der(FILES[0])]);
        assert_eq!(certificates_in(&with_another), [der(FILES[0])]);
    }
}
