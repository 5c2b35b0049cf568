//! The trace of RFC 8448 §3, and what no recorded flow has in it.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::testing::{client_of_the_trace, rfc8448};
use super::*;
use crate::wire::handshake::{HandshakeType, RawMessage};

fn random() -> StdRng {
    StdRng::seed_from_u64(1)
}

#[test]
fn the_trace_of_rfc_8448_section_3_replays_to_the_byte() {
    let mut client = client_of_the_trace(Depth::Finish);
    let flight = [rfc8448("server hello record"), rfc8448("server flight record")].concat();
    let Step { write, events } = client.receive(&flight, &mut random());
    assert_eq!(write, rfc8448("client finished record"));
    let told = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
    assert!(told(|event| matches!(event, Event::Certificate(chain) if chain.len() == 1)));
    assert!(
        told(|event| matches!(event, Event::Signature { check: SignatureCheck::Unknown, .. })),
        "a key of 1024 bits"
    );
    assert!(told(|event| matches!(event, Event::Completed { resumed: false, session: None })));

    let events = client.receive(&rfc8448("ticket record"), &mut random()).events;
    let Some(Event::Ticket(ticket)) = events.first() else { panic!("{events:?}") };
    assert_eq!(*ticket.psk, *rfc8448("resumption psk"));
    assert_eq!((ticket.lifetime.as_secs(), ticket.age_add), (30, 0xfad6_aac5));

    let data: Vec<u8> = (0..50).collect();
    assert_eq!(client.seal_application_data(&data, &mut random()), rfc8448("client data record"));
    let events = client.receive(&rfc8448("server data record"), &mut random()).events;
    assert!(matches!(events.as_slice(), [Event::ApplicationData(came)] if *came == data), "{events:?}");
    assert_eq!(client.close_notify(&mut random()), rfc8448("client alert record"));
    let events = client.receive(&rfc8448("server alert record"), &mut random()).events;
    assert!(matches!(events.as_slice(), [Event::Alert(_)]), "{events:?}");
    assert!(client.has_ended());
}

#[test]
fn the_secrets_of_the_trace_are_logged() {
    let mut client = client_of_the_trace(Depth::Finish);
    let flight = [rfc8448("server hello record"), rfc8448("server flight record")].concat();
    let events = client.receive(&flight, &mut random()).events;
    let lines: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::KeyLog(line) => Some(line.as_str().to_owned()),
            _ => None,
        })
        .collect();
    let client_random = "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7";
    let expected = [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "client handshake traffic secret"),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "server handshake traffic secret"),
        ("CLIENT_TRAFFIC_SECRET_0", "client application traffic secret"),
        ("SERVER_TRAFFIC_SECRET_0", "server application traffic secret"),
        ("EXPORTER_SECRET", "exporter master secret"),
    ];
    assert_eq!(lines, expected.map(|(label, name)| format!("{label} {client_random} {}", hex::encode(rfc8448(name)))));
}

#[test]
fn a_record_that_was_changed_does_not_open() {
    let mut client = client_of_the_trace(Depth::Finish);
    let mut flight = [rfc8448("server hello record"), rfc8448("server flight record")].concat();
    *flight.last_mut().unwrap() ^= 1;
    let Step { write, events } = client.receive(&flight, &mut random());
    assert!(write.is_empty());
    assert!(matches!(events.last(), Some(Event::Stopped(Stopped::BadRecord))), "{events:?}");
    assert!(client.has_ended());
}

#[test]
fn an_alert_in_clear_is_heard_even_where_records_should_be_protected() {
    let mut client = client_of_the_trace(Depth::Finish);
    client.receive(&rfc8448("server hello record"), &mut random());
    let events = client.receive(&[21, 3, 3, 0, 2, 2, 40], &mut random()).events;
    assert!(matches!(events.as_slice(), [Event::Alert(alert)] if alert.description.0 == 40), "{events:?}");
}

#[test]
fn a_message_may_not_reach_over_a_change_of_keys() {
    let mut client = client_of_the_trace(Depth::FirstFlight);
    let mut hello = rfc8448("server hello record");
    // The first bytes of another message in the same record.
    hello.extend([8, 0]);
    let length = u16::try_from(hello.len() - 5).unwrap().to_be_bytes();
    hello[3..5].copy_from_slice(&length);
    let events = client.receive(&hello, &mut random()).events;
    assert!(matches!(events.last(), Some(Event::Stopped(Stopped::Malformed { .. }))), "{events:?}");
}

#[test]
fn a_finished_that_does_not_follow_is_told_apart_from_an_alert() {
    let mut client = client_of_the_trace(Depth::Finish);
    client.receive(&rfc8448("server hello record"), &mut random());
    let messages = [
        (HandshakeType::ENCRYPTED_EXTENSIONS, vec![0, 0]),
        (HandshakeType::CERTIFICATE, vec![0, 0, 0, 0]),
        (HandshakeType::CERTIFICATE_VERIFY, vec![8, 4, 0, 0]),
    ];
    for (msg_type, body) in messages {
        client.read_message(&RawMessage { msg_type, body }, &mut random()).unwrap();
    }
    let finished = RawMessage { msg_type: HandshakeType::FINISHED, body: vec![0; 32] };
    assert_eq!(client.read_message(&finished, &mut random()), Err(Stopped::WrongFinished));
}

#[test]
fn warnings_without_end_are_cut_off() {
    let mut client = client_of_the_trace(Depth::Finish);
    let events = client.receive(&[21, 3, 3, 0, 2, 1, 112].repeat(100), &mut random()).events;
    assert!(matches!(events.last(), Some(Event::Stopped(Stopped::Malformed { .. }))), "{events:?}");
    assert_eq!(events.len(), 17);
}

/// Takes a client of the trace through this many messages of the flight.
fn client_after(messages: usize) -> Client {
    let mut client = client_of_the_trace(Depth::Finish);
    client.receive(&rfc8448("server hello record"), &mut random());
    let plain = [
        (HandshakeType::ENCRYPTED_EXTENSIONS, vec![0, 0]),
        (HandshakeType::CERTIFICATE, vec![0, 0, 0, 0]),
        (HandshakeType::CERTIFICATE_VERIFY, vec![8, 4, 0, 0]),
    ];
    for (msg_type, body) in plain.into_iter().take(messages) {
        client.read_message(&RawMessage { msg_type, body }, &mut random()).unwrap();
    }
    client
}

proptest! {
    #[test]
    fn no_message_in_any_state_makes_a_client_panic(
        messages in 0_usize..4,
        msg_type in prop::sample::select(vec![0_u8, 2, 4, 8, 11, 13, 15, 20, 24, 25, 99]),
        body in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let message = RawMessage { msg_type: HandshakeType(msg_type), body };
        let mut client = client_after(messages);
        client.read_message(&message, &mut random()).ok();
        // After the handshake too.
        let mut client = client_of_the_trace(Depth::Finish);
        client.receive(&[rfc8448("server hello record"), rfc8448("server flight record")].concat(), &mut random());
        client.read_message(&message, &mut random()).ok();
    }
}
