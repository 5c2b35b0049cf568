//! Starting the real proxies, each with its files in a folder of its own.

use std::fs;
use std::path::Path;

use crate::certificates::{Identity, Key};
use crate::program;
use crate::server::Server;

/// The user whom the proxies with authentication know, and the password.
pub(crate) const USER: &str = "bobby";
pub(crate) const PASSWORD: &str = "hunter2";

/// What issues certificates for a squid that inspects.
const CERTIFICATE_HELPER: &str = "/usr/lib/squid/security_file_certgen";

/// A running squid. Its shared memory goes with it.
pub(crate) struct Squid(Server);

impl Squid {
    /// Starts squid with these lines besides what every one has, in which `FOLDER` stands for its folder. It resolves
    /// `endpoint.test`, which nobody else can.
    pub(crate) fn start(lines: &str) -> Self {
        Self::listening("", lines)
    }

    /// Starts squid as an interceptor: it decides by these lines (`ssl_bump …`) what to do with the TLS inside a tunnel,
    /// and where it answers in the endpoint's place it shows a certificate for the endpoint's name by this authority.
    pub(crate) fn inspecting(authority: &Identity, ssl_bump: &str) -> Self {
        let lines = format!(
            "sslcrtd_program {CERTIFICATE_HELPER} -s FOLDER/issued -M 4MB\nsslcrtd_children 1\ntls_outgoing_options flags=DONT_VERIFY_PEER\n\
             acl hello at_step SslBump1\n{ssl_bump}\nhttp_access allow all"
        );
        let certificate = authority.leaf_file().display();
        let key = authority.key_file();
        let options = format!(
            "ssl-bump tls-cert={certificate} tls-key={} generate-host-certificates=on dynamic_cert_mem_cache_size=4MB",
            key.display()
        );
        Self::listening(&options, &lines)
    }

