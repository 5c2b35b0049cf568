//! Servers that begin in the clear, each with all its files in the test's folder.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Identity;
use crate::program;

/// A server program, and what it speaks before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InTheClear {
    Vsftpd,
    Postfix,
    DovecotImap,
    DovecotPop3,
    Slapd,
    Postgres,
    Xrdp,
}

impl InTheClear {
    /// The command that has to be installed.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Vsftpd => "vsftpd",
            Self::Postfix => "postfix",
            Self::DovecotImap | Self::DovecotPop3 => "dovecot",
            Self::Slapd => "slapd",
            Self::Postgres => "pg_createcluster",
            Self::Xrdp => "xrdp",
        }
    }

    /// The command for a server with this certificate, or with none.
    pub(super) fn command(self, identity: Option<&Identity>, port: u16, folder: &Path) -> Command {
        let files = identity.map(|identity| (identity.chain_file(), key_in(folder, identity)));
        match self {
            Self::Vsftpd => vsftpd(files, "", port, folder),
            Self::Postfix => postfix(files, port, folder),
            Self::DovecotImap => dovecot("imap", files, port, folder),
            Self::DovecotPop3 => dovecot("pop3", files, port, folder),
            Self::Slapd => slapd(files, port, folder),
            Self::Postgres => postgres(files, port, folder),
            Self::Xrdp => xrdp(&files, port, folder),
        }
    }
}

type Files = Option<(PathBuf, PathBuf)>;

/// A copy of the key that is this folder's own: some servers look at who owns it.
fn key_in(folder: &Path, identity: &Identity) -> PathBuf {
    let key = folder.join("key.pem");
    fs::copy(identity.key_file(), &key).expect("the folder is writable");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("the key is ours");
    key
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).expect("the folder is writable");
    file
}

/// A folder in which others may look things up by name.
fn open_folder(folder: &Path, name: &str) -> PathBuf {
    let inner = folder.join(name);
    fs::create_dir_all(&inner).expect("the folder is writable");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    inner
}

/// vsftpd with these lines of configuration besides.
pub(super) fn vsftpd_with(identity: &Identity, own: &str, port: u16, folder: &Path) -> Command {
    vsftpd(Some((identity.chain_file(), key_in(folder, identity))), own, port, folder)
}

fn vsftpd(files: Files, own: &str, port: u16, folder: &Path) -> Command {
    let root = open_folder(folder, "root");
    write(&root, "listed.txt", "a file to list\n");
    let root = root.display();
    let tls = files.map_or_else(String::new, |(chain, key)| {
        let (chain, key) = (chain.display(), key.display());
        format!("ssl_enable=YES\nallow_anon_ssl=YES\nrsa_cert_file={chain}\nrsa_private_key_file={key}\n")
    });
    let text = format!(
        "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nrun_as_launching_user=YES\n\
         anonymous_enable=YES\nanon_root={root}\nsecure_chroot_dir={root}\nseccomp_sandbox=NO\n{tls}{own}"
    );
    let mut command = program::command("vsftpd");
    command.arg(write(folder, "vsftpd.conf", &text));
    command
}

/// Its master process without the script around it, which would leave it behind.
fn postfix(files: Files, port: u16, folder: &Path) -> Command {
    let configuration = open_folder(folder, "conf");
    let (queue, data) = (open_folder(folder, "queue"), open_folder(folder, "data"));
    let (user, _) = ids_of("postfix");
    chown(&data, Some(user), None).expect("the tests of postfix run as root");
    let tls = files.map_or_else(String::new, |(chain, key)| {
        let (chain, key) = (chain.display(), key.display());
        format!("smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {chain}\nsmtpd_tls_key_file = {key}\n")
    });
    let (queue, data) = (queue.display(), data.display());
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nmyhostname = name.test\nmynetworks_style = host\nalias_maps =\n{tls}"
    );
    write(&configuration, "main.cf", &main);
    let services = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\ntlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\n\
         rewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\n"
    );
    write(&configuration, "master.cf", &services);
    let check = program::command("postfix").arg("-c").arg(&configuration).arg("check").status();
    assert!(check.expect("postfix starts").success(), "postfix does not take its configuration");
    let mut command = Command::new("/usr/lib/postfix/sbin/master");
    command.arg("-c").arg(configuration).arg("-d");
    command
}

