//! The lab's endpoints, one row each.

/// A row of an endpoint that is a server and nothing besides.
macro_rules! server {
    ($name:literal, $about:literal, $server:expr) => {
        server!($name, $about, $server, "server_hello")
    };
    ($name:literal, $about:literal, $server:expr, $shows:literal) => {
        Scripted {
            name: $name,
            host: concat!($name, ".lab.test"),
            about: $about,
            shows: $shows,
            behaviour: Plays(&[ReadHello, Serve(&$server)]),
        }
    };
}

mod choices;
mod http;
mod refusals;
mod servers;

use self::servers::{
    ALL_VERSIONS, CMG, DHE, FTP_KEEPING_DATA_OPEN, FTP_WITH_MANY_FILES, FTP_WITHOUT_EPSV, SWS, SWS1, TLS12,
    TLS12_AND_13, TLS12_WITHOUT_EMS, TLS13, TLS13_SECP384R1, asking, ending, ftp, ftp_demanding, refusing, resuming,
    resuming_in_tls12,
};
use super::conduct::{
    Asked, Conduct, End, ExtendedMasterSecret, Finished, LeadingZeros, Renegotiation, Resumed, Resumption, WithoutOne,
};
use super::script::{Behaviour, Chain, HelloLike, OAKLEY_GROUP_2, Scripted, Server, Step};
use crate::registry::{AlertDescription, ExtensionType};
use Behaviour::{Plays, Refuses};
use Step::{Drip, Fin, If, ReadFirstSegment, ReadHello, Reset, Send, SendForever, Serve, ServerHello};

