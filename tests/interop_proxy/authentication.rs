//! Proving to real proxies who we are: right and wrong passwords, checked by the proxies' own helpers.

use crate::kdc::{Kdc, NameServer, PROXY, REALM};
use crate::proxies::{PASSWORD, Squid, USER, ntlm_verifier_or_skipped, tinyproxy};
use crate::{endpoint, identity, probe_target, probe_through};

pub(crate) const BASIC: &str = "auth_param basic program /usr/lib/squid/basic_ncsa_auth FOLDER/users
auth_param basic realm corp
auth_param basic children 1
";

pub(crate) const DIGEST: &str = "auth_param digest program /usr/lib/squid/digest_file_auth -c FOLDER/digest
auth_param digest realm corp
auth_param digest children 1
";

/// gss-ntlmssp, over one account, in the place of a domain controller.
pub(crate) const NTLM: &str =
    "auth_param ntlm program /usr/bin/env NTLM_USER_FILE=FOLDER/accounts /usr/bin/python3 FOLDER/verifier
auth_param ntlm children 1
auth_param ntlm keep_alive on
";

pub(crate) const KNOWN_ALONE: &str = "acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
";

#[test]
fn without_credentials_squids_407_lists_its_schemes() {
    needs!("squid", "openssl");
    let squid = Squid::start(&[DIGEST, BASIC, KNOWN_ALONE].concat());
    let answer = probe_through(&squid.url(), 443, "");
    answer.is_the_proxys("http", 407).says("/outcome/auth_schemes", vec!["Digest", "Basic"]);
    answer.says("/outcome/auth_tried", serde_json::Value::Null);
    assert!(answer.field("X-Squid-Error").is_some_and(|error| error.starts_with("ERR_CACHE_ACCESS_DENIED")));
}

#[test]
fn squid_takes_the_right_password_by_basic_and_by_digest_and_refuses_a_wrong_one() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let port = endpoint.address().port();
    for (scheme, helper) in [("basic", BASIC), ("digest", DIGEST)] {
        let squid = Squid::start(&[helper, KNOWN_ALONE].concat());
        for choice in ["any", scheme] {
            let options = format!("--proxy-auth {choice}");
            probe_through(&squid.url_with(USER, PASSWORD), port, &options).is_the_endpoints(&identity);
            let refused = probe_through(&squid.url_with(USER, "wrong"), port, &options);
            refused.is_the_proxys("http", 407).says("/outcome/auth_tried", vec![scheme]);
        }
    }
}

#[test]
fn squid_takes_the_right_password_by_ntlm_and_refuses_a_wrong_one() {
    needs!("squid", "openssl");
    if !ntlm_verifier_or_skipped() {
        return;
    }
    let identity = identity();
    let endpoint = endpoint(&identity);
    let port = endpoint.address().port();
    let squid = Squid::start(&[NTLM, KNOWN_ALONE].concat());
    for choice in ["any", "ntlm"] {
        let options = format!("--proxy-auth {choice}");
        for user in [USER.to_owned(), format!("CORP%5C{USER}")] {
            let answer = probe_through(&squid.url_with(&user, PASSWORD), port, &options);
            answer.is_the_endpoints(&identity);
            assert_eq!(answer.report("/connections"), 1, "three messages on one connection");
        }
        let refused = probe_through(&squid.url_with(USER, "wrong"), port, &options);
        refused.is_the_proxys("http", 407).says("/outcome/auth_tried", vec!["ntlm"]);
    }
}

#[test]
fn squid_takes_a_kerberos_ticket_and_a_wrong_password_gets_none() {
    needs!("squid", "openssl", "krb5kdc", "kdb5_util", "kadmin.local");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let kdc = Kdc::start();
    let names = NameServer::start();
    let squid = Squid::start(&[kdc.helper().as_str(), KNOWN_ALONE].concat());
    let through = |user: &str, password: &str, choice: &str| {
        let proxy = squid.url_with(&format!("{REALM}%5C{user}"), password).replace("127.0.0.1", PROXY);
        let options = format!("--dns {} --kdc {} --proxy-auth {choice}", names.address, kdc.address());
        probe_through(&proxy, endpoint.address().port(), &options)
    };
    for choice in ["any", "negotiate"] {
        through(USER, PASSWORD, choice).is_the_endpoints(&identity);
        let refused = through(USER, "wrong", choice);
        refused.is_the_proxys("http", 407).says("/outcome/auth_tried", serde_json::Value::Null);
        let why = refused.get("/outcome/auth_not_tried/0");
        assert!(why.as_str().is_some_and(|why| why.contains("pre-authentication information was invalid")), "{why}");
    }
}

