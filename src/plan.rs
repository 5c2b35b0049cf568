//! What a run is to do on one endpoint: where to go, what to ask, and how long to wait.

mod estimate;
mod token;

pub use estimate::Estimate;
pub use token::BearerToken;

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::TrustStore;
use crate::offer::{Offer, OfferSummary};
use crate::proxy::{ConnectBy, Credentials, Proxy, ProxyOptions, ProxyScheme, RouteSource};
use crate::question::{Hello, HttpRequest, Question};
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::target::{ConnectTo, Host, Target};

/// Everything a survey needs to know about one endpoint.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The endpoint asked about.
    pub target: Target,
    /// Host and port to dial, which `--connect-to` may have changed.
    pub dial: (Host, u16),
    /// Which of the host's addresses to ask.
    pub addresses: AddressChoice,
    /// The way there.
    pub way: Way,
    /// The offer asked first and last, so that "refused this" and "stopped answering" stay apart. Without one the
    /// probes stand alone.
    pub baseline: Option<Offer>,
    /// What to find out.
    pub asks: Vec<Ask>,
    /// How long to wait for each step.
    pub waits: Waits,
    /// How connections are closed.
    pub close: Close,
    /// Connections to the endpoint at the same time.
    pub parallel: usize,
    /// The most connections to spend; what is then still to ask stays open.
    pub max_connections: Option<usize>,
    /// How long to pause between one batch of a probe's questions and the next.
    pub interval: Duration,
    /// The least time between the starts of two connections to the endpoint.
    pub pace: Duration,
    /// Whether exchanges keep the bytes that went to and fro.
    pub evidence: bool,
    /// Whether certificates keep their PEM.
    pub pem: bool,
    /// How chains are judged; without it they are not.
    pub trust: Option<Trust>,
    /// Who we are to whom we send requests that take a token along.
    pub token: Option<BearerToken>,
    /// Who we are to an FTP server; nobody known, without it.
    pub ftp_user: Option<Credentials>,
    /// Whether to look up what the target's name is an alias of.
    pub follows_alias: bool,
}

impl Plan {
    /// Whether a hello asks for what the plan is about: by the name that its baseline sends, or by none where that sends
    /// none. Without a baseline, every hello is the plan's own. What another brings is not what the target's clients get,
    /// and its chain nothing to judge.
    pub fn is_about(&self, sent: &OfferSummary) -> bool {
        let Some(baseline) = &self.baseline else { return true };
        sent.asks_for(baseline.server_name(self.target.sni.as_deref()).as_deref())
    }
}

/// How the chains that an endpoint sends are judged.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The stores to judge by.
    pub stores: Arc<[TrustStore]>,
    /// When.
    pub at: OffsetDateTime,
    /// Whether that is another time than now: what is published today was not what was published then.
    pub is_another_time: bool,
    /// Whether to fetch certificates that the endpoint left out, from where its own say they are.
    pub fetch_aia: bool,
    /// Whether to ask for revocation, where the certificates say that it is published.
    pub revocation: bool,
    /// When a certificate's end is near.
    pub expiry: ExpiryLimits,
    /// Where to connect in place of a host that a certificate names.
    pub connect_to: Vec<ConnectTo>,
}

/// Days before its end from which a certificate is worth a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryLimits {
    /// It ends soon.
    pub warn: u32,
    /// It ends very soon.
    pub critical: u32,
}

impl Default for ExpiryLimits {
    fn default() -> Self {
        Self { warn: 30, critical: 7 }
    }
}

/// One thing to find out; `probe` has a module for each.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// What this one question brings.
    Hello(Arc<Question>),
    /// What this one question brings, so many times, one after the other.
    Repeated(Question, usize),
    /// Which of these versions are accepted.
    Versions(Vec<ProtocolVersion>),
    /// Which versions, and which of all suites, are accepted. A plan asks this once, with all that is wanted of it.
    Suites(SuiteQuestions),
    /// Whether SSL 2.0 is accepted, and with which ciphers.
    Ssl2,
    /// What becomes of the hello that one leg of a machine sends.
    Leg {
        /// `sync` or `import`.
        name: String,
        /// The leg's hello.
        offer: Offer,
    },
    /// What is made of `extended_master_secret`.
    ExtendedMasterSecret,
    /// How often sessions are resumed.
    Resumption,
    /// What becomes of secrets that begin with zeros.
    LeadingZero,
    /// Whether, and when, a client certificate is asked for.
    ClientCertificate,
    /// What is made of the wish to negotiate again.
    Renegotiation,
    /// Whether FTP's data connections demand, take or refuse a resumed session.
    FtpData,
    /// In which groups keys are agreed.
    Groups,
    /// With which schemes the handshake is signed.
    SignatureSchemes,
    /// Which application protocols are chosen.
    ApplicationProtocols,
    /// Which certificate comes, by key and by name.
    Certificates,
    /// Which of the smaller extensions the endpoint has.
    Features,
    /// Whether odd hellos are taken up.
    Tolerance,
    /// What the endpoint looks like from afar.
    Fingerprints,
    /// Whether this hello arrives at a reflector as it was sent.
    Reflection(Hello),
    /// What is answered to these requests; behind this hello, where they go through TLS.
    Http(Vec<HttpRequest>, Offer),
    /// At which size of this hello the answer changes.
    HelloSizes(Offer),
    /// Which part of this hello, the baseline's, is refused; asked only where it did not come through.
    Refusal(Offer),
    /// Which of these suites are accepted, each by itself, in this version.
    CipherSuites {
        /// The version to offer.
        version: ProtocolVersion,
        /// The suites to offer one by one.
        suites: Vec<CipherSuite>,
    },
}

