//! JARM, version 1.0: ten hellos, and a hash of what is chosen in answer to them.
//!
//! The algorithm is Salesforce's (<https://github.com/salesforce/jarm>, BSD 3-Clause). Where it draws a GREASE value at
//! random, one of them stands here. Where the target has no name, `server_name` is left out; the original sends the
//! address in it.

use sha2::{Digest, Sha256};

use crate::offer::{ExtensionOffer, NO_SPLIT, Offer, SessionIdOffer};
use crate::outcome::Server;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, SupportedVersions};

/// The ten hellos, in order.
#[rustfmt::skip]
pub(super) const HELLOS: [JarmHello; 10] = [
    hello("tls12_forward",     TLS1_2, true,  Order::Forward,    false, Alpn::All,  Some(TLS1_2), Order::Reverse),
    hello("tls12_reverse",     TLS1_2, true,  Order::Reverse,    false, Alpn::All,  Some(TLS1_2), Order::Forward),
    hello("tls12_top_half",    TLS1_2, true,  Order::TopHalf,    false, Alpn::All,  None,         Order::Forward),
    hello("tls12_bottom_half", TLS1_2, true,  Order::BottomHalf, false, Alpn::Rare, None,         Order::Forward),
    hello("tls12_middle_out",  TLS1_2, true,  Order::MiddleOut,  true,  Alpn::Rare, None,         Order::Reverse),
    hello("tls11_forward",     TLS1_1, true,  Order::Forward,    false, Alpn::All,  None,         Order::Forward),
    hello("tls13_forward",     TLS1_3, true,  Order::Forward,    false, Alpn::All,  Some(TLS1_3), Order::Reverse),
    hello("tls13_reverse",     TLS1_3, true,  Order::Reverse,    false, Alpn::All,  Some(TLS1_3), Order::Forward),
    hello("tls13_invalid",     TLS1_3, false, Order::Forward,    false, Alpn::All,  Some(TLS1_3), Order::Forward),
    hello("tls13_middle_out",  TLS1_3, true,  Order::MiddleOut,  true,  Alpn::All,  Some(TLS1_3), Order::Reverse),
];

const TLS1_1: ProtocolVersion = ProtocolVersion::TLS1_1;
const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const TLS1_3: ProtocolVersion = ProtocolVersion::TLS1_3;

/// What one of the hellos is made by.
pub(super) struct JarmHello {
    pub(super) name: &'static str,
    version: ProtocolVersion,
    /// Whether the suites of TLS 1.3 are among the others.
    tls13_suites: bool,
    suites: Order,
    grease: bool,
    protocols: Alpn,
    /// The last one in `supported_versions`, if that is sent.
    supported_versions: Option<ProtocolVersion>,
    /// Of protocols and of versions.
    extensions: Order,
}

#[expect(clippy::too_many_arguments, reason = "a row of the table above")]
const fn hello(
    name: &'static str,
    version: ProtocolVersion,
    tls13_suites: bool,
    suites: Order,
    grease: bool,
    protocols: Alpn,
    supported_versions: Option<ProtocolVersion>,
    extensions: Order,
) -> JarmHello {
    JarmHello { name, version, tls13_suites, suites, grease, protocols, supported_versions, extensions }
}

#[derive(Clone, Copy)]
enum Alpn {
    All,
    /// Without `http/1.1` and `h2`.
    Rare,
}

#[derive(Clone, Copy)]
enum Order {
    Forward,
    Reverse,
    /// The first half backwards, after the one in the middle.
    TopHalf,
    BottomHalf,
    /// From the middle to both ends in turn.
    MiddleOut,
}

impl Order {
    fn of<T: Copy>(self, all: &[T]) -> Vec<T> {
        let (middle, is_odd) = (all.len() / 2, all.len() % 2 == 1);
        let (top, rest) = all.split_at(middle);
        let bottom = if is_odd { rest.get(1..).unwrap_or_default() } else { rest };
        let center = rest.first().copied().filter(|_| is_odd);
        let backwards = || top.iter().rev().copied();
        match self {
            Self::Forward => all.to_vec(),
            Self::Reverse => all.iter().rev().copied().collect(),
            Self::TopHalf => center.into_iter().chain(backwards()).collect(),
            Self::BottomHalf => bottom.to_vec(),
            Self::MiddleOut => {
                let pairs = bottom.iter().copied().zip(backwards());
                center.into_iter().chain(pairs.flat_map(|(below, above)| [below, above])).collect()
            }
        }
    }
}

