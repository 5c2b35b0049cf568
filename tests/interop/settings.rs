//! What a server is to do, once, with each program's own word for it.

use std::path::Path;

use crate::certificates::Identity;

/// A server's configuration. It has one protocol version, so that what was negotiated is what was configured.
pub(crate) struct Settings<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) version: Version,
    /// The only suites, in order.
    pub(crate) suites: &'a [Suite],
    /// The only group for ECDHE and TLS 1.3.
    pub(crate) group: Group,
    /// A prime for DHE suites, as a PEM file.
    pub(crate) dh_parameters: Option<&'a Path>,
    /// Demand a client certificate from this CA, a PEM file.
    pub(crate) client_ca: Option<&'a Path>,
}

impl<'a> Settings<'a> {
    /// One version and one suite with a certificate; X25519 in TLS 1.3 and secp256r1 before it.
    pub(crate) fn new(identity: &'a Identity, version: Version, suites: &'a [Suite]) -> Self {
        let group = if version == TLS13 { X25519 } else { SECP256R1 };
        Self { identity, version, suites, group, dh_parameters: None, client_ca: None }
    }
}

/// A protocol version: in reports, in `--tls`, and to each server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) name: &'static str,
    pub(crate) option: &'static str,
    pub(crate) openssl: &'static str,
    pub(crate) gnutls: &'static str,
    pub(crate) nginx: &'static str,
}

pub(crate) const TLS10: Version =
    Version { name: "TLS1.0", option: "1.0", openssl: "-tls1", gnutls: "VERS-TLS1.0", nginx: "TLSv1" };
pub(crate) const TLS11: Version =
    Version { name: "TLS1.1", option: "1.1", openssl: "-tls1_1", gnutls: "VERS-TLS1.1", nginx: "TLSv1.1" };
pub(crate) const TLS12: Version =
    Version { name: "TLS1.2", option: "1.2", openssl: "-tls1_2", gnutls: "VERS-TLS1.2", nginx: "TLSv1.2" };
pub(crate) const TLS13: Version =
    Version { name: "TLS1.3", option: "1.3", openssl: "-tls1_3", gnutls: "VERS-TLS1.3", nginx: "TLSv1.3" };

/// A cipher suite: in reports, to OpenSSL and nginx, and as the parts GnuTLS puts suites together from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) openssl: &'static str,
    pub(crate) gnutls: &'static str,
}

macro_rules! suites {
    ($($constant:ident = $code:literal $name:literal $openssl:literal $gnutls:literal;)+) => {
        $(pub(crate) const $constant: Suite =
            Suite { code: $code, name: $name, openssl: $openssl, gnutls: $gnutls };)+
    };
}

suites! {
    AES_256_GCM = "0x1302" "TLS_AES_256_GCM_SHA384" "TLS_AES_256_GCM_SHA384" "+AES-256-GCM:+AEAD";

    ECDHE_RSA_AES256_GCM = "0xC030" "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
        "ECDHE-RSA-AES256-GCM-SHA384" "+ECDHE-RSA:+AES-256-GCM:+AEAD";
    ECDHE_RSA_AES128_GCM = "0xC02F" "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        "ECDHE-RSA-AES128-GCM-SHA256" "+ECDHE-RSA:+AES-128-GCM:+AEAD";
    ECDHE_RSA_AES256_CBC_SHA384 = "0xC028" "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"
        "ECDHE-RSA-AES256-SHA384" "+ECDHE-RSA:+AES-256-CBC:+SHA384";
    ECDHE_RSA_AES128_CBC_SHA256 = "0xC027" "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"
        "ECDHE-RSA-AES128-SHA256" "+ECDHE-RSA:+AES-128-CBC:+SHA256";
    ECDHE_RSA_AES256_CBC_SHA = "0xC014" "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
        "ECDHE-RSA-AES256-SHA" "+ECDHE-RSA:+AES-256-CBC:+SHA1";
    RSA_AES128_CBC_SHA = "0x002F" "TLS_RSA_WITH_AES_128_CBC_SHA"
        "AES128-SHA" "+RSA:+AES-128-CBC:+SHA1";
    DHE_RSA_AES256_GCM = "0x009F" "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"
        "DHE-RSA-AES256-GCM-SHA384" "+DHE-RSA:+AES-256-GCM:+AEAD";

    ECDHE_ECDSA_AES256_GCM = "0xC02C" "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        "ECDHE-ECDSA-AES256-GCM-SHA384" "+ECDHE-ECDSA:+AES-256-GCM:+AEAD";
    ECDHE_ECDSA_AES256_CBC_SHA = "0xC00A" "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
        "ECDHE-ECDSA-AES256-SHA" "+ECDHE-ECDSA:+AES-256-CBC:+SHA1";
}

/// A named group: in reports and to nginx, to OpenSSL, to GnuTLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) openssl: &'static str,
    pub(crate) gnutls: &'static str,
}

pub(crate) const SECP256R1: Group = Group { name: "secp256r1", openssl: "P-256", gnutls: "GROUP-SECP256R1" };
pub(crate) const SECP384R1: Group = Group { name: "secp384r1", openssl: "P-384", gnutls: "GROUP-SECP384R1" };
pub(crate) const X25519: Group = Group { name: "x25519", openssl: "X25519", gnutls: "GROUP-X25519" };
