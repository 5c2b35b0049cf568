//! The head of an HTTP/1.x answer (RFC 9112 §2.1), or where it is none.

use crate::outcome::HeaderField;

/// As many fields as are read.
const MOST_FIELDS: usize = 256;

/// Status line and header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dial) struct Head {
    /// 0 or 1, of HTTP/1.x.
    pub(in crate::dial) minor_version: u8,
    pub(in crate::dial) status: u16,
    pub(in crate::dial) reason: String,
    pub(in crate::dial) fields: Vec<HeaderField>,
}

/// What is wrong with bytes that should be a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotAHead {
    pub(super) field: &'static str,
    pub(super) offset: usize,
    pub(super) expected: String,
}

impl Head {
    /// Reads a head with the empty line at its end.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NotAHead> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut response = httparse::Response::new(&mut fields);
        let (Ok(httparse::Status::Complete(_)), Some(minor_version), Some(status)) =
            (HeaderField::lenient().parse_response(&mut response, bytes), response.version, response.code)
        else {
            return Err(fault_in(bytes));
        };
        // httparse leaves a reason out that is not ASCII; what came is told all the same.
        let reason = reason_of(bytes);
        Ok(Self {
            minor_version,
            status,
            reason,
            fields: response.headers.iter().map(|field| HeaderField::as_it_came(field)).collect(),
        })
    }

    /// Whether what came so far may be the beginning of a head, so that who speaks another protocol is known at once.
    pub(super) fn begins_like_one(bytes: &[u8]) -> Result<(), NotAHead> {
        let begins = bytes.iter().zip(b"HTTP/1.").all(|(found, expected)| found == expected);
        if begins { Ok(()) } else { Err(fault_in_status_line(bytes)) }
    }

    /// The values of a field, in their order; names are the same in capitals (RFC 9110 §5.1).
    pub(in crate::dial) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        fields.map(|field| field.value.as_str())
    }

    /// Whether another request may follow on the same connection (RFC 9112 §9.3).
    pub(super) fn keeps_the_connection(&self) -> bool {
        let says = |word: &str| {
            let values = self.values("Connection").chain(self.values("Proxy-Connection"));
            values.flat_map(|value| value.split(',')).any(|option| option.trim().eq_ignore_ascii_case(word))
        };
        if self.minor_version == 0 { says("keep-alive") } else { !says("close") }
    }
}

/// How long the head is, once its empty line is there. Bytes before `looked_at` were looked at already.
///
/// A line may end without its CR, as RFC 9112 §2.2 lets who reads it allow.
pub(super) fn end_of_head(bytes: &[u8], looked_at: usize) -> Option<usize> {
    let start = looked_at.saturating_sub(3);
    let ends = bytes.iter().enumerate().skip(start).filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    ends.map(|at| at + 1).find(|after| {
        let line = bytes.get(..*after).unwrap_or_default();
        line.ends_with(b"\n\n") || line.ends_with(b"\n\r\n")
    })
}

fn reason_of(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let reason = line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default();
    String::from_utf8_lossy(reason).trim().to_owned()
}

/// What is wrong with a head, by the first line with which it can't be read.
fn fault_in(bytes: &[u8]) -> NotAHead {
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let so_far = bytes.get(..start + line.len()).unwrap_or(bytes);
        let read = HeaderField::lenient().parse_response(&mut httparse::Response::new(&mut fields), so_far);
        match read {
            Err(_) if start == 0 => return fault_in_status_line(bytes),
            Err(httparse::Error::TooManyHeaders) => {
                let expected = format!("at most {MOST_FIELDS} fields");
                return NotAHead { field: "header", offset: start, expected };
            }
            Err(_) => {
                let expected = "name: value (RFC 9112 §5)".to_owned();
                return NotAHead { field: "header field", offset: start, expected };
            }
            Ok(_) => start += line.len(),
        }
    }
    fault_in_status_line(bytes)
}

