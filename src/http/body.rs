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

    /// Whether these bytes are all there is. `chunks` says how far they were gone through before.
    pub(super) fn is_at_its_end(self, bytes: &[u8], chunks: &mut Chunks) -> bool {
        match self {
            Self::Length(length) => bytes.len() >= length,
            Self::Chunked => chunks.are_over(bytes),
            Self::Close => false,
        }
    }

    /// The body, and whether it is whole.
    pub(super) fn unframed(self, mut bytes: Vec<u8>, is_closed: bool) -> (Vec<u8>, bool) {
        match self {
            Self::Length(length) => {
                let is_whole = bytes.len() >= length;
                bytes.truncate(length);
                (bytes, is_whole)
            }
            Self::Chunked => unchunk(&bytes),
            Self::Close => (bytes, is_closed),
        }
    }
}

/// The longest trailer (RFC 9112 §7.1.2) that is waited for.
const LONGEST_TRAILER: usize = 16 * 1024;

/// How far a body in chunks was gone through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chunks {
    /// Where the first chunk begins that has not come whole.
    at: usize,
}

impl Chunks {
    /// Whether the last chunk has come with its trailer, or what can't be a chunk.
    fn are_over(&mut self, bytes: &[u8]) -> bool {
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let (start, size) = match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) => return false,
                Err(_) => return true,
            };
            let data = rest.get(start..).unwrap_or_default();
            if size == 0 {
                let is_ended = data.starts_with(b"\r\n") || data.windows(4).any(|end| end == b"\r\n\r\n");
                return is_ended || data.len() > LONGEST_TRAILER;
            }
            let next = usize::try_from(size)
                .ok()
                .and_then(|size| self.at.checked_add(start)?.checked_add(size)?.checked_add(2));
            match next {
                Some(next) if next <= bytes.len() => self.at = next,
                _ => return false,
            }
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
