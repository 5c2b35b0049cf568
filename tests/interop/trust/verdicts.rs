//! Every verdict by a chain of its own, and how OpenSSL and GnuTLS judge the same.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::fs;
use std::path::Path;

use super::pki::{CA, Certificate, KEY_IDS, P256, Pki, at_in_days};
use crate::probe::probe_target;
use crate::program;
use crate::server::Server;

const HOST: &str = "host.test";
const NAMES: &str = "subjectAltName=DNS:host.test";
const FOR_SERVERS: &str = "extendedKeyUsage=serverAuth";

const LEAF: Certificate<'_> = Certificate {
    common_name: HOST,
    extensions: &[NAMES, FOR_SERVERS, KEY_IDS.0, KEY_IDS.1],
    days: (-10, 90),
    digest: "sha256",
    key: P256,
};

/// A chain and what is to be said of it.
struct Case {
    name: &'static str,
    /// The certificates that are sent, by name, leaf first.
    sent: &'static [&'static str],
    /// The root that is trusted.
    root: &'static str,
    /// Our verdict, and the certificate it names.
    verdict: (&'static str, &'static str),
    /// Whether OpenSSL and GnuTLS accept the chain.
    others: (bool, bool),
    /// Why one of them differs from us.
    because: &'static str,
}

const AGREED: &str = "";

const CASES: &[Case] = &[
    case("good", &["good", "ca"], ("trusted", ""), (true, true), AGREED),
    case("shuffled", &["shuffled", "root", "ca"], ("trusted", ""), (true, true), AGREED),
    case("ended", &["ended", "ca"], ("expired", HOST), (false, false), AGREED),
    case("early", &["early", "ca"], ("not_yet_valid", HOST), (false, false), AGREED),
    case("below-ended", &["below-ended", "ended-ca"], ("expired", "ended-ca"), (false, false), AGREED),
    case("other-name", &["other-name", "ca"], ("wrong_name", "other.test"), (false, false), AGREED),
    case(
        "only-cn",
        &["only-cn", "ca"],
        ("common_name_only", HOST),
        (true, true),
        "both fall back to the common name where there are no alternative names, and so does Windows; it is told, for RFC \
         9525 §2 has done away with it and browsers refuse it",
    ),
    case("for-clients", &["for-clients", "ca"], ("wrong_usage", HOST), (false, false), AGREED),
    case("too-deep", &["too-deep", "lower-ca", "narrow-ca"], ("path_too_long", "narrow-ca"), (false, false), AGREED),
    case("constrained", &["constrained", "constrained-ca"], ("constraint_broken", HOST), (false, false), AGREED),
    case("below-leaf", &["below-leaf", "no-ca"], ("constraint_broken", "no-ca"), (false, false), AGREED),
    case(
        "by-sha1",
        &["by-sha1", "ca"],
        ("weak", HOST),
        (true, false),
        "openssl verify has a security level of its own only with -auth_level; ours, GnuTLS and browsers refuse SHA-1",
    ),
    case("rsa-1024", &["rsa-1024", "ca"], ("weak", HOST), (true, true), "neither asks 2048 bits of a leaf by default"),
    case(
        "by-p521",
        &["by-p521", "p521-ca"],
        ("unsupported", HOST),
        (true, true),
        "ring, which verifies for us, has no P-521: could not tell, and said so",
    ),
    case(
        "version-1",
        &["version-1", "ca"],
        ("unsupported", HOST),
        (true, true),
        "both accept a leaf of version 1 by its common name",
    ),
    case("forged", &["forged", "ca"], ("bad_signature", HOST), (false, false), AGREED),
    case("alone", &["alone"], ("self_signed", HOST), (false, false), AGREED),
    case("with-aia", &["with-aia"], ("missing_intermediate", HOST), (false, false), AGREED),
    case("without-aia", &["good"], ("unknown_issuer", HOST), (false, false), AGREED),
    case(
        "foreign",
        &["foreign", "foreign-ca", "foreign-root"],
        ("unknown_issuer", "foreign-root"),
        (false, false),
        AGREED,
    ),
    Case {
        root: "ended-root",
        ..case("old-root", &["below-ended-root"], ("expired", "ended-root"), (false, false), AGREED)
    },
];

