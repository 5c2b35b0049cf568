//! The sweep of hello sizes against endpoints of the lab that have limits, over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::check::{Errand, Settings, Surroundings, ask_each};
use tlsprobe::lab::{self, Lab};
use tlsprobe::observation::{HelloSize, HelloSplit};
use tlsprobe::offer::Offer;
use tlsprobe::plan::Waits;
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};
use tlsprobe::target::{ConnectTo, Target};

async fn sweep(name: &str) -> Report {
    let lab = Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [7; 32])).await.unwrap();
    let endpoint = lab.find(name).unwrap();
    let target: Target = endpoint.host.parse().unwrap();
    // Short, so that silence is soon known; long enough for a busy machine to answer in.
    let waits = Waits { hello: Duration::from_millis(1500), ..Waits::default() };
    let connect_to = vec![ConnectTo::address(target.host.clone(), endpoint.address)];
    let settings = Settings { connect_to, waits, ..Settings::default() };
    let (_stopper, stop) = Stop::new();
    let context = Context::new(None, StdRng::seed_from_u64(1), stop);
    let surroundings = Surroundings { context, now: OffsetDateTime::now_utc() };
    ask_each(&Errand::HelloSizes(Offer::modern()), &[target], &settings, &surroundings).await.reports.remove(0)
}

fn way(report: &Report, split: HelloSplit, x25519mlkem768: bool) -> &HelloSize {
    let found =
        report.observations.hello_size.iter().find(|size| size.split == split && size.x25519mlkem768 == x25519mlkem768);
    found.unwrap_or_else(|| panic!("{split:?} is not known: {:?}", report.observations))
}

fn has_finding(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.id == "hello-size-limit")
}

#[tokio::test]
async fn a_server_without_a_limit_has_none() {
    let report = sweep("sws1").await;
    assert_eq!(report.observations.hello_size.len(), 6);
    for size in &report.observations.hello_size {
        assert_eq!((size.is_accepted(), size.largest, size.changes_at), (true, 16_384, None), "{size:?}");
    }
    assert!(!has_finding(&report) && report.observations.inconclusive.is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_device_that_swallows_hellos_over_512_bytes_is_found_to_the_byte() {
    let report = sweep("hello-limit-512").await;
    for split in [HelloSplit::OneRecord, HelloSplit::Records, HelloSplit::Segments] {
        let size = way(&report, split, false);
        assert_eq!((size.largest, size.changes_at, size.changes_to.as_deref()), (512, Some(513), Some("timeout")));
        let size = way(&report, split, true);
        assert_eq!((size.answer.as_str(), size.changes_at), ("timeout", None), "too long from the start");
    }
    assert!(has_finding(&report));
}

#[tokio::test]
async fn a_device_that_swallows_long_first_segments_lets_split_ones_through() {
    let report = sweep("segment-limit-1400").await;
    let whole = way(&report, HelloSplit::OneRecord, false);
    assert_eq!((whole.largest, whole.changes_at), (1400, Some(1401)));
    // It looks for the hello in the first segment alone.
    assert_eq!(way(&report, HelloSplit::Segments, false).answer, "timeout");
    assert!(has_finding(&report));
}

#[tokio::test]
async fn a_device_that_resets_on_split_records_is_found_at_the_smallest_size() {
    let report = sweep("split-record-reset").await;
    assert_eq!(way(&report, HelloSplit::Records, false).answer, "reset");
    assert_eq!(way(&report, HelloSplit::OneRecord, true).changes_at, None);
    let finding = report.findings.iter().find(|finding| finding.id == "hello-size-limit").unwrap();
    assert!(finding.why.contains("over records, reset at"), "{}", finding.why);
}

#[tokio::test]
async fn a_device_that_reads_one_segment_alone_is_found() {
    let report = sweep("first-segment-only").await;
    assert_eq!(way(&report, HelloSplit::Segments, false).answer, "timeout");
    assert_eq!(way(&report, HelloSplit::OneRecord, false).changes_at, None);
    assert!(has_finding(&report));
}
