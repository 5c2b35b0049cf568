//! A revocation list (RFC 5280 §5).

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::der::{BIT_STRING, Der, ENUMERATED, INTEGER, NotDer, SEQUENCE, context, extensions};
use super::{Pair, RevocationFault, RevocationStatus, Signature, dates, reason, signature, unusable};

/// Extensions of lists and entries, in the contents octets of their identifiers.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
/// cRLDistributionPoints, of the certificate.
const DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
/// cRLNumber, issuerAltName, authorityKeyIdentifier: they change nothing here.
const HARMLESS: [&[u8]; 3] = [&[0x55, 0x1d, 20], &[0x55, 0x1d, 18], &[0x55, 0x1d, 35]];

/// The parts of a `CertificateList` before its entries, and the entries.
struct List<'a> {
    issuer: &'a [u8],
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    entries: &'a [u8],
    extensions: Option<&'a [u8]>,
}

pub(super) fn read(list: &[u8], pair: &Pair<'_>, at: OffsetDateTime) -> Result<RevocationStatus, NotDer> {
    if list.trim_ascii_start().starts_with(b"-----BEGIN") {
        let why = "it is PEM, and clients read DER alone from a distribution point (RFC 5280 §4.2.1.13)";
        return Ok(unusable(RevocationFault::Malformed, why));
    }
    let mut parts = Der(Der(list).expect(SEQUENCE, "CertificateList")?.body);
    let signed = parts.expect(SEQUENCE, "tbsCertList")?;
    let algorithm = parts.expect(SEQUENCE, "signatureAlgorithm")?.raw;
    let bits = parts.expect(BIT_STRING, "signatureValue")?.raw;
    let list = List::read(signed.body)?;

    if list.issuer != pair.subject.issuer().as_raw() {
        let why = "it is of another issuer than the certificate";
        return Ok(unusable(RevocationFault::WrongSigner, why));
    }
    match signature(signed.raw, algorithm, bits, pair.issuer.public_key()) {
        Signature::Right => {}
        Signature::Wrong => {
            let why = "it bears the issuer's name, and the issuer's key did not sign it";
            return Ok(unusable(RevocationFault::WrongSigner, why));
        }
        Signature::Unsupported => {
            return Ok(unusable(RevocationFault::Unsupported, "its signature algorithm is not known here"));
        }
    }
    if let Some(status) = list.objection(pair)? {
        return Ok(status);
    }
    if let Some(status) = dates(list.this_update, list.next_update, at) {
        return Ok(status);
    }
    list.entry(pair.subject.raw_serial(), at)
}

impl<'a> List<'a> {
    fn read(body: &'a [u8]) -> Result<Self, NotDer> {
        let mut fields = Der(body);
        fields.optional(INTEGER, "version")?;
        fields.expect(SEQUENCE, "signature")?;
        let issuer = fields.expect(SEQUENCE, "issuer")?.raw;
        let this_update = fields.time("thisUpdate")?;
        let next_update = fields.optional_time("nextUpdate")?;
        let entries = fields.optional(SEQUENCE, "revokedCertificates")?.map_or(&[][..], |entries| entries.body);
        let extensions = fields.optional(context(0), "crlExtensions")?.map(|extensions| extensions.body);
        Ok(Self { issuer, this_update, next_update, entries, extensions })
    }

    /// Why its extensions keep it from speaking for this certificate.
    fn objection(&self, pair: &Pair<'_>) -> Result<Option<RevocationStatus>, NotDer> {
        let Some(all) = self.extensions else { return Ok(None) };
        let all = extensions(all)?;
        // Once, however often the extension comes.
        let has_point = all.iter().any(|extension| extension.oid == ISSUING_DISTRIBUTION_POINT);
        let names = if has_point { names_of_points(pair)? } else { None };
        for extension in all {
            let objection = match extension.oid {
                DELTA_CRL_INDICATOR => {
                    let why = "it is a delta CRL: it holds only what changed since a base list (RFC 5280 §5.2.4)";
                    Some((RevocationFault::DeltaCrl, why))
                }
                ISSUING_DISTRIBUTION_POINT => match out_of_scope(extension.value, pair.subject.is_ca())? {
                    None if is_of_another_point(extension.value, names.as_ref())? => {
                        let why = "it is the list of another distribution point than the certificate names";
                        Some((RevocationFault::NotCovered, why))
                    }
                    objection => objection,
                },
                oid if extension.is_critical && !HARMLESS.contains(&oid) => {
                    Some((RevocationFault::Unsupported, "it has a critical extension that is not known here"))
                }
                _ => None,
            };
            if let Some((fault, why)) = objection {
                return Ok(Some(unusable(fault, why)));
            }
        }
        Ok(None)
    }

