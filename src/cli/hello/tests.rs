use clap::Parser;

use super::*;
use crate::cli::args::{Arguments, CommandArgs};
use crate::offer::OfferSummary;
use crate::registry::{CipherSuite, SignatureScheme};

/// The hello of `tlsprobe probe a.example` with these options.
fn built(options: &str) -> Result<Hello, String> {
    let words = ["tlsprobe", "probe", "a.example"].into_iter().chain(options.split_whitespace());
    let arguments = Arguments::try_parse_from(words).map_err(|error| error.to_string())?;
    let CommandArgs::Probe(probe) = arguments.command else { panic!("probe was asked for") };
    let targets = probe.words.iter().map(|word| probe.target.named(word.parse().unwrap())).collect::<Vec<_>>();
    hello(&probe.hello, probe.target.sni(), &targets).map_err(|error| error.to_string())
}

fn offer(options: &str) -> Offer {
    match built(options) {
        Ok(Hello::Built(offer)) => offer,
        other => panic!("{options}: {other:?}"),
    }
}

fn refused(options: &str) -> String {
    match built(options) {
        Err(error) => error,
        Ok(hello) => panic!("{options}: {hello:?}"),
    }
}

fn sent(options: &str) -> Vec<u8> {
    let offer = offer(options);
    let fresh = fresh_values(&offer, &mut rand::rng()).values;
    offer.records(Some("a.example"), &fresh)
}

/// What went out, read back from the bytes.
fn summary(options: &str) -> OfferSummary {
    OfferSummary::of_bytes(&sent(options))
}

fn extension(options: &str, extension_type: ExtensionType) -> Option<ExtensionOffer> {
    offer(options).extension(extension_type).cloned()
}

#[test]
fn without_options_it_is_the_hello_of_a_current_client() {
    assert_eq!(offer(""), Offer::modern());
}

#[test]
fn tls_starts_from_the_offer_of_that_version() {
    for (word, version) in [
        ("ssl3", ProtocolVersion::SSL3),
        ("1.0", ProtocolVersion::TLS1_0),
        ("1.1", ProtocolVersion::TLS1_1),
        ("1.2", ProtocolVersion::TLS1_2),
        ("1.3", ProtocolVersion::TLS1_3),
    ] {
        assert_eq!(offer(&format!("--tls {word}")), Offer::for_version(version));
    }
}

#[test]
fn supported_versions_are_sent_as_listed() {
    let summary = summary("--supported-versions 1.2,0x0305,1.3");
    let listed = [ProtocolVersion::TLS1_2, ProtocolVersion(0x0305), ProtocolVersion::TLS1_3];
    assert_eq!(summary.supported_versions, listed);
}

#[test]
fn supported_versions_with_1_3_bring_key_shares_to_an_older_offer() {
    let summary = summary("--tls 1.2 --supported-versions 1.3,1.2");
    assert_eq!(summary.key_shares, [NamedGroup::X25519]);
    assert!(summary.cipher_suites.contains(&CipherSuite::TLS_AES_128_GCM_SHA256));
}

#[test]
fn the_record_version_stands_in_the_header() {
    assert_eq!(sent("--record-version ssl3")[1..3], [3, 0]);
    assert_eq!(sent("--record-version 0x0304")[1..3], [3, 4]);
}

#[test]
fn ciphers_are_the_suites_in_that_order() {
    let summary = summary("--ciphers AES128-SHA,{0xC0,0x30},TLS_AES_128_GCM_SHA256");
    assert_eq!(summary.cipher_suites, [CipherSuite(0x002F), CipherSuite(0xC030), CipherSuite(0x1301)]);
    assert_eq!(summary.highest_version(), Some(ProtocolVersion::TLS1_3));
}

#[test]
fn suites_of_tls_1_2_alone_offer_no_tls_1_3() {
    assert_eq!(summary("--ciphers AES128-SHA").highest_version(), Some(ProtocolVersion::TLS1_2));
    assert_eq!(summary("--ciphers AES128-SHA").key_shares, []);
    for asked in ["--tls 1.3", "--supported-versions 1.3,1.2"] {
        let summary = summary(&format!("--ciphers AES128-SHA {asked}"));
        assert_eq!(summary.highest_version(), Some(ProtocolVersion::TLS1_3), "{asked}");
    }
}

#[test]
fn a_suite_that_nobody_knows_says_nothing_of_the_version() {
    assert_eq!(summary("--ciphers 0xABCD").highest_version(), Some(ProtocolVersion::TLS1_3));
}

