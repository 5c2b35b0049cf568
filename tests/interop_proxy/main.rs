//! Real proxies from the distribution's packages: what `probe` reports through each of them.
//!
//! Every test starts its own proxies and endpoints on free loopback ports, so all of them may run at once. Where a
//! program is missing a test says so and returns; in CI (`CI` is set) it fails.

#![cfg(unix)]
#![expect(clippy::panic, clippy::print_stderr, reason = "so a test fails, and says why")]

#[macro_use]
#[path = "../interop/program.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod program;
#[path = "../interop/certificates.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod certificates;
#[path = "../interop/probe.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod probe;
#[path = "../interop/server/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod server;
#[path = "../interop/settings.rs"]
#[allow(dead_code, reason = "shared with the tests of servers")]
mod settings;

#[path = "../support/scripted_resolver.rs"]
mod scripted_resolver;

#[path = "../interop/trust/pki.rs"]
#[expect(dead_code, reason = "not every part is needed here")]
mod pki;

mod kdc;
mod proxies;

mod authentication;
mod connect;
mod forwarded;
mod http;
mod interception;
mod reflection;
mod revocation;
mod routes;
mod socks;
mod tls_front;

use certificates::{Identity, Key};
use probe::{Answer, probe_target};
use server::{Program, Server};
use settings::{ECDHE_RSA_AES256_GCM, Settings, TLS12};

/// An endpoint behind the proxies: it speaks TLS 1.2 with one suite.
fn endpoint(identity: &Identity) -> Server {
    Program::Openssl.serve(&Settings::new(identity, TLS12, &[ECDHE_RSA_AES256_GCM]))
}

fn identity() -> Identity {
    Identity::self_signed(Key::Rsa2048, "endpoint.test")
}

/// Probes this port of a host that the proxy alone can look up.
fn probe_through(proxy: &str, port: u16, options: &str) -> Answer {
    probe_target(&format!("endpoint.test:{port}"), &format!("--proxy {proxy} --tls 1.2 {options}"))
}

impl Answer {
    /// The endpoint's own ServerHello and certificate came through the tunnel.
    #[track_caller]
    fn is_the_endpoints(&self, identity: &Identity) -> &Self {
        assert_eq!(self.fingerprints(), identity.fingerprints());
        self.accepted(TLS12, ECDHE_RSA_AES256_GCM)
    }

    /// The proxy answered with this status itself.
    #[track_caller]
    fn is_the_proxys(&self, protocol: &str, status: u16) -> &Self {
        self.exits(1)
            .says("/outcome/stage", "proxy")
            .says("/outcome/kind", "proxy_status")
            .says("/outcome/protocol", protocol)
            .says("/outcome/status", status)
    }

    /// The value of a field of the proxy's header.
    fn field(&self, name: &str) -> Option<String> {
        let headers = self.get("/outcome/headers");
        let named = |field: &&serde_json::Value| field.get("name").is_some_and(|found| found == name);
        let field = headers.as_array()?.iter().find(named)?;
        Some(field.get("value")?.as_str()?.to_owned())
    }
}
