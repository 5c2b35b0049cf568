//! Real hellos and server flights of `testdata/hellos`: all of their fields are read, and written byte for byte back.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tlsprobe::registry::{ExtensionType, NamedGroup, ProtocolVersion};
use tlsprobe::wire::extension::{Extension, Extensions, KeyShare, ServerName};
use tlsprobe::wire::handshake::{
    Certificate, CertificateRequest, CertificateStatus, ClientHello, HandshakeType, KeyExchangeForm, MessageReader,
    NewSessionTicket, RawMessage, ServerHello, ServerKeyExchange, message,
};
use tlsprobe::wire::record::{ContentType, MAX_FRAGMENT, Record, write_records};
use tlsprobe::wire::{Wire, alert::Alert, fingerprint};

#[test]
fn every_client_hello_comes_back_byte_for_byte() {
    let samples = [samples("recorded"), samples("rebuilt")].concat();
    assert!(samples.len() > 60, "only {} hellos found", samples.len());
    for sample in samples {
        let (record_version, hello) = sample.client_hello();
        let bytes = message(HandshakeType::CLIENT_HELLO, &hello);
        let record = write_records(ContentType::HANDSHAKE, record_version, &bytes, MAX_FRAGMENT);
        assert_eq!(hex::encode(record), hex::encode(&sample.bytes), "{}", sample.name);
    }
}

#[test]
fn every_extension_of_a_recorded_client_is_one_that_is_read() {
    /// Of no use to a probe, or never standardized: curl's NPN, and what the browsers send beside the rest.
    const KEPT_AS_BYTES: [u16; 5] = [
        0x0022, // delegated_credential (RFC 9345)
        0x3374, // next_protocol_negotiation
        0x44cd, // application_settings
        0xca34, // trust_anchors
        0xfe0d, // encrypted_client_hello (RFC 9849), here without a configuration: noise
    ];
    for sample in samples("recorded") {
        let unread = sample.client_hello().1.extensions.into_iter().flat_map(|extensions| extensions.0);
        let unread = unread.filter(|extension| matches!(extension, Extension::Other(..)));
        for extension_type in unread.map(|extension| extension.extension_type()) {
            let is_known = extension_type.is_grease() || KEPT_AS_BYTES.contains(&extension_type.0);
            assert!(is_known, "{}: {extension_type}", sample.name);
        }
    }
}

#[test]
fn a_recorded_client_asks_for_the_host_it_was_told() {
    for sample in samples("recorded").into_iter().filter(|sample| sample.name != "openssl-few-extensions") {
        let extensions = sample.client_hello().1.extensions.expect("all of them send extensions");
        let Some(Extension::ServerName(name)) = extensions.find(ExtensionType::SERVER_NAME) else {
            panic!("{} sends no server_name", sample.name);
        };
        assert_eq!(name, &ServerName::host("localhost"), "{}", sample.name);
    }
}

#[test]
fn a_rebuilt_hello_has_the_fields_of_its_capture() {
    let captures = fs::read_to_string(folder("captures.json")).unwrap();
    let captures: Value = serde_json::from_str(&captures).unwrap();
    for capture in captures["captures"].as_array().unwrap() {
        let id = capture["id"].as_str().unwrap();
        let (record_version, hello) = sample("rebuilt", id).client_hello();
        if let Some(expected) = code(&capture["record_version"]) {
            assert_eq!(record_version.0, expected, "{id}");
        }
        assert_eq!(Some(hello.legacy_version.0), code(&capture["legacy_version"]), "{id}");
        let suites: Vec<u16> = hello.cipher_suites.iter().map(|suite| suite.0).collect();
        assert_eq!(suites, codes(&capture["cipher_suites"], "code"), "{id}");
        let extensions = hello.extensions.expect("all of them send extensions");
        let types: Vec<u16> = extensions.0.iter().map(|extension| extension.extension_type().0).collect();
        assert_eq!(types, codes(&capture["extensions"], "type"), "{id}");
        for (extension, expected) in extensions.0.iter().zip(capture["extensions"].as_array().unwrap()) {
            let found: Vec<u16> = match extension {
                Extension::SupportedGroups(groups) => groups.iter().map(|group| group.0).collect(),
                Extension::SignatureAlgorithms(schemes) => schemes.iter().map(|scheme| scheme.0).collect(),
                _ => continue,
            };
            assert_eq!(found, codes(&expected["content"], "code"), "{id}");
        }
    }
}

