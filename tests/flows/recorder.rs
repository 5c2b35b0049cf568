//! Records the flows: starts each server, has one handshake with it by fixed randomness, and writes what went by.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tlsprobe::handshake::{Depth, Step};

use super::{Connection, FOLDER, Flow, HelloOf, Left, Resume, Turn, begin, in_short, keep, random};

/// One flow to record.
pub(super) struct Specified {
    pub(super) name: &'static str,
    /// The server, with its options; `PORT`, `KEY` and `CERT` stand for what is not the same each time.
    server: &'static str,
    version: &'static str,
    suites: &'static str,
    change: fn(&mut HelloOf),
    resume: Option<Resume>,
    /// What to do once nothing more comes.
    then: &'static [Then],
    /// The event that shows that the flow is what it is meant to be.
    pub(super) comes_to: &'static str,
}

enum Then {
    Renegotiate,
    /// Type a command into `openssl s_server`.
    Type(&'static str),
    Close,
}

const OPENSSL: &str = "openssl s_server -accept 127.0.0.1:PORT -key KEY -cert CERT -cipher ALL:@SECLEVEL=0";

/// It listens on every address: there is no option.
const GNUTLS_NORMAL: &str =
    "gnutls-serv --quiet --port PORT --x509keyfile KEY --x509certfile CERT --disable-client-cert --priority NORMAL";
const GNUTLS_3DES: &str = "gnutls-serv --quiet --port PORT --x509keyfile KEY --x509certfile CERT --disable-client-cert --priority NORMAL:+VERS-TLS1.0:+3DES-CBC:+RSA:%COMPAT";

const NORMAL: Specified = Specified {
    name: "",
    server: OPENSSL,
    version: "1.2",
    suites: "",
    change: |_| {},
    resume: None,
    then: &[Then::Close],
    comes_to: "Completed, resumed: false",
};

const RESUMED: &str = "Completed, resumed: true";

/// Every flow there is.
pub(super) const SPECIFIED: [Specified; 22] = [
    Specified { name: "openssl-tls10-rsa-aes128-cbc", version: "1.0", suites: "AES128-SHA", ..NORMAL },
    Specified {
        name: "openssl-tls11-dhe-aes256-cbc-encrypt-then-mac",
        version: "1.1",
        suites: "DHE-RSA-AES256-SHA",
        change: |hello| hello.extensions.push(("encrypt_then_mac".to_owned(), String::new())),
        ..NORMAL
    },
    Specified { name: "openssl-tls12-ecdhe-aes128-gcm", suites: "ECDHE-RSA-AES128-GCM-SHA256", ..NORMAL },
    Specified {
        name: "openssl-tls12-ecdhe-leading-zeros",
        suites: "ECDHE-RSA-AES256-SHA384",
        change: |hello| {
            hello.groups = vec!["secp256r1".to_owned()];
            hello.leading_zeros = 1;
        },
        ..NORMAL
    },
    Specified { name: "openssl-tls12-dhe-chacha20", suites: "DHE-RSA-CHACHA20-POLY1305", ..NORMAL },
    Specified {
        name: "openssl-tls12-dhe-leading-zeros",
        suites: "DHE-RSA-AES128-GCM-SHA256",
        change: |hello| hello.leading_zeros = 1,
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-rsa-ccm8-without-extended-master-secret",
        suites: "AES128-CCM8",
        change: |hello| hello.without.push("extended_master_secret".to_owned()),
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-asks-for-a-certificate",
        server: "openssl s_server -accept 127.0.0.1:PORT -key KEY -cert CERT -Verify 1",
        suites: "ECDHE-RSA-AES256-GCM-SHA384",
        comes_to: "Alert handshake_failure",
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-renegotiated-by-us",
        server: "openssl s_server -accept 127.0.0.1:PORT -key KEY -cert CERT -client_renegotiation",
        suites: "ECDHE-RSA-AES128-GCM-SHA256",
        then: &[Then::Renegotiate, Then::Close],
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-renegotiated-by-the-server",
        suites: "ECDHE-RSA-AES128-SHA",
        then: &[Then::Type("r\n"), Then::Close],
        comes_to: "HelloRequest",
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-asks-for-a-certificate-later",
        suites: "ECDHE-RSA-AES128-GCM-SHA256",
        then: &[Then::Type("R\n"), Then::Close],
        comes_to: "CertificateRequest",
        ..NORMAL
    },
    Specified {
        name: "openssl-tls12-resumed-by-session-id",
        suites: "ECDHE-RSA-AES128-GCM-SHA256",
        change: |hello| hello.without.push("session_ticket".to_owned()),
        resume: Some(Resume::SessionId),
        comes_to: RESUMED,
        ..NORMAL
    },
    Specified {
        name: "openssl-tls10-resumed-by-ticket",
        version: "1.0",
        suites: "ECDHE-RSA-AES256-SHA",
        resume: Some(Resume::Ticket),
        comes_to: RESUMED,
        ..NORMAL
    },
    Specified { name: "openssl-tls13-x25519", version: "1.3", ..NORMAL },
    Specified {
        name: "openssl-tls13-hello-retry-request",
        version: "1.3",
        suites: "TLS_CHACHA20_POLY1305_SHA256",
        change: |hello| hello.key_shares = Some(Vec::new()),
        ..NORMAL
    },
    Specified {
        name: "openssl-tls13-certificate-refused",
        server: "openssl s_server -accept 127.0.0.1:PORT -key KEY -cert CERT -Verify 1",
        version: "1.3",
        comes_to: "Alert certificate_required",
        ..NORMAL
    },
    Specified {
        name: "openssl-tls13-key-update",
        version: "1.3",
        then: &[Then::Type("K\n"), Then::Type("k\n"), Then::Type("after\n"), Then::Close],
        comes_to: "KeyUpdate",
        ..NORMAL
    },
    Specified {
        name: "openssl-tls13-asks-for-a-certificate-later",
        version: "1.3",
        change: |hello| hello.extensions.push(("post_handshake_auth".to_owned(), String::new())),
        then: &[Then::Type("c\n"), Then::Type("after\n"), Then::Close],
        comes_to: "CertificateRequest",
        ..NORMAL
    },
    Specified { name: "openssl-tls13-resumed", version: "1.3", resume: Some(Resume::Psk), comes_to: RESUMED, ..NORMAL },
    Specified { name: "gnutls-tls10-rsa-3des", server: GNUTLS_3DES, version: "1.0", suites: "DES-CBC3-SHA", ..NORMAL },
    Specified {
        name: "gnutls-tls12-ecdhe-aes256-gcm",
        server: GNUTLS_NORMAL,
        suites: "ECDHE-RSA-AES256-GCM-SHA384",
        ..NORMAL
    },
    Specified {
        name: "gnutls-tls13-secp256r1",
        server: GNUTLS_NORMAL,
        version: "1.3",
        change: |hello| hello.groups = vec!["secp256r1".to_owned()],
        ..NORMAL
    },
];

#[test]
#[ignore = "writes testdata/flows: scripts/record-flows runs it"]
fn record() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args(
            "req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -keyout key.pem -out cert.pem".split(' '),
        )
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    fs::create_dir_all(FOLDER).unwrap();
    for specified in &SPECIFIED {
        println!("{}", specified.name);
        let flow = record_one(specified, &folder);
        let text = serde_json::to_string_pretty(&flow).unwrap();
        fs::write(format!("{FOLDER}/{}.json", specified.name), text + "\n").unwrap();
    }
}

