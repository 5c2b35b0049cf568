//! The Windows server under diagnosis: from files it was read into, and from options.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Machine")]
pub(in crate::cli) struct MachineArgs {
    /// What is known of the Windows server under diagnosis; repeatable, a later file counts more
    ///
    /// The output of scripts/collect-machine.ps1, a reg export, a gpresult /h report, SoftwareDistribution.log,
    /// w3wp.exe.config or the output of netsh winhttp show proxy; local is the registry of this machine, on Windows.
    /// The hellos that its WSUS would send, to synchronize and to import, are asked besides. Where it tells of the proxy
    /// in the settings of WSUS, or that there is none, the update endpoints are asked on that way, unless an option
    /// names another.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) machine: Vec<PathBuf>,
    /// Its system, as in 2012r2 or 2019
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) os: Option<String>,
    /// The updates it is given: rollup (Monthly Rollups) or security-only
    #[arg(long, value_name = "TRACK")]
    pub(in crate::cli) updates: Option<String>,
    /// Versions that Schannel is told to use or not as a client, as in 1.0=off,1.1=off
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) schannel: Option<String>,
    /// The list of its SSL Cipher Suite Order policy, with commas or one a line
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) suite_order: Option<PathBuf>,
    /// Whether SchUseStrongCrypto is set for .NET Framework: on or off
    #[arg(long, value_name = "SWITCH")]
    pub(in crate::cli) dotnet_strong_crypto: Option<String>,
}
