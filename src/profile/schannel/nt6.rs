//! Windows Server 2008 R2 to 2012 R2, and WSUS on them.

use super::{
    EMPTY_SESSION_ID, HIGHEST_IN_RECORD, NIST_CURVES, NOT_KEPT, NULL_COMPRESSION, PROTOCOLS_PAGE,
    RENEGOTIATED_CONNECTION, SIGNATURES_7, SSL3_AND_TLS1_0, TICKET_LENGTH, TLS1_0, TLS1_0_TO_1_2, TLS1_2, UNCOMPRESSED,
    win32,
};
use crate::profile::ProfileExtension::{
    EcPointFormats, ExtendedMasterSecret, RenegotiationInfo, ServerName, SessionTicket, SignatureAlgorithms,
    SupportedGroups,
};
use crate::profile::fact::{captured, documented, inferred};
use crate::profile::{Capture, Change, Departure, Profile, suites};
use crate::registry::ExtensionType;

/// Windows Server 2008 R2, defaults (TLS 1.0 is the highest client version).
pub(in crate::profile) const WIN2008R2_DEFAULT: Profile = Profile {
    id: "win2008r2-default",
    title: "Windows Server 2008 R2, defaults (TLS 1.0 is the highest client version)",
    client: "Windows Server 2008 R2 (NT 6.1), patched",
    caller: "any SSPI, WinHTTP or .NET caller with default settings",
    capture: Capture {
        id: "cap-joy-win7-tls10-dhe",
        of: "Windows 7 SSPI caller, TLS 1.0 only, later patch level (DHE_RSA CBC added)",
    },
    evidence: &["cap-joy-win7-tls10-dhe", "cap-joy-win7-tls10", "cap-ie8-10-win7-2015", "cap-ie8-win7-rtm-order"],
    departures: &[],
    record_version: captured(TLS1_0, "cap-ie8-10-win7-2015").note(HIGHEST_IN_RECORD).unknown(NOT_KEPT),
    legacy_version: captured(TLS1_0, "cap-joy-win7-tls10-dhe, cap-ie8-10-win7-2015"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(SSL3_AND_TLS1_0, PROTOCOLS_PAGE).note(
        "SSL 3.0 appears on the wire only as the lower bound; TLS 1.1 and 1.2 exist but are disabled by \
        default on the client",
    ),
    cipher_suites: captured(
        suites::WINDOWS_7_TLS1_0,
        concat!(win32!("tls-cipher-suites-in-windows-7.md"), " filtered to TLS 1.0; equal to cap-joy-win7-tls10-dhe"),
    )
    .note(
        "RC4 leaves the list when the caller passes SCH_USE_STRONG_CRYPTO. Before the patches that added \
        DHE_RSA CBC the suites 0x0039 and 0x0033 are absent (cap-joy-win7-tls10). Before update 3042058 \
        (2015) the order is that of cap-ie8-win7-rtm-order.",
    ),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-win7-tls10-dhe";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE)
                .note("other orders seen when policy or the P521 suites are enabled"),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE).note("since MS15-121 (November 2015)"),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: "No session_ticket extension: the Windows 7 generation client never sends it in any capture.",
};

/// Windows Server 2008 R2 with TLS 1.2 enabled.
pub(in crate::profile) const WIN2008R2_TLS12: Profile = Profile {
    id: "win2008r2-tls12",
    title: "Windows Server 2008 R2 with TLS 1.2 enabled",
    client: "Windows Server 2008 R2 (NT 6.1), TLS 1.1/1.2 Client keys enabled",
    caller: "SSPI caller without strong crypto; WinHTTP additionally needs update 3140245 and \
        DefaultSecureProtocols",
    capture: Capture {
        id: "cap-pcap-win7-ie11-2022",
        of: "Internet Explorer 11 / CryptoAPI on fully patched Windows 7",
    },
    evidence: &[
        "cap-pcap-win7-ie11-2022",
        "cap-pcap-win7-pops-2021",
        "cap-ie11-win7-2017",
        "cap-lee-win7-microsoft-updater",
    ],
    departures: &[
        Departure {
            change: Change::Omits(ExtensionType::STATUS_REQUEST),
            why: "only WinINet and callers that check revocation send it",
        },
        Departure {
            change: Change::AddsSuites(suites::RC4),
            why: "the captured browser passes SCH_USE_STRONG_CRYPTO; without it the list ends so \
                (cap-pcap-win7-pops-2021)",
        },
    ],
    record_version: captured(TLS1_2, "cap-pcap-win7-ie11-2022").note(HIGHEST_IN_RECORD),
    legacy_version: captured(TLS1_2, "cap-pcap-win7-ie11-2022"),
    session_id: EMPTY_SESSION_ID,
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE),
    cipher_suites: captured(
        suites::WINDOWS_7_AND_8_1,
        concat!(
            win32!("tls-cipher-suites-in-windows-7.md"),
            "; equal to cap-pcap-win7-pops-2021; without RC4 equal to cap-pcap-win7-ie11-2022"
        ),
    )
    .note("With SCH_USE_STRONG_CRYPTO drop 0x0005 and 0x0004."),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-pcap-win7-ie11-2022";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_7), CAPTURE).note(
                "2015-2018 captures (cap-ie11-win7-2017, cap-lee-win7-microsoft-updater) start with 0x0601,0x0603 \
                instead",
            ),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "Has no ECDHE_RSA with AES-GCM; the suites in common with the documented sws list are 0xC028 and \
        0xC027 only.",
};

