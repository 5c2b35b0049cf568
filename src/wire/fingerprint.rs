//! Fingerprints that others know a hello by: JA3 and JA3S, and the TLS client part of JA4.
//!
//! All three are under the BSD licence; the rest of JA4+ is not free, and not here. They leave out GREASE (RFC 8701),
//! which is random by design.

use md5::{Digest, Md5};
use sha2::Sha256;

use super::extension::{Extension, SupportedVersions};
use super::handshake::{ClientHello, ServerHello};
use crate::registry::{ExtensionType, GREASE, ProtocolVersion};

/// As long as such a string is with a modern browser's hello, and more.
const ROOM: usize = 256;

/// The MD5 of [`ja3_string`], in hex.
pub fn ja3(hello: &ClientHello) -> String {
    hex::encode(Md5::digest(ja3_string(hello)))
}

/// Version, suites, extensions, groups and point formats in the order they stand, in decimal.
pub fn ja3_string(hello: &ClientHello) -> String {
    let (mut groups, mut point_formats) = (vec![], vec![]);
    for extension in extensions(hello) {
        match extension {
            Extension::SupportedGroups(list) => groups.extend(list.iter().map(|group| group.0)),
            Extension::EcPointFormats(list) => point_formats.extend(list.iter().map(|format| u16::from(*format))),
            _ => {}
        }
    }
    let mut text = String::with_capacity(ROOM);
    push_number(&mut text, hello.legacy_version.0);
    push_list(&mut text, hello.cipher_suites.iter().map(|suite| suite.0));
    push_list(&mut text, extension_types(hello));
    push_list(&mut text, groups);
    push_list(&mut text, point_formats);
    text
}

/// The MD5 of [`ja3s_string`], in hex.
pub fn ja3s(hello: &ServerHello) -> String {
    hex::encode(Md5::digest(ja3s_string(hello)))
}

/// Version, suite and extensions in the order they stand, in decimal.
pub fn ja3s_string(hello: &ServerHello) -> String {
    let extensions = hello.extensions.iter().flat_map(|extensions| &extensions.0);
    let mut text = String::with_capacity(ROOM);
    push_number(&mut text, hello.legacy_version.0);
    text.push(',');
    push_number(&mut text, hello.cipher_suite.0);
    push_list(&mut text, extensions.map(|extension| extension.extension_type().0));
    text
}

/// JA4 of a hello that came over TCP: what is counted, then the hashes of sorted suites and of sorted extensions.
pub fn ja4(hello: &ClientHello) -> String {
    let mut suites: Vec<u16> = without_grease(hello.cipher_suites.iter().map(|suite| suite.0)).collect();
    let mut types: Vec<u16> = without_grease(extension_types(hello)).collect();
    let version = ja4_version(hello);
    let destination = if types.contains(&SERVER_NAME) { 'd' } else { 'i' };
    let (suite_count, extension_count) = (suites.len().min(99), types.len().min(99));
    let alpn = ja4_alpn(hello);

    suites.sort_unstable();
    types.retain(|extension_type| ![SERVER_NAME, ALPN].contains(extension_type));
    types.sort_unstable();
    let mut described = hexadecimal(&types);
    let schemes = signature_algorithms(hello);
    if !schemes.is_empty() {
        described = format!("{described}_{}", hexadecimal(&schemes));
    }
    let suite_hash = ja4_hash(&hexadecimal(&suites));
    let extension_hash = ja4_hash(&described);
    format!("t{version}{destination}{suite_count:02}{extension_count:02}{alpn}_{suite_hash}_{extension_hash}")
}

/// JA4 counts these two extensions, and leaves them out of its hash: they depend on where the client goes.
const SERVER_NAME: u16 = ExtensionType::SERVER_NAME.0;
const ALPN: u16 = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION.0;

/// The highest version offered, as JA4 writes it.
fn ja4_version(hello: &ClientHello) -> &'static str {
    let offered = extensions(hello).find_map(|extension| match extension {
        Extension::SupportedVersions(SupportedVersions::Offered(versions)) => {
            Some(without_grease(versions.iter().map(|version| version.0)).max().map(ProtocolVersion))
        }
        _ => None,
    });
    match offered.unwrap_or(Some(hello.legacy_version)) {
        Some(ProtocolVersion::TLS1_3) => "13",
        Some(ProtocolVersion::TLS1_2) => "12",
        Some(ProtocolVersion::TLS1_1) => "11",
        Some(ProtocolVersion::TLS1_0) => "10",
        Some(ProtocolVersion::SSL3) => "s3",
        Some(ProtocolVersion::SSL2) => "s2",
        _ => "00",
    }
}

