//! `openssl s_server`.

use std::process::Command;

use crate::program;
use crate::settings::{Settings, Suite, TLS13};

/// The command for these settings, and more options of its own.
pub(super) fn command(settings: &Settings<'_>, own: &str, port: u16) -> Command {
    let identity = settings.identity;
    let mut command = program::command("openssl");
    command.args([
        "s_server",
        "-www",
        "-serverpref",
        "-accept",
        &format!("127.0.0.1:{port}"),
        settings.version.openssl,
    ]);
    command.arg("-cert").arg(identity.leaf_file()).arg("-key").arg(identity.key_file());
    if let Some(file) = identity.issuers_file() {
        command.arg("-cert_chain").arg(file);
    }
    command.args(["-groups", settings.group.openssl]);
    if settings.version == TLS13 {
        command.args(["-ciphersuites", &names(settings.suites)]);
    } else {
        // Level 0 allows what TLS 1.0 and 1.1 need: signatures over SHA-1 and MD5.
        command.args(["-cipher", &format!("{}:@SECLEVEL=0", names(settings.suites))]);
    }
    if let Some(file) = settings.dh_parameters {
        command.arg("-dhparam").arg(file);
    }
    if let Some(file) = settings.client_ca {
        command.args(["-Verify", "1", "-CAfile"]).arg(file);
    }
    command.args(own.split_whitespace());
    command
}

/// Suites as OpenSSL lists them.
pub(super) fn names(suites: &[Suite]) -> String {
    suites.iter().map(|suite| suite.openssl).collect::<Vec<_>>().join(":")
}
