//! Windows Server 2016 to 2025.

use super::{
    CURVES, EMPTY_SESSION_ID, FRESH_SESSION_ID, H2_AND_HTTP1, HIGHEST_IN_RECORD, HTTP1, NOT_KEPT, NULL_COMPRESSION,
    PROTOCOLS_PAGE, PSK_DHE_KE, RENEGOTIATED_CONNECTION, SIGNATURES_10, SIGNATURES_10_SHA512_FIRST, SIGNATURES_PSS,
    TICKET_LENGTH, TLS1_0, TLS1_0_TO_1_2, TLS1_0_TO_1_3, TLS1_1, TLS1_2, TLS1_2_AND_1_3, TLS1_3, UNCOMPRESSED,
    X25519_ALONE, win32,
};
use crate::profile::ProfileExtension::{
    ApplicationLayerProtocolNegotiation, EcPointFormats, ExtendedMasterSecret, KeyShare, PostHandshakeAuth,
    PskKeyExchangeModes, RenegotiationInfo, ServerName, SessionTicket, SignatureAlgorithms, StatusRequest,
    SupportedGroups, SupportedVersions,
};
use crate::profile::fact::{captured, documented, inferred};
use crate::profile::{Capture, Change, Departure, Profile, suites};
use crate::registry::ExtensionType;

/// Windows Server 2016.
pub(in crate::profile) const WIN2016: Profile = Profile {
    id: "win2016",
    title: "Windows Server 2016",
    client: "Windows Server 2016 (10.0.14393)",
    caller: "WSUS (.NET) or WinHTTP",
    capture: Capture {
        id: "cap-joy-1607-svchost",
        of: "svchost.exe (services using WinHTTP) on Windows 10 1607 (Server 2016 generation)",
    },
    evidence: &["cap-joy-1607-svchost", "cap-pcap-1607-sspi-rc4"],
    departures: &[],
    record_version: captured(TLS1_2, "cap-pcap-1607-sspi-rc4").note(HIGHEST_IN_RECORD).unknown(NOT_KEPT),
    legacy_version: captured(TLS1_2, "cap-joy-1607-svchost"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE).note("SSL 3.0 is disabled by default from 1607 on"),
    cipher_suites: captured(
        suites::WINDOWS_10_1607,
        concat!(
            win32!("tls-cipher-suites-in-windows-10-v1607.md"),
            " with SCH_USE_STRONG_CRYPTO; equal to cap-joy-1607-svchost"
        ),
    )
    .note("Without the strong crypto flag RC4 0x0005,0x0004 follow at the end (cap-pcap-1607-sspi-rc4)."),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-1607-svchost";
        &[
            captured(ServerName, CAPTURE),
            captured(StatusRequest, CAPTURE).note("WinHTTP/WinINet callers; .NET and plain SSPI callers omit it"),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_10), CAPTURE).note(
                "RSA-PSS (0804,0805,0806 in front) is present in 2021-2023 Windows 10 captures; whether a fully \
                patched 1607/Server 2016 or 1809/Server 2019 sends it is unknown",
            ),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: "The WSUS article shows a Server 2016 WSUS negotiating TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 with \
        sws.update.microsoft.com.",
};

/// Windows Server 2019.
pub(in crate::profile) const WIN2019: Profile = Profile {
    id: "win2019",
    title: "Windows Server 2019",
    client: "Windows Server 2019 (10.0.17763)",
    caller: "WSUS (.NET) or WinHTTP",
    capture: Capture { id: "cap-joy-1809-svchost", of: "svchost.exe on Windows 10 1803/1809 (Server 2019 generation)" },
    evidence: &["cap-joy-1809-svchost", "cap-joy-1803-svchost-alpn", "cap-joy-1803-outlook", "cap-joy-1803-sspi-plain"],
    departures: &[],
    record_version: captured(TLS1_2, "cap-pcap-10-rdp-nosni").note(HIGHEST_IN_RECORD).unknown(NOT_KEPT),
    legacy_version: captured(TLS1_2, "cap-joy-1809-svchost"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE),
    cipher_suites: captured(
        suites::WINDOWS_10_1809,
        concat!(win32!("tls-cipher-suites-in-windows-10-v1809.md"), "; equal to cap-joy-1809-svchost"),
    ),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-1809-svchost";
        &[
            captured(ServerName, CAPTURE),
            captured(StatusRequest, CAPTURE).note("WinHTTP/WinINet callers; .NET and plain SSPI callers omit it"),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_10_SHA512_FIRST), CAPTURE).note(
                "two orders occur on the same builds: this one and 0401,0501,0201,0403,0503,0203,0202,0601,0603. \
                RSA-PSS (0804,0805,0806 in front) is present in 2021-2023 Windows 10 captures; whether a fully \
                patched 1607/Server 2016 or 1809/Server 2019 sends it is unknown",
            ),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ApplicationLayerProtocolNegotiation(H2_AND_HTTP1), CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: "",
};

