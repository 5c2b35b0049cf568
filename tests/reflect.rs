//! Proof of passthrough, byte for byte: a reflector at the far end, and on the way to it what passes hellos on, changes
//! them, or answers in its place.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "so a test fails, and says why")]

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use time::OffsetDateTime;
use tlsprobe::check::{Errand, Settings, Surroundings, ask_each};
use tlsprobe::lab::{self, Lab};
use tlsprobe::observation::{Change, Reflection, ReflectionVerdict};
use tlsprobe::offer::{ExtensionOffer, Offer};
use tlsprobe::outcome::Answer;
use tlsprobe::profile::PROFILES;
use tlsprobe::proxy::{Proxy, ProxyChoice};
use tlsprobe::question::Hello;
use tlsprobe::reflect::{self, Reflector};
use tlsprobe::registry::ProtocolVersion;
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A reflector on loopback, up as long as the runtime is.
async fn reflector(settings: reflect::Settings) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Reflector::new(settings).unwrap().serve(listener, StdRng::seed_from_u64(2)));
    address
}

async fn report(target: SocketAddr, offer: Offer, settings: &Settings) -> Report {
    let (_stopper, stop) = Stop::new();
    let surroundings =
        Surroundings { context: Context::new(None, StdRng::seed_from_u64(1), stop), now: OffsetDateTime::now_utc() };
    let mut target: tlsprobe::target::Target = target.to_string().parse().unwrap();
    target.sni = Some("a.example".to_owned());
    ask_each(&Errand::Reflection(Hello::Built(offer)), &[target], settings, &surroundings).await.reports.remove(0)
}

async fn reflection(target: SocketAddr, offer: Offer) -> Reflection {
    report(target, offer, &Settings::default()).await.observations.reflection.unwrap()
}

/// A device on the way that does this to what the client sends first.
async fn device(far: SocketAddr, change: fn(Vec<u8>) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(far).await.unwrap();
            let mut hello = vec![0; 64 * 1024];
            let length = near.read(&mut hello).await.unwrap();
            hello.truncate(length);
            far.write_all(&change(hello)).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    address
}

/// A proxy that lets CONNECT through.
async fn proxy(far: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let length = near.read(&mut head).await.unwrap();
            assert!(head[..length].starts_with(b"CONNECT ") && head[..length].ends_with(b"\r\n\r\n"));
            near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut far = TcpStream::connect(far).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    address
}

#[tokio::test]
async fn hellos_of_every_kind_arrive_as_they_were_sent() {
    let far = reflector(reflect::Settings::default()).await;
    let mut greased = Offer::modern();
    greased.add_grease();
    let mut long = Offer { record_split: 777, ..Offer::modern() };
    long.put_extension(ExtensionOffer::PadTo(30_000));
    let versions = [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_0];
    let mut offers: Vec<Offer> = versions.into_iter().map(Offer::for_version).collect();
    offers.extend([Offer::modern(), greased, long, Offer { record_split: 1, ..Offer::modern() }]);
    for offer in offers {
        let reflection = reflection(far, offer.clone()).await;
        assert_eq!(reflection.verdict, ReflectionVerdict::Identical, "{reflection:?}\n{offer:?}");
        assert_eq!(Some(reflection.sent), reflection.arrived);
        assert!(reflection.seen_from.unwrap().starts_with("127.0.0.1:"));
    }
}

#[tokio::test]
async fn the_hello_of_every_profile_that_a_reflector_can_answer_arrives_as_it_was_sent() {
    let far = reflector(reflect::Settings::default()).await;
    for profile in PROFILES {
        let report = report(far, profile.offer(), &Settings::default()).await;
        let reflection = report.observations.reflection.as_ref().unwrap();
        assert_eq!(reflection.verdict, ReflectionVerdict::Identical, "{}: {}", profile.id, reflection.why);
    }
}

