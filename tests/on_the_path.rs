//! What a device on the way does to packets, which no endpoint on loopback can show: the hosts behind a TUN interface
//! answer as `support/far_side.py` says.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::process::Command;

use tlsprobe::finding::Finding;
use tlsprobe::report::Document;

#[path = "support/namespace.rs"]
mod namespace;

/// Starts the far side, waits until it is there, and ends it with the shell that all runs in.
const FAR_SIDE: &str = "python3 tests/support/far_side.py & trap \"kill $!\" EXIT\n\
    until ip -4 address show dev far0 2>/dev/null | grep -q 10.99; do sleep 0.05; done";

fn findings(address: &str) -> Vec<Finding> {
    let led_to = format!("::{address}:443");
    let run = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
        .args(["check", "sws", "--direct", "--timeout-hello", "1", "--format", "json", "--connect-to", &led_to])
        .output()
        .unwrap();
    let document: Document =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
    document.reports.into_iter().flat_map(|report| report.findings).collect()
}

fn why(findings: &[Finding], id: &str) -> String {
    findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("no {id}: {findings:#?}")).why.clone()
}

#[test]
fn a_reset_from_close_by_is_told_from_the_endpoints() {
    if !namespace::inside("a_reset_from_close_by_is_told_from_the_endpoints", FAR_SIDE) {
        return;
    }
    let findings = findings("10.99.0.10");
    let why_on_the_path = why(&findings, "reset-on-the-path");
    assert!(why_on_the_path.contains("a round trip takes"), "{why_on_the_path}");
    why(&findings, "hello-refused");
}

#[test]
fn a_hello_that_is_dropped_on_the_way_was_never_acknowledged() {
    if !namespace::inside("a_hello_that_is_dropped_on_the_way_was_never_acknowledged", FAR_SIDE) {
        return;
    }
    let why = why(&findings("10.99.0.20"), "hello-unanswered");
    assert!(why.contains("never acknowledged"), "{why}");
}
