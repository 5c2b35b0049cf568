//! Keys and certificates, made with the `openssl` command for one test and gone with it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::program;

/// The kind of key that an identity's certificates have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa2048,
    P256,
}

/// A server's key and the certificates it sends.
pub(crate) struct Identity {
    folder: TempDir,
    /// One file each, leaf first.
    certificates: Vec<PathBuf>,
}

impl Identity {
    /// A certificate that signs itself.
    pub(crate) fn self_signed(key: Key, host: &str) -> Self {
        let mut identity = Self { folder: folder(), certificates: Vec::new() };
        identity.issue("leaf", key, None, &leaf(host));
        identity
    }

    /// A client's certificate that signs itself.
    #[allow(dead_code, reason = "for the tests of servers alone")]
    pub(crate) fn client(key: Key, name: &str) -> Self {
        let mut identity = Self { folder: folder(), certificates: Vec::new() };
        identity.issue("leaf", key, None, &subject(name, &["extendedKeyUsage=clientAuth"]));
        identity
    }

    /// A certificate that signs itself, and others.
    #[allow(dead_code, reason = "for the tests of proxies alone")]
    pub(crate) fn authority(key: Key, name: &str) -> Self {
        let mut identity = Self { folder: folder(), certificates: Vec::new() };
        identity.issue("leaf", key, None, &authority(name));
        identity
    }

    /// Leaf, intermediate and root, all three to be sent.
    pub(crate) fn chain_of_three(key: Key, host: &str) -> Self {
        let mut identity = Self { folder: folder(), certificates: Vec::new() };
        identity.issue("root", key, None, &authority("Interop Root"));
        identity.issue("intermediate", key, Some("root"), &authority("Interop Intermediate"));
        identity.issue("leaf", key, Some("intermediate"), &leaf(host));
        identity
    }

    /// Makes a key and its certificate, signed by `issuer` or by itself, as the new first of the chain.
    fn issue(&mut self, name: &str, key: Key, issuer: Option<&str>, subject: &[String]) {
        let new_key: &[&str] = match key {
            Key::Rsa2048 => &["rsa:2048"],
            Key::P256 => &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        };
        let request = self.path("request.cnf");
        fs::write(&request, "[req]\ndistinguished_name = name\n[name]\n").expect("the folder is writable");
        let certificate = self.path(&format!("{name}.pem"));
        let mut command = program::command("openssl");
        command.args(["req", "-x509", "-sha256", "-days", "30", "-noenc", "-newkey"]).args(new_key).args(subject);
        command.arg("-config").arg(request).arg("-keyout").arg(self.path(&format!("{name}.key")));
        command.arg("-out").arg(&certificate);
        if let Some(issuer) = issuer {
            command.arg("-CA").arg(self.path(&format!("{issuer}.pem")));
            command.arg("-CAkey").arg(self.path(&format!("{issuer}.key")));
        }
        let output = command.output().expect("openssl starts");
        assert!(output.status.success(), "openssl req: {}", String::from_utf8_lossy(&output.stderr));
        self.certificates.insert(0, certificate);
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// The leaf's private key.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.path("leaf.key")
    }

    /// The certificates, one file each, leaf first.
    pub(crate) fn certificate_files(&self) -> &[PathBuf] {
        &self.certificates
    }

    /// The leaf alone.
    pub(crate) fn leaf_file(&self) -> &Path {
        self.certificates.first().expect("an identity has a leaf")
    }

    /// All certificates in one file, leaf first.
    pub(crate) fn chain_file(&self) -> PathBuf {
        self.concatenate("chain.pem", &self.certificates)
    }

    /// The certificates above the leaf in one file, if there are any.
    pub(crate) fn issuers_file(&self) -> Option<PathBuf> {
        let (_, issuers) = self.certificates.split_first()?;
        (!issuers.is_empty()).then(|| self.concatenate("issuers.pem", issuers))
    }

    fn concatenate(&self, name: &str, certificates: &[PathBuf]) -> PathBuf {
        let pem: String = certificates.iter().map(|file| fs::read_to_string(file).expect("openssl wrote it")).collect();
        let path = self.path(name);
        fs::write(&path, pem).expect("the folder is writable");
        path
    }

    /// The SHA-256 fingerprints of the certificates, leaf first, as openssl tells them: lower-case hex.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        self.certificates.iter().map(|file| fingerprint(file, "-sha256")).collect()
    }
}

/// A parameter file for DHE suites: the prime of an RFC 7919 group, `ffdhe2048` for example.
pub(crate) fn dh_parameters(folder: &Path, group: &str) -> PathBuf {
    let file = folder.join(format!("{group}.pem"));
    let group = format!("group:{group}");
    fs::write(&file, program::run("openssl", ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", &group]))
        .expect("the folder is writable");
    file
}

/// A certificate's fingerprint under `digest`, an option of `openssl x509`.
pub(crate) fn fingerprint(file: &Path, digest: &str) -> String {
    field(file, &["-fingerprint", digest]).replace(':', "").to_lowercase()
}

/// The SHA-256 of a certificate's `SubjectPublicKeyInfo`: lower-case hex.
pub(crate) fn spki_sha256(file: &Path) -> String {
    let pem = file.with_extension("spki");
    fs::write(&pem, text(file, &["-pubkey"])).expect("the folder is writable");
    let arguments = ["pkey", "-pubin", "-outform", "DER", "-in"].map(OsStr::new);
    hex::encode(Sha256::digest(program::run("openssl", arguments.into_iter().chain([pem.as_os_str()]))))
}

/// What `openssl x509` prints behind the `=` for one field of a certificate.
pub(crate) fn field(file: &Path, options: &[&str]) -> String {
    let text = text(file, options);
    text.trim_end().split_once('=').map_or_else(|| text.clone(), |(_, value)| value.to_owned())
}

fn text(file: &Path, options: &[&str]) -> String {
    let arguments = ["x509", "-noout"].iter().chain(options).chain(&["-in"]).map(OsStr::new);
    let output = program::run("openssl", arguments.chain([file.as_os_str()]));
    String::from_utf8(output).expect("openssl prints ASCII")
}

fn leaf(host: &str) -> Vec<String> {
    subject(host, &[&format!("subjectAltName=DNS:{host},DNS:www.{host}"), "extendedKeyUsage=serverAuth"])
}

fn authority(name: &str) -> Vec<String> {
    subject(name, &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"])
}

/// The options of `openssl req` for a common name and extensions.
fn subject(common_name: &str, extensions: &[&str]) -> Vec<String> {
    let mut options = vec!["-subj".to_owned(), format!("/CN={common_name}")];
    for extension in extensions {
        options.extend(["-addext".to_owned(), (*extension).to_owned()]);
    }
    options
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("the system has a folder for temporary files")
}
