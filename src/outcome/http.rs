//! One request over HTTP, and its answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HeaderField, WindowsError};

/// A request, and what was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpExchange {
    /// What was asked for.
    pub url: String,
    /// The answer; null where none came.
    pub response: Option<HttpResponse>,
    /// Whether the server asked for a client certificate once it had the request: by a second handshake, or behind the
    /// first.
    pub asked_for_certificate: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpResponse {
    /// The status code (RFC 9110 §15).
    pub status: u16,
    /// The reason phrase as it came, in which a Cloud Management Gateway says what is wrong.
    pub reason: String,
    /// The codes of interim answers that came before (RFC 9110 §15.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interim: Vec<u16>,
    /// The status with the sub-status that IIS shows on its error pages: `403.7`; null where it shows none.
    pub sub_status: Option<String>,
    /// The header fields, in order.
    pub headers: Vec<HeaderField>,
    /// The first bytes of the body, as text.
    pub body_start: String,
    /// How many bytes of the body were read.
    pub body_bytes: usize,
    /// Whether that is all of it.
    pub body_is_whole: bool,
    /// From the request to the first byte back, in milliseconds.
    pub first_byte_ms: f64,
    /// From the request to the end of what was read, in milliseconds.
    pub total_ms: f64,
}

impl HttpResponse {
    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(&field.value)
    }

    /// The error by which the update agent reports this status; none for one that is no error.
    pub fn windows_code(&self) -> Option<WindowsError> {
        (self.status >= 400).then(|| WindowsError::of_http_status(self.status))?
    }
}

/// The status with the sub-status that IIS shows on its error pages, read from such a page.
pub fn sub_status(status: u16, page: &str) -> Option<&str> {
    let (_, told) = page.split_once("HTTP Error ")?;
    let end = told.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(told.len());
    let (told_status, sub) = told.get(..end)?.split_once('.')?;
    let is_told = told_status.parse() == Ok(status) && sub.parse::<u16>().is_ok();
    is_told.then(|| told.get(..end))?
}

/// Whether an HTTP answer refuses for want of a client certificate, by its status or by what its page says: 403.7 is
/// IIS's, 496 and the words are nginx's.
pub fn wants_certificate(status: u16, page: &str) -> bool {
    const NGINX: &str = "No required SSL certificate was sent";
    status == 496 || sub_status(status, page) == Some("403.7") || (status == 400 && page.contains(NGINX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> HttpResponse {
        HttpResponse {
            status,
            reason: String::new(),
            interim: Vec::new(),
            sub_status: None,
            headers: Vec::new(),
            body_start: String::new(),
            body_bytes: 0,
            body_is_whole: true,
            first_byte_ms: 1.0,
            total_ms: 1.0,
        }
    }

    #[test]
    fn the_sub_status_is_read_from_the_page_that_iis_sends() {
        let page = "<title>IIS 10.0 Detailed Error - 403.7 - Forbidden</title> <h3>HTTP Error 403.7 - Forbidden</h3>";
        assert_eq!(sub_status(403, page), Some("403.7"));
        assert_eq!(sub_status(404, page), None, "it is about another status");
        for other in ["HTTP Error 403. The request is forbidden", "HTTP Error 403.x", ""] {
            assert_eq!(sub_status(403, other), None, "{other}");
        }
    }

    #[test]
    fn statuses_lead_to_the_update_agents_errors() {
        let symbol = |status| answer(status).windows_code().map(|error| error.symbol);
        assert_eq!(symbol(503).as_deref(), Some("WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL"));
        assert_eq!(symbol(418).as_deref(), Some("WU_E_PT_HTTP_STATUS_NOT_MAPPED"));
        assert_eq!(symbol(200), None);
        assert_eq!(symbol(302), None);
    }
}
