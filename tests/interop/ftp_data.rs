//! FTP's data connections inside TLS, at a server that others wrote.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::certificates::{Identity, Key};
use crate::probe::{Answer, scan_target};
use crate::server::Server;

/// What vsftpd is asked for, and how much of each listing came.
fn scanned(own: &str, target: impl Fn(&Server) -> (String, String)) -> Answer {
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let server = Server::vsftpd(&identity, own);
    let (target, options) = target(&server);
    scan_target(&target, &format!("--only ftp-data {options}"))
}

fn explicitly(server: &Server) -> (String, String) {
    (server.address().to_string(), "--starttls ftp".to_owned())
}

/// Each listing's result, and whether its session was resumed.
fn results(answer: &Answer) -> Vec<(Value, Value)> {
    let transfers = answer.observation("/ftp_data/transfers");
    let transfers = transfers.as_array().expect("a list");
    transfers.iter().map(|transfer| (transfer["result"].clone(), transfer["resumed"].clone())).collect()
}

/// In full, resumed with `extended_master_secret`, resumed without it; in full and resumed in TLS 1.3.
fn all_transferred() -> Vec<(Value, Value)> {
    [false, true, true, false, true].map(|resumed| (json!("transferred"), json!(resumed))).to_vec()
}

#[test]
fn vsftpd_that_wants_its_session_back_refuses_every_other_data_connection() {
    needs!("openssl", "vsftpd");
    let answer = scanned("require_ssl_reuse=YES\n", explicitly);
    assert_eq!(answer.observation("/ftp_data/demanded"), json!(true));
    for way in ["with_extended_master_secret", "without_extended_master_secret", "tls13"] {
        assert_eq!(answer.observation(&format!("/ftp_data/{way}")), json!("accepted"), "{way}");
    }
    let mut expected = all_transferred();
    expected[0].0 = json!("refused");
    expected[3].0 = json!("refused");
    assert_eq!(results(&answer), expected);
    let reply = answer.observation("/ftp_data/transfers/0/reply");
    assert!(reply.as_str().is_some_and(|reply| reply.starts_with("522")), "{reply}");
    assert_eq!(answer.report("/findings/0/id"), json!("ftp-data-resumption-demanded"));
    answer.exits(0);
}

#[test]
fn vsftpd_that_wants_no_session_takes_data_connections_with_and_without() {
    needs!("openssl", "vsftpd");
    let answer = scanned("require_ssl_reuse=NO\n", explicitly);
    assert_eq!(answer.observation("/ftp_data/demanded"), json!(false));
    assert_eq!(results(&answer), all_transferred());
    assert_eq!(answer.report("/findings"), json!([]));
    answer.exits(0);
}

#[test]
fn vsftpd_on_which_tls_comes_first_is_asked_without_auth_tls() {
    needs!("openssl", "vsftpd");
    let answer = scanned("implicit_ssl=YES\nrequire_ssl_reuse=YES\n", |server| {
        ("name.test:990".to_owned(), format!("--connect-to name.test:990:{}", server.address()))
    });
    assert_eq!(answer.observation("/ftp_data/demanded"), json!(true));
    answer.exits(0);
}

#[test]
fn through_a_proxy_the_data_connection_takes_the_same_way() {
    needs!("openssl", "vsftpd");
    let (proxy, asked_for) = proxy();
    let answer = scanned("require_ssl_reuse=NO\n", |server| {
        (server.address().to_string(), format!("--starttls ftp --proxy http://{proxy}"))
    });
    assert_eq!(results(&answer), all_transferred());
    let asked_for = asked_for.lock().expect("nobody panics with it");
    assert_eq!(asked_for.len(), 2 + 2 * 5, "{asked_for:?}");
    assert!(asked_for.iter().all(|place| place.starts_with("127.0.0.1:")), "{asked_for:?}");
    let ports: std::collections::BTreeSet<&String> = asked_for.iter().collect();
    assert!(ports.len() > 2, "the control connection's port, and those of data connections: {ports:?}");
}

#[test]
fn who_is_not_let_in_is_told_and_tries_no_more() {
    needs!("openssl", "vsftpd");
    let answer = scanned("anonymous_enable=NO\nlocal_enable=YES\n", explicitly);
    assert_eq!(answer.observation("/ftp_data/demanded"), Value::Null);
    let why = answer.observation("/inconclusive/0/why");
    assert!(why.as_str().is_some_and(|why| why.contains("530")), "{why}");
    assert_eq!(results(&answer).len(), 1);
    answer.exits(3);
}

/// A proxy that connects wherever it is asked to, and where that was. It lives as long as the test.
fn proxy() -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let asked_for = Arc::new(Mutex::new(Vec::new()));
    let places = Arc::clone(&asked_for);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let places = Arc::clone(&places);
            thread::spawn(move || tunnel(client, &places));
        }
    });
    (address, asked_for)
}

fn tunnel(mut client: TcpStream, places: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let place = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while reader.read_line(&mut line)? > 2 {}
    places.lock().expect("nobody panics with it").push(place.clone());
    let mut server = TcpStream::connect(place)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client);
    let back = thread::spawn(move || {
        io::copy(&mut from_server, &mut to_client).ok();
        to_client.shutdown(Shutdown::Write).ok();
    });
    io::copy(&mut reader, &mut server).ok();
    server.shutdown(Shutdown::Write).ok();
    back.join().ok();
    Ok(())
}
