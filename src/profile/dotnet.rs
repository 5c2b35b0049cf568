//! .NET Framework without strong crypto, on each Windows Server: TLS 1.0 at most, whatever Schannel could do.

use super::schannel::{
    CURVES, EMPTY_SESSION_ID, HIGHEST_IN_RECORD, NIST_CURVES, NOT_KEPT, NULL_COMPRESSION, RENEGOTIATED_CONNECTION,
    SSL3_AND_TLS1_0, TICKET_LENGTH, TLS1_0, UNCOMPRESSED, win32,
};
use crate::profile::ProfileExtension::{
    EcPointFormats, ExtendedMasterSecret, RenegotiationInfo, ServerName, SessionTicket, SupportedGroups,
};
use crate::profile::fact::{captured, documented, inferred};
use crate::profile::{Capture, Change, Departure, Fact, Profile, suites};
use crate::registry::{ExtensionType, ProtocolVersion};

/// On Windows Server 2012.
pub(super) const DOTNET_NO_STRONG_CRYPTO_WIN2012: Profile = Profile {
    id: "dotnet-no-strong-crypto-win2012",
    title: ".NET Framework without strong crypto (SSL 3.0 and TLS 1.0 only) on Windows Server 2012: the WSUS \
        manual import path",
    client: "Windows Server 2012",
    caller: CALLER,
    capture: Capture { id: "cap-lee-win8x-mail-tls10", of: "Windows 8.x Builtin Mail Client" },
    evidence: &["cap-lee-win8x-mail-tls10"],
    departures: &[Departure {
        change: Change::Adds(ExtensionType::EXTENDED_MASTER_SECRET),
        why: "by analogy with cap-joy-win81-dotnet-tls10",
    }],
    record_version: RECORD_VERSION,
    legacy_version: captured(TLS1_0, "cap-lee-win8x-mail-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: OFFERED_VERSIONS,
    cipher_suites: captured(
        suites::WINDOWS_8_TLS1_0,
        concat!(
            "cap-lee-win8x-mail-tls10; equal to ",
            win32!("tls-cipher-suites-in-windows-8.md"),
            " filtered to TLS 1.0 without the strong crypto flag"
        ),
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-lee-win8x-mail-tls10";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            inferred(ExtendedMasterSecret, "by analogy with cap-joy-win81-dotnet-tls10"),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: NOTES,
};

/// On Windows Server 2012 R2.
pub(super) const DOTNET_NO_STRONG_CRYPTO_WIN2012R2: Profile = Profile {
    id: "dotnet-no-strong-crypto-win2012r2",
    title: ".NET Framework without strong crypto (SSL 3.0 and TLS 1.0 only) on Windows Server 2012 R2: the WSUS \
        manual import path",
    client: "Windows Server 2012 R2",
    caller: CALLER,
    capture: Capture {
        id: "cap-joy-win81-dotnet-tls10",
        of: ".NET Framework applications without strong crypto on Windows 8.1: TLS 1.0 only",
    },
    evidence: &["cap-joy-win81-dotnet-tls10"],
    departures: &[],
    record_version: RECORD_VERSION.unknown(NOT_KEPT),
    legacy_version: captured(TLS1_0, "cap-joy-win81-dotnet-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: OFFERED_VERSIONS,
    cipher_suites: captured(suites::WINDOWS_8_TLS1_0, "cap-joy-win81-dotnet-tls10"),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-win81-dotnet-tls10";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: NOTES,
};

/// On Windows Server 2016.
pub(super) const DOTNET_NO_STRONG_CRYPTO_WIN2016: Profile = Profile {
    id: "dotnet-no-strong-crypto-win2016",
    title: ".NET Framework without strong crypto (SSL 3.0 and TLS 1.0 only) on Windows Server 2016: the WSUS \
        manual import path",
    client: "Windows Server 2016",
    caller: CALLER,
    capture: Capture {
        id: "cap-joy-1607-dotnet-tls10",
        of: ".NET Framework application without strong crypto on Windows 10 1607 \
            (Server 2016 generation): TLS 1.0 only",
    },
    evidence: &["cap-joy-1607-dotnet-tls10"],
    departures: &[],
    record_version: RECORD_VERSION.unknown(NOT_KEPT),
    legacy_version: captured(TLS1_0, "cap-joy-1607-dotnet-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: OFFERED_VERSIONS,
    cipher_suites: captured(
        suites::WINDOWS_10_1607_TLS1_0,
        concat!(
            "cap-joy-1607-dotnet-tls10; equal to ",
            win32!("tls-cipher-suites-in-windows-10-v1607.md"),
            " filtered to TLS 1.0 without the strong crypto flag"
        ),
    ),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-1607-dotnet-tls10";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: NOTES,
};

/// On Windows Server 2019.
pub(super) const DOTNET_NO_STRONG_CRYPTO_WIN2019: Profile = Profile {
    id: "dotnet-no-strong-crypto-win2019",
    title: ".NET Framework without strong crypto (SSL 3.0 and TLS 1.0 only) on Windows Server 2019: the WSUS \
        manual import path",
    client: "Windows Server 2019",
    caller: CALLER,
    capture: Capture {
        id: "cap-joy-1803-1809-dotnet-tls10",
        of: ".NET Framework applications without strong crypto on Windows 10 1803: TLS 1.0 only",
    },
    evidence: &["cap-joy-1803-1809-dotnet-tls10"],
    departures: &[],
    record_version: RECORD_VERSION.unknown(NOT_KEPT),
    legacy_version: captured(TLS1_0, "cap-joy-1803-1809-dotnet-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: OFFERED_VERSIONS,
    cipher_suites: captured(
        suites::WINDOWS_10_1809_TLS1_0,
        concat!(
            "cap-joy-1803-1809-dotnet-tls10; equal to ",
            win32!("tls-cipher-suites-in-windows-10-v1809.md"),
            " filtered to TLS 1.0 without the strong crypto flag"
        ),
    ),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-1803-1809-dotnet-tls10";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: NOTES,
};

const CALLER: &str = "w3wp.exe / .NET Framework 4.x application with SchUseStrongCrypto=0 and \
    SystemDefaultTlsVersions=0 (or DontEnableSystemDefaultTlsVersions=true)";

const RECORD_VERSION: Fact<ProtocolVersion> =
    captured(TLS1_0, "cap-mssql-tls10, cap-lee-win8x-mail-tls10 and other TLS 1.0 byte captures")
        .note(HIGHEST_IN_RECORD);

const OFFERED_VERSIONS: Fact<&[ProtocolVersion]> = documented(
    SSL3_AND_TLS1_0,
    "WSUS article issues 1 and 2: import knows SSL3, TLS 1.0 (issue 2 also names TLS 1.1)",
)
.note(".NET Framework default of Ssl3|Tls; SSL 3.0 is not visible on the wire except when it is the only version left");

const NOTES: &str = "Expected result against sws.update.microsoft.com: the server answers the Client Hello with TCP \
    RST (WSUS article, frames 874/877). When TLS 1.0 and 1.1 are disabled on the machine no Client Hello is sent at \
    all: the client closes with FIN right after the TCP handshake (frames 1518-1536).";
