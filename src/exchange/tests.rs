//! Exchanges over a pipe in memory, with paused time: every ending, byte by byte.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::{Limits, Opening, Recorded, ask};
use crate::outcome::{AfterAlert, Answer, CertificatesState, Stage};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry, SupportedVersions};
use crate::wire::handshake::{Certificate, HandshakeType, ServerHello, SessionId, message};
use crate::wire::record::{ContentType, write_records};

const HELLO: &[u8] = b"a hello of some kind";
const FATAL_40: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
const WARNING_112: [u8; 7] = [21, 3, 3, 0, 2, 1, 112];
const DONE: [u8; 4] = [14, 0, 0, 0];

fn limits() -> Limits {
    let (hello, finished) = (Duration::from_secs(10), Duration::from_secs(1));
    Limits { hello, finished, deadline: Instant::now() + Duration::from_secs(30) }
}

/// Writes these bytes, and reads what comes back.
async fn ask_over(stream: &mut DuplexStream, hello: &[u8]) -> Recorded {
    let mut random = StdRng::seed_from_u64(1);
    ask(stream, Opening::exactly(hello), limits(), &mut random, |_| None).await.unwrap()
}

/// Asks over a pipe whose far end does what the script says, once it has read the hello.
async fn ask_script<F>(script: impl FnOnce(DuplexStream) -> F + Send + 'static) -> Recorded
where
    F: Future<Output = ()> + Send,
{
    let (mut near, mut far) = duplex(1 << 20);
    let peer = tokio::spawn(async move {
        far.read_exact(&mut vec![0; HELLO.len()]).await.unwrap();
        script(far).await;
    });
    let recorded = ask_over(&mut near, HELLO).await;
    peer.abort();
    recorded
}

/// Asks a peer that writes these bytes and closes.
async fn ask_bytes(bytes: &[u8]) -> Recorded {
    let bytes = bytes.to_vec();
    ask_script(|mut far| async move {
        far.write_all(&bytes).await.unwrap();
    })
    .await
}

fn server_hello(version: ProtocolVersion, suite: u16, extensions: Vec<Extension>) -> ServerHello {
    ServerHello {
        legacy_version: version,
        random: [3; 32],
        session_id: SessionId(vec![9; 32]),
        cipher_suite: CipherSuite(suite),
        compression_method: 0,
        extensions: Some(Extensions(extensions)),
    }
}

fn hello_message(hello: &ServerHello) -> Vec<u8> {
    message(HandshakeType::SERVER_HELLO, hello)
}

fn records(payload: &[u8], fragment: usize) -> Vec<u8> {
    write_records(ContentType::HANDSHAKE, ProtocolVersion::TLS1_2, payload, fragment)
}

fn flight_messages() -> Vec<u8> {
    let hello = server_hello(ProtocolVersion::TLS1_2, 0x002f, vec![Extension::ExtendedMasterSecret]);
    let certificate = Certificate { entries: vec![b"no certificate at all".to_vec()] };
    [hello_message(&hello), message(HandshakeType::CERTIFICATE, &certificate), DONE.to_vec()].concat()
}

#[tokio::test(start_paused = true)]
async fn a_flight_is_read_to_its_end_however_it_is_split() {
    for fragment in [1, 7, 50, 16_384] {
        let recorded = ask_bytes(&records(&flight_messages(), fragment)).await;
        assert_eq!(recorded.outcome.stage, Stage::Hello);
        assert!(matches!(recorded.outcome.answer, Answer::ServerHello { .. }), "{:?}", recorded.outcome);
        let server = recorded.learned.server.unwrap();
        assert_eq!(server.version, ProtocolVersion::TLS1_2);
        assert!(server.extended_master_secret);
        assert_eq!(server.session_id_length, 32);
        assert_eq!(recorded.learned.certificates, [b"no certificate at all"]);
        assert_eq!(recorded.learned.certificates_state, CertificatesState::Read);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_1_3_hello_ends_the_reading_and_its_certificates_are_encrypted() {
    let share = KeyShareEntry { group: NamedGroup::X25519, key_exchange: vec![1; 32] };
    let extensions = vec![
        Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3)),
        Extension::KeyShare(KeyShare::Selected(share)),
    ];
    let hello = server_hello(ProtocolVersion::TLS1_2, 0x1301, extensions);
    let recorded = ask_bytes(&records(&hello_message(&hello), 16_384)).await;
    assert!(matches!(recorded.outcome.answer, Answer::ServerHello { .. }));
    assert_eq!(recorded.learned.certificates_state, CertificatesState::Encrypted);
    let key_exchange = recorded.learned.server.unwrap().key_exchange.unwrap();
    assert_eq!((key_exchange.kind.as_str(), key_exchange.group), ("ecdhe", Some(NamedGroup::X25519)));
}

#[tokio::test(start_paused = true)]
async fn a_retry_request_is_an_answer_of_its_own() {
    let extensions = vec![
        Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3)),
        Extension::KeyShare(KeyShare::RetryGroup(NamedGroup::SECP384R1)),
        Extension::Cookie(vec![1]),
    ];
    let random = ServerHello::HELLO_RETRY_REQUEST_RANDOM;
    let hello = ServerHello { random, ..server_hello(ProtocolVersion::TLS1_2, 0x1301, extensions) };
    let recorded = ask_bytes(&records(&hello_message(&hello), 16_384)).await;
    assert_eq!(recorded.outcome.answer, Answer::HelloRetryRequest { cookie: true });
    assert_eq!(recorded.outcome.stage, Stage::Hello);
    assert_eq!(recorded.learned.server.unwrap().key_exchange.unwrap().group, Some(NamedGroup::SECP384R1));
}

