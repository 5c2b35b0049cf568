//! The lab's endpoints, one row each.

use super::script::{Behaviour, Chain, HelloLike, Refusal, Reply, Scripted, Server, Step};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};
use Behaviour::{Plays, Refuses};
use Reply::{Flight, HelloRetryRequest, ServerHello};
use Step::{Answer, Drip, Fin, If, ReadFirstSegment, ReadHello, Reset, ResetIfSplit, Send, SendForever, SilentOver};

/// Every endpoint, in the order of their ports. New ones go to the end, so that ports stay what they were.
pub const ENDPOINTS: &[Scripted] = &[
    Scripted {
        name: "sws",
        host: "sws.update.microsoft.com",
        about: "TLS 1.2 with four suites; resets on TLS 1.0, TLS 1.1 and other suites",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&SWS, Flight)]),
    },
    Scripted {
        name: "sws1",
        host: "sws1.update.microsoft.com",
        about: "TLS 1.0 to 1.2 with suites of the time",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&SWS1, Flight)]),
    },
    Scripted {
        name: "fe2",
        host: "fe2.update.microsoft.com",
        about: "decommissioned: closes on any hello without a byte",
        shows: "fin",
        // What is documented is that "connections fail". A FIN is one way, and the one that sws does not show.
        behaviour: Plays(&[ReadHello, Fin]),
    },
    Scripted {
        name: "cmg",
        host: "cmg.contoso.com",
        about: "TLS 1.2 that asks for a client certificate; alerts on anything older",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&CMG, Flight)]),
    },
    Scripted {
        name: "tls13",
        host: "tls13.lab.test",
        about: "TLS 1.3 and nothing else",
        shows: "server_hello",
        // The second hello is the one that a HelloRetryRequest asked for.
        behaviour: Plays(&[ReadHello, Answer(&TLS13, Flight), ReadHello, Answer(&TLS13, Flight)]),
    },
    Scripted {
        name: "hello-retry",
        host: "hello-retry.lab.test",
        about: "TLS 1.3 that asks for a secp384r1 share whatever it is sent",
        shows: "hello_retry_request",
        behaviour: Plays(&[
            ReadHello,
            Answer(&TLS13_SECP384R1, HelloRetryRequest),
            ReadHello,
            Answer(&TLS13_SECP384R1, Flight),
        ]),
    },
    Scripted {
        name: "refused",
        host: "refused.lab.test",
        about: "nobody listens on its port",
        shows: "refused",
        behaviour: Refuses,
    },
    Scripted {
        name: "silence",
        host: "silence.lab.test",
        about: "accepts, reads and says nothing",
        shows: "timeout",
        behaviour: Plays(&[]),
    },
    Scripted {
        name: "reset",
        host: "reset.lab.test",
        about: "resets on any hello",
        shows: "reset",
        behaviour: Plays(&[ReadHello, Reset]),
    },
    Scripted {
        name: "alert-before-hello",
        host: "alert-before-hello.lab.test",
        about: "sends an alert and resets before it reads anything",
        shows: "alert",
        behaviour: Plays(&[Send(HANDSHAKE_FAILURE), Reset]),
    },
    Scripted {
        name: "fin",
        host: "fin.lab.test",
        about: "closes on any hello without a byte",
        shows: "fin",
        behaviour: Plays(&[ReadHello, Fin]),
    },
    Scripted {
        name: "fin-mid-record",
        host: "fin-mid-record.lab.test",
        about: "closes in the middle of a record",
        shows: "fin",
        behaviour: Plays(&[ReadHello, Send(HALF_A_RECORD), Fin]),
    },
    Scripted {
        name: "alert-fin",
        host: "alert-fin.lab.test",
        about: "sends an alert and closes",
        shows: "alert",
        behaviour: Plays(&[ReadHello, Send(HANDSHAKE_FAILURE), Fin]),
    },
    Scripted {
        name: "alert-reset",
        host: "alert-reset.lab.test",
        about: "sends an alert and resets",
        shows: "alert",
        behaviour: Plays(&[ReadHello, Send(HANDSHAKE_FAILURE), Reset]),
    },
    Scripted {
        name: "alert-open",
        host: "alert-open.lab.test",
        about: "sends an alert and keeps the connection open",
        shows: "alert",
        behaviour: Plays(&[ReadHello, Send(HANDSHAKE_FAILURE)]),
    },
    Scripted {
        name: "http400",
        host: "http400.lab.test",
        about: "a web server without TLS: answers 400 Bad Request",
        shows: "not_tls",
        behaviour: Plays(&[ReadHello, Send(BAD_REQUEST), Fin]),
    },
    Scripted {
        name: "ssh",
        host: "ssh.lab.test",
        about: "an SSH server: sends its banner at once",
        shows: "not_tls",
        behaviour: Plays(&[Send(SSH_BANNER)]),
    },
    Scripted {
        name: "garbage",
        host: "garbage.lab.test",
        about: "sends bytes of no protocol",
        shows: "not_tls",
        behaviour: Plays(&[ReadHello, Send(GARBAGE), Fin]),
    },
    Scripted {
        name: "oversized-record",
        host: "oversized-record.lab.test",
        about: "sends a record of 2^14+2049 bytes, one too many",
        shows: "malformed",
        behaviour: Plays(&[ReadHello, Send(&OVERSIZED_RECORD)]),
    },
    Scripted {
        name: "endless-message",
        host: "endless-message.lab.test",
        about: "sends a handshake message of 16 MiB that never ends",
        shows: "malformed",
        behaviour: Plays(&[ReadHello, Send(BEGINNING_OF_A_LONG_MESSAGE), SendForever(&ZEROS)]),
    },
    Scripted {
        name: "endless-records",
        host: "endless-records.lab.test",
        about: "sends HelloRequests for ever",
        shows: "malformed",
        behaviour: Plays(&[ReadHello, SendForever(HELLO_REQUESTS.as_flattened())]),
    },
    Scripted {
        name: "drip",
        host: "drip.lab.test",
        about: "sends a good flight, a byte every five seconds",
        shows: "timeout",
        behaviour: Plays(&[ReadHello, Drip, Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "unreadable-certificate",
        host: "unreadable-certificate.lab.test",
        about: "TLS 1.2 whose second certificate is none",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&Server { chain: Chain::Unreadable, ..TLS12 }, Flight)]),
    },
    Scripted {
        name: "warning-then-hello",
        host: "warning-then-hello.lab.test",
        about: "TLS 1.2 that warns of an unrecognized name first",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Send(UNRECOGNIZED_NAME), Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "reset-mid-flight",
        host: "reset-mid-flight.lab.test",
        about: "sends a ServerHello and resets",
        shows: "reset",
        behaviour: Plays(&[ReadHello, Answer(&TLS12, ServerHello), Reset]),
    },
    Scripted {
        name: "chain-of-three",
        host: "chain-of-three.lab.test",
        about: "TLS 1.2 with leaf, intermediate and root",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&Server { chain: Chain::WithRoot, ..TLS12 }, Flight)]),
    },
    Scripted {
        name: "expired",
        host: "expired.lab.test",
        about: "TLS 1.2 with a certificate that has expired",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&Server { chain: Chain::Expired, ..TLS12 }, Flight)]),
    },
    Scripted {
        name: "wrong-name",
        host: "wrong-name.lab.test",
        about: "TLS 1.2 with a certificate for another host",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&Server { chain: Chain::WrongName, ..TLS12 }, Flight)]),
    },
    // Only Linux drops what does not fit a backlog of a known length; Windows answers it by RST.
    #[cfg(target_os = "linux")]
    Scripted {
        name: "connect-timeout",
        host: "connect-timeout.lab.test",
        about: "its backlog is full: no answer to a SYN",
        shows: "timeout",
        behaviour: Behaviour::LeavesWaiting,
    },
    Scripted {
        name: "name-filtered",
        host: "name-filtered.lab.test",
        about: "TLS 1.2, behind a filter that resets on any hello with a server name",
        shows: "reset",
        behaviour: Plays(&[ReadHello, If(HelloLike::Named, &[Reset]), Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "length-filtered",
        host: "length-filtered.lab.test",
        about: "TLS 1.2, but silent on a hello of 256 to 511 bytes",
        shows: "timeout",
        // As some servers were, which is why hellos are padded (RFC 7685 §1).
        behaviour: Plays(&[ReadHello, If(HelloLike::LongBetween(256, 511), &[]), Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "no-extended-master-secret",
        host: "no-extended-master-secret.lab.test",
        about: "TLS 1.2 that does not echo extended_master_secret",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Answer(&TLS12_WITHOUT_EMS, Flight)]),
    },
    Scripted {
        name: "hello-limit-512",
        host: "hello-limit-512.lab.test",
        about: "TLS 1.2 behind a device that swallows hellos over 512 bytes",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, SilentOver(512), Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "segment-limit-1400",
        host: "segment-limit-1400.lab.test",
        about: "TLS 1.2 behind a device that swallows first segments over 1400 bytes",
        shows: "server_hello",
        behaviour: Plays(&[ReadFirstSegment { longest: 1400 }, Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "split-record-reset",
        host: "split-record-reset.lab.test",
        about: "TLS 1.2 behind a device that resets on a hello split over records",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, ResetIfSplit, Answer(&TLS12, Flight)]),
    },
    Scripted {
        name: "first-segment-only",
        host: "first-segment-only.lab.test",
        about: "TLS 1.2 behind a device that looks for the hello in the first segment alone",
        shows: "server_hello",
        behaviour: Plays(&[ReadFirstSegment { longest: usize::MAX }, Answer(&TLS12, Flight)]),
    },
];

/// sws as Microsoft documents it since 2020: TLS 1.2 alone, these four suites, and RST for the rest; the first suite
/// is the one that a WSUS on Windows Server 2016 was seen to get.
const SWS: Server = Server {
    versions: &[(ProtocolVersion::TLS1_2, SWS_SUITES)],
    groups: GROUPS,
    refusal: Refusal::Reset,
    chain: Chain::Good,
    requests_certificate: false,
    extended_master_secret: true,
};

const SWS_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
];

