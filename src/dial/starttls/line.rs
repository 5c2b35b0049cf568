//! Lines, in which most of these protocols speak.

use super::malformed;
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// The longest line that is read; RFC 5321 §4.5.3.1.5 allows 512 bytes, and IMAP's capabilities run longer.
const LONGEST_LINE: usize = 8 * 1024;

/// The next line, without its end. A bare LF ends one too: not every server is strict.
pub(super) async fn line(talk: &mut Talk, waiting_for: &str) -> Result<Vec<u8>, Failure> {
    let mut looked_at = 0;
    loop {
        let heard = talk.heard();
        if let Some(at) = heard.iter().skip(looked_at).position(|byte| *byte == b'\n') {
            let mut line = talk.take(looked_at + at + 1);
            line.pop();
            line.pop_if(|byte| *byte == b'\r');
            return Ok(line);
        }
        looked_at = heard.len();
        if looked_at > LONGEST_LINE {
            return Err(malformed("line", LONGEST_LINE, "its end within 8 KiB"));
        }
        talk.listen(waiting_for).await?;
    }
}
