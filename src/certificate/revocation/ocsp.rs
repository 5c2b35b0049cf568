//! OCSP: the question, and the answer (RFC 6960 §4).

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::der::{
    BIT_STRING, Der, ENUMERATED, Element, INTEGER, NotDer, OCTET_STRING, OID, SEQUENCE, context, sha1, wrap,
};
use super::{Pair, RevocationFault, RevocationStatus, Signature, dates, reason, signature, unusable};
use crate::certificate::trust::is_signed_by;

/// id-sha1 and id-sha256, in their contents octets.
const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// id-pkix-ocsp-basic.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];

/// The most certificates of an answer that are looked at; a responder needs one.
const MOST_CERTIFICATES: usize = 4;

/// A question without a nonce: an answer that was made before is as good, and what Windows asks for.
pub(super) fn request(pair: &Pair<'_>) -> Option<Vec<u8>> {
    let algorithm = wrap(SEQUENCE, &[wrap(OID, SHA1), wrap(0x05, &[])].concat());
    let (name, key) = (sha1(pair.issuer.subject().as_raw()), sha1(&key_bits(pair)));
    let serial = pair.subject.raw_serial();
    let id = [algorithm, wrap(OCTET_STRING, &name), wrap(OCTET_STRING, &key), wrap(INTEGER, serial)].concat();
    let list = wrap(SEQUENCE, &wrap(SEQUENCE, &wrap(SEQUENCE, &id)));
    (!serial.is_empty()).then(|| wrap(SEQUENCE, &wrap(SEQUENCE, &list)))
}

pub(super) fn read(answer: &[u8], pair: &Pair<'_>, at: OffsetDateTime) -> Result<RevocationStatus, NotDer> {
    let mut response = Der(Der(answer).expect(SEQUENCE, "OCSPResponse")?.body);
    let status = response.expect(ENUMERATED, "responseStatus")?.body;
    if status != [0] {
        let why = format!("the responder answered {}", refusal(status));
        return Ok(unusable(RevocationFault::Refused, &why));
    }
    let mut bytes =
        Der(Der(response.expect(context(0), "responseBytes")?.body).expect(SEQUENCE, "ResponseBytes")?.body);
    if bytes.expect(OID, "responseType")?.body != BASIC {
        return Ok(unusable(RevocationFault::Unsupported, "its form is not known here"));
    }
    let basic = bytes.expect(OCTET_STRING, "response")?.body;
    let mut parts = Der(Der(basic).expect(SEQUENCE, "BasicOCSPResponse")?.body);
    let signed = parts.expect(SEQUENCE, "tbsResponseData")?;
    let algorithm = parts.expect(SEQUENCE, "signatureAlgorithm")?.raw;
    let bits = parts.expect(BIT_STRING, "signature")?.raw;
    let certificates = parts.optional(context(0), "certs")?;

    let signature = |key: &_| signature(signed.raw, algorithm, bits, key);
    match signature(pair.issuer.public_key()) {
        Signature::Right => {}
        Signature::Unsupported if certificates.is_none() => {
            return Ok(unusable(RevocationFault::Unsupported, "its signature algorithm is not known here"));
        }
        by_issuer @ (Signature::Wrong | Signature::Unsupported) => {
            let signers = delegates(certificates)?;
            let signer = signers.iter().find(|signer| signature(signer.public_key()) == Signature::Right);
            let is_open = signer.is_none() && {
                let by_others = signers.iter().map(|signer| signature(signer.public_key()));
                std::iter::once(by_issuer).chain(by_others).any(|by| by == Signature::Unsupported)
            };
            if is_open {
                return Ok(unusable(RevocationFault::Unsupported, "its signature algorithm is not known here"));
            }
            if let Some((fault, why)) = why_not_entitled(signer, pair, at) {
                return Ok(unusable(fault, why));
            }
        }
    }
    single(signed.body, pair, at)
}

/// Finds the answer about this certificate in `ResponseData`.
fn single(body: &[u8], pair: &Pair<'_>, at: OffsetDateTime) -> Result<RevocationStatus, NotDer> {
    let mut data = Der(body);
    data.optional(context(0), "version")?;
    data.any("responderID")?;
    data.time("producedAt")?;
    let mut responses = Der(data.expect(SEQUENCE, "responses")?.body);
    let mut out_of_date = None;
    while !responses.is_empty() {
        let mut response = Der(responses.expect(SEQUENCE, "SingleResponse")?.body);
        let id = response.expect(SEQUENCE, "certID")?;
        let status = response.any("certStatus")?;
        let this_update = response.time("thisUpdate")?;
        let next_update = match response.optional(context(0), "nextUpdate")? {
            Some(next) => Some(Der(next.body).time("nextUpdate")?),
            None => None,
        };
        if !is_about(id.body, pair)? {
            continue;
        }
        match dates(this_update, next_update, at) {
            // A current one may follow.
            Some(objection) => out_of_date = Some(objection),
            None => return status_of(&status, next_update),
        }
    }
    let not_covered = || unusable(RevocationFault::NotCovered, "it is about another certificate");
    Ok(out_of_date.unwrap_or_else(not_covered))
}