/// sws1 is documented by its versions alone; these are suites that Windows servers of its time had.
const SWS1: Server = Server {
    versions: &[
        (ProtocolVersion::TLS1_2, SWS1_SUITES),
        (ProtocolVersion::TLS1_1, RSA_CBC_SUITES),
        (ProtocolVersion::TLS1_0, RSA_CBC_SUITES),
    ],
    refusal: Refusal::Alert,
    ..SWS
};

const SWS1_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

/// Before TLS 1.2 an ECDHE share is signed over MD5 and SHA-1 together (RFC 4492 §5.4), which ring does not do.
const RSA_CBC_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

const TLS_RSA_WITH_3DES_EDE_CBC_SHA: CipherSuite = CipherSuite(0x000A);

/// A cloud management gateway: its connection points and clients need TLS 1.2, and may have to show a certificate.
const CMG: Server = Server { requests_certificate: true, ..TLS12 };

/// A sound server, for the endpoints that go wrong in one way.
const TLS12: Server = Server { refusal: Refusal::Alert, ..SWS };

const TLS12_WITHOUT_EMS: Server = Server { extended_master_secret: false, ..TLS12 };

const TLS13: Server = Server { versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES)], ..TLS12 };

const TLS13_SECP384R1: Server = Server { groups: &[NamedGroup::SECP384R1], ..TLS13 };

