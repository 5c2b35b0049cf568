//! What `scan` says of a server, and the bytes that it rests on.

use std::collections::BTreeMap;

use serde_json::Value;
use tlsprobe::registry::{CipherSuite, ProtocolVersion};
use tlsprobe::wire::Wire;
use tlsprobe::wire::handshake::{ClientHello, HandshakeType, MessageReader, ServerHello};
use tlsprobe::wire::record::{ContentType, Record};

use crate::probe::{Answer, scan};
use crate::server::Server;

/// What it says of one version.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) accepted: Vec<CipherSuite>,
    pub(super) order: String,
}

/// What it says, and the hellos of every exchange in which a server answered.
pub(super) struct Ours {
    pub(super) versions: BTreeMap<ProtocolVersion, Told>,
    pub(super) answer: Answer,
    hellos: Vec<(ClientHello, ServerHello)>,
}

impl Ours {
    pub(super) fn of(server: &Server) -> Self {
        let answer = scan(server, "--only versions,suites,order --evidence bytes --sni name.test");
        let told = answer.observation("/cipher_suites");
        let told = told.as_object().into_iter().flatten().filter_map(|(version, told)| {
            let suites = told.get("accepted")?.as_array()?;
            let code = |suite: &Value| CipherSuite::parse(suite.get("code")?.as_str()?).ok().map(|parsed| parsed.suite);
            let accepted: Vec<_> = suites.iter().filter_map(code).collect();
            assert_eq!(accepted.len(), suites.len(), "each has its number");
            let order = told.get("order").and_then(Value::as_str).unwrap_or_default().to_owned();
            (!accepted.is_empty()).then_some((version_of(version), Told { accepted, order }))
        });
        let exchanges = answer.report("/exchanges");
        let hellos = exchanges.as_array().into_iter().flatten().filter_map(|exchange| {
            let sent = ClientHello::from_bytes(&first_message(exchange, "sent", HandshakeType::CLIENT_HELLO)?).ok()?;
            let received = first_message(exchange, "received", HandshakeType::SERVER_HELLO)?;
            Some((sent, ServerHello::from_bytes(&received).ok()?))
        });
        Self { versions: told.collect(), hellos: hellos.collect(), answer }
    }

    /// Whether a server's hello has come that chooses this suite in this version, of which both were offered.
    pub(super) fn is_proven(&self, version: ProtocolVersion, suite: CipherSuite) -> bool {
        let chooses = |(sent, received): &(ClientHello, ServerHello)| {
            received.negotiated_version() == version
                && received.cipher_suite == suite
                && sent.cipher_suites.contains(&suite)
        };
        self.hellos.iter().any(chooses)
    }

    /// Whether in this version a suite was chosen though the client would have liked another better that is accepted too:
    /// no server does so that follows the client's order.
    pub(super) fn goes_against_the_clients_order(&self, version: ProtocolVersion) -> bool {
        let Some(told) = self.versions.get(&version) else { return false };
        let goes_against = |(sent, received): &(ClientHello, ServerHello)| {
            let first = sent.cipher_suites.iter().find(|suite| told.accepted.contains(suite));
            received.negotiated_version() == version && first.is_some_and(|first| *first != received.cipher_suite)
        };
        self.hellos.iter().any(goes_against)
    }
}

/// The first message of a side, where it is of this type.
fn first_message(exchange: &Value, side: &str, msg_type: HandshakeType) -> Option<Vec<u8>> {
    let bytes = hex::decode(exchange.pointer(&format!("/evidence/{side}"))?.as_str()?).ok()?;
    let (mut rest, mut messages) = (bytes.as_slice(), MessageReader::new());
    while let Some((record, length)) = Record::parse(rest).ok()? {
        if record.content_type != ContentType::HANDSHAKE {
            return None;
        }
        messages.push(record.fragment);
        if let Some(message) = messages.next().ok()? {
            return (message.msg_type == msg_type).then_some(message.body);
        }
        rest = rest.get(length..)?;
    }
    None
}

fn version_of(name: &str) -> ProtocolVersion {
    match name {
        "SSL3" => ProtocolVersion::SSL3,
        "TLS1.0" => ProtocolVersion::TLS1_0,
        "TLS1.1" => ProtocolVersion::TLS1_1,
        "TLS1.2" => ProtocolVersion::TLS1_2,
        "TLS1.3" => ProtocolVersion::TLS1_3,
        _ => panic!("{name} is no version of these servers"),
    }
}
