//! `scan` agrees with the scanners that people use on the suites of every version, and on their order where a scanner
//! tells one.
//!
//! A difference has to be listed here with its reason, and the bytes of our own exchanges decide: each suite that we
//! report was chosen in a server's hello, and none is missing that a scanner has found.

mod ours;
mod scanners;

use std::collections::BTreeSet;

use tlsprobe::registry::{CipherSuite, KeyExchange, ProtocolVersion};

use self::ours::Ours;
use self::scanners::{Found, Scanner};
use crate::certificates::{self, Identity, Key, dh_parameters};
use crate::program;
use crate::server::{Program, Server};
use crate::settings::{
    ECDHE_RSA_AES128_CBC_SHA256, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA384, ECDHE_RSA_AES256_GCM, Settings,
    TLS12,
};

/// What a scanner says otherwise than we do, and why.
struct Difference {
    scanner: Scanner,
    what: What,
    why: &'static str,
}

enum What {
    /// Suites that it does not find.
    Misses(fn(CipherSuite) -> bool),
    /// It says that the client's order is followed in this version.
    TakesForTheClients(ProtocolVersion),
}

/// Compares what we say of a server with what each scanner says of it.
#[track_caller]
fn agree(server: &Server, differences: &[Difference]) -> Ours {
    let ours = Ours::of(server);
    assert!(!ours.versions.is_empty(), "nothing is accepted:\n{:#}", ours.answer.report(""));
    for (version, told) in &ours.versions {
        let unproven: Vec<_> = told.accepted.iter().filter(|suite| !ours.is_proven(*version, **suite)).collect();
        assert!(unproven.is_empty(), "{version}: no hello of the server chose {unproven:?}");
    }
    let mut seen = BTreeSet::new();
    for scanner in Scanner::ALL {
        let theirs = scanner.scan(server);
        let only_theirs = theirs.keys().find(|version| !ours.versions.contains_key(version));
        assert_eq!(only_theirs, None, "{scanner:?} alone has found this version");
        for (version, told) in &ours.versions {
            let none = Found::default();
            let found = theirs.get(version).unwrap_or(&none);
            for suite in &found.suites {
                assert!(told.accepted.contains(suite), "{version}: {scanner:?} alone has found {suite}");
            }
            for suite in told.accepted.iter().filter(|suite| !found.suites.contains(suite)) {
                let listed = differences.iter().position(|difference| {
                    difference.scanner == scanner && matches!(difference.what, What::Misses(misses) if misses(*suite))
                });
                seen.insert(listed.unwrap_or_else(|| panic!("{version}: {scanner:?} has not found {suite}")));
            }
            seen.extend(order_differs(scanner, *version, found, &ours, differences));
        }
    }
    for (place, difference) in differences.iter().enumerate() {
        assert!(seen.contains(&place), "{:?} and we do not differ any more: {}", difference.scanner, difference.why);
    }
    ours
}

/// Compares the orders. The place of the difference that tells why they are not the same, if they are not.
#[track_caller]
fn order_differs(
    scanner: Scanner,
    version: ProtocolVersion,
    found: &Found,
    ours: &Ours,
    differences: &[Difference],
) -> Option<usize> {
    let told = ours.versions.get(&version)?;
    let is_the_servers = told.order.starts_with("server");
    if found.order.as_deref() == Some("client") && is_the_servers {
        let listed = differences.iter().position(|difference| {
            difference.scanner == scanner
                && matches!(difference.what, What::TakesForTheClients(listed) if listed == version)
        });
        assert!(listed.is_some(), "{version}: {scanner:?} says that it is the client's order, we say {}", told.order);
        assert!(ours.goes_against_the_clients_order(version), "{version}: no hello of the server shows it");
        return listed;
    }
    if let Some(order) = &found.order
        && found.suites.len() > 1
    {
        assert_eq!(order == "server", is_the_servers, "{version}: {scanner:?} says {order}, we say {}", told.order);
    }
    if is_the_servers {
        let of_both = told.accepted.iter().filter(|suite| found.suites.contains(suite));
        let of_both: Vec<_> = of_both.copied().collect();
        assert_eq!(of_both, found.suites, "{version}: the order by {scanner:?}");
    }
    None
}

/// The order that we tell of each version, for what the scanners do not tell.
fn orders(ours: &Ours) -> Vec<(ProtocolVersion, &str)> {
    ours.versions.iter().map(|(version, told)| (*version, told.order.as_str())).collect()
}

fn uses_a_shared_key(suite: CipherSuite) -> bool {
    suite
        .info()
        .is_some_and(|info| info.key_exchange == KeyExchange::Psk || info.authentication.as_str().starts_with("PSK"))
}

/// `openssl s_server` with this key and these options, separated by white space.
fn openssl(identity: &Identity, options: &str) -> Server {
    Server::start(|port, _| {
        let mut command = program::command("openssl");
        command.args(["s_server", "-www", "-accept", &format!("127.0.0.1:{port}")]);
        command.arg("-cert").arg(identity.leaf_file()).arg("-key").arg(identity.key_file());
        command.args(options.split_whitespace());
        command
    })
}

const EVERYTHING: &str = "-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0 -min_protocol TLSv1 -ciphersuites \
    TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:\
    TLS_AES_128_CCM_8_SHA256";

const GNUTLS_PRIORITY: &str = "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0:+RSA:+DHE-RSA:+3DES-CBC:+AES-128-CCM-8:+AES-256-CCM-8:\
    +SHA256:+SHA384:+SIGN-RSA-SHA1:%COMPAT";

