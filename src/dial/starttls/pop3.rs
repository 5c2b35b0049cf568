//! POP3 (RFC 2595 §4): greeting, `STLS`, `+OK`.

use super::line::line;
use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    positive(talk, "the server's greeting").await?;
    talk.say(b"STLS\r\n").await?;
    positive(talk, "the server's answer to STLS").await
}

async fn positive(talk: &mut Talk, waiting_for: &str) -> Result<(), Failure> {
    let line = line(talk, waiting_for).await?;
    if line.starts_with(b"+OK") {
        Ok(())
    } else if line.starts_with(b"-ERR") {
        Err(refused("-ERR", &line))
    } else {
        Err(malformed("status indicator", 0, "+OK or -ERR"))
    }
}
