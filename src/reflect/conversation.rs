//! One connection: what arrives is read up to the end of a hello, told, and nothing else is done with it.

use std::io;
use std::net::SocketAddr;

use rand::rngs::StdRng;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Reflector, answer};
use crate::reflected::{Arrived, Reflected};
use crate::registry::AlertDescription;
use crate::wire::handshake::{ClientHello, FirstHello};

/// The most that is read and discarded behind an answer.
const MAX_DISCARDED: usize = 64 * 1024;

/// What a log says of a connection.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) reflected: Reflected,
    /// The name that the hello asks for.
    pub(super) server_name: Option<String>,
    /// What was answered.
    pub(super) answer: String,
}

/// Reads, answers, and waits for the other side to close.
pub(super) async fn converse(
    reflector: &Reflector,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    from: SocketAddr,
    mut random: StdRng,
) -> Conversation {
    let limits = reflector.settings.limits;
    let (reflected, hello) = read(&mut stream, from, limits.bytes, Instant::now() + limits.time).await;
    let (bytes, answer) = reply(reflector, &reflected, hello.as_ref(), &mut random);
    // However the sending goes: whoever does not take the answer has none.
    let _ = timeout(limits.time, send(&mut stream, &bytes)).await;
    Conversation { server_name: hello.as_ref().and_then(answer::server_name), reflected, answer }
}

/// The first bytes of a connection, and the hello if they are one.
async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    from: SocketAddr,
    most: usize,
    until: Instant,
) -> (Reflected, Option<ClientHello>) {
    let mut reflected =
        Reflected { from: from.to_string(), arrived: Arrived::PartOfAHello, bytes: Vec::new(), reads: Vec::new() };
    let mut finder = FirstHello::default();
    let mut buffer = [0; 8 * 1024];
    while let Ok(Ok(count @ 1..)) = timeout_at(until, stream.read(&mut buffer)).await {
        let room = most.saturating_sub(reflected.bytes.len());
        let came = buffer.get(..count.min(room)).unwrap_or_default();
        reflected.bytes.extend_from_slice(came);
        reflected.reads.push(count);
        match finder.look(&reflected.bytes) {
            Ok(Some((_, hello))) if count <= room => {
                reflected.arrived = Arrived::Hello;
                return (reflected, Some(hello));
            }
            Err(_) => {
                reflected.arrived = Arrived::NoHello;
                break;
            }
            _ if count >= room => {
                reflected.arrived = Arrived::TooMuch;
                break;
            }
            _ => {}
        }
    }
    (reflected, None)
}

/// What to send, and how a log names it.
fn reply(
    reflector: &Reflector,
    reflected: &Reflected,
    hello: Option<&ClientHello>,
    random: &mut StdRng,
) -> (Vec<u8>, String) {
    if reflector.settings.raw {
        return ((reflected.to_json() + "\n").into_bytes(), "json".to_owned());
    }
    let refusal = match (hello, reflected.arrived) {
        (Some(hello), _) => match answer::agree(hello) {
            Ok(agreed) => {
                let now = OffsetDateTime::now_utc();
                match answer::flight(&reflector.identity, hello, agreed, &reflected.to_json(), now, random) {
                    Ok(flight) => return (flight, format!("flight {}", agreed.version)),
                    Err(_) => AlertDescription::INTERNAL_ERROR,
                }
            }
            Err(refusal) => refusal,
        },
        (None, Arrived::TooMuch) => AlertDescription::RECORD_OVERFLOW,
        // Nobody would read an alert who did not speak TLS, or has gone.
        (None, Arrived::NoHello | Arrived::PartOfAHello | Arrived::Hello) => return (Vec::new(), "nothing".to_owned()),
    };
    (answer::alert(refusal), format!("alert {refusal}"))
}

/// Sends, closes, and reads on for a while, so that closing the socket is a FIN and no RST that overtakes the answer.
async fn send(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    let (mut buffer, mut discarded) = ([0; 4 * 1024], 0);
    while discarded < MAX_DISCARDED {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => discarded += count,
        }
    }
    Ok(())
}
