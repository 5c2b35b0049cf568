//! Files of Windows as text: UTF-8 or UTF-16, told by their byte order mark, or the old code page.

use std::borrow::Cow;

/// The text of a file. Without a mark it is UTF-8, or failing that the Western code page, whose ASCII half is all that
/// is looked for in such files. What cannot be decoded becomes U+FFFD.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        },
    }
}

/// UTF-16 units in this order of bytes.
pub(super) fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (units, odd) = bytes.as_chunks();
    let mut text: String = char::decode_utf16(units.iter().copied().map(unit))
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_tells_the_encoding() {
        let units: Vec<u16> = "Größe 漢".encode_utf16().collect();
        let little: Vec<u8> =
            [0xFF, 0xFE].into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(units.iter().flat_map(|unit| unit.to_be_bytes())).collect();
        assert_eq!(decode(&little), "Größe 漢");
        assert_eq!(decode(&big), "Größe 漢");
        assert_eq!(decode("\u{feff}Größe".as_bytes()), "Größe");
    }

    #[test]
    fn without_a_mark_it_is_utf_8_or_the_western_code_page() {
        assert_eq!(decode("Größe".as_bytes()), "Größe");
        assert_eq!(decode(b"Gr\xF6\xDFe"), "Größe");
    }

    #[test]
    fn what_breaks_off_is_marked() {
        assert_eq!(decode(&[0xFF, 0xFE, b'a', 0, b'b']), "a\u{fffd}");
        assert_eq!(decode(&[0xFF, 0xFE, 0x00, 0xD8]), "\u{fffd}");
        assert_eq!(decode(&[]), "");
    }
}
