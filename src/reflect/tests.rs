//! Connections over a pipe in memory: what arrives comes back to the byte, and nothing holds a reflector up.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::conversation::{Conversation, converse};
use super::{Limits, Reflector, Settings};
use crate::offer::{FreshValues, Offer};
use crate::reflected::{Arrived, Reflected};

fn hello() -> Vec<u8> {
    let fresh = FreshValues { random: [1; 32], session_id: [2; 32], key_shares: Vec::new() };
    Offer { record_split: 100, ..Offer::modern() }.records(Some("a.example"), &fresh)
}

/// What a client with this script gets back, and what the reflector says of it.
async fn reflect<F: Future<Output = DuplexStream>>(
    settings: Settings,
    script: impl FnOnce(DuplexStream) -> F,
) -> (Vec<u8>, Conversation) {
    let reflector = Reflector::new(settings).unwrap();
    let (near, far) = duplex(1 << 20);
    let client = async {
        let mut near = script(near).await;
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.unwrap();
        answer
    };
    tokio::join!(client, converse(&reflector, far, "192.0.2.1:50000".parse().unwrap(), StdRng::seed_from_u64(1)))
}

const RAW: Settings =
    Settings { raw: true, limits: Limits { connections: 1, bytes: 1000, time: Duration::from_secs(10) } };

fn read(answer: &[u8]) -> Reflected {
    Reflected::from_json(std::str::from_utf8(answer).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_hello_comes_back_to_the_byte_with_its_reads() {
    let hello = hello();
    let (answer, said) = reflect(RAW, |mut near| async {
        near.write_all(&hello[..50]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        near.write_all(&hello[50..]).await.unwrap();
        near
    })
    .await;
    let reflected = read(&answer);
    assert_eq!((reflected.arrived, &reflected.bytes), (Arrived::Hello, &hello));
    assert_eq!(reflected.reads, [50, hello.len() - 50]);
    assert_eq!(said.server_name.as_deref(), Some("a.example"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_hello_or_only_a_part_is_told_as_that() {
    let (answer, _) = reflect(RAW, |mut near| async {
        near.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        near
    })
    .await;
    assert_eq!(read(&answer).arrived, Arrived::NoHello);

    let (answer, _) = reflect(RAW, |mut near| async {
        near.write_all(&hello()[..60]).await.unwrap();
        near
    })
    .await;
    let reflected = read(&answer);
    assert_eq!((reflected.arrived, reflected.bytes.len()), (Arrived::PartOfAHello, 60), "its time was over");

    let (answer, said) = reflect(Settings { raw: false, ..RAW }, |mut near| async {
        near.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        near
    })
    .await;
    assert_eq!((answer, said.answer.as_str()), (Vec::new(), "nothing"));
}

#[tokio::test(start_paused = true)]
async fn a_hello_without_end_is_cut_off_at_the_limit_of_bytes() {
    let endless = |mut near: DuplexStream| async {
        near.write_all(&[22, 3, 1, 0x40, 0]).await.unwrap();
        near.write_all(&[1; 16_384]).await.unwrap();
        near
    };
    let (answer, _) = reflect(RAW, endless).await;
    let reflected = read(&answer);
    assert_eq!((reflected.arrived, reflected.bytes.len()), (Arrived::TooMuch, 1000));
    let (answer, _) = reflect(Settings { raw: false, ..RAW }, endless).await;
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 22], "record_overflow");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_neither_speaks_nor_closes_is_left_after_its_time() {
    let began = tokio::time::Instant::now();
    let (answer, said) = reflect(Settings { raw: false, ..RAW }, |near| async { near }).await;
    assert_eq!((answer, said.reflected.bytes.len()), (Vec::new(), 0));
    assert!(began.elapsed() <= 2 * RAW.limits.time, "{:?}", began.elapsed());
}
