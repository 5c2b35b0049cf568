//! Distinguished names as text.
//!
//! The letters are RFC 4514's: `CN=`, `O=` …, a dotted identifier where there is no name, a backslash before what would
//! read as punctuation, `\00` for NUL, and `#` with the value's DER in hex where it is no text. The order is the
//! certificate's, as OpenSSL prints it and not RFC 4514's reverse: `C=US, O=Example Ltd, CN=www.example.com`.
//! Attributes of one part are joined by ` + `. All other characters, control characters too, are kept as they came.

use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag};
use x509_parser::error::X509Error;

use super::oid::{ATTRIBUTE_TYPES, COMMON_NAME, named};

/// A `Name` (RFC 5280 §4.1.2.4).
pub(super) struct DistinguishedName {
    /// All of it.
    pub(super) text: String,
    /// Its last, most specific `commonName`, not escaped.
    pub(super) common_name: Option<String>,
}

impl DistinguishedName {
    /// Reads the DER of a name.
    ///
    /// Walked here and not taken from the parser's own list, which ends without a word at the first part it cannot read.
    pub(super) fn read(der: &[u8]) -> Result<Self, X509Error> {
        let (_, name) = Any::from_der(der)?;
        let mut common_name = None;
        let mut all = String::with_capacity(name.data.len());
        for (place, part) in elements(name.data).enumerate() {
            all.push_str(if place == 0 { "" } else { ", " });
            for (place, attribute) in elements(part?.data).enumerate() {
                all.push_str(if place == 0 { "" } else { " + " });
                let (value, attribute_type) = Oid::from_der(attribute?.data)?;
                let attribute_type = named(&attribute_type, ATTRIBUTE_TYPES);
                let text = text(value);
                all.push_str(&attribute_type);
                all.push('=');
                all.push_str(&text.as_deref().map_or_else(|| in_hex(value), escaped));
                if attribute_type == COMMON_NAME {
                    common_name = Some(text.unwrap_or_else(|| in_hex(value)));
                }
            }
        }
        Ok(Self { text: all, common_name })
    }
}

/// The DER elements that follow one another in `octets`.
fn elements(mut octets: &[u8]) -> impl Iterator<Item = Result<Any<'_>, X509Error>> {
    std::iter::from_fn(move || {
        if octets.is_empty() {
            return None;
        }
        let element = Any::from_der(octets);
        octets = element.as_ref().map_or(&[], |(rest, _)| rest);
        Some(element.map(|(_, element)| element).map_err(X509Error::from))
    })
}

/// The text of an attribute's value in DER, or `None` where it is none.
fn text(value: &[u8]) -> Option<String> {
    let (rest, value) = Any::from_der(value).ok()?;
    if !rest.is_empty() || !value.header.is_universal() || value.header.is_constructed() {
        return None;
    }
    match value.tag() {
        // Certificates that say ASCII or some old set hold UTF-8 often enough; it is a superset of what they may hold.
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString
        | Tag::GeneralString
        | Tag::GraphicString
        | Tag::VideotexString => String::from_utf8(value.data.to_vec()).ok(),
        // T.61 on paper, Latin-1 in every certificate and every reader of them.
        Tag::T61String => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (units, []) = value.data.as_chunks() else { return None };
            char::decode_utf16(units.iter().copied().map(u16::from_be_bytes)).collect::<Result<_, _>>().ok()
        }
        Tag::UniversalString => {
            let (units, []) = value.data.as_chunks() else { return None };
            units.iter().copied().map(|unit| char::from_u32(u32::from_be_bytes(unit))).collect()
        }
        _ => None,
    }
}

/// `#` and the hex of a value's DER (RFC 4514 §2.4).
fn in_hex(value: &[u8]) -> String {
    format!("#{}", hex::encode(value))
}

/// The value with RFC 4514 §2.4's backslashes.
fn escaped(value: &str) -> String {
    let last = value.len().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (position, character) in value.char_indices() {
        match character {
            '\0' => escaped.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => escaped.extend(['\\', character]),
            '#' if position == 0 => escaped.push_str("\\#"),
            ' ' if position == 0 || position == last => escaped.push_str("\\ "),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DER of up to 127 octets.
    fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    /// The text of a name whose only attribute is this common name.
    fn common_name(string_type: u8, value: &[u8]) -> String {
        let attribute = [der(6, &[0x55, 4, 3]), der(string_type, value)].concat();
        let name = der(0x30, &der(0x31, &der(0x30, &attribute)));
        DistinguishedName::read(&name).unwrap().text
    }

    #[test]
    fn every_string_type_reads_as_its_characters() {
        for (string_type, value) in [
            (12, &b"\xc3\x9cbung"[..]),                      // UTF8String
            (19, b"\xc3\x9cbung"),                           // PrintableString that is not
            (20, b"\xdcbung"),                               // T61String
            (28, b"\0\0\0\xdc\0\0\0b\0\0\0u\0\0\0n\0\0\0g"), // UniversalString
            (30, b"\0\xdc\0b\0u\0n\0g"),                     // BMPString
        ] {
            assert_eq!(common_name(string_type, value), "CN=Übung", "string type {string_type}");
        }
    }

    #[test]
    fn a_value_that_is_no_text_is_kept_as_hex_of_its_der() {
        for (string_type, value, hex) in [
            (12, &b"a\xff"[..], "#0c0261ff"),     // not UTF-8
            (30, b"\0a\0", "#1e03006100"),        // half a character
            (30, b"\xd8\0\0a", "#1e04d8000061"),  // half a surrogate pair
            (28, b"\0\x11\0\0", "#1c0400110000"), // beyond Unicode
            (2, b"\x07", "#020107"),              // an INTEGER
            (0x2c, b"", "#2c00"),                 // a UTF8String in pieces
        ] {
            assert_eq!(common_name(string_type, value), format!("CN={hex}"));
        }
    }

    #[test]
    fn characters_that_would_read_as_punctuation_are_escaped_and_the_rest_kept() {
        for (value, shown) in [
            ("#a#", r"\#a#"),
            (" a ", r"\ a\ "),
            (" ", r"\ "),
            ("a,b+c", r"a\,b\+c"),
            ("<\"\\;>", r#"\<\"\\\;\>"#),
            ("a\0b", r"a\00b"),
            ("\u{1b}[2J\r\n\u{202e}", "\u{1b}[2J\r\n\u{202e}"),
            ("", ""),
        ] {
            assert_eq!(common_name(12, value.as_bytes()), format!("CN={shown}"));
        }
    }

    #[test]
    fn the_last_common_name_is_the_most_specific() {
        let attribute = |value: &[u8]| der(0x31, &der(0x30, &[der(6, &[0x55, 4, 3]), der(12, value)].concat()));
        let name = der(0x30, &[attribute(b"parent"), attribute(b"a,b")].concat());
        let name = DistinguishedName::read(&name).unwrap();
        assert_eq!(name.text, r"CN=parent, CN=a\,b");
        assert_eq!(name.common_name.as_deref(), Some("a,b"));
    }

    #[test]
    fn a_name_that_breaks_off_is_an_error_and_not_a_shorter_name() {
        let whole = der(0x31, &der(0x30, &[der(6, &[0x55, 4, 3]), der(12, b"a")].concat()));
        let name = der(0x30, &[whole, vec![0x31, 0x7f]].concat());
        assert!(DistinguishedName::read(&name).is_err());
        assert!(DistinguishedName::read(&[]).is_err());
    }
}
