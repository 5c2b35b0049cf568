//! `gnutls-serv`.

use std::process::Command;

use crate::program;
use crate::settings::Settings;

/// The command for these settings, and more priorities of its own. It listens on every address, there is no option.
pub(super) fn command(settings: &Settings<'_>, own: &str, port: u16) -> Command {
    let identity = settings.identity;
    let mut command = program::command("gnutls-serv");
    command.args(["--http", "--port", &port.to_string(), "--priority", &priorities(settings, own)]);
    command.arg("--x509certfile").arg(identity.chain_file()).arg("--x509keyfile").arg(identity.key_file());
    if let Some(file) = settings.dh_parameters {
        command.arg("--dhparams").arg(file);
    }
    match settings.client_ca {
        Some(file) => command.arg("--require-client-cert").arg("--x509cafile").arg(file),
        None => command.arg("--disable-client-cert"),
    };
    command
}

/// A priority string that allows what the settings say and nothing else.
fn priorities(settings: &Settings<'_>, own: &str) -> String {
    let suites: Vec<&str> = settings.suites.iter().map(|suite| suite.gnutls).collect();
    format!(
        "NONE:+CTYPE-X509:+SIGN-ALL:+{}:+{}:{}:%SERVER_PRECEDENCE{own}",
        settings.version.gnutls,
        settings.group.gnutls,
        suites.join(":"),
    )
}
