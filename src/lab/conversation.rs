//! Plays a script on one connection, within bounds: a lab must survive any client too.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

use super::connection::Connection;
use super::hello::HelloReader;
use super::negotiate::negotiate;
use super::pki::Identity;
use super::proxies::{BAD_GATEWAY, ESTABLISHED, GATEWAY_TIMEOUT};
use super::script::{Chain, HelloLike, Server, Step, TunnelEnd};
use super::server::{self, Site};
use super::station::Station;
use super::{Endpoint, endpoints, tunnel};
use crate::registry::ExtensionType;
use crate::wire::handshake::ClientHello;
use crate::wire::record::{ContentType, MAX_FRAGMENT, write_records};

/// The most that is sent on one connection. It is less than the handshake message that never ends says it is long.
const MAX_SENT: usize = 8 << 20;

/// The most that is read and discarded.
const MAX_DISCARDED: usize = 1 << 20;

/// Between two rounds of [`Step::SendForever`].
const ROUND: Duration = Duration::from_millis(10);

/// What a proxy of the lab says to whoever wants to go elsewhere.
const NOT_OF_THE_LAB: &[u8] =
    b"HTTP/1.1 403 Forbidden\r\nVia: 1.1 proxy.lab.test (lab)\r\nContent-Type: text/plain\r\n\
    Connection: close\r\n\r\nThe lab's proxies connect to the lab's endpoints and to nobody else.\n";

