//! `--pcap`: what Wireshark makes of a capture, and that no credential is in it, nor in anything else that is written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

#[macro_use]
#[path = "interop/program.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod program;

use std::path::Path;
use std::process::Output;

use time::OffsetDateTime;
use tlsprobe::lab::{Lab, Settings};
use tokio::process::Command;

const USER: &str = "bobby";
const PASSWORD: &str = "hunter2";
/// `bobby:hunter2` in base64.
const PAIR: &str = "Ym9iYnk6aHVudGVyMg";

async fn lab() -> Lab {
    Lab::start(&Settings::new(OffsetDateTime::now_utc(), [8; 32])).await.unwrap()
}

async fn tlsprobe(arguments: &[&str], capture: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.args(arguments).arg("--pcap").arg(capture).output().await.unwrap()
}

/// The fields of the frames of a capture that a filter lets through.
fn tshark(capture: &Path, filter: &str, field: &str) -> Vec<String> {
    tshark_with(capture, "ip.check_checksum:TRUE", filter, field)
}

/// The same with a preference of its own.
fn tshark_with(capture: &Path, preference: &str, filter: &str, field: &str) -> Vec<String> {
    let file = capture.to_str().unwrap();
    let checks = ["-o", "tcp.check_checksum:TRUE", "-o", preference];
    let read = ["-r", file, "-Y", filter, "-T", "fields", "-e", field];
    let told = String::from_utf8(program::run("tshark", checks.into_iter().chain(read))).unwrap();
    told.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn wireshark_reads_every_hello_answer_and_end_on_both_ways() {
    needs!("tshark");
    let lab = lab().await;
    let proxy = format!("http://{}", lab.find("proxy").unwrap().address);
    let sws = format!("::{}", lab.find("sws").unwrap().address);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, pem::encode(&pem::Pem::new("CERTIFICATE", lab.root()))).unwrap();
    for way in [["--direct", "--connect-to", &sws], ["--proxy", &proxy, "--ip=first"]] {
        let capture = folder.path().join("check.pcapng");
        let check = ["check", "sws", "--format", "json", "--trust", root.to_str().unwrap()];
        let output = tlsprobe(&[&check, &way[..]].concat(), &capture).await;
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let exchanges = document.pointer("/reports/0/exchanges").unwrap().as_array().unwrap();
        assert!(exchanges.iter().all(|exchange| exchange.get("evidence").is_none()), "nobody asked for it");
        let of_kind = |kind: &str| {
            let is = |exchange: &&serde_json::Value| exchange.pointer("/outcome/kind").unwrap() == kind;
            exchanges.iter().filter(is).count()
        };

        let names = tshark(&capture, "tls.handshake.type == 1", "tls.handshake.extensions_server_name");
        assert_eq!(names, vec!["sws.update.microsoft.com"; exchanges.len()], "{way:?}");
        let accepted = tshark(&capture, "tls.handshake.type == 2", "tls.handshake.ciphersuite");
        assert!(accepted.len() == of_kind("server_hello") && accepted.len() >= 6, "{accepted:?}");
        let resets = tshark(&capture, "tcp.flags.reset == 1", "tcp.srcport");
        assert!(resets.len() == of_kind("reset") && resets.len() >= 3, "{resets:?}");
        let faults =
            "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment";
        assert_eq!(tshark(&capture, faults, "frame.number"), [""; 0], "{way:?}");
    }
}

#[tokio::test]
async fn wireshark_opens_a_finished_handshake_with_the_logged_keys() {
    needs!("tshark");
    let lab = lab().await;
    let to = format!("::{}", lab.find("every-version").unwrap().address);
    let folder = tempfile::tempdir().unwrap();
    let (capture, keys) = (folder.path().join("finished.pcapng"), folder.path().join("keys.txt"));
    let key_log = format!("tls.keylog_file:{}", keys.display());
    // In TLS 1.3 the certificates are sealed too, and the ticket behind our Finished.
    for (version, sealed) in [("1.2", "20"), ("1.2", "4"), ("1.3", "20"), ("1.3", "11"), ("1.3", "4")] {
        let ask = ["probe", "every-version.lab.test", "--direct", "--connect-to", &to, "--finish", "--tls", version];
        let output = tlsprobe(&[&ask[..], &["--keylog", keys.to_str().unwrap()]].concat(), &capture).await;
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));

        let filter = format!("tls.handshake.type == {sealed}");
        let senders = tshark_with(&capture, &key_log, &filter, "tcp.srcport");
        let expected = if sealed == "20" { 2 } else { 1 };
        assert_eq!(senders.len(), expected, "TLS {version}, message {sealed}: {senders:?}");
        let unopened = usize::from((version, sealed) == ("1.2", "4"));
        assert_eq!(tshark(&capture, &filter, "tcp.srcport").len(), unopened, "TLS {version} without the keys");
        assert_eq!(tshark_with(&capture, &key_log, "_ws.malformed", "frame.number"), [""; 0], "TLS {version}");
    }
}

#[tokio::test]
async fn no_credential_is_in_a_capture_a_report_a_log_or_an_error() {
    let lab = lab().await;
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("probe.pcapng");
    // One proxy lets everybody through, one nobody, one answers with a page; and one is not there.
    for name in ["proxy", "proxy-407", "proxy-200-block-page", "refused"] {
        let proxy = format!("http://{USER}:{PASSWORD}@{}", lab.find(name).unwrap().address);
        for (format, auth) in [("text", "any"), ("json", "basic"), ("jsonl", "digest"), ("json", "ntlm")] {
            let options = ["--format", format, "--proxy", &proxy, "--proxy-auth", auth];
            let arguments =
                [&["probe", "sws.update.microsoft.com", "-vvv", "--evidence", "bytes"], &options[..]].concat();
            let output = tlsprobe(&arguments, &capture).await;
            let captured = std::fs::read(&capture).unwrap();
            let said = [output.stdout, output.stderr, captured].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(said.contains("sws.update.microsoft.com"), "{name}: {said}");
            for secret in [USER, PASSWORD, PAIR] {
                assert!(!said.contains(secret), "{secret} through {name} by {auth}: {said}");
                assert!(!said.contains(&hex::encode(secret)), "{secret} in hex through {name} by {auth}");
            }
        }
    }
}

#[tokio::test]
async fn a_capture_that_cant_be_written_is_known_before_anything_is_asked() {
    let output = tlsprobe(&["probe", "127.0.0.1:1", "--direct"], Path::new("/nonexistent/a.pcapng")).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("cannot write /nonexistent/a.pcapng") && errors.contains("--pcap"), "{errors}");
    assert!(output.stdout.is_empty());
}
