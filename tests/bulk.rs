//! Very many targets: each is reported once, whatever ends the run, and nothing of this machine's is told of an endpoint.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "so a test fails, and says why")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server that answers every hello with an alert, after a while, and counts who is there at the same time.
struct Server {
    address: SocketAddr,
    most: Arc<AtomicUsize>,
}

impl Server {
    fn start(alert: u8, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, most) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&most);
        let now = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for peer in listener.incoming() {
                let (now, most) = (Arc::clone(&now), Arc::clone(&counted));
                std::thread::spawn(move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    answer(peer.unwrap(), alert, pause, &now);
                });
            }
        });
        Self { address, most }
    }

    /// Everything goes there.
    fn connect_to(&self) -> String {
        format!("::{}", self.address)
    }
}

fn answer(mut peer: TcpStream, alert: u8, pause: Duration, now: &AtomicUsize) {
    let mut hello = [0; 4096];
    let heard = peer.read(&mut hello).is_ok();
    std::thread::sleep(pause);
    // Before the client can know that this one is done.
    now.fetch_sub(1, Ordering::SeqCst);
    if heard {
        peer.write_all(&[21, 3, 3, 0, 2, 2, alert]).ok();
    }
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn list(&self, targets: usize) -> PathBuf {
        let lines: Vec<String> = (0..targets).map(|number| format!("h{number}.example")).collect();
        fs::write(self.path("list"), lines.join("\n")).unwrap();
        self.path("list")
    }
}

fn tlsprobe() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn probe(server: &Server) -> Command {
    let mut command = tlsprobe();
    command.args(["probe", "--connect-to", &server.connect_to()]);
    command
}