/// Every suite of the algorithm, in its order.
#[rustfmt::skip]
const SUITES: [u16; 69] = [
    0x0016, 0x0033, 0x0067, 0xc09e, 0xc0a2, 0x009e, 0x0039, 0x006b, 0xc09f, 0xc0a3, 0x009f, 0x0045, 0x00be, 0x0088,
    0x00c4, 0x009a, 0xc008, 0xc009, 0xc023, 0xc0ac, 0xc0ae, 0xc02b, 0xc00a, 0xc024, 0xc0ad, 0xc0af, 0xc02c, 0xc072,
    0xc073, 0xcca9, 0x1302, 0x1301, 0xcc14, 0xc007, 0xc012, 0xc013, 0xc027, 0xc02f, 0xc014, 0xc028, 0xc030, 0xc060,
    0xc061, 0xc076, 0xc077, 0xcca8, 0x1305, 0x1304, 0x1303, 0xcc13, 0xc011, 0x000a, 0x002f, 0x003c, 0xc09c, 0xc0a0,
    0x009c, 0x0035, 0x003d, 0xc09d, 0xc0a1, 0x009d, 0x0041, 0x00ba, 0x0084, 0x00c0, 0x0007, 0x0004, 0x0005,
];

/// The same in the order by which the hash numbers them, from 1.
#[rustfmt::skip]
const NUMBERED: [u16; 69] = [
    0x0004, 0x0005, 0x0007, 0x000a, 0x0016, 0x002f, 0x0033, 0x0035, 0x0039, 0x003c, 0x003d, 0x0041, 0x0045, 0x0067,
    0x006b, 0x0084, 0x0088, 0x009a, 0x009c, 0x009d, 0x009e, 0x009f, 0x00ba, 0x00be, 0x00c0, 0x00c4, 0xc007, 0xc008,
    0xc009, 0xc00a, 0xc011, 0xc012, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c, 0xc02f, 0xc030,
    0xc060, 0xc061, 0xc072, 0xc073, 0xc076, 0xc077, 0xc09c, 0xc09d, 0xc09e, 0xc09f, 0xc0a0, 0xc0a1, 0xc0a2, 0xc0a3,
    0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0xcc13, 0xcc14, 0xcca8, 0xcca9, 0x1301, 0x1302, 0x1303, 0x1304, 0x1305,
];

/// Protocols, some of which keep together when the order changes.
const PROTOCOLS: [&[&str]; 8] =
    [&["http/0.9"], &["http/1.0"], &["http/1.1"], &["spdy/1"], &["spdy/2"], &["spdy/3", "h2"], &["h2c"], &["hq"]];
const RARE_PROTOCOLS: [&[&str]; 7] =
    [&["http/0.9"], &["http/1.0"], &["spdy/1"], &["spdy/2"], &["spdy/3"], &["h2c"], &["hq"]];

/// 512 bytes.
const MAX_FRAGMENT_LENGTH: u8 = 1;
/// `psk_dhe_ke`.
const PSK_DHE_KE: u8 = 1;

const SIGNATURE_SCHEMES: [u16; 9] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201];

impl JarmHello {
    pub(super) fn offer(&self) -> Offer {
        let record_version = match self.version {
            TLS1_3 => ProtocolVersion::TLS1_0,
            version => version,
        };
        Offer {
            profile: None,
            record_version,
            legacy_version: self.version.min(TLS1_2),
            session_id: SessionIdOffer::Fresh,
            cipher_suites: self.cipher_suites(),
            compression_methods: vec![0],
            extensions: Some(self.extensions()),
            record_split: NO_SPLIT,
        }
    }

    fn cipher_suites(&self) -> Vec<CipherSuite> {
        const GREASE: CipherSuite = CipherSuite(0x0a0a);
        let is_tls13 = |suite: u16| suite >> 8 == 0x13;
        let all: Vec<u16> = SUITES.into_iter().filter(|suite| self.tls13_suites || !is_tls13(*suite)).collect();
        let ordered = self.suites.of(&all).into_iter().map(CipherSuite);
        Some(GREASE).filter(|_| self.grease).into_iter().chain(ordered).collect()
    }