    fn listening(options: &str, lines: &str) -> Self {
        Self(Server::start(|port, folder| {
            // As root, squid becomes the user proxy, who has to read its files.
            make_readable(folder);
            write(folder, "hosts", "127.0.0.1 endpoint.test localhost\n");
            let pair = format!("{USER}:{PASSWORD}");
            let hash = program::run("openssl", ["passwd", "-apr1", PASSWORD]);
            write(folder, "users", &format!("{USER}:{}", String::from_utf8_lossy(&hash)));
            write(folder, "digest", &format!("{USER}:corp:{}\n", md5(&format!("{USER}:corp:{PASSWORD}"))));
            write(folder, "accounts", &format!("CORP:{pair}\n"));
            write(folder, "verifier", include_str!("../support/ntlm_verifier.py"));
            if !options.is_empty() {
                make_room_for_certificates(folder);
            }
            let configuration = format!(
                "http_port 127.0.0.1:{port} {options}\npid_filename none\naccess_log none\ncache_log /dev/null\ncache deny all\n\
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
        for part in ["cf__metadata", "cf__queues", "cf__readers", "tls_session_cache"] {
            let _ = fs::remove_file(format!("/dev/shm/{}-{part}.shm", service(self.0.address().port())));
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
pub(crate) fn haproxy(identity: &Identity, behind: std::net::SocketAddr, options: &str) -> Server {
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

/// haproxy as a front that reads HTTP, and waits a second for the proxy at `behind` to answer.
pub(crate) fn haproxy_reading_http(behind: std::net::SocketAddr) -> Server {
    Server::start(|port, folder| {
        let configuration = format!(
            "global\n    log stderr local0\ndefaults\n    mode http\n    timeout connect 1s\n    timeout client 60s\n    \
             timeout server 1s\nfrontend front\n    bind 127.0.0.1:{port}\n    default_backend behind\n\
             backend behind\n    server behind {behind}\n"
        );
        let mut command = program::command("haproxy");
        command.args(["-db", "-f"]).arg(write(folder, "haproxy.cfg", &configuration));
        command
    })
}

/// Apache with `mod_proxy_connect`, in one process. It waits a second for an endpoint.
pub(crate) fn apache() -> Server {
    Server::start(|port, folder| {
        let modules = ["mpm_event", "authz_core", "proxy", "proxy_connect"];
        let load = |module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n");
        let modules: String = modules.map(load).concat();
        let path = folder.display();
        let configuration = format!(
            "ServerName proxy.test\nServerRoot {path}\nPidFile {path}/pid\nErrorLog {path}/error.log\n\
             Listen 127.0.0.1:{port}\n{modules}ProxyRequests On\nProxyTimeout 1\nAllowCONNECT 1-65535\n"
        );
        let mut command = program::command("apache2");
        command.arg("-X").arg("-f").arg(write(folder, "apache.conf", &configuration));
        command
    })
}

/// privoxy, which lets CONNECT pass and changes nothing in it.
pub(crate) fn privoxy() -> Server {
    Server::start(|port, folder| {
        let path = folder.display();
        let configuration = format!(
            "confdir {path}\nlogdir {path}\ntempldir /etc/privoxy/templates\nlisten-address 127.0.0.1:{port}\n"
        );
        let mut command = program::command("privoxy");
        command.arg("--no-daemon").arg(write(folder, "privoxy.conf", &configuration));
        command
    })
}

/// A proxy that passes TLS through as it is.
pub(crate) struct Unaltered {
    pub(crate) name: &'static str,
    /// For `--proxy`, and whatever else it needs.
    pub(crate) options: String,
    /// What keeps it running.
    _running: Box<dyn std::any::Any>,
}

/// The programs that [`unaltered`] starts.
pub(crate) const UNALTERED: [&str; 7] = ["squid", "tinyproxy", "haproxy", "danted", "apache2", "privoxy", "openssl"];

/// Every proxy there is that changes nothing: they connect to `localhost` at any port.
pub(crate) fn unaltered() -> Vec<Unaltered> {
    let front = Identity::self_signed(Key::Rsa2048, "localhost");
    let http = |server: &Server| format!("--proxy http://{}", server.address());
    let squid = Squid::start("http_access allow all");
    let splicing = Squid::inspecting(&front, "ssl_bump peek hello\nssl_bump splice all");
    let (tiny, behind, apache, privoxy, dante) = (tinyproxy(""), tinyproxy(""), apache(), privoxy(), dante());
    let fronted = haproxy(&front, behind.address(), "");
    let tls_front =
        format!("--proxy https://localhost:{} --proxy-trust {}", fronted.address().port(), front.leaf_file().display());
    vec![
        Unaltered { name: "squid", options: format!("--proxy {}", squid.url()), _running: Box::new(squid) },
        Unaltered {
            name: "squid that peeks and splices",
            options: format!("--proxy {}", splicing.url()),
            _running: Box::new(splicing),
        },
        Unaltered { name: "tinyproxy", options: http(&tiny), _running: Box::new(tiny) },
        Unaltered {
            name: "tinyproxy behind haproxy",
            options: tls_front,
            _running: Box::new((fronted, behind, front)),
        },
        Unaltered { name: "Apache", options: http(&apache), _running: Box::new(apache) },
        Unaltered { name: "privoxy", options: http(&privoxy), _running: Box::new(privoxy) },
        Unaltered {
            name: "dante",
            options: format!("--proxy socks5h://{}", dante.address()),
            _running: Box::new(dante),
        },
    ]
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

/// The files in which squid's helper keeps the certificates it has issued. It runs as another user where we are root.
fn make_room_for_certificates(folder: &Path) {
    let issued = folder.join("issued");
    let made =
        std::process::Command::new(CERTIFICATE_HELPER).args(["-c", "-s"]).arg(&issued).args(["-M", "4MB"]).output();
    let made = made.unwrap_or_else(|error| panic!("{CERTIFICATE_HELPER} of squid-openssl: {error}"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut paths = vec![issued];
    while let Some(path) = paths.pop() {
        make_everyones(&path);
        if let Ok(entries) = fs::read_dir(&path) {
            paths.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
}

fn make_everyones(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("it is ours");
}

pub(crate) fn make_readable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
}

fn md5(text: &str) -> String {
    use md5::Digest;
    hex::encode(md5::Md5::digest(text))
}