/// As they stand in public lists (JA3), in JA4's own test data and in a dissection of a Windows 11 capture (JA4).
#[test]
fn rebuilt_windows_hellos_have_the_fingerprints_that_windows_is_known_by() {
    for (id, ja3) in [
        ("cap-joy-1803-1809-dotnet-tls10", "54328bd36c14bd82ddaa0c04b25ed9ad"),
        ("cap-joy-1803-sspi-plain", "3b5074b1b5d032e5620f69f9f700ff0e"),
        ("cap-joy-1803-svchost-alpn", "bd0bf25947d4a37404f0424edf4db9ad"),
        ("cap-joy-1903-svchost", "28a2c9bd18a11de089ef85a160da29e4"),
        ("cap-pcap-win10-events-2023", "a0e9f5d64349fb13191bc781f81f42e1"),
    ] {
        assert_eq!(fingerprint::ja3(&sample("rebuilt", id).client_hello().1), ja3, "{id}");
    }
    for (id, ja4) in [
        ("cap-pcap-win10-events-2023", "t12d190800_d83cc789557e_7af1ed941c26"),
        ("cap-pcap-win11-2026", "t13d2013h1_2b729b4bf6f3_e24568c0d440"),
    ] {
        assert_eq!(fingerprint::ja4(&sample("rebuilt", id).client_hello().1), ja4, "{id}");
    }
}

#[test]
fn every_flight_comes_back_byte_for_byte() {
    for sample in samples("flights") {
        let mut rest = sample.bytes.as_slice();
        while let Some((record, consumed)) = Record::parse(rest).unwrap() {
            let written = write_records(record.content_type, record.version, record.fragment, MAX_FRAGMENT + 2048);
            assert_eq!(written, &rest[..consumed], "{}", sample.name);
            rest = &rest[consumed..];
        }
        assert!(rest.is_empty(), "{} ends within a record", sample.name);

        if sample.name == "openssl-alert" {
            continue;
        }
        let flight = sample.flight();
        for message in &flight.messages {
            assert_eq!(
                hex::encode(flight.rewrite(message)),
                hex::encode(&message.body),
                "{}: {message:?}",
                sample.name
            );
        }
    }
}

#[test]
fn a_flight_shows_what_the_server_was_configured_for() {
    for sample in samples("flights").into_iter().filter(|sample| sample.name != "openssl-alert") {
        let flight = sample.flight();
        let configured = sample.configured();
        let [version, cipher_suite, key_exchange] = configured.as_slice() else {
            panic!("{}: {configured:?}", sample.name);
        };
        assert_eq!(flight.server_hello.negotiated_version().to_string(), *version, "{}", sample.name);
        assert_eq!(format!("0x{:04X}", flight.server_hello.cipher_suite.0), *cipher_suite, "{}", sample.name);
        assert_eq!(flight.server_hello.is_hello_retry_request(), key_exchange == "retry", "{}", sample.name);
        let shown = flight.server_key_exchange().map(|message| match message {
            ServerKeyExchange::Dhe { signature: Some(_), .. } => "dhe",
            ServerKeyExchange::Ecdhe { signature: Some(_), .. } => "ecdhe",
            other => panic!("{}: {other:?}", sample.name),
        });
        let expected = Some(key_exchange.as_str()).filter(|kind| ["dhe", "ecdhe"].contains(kind));
        assert_eq!(shown, expected, "{}", sample.name);
    }
}

#[test]
fn a_flight_of_tls1_2_and_older_shows_its_certificates_and_one_of_tls1_3_hides_them() {
    for (name, certificates) in [
        ("openssl-tls1.0-dhe", 1),
        ("openssl-tls1.2-ecdsa", 1),
        ("openssl-tls1.2-chain-of-three", 3),
        ("openssl-tls1.2-records-of-512", 3),
        ("openssl-tls1.3", 0),
        ("gnutls-tls1.2", 1),
        ("gnutls-tls1.3", 0),
    ] {
        let flight = sample("flights", name).flight();
        let entries = flight
            .body(HandshakeType::CERTIFICATE)
            .map_or(vec![], |body| Certificate::from_bytes(body).unwrap().entries);
        assert_eq!(entries.len(), certificates, "{name}");
        for entry in entries {
            assert!(x509_parser::parse_x509_certificate(&entry).is_ok(), "{name}");
        }
    }
}