/// How much is to be found out of versions and suites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuiteQuestions {
    /// All suites of every version, and whose order decides; else no more than shows the version.
    pub suites: bool,
    /// The server's order from the first suite to the last.
    pub order: bool,
}

impl SuiteQuestions {
    /// All that either wants.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { suites: self.suites || other.suites, order: self.order || other.order }
    }
}

/// A part of all that can be found out of an endpoint, which `scan` asks.
///
/// `check --deep` asks those that are about failures of the clients that packs are for. What an endpoint accepts besides,
/// some hundred connections more, breaks no client's connection and is left to `scan`.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// What it finds out.
    pub about: &'static str,
    /// Whether `check --deep` asks it too.
    pub deep: bool,
    /// What to ask for it.
    asks: fn() -> Vec<Ask>,
}

/// Every part, in the order of asking.
pub const PARTS: &[Part] = &[
    Part {
        name: "versions",
        about: "which versions are accepted",
        deep: true,
        asks: || vec![Ask::Suites(SuiteQuestions::default()), Ask::Ssl2],
    },
    Part {
        name: "suites",
        about: "which of all suites are accepted in each version, and whose order decides",
        deep: false,
        asks: || vec![Ask::Suites(SuiteQuestions { suites: true, order: false }), Ask::Ssl2],
    },
    Part {
        name: "order",
        about: "the server's order of its suites, from the first to the last",
        deep: false,
        asks: || vec![Ask::Suites(SuiteQuestions { suites: true, order: true }), Ask::Ssl2],
    },
    Part {
        name: "ems",
        about: "extended_master_secret, and resumption with and without it (RFC 7627)",
        deep: true,
        asks: || vec![Ask::ExtendedMasterSecret],
    },
    Part {
        name: "resumption",
        about: "how many of ten attempts to resume succeed, by each way to name a session",
        deep: true,
        asks: || vec![Ask::Resumption],
    },
    Part {
        name: "leading-zero",
        about: "secrets that begin with zeros, on which one in 256 handshakes may fail",
        deep: true,
        asks: || vec![Ask::LeadingZero],
    },
    Part {
        name: "client-certificate",
        about: "whether a client certificate is asked for, when, and whether it goes on without one",
        deep: true,
        asks: || vec![Ask::ClientCertificate],
    },
    Part {
        name: "renegotiation",
        about: "whether renegotiation is secure (RFC 5746), and whether a client may begin it",
        deep: true,
        asks: || vec![Ask::Renegotiation],
    },
    Part {
        name: FTP_DATA,
        about: "of an FTP server: whether data connections demand, take or refuse a resumed session",
        deep: true,
        asks: || vec![Ask::FtpData],
    },
    Part {
        name: "groups",
        about: "the groups of ECDHE and TLS 1.3, hybrid ones among them, and the finite field of DHE",
        deep: false,
        asks: || vec![Ask::Groups],
    },
    Part {
        name: "signature-schemes",
        about: "the schemes that the handshake is signed by, in TLS 1.2 and 1.3",
        deep: false,
        asks: || vec![Ask::SignatureSchemes],
    },
    Part {
        name: "alpn",
        about: "the application protocols that are chosen, and what becomes of an unknown one (RFC 7301)",
        deep: false,
        asks: || vec![Ask::ApplicationProtocols],
    },
    Part {
        name: "certificates",
        about: "which certificate comes: by kind of key, and with the name, without one, with a wrong one",
        deep: false,
        asks: || vec![Ask::Certificates],
    },
    Part {
        name: "extensions",
        about: "encrypt_then_mac, tickets, stapling, compression, heartbeat, limits of records, early data, fallback",
        deep: false,
        asks: || vec![Ask::Features],
    },
    Part {
        name: "tolerance",
        about: "whether odd hellos are taken up that have to be: unknown values, GREASE, long ones, empty ones",
        deep: false,
        asks: || vec![Ask::Tolerance],
    },
    Part {
        name: "fingerprints",
        about: "JARM, and JA3S of its answers",
        deep: false,
        asks: || vec![Ask::Fingerprints],
    },
];

