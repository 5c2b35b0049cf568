//! In the clear up to where TLS begins: one file for each protocol, each a few words said and a few understood.
//!
//! Every end on the way is an outcome at stage `starttls`. A server that answers in its protocol that it won't is
//! `starttls_refused` with its own code and words, and no more is said to it. Nobody is logged in, and nothing is sent
//! that names a user.

mod ftp;
mod imap;
mod ldap;
mod line;
mod mssql;
mod pop3;
mod postgres;
mod rdp;
mod reply;
mod smtp;

use tokio::time::Instant;

use super::talk::Talk;
use super::{Connection, Failure};
use crate::outcome::{Answer, Outcome, Stage};
use crate::target::Starttls;

pub(super) use mssql::Prelogin;
pub use reply::{Replies, Reply};

/// Asks the server to begin TLS. The connection that comes of it is where the hello goes.
pub async fn starttls(protocol: Starttls, connection: Connection, deadline: Instant) -> Result<Connection, Failure> {
    let local = connection.local_address();
    let mut talk = Talk::new(connection, Stage::Starttls, deadline);
    match protocol {
        Starttls::Ftp => ftp::ask(&mut talk).await?,
        Starttls::Smtp => smtp::ask(&mut talk, local.ip()).await?,
        Starttls::Imap => imap::ask(&mut talk).await?,
        Starttls::Pop3 => pop3::ask(&mut talk).await?,
        Starttls::Ldap => ldap::ask(&mut talk).await?,
        Starttls::Postgres => postgres::ask(&mut talk).await?,
        Starttls::Mssql => {
            mssql::ask(&mut talk).await?;
            return Ok(talk.into_connection().inside_prelogin());
        }
        Starttls::Rdp => rdp::ask(&mut talk).await?,
    }
    Ok(talk.into_connection())
}

/// The server understood, and won't.
fn refused(code: &(impl ToString + ?Sized), reply: &[u8]) -> Failure {
    /// As much of its words as a report keeps.
    const LONGEST: usize = 512;
    let reply = String::from_utf8_lossy(reply.get(..LONGEST).unwrap_or(reply)).trim_end().to_owned();
    at_starttls(Answer::StarttlsRefused { code: code.to_string(), reply })
}

/// The server broke its protocol's rules, or speaks another.
fn malformed(field: &str, offset: usize, expected: &str) -> Failure {
    at_starttls(Answer::Malformed { field: field.to_owned(), offset, expected: expected.to_owned() })
}

fn at_starttls(answer: Answer) -> Failure {
    Outcome::new(Stage::Starttls, answer).into()
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
