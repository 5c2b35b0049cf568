//! Servers that refuse, or break, in ways that a scan of all that an endpoint accepts has to tell from "accepts nothing".

use std::time::Duration;

use super::servers::{ALL_VERSIONS, SWS1, TLS12};
use crate::lab::script::{Allowance, Behaviour, HelloLike, Refusal, Scripted, Server, Step};
use crate::registry::ExtensionType;
use Behaviour::Plays;
use Step::{Beyond, If, ReadHello, Reset, Serve, SlowerBeyond};

/// As some load balancers were, which took a first byte of length other than 0 for SSL 2.0 (RFC 7685 §1).
pub(super) const HELLO_LIMIT_255: Scripted = Scripted {
    name: "hello-limit-255",
    host: "hello-limit-255.lab.test",
    about: "TLS 1.0 to 1.2 that resets on hellos over 255 bytes",
    shows: "reset",
    behaviour: Plays(&[ReadHello, If(HelloLike::LongerThan(255), &[Reset]), Serve(&SWS1)]),
};

pub(super) const HELLO_LIMIT_16384: Scripted = Scripted {
    name: "hello-limit-16384",
    host: "hello-limit-16384.lab.test",
    about: "TLS 1.2 that resets on hellos over 16384 bytes",
    shows: "server_hello",
    behaviour: Plays(&[ReadHello, If(HelloLike::LongerThan(16384), &[Reset]), Serve(&TLS12)]),
};

pub(super) const SUITE_LIMIT_128: Scripted = Scripted {
    name: "suite-limit-128",
    host: "suite-limit-128.lab.test",
    about: "TLS 1.0 to 1.2 that resets on hellos with more than 128 suites",
    shows: "server_hello",
    behaviour: Plays(&[ReadHello, If(HelloLike::MoreSuitesThan(128), &[Reset]), Serve(&SWS1)]),
};

pub(super) const SUITE_LIMIT_16: Scripted = Scripted {
    name: "suite-limit-16",
    host: "suite-limit-16.lab.test",
    about: "TLS 1.0 to 1.2 that says nothing to hellos with more than 16 suites",
    shows: "timeout",
    behaviour: Plays(&[ReadHello, If(HelloLike::MoreSuitesThan(16), &[]), Serve(&SWS1)]),
};

pub(super) const TLS13_HELLO_RESET: Scripted = Scripted {
    name: "tls13-hello-reset",
    host: "tls13-hello-reset.lab.test",
    about: "TLS 1.0 to 1.2 that resets on supported_versions, the extension of TLS 1.3",
    shows: "reset",
    behaviour: Plays(&[ReadHello, If(HelloLike::With(ExtensionType::SUPPORTED_VERSIONS), &[Reset]), Serve(&SWS1)]),
};

pub(super) const TLS13_HELLO_SILENCE: Scripted = Scripted {
    name: "tls13-hello-silence",
    host: "tls13-hello-silence.lab.test",
    about: "TLS 1.0 to 1.2 that says nothing to supported_versions, the extension of TLS 1.3",
    shows: "timeout",
    behaviour: Plays(&[ReadHello, If(HelloLike::With(ExtensionType::SUPPORTED_VERSIONS), &[]), Serve(&SWS1)]),
};

/// TLS 1.0 to 1.2 that refuses the rest in one way.
macro_rules! refusing {
    ($name:literal, $about:literal, $refusal:expr) => {
        Scripted {
            name: $name,
            host: concat!($name, ".lab.test"),
            about: $about,
            shows: "server_hello",
            behaviour: Plays(&[ReadHello, Serve(&Server { refusal: $refusal, ..SWS1 })]),
        }
    };
}

pub(super) const REFUSAL_RESET: Scripted =
    refusing!("refusal-reset", "TLS 1.0 to 1.2 that refuses the rest by RST", Refusal::Reset);
pub(super) const REFUSAL_FIN: Scripted =
    refusing!("refusal-fin", "TLS 1.0 to 1.2 that refuses the rest by FIN", Refusal::Fin);
pub(super) const REFUSAL_SILENCE: Scripted =
    refusing!("refusal-silence", "TLS 1.0 to 1.2 that refuses the rest by saying nothing", Refusal::Silence);

/// As a firewall counts that takes a scan for an attack; real ones count for seconds.
const TEN: Allowance = Allowance { connections: 10, within: Duration::from_millis(500) };

pub(super) const RATE_LIMIT_RESET: Scripted = Scripted {
    name: "rate-limit-reset",
    host: "rate-limit-reset.lab.test",
    about: "TLS 1.0 to 1.3 that takes ten connections in half a second, and resets the others at once",
    shows: "server_hello",
    behaviour: Plays(&[Beyond(TEN, &[Reset]), ReadHello, Serve(&ALL_VERSIONS)]),
};

pub(super) const RATE_LIMIT_SLOW: Scripted = Scripted {
    name: "rate-limit-slow",
    host: "rate-limit-slow.lab.test",
    about: "TLS 1.0 to 1.2 that lets each connection beyond ten in half a second wait 20 ms longer",
    shows: "server_hello",
    behaviour: Plays(&[ReadHello, SlowerBeyond(TEN, Duration::from_millis(20)), Serve(&SWS1)]),
};

/// As behind a name whose servers are not all alike.
#[cfg(not(target_os = "macos"))]
pub(super) const TWO_ADDRESSES: Scripted = Scripted {
    name: "two-addresses",
    host: "two-addresses.lab.test",
    about: "TLS 1.2 at 127.0.0.1, and at 127.0.0.2 TLS 1.0 to 1.2 with other suites",
    shows: "server_hello",
    behaviour: Behaviour::PlaysAtTwo { here: &[ReadHello, Serve(&TLS12)], there: &[ReadHello, Serve(&SWS1)] },
};
