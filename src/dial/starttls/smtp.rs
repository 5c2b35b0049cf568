//! SMTP (RFC 3207): greeting, EHLO, `STARTTLS`, 220.

use std::net::IpAddr;

use super::refused;
use super::reply::reply;
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// We are a client without a name, which calls itself by its address (RFC 5321 §4.1.3). What EHLO lists is not waited
/// for to say STARTTLS: a server that hides it refuses by itself, in its own words.
pub(super) async fn ask(talk: &mut Talk, local: IpAddr) -> Result<(), Failure> {
    let greeting = reply(talk, "the server's greeting").await?;
    if !greeting.is_positive() {
        return Err(refused(&greeting.code, &greeting.text));
    }
    let address = match local {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    };
    for (words, waiting_for) in [
        (format!("EHLO {address}\r\n"), "the server's answer to EHLO"),
        ("STARTTLS\r\n".to_owned(), "the server's answer to STARTTLS"),
    ] {
        talk.say(words.as_bytes()).await?;
        let answer = reply(talk, waiting_for).await?;
        if !answer.is_positive() {
            return Err(refused(&answer.code, &answer.text));
        }
    }
    Ok(())
}
