//! Whole runs of the program: the demo, its JSON against the schema it prints, and an early end.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "so a test fails, and says why")]

#[cfg(target_os = "linux")]
#[path = "support/namespace.rs"]
mod namespace;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tlsprobe::report::Document;

fn tlsprobe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.args(arguments).env("NO_COLOR", "1");
    command
}

fn output(arguments: &[&str]) -> Output {
    tlsprobe(arguments).output().unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn fits_the_schema(document: &Value) {
    let schema = json(&output(&["list", "schema"]).stdout);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(document).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_demo_shows_what_its_lab_was_scripted_to_show() {
    // A proxy that nobody runs: the demo must not go there.
    let demo = tlsprobe(&["demo"]).env("HTTPS_PROXY", "http://127.0.0.1:1").output().unwrap();
    let text = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{text}");
    for host in ["sws", "sws1", "fe2"] {
        assert!(text.contains(&format!("\n{host}.update.microsoft.com:443\n")) || text.starts_with(host), "{text}");
    }
    assert!(text.contains("refuses TLS 1.0") && text.contains("← RST after"), "{text}");
    assert!(text.contains("CONNECT through http://127.0.0.1:"), "{text}");
    assert!(text.contains("the proxy answered HTTP 407") && text.contains("the proxy answered HTTP 502"), "{text}");
    assert!(text.contains("not TLS") && text.contains("looks like an HTTP answer: HTTP/1.1 403 Forbidden"), "{text}");
    assert!(
        text.ends_with("12 endpoints, 80 connections: 6 as expected, 3 not as expected,\n3 did not take it up\n"),
        "{text}"
    );
    for told in ["trusted, cmg.contoso.com, issued by tlsprobe lab", "rule certificate-expired", "rule cmg-forbidden"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains('\x1b'), "colour without a terminal");
}

#[test]
fn the_demos_json_fits_the_schema_and_says_what_the_lab_did() {
    let document = json(&output(&["demo", "--format", "json"]).stdout);
    fits_the_schema(&document);

    let read: Document = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), document, "nothing is lost on the way back");

    let sws = &document["reports"][0];
    assert_eq!(sws["target"]["host"], "sws.update.microsoft.com");
    assert_eq!(sws["observations"]["versions"]["TLS1.0"], "refused");
    assert_eq!(sws["observations"]["versions"]["TLS1.2"], "accepted");
    assert_eq!(sws["observations"]["cipher_suites"]["TLS1.2"]["accepted"].as_array().unwrap().len(), 4);
    assert_eq!(sws["connections"], sws["exchanges"].as_array().unwrap().len());
    let fe2 = &document["reports"][2];
    assert_eq!(fe2["exchanges"][0]["outcome"]["kind"], "fin");
    let cmg = &document["reports"][3];
    assert_eq!(cmg["observations"]["certificate_request"]["requested"], true);
    let wsus = &document["reports"][4]["observations"]["http"];
    assert_eq!(wsus[0]["url"], "http://wsus.contoso.com:8530/selfupdate/wuident.cab");
    assert!(wsus.as_array().unwrap().iter().all(|http| http["status"] == 200));
    let through = &document["reports"][5];
    assert_eq!(through["route"]["kind"], "http_connect");
    assert_eq!(through["observations"]["versions"], sws["observations"]["versions"]);
    assert_eq!(through["observations"]["cipher_suites"], sws["observations"]["cipher_suites"]);
    for place in [0, 1, 3, 5] {
        assert_eq!(document["reports"][place]["observations"]["trust"]["lab"]["verdict"], "trusted", "{place}");
    }
    let faulty: Vec<&Value> = (9..12).map(|place| &document["reports"][place]["findings"][0]["id"]).collect();
    assert_eq!(faulty, ["certificate-expired", "certificate-wrong-name", "cmg-forbidden"]);
    let kinds: Vec<&Value> = (6..9).map(|n| &document["reports"][n]["exchanges"][0]["outcome"]["kind"]).collect();
    assert_eq!(kinds, ["proxy_status", "proxy_status", "not_tls"]);
    let states: Vec<&Value> = (0..6)
        .flat_map(|number| document["reports"][number]["observations"]["expectations"].as_array().unwrap())
        .map(|expectation| &expectation["state"])
        .collect();
    assert!(states.into_iter().all(|state| state == "held"));
}

#[test]
fn a_line_of_jsonl_is_a_report_by_itself() {
    let lines = output(&["demo", "--format", "jsonl"]);
    let lines = String::from_utf8(lines.stdout).unwrap();
    let hosts: Vec<Value> = lines.lines().map(|line| json(line.as_bytes())["target"]["host"].clone()).collect();
    assert_eq!(hosts.len(), 12);
    assert_eq!(hosts[3], "cmg.contoso.com");
}

#[test]
fn a_report_goes_whole_into_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let demo = output(&["demo", "--format", "json", "--output", file.to_str().unwrap()]);
    assert!(demo.status.success() && demo.stdout.is_empty());
    fits_the_schema(&json(&std::fs::read(&file).unwrap()));
}

/// Asks an endpoint that accepts and says nothing, so that the run lasts until it is ended.
fn check_of_silence(options: &[&str]) -> (TcpListener, Command) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let mut command = tlsprobe(&["check", &target, "--format", "json", "--timeout-hello", "60"]);
    command.args(options).stdout(Stdio::piped());
    (listener, command)
}