/// Returns from the test if a scanner is missing, or one of these.
macro_rules! needs_scanners {
    ($($program:expr),* $(,)?) => {
        needs!("openssl", Scanner::Sslscan.command(), Scanner::Nmap.command() $(, $program)*);
    };
}

#[test]
fn on_openssl_with_everything_at_security_level_0() {
    needs_scanners!();
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let folder = certificates::folder();
    let parameters = dh_parameters(folder.path(), "ffdhe2048");
    let server = openssl(&identity, &format!("{EVERYTHING} -serverpref -dhparam {} -psk 0102", parameters.display()));
    let differences = [Difference {
        scanner: Scanner::Sslscan,
        what: What::Misses(uses_a_shared_key),
        why: "its OpenSSL offers no suite with a shared key to a client that has none",
    }];
    let ours = agree(&server, &differences);
    let counts: Vec<_> = ours.versions.values().map(|told| told.accepted.len()).collect();
    assert_eq!(counts, [56, 56, 121, 5], "as many as this OpenSSL has for a key of RSA");
}

#[test]
fn on_openssl_with_the_four_suites_of_sws() {
    needs_scanners!();
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let suites = [ECDHE_RSA_AES256_GCM, ECDHE_RSA_AES128_GCM, ECDHE_RSA_AES256_CBC_SHA384, ECDHE_RSA_AES128_CBC_SHA256];
    let server = Program::Openssl.serve(&Settings::new(&identity, TLS12, &suites));
    let ours = agree(&server, &[]);
    let names: Vec<_> = ours.versions[&ProtocolVersion::TLS1_2].accepted.iter().map(|suite| suite.name()).collect();
    assert_eq!(names, suites.map(|suite| Some(suite.name)));
    assert_eq!(orders(&ours), [(ProtocolVersion::TLS1_2, "server")]);
}

#[test]
fn on_gnutls() {
    needs_scanners!("gnutls-serv");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let server = Server::start(|port, _| {
        let mut command = program::command("gnutls-serv");
        command.args(["--http", "--disable-client-cert", "--port", &port.to_string(), "--priority", GNUTLS_PRIORITY]);
        command.arg("--x509certfile").arg(identity.leaf_file()).arg("--x509keyfile").arg(identity.key_file());
        command
    });
    let ours = agree(&server, &[]);
    assert!(orders(&ours).iter().all(|(_, order)| *order == "client"), "{:?}", orders(&ours));
}

#[test]
fn on_nginx_as_it_comes() {
    needs_scanners!("nginx");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let server = Server::nginx(&format!(
        "server {{ listen 127.0.0.1:PORT ssl; ssl_certificate {}; ssl_certificate_key {}; }}",
        identity.chain_file().display(),
        identity.key_file().display(),
    ));
    let ours = agree(&server, &[]);
    assert!(orders(&ours).contains(&(ProtocolVersion::TLS1_2, "client")), "{:?}", orders(&ours));
}

#[test]
fn on_a_server_with_certificates_of_rsa_and_ecdsa() {
    needs_scanners!();
    let (rsa, ecdsa) =
        (Identity::self_signed(Key::Rsa2048, "name.test"), Identity::self_signed(Key::P256, "name.test"));
    let second = format!("-dcert {} -dkey {}", ecdsa.leaf_file().display(), ecdsa.key_file().display());
    let ours = agree(&openssl(&rsa, &format!("-serverpref {second}")), &[]);
    let accepted = &ours.versions[&ProtocolVersion::TLS1_2].accepted;
    for suite in [CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA] {
        assert!(accepted.contains(&suite), "{suite} in {accepted:?}");
    }
}

#[test]
fn on_a_server_with_dhe_alone() {
    needs_scanners!();
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let folder = certificates::folder();
    let parameters = dh_parameters(folder.path(), "ffdhe2048");
    let options = format!("-tls1_2 -cipher kDHE:@SECLEVEL=0 -serverpref -dhparam {}", parameters.display());
    let ours = agree(&openssl(&identity, &options), &[]);
    let accepted = &ours.versions[&ProtocolVersion::TLS1_2].accepted;
    let is_dhe = |suite: &CipherSuite| suite.info().is_some_and(|info| info.key_exchange == KeyExchange::Dhe);
    assert!(accepted.len() > 20 && accepted.iter().all(is_dhe), "{accepted:?}");
}

#[test]
fn on_a_server_that_follows_the_clients_order() {
    needs_scanners!();
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let ours = agree(&openssl(&identity, "-min_protocol TLSv1 -cipher ALL:@SECLEVEL=0"), &[]);
    assert!(orders(&ours).iter().all(|(_, order)| *order == "client"), "{:?}", orders(&ours));
    assert_eq!(ours.versions.len(), 4);
}

#[test]
fn on_a_server_with_an_order_of_its_own_but_for_chacha20() {
    needs_scanners!();
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let differences = [Difference {
        scanner: Scanner::Nmap,
        what: What::TakesForTheClients(ProtocolVersion::TLS1_3),
        why: "it asks for the first two in both orders, and one of these is with ChaCha20",
    }];
    let ours = agree(&openssl(&identity, "-serverpref -prioritize_chacha"), &differences);
    let expected = [(ProtocolVersion::TLS1_2, "server-chacha"), (ProtocolVersion::TLS1_3, "server-chacha")];
    assert_eq!(orders(&ours), expected);
}
