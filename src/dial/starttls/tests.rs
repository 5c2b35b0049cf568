//! Each protocol against scripts: what begins TLS, what refuses, and what breaks the rules.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::testing::{Hears, Line, Says, outcome, play};
use crate::outcome::{Answer, Stage};
use crate::target::Starttls;

const LDAP_REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
const LDAP_SUCCESS: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
const RDP_REQUEST: &[u8] = &[3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
const RDP_TLS: &[u8] = &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0];
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];
const TDS_REQUEST: &[u8] = &[0x12, 1, 0, 26, 0, 0, 1, 0, 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 11, 0, 0, 0, 0, 0, 1];
/// The example answer of MS-TDS §4.2 (Pre-Login Response), with ENCRYPTION on.
const TDS_ON: &[u8] = &[
    0x04, 1, 0, 0x2b, 0, 0, 1, 0, 0, 0, 0x1a, 0, 6, 1, 0, 0x20, 0, 1, 2, 0, 0x21, 0, 1, 3, 0, 0x22, 0, 0, 4, 0, 0x22,
    0, 1, 0xff, 9, 0, 0, 0, 0, 0, 1, 0, 0,
];

/// What each server says and hears before TLS begins, and what TLS then begins with.
fn willing() -> Vec<(Starttls, Vec<Line>)> {
    vec![
        (
            Starttls::Ftp,
            vec![
                Says(b"220-Welcome\r\n 220 is no end\r\n220 ready\r\n"),
                Hears(b"AUTH TLS\r\n"),
                Says(b"234 AUTH TLS successful\r\n"),
            ],
        ),
        (
            Starttls::Smtp,
            vec![
                Says(b"220 mx.example ESMTP\r\n"),
                Hears(b"EHLO [127.0.0.1]\r\n"),
                Says(b"250-mx.example\r\n250-SIZE\r\n250 STARTTLS\r\n"),
                Hears(b"STARTTLS\r\n"),
                Says(b"220 2.0.0 Ready to start TLS\r\n"),
            ],
        ),
        (
            Starttls::Imap,
            vec![
                Says(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
                Hears(b"a1 STARTTLS\r\n"),
                Says(b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"),
            ],
        ),
        (Starttls::Pop3, vec![Says(b"+OK ready\r\n"), Hears(b"STLS\r\n"), Says(b"+OK begin\n")]),
        (Starttls::Ldap, vec![Hears(LDAP_REQUEST), Says(LDAP_SUCCESS)]),
        (Starttls::Postgres, vec![Hears(SSL_REQUEST), Says(b"S")]),
        (Starttls::Rdp, vec![Hears(RDP_REQUEST), Says(RDP_TLS)]),
    ]
}

#[tokio::test]
async fn each_protocol_begins_tls_and_loses_no_byte_of_it() {
    for (protocol, mut lines) in willing() {
        lines.push(Says(b"TLS"));
        let mut connection = play(protocol, lines).await.unwrap_or_else(|error| panic!("{protocol:?}: {error:?}"));
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"TLS", "{protocol:?}");
    }
}

#[tokio::test]
async fn each_protocol_that_is_cut_off_at_any_byte_ends_at_its_stage() {
    for (protocol, lines) in willing() {
        let Some(Says(last)) = lines.last() else { panic!("a server has the last word") };
        let last = *last;
        // All but the last byte of the answer that begins TLS.
        let mut cut = lines;
        cut.pop();
        cut.push(Says(&last[..last.len() - 1]));
        let outcome = outcome(protocol, cut).await;
        assert_eq!(outcome.stage, Stage::Starttls, "{protocol:?}");
        assert!(matches!(outcome.answer, Answer::Fin { .. }), "{protocol:?} {outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_will_not_is_refused_with_its_own_code_and_words() {
    let greeting = |words| vec![Says(words)];
    for (protocol, lines, expected_code, expected_reply) in [
        (
            Starttls::Ftp,
            vec![Says(b"220 ready\r\n"), Hears(b"AUTH TLS\r\n"), Says(b"500 AUTH not understood\r\n")],
            "500",
            "500 AUTH not understood",
        ),
        (Starttls::Ftp, greeting(b"421 Too many users\r\n"), "421", "421 Too many users"),
        (
            Starttls::Smtp,
            vec![
                Says(b"220 mx\r\n"),
                Hears(b"EHLO [127.0.0.1]\r\n"),
                Says(b"250 mx\r\n"),
                Hears(b"STARTTLS\r\n"),
                Says(b"454 4.7.0 TLS not available\r\n"),
            ],
            "454",
            "454 4.7.0 TLS not available",
        ),
        (
            Starttls::Imap,
            vec![Says(b"* OK hi\r\n"), Hears(b"a1 STARTTLS\r\n"), Says(b"a1 BAD no\r\n")],
            "BAD",
            "a1 BAD no",
        ),
        (Starttls::Imap, greeting(b"* BYE away\r\n"), "BYE", "* BYE away"),
        (Starttls::Pop3, vec![Says(b"+OK hi\r\n"), Hears(b"STLS\r\n"), Says(b"-ERR no\r\n")], "-ERR", "-ERR no"),
        (
            Starttls::Ldap,
            vec![Hears(LDAP_REQUEST), Says(b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x02\x04\x00\x04\x02no")],
            "2",
            "no",
        ),
        (Starttls::Postgres, vec![Hears(SSL_REQUEST), Says(b"N")], "N", ""),
        (Starttls::Postgres, vec![Hears(SSL_REQUEST), Says(b"E\0\0\0\x10SFATAL\0Mno\0\0")], "E", "SFATAL\nMno"),
        (
            Starttls::Rdp,
            vec![Hears(RDP_REQUEST), Says(&[3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, 3, 0, 8, 0, 2, 0, 0, 0])],
            "2",
            "SSL_NOT_ALLOWED_BY_SERVER",
        ),
        (
            Starttls::Rdp,
            vec![Hears(RDP_REQUEST), Says(&[3, 0, 0, 11, 6, 0xd0, 0, 0, 0, 0, 0])],
            "0",
            "standard RDP security, without TLS",
        ),
        (
            Starttls::Mssql,
            vec![Hears(TDS_REQUEST), Says(&[4, 1, 0, 15, 0, 0, 1, 0, 1, 0, 6, 0, 1, 0xff, 2])],
            "ENCRYPT_NOT_SUP",
            "encryption is not supported",
        ),
    ] {
        let Answer::StarttlsRefused { code, reply } = outcome(protocol, lines).await.answer else {
            panic!("{protocol:?} did not refuse")
        };
        assert_eq!((code.as_str(), reply.as_str()), (expected_code, expected_reply), "{protocol:?}");
    }
}

#[tokio::test]
async fn another_protocol_is_malformed_at_the_field_that_shows_it() {
    for (protocol, lines, expected) in [
        (Starttls::Ftp, vec![Says(b"SSH-2.0-OpenSSH_9.2\r\n")], "reply"),
        (Starttls::Smtp, vec![Says(b"2200 mx\r\n")], "reply"),
        (Starttls::Imap, vec![Says(b"+OK POP3\r\n")], "greeting"),
        (Starttls::Pop3, vec![Says(b"220 ftp\r\n")], "status indicator"),
        (Starttls::Ldap, vec![Hears(LDAP_REQUEST), Says(b"HTTP/1.1 400\r\n")], "LDAPMessage"),
        (Starttls::Ldap, vec![Hears(LDAP_REQUEST), Says(b"\x30\x84\xff\xff\xff\xff")], "LDAPMessage"),
        (Starttls::Ldap, vec![Hears(LDAP_REQUEST), Says(b"\x30\x03\x02\x01\x01")], "LDAPMessage"),
        (Starttls::Postgres, vec![Hears(SSL_REQUEST), Says(b"HTTP")], "answer to SSLRequest"),
        (Starttls::Rdp, vec![Hears(RDP_REQUEST), Says(b"HTTP")], "TPKT version"),
        (Starttls::Rdp, vec![Hears(RDP_REQUEST), Says(&[3, 0, 0, 4])], "TPKT length"),
        (Starttls::Mssql, vec![Hears(TDS_REQUEST), Says(b"HTTP")], "TDS packet type"),
        (Starttls::Mssql, vec![Hears(TDS_REQUEST), Says(&[4, 1, 0, 9, 0, 0, 1, 0, 0xff])], "PRELOGIN"),
    ] {
        let outcome = outcome(protocol, lines).await;
        assert_eq!(outcome.stage, Stage::Starttls, "{protocol:?}");
        let Answer::Malformed { field, .. } = &outcome.answer else { panic!("{protocol:?} {outcome:?}") };
        assert_eq!(field, expected, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_line_or_a_reply_without_end_is_cut_off() {
    let long: &'static [u8] = Box::leak(vec![b'2'; 20 * 1024].into_boxed_slice());
    let many: &'static [u8] = Box::leak(b"220-more\r\n".repeat(300).into_boxed_slice());
    for (protocol, lines, expected) in [
        (Starttls::Ftp, vec![Says(long)], "line"),
        (Starttls::Smtp, vec![Says(many)], "reply"),
        (
            Starttls::Imap,
            vec![
                Says(b"* OK\r\n"),
                Hears(b"a1 STARTTLS\r\n"),
                Says(Box::leak(b"* x\r\n".repeat(70).into_boxed_slice())),
            ],
            "answer to STARTTLS",
        ),
    ] {
        let Answer::Malformed { field, .. } = outcome(protocol, lines).await.answer else { panic!("{protocol:?}") };
        assert_eq!(field, expected, "{protocol:?}");
    }
}

#[tokio::test]
async fn tls_to_an_sql_server_goes_inside_its_packets_both_ways() {
    let lines = vec![
        Hears(TDS_REQUEST),
        Says(TDS_ON),
        Hears(b"\x12\x01\x00\x0d\x00\x00\x01\x00hello"),
        // One answer in two packets, an empty one between them.
        Says(b"\x12\x00\x00\x0b\x00\x00\x01\x00ser\x12\x00\x00\x08\x00\x00\x01\x00\x12\x01\x00\x0b\x00\x00\x01\x00ver"),
    ];
    let heard = tokio::spawn(async move {
        let mut connection = play_and_say(lines).await;
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.unwrap();
        rest
    });
    assert_eq!(heard.await.unwrap(), b"server");
}

/// Plays an SQL server's lines while `hello` is said as soon as TLS may begin.
async fn play_and_say(lines: Vec<Line>) -> crate::dial::Connection {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio::time::Instant;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        super::testing::speak(&mut stream, lines).await;
    });
    let connection = crate::dial::connect(address, Duration::from_secs(5)).await.unwrap();
    let mut connection =
        super::starttls(Starttls::Mssql, connection, Instant::now() + Duration::from_secs(5)).await.unwrap();
    connection.write_all(b"hello").await.unwrap();
    connection
}
