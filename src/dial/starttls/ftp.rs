//! FTP (RFC 4217 §4): greeting, `AUTH TLS`, 234.

use super::refused;
use super::reply::{Reply, reply};
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// "Service ready in nnn minutes": the greeting is still to come (RFC 959 §5.4).
const READY_SOON: u16 = 120;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    greeting(talk).await?;
    talk.say(b"AUTH TLS\r\n").await?;
    let answer = reply(talk, "the server's answer to AUTH TLS").await?;
    // 234 is the right one (RFC 4217 §4); some old servers say 334 and begin TLS all the same.
    match answer.code {
        234 | 334 => Ok(()),
        code => Err(refused(&code, &answer.text)),
    }
}

async fn greeting(talk: &mut Talk) -> Result<Reply, Failure> {
    let mut greeting = reply(talk, "the server's greeting").await?;
    if greeting.code == READY_SOON {
        greeting = reply(talk, "the server's greeting").await?;
    }
    if greeting.is_positive() { Ok(greeting) } else { Err(refused(&greeting.code, &greeting.text)) }
}
