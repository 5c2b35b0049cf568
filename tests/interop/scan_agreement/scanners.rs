//! The scanners that people use, run as they are installed, and what they say in XML.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};
use tlsprobe::registry::{CipherSuite, ProtocolVersion};

use crate::program;
use crate::server::Server;

/// A scanner from the distribution's packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scanner {
    Sslscan,
    Nmap,
}

/// What a scanner found of one version.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of its list.
    pub(super) suites: Vec<CipherSuite>,
    /// Whose order it says is followed, if it says so.
    pub(super) order: Option<String>,
}

impl Scanner {
    pub(super) const ALL: [Self; 2] = [Self::Sslscan, Self::Nmap];

    /// The command that has to be installed.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Sslscan => "sslscan",
            Self::Nmap => "nmap",
        }
    }

    /// Scans this server for the versions it accepts, and the suites of each.
    pub(super) fn scan(self, server: &Server) -> BTreeMap<ProtocolVersion, Found> {
        let (address, port) = (server.address().to_string(), server.address().port().to_string());
        let arguments = match self {
            Self::Sslscan => vec![
                "--xml=-",
                "--no-cipher-details",
                "--no-compression",
                "--no-fallback",
                "--no-groups",
                "--no-heartbleed",
                "--no-renegotiation",
                "--no-check-certificate",
                &address,
            ],
            Self::Nmap => {
                vec!["-n", "-Pn", "-sT", "-p", &port, "--script", "ssl-enum-ciphers", "-oX", "-", "127.0.0.1"]
            }
        };
        let xml = String::from_utf8(program::run(self.command(), arguments)).expect("XML in UTF-8");
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(&xml, options).unwrap_or_else(|error| panic!("{error}:\n{xml}"));
        match self {
            Self::Sslscan => of_sslscan(&document),
            Self::Nmap => of_nmap(&document),
        }
    }
}

/// One element for each suite that was accepted.
fn of_sslscan(document: &Document<'_>) -> BTreeMap<ProtocolVersion, Found> {
    let mut found: BTreeMap<_, Found> = BTreeMap::new();
    for cipher in document.descendants().filter(|node| node.has_tag_name("cipher")) {
        let attribute = |name| cipher.attribute(name).expect("sslscan tells it of each suite");
        let suite = CipherSuite::parse(attribute("id")).expect("a number").suite;
        found.entry(version(attribute("sslversion"))).or_default().suites.push(suite);
    }
    found
}

/// A table for each version, with a table of suites in it, each of which is a table.
fn of_nmap(document: &Document<'_>) -> BTreeMap<ProtocolVersion, Found> {
    let script = document.descendants().find(|node| node.attribute("id") == Some("ssl-enum-ciphers"));
    let tables = script.into_iter().flat_map(|script| script.children()).filter(|node| node.has_tag_name("table"));
    let found = tables.map(|table| {
        let suites = keyed(table, "ciphers").into_iter().flat_map(|ciphers| ciphers.children());
        let names = suites.filter_map(|suite| keyed(suite, "name")?.text());
        // So it calls those of TLS 1.3.
        let names = names.map(|name| name.replacen("TLS_AKE_WITH_", "TLS_", 1));
        let suite = |name: String| CipherSuite::from_name(&name).unwrap_or_else(|| panic!("{name} is no suite"));
        let order = keyed(table, "cipher preference").and_then(|order| order.text()).map(str::to_owned);
        let name = table.attribute("key").expect("a table has the name of its version");
        (version(name), Found { suites: names.map(suite).collect(), order })
    });
    found.collect()
}

fn keyed<'a, 'input>(node: Node<'a, 'input>, key: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.attribute("key") == Some(key))
}

/// A version as OpenSSL writes it.
fn version(name: &str) -> ProtocolVersion {
    match name {
        "SSLv3" => ProtocolVersion::SSL3,
        "TLSv1.0" => ProtocolVersion::TLS1_0,
        "TLSv1.1" => ProtocolVersion::TLS1_1,
        "TLSv1.2" => ProtocolVersion::TLS1_2,
        "TLSv1.3" => ProtocolVersion::TLS1_3,
        _ => panic!("{name} is no version"),
    }
}
