//! How a target is reached: address, resolver, the name sent to it, and how long to wait.

use std::net::SocketAddr;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::{ClientArgs, typed};
use crate::plan::{AddressChoice, Close, Waits};
use crate::target::{ConnectTo, DEFAULT_PORT, Starttls, Target};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Target")]
pub(in crate::cli) struct TargetArgs {
    /// Connect to ADDR:PORT in place of HOST:PORT, as curl does; empty parts stand for any, or for the same; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub(in crate::cli) connect_to: Vec<ConnectTo>,
    /// Ask this resolver, an IP address, instead of the system's
    #[arg(long, value_name = "SERVER[:PORT]", value_parser = typed::dns_server)]
    pub(in crate::cli) dns: Option<SocketAddr>,
    /// Which addresses of a host to ask: first (the report names the others), 4, 6 or all
    #[arg(long, value_name = "WHICH", default_value = "first", hide_possible_values = true)]
    pub(in crate::cli) ip: AddressChoice,
    /// How to close connections: fin, as every client does, or reset
    ///
    /// Closed by FIN, a connection keeps its local port for a minute on this machine, so that some 28,000 a minute go to
    /// one port of one address; many addresses know no such limit. Closed by RST it leaves nothing behind, but a server
    /// sees it break off and may log an error, and what was still on its way to the server (an alert, a goodbye) is lost.
    #[arg(long, value_name = "HOW", default_value = "fin", hide_possible_values = true)]
    pub(in crate::cli) close: Close,
    /// Begin in the clear and ask for TLS: ftp, smtp, imap, pop3, ldap, postgres, mssql or rdp
    ///
    /// A target without a port gets the protocol's own.
    #[arg(long, value_name = "PROTOCOL", hide_possible_values = true)]
    pub(in crate::cli) starttls: Option<Starttls>,
    /// The port of targets that name none [without it: 443, or that of --starttls]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Send this name in server_name instead of the host's
    #[arg(long, value_name = "NAME", value_parser = typed::server_name)]
    sni: Option<String>,
    /// Send no server_name
    #[arg(long, conflicts_with = "sni")]
    no_sni: bool,
    #[command(flatten)]
    pub(in crate::cli) client: ClientArgs,
}

/// Which name to send in `server_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Sni<'a> {
    /// The target's own, if it has one.
    OfTarget,
    /// This one.
    Name(&'a str),
    /// None.
    Nothing,
}

impl TargetArgs {
    pub(in crate::cli) fn sni(&self) -> Sni<'_> {
        match &self.sni {
            _ if self.no_sni => Sni::Nothing,
            Some(name) => Sni::Name(name),
            None => Sni::OfTarget,
        }
    }

    /// The port of a target that names none, where the options say it.
    pub(in crate::cli) fn port(&self) -> Option<u16> {
        self.port.or(self.starttls.map(Starttls::port))
    }

    /// The port of a target that names none.
    pub(in crate::cli) fn default_port(&self) -> u16 {
        self.port().unwrap_or(DEFAULT_PORT)
    }

    /// The target with the name that the options want sent to it, and how TLS begins there.
    pub(in crate::cli) fn named(&self, target: Target) -> Target {
        let target = Target { starttls: self.starttls, ..target };
        match self.sni() {
            Sni::OfTarget => target,
            Sni::Name(name) => Target { sni: Some(name.to_owned()), ..target },
            Sni::Nothing => Target { sni: None, ..target },
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Waits")]
pub(in crate::cli) struct WaitArgs {
    /// For a host's addresses, and again for the TCP connection
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = typed::seconds)]
    timeout_connect: Duration,
    /// For a proxy's tunnel
    #[arg(long, value_name = "SECONDS", default_value = "75", value_parser = typed::seconds)]
    timeout_proxy: Duration,
    /// For each next byte of the answer to a hello
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = typed::seconds)]
    timeout_hello: Duration,
    /// In TLS 1.3, and where a session is resumed, for what the server says to our Finished, which comes last there
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = typed::seconds)]
    timeout_finished: Duration,
    /// For one connection in all [without it: 30, and 100 through a proxy]
    #[arg(long, value_name = "SECONDS", value_parser = typed::seconds)]
    timeout: Option<Duration>,
    /// For the whole run, which then reports what it has [without it: none]
    #[arg(long, value_name = "SECONDS", value_parser = typed::seconds)]
    pub(in crate::cli) deadline: Option<Duration>,
}