    fn extensions(&self) -> Vec<ExtensionOffer> {
        const GREASE: ExtensionType = ExtensionType(0x1a1a);
        const GREASE_GROUP: NamedGroup = NamedGroup(0x2a2a);
        let exactly = ExtensionOffer::Exactly;
        let groups = [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];
        let mut extensions = Vec::new();
        if self.grease {
            extensions.push(exactly(Extension::Other(GREASE, Vec::new())));
        }
        let share = Some(GREASE_GROUP).filter(|_| self.grease).into_iter().chain([NamedGroup::X25519]);
        extensions.extend([
            ExtensionOffer::ServerName,
            exactly(Extension::ExtendedMasterSecret),
            exactly(Extension::MaxFragmentLength(MAX_FRAGMENT_LENGTH)),
            exactly(Extension::RenegotiationInfo(Vec::new())),
            exactly(Extension::SupportedGroups(groups.to_vec())),
            exactly(Extension::EcPointFormats(vec![0])),
            exactly(Extension::SessionTicket(Vec::new())),
            exactly(Extension::ApplicationLayerProtocolNegotiation(self.protocols())),
            exactly(Extension::SignatureAlgorithms(SIGNATURE_SCHEMES.map(SignatureScheme).to_vec())),
            ExtensionOffer::KeyShare(share.collect()),
            exactly(Extension::PskKeyExchangeModes(vec![PSK_DHE_KE])),
        ]);
        extensions
            .extend(self.versions().map(|all| exactly(Extension::SupportedVersions(SupportedVersions::Offered(all)))));
        extensions
    }

    fn protocols(&self) -> Vec<Vec<u8>> {
        let all: &[&[&str]] = match self.protocols {
            Alpn::All => &PROTOCOLS,
            Alpn::Rare => &RARE_PROTOCOLS,
        };
        self.extensions.of(all).into_iter().flatten().map(|name| name.as_bytes().to_vec()).collect()
    }

    fn versions(&self) -> Option<Vec<ProtocolVersion>> {
        const GREASE: ProtocolVersion = ProtocolVersion(0x3a3a);
        let last = self.supported_versions?;
        let all = [ProtocolVersion::TLS1_0, TLS1_1, TLS1_2, TLS1_3].into_iter().filter(|version| *version <= last);
        let ordered = self.extensions.of(&all.collect::<Vec<_>>());
        Some(Some(GREASE).filter(|_| self.grease).into_iter().chain(ordered).collect())
    }
}

/// The form of an answer that is no ServerHello.
pub(super) const REFUSED: &str = "|||";

