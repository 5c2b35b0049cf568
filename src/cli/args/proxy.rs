//! The way through a proxy: which one, who we are to it, how it is spoken to.

use std::fmt;
use std::path::PathBuf;

use clap::Args;

use crate::proxy::{AuthChoice, HttpVersion, Kdc, ProxyTrust};

#[derive(Debug, Args)]
#[command(next_help_heading = "Proxy")]
pub(in crate::cli) struct ProxyArgs {
    /// Go through this proxy: http://, https:// or socks5h://, user:password@ if need be, host:port [without it: as
    /// HTTPS_PROXY, ALL_PROXY and NO_PROXY say]
    #[arg(long, value_name = "URL", value_parser = unshown)]
    pub(in crate::cli) proxy: Option<Unshown>,
    /// Go through the proxy of this WinHTTP setting, as netsh winhttp shows it: http=a:80;https=b:8080
    #[arg(long, value_name = "STRING", value_parser = unshown, conflicts_with = "proxy")]
    pub(in crate::cli) proxy_winhttp: Option<Unshown>,
    /// Go through no proxy, whatever the environment says
    #[arg(long, conflicts_with_all = ["proxy", "proxy_winhttp"])]
    pub(in crate::cli) direct: bool,
    /// How to prove who we are: any (the strongest that is offered), basic, digest, ntlm or negotiate
    #[arg(long, value_name = "SCHEME", default_value = "any")]
    pub(in crate::cli) proxy_auth: AuthChoice,
    /// Who we are to the proxy: user, DOMAIN\user or user@domain [without it: for negotiate, on Windows or with the
    /// cargo feature gssapi, the logged-on user]
    #[arg(long, value_name = "NAME", value_parser = unshown, requires = "proxy_password_file")]
    pub(in crate::cli) proxy_user: Option<Unshown>,
    /// The password to it: the first line of this file
    #[arg(long, value_name = "FILE", requires = "proxy_user")]
    pub(in crate::cli) proxy_password_file: Option<PathBuf>,
    /// Whom to believe that an https proxy is the one: a PEM file, or insecure for anyone [without it: the system's roots]
    #[arg(long, value_name = "FILE|insecure", value_parser = |text: &str| Ok::<_, String>(ProxyTrust::from(text)))]
    pub(in crate::cli) proxy_trust: Option<ProxyTrust>,
    /// The version of HTTP to send CONNECT in: 1.1 or, for old proxies, 1.0
    #[arg(long, value_name = "VERSION", default_value = "1.1")]
    pub(in crate::cli) connect_http: HttpVersion,
    /// Look the target up here and give the proxy its address, in place of its name
    #[arg(long)]
    pub(in crate::cli) connect_by_ip: bool,
    /// Where Kerberos tickets come from, for negotiate [without it: as krb5.conf says; port 88 unless said]
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(in crate::cli) kdc: Option<Kdc>,
}

/// An argument that may hold a password. No message repeats it, so it is understood after clap is done.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::cli) struct Unshown(pub(in crate::cli) String);

impl fmt::Debug for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unshown")
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
pub(super) fn unshown(text: &str) -> Result<Unshown, String> {
    Ok(Unshown(text.to_owned()))
}
