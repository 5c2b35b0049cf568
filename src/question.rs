//! One hello on one connection, and why it is asked.

use crate::offer::Offer;

/// One hello to send on one connection. No hidden retry, no hidden second address.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What the asker wants to know, in a word or two: `baseline`, `tls1.0`, a suite's name.
    pub purpose: String,
    /// What is sent.
    pub hello: Hello,
    /// Whether the handshake is to be completed, and not just answered.
    pub finish: bool,
    /// What to ask for over HTTP once the connection is open.
    pub request: Option<HttpRequest>,
}

impl Question {
    /// What this hello brings, up to the end of the peer's first flight.
    pub fn new(purpose: impl Into<String>, hello: Hello) -> Self {
        Self { purpose: purpose.into(), hello, finish: false, request: None }
    }

    /// What is answered to this request: behind this hello where its scheme is `https`, in the clear otherwise, where
    /// no hello is sent.
    pub fn http(request: HttpRequest, offer: &Offer) -> Self {
        let hello = match request.scheme {
            HttpScheme::Http => Hello::Exactly(Vec::new()),
            HttpScheme::Https => Hello::Built(offer.clone()),
        };
        let purpose = format!("GET {}", request.path);
        Self { purpose, hello, finish: true, request: Some(request) }
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
    /// Exactly these bytes (`--hello-hex`), whatever they are.
    Exactly(Vec<u8>),
}
