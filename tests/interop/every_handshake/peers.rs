//! The servers, each with all that it has, and its own word on what that is.

use std::path::{Path, PathBuf};
use std::process::Command;

use tlsprobe::registry::{CipherSuite, NamedGroup, ProtocolVersion};

use super::Way;
use super::connection::Hello;
use crate::certificates::{Identity, Key, dh_parameters};
use crate::program;
use crate::server::Server;

/// A server that runs, and what it has.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) server: Server,
    key: Key,
    suites: Vec<CipherSuite>,
    groups: Vec<NamedGroup>,
    /// Whether it resumes a session that has no extended master secret, which it should not (RFC 7627 §5.3).
    resumes_legacy_sessions: bool,
}

impl Peer {
    /// Whether it can go this way; every one of them has every version.
    pub(super) fn has(&self, way: &Way) -> bool {
        let has_group = way.group.is_none_or(|group| self.groups.contains(&group));
        self.key == way.key && self.suites.contains(&way.suite) && has_group
    }

    /// Whether it resumes the session of a hello like this.
    pub(super) fn resumes(&self, hello: Hello) -> bool {
        hello.modern || self.resumes_legacy_sessions || hello.way.version == ProtocolVersion::TLS1_3
    }
}

/// Starts each of them with a certificate.
pub(super) struct Programs;

const CURVES: [NamedGroup; 4] =
    [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

/// OpenSSL's words for them.
const OPENSSL_GROUPS: &str = "X25519:P-256:P-384:P-521";

/// Level 0 allows what TLS 1.0 and 1.1 need: signatures over SHA-1 and MD5.
const OPENSSL_CIPHERS: &str = "ALL:@SECLEVEL=0";

const GNUTLS_PRIORITY: &str = "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0:+RSA:+DHE-RSA:+3DES-CBC:+AES-128-CCM-8:+AES-256-CCM-8:\
    +SHA256:+SHA384:+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:%COMPAT";

/// Java runs its source as it is.
const JSSE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/every_handshake/JsseServer.java");
const TLSLITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/every_handshake/tlslite_server.py");

impl Programs {
    /// Python with tlslite-ng, which `scripts/setup` puts there.
    pub(super) const PYTHON: &'static str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/python");

    pub(super) fn openssl(identity: &Identity, key: Key) -> Peer {
        let server = Server::start(|port, _| {
            let mut command = program::command("openssl");
            command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
            command.args(["-cipher", OPENSSL_CIPHERS, "-groups", OPENSSL_GROUPS]);
            command.args(["-ciphersuites", &openssl_tls13_suites()]);
            command.arg("-cert").arg(identity.leaf_file()).arg("-key").arg(identity.key_file());
            command
        });
        Peer {
            name: "openssl",
            server,
            key,
            suites: openssl_suites(),
            groups: CURVES.into(),
            resumes_legacy_sessions: true,
        }
    }

    pub(super) fn nginx(identity: &Identity, key: Key) -> Peer {
        let folder = crate::certificates::folder();
        let (chain, private) = (identity.chain_file(), identity.key_file());
        let server = Server::nginx(&format!(
            "server {{
                listen 127.0.0.1:PORT ssl;
                ssl_certificate {};
                ssl_certificate_key {};
                ssl_dhparam {};
                ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
                ssl_ecdh_curve {OPENSSL_GROUPS};
                ssl_ciphers {OPENSSL_CIPHERS};
                ssl_conf_command Ciphersuites {};
                ssl_session_cache builtin;
                return 200 hello;
            }}",
            chain.display(),
            private.display(),
            dh_parameters(folder.path(), "ffdhe2048").display(),
            openssl_tls13_suites(),
        ));
        Peer {
            name: "nginx",
            server,
            key,
            suites: openssl_suites(),
            groups: CURVES.into(),
            resumes_legacy_sessions: true,
        }
    }

    pub(super) fn gnutls(identity: &Identity, key: Key) -> Peer {
        let server = Server::start(|port, _| {
            let mut command = program::command("gnutls-serv");
            command.args(["--http", "--disable-client-cert", "--port", &port.to_string()]);
            command.args(["--priority", GNUTLS_PRIORITY]);
            command.arg("--x509certfile").arg(identity.leaf_file()).arg("--x509keyfile").arg(identity.key_file());
            command
        });
        let listed = text("gnutls-cli", &["--list", "--priority", GNUTLS_PRIORITY]);
        let suites = listed.lines().filter_map(|line| suite_of(line.split('\t').nth(1)?)).collect();
        Peer { name: "gnutls", server, key, suites, groups: CURVES.into(), resumes_legacy_sessions: true }
    }

    pub(super) fn tlslite(identity: &Identity, key: Key) -> Peer {
        let server = Server::start(|port, _| {
            let mut command = Command::new(Self::PYTHON);
            command.arg(TLSLITE).arg(port.to_string()).arg(identity.key_file()).arg(identity.leaf_file());
            command
        });
        let number = |code: String| u16::from_str_radix(&code, 16).ok().map(CipherSuite);
        let suites = said(&server, "suites:").into_iter().filter_map(number).collect();
        let groups = said(&server, "groups:").iter().filter_map(|name| NamedGroup::parse(name).ok()).collect();
        Peer { name: "tlslite-ng", server, key, suites, groups, resumes_legacy_sessions: true }
    }

    pub(super) fn jsse(identity: &Identity, key: Key) -> Peer {
        Peer { resumes_legacy_sessions: false, ..java("jsse", &[], identity, key) }
    }

    pub(super) fn jsse_without_extended_master_secret(identity: &Identity, key: Key) -> Peer {
        java("jsse without EMS", &["-Djdk.tls.useExtendedMasterSecret=false"], identity, key)
    }
}

