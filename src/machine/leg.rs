//! The two connections a WSUS server makes to Microsoft, and the hello that each of them sends.
//!
//! Synchronization is WSUS's own: it has TLS 1.2 from Server 2016 on, before that with a Monthly Rollup alone. Import,
//! which Configuration Manager's Surface drivers use as well, runs in the worker process of IIS and takes whatever
//! .NET Framework asks for, TLS 1.0 unless it is told otherwise (Microsoft, "Troubleshoot WSUS synchronization and
//! import issues"). Where no document and no source decides, the leg is unknown and says what is missing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::client::{Client, Request};
use super::dotnet::{self, Asks};
use super::{Machine, OperatingSystem};
use crate::offer::Offer;
use crate::profile::Confidence;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegName {
    /// Synchronization.
    Sync,
    /// Import of single updates.
    Import,
}

/// What a leg sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Leg {
    /// This hello.
    Sends {
        /// The hello before its fresh values.
        offer: Box<Offer>,
        /// Why this profile and these changes, each with its source.
        basis: Vec<String>,
        /// How well the hello is known.
        confidence: Confidence,
    },
    /// None: the machine closes by itself after the TCP handshake.
    CannotSend {
        /// In one line.
        reason: String,
        /// The settings that leave nothing to send, each with its source.
        because: Vec<String>,
    },
    /// It can't be told.
    Unknown {
        /// What one would need to know.
        missing: Vec<String>,
    },
}

impl Leg {
    /// The hello, if it is known.
    pub fn offer(&self) -> Option<&Offer> {
        match self {
            Self::Sends { offer, .. } => Some(offer),
            Self::CannotSend { .. } | Self::Unknown { .. } => None,
        }
    }

    /// A leg of which one thing is missing.
    pub(super) fn unknown(missing: impl Into<String>) -> Self {
        Self::Unknown { missing: vec![missing.into()] }
    }
}

/// Where most of it is written.
pub(super) const ARTICLE: &str = "Microsoft, Troubleshoot WSUS synchronization and import issues";

/// The hello of this leg, or why there is none.
pub(super) fn leg(machine: &Machine, name: LegName) -> Leg {
    let Some(system) = machine.operating_system.as_ref().map(|fact| fact.value) else {
        return Leg::unknown("which Windows Server it is (--os, or the output of collect-machine.ps1)");
    };
    let client = match name {
        LegName::Sync => sync(machine, system),
        LegName::Import => import(machine, system),
    };
    client.and_then(|client| client.hello(machine)).unwrap_or_else(|no_hello| no_hello)
}

/// WSUS itself.
fn sync(machine: &Machine, system: OperatingSystem) -> Result<Client, Leg> {
    use OperatingSystem::{Server2008R2, Server2012, Server2012R2};
    let client = |request, why| Client { leg: LegName::Sync, system, request, basis: vec![why] };
    match (system, &machine.wsus_tls12_update) {
        // WSUS 3.0 SP2 asks as any .NET program of its runtime does.
        (Server2008R2, _) => of_dotnet(machine, system, LegName::Sync),
        (Server2012 | Server2012R2, Some(update)) if update.value => Ok(client(
            Request::AsWsusReads,
            format!("WSUS takes TLS 1.0 to 1.2 as Schannel has them: the Monthly Rollup is in ({})", update.source),
        )),
        (Server2012 | Server2012R2, Some(update)) => Ok(client(
            Request::Old,
            format!(
                "WSUS is limited to TLS 1.0: no Monthly Rollup since June 2017 ({}; {ARTICLE}, issue 3)",
                update.source
            ),
        )),
        (Server2012 | Server2012R2, None) => Err(Leg::Unknown { missing: missing_rollup(machine, system) }),
        _ => Ok(client(
            Request::AsWsusReads,
            format!("WSUS on {} takes TLS 1.0 to 1.2 as Schannel has them ({ARTICLE})", system.name()),
        )),
    }
}

fn missing_rollup(machine: &Machine, system: OperatingSystem) -> Vec<String> {
    let first = system.tls12_rollup().unwrap_or_default();
    let mut missing = vec![format!(
        "whether {first} or a later Monthly Rollup is installed (--updates, SoftwareDistribution.log, or the output of \
         collect-machine.ps1)"
    )];
    if let Some(lines) = machine.startup_lines.as_ref().filter(|lines| !lines.value) {
        missing.push(format!(
            "whether WSUS was started while the log was written: it has no SCHANNEL start-up lines ({}), so if it was, \
             the update is not installed",
            lines.source
        ));
    }
    missing
}

/// The worker process of IIS.
fn import(machine: &Machine, system: OperatingSystem) -> Result<Client, Leg> {
    let client = of_dotnet(machine, system, LegName::Import)?;
    if client.request == Request::Old && system > OperatingSystem::Server2019 {
        return Err(Leg::unknown(format!(
            "what import sends on {} without strong crypto: {ARTICLE} speaks of Server 2012 to 2019",
            system.name()
        )));
    }
    Ok(client)
}

fn of_dotnet(machine: &Machine, system: OperatingSystem, leg: LegName) -> Result<Client, Leg> {
    let (request, what, because) = match dotnet::asks(machine, system) {
        Asks::Old { because } => (Request::Old, "SSL 3.0 and TLS 1.0", because),
        Asks::StrongCrypto { because } => (Request::ByName, "TLS 1.0 to 1.2", because),
        Asks::SystemDefault { because } => (Request::SystemDefault, "whatever Schannel has on", because),
        Asks::Unknown { missing } => return Err(Leg::Unknown { missing }),
    };
    let mut basis = vec![format!(".NET Framework asks for {what}")];
    basis.extend(because);
    Ok(Client { leg, system, request, basis })
}

#[cfg(test)]
mod tests;