/// Windows Server 2012 WSUS without any Monthly Rollup since June 2017: TLS 1.0 only.
pub(in crate::profile) const WIN2012_WSUS_SECURITY_ONLY: Profile = Profile {
    id: "win2012-wsus-security-only",
    title: "Windows Server 2012 WSUS without any Monthly Rollup since June 2017: TLS 1.0 only",
    client: "Windows Server 2012 (NT 6.2)",
    caller: "WSUS service, .NET Framework HttpWebRequest (SSL 3.0 and TLS 1.0 selected by the application)",
    capture: Capture { id: "cap-lee-win8x-mail-tls10", of: "Windows 8.x Builtin Mail Client" },
    evidence: &["cap-lee-win8x-mail-tls10", "cap-mssql-tls10", "cap-joy-win81-dotnet-tls10"],
    departures: &[Departure {
        change: Change::Adds(ExtensionType::EXTENDED_MASTER_SECRET),
        why: "sent since MS15-121 (November 2015), as in cap-joy-win81-dotnet-tls10 and cap-mssql-tls10",
    }],
    record_version: captured(TLS1_0, "cap-lee-win8x-mail-tls10, cap-mssql-tls10").note(HIGHEST_IN_RECORD),
    legacy_version: documented(TLS1_0, "WSUS article: frame 95 is a TLS 1.0 Client Hello; cap-lee-win8x-mail-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(
        SSL3_AND_TLS1_0,
        "Troubleshoot WSUS synchronization and import issues, Microsoft (2023-12-05), issue 3",
    ),
    cipher_suites: captured(
        suites::WINDOWS_8_TLS1_0,
        concat!(
            win32!("tls-cipher-suites-in-windows-8.md"),
            " filtered to TLS 1.0; equal to cap-lee-win8x-mail-tls10 and cap-mssql-tls10"
        ),
    )
    .note("captures are of the Windows 8/8.1 generation, not of a WSUS server"),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-lee-win8x-mail-tls10";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            inferred(ExtendedMasterSecret, "cap-joy-win81-dotnet-tls10, cap-mssql-tls10")
                .note("since MS15-121 (November 2015)"),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "Schannel of Server 2012 itself supports TLS 1.2; the limit is in the WSUS application until \
        KB4022721 (June 2017 Monthly Rollup preview) or later.",
};

