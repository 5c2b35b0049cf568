//! Servers that choose a suite, a certificate or a version otherwise than by an order of their own.

use super::servers::{
    GROUPS, ORDERED, RSA_CBC_SUITES, SSL3_SUITES, SWS1, TLS12, TLS12_AND_13, TLS13_SUITES, TWO_KINDS_OF_SUITES,
};
use crate::lab::script::{Behaviour, Chain, Choice, HelloLike, Scripted, Server, Step};
use crate::registry::{CipherSuite, ProtocolVersion};
use Behaviour::Plays;
use Step::{If, ReadHello, Send, Serve};

pub(super) const ORDER_CLIENT: Scripted = server!(
    "order-client",
    "TLS 1.2 and 1.3 that takes the first suite in the client's order",
    Server { choice: Choice::Clients, ..ORDERED }
);
pub(super) const ORDER_CHACHA20: Scripted = server!(
    "order-chacha20",
    "TLS 1.2 and 1.3 with an order of its own, but ChaCha20 for clients that prefer it",
    Server { choice: Choice::OwnButChaCha20, ..ORDERED }
);
pub(super) const ORDER_GO: Scripted = server!(
    "order-go",
    "TLS 1.2 and 1.3 with an order of its own for clients whose hello begins with AES-GCM, and ChaCha20 for all others",
    Server {
        versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES), (ProtocolVersion::TLS1_2, SUITES_AS_GO)],
        choice: Choice::AsGo,
        ..ORDERED
    }
);

/// In both of Go's orders `ChaCha20` comes before CBC.
const SUITES_AS_GO: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
];

/// In TLS 1.3 it could choose another in answer to the second hello than it did before.
pub(super) const AT_RANDOM: Scripted = server!(
    "at-random",
    "TLS 1.2 that takes any of the suites it is offered, each time another",
    Server { choice: Choice::AtRandom, ..SWS1 }
);
pub(super) const NOT_OFFERED: Scripted = server!(
    "not-offered",
    "TLS 1.2 that takes its one suite, offered or not",
    Server {
        versions: &[(ProtocolVersion::TLS1_2, &[CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA])],
        choice: Choice::Regardless,
        ..TLS12
    }
);
pub(super) const TWO_CERTIFICATES: Scripted = server!(
    "two-certificates",
    "TLS 1.2 and 1.3 with a certificate for RSA and one for ECDSA",
    Server {
        versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES), (ProtocolVersion::TLS1_2, TWO_KINDS_OF_SUITES)],
        groups: GROUPS,
        chain: Chain::OfTwoKinds,
        ..TLS12_AND_13
    }
);
pub(super) const DEFAULT_SITE: Scripted = server!(
    "default-site",
    "TLS 1.2, and SSL 3.0 up to its first flight, with another host's certificate for hellos that name none",
    Server {
        versions: &[(ProtocolVersion::TLS1_2, TWO_KINDS_OF_SUITES), (ProtocolVersion::SSL3, SSL3_SUITES)],
        chain: Chain::OfTwoSites,
        ..SWS1
    }
);
pub(super) const SSL3: Scripted = server!(
    "ssl3",
    "SSL 3.0 and TLS 1.0; of SSL 3.0 the first flight alone",
    Server { versions: &[(ProtocolVersion::TLS1_0, RSA_CBC_SUITES), (ProtocolVersion::SSL3, SSL3_SUITES)], ..SWS1 },
    "alert"
);

pub(super) const SSL2: Scripted = Scripted {
    name: "ssl2",
    host: "ssl2.lab.test",
    about: "SSL 2.0, of which it answers the hello, and TLS 1.0",
    shows: "alert",
    behaviour: Plays(&[
        ReadHello,
        If(HelloLike::OfSsl2, &[Send(SSL2_SERVER_HELLO)]),
        Serve(&Server { versions: &[(ProtocolVersion::TLS1_0, RSA_CBC_SUITES)], ..SWS1 }),
    ]),
};

/// The SERVER-HELLO of a server with a certificate for localhost.localdomain and all seven ciphers, as the tests of
/// python-flextls have it (`TestServerHello` in `tests/test_ssl_2_0.py` at github.com/DinoTools/python-flextls).
const SSL2_SERVER_HELLO: &[u8] = include_bytes!("ssl2-server-hello.bin");
