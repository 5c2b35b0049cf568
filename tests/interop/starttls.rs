//! Protocols that begin in the clear, each on a server that others wrote.

use crate::certificates::{Identity, Key};
use crate::probe::{probe, probe_target};
use crate::server::{InTheClear, Server};
use crate::settings::TLS12;

/// The server begins TLS, and its certificate is the one that it was given.
fn begins_tls(server: InTheClear, protocol: &str) {
    needs!("openssl", server.program());
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    let server = Server::in_the_clear(server, Some(&identity));

    let answer = probe(&server, &format!("--starttls {protocol} --sni name.test --tls 1.2"));

    answer.says("/outcome/kind", "server_hello").says("/server/version", TLS12.name);
    assert_eq!(answer.fingerprints(), identity.fingerprints());
}

/// The server has no TLS and says so in its own protocol.
fn refuses(server: InTheClear, protocol: &str, code: &str) {
    needs!(server.program());
    let server = Server::in_the_clear(server, None);

    let answer = probe(&server, &format!("--starttls {protocol}"));

    answer.says("/outcome/stage", "starttls").says("/outcome/kind", "starttls_refused").says("/outcome/code", code);
}

macro_rules! servers {
    ($($begins:ident $refuses:ident: $server:ident $protocol:literal $code:literal;)+) => {
        $(#[test]
        fn $begins() {
            begins_tls(InTheClear::$server, $protocol);
        }

        #[test]
        fn $refuses() {
            refuses(InTheClear::$server, $protocol, $code);
        }
        )+
    };
}

servers! {
    vsftpd_begins_tls vsftpd_without_tls_refuses: Vsftpd "ftp" "530";
    postfix_begins_tls postfix_without_tls_refuses: Postfix "smtp" "502";
    dovecot_begins_tls_in_imap dovecot_without_tls_refuses_in_imap: DovecotImap "imap" "BAD";
    dovecot_begins_tls_in_pop3 dovecot_without_tls_refuses_in_pop3: DovecotPop3 "pop3" "-ERR";
    slapd_begins_tls slapd_without_tls_refuses: Slapd "ldap" "2";
    postgres_begins_tls postgres_without_tls_refuses: Postgres "postgres" "N";
    xrdp_begins_tls xrdp_without_tls_refuses: Xrdp "rdp" "0";
}

#[test]
fn a_server_that_speaks_something_else_is_malformed_at_starttls() {
    needs!("openssl", InTheClear::Vsftpd.program());
    let server = Server::in_the_clear(InTheClear::Vsftpd, None);
    let answer = probe_target(&server.address().to_string(), "--starttls pop3");
    answer.says("/outcome/stage", "starttls").says("/outcome/kind", "malformed");
}
