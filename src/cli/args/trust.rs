//! How the certificates that an endpoint sends are judged.

use clap::Args;
use time::OffsetDateTime;

use super::typed;

#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub(in crate::cli) struct TrustArgs {
    /// Judge chains by this store: windows (Microsoft's root list and its limits), mozilla, native (this system's) or a
    /// PEM file of roots; repeatable [without it: windows]
    ///
    /// A sweep of sizes and a proof of passthrough judge no chain unless they are asked to.
    #[arg(long, value_name = "STORE")]
    pub(in crate::cli) trust: Vec<String>,
    /// Judge certificates as of this time (RFC 3339, or a date) [without it: now]
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub(in crate::cli) at: Option<OffsetDateTime>,
    /// Fetch intermediates that the server left out, from the http URLs that its certificates name
    #[arg(long)]
    pub(in crate::cli) fetch_aia: bool,
    /// Ask whether certificates are revoked: fetch lists and OCSP answers from the http URLs that they name
    ///
    /// Over the way to the endpoint, and directly as well where that is through a proxy. An http proxy forwards these
    /// requests without a tunnel, and is told who asks by --proxy-auth basic alone. Without it only what the server
    /// staples is read, and nothing is sent to a host that was not named on the command line.
    #[arg(long)]
    pub(in crate::cli) revocation: bool,
    /// Days before a certificate's end from which that is worth a warning
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(in crate::cli) expiry_warn: u32,
    /// Days before a certificate's end from which that is critical
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(in crate::cli) expiry_critical: u32,
}