#[cfg(feature = "gssapi")]
#[test]
fn the_logged_on_users_ticket_is_enough_without_a_password() {
    needs!("squid", "openssl", "krb5kdc", "kdb5_util", "kadmin.local", "kinit");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let kdc = Kdc::start();
    let names = NameServer::start();
    let squid = Squid::start(&[kdc.helper().as_str(), KNOWN_ALONE].concat());
    let asked = |environment: &[(&str, std::path::PathBuf)]| {
        let output = crate::probe::tlsprobe()
            .args([
                "probe",
                &format!("endpoint.test:{}", endpoint.address().port()),
                "--tls",
                "1.2",
                "--format",
                "json",
            ])
            .args(["--dns", &names.address.to_string(), "--proxy", &squid.url().replace("127.0.0.1", PROXY)])
            .env("KRB5CCNAME", "/nonexistent/tickets")
            .envs(environment.iter().map(|(name, value)| (*name, value.as_path())))
            .output()
            .expect("the binary starts");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        document.pointer("/reports/0/exchanges/0/outcome").cloned().unwrap_or_default()
    };
    let known = asked(&kdc.log_on());
    assert_eq!(known.get("kind"), Some(&"server_hello".into()), "{known:#}");
    let unknown = asked(&[]);
    assert_eq!(unknown.get("status"), Some(&407.into()), "{unknown:#}");
    assert!(unknown.pointer("/auth_not_tried/0").is_some(), "{unknown:#}");
}

#[test]
fn a_check_through_squid_authenticates_every_connection() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::start(&[DIGEST, KNOWN_ALONE].concat());
    let folder = crate::certificates::folder();
    let file = folder.path().join("proxy.pw");
    std::fs::write(&file, format!("{PASSWORD}\n")).expect("the folder is writable");
    let output = crate::probe::tlsprobe()
        .args(["check", &format!("endpoint.test:{}", endpoint.address().port()), "--format", "json"])
        .args(["--proxy", &squid.url(), "--proxy-user", USER, "--proxy-password-file"])
        .arg(file)
        .output()
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let versions = document.pointer("/reports/0/observations/versions").cloned().unwrap_or_default();
    assert_eq!(versions.get("TLS1.2"), Some(&"accepted".into()), "{document:#}");
    assert_eq!(versions.get("TLS1.0"), Some(&"refused".into()), "{document:#}");
    let said = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains(USER) && !said.contains(PASSWORD), "{said}");
}

#[test]
fn credentials_are_in_no_output_at_any_verbosity() {
    needs!("squid", "openssl");
    if !ntlm_verifier_or_skipped() {
        return;
    }
    let squid = Squid::start(&[NTLM, DIGEST, BASIC, KNOWN_ALONE].concat());
    let pair = "Ym9iYnk6aHVudGVyMg";
    for auth in ["any", "basic", "digest", "ntlm", "negotiate"] {
        for format in ["text", "json", "jsonl"] {
            let output = crate::probe::tlsprobe()
                .args(["probe", "endpoint.test:443", "-vvv", "--evidence", "bytes", "--format", format])
                .args(["--proxy-auth", auth, "--proxy", &squid.url_with(USER, PASSWORD)])
                .output()
                .expect("the binary starts");
            let said =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            assert!(said.contains("endpoint.test"), "{said}");
            for secret in [USER, PASSWORD, pair] {
                assert!(!said.contains(secret), "{secret} in {said}");
            }
        }
    }
}

#[test]
fn tinyproxy_closes_after_its_407_and_says_401_to_a_wrong_password() {
    needs!("tinyproxy", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let proxy = tinyproxy(&format!("BasicAuth {USER} {PASSWORD}"));
    let target = format!("localhost:{}", endpoint.address().port());
    let through = |user: &str| {
        probe_target(&target, &format!("--proxy http://{user}{} --tls 1.2 --sni endpoint.test", proxy.address()))
    };
    through(&format!("{USER}:{PASSWORD}@")).is_the_endpoints(&identity);
    through("").is_the_proxys("http", 407).says("/outcome/auth_schemes", vec!["Basic"]);
    through(&format!("{USER}:wrong@")).is_the_proxys("http", 401).says("/outcome/auth_tried", vec!["basic"]);
}
