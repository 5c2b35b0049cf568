//! A CA of the `openssl` command, with an index of what it issued and revoked.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::certificates;
use crate::program;

/// Keys, certificates and lists in one folder, by name.
pub(super) struct Pki {
    folder: TempDir,
}

/// What a certificate is to be like.
#[derive(Clone, Debug)]
pub(super) struct Certificate<'a> {
    pub(super) common_name: &'a str,
    /// Lines of an OpenSSL extension section; without any the certificate is of version 1.
    pub(super) extensions: &'a [&'a str],
    /// Days from today to its first and its last second.
    pub(super) days: (i64, i64),
    pub(super) digest: &'a str,
    /// Options of `openssl genpkey`.
    pub(super) key: &'a [&'a str],
}

pub(super) const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

pub(super) const CA: Certificate<'_> = Certificate {
    common_name: "",
    extensions: &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", KEY_IDS.0, KEY_IDS.1],
    days: (-10, 300),
    digest: "sha256",
    key: P256,
};

pub(super) const KEY_IDS: (&str, &str) = ("subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid");

impl Pki {
    pub(super) fn new() -> Self {
        Self { folder: certificates::folder() }
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the key `NAME.key` and its certificate `NAME.pem`, signed by `issuer` or by itself.
    pub(super) fn issue(&self, name: &str, issuer: &str, certificate: &Certificate<'_>) {
        let file = |kind: &str| self.path(&format!("{name}.{kind}")).display().to_string();
        let new_key = file("key");
        program::run("openssl", ["genpkey", "-out", &new_key].into_iter().chain(certificate.key.iter().copied()));
        let section = format!("[extensions]\n{}\n", certificate.extensions.join("\n"));
        let configuration = self.configuration(issuer, &section);
        let subject =
            format!("/CN={}", if certificate.common_name.is_empty() { name } else { certificate.common_name });
        let csr = file("csr");
        let request = ["req", "-new", "-config", &configuration, "-subj", &subject, "-key", &new_key, "-out", &csr];
        program::run("openssl", request);

        let (from, until) = certificate.days;
        let (from, until) = (in_days(from), in_days(until));
        let mut command = vec!["ca", "-batch", "-notext", "-preserveDN", "-config", &configuration, "-md"];
        command.extend([certificate.digest, "-startdate", &from, "-enddate", &until]);
        let pem = file("pem");
        command.extend(["-in", &csr, "-out", &pem]);
        let issuers_key = self.path(&format!("{issuer}.key")).display().to_string();
        command.extend(["-keyfile", &issuers_key]);
        let issuers_certificate = self.path(&format!("{issuer}.pem")).display().to_string();
        if name == issuer {
            command.push("-selfsign");
        } else {
            command.extend(["-cert", &issuers_certificate]);
        }
        if !certificate.extensions.is_empty() {
            command.extend(["-extensions", "extensions"]);
        }
        program::run("openssl", command);
    }

    /// Notes that `issuer` has revoked the certificate `name`.
    pub(super) fn revoke(&self, name: &str, issuer: &str) {
        let pem = self.path(&format!("{name}.pem")).display().to_string();
        self.ca(issuer, "", &["-revoke", &pem, "-crl_reason", "keyCompromise"]);
    }

    /// Writes a revocation list of `issuer` in DER, signed with the key `signer`, with more lines of its extensions.
    pub(super) fn list(&self, file: &str, issuer: &str, signer: &str, extensions: &str, options: &[&str]) {
        let pem = self.path("list.pem").display().to_string();
        let key = self.path(&format!("{signer}.key")).display().to_string();
        let certificate = self.path(&format!("{signer}.pem")).display().to_string();
        let section = format!("[list]\nauthorityKeyIdentifier=keyid\n{extensions}\n");
        let mut command = vec!["-gencrl", "-keyfile", &key, "-cert", &certificate, "-crlexts", "list", "-out", &pem];
        command.extend(options);
        self.ca(issuer, &section, &command);
        let der = self.path(file).display().to_string();
        program::run("openssl", ["crl", "-in", &pem, "-outform", "DER", "-out", &der]);
    }

    /// The certificates of these names in one PEM file.
    pub(super) fn bundle(&self, file: &str, names: &[&str]) -> PathBuf {
        let read = |name: &&str| fs::read_to_string(self.path(&format!("{name}.pem"))).expect("it was issued");
        let bundle = self.path(file);
        fs::write(&bundle, names.iter().map(read).collect::<String>()).expect("the folder is writable");
        bundle
    }

    pub(super) fn der(&self, file: &str, name: &str) {
        let (from, to) = (self.path(&format!("{name}.pem")), self.path(file));
        let options = ["x509", "-outform", "DER", "-in", &from.display().to_string(), "-out"].map(str::to_owned);
        program::run("openssl", options.into_iter().chain([to.display().to_string()]));
    }

    pub(super) fn index(&self, issuer: &str) -> PathBuf {
        self.path(&format!("{issuer}.index"))
    }

    fn ca(&self, issuer: &str, section: &str, options: &[&str]) {
        let configuration = self.configuration(issuer, section);
        let key = self.path(&format!("{issuer}.key")).display().to_string();
        let certificate = self.path(&format!("{issuer}.pem")).display().to_string();
        let mut command = vec!["ca", "-batch", "-config", &configuration];
        if !options.contains(&"-keyfile") {
            command.extend(["-keyfile", &key, "-cert", &certificate]);
        }
        command.extend(options);
        program::run("openssl", command);
    }

    /// A configuration for this issuer's index, made anew with each section.
    fn configuration(&self, issuer: &str, section: &str) -> String {
        let index = self.index(issuer);
        if !index.exists() {
            fs::write(&index, "").expect("the folder is writable");
            fs::write(index.with_extension("index.attr"), "unique_subject = no\n").expect("the folder is writable");
        }
        let folder = self.folder().display();
        let text = format!(
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n[ca]\ndefault_ca=own\n[own]\nnew_certs_dir={folder}\n\
             database={}\nrand_serial=yes\npolicy=policy\ndefault_md=sha256\ndefault_crl_days=7\nunique_subject=no\n\
             default_days=30\n[policy]\ncommonName=supplied\n{section}",
            index.display()
        );
        let file = self.path("ca.cnf");
        fs::write(&file, text).expect("the folder is writable");
        file.display().to_string()
    }
}

/// A time of `openssl ca`, so many days from now.
pub(super) fn in_days(days: i64) -> String {
    let format = format_description!("[year][month][day][hour][minute][second]Z");
    (OffsetDateTime::now_utc() + Duration::days(days)).format(format).expect("a time of this century")
}

/// The same as RFC 3339.
pub(super) fn at_in_days(days: i64) -> String {
    let at = OffsetDateTime::now_utc() + Duration::days(days);
    at.replace_nanosecond(0).expect("0 is a nanosecond").format(&Rfc3339).expect("a time of this century")
}
