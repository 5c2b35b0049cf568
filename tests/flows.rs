//! Recorded handshakes, replayed: `testdata/flows/` holds what OpenSSL and GnuTLS answered to our own bytes. The same
//! randomness and the same answers have to make the same bytes again.
//!
//! `scripts/record-flows` records them anew.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "so a test fails, and says why")]

#[path = "flows/recorder.rs"]
mod recorder;

use std::fs;
use std::time::Duration;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use tlsprobe::exchange::{Fresh, fresh_values};
use tlsprobe::handshake::{
    Client, ClientHelloSent, Depth, Event, KeyChoice, KeyShares, OnHelloRequest, Options, PskSession, Session, Step,
    offer_psk,
};
use tlsprobe::offer::{ExtensionOffer, NO_SPLIT, Offer};
use tlsprobe::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use tlsprobe::wire::extension::Extension;

const FOLDER: &str = "testdata/flows";

/// The age of a ticket when it is offered, in every flow.
const AGE: Duration = Duration::from_millis(1234);

/// What a flow was recorded with, and what went to and fro.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Flow {
    /// The program, and its options.
    server: Vec<String>,
    hello: HelloOf,
    /// How a second connection asks for the session of the first.
    resume: Option<Resume>,
    connections: Vec<Connection>,
}

/// The hello of a flow.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct HelloOf {
    version: String,
    suites: Vec<String>,
    /// The groups offered, if not those of the default offer; and those that shares are sent for.
    groups: Vec<String>,
    key_shares: Option<Vec<String>>,
    /// Extensions in hex, by their names, and those left out.
    extensions: Vec<(String, String)>,
    without: Vec<String>,
    /// Zero bytes that the shared secret is to begin with.
    leading_zeros: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Resume {
    SessionId,
    Ticket,
    Psk,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Connection {
    turns: Vec<Turn>,
    /// What was learned, in short.
    events: Vec<String>,
}

/// One thing that went one way, in hex, or that we did of our own accord.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Turn {
    Sent(String),
    Received(String),
    Renegotiate,
    Close,
}

/// What a connection left for the next one.
#[derive(Default)]
struct Left {
    session: Option<Box<Session>>,
    psk: Option<Box<PskSession>>,
}