impl WaitArgs {
    pub(in crate::cli) fn waits(&self) -> Waits {
        let unless_said = Waits::default();
        Waits {
            connect: self.timeout_connect,
            proxy: self.timeout_proxy,
            hello: self.timeout_hello,
            finished: self.timeout_finished,
            exchange: self.timeout.unwrap_or(unless_said.exchange),
            exchange_through_proxy: self.timeout.unwrap_or(unless_said.exchange_through_proxy),
        }
    }
}

/// `--ip`.
impl ValueEnum for AddressChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::First, Self::V4, Self::V6, Self::All]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::First => "first",
            Self::V4 => "4",
            Self::V6 => "6",
            Self::All => "all",
        }))
    }
}

/// `--close`.
impl ValueEnum for Close {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Fin, Self::Reset]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
        }))
    }
}

/// `--starttls`.
impl ValueEnum for Starttls {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Reach {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        waits: WaitArgs,
    }

    fn parsed(options: &[&str]) -> Reach {
        Reach::try_parse_from(["tlsprobe"].iter().chain(options)).unwrap()
    }

    #[test]
    fn the_waits_are_the_plans_unless_said() {
        let reach = parsed(&[]);
        assert_eq!(reach.waits.waits(), Waits::default());
        assert_eq!(reach.waits.deadline, None);

        let reach = parsed(&[
            "--timeout-connect=1.5",
            "--timeout-proxy=4",
            "--timeout-hello=2",
            "--timeout-finished=4",
            "--timeout=3",
            "--deadline=60",
        ]);
        let seconds = Duration::from_secs;
        let waits = Waits {
            connect: Duration::from_millis(1500),
            proxy: seconds(4),
            hello: seconds(2),
            finished: seconds(4),
            exchange: seconds(3),
            exchange_through_proxy: seconds(3),
        };
        assert_eq!(reach.waits.waits(), waits);
        assert_eq!(reach.waits.deadline, Some(seconds(60)));
    }

    #[test]
    fn the_name_sent_is_the_targets_unless_said() {
        let sni = |options: &[&str]| parsed(options).target.named("a.example".parse().unwrap()).sni;
        assert_eq!(sni(&[]).as_deref(), Some("a.example"));
        assert_eq!(sni(&["--sni", "b.example"]).as_deref(), Some("b.example"));
        assert_eq!(sni(&["--no-sni"]), None);
    }

    #[test]
    fn a_protocol_brings_its_port_to_targets_without_one() {
        assert_eq!(parsed(&[]).target.default_port(), 443);
        let target = parsed(&["--starttls", "smtp"]).target;
        assert_eq!(target.default_port(), 25);
        assert_eq!(parsed(&["--starttls", "smtp", "--port", "2525"]).target.default_port(), 2525);
        assert_eq!(target.named("a.example:26".parse().unwrap()).starttls, Some(Starttls::Smtp));
    }

    #[test]
    fn an_address_can_be_sent_a_name() {
        let target = parsed(&["--sni", "b.example"]).target.named("192.0.2.1".parse().unwrap());
        assert_eq!(target.sni.as_deref(), Some("b.example"));
        assert_eq!(target.host.to_string(), "192.0.2.1");
    }

    #[test]
    fn each_word_of_ip_chooses_addresses() {
        let choices = ["first", "4", "6", "all"].map(|word| parsed(&["--ip", word]).target.ip);
        assert_eq!(choices, [AddressChoice::First, AddressChoice::V4, AddressChoice::V6, AddressChoice::All]);
        assert_eq!(parsed(&[]).target.ip, AddressChoice::First);
    }

    #[test]
    fn connections_are_closed_by_fin_unless_said() {
        assert_eq!(parsed(&[]).target.close, Close::Fin);
        assert_eq!(parsed(&["--close", "reset"]).target.close, Close::Reset);
    }

    #[test]
    fn connect_to_may_be_repeated_and_dns_is_an_address() {
        let target = parsed(&["--connect-to=::[::1]:1", "--connect-to=a:1:b:2", "--dns=192.0.2.53"]).target;
        assert_eq!(target.connect_to, ["::[::1]:1".parse().unwrap(), "a:1:b:2".parse().unwrap()]);
        assert_eq!(target.dns, Some("192.0.2.53:53".parse().unwrap()));
    }
}
