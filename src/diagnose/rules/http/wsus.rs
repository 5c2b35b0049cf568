//! What a WSUS server's own settings make of its clients' requests.

use super::{Case, Judgement, SUP_ARTICLE};
use crate::diagnose::Rule;
use crate::finding::Severity;
use crate::observation::HttpObservation;

/// The pack of such a server.
const WSUS_SERVER: &str = "wsus-server";

const PUBLISHED: &str = "published article";

/// Where the switch is.
const IGNORE_CERTIFICATES: &str = "In IIS Manager, on the WSUS site and each of its virtual directories: SSL Settings, \
                                   Client certificates: Ignore.";

pub(in crate::diagnose::rules) const CLIENT_CERTIFICATE_ASKED: Rule = Rule {
    id: "wsus-client-certificate-asked",
    severity: Severity::Warning,
    title: "The WSUS server asks for a client certificate, and goes on without one",
    rests_on: "a client certificate was asked for, in the handshake or behind the request, and the request was answered \
               all the same",
    windows_symptoms: &["WindowsUpdate.log: 0x80072F0C (ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED)"],
    remedy: &[
        IGNORE_CERTIFICATES,
        "\"Accept\" is set there now: a client without a certificate may stop at being asked.",
    ],
    disproved_by: "clients that synchronize well with this server without a certificate",
    source: SUP_ARTICLE,
    confidence: PUBLISHED,
    judge: |case| of_wsus(case, |http| http.asked_for_certificate && !http.wants_certificate()),
};

pub(in crate::diagnose::rules) const CLIENT_CERTIFICATE_REQUIRED: Rule = Rule {
    id: "wsus-client-certificate-required",
    severity: Severity::Error,
    title: "The WSUS server demands a client certificate, which the update agent does not show",
    rests_on: "a client certificate was asked for, in the handshake or behind the request, and without one the connection \
               was ended or the request answered by 403, or by nginx's 400; or IIS says 403.7",
    windows_symptoms: &["WindowsUpdate.log: 0x80072F0C (ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED)"],
    remedy: &[IGNORE_CERTIFICATES, "\"Require\" is set there now."],
    disproved_by: "an answer to the same request without a certificate, from another address: then the demand depends on \
                   who asks",
    source: SUP_ARTICLE,
    confidence: PUBLISHED,
    judge: |case| of_wsus(case, HttpObservation::wants_certificate),
};

pub(in crate::diagnose::rules) const SELF_UPDATE_DEMANDS_TLS: Rule = Rule {
    id: "wsus-self-update-demands-tls",
    severity: Severity::Error,
    title: "The self-update tree is to be had through TLS alone",
    rests_on: "in the clear /selfupdate was answered by 403.4, with which IIS demands TLS",
    windows_symptoms: &["WindowsUpdate.log: 0x80244018 (WU_E_PT_HTTP_STATUS_FORBIDDEN)"],
    remedy: &[
        "In IIS Manager, on the virtual directory SelfUpdate: SSL Settings, clear Require SSL. Content, Inventory and \
         ReportingWebService stay without it too.",
        "Require SSL belongs on ApiRemoting30, ClientWebService, DssAuthWebService, ServerSyncWebService and \
         SimpleAuthWebService alone, and not on the site.",
    ],
    disproved_by: "the same path answered by 200 in the clear on another port that the server's clients use",
    source: "Microsoft WSUS SSL configuration guidance (not re-read)",
    confidence: "documented-by-Microsoft, not re-read",
    judge: |case| of_wsus(case, HttpObservation::self_update_demands_tls),
};

fn of_wsus(case: &Case<'_>, is_so: impl Fn(&HttpObservation) -> bool) -> Option<Judgement> {
    (case.pack.name == WSUS_SERVER).then(|| case.http_judgement(is_so))?
}
