//! Replies of three digits, as FTP and SMTP give them (RFC 959 §4.2, RFC 5321 §4.2).

use super::line::line;
use super::malformed;
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// The most lines of one reply: a greeting with a company's whole policy in it has fewer.
const MOST_LINES: usize = 256;

/// A whole reply, of which the last line counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The last line, code included.
    pub text: Vec<u8>,
}

impl Reply {
    /// Whether it says that all is well (2yz).
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// Puts lines together into replies. `220-` begins one of several lines, which a line with the same code and a space
/// ends; FTP allows any lines between.
#[derive(Debug, Default)]
pub struct Replies {
    /// The code of the reply that has begun.
    code: Option<u16>,
    lines: usize,
}

impl Replies {
    /// Takes the next line. Gives the reply that it ends, or what was expected in its place.
    pub fn take(&mut self, line: Vec<u8>) -> Result<Option<Reply>, &'static str> {
        let code = self.code.or_else(|| code_of(&line)).ok_or("a code of three digits")?;
        if code_of(&line) == Some(code) && line.get(3) != Some(&b'-') {
            *self = Self::default();
            return Ok(Some(Reply { code, text: line }));
        }
        self.code = Some(code);
        self.lines += 1;
        if self.lines == MOST_LINES { Err("its last line within 256 lines") } else { Ok(None) }
    }
}

/// Reads a reply.
pub(super) async fn reply(talk: &mut Talk, waiting_for: &str) -> Result<Reply, Failure> {
    let mut replies = Replies::default();
    loop {
        let line = line(talk, waiting_for).await?;
        if let Some(reply) = replies.take(line).map_err(|expected| malformed("reply", 0, expected))? {
            return Ok(reply);
        }
    }
}

/// The code at the beginning of a line, if one stands there by itself.
fn code_of(line: &[u8]) -> Option<u16> {
    let (digits, rest) = line.split_at_checked(3)?;
    let stands_alone = matches!(rest.first(), None | Some(b' ' | b'-'));
    let is_number = digits.iter().all(u8::is_ascii_digit);
    (stands_alone && is_number).then(|| digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
}
