//! The lab's proxies, one row each: a good one, and what real ones do now and then but never on command.

use std::time::Duration;

use super::conduct::Conduct;
use super::script::{Behaviour, Chain, Choice, FFDHE2048, Refusal, Scripted, Server, Step, TunnelEnd};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use Behaviour::Plays;
use Step::{AnswerRequests, Drip, Fin, Inspect, Pause, ReadHello, ReadRequest, Repeat, Reset, Send, Tunnel};

/// Every proxy, in the order of their ports. New ones go to the end, so that ports stay what they were.
pub const PROXIES: &[Scripted] = &[
    Scripted {
        name: "proxy",
        host: "proxy.lab.test",
        about: "passes everything through as it is",
        shows: "server_hello",
        behaviour: Plays(&[Tunnel(TunnelEnd::AsItIs)]),
    },
    Scripted {
        name: "proxy-fin-for-reset",
        host: "proxy-fin-for-reset.lab.test",
        about: "passes everything through, but where the endpoint resets it closes",
        shows: "server_hello",
        // As Microsoft's article on WSUS behind proxies tells it of some.
        behaviour: Plays(&[Tunnel(TunnelEnd::FinForReset)]),
    },
    Scripted {
        name: "proxy-intercepts",
        host: "proxy-intercepts.lab.test",
        about: "answers in the endpoint's place, with a certificate of its own authority",
        shows: "server_hello",
        behaviour: Plays(&[Inspect(&INSPECTOR)]),
    },
    Scripted {
        name: "proxy-403",
        host: "proxy-403.lab.test",
        about: "forbids it, with a page that says why",
        shows: "proxy_status",
        behaviour: Plays(&[ReadRequest, Send(FORBIDDEN), Fin]),
    },
    Scripted {
        name: "proxy-407",
        host: "proxy-407.lab.test",
        about: "asks for credentials, and takes none for ever",
        shows: "proxy_status",
        behaviour: Plays(&[AnswerRequests(AUTHENTICATION_REQUIRED)]),
    },
    Scripted {
        name: "proxy-502",
        host: "proxy-502.lab.test",
        about: "answers 502 Bad Gateway",
        shows: "proxy_status",
        behaviour: Plays(&[ReadRequest, Send(BAD_GATEWAY), Fin]),
    },
    Scripted {
        name: "proxy-503",
        host: "proxy-503.lab.test",
        about: "answers 503 Service Unavailable",
        shows: "proxy_status",
        behaviour: Plays(&[ReadRequest, Send(SERVICE_UNAVAILABLE), Fin]),
    },
    Scripted {
        name: "proxy-504",
        host: "proxy-504.lab.test",
        about: "answers 504 Gateway Timeout",
        shows: "proxy_status",
        behaviour: Plays(&[ReadRequest, Send(GATEWAY_TIMEOUT), Fin]),
    },
    Scripted {
        name: "proxy-reset",
        host: "proxy-reset.lab.test",
        about: "resets on CONNECT",
        shows: "reset",
        behaviour: Plays(&[ReadRequest, Reset]),
    },
    Scripted {
        name: "proxy-fin",
        host: "proxy-fin.lab.test",
        about: "closes on CONNECT without a byte",
        shows: "fin",
        behaviour: Plays(&[ReadRequest, Fin]),
    },
    Scripted {
        name: "proxy-silence",
        host: "proxy-silence.lab.test",
        about: "accepts, reads and says nothing",
        shows: "timeout",
        behaviour: Plays(&[]),
    },
    Scripted {
        name: "proxy-drip",
        host: "proxy-drip.lab.test",
        about: "answers CONNECT, a byte every five seconds",
        shows: "timeout",
        behaviour: Plays(&[ReadRequest, Drip, Send(ESTABLISHED)]),
    },
    Scripted {
        name: "proxy-long-header",
        host: "proxy-long-header.lab.test",
        about: "answers CONNECT with a header of 1 MiB",
        shows: "malformed",
        behaviour: Plays(&[ReadRequest, Send(STATUS_LINE), Repeat(FIELD_OF_32_BYTES, 1 << 15), Send(b"\r\n")]),
    },
    Scripted {
        name: "proxy-200-fin",
        host: "proxy-200-fin.lab.test",
        about: "says 200 and closes at once",
        shows: "fin",
        behaviour: Plays(&[ReadRequest, Send(ESTABLISHED), Fin]),
    },
    Scripted {
        name: "proxy-200-reset",
        host: "proxy-200-reset.lab.test",
        about: "says 200 and resets at once",
        shows: "reset",
        behaviour: Plays(&[ReadRequest, Send(ESTABLISHED), Reset]),
    },
    Scripted {
        name: "proxy-200-block-page",
        host: "proxy-200-block-page.lab.test",
        about: "says 200, and answers the hello with a page in HTML",
        shows: "not_tls",
        behaviour: Plays(&[ReadRequest, Send(ESTABLISHED), ReadHello, Send(BLOCK_PAGE), Fin]),
    },
    Scripted {
        name: "proxy-two-200s",
        host: "proxy-two-200s.lab.test",
        about: "answers CONNECT with two 200s",
        shows: "not_tls",
        behaviour: Plays(&[ReadRequest, Send(ESTABLISHED), Send(ESTABLISHED)]),
    },
    Scripted {
        name: "proxy-200-filters",
        host: "proxy-200-filters.lab.test",
        about: "takes its time to open a tunnel, and closes on any hello at once: it filters by itself",
        shows: "fin",
        behaviour: Plays(&[ReadRequest, Pause(WAY_TO_THE_ENDPOINT), Send(ESTABLISHED), ReadHello, Fin]),
    },
    Scripted {
        name: "proxy-swallows-alerts",
        host: "proxy-swallows-alerts.lab.test",
        about: "passes everything through but alerts: it closes in their place",
        shows: "server_hello",
        behaviour: Plays(&[Tunnel(TunnelEnd::FinForAlert)]),
    },
];

