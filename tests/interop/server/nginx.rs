//! nginx, as one process with all its files in the test's folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program;
use crate::settings::{Settings, TLS13};

/// The command for a configuration with these `server` blocks, in which `PORT` stands for the port.
pub(super) fn command(server_blocks: &str, port: u16, folder: &Path) -> Command {
    let path = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {path}/{kind};\n"))
        .concat();
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {path}/pid;\nerror_log stderr info;\nevents {{}}\n\
         http {{\n    access_log off;\n{temporary}{}}}\n",
        server_blocks.replace("PORT", &port.to_string()),
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).expect("the folder is writable");
    let mut command = program::command("nginx");
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(file);
    command
}

/// The `server` block for these settings, and more lines of its own.
pub(super) fn server(settings: &Settings<'_>, own: &str) -> String {
    let suites = super::openssl::names(settings.suites);
    let mut lines = vec![
        "listen 127.0.0.1:PORT ssl;".to_owned(),
        format!("ssl_certificate {};", settings.identity.chain_file().display()),
        format!("ssl_certificate_key {};", settings.identity.key_file().display()),
        format!("ssl_protocols {};", settings.version.nginx),
        format!("ssl_ecdh_curve {};", settings.group.openssl),
        "ssl_prefer_server_ciphers on;".to_owned(),
    ];
    if settings.version == TLS13 {
        lines.push(format!("ssl_conf_command Ciphersuites {suites};"));
    } else {
        // Level 0 allows what TLS 1.0 and 1.1 need: signatures over SHA-1 and MD5.
        lines.push(format!("ssl_ciphers {suites}:@SECLEVEL=0;"));
    }
    if let Some(file) = settings.dh_parameters {
        lines.push(format!("ssl_dhparam {};", file.display()));
    }
    if let Some(file) = settings.client_ca {
        lines.push(format!("ssl_verify_client on;\nssl_client_certificate {};", file.display()));
    }
    lines.push(own.to_owned());
    format!("server {{\n{}\n}}\n", lines.join("\n"))
}
