//! What the lab's proxies do with CONNECT (RFC 9110 §9.3.6). They reach the lab's own endpoints, by name or by address,
//! and nobody else.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

use super::Endpoint;
use super::script::TunnelEnd;

/// The longest head of a request.
const LONGEST_HEAD: usize = 64 * 1024;

/// What each direction of a tunnel carries at most.
const MOST_CARRIED: usize = 8 << 20;

/// How long a proxy waits for an endpoint that does not answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads the head of a request, and no byte more: what follows is the tunnel's.
pub(super) async fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The endpoint that a CONNECT asks for, if it is one of these.
pub(super) fn asked_for<'a>(head: &str, endpoints: &'a [Endpoint]) -> Option<&'a Endpoint> {
    let authority = head.strip_prefix("CONNECT ")?.split(' ').next()?;
    let (host, _port) = authority.rsplit_once(':')?;
    endpoints
        .iter()
        .find(|endpoint| endpoint.host.eq_ignore_ascii_case(host) || endpoint.address.to_string() == authority)
}

/// A TCP connection to the endpoint; `TimedOut` where it leaves the SYN unanswered.
pub(super) async fn reach(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let stream = time::timeout(CONNECT_TIMEOUT, TcpStream::connect(endpoint.address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Carries bytes both ways until both sides are done.
pub(super) async fn carry(mut client: TcpStream, mut endpoint: TcpStream, end: TunnelEnd) -> io::Result<()> {
    match (until_reset(&mut client, &mut endpoint, end).await, end) {
        (None, _) => Ok(()),
        (Some(By::Endpoint), TunnelEnd::FinForReset) => {
            client.shutdown().await?;
            // Until the client has closed too: otherwise closing could be a RST after all.
            pour(&mut client, &mut tokio::io::sink(), nothing).await.or(Ok(()))
        }
        (Some(_), _) => {
            client.set_zero_linger()?;
            endpoint.set_zero_linger()
        }
    }
}

/// Who reset a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Client,
    Endpoint,
}

/// Who ended it by RST; nobody, if both sides closed in good order.
async fn until_reset(client: &mut TcpStream, endpoint: &mut TcpStream, end: TunnelEnd) -> Option<By> {
    let swallowed: fn(&[u8]) -> bool = if matches!(end, TunnelEnd::FinForAlert) { is_alert } else { nothing };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_endpoint, mut to_endpoint) = endpoint.split();
    let mut there = std::pin::pin!(pour(&mut from_client, &mut to_endpoint, nothing));
    let mut back = std::pin::pin!(pour(&mut from_endpoint, &mut to_client, swallowed));
    tokio::select! {
        ended = &mut there => match ended {
            Ok(()) => back.await.err().map(|broken| broken.between(By::Endpoint, By::Client)),
            // What the endpoint said before its RST still has to reach the client.
            Err(Broken::Writing) => {
                let _ = back.await;
                Some(By::Endpoint)
            }
            Err(Broken::Reading) => Some(By::Client),
        },
        ended = &mut back => match ended {
            Ok(()) => there.await.err().map(|broken| broken.between(By::Client, By::Endpoint)),
            Err(broken) => Some(broken.between(By::Endpoint, By::Client)),
        },
    }
}

/// Where a direction broke off.
#[derive(Clone, Copy, Debug)]
enum Broken {
    Reading,
    Writing,
}

impl Broken {
    fn between(self, source: By, destination: By) -> By {
        match self {
            Self::Reading => source,
            Self::Writing => destination,
        }
    }
}

/// Whether what a side says first is an alert (RFC 8446 §5.1).
fn is_alert(said: &[u8]) -> bool {
    said.first() == Some(&ALERT)
}

const ALERT: u8 = 21;

fn nothing(_: &[u8]) -> bool {
    false
}

/// Carries bytes one way, and the FIN at their end. What is said first may be swallowed: then the FIN comes in its place.
async fn pour(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    swallowed: fn(&[u8]) -> bool,
) -> Result<(), Broken> {
    let (mut buffer, mut carried) = ([0; 4096], 0);
    while carried < MOST_CARRIED {
        let read = from.read(&mut buffer).await.map_err(|_| Broken::Reading)?;
        let said = buffer.get(..read).unwrap_or_default();
        if read == 0 || (carried == 0 && swallowed(said)) {
            break;
        }
        to.write_all(said).await.map_err(|_| Broken::Writing)?;
        carried += read;
    }
    to.shutdown().await.map_err(|_| Broken::Writing)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection on loopback, and its other end.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (near, far) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (near.unwrap(), far.unwrap().0)
    }

    #[tokio::test]
    async fn a_reset_of_either_side_reaches_the_other_whatever_an_endpoints_becomes() {
        for end in [TunnelEnd::AsItIs, TunnelEnd::FinForReset] {
            let ((client, at_client), (mut endpoint, at_endpoint)) = (pair().await, pair().await);
            let carrying = tokio::spawn(carry(at_client, at_endpoint, end));
            client.set_zero_linger().unwrap();
            drop(client);
            let error = endpoint.read_u8().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{end:?}");
            carrying.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn an_alert_is_swallowed_where_it_is_to_be_and_anything_else_is_carried() {
        for (said, heard) in [(&b"\x15alert"[..], &b""[..]), (b"\x16hello", b"\x16hello")] {
            let ((mut client, at_client), (mut endpoint, at_endpoint)) = (pair().await, pair().await);
            let carrying = tokio::spawn(carry(at_client, at_endpoint, TunnelEnd::FinForAlert));
            endpoint.write_all(said).await.unwrap();
            endpoint.shutdown().await.unwrap();
            let mut bytes = Vec::new();
            client.read_to_end(&mut bytes).await.unwrap();
            assert_eq!(bytes, heard);
            drop((client, endpoint));
            carrying.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn what_came_before_a_reset_is_carried_first() {
        let ((mut client, at_client), (mut endpoint, at_endpoint)) = (pair().await, pair().await);
        let carrying = tokio::spawn(carry(at_client, at_endpoint, TunnelEnd::AsItIs));
        endpoint.write_all(b"alert").await.unwrap();
        endpoint.set_zero_linger().unwrap();
        drop(endpoint);
        let mut bytes = [0; 5];
        client.read_exact(&mut bytes).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        carrying.await.unwrap().unwrap();
    }

    fn endpoint() -> Endpoint {
        let address = "127.0.0.1:8443".parse().unwrap();
        Endpoint { name: "sws", host: "sws.update.microsoft.com", address, about: "", shows: "" }
    }

    #[test]
    fn an_endpoint_is_asked_for_by_its_host_at_any_port_or_by_its_address() {
        let endpoints = [endpoint()];
        let asked = |line: &str| asked_for(&format!("{line}\r\nHost: x\r\n\r\n"), &endpoints).is_some();
        assert!(asked("CONNECT sws.update.microsoft.com:443 HTTP/1.1"));
        assert!(asked("CONNECT SWS.update.microsoft.com:8443 HTTP/1.0"));
        assert!(asked("CONNECT 127.0.0.1:8443 HTTP/1.1"));
        for line in [
            "CONNECT 127.0.0.1:22 HTTP/1.1",
            "CONNECT www.example.com:443 HTTP/1.1",
            "CONNECT sws.update.microsoft.com HTTP/1.1",
            "GET http://sws.update.microsoft.com:443/ HTTP/1.1",
            "",
        ] {
            assert!(!asked(line), "{line}");
        }
    }
}
