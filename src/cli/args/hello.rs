//! The options that shape a hello, in the order in which they change it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::list::{List, list};
use super::typed::{self, ExtensionBytes};
use crate::profile::Profile;
use crate::registry::{ExtensionType, NamedGroup, ParsedSuite, ProtocolVersion, SignatureScheme};

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Hello")]
pub(in crate::cli) struct HelloArgs {
    /// Start from the hello of a real client, as in win2016 or chrome; the options below change it
    ///
    /// `tlsprobe list profiles` shows them, and how well each is known.
    #[arg(long, value_name = "NAME", value_parser = typed::profile)]
    pub(in crate::cli) profile: Option<&'static Profile>,
    /// Highest version offered: 1.0, 1.1, 1.2, 1.3 (then alone) or ssl3 [without it: 1.3 and 1.2]
    #[arg(long, value_name = "VERSION", value_parser = typed::highest_version)]
    pub(in crate::cli) tls: Option<ProtocolVersion>,
    /// Exactly this supported_versions extension; with 1.3 in it, what TLS 1.3 needs comes along
    #[arg(long, value_name = "LIST", value_parser = list(ProtocolVersion::parse))]
    pub(in crate::cli) supported_versions: Option<List<ProtocolVersion>>,
    /// Version in the header of the records that carry the hello
    #[arg(long, value_name = "VERSION", value_parser = ProtocolVersion::parse)]
    pub(in crate::cli) record_version: Option<ProtocolVersion>,
    /// Exactly these suites
    ///
    /// A Windows name with a curve, as in TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384, also sets the groups to the
    /// curves of the list, in order, unless --groups is given. Where none of the suites belongs to TLS 1.3, it is not
    /// offered, unless --tls or --supported-versions says so. The two bytes of a code stand in braces: {0xC0,0x30}.
    #[arg(long, value_name = "LIST", value_parser = typed::cipher_suites)]
    pub(in crate::cli) ciphers: Option<List<ParsedSuite>>,
    /// Exactly these groups; key shares are sent for the first of them unless --key-shares is given
    #[arg(long, value_name = "LIST", value_parser = list(NamedGroup::parse))]
    pub(in crate::cli) groups: Option<List<NamedGroup>>,
    /// Send TLS 1.3 key shares for these groups; none provokes a HelloRetryRequest
    #[arg(long, value_name = "LIST", value_parser = typed::key_shares)]
    pub(in crate::cli) key_shares: Option<List<NamedGroup>>,
    /// Exactly these signature schemes
    #[arg(long, value_name = "LIST", value_parser = list(SignatureScheme::parse))]
    pub(in crate::cli) sigalgs: Option<List<SignatureScheme>>,
    /// Offer these application protocols, as in h2,http/1.1; bytes as 0x0a0a
    #[arg(long, value_name = "LIST", value_parser = list(typed::protocol))]
    pub(in crate::cli) alpn: Option<List<Vec<u8>>>,
    /// Offer extended_master_secret, or leave it out: on or off
    #[arg(long, value_name = "SWITCH", hide_possible_values = true)]
    pub(in crate::cli) ems: Option<Switch>,
    /// Send this extension, in the place of the one of its type or at the end; repeatable
    #[arg(long, value_name = "TYPE:HEX", value_parser = typed::extension_bytes)]
    pub(in crate::cli) extension: Vec<ExtensionBytes>,
    /// Leave this extension out; repeatable
    #[arg(long, value_name = "EXTENSION", value_parser = ExtensionType::parse)]
    pub(in crate::cli) without: Vec<ExtensionType>,
    /// Add values that stand for nothing, as Chrome does (RFC 8701)
    #[arg(long)]
    pub(in crate::cli) grease: bool,
    /// Split the hello over records of at most N bytes of it each (1 to 16384)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=16384))]
    pub(in crate::cli) split: Option<u16>,
    /// Pad the hello to N bytes on the wire, record headers included (1 to 65535)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) pad_to: Option<u16>,
    /// Send exactly the bytes of this file instead; - is standard input
    ///
    /// The file is text: hex digits, with any white space, and comments from # to the end of a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = OTHERS)]
    pub(in crate::cli) hello_hex: Option<PathBuf>,
}

/// What `--hello-hex` leaves no room for.
const OTHERS: [&str; 17] = [
    "profile",
    "tls",
    "supported_versions",
    "record_version",
    "ciphers",
    "groups",
    "key_shares",
    "sigalgs",
    "alpn",
    "ems",
    "extension",
    "without",
    "grease",
    "pad_to",
    "split",
    "sni",
    "no_sni",
];

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Switch {
    On,
    Off,
}
