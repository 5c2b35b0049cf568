//! To which rules a code, a text or a flag leads: each judges one of its causes, and a probe tells which.

use crate::registry::{AlertDescription, CmgStatus, ErrorText, SchannelEvent, WindowsCodeInfo, WinhttpFlag};

/// A reset or an end of the connection when the hello came: problem 1, 3 or 5 of a WSUS, or a box on the path.
pub(super) const CUT_AT_HELLO: &[&str] =
    &["wsus-import-tls10", "wsus-sync-security-only", "wsus-suite-policy", "reset-on-the-path"];

/// Nothing suited: problem 2 or 4.
const NOTHING_TO_SEND: &[&str] = &["wsus-import-nothing-to-send", "configmgr-surface-drivers"];

const NOT_REACHED: &[&str] = &["endpoint-not-reached"];
const EXPIRED: &[&str] = &["certificate-expired"];
const WRONG_NAME: &[&str] = &["certificate-wrong-name"];
const UNTRUSTED: &[&str] = &["certificate-untrusted-root", "certificate-missing-intermediate", "proxy-intercepts"];
const REVOKED: &[&str] = &["certificate-revoked"];
const REVOCATION: &[&str] = &["certificate-revocation-unreachable"];
const CLIENT_CERTIFICATE: &[&str] = &["client-certificate-required"];
const SUITES: &[&str] = &["wsus-suite-policy"];
const EXTENDED_MASTER_SECRET: &[&str] = &["extended-master-secret-not-echoed"];

/// Anything about the server's certificate.
const CERTIFICATE: &[&str] = &[
    "certificate-untrusted-root",
    "certificate-wrong-name",
    "certificate-expired",
    "certificate-revoked",
    "certificate-revocation-unreachable",
];

/// As an explanation holds them.
pub(super) fn owned(rules: &[&str]) -> Vec<String> {
    rules.iter().map(|&rule| rule.to_owned()).collect()
}

pub(super) fn of_code(row: &WindowsCodeInfo) -> &'static [&'static str] {
    match row.name {
        "ERROR_WINHTTP_TIMEOUT" => &["hello-unanswered", "endpoint-not-reached", "http-unanswered"],
        "ERROR_WINHTTP_NAME_NOT_RESOLVED" | "ERROR_WINHTTP_CANNOT_CONNECT" | "WU_E_NO_CONNECTION" => NOT_REACHED,
        "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED" => &["proxy-name-not-resolved", "endpoint-not-reached"],
        "ERROR_WINHTTP_CONNECTION_ERROR" | "ERROR_INTERNET_CONNECTION_RESET" => CUT_AT_HELLO,
        "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID" | "SEC_E_CERT_EXPIRED" | "CERT_E_EXPIRED" => EXPIRED,
        "ERROR_WINHTTP_SECURE_CERT_CN_INVALID" | "SEC_E_WRONG_PRINCIPAL" | "CERT_E_CN_NO_MATCH" => WRONG_NAME,
        "ERROR_WINHTTP_SECURE_INVALID_CA"
        | "SEC_E_UNTRUSTED_ROOT"
        | "SEC_E_ISSUING_CA_UNTRUSTED"
        | "CERT_E_UNTRUSTEDROOT"
        | "CERT_E_UNTRUSTEDCA"
        | "CERT_E_CHAINING" => UNTRUSTED,
        "ERROR_WINHTTP_SECURE_CERT_REVOKED" | "CRYPT_E_REVOKED" | "CERT_E_REVOKED" => REVOKED,
        "ERROR_WINHTTP_SECURE_CERT_REV_FAILED"
        | "CRYPT_E_NO_REVOCATION_CHECK"
        | "CRYPT_E_REVOCATION_OFFLINE"
        | "CERT_E_REVOCATION_FAILURE" => REVOCATION,
        "ERROR_WINHTTP_SECURE_FAILURE" => CERTIFICATE,
        "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED"
        | "ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY"
        | "ERROR_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY"
        | "SEC_E_LOGON_DENIED" => CLIENT_CERTIFICATE,
        "ERROR_WINHTTP_SECURE_CHANNEL_ERROR" | "SEC_E_ILLEGAL_MESSAGE" => SUITES,
        "SEC_E_UNSUPPORTED_FUNCTION" => &["wsus-import-tls10", "wsus-sync-security-only"],
        "SEC_E_ALGORITHM_MISMATCH" => NOTHING_TO_SEND,
        "SEC_E_MESSAGE_ALTERED" => EXTENDED_MASTER_SECRET,
        "ERROR_WINHTTP_INVALID_SERVER_RESPONSE" | "SEC_E_INVALID_TOKEN" | "WU_E_PT_HTTP_STATUS_NOT_MAPPED" => {
            &["proxy-block-page"]
        }
        "WU_E_INVALID_PROXY_SERVER" => &["proxy-list-malformed"],
        "WU_E_PT_HTTP_STATUS_DENIED" => &["http-status-401"],
        "WU_E_PT_HTTP_STATUS_FORBIDDEN" => &["http-status-403", "wsus-self-update-demands-tls", "proxy-block-page"],
        "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ" => &["proxy-authentication-required"],
        "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT" => &["http-status-408"],
        "WU_E_PT_HTTP_STATUS_NOT_FOUND" => &["http-status-404"],
        "WU_E_PT_HTTP_STATUS_SERVER_ERROR" => &["http-status-500"],
        "WU_E_PT_HTTP_STATUS_BAD_GATEWAY" => &["proxy-bad-gateway", "http-status-502"],
        "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL" => &["http-status-503"],
        "WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT" => &["proxy-bad-gateway", "http-status-504"],
        _ => &[],
    }
}