#[test]
fn windows_names_bring_their_curves_in_order_once_each() {
    let suites = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P256,\
                  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA_P384";
    let chosen = summary(&format!("--ciphers {suites}"));
    assert_eq!(chosen.cipher_suites, [CipherSuite(0xC028), CipherSuite(0xC027), CipherSuite(0xC013)]);
    assert_eq!(chosen.groups, [NamedGroup::SECP384R1, NamedGroup::SECP256R1]);
    assert_eq!(summary(&format!("--ciphers {suites} --groups x25519")).groups, [NamedGroup::X25519]);
}

#[test]
fn groups_bring_the_key_share_of_the_first() {
    let summary = summary("--groups P-384,x25519,0x0100");
    assert_eq!(summary.groups, [NamedGroup::SECP384R1, NamedGroup::X25519, NamedGroup::FFDHE2048]);
    assert_eq!(summary.key_shares, [NamedGroup::SECP384R1]);
}

#[test]
fn key_shares_are_sent_for_exactly_these_groups() {
    assert_eq!(summary("--key-shares P-384,P-256").key_shares, [NamedGroup::SECP384R1, NamedGroup::SECP256R1]);
    assert_eq!(summary("--key-shares none").key_shares, []);
    let empty = Some(ExtensionOffer::KeyShare(Vec::new()));
    assert_eq!(extension("--key-shares none", ExtensionType::KEY_SHARE), empty);
}

#[test]
fn key_shares_need_tls_1_3() {
    for older in ["--tls 1.2", "--ciphers AES128-SHA"] {
        let error = refused(&format!("--key-shares x25519 {older}"));
        assert!(error.starts_with("cannot put key shares into this hello: it does not offer TLS 1.3"), "{error}");
    }
}

#[test]
fn sigalgs_are_the_schemes_in_that_order() {
    let schemes = summary("--sigalgs rsa_pkcs1_sha1,ECDSA+SHA256,0x0804").signature_schemes;
    assert_eq!(
        schemes,
        [
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SECP256R1_SHA256,
            SignatureScheme::RSA_PSS_RSAE_SHA256
        ]
    );
}

#[test]
fn alpn_offers_these_protocols() {
    assert_eq!(summary("--alpn h2,http/1.1").alpn, ["h2", "http/1.1"]);
    assert_eq!(summary("").alpn, [""; 0]);
}

#[test]
fn ems_is_on_or_off() {
    assert!(!summary("--ems off").extended_master_secret);
    assert!(summary("--ems on").extended_master_secret);
}

#[test]
fn an_extension_takes_the_place_of_its_like_or_the_last() {
    let replaced = offer("--extension ec_point_formats:020001");
    assert_eq!(replaced.extensions.as_ref().unwrap().len(), Offer::modern().extensions.unwrap().len());
    let body = Extension::Other(ExtensionType::EC_POINT_FORMATS, vec![2, 0, 1]);
    assert_eq!(replaced.extension(ExtensionType::EC_POINT_FORMATS), Some(&ExtensionOffer::Exactly(body)));

    let appended = summary("--extension 0xABCD:0102 --extension 0xABCE:");
    assert!(appended.extensions.ends_with(&[ExtensionType(0xABCD), ExtensionType(0xABCE)]));
}

#[test]
fn without_leaves_an_extension_out() {
    let left = summary("--without SNI --without renegotiation_info");
    assert_eq!(left.server_name, None);
    assert!(!left.extensions.contains(&ExtensionType::RENEGOTIATION_INFO));
}

#[test]
fn without_names_what_there_is_when_it_is_not_there() {
    let error = refused("--tls 1.0 --without heartbeat");
    assert!(error.starts_with("cannot leave out heartbeat: the hello has no such extension"), "{error}");
    assert!(error.contains("those that it has: server_name, ec_point_formats, "), "{error}");
}

#[test]
fn grease_is_added_to_what_the_other_options_made() {
    let greased = summary("--grease --ciphers AES128-SHA");
    assert!(greased.cipher_suites[0].is_grease());
    assert_eq!(greased.cipher_suites[1..], [CipherSuite(0x002F)]);
    assert!(greased.extensions.last().unwrap().is_grease());
}

#[test]
fn split_puts_the_hello_into_small_records() {
    let bytes = sent("--split 100");
    assert_eq!(bytes[3..5], [0, 100]);
    assert_eq!(summary("--split 100").cipher_suites, summary("").cipher_suites);
    for length in ["0", "16385"] {
        assert!(refused(&format!("--split {length}")).contains("1..=16384"));
    }
}

