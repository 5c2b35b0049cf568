//! The server's first flight in SSL 3.0 (RFC 6101 §5.5), and nothing after it: the lab has no keys for that version.

use std::convert::Infallible;

use super::Site;
use super::ephemeral::Ephemeral;
use super::messages::{self, fresh, tls12_server_hello};
use crate::lab::connection::{Connection, Stop};
use crate::lab::negotiate::Agreement;
use crate::registry::AlertDescription;
use crate::wire::handshake::{ClientHello, HandshakeType};

/// Sends it, and refuses whatever the client answers.
pub(super) async fn first_flight(
    site: Site<'_>,
    connection: &mut Connection,
    hello: &ClientHello,
    agreement: &Agreement,
) -> Result<Infallible, Stop> {
    let (random, session_id) = (fresh::<32>(&mut connection.random), fresh::<32>(&mut connection.random));
    let mut flight = tls12_server_hello(agreement, random, session_id.to_vec(), vec![]);
    flight.extend(messages::certificate(&site.identity(agreement).certificates));
    let ephemeral = Ephemeral::new(site, agreement, &mut connection.random);
    let randoms = [hello.random, random].concat();
    flight.extend(ephemeral.message(site, agreement, &randoms, &mut connection.random).unwrap_or_default());
    flight.extend(messages::raw(HandshakeType::SERVER_HELLO_DONE, vec![]));
    connection.send_messages(&flight).await?;
    connection.next().await?;
    Err(AlertDescription::HANDSHAKE_FAILURE.into())
}
