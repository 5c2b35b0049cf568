//! How to speak to a proxy, whichever it is.

use std::path::PathBuf;
use std::str::FromStr;

use super::Credentials;
use crate::target::{Host, authority};

/// What a user may choose about the way through a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyOptions {
    /// Who we are, in place of what the proxy's URL says.
    pub credentials: Option<Credentials>,
    /// How to prove it.
    pub auth: AuthChoice,
    /// The version of HTTP in which CONNECT is sent.
    pub http: HttpVersion,
    /// How CONNECT names the target.
    pub by: ConnectBy,
    /// Whom to believe that an `https` proxy is the one.
    pub trust: ProxyTrust,
    /// Where Kerberos tickets come from; without it from where this system's Kerberos settings say.
    pub kdc: Option<Kdc>,
}

/// The version of HTTP in which CONNECT is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// With `Host` (RFC 9112 §3.2).
    #[default]
    Http11,
    /// For proxies that know no other (RFC 1945).
    Http10,
}

/// How CONNECT names the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectBy {
    /// By name: the proxy looks it up, and we do not.
    #[default]
    Name,
    /// By an address that we looked up.
    Address,
}

/// Whom to believe that an `https` proxy is the one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyTrust {
    /// The roots that this system trusts.
    #[default]
    System,
    /// The certificates in this PEM file, and no others.
    File(PathBuf),
    /// Whoever answers.
    Anyone,
}

/// `insecure`, or the path of a PEM file.
impl From<&str> for ProxyTrust {
    fn from(word: &str) -> Self {
        match word {
            "insecure" => Self::Anyone,
            path => Self::File(path.into()),
        }
    }
}

/// A way to prove to a proxy who one is, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthScheme {
    /// Kerberos, or NTLM where there is none, in SPNEGO (RFC 4559).
    Negotiate,
    /// NTLM's three messages (MS-NTHT).
    Ntlm,
    /// A hash over a nonce (RFC 7616).
    Digest,
    /// The password itself (RFC 7617).
    Basic,
}

impl AuthScheme {
    /// All of them, strongest first.
    pub const ALL: [Self; 4] = [Self::Negotiate, Self::Ntlm, Self::Digest, Self::Basic];

    /// The word on the command line and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Negotiate => "negotiate",
            Self::Ntlm => "ntlm",
            Self::Digest => "digest",
            Self::Basic => "basic",
        }
    }
}

/// Which schemes may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthChoice {
    /// The ones that the proxy offers, the strongest first, each tried once.
    #[default]
    Any,
    /// This one.
    Only(AuthScheme),
}

impl AuthChoice {
    /// Whether this scheme may be used.
    pub fn allows(self, scheme: AuthScheme) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == scheme,
        }
    }
}

impl FromStr for AuthChoice {
    type Err = OptionError;

    fn from_str(word: &str) -> Result<Self, OptionError> {
        if word.eq_ignore_ascii_case("any") {
            return Ok(Self::Any);
        }
        let named = AuthScheme::ALL.into_iter().find(|scheme| scheme.word().eq_ignore_ascii_case(word));
        named.map(Self::Only).ok_or(OptionError::Auth)
    }
}

impl FromStr for HttpVersion {
    type Err = OptionError;

    fn from_str(word: &str) -> Result<Self, OptionError> {
        match word {
            "1.1" => Ok(Self::Http11),
            "1.0" => Ok(Self::Http10),
            _ => Err(OptionError::Http),
        }
    }
}

/// Where Kerberos tickets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kdc {
    /// Its name or address.
    pub host: Host,
    /// Its TCP port.
    pub port: u16,
}

/// `host` or `host:port`; 88 unless said (RFC 4120 §7.2.2).
impl FromStr for Kdc {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let (host, port) = authority(text).ok_or(OptionError::Kdc)?;
        Ok(Self { host, port: port.unwrap_or(88) })
    }
}

/// An option's word that can't be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No such scheme.
    #[error("give any, basic, digest, ntlm or negotiate")]
    Auth,
    /// No such version.
    #[error("give 1.1 or 1.0")]
    Http,
    /// Not a host and port.
    #[error("give HOST or HOST:PORT, with [brackets] around an IPv6 address")]
    Kdc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_read_from_its_word() {
        for scheme in AuthScheme::ALL {
            assert_eq!(scheme.word().parse(), Ok(AuthChoice::Only(scheme)));
            assert!(AuthChoice::Any.allows(scheme));
        }
        assert_eq!("ANY".parse(), Ok(AuthChoice::Any));
        assert!("kerberos".parse::<AuthChoice>().unwrap_err().to_string().contains("negotiate"));
        assert!(!AuthChoice::Only(AuthScheme::Digest).allows(AuthScheme::Basic));
    }

    #[test]
    fn schemes_stand_in_the_order_of_their_strength() {
        assert!(AuthScheme::ALL.is_sorted());
        assert!(AuthScheme::Negotiate < AuthScheme::Basic);
    }

    #[test]
    fn a_kdc_has_port_88_unless_said() {
        let kdc = |text: &str| text.parse::<Kdc>().map(|kdc| (kdc.host.to_string(), kdc.port));
        assert_eq!(kdc("kdc.corp.example"), Ok(("kdc.corp.example".to_owned(), 88)));
        assert_eq!(kdc("[::1]:1088"), Ok(("::1".to_owned(), 1088)));
        assert_eq!(kdc("kdc:x"), Err(OptionError::Kdc));
    }

    #[test]
    fn trust_is_insecure_or_a_file() {
        assert_eq!(ProxyTrust::from("insecure"), ProxyTrust::Anyone);
        assert_eq!(ProxyTrust::from("proxy-ca.pem"), ProxyTrust::File("proxy-ca.pem".into()));
    }
}