/// The hosts that lines of JSON speak of, each with how it ended; none may come twice.
fn hosts(lines: &str, kind: &str) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    for line in lines.lines() {
        let report: Value = serde_json::from_str(line).unwrap();
        let host = report["target"]["host"].as_str().unwrap().to_owned();
        assert_eq!(report["exchanges"][0]["outcome"]["kind"], kind, "{line}");
        assert!(hosts.insert(host), "twice: {line}");
    }
    hosts
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn every_target_of_a_list_is_reported_once() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let output = probe(&server).arg("--targets").arg(files.list(1000)).args(["--format", "jsonl"]).output().unwrap();
    assert_eq!(hosts(&text(&output.stdout), "alert").len(), 1000);
    assert_eq!(code(&output), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("1,000 targets done in ") && told.contains("alert 1,000"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn every_address_of_a_block_is_asked_once_in_the_seeds_order_but_for_those_left_out() {
    let files = Files::new();
    fs::write(files.path("not"), "127.7.0.0/25 # half of it\n").unwrap();
    // Nobody listens there.
    let closed = TcpListener::bind("127.7.0.200:0").unwrap().local_addr().unwrap().port().to_string();
    let run = |seed: &str| {
        let mut command = tlsprobe();
        command.args(["probe", "127.7.0.0/24", "--port", &closed, "--format", "jsonl", "--seed", seed, "--exclude"]);
        let output = command.arg(files.path("not")).args(["--concurrency", "1"]).output().unwrap();
        assert!(text(&output.stderr).contains("128 left out"), "{output:?}");
        text(&output.stdout)
    };
    let lines = run("7");
    assert_eq!(hosts(&lines, "refused").len(), 128);
    let order = |lines: &str| -> Vec<String> {
        let json = |line: &str| serde_json::from_str::<Value>(line).unwrap()["target"]["host"].to_string();
        lines.lines().map(json).collect()
    };
    assert_eq!(order(&lines), order(&run("7")));
    assert_ne!(order(&lines), order(&run("8")));
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Runs with a state, and is ended by this signal after a while.
fn part(server: &Server, files: &Files, format: &str, end: Option<(&str, Duration)>) -> Output {
    let mut command = probe(server);
    command.arg("--targets").arg(files.path("list")).args(["--rate", "400", "--format", format, "--output"]);
    command.arg(files.path("out")).arg("--resume").arg(files.path("state"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some((name, after)) = end {
        std::thread::sleep(after);
        signal(&child, name);
    }
    child.wait_with_output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_run_that_is_ended_by_any_signal_goes_on_and_reports_each_target_once() {
    let (server, files) = (Server::start(40, Duration::from_millis(20)), Files::new());
    files.list(1600);
    let lines = || fs::read_to_string(files.path("out")).unwrap().lines().count();

    let interrupted = part(&server, &files, "jsonl", Some(("-INT", Duration::from_millis(700))));
    assert_eq!(code(&interrupted), Some(1));
    assert!(text(&interrupted.stderr).contains("the same command goes on"), "{interrupted:?}");
    let after_interrupt = lines();
    assert!((1..1600).contains(&after_interrupt), "{after_interrupt}");
    hosts(&fs::read_to_string(files.path("out")).unwrap(), "alert");

    let killed = part(&server, &files, "jsonl", Some(("-KILL", Duration::from_millis(1700))));
    assert_eq!(code(&killed), None);
    assert!((after_interrupt..1600).contains(&lines()), "{} of {after_interrupt}", lines());
    // What a crash in the middle of a write leaves.
    fs::OpenOptions::new().append(true).open(files.path("out")).unwrap().write_all(b"{\"schema\":\"tls").unwrap();

    let ended = part(&server, &files, "jsonl", Some(("-TERM", Duration::from_millis(300))));
    assert_eq!(code(&ended), Some(1));
    let last = part(&server, &files, "jsonl", None);
    assert_eq!(code(&last), Some(1), "{last:?}");
    assert_eq!(hosts(&fs::read_to_string(files.path("out")).unwrap(), "alert").len(), 1600);

    let again = part(&server, &files, "jsonl", None);
    assert!(text(&again.stderr).contains("nothing is left to do: all 1,600"), "{again:?}");
    assert_eq!((code(&again), lines()), (Some(1), 1600));
}

#[test]
fn a_list_that_grew_after_its_end_is_gone_on_with_and_its_bad_lines_are_not_forgotten() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let mut list = "a.example\na b\nc.example\n".to_owned();
    let mut run = |more: &str, options: &[&str]| {
        list += more;
        fs::write(files.path("list"), &list).unwrap();
        let mut command = tlsprobe();
        command.args(["check", "--connect-to", &server.connect_to(), "--format", "jsonl", "--output"]);
        command.arg(files.path("out")).arg("--resume").arg(files.path("state")).args(options);
        command.arg("--targets").arg(files.path("list")).output().unwrap()
    };
    let all = |output: &Output| {
        let lines = fs::read_to_string(files.path("out")).unwrap();
        (hosts(&lines, "alert").len(), text(&output.stderr).contains("1 lines that could not be understood"))
    };
    assert_eq!(all(&run("", &[])), (2, true));
    let again = run("", &[]);
    assert_eq!(all(&again), (2, true));
    assert!(text(&again.stderr).contains("nothing is left to do: all 2 targets"), "{again:?}");
    let grown = run("d.example\ne.example\n", &[]);
    assert_eq!(all(&grown), (4, true));
    assert!(text(&grown.stderr).contains("2 targets done"), "{grown:?}");

    fs::write(files.path("not"), "").unwrap();
    let other = run("", &["--exclude", files.path("not").to_str().unwrap()]);
    assert_eq!(code(&other), Some(2));
    assert!(!text(&other.stderr).contains("nothing is left"), "{other:?}");
}

/// A run over what comes on its standard input, with a state.
#[cfg(unix)]
fn part_of_input(server: &Server, files: &Files) -> Child {
    let mut command = probe(server);
    command.args(["--targets", "-", "--format", "csv", "--output"]).arg(files.path("out"));
    command.arg("--resume").arg(files.path("state")).stdin(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Waits until a file holds this.
#[cfg(unix)]
fn wait_for(files: &Files, name: &str, text: &str) {
    let begun = Instant::now();
    while !fs::read_to_string(files.path(name)).is_ok_and(|content| content.contains(text)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{name} never had {text:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn a_table_has_its_header_once_even_where_the_first_part_was_killed_before_its_first_answer() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let mut killed = part_of_input(&server, &files);
    wait_for(&files, "out", "host,port");
    signal(&killed, "-KILL");
    killed.wait().unwrap();
    let mut second = part_of_input(&server, &files);
    second.stdin.take().unwrap().write_all(b"a.example\n").unwrap();
    second.wait().unwrap();
    let mut third = part_of_input(&server, &files);
    third.stdin.take().unwrap().write_all(b"a.example\nb.example\n").unwrap();
    third.wait().unwrap();
    let table = fs::read_to_string(files.path("out")).unwrap();
    let firsts: Vec<&str> = table.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(firsts, ["host", "a.example", "b.example"], "{table}");
}

#[cfg(unix)]
#[test]
fn an_answer_is_noted_within_a_second_though_no_other_follows_it() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let mut child = part_of_input(&server, &files);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"a.example\n").unwrap();
    wait_for(&files, "state", "\"issued\":1");
    wait_for(&files, "state", "\"targets\":1");
    drop(input);
    child.wait().unwrap();
}

#[test]
fn a_state_is_not_taken_for_another_run_and_nothing_is_lost_by_it() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    files.list(20);
    assert_eq!(code(&part(&server, &files, "csv", None)), Some(1));
    let table = fs::read(files.path("out")).unwrap();
    let refused = part(&server, &files, "jsonl", None);
    assert_eq!(code(&refused), Some(2));
    let told = text(&refused.stderr);
    assert!(told.contains("is that of another run: its options are others") && told.contains("--resume"), "{told}");
    fs::remove_file(files.path("state")).unwrap();
    let refused = part(&server, &files, "csv", None);
    assert!(text(&refused.stderr).contains("it is there already, and the state is not"), "{refused:?}");
    assert_eq!(fs::read(files.path("out")).unwrap(), table);
}

#[test]
fn a_state_is_that_of_the_gateways_number_too() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let run = |number: &str| {
        let mut command = tlsprobe();
        command.args(["check", "cmg:cmg.example", "--connect-to", &server.connect_to(), "--cmg-id", number]);
        command.arg("--output").arg(files.path("out")).arg("--resume").arg(files.path("state")).output().unwrap()
    };
    assert_eq!(code(&run("72057594037927941")), Some(1));
    assert!(text(&run("72057594037927941").stderr).contains("nothing is left"));
    assert!(text(&run("72057594037927942").stderr).contains("its options are others"));
}

#[cfg(unix)]
#[test]
fn want_of_descriptors_slows_the_run_and_is_no_endpoints_outcome() {
    let (server, files) = (Server::start(40, Duration::from_millis(5)), Files::new());
    let list = files.list(600);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 48; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_tlsprobe"), "probe", "--connect-to"]);
    command.args([&server.connect_to(), "--concurrency", "200", "--format", "jsonl", "--targets"]).arg(list);
    let output = command.output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(hosts(&text(&output.stdout), "alert").len(), 600, "{told}");
    assert_eq!(told.matches("this machine is short of something").count(), 1, "{told}");
    assert!(told.contains("times that this machine was short of something"), "{told}");
    assert_eq!(code(&output), Some(1));
}

#[test]
fn what_this_machine_can_do_for_nobody_ends_the_run_and_is_said() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let run = |targets: usize| {
        let mut command = tlsprobe();
        command.args(["probe", "--proxy", &format!("https://{}", server.address), "--proxy-trust", "/nowhere/ca.pem"]);
        let output = command.arg("--targets").arg(files.list(targets)).output().unwrap();
        assert_eq!((code(&output), text(&output.stdout)), (Some(2), String::new()));
        text(&output.stderr)
    };
    let two = run(2);
    assert!(two.contains("could not ask h1.example:443: cannot read /nowhere/ca.pem"), "{two}");
    assert!(!two.contains("nobody to ask") && two.contains("2 targets that this machine could not ask"), "{two}");
    assert!(run(20_000).contains("targets in a row"));
}

#[test]
fn a_name_that_no_program_would_take_is_asked_for_all_the_same() {
    let mut command = tlsprobe();
    command.args(["probe", "--dns", "127.0.0.1:9", "--timeout-connect", "1", "--format", "jsonl", "--targets", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"-a.example\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(hosts(&text(&output.stdout), "name_not_resolved").into_iter().collect::<Vec<_>>(), ["-a.example"]);
}

#[test]
fn limits_for_a_host_and_for_a_network_are_kept() {
    let (server, files) = (Server::start(40, Duration::from_millis(10)), Files::new());
    let ports: Vec<String> = (1..=30).map(|port| format!("one.example:{port}")).collect();
    fs::write(files.path("list"), ports.join("\n")).unwrap();
    let run = |options: &[&str]| {
        server.most.store(0, Ordering::SeqCst);
        let output = probe(&server).arg("--targets").arg(files.path("list")).args(options).output().unwrap();
        assert_eq!(text(&output.stdout).lines().count(), 30, "{output:?}");
        server.most.load(Ordering::SeqCst)
    };
    assert!(run(&[]) > 3);
    assert!(run(&["--per-host", "2"]) <= 2);
    assert!(run(&["--per-net", "/8=3", "--per-net", "/64=1"]) <= 3);
    assert_eq!(run(&["--concurrency", "1"]), 1);
}

#[test]
fn a_rate_is_kept() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let list = files.list(41);
    let begun = Instant::now();
    let output = probe(&server).arg("--targets").arg(list).args(["--rate", "40"]).output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 41);
    assert!(begun.elapsed() >= Duration::from_millis(950), "{:?}", begun.elapsed());
}

#[test]
fn a_rate_is_spent_on_targets_alone_not_on_the_end_of_the_list_nor_on_whom_it_leaves_out() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    fs::write(files.path("list"), "127.7.0.0/24\na.example\nb.example\nc.example\n").unwrap();
    fs::write(files.path("not"), "127.7.0.0/24\n").unwrap();
    let mut command = probe(&server);
    // A turn for each of the 256, or one for each of 1000 workers, would take minutes.
    command.args(["--rate", "2", "--concurrency", "1000", "--deadline", "60", "--exclude"]).arg(files.path("not"));
    let output = command.arg("--targets").arg(files.path("list")).output();
    let output = output.unwrap();
    let told = text(&output.stderr);
    assert_eq!(text(&output.stdout).lines().count(), 3, "{told}");
    assert!(told.contains("259 targets done") && told.contains("256 left out"), "{told}");
    assert!(!told.contains("stopped"), "{told}");
}

#[test]
fn targets_are_asked_as_they_come_and_the_end_of_input_ends_the_run() {
    let server = Server::start(40, Duration::ZERO);
    let mut command = probe(&server);
    command.args(["--targets", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let (mut input, mut lines) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
    for number in 0..3 {
        input.write_all(format!("h{number}.example\n").as_bytes()).unwrap();
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with(&format!("h{number}.example:443  at ")) && line.contains("alert"), "{line}");
    }
    input.write_all(b"last.example").unwrap();
    drop(input);
    assert!(lines.next().unwrap().unwrap().starts_with("last.example:443"));
    assert!(lines.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let mut command = probe(&server);
    command.arg("--targets").arg(files.list(100_000)).args(["--rate", "100"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().is_some());
    drop(lines);
    let begun = Instant::now();
    child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_reader_that_goes_away_ends_a_run_that_waits_for_its_list() {
    let server = Server::start(40, Duration::ZERO);
    let mut command = probe(&server);
    command.args(["--targets", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    input.write_all(b"a.example\n").unwrap();
    assert!(lines.next().is_some());
    drop(lines);
    // Only who writes learns of it. The input stays open.
    input.write_all(b"b.example\n").unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it still waits");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn hostile_lines_are_named_without_harm_and_the_rest_is_asked() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let mut list = b"\xef\xbb\xbfa.example\n\x1b[2J\x07\n\xff\xfe\n=cmd()\nb.example:99999\n".to_vec();
    list.extend(vec![b'a'; 3_000_000]);
    list.extend(b"\n10.0.0.0/99\n\0\0\0\nb.example\n");
    fs::write(files.path("list"), list).unwrap();
    let output = probe(&server).arg("--targets").arg(files.path("list")).args(["--format", "jsonl"]).output().unwrap();
    assert_eq!(hosts(&text(&output.stdout), "alert").into_iter().collect::<Vec<_>>(), ["a.example", "b.example"]);
    let told = text(&output.stderr);
    for line in [2, 3, 4, 5, 6, 7, 8] {
        assert!(told.contains(&format!("list, line {line}: ")), "{line}: {told}");
    }
    assert!(told.contains("7 lines that could not be understood"), "{told}");
    assert!(told.chars().all(|letter| letter == '\n' || !letter.is_control()), "{told:?}");
    assert_eq!(code(&output), Some(1));

    fs::write(files.path("list"), "a b\n# nobody\n").unwrap();
    let output = probe(&server).arg("--targets").arg(files.path("list")).output().unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(text(&output.stderr).contains("there was nobody to ask"), "{output:?}");
}

#[test]
fn a_table_reads_back_and_is_a_list_itself() {
    let (server, files) = (Server::start(70, Duration::ZERO), Files::new());
    fs::write(files.path("list"), "port,host,sni,note\n8443,a.example,,\"x, y\"\n,b.example,-,\n,[::1],c.example,\n")
        .unwrap();
    let mut command = probe(&server);
    command.arg("--targets").arg(files.path("list")).args(["--format", "csv", "--output"]).arg(files.path("out"));
    assert_eq!(code(&command.output().unwrap()), Some(1));
    let rows = |path: &str| -> BTreeSet<Vec<String>> {
        let mut reader = csv::Reader::from_path(files.path(path)).unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(header[..4], ["host", "port", "sni", "address"]);
        let place = |name: &str| header.iter().position(|column| column == name).unwrap();
        let wanted = ["host", "port", "sni", "kind", "alert"].map(place);
        reader
            .records()
            .map(|row| wanted.iter().map(|place| row.as_ref().unwrap()[*place].to_owned()).collect())
            .collect()
    };
    let expected = [
        ["::1", "443", "c.example", "alert", "protocol_version"],
        ["a.example", "8443", "", "alert", "protocol_version"],
        ["b.example", "443", "-", "alert", "protocol_version"],
    ];
    assert_eq!(rows("out"), expected.iter().map(|row| row.map(str::to_owned).to_vec()).collect());

    let mut command = tlsprobe();
    command
        .args(["probe", "--format", "csv", "--output"])
        .arg(files.path("again"))
        .arg("--targets")
        .arg(files.path("out"));
    command.output().unwrap();
    assert_eq!(rows("again"), rows("out"), "the addresses of the table lead to the same server");
}

#[test]
fn only_those_are_told_who_answer_in_another_way() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let list = files.list(50);
    let run = |server: &Server, options: &[&str]| {
        let output =
            probe(server).arg("--targets").arg(&list).args(["--format", "jsonl"]).args(options).output().unwrap();
        (text(&output.stdout), text(&output.stderr))
    };
    let (mut earlier, _) = run(&server, &[]);
    // Of one nothing is known, and of one only half a line.
    let cut = earlier.len() - 20;
    earlier.truncate(cut);
    fs::write(files.path("earlier"), earlier).unwrap();
    let compared = ["--only-changed", files.path("earlier").to_str().unwrap()].map(str::to_owned);
    let compared = [compared[0].as_str(), compared[1].as_str()];
    let (same, told) = run(&server, &compared);
    assert_eq!(same.lines().count(), 1, "{same}");
    assert!(told.contains("49 as before, not reported"), "{told}");
    let (other, _) = run(&Server::start(70, Duration::ZERO), &compared);
    assert_eq!(other.lines().count(), 50);
}

#[test]
fn check_goes_through_a_list_with_its_packs() {
    let (server, files) = (Server::start(70, Duration::ZERO), Files::new());
    fs::write(files.path("list"), "cmg:cmg.example\na.example\n").unwrap();
    let mut command = tlsprobe();
    command.args(["check", "--connect-to", &server.connect_to(), "--format", "jsonl", "--targets"]);
    let output = command.arg(files.path("list")).output().unwrap();
    let packs: BTreeSet<String> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["pack"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(packs.into_iter().collect::<Vec<_>>(), ["cmg", "generic"], "{output:?}");
    assert_eq!(code(&output), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_row_of_a_wsus_server_asks_each_of_its_ports_where_it_is_led_or_the_one_that_is_named() {
    let files = Files::new();
    let ports = |list: &str| -> Vec<(String, String)> {
        fs::write(files.path("list"), list).unwrap();
        let mut command = tlsprobe();
        command.args(["check", "--format", "jsonl", "--timeout-connect", "1", "--targets"]).arg(files.path("list"));
        let lines = text(&command.output().unwrap().stdout);
        let mut asked: Vec<(String, String)> = lines
            .lines()
            .map(|line| {
                let target = serde_json::from_str::<Value>(line).unwrap()["target"].clone();
                (target["port"].to_string(), target["address"].as_str().unwrap().to_owned())
            })
            .collect();
        asked.sort();
        asked
    };
    let port = |port: &str| (port.to_owned(), format!("127.7.0.9:{port}"));
    let all = ["443", "80", "8530", "8531"].map(port);
    assert_eq!(ports("target,connect\nwsus-server:wsus.corp,127.7.0.9\n"), all);
    assert_eq!(ports("host,port,pack,connect\nwsus.corp,8531,wsus-server,127.7.0.9\n"), all[3..]);
}

#[test]
fn who_is_left_out_is_not_asked_in_anothers_name_nor_by_the_direct_way_of_a_comparison() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    let left_out = |command: &str, list: &str, not: &str, options: &[&str]| {
        fs::write(files.path("list"), list).unwrap();
        fs::write(files.path("not"), not).unwrap();
        let mut command_line = tlsprobe();
        command_line.args([command, "--dns", "127.0.0.1:9", "--exclude"]).arg(files.path("not")).args(options);
        let output = command_line.arg("--targets").arg(files.path("list")).output().unwrap();
        (text(&output.stderr).contains("1 left out"), text(&output.stdout).lines().count())
    };
    let row = "host,connect\na.example,forbidden.corp\nb.example,127.0.0.1:1\n";
    assert_eq!(left_out("probe", row, "forbidden.corp\n", &[]), (true, 1));
    let rule = ["--connect-to", "a.example:443:x.forbidden.corp:443", "--connect-to", &server.connect_to()];
    assert_eq!(left_out("probe", "a.example\nb.example\n", "*.forbidden.corp\n", &rule), (true, 1));
    let through = ["--proxy", "http://127.0.0.1:1"];
    let both = [&through[..], &["--compare-routes"]].concat();
    assert_eq!(left_out("check", "localhost\n", "127.0.0.0/8\n::1\n", &both), (true, 0));
    assert_eq!(left_out("check", "localhost\n", "127.0.0.0/8\n::1\n", &through), (false, 1), "a proxy looks it up");
}

#[cfg(unix)]
#[test]
fn a_file_called_as_standard_input_is_left_alone() {
    let (server, files) = (Server::start(40, Duration::ZERO), Files::new());
    fs::write(files.path("-"), "").unwrap();
    let mut command = probe(&server);
    command.args(["--targets", "-", "--format", "jsonl"]).current_dir(files.0.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let list = fs::read(files.list(3000)).unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(&list).unwrap());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert_eq!(hosts(&text(&output.stdout), "alert").len(), 3000);
}

#[test]
fn what_can_not_be_had_of_very_many_is_refused_with_advice() {
    let refused = |arguments: &[&str]| {
        let output = tlsprobe().args(arguments).output().unwrap();
        assert_eq!(code(&output), Some(2), "{output:?}");
        text(&output.stderr)
    };
    assert!(refused(&["probe", "127.0.0.0/30", "--format", "json"]).contains("try: --format jsonl"));
    assert!(refused(&["probe", "127.0.0.0/30", "--pcap", "x"]).contains("needed for: --pcap"));
    assert!(refused(&["probe", "127.0.0.0/30", "--resume", "x"]).contains("try: --output FILE"));
    assert!(refused(&["probe", "127.0.0.0/33"]).contains("from 0 to 32"));
    assert!(refused(&["probe", "--rate", "1"]).contains("no target was given"));
    assert!(refused(&["probe", "--targets", "/nowhere/list"]).contains("cannot read /nowhere/list: no such file"));
    assert!(refused(&["probe", "a.example", "--per-net", "24"]).contains("/24=N"));
    for option in [&["--pem"][..], &["--evidence", "bytes"], &["--pem", "--format", "csv"]] {
        let told = refused(&[&["probe", "127.0.0.0/30"], option].concat());
        assert!(told.contains(option[0]) && told.contains("try: --format jsonl"), "{told}");
    }
    assert!(refused(&["probe", "127.0.0.0/30", "--pad-to", "60"]).contains("cannot pad the hello to 60 bytes"));
    let files = Files::new();
    let list = files.list(1).to_str().unwrap().to_owned();
    for options in [["--targets", &list, "--output", &list], ["--resume", "x", "--output", "./x"]] {
        let told = refused(&[&["probe", "a.example"], &options[..]].concat());
        assert!(told.contains("cannot write to") && told.contains("needed for: --output"), "{told}");
    }
    assert_eq!(fs::read_to_string(list).unwrap(), "h0.example");
}