fn record_one(specified: &Specified, folder: &TempDir) -> Flow {
    let suites = specified.suites.split(',').filter(|suite| !suite.is_empty()).map(str::to_owned).collect();
    let mut hello = HelloOf { version: specified.version.to_owned(), suites, ..HelloOf::default() };
    (specified.change)(&mut hello);
    let server = specified.server.split(' ').map(str::to_owned).collect();
    let mut flow = Flow { server, hello, resume: specified.resume, connections: Vec::new() };
    let (mut server, port) = start(specified.server, folder);
    let mut typed = server.stdin.take().unwrap();
    let mut left = Left::default();
    for number in 0..=usize::from(specified.resume.is_some()) {
        flow.connections.push(Connection::default());
        let connection = converse(&flow, number, &mut left, specified.then, port, &mut typed);
        flow.connections[number] = connection;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    flow
}

/// Starts the server at a free port, and waits until it listens.
fn start(command: &str, folder: &TempDir) -> (Child, u16) {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let words = command.split(' ').map(|word| {
        let word = word.replace("PORT", &port.to_string());
        word.replace("KEY", "key.pem").replace("CERT", "cert.pem")
    });
    let words: Vec<String> = words.collect();
    let mut server = Command::new(&words[0])
        .args(&words[1..])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..100 {
        sleep(Duration::from_millis(100));
        assert!(server.try_wait().unwrap().is_none(), "{command} ended");
        // A look that opens no connection: the server serves one at a time, and a probe of ours would be the first.
        if fs::read_to_string("/proc/net/tcp").unwrap().contains(&format!(":{port:04X} 00000000:0000 0A"))
            || fs::read_to_string("/proc/net/tcp6").unwrap().contains(&format!(":{port:04X} "))
        {
            return (server, port);
        }
    }
    panic!("{command} does not listen")
}

fn converse(
    flow: &Flow,
    number: usize,
    left: &mut Left,
    then: &[Then],
    port: u16,
    typed: &mut ChildStdin,
) -> Connection {
    let mut random = random(number);
    let (sent, mut client) = begin(flow, number, left, Depth::Finish, &mut random);
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut connection = Connection::default();
    let write = |bytes: &[u8], connection: &mut Connection, stream: &mut TcpStream| {
        if !bytes.is_empty() {
            stream.write_all(bytes).ok();
            connection.turns.push(Turn::Sent(hex::encode(bytes)));
        }
    };
    write(&sent, &mut connection, &mut stream);
    let mut then = then.iter();
    let mut buffer = [0; 16_384];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                connection.turns.push(Turn::Received(hex::encode(&buffer[..count])));
                let Step { write: bytes, events } = client.receive(&buffer[..count], &mut random);
                connection.events.extend(events.iter().map(in_short));
                keep(events, left);
                write(&bytes, &mut connection, &mut stream);
            }
            // Nothing more comes by itself.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                match then.next() {
                    None => break,
                    Some(Then::Renegotiate) => {
                        connection.turns.push(Turn::Renegotiate);
                        write(&client.renegotiate(&mut random), &mut connection, &mut stream);
                    }
                    Some(Then::Type(command)) => typed.write_all(command.as_bytes()).unwrap(),
                    Some(Then::Close) => {
                        connection.turns.push(Turn::Close);
                        write(&client.close_notify(&mut random), &mut connection, &mut stream);
                    }
                }
            }
            Err(_) => break,
        }
    }
    connection
}
