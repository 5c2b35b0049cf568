//! The table of Windows codes.
//!
//! Columns: number (that of Win32 where its HRESULT is made of it), name and what WinINet calls it, HTTP status; layer
//! and meaning; how well the causes are known, and the causes; the article that names it; a remark.

use super::{CauseConfidence, CodeFamily, Layer, WindowsCode, WindowsCodeInfo};
use crate::registry::code_point::optional;

const SUP_FAILOVER: &str = "SCCM Troubleshooting SUP Failover part 2 (German blog article)";
const CMG: &str = "Troubleshoot CMG client communication, Microsoft (KB 4503442, 4495265)";
const EMS: &str = "Microsoft support article on TLS failures after CVE-2019-1318 updates of 2019-10-08";
const WSUS_ISSUES: &str = "Troubleshoot WSUS synchronization and import issues, Microsoft (2023-12-05), issues 2 and 4";

const METADATA: &str = "windows-sys 0.61.2 (crate generated from Microsoft metadata)";
const METADATA_WIN32: &str =
    "windows-sys 0.61.2 (crate generated from Microsoft metadata); HRESULT is 0x80070000 | value";
const UPDATE_AGENT_PAGE: &str =
    "MicrosoftDocs/win32 desktop-src/Wua_Sdk/wua-success-and-error-codes-.md, commit 47e64c18";
const UPDATE_NETWORK_PAGE: &str =
    "MicrosoftDocs/win32 desktop-src/Wua_Sdk/wua-networking-error-codes-.md (wuerror.h), commit 47e64c18";

