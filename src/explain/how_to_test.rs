//! Which command tests what a code may come from.
//!
//! Each code leads to one situation, by the layer where it arises or by its causes, and each situation to a few
//! commands. The commands ask the endpoint itself; a cause on this machine shows in what the endpoint does well.

use super::HowToTest;
use crate::registry::{
    AlertDescription, ErrorText, EventArea, Layer, ProxyObservation, SchannelEvent, WindowsCodeInfo, WinhttpFlag,
};

/// What a code speaks of, as far as it decides what to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Situation {
    /// A name has no address.
    Resolution,
    /// No TCP connection came about.
    Connection,
    /// The connection was reset or closed when the hello came.
    CutAtHello,
    /// There was no answer in time.
    Silence,
    /// Something came that is not TLS.
    NotTls,
    /// Version, suite or parameters did not suit.
    Negotiation,
    /// `extended_master_secret` (RFC 7627), or what looks like it.
    ExtendedMasterSecret,
    /// The name in `server_name` did not suit.
    ServerName,
    /// The application protocols did not suit.
    ApplicationProtocol,
    /// The server's certificate was not good enough.
    ServerCertificate,
    /// It is revoked, or that could not be told.
    Revocation,
    /// A client certificate is asked for.
    ClientCertificate,
    /// The failure is in an HTTP answer.
    Http,
    /// A proxy was not found, or not understood.
    Proxy,
    /// TLS to the proxy itself failed.
    ProxyTls,
    /// A Cloud Management Gateway, or the connections behind it.
    Gateway,
    /// Nothing left this machine as it should.
    ThisMachine,
}

/// Each situation, the commands to run, and what each of them shows.
const HOW_TO_TEST: &[(Situation, &[(&str, &str)])] = &[
    (
        Situation::Resolution,
        &[
            ("tlsprobe probe HOST", "whether this machine's resolver has the name, and if not, why"),
            ("tlsprobe probe HOST --dns SERVER", "whether another resolver has it"),
        ],
    ),
    (
        Situation::Connection,
        &[
            ("tlsprobe probe HOST", "refused, unreachable and timeout, told apart"),
            ("tlsprobe probe HOST --ip all", "the same for each address of the host"),
        ],
    ),
    (
        Situation::CutAtHello,
        &[
            ("tlsprobe check wsus", "which versions and suites each endpoint takes, and how it ends the others"),
            ("tlsprobe probe HOST --tls 1.0", "how a hello of TLS 1.0 ends"),
            ("tlsprobe probe HOST --tls 1.2", "whether the same endpoint takes TLS 1.2"),
            ("tlsprobe probe HOST --tls 1.2 --ciphers LIST", "whether it takes one of the suites Windows offers"),
            ("tlsprobe probe HOST --no-sni", "whether it is the name that ends it, as at a middlebox"),
        ],
    ),
    (
        Situation::Silence,
        &[
            ("tlsprobe probe HOST", "whether SYN or the hello goes unanswered"),
            ("tlsprobe probe HOST --no-sni", "whether it is the name that is dropped on the way"),
            ("tlsprobe probe HOST --timeout-hello 60 --timeout 90", "whether the answer is only slow"),
        ],
    ),
    (Situation::NotTls, &[("tlsprobe probe HOST:PORT", "the first bytes that came, and what they look like")]),
    (
        Situation::Negotiation,
        &[
            ("tlsprobe check wsus", "which versions and suites each endpoint takes, and how it refuses the others"),
            ("tlsprobe check HOST", "the same of any other server"),
            ("tlsprobe probe HOST --tls 1.2 --ciphers LIST", "whether it takes one of the suites Windows offers"),
        ],
    ),
    (
        Situation::ExtendedMasterSecret,
        &[
            ("tlsprobe probe HOST --tls 1.2 --ems on", "whether the server echoes extended_master_secret"),
            ("tlsprobe probe HOST --tls 1.2 --ems off", "whether it takes a hello without it"),
            (
                "tlsprobe probe HOST --tls 1.2 --ciphers DHE-RSA-AES256-GCM-SHA384",
                "whether it takes a suite of TLS_DHE",
            ),
        ],
    ),
    (
        Situation::ServerName,
        &[
            ("tlsprobe probe HOST --sni NAME", "the answer to this name"),
            ("tlsprobe probe HOST --no-sni", "the answer to none"),
        ],
    ),
    (
        Situation::ApplicationProtocol,
        &[
            ("tlsprobe probe HOST --alpn h2,http/1.1", "which of them the server takes"),
            ("tlsprobe probe HOST", "the answer to a hello without the extension"),
        ],
    ),
    (
        Situation::ServerCertificate,
        &[
            ("tlsprobe check HOST", "the chain's order, the name and the dates, as the server sends them"),
            ("tlsprobe check cmg:HOST", "the same of a Cloud Management Gateway"),
        ],
    ),
    (
        Situation::Revocation,
        &[(
            "tlsprobe probe HOST --tls 1.2 --format json",
            "each certificate's crl_urls and ocsp_urls, which the client must reach",
        )],
    ),
    (
        Situation::ClientCertificate,
        &[("tlsprobe check HOST", "whether the server asks for a client certificate, and from whom")],
    ),
    (
        Situation::Http,
        &[
            ("tlsprobe check HOST", "whether TLS below the HTTP answer is as it should be"),
            ("tlsprobe check wsus", "whether the update endpoints behind a proxy or gateway are"),
        ],
    ),
    (Situation::Proxy, &[("tlsprobe probe HOST", "whether the endpoint itself answers")]),
    (
        Situation::ProxyTls,
        &[(
            "tlsprobe check PROXY:PORT",
            "the chain, name and dates the proxy shows, and whether it asks for a certificate",
        )],
    ),
    (
        Situation::Gateway,
        &[
            ("tlsprobe check cmg:HOST", "whether TLS to the gateway itself is as it should be"),
            ("tlsprobe check MANAGEMENT_POINT", "its certificate, and whether it asks for one of its clients"),
        ],
    ),
    (
        Situation::ThisMachine,
        &[(
            "tlsprobe check wsus",
            "whether the endpoints are as expected; the cause is then on the machine that logged it",
        )],
    ),
];

