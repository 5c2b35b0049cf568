//! The body of an answer (RFC 9112 §6): where it ends, and what it is without its framing.

use crate::outcome::HeaderField;

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
    /// By the end of the connection.
    Close,
}

impl Framing {
    pub(super) fn of(status: u16, headers: &[HeaderField]) -> Self {
        let values = |name: &'static str| {
            let named = headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
            named.flat_map(|field| field.value.split(',')).map(str::trim)
        };
        if values("Transfer-Encoding").next_back().is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Self::Chunked;
        }
        match values("Content-Length").next().map(str::parse) {
            Some(Ok(length)) => Self::Length(length),
            _ if matches!(status, 100..=199 | 204 | 304) => Self::Length(0),
            _ => Self::Close,
        }
    }

    /// Whether these bytes are surely all there is. Chunks are only looked at where they could be over: we asked for
    /// the connection to be closed, so what looks like an end and is none is followed by more.
    pub(super) fn is_at_its_end(self, bytes: &[u8]) -> bool {
        match self {
            Self::Length(length) => bytes.len() >= length,
            Self::Chunked => bytes.ends_with(b"\r\n\r\n") && unchunk(bytes).1,
            Self::Close => false,
        }
    }

    /// The body, and whether it is whole.
    pub(super) fn unframed(self, bytes: &[u8], is_closed: bool) -> (Vec<u8>, bool) {
        match self {
            Self::Length(length) => (bytes.get(..length).unwrap_or(bytes).to_vec(), bytes.len() >= length),
            Self::Chunked => unchunk(bytes),
            Self::Close => (bytes.to_vec(), is_closed),
        }
    }
}

/// The contents of chunks (RFC 9112 §7.1), and whether the last one came.
fn unchunk(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    let mut rest = bytes;
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            return (body, false);
        };
        let data = rest.get(start..).unwrap_or_default();
        if size == 0 {
            return (body, data.ends_with(b"\r\n"));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        body.extend_from_slice(data.get(..size).unwrap_or(data));
        match data.get(size..).and_then(|after| after.get(2..)) {
            Some(next) => rest = next,
            None => return (body, false),
        }
    }
}
