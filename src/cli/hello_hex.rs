//! `--hello-hex`: exact bytes from a text of hex digits.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::message::{CliError, cause};

/// The longest text that is read. It holds more than any hello has room for, comments included.
const LONGEST_TEXT: u64 = 1 << 20;

/// The bytes that a file spells; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let is_stdin = path == Path::new("-");
    let place = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    let text = if is_stdin { read_text(io::stdin().lock()) } else { File::open(path).and_then(read_text) };
    let option = format!("--hello-hex {}", path.display());
    let text = text.map_err(|error| {
        CliError::new(format!("cannot read {place}: {}", cause(&error)))
            .needed_for(&option)
            .advise("a file that this user can read, or - for standard input")
    })?;
    parse(&text).map_err(|error| {
        CliError::new(format!("cannot understand {place}: {error}"))
            .needed_for(option)
            .advise("hex digits, two for each byte; white space is skipped, and # begins a comment")
    })
}

fn read_text(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if source.take(LONGEST_TEXT + 1).read_to_string(&mut text)? as u64 > LONGEST_TEXT {
        return Err(io::Error::other(format!("it has more than {LONGEST_TEXT} bytes")));
    }
    Ok(text)
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum HexError {
    #[error("line {line} has {letter:?}, which is no hex digit")]
    Letter { line: usize, letter: char },
    #[error("it has {0} hex digits, half a byte too many")]
    HalfByte(usize),
    #[error("it spells no bytes")]
    Empty,
}

fn parse(text: &str) -> Result<Vec<u8>, HexError> {
    let mut digits = String::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split('#').next().unwrap_or_default();
        for letter in content.chars().filter(|letter| !letter.is_whitespace()) {
            if !letter.is_ascii_hexdigit() {
                return Err(HexError::Letter { line, letter });
            }
            digits.push(letter);
        }
    }
    match hex::decode(&digits) {
        Ok(bytes) if bytes.is_empty() => Err(HexError::Empty),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(HexError::HalfByte(digits.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_comments_are_skipped() {
        assert_eq!(parse("16 03 01\t# handshake, TLS 1.0\r\n\n00 5\n A #5B\n"), Ok(vec![0x16, 3, 1, 0, 0x5A]));
    }

    #[test]
    fn what_is_not_hex_is_named_with_its_line() {
        assert_eq!(parse("16\n03 0x01"), Err(HexError::Letter { line: 2, letter: 'x' }));
        assert_eq!(parse("16 0"), Err(HexError::HalfByte(3)));
        assert_eq!(parse("# nothing\n"), Err(HexError::Empty));
    }

    #[test]
    fn a_text_without_end_is_not_read_to_its_end() {
        let error = read_text(io::repeat(b'0')).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 1048576 bytes");
    }

    #[test]
    fn a_file_is_read_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hello.hex");
        std::fs::write(&path, "1603").unwrap();
        assert_eq!(read(&path), Ok(vec![0x16, 3]));

        let error = read(&folder.path().join("none.hex")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read ") && error.contains("none.hex: no such file or directory"), "{error}");
        assert!(error.contains("needed for: --hello-hex"), "{error}");
    }
}