impl Situation {
    pub(super) fn of_code(row: &WindowsCodeInfo) -> Self {
        // Their causes say more than their layer.
        match row.name {
            "ERROR_INTERNET_CONNECTION_RESET" => return Self::CutAtHello,
            "ERROR_WINHTTP_INVALID_SERVER_RESPONSE" | "SEC_E_INVALID_TOKEN" => return Self::NotTls,
            "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED" | "SEC_E_LOGON_DENIED" => return Self::ClientCertificate,
            "SEC_E_MESSAGE_ALTERED" => return Self::ExtendedMasterSecret,
            "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ" => return Self::Proxy,
            "SEC_E_APPLICATION_PROTOCOL_MISMATCH" => return Self::ApplicationProtocol,
            "ERROR_WINHTTP_SECURE_CERT_REV_FAILED"
            | "ERROR_WINHTTP_SECURE_CERT_REVOKED"
            | "CRYPT_E_REVOKED"
            | "CRYPT_E_NO_REVOCATION_CHECK"
            | "CRYPT_E_REVOCATION_OFFLINE"
            | "CERT_E_REVOKED"
            | "CERT_E_REVOCATION_FAILURE" => return Self::Revocation,
            _ => {}
        }
        match row.layer {
            Layer::LocalConfiguration | Layer::Local => Self::ThisMachine,
            Layer::Dns => Self::Resolution,
            Layer::Ip | Layer::Tcp => Self::Connection,
            Layer::TcpTls => Self::CutAtHello,
            Layer::TcpTlsHttp => Self::Silence,
            Layer::Tls => Self::Negotiation,
            Layer::TlsCertificate => Self::ServerCertificate,
            Layer::TlsClientCertificate => Self::ClientCertificate,
            Layer::TlsProxy => Self::ProxyTls,
            Layer::Proxy => Self::Proxy,
            Layer::Http => Self::Http,
        }
    }

    /// The situation of who receives this alert of a server; none where it is no failure.
    pub(super) fn of_alert(alert: AlertDescription) -> Option<Self> {
        Some(match alert {
            AlertDescription::CLOSE_NOTIFY => return None,
            AlertDescription::BAD_RECORD_MAC => Self::ExtendedMasterSecret,
            // A server that says this of a certificate, or of the lack of one, speaks of the client's.
            AlertDescription::NO_CERTIFICATE
            | AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_REVOKED
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::UNKNOWN_CA
            | AlertDescription::ACCESS_DENIED
            | AlertDescription::CERTIFICATE_UNOBTAINABLE
            | AlertDescription::BAD_CERTIFICATE_HASH_VALUE
            | AlertDescription::CERTIFICATE_REQUIRED => Self::ClientCertificate,
            AlertDescription::UNRECOGNIZED_NAME => Self::ServerName,
            AlertDescription::NO_APPLICATION_PROTOCOL => Self::ApplicationProtocol,
            _ => Self::Negotiation,
        })
    }

    /// The situation of who finds this event in a log; none where it is no failure.
    pub(super) fn of_event(event: &SchannelEvent) -> Option<Self> {
        Some(match event.area {
            EventArea::Info => return None,
            EventArea::Certificate | EventArea::ServerSide => Self::ServerCertificate,
            EventArea::ClientCertificate => Self::ClientCertificate,
            EventArea::LocalConfiguration | EventArea::PrivateKey => Self::ThisMachine,
            EventArea::ServerSideWsus | EventArea::PeerSentAlert | EventArea::ThisMachineSentAlert => Self::Negotiation,
        })
    }

