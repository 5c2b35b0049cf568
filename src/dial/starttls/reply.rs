//! Replies of three digits, as FTP and SMTP give them (RFC 959 §4.2, RFC 5321 §4.2).

use super::line::line;
use super::malformed;
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// The most lines of one reply: a greeting with a company's whole policy in it has fewer.
const MOST_LINES: usize = 256;

/// A whole reply, of which the last line counts.
pub(super) struct Reply {
    pub(super) code: u16,
    /// The last line, code included.
    pub(super) text: Vec<u8>,
}

impl Reply {
    /// Whether it says that all is well (2yz).
    pub(super) fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// Reads a reply. `220-` begins one of several lines, which a line with the same code and a space ends; FTP allows any
/// lines between.
pub(super) async fn reply(talk: &mut Talk, waiting_for: &str) -> Result<Reply, Failure> {
    let first = line(talk, waiting_for).await?;
    let Some(code) = code_of(&first) else { return Err(malformed("reply", 0, "a code of three digits")) };
    let mut last = first;
    let mut lines = 1;
    while code_of(&last) != Some(code) || last.get(3) == Some(&b'-') {
        lines += 1;
        if lines > MOST_LINES {
            return Err(malformed("reply", 0, "its last line within 256 lines"));
        }
        last = line(talk, waiting_for).await?;
    }
    Ok(Reply { code, text: last })
}

/// The code at the beginning of a line, if one stands there by itself.
fn code_of(line: &[u8]) -> Option<u16> {
    let (digits, rest) = line.split_at_checked(3)?;
    let stands_alone = matches!(rest.first(), None | Some(b' ' | b'-'));
    let is_number = digits.iter().all(u8::is_ascii_digit);
    (stands_alone && is_number).then(|| digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
}
