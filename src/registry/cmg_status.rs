//! What a client of a Cloud Management Gateway (CMG) is told, and what that says of TLS.

use std::iter;

use super::{CauseConfidence, WindowsCode};

/// One failure of a CMG's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CmgStatus {
    /// What tells it from the others: the status text of the HTTP answer, or the error before any answer.
    pub text: &'static str,
    /// How the answer, or the lack of one, is numbered.
    pub number: CmgNumber,
    /// What the client logs as `Text`.
    pub ccm_text: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Where it shows.
    pub seen_at: &'static str,
    /// What follows for the handshakes.
    pub tls_conclusion: &'static str,
    /// A remark.
    pub note: Option<&'static str>,
}

/// The number that comes with a [`CmgStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmgNumber {
    /// An HTTP status, so TLS to the CMG itself is fine.
    HttpStatus(u16),
    /// An error of WinHTTP.
    Code(WindowsCode),
}

impl CmgStatus {
    /// Where all of it is from.
    pub const SOURCE: &'static str = "Troubleshoot CMG client communication, Microsoft (KB 4503442, 4495265)";
    /// How well it is known.
    pub const CONFIDENCE: CauseConfidence = CauseConfidence::Documented;

    /// Every status known here.
    pub fn all() -> &'static [Self] {
        ROWS
    }

    /// The HTTP status.
    pub fn http_status(&self) -> Option<u16> {
        match self.number {
            CmgNumber::HttpStatus(status) => Some(status),
            CmgNumber::Code(_) => None,
        }
    }

    /// The Windows code.
    pub fn code(&self) -> Option<WindowsCode> {
        match self.number {
            CmgNumber::HttpStatus(_) => None,
            CmgNumber::Code(code) => Some(code),
        }
    }

    /// The words it answers to.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.text).chain((self.ccm_text != self.text).then_some(self.ccm_text))
    }
}

static ROWS: &[CmgStatus] = &[
    CmgStatus {
        text: "CMGService_Invalid_Token",
        number: CmgNumber::HttpStatus(401),
        ccm_text: "CCM_E_BAD_HTTP_STATUS_CODE",
        meaning: "token expired or not attached: no contact with the site for more than 30 days, or an expired \
                  /regtoken",
        seen_at: "HTTP answer of the CMG on /CCM_Proxy_ServerAuth/ServiceMetadata after a good TLS handshake",
        tls_conclusion: "TLS is fine; not a handshake problem",
        note: None,
    },
    CmgStatus {
        text: "CMGConnector_Clientcertificaterequired",
        number: CmgNumber::HttpStatus(403),
        ccm_text: "CCM_E_BAD_HTTP_STATUS_CODE",
        meaning: "the CMG connection point lacks a valid certificate with client authentication for talking to an \
                  HTTPS management point",
        seen_at: "HTTP answer on /CCM_PROXY_MUTUALAUTH/<id>/SMS_MP/.sms_aut; IIS log of the management point shows \
                  403.7",
        tls_conclusion: "outer TLS is fine; the failing handshake is CMG connection point to management point \
                         (CertificateRequest, empty Certificate)",
        note: None,
    },
    CmgStatus {
        text: "CMGConnector_Forbidden",
        number: CmgNumber::HttpStatus(403),
        ccm_text: "CCM_E_BAD_HTTP_STATUS_CODE",
        meaning: "IIS binding of the management point does not match its mode (left-over, expired or revoked \
                  certificate after moving from HTTPS to enhanced HTTP)",
        seen_at: "HTTP answer on /CCM_PROXY_MUTUALAUTH/<id>/SMS_MP/.sms_aut",
        tls_conclusion: "outer TLS is fine; check the port 443 binding certificate of the management point (SMS Role \
                         SSL Certificate for enhanced HTTP, PKI server certificate for HTTPS)",
        note: None,
    },
    CmgStatus {
        text: "ERROR_WINHTTP_SECURE_FAILURE",
        number: CmgNumber::Code(WindowsCode::from_win32(12175)),
        ccm_text: "ERROR_WINHTTP_SECURE_FAILURE",
        meaning: "certificate check on the CMG certificate failed; the flag bits name the reason",
        seen_at: "LocationServices.log on /CCM_Proxy_ServerAuth/<id>/CCM_STS",
        tls_conclusion: "server certificate: chain, name or revocation",
        note: Some(
            "Microsoft's sample prints lpvStatusInformation 0x9 yet lists three flags including CERT_CN_INVALID; 0x9 \
             is CERT_REV_FAILED (0x1) plus INVALID_CA (0x8) only, all three would be 0x19",
        ),
    },
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows};

    #[test]
    fn every_status_and_property_agrees_with_the_json() {
        let ours = CmgStatus::all().iter().map(|status| {
            let error = status.code().and_then(WindowsCode::win32_error);
            let mut json = json!({
                "http_status": status.http_status(),
                "status_text": status.http_status().map(|_| status.text),
                "win32_error": error,
                "hex": error.map(|error| format!("0x{error:04X}")),
                "symbol": error.map(|_| status.text),
                "ccm_text": status.ccm_text,
                "meaning": status.meaning,
                "seen_at": status.seen_at,
                "tls_conclusion": status.tls_conclusion,
                "source": CmgStatus::SOURCE,
                "confidence": CmgStatus::CONFIDENCE,
                "notes": status.note,
            });
            json.as_object_mut().unwrap().retain(|_, cell| !cell.is_null());
            json
        });
        assert_same_rows(ours, json_rows("cmg_status"));
    }

    #[test]
    fn a_status_without_an_http_answer_has_a_windows_code_of_its_name() {
        for status in CmgStatus::all() {
            assert_eq!(status.code().is_none(), status.http_status().is_some(), "{}", status.text);
            assert!(status.code().is_none_or(|code| code.name() == Some(status.text)), "{}", status.text);
        }
    }
}
