//! Subject alternative names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use x509_parser::extensions::GeneralName;

use super::distinguished_name::DistinguishedName;
use super::oid::dotted;

/// One name of the extension `subjectAltName` (RFC 5280 §4.2.1.6).
///
/// Its text is its form, a colon and the name, as OpenSSL writes it in a configuration: `DNS:www.example.com`. A `#` in
/// place of the colon says that the octets follow in hex, for names that are not text or not what their form promises.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AltName {
    /// dNSName: `DNS:www.example.com`, perhaps with a wildcard.
    Dns(String),
    /// iPAddress: `IP:192.0.2.1` or `IP:2001:db8::1`.
    Ip(IpAddr),
    /// uniformResourceIdentifier: `URI:https://www.example.com/`.
    Uri(String),
    /// rfc822Name: `email:someone@example.com`.
    Email(String),
    /// directoryName: `DirName:C=US, O=Example Ltd`.
    Directory(String),
    /// registeredID: `RID:1.2.3.4`.
    RegisteredId(String),
    /// Anything else: `otherName(1.3.6.1.4.1.311.20.2.3)#a003…`, `X400#…`, `IP#c00002`, `DNS#ff`.
    Octets {
        /// Its form; no colon or `#` in it.
        form: String,
        /// Its contents octets.
        octets: Vec<u8>,
    },
}

impl AltName {
    pub(super) fn read(name: &GeneralName<'_>) -> Self {
        let octets = |form: &str, octets: &[u8]| Self::Octets { form: form.to_owned(), octets: octets.to_vec() };
        match name {
            GeneralName::DNSName(name) => Self::Dns((*name).to_owned()),
            GeneralName::RFC822Name(name) => Self::Email((*name).to_owned()),
            GeneralName::URI(name) => Self::Uri((*name).to_owned()),
            GeneralName::IPAddress(address) => ip_address(address).map_or_else(|| octets("IP", address), Self::Ip),
            GeneralName::DirectoryName(name) => match DistinguishedName::read(name.as_raw()) {
                Ok(name) => Self::Directory(name.text),
                Err(_) => octets("DirName", name.as_raw()),
            },
            GeneralName::RegisteredID(oid) => Self::RegisteredId(dotted(oid)),
            GeneralName::OtherName(oid, value) => {
                octets(&format!("otherName({})", dotted(oid).replace('#', "0x")), value)
            }
            GeneralName::X400Address(address) => octets("X400", address.data),
            GeneralName::EDIPartyName(party) => octets("EDIParty", party.data),
            GeneralName::Invalid(tag, bytes) => match tag.0 {
                0 => octets("otherName", bytes),
                1 => octets("email", bytes),
                2 => octets("DNS", bytes),
                4 => octets("DirName", bytes),
                6 => octets("URI", bytes),
                tag => octets(&format!("[{tag}]"), bytes),
            },
        }
    }
}

/// Four octets are IPv4, sixteen IPv6, and nothing else is an address.
fn ip_address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(octets).ok().map(IpAddr::from);
    v4().or_else(v6)
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Uri(uri) => write!(f, "URI:{uri}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Directory(name) => write!(f, "DirName:{name}"),
            Self::RegisteredId(oid) => write!(f, "RID:{oid}"),
            Self::Octets { form, octets } => write!(f, "{form}#{}", hex::encode(octets)),
        }
    }
}

/// No [`AltName`] has this text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no alternative name: it needs a form and a colon, as in DNS:www.example.com")]
pub struct NotAnAltName(String);

impl FromStr for AltName {
    type Err = NotAnAltName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once([':', '#']).and_then(|(form, name)| {
            if text.as_bytes().get(form.len()) == Some(&b'#') {
                return Some(Self::Octets { form: form.to_owned(), octets: hex::decode(name).ok()? });
            }
            match form {
                "DNS" => Some(Self::Dns(name.to_owned())),
                "IP" => name.parse().ok().map(Self::Ip),
                "URI" => Some(Self::Uri(name.to_owned())),
                "email" => Some(Self::Email(name.to_owned())),
                "DirName" => Some(Self::Directory(name.to_owned())),
                "RID" => Some(Self::RegisteredId(name.to_owned())),
                _ => None,
            }
        });
        parsed.ok_or_else(|| NotAnAltName(text.to_owned()))
    }
}

impl Serialize for AltName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AltName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for AltName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AltName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "form:name as in DNS:www.example.com, or form#hex where it is not text",
            "pattern": "^[^:#]+[:#]",
        })
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::asn1_rs::Tag;

    use super::*;

    #[test]
    fn every_form_reads_back_from_its_text() {
        for text in [
            "DNS:*.example.com",
            "DNS:a#b:c",
            "IP:192.0.2.1",
            "IP:2001:db8::1",
            "URI:https://www.example.com/a:b#c",
            "email:someone@example.com",
            r"DirName:C=US, O=Comma\, Ltd",
            "RID:1.2.3.4",
            "otherName(1.2.3)#0c0161",
            "DNS#ff",
            "[9]#",
        ] {
            assert_eq!(text.parse::<AltName>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn text_without_a_form_is_no_alternative_name() {
        for text in ["", "www.example.com", "IP:example", "tel:+1", "DNS#xyz"] {
            assert!(text.parse::<AltName>().unwrap_err().to_string().contains("is no alternative name"), "{text}");
        }
    }

    #[test]
    fn an_address_of_five_octets_is_kept_as_octets() {
        assert_eq!(AltName::read(&GeneralName::IPAddress(&[192, 0, 2, 1])).to_string(), "IP:192.0.2.1");
        assert_eq!(AltName::read(&GeneralName::IPAddress(&[192, 0, 2, 1, 9])).to_string(), "IP#c000020109");
    }

    #[test]
    fn a_name_that_is_not_utf8_keeps_its_form_and_its_octets() {
        let read = |tag, octets| AltName::read(&GeneralName::Invalid(Tag(tag), octets)).to_string();
        assert_eq!(read(2, b"a\xff"), "DNS#61ff");
        assert_eq!(read(6, b"\xff"), "URI#ff");
        assert_eq!(read(17, b"\xff"), "[17]#ff");
    }
}