#[test]
fn a_server_that_wants_a_client_certificate_names_the_authorities_and_in_tls1_2_the_schemes() {
    for (name, says_schemes) in
        [("openssl-tls1.1-client-certificate", false), ("openssl-tls1.2-client-certificate", true)]
    {
        let flight = sample("flights", name).flight();
        let body = flight.body(HandshakeType::CERTIFICATE_REQUEST).unwrap();
        let request = CertificateRequest::decode(body, flight.server_hello.negotiated_version()).unwrap();
        assert_eq!(request.signature_schemes.is_some(), says_schemes, "{name}");
        let [authority] = request.authorities.as_slice() else { panic!("{name}: {request:?}") };
        assert!(String::from_utf8_lossy(authority).contains("Throwaway root"), "{name}");
    }
}

#[test]
fn a_stapled_response_and_a_ticket_are_read() {
    let flight = sample("flights", "openssl-tls1.2-alpn-status").flight();
    let status = CertificateStatus::from_bytes(flight.body(HandshakeType::CERTIFICATE_STATUS).unwrap()).unwrap();
    assert_eq!((status.status_type, status.response.first()), (CertificateStatus::OCSP, Some(&0x30)));
    let extensions = flight.server_hello.extensions.as_ref().unwrap();
    let selected = Extension::ApplicationLayerProtocolNegotiation(vec![b"h2".to_vec()]);
    assert!(extensions.0.contains(&selected), "{extensions:?}");

    let flight = sample("flights", "openssl-tls1.2-ticket").flight();
    let body = flight.body(HandshakeType::NEW_SESSION_TICKET).unwrap();
    let ticket = NewSessionTicket::from_bytes(body).unwrap();
    assert!(ticket.lifetime_hint > 0 && !ticket.ticket.is_empty(), "{ticket:?}");
}

#[test]
fn messages_split_over_small_records_come_together() {
    let sample = sample("flights", "openssl-tls1.2-records-of-512");
    let mut rest = sample.bytes.as_slice();
    let mut records = 0;
    while let Some((record, consumed)) = Record::parse(rest).unwrap() {
        assert!(record.fragment.len() <= 512);
        records += 1;
        rest = &rest[consumed..];
    }
    let types: Vec<u8> = sample.flight().messages.iter().map(|message| message.msg_type.0).collect();
    assert_eq!(types, [2, 11, 12, 14]);
    assert!(records > types.len(), "{records} records");
}

#[test]
fn a_hello_retry_request_says_which_group_it_wants() {
    let flight = sample("flights", "openssl-tls1.3-retry").flight();
    let Extensions(extensions) = flight.server_hello.extensions.unwrap();
    assert!(extensions.contains(&Extension::KeyShare(KeyShare::RetryGroup(NamedGroup::SECP384R1))), "{extensions:?}");
}

#[test]
fn a_server_that_refuses_the_version_says_so_in_an_alert() {
    let sample = sample("flights", "openssl-alert");
    let (record, _) = Record::parse(&sample.bytes).unwrap().unwrap();
    let alert = Alert::from_bytes(record.fragment).unwrap();
    assert_eq!(record.content_type, ContentType::ALERT);
    assert_eq!(vec!["alert".to_owned(), alert.description.0.to_string()], sample.configured());
}

/// One file: comment lines that begin with `#`, then bytes in hex.
#[derive(Clone)]
struct Sample {
    name: String,
    about: Vec<String>,
    bytes: Vec<u8>,
}

impl Sample {
    /// The hello that the one record holds, and that record's version.
    fn client_hello(&self) -> (ProtocolVersion, ClientHello) {
        let (record, consumed) = Record::parse(&self.bytes).expect(&self.name).expect(&self.name);
        assert_eq!((record.content_type, consumed), (ContentType::HANDSHAKE, self.bytes.len()), "{}", self.name);
        let message = RawMessage::from_bytes(record.fragment).expect(&self.name);
        assert_eq!(message.msg_type, HandshakeType::CLIENT_HELLO, "{}", self.name);
        (record.version, ClientHello::from_bytes(&message.body).expect(&self.name))
    }

