//! What a Cloud Management Gateway says where HTTP has its reason phrase.

use super::{CMG_ARTICLE, Case, Judgement, judgement};
use crate::diagnose::Rule;
use crate::finding::Severity;

const DOCUMENTED: &str = "documented";

/// The article says that verbose logging shows the counts; which value turns it on stands in no source that was read.
const VERBOSE_LOGGING: &str = "Troubleshoot CMG client communication (Microsoft, KB 4503442, 4495265); the registry value \
                               VerboseLogging and the console's page are general knowledge, not re-read";

pub(in crate::diagnose::rules) const CLIENT_CERTIFICATE_REQUIRED: Rule = Rule {
    id: "cmg-client-certificate-required",
    severity: Severity::Error,
    title: "The gateway's connection point has no client certificate for the management point",
    rests_on: "a request through the gateway was answered by 403 CMGConnector_Clientcertificaterequired",
    windows_symptoms: &[
        "LocationServices.log: StatusCode= 403 StatusText= CMGConnector_Clientcertificaterequired, \
         CCM_E_BAD_HTTP_STATUS_CODE",
        "SMS_Cloud_ProxyConnector.log on the connection point: \"Filtered cert count with client auth: 0\", where verbose \
         logging is on",
        "IIS log of the management point: 403 with sub-status 7",
    ],
    remedy: &[
        "TLS to the gateway is fine: the handshake that fails is the one from the connection point to the HTTPS management \
         point.",
        "On the connection point's server, set VerboseLogging to 1 for SMS_CLOUD_PROXYCONNECTOR in the registry, and read \
         in SMS_Cloud_ProxyConnector.log how many certificates each filter leaves: digital signature, allowed root CA, \
         private key, client auth.",
        "Where \"Filtered cert count with client auth\" is 0, enrol a certificate with the enhanced key usage Client \
         Authentication, with its private key, from a root that the site trusts, in the computer's Personal store.",
        "Or let the management point serve HTTP with enhanced HTTP, where it needs no client certificate: \
         Administration, Site Configuration, Servers and Site System Roles, Management point, Properties.",
    ],
    disproved_by: "a sub-status other than 7 in the IIS log of the management point at that time",
    source: VERBOSE_LOGGING,
    confidence: DOCUMENTED,
    judge: |case| case.http_judgement(|http| http.gateway_says(403, "CMGConnector_Clientcertificaterequired")),
};

pub(in crate::diagnose::rules) const FORBIDDEN: Rule = Rule {
    id: "cmg-forbidden",
    severity: Severity::Error,
    title: "The management point behind the gateway does not take what the connection point sends",
    rests_on: "a request through the gateway was answered by 403 CMGConnector_Forbidden",
    windows_symptoms: &[
        "LocationServices.log: StatusCode= 403 StatusText= CMGConnector_Forbidden, CCM_E_BAD_HTTP_STATUS_CODE",
    ],
    remedy: &[
        "TLS to the gateway is fine: look at the management point's binding of port 443 in IIS Manager (Sites, Default \
         Web Site, Bindings).",
        "With enhanced HTTP the bound certificate is SMS Role SSL Certificate; for HTTPS it is the server certificate of \
         your PKI. One left over from the other mode, expired or revoked, leads to this answer: bind the right one.",
    ],
    disproved_by: "the right certificate in that binding, in date and not revoked",
    source: CMG_ARTICLE,
    confidence: DOCUMENTED,
    judge: |case| case.http_judgement(|http| http.gateway_says(403, "CMGConnector_Forbidden")),
};

pub(in crate::diagnose::rules) const INVALID_TOKEN: Rule = Rule {
    id: "cmg-invalid-token",
    severity: Severity::Error,
    title: "The gateway does not take the token",
    rests_on: "a request with the token of --bearer-file was answered by 401 CMGService_Invalid_Token. Without a token \
               that is the gateway's answer to everybody",
    windows_symptoms: &[
        "ccmsetup.log: StatusCode=401 StatusText=CMGService_Invalid_Token, CCM_E_BAD_HTTP_STATUS_CODE",
        "CCM_STS.log: PreAuth token validation failed, SecurityTokenExpiredException, IDX10223: Lifetime validation \
         failed. The token is expired.",
    ],
    remedy: &[
        "TLS is fine: this is about who asks.",
        "A client that had no contact with the site for more than 30 days has a token that is over: connect it to the \
         internal network once, or register it anew with a new token from the bulk registration tool (/regtoken).",
        "A registration token ends too: make a new one for ccmsetup.",
    ],
    disproved_by: "a token that the same gateway takes from another client at the same time, of the same kind and age",
    source: CMG_ARTICLE,
    confidence: DOCUMENTED,
    judge: invalid_token,
};

fn invalid_token(case: &Case<'_>) -> Option<Judgement> {
    let token = case.report.observations.token.as_ref()?;
    let found = case.http(|http| http.gateway_says(401, "CMGService_Invalid_Token"));
    let mut judgement = (!found.is_empty()).then(|| judgement(&found))?;
    judgement.evidence = match (&token.expires, token.expired) {
        (Some(expires), Some(true)) => vec![format!("the token says itself that it ended on {expires}")],
        (Some(expires), _) => vec![format!("by its own word the token is good until {expires}, so that is not why")],
        (None, _) => Vec::new(),
    };
    Some(judgement)
}
