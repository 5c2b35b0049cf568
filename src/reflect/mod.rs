//! The far end of a proof: takes connections, reads what arrives up to the end of a ClientHello, and sends it back.
//!
//! The answer is a first flight of TLS whose certificate carries what arrived, so that on the way it is TLS like any
//! other; a device that answers in the endpoint's place replaces the certificate, and is found out by that. Or, on
//! demand, it is the report itself in JSON. Connections, bytes and times are bounded, nothing is kept, and nothing is
//! ever dialled.

mod answer;
mod conversation;
mod identity;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::info;

use crate::reflected::MAX_REFLECTED;
use conversation::{Conversation, converse};
use identity::Identity;

/// What is held against a hostile client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; more wait in the backlog.
    pub connections: usize,
    /// The most bytes of a connection that are read and sent back, [`MAX_REFLECTED`] at most.
    pub bytes: usize,
    /// For a hello to come whole, and again for the answer to be taken.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 64, bytes: 32 * 1024, time: Duration::from_secs(10) }
    }
}

/// How a reflector answers, and within which limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// JSON in place of a flight.
    pub raw: bool,
    /// Its limits.
    pub limits: Limits,
}

/// The far end of a proof.
pub struct Reflector {
    settings: Settings,
    identity: Identity,
}

impl Reflector {
    /// A reflector that answers so.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let bytes = settings.limits.bytes.min(MAX_REFLECTED);
        let settings = Settings { limits: Limits { bytes, ..settings.limits }, ..settings };
        Ok(Self { settings, identity: Identity::new().map_err(io::Error::other)? })
    }

    /// Serves until it is dropped, and its connections with it. Each has its own randomness, by order of arrival.
    pub async fn serve(self, listener: TcpListener, mut random: StdRng) {
        let reflector = Arc::new(self);
        let mut conversations = JoinSet::new();
        loop {
            while conversations.len() >= reflector.settings.limits.connections.max(1) {
                conversations.join_next().await;
            }
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, from)) => {
                        conversations.spawn(Arc::clone(&reflector).reflect(stream, from, random.fork()));
                    }
                    // Out of descriptors, or the client is gone already: neither is cured by trying harder.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = conversations.join_next() => {}
            }
        }
    }

    async fn reflect(self: Arc<Self>, stream: TcpStream, from: SocketAddr, random: StdRng) {
        // Without it the end of the answer waits for the client's acknowledgement; an error costs no more than that.
        let _ = stream.set_nodelay(true);
        let Conversation { reflected, server_name, answer } = converse(&self, stream, from, random).await;
        let (bytes, reads, arrived) = (reflected.bytes.len(), reflected.reads.len(), reflected.arrived.word());
        // The name is the client's choice: `?` writes it escaped.
        info!(%from, arrived, bytes, reads, ?server_name, answer, "reflected");
    }
}
