//! WinHTTP on Windows clients: the Windows Update agent, and the Configuration Manager client.

use super::schannel::{
    CURVES, EMPTY_SESSION_ID, FRESH_SESSION_ID, H2_AND_HTTP1, HIGHEST_IN_RECORD, HTTP1, NOT_KEPT, NULL_COMPRESSION,
    PROTOCOLS_PAGE, PSK_DHE_KE, RENEGOTIATED_CONNECTION, SIGNATURES_10, SIGNATURES_PSS, TICKET_LENGTH, TLS1_0,
    TLS1_0_TO_1_2, TLS1_2, TLS1_2_ALONE, TLS1_2_AND_1_3, TLS1_3, UNCOMPRESSED, win32,
};
use crate::profile::ProfileExtension::{
    ApplicationLayerProtocolNegotiation, EcPointFormats, ExtendedMasterSecret, KeyShare, PostHandshakeAuth,
    PskKeyExchangeModes, RenegotiationInfo, ServerName, SessionTicket, SignatureAlgorithms, StatusRequest,
    SupportedGroups, SupportedVersions,
};
use crate::profile::fact::{captured, documented};
use crate::profile::{Capture, Change, Departure, Profile, suites};

/// Windows Update agent / Configuration Manager client / WinHTTP on Windows 10 22H2.
pub(super) const WU_WINHTTP_WIN10_22H2: Profile = Profile {
    id: "wu-winhttp-win10-22h2",
    title: "Windows Update agent / Configuration Manager client / WinHTTP on Windows 10 22H2",
    client: "Windows 10 22H2 (10.0.19045)",
    caller: "svchost.exe (wuauserv, BITS, DO) and ccmexec.exe via WinHTTP",
    capture: Capture { id: "cap-pcap-win10-alpn-2023", of: "Schannel client with ALPN h2, Windows 10" },
    evidence: &[
        "cap-pcap-win10-alpn-2023",
        "cap-pcap-win10-events-2023",
        "cap-joy-insider-svchost-pss",
        "cap-dpkt-win10-events-2021",
    ],
    departures: &[Departure {
        change: Change::OmitsSuites(suites::TRIPLE_DES),
        why: "the captured build is older than the change of 22H2",
    }],
    record_version: captured(TLS1_2, "cap-pcap-win10-events-2023").note(HIGHEST_IN_RECORD),
    legacy_version: captured(TLS1_2, "cap-pcap-win10-events-2023"),
    session_id: EMPTY_SESSION_ID,
    offered_versions: documented(
        TLS1_2_ALONE,
        concat!(
            win32!("tls-10-11-deprecation-in-windows.md"),
            ": TLS 1.0 and 1.1 already disabled on the WinHTTP and WinINET surfaces"
        ),
    )
    .note("a TLS 1.2 ceiling looks the same on the wire whether or not 1.0 is allowed below it"),
    cipher_suites: documented(
        suites::WINDOWS_10_22H2,
        concat!(
            win32!("tls-cipher-suites-in-windows-10-v22H2.md"),
            "; cap-pcap-win10-events-2023 and cap-pcap-win10-alpn-2023 are the same with 0x000A appended ",
            "(build before 22H2 change)"
        ),
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-pcap-win10-alpn-2023, cap-pcap-win10-events-2023";
        &[
            captured(ServerName, CAPTURE),
            captured(StatusRequest, CAPTURE).note("WinHTTP/WinINet callers; .NET and plain SSPI callers omit it"),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_PSS), CAPTURE),
            captured(SessionTicket, CAPTURE),
            captured(ApplicationLayerProtocolNegotiation(H2_AND_HTTP1), CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE),
        ]
    },
    notes: "ALPN is sent only by callers that enable HTTP/2 in WinHTTP; whether wuauserv or ccmexec do is \
        unknown. No capture labelled wuauserv was found.",
};

