//! The body of a proxy's refusal (RFC 9112 §6): its beginning is shown, its end makes room for another request.

use std::time::Duration;

use tokio::time::Instant;

use super::Head;
use crate::dial::talk::Talk;

/// How long a body is waited for, and as much as is read of it.
pub(super) struct Patience {
    pub(super) time: Duration,
    pub(super) bytes: usize,
}

/// Where the answer itself is known without it.
pub(super) const PATIENCE: Patience = Patience { time: Duration::from_secs(2), bytes: 64 * 1024 };

/// As much of a refusal's page as is read where another request has to follow it on the same connection.
pub const LONGEST_PAGE: usize = 1024 * 1024;

/// Where another request has to follow it. The deadline of the talk bounds it as well.
pub(super) const LONG_PATIENCE: Patience = Patience { time: Duration::from_mins(1), bytes: LONGEST_PAGE };

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    /// By the end of the connection.
    Close,
}

/// Reads as much of the body as comes in time, and says whether that was the whole of it.
pub(super) async fn read(talk: &mut Talk, head: &Head, until: Instant, most: usize) -> (Vec<u8>, bool) {
    let framing = framing(head);
    loop {
        let came = talk.heard();
        match framing {
            Framing::Length(length) if came.len() >= length => return (talk.take(length), true),
            Framing::Chunked => match unchunk(came) {
                Unchunked::Whole { body, length } => {
                    talk.take(length);
                    return (body, true);
                }
                Unchunked::Part(body) if came.len() > most => return (body, false),
                Unchunked::Broken(body) => return (body, false),
                Unchunked::Part(_) => {}
            },
            Framing::Length(_) | Framing::Close if came.len() > most => {
                return (talk.take(most), false);
            }
            Framing::Length(_) | Framing::Close => {}
        }
        // Whatever ends the body early, the answer is known.
        if talk.listen_until(until, "the body").await.is_err() {
            let body = match (framing, unchunk(talk.heard())) {
                (Framing::Chunked, Unchunked::Part(body)) => body,
                _ => talk.take(most),
            };
            return (body, false);
        }
    }
}

fn framing(head: &Head) -> Framing {
    let codings = head.values("Transfer-Encoding").flat_map(|value| value.split(',')).map(str::trim);
    if codings.last().is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return Framing::Chunked;
    }
    let length = head.values("Content-Length").next().map(|length| length.trim().parse());
    match length {
        Some(Ok(length)) => Framing::Length(length),
        _ if matches!(head.status, 204 | 304) => Framing::Length(0),
        _ => Framing::Close,
    }
}

/// What there is of a body in chunks (RFC 9112 §7.1).
#[derive(Debug, PartialEq, Eq)]
enum Unchunked {
    Whole { body: Vec<u8>, length: usize },
    Part(Vec<u8>),
    Broken(Vec<u8>),
}

fn unchunk(bytes: &[u8]) -> Unchunked {
    let mut body = Vec::new();
    let mut rest = bytes;
    loop {
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Unchunked::Part(body),
            Err(_) => return Unchunked::Broken(body),
        };
        let data = rest.get(start..).unwrap_or_default();
        if size == 0 {
            // Trailer fields may follow; the empty line behind them is the end.
            let end = if data.starts_with(b"\r\n") { Some(2) } else { super::end_of_head(data, 0) };
            return match end {
                Some(end) => Unchunked::Whole { body, length: bytes.len() - data.len() + end },
                None => Unchunked::Part(body),
            };
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        body.extend_from_slice(data.get(..size).unwrap_or(data));
        match data.get(size..).and_then(|after| after.get(2..)) {
            Some(next) => rest = next,
            None => return Unchunked::Part(body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &[u8] = b"4\r\nsome\r\n6;x=y\r\n bytes\r\n0\r\n\r\n";

    #[test]
    fn chunks_are_put_together_and_every_cut_is_a_part() {
        let whole = Unchunked::Whole { body: b"some bytes".to_vec(), length: CHUNKED.len() };
        assert_eq!(unchunk(CHUNKED), whole);
        assert_eq!(unchunk(&[CHUNKED, b"HTTP/1.1 200 OK"].concat()), whole);
        for length in 0..CHUNKED.len() {
            assert!(matches!(unchunk(CHUNKED.get(..length).unwrap()), Unchunked::Part(_)), "{length}");
        }
    }

    #[test]
    fn a_trailer_belongs_to_the_body() {
        let bytes = b"1\r\na\r\n0\r\nA: b\r\n\r\nrest";
        assert_eq!(unchunk(bytes), Unchunked::Whole { body: b"a".to_vec(), length: bytes.len() - 4 });
    }

    #[test]
    fn what_is_no_chunk_is_broken() {
        assert_eq!(unchunk(b"4\r\nsome\r\nxyz\r\n"), Unchunked::Broken(b"some".to_vec()));
        assert!(matches!(unchunk(b"ffffffffffffffffff\r\n"), Unchunked::Broken(_)));
        assert_eq!(unchunk(b"ffffffffffffffff\r\nab"), Unchunked::Part(b"ab".to_vec()));
    }

    #[test]
    fn the_end_of_a_body_is_known_by_its_length_its_chunks_or_the_connections_end() {
        let of = |fields: &str| framing(&Head::read(format!("HTTP/1.1 407 x\r\n{fields}\r\n").as_bytes()).unwrap());
        assert_eq!(of("Content-Length: 12\r\n"), Framing::Length(12));
        assert_eq!(of("Content-Length: 12\r\nTransfer-Encoding: gzip, Chunked\r\n"), Framing::Chunked);
        assert_eq!(of(""), Framing::Close);
        assert_eq!(of("Content-Length: many\r\n"), Framing::Close);
    }
}
