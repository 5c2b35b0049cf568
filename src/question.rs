//! One hello on one connection, how far to go from there, and why it is asked.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offer::Offer;

/// One hello to send on one connection. No hidden retry, no hidden second address.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What the asker wants to know, in a word or two: `baseline`, `tls1.0`, a suite's name.
    pub purpose: String,
    /// What is sent.
    pub hello: Hello,
    /// How to complete the handshake; without it, it is just answered.
    pub finish: Option<Finish>,
    /// What to ask for over HTTP once the connection is open.
    pub request: Option<HttpRequest>,
}

impl Question {
    /// What this hello brings, up to the end of the peer's first flight.
    pub fn new(purpose: impl Into<String>, hello: Hello) -> Self {
        Self { purpose: purpose.into(), hello, finish: None, request: None }
    }

    /// The session to offer, if there is one.
    pub fn resume(&self) -> Option<Resume> {
        self.finish.as_ref()?.resume
    }

    /// What comes of a handshake that this offer begins and that is completed so.
    pub fn finished(purpose: impl Into<String>, offer: Offer, finish: Finish) -> Self {
        Self { finish: Some(finish), ..Self::new(purpose, Hello::Built(offer)) }
    }

    /// What is answered to this request: behind this hello where its scheme is `https`, in the clear otherwise, where
    /// no hello is sent.
    pub fn http(request: HttpRequest, offer: &Offer) -> Self {
        let hello = match request.scheme {
            HttpScheme::Http => Hello::Exactly(Vec::new()),
            HttpScheme::Https => Hello::Built(offer.clone()),
        };
        let purpose = format!("GET {}", request.path);
        Self { finish: Some(Finish::default()), request: Some(request), ..Self::new(purpose, hello) }
    }

    /// The request to send without TLS.
    pub fn request_in_clear(&self) -> Option<&HttpRequest> {
        self.request.as_ref().filter(|request| request.scheme == HttpScheme::Http)
    }
}

/// A GET request to the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Whether it goes through TLS.
    pub scheme: HttpScheme,
    /// Path and query.
    pub path: String,
    /// Whether the plan's token goes along, if it has one.
    pub with_token: bool,
    /// What stands in the path without being known of this endpoint, in a sentence.
    pub assumed: Option<String>,
}

/// How a request goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpScheme {
    /// In the clear.
    Http,
    /// Through TLS.
    Https,
}

impl HttpScheme {
    /// The word before `://`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that its URLs need not name.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The bytes of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Hello {
    /// Built from an offer and fresh values.
    Built(Offer),
    /// Built from an offer, and handed to TCP in equal pieces with a pause between: as long as nobody on the way puts
    /// them together again, each arrives in a segment of its own.
    InSegments {
        /// What it is built from.
        offer: Offer,
        /// How many pieces.
        segments: usize,
    },
    /// The hello of SSL 2.0, with every cipher that it has.
    Ssl2,
    /// Exactly these bytes (`--hello-hex`), whatever they are.
    Exactly(Vec<u8>),
}

/// How a handshake is completed where the protocol, or a test of the peer, leaves a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// The session to offer.
    pub resume: Option<Resume>,
    /// With how many zero bytes the secret that is agreed on begins, up to TLS 1.2.
    pub leading_zeros: u8,
    /// Whether the master secret is derived in the way that the hellos do not agree on, up to TLS 1.2 (RFC 7627 §4): then
    /// only a server that says one thing and does the other takes the handshake.
    pub derive_otherwise: bool,
    /// Whether to ask for another handshake on the connection, up to TLS 1.2.
    pub renegotiate: bool,
    /// Whether to ask for something by HTTP, for a server that asks only then who we are.
    pub ask_for_content: bool,
    /// Whether to have a directory listed by FTP, on a data connection inside TLS.
    pub list: Option<FtpList>,
}

/// What the data connection of FTP begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FtpList {
    /// A handshake of its own.
    InFull,
    /// The control connection's session.
    Resumed,
}

/// An earlier session, by the exchange that left it. Its secrets are kept by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The exchange, by its number in the report.
    pub exchange: usize,
    /// What to name the session by.
    pub by: ResumeBy,
}

/// What a session is named by when it is to be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResumeBy {
    /// The id that the server gave it (RFC 5246 §7.3).
    SessionId,
    /// The server's ticket (RFC 5077).
    Ticket,
    /// A ticket of TLS 1.3 (RFC 8446 §4.6.1).
    Psk,
}

impl ResumeBy {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::SessionId => "session_id",
            Self::Ticket => "ticket",
            Self::Psk => "psk",
        }
    }
}

/// In the words of a sentence.
impl fmt::Display for ResumeBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SessionId => "session id",
            Self::Ticket => "ticket",
            Self::Psk => "PSK",
        })
    }
}
