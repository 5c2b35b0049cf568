//! A running lab, and other people's clients to ask it with.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use time::OffsetDateTime;
use tlsprobe::lab::{Lab, Settings};
use tokio::runtime::Runtime;

use crate::program;

/// How long a client may take.
const LIMIT: Duration = Duration::from_secs(30);

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// What OpenSSL reads where a hello is to have no `extended_master_secret`: its command has no option for that.
const WITHOUT_EMS: &str = "openssl_conf = c\n[c]\nssl_conf = s\n[s]\nsystem_default = d\n[d]\n\
    Options = -ExtendedMasterSecret\n";

/// Whether the client offers `extended_master_secret`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    WithEms,
    WithoutEms,
}

/// What a client printed.
pub(crate) struct Seen(pub(crate) String);

impl Seen {
    #[track_caller]
    pub(crate) fn assert_has(&self, expected: &str) {
        assert!(self.0.contains(expected), "{expected:?} is not in:\n{}", self.0);
    }
}

/// A certificate and its key.
pub(crate) struct Identity {
    certificate: PathBuf,
    key: PathBuf,
}

pub(crate) struct RunningLab {
    lab: Lab,
    folder: TempDir,
    /// Serves the lab as long as it is there.
    _runtime: Runtime,
}

impl RunningLab {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let settings = Settings::new(OffsetDateTime::now_utc(), [3; 32]);
        let lab = runtime.block_on(Lab::start(&settings)).expect("a lab starts on free ports");
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("without-ems.cnf"), WITHOUT_EMS).expect("a file can be written");
        Self { lab, folder, _runtime: runtime }
    }

    pub(crate) fn openssl(&self, endpoint: &str, arguments: &[&str]) -> Seen {
        self.openssl_as(Client::WithEms, endpoint, arguments)
    }

    pub(crate) fn openssl_as(&self, client: Client, endpoint: &str, arguments: &[&str]) -> Seen {
        run(self.s_client(client, endpoint).args(arguments), &[REQUEST])
    }

    pub(crate) fn openssl_with(&self, identity: &Identity, endpoint: &str, arguments: &[&str]) -> Seen {
        let mut command = self.s_client(Client::WithEms, endpoint);
        command.args(arguments).arg("-cert").arg(&identity.certificate).arg("-key").arg(&identity.key);
        run(&mut command, &[REQUEST])
    }

    /// Connects a second time with the session of the first.
    pub(crate) fn openssl_twice(&self, endpoint: &str, first: Client, second: Client, arguments: &[&str]) -> Seen {
        let session = self.folder.path().join("session");
        let _ = fs::remove_file(&session);
        run(self.s_client(first, endpoint).args(arguments).arg("-sess_out").arg(&session), &[REQUEST])
            .assert_has("200 OK");
        run(self.s_client(second, endpoint).args(arguments).arg("-sess_in").arg(&session), &[REQUEST])
    }

    /// Asks to negotiate again before the request.
    pub(crate) fn openssl_renegotiating(&self, endpoint: &str) -> Seen {
        run(self.s_client(Client::WithEms, endpoint).arg("-tls1_2"), &[b"R\n", REQUEST])
    }

    pub(crate) fn gnutls(&self, endpoint: &str, priority: &str) -> Seen {
        let address = self.lab.find(endpoint).expect("an endpoint of the lab").address;
        let mut command = program::command("gnutls-cli");
        command.args(["--insecure", "--priority", priority, "-p", &address.port().to_string(), "127.0.0.1"]);
        run(&mut command, &[REQUEST])
    }

    /// A client's key of that kind, and a certificate that it has issued itself.
    pub(crate) fn identity(&self, kind: &str) -> Identity {
        let file = |what: &str| self.folder.path().join(format!("{what}.pem"));
        let identity = Identity { certificate: file("certificate"), key: file("key") };
        let mut arguments = vec!["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=client", "-newkey", kind];
        if kind == "ec" {
            arguments.extend(["-pkeyopt", "ec_paramgen_curve:P-384"]);
        }
        let [certificate, key] = [&identity.certificate, &identity.key].map(|path| path.to_string_lossy().into_owned());
        // `req` reads the system's configuration for the names of a request.
        fs::write(file("request.cnf"), "[req]\ndistinguished_name = n\n[n]\n").expect("a file can be written");
        let configuration = file("request.cnf").to_string_lossy().into_owned();
        arguments.extend(["-config", &configuration, "-keyout", &key, "-out", &certificate]);
        program::run("openssl", arguments);
        identity
    }

    fn s_client(&self, client: Client, endpoint: &str) -> Command {
        let address = self.lab.find(endpoint).expect("an endpoint of the lab").address;
        let mut command = program::command("openssl");
        command.args(["s_client", "-connect", &address.to_string()]);
        if matches!(client, Client::WithoutEms) {
            command.env("OPENSSL_CONF", self.folder.path().join("without-ems.cnf"));
        }
        command
    }
}

/// Runs a client to its end, which the server's is, and writes these to it with a pause between.
fn run(command: &mut Command, input: &[&[u8]]) -> Seen {
    let output = tempfile::NamedTempFile::new().expect("a file can be made");
    let file = |path: &Path| File::options().append(true).open(path).expect("the file is there");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(file(output.path()))
        .stderr(file(output.path()))
        .spawn()
        .expect("an installed program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    for (place, bytes) in input.iter().enumerate() {
        if place > 0 {
            thread::sleep(Duration::from_millis(500));
        }
        // A client that is gone already has said why.
        let _ = stdin.write_all(bytes);
    }
    if program::wait_until(LIMIT, || program::ended(&mut child)).is_none() {
        child.kill().expect("a child can be ended");
        child.wait().expect("a child can be waited for");
    }
    let output = fs::read(output.path()).expect("the file is there");
    Seen(String::from_utf8_lossy(&output).into_owned())
}