/// How long a proxy's own connection to an endpoint far away takes.
const WAY_TO_THE_ENDPOINT: Duration = Duration::from_millis(200);

/// What an inspecting proxy speaks to its clients: whatever they do, long after the endpoints have stopped.
const INSPECTOR: Server = Server {
    versions: &[
        (ProtocolVersion::TLS1_2, INSPECTOR_SUITES),
        (ProtocolVersion::TLS1_1, INSPECTOR_OLD_SUITES),
        (ProtocolVersion::TLS1_0, INSPECTOR_OLD_SUITES),
    ],
    choice: Choice::Own,
    groups: &[NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1],
    refusal: Refusal::Alert,
    chain: Chain::Good,
    dh_prime: FFDHE2048,
    conduct: Conduct::SOUND,
};

const INSPECTOR_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
];

/// Before TLS 1.2 the lab signs no ECDHE share.
const INSPECTOR_OLD_SUITES: &[CipherSuite] =
    &[CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA];

/// What opens a tunnel.
pub(super) const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

const STATUS_LINE: &[u8] = b"HTTP/1.1 200 Connection established\r\n";

const FIELD_OF_32_BYTES: &[u8; 32] = b"X-Filler: 0123456789abcdefghij\r\n";

const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\nVia: 1.1 proxy.lab.test (lab)\r\n\
    X-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Type: text/html\r\nContent-Length: 72\r\n\r\n\
    <html><body><h1>Blocked by policy</h1>Category: updates.</body></html>\r\n";

const AUTHENTICATION_REQUIRED: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
    Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\
    Proxy-Authenticate: Digest realm=\"lab\", nonce=\"bGFi\", qop=\"auth\", algorithm=SHA-256\r\n\
    Proxy-Authenticate: Basic realm=\"lab\"\r\nVia: 1.1 proxy.lab.test (lab)\r\nContent-Length: 0\r\n\r\n";

pub(super) const BAD_GATEWAY: &[u8] =
    b"HTTP/1.1 502 Bad Gateway\r\nVia: 1.1 proxy.lab.test (lab)\r\nContent-Length: 0\r\n\r\n";

const SERVICE_UNAVAILABLE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nVia: 1.1 proxy.lab.test (lab)\r\n\
    X-Squid-Error: ERR_DNS_FAIL 0\r\nContent-Length: 0\r\n\r\n";

pub(super) const GATEWAY_TIMEOUT: &[u8] =
    b"HTTP/1.1 504 Gateway Timeout\r\nVia: 1.1 proxy.lab.test (lab)\r\nContent-Length: 0\r\n\r\n";

/// What a device says that lets CONNECT pass, sees whereto, and forgets that its client expects TLS by now.
const BLOCK_PAGE: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\
    <html><head><title>Access denied</title></head><body>This site is blocked.</body></html>\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_403_is_as_long_as_it_says() {
        let text = std::str::from_utf8(FORBIDDEN).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
