//! The capture is read back block by block, packet by packet.

use super::*;
use crate::outcome::testing::ended;
use crate::outcome::{Evidence, EvidenceTurn, Stage, Timing};
use crate::plan::Route;

fn exchange(stage: Stage, answer: Answer, sent: &str, received: &str) -> Exchange {
    let timing_ms = Timing { connect: Some(20.0), first_byte: Some(21.0), total: 50.0, ..Timing::default() };
    let evidence = Some(Evidence {
        sent: sent.to_owned(),
        received: received.to_owned(),
        turns: Vec::new(),
        application_data: None,
    });
    Exchange { timing_ms, evidence, ..ended(1, stage, answer) }
}

fn document(address: Option<&str>, exchanges: Vec<Exchange>) -> Document {
    let mut target: crate::target::Target = "sws.update.microsoft.com".parse().unwrap();
    target.address = address.map(|address| address.parse().unwrap());
    let report = Report {
        target,
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        connections: exchanges.len(),
        cost: None,
        exchanges,
        observations: Box::default(),
        findings: Vec::new(),
    };
    Document::new("2026-01-01T00:00:00Z".to_owned(), false, vec![report])
}

/// What one packet says.
#[derive(Debug, PartialEq)]
struct Read {
    at_ms: u64,
    from_port: u16,
    sequence: u32,
    flags: u8,
    payload: Vec<u8>,
}

/// The packets of a capture over IPv4 or IPv6; the blocks must fit together without a gap.
fn read(capture: &[u8]) -> Vec<Read> {
    let (mut rest, mut packets) = (capture, Vec::new());
    while !rest.is_empty() {
        let word = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let (kind, length) = (word(0), usize::try_from(word(4)).unwrap());
        assert_eq!((length % 4, usize::try_from(word(length - 4)).unwrap()), (0, length));
        if kind == 6 {
            let microseconds = u64::from(word(12)) << 32 | u64::from(word(16));
            let bytes = &rest[28..28 + usize::try_from(word(20)).unwrap()];
            let tcp = &bytes[if bytes[0] >> 4 == 4 { 20 } else { 40 }..];
            packets.push(Read {
                at_ms: (microseconds - 1_767_225_600_000_000) / 1000,
                from_port: u16::from_be_bytes([tcp[0], tcp[1]]),
                sequence: u32::from_be_bytes(tcp[4..8].try_into().unwrap()),
                flags: tcp[13],
                payload: tcp[20..].to_vec(),
            });
        }
        rest = &rest[length..];
    }
    packets
}

const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 21.0 };

#[test]
fn a_refused_hello_is_a_handshake_a_segment_and_a_reset() {
    let packets = read(&pcap(&document(Some("192.0.2.7:443"), vec![exchange(Stage::Hello, RESET, "160301", "")])));
    let told: Vec<_> = packets.iter().map(|it| (it.at_ms, it.from_port, it.sequence, it.flags)).collect();
    let (ours, theirs) = (49152, 443);
    assert_eq!(
        told,
        [
            (0, ours, 0, 0x02),
            (20, theirs, 0, 0x12),
            (20, ours, 1, 0x10),
            (20, ours, 1, 0x18),
            (20, theirs, 1, 0x10),
            (50, theirs, 1, 0x14),
        ]
    );
    assert_eq!(packets[3].payload, [0x16, 3, 1]);
}

#[test]
fn a_long_answer_comes_in_segments_that_follow_each_other_over_ipv6_too() {
    let long = "ab".repeat(3000);
    let answer = Answer::ServerHello { received_bytes: 3000, not_finished: None };
    let packets = read(&pcap(&document(Some("[2001:db8::7]:443"), vec![exchange(Stage::Hello, answer, "16", &long)])));
    let theirs: Vec<&Read> = packets.iter().filter(|it| it.from_port == 443 && !it.payload.is_empty()).collect();
    assert_eq!(theirs.iter().map(|it| it.payload.len()).collect::<Vec<_>>(), [1440, 1440, 120]);
    assert_eq!(theirs.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1, 1441, 2881]);
    assert!(theirs.iter().all(|it| it.at_ms == 41));
    // We close what is still open.
    assert_eq!(packets[packets.len() - 3].from_port, 49152);
}

#[test]
fn exchanges_follow_each_other_on_ports_of_their_own() {
    let packets = read(&pcap(&document(None, vec![exchange(Stage::Hello, RESET, "16", ""); 2])));
    let second: Vec<&Read> = packets.iter().filter(|it| it.from_port == 49153).collect();
    assert_eq!((second[0].at_ms, second[0].flags), (50, 0x02));
}

#[test]
fn what_never_came_to_a_connection_with_the_endpoint_has_no_packets() {
    let refused = Answer::Refused { after_ms: 1.0 };
    let unasked = ended(3, Stage::Hello, RESET);
    for exchange in
        [exchange(Stage::Connect, refused.clone(), "16", ""), exchange(Stage::Proxy, refused, "", ""), unasked]
    {
        assert_eq!(read(&pcap(&document(None, vec![exchange]))), []);
    }
}

#[test]
fn a_capture_says_what_of_it_is_made_up_and_what_each_connection_asked() {
    let capture = pcap(&document(None, vec![exchange(Stage::Hello, RESET, "16", "")]));
    let text = String::from_utf8_lossy(&capture).into_owned();
    assert!(text.contains("headers, ports and segments are reconstructed"), "{text}");
    assert!(text.contains("sws.update.microsoft.com:443: #1 test, which ended in reset"), "{text}");
}

#[test]
fn what_took_turns_is_captured_in_turns() {
    let completed = Answer::ServerHello { received_bytes: 6, not_finished: None };
    let mut exchange = exchange(Stage::Hello, completed, "160301000117", "150301000228");
    exchange.evidence.as_mut().unwrap().turns = vec![EvidenceTurn { sent: 2, received: 3 }];
    let packets = read(&pcap(&document(None, vec![exchange])));
    let told: Vec<_> = packets.iter().filter(|it| !it.payload.is_empty()).collect();
    let ports: Vec<u16> = told.iter().map(|it| it.from_port).collect();
    assert_eq!(ports, [49152, 443, 49152, 443]);
    let payloads: Vec<&[u8]> = told.iter().map(|it| it.payload.as_slice()).collect();
    assert_eq!(payloads, [&[0x16, 3][..], &[0x15, 3, 1], &[1, 0, 1, 0x17], &[0, 2, 0x28]]);
}
