//! A real interceptor, and real proxies that change nothing.

use serde_json::Value;

use crate::certificates::{Identity, Key, fingerprint};
use crate::proxies::{Squid, UNALTERED, unaltered};
use crate::{endpoint, identity, probe_target, probe_through, program};

const BUMP: &str = "ssl_bump peek hello\nssl_bump bump all";

#[test]
fn squid_that_inspects_shows_a_certificate_of_its_own_authority_for_the_endpoints_name() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let authority = Identity::authority(Key::Rsa2048, "Contoso Web Inspection");
    let squid = Squid::inspecting(&authority, BUMP);
    let answer = probe_through(&squid.url(), endpoint.address().port(), "");
    answer.exits(0).says("/outcome/kind", "server_hello").says("/certificates/0/subject", "CN=endpoint.test");
    answer.says("/certificates/0/issuer", "CN=Contoso Web Inspection");
    let shown = answer.fingerprints();
    assert!(!shown.contains(&fingerprint(identity.leaf_file(), "-sha256")), "{shown:?}");
    assert!(shown.contains(&fingerprint(authority.leaf_file(), "-sha256")), "{shown:?}");
}

#[test]
fn squid_that_inspects_speaks_a_version_that_the_endpoint_does_not() {
    needs!("squid", "openssl");
    let identity = identity();
    let endpoint = endpoint(&identity);
    let squid = Squid::inspecting(&Identity::authority(Key::Rsa2048, "Contoso Web Inspection"), BUMP);
    let target = format!("endpoint.test:{}", endpoint.address().port());
    let through = probe_target(&target, &format!("--proxy {} --tls 1.3", squid.url()));
    through.exits(0).says("/server/version", "TLS1.3");
    let direct = probe_target(&endpoint.address().to_string(), "--tls 1.3 --direct");
    direct.refused_by_alert(&[70]);
}

#[test]
fn seven_unaltered_proxies_carry_the_endpoints_own_tls() {
    if !UNALTERED.into_iter().all(program::is_installed_or_skipped) {
        return;
    }
    let identity = identity();
    let endpoint = endpoint(&identity);
    let target = format!("localhost:{}", endpoint.address().port());
    let asked = |options: &str| probe_target(&target, &format!("{options} --tls 1.2 --sni endpoint.test --ip 4"));
    let direct = asked("--direct");
    let server = |answer: &crate::Answer| {
        let mut server = answer.get("/server");
        // The endpoint's own choice each time, but for what is fresh each time.
        if let Some(server) = server.as_object_mut() {
            server.retain(|member, _| member != "ja3s");
        }
        assert_ne!(server, Value::Null);
        server
    };
    let proxies = unaltered();
    assert_eq!(proxies.len(), 7);
    for proxy in proxies {
        let answer = asked(&proxy.options);
        answer.is_the_endpoints(&identity);
        assert_eq!(server(&answer), server(&direct), "{}", proxy.name);
    }
}