impl HelloOf {
    fn offer(&self) -> Offer {
        let mut offer = Offer::for_version(ProtocolVersion::parse(&self.version).unwrap());
        if !self.suites.is_empty() {
            offer.cipher_suites = self.suites.iter().map(|suite| CipherSuite::parse(suite).unwrap().suite).collect();
            offer.cipher_suites.push(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
        }
        let groups = |names: &[String]| names.iter().map(|name| NamedGroup::parse(name).unwrap()).collect::<Vec<_>>();
        if !self.groups.is_empty() {
            offer.set_groups(&groups(&self.groups));
        }
        if let Some(shares) = &self.key_shares {
            offer.put_extension(ExtensionOffer::KeyShare(groups(shares)));
        }
        for (name, body) in &self.extensions {
            let body = Extension::Other(name.parse_type(), hex::decode(body).unwrap());
            offer.put_extension(ExtensionOffer::Exactly(body));
        }
        for name in &self.without {
            offer.remove_extension(name.as_str().parse_type());
        }
        offer.record_split = NO_SPLIT;
        offer
    }
}

trait ParseType {
    fn parse_type(&self) -> tlsprobe::registry::ExtensionType;
}

impl<T: AsRef<str>> ParseType for T {
    fn parse_type(&self) -> tlsprobe::registry::ExtensionType {
        tlsprobe::registry::ExtensionType::parse(self.as_ref()).unwrap()
    }
}

/// The hello of one connection of a flow, and the client that has sent it.
fn begin(flow: &Flow, number: usize, left: &mut Left, depth: Depth, random: &mut StdRng) -> (Vec<u8>, Client) {
    let options = Options { depth, on_hello_request: OnHelloRequest::Renegotiate, ..Options::default() };
    begin_with(options, flow, number, left, random)
}

/// The same, with these options besides the flow's own.
fn begin_with(options: Options, flow: &Flow, number: usize, left: &mut Left, random: &mut StdRng) -> (Vec<u8>, Client) {
    let offer = flow.hello.offer();
    let Fresh { values, key_shares } = fresh_values(&offer, random);
    let mut hello = offer.client_hello(Some("localhost"), &values);
    if number > 0 {
        match flow.resume {
            Some(Resume::SessionId) => left.session.as_ref().unwrap().offer_by_id(&mut hello),
            Some(Resume::Ticket) => left.session.as_ref().unwrap().offer_by_ticket(&mut hello),
            Some(Resume::Psk) => offer_psk(&mut hello, left.psk.as_ref().unwrap(), AGE),
            None => {}
        }
    }
    let sent = offer.in_records(&hello);
    let key_choice = match flow.hello.leading_zeros {
        0 => KeyChoice::Ordinary,
        zeros => KeyChoice::LeadingZeros(zeros),
    };
    let options = Options { key_choice, session: left.session.take(), psk_session: left.psk.take(), ..options };
    let client = Client::new(ClientHelloSent::new(&sent, key_shares), options);
    (sent, client)
}

fn random(number: usize) -> StdRng {
    StdRng::seed_from_u64(u64::try_from(number).unwrap())
}

/// An event in a word, or more where that says too little.
fn in_short(event: &Event) -> String {
    match event {
        Event::Completed { resumed, .. } => format!("Completed, resumed: {resumed}"),
        Event::Alert(alert) => format!("Alert {}", alert.description),
        Event::Warning(alert) => format!("Warning {}", alert.description),
        Event::Signature { check, .. } => format!("Signature {check:?}"),
        Event::Stopped(stopped) => format!("Stopped {stopped:?}"),
        other => {
            let debug = format!("{other:?}");
            debug.split(['(', ' ']).next().unwrap().to_owned()
        }
    }
}

/// Keeps what a later connection needs.
fn keep(events: Vec<Event>, left: &mut Left) {
    for event in events {
        match event {
            Event::Completed { session: Some(session), .. } => left.session = Some(session),
            Event::Ticket(ticket) if left.psk.is_none() => left.psk = Some(ticket),
            _ => {}
        }
    }
}

/// Plays one connection, in pieces of at most so many bytes.
fn replay(flow: &Flow, number: usize, left: &mut Left, piece: usize) {
    let connection = &flow.connections[number];
    let mut random = random(number);
    let (sent, mut client) = begin(flow, number, left, Depth::Finish, &mut random);
    let mut turns = connection.turns.iter();
    assert_eq!(turns.next(), Some(&Turn::Sent(hex::encode(sent))), "the hello");
    let (mut events, mut written, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for turn in turns {
        match turn {
            Turn::Sent(bytes) => expected.extend(hex::decode(bytes).unwrap()),
            Turn::Received(bytes) => {
                for piece in hex::decode(bytes).unwrap().chunks(piece) {
                    let Step { write, events: told } = client.receive(piece, &mut random);
                    written.extend(write);
                    events.extend(told.iter().map(in_short));
                    keep(told, left);
                }
            }
            Turn::Renegotiate => written.extend(client.renegotiate(&mut random)),
            Turn::Close => written.extend(client.close_notify(&mut random)),
        }
    }
    assert_eq!(hex::encode(written), hex::encode(expected));
    // Application data comes in as many events as records, whatever the pieces.
    assert_eq!(events, connection.events);
}

fn flows() -> Vec<(String, Flow)> {
    let mut files: Vec<_> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let flow = serde_json::from_str(&fs::read_to_string(&path).unwrap());
        (path.file_stem().unwrap().to_string_lossy().into_owned(), flow.unwrap())
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_flow_replays_to_the_byte_however_its_bytes_come() {
    let flows = flows();
    assert_eq!(flows.len(), recorder::SPECIFIED.len());
    for (name, flow) in flows {
        println!("{name}");
        for piece in [usize::MAX, 100, 1] {
            let mut left = Left::default();
            (0..flow.connections.len()).for_each(|number| replay(&flow, number, &mut left, piece));
        }
    }
}

#[test]
fn every_flow_came_to_the_end_it_was_made_for() {
    for (name, flow) in flows() {
        let specified = recorder::SPECIFIED.iter().find(|specified| specified.name == name).unwrap();
        let events = &flow.connections.last().unwrap().events;
        let wanted = specified.comes_to;
        assert!(events.iter().any(|event| event == wanted), "{name}: {wanted} is not among {events:?}");
        assert!(!events.iter().any(|event| event.contains("Signature Invalid")), "{name}: {events:?}");
    }
}

#[test]
fn a_servers_wish_to_negotiate_again_is_answered_as_it_is_to_be() {
    let flows = flows();
    let (_, flow) = flows.iter().find(|(name, _)| name.contains("openssl-tls12-asks-for-a-certificate-later")).unwrap();
    // The record's content type, and its length: an explicit nonce, two bytes of an alert, and a tag.
    let no_renegotiation: &[u8] = &[21, 3, 3, 0, 8 + 2 + 16];
    for (wish, answer) in [(OnHelloRequest::Ignore, &[][..]), (OnHelloRequest::Refuse, no_renegotiation)] {
        let mut random = random(0);
        let options = Options { depth: Depth::Finish, on_hello_request: wish, ..Options::default() };
        let (_, mut client) = begin_with(options, flow, 0, &mut Left::default(), &mut random);
        let received = flow.connections[0].turns.iter().filter_map(|turn| match turn {
            Turn::Received(bytes) => Some(hex::decode(bytes).unwrap()),
            _ => None,
        });
        let steps = received.map(|bytes| client.receive(&bytes, &mut random));
        let asked = |step: &Step| step.events.iter().any(|event| matches!(event, Event::HelloRequest));
        let step = steps.into_iter().find(asked).unwrap();
        assert_eq!(step.write.get(..answer.len()), Some(answer), "{wish:?}");
        assert_eq!(step.write.len(), if answer.is_empty() { 0 } else { 5 + 26 }, "{wish:?}");
        assert!(!client.has_ended(), "{wish:?}: the connection goes on");
    }
}

#[test]
fn the_first_flight_alone_is_read_without_a_byte_of_ours() {
    for (name, flow) in flows() {
        let (_, mut client) = begin(&flow, 0, &mut Left::default(), Depth::FirstFlight, &mut random(0));
        let mut events = Vec::new();
        for turn in &flow.connections[0].turns {
            let Turn::Received(bytes) = turn else { continue };
            let Step { write, events: told } = client.receive(&hex::decode(bytes).unwrap(), &mut random(0));
            assert!(write.is_empty(), "{name}");
            events.extend(told.iter().map(in_short));
            if client.has_ended() {
                break;
            }
        }
        assert_eq!(events.last().map(String::as_str), Some("FlightEnds"), "{name}: {events:?}");
        let retry_alone = flow.hello.key_shares.is_some();
        assert_eq!(events.iter().any(|event| event == "Certificate"), !retry_alone, "{name}: {events:?}");
    }
}

#[test]
fn without_the_private_keys_a_tls_1_3_flight_stays_encrypted() {
    let (_, flow) = flows().into_iter().find(|(name, _)| name == "openssl-tls13-x25519").unwrap();
    let Turn::Sent(hello) = &flow.connections[0].turns[0] else { panic!("a flow begins with a hello") };
    let sent = ClientHelloSent::new(&hex::decode(hello).unwrap(), KeyShares::default());
    let mut client = Client::new(sent, Options::default());
    let Turn::Received(answer) = &flow.connections[0].turns[1] else { panic!("the hello was answered") };
    let events = client.receive(&hex::decode(answer).unwrap(), &mut random(0)).events;
    assert!(matches!(events.last(), Some(Event::FlightEnds { encrypted: true })), "{events:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Each flow up to some point, then a byte of it changed, a part left out, or rubbish.
    #[test]
    fn no_change_of_a_flow_makes_a_client_panic(
        at in any::<prop::sample::Index>(),
        change in any::<u8>(),
        cut in 0_usize..40,
        rubbish in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        for (_, flow) in flows() {
            let mut random = random(0);
            let (_, mut client) = begin(&flow, 0, &mut Left::default(), Depth::Finish, &mut random);
            let received: Vec<u8> = flow.connections[0].turns.iter().flat_map(|turn| match turn {
                Turn::Received(bytes) => hex::decode(bytes).unwrap(),
                _ => Vec::new(),
            }).collect();
            let at = at.index(received.len());
            let mut changed = received[..at].to_vec();
            changed.push(received[at] ^ change);
            changed.extend(&rubbish);
            changed.extend(received.iter().skip(at + 1 + cut));
            for piece in changed.chunks(1000) {
                client.receive(piece, &mut random);
            }
        }
    }
}
