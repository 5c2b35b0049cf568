//! What a scripted server does on a connection that is up: it answers one HTTP request and closes, and copes with what
//! may come late.

use super::{Site, agree_again, tls12, tls13};
use crate::lab::conduct::{Asked, End, Renegotiation, WithoutOne};
use crate::lab::connection::{Connection, Incoming, Stop};
use crate::registry::{AlertDescription, AlertLevel};
use crate::wire::Wire;
use crate::wire::handshake::{ClientHello, HandshakeType, RawMessage};
use crate::wire::record::ContentType;

/// The most of a request that is read.
const MAX_REQUEST: usize = 1 << 16;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\nServer: lab\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n\
    Connection: close\r\n\r\nno client certificate\r\n\r\n";

pub(super) async fn serve_tls12(
    site: Site<'_>,
    connection: &mut Connection,
    mut established: tls12::Established,
) -> Result<(), Stop> {
    let conduct = &site.server.conduct;
    let mut request = Vec::new();
    let mut asked_late = false;
    loop {
        match next(connection).await? {
            Event::Closed => return Ok(()),
            Event::Data(data) => request.extend_from_slice(&data),
            Event::Message(message) => {
                let hello = client_hello(&message)?;
                let occasion = match (asked_late, conduct.renegotiation) {
                    (true, _) => tls12::Occasion::ForACertificate(&established),
                    (false, Renegotiation::Accepts) => tls12::Occasion::Again(&established),
                    (false, Renegotiation::Ends(end)) => return Err(Stop::End(end)),
                    (false, Renegotiation::Refuses) => {
                        connection.send_alert(AlertLevel::WARNING, AlertDescription::NO_RENEGOTIATION).await?;
                        continue;
                    }
                };
                let agreement = agree_again(site, &hello, established.version, &mut connection.random)?;
                established = tls12::handshake(site, connection, &hello, agreement, occasion).await?;
                if asked_late {
                    return respond(site, connection, established.client_certificate).await;
                }
            }
        }
        if is_whole(&request)? && !asked_late {
            asked_late = conduct.client_certificate.asked == Asked::AfterTheRequest;
            if !asked_late {
                return respond(site, connection, established.client_certificate).await;
            }
            let hello_request = RawMessage { msg_type: HandshakeType::HELLO_REQUEST, body: vec![] };
            connection.send_messages(&hello_request.to_bytes()).await?;
        }
    }
}

pub(super) async fn serve_tls13(
    site: Site<'_>,
    connection: &mut Connection,
    established: tls13::Established,
) -> Result<(), Stop> {
    let mut request = Vec::new();
    while !is_whole(&request)? {
        match next(connection).await? {
            Event::Closed => return Ok(()),
            Event::Data(data) => request.extend_from_slice(&data),
            Event::Message(_) => return Err(AlertDescription::UNEXPECTED_MESSAGE.into()),
        }
    }
    if !established.ticket.is_empty() {
        connection.send_messages(&established.ticket).await?;
    }
    let mut client_certificate = established.client_certificate;
    let certificate = site.server.conduct.client_certificate;
    if certificate.asked == Asked::AfterTheRequest && established.post_handshake_auth {
        client_certificate = established.ask_for_a_certificate(connection).await?;
        if let (false, WithoutOne::Ends(end)) = (client_certificate, certificate.without) {
            return Err(Stop::End(end));
        }
    }
    respond(site, connection, client_certificate).await
}

async fn respond(site: Site<'_>, connection: &mut Connection, client_certificate: bool) -> Result<(), Stop> {
    let conduct = &site.server.conduct;
    let forbids = conduct.client_certificate.without == WithoutOne::Forbids && !client_certificate;
    let response = if forbids { FORBIDDEN } else { conduct.response };
    connection.send_as(ContentType::APPLICATION_DATA, response).await?;
    Ok(connection.send_alert(AlertLevel::WARNING, AlertDescription::CLOSE_NOTIFY).await?)
}

/// What comes on a connection that is up.
enum Event {
    Data(Vec<u8>),
    Message(RawMessage),
    /// The client has said that it closes, and was answered.
    Closed,
}

async fn next(connection: &mut Connection) -> Result<Event, Stop> {
    loop {
        match connection.next().await? {
            Incoming::ApplicationData(data) => return Ok(Event::Data(data)),
            Incoming::Message(message) => return Ok(Event::Message(message)),
            Incoming::ChangeCipherSpec => return Err(AlertDescription::UNEXPECTED_MESSAGE.into()),
            Incoming::Alert(alert) if alert.description == AlertDescription::CLOSE_NOTIFY => {
                connection.send_alert(AlertLevel::WARNING, AlertDescription::CLOSE_NOTIFY).await?;
                return Ok(Event::Closed);
            }
            Incoming::Alert(alert) if alert.level == AlertLevel::FATAL => return Err(Stop::End(End::Fin)),
            // That it will not negotiate again, say.
            Incoming::Alert(_) => {}
        }
    }
}

fn client_hello(message: &RawMessage) -> Result<ClientHello, Stop> {
    if message.msg_type != HandshakeType::CLIENT_HELLO {
        return Err(AlertDescription::UNEXPECTED_MESSAGE.into());
    }
    Ok(ClientHello::from_bytes(&message.body).map_err(|_| AlertDescription::DECODE_ERROR)?)
}

/// Whether the head of a request is all there.
fn is_whole(request: &[u8]) -> Result<bool, Stop> {
    if request.len() > MAX_REQUEST {
        return Err(AlertDescription::INTERNAL_ERROR.into());
    }
    Ok(request.windows(END_OF_HEAD.len()).any(|window| window == END_OF_HEAD))
}
