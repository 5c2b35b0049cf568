//! CONNECT over HTTP/1.x (RFC 9110 §9.3.6): one request, and what the proxy says to it.

mod body;
mod head;

use tokio::time::Instant;

use super::proxy_auth::Left;
use super::talk::{Talk, malformed};
use super::{Destination, Failure};
use crate::proxy::HttpVersion;
pub use body::LONGEST_PAGE;
pub(super) use head::Head;
use head::{NotAHead, end_of_head};

/// The most that a proxy may send before its header ends, interim answers included.
const LONGEST_HEAD: usize = 64 * 1024;

/// What a proxy answers to CONNECT.
pub(super) enum Answered {
    /// A 2xx: what comes from now on is the endpoint's.
    Tunnel { talk: Talk, status: u16 },
    /// Any other status, with as much of the body as came.
    Status {
        head: Head,
        body: Vec<u8>,
        /// The same connection, where it is good for another request.
        talk: Option<Talk>,
        /// Why it is not.
        left: Left,
    },
}

/// Sends one CONNECT and reads the answer to it. Where the next one has to follow on this connection, the end of a
/// refusal's body is waited for, however long and slow the page is.
pub(super) async fn ask(
    mut talk: Talk,
    destination: &Destination,
    version: HttpVersion,
    authorization: Option<&str>,
    needs_end: bool,
) -> Result<Answered, Failure> {
    talk.say(&request(destination, version, authorization)).await?;
    let head = final_head(&mut talk).await?;
    if (200..300).contains(&head.status) {
        // Whatever length it declares, there is no body (RFC 9110 §9.3.6).
        return Ok(Answered::Tunnel { talk, status: head.status });
    }
    let patience = if needs_end { body::LONG_PATIENCE } else { body::PATIENCE };
    let (body, is_whole) = body::read(&mut talk, &head, Instant::now() + patience.time, patience.bytes).await;
    let left = match is_whole && talk.heard().is_empty() {
        _ if !head.keeps_the_connection() => Left::Closed,
        true => Left::Open,
        false => Left::Unread,
    };
    Ok(Answered::Status { head, body, talk: (left == Left::Open).then_some(talk), left })
}

/// The request. `Proxy-Connection` is in no standard, but old proxies close without it.
fn request(
    destination: &Destination,
    version: HttpVersion,
    authorization: Option<&str>,
) -> zeroize::Zeroizing<Vec<u8>> {
    let first = match version {
        HttpVersion::Http11 => format!("CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n"),
        HttpVersion::Http10 => format!("CONNECT {destination} HTTP/1.0\r\n"),
    };
    let agent = concat!("User-Agent: tlsprobe/", env!("CARGO_PKG_VERSION"), "\r\nProxy-Connection: Keep-Alive\r\n");
    let authorization = authorization.map(|value| ["Proxy-Authorization: ", value, "\r\n"]).unwrap_or_default();
    [first.as_str(), agent, &zeroize::Zeroizing::new(authorization.concat()), "\r\n"].concat().into_bytes().into()
}

/// The first head that is not an interim one (RFC 9110 §15.2).
async fn final_head(talk: &mut Talk) -> Result<Head, Failure> {
    let mut read = 0;
    loop {
        let head = one_head(talk, &mut read).await?;
        // 101 would end HTTP on this connection, and nobody asked for that: it is an answer like any other.
        if !(100..200).contains(&head.status) || head.status == 101 {
            return Ok(head);
        }
    }
}

async fn one_head(talk: &mut Talk, read: &mut usize) -> Result<Head, Failure> {
    let mut looked_at = 0;
    loop {
        if let Err(fault) = Head::begins_like_one(talk.heard()) {
            return Err(refuse(fault));
        }
        if let Some(length) = end_of_head(talk.heard(), looked_at) {
            *read += length;
            if *read <= LONGEST_HEAD {
                let bytes = talk.take(length);
                return Head::read(&bytes).map_err(refuse);
            }
        }
        looked_at = talk.heard().len();
        if *read + looked_at > LONGEST_HEAD {
            return Err(malformed("header", LONGEST_HEAD, "an empty line to end it within 64 KiB"));
        }
        let waiting_for =
            if looked_at == 0 { "the proxy's answer to CONNECT" } else { "the rest of the proxy's answer" };
        talk.listen(waiting_for).await?;
    }
}

fn refuse(fault: NotAHead) -> Failure {
    malformed(fault.field, fault.offset, fault.expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(host: &str, version: HttpVersion, authorization: Option<&str>) -> String {
        let destination = Destination { host: host.parse().unwrap(), port: 443 };
        String::from_utf8(request(&destination, version, authorization).to_vec()).unwrap()
    }

    #[test]
    fn connect_names_the_target_twice_in_http_1_1_and_once_in_1_0() {
        let new = sent("sws.update.microsoft.com", HttpVersion::Http11, None);
        let line = "CONNECT sws.update.microsoft.com:443 HTTP/1.1\r\nHost: sws.update.microsoft.com:443\r\n";
        assert!(new.starts_with(line) && new.ends_with("\r\n\r\n"), "{new}");
        assert!(!new.contains("Proxy-Authorization"), "{new}");
        let old = sent("sws.update.microsoft.com", HttpVersion::Http10, None);
        assert!(old.starts_with("CONNECT sws.update.microsoft.com:443 HTTP/1.0\r\nUser-Agent:"), "{old}");
        assert!(!old.contains("Host"), "{old}");
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets() {
        let sent = sent("2001:db8::1", HttpVersion::Http11, None);
        assert!(sent.starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"), "{sent}");
    }

    #[test]
    fn authorization_is_the_last_field() {
        let sent = sent("a", HttpVersion::Http11, Some("Basic Zm9v"));
        assert!(sent.ends_with("\r\nProxy-Authorization: Basic Zm9v\r\n\r\n"), "{sent}");
    }
}
