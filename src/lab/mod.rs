//! Scripted endpoints and proxies on loopback that behave as real ones were seen to, for `lab`, `demo`, tests and benches.
//!
//! What an endpoint does is data ([`Scripted`]), and [`ENDPOINTS`] lists them, [`PROXIES`] the proxies, which reach
//! these endpoints and nobody else. They answer hellos in their own right: nothing here knows what a probe expects, so that a probe that is right about the lab is not right by construction.
//! A server completes its handshakes, soundly or with the faults of its [`Conduct`], answers one HTTP request and closes.
//! Connections, bytes and times are bounded.

mod arrivals;
mod conduct;
mod connection;
mod conversation;
mod endpoints;
mod hello;
mod listen;
mod negotiate;
mod pki;
mod proxies;
mod script;
mod server;
mod session;
mod station;
#[cfg(test)]
mod testing;
mod tunnel;

pub use conduct::{
    Asked, ClientCertificate, Conduct, End, ExtendedMasterSecret, Finished, Ftp, LeadingZeros, Renegotiation, Resumed,
    Resumption, WithoutOne,
};
pub use endpoints::ENDPOINTS;
pub use proxies::PROXIES;
pub use script::{
    Allowance, Behaviour, Chain, Choice, FFDHE2048, HelloLike, OAKLEY_GROUP_2, Refusal, Scripted, Server, Step,
    TunnelEnd,
};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use socket2::Socket;
use time::OffsetDateTime;
use tokio::task::{self, JoinSet};

use arrivals::Arrivals;
use pki::{Credentials, Identity};
use session::Sessions;
use station::Station;

/// How a lab is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port of the first endpoint; the others follow in order, and the proxies from two hundred ports above it. `None`
    /// gives each a free one.
    pub base_port: Option<u16>,
    /// What the dates of certificates are relative to.
    pub now: OffsetDateTime,
    /// What the servers' randoms and ephemeral keys are made from.
    pub seed: [u8; 32],
    /// The pause before each byte that drips.
    pub drip_interval: Duration,
    /// The longest that one connection is served.
    pub connection_limit: Duration,
}

impl Settings {
    /// Free ports, a byte every five seconds where bytes drip, and five minutes for a connection.
    pub fn new(now: OffsetDateTime, seed: [u8; 32]) -> Self {
        let (drip_interval, connection_limit) = (Duration::from_secs(5), Duration::from_mins(5));
        Self { base_port: None, now, seed, drip_interval, connection_limit }
    }

    /// The port of what has that place: 0 is any.
    fn port(&self, place: usize) -> io::Result<u16> {
        let Some(base_port) = self.base_port else { return Ok(0) };
        u16::try_from(usize::from(base_port) + place)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the lab's ports would go beyond 65535"))
    }
}

/// Where the proxies' places begin, so that their ports stay what they were when endpoints are added.
const FIRST_PROXY: usize = 200;

/// Where an endpoint is that has two addresses, besides the one that is loopback's own.
pub const SECOND_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// An endpoint or a proxy that is up.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What to call it.
    pub name: &'static str,
    /// The host it stands for, or `<name>.lab.test`.
    pub host: &'static str,
    /// Where it is.
    pub address: SocketAddr,
    /// What it does, in a line.
    pub about: &'static str,
    /// The kind of outcome that a probe with a default hello sees; through a proxy, a probe of an endpoint that accepts it.
    pub shows: &'static str,
}

/// Running endpoints and proxies. Dropping it stops them all and closes their connections.
pub struct Lab {
    endpoints: Vec<Endpoint>,
    proxies: Vec<Endpoint>,
    /// The certificate of its CA.
    root: Vec<u8>,
    /// One task for each that accepts.
    serving: JoinSet<()>,
    /// The sockets of those that do not.
    held: Vec<Socket>,
}

impl Lab {
    /// Starts [`ENDPOINTS`] and [`PROXIES`].
    pub async fn start(settings: &Settings) -> io::Result<Self> {
        Self::start_scripted(ENDPOINTS, PROXIES, settings).await
    }