#[tokio::test]
async fn a_proxy_that_passes_connect_on_is_proved_to() {
    let far = reflector(reflect::Settings::default()).await;
    let url = format!("http://{}", proxy(far).await);
    let proxy = ProxyChoice::Always(Proxy::parse(&url).unwrap());
    let settings = Settings { proxy, evidence: true, ..Settings::default() };
    let report = report(far, Offer::modern(), &settings).await;
    let reflection = report.observations.reflection.unwrap();
    assert_eq!(reflection.verdict, ReflectionVerdict::Identical, "{reflection:?}");
    assert_eq!(report.route.proxy.as_deref(), Some(url.as_str()));
    let sent = hex::decode(&report.exchanges[0].evidence.as_ref().unwrap().sent).unwrap();
    assert_eq!(tlsprobe::reflected::sha256(&sent), reflection.arrived.unwrap().sha256);
}

#[tokio::test]
async fn what_a_device_changes_is_named_by_its_field() {
    let far = reflector(reflect::Settings::default()).await;
    // The version in the record's header; the last byte of the host name; the record cut in two.
    let version = device(far, |mut hello| {
        hello[2] = 3;
        hello
    });
    let name = device(far, |hello| {
        let at = hello.windows(9).position(|window| window == b"a.example").unwrap();
        [&hello[..at], b"b.example", &hello[at + 9..]].concat()
    });
    let split = device(far, |hello| {
        let rest = u16::try_from(hello.len() - 5 - 10).unwrap().to_be_bytes();
        [&hello[..3], &[0, 10], &hello[5..15], &hello[..3], &rest, &hello[15..]].concat()
    });
    for (device, field) in
        [(version.await, "record_version"), (name.await, "extension.server_name"), (split.await, "record_split")]
    {
        let reflection = reflection(device, Offer::modern()).await;
        assert_eq!(reflection.verdict, ReflectionVerdict::Altered, "{field}: {reflection:?}");
        let difference = &reflection.differences[0];
        assert_eq!((difference.field.as_str(), difference.change), (field, Change::Changed));
        assert_eq!(reflection.differences.len(), 1, "{reflection:?}");
        assert_ne!(Some(reflection.sent), reflection.arrived);
    }
}

#[tokio::test]
async fn whoever_answers_in_its_place_is_told_by_his_certificate() {
    let lab = Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [7; 32])).await.unwrap();
    let seen = reflection(lab.find("sws1").unwrap().address, Offer::modern()).await;
    assert_eq!(seen.verdict, ReflectionVerdict::NotTheReflector);
    assert!(seen.issuer.unwrap().contains("tlsprobe lab intermediate CA"));
    let seen = reflection(lab.find("tls13").unwrap().address, Offer::modern()).await;
    assert_eq!(seen.verdict, ReflectionVerdict::NotTheReflector, "no reflector speaks TLS 1.3");
    for name in ["reset", "http400"] {
        let report = report(lab.find(name).unwrap().address, Offer::modern(), &Settings::default()).await;
        assert_eq!(report.observations.reflection.unwrap().verdict, ReflectionVerdict::Unreadable, "{name}");
        assert_eq!(report.observations.inconclusive[0].what, "reflection", "{name}");
    }
}

#[tokio::test]
async fn a_hello_that_cannot_be_answered_in_the_clear_is_refused_by_alert() {
    let far = reflector(reflect::Settings::default()).await;
    let report = report(far, Offer::for_version(ProtocolVersion::TLS1_3), &Settings::default()).await;
    assert!(matches!(report.exchanges[0].outcome.answer, Answer::Alert { code: 70, .. }), "{report:?}");
    assert_eq!(report.observations.reflection.unwrap().verdict, ReflectionVerdict::Unreadable);
}

#[tokio::test]
async fn more_connections_than_allowed_wait_and_those_that_say_nothing_are_left() {
    let limits = reflect::Limits { connections: 1, time: Duration::from_millis(300), ..reflect::Limits::default() };
    let far = reflector(reflect::Settings { limits, raw: false }).await;
    let idle = TcpStream::connect(far).await.unwrap();
    let began = std::time::Instant::now();
    let reflection = reflection(far, Offer::modern()).await;
    assert_eq!(reflection.verdict, ReflectionVerdict::Identical);
    assert!(began.elapsed() >= Duration::from_millis(250), "the idle connection had its time first");
    drop(idle);
}