/// The form of a ServerHello: suite, `legacy_version`, the protocol if it stands there, and the types of its extensions.
pub(super) fn answer(server: &Server) -> String {
    let names_protocol = server.extensions.contains(&ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
    let protocol = server.alpn.as_deref().filter(|_| names_protocol).unwrap_or_default();
    let types: Vec<String> = server.extensions.iter().map(|extension| format!("{:04x}", extension.0)).collect();
    // TLS 1.3 goes by the number of TLS 1.2 there (RFC 8446 §4.1.3).
    let legacy_version = server.version.min(TLS1_2);
    format!("{:04x}|{:04x}|{protocol}|{}", server.cipher_suite.code.0, legacy_version.0, types.join("-"))
}

/// The fingerprint of ten answers: three digits of each for suite and version, then a hash of the rest.
pub(super) fn hash(answers: &[&str]) -> String {
    if answers.iter().all(|answer| *answer == REFUSED) {
        return "0".repeat(62);
    }
    let (mut fingerprint, mut rest) = (String::new(), String::new());
    for answer in answers {
        let mut parts = answer.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (suite, version) = (part(), part());
        fingerprint.push_str(&number_of(suite));
        fingerprint.push(letter_of(version));
        rest.push_str(part());
        rest.push_str(part());
    }
    let digest = hex::encode(Sha256::digest(rest.as_bytes()));
    fingerprint.extend(digest.chars().take(32));
    fingerprint
}

/// The suite's place in the list; the one behind it for a suite that does not stand there.
fn number_of(suite: &str) -> String {
    let Ok(code) = u16::from_str_radix(suite, 16) else { return "00".to_owned() };
    let place = NUMBERED.iter().position(|known| *known == code).unwrap_or(NUMBERED.len());
    format!("{:02x}", place + 1)
}

/// `d` for TLS 1.2, which is 0303.
fn letter_of(version: &str) -> char {
    let digit = version.chars().nth(3).and_then(|digit| digit.to_digit(10));
    digit.and_then(|digit| "abcdef".chars().nth(digit as usize)).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two raw fingerprints with their hash, as published by others: in the README of mfmokbel/jarmcpp, and as the example
    /// of the search engine Hunter.
    #[rustfmt::skip]
    const PUBLISHED: [(&str, [&str; 10]); 2] = [
        ("29d29d15d29d29d00042d42d000000cd600c085f371f8533aaf66051f8e5b1", [
            "c02f|0303|h2|ff01-0000-0001-000b-0023-0010-0017", "c02f|0303|h2|ff01-0000-0001-000b-0023-0010-0017",
            "009e|0303|h2|ff01-0000-0001-0023-0010-0017", "c02f|0303|http/1.1|ff01-0000-0001-000b-0023-0010-0017",
            "c02f|0303|http/1.1|ff01-0000-0001-000b-0023-0010-0017", "|||", "1302|0303||002b-0033",
            "1302|0303||002b-0033", "|||", "|||",
        ]),
        ("21d19d00021d21d21c21d19d21d21da1a818a999858855445ec8a8fdd38eb5", [
            "c013|0303|h2|ff01-0000-0001-000b-0023-0010-0017", "00c0|0303|h2|ff01-0000-0001-0023-0010-0017", "|||",
            "c013|0303||ff01-0000-0001-000b-0023-0017", "c013|0303||ff01-0000-0001-000b-0023-0017",
            "c013|0302|h2|ff01-0000-0001-000b-0023-0010-0017", "c013|0303|h2|ff01-0000-0001-000b-0023-0010-0017",
            "00c0|0303|h2|ff01-0000-0001-0023-0010-0017", "c013|0303|h2|ff01-0000-0001-000b-0023-0010-0017",
            "c013|0303|h2|ff01-0000-0001-000b-0023-0010-0017",
        ]),
    ];

    #[test]
    fn published_answers_give_the_published_fingerprint() {
        for (fingerprint, answers) in PUBLISHED {
            assert_eq!(hash(&answers), fingerprint);
        }
        assert_eq!(hash(&[REFUSED; 10]), "0".repeat(62));
    }

    #[test]
    fn a_suite_that_is_not_in_the_list_has_the_number_behind_it() {
        assert_eq!((number_of("0004"), number_of("1305"), number_of("c0ff")), ("01".into(), "45".into(), "46".into()));
        assert_eq!((letter_of("0303"), letter_of("0300"), letter_of("")), ('d', 'a', '0'));
    }

    #[test]
    fn orders_are_those_of_the_algorithm() {
        let odd = [1, 2, 3, 4, 5];
        assert_eq!(Order::Reverse.of(&odd), [5, 4, 3, 2, 1]);
        assert_eq!(Order::BottomHalf.of(&odd), [4, 5]);
        assert_eq!(Order::TopHalf.of(&odd), [3, 2, 1]);
        assert_eq!(Order::MiddleOut.of(&odd), [3, 4, 2, 5, 1]);
        let even = [1, 2, 3, 4];
        assert_eq!(Order::BottomHalf.of(&even), [3, 4]);
        assert_eq!(Order::TopHalf.of(&even), [2, 1]);
        assert_eq!(Order::MiddleOut.of(&even), [3, 2, 4, 1]);
    }

    #[test]
    fn both_lists_have_the_same_suites() {
        let (mut one, mut other) = (SUITES, NUMBERED);
        one.sort_unstable();
        other.sort_unstable();
        assert_eq!(one, other);
    }

    #[test]
    fn each_hello_is_what_the_algorithm_says() {
        let offers: Vec<Offer> = HELLOS.iter().map(JarmHello::offer).collect();
        let suites = |place: usize| offers[place].cipher_suites.len();
        assert_eq!([0, 2, 3, 4, 8].map(suites), [69, 35, 34, 70, 64]);
        assert_eq!(offers[5].legacy_version, TLS1_1);
        assert_eq!((offers[6].record_version, offers[6].legacy_version), (ProtocolVersion::TLS1_0, TLS1_2));
        let first = &offers[0];
        assert_eq!((first.record_version, first.cipher_suites[0]), (TLS1_2, CipherSuite(0x0016)));
        let Some(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(versions)))) =
            first.extension(ExtensionType::SUPPORTED_VERSIONS)
        else {
            panic!()
        };
        assert_eq!(*versions, [TLS1_2, TLS1_1, ProtocolVersion::TLS1_0]);
        let Some(ExtensionOffer::Exactly(Extension::ApplicationLayerProtocolNegotiation(protocols))) =
            first.extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
        else {
            panic!()
        };
        assert_eq!(protocols.join(&b' '), b"hq h2c spdy/3 h2 spdy/2 spdy/1 http/1.1 http/1.0 http/0.9");
        assert!(offers[2].extension(ExtensionType::SUPPORTED_VERSIONS).is_none());
        assert_eq!(offers[9].key_share_groups().len(), 2);
    }
}
