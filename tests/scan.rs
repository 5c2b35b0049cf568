//! Versions and suites of peers that do on command what real servers seldom do.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "so a test fails, and says why")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::check::{Settings, Surroundings, scan};
use tlsprobe::observation::{SuiteOrder, Support};
use tlsprobe::outcome::{AfterAlert, Answer};
use tlsprobe::plan::{PARTS, Part, Waits};
use tlsprobe::registry::ProtocolVersion;
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};

/// The SERVER-HELLO that the lab answers with too: all seven ciphers of the draft (Hickman 1995, section C.4), as the
/// tests of python-flextls have it (`TestServerHello` in `tests/test_ssl_2_0.py` at github.com/DinoTools/python-flextls).
const SSL2_SERVER_HELLO: &[u8] = include_bytes!("../src/lab/endpoints/ssl2-server-hello.bin");

/// A fatal alert.
fn alert(code: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, code]
}

/// A ServerHello and a ServerHelloDone of TLS 1.2, as much as a hello needs to be answered.
fn server_hello(suite: [u8; 2]) -> Vec<u8> {
    let mut bytes = vec![22, 3, 3, 0, 46, 2, 0, 0, 38, 3, 3];
    bytes.extend([7; 32]);
    bytes.extend([0, suite[0], suite[1], 0]);
    bytes.extend([14, 0, 0, 0]);
    bytes
}

/// The `legacy_version` and the suites of a `ClientHello`.
fn read_hello(peer: &mut TcpStream) -> Option<(u16, Vec<[u8; 2]>, Vec<u8>)> {
    let mut header = [0; 5];
    peer.read_exact(&mut header).ok()?;
    if header[0] & 0x80 != 0 {
        return Some((2, Vec::new(), header.to_vec()));
    }
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    peer.read_exact(&mut body).ok()?;
    let version = u16::from_be_bytes([body[4], body[5]]);
    let session = usize::from(body[38]);
    let from = 39 + session;
    let length = usize::from(u16::from_be_bytes([body[from], body[from + 1]]));
    let suites = body[from + 2..from + 2 + length].chunks(2).map(|pair| [pair[0], pair[1]]).collect();
    Some((version, suites, body))
}

/// Answers each connection, counted from 0, by this.
fn serve(answer: impl Fn(usize, u16, &[[u8; 2]], &[u8]) -> Option<Vec<u8>> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for (number, peer) in listener.incoming().enumerate() {
            let Ok(mut peer) = peer else { return };
            let Some((version, suites, body)) = read_hello(&mut peer) else { continue };
            match answer(number, version, &suites, &body) {
                Some(bytes) => drop(peer.write_all(&bytes)),
                None => drop(socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO))),
            }
        }
    });
    target
}

async fn scanned(target: &str, parts: &[&str]) -> Report {
    let parts: Vec<Part> = PARTS.iter().filter(|part| parts.contains(&part.name)).copied().collect();
    let waits = Waits { hello: Duration::from_secs(2), ..Waits::default() };
    let settings = Settings { waits, ..Settings::default() };
    let (_stopper, stop) = Stop::new();
    let context = Context::new(None, StdRng::seed_from_u64(1), stop);
    let surroundings = Surroundings { context, now: OffsetDateTime::now_utc() };
    let mut ran = scan(&[target.parse().unwrap()], &parts, &settings, &surroundings).await;
    assert!(ran.failure.is_none(), "{:?}", ran.failure);
    ran.reports.remove(0)
}

/// Whether a hello offers TLS 1.3 in `supported_versions`.
fn offers_tls13(body: &[u8]) -> bool {
    body.windows(4).any(|it| it == [0, 43, 0, 3] || it == [0, 43, 0, 5])
}

/// The suites of the scripted server, in its order.
const OWN: [[u8; 2]; 4] = [[0xc0, 0x30], [0xc0, 0x2f], [0, 0x35], [0, 0x2f]];

/// A server of TLS 1.2 with these suites, in its own order.
fn choose(version: u16, suites: &[[u8; 2]], body: &[u8]) -> Vec<u8> {
    let only_tls13 =
        offers_tls13(body) && !suites.iter().any(|suite| suite[0] != 0x13 && suite[0] < 0xc0 && suite[0] != 0);
    if version != 0x0303 || only_tls13 {
        return alert(70);
    }
    OWN.iter().find(|suite| suites.contains(suite)).map_or_else(|| alert(40), |suite| server_hello(*suite))
}

