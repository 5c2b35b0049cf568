//! IMAP (RFC 9051 §6.2.1): greeting, `a1 STARTTLS`, `a1 OK`.

use super::line::line;
use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// The most untagged lines before the tagged one.
const MOST_LINES: usize = 64;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    let greeting = line(talk, "the server's greeting").await?;
    match word(&greeting, 1).as_deref() {
        Some("OK" | "PREAUTH") if greeting.starts_with(b"* ") => {}
        Some(code) if greeting.starts_with(b"* ") => return Err(refused(code, &greeting)),
        _ => return Err(malformed("greeting", 0, "\"* OK\"")),
    }
    talk.say(b"a1 STARTTLS\r\n").await?;
    for _ in 0..MOST_LINES {
        let answer = line(talk, "the server's answer to STARTTLS").await?;
        if !answer.starts_with(b"a1 ") {
            continue;
        }
        return match word(&answer, 1).as_deref() {
            Some("OK") => Ok(()),
            Some(code) => Err(refused(code, &answer)),
            None => Err(malformed("answer to STARTTLS", 3, "OK, NO or BAD")),
        };
    }
    Err(malformed("answer to STARTTLS", 0, "a line tagged a1 within 64 lines"))
}

/// A word of a line, in capitals, if it is one.
fn word(line: &[u8], place: usize) -> Option<String> {
    let word = line.split(|byte| *byte == b' ').nth(place)?;
    let is_word = (1..=16).contains(&word.len()) && word.iter().all(u8::is_ascii_alphabetic);
    is_word.then(|| String::from_utf8_lossy(word).to_ascii_uppercase())
}
