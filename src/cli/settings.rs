//! What a run needs to know besides its targets, as plain data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::args::{ClientArgs, Evidence, ProxyArgs, ReportArgs, TargetArgs, WaitArgs};
use super::color::ColorChoice;
use super::message::CliError;
use super::proxy::{self, Variables};
use super::trust::TrustChoice;
use crate::machine::Machine;
use crate::plan::{AddressChoice, BearerToken, Waits};
use crate::proxy::{Credentials, ProxyChoice, ProxyOptions};
use crate::render::{FORMATS, Format};
use crate::target::ConnectTo;

/// How targets are reached, how long that may take, and what becomes of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where to connect in a target's place; the first rule that speaks of it counts.
    pub connect_to: Vec<ConnectTo>,
    /// The resolver to ask; without one the system's.
    pub dns: Option<SocketAddr>,
    /// Which of a host's addresses to ask.
    pub addresses: AddressChoice,
    /// Which targets go through which proxy.
    pub proxy: ProxyChoice,
    /// How to speak to a proxy.
    pub proxy_options: ProxyOptions,
    /// How long to wait for each step.
    pub waits: Waits,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// Whether certificates keep their PEM.
    pub pem: bool,
    /// Whether the report keeps the bytes that went to and fro.
    pub evidence: bool,
    /// The file that the connections' secrets are added to.
    pub keylog: Option<PathBuf>,
    /// The files that say who we are to a server that asks.
    pub client: ClientArgs,
    /// Connections to one endpoint at the same time, unless it is left to what is asked.
    pub parallel: Option<usize>,
    /// The most connections to spend on one endpoint.
    pub max_connections: Option<usize>,
    /// The file for a capture of them.
    pub pcap: Option<PathBuf>,
    /// How chains are judged.
    pub trust: TrustChoice,
    /// Who we are to whom we send requests that take a token along.
    pub token: Option<BearerToken>,
    /// Who we are to an FTP server.
    pub ftp_user: Option<Credentials>,
    /// The number in the paths of a gateway.
    pub cmg_id: Option<String>,
    /// The Windows server under diagnosis.
    pub machine: Option<Machine>,
    /// Whether what is reached through a proxy is asked directly too.
    pub compare_routes: bool,
    /// Where the report goes.
    pub output: Output,
}

impl Settings {
    pub(super) fn new(
        target: TargetArgs,
        through: ProxyArgs,
        variables: &Variables,
        waits: &WaitArgs,
        report: ReportArgs,
        color: ColorChoice,
    ) -> Result<Self, CliError> {
        let proxy = proxy::choice(&through, variables)?;
        Ok(Self {
            proxy_options: proxy::options(through, &proxy)?,
            proxy,
            waits: waits.waits(),
            deadline: waits.deadline,
            connect_to: target.connect_to,
            dns: target.dns,
            addresses: target.ip,
            pem: report.pem,
            evidence: report.evidence == Evidence::Bytes,
            keylog: report.keylog,
            client: target.client,
            pcap: report.pcap,
            trust: TrustChoice::default(),
            parallel: None,
            max_connections: None,
            token: None,
            ftp_user: None,
            cmg_id: None,
            machine: None,
            compare_routes: false,
            output: report.output.into_output(color),
        })
    }
}

/// The form of a report, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its form.
    pub format: Format,
    /// The file it is written to; without one, standard output.
    pub file: Option<PathBuf>,
    /// Whether to colour it.
    pub color: ColorChoice,
}

/// `--format`.
impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json, Self::Jsonl, Self::Csv]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, _, about) = FORMATS.iter().find(|(_, format, _)| format == self)?;
        Some(PossibleValue::new(*word).help(*about))
    }
}
