//! Windows Server: WSUS, WinHTTP and whatever else speaks through Schannel, in its default settings.
//!
//! What tells the generations apart: `session_ticket` came with Windows 8 and Server 2012, `extended_master_secret`
//! with MS15-121 (November 2015), `ECDHE_RSA` with AES-GCM with Windows 10 1507, x25519 with 1607 and Server 2016.
//! `status_request` is the caller's wish: WinINet and WinHTTP may send it, .NET and plain SSPI callers do not.

mod nt10;
mod nt6;

pub(super) use nt6::{
    WIN2008R2_DEFAULT, WIN2008R2_TLS12, WIN2012_WSUS_MONTHLY_ROLLUP, WIN2012_WSUS_SECURITY_ONLY,
    WIN2012R2_WSUS_MONTHLY_ROLLUP, WIN2012R2_WSUS_SECURITY_ONLY,
};
pub(super) use nt10::{WIN2016, WIN2019, WIN2022, WIN2022_TLS12_ONLY, WIN2025};

use super::Fact;
use super::fact::captured;
use crate::offer::SessionIdOffer;
use crate::registry::{NamedGroup, ProtocolVersion, SignatureScheme};

const SSL3: ProtocolVersion = ProtocolVersion::SSL3;
pub(super) const TLS1_0: ProtocolVersion = ProtocolVersion::TLS1_0;
pub(super) const TLS1_1: ProtocolVersion = ProtocolVersion::TLS1_1;
pub(super) const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
pub(super) const TLS1_3: ProtocolVersion = ProtocolVersion::TLS1_3;

pub(super) const SSL3_AND_TLS1_0: &[ProtocolVersion] = &[SSL3, TLS1_0];
pub(super) const TLS1_0_TO_1_2: &[ProtocolVersion] = &[TLS1_0, TLS1_1, TLS1_2];
pub(super) const TLS1_0_TO_1_3: &[ProtocolVersion] = &[TLS1_0, TLS1_1, TLS1_2, TLS1_3];
pub(super) const TLS1_2_ALONE: &[ProtocolVersion] = &[TLS1_2];
pub(super) const TLS1_2_AND_1_3: &[ProtocolVersion] = &[TLS1_2, TLS1_3];

/// A page of Microsoft's win32 documentation on Schannel.
macro_rules! win32 {
    ($page:literal) => {
        concat!("MicrosoftDocs/win32, commit 47e64c18 (2026-08-21) desktop-src/SecAuthN/", $page)
    };
}
pub(super) use win32;

/// Which versions each system enables by default.
pub(super) const PROTOCOLS_PAGE: &str = win32!("protocols-in-tls-ssl--schannel-ssp-.md");

pub(super) const HIGHEST_IN_RECORD: &str =
    "Schannel puts the highest version it offers into the record header when that is TLS 1.0, 1.1 or 1.2";

/// Fingerprint databases keep neither the record header nor the session id, and some not the compression methods.
pub(super) const NOT_KEPT: &str = "not kept in the capture's source; taken from captures of other Schannel clients";
pub(super) const TICKET_LENGTH: &str =
    "the length of a ticket is not kept in the capture's source; a first connection has none to send";
pub(super) const RENEGOTIATED_CONNECTION: &str =
    "its body is not kept in the capture's source; Schannel sends 00 on an initial handshake in the byte captures";

/// TLS 1.2 and older: nothing to resume.
pub(super) const EMPTY_SESSION_ID: Fact<SessionIdOffer> =
    captured(SessionIdOffer::Empty, "byte captures cap-ie11-*, cap-dpkt-win10-events-2021")
        .note("empty on a full handshake (a 32-byte id on resumption in TLS 1.0-1.2)");

/// TLS 1.3.
pub(super) const FRESH_SESSION_ID: Fact<SessionIdOffer> =
    captured(SessionIdOffer::Fresh, "cap-win11-curl-2026, cap-pcap-win11-2026")
        .note("32 random bytes (TLS 1.3 middlebox compatibility)");

pub(super) const NULL_COMPRESSION: Fact<&[u8]> = captured(&[0], "all byte captures");

/// Windows 7 to 8.1.
pub(super) const NIST_CURVES: &[NamedGroup] = &[NamedGroup::SECP256R1, NamedGroup::SECP384R1];
/// Since Windows 10 1607 and Server 2016.
pub(super) const CURVES: &[NamedGroup] = &[NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];
/// The key share of TLS 1.3 before about 2026.
pub(super) const X25519_ALONE: &[NamedGroup] = &[NamedGroup::X25519];

pub(super) const UNCOMPRESSED: &[u8] = &[0];
pub(super) const PSK_DHE_KE: &[u8] = &[1];
pub(super) const HTTP1: &[&str] = &["http/1.1"];
pub(super) const H2_AND_HTTP1: &[&str] = &["h2", "http/1.1"];

/// Windows 7 to 8.1, patched.
pub(super) const SIGNATURES_7: &[SignatureScheme] = &[
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::DSA_SHA1,
];

/// Windows 10 and its servers.
pub(super) const SIGNATURES_10: &[SignatureScheme] = &[
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::DSA_SHA1,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
];

/// The other order that occurs on the same builds.
pub(super) const SIGNATURES_10_SHA512_FIRST: &[SignatureScheme] = &[
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::DSA_SHA1,
];

/// Since Windows 10 20H2.
pub(super) const SIGNATURES_PSS: &[SignatureScheme] = &[
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::DSA_SHA1,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
];