/// The first and last character of the first protocol offered; of its hex form where one is not alphanumeric.
fn ja4_alpn(hello: &ClientHello) -> String {
    let protocol = extensions(hello).find_map(|extension| match extension {
        Extension::ApplicationLayerProtocolNegotiation(protocols) => protocols.first(),
        _ => None,
    });
    let Some([first @ .., last]) = protocol.map(Vec::as_slice) else { return "00".to_owned() };
    let first = first.first().unwrap_or(last);
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

fn signature_algorithms(hello: &ClientHello) -> Vec<u16> {
    let schemes = extensions(hello).find_map(|extension| match extension {
        Extension::SignatureAlgorithms(schemes) => Some(schemes),
        _ => None,
    });
    without_grease(schemes.into_iter().flatten().map(|scheme| scheme.0)).collect()
}

/// The first twelve hex digits of the list's SHA-256. No list is told from a hash by zeros.
fn ja4_hash(list: &str) -> String {
    if list.is_empty() {
        return "0".repeat(12);
    }
    let mut hash = hex::encode(Sha256::digest(list));
    hash.truncate(12);
    hash
}

fn extensions(hello: &ClientHello) -> impl Iterator<Item = &Extension> {
    hello.extensions.iter().flat_map(|extensions| &extensions.0)
}

fn extension_types(hello: &ClientHello) -> impl Iterator<Item = u16> {
    extensions(hello).map(|extension| extension.extension_type().0)
}

fn without_grease(codes: impl IntoIterator<Item = u16>) -> impl Iterator<Item = u16> {
    codes.into_iter().filter(|code| !GREASE.contains(code))
}

/// Adds a list behind a comma, with dashes between what is in it.
fn push_list(text: &mut String, codes: impl IntoIterator<Item = u16>) {
    text.push(',');
    for (place, code) in without_grease(codes).enumerate() {
        if place > 0 {
            text.push('-');
        }
        push_number(text, code);
    }
}

/// Adds a number. By hand: every connection has many, and `fmt` takes its time.
fn push_number(text: &mut String, number: u16) {
    let (mut rest, mut digits) = (number, [b'0'; 5]);
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let zeros = digits.iter().take(4).take_while(|digit| **digit == b'0').count();
    text.extend(digits.iter().skip(zeros).copied().map(char::from));
}

fn hexadecimal(codes: &[u16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut list = String::with_capacity(codes.len() * 5);
    for code in codes {
        if !list.is_empty() {
            list.push(',');
        }
        let nibbles = [12, 8, 4, 0].map(|shift| usize::from(code >> shift & 0xf));
        list.extend(nibbles.iter().filter_map(|nibble| DIGITS.get(*nibble).copied().map(char::from)));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{CipherSuite, NamedGroup, SignatureScheme};
    use crate::wire::extension::{Extensions, ServerName};
    use crate::wire::handshake::SessionId;

    fn hello(version: ProtocolVersion, suites: &[u16], extensions: Option<Vec<Extension>>) -> ClientHello {
        ClientHello {
            legacy_version: version,
            random: [0; 32],
            session_id: SessionId(vec![]),
            cipher_suites: suites.iter().copied().map(CipherSuite).collect(),
            compression_methods: vec![0],
            extensions: extensions.map(Extensions),
        }
    }

    fn groups(codes: &[u16]) -> Extension {
        Extension::SupportedGroups(codes.iter().copied().map(NamedGroup).collect())
    }

    fn versions(codes: &[u16]) -> Extension {
        let versions = codes.iter().copied().map(ProtocolVersion).collect();
        Extension::SupportedVersions(SupportedVersions::Offered(versions))
    }

    fn alpn(protocols: &[&[u8]]) -> Extension {
        Extension::ApplicationLayerProtocolNegotiation(protocols.iter().map(|protocol| protocol.to_vec()).collect())
    }

    fn empty(extension_type: u16) -> Extension {
        Extension::Other(ExtensionType(extension_type), vec![])
    }

    /// The first example of JA3's README.
    #[test]
    fn ja3_of_a_hello_with_extensions() {
        let suites = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
        let extensions = vec![
            Extension::ServerName(ServerName::host("localhost")),
            groups(&[23, 24, 25]),
            Extension::EcPointFormats(vec![0]),
        ];
        let hello = hello(ProtocolVersion::TLS1_0, &suites, Some(extensions));
        let string = "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0";
        assert_eq!(ja3_string(&hello), string);
        assert_eq!(ja3(&hello), "ada70206e40642a3e4461f35503241d5");
    }

    /// The second example of JA3's README.
    #[test]
    fn ja3_of_a_hello_without_extensions_has_empty_fields() {
        let hello = hello(ProtocolVersion::TLS1_0, &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], None);
        assert_eq!(ja3_string(&hello), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
        assert_eq!(ja3(&hello), "de350869b8c85de67a350c8d186f11e6");
    }

    /// As Suricata logs many TLS 1.3 servers. (The article that introduced JA3S hashes its example with a line feed.)
    #[test]
    fn ja3s_of_a_server_hello() {
        let server_hello = ServerHello {
            legacy_version: ProtocolVersion::TLS1_2,
            random: [0; 32],
            session_id: SessionId(vec![]),
            cipher_suite: CipherSuite(0x1301),
            compression_method: 0,
            extensions: Some(Extensions(vec![empty(51), empty(43)])),
        };
        assert_eq!(ja3s_string(&server_hello), "771,4865,51-43");
        assert_eq!(ja3s(&server_hello), "eb1d94daa7e0344597e756a1fb6e7054");
    }

    #[test]
    fn ja3_leaves_out_grease_wherever_it_stands() {
        let extensions = vec![empty(0x8a8a), groups(&[0x1a1a, 29]), empty(0xfafa)];
        let hello = hello(ProtocolVersion::TLS1_2, &[0x0a0a, 4865], Some(extensions));
        assert_eq!(ja3_string(&hello), "771,4865,10,29,");
    }

    /// The example of JA4's description, with GREASE where a browser puts it.
    fn ja4_example() -> ClientHello {
        let suites = [
            0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
            0x009d, 0x002f, 0x0035,
        ];
        let schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let extensions = vec![
            empty(0x3a3a),
            empty(0x001b),
            Extension::ServerName(ServerName::host("localhost")),
            empty(0x0033),
            alpn(&[b"h2", b"http/1.1"]),
            empty(0x4469),
            Extension::ExtendedMasterSecret,
            empty(0x002d),
            Extension::SignatureAlgorithms(schemes.into_iter().map(SignatureScheme).collect()),
            empty(0x0005),
            empty(0x0023),
            empty(0x0012),
            versions(&[0x4a4a, 0x0304, 0x0303]),
            Extension::RenegotiationInfo(vec![]),
            empty(0x000b),
            groups(&[0x5a5a, 0x001d]),
            empty(0xdada),
            Extension::Padding(3),
        ];
        hello(ProtocolVersion::TLS1_2, &suites, Some(extensions))
    }

    #[test]
    fn ja4_of_its_own_example() {
        assert_eq!(ja4(&ja4_example()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn ja4_without_signature_algorithms_hashes_the_extensions_alone() {
        let mut hello = ja4_example();
        for extension in &mut hello.extensions.as_mut().unwrap().0 {
            if matches!(extension, Extension::SignatureAlgorithms(_)) {
                *extension = empty(0x000d);
            }
        }
        assert_eq!(ja4(&hello), "t13d1516h2_8daaf6152771_6d807ffa2a79");
    }

    #[test]
    fn ja4_without_extensions_says_so_in_zeros() {
        let hello = hello(ProtocolVersion::SSL3, &[0x0a0a], None);
        assert_eq!(ja4(&hello), "ts3i000000_000000000000_000000000000");
    }

    /// The examples of JA4's description for protocols that are not text.
    #[test]
    fn ja4_takes_the_first_and_last_character_of_the_first_protocol() {
        let cases: [(&[u8], &str); 9] = [
            (b"h2", "h2"),
            (b"http/1.1", "h1"),
            (b"x", "xx"),
            (b"", "00"),
            (&[0xab], "ab"),
            (&[0xab, 0xcd], "ad"),
            (&[0x30, 0xab], "3b"),
            (&[0x30, 0x31, 0xab, 0xcd], "3d"),
            (&[0x30, 0xab, 0xcd, 0x31], "01"),
        ];
        for (protocol, expected) in cases {
            let hello = hello(ProtocolVersion::TLS1_2, &[], Some(vec![alpn(&[protocol])]));
            assert_eq!(ja4_alpn(&hello), expected, "{protocol:02x?}");
        }
    }
}