fn fault_in_status_line(bytes: &[u8]) -> NotAHead {
    let expected = match bytes {
        [0x15 | 0x16, 3, ..] => "HTTP/1.x and a status; it seems to be TLS, as to an https:// proxy".to_owned(),
        [5, ..] => "HTTP/1.x and a status; it seems to be SOCKS 5, as to a socks5h:// proxy".to_owned(),
        _ => {
            let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
            let start = line.get(..40).unwrap_or(line);
            format!("HTTP/1.x and a status, not \"{}\"", start.escape_ascii())
        }
    };
    NotAHead { field: "status line", offset: 0, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Head {
        Head::read(text.as_bytes()).unwrap()
    }

    fn fault(bytes: &[u8]) -> NotAHead {
        Head::read(bytes).unwrap_err()
    }

    #[test]
    fn status_reason_and_fields_are_read_in_order() {
        let head = read("HTTP/1.1 407 Proxy Authentication Required\r\nVia: 1.1 a\r\nVIA: 1.0 b\r\nX: \r\n\r\n");
        assert_eq!((head.minor_version, head.status), (1, 407));
        assert_eq!(head.reason, "Proxy Authentication Required");
        assert_eq!(head.values("via").collect::<Vec<_>>(), ["1.1 a", "1.0 b"]);
        assert_eq!(head.fields.len(), 3);
    }

    #[test]
    fn a_reason_may_be_missing_or_in_any_language() {
        assert_eq!(read("HTTP/1.0 200\r\n\r\n").reason, "");
        assert_eq!(read("HTTP/1.1 403 Zugriff verweigert für alle\r\n\r\n").reason, "Zugriff verweigert für alle");
        assert_eq!(read("HTTP/1.1 200 OK\n\n").reason, "OK");
    }

    #[test]
    fn the_head_ends_with_its_empty_line_however_it_comes() {
        let bytes = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n\x16\x03\x03\n\n";
        assert_eq!(end_of_head(bytes, 0), Some(25));
        for looked_at in 0..25 {
            assert_eq!(end_of_head(bytes.get(..25).unwrap(), looked_at), Some(25), "{looked_at}");
        }
        for length in 0..25 {
            assert_eq!(end_of_head(bytes.get(..length).unwrap(), 0), None, "{length}");
        }
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\n\nrest", 0), Some(17));
    }

    #[test]
    fn what_winhttp_takes_is_taken() {
        let head = read("HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nno field\r\nVia : d\r\n\r\n");
        assert_eq!(head.values("A").collect::<Vec<_>>(), ["b c"]);
        assert_eq!(head.values("Via").collect::<Vec<_>>(), ["d"]);
        assert_eq!(head.fields.len(), 2);
    }

    #[test]
    fn more_fields_than_are_read_are_shown_where() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(257));
        assert_eq!(fault(many.as_bytes()).field, "header");
    }

    #[test]
    fn what_is_not_http_is_known_by_its_first_bytes() {
        let expected = |bytes: &[u8]| Head::begins_like_one(bytes).unwrap_err().expected;
        assert!(expected(b"SSH-2.0-OpenSSH_9.2\r\n").ends_with("not \"SSH-2.0-OpenSSH_9.2\""));
        assert!(expected(&[0x15, 3, 1, 0, 2]).contains("https:// proxy"));
        assert!(expected(&[5, 0xff]).contains("socks5h:// proxy"));
        assert!(expected(b"HTTP/2 200\r\n").contains("not \"HTTP/2 200\""));
        assert!(expected(b"\"\x1b[31m").contains("not \"\\\"\\x1b[31m\""));
        for length in 0..8 {
            assert_eq!(Head::begins_like_one(b"HTTP/1.1".get(..length).unwrap()), Ok(()));
        }
        assert_eq!(fault(b"HTTP/1.1 20 OK\r\n\r\n").field, "status line");
    }

    #[test]
    fn a_connection_is_kept_by_default_in_1_1_and_by_word_in_1_0() {
        let kept = |text: &str| read(text).keeps_the_connection();
        assert!(kept("HTTP/1.1 407 x\r\n\r\n"));
        assert!(!kept("HTTP/1.1 407 x\r\nConnection: foo, Close\r\n\r\n"));
        assert!(!kept("HTTP/1.1 407 x\r\nProxy-Connection: close\r\n\r\n"));
        assert!(!kept("HTTP/1.0 407 x\r\n\r\n"));
        assert!(kept("HTTP/1.0 407 x\r\nProxy-Connection: Keep-Alive\r\n\r\n"));
    }
}
