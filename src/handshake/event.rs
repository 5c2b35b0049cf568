//! What a handshake tells while it goes on, and how it can come to an end of its own.

use super::{KeyLogLine, PskSession, Session};
use crate::registry::SignatureScheme;
use crate::wire::DecodeError;
use crate::wire::alert::Alert;
use crate::wire::extension::Extensions;
use crate::wire::handshake::{HandshakeType, ServerHello, ServerKeyExchange};

/// What came of some bytes: what to write now, and what they told, in order.
#[derive(Debug, Default)]
pub struct Step {
    /// To be written as it is.
    pub write: Vec<u8>,
    /// What was learned.
    pub events: Vec<Event>,
}

/// One thing that was learned.
#[derive(Debug)]
pub enum Event {
    /// The server chose, or with a HelloRetryRequest asked for another hello.
    ServerHello(ServerHello),
    /// What a TLS 1.3 server chose under encryption.
    EncryptedExtensions(Extensions),
    /// The server's certificates in DER, leaf first; a list may have none.
    Certificate(Vec<Vec<u8>>),
    /// The server's certificates in a compressed form (RFC 8879), which is not read.
    CompressedCertificate,
    /// A stapled word on revocation has come: the DER of an `OCSPResponse` on the leaf, or what is none.
    CertificateStatus(Option<Vec<u8>>),
    /// A client certificate is asked for: during the handshake, or later.
    CertificateRequest(CertificateRequested),
    /// The server's ephemeral share (TLS 1.2 and older).
    ServerKeyExchange(ServerKeyExchange),
    /// A signature of the server's was looked at.
    Signature {
        /// The scheme it was made by; before TLS 1.2 only the key implies it.
        scheme: Option<SignatureScheme>,
        /// What came of it.
        check: SignatureCheck,
    },
    /// The server's first flight is whole, as far as it can be read.
    FlightEnds {
        /// Whether more of it is there, under keys that are not.
        encrypted: bool,
    },
    /// Both sides have sent their Finished, and the server's is right. In TLS 1.3 the server has yet to judge ours.
    Completed {
        /// Whether an older session was resumed.
        resumed: bool,
        /// What a later hello can resume; a TLS 1.3 session comes as a [`Ticket`](Self::Ticket) instead.
        session: Option<Box<Session>>,
    },
    /// A ticket of TLS 1.3 (RFC 8446 §4.6.1).
    Ticket(Box<PskSession>),
    /// Application data, from the first byte that no earlier event had.
    ApplicationData(Vec<u8>),
    /// A warning, which ends nothing.
    Warning(Alert),
    /// The peer's last word: a fatal alert, or `close_notify`. Nothing behind it is read.
    Alert(Alert),
    /// The server wishes to negotiate again (RFC 5246 §7.4.1.1).
    HelloRequest,
    /// The server changed its keys (RFC 8446 §4.6.3).
    KeyUpdate,
    /// A line for a key log file.
    KeyLog(KeyLogLine),
    /// The handshake can't go on, for a reason on this side. Nothing more is read.
    Stopped(Stopped),
}

/// A `CertificateRequest` of any version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequested {
    /// `certificate_types`, up to TLS 1.2.
    pub certificate_types: Vec<u8>,
    /// The schemes that the server takes, from TLS 1.2 on.
    pub signature_schemes: Vec<SignatureScheme>,
    /// The DER of the names that the certificate may come from; none means any.
    pub authorities: Vec<Vec<u8>>,
}

/// What came of looking at a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// The certificate's key made it.
    Valid,
    /// It did not.
    Invalid,
    /// Nobody looked: only the flight was wanted.
    NotChecked,
    /// Could not be told: no certificate with a key that can be read, or a scheme that is not known here.
    Unknown,
}

/// Why a handshake stopped on this side. How the peer ends one is an alert, or a matter of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// What came breaks the rules.
    Malformed {
        /// How.
        error: DecodeError,
        /// In which message; none where it was a record, or an alert.
        message: Option<HandshakeType>,
    },
    /// A record does not open with the keys that follow from what was agreed.
    BadRecord,
    /// The server's Finished is not what follows from what was agreed (RFC 5246 §7.4.9, RFC 8446 §4.4.4).
    WrongFinished,
    /// The server chose what this client can't do.
    Unable(&'static str),
}

impl From<DecodeError> for Stopped {
    fn from(error: DecodeError) -> Self {
        Self::Malformed { error, message: None }
    }
}

impl Stopped {
    /// The same, said to be in this message.
    pub(super) fn inside(self, msg_type: HandshakeType) -> Self {
        match self {
            Self::Malformed { error, message: None } => Self::Malformed { error, message: Some(msg_type) },
            other => other,
        }
    }

    /// A message that has no place where it came.
    pub(super) fn unexpected(found: HandshakeType, expected: &'static str) -> Self {
        Self::field("handshake.msg_type", u64::from(found.0), expected)
    }

    /// A field whose value can't be.
    pub(super) fn field(field: &'static str, found: u64, expected: &'static str) -> Self {
        DecodeError::Value { field, offset: 0, found, expected }.into()
    }
}