/// A number's code and family, and where it was read.
type Number = (WindowsCode, CodeFamily, &'static str);

const fn winhttp(win32_error: u16) -> Number {
    (WindowsCode::from_win32(win32_error), CodeFamily::WinHttp, METADATA_WIN32)
}

const fn wininet(win32_error: u16) -> Number {
    (WindowsCode::from_win32(win32_error), CodeFamily::WinInet, METADATA)
}

const fn sspi(hresult: u32) -> Number {
    (WindowsCode(hresult), CodeFamily::Schannel, METADATA)
}

const fn chain(hresult: u32) -> Number {
    (WindowsCode(hresult), CodeFamily::CertificateChain, METADATA)
}

const fn update_agent(hresult: u32) -> Number {
    (WindowsCode(hresult), CodeFamily::UpdateAgent, UPDATE_AGENT_PAGE)
}

const fn update_network(hresult: u32) -> Number {
    (WindowsCode(hresult), CodeFamily::UpdateAgent, UPDATE_NETWORK_PAGE)
}

macro_rules! codes {
    ($(
        $number:ident($value:literal) $name:literal $(or $wininet_name:literal)? $(status $http_status:literal)?,
            $layer:ident $meaning:literal
            $confidence:ident: $($cause:literal),+
            $(in $article:ident)?
            $(note $note:literal)?;
    )+) => {
        &[$({
            const NUMBER: Number = $number($value);
            WindowsCodeInfo {
                code: NUMBER.0,
                name: $name,
                wininet_name: optional!($($wininet_name)?),
                family: NUMBER.1,
                layer: Layer::$layer,
                meaning: $meaning,
                caused_by: &[$($cause),+],
                cause_confidence: CauseConfidence::$confidence,
                http_status: optional!($($http_status)?),
                value_source: NUMBER.2,
                named_in: optional!($($article)?),
                note: optional!($($note)?),
            }
        },)+]
    };
}

pub(super) static ROWS: &[WindowsCodeInfo] = codes! {
    winhttp(12002) "ERROR_WINHTTP_TIMEOUT" or "ERROR_INTERNET_TIMEOUT",
        TcpTlsHttp "the request timed out"
        Inferred: "SYN unanswered", "Client Hello unanswered (silent drop by a middlebox)", "HTTP answer too slow"
        in SUP_FAILOVER;
    winhttp(12007) "ERROR_WINHTTP_NAME_NOT_RESOLVED" or "ERROR_INTERNET_NAME_NOT_RESOLVED",
        Dns "server name cannot be resolved"
        Documented: "DNS failure";
    winhttp(12029) "ERROR_WINHTTP_CANNOT_CONNECT" or "ERROR_INTERNET_CANNOT_CONNECT",
        Tcp "connection to the server failed"
        Documented: "RST to SYN, ICMP unreachable", "proxy refuses CONNECT at TCP level";
    winhttp(12030) "ERROR_WINHTTP_CONNECTION_ERROR" or "ERROR_INTERNET_CONNECTION_ABORTED",
        TcpTls "connection reset or closed, or incompatible SSL protocol"
        Documented:
            "RST or FIN right after the Client Hello (sws refusing TLS below 1.2, or no common cipher)",
            "middlebox reset on SNI";
    wininet(12031) "ERROR_INTERNET_CONNECTION_RESET",
        Tcp "connection reset"
        Inferred: "RST during handshake";
    winhttp(12037) "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID" or "ERROR_INTERNET_SEC_CERT_DATE_INVALID",
        TlsCertificate "certificate outside its validity period"
        Inferred: "expired leaf or issuer, wrong clock";
    winhttp(12038) "ERROR_WINHTTP_SECURE_CERT_CN_INVALID" or "ERROR_INTERNET_SEC_CERT_CN_INVALID",
        TlsCertificate "certificate name does not match the host"
        Inferred: "wrong certificate bound, SNI not honoured, DNS alias not in SAN";
    winhttp(12044) "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED" or "ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED",
        Tls "the server asks for a TLS client certificate"
        Documented:
            "CertificateRequest in the handshake; IIS virtual directory set to accept or require client certificates"
        in SUP_FAILOVER
        note "WSUS must be set to ignore client certificates";
    winhttp(12045) "ERROR_WINHTTP_SECURE_INVALID_CA" or "ERROR_INTERNET_INVALID_CA",
        TlsCertificate "certificate chain ends in an untrusted root"
        Inferred: "missing root, TLS inspection with unknown CA";
    winhttp(12057) "ERROR_WINHTTP_SECURE_CERT_REV_FAILED" or "ERROR_INTERNET_SEC_CERT_REV_FAILED",
        TlsCertificate "revocation could not be checked"
        Inferred: "CRL/OCSP host blocked";
    winhttp(12152) "ERROR_WINHTTP_INVALID_SERVER_RESPONSE",
        Http "the server answer cannot be parsed"
        Documented: "plain HTTP text or garbage where HTTP was expected, HTTP sent to a TLS port, broken proxy";
    winhttp(12157) "ERROR_WINHTTP_SECURE_CHANNEL_ERROR" or "ERROR_INTERNET_SECURITY_CHANNEL_ERROR",
        Tls "secure channel error"
        Inferred:
            "handshake_failure or protocol_version alert",
            "no common version or cipher",
            "DH parameter rejected by the client";
    winhttp(12166) "ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT",
        Proxy "PAC script failed"
        Documented: "PAC error";
    winhttp(12167) "ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT",
        Proxy "PAC file cannot be downloaded"
        Inferred: "PAC URL unreachable";
    winhttp(12169) "ERROR_WINHTTP_SECURE_INVALID_CERT",
        TlsCertificate "certificate is invalid"
        Inferred: "bad signature or malformed certificate";
    winhttp(12170) "ERROR_WINHTTP_SECURE_CERT_REVOKED",
        TlsCertificate "certificate is revoked"
        Inferred: "CRL or OCSP says revoked";
    winhttp(12175) "ERROR_WINHTTP_SECURE_FAILURE",
        TlsCertificate "one or more certificate or channel errors; see the WINHTTP_CALLBACK_STATUS_FLAG_* bits"
        Documented:
            "server certificate untrusted, wrong name, expired, revoked, revocation server unreachable",
            "clock wrong"
        in CMG
        note "in WinINet the same number is ERROR_INTERNET_DECODING_FAILED";
    winhttp(12178) "ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR",
        Proxy "no proxy found for the URL"
        Documented: "PAC evaluation failed";
    winhttp(12179) "ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE",
        TlsCertificate "certificate lacks the server authentication usage"
        Inferred: "EKU without 1.3.6.1.5.5.7.3.1";
    winhttp(12180) "ERROR_WINHTTP_AUTODETECTION_FAILED",
        Proxy "PAC file location not found"
        Documented: "WPAD DNS/DHCP lookups failed";
    winhttp(12185) "ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY",
        TlsClientCertificate "the client certificate has no private key"
        Documented: "client sends no or an empty Certificate after CertificateRequest";
    winhttp(12186) "ERROR_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY",
        TlsClientCertificate "no right to use the client private key"
        Documented: "client sends no or an empty Certificate after CertificateRequest";
    winhttp(12187) "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED_PROXY",
        TlsProxy "an HTTPS proxy asks for a client certificate"
        Inferred: "CertificateRequest from the proxy";
    winhttp(12188) "ERROR_WINHTTP_SECURE_FAILURE_PROXY",
        TlsProxy "certificate errors on the connection to an HTTPS proxy"
        Inferred: "proxy certificate untrusted";
    sspi(0x8009_0302) "SEC_E_UNSUPPORTED_FUNCTION",
        Tls "function not supported; Schannel returns it for alert 70"
        Documented: "fatal alert 70 protocol_version received";
    sspi(0x8009_0304) "SEC_E_INTERNAL_ERROR",
        Tls "internal error; Schannel returns it for alert 80"
        Documented: "fatal alert 80 internal_error received";
    sspi(0x8009_0308) "SEC_E_INVALID_TOKEN",
        Tls "the token supplied is invalid"
        Inferred:
            "bytes that are not TLS came back (plain HTTP answer, wrong port, proxy error page)",
            "truncated or malformed handshake message";
    sspi(0x8009_030C) "SEC_E_LOGON_DENIED",
        Tls "logon attempt failed; Schannel returns it for alert 49"
        Documented: "fatal alert 49 access_denied received";
    sspi(0x8009_030F) "SEC_E_MESSAGE_ALTERED",
        Tls "message altered; Schannel returns it for alerts 20 and 30"
        Documented:
            "fatal alert 20 bad_record_mac received",
            "abbreviated handshake with a peer without extended_master_secret after the 2019-10-08 updates",
            "TLS_DHE_* with a peer without extended_master_secret fails about 1 time in 256"
        in EMS;
    sspi(0x8009_0318) "SEC_E_INCOMPLETE_MESSAGE",
        Tls "more bytes are needed"
        Inferred: "not an error by itself: partial record received; an error when the peer then closes";
    sspi(0x8009_0322) "SEC_E_WRONG_PRINCIPAL",
        TlsCertificate "target name is incorrect"
        Inferred: "certificate name mismatch";
    sspi(0x8009_0324) "SEC_E_TIME_SKEW",
        Local "clocks differ"
        Inferred: "wrong client clock";
    sspi(0x8009_0325) "SEC_E_UNTRUSTED_ROOT",
        TlsCertificate "chain ends in an untrusted authority"
        DocumentedForAlert48:
            "unknown_ca alert 48 received, or the own chain check failed: missing Microsoft Root Certificate \
             Authority 2011, TLS inspection";
    sspi(0x8009_0326) "SEC_E_ILLEGAL_MESSAGE",
        Tls "message unexpected or badly formatted; Schannel's default for alerts without an own row"
        Documented:
            "fatal alert 40 handshake_failure received (no common cipher or group)",
            "alerts 10, 22, 47, 50, 60, 100, 110, 115 received",
            "peer speaks something Schannel rejects";
    sspi(0x8009_0327) "SEC_E_CERT_UNKNOWN",
        TlsCertificate "unknown error while processing the certificate"
        Documented: "alerts 42, 43, 46 received";
    sspi(0x8009_0328) "SEC_E_CERT_EXPIRED",
        TlsCertificate "certificate expired"
        Documented: "alert 45 received, or the own check failed";
    sspi(0x8009_0330) "SEC_E_DECRYPT_FAILURE",
        Tls "data could not be decrypted"
        Documented: "alerts 21, 51 received";
    sspi(0x8009_0331) "SEC_E_ALGORITHM_MISMATCH",
        Tls "client and server have no common algorithm"
        Documented:
            "fatal alert 71 insufficient_security received",
            "local: all versions the application may use are disabled, so no Client Hello leaves and the client \
             closes with FIN"
        in WSUS_ISSUES
        note "text in .NET logs: \"The client and server cannot communicate, because they do not possess a common \
             algorithm\"";
    sspi(0x8009_0333) "SEC_E_UNFINISHED_CONTEXT_DELETED",
        Tls "context deleted before negotiation finished; Schannel returns it for alert 90"
        Documented: "alert 90 user_canceled received";
    sspi(0x8009_0349) "SEC_E_CERT_WRONG_USAGE",
        TlsCertificate "certificate is not valid for the requested usage"
        Inferred: "EKU mismatch";
    sspi(0x8009_0352) "SEC_E_ISSUING_CA_UNTRUSTED",
        TlsCertificate "issuing CA untrusted"
        Inferred: "intermediate not trusted";
    sspi(0x8009_0367) "SEC_E_APPLICATION_PROTOCOL_MISMATCH",
        Tls "no common application protocol"
        Documented: "fatal alert 120 no_application_protocol received"
        note "Microsoft's alert table gives the number 0x80090367 in the row of alert 120 but prints the name \
             SEC_E_ILLEGAL_MESSAGE";
    chain(0x8009_2010) "CRYPT_E_REVOKED",
        TlsCertificate "certificate is revoked"
        Inferred: "alert 44 received, or CRL/OCSP says revoked";
    chain(0x8009_2012) "CRYPT_E_NO_REVOCATION_CHECK",
        TlsCertificate "revocation could not be checked"
        Inferred: "no CRL distribution point or OCSP URL in the certificate";
    chain(0x8009_2013) "CRYPT_E_REVOCATION_OFFLINE",
        TlsCertificate "revocation server offline"
        Inferred:
            "CRL/OCSP host not reachable: blocked port 80, proxy only for users, CRL not published for CMG \
             certificates";
    chain(0x8009_6004) "TRUST_E_CERT_SIGNATURE",
        TlsCertificate "certificate signature cannot be verified"
        Inferred: "corrupt or weak (MD5/SHA-1 policy) signature";
    chain(0x800B_0101) "CERT_E_EXPIRED",
        TlsCertificate "certificate outside its validity period"
        Inferred: "expired leaf or issuer, wrong clock";
    chain(0x800B_0109) "CERT_E_UNTRUSTEDROOT",
        TlsCertificate "chain ends in an untrusted root"
        Inferred: "root missing from the machine store, TLS inspection";
    chain(0x800B_010A) "CERT_E_CHAINING",
        TlsCertificate "chain could not be built"
        Inferred: "server did not send the intermediate and AIA is blocked";
    chain(0x800B_010C) "CERT_E_REVOKED",
        TlsCertificate "certificate revoked by its issuer"
        Inferred: "CRL or OCSP says revoked";
    chain(0x800B_010E) "CERT_E_REVOCATION_FAILURE",
        TlsCertificate "revocation process could not continue"
        Inferred: "CRL/OCSP unreachable";
    chain(0x800B_010F) "CERT_E_CN_NO_MATCH",
        TlsCertificate "certificate name does not match"
        Inferred: "wrong binding, wrong SNI answer";
    chain(0x800B_0110) "CERT_E_WRONG_USAGE",
        TlsCertificate "wrong key usage"
        Inferred: "EKU mismatch";
    chain(0x800B_0112) "CERT_E_UNTRUSTEDCA",
        TlsCertificate "CA in the chain not trusted by policy"
        Inferred: "distrusted or disallowed CA";
    update_agent(0x8024_001F) "WU_E_NO_CONNECTION",
        Ip "no network connection"
        Inferred: "no route or adapter down";
    update_agent(0x8024_0030) "WU_E_INVALID_PROXY_SERVER",
        LocalConfiguration "the proxy list has an invalid format"
        Documented: "no packet is sent: malformed WinHTTP proxy string or PAC result"
        in SUP_FAILOVER;
    update_network(0x8024_4016) "WU_E_PT_HTTP_STATUS_BAD_REQUEST" status 400,
        Http "HTTP status 400 received"
        DocumentedForStatus: "HTTP 400 from the server or a proxy";
    update_network(0x8024_4017) "WU_E_PT_HTTP_STATUS_DENIED" status 401,
        Http "HTTP status 401 received"
        DocumentedForStatus: "HTTP 401 on a WSUS virtual directory: anonymous access off or ACL wrong"
        in SUP_FAILOVER;
    update_network(0x8024_4018) "WU_E_PT_HTTP_STATUS_FORBIDDEN" status 403,
        Http "HTTP status 403 received"
        DocumentedForStatus:
            "HTTP 403: IIS \"require SSL\" (403.4), client certificate required (403.7), IP restriction, or a \
             filtering proxy page"
        in SUP_FAILOVER;
    update_network(0x8024_4019) "WU_E_PT_HTTP_STATUS_NOT_FOUND" status 404,
        Http "HTTP status 404 received"
        DocumentedForStatus:
            "HTTP 404: virtual directory or file missing, wrong WSUS URL or port, SelfUpdate tree absent";
    update_network(0x8024_401A) "WU_E_PT_HTTP_STATUS_BAD_METHOD" status 405,
        Http "HTTP status 405 received"
        DocumentedForStatus: "HTTP 405";
    update_network(0x8024_401B) "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ" status 407,
        Http "HTTP status 407 received"
        DocumentedForStatus:
            "HTTP 407 to CONNECT or GET: proxy wants credentials that the SYSTEM account does not have"
        in SUP_FAILOVER;
    update_network(0x8024_401C) "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT" status 408,
        Http "HTTP status 408 received"
        DocumentedForStatus: "HTTP 408, or a WSUS application pool too slow to answer"
        in SUP_FAILOVER;
    update_network(0x8024_401F) "WU_E_PT_HTTP_STATUS_SERVER_ERROR" status 500,
        Http "HTTP status 500 received"
        DocumentedForStatus: "HTTP 500: WSUS web service failed";
    update_network(0x8024_4020) "WU_E_PT_HTTP_STATUS_NOT_SUPPORTED" status 501,
        Http "HTTP status 501 received"
        DocumentedForStatus: "HTTP 501";
    update_network(0x8024_4021) "WU_E_PT_HTTP_STATUS_BAD_GATEWAY" status 502,
        Http "HTTP status 502 received"
        DocumentedForStatus:
            "HTTP 502 from a proxy or gateway that could not reach or could not handshake with the upstream"
        in SUP_FAILOVER;
    update_network(0x8024_4022) "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL" status 503,
        Http "HTTP status 503 received"
        DocumentedForStatus: "HTTP 503: WsusPool stopped or queue full";
    update_network(0x8024_4023) "WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT" status 504,
        Http "HTTP status 504 received"
        DocumentedForStatus: "HTTP 504 from a proxy or gateway"
        in SUP_FAILOVER;
    update_network(0x8024_4024) "WU_E_PT_HTTP_STATUS_VERSION_NOT_SUP" status 505,
        Http "HTTP status 505 received"
        DocumentedForStatus: "HTTP 505";
    update_network(0x8024_402B) "WU_E_PT_HTTP_STATUS_NOT_MAPPED",
        Http "an HTTP status without an own WU code"
        Inferred: "unusual HTTP status, e.g. a captive portal";
    update_network(0x8024_402C) "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
        Dns "proxy or target host name cannot be resolved"
        Documented: "DNS NXDOMAIN/SERVFAIL/timeout for the proxy or for the server"
        in SUP_FAILOVER;
};