pub(super) fn of_alert(alert: AlertDescription) -> &'static [&'static str] {
    match alert {
        AlertDescription::BAD_RECORD_MAC => EXTENDED_MASTER_SECRET,
        AlertDescription::HANDSHAKE_FAILURE | AlertDescription::INSUFFICIENT_SECURITY => SUITES,
        AlertDescription::PROTOCOL_VERSION => &["wsus-import-tls10", "wsus-sync-security-only"],
        AlertDescription::CERTIFICATE_REQUIRED => CLIENT_CERTIFICATE,
        _ => &[],
    }
}

pub(super) fn of_event(event: &SchannelEvent) -> &'static [&'static str] {
    match event.id {
        36871 => NOTHING_TO_SEND,
        36873 => SUITES,
        36875 => CLIENT_CERTIFICATE,
        36876 => CERTIFICATE,
        36881 => EXPIRED,
        36882 => UNTRUSTED,
        36883 => REVOKED,
        36884 => WRONG_NAME,
        _ => &[],
    }
}

pub(super) fn of_flag(flag: &WinhttpFlag) -> &'static [&'static str] {
    match flag.name.trim_start_matches(WinhttpFlag::PREFIX) {
        "CERT_REV_FAILED" => REVOCATION,
        "CERT_REVOKED" => REVOKED,
        "INVALID_CA" => UNTRUSTED,
        "CERT_CN_INVALID" => WRONG_NAME,
        "CERT_DATE_INVALID" => EXPIRED,
        _ => &[],
    }
}

pub(super) fn of_status(status: &CmgStatus) -> &'static [&'static str] {
    match status.text {
        "CMGService_Invalid_Token" => &["cmg-invalid-token"],
        "CMGConnector_Clientcertificaterequired" => &["cmg-client-certificate-required"],
        "CMGConnector_Forbidden" => &["cmg-forbidden"],
        _ => CERTIFICATE,
    }
}

pub(super) fn of_text(text: &ErrorText) -> &'static [&'static str] {
    match text.socket_error {
        Some("WSAECONNRESET") => CUT_AT_HELLO,
        _ if text.text.contains("common algorithm") => NOTHING_TO_SEND,
        _ if text.text.contains("trust relationship") => CERTIFICATE,
        _ => &["extended-master-secret-not-echoed", "wsus-suite-policy"],
    }
}
