//! One handshake over a socket by the library's client, and data behind it.

use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rand::rngs::StdRng;
use tlsprobe::exchange::{Fresh, fresh_values};
use tlsprobe::handshake::{
    Client, ClientHelloSent, Depth, Event, Options, PskSession, Session, SignatureCheck, Step, offer_psk,
};
use tlsprobe::offer::Offer;
use tlsprobe::registry::{AlertDescription, CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};
use tlsprobe::wire::handshake::ServerKeyExchange;

use super::Way;

/// More than a slow server takes between two of its records.
const SILENCE: Duration = Duration::from_secs(20);

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) struct Hello {
    pub(super) way: Way,
    /// With the extended master secret and `encrypt_then_mac`, and a ticket where there can be one; or with none of them.
    pub(super) modern: bool,
    /// By which the session of the last connection is to be resumed.
    pub(super) by: Option<By>,
}

/// What a session is asked for by, up to TLS 1.2; TLS 1.3 has tickets alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Ticket,
    SessionId,
}

/// What a connection left for the next one.
#[derive(Default)]
pub(super) struct Left {
    session: Option<Box<Session>>,
    psk: Option<Box<PskSession>>,
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Way { version, suite, key, group } = self.way;
        let name = group.and_then(NamedGroup::name).unwrap_or("-");
        let modern = if self.modern { "modern" } else { "old" };
        write!(f, "{version} {suite} {name} {key:?} {modern} {:?}", self.by)
    }
}

/// Says whether the session was resumed, or what went wrong.
pub(super) fn complete(
    address: SocketAddr,
    hello: Hello,
    left: &mut Left,
    random: &mut StdRng,
) -> Result<bool, String> {
    let (written, mut client) = begin(hello, left, random)?;
    let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(SILENCE)).map_err(|error| error.to_string())?;
    stream.write_all(&written).map_err(|error| error.to_string())?;
    let mut told = Vec::new();
    let mut is_resumed = None;
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer);
        let Ok(count @ 1..) = read else {
            return Err(format!("{read:?} while waiting for {}, after {told:?}", client.waiting_for()));
        };
        let Step { mut write, events } = client.receive(buffer.get(..count).unwrap_or_default(), random);
        let mut is_answered = false;
        for event in events {
            match event {
                Event::ServerHello(chosen) => {
                    let chose = (chosen.negotiated_version(), chosen.cipher_suite);
                    expect(chose, (hello.way.version, hello.way.suite))?;
                }
                Event::ServerKeyExchange(ServerKeyExchange::Ecdhe { curve, .. }) => {
                    expect(Some(curve), hello.way.group)?;
                }
                Event::Signature { check, .. } => expect(check, SignatureCheck::Valid)?,
                Event::Completed { resumed, session } => {
                    is_resumed = Some(resumed);
                    left.session = session;
                    write.extend(client.seal_application_data(b"GET / HTTP/1.0\r\n\r\n", random));
                }
                Event::Ticket(ticket) => left.psk = Some(ticket),
                Event::ApplicationData(data) => is_answered |= !data.is_empty(),
                Event::Alert(alert) if is_answered && alert.description == AlertDescription::CLOSE_NOTIFY => {}
                Event::Alert(_) | Event::Stopped(_) => return Err(format!("{event:?} after {told:?}")),
                other => told.push(format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_owned()),
            }
        }
        stream.write_all(&write).map_err(|error| error.to_string())?;
        if let Some(resumed) = is_resumed.filter(|_| is_answered) {
            stream.write_all(&client.close_notify(random)).ok();
            return Ok(resumed);
        }
    }
}

/// The hello's records, and the client that is to send them.
fn begin(hello: Hello, left: &mut Left, random: &mut StdRng) -> Result<(Vec<u8>, Client), String> {
    let mut offer = Offer::for_version(hello.way.version);
    offer.cipher_suites = vec![hello.way.suite, CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV];
    if let Some(group) = hello.way.group {
        // Up to TLS 1.2 the curve of the server's certificate has to be among the groups (RFC 8422 §5.1).
        let behind = Some(NamedGroup::SECP256R1).filter(|behind| *behind != group);
        offer.set_groups(&[group].into_iter().chain(behind).collect::<Vec<_>>());
    }
    if !hello.modern {
        offer.remove_extension(ExtensionType::EXTENDED_MASTER_SECRET);
        offer.remove_extension(ExtensionType::ENCRYPT_THEN_MAC);
        offer.remove_extension(ExtensionType::SESSION_TICKET);
    }
    let Fresh { values, key_shares } = fresh_values(&offer, random);
    let mut message = offer.client_hello(Some("localhost"), &values);
    if let Some(by) = hello.by {
        let session = || left.session.as_ref().ok_or("no session was left");
        match by {
            _ if hello.way.version == ProtocolVersion::TLS1_3 => {
                let psk = left.psk.as_ref().ok_or("no ticket was left")?;
                offer_psk(&mut message, psk, Duration::from_millis(10));
            }
            By::Ticket => session()?.offer_by_ticket(&mut message),
            By::SessionId => session()?.offer_by_id(&mut message),
        }
    }
    let options = Options {
        depth: Depth::Finish,
        session: left.session.take(),
        psk_session: left.psk.take(),
        ..Options::default()
    };
    let sent = offer.in_records(&message);
    let client = Client::new(ClientHelloSent::new(&sent, key_shares), options);
    Ok((sent, client))
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for that")]
fn expect<T: PartialEq + fmt::Debug>(found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} in place of {expected:?}")) }
}