/// The part that is asked of FTP servers alone.
pub const FTP_DATA: &str = "ftp-data";

impl Part {
    /// What to ask of this target for this part: nothing, where it is about a protocol that the target does not speak.
    pub fn asks_of(&self, target: &Target) -> Vec<Ask> {
        if self.name == FTP_DATA && !target.speaks_ftp() { Vec::new() } else { (self.asks)() }
    }
}

/// Which of a host's addresses to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressChoice {
    /// The first one; the report names the others as not asked.
    #[default]
    First,
    /// The first IPv4 address.
    V4,
    /// The first IPv6 address.
    V6,
    /// Each of them, with a report of its own.
    All,
}

/// The way to the endpoint, with all that is needed to take it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// The proxy to go through; without one the way is direct.
    pub through: Option<Arc<ThroughProxy>>,
    /// Who chose this way; nobody, where there was nothing to choose from.
    pub from: Option<RouteSource>,
}

/// A proxy, and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThroughProxy {
    /// The proxy.
    pub proxy: Proxy,
    /// How to speak to it.
    pub options: ProxyOptions,
}

impl ThroughProxy {
    /// Whether the proxy is given the target's name; else an address, which we look up.
    pub fn by_name(&self) -> bool {
        self.options.by == ConnectBy::Name && self.proxy.scheme != ProxyScheme::Socks5
    }

    /// Who we are to the proxy: what was said apart from its URL comes first.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.options.credentials.as_ref().or(self.proxy.credentials.as_ref())
    }
}

impl Way {
    /// Straight to the endpoint, and nobody chose it.
    pub fn direct() -> Self {
        Self::default()
    }

    /// Through this proxy.
    pub fn through(proxy: Proxy, options: ProxyOptions, from: RouteSource) -> Self {
        Self { through: Some(Arc::new(ThroughProxy { proxy, options })), from: Some(from) }
    }

    /// The way as a report shows it: without credentials.
    pub fn route(&self) -> Route {
        let proxy = self.through.as_ref().map(|through| &through.proxy);
        let kind = match proxy.map(|proxy| proxy.scheme) {
            None => RouteKind::Direct,
            Some(ProxyScheme::Http | ProxyScheme::Https) => RouteKind::HttpConnect,
            Some(ProxyScheme::Socks5 | ProxyScheme::Socks5h) => RouteKind::Socks5,
        };
        let from = self.from.map(|from| from.word().to_owned());
        Route { kind, proxy: proxy.map(ToString::to_string), from }
    }
}

/// The way to the endpoint, as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// How the endpoint is reached.
    pub kind: RouteKind,
    /// The proxy, as `scheme://host:port`; null on a direct route.
    pub proxy: Option<String>,
    /// Where the choice of route came from: `option`, `environment` or `machine`; null where none was made.
    pub from: Option<String>,
}

/// How the endpoint is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// Straight to its address.
    Direct,
    /// Through a proxy, by HTTP's CONNECT (RFC 9110 §9.3.6).
    HttpConnect,
    /// Through a proxy, by SOCKS 5 (RFC 1928).
    Socks5,
}

impl Route {
    /// Straight to the endpoint.
    pub fn direct() -> Self {
        Self { kind: RouteKind::Direct, proxy: None, from: None }
    }
}

/// How a connection is closed from this side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Close {
    /// By FIN, as every client does. This machine keeps the pair of addresses and ports for a minute (`TIME-WAIT`, RFC
    /// 9293 §3.3.2).
    #[default]
    Fin,
    /// By RST, which leaves nothing behind here. The peer sees the connection break off, and may log an error for it.
    Reset,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For a name's addresses and, again, for the TCP handshake.
    pub connect: Duration,
    /// For a proxy's tunnel, from the open connection to the proxy on.
    pub proxy: Duration,
    /// For each next byte after the hello.
    pub hello: Duration,
    /// In TLS 1.3, and where a session is resumed, for what the peer says to our Finished, which comes last there.
    pub finished: Duration,
    /// For one exchange in all, on a direct way.
    pub exchange: Duration,
    /// For one exchange in all, through a proxy.
    pub exchange_through_proxy: Duration,
}