#[tokio::test]
async fn ssl_2_0_is_found_with_the_ciphers_that_the_server_lists() {
    let target = serve(|_, version, _, _| Some(if version == 2 { SSL2_SERVER_HELLO.to_vec() } else { alert(70) }));
    let report = scanned(&target, &["versions", "suites"]).await;
    let seen = &report.observations;
    assert_eq!(seen.versions[&ProtocolVersion::SSL2], Support::Accepted);
    assert_eq!(seen.versions[&ProtocolVersion::TLS1_2], Support::Refused);
    let specs: Vec<&str> =
        seen.cipher_suites[&ProtocolVersion::SSL2].cipher_specs.iter().map(|spec| spec.name.as_str()).collect();
    assert_eq!(specs.len(), 7, "{specs:?}");
    assert!(specs.contains(&"SSL_CK_RC4_128_WITH_MD5") && specs.contains(&"SSL_CK_DES_192_EDE3_CBC_WITH_MD5"));
}

#[tokio::test]
async fn a_mere_warning_refuses_no_ssl_2_0() {
    const WARNING: [u8; 7] = [21, 3, 1, 0, 2, 1, 112];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for peer in listener.incoming() {
            let Ok(mut peer) = peer else { return };
            if let Some((2, ..)) = read_hello(&mut peer) {
                peer.write_all(&WARNING).unwrap();
            }
            open.push(peer);
        }
    });
    let report = scanned(&target, &["versions"]).await;
    let ssl2 = report.exchanges.iter().find(|exchange| exchange.purpose == "ssl2").unwrap();
    let Answer::Alert { level, then, .. } = &ssl2.outcome.answer else { panic!("{ssl2:#?}") };
    assert_eq!((level.as_str(), *then), ("warning", AfterAlert::Open));
    assert_eq!(report.observations.versions[&ProtocolVersion::SSL2], Support::Inconclusive);
}

#[tokio::test]
async fn a_scripted_server_is_found_as_it_is() {
    let target = serve(|_, version, suites, body| Some(choose(version, suites, body)));
    let report = scanned(&target, &["versions", "order"]).await;
    let support = &report.observations.cipher_suites[&ProtocolVersion::TLS1_2];
    let codes: Vec<[u8; 2]> = support.accepted.iter().map(|suite| suite.code.0.to_be_bytes()).collect();
    assert_eq!(codes, OWN);
    assert_eq!((support.order, support.order_is_whole), (Some(SuiteOrder::Server), Some(true)));
    let cost = report.cost.unwrap();
    assert!(cost.round_trips >= 6 && cost.elapsed_ms > 0.0, "{cost:?}");
}

/// What this machine could not do in the middle of a run costs what was still to be asked, and nothing that was answered.
#[cfg(target_os = "linux")]
#[test]
fn what_was_answered_is_kept_where_this_machine_runs_out_of_descriptors() {
    let target = serve(|_, version, suites, body| Some(choose(version, suites, body)));
    let program = env!("CARGO_BIN_EXE_tlsprobe");
    // How many the program needs for itself depends on the system: from too few for one connection to enough for all.
    let cut_short = (6..40).find_map(|limit| {
        let line = format!("ulimit -n {limit}; exec {program} scan --only versions,suites --format json {target}");
        let ran = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&ran.stdout).ok()?;
        let first = report["reports"].get(0)?.clone();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        (ran.status.code() != Some(0) && said.contains("ulimit -n")).then_some((first, said))
    });
    let (report, said) = cut_short.expect("one of the limits is met in the middle");
    assert!(said.contains("cannot"), "{said}");
    assert_eq!(report["exchanges"][0]["purpose"], "baseline", "{report:#}");
    let open = report["observations"]["inconclusive"].to_string();
    assert!(open.contains("cannot ") && !open.contains("ulimit"), "{open}");
}

/// It answers ten connections, then resets whatever comes for a while, and then answers again.
#[tokio::test]
async fn an_endpoint_that_has_had_enough_is_asked_again_more_slowly() {
    let had_enough = std::sync::OnceLock::new();
    let target = serve(move |number, version, suites, body| {
        if number < 10 {
            return Some(choose(version, suites, body));
        }
        let since: &std::time::Instant = had_enough.get_or_init(std::time::Instant::now);
        (since.elapsed() > Duration::from_secs(1)).then(|| choose(version, suites, body))
    });
    let report = scanned(&target, &["versions", "suites"]).await;
    let seen = &report.observations;
    let slowed = seen.slowed_down.as_ref().unwrap();
    assert!(slowed.asked_again > 0, "{slowed:?}");
    assert_eq!(seen.cipher_suites[&ProtocolVersion::TLS1_2].accepted.len(), 4);
    assert!(seen.baseline.as_ref().unwrap().steady);
}