#[test]
fn pad_to_is_the_length_on_the_wire() {
    assert_eq!(sent("--pad-to 2000").len(), 2000);
    assert_eq!(sent("--pad-to 2000 --grease").len(), 2000);
    assert_eq!(sent("--pad-to 1900 --split 1000").len(), 1900);
    assert_eq!(sent("--pad-to 65535").len(), 65_535);
    let present = sent("").len();
    assert_eq!(sent(&format!("--pad-to {present}")).len(), present);
}

#[test]
fn pad_to_a_length_that_cannot_be_says_what_the_length_is() {
    let present = sent("").len();
    let error = refused("--pad-to 100");
    let expected = format!("cannot pad the hello for a.example:443 to 100 bytes: it has {present} without padding");
    assert!(error.starts_with(&expected), "{error}");
    // The padding extension's own header has four bytes.
    let error = refused(&format!("--pad-to {}", present + 1));
    assert!(error.ends_with(&format!("try: --pad-to {}", present + 4)), "{error}");
}

#[test]
fn what_no_length_field_can_hold_is_refused() {
    let body = "00".repeat(65_000);
    let error = refused(&format!("--extension 0xABCD:{body} --extension 0xABCE:{body}"));
    assert!(error.starts_with("cannot write the hello for a.example:443: a part of it has 130"), "{error}");
}

#[test]
fn hello_hex_stands_alone() {
    for other in ["--tls 1.2", "--grease", "--no-sni", "--sni b.example", "--split 9", "--without SNI", "--ems on"] {
        let error = refused(&format!("--hello-hex hello.hex {other}"));
        let option = other.split(' ').next().unwrap();
        assert!(error.contains("--hello-hex") && error.contains(option) && error.contains("cannot be used"), "{error}");
    }
}

#[test]
fn what_two_options_settle_differently_is_refused() {
    for (options, one, other) in [
        ("--sni b.example --without server_name", "--without server_name", "--sni"),
        ("--groups x25519 --extension 10:0002001d", "--extension supported_groups", "--groups"),
        ("--alpn h2 --without ALPN", "--without application_layer_protocol_negotiation", "--alpn"),
        ("--extension 0xABCD:00 --extension 0xABCD:01", "--extension 0xABCD", "--extension 0xABCD"),
        ("--extension 0xABCD:00 --without 0xABCD", "--without 0xABCD", "--extension 0xABCD"),
        ("--ems on --without EMS", "--without extended_master_secret", "--ems on"),
        ("--pad-to 900 --extension padding:00", "--extension padding", "--pad-to"),
        (
            "--ciphers TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384 --without supported_groups",
            "--without supported_groups",
            "a curve in --ciphers",
        ),
    ] {
        let error = refused(options);
        assert!(error.starts_with(&format!("{one} cannot be used with {other}: both settle ")), "{error}");
    }
}

#[test]
fn ssl_3_0_has_no_extensions_to_shape() {
    for option in [
        "--supported-versions 1.2",
        "--groups x25519",
        "--key-shares none",
        "--sigalgs 0x0401",
        "--alpn h2",
        "--ems on",
        "--extension 0xABCD:00",
        "--without server_name",
        "--sni b.example",
        "--pad-to 900",
    ] {
        let error = refused(&format!("--tls ssl3 {option}"));
        assert!(error.contains(" cannot be used with --tls ssl3: SSL 3.0 has no extensions"), "{error}");
    }
    assert_eq!(offer("--tls ssl3 --ems off --no-sni").extensions, None);
    assert!(offer("--tls ssl3 --grease").cipher_suites[0].is_grease());
}

#[test]
fn an_unknown_name_brings_the_nearest_ones() {
    let error = refused("--ciphers TLS_RSA_WITH_AES_128_CBC_SHAA");
    assert!(
        error.contains("--ciphers <LIST>") && error.contains("did you mean TLS_RSA_WITH_AES_128_CBC_SHA"),
        "{error}"
    );
}

#[test]
fn a_profile_is_sent_as_it_is_and_changed_by_the_options_below_it() {
    for profile in crate::profile::PROFILES {
        assert_eq!(offer(&format!("--profile {}", profile.id)), profile.offer());
    }
    let older = offer("--profile win2022 --tls 1.2");
    assert_eq!(older.profile.as_ref().unwrap().name, "win2022 (changed)");
    assert_eq!(older.legacy_version, ProtocolVersion::TLS1_2);
    assert!(older.key_share_groups().is_empty());
    assert_eq!(offer("--profile win2016 --ciphers 0xC030").cipher_suites, [CipherSuite(0xC030)]);
    assert!(refused("--profile win2106").contains("did you mean win2016"));
    assert!(refused("--profile win2016 --hello-hex x.hex").contains("cannot be used with"));
}
