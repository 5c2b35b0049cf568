//! What every survey of a run shares.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::names::Names;
use super::stop::Stop;
use crate::dial::{DialError, Failure, Families, ProxyDialer, Resolver};
use crate::exchange::{ClientCertificate, KeyLogLine};
use crate::plan::{AddressChoice, ThroughProxy};
use crate::probe::Aliases;
use crate::target::Host;

/// Names, proxies, randomness, and word of an early end.
pub struct Context {
    /// Says when to end early.
    pub stop: Stop,
    dns: Option<SocketAddr>,
    /// Made when the first name is looked up: a run that asks addresses alone needs no resolver, and may have none.
    resolver: OnceLock<Resolver>,
    /// One for each proxy, which knows for the whole run how the proxy took our credentials.
    proxies: Mutex<Vec<Arc<ProxyDialer>>>,
    random: Mutex<StdRng>,
    key_log: Option<KeyLog>,
    client_certificate: Option<Arc<ClientCertificate>>,
    names: Option<Names>,
}

/// The families of addresses that a choice wants.
pub(super) fn families(choice: AddressChoice) -> Families {
    match choice {
        AddressChoice::First | AddressChoice::All => Families::Any,
        AddressChoice::V4 => Families::V4,
        AddressChoice::V6 => Families::V6,
    }
}

/// Takes the lines of a key log file, one at a time.
pub type KeyLog = Box<dyn Fn(&KeyLogLine) + Send + Sync>;

impl Context {
    /// Looks names up at `dns`, or as the system does, and draws fresh values from `random`.
    pub fn new(dns: Option<SocketAddr>, random: StdRng, stop: Stop) -> Self {
        Self {
            stop,
            dns,
            resolver: OnceLock::new(),
            proxies: Mutex::default(),
            random: Mutex::new(random),
            key_log: None,
            client_certificate: None,
            names: None,
        }
    }

    /// The same, which hands every connection's secrets to this log.
    #[must_use]
    pub fn with_key_log(self, key_log: KeyLog) -> Self {
        Self { key_log: Some(key_log), ..self }
    }

    /// The same, which says who we are to a server that asks in a handshake that is to be completed.
    #[must_use]
    pub fn with_client_certificate(self, certificate: ClientCertificate) -> Self {
        Self { client_certificate: Some(Arc::new(certificate)), ..self }
    }

    /// The same, which looks a name up once for all that ask for it at about the same time.
    #[must_use]
    pub fn with_known_names(self) -> Self {
        Self { names: Some(Names::default()), ..self }
    }

    /// Those of a host's addresses that a plan with this choice asks; none where it has none, or it could not be told.
    pub async fn addresses_to_ask(&self, host: &Host, choice: AddressChoice, wait: Duration) -> Vec<IpAddr> {
        let mut addresses = self.addresses(host, families(choice), wait).await.unwrap_or_default();
        if choice != AddressChoice::All {
            addresses.truncate(1);
        }
        addresses
    }

    /// Who we are, if that is known.
    pub(super) fn client_certificate(&self) -> Option<Arc<ClientCertificate>> {
        self.client_certificate.clone()
    }

    /// Hands secrets to the log, if there is one.
    pub(super) fn log_keys(&self, lines: &[KeyLogLine]) {
        if let Some(key_log) = &self.key_log {
            lines.iter().for_each(key_log);
        }
    }

    /// The addresses of a host.
    pub(super) async fn addresses(
        &self,
        host: &Host,
        families: Families,
        wait: Duration,
    ) -> Result<Vec<IpAddr>, Failure> {
        match host {
            Host::Address(address) => Ok(vec![*address]),
            Host::Name(name) => match &self.names {
                // Boxed: who asks addresses alone is not to have room for a look-up.
                None => Box::pin(self.resolver()?.addresses(host, families, wait)).await,
                Some(names) => {
                    let resolver = self.resolver()?;
                    let looked_up = names.addresses(name, families, || resolver.addresses(host, families, wait));
                    Box::pin(looked_up).await
                }
            },
        }
    }

    /// What a host's name is an alias of.
    pub(super) async fn aliases(&self, host: &Host, wait: Duration) -> Result<Aliases, DialError> {
        self.resolver()?.aliases(host, wait).await
    }

    /// Whether names are looked up at a server that was named, and not as the system does.
    pub(super) fn has_a_server_of_its_own(&self) -> bool {
        self.dns.is_some()
    }

    /// The one that dials through this proxy.
    pub(super) fn proxy(&self, through: &Arc<ThroughProxy>) -> Result<Arc<ProxyDialer>, DialError> {
        let mut proxies = self.proxies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = proxies.iter().find(|known| known.through() == through) {
            return Ok(Arc::clone(known));
        }
        let dialer = Arc::new(ProxyDialer::new(Arc::clone(through))?);
        proxies.push(Arc::clone(&dialer));
        Ok(dialer)
    }

    /// Fresh values for one question. Drawn in the order of asking, so that a seed gives the same bytes again.
    pub(super) fn draw(&self) -> StdRng {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        StdRng::from_rng(&mut *random)
    }

    fn resolver(&self) -> Result<&Resolver, DialError> {
        if let Some(resolver) = self.resolver.get() {
            return Ok(resolver);
        }
        let resolver = match self.dns {
            Some(server) => Resolver::with_server(server)?,
            None => Resolver::system()?,
        };
        // Another survey may have been first; its resolver is as good.
        Ok(self.resolver.get_or_init(|| resolver))
    }
}
