//! Which protocol is spoken in the clear before TLS begins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A protocol that asks for TLS inside itself; `dial::starttls` has a file for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Starttls {
    /// `AUTH TLS` (RFC 4217 §4).
    Ftp,
    /// `STARTTLS` (RFC 3207).
    Smtp,
    /// `STARTTLS` (RFC 9051 §6.2.1).
    Imap,
    /// `STLS` (RFC 2595 §4).
    Pop3,
    /// The `StartTLS` operation (RFC 4511 §4.14).
    Ldap,
    /// `SSLRequest` (`PostgreSQL`'s frontend/backend protocol).
    Postgres,
    /// PRELOGIN with encryption, and TLS inside its packets (MS-TDS §2.2.6.5).
    Mssql,
    /// An X.224 connection request for TLS (MS-RDPBCGR §2.2.1.1).
    Rdp,
}

impl Starttls {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Ftp, Self::Smtp, Self::Imap, Self::Pop3, Self::Ldap, Self::Postgres, Self::Mssql, Self::Rdp];

    /// The word on the command line and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ftp => "ftp",
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ldap => "ldap",
            Self::Postgres => "postgres",
            Self::Mssql => "mssql",
            Self::Rdp => "rdp",
        }
    }

    /// The registered port: that of a target which names none.
    pub fn port(self) -> u16 {
        match self {
            Self::Ftp => 21,
            Self::Smtp => 25,
            Self::Imap => 143,
            Self::Pop3 => 110,
            Self::Ldap => 389,
            Self::Postgres => 5432,
            Self::Mssql => 1433,
            Self::Rdp => 3389,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_a_word_and_a_port_of_its_own() {
        for (place, protocol) in Starttls::ALL.into_iter().enumerate() {
            for other in &Starttls::ALL[..place] {
                assert!(other.word() != protocol.word() && other.port() != protocol.port(), "{protocol:?} {other:?}");
            }
        }
    }
}