/// Every endpoint, in the order of their ports. New ones go to the end, so that ports stay what they were.
pub const ENDPOINTS: &[Scripted] = &[
    Scripted {
        name: "sws",
        host: "sws.update.microsoft.com",
        about: "TLS 1.2 with four suites; resets on TLS 1.0, TLS 1.1 and other suites",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&SWS)]),
    },
    Scripted {
        name: "sws1",
        host: "sws1.update.microsoft.com",
        about: "TLS 1.0 to 1.2 with suites of the time",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&SWS1)]),
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
        behaviour: Plays(&[ReadHello, Serve(&CMG)]),
    },
    Scripted {
        name: "tls13",
        host: "tls13.lab.test",
        about: "TLS 1.3 and nothing else",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&TLS13)]),
    },
    Scripted {
        name: "hello-retry",
        host: "hello-retry.lab.test",
        about: "TLS 1.3 that asks for a secp384r1 share whatever it is sent",
        shows: "hello_retry_request",
        behaviour: Plays(&[ReadHello, Serve(&TLS13_SECP384R1)]),
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
        behaviour: Plays(&[ReadHello, Drip, Serve(&TLS12)]),
    },
    Scripted {
        name: "unreadable-certificate",
        host: "unreadable-certificate.lab.test",
        about: "TLS 1.2 whose second certificate is none",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&Server { chain: Chain::Unreadable, ..TLS12 })]),
    },
    Scripted {
        name: "warning-then-hello",
        host: "warning-then-hello.lab.test",
        about: "TLS 1.2 that warns of an unrecognized name first",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Send(UNRECOGNIZED_NAME), Serve(&TLS12)]),
    },
    Scripted {
        name: "reset-mid-flight",
        host: "reset-mid-flight.lab.test",
        about: "sends a ServerHello and resets",
        shows: "reset",
        behaviour: Plays(&[ReadHello, ServerHello(&TLS12), Reset]),
    },
    Scripted {
        name: "chain-of-three",
        host: "chain-of-three.lab.test",
        about: "TLS 1.2 with leaf, intermediate and root",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&Server { chain: Chain::WithRoot, ..TLS12 })]),
    },
    Scripted {
        name: "expired",
        host: "expired.lab.test",
        about: "TLS 1.2 with a certificate that has expired",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&Server { chain: Chain::Expired, ..TLS12 })]),
    },
    Scripted {
        name: "wrong-name",
        host: "wrong-name.lab.test",
        about: "TLS 1.2 with a certificate for another host",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&Server { chain: Chain::WrongName, ..TLS12 })]),
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
        behaviour: Plays(&[ReadHello, If(HelloLike::With(ExtensionType::SERVER_NAME), &[Reset]), Serve(&TLS12)]),
    },
    Scripted {
        name: "length-filtered",
        host: "length-filtered.lab.test",
        about: "TLS 1.2, but silent on a hello of 256 to 511 bytes",
        shows: "timeout",
        // As some servers were, which is why hellos are padded (RFC 7685 §1).
        behaviour: Plays(&[ReadHello, If(HelloLike::LongBetween(256, 511), &[]), Serve(&TLS12)]),
    },
    Scripted {
        name: "no-extended-master-secret",
        host: "no-extended-master-secret.lab.test",
        about: "TLS 1.2 that does not echo extended_master_secret",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, Serve(&Server { conduct: with_ems(ExtendedMasterSecret::Unknown), ..TLS12 })]),
    },
    Scripted {
        name: "hello-limit-512",
        host: "hello-limit-512.lab.test",
        about: "TLS 1.2 behind a device that swallows hellos over 512 bytes",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, If(HelloLike::LongerThan(512), &[]), Serve(&TLS12)]),
    },
    Scripted {
        name: "segment-limit-1400",
        host: "segment-limit-1400.lab.test",
        about: "TLS 1.2 behind a device that swallows first segments over 1400 bytes",
        shows: "server_hello",
        behaviour: Plays(&[ReadFirstSegment { longest: 1400 }, Serve(&TLS12)]),
    },
    Scripted {
        name: "split-record-reset",
        host: "split-record-reset.lab.test",
        about: "TLS 1.2 behind a device that resets on a hello split over records",
        shows: "server_hello",
        behaviour: Plays(&[ReadHello, If(HelloLike::Split, &[Reset]), Serve(&TLS12)]),
    },
    Scripted {
        name: "first-segment-only",
        host: "first-segment-only.lab.test",
        about: "TLS 1.2 behind a device that looks for the hello in the first segment alone",
        shows: "server_hello",
        behaviour: Plays(&[ReadFirstSegment { longest: usize::MAX }, Serve(&TLS12)]),
    },
    server!("every-version", "TLS 1.0 to 1.3, every key exchange, sessions and tickets: sound in all", ALL_VERSIONS),
    server!("dhe", "TLS 1.0 to 1.2 with DHE over ffdhe2048 before all else", DHE),
    server!("dhe-1024", "the same over Oakley group 2, of 1024 bits", Server { dh_prime: OAKLEY_GROUP_2, ..DHE }),
    server!(
        "ems-required",
        "refuses whoever does not offer extended_master_secret",
        Server { conduct: with_ems(ExtendedMasterSecret::Required), ..TLS12 }
    ),
    server!(
        "ems-echoed-not-used",
        "says that it uses extended_master_secret, and does not",
        Server { conduct: with_ems(ExtendedMasterSecret::EchoedNotUsed), ..TLS12 }
    ),
    server!(
        "ems-used-not-echoed",
        "uses extended_master_secret without saying so",
        Server { conduct: with_ems(ExtendedMasterSecret::UsedNotEchoed), ..TLS12 }
    ),
    server!(
        "resumes-without-ems",
        "resumes a session with extended_master_secret for a hello without it",
        resuming(Resumption { first_only: Resumed::Resumes, ..Resumption::SOUND })
    ),
    server!(
        "resumes-into-ems",
        "resumes a session without extended_master_secret for a hello with it",
        resuming(Resumption { second_only: Resumed::Resumes, ..Resumption::SOUND })
    ),
    server!(
        "full-instead-of-ems",
        "begins anew where a session had extended_master_secret and the hello has not",
        resuming(Resumption { first_only: Resumed::Full, ..Resumption::SOUND })
    ),
    server!(
        "alerts-on-ems-resumption",
        "refuses to resume sessions with extended_master_secret",
        resuming(Resumption { both: ends(AlertDescription::HANDSHAKE_FAILURE), ..Resumption::SOUND })
    ),
    server!(
        "resets-into-ems",
        "resets where a session had no extended_master_secret and the hello has it",
        resuming(Resumption { second_only: Resumed::Ends(End::Reset), ..Resumption::SOUND })
    ),
    server!(
        "closes-on-resumption",
        "closes where neither session nor hello has extended_master_secret",
        resuming(Resumption { neither: Resumed::Ends(End::Fin), ..Resumption::SOUND })
    ),
    server!(
        "no-resumption",
        "gives out no session ids and no tickets",
        resuming(Resumption { by_session_id: false, by_ticket: false, ..Resumption::SOUND })
    ),
    server!(
        "session-ids-only",
        "gives out session ids and no tickets",
        resuming(Resumption { by_ticket: false, ..Resumption::SOUND })
    ),
    server!(
        "leading-zero-kept",
        "DHE that keeps the zeros a secret begins with",
        Server { conduct: with_zeros(LeadingZeros::KeptInDhe), ..DHE }
    ),
    server!(
        "leading-zero-stripped",
        "ECDHE that takes off the zeros a secret begins with",
        Server { conduct: with_zeros(LeadingZeros::StrippedInEcdhe), ..TLS12 }
    ),
    server!("finished-refused", "answers a right Finished with bad_record_mac", ending(Finished::RefusesARightOne)),
    // In TLS 1.3 it belongs to the first flight.
    server!("finished-wrong", "sends a wrong Finished", ending(Finished::SendsAWrongOne), "malformed"),
    server!(
        "certificate-required-40",
        "TLS 1.2 and 1.3: wants a client certificate, else handshake_failure",
        asking(Asked::InTheHandshake, without(AlertDescription::HANDSHAKE_FAILURE))
    ),
    server!(
        "certificate-required-42",
        "the same, with bad_certificate",
        asking(Asked::InTheHandshake, without(AlertDescription::BAD_CERTIFICATE))
    ),
    server!(
        "certificate-required-116",
        "the same, with certificate_required",
        asking(Asked::InTheHandshake, without(AlertDescription::CERTIFICATE_REQUIRED))
    ),
    server!(
        "certificate-required-reset",
        "the same, with RST",
        asking(Asked::InTheHandshake, WithoutOne::Ends(End::Reset))
    ),
    server!(
        "certificate-required-fin",
        "the same, with FIN",
        asking(Asked::InTheHandshake, WithoutOne::Ends(End::Fin))
    ),
    server!(
        "certificate-required-403",
        "completes the handshake without a client certificate, and answers 403",
        asking(Asked::InTheHandshake, WithoutOne::Forbids)
    ),
    server!(
        "certificate-when-resumed",
        "asks for a client certificate when a client comes back with a session",
        asking(Asked::WhenResumed, WithoutOne::Accepts)
    ),
    server!(
        "certificate-late",
        "asks for a client certificate when the HTTP request is there, as IIS does, and answers 403 without one",
        asking(Asked::AfterTheRequest, WithoutOne::Forbids)
    ),
    server!("renegotiates", "TLS 1.2 that negotiates again when asked", refusing(Renegotiation::Accepts)),
    server!(
        "renegotiation-ends",
        "TLS 1.2 that ends the connection when asked to negotiate again",
        refusing(Renegotiation::Ends(End::Alert(AlertDescription::HANDSHAKE_FAILURE)))
    ),
    http::CMG_INVALID_TOKEN,
    http::CMG_FORBIDDEN,
    http::CMG_CLIENT_CERTIFICATE,
    http::WSUS,
    http::WSUS_401,
    http::WSUS_403,
    http::WSUS_403_4,
    http::WSUS_404,
    http::WSUS_408,
    http::WSUS_500,
    http::WSUS_502,
    http::WSUS_503,
    http::WSUS_504,
    http::WSUS_FIN,
    server!(
        "ftp",
        "FTP with TLS first: data connections with or without the session",
        ftp(TLS12_AND_13, &TLS12_AND_13)
    ),
    server!("ftp-pasv", "the same without EPSV; the address in its answer to PASV is nobody's", FTP_WITHOUT_EPSV),
    server!(
        "ftp-demands-session",
        "the same, and data connections have to resume the control connection's session",
        ftp_demanding(TLS12_AND_13, &TLS12_AND_13)
    ),
    server!(
        "ftp-demands-session-without-ems",
        "the same in TLS 1.2 without extended_master_secret",
        ftp_demanding(TLS12_WITHOUT_EMS, &TLS12_WITHOUT_EMS)
    ),
    server!(
        "ftp-demands-session-never-given",
        "the same, but it gives out no sessions",
        ftp_demanding(resuming_in_tls12(WITHOUT_SESSIONS), &TLS12)
    ),
    server!(
        "ftp-resets-session",
        "FTP that resets data connections which resume a session",
        ftp(
            TLS12,
            &resuming_in_tls12(Resumption {
                both: Resumed::Ends(End::Reset),
                neither: Resumed::Ends(End::Reset),
                ..Resumption::SOUND
            })
        )
    ),
    server!(
        "ftp-refuses-session-with-ems",
        "FTP that refuses data connections which resume a session with extended_master_secret",
        ftp(
            TLS12,
            &resuming_in_tls12(Resumption { both: ends(AlertDescription::HANDSHAKE_FAILURE), ..Resumption::SOUND })
        )
    ),
    server!(
        "ftp-refuses-session-without-ems",
        "FTP that closes data connections which resume a session without extended_master_secret",
        ftp(TLS12, &resuming_in_tls12(Resumption { neither: Resumed::Ends(End::Fin), ..Resumption::SOUND }))
    ),
    server!(
        "ftp-other-sessions",
        "FTP whose data connections know nothing of the control connection's sessions",
        ftp(TLS12, &resuming_in_tls12(WITHOUT_SESSIONS))
    ),
    refusals::HELLO_LIMIT_255,
    refusals::HELLO_LIMIT_16384,
    refusals::SUITE_LIMIT_128,
    refusals::SUITE_LIMIT_16,
    refusals::TLS13_HELLO_RESET,
    refusals::TLS13_HELLO_SILENCE,
    refusals::REFUSAL_RESET,
    refusals::REFUSAL_FIN,
    refusals::REFUSAL_SILENCE,
    refusals::RATE_LIMIT_RESET,
    refusals::RATE_LIMIT_SLOW,
    choices::ORDER_CLIENT,
    choices::ORDER_CHACHA20,
    choices::AT_RANDOM,
    choices::NOT_OFFERED,
    choices::TWO_CERTIFICATES,
    choices::SSL3,
    choices::SSL2,
    // The system of a Mac has no second address on loopback.
    #[cfg(not(target_os = "macos"))]
    refusals::TWO_ADDRESSES,
    server!(
        "ftp-many-files",
        "FTP with a listing of 100 KiB, which says so where it is broken off",
        FTP_WITH_MANY_FILES
    ),
    server!("ftp-keeps-data-open", "FTP whose data connections stay open behind their listing", FTP_KEEPING_DATA_OPEN),
    choices::DEFAULT_SITE,
    choices::ORDER_GO,
    server!(
        "tickets-wait",
        "TLS 1.3 whose tickets come with its first answer over HTTP",
        Server {
            conduct: Conduct { resumption: Resumption { tickets_wait: true, ..Resumption::SOUND }, ..Conduct::SOUND },
            ..TLS13
        }
    ),
];

const WITHOUT_SESSIONS: Resumption = Resumption { by_session_id: false, by_ticket: false, ..Resumption::SOUND };

const fn with_ems(extended_master_secret: ExtendedMasterSecret) -> Conduct {
    Conduct { extended_master_secret, ..Conduct::SOUND }
}

const fn with_zeros(leading_zeros: LeadingZeros) -> Conduct {
    Conduct { leading_zeros, ..Conduct::SOUND }
}

const fn ends(description: AlertDescription) -> Resumed {
    Resumed::Ends(End::Alert(description))
}

const fn without(description: AlertDescription) -> WithoutOne {
    WithoutOne::Ends(End::Alert(description))
}

/// A fatal `handshake_failure`.
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

/// A warning, `unrecognized_name` (RFC 6066 §3).
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 1, 112];

/// The header of a record of 80 bytes, and the ten with which a ServerHello begins.
const HALF_A_RECORD: &[u8] = &[22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 0x5f, 0x5f, 0x5f, 0x5f];

/// What nginx says to a client that it takes for a person.
pub(super) const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Type: text/html\r\n\
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