fn dovecot(protocol: &str, files: Files, port: u16, folder: &Path) -> Command {
    let run = open_folder(folder, "run");
    let tls = files.map_or_else(
        || "ssl=no\n".to_owned(),
        |(chain, key)| format!("ssl=yes\nssl_cert=<{}\nssl_key=<{}\n", chain.display(), key.display()),
    );
    let run = run.display();
    let text = format!(
        "base_dir={run}/base\nstate_dir={run}\nlog_path=/dev/stderr\nlisten=127.0.0.1\nprotocols={protocol}\n{tls}\
         service {protocol}-login {{\n  chroot =\n  inet_listener {protocol} {{\n    port={port}\n  }}\n  \
         inet_listener {protocol}s {{\n    port=0\n  }}\n}}\n\
         passdb {{\n  driver = static\n  args = nopassword=y\n}}\n"
    );
    let mut command = program::command("dovecot");
    command.arg("-F").arg("-c").arg(write(folder, "dovecot.conf", &text));
    command
}

fn slapd(files: Files, port: u16, folder: &Path) -> Command {
    let text = files.map_or_else(String::new, |(chain, key)| {
        format!("TLSCertificateFile {}\nTLSCertificateKeyFile {}\n", chain.display(), key.display())
    });
    let mut command = program::command("slapd");
    command.args(["-h", &format!("ldap://127.0.0.1:{port}"), "-d", "0", "-f"]);
    command.arg(write(folder, "slapd.conf", &text));
    command
}

/// `PostgreSQL` refuses to be root, and reads no key that others may read.
fn postgres(files: Files, port: u16, folder: &Path) -> Command {
    let home = open_folder(folder, "postgres");
    let (user, group) = ids_of("postgres");
    chown(&home, Some(user), Some(group)).expect("the tests of postgres run as root");
    let as_postgres = |name: &str| {
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
        command.arg(postgres_program(name));
        command
    };
    let data = home.join("data");
    let made = as_postgres("initdb").arg("-D").arg(&data).args(["-A", "trust", "--no-sync"]).output();
    let made = made.expect("setpriv starts");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let mut command = as_postgres("postgres");
    command.arg("-D").arg(data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"]).arg(&home);
    if let Some((chain, key)) = files {
        chown(&key, Some(user), Some(group)).expect("the tests of postgres run as root");
        let own_chain = home.join("chain.pem");
        fs::copy(chain, &own_chain).expect("the folder is writable");
        chown(&own_chain, Some(user), Some(group)).expect("the tests of postgres run as root");
        let (chain, key) = (own_chain.display(), key.display());
        command.args(["-c", "ssl=on", "-c", &format!("ssl_cert_file={chain}"), "-c", &format!("ssl_key_file={key}")]);
    }
    command
}

/// Debian keeps these in a folder for each version.
fn postgres_program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("postgresql is installed");
    let programs = versions.flatten().map(|version| version.path().join("bin").join(name));
    programs.filter(|program| program.is_file()).max().expect("postgresql has its programs")
}

fn xrdp(files: &Files, port: u16, folder: &Path) -> Command {
    let security = match files {
        Some((chain, key)) => {
            format!("security_layer=tls\ncertificate={}\nkey_file={}\n", chain.display(), key.display())
        }
        None => "security_layer=rdp\n".to_owned(),
    };
    let log = folder.join("xrdp.log");
    let text = format!(
        "[Globals]\nini_version=1\nfork=false\nport=tcp://127.0.0.1:{port}\n{security}\
         ssl_protocols=TLSv1.2, TLSv1.3\n[Logging]\nEnableSyslog=false\nLogFile={}\n[Xvnc]\nname=x\nlib=libvnc.so\n",
        log.display()
    );
    let mut command = program::command("xrdp");
    command.arg("--nodaemon").arg("-c").arg(write(folder, "xrdp.ini", &text));
    command
}

/// The numbers of a system user and its group.
fn ids_of(user: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("there is a list of users");
    let line = users.lines().find(|line| line.split(':').next() == Some(user)).expect("its package makes the user");
    let number = |place| line.split(':').nth(place).and_then(|text| text.parse().ok()).expect("a number stands there");
    (number(2), number(3))
}