/// Windows Server 2012 WSUS with KB4022721 or a later Monthly Rollup: TLS 1.2.
pub(in crate::profile) const WIN2012_WSUS_MONTHLY_ROLLUP: Profile = Profile {
    id: "win2012-wsus-monthly-rollup",
    title: "Windows Server 2012 WSUS with KB4022721 or a later Monthly Rollup: TLS 1.2",
    client: "Windows Server 2012 (NT 6.2)",
    caller: "WSUS service, .NET Framework with TLS versions taken from the SCHANNEL registry",
    capture: Capture { id: "cap-lee-win8x-store", of: "Windows 8.x Apps Store thing (unconfirmed)" },
    evidence: &["cap-lee-win8x-store", "cap-lee-win81-outlook2007"],
    departures: &[Departure {
        change: Change::Adds(ExtensionType::EXTENDED_MASTER_SECRET),
        why: "sent since MS15-121 (November 2015), as in cap-joy-win81-dotnet-tls10 and cap-mssql-tls10",
    }],
    record_version: captured(TLS1_2, "cap-lee-win8x-store").note(HIGHEST_IN_RECORD),
    legacy_version: documented(TLS1_2, "WSUS article (TLS 1.2 after the rollup); cap-lee-win8x-store"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE),
    cipher_suites: captured(
        suites::WINDOWS_8,
        concat!(win32!("tls-cipher-suites-in-windows-8.md"), "; equal to cap-lee-win8x-store"),
    )
    .note(
        "RC4 pair at the end only without SCH_USE_STRONG_CRYPTO; 34 entries of the documented list fold to \
        26 code points because the _P256/_P384 duplicates share one code point",
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-lee-win8x-store";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_7), CAPTURE)
                .note("earlier patch levels send 0401,0501,0201,0403,0503,0203,0202 (cap-ie11-wp81u-2015)"),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            inferred(ExtendedMasterSecret, "cap-joy-win81-dotnet-tls10, cap-mssql-tls10")
                .note("since MS15-121 (November 2015)"),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "No ECDHE_RSA AES-GCM at all: in common with the 2020 sws list are only \
        TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 (0xC028) and TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 (0xC027).",
};

/// Windows Server 2012 R2 WSUS without any Monthly Rollup since June 2017: TLS 1.0 only.
pub(in crate::profile) const WIN2012R2_WSUS_SECURITY_ONLY: Profile = Profile {
    id: "win2012r2-wsus-security-only",
    title: "Windows Server 2012 R2 WSUS without any Monthly Rollup since June 2017: TLS 1.0 only",
    client: "Windows Server 2012 R2 (NT 6.3)",
    caller: "WSUS service, .NET Framework HttpWebRequest without strong crypto",
    capture: Capture {
        id: "cap-joy-win81-dotnet-tls10",
        of: ".NET Framework applications without strong crypto on Windows 8.1: TLS 1.0 only",
    },
    evidence: &["cap-joy-win81-dotnet-tls10"],
    departures: &[],
    record_version: captured(TLS1_0, "cap-mssql-tls10").note(HIGHEST_IN_RECORD).unknown(NOT_KEPT),
    legacy_version: captured(TLS1_0, "WSUS article issue 3; cap-joy-win81-dotnet-tls10"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(SSL3_AND_TLS1_0, "WSUS article, issue 3"),
    cipher_suites: captured(
        suites::WINDOWS_8_TLS1_0,
        "cap-joy-win81-dotnet-tls10 (three .NET Framework programs on Windows 8.1)",
    )
    .note(
        "Microsoft's current page for 8.1/2012 R2 additionally lists 0x0039 and 0x0033 after 0xC013 (update \
        2919355 and later); the captured machines did not send them with TLS 1.0. Alternative order: \
        0xC014,0xC013,0x0039,0x0033,0x0035,0x002F,0xC00A,0xC009,0x0038,0x0032,0x000A,0x0013,0x0005,0x0004",
    ),
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
    notes: "KB4022720 (June 2017 Monthly Rollup preview) or later lifts the limit.",
};

/// Windows Server 2012 R2 WSUS with KB4022720 or a later Monthly Rollup: TLS 1.2.
pub(in crate::profile) const WIN2012R2_WSUS_MONTHLY_ROLLUP: Profile = Profile {
    id: "win2012r2-wsus-monthly-rollup",
    title: "Windows Server 2012 R2 WSUS with KB4022720 or a later Monthly Rollup: TLS 1.2",
    client: "Windows Server 2012 R2 (NT 6.3)",
    caller: "WSUS service (.NET Framework)",
    capture: Capture { id: "cap-ie11-win81-2016", of: "IE 11 Win 8.1" },
    evidence: &["cap-ie11-win81-2016", "cap-joy-win81-svchost", "cap-lee-win81-outlook2007"],
    departures: &[
        Departure {
            change: Change::Omits(ExtensionType::STATUS_REQUEST),
            why: "only WinINet sends it; .NET callers omit it",
        },
        Departure {
            change: Change::Omits(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION),
            why: "only Internet Explorer sends it, with spdy/3 and http/1.1",
        },
        Departure {
            change: Change::Omits(ExtensionType::NEXT_PROTOCOL_NEGOTIATION),
            why: "only Internet Explorer sends it",
        },
        Departure {
            change: Change::AddsSuites(suites::RC4),
            why: "the captured browser passes SCH_USE_STRONG_CRYPTO; without it the list ends so",
        },
    ],
    record_version: captured(TLS1_2, "cap-ie11-win81-2016").note(HIGHEST_IN_RECORD),
    legacy_version: captured(TLS1_2, "cap-ie11-win81-2016"),
    session_id: EMPTY_SESSION_ID,
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE),
    cipher_suites: captured(
        suites::WINDOWS_7_AND_8_1,
        concat!(win32!("tls-cipher-suites-in-windows-8-1.md"), "; without RC4 equal to cap-ie11-win81-2016"),
    )
    .note("RC4 pair only without SCH_USE_STRONG_CRYPTO"),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-ie11-win81-2016";
        &[
            captured(ServerName, CAPTURE),
            captured(SupportedGroups(NIST_CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_7), CAPTURE),
            captured(SessionTicket, CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "IE 11 also sends ALPN (spdy/3, http/1.1) and NPN, which WSUS does not need. As on Server 2012, only \
        0xC028 and 0xC027 are common with the 2020 sws list.",
};
