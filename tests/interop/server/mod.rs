//! A real server that runs as long as its value lives: started on a free port, waited for, stopped by process id.

mod apache;
mod gnutls;
mod in_the_clear;
mod nginx;
mod openssl;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::certificates::{self, Identity};
use crate::program::{ended, wait_until};
use crate::settings::Settings;

pub(crate) use in_the_clear::InTheClear;

/// How long a server may take to accept its first connection; a loaded CI machine is slow.
const START: Duration = Duration::from_secs(20);

/// How long it may take to end when it is asked to.
const END: Duration = Duration::from_secs(5);

/// How often another port is tried when somebody else took the free one first.
const ATTEMPTS: usize = 5;

/// The server programs that understand [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Openssl,
    Gnutls,
    Nginx,
}

impl Program {
    /// The command that has to be installed.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Gnutls => "gnutls-serv",
            Self::Nginx => "nginx",
        }
    }

    /// Starts this program with these settings.
    pub(crate) fn serve(self, settings: &Settings<'_>) -> Server {
        self.serve_with(settings, "")
    }

    /// Starts this program with these settings and some of its own: options for openssl, separated by white space;
    /// priorities for GnuTLS; lines of the server's block for nginx.
    pub(crate) fn serve_with(self, settings: &Settings<'_>, own: &str) -> Server {
        match self {
            Self::Openssl => Server::start(|port, _| openssl::command(settings, own, port)),
            Self::Gnutls => Server::start(|port, _| gnutls::command(settings, own, port)),
            Self::Nginx => Server::start(|port, folder| nginx::command(&nginx::server(settings, own), port, folder)),
        }
    }
}

/// A running server. Dropping it ends its process, also when the test fails. A test that is stopped from outside, by
/// Ctrl-C or by nextest's time limit, takes it along: it stays in the test's process group.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Server {
    /// Starts nginx with these `server` blocks, in which `PORT` stands for the port.
    pub(crate) fn nginx(server_blocks: &str) -> Self {
        Self::start(|port, folder| nginx::command(server_blocks, port, folder))
    }

    /// Starts Apache with these lines, in which `FOLDER` stands for its folder, and these files to serve.
    pub(crate) fn apache(lines: &str, files: &[(&str, &str)]) -> Self {
        Self::start(|port, folder| apache::command(lines, files, port, folder))
    }

    /// Apache in the clear, which answers everything by this status line of IIS and this page.
    pub(crate) fn answering(status: &str, page: &str) -> Self {
        let lines = "AliasMatch ^/ FOLDER/pages/answer.asis\n<Location />\nSetHandler send-as-is\n</Location>";
        let answer = format!("Status: {status}\nContent-Type: text/html\n\n{page}");
        Self::apache(lines, &[("answer.asis", &answer)])
    }

    /// Starts a server that begins in the clear, with this certificate or without TLS.
    pub(crate) fn in_the_clear(program: InTheClear, identity: Option<&Identity>) -> Self {
        Self::start(|port, folder| program.command(identity, port, folder))
    }

    /// Starts vsftpd with these lines of configuration besides.
    pub(crate) fn vsftpd(identity: &Identity, own: &str) -> Self {
        Self::start(|port, folder| in_the_clear::vsftpd_with(identity, own, port, folder))
    }

    /// The address it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the command made for a free port and a folder for its files, and waits until it accepts.
    pub(crate) fn start(command: impl Fn(u16, &Path) -> Command) -> Self {
        for _ in 0..ATTEMPTS {
            let mut server = Self::spawned(free_address(), |address, folder| command(address.port(), folder));
            if server.accepts() {
                return server;
            }
            // Another process may have taken the port in between; anything else is a fault in the test.
            assert!(server.log().contains("in use"), "not accepting on {}:\n{}", server.address, server.log());
        }
        panic!("{ATTEMPTS} free ports were taken before a server had them")
    }

    /// Starts the command made for this address, which others had to know before, and waits until it prints `ready`:
    /// `openssl ocsp` hangs for good on a connection that asks nothing.
    pub(crate) fn start_at(
        address: SocketAddr,
        ready: &str,
        command: impl FnOnce(SocketAddr, &Path) -> Command,
    ) -> Self {
        let server = Self::spawned(address, command);
        let is_ready = wait_until(START, || server.log().contains(ready).then_some(()));
        assert!(is_ready.is_some(), "not ready on {address}:\n{}", server.log());
        server
    }

    fn spawned(address: SocketAddr, command: impl FnOnce(SocketAddr, &Path) -> Command) -> Self {
        let folder = certificates::folder();
        Self { process: spawn(command(address, folder.path()), folder.path()), address, folder }
    }

    /// Waits until it accepts a connection; false if it ended, or never does.
    fn accepts(&mut self) -> bool {
        wait_until(START, || match ended(&mut self.process) {
            Some(_) => Some(false),
            None => TcpStream::connect(self.address).is_ok().then_some(true),
        })
        .unwrap_or(false)
    }

    /// What it has printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that a server of many processes ends them all; an error means that it has ended already.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        if wait_until(END, || ended(&mut self.process)).is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        if thread::panicking() {
            eprintln!("what the server on {} printed:\n{}", self.address, self.log());
        }
    }
}

fn spawn(mut command: Command, folder: &Path) -> Child {
    let log = File::create(folder.join("log")).expect("the folder is writable");
    let also = log.try_clone().expect("a file can be open twice");
    command.stdin(Stdio::null()).stdout(log).stderr(also).spawn().expect("an installed program starts")
}

/// A loopback address whose port was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("loopback has free ports")
}
