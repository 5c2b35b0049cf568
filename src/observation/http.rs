//! What HTTP answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcome::WindowsError;

/// One request, and how it ended. The whole answer stands in its exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpObservation {
    /// What was asked for.
    pub url: String,
    /// The status code; null where no answer came.
    pub status: Option<u16>,
    /// The reason phrase; null where no answer came.
    pub reason: Option<String>,
    /// The status with the sub-status of IIS, where it shows one: `403.7`.
    pub sub_status: Option<String>,
    /// Kind of the outcome: `completed` where an answer came.
    pub kind: String,
    /// The errors by which Windows reports that.
    pub windows_codes: Vec<WindowsError>,
    /// What the answer says its server is.
    pub server: Option<String>,
    /// Where a redirect points. It was not followed.
    pub location: Option<String>,
    /// Whether a client certificate was asked for, in the handshake or behind the request.
    pub asked_for_certificate: bool,
    /// Whether the answer itself says that a client certificate is wanting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub says_certificate_is_missing: bool,
    /// Whether a proxy carried the request on, without a tunnel: then an answer may be its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// From the request to the first byte back, in milliseconds.
    pub first_byte_ms: Option<f64>,
    /// From the request to the end of the answer, in milliseconds.
    pub total_ms: Option<f64>,
    /// What of the path is not known to be right for this endpoint; absent where all of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
    /// The exchanges that show it: the last one counts.
    pub because: Vec<usize>,
}

/// The token that went along with requests, as far as a report may tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenObservation {
    /// When it ends by its own word, in RFC 3339; null where it does not say.
    pub expires: Option<String>,
    /// Whether that was over when it was sent; null where it is not known.
    pub expired: Option<bool>,
}

impl HttpObservation {
    /// The URL's path, without its query.
    pub fn path(&self) -> &str {
        let behind = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = behind.find('/').and_then(|start| behind.get(start..)).unwrap_or("/");
        path.split('?').next().unwrap_or(path)
    }

    /// Whether nothing says that it is the server's answer, and not the page of the proxy that carried the request on: a
    /// refusal without a `Server`, or with that of a proxy.
    pub fn may_be_the_proxys(&self) -> bool {
        let is_a_proxy = |server: &str| {
            let server = server.to_ascii_lowercase();
            PROXIES.iter().any(|proxy| server.starts_with(proxy))
        };
        self.forwarded
            && self.status.is_some_and(|status| status >= 300)
            && self.server.as_deref().is_none_or(is_a_proxy)
    }

    /// Whether it went without TLS.
    pub fn is_in_clear(&self) -> bool {
        self.url.starts_with("http://")
    }
}

/// How the `Server` of proxies begins on pages of their own.
const PROXIES: [&str; 3] = ["squid", "tinyproxy", "privoxy"];

/// The name under which a request's observation stands.
pub fn http_key(url: &str) -> String {
    format!("http.{url}")
}