/// Windows Update agent / WinHTTP on Windows 10 1607-1809 at 2018-2019 patch level.
pub(super) const WU_WINHTTP_WIN10_1607_1809: Profile = Profile {
    id: "wu-winhttp-win10-1607-1809",
    title: "Windows Update agent / WinHTTP on Windows 10 1607-1809 at 2018-2019 patch level",
    client: "Windows 10 10.0.14393-10.0.17763",
    caller: "svchost.exe via WinHTTP",
    capture: Capture { id: "cap-joy-1803-svchost-alpn", of: "svchost.exe with ALPN on Windows 10 1803" },
    evidence: &["cap-joy-1803-svchost-alpn", "cap-joy-1803-outlook", "cap-joy-1607-svchost"],
    departures: &[],
    record_version: captured(TLS1_2, "cap-edge17-win10-2019").note(HIGHEST_IN_RECORD).unknown(NOT_KEPT),
    legacy_version: captured(TLS1_2, "cap-joy-1803-outlook"),
    session_id: EMPTY_SESSION_ID.unknown(NOT_KEPT),
    offered_versions: documented(TLS1_0_TO_1_2, PROTOCOLS_PAGE),
    cipher_suites: captured(
        suites::WINDOWS_10_1809,
        concat!("cap-joy-1803-outlook; equal to ", win32!("tls-cipher-suites-in-windows-10-v1803.md")),
    )
    .note("1607 machines send the longer list of profile win2016"),
    compression_methods: NULL_COMPRESSION.unknown(NOT_KEPT),
    extensions: {
        const CAPTURE: &str = "cap-joy-1803-svchost-alpn";
        &[
            captured(ServerName, CAPTURE),
            captured(StatusRequest, CAPTURE).note("WinHTTP/WinINet callers; .NET and plain SSPI callers omit it"),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_10), CAPTURE),
            captured(SessionTicket, CAPTURE).unknown(TICKET_LENGTH),
            captured(ApplicationLayerProtocolNegotiation(H2_AND_HTTP1), CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE).unknown(RENEGOTIATED_CONNECTION),
        ]
    },
    notes: "svchost.exe holds many services; the database does not say which one made the connection.",
};

/// Windows Update agent / Configuration Manager client / WinHTTP on Windows 11 22H2 and later.
pub(super) const WU_WINHTTP_WIN11: Profile = Profile {
    id: "wu-winhttp-win11",
    title: "Windows Update agent / Configuration Manager client / WinHTTP on Windows 11 22H2 and later",
    client: "Windows 11 22H2-25H2 (10.0.22621-26200)",
    caller: "svchost.exe and ccmexec.exe via WinHTTP",
    capture: Capture { id: "cap-win11-curl-2026", of: "curl 8.21.0 with Schannel on Windows 11: three key shares" },
    evidence: &["cap-win11-curl-2026", "cap-pcap-win11-2026", "cap-win11-x25519-only", "cap-win11-all-versions"],
    departures: &[],
    record_version: captured(TLS1_0, "cap-win11-curl-2026").note("0x0301 when TLS 1.3 is offered"),
    legacy_version: captured(TLS1_2, "cap-win11-curl-2026"),
    session_id: FRESH_SESSION_ID,
    offered_versions: captured(
        TLS1_2_AND_1_3,
        concat!("cap-win11-curl-2026; ", win32!("tls-10-11-deprecation-in-windows.md")),
    ),
    cipher_suites: captured(
        suites::WINDOWS_11,
        concat!(
            win32!("tls-cipher-suites-in-windows-11-v22H2.md"),
            "; equal to cap-win11-curl-2026, cap-win11-x25519-only, cap-win11-all-versions"
        ),
    ),
    compression_methods: NULL_COMPRESSION,
    extensions: {
        const CAPTURE: &str = "cap-win11-curl-2026 (curl with Schannel; WinHTTP assumed equal apart from ALPN)";
        &[
            captured(ServerName, CAPTURE),
            captured(StatusRequest, CAPTURE),
            captured(SupportedVersions(&[TLS1_3, TLS1_2]), CAPTURE),
            captured(SignatureAlgorithms(SIGNATURES_PSS), CAPTURE),
            captured(SessionTicket, CAPTURE),
            captured(SupportedGroups(CURVES), CAPTURE),
            captured(EcPointFormats(UNCOMPRESSED), CAPTURE).note(
                "a November 2021 report of Windows 11 21H2 says ec_point_formats was missing from TLS 1.3 hellos \
                (jmhodges/howsmyssl issue 356); later captures have it",
            ),
            captured(ApplicationLayerProtocolNegotiation(HTTP1), CAPTURE)
                .note("value depends on the caller; curl asked for http/1.1"),
            captured(KeyShare(CURVES), CAPTURE),
            captured(PostHandshakeAuth, CAPTURE),
            captured(ExtendedMasterSecret, CAPTURE),
            captured(RenegotiationInfo, CAPTURE),
            captured(PskKeyExchangeModes(PSK_DHE_KE), CAPTURE),
        ]
    },
    notes: "Use key_share x25519 only to imitate builds before about 2026. Whether WinHTTP itself enables TLS \
        1.3 for the Windows Update agent is unknown; a TLS 1.2-only fallback shape is profile \
        wu-winhttp-win10-22h2.",
};
