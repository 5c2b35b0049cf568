//! Whole handshakes with every suite, version and group that a server and this program both have: each with and without
//! the extended master secret, with and without `encrypt_then_mac`, and each resumed by its ticket or its session id.
//!
//! What the server has is its own word, so a newer release brings its new suites along. Each handshake is followed by
//! data in both directions, which proves the keys of both, and that the server took our Finished.

mod connection;
mod peers;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tlsprobe::handshake::SHARE_GROUPS;
use tlsprobe::registry::{Authentication, CipherAlgorithm, CipherSuite, KeyExchange};
use tlsprobe::registry::{NamedGroup, ProtocolVersion};

use crate::certificates::{Identity, Key};
use crate::probe::{probe, scan};
use connection::{By, Hello, Left, complete};
use peers::{Peer, Programs};

const VERSIONS: [ProtocolVersion; 4] =
    [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3];

/// What was run with one suite in one version.
#[derive(Default)]
struct Row {
    groups: Vec<&'static str>,
    full: usize,
    by_ticket: usize,
    by_session_id: usize,
}

/// One way to a key: the suite, and the group if it has one.
#[derive(Clone, Copy)]
struct Way {
    version: ProtocolVersion,
    suite: CipherSuite,
    key: Key,
    group: Option<NamedGroup>,
}

/// Every way that this program can go, with a certificate of either key for those that need no certain one.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for version in VERSIONS {
        for suite in CipherSuite::all().iter().filter(|suite| suite.versions.contains(version)) {
            let is_protected = match suite.cipher.algorithm {
                CipherAlgorithm::Aes | CipherAlgorithm::TripleDes | CipherAlgorithm::ChaCha20 => !suite.is_export(),
                _ => false,
            };
            let keys: &[Key] = match suite.authentication {
                Authentication::Rsa => &[Key::Rsa2048],
                Authentication::Ecdsa => &[Key::P256],
                Authentication::Tls13 => &[Key::Rsa2048, Key::P256],
                _ => &[],
            };
            let groups: Vec<Option<NamedGroup>> = match suite.key_exchange {
                KeyExchange::Rsa | KeyExchange::Dhe => vec![None],
                KeyExchange::Ecdhe => SHARE_GROUPS.into_iter().filter(is_curve).map(Some).collect(),
                KeyExchange::Tls13 => SHARE_GROUPS.into_iter().map(Some).collect(),
                _ => Vec::new(),
            };
            let all = keys.iter().flat_map(|key| groups.iter().map(move |group| (*key, *group)));
            let way = |(key, group)| Way { version, suite: suite.code, key, group };
            ways.extend(all.filter(|_| is_protected).map(way));
        }
    }
    ways
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it filters what is passed by reference")]
fn is_curve(group: &NamedGroup) -> bool {
    group.info().is_some_and(|info| info.versions.contains(ProtocolVersion::TLS1_2))
}

/// Goes every way that the peers have, and prints what was gone. `least` keeps a matrix from being empty unseen.
fn complete_all(peers: &[Peer], least: usize) {
    let mut random = StdRng::seed_from_u64(7);
    let mut table = BTreeMap::<_, Row>::new();
    let mut failures = Vec::new();
    for way in ways() {
        for peer in peers.iter().filter(|peer| peer.has(&way)) {
            let name = way.suite.name().unwrap_or_default();
            let row = table.entry((peer.name, way.version.0, name)).or_default();
            row.groups.extend(way.group.and_then(NamedGroup::name).filter(|group| !row.groups.contains(group)));
            for (modern, by) in [(true, By::Ticket), (false, By::SessionId)] {
                let mut left = Left::default();
                let first = Hello { way, modern, by: None };
                for hello in [first, Hello { by: Some(by), ..first }] {
                    let expected = hello.by.is_some() && peer.resumes(hello);
                    match complete(peer.server.address(), hello, &mut left, &mut random) {
                        Ok(resumed) if resumed != expected => {
                            failures.push(format!("{} {hello}: resumed is {resumed}", peer.name));
                        }
                        Ok(false) => row.full += 1,
                        Ok(true) if by == By::Ticket || way.version == ProtocolVersion::TLS1_3 => row.by_ticket += 1,
                        Ok(true) => row.by_session_id += 1,
                        Err(why) => failures.push(format!("{} {hello}: {why}", peer.name)),
                    }
                }
            }
        }
    }
    let (text, handshakes) = printed(&table);
    println!("{text}{handshakes} handshakes, {} failed", failures.len());
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(handshakes >= least, "{handshakes} handshakes");
}