const fn case(
    name: &'static str,
    sent: &'static [&'static str],
    verdict: (&'static str, &'static str),
    others: (bool, bool),
    because: &'static str,
) -> Case {
    Case { name, sent, root: "root", verdict, others, because }
}

fn make() -> Pki {
    let pki = Pki::new();
    let leaf = |name: &str, issuer: &str, certificate: Certificate<'_>| pki.issue(name, issuer, &certificate);
    let constrained = [CA.extensions, &["nameConstraints=critical,permitted;DNS:example.com"]].concat();
    let narrow = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign", KEY_IDS.0, KEY_IDS.1];
    let no_ca = ["basicConstraints=critical,CA:FALSE", KEY_IDS.0, KEY_IDS.1];

    leaf("root", "root", CA);
    leaf("ended-root", "ended-root", Certificate { days: (-100, -1), ..CA });
    leaf("foreign-root", "foreign-root", CA);
    leaf("foreign-ca", "foreign-root", CA);
    leaf("ca", "root", CA);
    leaf("ended-ca", "root", Certificate { days: (-100, -1), ..CA });
    leaf("constrained-ca", "root", Certificate { extensions: &constrained, ..CA });
    leaf("narrow-ca", "root", Certificate { extensions: &narrow, ..CA });
    leaf("lower-ca", "narrow-ca", CA);
    leaf("no-ca", "root", Certificate { extensions: &no_ca, ..CA });
    let p521 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
    leaf("p521-ca", "root", Certificate { key: &p521, ..CA });

    for (name, issuer) in [
        ("good", "ca"),
        ("shuffled", "ca"),
        ("below-ended", "ended-ca"),
        ("too-deep", "lower-ca"),
        ("constrained", "constrained-ca"),
        ("below-leaf", "no-ca"),
        ("by-p521", "p521-ca"),
        ("forged", "ca"),
        ("foreign", "foreign-ca"),
        ("below-ended-root", "ended-root"),
        ("alone", "alone"),
    ] {
        leaf(name, issuer, LEAF);
    }
    leaf("ended", "ca", Certificate { days: (-10, -1), ..LEAF });
    leaf("early", "ca", Certificate { days: (1, 90), ..LEAF });
    leaf(
        "other-name",
        "ca",
        Certificate { common_name: "other.test", extensions: &["subjectAltName=DNS:other.test"], ..LEAF },
    );
    leaf("only-cn", "ca", Certificate { extensions: &[FOR_SERVERS, KEY_IDS.0, KEY_IDS.1], ..LEAF });
    leaf("for-clients", "ca", Certificate { extensions: &[NAMES, "extendedKeyUsage=clientAuth"], ..LEAF });
    leaf("by-sha1", "ca", Certificate { digest: "sha1", ..LEAF });
    leaf("rsa-1024", "ca", Certificate { key: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], ..LEAF });
    leaf("version-1", "ca", Certificate { extensions: &[], ..LEAF });
    let aia = [LEAF.extensions, &["authorityInfoAccess=caIssuers;URI:http://pki.test/ca.crt"]].concat();
    leaf("with-aia", "ca", Certificate { extensions: &aia, ..LEAF });
    forge(&pki.path("forged.pem"));
    pki
}

/// Changes the last octet of the signature.
fn forge(file: &Path) {
    let mut der = pem::parse(fs::read(file).unwrap()).unwrap().into_contents();
    *der.last_mut().unwrap() ^= 1;
    fs::write(file, pem::encode(&pem::Pem::new("CERTIFICATE", der))).unwrap();
}

/// One nginx with a server for each case, by its name.
fn serve(pki: &Pki) -> Server {
    let block = |case: &Case, default: &str| {
        let chain = pki.bundle(&format!("{}-{}.chain", case.name, case.sent.len()), case.sent);
        let leaf = case.sent.first().unwrap();
        format!(
            "server {{\nlisten 127.0.0.1:PORT ssl{default};\nserver_name {};\nssl_certificate {};\n\
             ssl_certificate_key {};\nssl_ciphers DEFAULT:@SECLEVEL=0;\nssl_protocols TLSv1.2;\n}}\n",
            served_as(case),
            chain.display(),
            pki.path(&format!("{leaf}.key")).display(),
        )
    };
    let blocks =
        CASES.iter().enumerate().map(|(place, case)| block(case, if place == 0 { " default_server" } else { "" }));
    Server::nginx(&blocks.collect::<String>())
}

