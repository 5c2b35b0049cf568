//! A WSUS server of the customer's own, as its clients see it.
//!
//! Where WSUS is configured for SSL, some of its directories are to be had through TLS alone, and others must stay in the
//! clear: `SelfUpdate`, `Content`, `Inventory` and `ReportingWebService`.

use super::expectation::{Confidence, Expectation, Expected};
use super::packs::{TLS1_2, TLS12_ARTICLE, VERSIONS};
use super::{Pack, Requested};
use crate::finding::Severity;
use crate::question::HttpScheme;

const TEST_URLS: &str = "SCCM Troubleshooting SUP Failover part 2 (published article)";
const WSUS_SSL: &str = "Microsoft WSUS SSL configuration guidance (not re-read)";

const SELF_UPDATE: &str = "/selfupdate/wuident.cab";
const VERSION: &str = "/ClientWebService/wusserverversion.xml";
const CLIENT: &str = "/ClientWebService/client.asmx";
const SIMPLE_AUTH: &str = "/SimpleAuthWebService/SimpleAuth.asmx";
const SERVER_SYNC: &str = "/ServerSyncWebService/ServerSyncWebService.asmx";

const REQUESTS: &[Requested] = &[
    Requested { path: SELF_UPDATE, with_token: false },
    Requested { path: VERSION, with_token: false },
    Requested { path: CLIENT, with_token: false },
    Requested { path: SIMPLE_AUTH, with_token: false },
    Requested { path: SERVER_SYNC, with_token: false },
];

/// A port that speaks TLS.
pub(super) const WSUS_SERVER: Pack = Pack {
    name: "wsus-server",
    about: "a WSUS server, as its clients see it",
    versions: VERSIONS,
    suites: &[],
    scheme: HttpScheme::Https,
    requests: REQUESTS,
    expectations: &[
        Expectation {
            id: "wsus-server-accepts-tls12",
            text: "accepts TLS 1.2",
            expected: Expected::Accepts(TLS1_2),
            severity: Severity::Error,
            source: TLS12_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "wsus-server-certificate-names-host",
            text: "shows a certificate that names the host",
            expected: Expected::LeafNamesHost { by_common_name: true },
            severity: Severity::Error,
            source: "RFC 9525 §6",
            confidence: Confidence::Standard,
        },
        Expectation {
            id: "wsus-server-certificate-in-date",
            text: "shows certificates that are in date",
            expected: Expected::CertificatesInDate,
            severity: Severity::Error,
            source: "RFC 5280 §4.1.2.5",
            confidence: Confidence::Standard,
        },
        serves("wsus-server-serves-its-version", "serves the version of its client service", VERSION, false),
        serves("wsus-server-serves-clients", "serves the service that clients synchronize with", CLIENT, false),
        serves(
            "wsus-server-serves-authentication",
            "serves the service that clients prove themselves to",
            SIMPLE_AUTH,
            false,
        ),
    ],
};

/// A port that speaks HTTP in the clear.
pub(super) const WSUS_SERVER_IN_CLEAR: Pack = Pack {
    scheme: HttpScheme::Http,
    versions: &[],
    expectations: &[
        Expectation {
            id: "wsus-server-serves-self-update",
            text: "serves the self-update tree in the clear, which it has to do with TLS configured too",
            expected: Expected::HttpStatus { path: SELF_UPDATE, statuses: &[200], or_forbids_in_clear: false },
            severity: Severity::Error,
            source: TEST_URLS,
            confidence: Confidence::PublishedArticle,
        },
        serves(
            "wsus-server-serves-its-version-in-clear",
            "serves the version of its client service, unless that wants TLS",
            VERSION,
            true,
        ),
        serves(
            "wsus-server-serves-clients-in-clear",
            "serves the service that clients synchronize with, unless that wants TLS",
            CLIENT,
            true,
        ),
        serves(
            "wsus-server-serves-authentication-in-clear",
            "serves the service that clients prove themselves to, unless that wants TLS",
            SIMPLE_AUTH,
            true,
        ),
    ],
    ..WSUS_SERVER
};

/// Something that is there; in the clear it may be forbidden, where TLS is demanded.
const fn serves(id: &'static str, text: &'static str, path: &'static str, or_forbids_in_clear: bool) -> Expectation {
    Expectation {
        id,
        text,
        expected: Expected::HttpStatus { path, statuses: &[200], or_forbids_in_clear },
        severity: Severity::Error,
        source: if or_forbids_in_clear { WSUS_SSL } else { TEST_URLS },
        confidence: Confidence::PublishedArticle,
    }
}
