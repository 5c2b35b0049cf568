//! `explain` as a program: codes in every writing that the field uses, logs of any size from files and pipes, and the
//! probes that a log leads to.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use time::OffsetDateTime;
use tlsprobe::lab::{Lab, Settings};

fn tlsprobe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.arg("explain").args(arguments).env("NO_COLOR", "1").env_remove("HTTPS_PROXY").stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> Output {
    tlsprobe(arguments).output().unwrap()
}

#[track_caller]
fn told(arguments: &[&str]) -> String {
    let output = output(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = output(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&told(&[arguments, &["--format", "json"]].concat())).unwrap()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

const LOG: &str = "2020-08-11 05:02:11.214 UTC\tInfo\tWsusService.4\tx\tSCHANNEL Protocols subkey for 'TLS 1.2' not found. \
                   Protocol is enabled\r\n\
                   2020-08-11 06:00:00.000 UTC\tError\tw3wp.9\tx\tSocketException: An existing connection was forcibly \
                   closed by the remote host\r\n";

#[test]
fn every_writing_of_a_code_is_a_code() {
    for (words, name) in [
        (&["0x80244021"][..], "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        (&["80244021"], "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        (&["-2145107935"], "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        (&["12175"], "ERROR_WINHTTP_SECURE_FAILURE"),
        (&["0x2f8f"], "ERROR_WINHTTP_SECURE_FAILURE"),
        (&["ERROR_WINHTTP_SECURE_FAILURE"], "ERROR_WINHTTP_SECURE_FAILURE"),
        (&["SEC_E_ILLEGAL_MESSAGE"], "SEC_E_ILLEGAL_MESSAGE"),
        (&["alert", "20"], "bad_record_mac"),
        (&["event", "36887"], "36887"),
        (&["CMGConnector_Clientcertificaterequired"], "CMGConnector_Clientcertificaterequired"),
    ] {
        assert_eq!(json(words)[0]["name"], name, "{words:?}");
    }
}

#[test]
fn flags_are_told_both_ways_on_the_command_line() {
    let text = told(&["0x9", "--as", "winhttp-flags"]);
    assert!(text.contains("CERT_REV_FAILED") && text.contains("INVALID_CA"), "{text}");
    let back = json(&["CERT_REV_FAILED", "INVALID_CA", "--as", "winhttp-flags"]);
    assert_eq!(back[0]["name"], "0x00000009");
    assert!(refused(&["9x", "--as", "winhttp-flags"]).contains("unknown code"));
    assert!(refused(&["20", "--as", "event"]).contains("unknown code"));
}

#[test]
fn a_log_is_told_from_a_file_and_from_standard_input_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "SoftwareDistribution.log", LOG.as_bytes());
    let from_file = json(&[&path]);
    assert_eq!(from_file["schema"], "tlsprobe-log/1");
    assert_eq!(from_file["problems"][0]["rules"][0]["id"], "wsus-import-tls10");
    assert_eq!(from_file["evidence"][0]["line"], 1);
    let text = told(&[&path]);
    assert!(text.contains(": 1 problem\n") && text.contains("import, by what wrote the entry"), "{text}");

    let mut child = tlsprobe(&["-", "--format", "json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(LOG.as_bytes()).unwrap();
    let piped: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(piped["problems"][0]["rules"], from_file["problems"][0]["rules"]);
    assert_eq!(piped["file"], "-");
}

#[test]
fn what_is_no_log_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let events = written(folder.path(), "System.evtx", b"ElfFile\0\0\0\0");
    assert!(refused(&[&events]).contains("wevtutil qe"));
    let packed = written(folder.path(), "logs.zip", b"PK\x03\x04\0\0\0\0");
    assert!(refused(&[&packed]).contains("is no text"));
    assert!(refused(&["no/such.log"]).contains("cannot read no/such.log: no such file or directory"));
    assert!(refused(&[folder.path().to_str().unwrap()]).contains("is a directory"));
    assert!(refused(&["0x80244021", "--probe"]).contains("--probe"));
    let log = written(folder.path(), "empty.log", b"");
    assert!(refused(&[&log, "--probe"]).contains("names no host"));
    for option in [["--dns", "192.0.2.53"], ["--port", "8443"], ["--close", "reset"], ["--client-key", "key.pem"]] {
        assert!(refused(&[&[log.as_str()], &option[..]].concat()).contains("--probe"), "{option:?}");
    }
    assert!(refused(&[&log, "--os", "2019"]).contains("--probe"));
    assert!(told(&[&log]).contains("no problem that is known here"));
}

#[test]
fn a_file_of_a_machine_is_told_as_what_it_says_of_it() {
    let text = told(&["testdata/machines/gpresult-english.html", "--os", "2016"]);
    assert!(text.contains("sync leg    sends a hello of TLS 1.2 at most"), "{text}");
    assert!(text.contains("suite order: TLS_"), "{text}");
    let report = json(&["testdata/machines/2012r2.json"]);
    assert_eq!(report["legs"][0]["leg"], "sync");
    assert!(report["machine"]["operating_system"].is_object());
    assert!(refused(&["testdata/machines/policies.reg", "--probe"]).contains("check wsus --machine"));
}

#[tokio::test]
async fn a_log_leads_to_its_probe_and_the_probe_to_the_rule() {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [7; 32])).await.unwrap();
    let lead = format!("::{}", lab.find("sws").unwrap().address);
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "SoftwareDistribution.log", LOG.as_bytes());
    let options = ["--probe", "--connect-to", &lead, "--os", "2016", "--dotnet-strong-crypto", "off"];
    let run = |format: &'static str| {
        let mut command = tlsprobe(&[&[path.as_str()], &options[..], &["--format", format]].concat());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };

    let output = run("json").await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = String::from_utf8(output.stderr).unwrap();
    assert!(asked.contains("asking, because the log points there: sws.update.microsoft.com:443"), "{asked}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sws = &report["probed"]["reports"][0];
    assert_eq!(sws["target"]["host"], "sws.update.microsoft.com");
    let found: Vec<&str> =
        sws["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert!(found.contains(&"wsus-import-tls10"), "{found:?}");
    assert!(
        report["problems"][0]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| found.contains(&rule["id"].as_str().unwrap()))
    );

    let text = String::from_utf8(run("text").await.unwrap().stdout).unwrap();
    assert!(text.contains("1. An existing connection") && text.contains("rule wsus-import-tls10"), "{text}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_reading_with_what_was_read() {
    use std::io::{BufRead, BufReader};
    let mut child = tlsprobe(&["-", "--format", "json", "-v"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than the head, so that the reading goes on behind it.
    for _ in 0..2000 {
        stdin.write_all(LOG.as_bytes()).unwrap();
    }
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("reading"), "{said}");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["interrupted"], true);
    assert_eq!(output.status.code(), Some(0));
    drop(stdin);
}
