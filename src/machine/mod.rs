//! The Windows server under diagnosis: what is known of its settings, from where, and the hello of each of its legs.
//!
//! A machine is put together from parts, each read from one source: options, files, or the registry of the machine
//! itself. A part is a machine of which little is known. What no part tells stays unknown, and a default of the system
//! takes its place only where a document says what that default is; the leg that rests on it says so.
//!
//! What is not known here: whether a restart still stands between a registry value and what runs, lists that
//! `Disable-TlsCipherSuite` keeps outside the policy, ciphers turned off under `SCHANNEL\Ciphers`, and curve orders.

mod client;
mod dotnet;
mod fact;
mod fit;
mod leg;
mod proxy;
mod schannel;
pub mod source;
mod suites;
mod system;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use dotnet::{DotNet, DotNetValues, DotNetViews};
use fact::Merge;
pub use fact::{Fact, FileKind, Setting, Source};
pub use leg::{Leg, LegName};
pub use proxy::Proxy;
pub use schannel::{Availability, Available, SchannelProtocol, available};
pub use source::{ReadError, read};
pub use suites::{SuiteList, fold as fold_suites};
pub use system::{OperatingSystem, UnknownWord, UpdateTrack};

use crate::registry::ProtocolVersion;

/// What is known of a Windows server. A field that no source tells is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Machine {
    /// Which Windows Server it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<Fact<OperatingSystem>>,
    /// Which updates it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_track: Option<Fact<UpdateTrack>>,
    /// The updates that were listed as installed, sorted. Later ones replace earlier ones, so what is not listed may
    /// be in all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hotfixes: Vec<Fact<String>>,
    /// Whether `SoftwareDistribution.log` has the `SCHANNEL Protocol` lines that an updated WSUS writes when it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_lines: Option<Fact<bool>>,
    /// Whether the Monthly Rollup is in that lets WSUS on Server 2012 and 2012 R2 use TLS 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wsus_tls12_update: Option<Fact<bool>>,
    /// Whether an update of October 2019 is in, since which Schannel wants `extended_master_secret` on resumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_master_secret_enforced: Option<Fact<bool>>,
    /// What Schannel is told of each version for clients.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, SchannelProtocol>")]
    pub schannel: BTreeMap<ProtocolVersion, SchannelProtocol>,
    /// The SSL Cipher Suite Order policy, names as the policy has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_order: Setting<Vec<String>>,
    /// What .NET Framework is told.
    pub dotnet: DotNet,
    /// `DisableClientExtendedMasterSecret`: 1 leaves the extension out of the hello.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_client_extended_master_secret: Setting<u32>,
    /// `DisableServerExtendedMasterSecret`, which concerns this machine's own clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_server_extended_master_secret: Setting<u32>,
    /// The endpoint that WSUS synchronizes with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mu_url: Option<Fact<String>>,
    /// The WSUS server that this machine's own Windows Update asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wu_server: Setting<String>,
    /// The server it reports to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wu_status_server: Setting<String>,
    /// The proxy in the settings of WSUS, through which it synchronizes. Whether import takes it too is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wsus_proxy: Option<Fact<Proxy>>,
    /// The proxy of WinHTTP, for Windows Update and Configuration Manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winhttp_proxy: Option<Fact<Proxy>>,
    /// `DefaultSecureProtocols` of WinHTTP, a sum of flags: 0x80 TLS 1.0, 0x200 TLS 1.1, 0x800 TLS 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winhttp_default_secure_protocols: Setting<u32>,
    /// The same for 32-bit programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winhttp_default_secure_protocols_32: Setting<u32>,
    /// Where sources differ and which one counts, and what in them could not be understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The updates of October 2019 that enforce `extended_master_secret` (Microsoft, "Transport Layer Security (TLS)
/// connections might fail or timeout", CVE-2019-1318).
const ENFORCING_UPDATES: [&str; 15] = [
    "KB4517389",
    "KB4519338",
    "KB4519976",
    "KB4519985",
    "KB4519990",
    "KB4519998",
    "KB4520002",
    "KB4520003",
    "KB4520004",
    "KB4520005",
    "KB4520007",
    "KB4520008",
    "KB4520009",
    "KB4520010",
    "KB4520011",
];

impl Machine {
    /// The machine that these parts tell of together, the weightiest last.
    pub fn of(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut machine = Self::default();
        for part in parts {
            machine.merge(part);
        }
        machine.conclude();
        machine
    }

    /// The hello of a leg, or the reason why none can be sent or told.
    pub fn leg(&self, name: LegName) -> Leg {
        leg::leg(self, name)
    }

    /// Keeps a note, unless there are more already than anyone reads.
    fn note(&mut self, note: String) {
        const AT_MOST: usize = 100;
        if self.notes.len() < AT_MOST {
            self.notes.push(note);
        }
    }