    pub(super) fn of_flag(flag: &WinhttpFlag) -> Self {
        match flag.name {
            "WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED" | "WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED" => {
                Self::Revocation
            }
            "WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR" => Self::Negotiation,
            _ => Self::ServerCertificate,
        }
    }

    pub(super) fn of_text(text: &ErrorText) -> Self {
        match text.socket_error {
            Some("WSAECONNRESET") => Self::CutAtHello,
            // The one text that says which side was not trusted; the others leave it open what did not suit.
            _ if text.text.contains("trust relationship") => Self::ServerCertificate,
            _ => Self::Negotiation,
        }
    }

    pub(super) fn how_to_test(self) -> Vec<HowToTest> {
        let entries = HOW_TO_TEST.iter().filter(|(situation, _)| *situation == self);
        let tests = entries.flat_map(|(_, tests)| *tests);
        tests.map(|&(command, shows)| HowToTest { command: command.to_owned(), shows: shows.to_owned() }).collect()
    }

    /// What a proxy may make of it.
    pub(super) fn proxy_note(self) -> Option<String> {
        let ProxyObservation { observation, note, .. } = ProxyObservation::FIN_IN_PLACE_OF_RST;
        (self == Self::CutAtHello).then(|| format!("through a proxy: {observation}; {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::WindowsCode;

    /// The commands and options that exist, the options with the number of their arguments.
    const COMMANDS: [&str; 2] = ["check", "probe"];
    const OPTIONS: [(&str, usize); 11] = [
        ("--alpn", 1),
        ("--ciphers", 1),
        ("--dns", 1),
        ("--ems", 1),
        ("--format", 1),
        ("--ip", 1),
        ("--no-sni", 0),
        ("--sni", 1),
        ("--timeout", 1),
        ("--timeout-hello", 1),
        ("--tls", 1),
    ];

    #[test]
    fn every_command_is_a_plausible_command_line() {
        for (command, _) in HOW_TO_TEST.iter().flat_map(|(_, tests)| *tests) {
            let mut words = command.split(' ');
            assert_eq!(words.next(), Some("tlsprobe"), "{command}");
            assert!(COMMANDS.contains(&words.next().unwrap()), "{command}");
            assert!(!words.next().unwrap().starts_with('-'), "{command} has no target");
            while let Some(word) = words.next() {
                let (_, arguments) = OPTIONS.iter().find(|(option, _)| *option == word).expect(command);
                for _ in 0..*arguments {
                    assert!(words.next().is_some_and(|value| !value.starts_with('-')), "{command}");
                }
            }
        }
    }

    #[test]
    fn every_row_that_tells_of_a_failure_has_a_command_and_no_other_has() {
        let codes = WindowsCode::all().iter().map(|row| (row.name.to_owned(), Some(Situation::of_code(row))));
        let flags = WinhttpFlag::all().iter().map(|flag| (flag.name.to_owned(), Some(Situation::of_flag(flag))));
        let texts = ErrorText::all().iter().map(|text| (text.text.to_owned(), Some(Situation::of_text(text))));
        let alerts = AlertDescription::all().iter().map(|row| (row.name.to_owned(), Situation::of_alert(row.code)));
        let events = SchannelEvent::all().iter().map(|event| (event.id.to_string(), Situation::of_event(event)));
        for (name, situation) in codes.chain(flags).chain(texts).chain(alerts).chain(events) {
            let is_failure = !["close_notify", "36864", "36880"].contains(&&*name);
            assert_eq!(situation.is_some_and(|situation| !situation.how_to_test().is_empty()), is_failure, "{name}");
        }
    }

    #[test]
    fn a_situation_stands_in_the_table_once() {
        for (place, (situation, _)) in HOW_TO_TEST.iter().enumerate() {
            assert!(HOW_TO_TEST.iter().skip(place + 1).all(|(other, _)| other != situation), "{situation:?}");
        }
    }

    #[test]
    fn codes_that_the_table_names_one_by_one_exist() {
        let situation = |name: &str| Situation::of_code(WindowsCode::from_name(name).unwrap().info().unwrap());
        assert_eq!(situation("SEC_E_MESSAGE_ALTERED"), Situation::ExtendedMasterSecret);
        assert_eq!(situation("ERROR_INTERNET_CONNECTION_RESET"), Situation::CutAtHello);
        let count = |wanted| WindowsCode::all().iter().filter(|row| Situation::of_code(row) == wanted).count();
        assert_eq!(count(Situation::Revocation), 7);
        assert_eq!(count(Situation::NotTls), 2);
        // These, and the two of their layer.
        assert_eq!(count(Situation::ClientCertificate), 2 + 2);
        assert_eq!(count(Situation::ApplicationProtocol), 1);
        assert_eq!(count(Situation::Proxy), 1 + 4);
        assert_eq!(
            WinhttpFlag::all().iter().filter(|flag| Situation::of_flag(flag) == Situation::Revocation).count(),
            2
        );
    }
}
