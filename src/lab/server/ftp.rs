//! FTP on a connection that is up (RFC 959, RFC 4217): enough of it for a listing, with the faults of its script.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{Site, greet};
use crate::lab::conduct::{End, Ftp};
use crate::lab::connection::{Connection, Incoming, Stop};
use crate::lab::hello::HelloReader;
use crate::registry::{AlertDescription, AlertLevel};
use crate::wire::record::ContentType;

/// How long a client may take from a port to the connection to it.
const ACCEPTING: Duration = Duration::from_secs(5);

/// The longest command.
const LONGEST: usize = 1024;

const LISTING: &[u8] = b"-rw-r--r-- 1 lab lab 4 Jan 01 2026 lab.txt\r\n";

/// Serves a client until it leaves. TLS came first, so the greeting is still to be said.
pub(super) async fn serve(site: Site<'_>, connection: &mut Connection, ftp: &Ftp) -> Result<(), Stop> {
    say(connection, "220 lab").await?;
    let mut listener = None;
    let mut heard = Vec::new();
    loop {
        let Some(command) = next_command(connection, &mut heard).await? else { return Ok(()) };
        let reply = match command.split(' ').next().unwrap_or_default() {
            "USER" => "331 say anything".to_owned(),
            "PASS" => "230 welcome".to_owned(),
            "PBSZ" | "PROT" => "200 so be it".to_owned(),
            // The address is one that nobody is to connect to (RFC 5737).
            "PASV" | "EPSV" => {
                let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let port = bound.local_addr()?.port();
                listener = Some(bound);
                match (command.as_str(), ftp.knows_epsv) {
                    ("EPSV", true) => format!("229 go (|||{port}|)"),
                    ("EPSV", false) => "500 EPSV is not known".to_owned(),
                    _ => format!("227 go (192,0,2,1,{},{})", port >> 8, port & 0xff),
                }
            }
            "LIST" => match listener.take() {
                Some(listener) => list(site, connection, ftp, &listener).await?.to_owned(),
                None => "425 no port was asked for".to_owned(),
            },
            "QUIT" => {
                say(connection, "221 goodbye").await?;
                return Ok(());
            }
            _ => "502 not here".to_owned(),
        };
        say(connection, &reply).await?;
    }
}

/// Sends a listing over a data connection. Gives the last reply.
async fn list(
    site: Site<'_>,
    control: &mut Connection,
    ftp: &Ftp,
    listener: &TcpListener,
) -> Result<&'static str, Stop> {
    let Ok(accepted) = timeout(ACCEPTING, listener.accept()).await else { return Ok("425 nobody came") };
    let (mut stream, _) = accepted?;
    stream.set_nodelay(true)?;
    say(control, "150 here it comes").await?;
    let mut hellos = HelloReader::default();
    let hello = hellos.next(&mut stream).await?;
    let random = StdRng::from_rng(&mut control.random);
    let mut data = Connection::new(stream, hellos.into_rest(), None, random);
    let (reply, end) = match greet(Site { server: ftp.data, ..site }, &mut data, hello).await {
        Ok(established) if established.resumed() || !ftp.demands_a_session => {
            let sent = data.send_as(ContentType::APPLICATION_DATA, &LISTING.repeat(ftp.files)).await;
            if ftp.keeps_data_open {
                tokio::spawn(data.end(End::Silence));
                return Ok("226 that was all");
            }
            // Who breaks off sends a RST, and that shows here at the latest.
            let is_whole = match sent {
                Ok(()) => close(data).await,
                broken => broken,
            };
            return Ok(if is_whole.is_ok() { "226 that was all" } else { "426 the data connection broke off" });
        }
        Ok(_) => ("522 session reuse required", End::Fin),
        Err(Stop::End(end)) => ("425 no data connection", end),
        Err(Stop::Io(_)) => return Ok("426 the data connection is gone"),
    };
    // What the client makes of the end of it is its own affair.
    data.end(end).await.ok();
    Ok(reply)
}

async fn close(mut data: Connection) -> io::Result<()> {
    data.send_alert(AlertLevel::WARNING, AlertDescription::CLOSE_NOTIFY).await?;
    data.end(End::Fin).await
}

async fn say(connection: &mut Connection, words: &str) -> io::Result<()> {
    connection.send_as(ContentType::APPLICATION_DATA, format!("{words}\r\n").as_bytes()).await
}

/// The next line; none where the client says goodbye in TLS.
async fn next_command(connection: &mut Connection, heard: &mut Vec<u8>) -> Result<Option<String>, Stop> {
    loop {
        if let Some(end) = heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = heard.drain(..=end).collect();
            return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
        }
        if heard.len() > LONGEST {
            return Err(io::Error::from(io::ErrorKind::QuotaExceeded).into());
        }
        match connection.next().await? {
            Incoming::ApplicationData(data) => heard.extend(data),
            Incoming::Alert(_) => return Ok(None),
            Incoming::Message(_) | Incoming::ChangeCipherSpec => {
                return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
            }
        }
    }
}
