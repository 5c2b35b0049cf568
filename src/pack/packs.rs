//! The packs: one `const` each, and a line in [`PACKS`].

use super::Pack;
use super::cmg::CMG;
use super::expectation::{Confidence, Expectation, Expected};
use super::wsus_server::{WSUS_SERVER, WSUS_SERVER_IN_CLEAR};
use crate::finding::Severity;
use crate::question::HttpScheme;
use crate::registry::{CipherSuite, ProtocolVersion};

/// How a pack finds its endpoint.
#[derive(Clone, Copy, Debug)]
pub enum PackKind {
    /// It has one endpoint of its own.
    Host(&'static str),
    /// It needs a host: `cmg:cmg.contoso.com`.
    NeedsHost,
    /// The same, and where no port is said each of these is looked at, with what is expected there. One of them answers.
    NeedsHostOnPorts(&'static [(u16, &'static Pack)]),
    /// It stands for these packs.
    Group {
        /// Their names.
        members: &'static [&'static str],
        /// What they are together.
        about: &'static str,
    },
}

/// Every pack by name, with how its endpoint is found. A group has no expectations of its own.
pub const PACKS: &[(&str, PackKind, Option<&Pack>)] = &[
    (
        "wsus",
        PackKind::Group { members: &["sws", "sws1", "fe2"], about: "the update endpoints of a WSUS, now and before" },
        None,
    ),
    ("sws", PackKind::Host("sws.update.microsoft.com"), Some(&SWS)),
    ("sws1", PackKind::Host("sws1.update.microsoft.com"), Some(&SWS1)),
    ("fe2", PackKind::Host("fe2.update.microsoft.com"), Some(&FE2)),
    ("cmg", PackKind::NeedsHost, Some(&CMG)),
    ("wsus-server", PackKind::NeedsHostOnPorts(WSUS_SERVER_PORTS), Some(&WSUS_SERVER)),
    ("generic", PackKind::NeedsHost, Some(&GENERIC)),
];

/// WSUS 3.0 SP2 on Windows Server 2008 R2 and older uses the first two unless told otherwise, later ones the others.
const WSUS_SERVER_PORTS: &[(u16, &Pack)] =
    &[(80, &WSUS_SERVER_IN_CLEAR), (443, &WSUS_SERVER), (8530, &WSUS_SERVER_IN_CLEAR), (8531, &WSUS_SERVER)];

const TLS1_0: ProtocolVersion = ProtocolVersion::TLS1_0;
const TLS1_1: ProtocolVersion = ProtocolVersion::TLS1_1;
pub(super) const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const TLS1_3: ProtocolVersion = ProtocolVersion::TLS1_3;

/// The versions that Windows clients and servers of this field speak.
pub(super) const VERSIONS: &[ProtocolVersion] = &[TLS1_0, TLS1_1, TLS1_2, TLS1_3];

/// The suites of sws as of August 2020, in Microsoft's order.
const SWS_SUITES: &[CipherSuite] = &[
    CipherSuite(0xc030), // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    CipherSuite(0xc02f), // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    CipherSuite(0xc028), // TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384
    CipherSuite(0xc027), // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
];

const WSUS_ARTICLE: &str = "Troubleshoot WSUS synchronization and import issues (Microsoft, 2023-12-05)";
const SOAP_ARTICLE: &str = "WSUS synchronization fails with SoapException (Microsoft, KB 4482416, 2023-12-05)";
pub(super) const TLS12_ARTICLE: &str =
    "How to enable TLS 1.2 on clients (Microsoft, Configuration Manager, 2019-12-13)";
const RFC_9525: &str = "RFC 9525 §6";
const RFC_5280: &str = "RFC 5280 §4.1.2.5";