/// One connection and how far the script has come on it.
pub(super) struct Conversation<'a> {
    stream: TcpStream,
    station: &'a Station,
    random: StdRng,
    hellos: HelloReader,
    /// The last hello read, if it could be.
    hello: Option<ClientHello>,
    dripping: bool,
    sent: usize,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(stream: TcpStream, station: &'a Station, random: StdRng) -> Self {
        Self { stream, station, random, hellos: HelloReader::default(), hello: None, dripping: false, sent: 0 }
    }

    /// Plays the script to its end. An error is a client that left before, or a bound reached.
    pub(super) async fn play(mut self, script: &[Step]) -> io::Result<()> {
        // Single bytes, and what comes just before a RST, must leave at once.
        self.stream.set_nodelay(true)?;
        let mut steps = script.iter();
        while let Some(step) = steps.next() {
            match step {
                Step::ReadHello => self.hello = self.hellos.next(&mut self.stream).await?,
                Step::ReadFirstSegment { longest } => {
                    self.hello = self.hellos.first_segment(&mut self.stream, *longest).await?;
                    if self.hello.is_none() {
                        return self.discard().await;
                    }
                }
                Step::If(like, instead) => {
                    if like.fits(self.hello.as_ref(), self.hellos.last) {
                        steps = instead.iter();
                    }
                }
                Step::Beyond(allowance, instead) => {
                    if !self.station.arrivals.admits(*allowance) {
                        steps = instead.iter();
                    }
                }
                Step::SlowerBeyond(allowance, pause) => {
                    time::sleep(*pause * self.station.arrivals.beyond(*allowance)).await;
                }
                Step::Send(bytes) => self.send(bytes).await?,
                Step::Pause(pause) => time::sleep(*pause).await,
                Step::Repeat(bytes, times) => {
                    for _ in 0..*times {
                        self.send(bytes).await?;
                    }
                }
                Step::SendForever(bytes) => loop {
                    self.send(bytes).await?;
                    time::sleep(ROUND).await;
                },
                Step::Drip => self.dripping = true,
                Step::Serve(server) => {
                    let Station { first, second, .. } = self.station;
                    let is_nameless =
                        || !HelloLike::With(ExtensionType::SERVER_NAME).fits(self.hello.as_ref(), self.hellos.last);
                    let (first, second) = match (server.chain, second) {
                        (Chain::OfTwoSites, Some(second)) => (if is_nameless() { second } else { first }, None),
                        (_, second) => (first, second.as_ref()),
                    };
                    return self.serve(server, first, second).await;
                }
                Step::ServerHello(server) => {
                    let Some(hello) = self.server_hello(server) else {
                        // It refuses the hello as it does when it serves.
                        let first = &self.station.first;
                        return self.serve(server, first, None).await;
                    };
                    self.send(&hello).await?;
                }
                Step::ReadRequest => drop(tunnel::read_request(&mut self.stream).await?),
                Step::AnswerInClear(bytes) => return self.answer_in_clear(bytes).await,
                Step::AnswerRequests(bytes) => loop {
                    tunnel::read_request(&mut self.stream).await?;
                    self.send(bytes).await?;
                },
                Step::Tunnel(end) => return self.tunnel(*end).await,
                Step::Inspect(server) => return self.inspect(server).await,
                Step::Fin => return self.finish().await,
                Step::Reset => return self.reset(),
            }
        }
        self.discard().await
    }

    /// The server's hello alone, if it accepts the client's.
    fn server_hello(&mut self, server: &Server) -> Option<Vec<u8>> {
        let agreement = negotiate(server, self.hello.as_ref()?, &mut self.random).ok()?;
        let (random, session_id) = (server::fresh(&mut self.random), server::fresh::<32>(&mut self.random));
        let hello = server::tls12_server_hello(&agreement, random, session_id.to_vec(), vec![]);
        Some(write_records(ContentType::HANDSHAKE, agreement.version, &hello, MAX_FRAGMENT))
    }

    async fn serve(self, server: &Server, first: &Identity, second: Option<&Identity>) -> io::Result<()> {
        let Station { sessions, drip_interval, .. } = self.station;
        let drip = self.dripping.then_some(*drip_interval);
        let connection = Connection::new(self.stream, self.hellos.into_rest(), drip, self.random);
        server::serve(Site { server, first, second, sessions }, connection, self.hello).await
    }

    /// The endpoint of the lab that the next request wants a tunnel to.
    async fn asked_for(&mut self) -> io::Result<Option<&'a Endpoint>> {
        let head = tunnel::read_request(&mut self.stream).await?;
        Ok(tunnel::asked_for(&head, &self.station.reaches))
    }

    async fn tunnel(mut self, end: TunnelEnd) -> io::Result<()> {
        let Some(endpoint) = self.asked_for().await? else { return self.last_words(NOT_OF_THE_LAB).await };
        match tunnel::reach(endpoint).await {
            Ok(endpoint) => {
                self.send(ESTABLISHED).await?;
                tunnel::carry(self.stream, endpoint, end).await
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => self.last_words(GATEWAY_TIMEOUT).await,
            Err(_) => self.last_words(BAD_GATEWAY).await,
        }
    }

    /// As a web server without TLS.
    async fn answer_in_clear(mut self, answer: &[u8]) -> io::Result<()> {
        let mut first = [0];
        self.stream.peek(&mut first).await?;
        if first[0].is_ascii_uppercase() {
            tunnel::read_request(&mut self.stream).await?;
            self.send(answer).await?;
        } else {
            self.send(endpoints::BAD_REQUEST).await?;
        }
        self.finish().await
    }

    async fn inspect(mut self, server: &Server) -> io::Result<()> {
        let Some(endpoint) = self.asked_for().await? else { return self.last_words(NOT_OF_THE_LAB).await };
        self.send(ESTABLISHED).await?;
        self.hello = self.hellos.next(&mut self.stream).await?;
        let certificates = self.station.inspector.issue(endpoint.host, self.random.next_u64());
        let key = Arc::clone(&self.station.inspector.key);
        let identity = Identity { certificates: certificates.map_err(io::Error::other)?, key };
        self.serve(server, &identity, None).await
    }

    /// Says this and closes.
    async fn last_words(mut self, bytes: &[u8]) -> io::Result<()> {
        self.send(bytes).await?;
        self.finish().await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent += bytes.len();
        if self.sent > MAX_SENT {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        if !self.dripping {
            return self.stream.write_all(bytes).await;
        }
        for byte in bytes {
            time::sleep(self.station.drip_interval).await;
            self.stream.write_all(&[*byte]).await?;
        }
        Ok(())
    }

    async fn finish(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        self.discard().await
    }

    fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// Reads on, so that closing the socket in the end is a FIN and no RST.
    async fn discard(mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        let mut discarded = 0;
        while discarded < MAX_DISCARDED {
            match self.stream.read(&mut buffer).await? {
                0 => break,
                read => discarded += read,
            }
        }
        Ok(())
    }
}
