//! No peer makes one exchange hold more than 256 KiB, whatever it sends; and no log makes its reading hold more than 2 MiB.
//!
//! Measured by an allocator that counts, in a program of its own: one test, one thread.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "so a test fails, and says why")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::exchange::{Keep, Limits, Opening, Recorded, ask};
use tlsprobe::explain::log::LogReading;
use tlsprobe::offer::OfferSummary;
use tlsprobe::outcome::Timing;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

/// The most that one exchange may hold.
const LIMIT: usize = 256 * 1024;

/// And this for the report's data, which says what a certificate of 64 KiB may say: of many names, each by itself.
const REPORT_LIMIT: usize = 2 * 1024 * 1024;

/// What the pipe between the two holds by itself.
const PIPE: usize = 4 * 1024;

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator that counts and hands all else to the system's")]
// SAFETY: every call goes to `System` as it came; counting touches no memory that is handed out.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`, and `pointer` is of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that a peer sends over and over.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let record = |content_type: u8, body: &[u8]| {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[content_type, 3, 3][..], &length, body].concat()
    };
    // A ServerHello of TLS 1.2, behind which a flight may follow.
    let server_hello = [&[2, 0, 0, 38, 3, 3][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    // A Certificate message of the greatest length that is read, with one certificate of junk in it.
    let certificate = [&[11, 0, 0xff, 0xf0, 0, 0xff, 0xed, 0, 0xff, 0xea][..], &vec![0x30; 0xffea]].concat();
    let many = [&[11, 0, 0xff, 0xf0, 0, 0xff, 0xed][..], &[0, 0, 1, 0x30].repeat(0xffed / 4), &[0]].concat();
    let flight = |certificates: &[u8]| {
        let chunks = certificates.chunks(16_384).flat_map(|chunk| record(22, chunk));
        [record(22, &server_hello), chunks.collect()].concat()
    };
    vec![
        ("hello requests without end", record(22, &[0; 16_384])),
        ("hello requests one by one", record(22, &[0, 0, 0, 0])),
        ("a message without end", record(22, &[2, 0, 0xff, 0xf0])),
        ("warnings without end", record(21, &[1, 112])),
        ("clear text without end", b"HTTP/1.1 200 OK\r\nX: y\r\n".to_vec()),
        ("one huge certificate", flight(&certificate)),
        ("thousands of tiny certificates", flight(&many)),
        ("application data", record(23, &[0; 1000])),
    ]
}

async fn recorded(bytes: &[u8]) -> Recorded {
    let (mut near, mut far) = duplex(PIPE);
    let peer = async {
        far.read_exact(&mut [0; 5]).await.unwrap();
        while far.write_all(bytes).await.is_ok() {}
    };
    let limits = Limits {
        hello: Duration::from_secs(2),
        finished: Duration::from_secs(1),
        deadline: Instant::now() + Duration::from_secs(5),
    };
    let asked = async {
        let opening = Opening::exactly(b"hello");
        let mut random = StdRng::seed_from_u64(1);
        let recorded = ask(&mut near, opening, limits, &mut random, |_| None).await.unwrap();
        drop(near);
        recorded
    };
    tokio::join!(asked, peer).0
}

/// The most that reading a log may hold, however long it is.
const LOG_LIMIT: usize = 2 * 1024 * 1024;

/// A log as long as one likes: its name, and its pieces of some 64 KiB by their number.
type EndlessLog = (&'static str, Box<dyn Fn(usize) -> Vec<u8>>);

fn endless_logs() -> Vec<EndlessLog> {
    let wide = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let failures = |piece: usize| {
        let line = |line| {
            format!(
                "<![LOG[URL=https://h{piece}-{line}.example/ lpvStatusInformation is {piece:#x} failed 0x80072ee2 ({line})\
                 ]LOG]!><time=\"10:22:33.123+000\" date=\"10-28-2020\" thread=\"{piece}{line}\">\n"
            )
        };
        (0..400).map(line).collect::<Vec<String>>().concat()
    };
    vec![
        ("a line without end", Box::new(|_| vec![b'a'; 65_536])),
        ("a line without end in UTF-16", Box::new(move |_| wide("a".repeat(32_768)))),
        ("events without line ends", Box::new(|_| b"<Event><Data>Schannel 36887</Data></Event>".repeat(1500))),
        (
            "an entry without end",
            Box::new(|_| b"   at System.Net.TlsStream 0x80072ee2 https://a.example/\n".repeat(1000)),
        ),
        ("failures of ever new threads and hosts", Box::new(move |piece| failures(piece).into_bytes())),
        ("zeros", Box::new(|_| vec![0; 65_536])),
    ]
}

fn no_log_makes_its_reading_hold_more_than_2_mib() {
    const PIECES: usize = 300;
    LogReading::new("warm up").feed(b"0x80072ee2\n");
    for (name, piece) in endless_logs() {
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let mut reading = LogReading::new("endless.log");
        for number in 0..PIECES {
            reading.feed(&piece(number));
        }
        let report = reading.finish(false);
        let held = PEAK.load(Ordering::Relaxed) - before;
        println!("{name}: {} KiB at most, {} problems", held / 1024, report.problems.len());
        assert!(report.bytes > 15 << 20, "{name}: {}", report.bytes);
        assert!(held <= LOG_LIMIT, "{name}: {held} bytes");
    }
}

#[test]
fn what_comes_from_outside_is_held_within_bounds() {
    no_peer_makes_an_exchange_hold_more_than_256_kib();
    no_log_makes_its_reading_hold_more_than_2_mib();
}

fn no_peer_makes_an_exchange_hold_more_than_256_kib() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let hostile = hostile();
    runtime.block_on(recorded(b"warm up"));
    for (name, bytes) in &hostile {
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let recorded = runtime.block_on(recorded(bytes));
        let held = PEAK.load(Ordering::Relaxed) - before;
        let (offer, timing) = (OfferSummary::default(), Timing::default());
        let exchange = recorded.into_exchange("memory".to_owned(), offer.into(), timing, Keep::default());
        let reported = PEAK.load(Ordering::Relaxed) - before;
        println!("{name}: {} KiB at most, {}", held / 1024, exchange.outcome.answer.kind());
        assert!(held <= LIMIT, "{name}: {held} bytes");
        assert!(reported <= REPORT_LIMIT, "{name}: {reported} bytes");
    }
}