/// Windows Server 2022, system default (TLS 1.3).
pub(in crate::profile) const WIN2022: Profile = Profile {
    id: "win2022",
    title: "Windows Server 2022, system default (TLS 1.3)",
    client: "Windows Server 2022 (10.0.20348)",
    caller: "WinHTTP or SSPI caller using SCH_CREDENTIALS / system default protocols",
    capture: Capture {
        id: "cap-win11-all-versions",
        of: "Schannel TLS 1.3 hello with all versions 1.3, 1.2, 1.1, 1.0 offered",
    },
    evidence: &["cap-win11-x25519-only", "cap-win11-all-versions"],
    departures: &[Departure {
        change: Change::AddsSuites(suites::DHE_GCM),
        why: "documented for Server 2022; the captured Windows client has its list without them",
    }],
    record_version: captured(TLS1_0, "cap-win11-x25519-only (Windows 11)").note("0x0301 when TLS 1.3 is offered"),
    legacy_version: captured(TLS1_2, "cap-win11-x25519-only (Windows 11)"),
    session_id: FRESH_SESSION_ID,
    offered_versions: documented(TLS1_0_TO_1_3, PROTOCOLS_PAGE).note(
        "WinHTTP disables TLS 1.0 and 1.1 by default since 2022 updates, then supported_versions is \
        0304,0303",
    ),
    cipher_suites: documented(
        suites::SERVER_2022,
        concat!(win32!("tls-cipher-suites-in-windows-server-2022.md"), " with SCH_USE_STRONG_CRYPTO"),
    )
    .note(
        "without the flag 0x000A follows at the end; from 23H2 on 0x009F, 0x009E and 0x000A are no longer \
        default (same page). HTTP-layer callers were seen without the DHE pair on Windows 10; whether \
        WinHTTP drops it on Server 2022 is unknown.",
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "extension order of cap-win11-all-versions and cap-win11-x25519-only (Windows 11)";
        &[
            inferred(ServerName, CAPTURE),
            inferred(StatusRequest, CAPTURE),
            inferred(SupportedVersions(&[TLS1_3, TLS1_2, TLS1_1, TLS1_0]), CAPTURE),
            inferred(SignatureAlgorithms(SIGNATURES_PSS), CAPTURE),
            inferred(SessionTicket, CAPTURE),
            inferred(SupportedGroups(CURVES), CAPTURE),
            inferred(EcPointFormats(UNCOMPRESSED), CAPTURE).note(
                "a November 2021 report of Windows 11 21H2 says ec_point_formats was missing from TLS 1.3 hellos \
                (jmhodges/howsmyssl issue 356); later captures have it",
            ),
            inferred(ApplicationLayerProtocolNegotiation(HTTP1), CAPTURE)
                .note("value depends on the caller; curl asked for http/1.1"),
            inferred(KeyShare(X25519_ALONE), CAPTURE),
            inferred(PostHandshakeAuth, CAPTURE),
            inferred(ExtendedMasterSecret, CAPTURE),
            inferred(RenegotiationInfo, CAPTURE),
            inferred(PskKeyExchangeModes(PSK_DHE_KE), CAPTURE),
        ]
    },
    notes: "No byte capture of Server 2022 itself was found; the extension layout is taken from Windows 11 \
        captures.",
};