/// The program itself, listening at a port of the system's choice; ended with the test.
struct Listening {
    child: Child,
    address: String,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tlsprobe(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.args(arguments).env("NO_COLOR", "1");
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    command
}

fn listen(options: &[&str]) -> Listening {
    let mut command = tlsprobe(&["reflect", "--listen", "127.0.0.1:0"]);
    let mut child = command.args(options).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("Reflecting at ").unwrap().split(". ").next().unwrap().to_owned();
    Listening { child, address }
}

#[test]
fn the_program_proves_itself_and_says_so_by_its_exit_code() {
    let far = listen(&[]);
    let identical = tlsprobe(&["probe", "--reflect", &far.address, "--grease", "--split", "100"]).output().unwrap();
    let text = String::from_utf8(identical.stdout).unwrap();
    assert_eq!(identical.status.code(), Some(0), "{text}");
    assert!(text.contains("identical: what arrived is byte for byte what was sent"), "{text}");

    let refused = tlsprobe(&["probe", "--reflect", &far.address, "--tls", "1.3"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--supported-versions 1.3,1.2"));

    let raw = listen(&["--raw"]);
    let unreadable = tlsprobe(&["probe", "--reflect", &raw.address, "--format", "json"]).output().unwrap();
    assert_eq!(unreadable.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&unreadable.stdout).unwrap();
    assert_eq!(document["reports"][0]["observations"]["reflection"]["verdict"], "unreadable");
    let schema: Value = serde_json::from_slice(&tlsprobe(&["list", "schema"]).output().unwrap().stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document));
}

#[test]
fn raw_is_plain_json_for_any_client() {
    let far = listen(&["--raw"]);
    let mut stream = std::net::TcpStream::connect(&far.address).unwrap();
    stream.write_all(b"\x1b[2J not TLS").unwrap();
    let answer: Value = serde_json::from_reader(stream).unwrap();
    assert_eq!(answer["schema"], "tlsprobe-reflect/1");
    assert_eq!(answer["arrived"], "no_hello");
    assert_eq!(answer["length"], 12);
}

#[test]
fn any_tls_client_can_read_what_arrived() {
    let far = listen(&[]);
    let openssl = Command::new("openssl")
        .args(["s_client", "-connect", &far.address, "-tls1_2", "-servername", "\u{1b}[31mred", "-showcerts"])
        .stdin(Stdio::null())
        .output();
    let Ok(client) = openssl else {
        assert!(std::env::var_os("CI").is_none(), "openssl is not installed; scripts/setup installs it");
        return;
    };
    let mut reader = Command::new("openssl")
        .args(["x509", "-noout", "-text"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(&client.stdout).unwrap();
    let text = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    assert!(text.contains("Netscape Comment") && text.contains(r#"{"schema":"tlsprobe-reflect/1""#), "{text}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly_with_a_line_for_each_connection_and_nothing_hostile_in_it() {
    let mut far = listen(&[]);
    let _ = tlsprobe(&["probe", "--reflect", &far.address, "--sni", "a.example"]).output().unwrap();
    // A name with an escape sequence in it, in a hello by hand.
    let mut offer = Offer::for_version(ProtocolVersion::TLS1_2);
    offer.record_version = ProtocolVersion::TLS1_0;
    let fresh = tlsprobe::offer::FreshValues { random: [1; 32], session_id: [2; 32], key_shares: Vec::new() };
    let mut stream = std::net::TcpStream::connect(&far.address).unwrap();
    stream.write_all(&offer.records(Some("\u{1b}[2Jx\nforged"), &fresh)).unwrap();
    std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
    drop(stream);

    std::thread::sleep(Duration::from_millis(300));
    let id = far.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let status = far.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let mut log = String::new();
    std::io::Read::read_to_string(&mut far.child.stderr.take().unwrap(), &mut log).unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
    assert!(log.contains(r#"server_name=Some("a.example")"#) && log.contains("flight TLS1.2"), "{log}");
    assert!(!log.contains('\u{1b}'), "{log:?}");
}