    /// The entry of this serial number. A list is in no order, so all of it may have to be read.
    fn entry(&self, serial: &[u8], at: OffsetDateTime) -> Result<RevocationStatus, NotDer> {
        let mut entries = Der(self.entries);
        while !entries.is_empty() {
            let mut entry = Der(entries.expect(SEQUENCE, "revokedCertificate")?.body);
            if unsigned(entry.expect(INTEGER, "userCertificate")?.body) != unsigned(serial) {
                continue;
            }
            let since = entry.time("revocationDate")?;
            let mut why = None;
            if !entry.is_empty() {
                for extension in extensions(entry.0)? {
                    match extension.oid {
                        REASON_CODE => why = reason(Der(extension.value).expect(ENUMERATED, "reasonCode")?.body),
                        CERTIFICATE_ISSUER => {
                            let why = "it lists certificates of other issuers (an indirect CRL)";
                            return Ok(unusable(RevocationFault::Unsupported, why));
                        }
                        _ => {}
                    }
                }
            }
            if since <= at {
                return Ok(RevocationStatus::Revoked { since, reason: why });
            }
        }
        Ok(RevocationStatus::Good { next_update: self.next_update })
    }
}

/// Why a list of this scope (RFC 5280 §5.2.5) says nothing of a certificate, which may be a CA's.
fn out_of_scope(value: &[u8], is_ca: bool) -> Result<Option<(RevocationFault, &'static str)>, NotDer> {
    let mut fields = Der(Der(value).expect(SEQUENCE, "issuingDistributionPoint")?.body);
    while !fields.is_empty() {
        let field = fields.any("issuingDistributionPoint")?;
        let is_set = field.body.iter().any(|octet| *octet != 0);
        let why = match field.tag {
            0x81 if is_set && is_ca => "it lists certificates of users alone, and this one is a CA's",
            0x82 if is_set && !is_ca => "it lists certificates of CAs alone, and this one is none",
            0x83 | 0xa3 => "it lists revocations for some reasons only",
            0x84 if is_set => "it lists certificates of other issuers (an indirect CRL)",
            0x85 if is_set => "it lists attribute certificates alone",
            _ => continue,
        };
        return Ok(Some((RevocationFault::NotCovered, why)));
    }
    Ok(None)
}

/// The names of the certificate's distribution points, in small letters; nothing where one of them has none in full.
fn names_of_points(pair: &Pair<'_>) -> Result<Option<BTreeSet<Vec<u8>>>, NotDer> {
    let points = pair.subject.extensions().iter().find(|extension| extension.oid.as_bytes() == DISTRIBUTION_POINTS);
    let Some(points) = points else { return Ok(None) };
    let mut points = Der(Der(points.value).expect(SEQUENCE, "cRLDistributionPoints")?.body);
    let mut all = BTreeSet::new();
    while !points.is_empty() {
        let mut names = full_names(&mut Der(points.expect(SEQUENCE, "distributionPoint")?.body))?;
        if names.is_empty() {
            return Ok(None);
        }
        while !names.is_empty() {
            all.insert(names.any("fullName")?.raw.to_ascii_lowercase());
        }
    }
    Ok(Some(all))
}

/// Whether the names of a list's own point are all other ones than those of the certificate's points: a CA may publish
/// several lists, each for some of its certificates (RFC 5280 §6.3.3 (b)(2)(i)). Where one side gives no name in full,
/// there is nothing to compare.
///
/// A list may be of tens of megabytes, all of them names: each is looked up as it is read, and none is kept.
fn is_of_another_point(value: &[u8], of_certificate: Option<&BTreeSet<Vec<u8>>>) -> Result<bool, NotDer> {
    let mut names = full_names(&mut Der(Der(value).expect(SEQUENCE, "issuingDistributionPoint")?.body))?;
    let Some(of_certificate) = of_certificate else { return Ok(false) };
    let has_names = !names.is_empty();
    let mut name = Vec::new();
    while !names.is_empty() {
        name.clear();
        name.extend(names.any("fullName")?.raw.iter().map(u8::to_ascii_lowercase));
        if of_certificate.contains(&name) {
            return Ok(false);
        }
    }
    Ok(has_names)
}

/// The names in a `distributionPoint` [0], if that is the next field and gives them in full, [0].
fn full_names<'a>(fields: &mut Der<'a>) -> Result<Der<'a>, NotDer> {
    let Some(point) = fields.optional(context(0), "distributionPoint")? else { return Ok(Der(&[])) };
    let names = Der(point.body).optional(context(0), "fullName")?;
    Ok(Der(names.map_or(&[][..], |names| names.body)))
}

/// A serial number without the zeros that only its form demands.
fn unsigned(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}