fn ended_early(document: &Value, why: &str) {
    fits_the_schema(document);
    assert_eq!(document["interrupted"], true);
    let observations = &document["reports"][0]["observations"];
    assert_eq!(observations["versions"]["TLS1.2"], "inconclusive");
    assert!(observations["inconclusive"][0]["why"].as_str().unwrap().contains(why), "{observations}");
}

#[test]
fn the_deadline_ends_a_run_with_what_is_done() {
    let (_listener, mut command) = check_of_silence(&["--deadline", "0.3"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    ended_early(&json(&output.stdout), "deadline");
}

/// A server that answers every hello by an alert, but for those of TLS 1.0, to which it says nothing.
fn silent_to_tls10() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for peer in listener.incoming() {
            let mut peer = peer.unwrap();
            let mut hello = [0; 11];
            if peer.read_exact(&mut hello).is_ok() && hello[9..] != [3, 1] {
                let _ = peer.write_all(&[21, 3, 3, 0, 2, 2, 40]);
            }
            held.push(peer);
        }
    });
    target
}

#[test]
fn answers_that_came_before_the_end_of_the_run_are_kept() {
    let target = silent_to_tls10();
    let output = output(&["check", &target, "--format", "json", "--timeout-hello", "60", "--deadline", "5"]);
    let document = json(&output.stdout);
    let report = &document["reports"][0];
    let purposes: Vec<&str> =
        report["exchanges"].as_array().unwrap().iter().map(|exchange| exchange["purpose"].as_str().unwrap()).collect();
    let asked: std::collections::BTreeSet<&str> = purposes[..5].iter().copied().collect();
    assert_eq!(asked, ["baseline", "small hello", "tls1.1", "tls1.2", "tls1.3"].into());
    let ids: Vec<u64> = report["exchanges"].as_array().unwrap().iter().map(|it| it["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>(), "what was cut off leaves no gap");
    assert_eq!(report["connections"], ids.len() + 1, "the one that was cut off was spent all the same");
    assert_eq!(report["observations"]["versions"]["TLS1.0"], "inconclusive");
    assert_eq!(report["observations"]["versions"]["TLS1.2"], "refused");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_with_what_is_done() {
    for signal in ["-INT", "-TERM"] {
        let (listener, mut command) = check_of_silence(&[]);
        let mut child = command.spawn().unwrap();
        // Once it has connected, it is listening for signals.
        let (_peer, _) = listener.accept().unwrap();
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let mut text = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(3));
        ended_early(&json(&text), "interrupted");
    }
}

/// An endpoint that resets every third connection and closes the others.
#[test]
fn what_fails_now_and_then_shows_as_k_of_n() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        for connection in 1..=9 {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            if connection % 3 == 0 {
                socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
            }
        }
    });
    let repeated = |more: &[&str]| output(&[&["probe", &address, "--repeat", "9"], more].concat());
    let run = repeated(&["--format", "json", "--interval", "0.001"]);
    served.join().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let document = json(&run.stdout);
    fits_the_schema(&document);
    let report = &document["reports"][0];
    let repetition = &report["observations"]["repetition"];
    assert_eq!((&repetition["of"], &report["connections"]), (&9.into(), &9.into()));
    let outcomes = repetition["outcomes"].as_array().unwrap();
    let told: Vec<_> =
        outcomes.iter().map(|it| (it["kind"].as_str().unwrap(), it["count"].as_u64().unwrap())).collect();
    assert_eq!(told, [("fin", 6), ("reset", 3)]);

    // Nobody listens any more: a way that fails is an outcome like any other, and no reason to stop asking.
    let text = String::from_utf8(repeated(&[]).stdout).unwrap();
    assert!(text.contains("of 9 hellos") && text.contains("9 ended in refused at connect"), "{text}");
    assert_eq!(text.matches("SYN to").count(), 1, "one of a kind is shown: {text}");
}

#[test]
fn a_code_is_explained_in_every_usual_writing() {
    let explained = |words: &[&str]| {
        let output = output(&[&["explain"], words].concat());
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = explained(&["0x80244021"]);
    assert!(text.contains("HTTP status 502 received") && text.contains("tlsprobe check"), "{text}");
    assert_eq!(explained(&["-2145107935"]), text);
    assert!(explained(&["alert", "20"]).contains("bad_record_mac"));
    assert!(json(&output(&["explain", "event", "36887", "--format", "json"]).stdout)[0].is_object());

    let unknown = output(&["explain", "SEC_E_ILLEGAL_MESAGE"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("SEC_E_ILLEGAL_MESSAGE"));
}

/// A name cannot be looked up where no resolver is configured; an address can be asked all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_failure_on_this_side_leaves_the_other_reports() {
    let no_resolver = "empty=$(mktemp); trap 'rm -f $empty' EXIT; mount --bind $empty /etc/resolv.conf";
    if !namespace::inside("a_failure_on_this_side_leaves_the_other_reports", no_resolver) {
        return;
    }
    let output = output(&["probe", "127.0.0.1:1", "a.example", "--direct", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("cannot read the system's resolver configuration"), "{errors}");
    let document = json(&output.stdout);
    assert_eq!(document["reports"].as_array().unwrap().len(), 1);
    assert_eq!(document["reports"][0]["exchanges"][0]["outcome"]["kind"], "refused");
}
