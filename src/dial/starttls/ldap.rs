//! LDAP (RFC 4511 §4.14): an extended request by its OID, and the result of it.

use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// `LDAPMessage { 1, ExtendedRequest { "1.3.6.1.4.1.1466.20037" } }` in BER.
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const EXTENDED_RESPONSE: u8 = 0x78;

/// The longest answer that is read.
const LONGEST: usize = 16 * 1024;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    talk.say(START_TLS).await?;
    let length = loop {
        match element(talk.heard(), SEQUENCE) {
            Ok(Some((_, rest))) => break talk.heard().len() - rest.len(),
            Ok(None) if talk.heard().len() <= LONGEST => talk.listen("the server's answer to StartTLS").await?,
            _ => return Err(malformed("LDAPMessage", 0, "a SEQUENCE of at most 16 KiB")),
        }
    };
    let message = talk.take(length);
    let (code, diagnosis) = result(&message).ok_or_else(|| malformed("LDAPMessage", 2, "an ExtendedResponse"))?;
    match code {
        [0] => Ok(()),
        [code] => Err(refused(&code, diagnosis)),
        _ => Err(malformed("resultCode", 0, "one byte")),
    }
}

/// `resultCode` and `diagnosticMessage` of a whole message (RFC 4511 §4.1.9).
fn result(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let whole = |bytes, tag| element(bytes, tag).ok().flatten();
    let (fields, _) = whole(message, SEQUENCE)?;
    let (_message_id, rest) = whole(fields, INTEGER)?;
    let (response, _) = whole(rest, EXTENDED_RESPONSE)?;
    let (code, rest) = whole(response, ENUMERATED)?;
    let (_matched, rest) = whole(rest, OCTET_STRING)?;
    let (diagnosis, _) = whole(rest, OCTET_STRING)?;
    Some((code, diagnosis))
}

/// The contents of an element, and what stands behind it.
type Element<'a> = (&'a [u8], &'a [u8]);

/// The element at the front; `None` while it is not whole, `Err` where another stands there. Lengths are definite (RFC 4511 §5.1), of up to four bytes.
fn element(bytes: &[u8], tag: u8) -> Result<Option<Element<'_>>, ()> {
    let (length, rest) = match *bytes {
        [first, ..] if first != tag => return Err(()),
        [_, short @ ..=0x7f, ref rest @ ..] => (usize::from(short), rest),
        [_, long @ 0x81..=0x84, ref rest @ ..] => {
            let Some((digits, rest)) = rest.split_at_checked(usize::from(long & 0x7f)) else { return Ok(None) };
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        [_, _, ..] => return Err(()),
        _ => return Ok(None),
    };
    if length > LONGEST { Err(()) } else { Ok(rest.split_at_checked(length)) }
}
