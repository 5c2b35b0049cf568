//! A scripted server from the first hello to the close: the handshake, one HTTP request, and what may come late.

mod application;
mod ephemeral;
mod ftp;
mod messages;
mod ssl3;
mod tls12;
mod tls13;

use std::io;

use rand::rngs::StdRng;

use super::conduct::End;
use super::connection::{Connection, Stop};
use super::negotiate::{Agreement, Mismatch, negotiate};
use super::pki::Identity;
use super::script::{Refusal, Server};
use super::session::Sessions;
use crate::registry::{AlertDescription, ProtocolVersion};
use crate::wire::handshake::ClientHello;

pub(super) use messages::{fresh, tls12_server_hello};

/// Who the server is: its script, its certificates, its memory.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) server: &'a Server,
    pub(super) first: &'a Identity,
    /// One of ECDSA besides.
    pub(super) second: Option<&'a Identity>,
    pub(super) sessions: &'a Sessions,
}

impl<'a> Site<'a> {
    /// What it proves itself with, as agreed.
    fn identity(self, agreement: &Agreement) -> &'a Identity {
        self.second.filter(|_| agreement.is_by_ecdsa()).unwrap_or(self.first)
    }
}

/// Answers a hello, completes the handshake and serves the connection to its end. An error is a client that left before,
/// or a bound reached.
pub(super) async fn serve(site: Site<'_>, mut connection: Connection, hello: Option<ClientHello>) -> io::Result<()> {
    match converse(site, &mut connection, hello).await {
        Ok(()) => connection.end(End::Fin).await,
        Err(Stop::End(end)) => connection.end(end).await,
        Err(Stop::Io(error)) => Err(error),
    }
}

async fn converse(site: Site<'_>, connection: &mut Connection, hello: Option<ClientHello>) -> Result<(), Stop> {
    let established = greet(site, connection, hello).await?;
    if let Some(ftp) = &site.server.conduct.ftp {
        return ftp::serve(site, connection, ftp).await;
    }
    match established {
        Established::Tls12(established) => application::serve_tls12(site, connection, established).await,
        Established::Tls13(established) => application::serve_tls13(site, connection, established).await,
    }
}

/// What a handshake has come to, in any version.
enum Established {
    Tls12(tls12::Established),
    Tls13(tls13::Established),
}

impl Established {
    /// Whether an older session was resumed.
    fn resumed(&self) -> bool {
        match self {
            Self::Tls12(established) => established.resumed,
            Self::Tls13(established) => established.resumed,
        }
    }
}

/// Goes through the handshake that this hello begins.
async fn greet(site: Site<'_>, connection: &mut Connection, hello: Option<ClientHello>) -> Result<Established, Stop> {
    let random = &mut connection.random;
    let agreed = hello.ok_or(Mismatch::NoHello).and_then(|hello| Ok((negotiate(site.server, &hello, random)?, hello)));
    let (agreement, hello) = agreed.map_err(|mismatch| refusal(site.server, mismatch))?;
    connection.set_version(agreement.version);
    if agreement.version == ProtocolVersion::SSL3 {
        match ssl3::first_flight(site, connection, &hello, &agreement).await? {}
    } else if agreement.version == ProtocolVersion::TLS1_3 {
        Ok(Established::Tls13(tls13::handshake(site, connection, hello, agreement).await?))
    } else {
        let first = tls12::Occasion::First;
        Ok(Established::Tls12(tls12::handshake(site, connection, &hello, agreement, first).await?))
    }
}

/// The agreement on a later hello, which must be for the same version.
fn agree_again(
    site: Site<'_>,
    hello: &ClientHello,
    version: ProtocolVersion,
    random: &mut StdRng,
) -> Result<Agreement, Stop> {
    let agreement = negotiate(site.server, hello, random).map_err(|mismatch| refusal(site.server, mismatch))?;
    if agreement.version == version { Ok(agreement) } else { Err(AlertDescription::PROTOCOL_VERSION.into()) }
}

fn refusal(server: &Server, mismatch: Mismatch) -> Stop {
    Stop::End(match server.refusal {
        Refusal::Silence => End::Silence,
        Refusal::Fin => End::Fin,
        Refusal::Reset => End::Reset,
        // The alert that fits (RFC 8446 §6.2).
        Refusal::Alert => End::Alert(match mismatch {
            Mismatch::NoHello => AlertDescription::DECODE_ERROR,
            Mismatch::Version => AlertDescription::PROTOCOL_VERSION,
            Mismatch::CipherSuite => AlertDescription::HANDSHAKE_FAILURE,
        }),
    })
}
