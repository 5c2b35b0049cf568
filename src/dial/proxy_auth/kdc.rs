//! Questions to a Kerberos KDC over TCP (RFC 4120 §7.2.2): four bytes of length, then the message, both ways.

use std::io;
use std::time::Duration;

use sspi::{Error, ErrorKind, NetworkProtocol, NetworkRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// As long as Windows waits for a KDC.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer that is read: more than a ticket of a user with many groups has.
const LONGEST_ANSWER: u32 = 256 * 1024;

/// The answer to one question, with its length before it, as the crate wants it.
///
/// A name is looked up as this system does it: the KDC is part of its surroundings, not of what is asked about.
pub(super) async fn ask(request: &NetworkRequest, deadline: Instant) -> Result<Vec<u8>, Error> {
    let failed = |what: String| Error::new(ErrorKind::NoAuthenticatingAuthority, what);
    if request.protocol != NetworkProtocol::Tcp {
        return Err(failed(format!("KDCs are asked over TCP alone, not by {}", request.url.scheme())));
    }
    let host = request.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = request.url.port().unwrap_or(88);
    let until = deadline.min(Instant::now() + PATIENCE);
    match timeout_at(until, exchange(host, port, &request.data)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(format!("the KDC {host}:{port} can't be asked: {error}"))),
        Err(_) => Err(failed(format!("the KDC {host}:{port} does not answer"))),
    }
}

async fn exchange(host: &str, port: u16, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((host, port)).await?;
    stream.write_all(question).await?;
    let length = stream.read_u32().await?;
    if length > LONGEST_ANSWER {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("its answer would have {length} bytes")));
    }
    let mut answer = length.to_be_bytes().to_vec();
    stream.take(length.into()).read_to_end(&mut answer).await?;
    if answer.len() < 4 + usize::try_from(length).unwrap_or(usize::MAX) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Asks a KDC that reads eight bytes and gives this answer.
    async fn answered_with(answer: &'static [u8]) -> Result<Vec<u8>, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 8]).await.unwrap();
            stream.write_all(answer).await.unwrap();
        });
        let request = NetworkRequest { protocol: NetworkProtocol::Tcp, url, data: b"\0\0\0\x04what".to_vec() };
        ask(&request, Instant::now() + PATIENCE).await.map_err(|error| error.description)
    }

    #[tokio::test]
    async fn an_answer_keeps_its_length() {
        assert_eq!(answered_with(b"\0\0\0\x04thisX").await.unwrap(), b"\0\0\0\x04this");
    }

    #[tokio::test]
    async fn an_answer_that_ends_early_or_is_too_long_says_so() {
        assert!(answered_with(b"\0\0\0\x05this").await.unwrap_err().contains("can't be asked"));
        assert!(answered_with(b"\x7f\0\0\0").await.unwrap_err().contains("would have 2130706432 bytes"));
    }
}