const TLS13_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];

const GROUPS: &[NamedGroup] = &[NamedGroup::SECP384R1, NamedGroup::SECP256R1, NamedGroup::X25519];

/// A fatal `handshake_failure`.
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

/// A warning, `unrecognized_name` (RFC 6066 §3).
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 1, 112];

/// The header of a record of 80 bytes, and the ten with which a ServerHello begins.
const HALF_A_RECORD: &[u8] = &[22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 0x5f, 0x5f, 0x5f, 0x5f];

/// What nginx says to a client that it takes for a person.
const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Type: text/html\r\n\
    Content-Length: 62\r\nConnection: close\r\n\r\n<html><head><title>400 Bad Request</title></head></html>    \r\n";

const SSH_BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.6\r\n";

const GARBAGE: &[u8] =
    &[0xde, 0xad, 0xbe, 0xef, 0x8b, 0x1f, 0x00, 0xff, 0xc3, 0x28, 0xa0, 0xa1, 0xe2, 0x28, 0xa1, 0x7f];

/// One byte more than a record of TLS 1.2 may have (RFC 5246 §6.2.3).
static OVERSIZED_RECORD: [u8; 5 + (1 << 14) + 2049] = record([22, 3, 3, 0x48, 0x01]);

/// The header of a Certificate of 2^24-1 bytes, in a record of its own.
const BEGINNING_OF_A_LONG_MESSAGE: &[u8] = &[22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff];

/// A full handshake record of zeros.
static ZEROS: [u8; 5 + (1 << 14)] = record([22, 3, 3, 0x40, 0x00]);

/// Messages that clients ignore during a handshake (RFC 5246 §7.4.1.1).
static HELLO_REQUESTS: [[u8; 9]; 64] = [[22, 3, 3, 0, 4, 0, 0, 0, 0]; 64];

/// A record of zeros behind this header.
const fn record<const LENGTH: usize>(header: [u8; 5]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes.split_at_mut(header.len()).0.copy_from_slice(&header);
    bytes
}
