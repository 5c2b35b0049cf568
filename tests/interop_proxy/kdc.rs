//! A Kerberos realm for one test: a KDC with one user and the proxy's service, and a name for the proxy.

use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;

use crate::certificates;
use crate::program;
use crate::proxies::{PASSWORD, USER, make_readable, write};
use crate::scripted_resolver::{Reply, ScriptedResolver};
use crate::server::Server;

/// The realm.
pub(crate) const REALM: &str = "CORP.TEST";

/// What the proxy is called: a service at an address has no tickets.
pub(crate) const PROXY: &str = "proxy.test";

/// A running KDC.
pub(crate) struct Kdc {
    server: Server,
    files: TempDir,
}

impl Kdc {
    /// Makes the realm's database and starts its KDC.
    pub(crate) fn start() -> Self {
        let files = certificates::folder();
        make_readable(files.path());
        let path = files.path().display();
        configure(files.path(), 88);
        run(files.path(), "kdb5_util", &["create", "-s", "-r", REALM, "-P", "master"]);
        for query in [
            // As in Active Directory, a ticket is given to who shows the password first.
            format!("addprinc -pw {PASSWORD} +requires_preauth {USER}"),
            format!("addprinc -randkey HTTP/{PROXY}"),
            format!("ktadd -k {path}/keytab HTTP/{PROXY}"),
        ] {
            run(files.path(), "kadmin.local", &["-r", REALM, "-q", &query]);
        }
        make_file_readable(&files.path().join("keytab"));
        let server = Server::start(|port, _| {
            configure(files.path(), port);
            let mut command = command(files.path(), "krb5kdc");
            command.args(["-n", "-r", REALM]);
            command
        });
        Self { server, files }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What lets a program use the tickets of the realm's user, who logs on now.
    #[cfg(feature = "gssapi")]
    pub(crate) fn log_on(&self) -> [(&'static str, std::path::PathBuf); 2] {
        use std::io::Write;
        let tickets = self.files.path().join("tickets");
        let mut kinit = command(self.files.path(), "kinit");
        kinit.arg("-c").arg(&tickets).arg(USER).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
        let mut kinit = kinit.spawn().expect("an installed program starts");
        writeln!(kinit.stdin.take().expect("it was piped"), "{PASSWORD}").expect("kinit reads the password");
        assert!(kinit.wait().is_ok_and(|status| status.success()), "kinit got no ticket");
        [("KRB5_CONFIG", self.files.path().join("krb5.conf")), ("KRB5CCNAME", tickets)]
    }

    /// squid's lines for its Kerberos helper with the proxy's key.
    pub(crate) fn helper(&self) -> String {
        let path = self.files.path().display();
        format!(
            "auth_param negotiate program /usr/bin/env KRB5_CONFIG={path}/krb5.conf KRB5RCACHENAME=none: \
             /usr/lib/squid/negotiate_kerberos_auth -k {path}/keytab -s HTTP/{PROXY}@{REALM}\n\
             auth_param negotiate children 1\nauth_param negotiate keep_alive on\n"
        )
    }
}

fn configure(folder: &Path, port: u16) {
    let path = folder.display();
    let text = format!(
        "[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n[realms]\n{REALM} = {{\n\
         database_name = {path}/principal\nkey_stash_file = {path}/stash\nacl_file = {path}/acl\n}}\n\
         [logging]\nkdc = STDERR\n"
    );
    write(folder, "kdc.conf", &text);
    let text = format!(
        "[libdefaults]\ndefault_realm = {REALM}\nrdns = false\ndns_canonicalize_hostname = false\n\
         [realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n[domain_realm]\n{PROXY} = {REALM}\n"
    );
    write(folder, "krb5.conf", &text);
}

fn command(folder: &Path, name: &str) -> std::process::Command {
    let mut command = program::command(name);
    command.env("KRB5_CONFIG", folder.join("krb5.conf")).env("KRB5_KDC_PROFILE", folder.join("kdc.conf"));
    command
}

fn run(folder: &Path, name: &str, arguments: &[&str]) {
    let output = command(folder, name).args(arguments).output().expect("an installed program starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

fn make_file_readable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).expect("kadmin.local wrote it");
}

/// A DNS server that knows the proxy's name.
pub(crate) struct NameServer {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl NameServer {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("the system has threads");
        let resolver = runtime.block_on(ScriptedResolver::start(|_, _| Reply::Addresses(vec![[127, 0, 0, 1].into()])));
        Self { address: resolver.address, _runtime: runtime }
    }
}
