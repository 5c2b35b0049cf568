//! As much of DER (X.690) as revocation lists, OCSP answers and collections of certificates need: one element after the other, without a copy. A
//! list may have a hundred thousand entries, of which one matters.

use sha1::{Digest, Sha1};
use time::{OffsetDateTime, UtcOffset};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// A context-specific tag in its constructed form.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The field at which bytes stop to be what they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotDer(pub(super) &'static str);

/// One element: tag, contents, and both with the length between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    pub(super) raw: &'a [u8],
}

/// Elements in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

impl<'a> Der<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8, field: &'static str) -> Result<Element<'a>, NotDer> {
        self.any(field).and_then(|element| if element.tag == tag { Ok(element) } else { Err(NotDer(field)) })
    }

    /// The next element, if it has this tag.
    pub(super) fn optional(&mut self, tag: u8, field: &'static str) -> Result<Option<Element<'a>>, NotDer> {
        if self.0.first() == Some(&tag) { self.any(field).map(Some) } else { Ok(None) }
    }

    /// The next element.
    pub(super) fn any(&mut self, field: &'static str) -> Result<Element<'a>, NotDer> {
        self.element().ok_or(NotDer(field))
    }

    /// A `UTCTime` or a `GeneralizedTime`.
    pub(super) fn time(&mut self, field: &'static str) -> Result<OffsetDateTime, NotDer> {
        let element = self.any(field)?;
        let (_, time) = ASN1Time::from_der(element.raw).map_err(|_| NotDer(field))?;
        time.to_datetime().checked_to_offset(UtcOffset::UTC).ok_or(NotDer(field))
    }

    /// A time, if there is one.
    pub(super) fn optional_time(&mut self, field: &'static str) -> Result<Option<OffsetDateTime>, NotDer> {
        let is_there = matches!(self.0.first(), Some(&(UTC_TIME | GENERALIZED_TIME)));
        if is_there { self.time(field).map(Some) } else { Ok(None) }
    }

    /// Definite lengths of up to four octets; tags of one octet, for there are no others here.
    fn element(&mut self) -> Option<Element<'a>> {
        let (&tag, after_tag) = self.0.split_first()?;
        let (&first, after_first) = after_tag.split_first()?;
        let (length, contents) = match first {
            0..=0x7f => (usize::from(first), after_first),
            0x81..=0x84 => {
                let octets = usize::from(first & 0x7f);
                let length = after_first.get(..octets)?.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
                (length, after_first.get(octets..)?)
            }
            _ => return None,
        };
        let body = contents.get(..length)?;
        let rest = contents.get(length..)?;
        let raw = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, body, raw })
    }
}

/// One extension (RFC 5280 §4.2): identifier in its contents octets, whether it is critical, contents.
pub(super) struct Extension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) is_critical: bool,
    pub(super) value: &'a [u8],
}

/// The extensions of a `SEQUENCE OF Extension`.
pub(super) fn extensions(sequence: &[u8]) -> Result<Vec<Extension<'_>>, NotDer> {
    let mut list = Der(Der(sequence).expect(SEQUENCE, "extensions")?.body);
    let mut extensions = Vec::new();
    while !list.is_empty() {
        let mut extension = Der(list.expect(SEQUENCE, "extension")?.body);
        let oid = extension.expect(OID, "extension identifier")?.body;
        let critical = extension.optional(0x01, "extension critical")?;
        let value = extension.expect(OCTET_STRING, "extension value")?.body;
        extensions.push(Extension { oid, is_critical: critical.is_some_and(|flag| flag.body != [0]), value });
    }
    Ok(extensions)
}

/// An element from its contents.
pub(super) fn wrap(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    let significant = length.iter().position(|octet| *octet != 0).unwrap_or(length.len() - 1);
    let length = length.get(significant..).unwrap_or_default();
    let mut element = vec![tag];
    if body.len() > 0x7f {
        element.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    element.extend(length);
    element.extend(body);
    element
}

pub(super) fn sha1(octets: &[u8]) -> Vec<u8> {
    Sha1::digest(octets).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_every_length_read_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let body = vec![7; length];
            let written = wrap(OCTET_STRING, &body);
            let mut read = Der(&written);
            let element = read.expect(OCTET_STRING, "x").unwrap();
            assert_eq!((element.body, element.raw.len(), read.is_empty()), (&body[..], written.len(), true));
        }
    }

    #[test]
    fn a_cut_or_a_length_without_end_is_no_element() {
        let written = wrap(SEQUENCE, &[0; 300]);
        for length in 0..written.len() {
            assert_eq!(Der(&written[..length]).any("x").unwrap_err(), NotDer("x"), "{length}");
        }
        for bytes in [&[0x30, 0x80, 0, 0][..], &[0x30, 0x85, 0, 0, 0, 0, 0], &[0x30, 0x84, 255, 255, 255, 255, 0]] {
            assert!(Der(bytes).any("x").is_err());
        }
    }
}