#[tokio::test(start_paused = true)]
async fn nothing_and_a_close_is_fin() {
    let recorded = ask_bytes(&[]).await;
    assert!(matches!(recorded.outcome.answer, Answer::Fin { received_bytes: 0, .. }));
    assert_eq!(recorded.outcome.stage, Stage::Hello);
}

#[tokio::test(start_paused = true)]
async fn a_close_in_the_middle_of_a_record_is_fin_with_its_bytes() {
    let flight = records(&flight_messages(), 16_384);
    for cut in [1, 3, 5, 20] {
        let recorded = ask_bytes(&flight[..cut]).await;
        assert!(matches!(recorded.outcome.answer, Answer::Fin { received_bytes, .. } if received_bytes == cut));
        assert_eq!(recorded.received, flight[..cut]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_after_the_server_hello_belongs_to_the_handshake() {
    let hello = server_hello(ProtocolVersion::TLS1_2, 0x002f, vec![]);
    let recorded = ask_bytes(&records(&hello_message(&hello), 16_384)).await;
    assert!(matches!(recorded.outcome.answer, Answer::Fin { .. }));
    assert_eq!(recorded.outcome.stage, Stage::Handshake);
    assert!(recorded.learned.server.is_some());

    let alert = [records(&hello_message(&hello), 16_384), FATAL_40.to_vec()].concat();
    let recorded = ask_bytes(&alert).await;
    assert!(matches!(recorded.outcome.answer, Answer::Alert { code: 40, .. }));
    assert_eq!(recorded.outcome.stage, Stage::Handshake);
}

#[tokio::test(start_paused = true)]
async fn an_alert_tells_what_came_behind_it() {
    let closed = ask_bytes(&FATAL_40).await;
    assert!(matches!(closed.outcome.answer, Answer::Alert { code: 40, then: AfterAlert::Fin, .. }));
    let open = ask_script(|mut far| async move {
        far.write_all(&FATAL_40).await.unwrap();
        sleep(Duration::from_secs(100)).await;
    })
    .await;
    assert!(matches!(open.outcome.answer, Answer::Alert { code: 40, then: AfterAlert::Open, .. }));
}

#[tokio::test(start_paused = true)]
async fn an_alert_may_be_split_over_records_and_reads_back_whole() {
    let split = [21, 3, 3, 0, 1, 2, 21, 3, 3, 0, 1, 70];
    assert!(matches!(ask_bytes(&split).await.outcome.answer, Answer::Alert { code: 70, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_warning_ends_nothing_unless_nothing_else_comes() {
    let flight = [WARNING_112.to_vec(), records(&flight_messages(), 16_384)].concat();
    let recorded = ask_bytes(&flight).await;
    assert!(matches!(recorded.outcome.answer, Answer::ServerHello { .. }));
    assert_eq!(recorded.learned.warning_alerts.len(), 1);

    let alone = ask_bytes(&WARNING_112).await;
    assert!(matches!(&alone.outcome.answer, Answer::Alert { level, code: 112, .. } if level == "warning"));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_read_while_the_hello_can_not_be_written() {
    let (mut near, mut far) = duplex(64);
    let peer = tokio::spawn(async move {
        far.write_all(&FATAL_40).await.unwrap();
        sleep(Duration::from_secs(100)).await;
    });
    let began = Instant::now();
    let recorded = ask_over(&mut near, &[22; 4096]).await;
    assert!(
        matches!(recorded.outcome.answer, Answer::Alert { code: 40, after_ms: ..100.0, .. }),
        "{:?}",
        recorded.outcome
    );
    assert!(began.elapsed() < Duration::from_secs(2));
    peer.abort();
}

#[tokio::test(start_paused = true)]
async fn a_hello_that_nobody_takes_is_waited_for_once() {
    let (mut near, far) = duplex(64);
    let recorded = ask_over(&mut near, &[22; 4096]).await;
    let Answer::Timeout { waiting_for, after_ms, .. } = recorded.outcome.answer else { panic!() };
    assert_eq!(waiting_for, "room to write the hello");
    assert!((after_ms - 10_000.0).abs() < 10.0, "{after_ms}");
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn pieces_of_a_hello_arrive_one_after_the_other_and_an_answer_to_the_first_is_read() {
    let (mut near, mut far) = duplex(1 << 20);
    let peer = async {
        let mut arrived = [0; 64];
        let first = far.read(&mut arrived).await.unwrap();
        let at = Instant::now();
        let second = far.read(&mut arrived[first..]).await.unwrap();
        assert_eq!(&arrived[..first + second], HELLO);
        assert!(at.elapsed() >= Duration::from_millis(20), "they came together");
        far.write_all(&FATAL_40).await.unwrap();
        drop(far);
        (first, second)
    };
    let in_pieces = || Opening { segments: 2, ..Opening::exactly(HELLO) };
    let mut random = StdRng::seed_from_u64(1);
    let (recorded, lengths) = tokio::join!(ask(&mut near, in_pieces(), limits(), &mut random, |_| None), peer);
    assert_eq!(lengths, (10, HELLO.len() - 10));
    assert!(matches!(recorded.unwrap().outcome.answer, Answer::Alert { code: 40, .. }));

    let (mut near, mut far) = duplex(1 << 20);
    let peer = async {
        far.read_exact(&mut [0; 10]).await.unwrap();
        far.write_all(&FATAL_40).await.unwrap();
        drop(far);
    };
    let (recorded, ()) = tokio::join!(ask(&mut near, in_pieces(), limits(), &mut random, |_| None), peer);
    assert!(matches!(recorded.unwrap().outcome.answer, Answer::Alert { code: 40, .. }), "the first piece was enough");
}

#[tokio::test(start_paused = true)]
async fn a_warning_that_was_the_answer_is_told_with_its_own_time() {
    let recorded = ask_script(|mut far| async move {
        sleep(Duration::from_millis(20)).await;
        far.write_all(&WARNING_112).await.unwrap();
        sleep(Duration::from_secs(100)).await;
    })
    .await;
    let Answer::Alert { after_ms, then: AfterAlert::Open, .. } = recorded.outcome.answer else { panic!() };
    assert!((after_ms - 20.0).abs() < 5.0, "{after_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_warnings_is_malformed() {
    let recorded = ask_bytes(&WARNING_112.repeat(100)).await;
    assert!(matches!(&recorded.outcome.answer, Answer::Malformed { field, .. } if field == "warning alerts"));
    assert!(recorded.learned.warning_alerts.len() <= 16);
}

#[tokio::test(start_paused = true)]
async fn a_version_of_dtls_is_read_as_what_its_form_is() {
    let hello = server_hello(ProtocolVersion(0xfefd), 0x002f, vec![]);
    let certificate = Certificate { entries: vec![b"x".to_vec()] };
    let messages = [hello_message(&hello), message(HandshakeType::CERTIFICATE, &certificate), DONE.to_vec()].concat();
    let recorded = ask_bytes(&records(&messages, 16_384)).await;
    assert_eq!(recorded.learned.certificates_state, CertificatesState::Read);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout_after_the_hello_wait() {
    let recorded = ask_script(|far| async move {
        sleep(Duration::from_secs(1000)).await;
        drop(far);
    })
    .await;
    let Answer::Timeout { waiting_for, received_bytes: 0, after_ms, .. } = recorded.outcome.answer else { panic!() };
    assert_eq!(waiting_for, "ServerHello");
    assert!((after_ms - 10_000.0).abs() < 10.0, "{after_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_byte_every_five_seconds_ends_with_the_exchange() {
    let began = Instant::now();
    let recorded = ask_script(|mut far| async move {
        for byte in records(&flight_messages(), 16_384) {
            sleep(Duration::from_secs(5)).await;
            far.write_all(&[byte]).await.unwrap();
        }
    })
    .await;
    assert!(matches!(recorded.outcome.answer, Answer::Timeout { received_bytes: 5..=6, .. }), "{:?}", recorded.outcome);
    assert!(began.elapsed() < Duration::from_secs(31));
}

#[tokio::test(start_paused = true)]
async fn drops_behind_an_alert_do_not_prolong_the_exchange() {
    let began = Instant::now();
    ask_script(|mut far| async move {
        far.write_all(&FATAL_40).await.unwrap();
        loop {
            sleep(Duration::from_millis(300)).await;
            if far.write_all(&[0]).await.is_err() {
                break;
            }
        }
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn clear_text_is_not_tls_and_is_named() {
    let recorded = ask_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let Answer::NotTls { first_bytes, looks_like } = recorded.outcome.answer else { panic!() };
    assert!(first_bytes.starts_with("485454502f"));
    assert_eq!(looks_like.as_deref(), Some("an HTTP answer: HTTP/1.1 400 Bad Request"));

    let garbage = ask_bytes(&[0x16, 0x99, 1, 2, 3]).await;
    assert!(matches!(garbage.outcome.answer, Answer::NotTls { looks_like: None, .. }));
}

#[tokio::test(start_paused = true)]
async fn an_oversized_record_is_malformed_as_soon_as_its_header_is_there() {
    let recorded = ask_bytes(&[22, 3, 3, 0x48, 0x01]).await;
    let Answer::Malformed { field, expected, .. } = recorded.outcome.answer else { panic!() };
    assert!(field.contains("record"), "{field}");
    assert!(expected.contains("18432"), "{expected}");
}

#[tokio::test(start_paused = true)]
async fn an_endless_message_is_malformed_on_sight() {
    let recorded = ask_bytes(&[22, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff]).await;
    assert!(matches!(recorded.outcome.answer, Answer::Malformed { .. }), "{:?}", recorded.outcome);
}

#[tokio::test(start_paused = true)]
async fn endless_records_are_cut_off() {
    let hello_requests = records(&[0; 16_384], 16_384);
    let recorded =
        ask_script(move |mut far| async move { while far.write_all(&hello_requests).await.is_ok() {} }).await;
    assert!(matches!(recorded.outcome.answer, Answer::Malformed { .. }), "{:?}", recorded.outcome);
    assert!(recorded.received.len() <= super::MAX_RECEIVED);
}

#[tokio::test(start_paused = true)]
async fn messages_out_of_place_are_malformed() {
    for payload in [
        DONE.to_vec(),
        [1, 0, 0, 0].to_vec(),
        [hello_message(&server_hello(ProtocolVersion::TLS1_2, 0x2f, vec![])), vec![20, 0, 0, 0]].concat(),
    ] {
        let recorded = ask_bytes(&records(&payload, 16_384)).await;
        assert!(
            matches!(&recorded.outcome.answer, Answer::Malformed { field, .. } if field == "handshake.msg_type"),
            "{:?}",
            recorded.outcome
        );
    }
    let application_data = ask_bytes(&[23, 3, 3, 0, 1, 0]).await;
    assert!(
        matches!(&application_data.outcome.answer, Answer::Malformed { field, .. } if field == "record.content_type")
    );
}

#[tokio::test(start_paused = true)]
async fn a_resumed_session_ends_the_flight_with_change_cipher_spec() {
    let hello = records(&hello_message(&server_hello(ProtocolVersion::TLS1_2, 0x002f, vec![])), 16_384);
    let recorded = ask_bytes(&[hello, vec![20, 3, 3, 0, 1, 1]].concat()).await;
    assert!(matches!(recorded.outcome.answer, Answer::ServerHello { .. }));
    assert_eq!(recorded.learned.certificates_state, CertificatesState::NotSent);
}

#[tokio::test(start_paused = true)]
async fn a_broken_certificate_message_is_malformed_and_said_to_be_unreadable() {
    let hello = hello_message(&server_hello(ProtocolVersion::TLS1_2, 0x002f, vec![]));
    let recorded = ask_bytes(&records(&[hello, vec![11, 0, 0, 4, 0, 0, 9, 1]].concat(), 16_384)).await;
    assert!(matches!(recorded.outcome.answer, Answer::Malformed { .. }));
    assert_eq!(recorded.learned.certificates_state, CertificatesState::Unreadable);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic_or_hang(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600), tls in proptest::bool::ANY) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let bytes = if tls { [vec![22, 3, 3, 1, 0], bytes].concat() } else { bytes };
        runtime.block_on(ask_bytes(&bytes));
    }
}
