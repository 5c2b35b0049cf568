//! Accepts connections for one endpoint or proxy and plays its script on each, a bounded number at once and for a bounded time.

use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time;

use super::Endpoint;
use super::arrivals::Arrivals;
use super::conversation::Conversation;
use super::pki::{Identity, Inspector};
use super::script::Step;
use super::session::Sessions;

/// How many connections an endpoint serves at once; more wait in its backlog.
const MAX_CONVERSATIONS: usize = 64;

/// What an endpoint needs to play its script.
pub(super) struct Station {
    pub(super) script: &'static [Step],
    /// Without certificates where the script answers in no server's name.
    pub(super) first: Identity,
    /// One of ECDSA besides.
    pub(super) second: Option<Identity>,
    /// What its server remembers from connection to connection.
    pub(super) sessions: Sessions,
    pub(super) arrivals: Arrivals,
    /// Whose certificates a proxy shows that inspects.
    pub(super) inspector: Arc<Inspector>,
    /// Where a proxy may connect.
    pub(super) reaches: Arc<[Endpoint]>,
    pub(super) drip_interval: Duration,
    pub(super) connection_limit: Duration,
}

impl Station {
    /// Serves until it is dropped, and its conversations with it. Each has its own randomness, by order of arrival.
    pub(super) async fn serve(self, listener: TcpListener, mut random: StdRng) {
        let station = Arc::new(self);
        let mut conversations = JoinSet::new();
        loop {
            while conversations.len() >= MAX_CONVERSATIONS {
                conversations.join_next().await;
            }
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        conversations.spawn(Arc::clone(&station).converse(stream, random.fork()));
                    }
                    // Out of descriptors, or the client is gone already: neither is cured by trying harder.
                    Err(_) => time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = conversations.join_next() => {}
            }
        }
    }

    async fn converse(self: Arc<Self>, stream: TcpStream, random: StdRng) {
        let conversation = Conversation::new(stream, &self, random);
        // However it ends, the connection is closed and that is all.
        let _ = time::timeout(self.connection_limit, conversation.play(self.script)).await;
    }
}
