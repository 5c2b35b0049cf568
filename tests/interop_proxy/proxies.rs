//! Starting the real proxies, each with its files in a folder of its own.

use std::fs;
use std::path::Path;

use crate::program;
use crate::server::Server;

/// The user whom the proxies with authentication know, and the password.
pub(crate) const USER: &str = "bobby";
pub(crate) const PASSWORD: &str = "hunter2";

/// A running squid. Its shared memory goes with it.
pub(crate) struct Squid(Server);

impl Squid {
    /// Starts squid with these lines besides what every one has, in which `FOLDER` stands for its folder. It resolves
    /// `endpoint.test`, which nobody else can.
    pub(crate) fn start(lines: &str) -> Self {
        Self(Server::start(|port, folder| {
            // As root, squid becomes the user proxy, who has to read its files.
            make_readable(folder);
            write(folder, "hosts", "127.0.0.1 endpoint.test\n");
            let pair = format!("{USER}:{PASSWORD}");
            let hash = program::run("openssl", ["passwd", "-apr1", PASSWORD]);
            write(folder, "users", &format!("{USER}:{}", String::from_utf8_lossy(&hash)));
            write(folder, "digest", &format!("{USER}:corp:{}\n", md5(&format!("{USER}:corp:{PASSWORD}"))));
            write(folder, "accounts", &format!("CORP:{pair}\n"));
            write(folder, "verifier", include_str!("../support/ntlm_verifier.py"));
            let configuration = format!(
                "http_port 127.0.0.1:{port}\npid_filename none\naccess_log none\ncache_log /dev/null\ncache deny all\n\
                 coredump_dir FOLDER\nnetdb_filename none\npinger_enable off\nvisible_hostname proxy.test\n\
                 hosts_file FOLDER/hosts\ndns_nameservers 127.0.0.1\ndns_timeout 1 second\nconnect_timeout 1 second\n\
                 connect_retries 0\nshutdown_lifetime 0 seconds\n{lines}\n"
            );
            let configuration = configuration.replace("FOLDER", &folder.display().to_string());
            let mut command = program::command("squid");
            command.args(["-N", "-d1", "-n", &service(port), "-f"]).arg(write(folder, "squid.conf", &configuration));
            command
        }))
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.address())
    }

    /// Its URL with a user's part.
    pub(crate) fn url_with(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.0.address())
    }
}

impl Drop for Squid {
    fn drop(&mut self) {
        for part in ["metadata", "queues", "readers"] {
            let _ = fs::remove_file(format!("/dev/shm/{}-cf__{part}.shm", service(self.0.address().port())));
        }
    }
}

/// What squid names its shared memory by.
fn service(port: u16) -> String {
    format!("tlsprobe{port}")
}

/// tinyproxy with these lines besides what every one has.
pub(crate) fn tinyproxy(lines: &str) -> Server {
    Server::start(|port, folder| {
        let configuration =
            format!("Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 20\nMaxClients 20\n{lines}\n");
        let mut command = program::command("tinyproxy");
        command.arg("-d").arg("-c").arg(write(folder, "tinyproxy.conf", &configuration));
        command
    })
}

/// haproxy as the TLS front of the proxy at `behind`.
pub(crate) fn haproxy(identity: &crate::Identity, behind: std::net::SocketAddr, options: &str) -> Server {
    Server::start(|port, folder| {
        let read = |file: &Path| fs::read_to_string(file).expect("openssl wrote it");
        let pem = write(folder, "front.pem", &(read(identity.leaf_file()) + &read(&identity.key_file())));
        let configuration = format!(
            "global\n    log stderr local0\ndefaults\n    mode tcp\n    timeout connect 5s\n    timeout client 60s\n    \
             timeout server 60s\nfrontend front\n    bind 127.0.0.1:{port} ssl crt {} {options}\n    \
             default_backend behind\nbackend behind\n    server behind {behind}\n",
            pem.display()
        );
        let mut command = program::command("haproxy");
        command.args(["-db", "-f"]).arg(write(folder, "haproxy.cfg", &configuration));
        command
    })
}

/// dante, which connects wherever it is asked to but to 127.0.0.2.
pub(crate) fn dante() -> Server {
    Server::start(|port, folder| {
        let configuration = format!(
            "logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: lo\nclientmethod: none\nsocksmethod: none\n\
             client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n\
             socks block {{ from: 127.0.0.0/8 to: 127.0.0.2/32 }}\n\
             socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n"
        );
        let mut command = program::command("danted");
        command.arg("-f").arg(write(folder, "danted.conf", &configuration));
        command
    })
}

/// Whether this machine can verify NTLM. In CI it has to; elsewhere the lack is named.
pub(crate) fn ntlm_verifier_or_skipped() -> bool {
    let mechanism = "gssapi.OID.from_int_seq('1.3.6.1.4.1.311.2.2.10')";
    let check = format!("import gssapi; assert {mechanism} in gssapi.raw.indicate_mechs()");
    let run = std::process::Command::new("/usr/bin/python3").args(["-c", &check]).output();
    let can = run.is_ok_and(|run| run.status.success());
    assert!(
        can || std::env::var_os("CI").is_none(),
        "gss-ntlmssp or python3-gssapi is missing; scripts/setup installs it"
    );
    if !can {
        eprintln!("skipped: gss-ntlmssp or python3-gssapi is not installed");
    }
    can
}

pub(crate) fn write(folder: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("the folder is writable");
    path
}

pub(crate) fn make_readable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
}

fn md5(text: &str) -> String {
    use md5::Digest;
    hex::encode(md5::Md5::digest(text))
}