/// Windows Server 2022 with the application or registry limiting TLS to 1.2 (WSUS .NET path).
pub(in crate::profile) const WIN2022_TLS12_ONLY: Profile = Profile {
    id: "win2022-tls12-only",
    title: "Windows Server 2022 with the application or registry limiting TLS to 1.2 (WSUS .NET path)",
    client: "Windows Server 2022 (10.0.20348)",
    caller: "application that selects TLS 1.0-1.2 explicitly",
    capture: Capture {
        id: "cap-pcap-win10-events-2023",
        of: "Windows telemetry (self.events.data.microsoft.com), Windows 10",
    },
    evidence: &["cap-pcap-win10-events-2023"],
    departures: &[
        Departure {
            change: Change::Omits(ExtensionType::STATUS_REQUEST),
            why: "only WinHTTP and WinINet send it; .NET and plain SSPI callers omit it",
        },
        Departure {
            change: Change::AddsSuites(suites::DHE_GCM),
            why: "documented for Server 2022; the captured Windows client has its list without them",
        },
        Departure {
            change: Change::EmptiesSessionId,
            why: "the captured client resumes a session; this is a full handshake",
        },
    ],
    record_version: inferred(TLS1_2, "by analogy with Windows 10; ADR-0140 note on Windows 11"),
    legacy_version: inferred(TLS1_2, "by analogy"),
    session_id: EMPTY_SESSION_ID,
    offered_versions: inferred(
        TLS1_0_TO_1_2,
        "WSUS logs and uses the state of TLS 1.0, 1.1 and 1.2 only (WSUS article)",
    ),
    cipher_suites: inferred(
        suites::WINDOWS_10_1809,
        concat!(win32!("tls-cipher-suites-in-windows-server-2022.md"), " without the TLS 1.3 suites"),
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "extension order of cap-pcap-win10-events-2023";
        &[
            inferred(ServerName, CAPTURE),
            inferred(SupportedGroups(CURVES), CAPTURE),
            inferred(EcPointFormats(UNCOMPRESSED), CAPTURE),
            inferred(SignatureAlgorithms(SIGNATURES_PSS), CAPTURE),
            inferred(SessionTicket, CAPTURE),
            inferred(ExtendedMasterSecret, CAPTURE),
            inferred(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "WSUS reports only TLS 1.0, 1.1 and 1.2 protocol keys in SoftwareDistribution.log, so a TLS 1.2 \
        ceiling is the likelier shape for WSUS synchronization on Server 2022 and 2025. Unconfirmed.",
};

/// Windows Server 2025, system default (TLS 1.3).
pub(in crate::profile) const WIN2025: Profile = Profile {
    id: "win2025",
    title: "Windows Server 2025, system default (TLS 1.3)",
    client: "Windows Server 2025 (10.0.26100)",
    caller: "WinHTTP or SSPI caller using SCH_CREDENTIALS / system default protocols",
    capture: Capture { id: "cap-win11-curl-2026", of: "curl 8.21.0 with Schannel on Windows 11: three key shares" },
    evidence: &["cap-win11-curl-2026", "cap-pcap-win11-2026"],
    departures: &[],
    record_version: captured(TLS1_0, "cap-win11-curl-2026 (Windows 11)").note("0x0301 when TLS 1.3 is offered"),
    legacy_version: captured(TLS1_2, "cap-win11-curl-2026 (Windows 11)"),
    session_id: FRESH_SESSION_ID,
    offered_versions: inferred(
        TLS1_2_AND_1_3,
        concat!(
            "captures of Windows 11 clients in 2026; Microsoft's table still says TLS 1.0 and 1.1 are enabled ",
            "on Server 2025 (",
            win32!("protocols-in-tls-ssl--schannel-ssp-.md"),
            ")"
        ),
    )
    .note("a caller that takes Schannel defaults may also offer 1.1 and 1.0 (cap-win11-all-versions)"),
    cipher_suites: documented(
        suites::WINDOWS_11,
        concat!(
            win32!("tls-cipher-suites-in-windows-server-2025.md"),
            "; equal to the list in cap-win11-curl-2026 and cap-pcap-win11-2026 (Windows 11)"
        ),
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "extension order and key shares of cap-win11-curl-2026 (Windows 11)";
        &[
            inferred(ServerName, CAPTURE),
            inferred(StatusRequest, CAPTURE),
            inferred(SupportedVersions(&[TLS1_3, TLS1_2]), CAPTURE),
            inferred(SignatureAlgorithms(SIGNATURES_PSS), CAPTURE),
            inferred(SessionTicket, CAPTURE),
            inferred(SupportedGroups(CURVES), CAPTURE),
            inferred(EcPointFormats(UNCOMPRESSED), CAPTURE).note(
                "a November 2021 report of Windows 11 21H2 says ec_point_formats was missing from TLS 1.3 hellos \
        (jmhodges/howsmyssl issue 356); later captures have it",
            ),
            inferred(ApplicationLayerProtocolNegotiation(HTTP1), CAPTURE)
                .note("value depends on the caller; curl asked for http/1.1"),
            inferred(KeyShare(CURVES), CAPTURE),
            inferred(PostHandshakeAuth, CAPTURE),
            inferred(ExtendedMasterSecret, CAPTURE),
            inferred(RenegotiationInfo, CAPTURE),
            inferred(PskKeyExchangeModes(PSK_DHE_KE), CAPTURE),
        ]
    },
    notes: "Three key shares are seen in captures of February and September 2026; earlier Windows 11 captures \
        have x25519 only. ML-KEM groups exist since build 26100.8514 but are off by default (Microsoft, May \
        2026).",
};