    /// Lays a later part over this one.
    fn merge(&mut self, later: Self) {
        self.notes.extend(later.notes);
        let mut merge = Merge::in_order(&mut self.notes);
        merge.fact("operating system", &mut self.operating_system, later.operating_system);
        merge.fact("update track", &mut self.update_track, later.update_track);
        merge.fact("SCHANNEL start-up lines", &mut self.startup_lines, later.startup_lines);
        merge.fact("TLS 1.2 update of WSUS", &mut self.wsus_tls12_update, later.wsus_tls12_update);
        let enforced = &mut self.extended_master_secret_enforced;
        merge.fact("extended_master_secret enforced", enforced, later.extended_master_secret_enforced);
        for (version, protocol) in later.schannel {
            let held = self.schannel.entry(version).or_default();
            let what = |value: &str| format!("{} client, {value}", version.spoken());
            merge.fact(&what("Enabled"), &mut held.enabled, protocol.enabled);
            merge.fact(&what("DisabledByDefault"), &mut held.disabled_by_default, protocol.disabled_by_default);
        }
        merge.fact("suite order policy", &mut self.suite_order, later.suite_order);
        merge_dotnet(&mut merge, &mut self.dotnet, later.dotnet);
        let (client, server) =
            (&mut self.disable_client_extended_master_secret, &mut self.disable_server_extended_master_secret);
        merge.fact("DisableClientExtendedMasterSecret", client, later.disable_client_extended_master_secret);
        merge.fact("DisableServerExtendedMasterSecret", server, later.disable_server_extended_master_secret);
        merge.fact("MUUrl", &mut self.mu_url, later.mu_url);
        merge.fact("WUServer", &mut self.wu_server, later.wu_server);
        merge.fact("WUStatusServer", &mut self.wu_status_server, later.wu_status_server);
        merge.fact("proxy of WSUS", &mut self.wsus_proxy, later.wsus_proxy);
        merge.fact("proxy of WinHTTP", &mut self.winhttp_proxy, later.winhttp_proxy);
        let (bits64, bits32) =
            (&mut self.winhttp_default_secure_protocols, &mut self.winhttp_default_secure_protocols_32);
        merge.fact("DefaultSecureProtocols", bits64, later.winhttp_default_secure_protocols);
        merge.fact("DefaultSecureProtocols, 32-bit", bits32, later.winhttp_default_secure_protocols_32);

        for hotfix in later.hotfixes {
            if let Err(place) = self.hotfixes.binary_search_by(|held| held.value.cmp(&hotfix.value)) {
                self.hotfixes.insert(place, hotfix);
            }
        }
    }

    /// What follows from several facts together.
    fn conclude(&mut self) {
        let mut concluded = None;
        let evidence = tls12_evidence(self);
        let mut merge = Merge::by_weight(&mut self.notes);
        for evidence in evidence {
            merge.fact("TLS 1.2 update of WSUS", &mut concluded, Some(evidence));
        }
        // A part that says it outright goes before what others let one conclude.
        merge.fact("TLS 1.2 update of WSUS", &mut concluded, self.wsus_tls12_update.take());
        self.wsus_tls12_update = concluded;

        if self.extended_master_secret_enforced.is_none() {
            let enforcing = self.hotfixes.iter().find(|hotfix| ENFORCING_UPDATES.contains(&&*hotfix.value));
            self.extended_master_secret_enforced =
                enforcing.map(|hotfix| Fact { value: true, source: hotfix.source.clone() });
        }
    }
}

/// What tells whether WSUS can use TLS 1.2, the weightiest last: a listed update, WSUS's own log, and the word of
/// whoever typed the update track. KB numbers have no order, so an update that is not listed proves nothing; nor do
/// missing lines in a log, which may not reach back to the last start.
fn tls12_evidence(machine: &Machine) -> Vec<Fact<bool>> {
    let system = machine.operating_system.as_ref().map(|system| system.value);
    let Some(rollup) = system.and_then(OperatingSystem::tls12_rollup) else { return Vec::new() };
    let installed = machine.hotfixes.iter().find(|hotfix| hotfix.value == rollup);
    let listed = installed.map(|hotfix| Fact { value: true, source: hotfix.source.clone() });
    let logged = machine.startup_lines.clone().filter(|lines| lines.value);
    let track = machine.update_track.as_ref();
    let track = track.map(|track| Fact { value: track.value == UpdateTrack::Rollup, source: track.source.clone() });
    [listed, logged, track].into_iter().flatten().collect()
}

fn merge_dotnet(merge: &mut Merge<'_>, held: &mut DotNet, later: DotNet) {
    let switch = &mut held.dont_enable_system_default_tls_versions;
    let later_switch = later.dont_enable_system_default_tls_versions;
    merge.fact("Switch.System.Net.DontEnableSystemDefaultTlsVersions", switch, later_switch);
    for (name, held, later) in [("v4.0.30319", &mut held.v4, later.v4), ("v2.0.50727", &mut held.v2, later.v2)] {
        for (view, held, later) in
            [("64-bit", &mut held.bits64, later.bits64), ("32-bit", &mut held.bits32, later.bits32)]
        {
            let what = |value: &str| format!("{value} of .NET {name}, {view}");
            merge.fact(&what("SchUseStrongCrypto"), &mut held.sch_use_strong_crypto, later.sch_use_strong_crypto);
            let default = &mut held.system_default_tls_versions;
            merge.fact(&what("SystemDefaultTlsVersions"), default, later.system_default_tls_versions);
        }
    }
}