fn java(name: &'static str, properties: &[&str], identity: &Identity, key: Key) -> Peer {
    let folder = crate::certificates::folder();
    let store = pkcs12(identity, folder.path());
    let server = Server::start(|port, _| {
        let mut command = program::command("java");
        command.args(properties).arg("-Djdk.tls.ephemeralDHKeySize=2048");
        command.arg(JSSE).arg(port.to_string()).arg(&store).arg("password");
        command
    });
    // Its oldest suites have the names of SSL 3.0's time.
    let suite = |name: String| CipherSuite::parse(&name.replacen("SSL_", "TLS_", 1)).ok().map(|parsed| parsed.suite);
    let suites = said(&server, "suites:").into_iter().filter_map(suite).collect();
    Peer { name, server, key, suites, groups: CURVES.into(), resumes_legacy_sessions: true }
}

/// Key and certificate in one file, as Java wants them.
fn pkcs12(identity: &Identity, folder: &Path) -> PathBuf {
    let file = folder.join("identity.p12");
    let mut command = program::command("openssl");
    command.args(["pkcs12", "-export", "-passout", "pass:password", "-out"]).arg(&file);
    command.arg("-in").arg(identity.leaf_file()).arg("-inkey").arg(identity.key_file());
    let output = command.output().expect("openssl starts");
    assert!(output.status.success(), "openssl pkcs12: {}", String::from_utf8_lossy(&output.stderr));
    file
}

/// The words behind one that a server begins a line with.
fn said(server: &Server, word: &str) -> Vec<String> {
    let log = server.log();
    let line = log.lines().find_map(|line| line.strip_prefix(word));
    line.into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
}

fn openssl_suites() -> Vec<CipherSuite> {
    let listed = text("openssl", &["ciphers", "-V", "-ciphersuites", &openssl_tls13_suites(), OPENSSL_CIPHERS]);
    listed.lines().filter_map(|line| suite_of(line.split(" - ").next()?)).collect()
}

fn openssl_tls13_suites() -> String {
    let suites = (0x1301..=0x1305).filter_map(|code| CipherSuite(code).name());
    suites.collect::<Vec<_>>().join(":")
}

/// A suite by its two bytes, as in `0xC0,0x2C`.
fn suite_of(bytes: &str) -> Option<CipherSuite> {
    let bytes = bytes.split_whitespace().collect::<String>();
    CipherSuite::parse(&bytes).ok().map(|parsed| parsed.suite)
}

fn text(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(program::run(program, arguments)).expect("lists of suites are in ASCII")
}