fn status_of(status: &Element<'_>, next_update: Option<OffsetDateTime>) -> Result<RevocationStatus, NotDer> {
    match status.tag {
        0x80 => Ok(RevocationStatus::Good { next_update }),
        0xa1 => {
            let mut revoked = Der(status.body);
            let since = revoked.time("revocationTime")?;
            let reason = match revoked.optional(context(0), "revocationReason")? {
                Some(code) => reason(Der(code.body).expect(ENUMERATED, "revocationReason")?.body),
                None => None,
            };
            Ok(RevocationStatus::Revoked { since, reason })
        }
        0x82 => Ok(RevocationStatus::Unknown),
        _ => Err(NotDer("certStatus")),
    }
}

/// Whether a `CertID` is that of the certificate.
fn is_about(id: &[u8], pair: &Pair<'_>) -> Result<bool, NotDer> {
    let mut fields = Der(id);
    let algorithm = Der(fields.expect(SEQUENCE, "hashAlgorithm")?.body).expect(OID, "hashAlgorithm")?.body;
    let name = fields.expect(OCTET_STRING, "issuerNameHash")?.body;
    let key = fields.expect(OCTET_STRING, "issuerKeyHash")?.body;
    let serial = fields.expect(INTEGER, "serialNumber")?.body;
    let hash = |octets: &[u8]| match algorithm {
        SHA1 => Some(sha1(octets)),
        SHA256 => Some(Sha256::digest(octets).to_vec()),
        _ => None,
    };
    let is = |octets: &[u8], found: &[u8]| hash(octets).is_some_and(|hash| hash == found);
    Ok(serial == pair.subject.raw_serial() && is(pair.issuer.subject().as_raw(), name) && is(&key_bits(pair), key))
}

/// The certificates that came along, as far as they can be read.
fn delegates(certificates: Option<Element<'_>>) -> Result<Vec<X509Certificate<'_>>, NotDer> {
    let Some(certificates) = certificates else { return Ok(Vec::new()) };
    let mut list = Der(Der(certificates.body).expect(SEQUENCE, "certs")?.body);
    let mut read = Vec::new();
    while !list.is_empty() && read.len() < MOST_CERTIFICATES {
        let element = list.expect(SEQUENCE, "certs")?;
        read.extend(X509Certificate::from_der(element.raw).ok().map(|(_, certificate)| certificate));
    }
    Ok(read)
}

/// RFC 6960 §4.2.2.2: the issuer signs, or whom it has given a certificate for OCSP signing.
fn why_not_entitled(
    signer: Option<&X509Certificate<'_>>,
    pair: &Pair<'_>,
    at: OffsetDateTime,
) -> Option<(RevocationFault, &'static str)> {
    let wrong = |why| Some((RevocationFault::WrongSigner, why));
    let Some(signer) = signer else {
        return wrong("neither the issuer's key signed it nor that of a certificate that came along");
    };
    let may_sign = signer.extended_key_usage().ok().flatten().is_some_and(|usage| usage.value.ocsp_signing);
    match is_signed_by(signer.as_raw(), pair.issuer.as_raw()) {
        Some(true) => {}
        Some(false) => return wrong("its signer's certificate is not from the issuer"),
        None => {
            let why = "whether its signer's certificate is from the issuer can't be judged here";
            return Some((RevocationFault::Unsupported, why));
        }
    }
    if !may_sign {
        return wrong("its signer's certificate is not for OCSP signing (RFC 6960 §4.2.2.2)");
    }
    let (from, until) = (signer.validity().not_before.to_datetime(), signer.validity().not_after.to_datetime());
    if at < from || at > until { wrong("its signer's certificate is out of its dates") } else { None }
}

/// The issuer's key without its algorithm, of which a `CertID` has the hash.
fn key_bits(pair: &Pair<'_>) -> Vec<u8> {
    pair.issuer.public_key().subject_public_key.data.to_vec()
}

/// RFC 6960 §4.2.1.
fn refusal(status: &[u8]) -> String {
    let word = match status {
        [1] => "malformedRequest",
        [2] => "internalError",
        [3] => "tryLater",
        [5] => "sigRequired",
        [6] => "unauthorized",
        other => return format!("status {}", hex::encode(other)),
    };
    word.to_owned()
}