impl Waits {
    /// For one exchange in all, on this way.
    pub fn exchange_on(&self, way: &Way) -> Duration {
        if way.through.is_some() { self.exchange_through_proxy } else { self.exchange }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            // A proxy answers CONNECT when its own connect to the endpoint has ended: squid gives that a minute.
            proxy: Duration::from_secs(75),
            hello: Duration::from_secs(10),
            // A server that refuses our certificate says so at once; one that sends no ticket says nothing.
            finished: Duration::from_secs(1),
            exchange: Duration::from_secs(30),
            exchange_through_proxy: Duration::from_secs(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::ExtensionOffer;
    use crate::registry::{ApplicationProtocol, ExtensionType};
    use crate::wire::extension::{Extension, ServerName};

    fn way(url: &str) -> Way {
        Way::through(Proxy::parse(url).unwrap(), ProxyOptions::default(), RouteSource::Environment)
    }

    #[test]
    fn a_report_shows_the_proxy_and_who_chose_it_but_no_credentials() {
        for (url, kind) in
            [("http", "http_connect"), ("https", "http_connect"), ("socks5", "socks5"), ("socks5h", "socks5")]
                .map(|(scheme, kind)| (format!("{scheme}://bobby:hunter2@proxy.example.net:3128"), kind))
        {
            let way = way(&url);
            let json = serde_json::to_string(&way.route()).unwrap();
            let proxy = url.replace("bobby:hunter2@", "");
            assert_eq!(json, format!(r#"{{"kind":"{kind}","proxy":"{proxy}","from":"environment"}}"#));
            let debug = format!("{way:?}");
            assert!(!debug.contains("bobby") && !debug.contains("hunter2"), "{debug}");
        }
        assert_eq!(Way::direct().route(), Route::direct());
    }

    #[test]
    fn a_hello_is_about_the_target_by_the_name_that_the_baseline_sends() {
        let named =
            |name: Option<&str>| OfferSummary { server_name: name.map(str::to_owned), ..OfferSummary::default() };
        let about = |baseline: Option<Offer>, sni: Option<&str>| {
            let target = Target { sni: sni.map(str::to_owned), ..Target::new("a.test".parse().unwrap(), 443) };
            let plan = Plan { target, baseline, ..plan() };
            [Some("a.test"), Some("b.test"), None].map(|name| plan.is_about(&named(name)))
        };
        let mut nameless = Offer::modern();
        nameless.remove_extension(ExtensionType::SERVER_NAME);
        let mut other = Offer::modern();
        other.put_extension(ExtensionOffer::Exactly(Extension::ServerName(ServerName::host("b.test"))));
        assert_eq!(about(Some(Offer::modern()), Some("a.test")), [true, false, false]);
        assert_eq!(about(Some(Offer::modern()), Some("b.test")), [false, true, false], "--sni");
        assert_eq!(about(Some(Offer::modern()), None), [false, false, true], "--no-sni, or an address");
        assert_eq!(about(Some(nameless), Some("a.test")), [false, false, true]);
        assert_eq!(about(Some(other), Some("a.test")), [false, true, false]);
        assert_eq!(about(None, Some("a.test")), [true; 3], "each hello is the plan's own");
        let plan = Plan { baseline: Some(Offer::modern()), ..plan() };
        let alpn = vec![ApplicationProtocol::ACME_TLS_1.to_owned()];
        assert!(!plan.is_about(&OfferSummary { alpn, ..named(Some("a.test")) }), "an authority's");
    }

    fn plan() -> Plan {
        Plan {
            target: Target::new("a.test".parse().unwrap(), 443),
            dial: ("a.test".parse().unwrap(), 443),
            addresses: AddressChoice::First,
            way: Way::direct(),
            baseline: None,
            asks: Vec::new(),
            waits: Waits::default(),
            close: Close::Fin,
            parallel: 1,
            max_connections: None,
            interval: Duration::ZERO,
            pace: Duration::ZERO,
            evidence: false,
            pem: false,
            trust: None,
            token: None,
            ftp_user: None,
            follows_alias: false,
        }
    }

    #[test]
    fn the_target_is_named_to_the_proxy_unless_an_address_is_asked_for() {
        let by_name = |url: &str| way(url).through.unwrap().by_name();
        assert!(by_name("http://proxy:1") && by_name("socks5h://proxy:1"));
        assert!(!by_name("socks5://proxy:1"));
        let options = ProxyOptions { by: ConnectBy::Address, ..ProxyOptions::default() };
        assert!(!ThroughProxy { proxy: Proxy::parse("http://proxy:1").unwrap(), options }.by_name());
    }

    #[test]
    fn an_exchange_may_take_longer_through_a_proxy() {
        let waits = Waits::default();
        assert_eq!(waits.exchange_on(&Way::direct()).as_secs(), 30);
        assert_eq!(waits.exchange_on(&way("http://proxy:1")).as_secs(), 100);
    }
}
