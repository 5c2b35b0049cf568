//! How a scripted server goes through a handshake and beyond, as data: what servers are free to do, and what they do wrong.

use super::script::Server;
use crate::registry::AlertDescription;

/// How a server behaves where servers differ.
#[derive(Clone, Copy, Debug)]
pub struct Conduct {
    /// What it makes of `extended_master_secret`.
    pub extended_master_secret: ExtendedMasterSecret,
    /// Which sessions it resumes, and how.
    pub resumption: Resumption,
    /// What it does with a premaster secret that begins with zeros.
    pub leading_zeros: LeadingZeros,
    /// How it ends a handshake.
    pub finished: Finished,
    /// Whether it asks for a client certificate.
    pub client_certificate: ClientCertificate,
    /// What it makes of a client's wish to negotiate again.
    pub renegotiation: Renegotiation,
    /// In TLS 1.3: asks for a share of its first group, whatever shares the hello has.
    pub retries: bool,
    /// What it answers to an HTTP request, before it closes.
    pub response: &'static [u8],
    /// Whether it speaks FTP in place of HTTP, and how.
    pub ftp: Option<Ftp>,
}

/// How a server speaks FTP inside TLS.
#[derive(Clone, Copy, Debug)]
pub struct Ftp {
    /// Who answers on data connections. It knows the control connection's sessions.
    pub data: &'static Server,
    /// Whether a data connection has to resume one.
    pub demands_a_session: bool,
    /// Whether it knows EPSV (RFC 2428); else PASV alone, which names an address where nobody is.
    pub knows_epsv: bool,
    /// How many files it lists.
    pub files: usize,
    /// Whether data connections stay open behind their listing.
    pub keeps_data_open: bool,
}

impl Conduct {
    /// That of a sound server of today.
    pub const SOUND: Self = Self {
        extended_master_secret: ExtendedMasterSecret::Sound,
        resumption: Resumption::SOUND,
        leading_zeros: LeadingZeros::Sound,
        finished: Finished::Sound,
        client_certificate: ClientCertificate { asked: Asked::Never, without: WithoutOne::Accepts },
        renegotiation: Renegotiation::Refuses,
        retries: false,
        response: b"HTTP/1.1 200 OK\r\nServer: lab\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\
            Connection: close\r\n\r\nlab\n",
        ftp: None,
    };
}

/// How a server ends a connection that it does not want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By this fatal alert and FIN.
    Alert(AlertDescription),
    /// By RST and nothing else.
    Reset,
    /// By FIN and nothing else.
    Fin,
    /// Not at all: it says nothing more.
    Silence,
}

/// What a server makes of `extended_master_secret` (RFC 7627), where it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedMasterSecret {
    /// Echoes and uses it.
    Sound,
    /// Neither: a server of old.
    Unknown,
    /// Both, and refuses whoever does not offer it (§5.2 lets it).
    Required,
    /// Says that it uses it, and derives the master secret as of old.
    EchoedNotUsed,
    /// Uses it and does not say so.
    UsedNotEchoed,
}

/// Which sessions a server resumes.
#[derive(Clone, Copy, Debug)]
pub struct Resumption {
    /// Whether it gives out session ids, up to TLS 1.2.
    pub by_session_id: bool,
    /// Whether it gives out tickets (RFC 5077, RFC 8446 §4.6.1).
    pub by_ticket: bool,
    /// Whether its tickets of TLS 1.3 wait until it has something to write, as `BoringSSL`'s do.
    pub tickets_wait: bool,
    /// A session without `extended_master_secret`, and a hello without it.
    pub neither: Resumed,
    /// A session without it, and a hello with it.
    pub second_only: Resumed,
    /// A session with it, and a hello without it.
    pub first_only: Resumed,
    /// Both with it.
    pub both: Resumed,
}

impl Resumption {
    /// As RFC 7627 §5.3 has it.
    pub const SOUND: Self = Self {
        by_session_id: true,
        by_ticket: true,
        tickets_wait: false,
        neither: Resumed::Resumes,
        second_only: Resumed::Full,
        first_only: Resumed::Ends(End::Alert(AlertDescription::HANDSHAKE_FAILURE)),
        both: Resumed::Resumes,
    };

    /// What is done where the session had `extended_master_secret` or not, and the hello has it or not.
    pub(super) const fn of(&self, session: bool, hello: bool) -> Resumed {
        match (session, hello) {
            (false, false) => self.neither,
            (false, true) => self.second_only,
            (true, false) => self.first_only,
            (true, true) => self.both,
        }
    }
}

/// What a server does with a hello that names a session it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// Goes on from it.
    Resumes,
    /// Begins anew.
    Full,
    /// Refuses the connection.
    Ends(End),
}

/// What a server does with a premaster secret that begins with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadingZeros {
    /// Takes them off in DHE (RFC 5246 §8.1.2), keeps them in ECDHE (RFC 8422 §5.10).
    Sound,
    /// Keeps them in DHE too.
    KeptInDhe,
    /// Takes them off in ECDHE too.
    StrippedInEcdhe,
}

/// How a server ends a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// Accepts a right Finished, and sends a right one.
    Sound,
    /// Answers a right one with `bad_record_mac`.
    RefusesARightOne,
    /// Sends a wrong one.
    SendsAWrongOne,
}

/// Whether and when a server asks for a client certificate, and what it does without one.
#[derive(Clone, Copy, Debug)]
pub struct ClientCertificate {
    /// When it asks.
    pub asked: Asked,
    /// What it does with a client that has none.
    pub without: WithoutOne,
}

/// When a server asks for a client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It does not.
    Never,
    /// In every full handshake.
    InTheHandshake,
    /// When a client comes back: a session that it could resume begins anew, and with the request.
    WhenResumed,
    /// When the HTTP request is there: by renegotiation, as IIS does, or in TLS 1.3 after the handshake (RFC 8446 §4.6.2)
    /// where the client has offered that.
    AfterTheRequest,
}

/// What a server does with a client that was asked for a certificate and has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutOne {
    /// Goes on.
    Accepts,
    /// Ends the connection on its empty Certificate; in TLS 1.3 once its Finished is there.
    Ends(End),
    /// Completes the handshake and answers the request with 403.
    Forbids,
}

/// What a server makes of a client's hello on a connection that is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renegotiation {
    /// Negotiates again.
    Accepts,
    /// Warns that it does not (`no_renegotiation`, RFC 5246 §7.2.2) and goes on as before.
    Refuses,
    /// Ends the connection.
    Ends(End),
}