/// The WSUS synchronization endpoint of today.
const SWS: Pack = Pack {
    name: "sws",
    about: "where WSUS synchronizes with Microsoft Update",
    versions: VERSIONS,
    suites: SWS_SUITES,
    scheme: HttpScheme::Https,
    requests: &[],
    expectations: &[
        Expectation {
            id: "sws-accepts-tls12",
            text: "accepts TLS 1.2",
            expected: Expected::Accepts(TLS1_2),
            severity: Severity::Error,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws-accepts-a-known-suite",
            text: "accepts at least one of the four suites it was documented with",
            expected: Expected::AcceptsAnyOf(TLS1_2, SWS_SUITES),
            severity: Severity::Error,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws-refuses-tls10",
            text: "refuses TLS 1.0 (what accepts it is not Microsoft's front end)",
            expected: Expected::Refuses(TLS1_0),
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws-refuses-tls11",
            text: "refuses TLS 1.1 (what accepts it is not Microsoft's front end)",
            expected: Expected::Refuses(TLS1_1),
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
    ],
};

/// The synchronization endpoint of WSUS 3.0 SP2; whether it still lives is unknown since 2024.
const SWS1: Pack = Pack {
    name: "sws1",
    about: "where WSUS 3.0 SP2 synchronized; its status is unknown since 2024",
    versions: VERSIONS,
    suites: &[],
    scheme: HttpScheme::Https,
    requests: &[],
    expectations: &[
        Expectation {
            id: "sws1-answers",
            text: "still answers; Microsoft announced that it will go",
            expected: Expected::Answers,
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws1-accepts-tls12",
            text: "accepts TLS 1.2",
            expected: Expected::Accepts(TLS1_2),
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws1-accepts-tls11",
            text: "accepts TLS 1.1",
            expected: Expected::Accepts(TLS1_1),
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "sws1-accepts-tls10",
            text: "accepts TLS 1.0",
            expected: Expected::Accepts(TLS1_0),
            severity: Severity::Warning,
            source: WSUS_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
    ],
};

/// The former synchronization endpoint: no WSUS may depend on it any more.
const FE2: Pack = Pack {
    name: "fe2",
    about: "where WSUS synchronized before July 2019; Windows Update clients may still use it",
    versions: VERSIONS,
    suites: &[],
    scheme: HttpScheme::Https,
    requests: &[],
    expectations: &[Expectation {
        id: "fe2-serves-no-synchronization",
        text: "serves no WSUS synchronization; a WSUS that still points here must be moved to sws",
        expected: Expected::Fails,
        severity: Severity::Warning,
        source: SOAP_ARTICLE,
        confidence: Confidence::DocumentedByMicrosoft,
    }],
};

/// Any other TLS server.
pub const GENERIC: Pack = Pack {
    name: "generic",
    about: "any TLS server",
    versions: VERSIONS,
    suites: &[],
    scheme: HttpScheme::Https,
    requests: &[],
    expectations: &[
        Expectation {
            id: "generic-accepts-tls12-or-later",
            text: "accepts TLS 1.2 or later",
            expected: Expected::AcceptsAnyVersion(&[TLS1_2, TLS1_3]),
            severity: Severity::Error,
            source: "RFC 9325 §3.1.1",
            confidence: Confidence::Standard,
        },
        Expectation {
            id: "generic-chain-in-order",
            text: "sends its certificates in order, each certified by the next",
            expected: Expected::ChainInOrder,
            severity: Severity::Warning,
            source: "RFC 5246 §7.4.2",
            confidence: Confidence::Standard,
        },
        Expectation {
            id: "generic-certificate-names-host",
            text: "shows a certificate that names the host",
            expected: Expected::LeafNamesHost { by_common_name: false },
            severity: Severity::Error,
            source: RFC_9525,
            confidence: Confidence::Standard,
        },
        Expectation {
            id: "generic-certificate-in-date",
            text: "shows certificates that are in date",
            expected: Expected::CertificatesInDate,
            severity: Severity::Error,
            source: RFC_5280,
            confidence: Confidence::Standard,
        },
    ],
};
