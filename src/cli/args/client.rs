//! Who we are to a server that asks for a certificate.

use std::path::PathBuf;

use clap::Args;

/// The files of a client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Client certificate")]
pub struct ClientArgs {
    /// Show this certificate where a server asks for one and the handshake is completed: PEM, leaf first, or PKCS #12
    ///
    /// Also where it asks once it has the request: by another handshake up to TLS 1.2. In TLS 1.3 it can do so only where
    /// the hello allows it, as that of Windows 11 does: --profile, or --extension post_handshake_auth:
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// Its private key, PEM in PKCS #8, PKCS #1 or SEC 1 [without it: the key in the file of --client-cert]
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// The password to the key, or to the PKCS #12 file: the first line of this file
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key_password_file: Option<PathBuf>,
}