    /// Starts these endpoints, and these proxies, which reach them and nobody else.
    pub async fn start_scripted(endpoints: &[Scripted], proxies: &[Scripted], settings: &Settings) -> io::Result<Self> {
        // Some thirty RSA signatures are too much work for a task between two awaits.
        let (now, for_whom) = (settings.now, endpoints.to_vec());
        let issued = task::spawn_blocking(move || Credentials::issue(&for_whom, now)).await?;
        let Credentials { key, inspector, identities, root } = issued.map_err(io::Error::other)?;

        let mut random = StdRng::from_seed(settings.seed);
        let mut lab =
            Self { endpoints: Vec::new(), proxies: Vec::new(), root, serving: JoinSet::new(), held: Vec::new() };
        let mut open = |scripted: &Scripted, place, (first, second): (Identity, Option<Identity>), reaches: &Arc<_>| {
            let port = settings.port(place)?;
            let station = |script| Station {
                script,
                first: first.clone(),
                second: second.clone(),
                sessions: Sessions::default(),
                arrivals: Arrivals::default(),
                inspector: Arc::clone(&inspector),
                reaches: Arc::clone(reaches),
                drip_interval: settings.drip_interval,
                connection_limit: settings.connection_limit,
            };
            let address = lab.open(scripted.behaviour, port, station, random.fork()).map_err(|error| {
                let place = format!("lab endpoint {} at 127.0.0.1:{port}", scripted.name);
                io::Error::new(error.kind(), format!("{place}: {error}"))
            })?;
            let Scripted { name, host, about, shows, .. } = *scripted;
            Ok::<_, io::Error>(Endpoint { name, host, address, about, shows })
        };
        let rows = endpoints.iter().zip(identities).enumerate();
        let nobody: Arc<[Endpoint]> = Arc::default();
        let endpoints = rows.map(|(place, (scripted, identities))| open(scripted, place, identities, &nobody));
        let endpoints = endpoints.collect::<io::Result<Vec<_>>>()?;
        let reaches: Arc<[Endpoint]> = endpoints.clone().into();
        let rows = (FIRST_PROXY..).zip(proxies);
        let nothing_of_its_own = || (Identity { certificates: Vec::new(), key: Arc::clone(&key) }, None);
        let proxies = rows.map(|(place, scripted)| open(scripted, place, nothing_of_its_own(), &reaches));
        let proxies = proxies.collect::<io::Result<Vec<_>>>()?;
        (lab.endpoints, lab.proxies) = (endpoints, proxies);
        Ok(lab)
    }

    /// All endpoints, in the order of their list.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// All proxies, in the order of their list.
    pub fn proxies(&self) -> &[Endpoint] {
        &self.proxies
    }

    /// The root that every endpoint's chain leads to, in DER: it is another one at every start.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// The endpoint or proxy of that name.
    pub fn find(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().chain(&self.proxies).find(|endpoint| endpoint.name == name)
    }

    fn open(
        &mut self,
        behaviour: Behaviour,
        port: u16,
        station: impl Fn(&'static [Step]) -> Station,
        mut random: StdRng,
    ) -> io::Result<SocketAddr> {
        let (address, sockets) = match behaviour {
            Behaviour::Refuses => listen::refusing(port)?,
            Behaviour::LeavesWaiting => listen::full(port)?,
            Behaviour::Plays(script) => {
                let listener = listen::listening(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
                let address = listener.local_addr()?;
                self.serving.spawn(station(script).serve(listener, random));
                return Ok(address);
            }
            Behaviour::PlaysAtTwo { here, there } => {
                let first = listen::listening(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
                let address = first.local_addr()?;
                let second = listen::listening(SocketAddr::from((SECOND_ADDRESS, address.port())))?;
                self.serving.spawn(station(here).serve(first, random.fork()));
                self.serving.spawn(station(there).serve(second, random));
                return Ok(address);
            }
        };
        self.held.extend(sockets);
        Ok(address)
    }
}

#[cfg(test)]
mod tests;
