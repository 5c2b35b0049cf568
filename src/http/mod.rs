//! One request over an open stream, and what came back.
//!
//! HTTP/1.1 (RFC 9112), one request to a connection. As with an exchange, an answer is whatever the peer did: `Err` is
//! left to what this system could not do. Redirects are shown and not followed. The stream may be TCP, a tunnel, or
//! TLS: there is one way, httparse over any stream, and [`Secured`] makes one of a handshake that was completed by hand.
//! So a request can follow the exact hello of a Windows client, in any version of TLS. A library's client would take the
//! same stream, but end each failure in an error of its own, where a report wants its kind.

mod body;
mod overheard;
mod secured;
mod url;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::exchange::{Ending, ending_of};
use crate::outcome::{Answer, HeaderField, Outcome, Stage, milliseconds};
use body::{Chunks, Framing};
pub use overheard::{Heard, Overheard};
pub use secured::{Secured, Told};
pub use url::HttpUrl;

/// The longest head that is read.
const LONGEST_HEAD: usize = 64 * 1024;

/// The most fields of a head.
const MOST_FIELDS: usize = 128;

/// The most interim answers before the final one.
const MOST_INTERIM: usize = 16;

/// What to ask.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// `GET`, or `POST` with a body.
    pub method: &'a str,
    /// The request target (RFC 9112 §3.2): a path, or a whole URL to a proxy.
    pub target: String,
    /// The value of `Host`.
    pub host: String,
    /// Further fields.
    pub fields: &'a [(&'a str, &'a str)],
    /// Whether the connection is to stay open for another request.
    pub keeps: bool,
    /// The body.
    pub body: &'a [u8],
}

/// How much, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For all of it.
    pub deadline: Instant,
    /// The longest body that is read; a longer one is cut there.
    pub body: usize,
}

/// An answer in HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase as it came.
    pub reason: String,
    /// The codes of interim answers that came before (RFC 9110 §15.2).
    pub interim: Vec<u16>,
    /// The header fields, in order.
    pub headers: Vec<HeaderField>,
    /// The body, without its framing.
    pub body: Vec<u8>,
    /// Whether that is all of it.
    pub is_whole: bool,
    /// Whether it was longer than was to be read.
    pub is_cut: bool,
    /// Whether the connection is good for another request.
    pub is_open: bool,
    /// Bytes that came in all.
    pub received_bytes: usize,
    /// From the request to the first byte back.
    pub first_byte: Duration,
    /// From the request to the end.
    pub total: Duration,
}

impl Response {
    /// The same, as if no more of its body had been read.
    #[must_use]
    pub fn cut_to(mut self, longest: usize) -> Self {
        if self.body.len() > longest {
            self.body.truncate(longest);
            (self.is_whole, self.is_cut) = (false, true);
        }
        self
    }
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// An answer.
    Answered(Response),
    /// The connection ended without one.
    Ended(Outcome),
}

/// Writes a request and reads what comes back.
pub async fn ask<S>(stream: &mut S, request: &Request<'_>, limits: Limits) -> io::Result<Asked>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let begun = Instant::now();
    let write = async {
        stream.write_all(&request.to_bytes()).await?;
        stream.flush().await
    };
    // A failed write ends nothing: a server may answer before it has read all, and close.
    let was_reset = match timeout_at(limits.deadline, write).await {
        Ok(Ok(())) => false,
        Ok(Err(error)) => match ending_of(error)? {
            Ending::Reset | Ending::Fin => true,
            Ending::Silence => return Ok(at_http(silence("room to write the request", 0, begun))),
        },
        Err(_) => return Ok(at_http(silence("room to write the request", 0, begun))),
    };
    let mut reading = Reading::default();
    while !reading.is_enough(limits) {
        let mut buffer = [0; 4 * 1024];
        match timeout_at(limits.deadline, stream.read(&mut buffer)).await {
            Err(_) => reading.end = Some(silence("the rest of the answer", reading.received.len(), begun)),
            Ok(Ok(count)) if count > 0 => {
                reading.first_byte.get_or_insert_with(|| begun.elapsed());
                reading.take(buffer.get(..count).unwrap_or_default());
            }
            Ok(end) => {
                let (received_bytes, after_ms) = (reading.received.len(), milliseconds(begun.elapsed()));
                let ending = match end {
                    Ok(_) if was_reset => Ending::Reset,
                    Ok(_) => Ending::Fin,
                    Err(error) => ending_of(error)?,
                };
                reading.end = Some(match ending {
                    Ending::Fin => Answer::Fin { received_bytes, after_ms },
                    Ending::Reset => Answer::Reset { received_bytes, after_ms },
                    Ending::Silence => silence("the rest of the answer", received_bytes, begun),
                });
            }
        }
    }
    Ok(reading.answer(limits, begun))
}