    /// The words after `configured:`.
    fn configured(&self) -> Vec<String> {
        let line = self.about.iter().find_map(|line| line.strip_prefix("configured: ")).expect(&self.name);
        line.split(' ').map(str::to_owned).collect()
    }

    /// The handshake messages up to where encryption begins.
    fn flight(&self) -> Flight {
        let (mut reader, mut messages) = (MessageReader::new(), Vec::new());
        let mut rest = self.bytes.as_slice();
        while let Some((record, consumed)) = Record::parse(rest).expect(&self.name) {
            if record.content_type != ContentType::HANDSHAKE {
                break;
            }
            reader.push(record.fragment);
            while let Some(message) = reader.next().expect(&self.name) {
                messages.push(message);
            }
            rest = rest.split_at(consumed).1;
        }
        assert!(!reader.is_mid_message(), "{} ends within a message", self.name);
        let server_hello = messages.first().expect(&self.name);
        let server_hello = ServerHello::from_bytes(&server_hello.body).expect(&self.name);
        let form = match self.configured().last().map(String::as_str) {
            Some("dhe") => KeyExchangeForm::Dhe { signed: true },
            Some("ecdhe") => KeyExchangeForm::Ecdhe { signed: true },
            _ => KeyExchangeForm::Other,
        };
        Flight { messages, server_hello, form }
    }
}

/// What a server said in clear.
struct Flight {
    messages: Vec<RawMessage>,
    server_hello: ServerHello,
    form: KeyExchangeForm,
}

impl Flight {
    fn body(&self, msg_type: HandshakeType) -> Option<&[u8]> {
        self.messages.iter().find(|message| message.msg_type == msg_type).map(|message| message.body.as_slice())
    }

    fn server_key_exchange(&self) -> Option<ServerKeyExchange> {
        let body = self.body(HandshakeType::SERVER_KEY_EXCHANGE)?;
        let version = self.server_hello.negotiated_version();
        Some(ServerKeyExchange::decode(body, self.form, version).expect("the configured form"))
    }

    /// The body as it is written after it was read.
    fn rewrite(&self, message: &RawMessage) -> Vec<u8> {
        let (body, version) = (message.body.as_slice(), self.server_hello.negotiated_version());
        let written = match message.msg_type {
            HandshakeType::SERVER_HELLO => ServerHello::from_bytes(body).map(|message| message.to_bytes()),
            HandshakeType::CERTIFICATE => Certificate::from_bytes(body).map(|message| message.to_bytes()),
            HandshakeType::CERTIFICATE_STATUS => CertificateStatus::from_bytes(body).map(|message| message.to_bytes()),
            HandshakeType::SERVER_KEY_EXCHANGE => {
                ServerKeyExchange::decode(body, self.form, version).map(|message| message.to_bytes())
            }
            HandshakeType::CERTIFICATE_REQUEST => {
                CertificateRequest::decode(body, version).map(|message| message.to_bytes())
            }
            HandshakeType::NEW_SESSION_TICKET => NewSessionTicket::from_bytes(body).map(|message| message.to_bytes()),
            HandshakeType::SERVER_HELLO_DONE => Ok(vec![]),
            other => unreachable!("no {other} is sent in clear"),
        };
        written.expect("a real server's message")
    }
}

fn folder(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "testdata", "hellos", name].iter().collect()
}

fn samples(name: &str) -> Vec<Sample> {
    let paths = fs::read_dir(folder(name)).expect(name).map(|entry| entry.expect(name).path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn sample(name: &str, file: &str) -> Sample {
    read(&folder(name).join(format!("{file}.hex")))
}

fn read(path: &Path) -> Sample {
    let name = path.to_string_lossy();
    let text = fs::read_to_string(path).expect(&name);
    let (about, digits): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    Sample {
        name: path.file_stem().expect("a file has a name").to_string_lossy().into_owned(),
        about: about.into_iter().map(|line| line.trim_start_matches("# ").to_owned()).collect(),
        bytes: hex::decode(digits.concat()).expect("digits"),
    }
}

/// The number of a JSON string like `"0x0303"`; of any other text none.
fn code(value: &Value) -> Option<u16> {
    u16::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

fn codes(list: &Value, member: &str) -> Vec<u16> {
    list.as_array().expect("a list").iter().map(|entry| code(&entry[member]).expect("a code point")).collect()
}
