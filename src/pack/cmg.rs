//! A Cloud Management Gateway of the customer's own.

use super::expectation::{Confidence, Expectation, Expected};
use super::packs::{TLS1_2, TLS12_ARTICLE, VERSIONS};
use super::{Pack, Requested};
use crate::finding::Severity;
use crate::question::HttpScheme;

const CMG_ARTICLE: &str = "Troubleshoot CMG client communication (Microsoft, KB 4503442, 4495265)";

/// In a path: the gateway's number, which `--cmg-id` gives. Clients log it in the URLs they ask for.
pub const GATEWAY_ID: &str = "<id>";

/// The number of Microsoft's sample. Whether a gateway cares which one it is asked with no document says.
pub(super) const SAMPLE_ID: &str = "72057594037928017";

pub(super) const ASSUMED: &str = "asked with the number of Microsoft's sample; give the one in the URLs of your clients' \
                                  LocationServices.log by --cmg-id";

/// What its clients log: the metadata of both services, the token service, and the management point's certificate.
const REQUESTS: &[Requested] = &[
    Requested { path: "/CCM_Proxy_MutualAuth/ServiceMetadata", with_token: false },
    Requested { path: METADATA, with_token: true },
    Requested { path: "/CCM_Proxy_ServerAuth/<id>/CCM_STS", with_token: true },
    Requested { path: "/CCM_Proxy_MutualAuth/<id>/SMS_MP/.sms_aut?SITESIGNCERT", with_token: false },
];

const METADATA: &str = "/CCM_Proxy_ServerAuth/ServiceMetadata";

pub(super) const CMG: Pack = Pack {
    name: "cmg",
    about: "a Configuration Manager Cloud Management Gateway",
    versions: VERSIONS,
    suites: &[],
    scheme: HttpScheme::Https,
    requests: REQUESTS,
    expectations: &[
        Expectation {
            id: "cmg-accepts-tls12",
            text: "accepts TLS 1.2, which Configuration Manager clients need",
            expected: Expected::Accepts(TLS1_2),
            severity: Severity::Error,
            source: TLS12_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "cmg-certificate-names-host",
            text: "shows a certificate that names the host",
            expected: Expected::LeafNamesHost,
            severity: Severity::Error,
            source: CMG_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "cmg-certificate-in-date",
            text: "shows certificates that are in date",
            expected: Expected::CertificatesInDate,
            severity: Severity::Error,
            source: CMG_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
        Expectation {
            id: "cmg-service-answers",
            text: "serves its metadata, or wants a token for that",
            // Without a token 401 is the gateway's own word; with one that it does not take a rule speaks.
            expected: Expected::HttpStatus { path: METADATA, statuses: &[200, 401], or_forbids_in_clear: false },
            severity: Severity::Error,
            source: CMG_ARTICLE,
            confidence: Confidence::DocumentedByMicrosoft,
        },
    ],
};