impl Request<'_> {
    /// As it goes over the stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { method, target, host, fields, keeps, body } = self;
        let connection = if *keeps { "Proxy-Connection: Keep-Alive" } else { "Connection: close" };
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{connection}\r\nAccept: */*\r\n");
        for (name, value) in *fields {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// What has come so far.
#[derive(Default)]
struct Reading {
    received: Vec<u8>,
    first_byte: Option<Duration>,
    /// How the stream ended, if it did.
    end: Option<Answer>,
    /// The head, once it has come, and how its body ends.
    head: Option<(Head, Framing)>,
    /// The field at which it is no head.
    fault: Option<&'static str>,
    /// How far the body's chunks were gone through.
    chunks: Chunks,
}

/// The head of an answer, and where its body begins.
struct Head {
    minor_version: u8,
    status: u16,
    reason: String,
    headers: Vec<HeaderField>,
    /// The codes of interim answers before it.
    interim: Vec<u16>,
    /// Where the body begins.
    length: usize,
}

impl Head {
    /// Whether another request may follow on the same connection (RFC 9112 §9.3).
    fn keeps_the_connection(&self) -> bool {
        let says = |word: &str| {
            let is_about =
                |name: &str| ["Connection", "Proxy-Connection"].iter().any(|it| it.eq_ignore_ascii_case(name));
            let values = self.headers.iter().filter(|field| is_about(&field.name));
            values.flat_map(|field| field.value.split(',')).any(|option| option.trim().eq_ignore_ascii_case(word))
        };
        if self.minor_version == 0 { says("keep-alive") } else { !says("close") }
    }
}

impl Reading {
    /// Takes in more. The head is read once, and each chunk is looked at once, in however small pieces they come.
    fn take(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        if self.head.is_none() && self.fault.is_none() && bytes.contains(&b'\n') {
            match read_head(&self.received) {
                Ok(head) => {
                    self.head = head.map(|head| {
                        let framing = Framing::of(head.status, &head.headers);
                        (head, framing)
                    });
                }
                Err(field) => self.fault = Some(field),
            }
        }
    }

    fn is_enough(&mut self, limits: Limits) -> bool {
        if self.end.is_some() || self.fault.is_some() {
            return true;
        }
        match &self.head {
            None if !begins_like_http(&self.received) => {
                self.fault = Some("status line");
                true
            }
            None => self.received.len() > LONGEST_HEAD,
            Some((head, framing)) => {
                let body = self.received.get(head.length..).unwrap_or_default();
                body.len() > limits.body || framing.is_at_its_end(body, &mut self.chunks)
            }
        }
    }

    fn answer(self, limits: Limits, begun: Instant) -> Asked {
        let malformed = |field: &str, offset| Answer::Malformed {
            field: field.to_owned(),
            offset,
            expected: "an answer in HTTP/1.x (RFC 9112 §4)".to_owned(),
        };
        let received_bytes = self.received.len();
        if let Some(field) = self.fault {
            return at_http(malformed(field, 0));
        }
        let Some((head, framing)) = self.head else {
            return at_http(self.end.unwrap_or_else(|| malformed("header", LONGEST_HEAD)));
        };
        let keeps = head.keeps_the_connection();
        let Head { status, reason, headers, interim, length, .. } = head;
        let mut framed = self.received;
        framed.drain(..length.min(framed.len()));
        let is_closed = matches!(self.end, Some(Answer::Fin { .. }));
        let is_over = self.end.is_none();
        let is_long = framed.len() > limits.body;
        let (body, is_whole) = framing.unframed(framed, is_closed);
        let is_open = is_over && is_whole && keeps && body.len() <= limits.body;
        let first_byte = self.first_byte.unwrap_or_default();
        let response = Response {
            status,
            reason,
            interim,
            headers,
            body,
            is_whole,
            is_cut: is_long && !is_whole,
            is_open,
            received_bytes,
            first_byte,
            total: begun.elapsed(),
        };
        Asked::Answered(response.cut_to(limits.body))
    }
}

/// Whether what came may be the beginning of an answer: who speaks another protocol is known at once.
fn begins_like_http(bytes: &[u8]) -> bool {
    bytes.iter().zip(b"HTTP/1.").all(|(found, expected)| found == expected)
}

/// The head of the final answer, once it is whole, with all that came before it; the field at which it is none.
fn read_head(bytes: &[u8]) -> Result<Option<Head>, &'static str> {
    let (mut interim, mut start) = (Vec::new(), 0);
    loop {
        let Some(head) = read_one_head(bytes.get(start..).unwrap_or_default())? else { return Ok(None) };
        start += head.length;
        // 101 would end HTTP, but nobody asked for that.
        if !(100..=199).contains(&head.status) {
            return Ok(Some(Head { interim, length: start, ..head }));
        }
        if interim.len() == MOST_INTERIM {
            return Err("interim answers");
        }
        interim.push(head.status);
    }
}

fn read_one_head(bytes: &[u8]) -> Result<Option<Head>, &'static str> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let length = match HeaderField::lenient().parse_response(&mut head, bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err("header"),
        Err(httparse::Error::HeaderName | httparse::Error::HeaderValue) => return Err("header field"),
        Err(_) => return Err("status line"),
    };
    Ok(Some(Head {
        minor_version: head.version.unwrap_or_default(),
        status: head.code.ok_or("status line")?,
        reason: head.reason.unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|field| HeaderField::as_it_came(field)).collect(),
        interim: Vec::new(),
        length,
    }))
}

fn at_http(answer: Answer) -> Asked {
    Asked::Ended(Outcome::new(Stage::Http, answer))
}

fn silence(waiting_for: &str, received_bytes: usize, since: Instant) -> Answer {
    let after_ms = milliseconds(since.elapsed());
    Answer::Timeout { waiting_for: waiting_for.to_owned(), received_bytes, after_ms, tcp: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a request to a peer that answers with these bytes and then closes, or stays silent.
    async fn answered(bytes: &[u8], closes: bool, limit: usize) -> Asked {
        let (mut ours, mut theirs) = tokio::io::duplex(1024 * 1024);
        theirs.write_all(bytes).await.unwrap();
        if closes {
            theirs.shutdown().await.unwrap();
        }
        let request = Request {
            method: "GET",
            target: "/".to_owned(),
            host: "h".to_owned(),
            fields: &[],
            keeps: false,
            body: &[],
        };
        let limits = Limits { deadline: Instant::now() + Duration::from_secs(1), body: limit };
        let asked = ask(&mut ours, &request, limits).await.unwrap();
        drop(theirs);
        asked
    }

    fn kind(asked: &Asked) -> (Stage, &'static str) {
        let Asked::Ended(Outcome { stage, answer, .. }) = asked else { panic!("an answer: {asked:?}") };
        (*stage, answer.kind())
    }

    async fn response(bytes: &[u8], closes: bool, limit: usize) -> Response {
        let Asked::Answered(response) = answered(bytes, closes, limit).await else { panic!("no answer") };
        response
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_by_its_length_its_chunks_or_the_connection() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyrest"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n3;x\r\nody\r\n0\r\n\r\n",
        ] {
            let response = response(bytes, false, 100).await;
            assert_eq!((response.status, response.body.as_slice(), response.is_whole), (200, &b"body"[..], true));
        }
        let response = response(b"HTTP/1.0 404 Nothing here\r\nA: b\r\n\r\nbody", true, 100).await;
        assert_eq!((response.status, response.reason.as_str(), response.is_whole), (404, "Nothing here", true));
        assert_eq!(response.headers, [HeaderField { name: "A".to_owned(), value: "b".to_owned() }]);
    }

    #[tokio::test(start_paused = true)]
    async fn interim_answers_are_told_and_passed_over() {
        let bytes =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 Done\r\n\r\n";
        let told = response(bytes, false, 100).await;
        assert_eq!((told.interim, told.status, told.reason.as_str()), (vec![100, 103], 204, "Done"));
        assert_eq!(kind(&answered(b"HTTP/1.1 100 Continue\r\n\r\n", true, 9).await), (Stage::Http, "fin"));
        let endless = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(20);
        assert_eq!(kind(&answered(&endless, false, 9).await), (Stage::Http, "malformed"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_redirect_is_an_answer_like_any_other() {
        let told = response(b"HTTP/1.1 302 Found\r\nLocation: https://h/\r\nContent-Length: 0\r\n\r\n", false, 9).await;
        assert_eq!((told.status, told.headers[0].value.as_str()), (302, "https://h/"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_cut_off_or_too_long_is_said_not_to_be_whole() {
        let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody";
        assert!(!response(cut, true, 100).await.is_whole);
        assert!(!response(cut, false, 100).await.is_whole);
        let long = response(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbodybody!", true, 4).await;
        assert_eq!((long.body.as_slice(), long.is_whole), (&b"body"[..], false));
    }

    #[tokio::test(start_paused = true)]
    async fn every_end_without_an_answer_has_its_kind() {
        assert_eq!(kind(&answered(b"", true, 9).await), (Stage::Http, "fin"));
        assert_eq!(kind(&answered(b"HTTP/1.1 200 O", false, 9).await), (Stage::Http, "timeout"));
        assert_eq!(kind(&answered(b"SSH-2.0-x\r\n", false, 9).await), (Stage::Http, "malformed"));
        let endless = [&b"HTTP/1.1 200 OK\r\nA: "[..], &vec![b'a'; 70_000]].concat();
        assert_eq!(kind(&answered(&endless, false, 9).await), (Stage::Http, "malformed"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_windows_takes_is_taken() {
        let bytes = b"HTTP/1.1 200 OK\r\nA : b\r\n  c\r\nno field\r\nContent-Length: 1\r\n\r\nx";
        let told = response(bytes, false, 9).await;
        assert_eq!((told.status, told.body.as_slice(), told.is_whole), (200, &b"x"[..], true));
        assert_eq!(told.headers[0], HeaderField { name: "A".to_owned(), value: "b c".to_owned() });
        assert_eq!(told.headers.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_good_for_another_request_where_the_answer_has_its_end_and_says_no_other_thing() {
        for (fields, is_open) in [
            ("Content-Length: 1\r\n\r\nx", true),
            ("Content-Length: 1\r\nProxy-Connection: close\r\n\r\nx", false),
            ("Content-Length: 2\r\n\r\nx", false),
            ("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: a\r\n\r\n", true),
        ] {
            let told = response(format!("HTTP/1.1 407 x\r\n{fields}").as_bytes(), false, 9).await;
            assert_eq!(told.is_open, is_open, "{fields}");
        }
        assert!(!response(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", false, 9).await.is_open);
    }

    #[test]
    fn an_answer_in_small_pieces_is_gone_through_once() {
        // Each piece ends as the whole may end: with all of it gone through anew each time this would take minutes.
        let mut reading = Reading::default();
        reading.take(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let limits = Limits { deadline: Instant::now(), body: 64 * 1024 * 1024 };
        let begun = std::time::Instant::now();
        for _ in 0..50_000 {
            reading.take(b"4\r\n\r\n\r\n\r\n");
            assert!(!reading.is_enough(limits));
        }
        reading.take(b"0\r\n\r\n");
        assert!(reading.is_enough(limits));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let Asked::Answered(response) = reading.answer(limits, Instant::now()) else { panic!("no answer") };
        assert_eq!((response.body.len(), response.is_whole), (200_000, true));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_which_more_was_read_than_wanted_is_as_one_that_was_cut_there() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nbodybody";
        let (cut, read_so) = (response(bytes, false, 100).await.cut_to(4), response(bytes, false, 4).await);
        assert_eq!((cut.body.as_slice(), cut.is_whole, cut.is_cut), (&b"body"[..], false, true));
        assert_eq!((cut.body, cut.is_whole, cut.is_cut), (read_so.body, read_so.is_whole, read_so.is_cut));
        assert!(!response(bytes, false, 100).await.cut_to(8).is_cut);
    }

    #[test]
    fn a_request_has_its_host_and_the_length_of_its_body() {
        let fields = [("Content-Type", "application/ocsp-request")];
        let target = "/ocsp".to_owned();
        let host = "pki.test:80".to_owned();
        let request = Request { method: "POST", target, host, fields: &fields, keeps: false, body: b"abc" };
        assert_eq!(
            String::from_utf8(request.to_bytes()).unwrap(),
            "POST /ocsp HTTP/1.1\r\nHost: pki.test:80\r\nConnection: close\r\nAccept: */*\r\n\
             Content-Type: application/ocsp-request\r\nContent-Length: 3\r\n\r\nabc"
        );
    }
}