fn served_as(case: &Case) -> String {
    format!("{}-{}.sni", case.name, case.sent.len())
}

#[test]
fn every_chain_has_its_verdict_and_openssl_and_gnutls_differ_only_where_it_is_explained() {
    needs!("openssl", "nginx", "certtool");
    let pki = make();
    let server = serve(&pki);
    let mut surprises = Vec::new();
    for case in CASES {
        let root = pki.path(&format!("{}.pem", case.root));
        let options = format!(
            "--tls 1.2 --sni {} --connect-to ::{} --trust {}",
            served_as(case),
            server.address(),
            root.display()
        );
        let answer = probe_target(HOST, &options);
        let judged = answer.observation("/trust");
        let verdict = judged.as_object().unwrap().values().next().unwrap().clone();
        let (kind, certificate) = case.verdict;
        assert_eq!(verdict["verdict"], kind, "{}: {verdict:#}", case.name);
        let named = verdict["problems"][0]["certificate"].as_str().unwrap_or_default();
        assert_eq!(named.trim_start_matches("CN="), certificate, "{}: {verdict:#}", case.name);
        if kind == "trusted" {
            assert_eq!(verdict["path"].as_array().unwrap().len(), 3, "{verdict:#}");
        }

        let ours = kind == "trusted";
        let others = (openssl_accepts(&pki, case, &root), certtool_accepts(&pki, case, &root));
        if others != case.others || (others != (ours, ours)) == case.because.is_empty() {
            surprises.push(format!("{}: OpenSSL and GnuTLS say {others:?}, not {:?}", case.name, case.others));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

fn openssl_accepts(pki: &Pki, case: &Case, root: &Path) -> bool {
    let (leaf, issuers) = case.sent.split_first().unwrap();
    let mut command = program::command("openssl");
    command.args(["verify", "-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-verify_hostname", HOST, "-CAfile"]);
    command.arg(root);
    if !issuers.is_empty() {
        command.arg("-untrusted").arg(pki.bundle("untrusted.pem", issuers));
    }
    command.arg(pki.path(&format!("{leaf}.pem"))).output().unwrap().status.success()
}

fn certtool_accepts(pki: &Pki, case: &Case, root: &Path) -> bool {
    let mut command = program::command("certtool");
    command.args(["--verify", "--verify-hostname", HOST, "--verify-purpose", "1.3.6.1.5.5.7.3.1"]);
    command.arg("--load-ca-certificate").arg(root).arg("--infile").arg(pki.bundle("certtool.pem", case.sent));
    command.output().unwrap().status.success()
}

#[test]
fn another_time_and_several_stores_are_judged_side_by_side() {
    needs!("openssl", "nginx");
    let pki = make();
    let server = serve(&pki);
    let judged = |sni: &str, options: &str| {
        let options = format!("--tls 1.2 --sni {sni} --connect-to ::{} {options}", server.address());
        probe_target(HOST, &options).observation("")
    };
    let root = pki.path("root.pem").display().to_string();
    let before = judged("ended-2.sni", &format!("--trust {root} --at {}", at_in_days(-5)));
    assert_eq!(before["trust"][&root]["verdict"], "trusted", "{before:#}");

    let both = judged("ended-2.sni", &format!("--trust windows --trust mozilla --trust {root}"));
    assert_eq!(both["trust"]["windows"]["verdict"], "unknown_issuer");
    assert_eq!(both["trust"]["mozilla"]["verdict"], "unknown_issuer");
    assert_eq!(both["trust"][&root]["verdict"], "expired");
    assert_eq!(both["winhttp_flags"]["value"], "0x00000020", "one store has the root: {both:#}");
    assert_eq!(both["expiry"][0]["state"], "ended");

    let windows = judged("ended-2.sni", "");
    assert_eq!(windows["winhttp_flags"]["names"], serde_json::json!(["INVALID_CA", "CERT_DATE_INVALID"]));
    assert_eq!(windows["winhttp_flags"]["stores"], serde_json::json!(["windows"]));
}