fn printed(table: &BTreeMap<(&str, u16, &str), Row>) -> (String, usize) {
    let mut text =
        format!("{:16} {:7} {:45} {:>4} {:>6} {:>3}  groups\n", "program", "version", "suite", "full", "ticket", "id");
    let mut handshakes = 0;
    for ((program, version, suite), row) in table {
        let version = ProtocolVersion(*version).spoken();
        let Row { groups, full, by_ticket, by_session_id } = row;
        handshakes += full + by_ticket + by_session_id;
        let groups = groups.join(" ");
        let _ =
            writeln!(text, "{program:16} {version:7} {suite:45} {full:4} {by_ticket:6} {by_session_id:3}  {groups}");
    }
    (text, handshakes)
}

fn with_both_keys(serve: impl Fn(&Identity, Key) -> Peer) -> Vec<Peer> {
    [Key::Rsa2048, Key::P256].map(|key| serve(&Identity::self_signed(key, "localhost"), key)).into()
}

#[test]
fn every_handshake_that_openssl_has_is_completed() {
    needs!("openssl");
    complete_all(&with_both_keys(Programs::openssl), 500);
}

#[test]
fn every_handshake_that_gnutls_has_is_completed() {
    needs!("openssl", "gnutls-serv", "gnutls-cli");
    complete_all(&with_both_keys(Programs::gnutls), 300);
}

#[test]
fn every_handshake_that_nginx_has_is_completed() {
    needs!("openssl", "nginx");
    complete_all(&with_both_keys(Programs::nginx), 500);
}

#[test]
fn every_handshake_that_tlslite_has_is_completed() {
    needs!("openssl", Programs::PYTHON);
    complete_all(&with_both_keys(Programs::tlslite), 300);
}

/// An SSL 3.0 hello has no extensions, and few servers that answer one are left.
#[test]
fn tlslite_answers_a_hello_of_ssl_3_0() {
    needs!("openssl", Programs::PYTHON);
    let peer = Programs::tlslite(&Identity::self_signed(Key::Rsa2048, "localhost"), Key::Rsa2048);
    probe(&peer.server, "--tls ssl3 --ciphers DES-CBC3-SHA")
        .exits(0)
        .says("/outcome/kind", "server_hello")
        .says("/server/version", "SSL3")
        .says("/server/cipher_suite/code", "0x000A");
}

/// tlslite-ng has for every version up to TLS 1.1 the same nine for a key of RSA.
#[test]
fn scan_finds_all_that_tlslite_has_of_ssl_3_0() {
    const SUITES: [&str; 9] =
        ["0x000A", "0x0016", "0x002F", "0x0033", "0x0035", "0x0039", "0xC012", "0xC013", "0xC014"];
    needs!("openssl", Programs::PYTHON);
    let peer = Programs::tlslite(&Identity::self_signed(Key::Rsa2048, "localhost"), Key::Rsa2048);
    let answer = scan(&peer.server, "--only versions,suites");
    for version in ["SSL3", "TLS1.0", "TLS1.1"] {
        assert_eq!(answer.observation(&format!("/versions/{version}")), "accepted", "{version}");
        let accepted = answer.observation(&format!("/cipher_suites/{version}/accepted"));
        let codes = accepted.as_array().into_iter().flatten().filter_map(|suite| suite.get("code")?.as_str());
        let mut codes: Vec<_> = codes.collect();
        codes.sort_unstable();
        assert_eq!(codes, SUITES, "{version}");
    }
}

#[test]
fn the_suites_of_ssl_3_0_are_found() {
    needs!("openssl", Programs::PYTHON);
    let peer = Programs::tlslite(&Identity::self_signed(Key::Rsa2048, "localhost"), Key::Rsa2048);
    let answer = crate::probe::scan(&peer.server, "--only suites");
    assert_eq!(answer.observation("/versions/SSL3"), "accepted");
    let accepted = answer.observation("/cipher_suites/SSL3/accepted").to_string();
    assert!(accepted.contains("TLS_RSA_WITH_3DES_EDE_CBC_SHA"), "{accepted}");
}

#[test]
fn every_handshake_that_jsse_has_is_completed() {
    needs!("openssl", "java");
    complete_all(&with_both_keys(Programs::jsse), 300);
}

#[test]
fn every_handshake_that_jsse_without_extended_master_secret_has_is_completed() {
    needs!("openssl", "java");
    complete_all(&with_both_keys(Programs::jsse_without_extended_master_secret), 300);
}
